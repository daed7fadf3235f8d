// A whole training run: audio lessons, head, torso; kept on disk, so that it goes on where it stopped.
import Base
import Engines
import Foundation
import Tensors

/// What a run gives.
package struct TrainedField: Sendable {
    package var weights: FieldWeights
    package init(weights: FieldWeights) { self.weights = weights }
}

/// Looks at a field while it is trained; what it is given makes the field as it is now, which costs a little.
package typealias FieldWatch = (_ field: () -> FieldWeights) throws(EngineError) -> Void

/// Runs a recipe over footage.
package struct FieldTrainer {
    package let footage: any TrainingFootage
    package let recipe: TrainingRecipe
    package let budget: ComputeBudget
    /// LPIPS of the lips stage, where its weights are there.
    package let perceptual: PerceptualDistance?
    /// Where the state of the run is kept, if anywhere.
    package let work: TrainingWork?
    /// Is shown the field now and then.
    package let watch: FieldWatch?

    package init(footage: any TrainingFootage, recipe: TrainingRecipe, budget: ComputeBudget, perceptual: PerceptualDistance? = nil, work: TrainingWork? = nil,
                 watch: FieldWatch? = nil) {
        self.footage = footage
        self.recipe = recipe
        self.budget = budget
        self.perceptual = perceptual
        self.work = work
        self.watch = watch
    }

    /// The parts that are kept: a head under way, a finished one, a torso under way.
    private enum Part { static let head = "head", field = "field", torso = "torso" }

    /// Trains the head, from nothing or from the kept state.
    package func trainHead(_ progress: ProgressHandler) throws(EngineError) -> TrainedField {
        let trainer = try HeadTrainer(footage: footage, recipe: recipe, budget: budget, perceptual: perceptual)
        if let state = try work?.read(Part.head) {
            try trainer.restore(state)
        } else {
            try trainer.learnSpeech(progress)
            try work?.write(Part.head, trainer.state())
        }
        try trainer.train(progress) { () throws(EngineError) in try work?.write(Part.head, trainer.state()) } look: { () throws(EngineError) in try watch?(trainer.weights) }
        return TrainedField(weights: trainer.weights())
    }

    /// Trains the torso and adds it to a field.
    package func trainTorso(_ field: inout TrainedField, _ progress: ProgressHandler) throws(EngineError) {
        let trainer = try TorsoTrainer(footage: footage, recipe: recipe, budget: budget)
        if let state = try work?.read(Part.torso) { try trainer.restore(state) }
        let head = field.weights
        func whole() -> FieldWeights {
            var weights = head
            trainer.add(to: &weights)
            return weights
        }
        try trainer.train(progress) { () throws(EngineError) in try work?.write(Part.torso, trainer.state()) } look: { () throws(EngineError) in try watch?(whole) }
        trainer.add(to: &field.weights)
    }

    /// All stages. The work folder stays until the caller has written the persona.
    package func run(_ progress: ProgressHandler) throws(EngineError) -> TrainedField {
        var field: TrainedField
        if let kept = try work?.read(Part.field) {
            field = try TrainedField(kept: kept)
        } else {
            field = try trainHead(progress)
            try work?.write(Part.field, field.kept)
        }
        try trainTorso(&field, progress)
        return field
    }
}

extension TrainedField {
    /// A finished head as tensors.
    fileprivate var kept: [String: Tensor] {
        var tensors = weights.tensors
        tensors["occupancy"] = Tensor(shape: [weights.occupancy.count], values: weights.occupancy.map { Float($0) })
        return tensors
    }

    fileprivate init(kept: [String: Tensor]) throws(EngineError) {
        var tensors = kept
        guard let bytes = tensors.removeValue(forKey: "occupancy")?.values, bytes.count == OccupancyGrid.cellCount / 8,
              bytes.allSatisfy({ $0 >= 0 && $0 <= 255 }) else { throw .badInput("the kept head has no occupancy grid") }
        self.init(weights: FieldWeights(tensors: tensors, occupancy: bytes.map { UInt8($0) }))
    }
}
