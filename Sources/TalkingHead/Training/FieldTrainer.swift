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

/// Runs a recipe over footage.
package struct FieldTrainer: Sendable {
    package let footage: any TrainingFootage
    package let recipe: TrainingRecipe
    package let budget: ComputeBudget
    /// LPIPS of the lips stage, where its weights are there.
    package let perceptual: PerceptualDistance?
    /// Where the state of the run is kept, if anywhere.
    package let work: TrainingWork?

    package init(footage: any TrainingFootage, recipe: TrainingRecipe, budget: ComputeBudget, perceptual: PerceptualDistance? = nil, work: TrainingWork? = nil) {
        self.footage = footage
        self.recipe = recipe
        self.budget = budget
        self.perceptual = perceptual
        self.work = work
    }

    /// Trains the head, from nothing or from the kept state.
    package func trainHead(_ progress: ProgressHandler) throws(EngineError) -> TrainedField {
        let trainer = try HeadTrainer(footage: footage, recipe: recipe, budget: budget, perceptual: perceptual)
        if let state = try work?.read(.head) {
            try trainer.restore(state)
        } else {
            try trainer.learnSpeech(progress)
            try work?.write(.head, trainer.state())
        }
        try trainer.train(progress) { () throws(EngineError) in try work?.write(.head, trainer.state()) }
        return TrainedField(weights: trainer.weights())
    }

    /// Trains the torso and adds it to a field.
    package func trainTorso(_ field: inout TrainedField, _ progress: ProgressHandler) throws(EngineError) {
        let trainer = try TorsoTrainer(footage: footage, recipe: recipe, budget: budget)
        if let state = try work?.read(.torso) { try trainer.restore(state) }
        try trainer.train(progress) { () throws(EngineError) in try work?.write(.torso, trainer.state()) }
        trainer.add(to: &field.weights)
    }

    /// All stages. The work folder stays until the caller has written the persona.
    package func run(_ progress: ProgressHandler) throws(EngineError) -> TrainedField {
        var field: TrainedField
        if let kept = try work?.read(.field) {
            field = try TrainedField(kept: kept)
        } else {
            field = try trainHead(progress)
            try work?.write(.field, field.kept)
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

/// The folder of a run: what it does (`run.json`), and how far each part is.
package struct TrainingWork: Sendable {
    package let folder: String
    enum Part: String { case head, field, torso }

    /// What a state belongs to; a state of anything else is not used.
    private struct Run: Codable, Equatable {
        var recipe: TrainingRecipe
        var dataset: String
        var frames: Int
        var lipsLoss: String
        var format = 4
    }

    /// Opens or makes the folder. A folder of another recipe or data set is emptied.
    package init(folder: String, recipe: TrainingRecipe, footage: any TrainingFootage, perceptual: PerceptualDistance?) throws(EngineError) {
        self.folder = folder
        let run = Run(recipe: recipe, dataset: footage.name, frames: footage.train.count, lipsLoss: perceptual == nil ? "gradients" : "lpips")
        let file = folder + "/run.json"
        if let data = FileManager.default.contents(atPath: file), let old = try? JSONDecoder().decode(Run.self, from: data), old == run { return }
        do {
            if FileManager.default.fileExists(atPath: folder) { try FileManager.default.removeItem(atPath: folder) }
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            try JSONEncoder().encode(run).write(to: URL(fileURLWithPath: file))
        } catch { throw .writing(folder, error) }
    }

    /// How far the run is, where anything is kept.
    package var isStarted: Bool { [Part.head, .field, .torso].contains { FileManager.default.fileExists(atPath: path($0)) } }

    private func path(_ part: Part) -> String { folder + "/" + part.rawValue + ".safetensors" }

    func read(_ part: Part) throws(EngineError) -> [String: Tensor]? {
        guard FileManager.default.fileExists(atPath: path(part)) else { return nil }
        do { return try SafetensorsFile.read(path(part)) } catch { throw .unreadable(path: path(part), reason: "\(error)") }
    }

    func write(_ part: Part, _ tensors: [String: Tensor]) throws(EngineError) {
        do { try SafetensorsFile.write(tensors, to: path(part)) } catch { throw .writing(path(part), error) }
    }

    /// The run is over.
    package func remove() { try? FileManager.default.removeItem(atPath: folder) }
}
