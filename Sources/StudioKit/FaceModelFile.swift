// Where the face model of this machine lies.
import Base
import Faces
import Foundation
import Tensors

/// Finds and opens face models.
package enum FaceModelFile {
    /// In a `models` folder, in this order.
    static let names = ["face_landmarker.task", "faces.task"]
    static let advice = "scripts/fetch-face-models puts one into models/, or name a face_landmarker.task with --model"

    /// The first model in a `models` folder beside or above a file, the current folder, or the program; nil where there is none.
    package static func find(near path: String) -> String? { find(names, near: path) }

    /// The first file of these names in such a folder.
    static func find(_ names: [String], near path: String) -> String? {
        let program = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        let starts = [URL(fileURLWithPath: path), URL(fileURLWithPath: "here"), program].map { $0.standardizedFileURL.deletingLastPathComponent() }
        for start in starts {
            var folder = start
            for _ in 0..<24 {
                for name in names {
                    let file = folder.appendingPathComponent("models").appendingPathComponent(name).path
                    if FileManager.default.fileExists(atPath: file) { return file }
                }
                if folder.path == "/" { break }
                folder = folder.deletingLastPathComponent()
            }
        }
        return nil
    }

    /// The model that the command line names, else the one that is found; an error that says how to get one.
    static func open(_ named: String?, near path: String) throws -> FaceModels {
        guard let file = named ?? find(near: path) else { throw StudioFailure(3, "there is no face model on this machine", advice: advice) }
        do { return try FaceModels(path: file) } catch { throw StudioFailure.of(error) }
    }

    /// What `studio doctor` says of it.
    package static var finding: MachineFinding {
        guard let file = find(near: "here") else {
            return MachineFinding(name: "face model", state: .warning, words: "none: `studio faces` and the face rules of lint cannot look", advice: "scripts/fetch-face-models puts one into models/")
        }
        do throws(CheckpointError) {
            let models = try FaceModels(path: file)
            return MachineFinding(name: "face model", state: .fine, words: "\(file), \(models.pointCount) points")
        } catch { return MachineFinding(name: "face model", state: .trouble, words: "\(error)", advice: "take it away, and run scripts/fetch-face-models") }
    }
}
