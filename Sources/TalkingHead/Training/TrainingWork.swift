// The folder of a training, of any engine: what it does, and how far it is.
import Engines
import Foundation
import Tensors

/// What a kept state belongs to; a state of anything else is not used.
package struct TrainingRun<Recipe: Codable & Equatable & Sendable>: Codable, Equatable, Sendable {
    package var engine: String
    /// As asked for, before it was fitted to a time.
    package var recipe: Recipe
    /// The time that it was asked to fit.
    package var minutes: Double?
    package var dataset: String, frames: Int, width: Int, height: Int
    /// What the lips stage looks with.
    package var lipsLoss: String?
    /// Whose speech encoder hears; nil where one is taught, or the data set brings its own.
    package var hearing: String?
    private var format = 9

    package init(engine: String, recipe: Recipe, minutes: Double? = nil, footage: any TrainingFootage, lipsLoss: String? = nil, hearing: String? = nil) {
        (self.engine, self.recipe, self.minutes, self.lipsLoss, self.hearing) = (engine, recipe, minutes, lipsLoss, hearing)
        (dataset, frames, width, height) = (footage.name, footage.train.count, footage.width, footage.height)
    }
}

/// Kept beside the result while a training runs: `run.json`, and a file for each part that is under way or done.
package struct TrainingWork: Sendable {
    package let folder: String

    /// Opens or makes the folder. A folder of another run is emptied.
    package init<Recipe>(folder: String, run: TrainingRun<Recipe>) throws(EngineError) {
        self.folder = folder
        let file = folder + "/run.json"
        if let data = FileManager.default.contents(atPath: file), let old = try? JSONDecoder().decode(TrainingRun<Recipe>.self, from: data), old == run { return }
        do {
            if FileManager.default.fileExists(atPath: folder) { try FileManager.default.removeItem(atPath: folder) }
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            try JSONEncoder().encode(run).write(to: URL(fileURLWithPath: file))
        } catch { throw .writing(folder, error) }
    }

    /// Whether anything was learned already.
    package var isStarted: Bool {
        ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).contains { $0.hasSuffix(".safetensors") }
    }

    private func path(_ part: String) -> String { folder + "/" + part + ".safetensors" }

    /// The tensors of a part; nil where it has not begun.
    package func read(_ part: String) throws(EngineError) -> [String: Tensor]? {
        guard FileManager.default.fileExists(atPath: path(part)) else { return nil }
        do { return try SafetensorsFile.read(path(part)) } catch { throw .unreadable(path: path(part), reason: "\(error)") }
    }

    package func write(_ part: String, _ tensors: [String: Tensor]) throws(EngineError) {
        do { try SafetensorsFile.write(tensors, to: path(part)) } catch { throw .writing(path(part), error) }
    }

    private var fittedPath: String { folder + "/fitted.json" }

    /// The recipe that a run with a time was fitted to, so that it goes on with the same one.
    package func fitted<Recipe: Codable>(_ kind: Recipe.Type) -> Recipe? {
        FileManager.default.contents(atPath: fittedPath).flatMap { try? JSONDecoder().decode(kind, from: $0) }
    }

    package func keep(fitted recipe: some Codable) throws(EngineError) {
        do { try JSONEncoder().encode(recipe).write(to: URL(fileURLWithPath: fittedPath), options: .atomic) } catch { throw .writing(fittedPath, error) }
    }

    /// The run is over.
    package func remove() { try? FileManager.default.removeItem(atPath: folder) }
}
