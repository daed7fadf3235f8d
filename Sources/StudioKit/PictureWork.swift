// Pictures that verbs write.
import Foundation
import Imaging
import Media

/// Writing a picture.
package enum PictureWork {
    /// - Throws: `StudioFailure` with exit code 2 for a name that is no picture's: asked before the work whose result it is to hold.
    package static func check(_ path: String) throws {
        guard ImageFile.canWrite(path) else { throw StudioFailure(2, "-o \(path): a picture is a .png or a .jpg") }
        var isFolder: ObjCBool = false
        guard !(FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && isFolder.boolValue) else { throw StudioFailure(2, "-o \(path): is a folder") }
    }

    /// Makes the folders above the file, too.
    package static func write(_ frame: Frame, to path: String) throws {
        try OutputFolder.making(for: path) { do { try ImageFile.write(frame, to: path) } catch { throw StudioFailure.of(error) } }
    }
}
