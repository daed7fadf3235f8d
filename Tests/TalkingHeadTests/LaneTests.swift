// Whole frames and trainings with sixteen lanes against the same with eight: not one bit differs.
import Base
import Engines
import Foundation
import Imaging
import Kernels
import Testing
@testable import TalkingHead

@Suite(.serialized, .enabled(if: Lanes.most == .sixteen, "no loops of sixteen lanes here: the processor lacks AVX-512, or this is a baseline build")) struct LaneWidths {
    @Test(.enabled(if: FastHeads.nova != nil, "personas/nova.persona is missing")) func exactFramesAreTheSame() throws {
        let persona = try ErnerfPersona(path: try #require(FastHeads.nova)), codes = persona.sampleSpeech(4)
        for (k, eye) in [(0, Float(0)), (427, 0.5), (1891, 1)] {
            let conditions = ActorConditions(pose: try #require(persona.recordedPose(k)), eyeClosure: eye, audioCode: codes[k % 4])
            // Threads share the work differently each time.
            let frames = try [Lanes.eight, .sixteen].map { lanes in
                try Lanes.using(lanes) { try persona.render(conditions, budget: ComputeBudget(threads: lanes == .eight ? 1 : 2)).withPixels { Array($0) } }
            }
            #expect(frames[0] == frames[1], "pose \(k)")
        }
    }

    @Test(arguments: ["head", "torso"]) func gridsAreReadTheSame(_ name: String) {
        let encoder = name == "head" ? PlaneEncoder.head() : .torso
        var random = Rays.SplitMix(state: 3)
        let table = (0..<encoder.rowCount * encoder.features).map { _ in random.next() - 0.5 }
        // Places at the border, beyond it, and none at all.
        let x: [Float] = [-1, 1, 1.01, .nan, 0, -0.0] + (0..<tileWidth - 6).map { _ in 2.02 * random.next() - 1.01 }, y = Array(x.reversed())
        for count in [1, 8, 23, 40, tileWidth] {
            let codes = [Lanes.eight, .sixteen].map { lanes in
                Lanes.using(lanes) {
                    var out = [Float](repeating: 7, count: encoder.levels.count * encoder.features * tileWidth)
                    encoder.encode(table, x, y, count: count, out: &out)
                    return out.map(\.bitPattern)
                }
            }
            #expect(codes[0] == codes[1], "\(count) places")
        }
    }

    @Test func trainingsAreTheSame() throws {
        var recipe = TrainingRuns.recipe
        (recipe.coarseSteps, recipe.lipsSteps) = (12, 2)
        let trained = try [Lanes.eight, .sixteen].map { lanes in
            try Lanes.using(lanes) {
                let trainer = try HeadTrainer(footage: BallFootage(), recipe: recipe, budget: ComputeBudget(threads: 2), perceptual: nil)
                try trainer.train({ _ in true }, keep: {})
                return trainer.weights()
            }
        }
        #expect(trained[0].occupancy == trained[1].occupancy)
        for (key, tensor) in trained[0].tensors { #expect(tensor.values == trained[1].tensors[key]?.values, "\(key)") }
    }
}
