// Small trainings of AD-NeRF: they learn, they go on where they stopped, and drawing fast loses little.
import Base
import Engines
import Foundation
import Motion
import Synchronization
import Tensors
import TestSupport
import Testing
@testable import TalkingHead

@Suite(.serialized) struct AdNerfTraining {
    static let recipe: AdNerfRecipe = {
        var r = AdNerfRecipe()
        (r.sizes.depth, r.sizes.width, r.sizes.skips, r.sizes.viewDepth, r.sizes.viewWidth) = (3, 32, [1], 1, 16)
        (r.coarse, r.draws, r.headSteps, r.torsoSteps, r.headRays, r.torsoRays) = (16, 16, 160, 0, 192, 64)
        (r.smoothFrom, r.rate, r.decaySteps) = (120, 4e-3, 400)
        return r
    }()

    static func origin(_ name: String) -> PersonaAssembler.Origin {
        .init(name: name, licence: "", consent: "", recipe: "", unitsPerCentimetre: 0.01, pivot: .zero)
    }

    /// Decibels of drawn frames against the truth over the plate, and those of the mean picture.
    static func quality(_ persona: AdNerfPersona, _ footage: any TrainingFootage, _ quality: AdNerfPersona.Quality) throws -> (drawn: Double, mean: Double) {
        let codes = try persona.audioCodes(for: footage.features), plate = footage.background
        let truths = try footage.train.map { try footage.pixels(of: $0).image.map { Double($0) / 255 } }
        let mean = truths[0].indices.map { i in truths.reduce(0) { $0 + $1[i] } / Double(truths.count) }
        var error = 0.0, meanError = 0.0, count = 0.0
        for k in stride(from: 0, to: truths.count, by: 4) {
            let f = footage.train[k]
            let conditions = ActorConditions(pose: .neutral, eyeClosure: 0, audioCode: codes[f.audioID])
            let picture = try persona.render(cameraToWorld: f.cameraToWorld, conditions, quality: quality, budget: ComputeBudget(threads: 2))
            picture.withPixels { p in
                for i in 0..<footage.width * footage.height {
                    for c in 0..<3 {
                        let v = Double(p[4 * i + c] + (1 - p[4 * i + 3]) * Float(plate[3 * i + c]) / 255)
                        error += pow(v - truths[k][3 * i + c], 2)
                        meanError += pow(mean[3 * i + c] - truths[k][3 * i + c], 2)
                        count += 1
                    }
                }
            }
        }
        return (-10 * log10(error / count), -10 * log10(meanError / count))
    }

    @Test func aHeadIsLearnedAndDrawnFast() throws {
        let footage = BallFootage()
        let trainer = try AdNerfTrainer(footage: footage, recipe: Self.recipe, budget: ComputeBudget(threads: 2))
        try trainer.run({ _ in true }, keep: {})
        let (weights, frame) = trainer.result()
        let package = try PersonaAssembler.assemble(weights, frame, hasTorso: false, footage: footage, origin: Self.origin("ball"))
        let folder = try ScratchFolder()
        try package.write(to: folder.file("ball.persona"))
        let persona = try AdNerfPersona(PersonaPackage.read(folder.file("ball.persona")), path: "ball.persona")
        #expect(persona.quality == .culled)
        let exact = try Self.quality(persona, footage, .exact), fast = try Self.quality(persona, footage, .culled)
        // The plate alone is near 12 dB.
        #expect(exact.drawn > 20, "\(exact.drawn) dB")
        #expect(fast.drawn > exact.drawn - 1, "fast \(fast.drawn) dB, exactly \(exact.drawn) dB")
    }

    @Test func aTrainingThatStoppedGoesOnToTheSameBytes() throws {
        var recipe = Self.recipe
        (recipe.headSteps, recipe.torsoSteps, recipe.smoothFrom, recipe.headRays) = (6, 4, 3, 64)
        func run(threads: Int, stops: Int?) throws -> [String: Tensor] {
            var kept: [String: Tensor]?
            for attempt in 0..<2 {
                let trainer = try AdNerfTrainer(footage: BallFootage(), recipe: recipe, budget: ComputeBudget(threads: threads))
                if let kept { try trainer.restore(kept) }
                let steps = Mutex(0)
                do {
                    try trainer.run({ _ in steps.withLock { $0 += 1; return attempt > 0 || $0 != stops } }, keep: { kept = trainer.state() })
                    return trainer.state()
                } catch EngineError.interrupted { continue }
            }
            return [:]
        }
        let whole = try run(threads: 1, stops: nil), head = try run(threads: 2, stops: 4), torso = try run(threads: 3, stops: 8)
        #expect(!whole.isEmpty)
        #expect(whole == head)
        #expect(whole == torso)
    }

    @Test func footageThatCannotBeUsedIsRefusedWithAReason() throws {
        var recipe = Self.recipe
        recipe.coarse = 1
        #expect(throws: EngineError.self) { try AdNerfTrainer(footage: BallFootage(), recipe: recipe, budget: .single) }
        recipe = Self.recipe
        recipe.rate = -1
        let error = #expect(throws: EngineError.self) { try AdNerfTrainer(footage: BallFootage(), recipe: recipe, budget: .single) }
        #expect(error?.description.contains("rate") == true)
    }
}
