// Everything that drives an actor, frame by frame, before the first pixel.
import Base
import Engines
import Foundation
import Interchange
import Media
import Motion
import SceneModel
import Sound

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

    func conditions() throws -> [ActorConditions] {
        let codes = try audioCodes()
        // Files are read once, before the first frame.
        let poses = try actor.motion.poses.map { source -> ActorMotion.Pose in
            guard case .file(let path, _, var use) = source else { return source }
            use.path = .sampled(try MotionFile.poses(path))
            return .use(use)
        }
        var blinks = actor.motion.blinks
        if case .file(let path, _, let column, let scale) = blinks { blinks = .curve(.sampled(try MotionFile.values(path, column: column, scale: scale))) }
        return frames.map { frame in
            let time = rate.time(ofFrame: frame) - shotStart
            return ActorConditions(pose: pose(poses, at: time), eyeClosure: closure(blinks, at: time), audioCode: code(codes, at: time), identity: layer.identity,
                                   torso: layer.torso.value)
        }
    }

    private var personaRate: Rational { Rational(engine.facts.framesPerSecond) }

    /// Codes at the persona's own rate from the start of the shot, over silence where nothing is said.
    private func audioCodes() throws -> [[Float]] {
        let end = rate.time(ofFrame: frames.upperBound) - shotStart
        let count = max((end * personaRate).ceiling, 1) + 1
        let total = Int((Double(count) / personaRate.doubleValue) * 16_000) + 1
        var samples = [Float](repeating: 0, count: total)
        for speech in actor.speech {
            let reader = try SoundReader(path: speech.asset.path, sampleRate: 16_000, channels: 1, pick: pick(speech.asset.channel))
            let first = ((speech.range.start - shotStart) * Rational(16_000)).rounded, skip = (speech.fileStart * Rational(16_000)).rounded
            let length = (speech.range.duration * Rational(16_000)).rounded
            for piece in stride(from: 0, to: max(length, 0), by: 16_000) {
                let said = try reader.read(from: skip + piece, count: min(16_000, length - piece))[0]
                for i in said.indices where first + piece + i >= 0 && first + piece + i < total { samples[first + piece + i] += said[i] }
            }
        }
        let extractor = try provider.extractor(kind: engine.facts.audioKind)
        let features = try extractor.features(of: AudioBuffer(channels: [samples], sampleRate: 16_000), frameCount: count, framesPerSecond: personaRate)
        return try engine.audioCodes(for: features)
    }

    /// Between the persona's frames the code is mixed.
    private func code(_ codes: [[Float]], at time: Rational) -> [Float] {
        guard let last = codes.indices.last else { return [] }
        let position = (time * personaRate).doubleValue
        let low = min(max(Int(position.rounded(.down)), 0), last), high = min(low + 1, last)
        let f = Float(min(max(position - Double(low), 0), 1))
        guard f > 1e-4 else { return codes[low] }
        return zip(codes[low], codes[high]).map { $0 + ($1 - $0) * f }
    }

    private func pick(_ channel: Asset.Channel) -> SoundReader.Pick {
        switch channel {
        case .all, .mix: .mean
        case .left: .one(0)
        case .right: .one(1)
        case .number(let n): .one(n - 1)
        }
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
