// The file that an output goes to, looked at before the first frame is drawn.
import Base
import Foundation
import Media
import SceneModel

/// Where a film or its pictures go.
struct OutputTarget {
    let path: String
    /// The clause that asks for it; nil: the command line does.
    let place: Place?
    /// Frames that are written.
    let frames: Range<Int>

    /// Refuses what could not be written in the end: no name, a folder, an ending or codecs that do not fit.
    func check(video: String, audio: String?) throws {
        let name = path.split(separator: "/").last.map(String.init) ?? ""
        guard !path.isEmpty else { throw failure("a film needs a file name") }
        var isFolder: ObjCBool = false
        if FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), isFolder.boolValue { throw failure("is a folder; name a file in it") }
        guard !path.hasSuffix("/"), !["", ".", ".."].contains(name) else { throw failure("is no file name") }
        if NumberedName(path) != nil {
            guard ImageFile.canWrite(name) else { throw failure("single pictures are .png or .jpg") }
            return
        }
        if name.hasPrefix("."), !name.dropFirst().contains(".") { throw failure("there is no name before the ending") }
        if ImageFile.canWrite(name), name.contains("%") { throw failure("a sequence of pictures has one number in its name: %05d.png") }
        if ImageFile.canWrite(name) { throw failure("a picture holds one frame", "`studio still` draws one; %05d.png in the name writes all as pictures of their own") }
        if let problem = FilmContainer.problem(name, video: video, audio: audio) { throw failure(problem) }
    }

    /// The first file that is there already and would be replaced.
    var existing: String? {
        guard let name = NumberedName(path) else { return FileManager.default.fileExists(atPath: path) ? path : nil }
        return frames.lazy.map { name.name($0 + 1) }.first { FileManager.default.fileExists(atPath: $0) }
    }

    /// The author's mistake shows its line; one of the command line is wrong use.
    private func failure(_ reason: String, _ advice: String? = nil) -> StudioFailure {
        guard let place else { return StudioFailure(2, "-o \(path): \(reason)", advice: advice) }
        let spot = place.file.position(of: place.range.start)
        return StudioFailure(1, "\(place.file.path):\(spot.line):\(spot.column): output, \(path): \(reason)", advice: advice ?? "name another file in the `output` clause")
    }
}
