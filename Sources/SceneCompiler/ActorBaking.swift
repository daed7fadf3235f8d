// Everything that drives an actor, frame by frame, before the first pixel.
import Base
import Engines
import Foundation
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
        return try frames.map { frame in
            let time = rate.time(ofFrame: frame) - shotStart
            return ActorConditions(pose: try pose(at: time), eyeClosure: try closure(at: time), audioCode: code(codes, at: time), identity: layer.identity,
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
            let sound = try AudioFile.read(speech.asset.path)
            let mono = sound.mono(at: 16_000)
            let first = Int(((speech.range.start - shotStart) * Rational(16_000)).rounded), skip = (speech.fileStart * Rational(16_000)).rounded
            let length = (speech.range.duration * Rational(16_000)).rounded
            for i in 0..<max(length, 0) where skip + i < mono.count && first + i >= 0 && first + i < total { samples[first + i] += mono[skip + i] }
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

    private func pose(at time: Rational) throws -> HeadPose {
        var sum = HeadPose.neutral
        for source in actor.motion.poses {
            switch source {
            case .use(let use): sum = sum + use.pose(at: time)
            case .recorded(let offset, let speed, _):
                let position = max((time * speed + offset) * personaRate, .zero)
                let low = position.floor
                let f = (position - Rational(low)).doubleValue
                if let a = engine.recordedPose(low), let b = engine.recordedPose(low + 1) {
                    sum = sum + HeadPose(rotation: .slerp(a.rotation, b.rotation, f), translation: a.translation + (b.translation - a.translation) * Float(f))
                }
            case .file(let path, _, _): throw EngineError.badInput("\(path): motion files are not read yet")
            }
        }
        return sum
    }

    private func closure(at time: Rational) throws -> Float {
        switch actor.motion.blinks {
        case .curve(let curve): return curve.closure(at: time)
        case .recorded: return engine.recordedClosure((time * personaRate).floor) ?? 0
        case .file(let path, _, _, _): throw EngineError.badInput("\(path): blink files are not read yet")
        }
    }
}
