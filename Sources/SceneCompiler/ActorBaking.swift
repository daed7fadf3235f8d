// Everything that drives an actor, frame by frame, before the first pixel.
import Base
import Engines
import Foundation
import Interchange
import Media
import Motion
import SceneModel

/// Bakes pose, closure and audio code of every frame of an actor.
struct ActorBaking {
    let engine: any PersonaEngine
    let provider: any EngineProvider
    let actor: PlacedActor
    let layer: ActorLayer
    /// Start of the shot on the scene's clock, and the layer's frames.
    let shotStart: Rational
    let frames: Range<Int>
    let rate: FrameRate

    func track() throws -> ConditionTrack {
        let codes = try CodeStream(engine: engine, rows: speechRows())
        // Files are read once, before the first frame.
        let poses = try actor.motion.poses.map { source -> ActorMotion.Pose in
            guard case .file(let path, _, var use) = source else { return source }
            use.path = .sampled(try MotionFile.poses(path))
            return .use(use)
        }
        var blinks = actor.motion.blinks
        if case .file(let path, _, let column, let scale) = blinks { blinks = .curve(.sampled(try MotionFile.values(path, column: column, scale: scale))) }
        var track = ConditionTrack(identity: layer.identity, torso: layer.torso.value, reserving: frames.count)
        for frame in frames {
            let time = rate.time(ofFrame: frame) - shotStart
            track.append(pose: pose(poses, at: time), eyeClosure: closure(blinks, at: time), audioCode: try codes.code(at: (time * personaRate).doubleValue))
        }
        return track
    }

    private var personaRate: Rational { Rational(engine.facts.framesPerSecond) }

    /// Features at the persona's own rate from the start of the shot, over silence where nothing is said.
    private func speechRows() throws -> (stream: any SpeechFeatureStream, count: Int) {
        let end = rate.time(ofFrame: frames.upperBound) - shotStart
        let count = max((end * personaRate).ceiling, 1) + 1
        let source = try ActorSpeech(actor.speech, shotStart: shotStart, seconds: Double(count) / personaRate.doubleValue).source
        return (try provider.extractor(for: engine).stream(of: source, frameCount: count, framesPerSecond: personaRate), count)
    }

    private func pose(_ poses: [ActorMotion.Pose], at time: Rational) -> HeadPose {
        var sum = HeadPose.neutral
        for source in poses {
            switch source {
            case .use(let use), .file(_, _, let use): sum = sum + use.pose(at: time)
            case .recorded(let offset, let speed, let smoothing):
                guard smoothing > .zero else { sum = sum + recorded(time * speed + offset); continue }
                var mean = HeadPose.neutral
                for k in -3...3 { mean = mean + recorded((time + smoothing * Rational(Int64(k), 3)) * speed + offset) }
                sum = sum + HeadPose(yaw: mean.yaw / 7, pitch: mean.pitch / 7, roll: mean.roll / 7, translation: mean.translation / 7)
            }
        }
        return sum
    }

    /// The persona's own motion at a second of its recording.
    private func recorded(_ time: Rational) -> HeadPose {
        let position = max(time * personaRate, .zero)
        let low = position.floor
        let f = (position - Rational(low)).doubleValue
        guard let a = engine.recordedPose(low), let b = engine.recordedPose(low + 1) else { return .neutral }
        return HeadPose(rotation: .slerp(a.rotation, b.rotation, f), translation: a.translation + (b.translation - a.translation) * Float(f))
    }

    private func closure(_ blinks: ActorMotion.Blinks, at time: Rational) -> Float {
        switch blinks {
        case .curve(let curve): curve.closure(at: time)
        case .recorded, .file: engine.recordedClosure((time * personaRate).floor) ?? 0
        }
    }
}
