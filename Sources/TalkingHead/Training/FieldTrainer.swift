// A whole training run: audio lessons, head, torso.
import Base
import Engines
import Foundation
import Tensors

/// What a run gives.
package struct TrainedField: Sendable {
    package var weights: FieldWeights
    package init(weights: FieldWeights) { self.weights = weights }
}

/// Runs a recipe over footage.
package struct FieldTrainer: Sendable {
    package let footage: any TrainingFootage
    package let recipe: TrainingRecipe
    package let budget: ComputeBudget

    package init(footage: any TrainingFootage, recipe: TrainingRecipe, budget: ComputeBudget) {
        self.footage = footage
        self.recipe = recipe
        self.budget = budget
    }

    /// Trains the head from nothing.
    package func trainHead(_ progress: ProgressHandler) throws(EngineError) -> TrainedField {
        let trainer = try HeadTrainer(footage: footage, recipe: recipe, budget: budget)
        try trainer.learnSpeech(progress)
        try trainer.train(progress)
        return TrainedField(weights: trainer.weights())
    }

    /// Trains the torso and adds it to a field.
    package func trainTorso(_ field: inout TrainedField, _ progress: ProgressHandler) throws(EngineError) {
        let trainer = try TorsoTrainer(footage: footage, recipe: recipe, budget: budget)
        try trainer.train(progress)
        trainer.add(to: &field.weights)
    }

    /// All stages.
    package func run(_ progress: ProgressHandler) throws(EngineError) -> TrainedField {
        var field = try trainHead(progress)
        try trainTorso(&field, progress)
        return field
    }
}
