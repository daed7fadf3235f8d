// The folders above a file that is to be written.
import Foundation

package enum OutputFolder {
    /// Makes the folders above a file. Returns those that were not there, the topmost first.
    @discardableResult package static func make(for path: String) throws -> [String] {
        var missing: [String] = []
        var folder = URL(fileURLWithPath: path).deletingLastPathComponent().standardizedFileURL
        while !FileManager.default.fileExists(atPath: folder.path), folder.path != "/" {
            missing.insert(folder.path, at: 0)
            folder = folder.deletingLastPathComponent()
        }
        for (index, folder) in missing.enumerated() {
            do { try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true) } catch {
                takeAway(Array(missing[..<index]))
                throw StudioFailure.writing(path, error)
            }
        }
        return missing
    }

    /// Makes the folders above a file and does work that writes it; where the work fails, those that were made and hold nothing go again.
    static func making<Result>(for path: String, _ work: () throws -> Result) throws -> Result {
        let made = try make(for: path)
        do { return try work() } catch {
            takeAway(made)
            throw error
        }
    }

    /// Takes away folders, the topmost first in the list, as far as they hold nothing.
    static func takeAway(_ folders: [String]) {
        for folder in folders.reversed() { rmdir(folder) }
    }
}
