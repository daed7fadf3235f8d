// Where a persona may be written: never over something that is not one.
import Foundation

enum PersonaFolder {
    /// A folder name that may be written or replaced, without a slash at its end. Asked before the work begins, not after hours of training.
    static func target(_ path: String) throws -> String {
        var name = path
        while name.count > 1, name.hasSuffix("/") { name.removeLast() }
        guard URL(fileURLWithPath: name).pathExtension == "persona" else { throw StudioFailure(2, "-o \(path): a persona is a folder NAME.persona") }
        let files = FileManager.default
        if files.fileExists(atPath: name), !files.fileExists(atPath: name + "/manifest.json") {
            throw StudioFailure(2, "-o \(path): is there already and holds no persona; it is not replaced", advice: "name another folder with -o")
        }
        let made = try OutputFolder.make(for: name)
        defer { OutputFolder.takeAway(made) }
        // A neighbour is made and removed: root may write where the mode bits say otherwise, and the other way round on read-only disks.
        let trial = name + ".trial"
        do {
            if !files.fileExists(atPath: trial) { try files.createDirectory(atPath: trial, withIntermediateDirectories: false) }
            try files.removeItem(atPath: trial)
        } catch { throw StudioFailure.writing(name, error) }
        return name
    }
}
