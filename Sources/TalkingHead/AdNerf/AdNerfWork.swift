// The folder of a training of AD-NeRF: what it does, and how far it is.
import Engines
import Foundation
import Tensors

/// Kept beside the result while a training runs.
package struct AdNerfWork: Sendable {
    package let folder: String

    /// What a state belongs to; a state of anything else is not used.
    private struct Run: Codable, Equatable {
        var engine = "ad-nerf"
        var recipe: AdNerfRecipe
        var dataset: String
        var frames: Int
        var format = 1
    }

    /// Opens or makes the folder. A folder of another recipe or data set is emptied.
    package init(folder: String, recipe: AdNerfRecipe, footage: any TrainingFootage) throws(EngineError) {
        self.folder = folder
        let run = Run(recipe: recipe, dataset: footage.name, frames: footage.train.count)
        let file = folder + "/run.json"
        if let data = FileManager.default.contents(atPath: file), let old = try? JSONDecoder().decode(Run.self, from: data), old == run { return }
        do {
            if FileManager.default.fileExists(atPath: folder) { try FileManager.default.removeItem(atPath: folder) }
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            try JSONEncoder().encode(run).write(to: URL(fileURLWithPath: file))
        } catch { throw .writing(folder, error) }
    }

    private var path: String { folder + "/state.safetensors" }
    package var isStarted: Bool { FileManager.default.fileExists(atPath: path) }

    package func read() throws(EngineError) -> [String: Tensor]? {
        guard isStarted else { return nil }
        do { return try SafetensorsFile.read(path) } catch { throw .unreadable(path: path, reason: "\(error)") }
    }
    package func write(_ tensors: [String: Tensor]) throws(EngineError) {
        do { try SafetensorsFile.write(tensors, to: path) } catch { throw .writing(path, error) }
    }
    /// The run is over.
    package func remove() { try? FileManager.default.removeItem(atPath: folder) }
}
