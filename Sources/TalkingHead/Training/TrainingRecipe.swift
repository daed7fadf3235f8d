// What a training run does, as a file that can be committed and repeated.

/// Steps, rays, rates and seed of a run.
package struct TrainingRecipe: Codable, Sendable, Hashable {
    package var seed: UInt64 = 7
    /// Steps of the speech encoder on speech without pictures, where the data set has some; 0: the features that lie in the set.
    package var speechSteps = 2400
    /// Steps of the audio net on speech without pictures.
    package var audioSteps = 2500
    package var coarseSteps = 10000
    package var lipsSteps = 3000
    package var torsoSteps = 2500
    package var raysPerStep = 2048
    /// Rates at the start; they fall to `lastRate` of it, exponentially.
    package var planeRate: Float = 1.5e-2
    package var networkRate: Float = 2.5e-3
    package var audioRate: Float = 2e-4
    package var lastRate: Float = 0.03
    /// What the lips stage looks at patches with; nil: LPIPS where its weights are there, else drawn filters.
    package var lipsLook: LipsLook?
    package init() {}
}

/// How the lips stage sees a patch around the mouth.
package enum LipsLook: String, Codable, Sendable, Hashable, CaseIterable {
    /// LPIPS: a network that has to be fetched.
    case lpips
    /// Oriented filters and drawn layers behind them: needs nothing (`PerceptualDistance.drawn`).
    case filters
    /// Not at all: single rays in every step.
    case rays

    /// - Throws: `DecodingError.dataCorrupted` that says which names there are.
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let name = try container.decode(String.self)
        guard let known = LipsLook(rawValue: name) else {
            let names = LipsLook.allCases.map(\.rawValue).joined(separator: ", ")
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "it is \(name); expected one of \(names)" + (name == "gradients" ? " (filters took its place)" : ""))
        }
        self = known
    }
}
