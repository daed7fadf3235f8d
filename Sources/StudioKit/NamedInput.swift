// Folders that the command line names: what is said where they are not there, or are something else.
import Capture
import Foundation
import Speech
import TalkingHead

enum NamedInput {
    /// A data set folder.
    static func footage(_ path: String, encoder: SpeechEncoder? = nil) throws -> DatasetFootage {
        guard FileManager.default.fileExists(atPath: path) else { throw StudioFailure(3, "\(path): there is no such data set folder", advice: "`studio capture FILM -o \(path)` makes one of footage, `studio stage -o \(path)` of the built-in presenter") }
        guard FileManager.default.fileExists(atPath: path + "/transforms_train.json") else {
            throw StudioFailure(3, "\(path): is no data set: it has no transforms_train.json", advice: "a data set is a folder as `studio capture`, `studio stage` and the scripts of ER-NeRF write it; one that was interrupted lacks that file")
        }
        return try DatasetFootage(path: path, encoder: encoder)
    }

    /// A persona folder.
    static func persona(_ path: String) throws -> PersonaPackage {
        guard FileManager.default.fileExists(atPath: path) else { throw StudioFailure(3, "\(path): there is no such persona") }
        return try PersonaPackage.read(path)
    }
}
