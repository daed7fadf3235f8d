// Where tests find real footage and reference numbers, and how they skip without them.
import Foundation

/// The `shared` folder beside the project, or nil.
public enum SharedFolder {
    /// `…/shared` when it exists beside the checkout.
    public static let url: URL? = {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        let shared = root.deletingLastPathComponent().appendingPathComponent("shared")
        return FileManager.default.fileExists(atPath: shared.path) ? shared : nil
    }()
    /// A file below it, or nil when it is missing; use with `.enabled(if:)` and say what is skipped.
    public static func file(_ path: String) -> String? {
        guard let file = url?.appendingPathComponent(path).path, FileManager.default.fileExists(atPath: file) else { return nil }
        return file
    }
    /// The project's root folder.
    public static let projectRoot: String = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().path
}
