// How fast a persona is drawn: head and torso, exactly and fast.
import Base
import Engines
import Foundation
import TalkingHead

/// Frames of one persona, as a render draws them: one frame a thread.
package struct PersonaSpeed: Sendable, Encodable {
    /// Frames of one quality.
    package struct Frames: Sendable, Encodable {
        package var quality: String
        /// Until the first frame was there, seconds: files, weights, a field that had to be baked.
        package var opening: Double
        package var frames: Throughput
        /// Multiply-adds of the head's networks in a frame, counted; nil where the engine does not count.
        package var multiplyAdds: Int?
        /// Those, as a share of what the machine could do in the processor time that the whole frame takes.
        package var shareOfPeak: Double?
    }
    package var name: String
    package var engine: String
    package var width: Int
    package var height: Int
    package var torso: Bool
    package var qualities: [Frames]
    /// Why fast frames were not measured; nil where they were.
    package var withoutFast: String?

    /// Draws recorded poses and blinks for so many seconds in each quality that the engine has. `begins` hears which one is next.
    /// `bakes`: make the baked form that fast frames need where it is not there.
    static func measure(_ path: String, seconds: Double, threads: Int, peak: Double, bakes: Bool, begins: (String) throws -> Void) throws -> PersonaSpeed {
        let package = try NamedInput.persona(path), facts = package.manifest.facts
        var result = PersonaSpeed(name: facts.name, engine: facts.engine, width: facts.width, height: facts.height, torso: facts.hasTorso, qualities: [])
        for quality in [FieldQuality.exact, .fast] {
            let clock = ContinuousClock(), began = clock.now
            try begins(quality.rawValue)
            if quality == .fast, facts.engine == "er-nerf", !bakes, !PersonaOpening.isKept(path) {
                result.withoutFast = "not baked yet; --bake does it, once, and takes a minute or more"
                continue
            }
            let persona = try PersonaOpening.open(package, path: path, quality: quality)
            let conditions = conditions(of: persona)
            // What is baked or kept for later frames is made by the first.
            _ = try persona.render(conditions[0], budget: ComputeBudget(threads: threads))
            guard quality == .exact || isFast(persona) else {
                result.withoutFast = "this persona is always drawn exactly"
                continue
            }
            let opening = Throughput.seconds(clock.now - began)
            let frames = try Throughput.measure(seconds, threads: threads) { _ = try persona.render(conditions[$0 % conditions.count], budget: .single) }
            let work = try (persona as? ErnerfPersona)?.headCost(conditions[0]).multiplyAdds
            result.qualities.append(Frames(quality: quality.rawValue, opening: opening, frames: frames, multiplyAdds: work,
                                           shareOfPeak: work.map { Double($0) / max(frames.cost * peak, 1) }))
        }
        return result
    }


    /// Recorded poses far from one another, with made-up speech where the engine can make some up.
    private static func conditions(of persona: any CameraPersona) -> [ActorConditions] {
        let codes = (persona as? ErnerfPersona)?.sampleSpeech(16) ?? []
        return (0..<16).map { k in
            ActorConditions(pose: persona.recordedPose(41 * k) ?? .neutral, eyeClosure: persona.recordedClosure(41 * k) ?? 0,
                            audioCode: codes.isEmpty ? persona.silentCode : codes[k % codes.count])
        }
    }

    /// Whether the engine has a faster way, and this package lets it go.
    private static func isFast(_ persona: any CameraPersona) -> Bool {
        switch persona {
        case let persona as ErnerfPersona: persona.bakedStorage != nil
        case let persona as AdNerfPersona: persona.quality == .culled
        default: false
        }
    }
}
