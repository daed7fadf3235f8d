// Text results on disk.
import Foundation

package enum TextFile {
    /// Writes a whole file or none.
    package static func write(_ text: String, to path: String) throws {
        try OutputFolder.making(for: path) {
            do { try Data(text.utf8).write(to: URL(fileURLWithPath: path), options: .atomic) } catch { throw StudioFailure.writing(path, error) }
        }
    }
}
