// What an interrupted render keeps: finished pieces beside the output.
import Base
import Foundation
import Media
import RenderNodes

/// A hidden folder beside an output (or below `--work`), with one file for each finished segment, named by what it was made from.
struct WorkFolder {
    let path: String

    /// What every such folder is called: `.NAME.work`.
    static let mark = ".work"

    /// The folder of an output; made when the first piece is written. `isOwn`: nobody else's, by the number of this process.
    init(output: String, work: String?, isOwn: Bool = false) {
        let url = URL(fileURLWithPath: output)
        let parent = work.map { URL(fileURLWithPath: $0) } ?? url.deletingLastPathComponent()
        // A picture sequence has one name for all its files.
        path = parent.appendingPathComponent("." + url.lastPathComponent.replacingOccurrences(of: "%", with: "#") + (isOwn ? ".\(getpid())" : "") + Self.mark).path
    }

    func make() throws {
        do { try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true) } catch { throw StudioFailure.writing(path, error) }
    }
    func remove() { try? FileManager.default.removeItem(atPath: path) }
    /// Takes the folder away unless it holds something finished.
    func removeIfEmpty() {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
        if names.allSatisfy({ $0.hasSuffix(".part") }) { remove() }
    }
    /// Takes away the pieces that nothing asks for any more.
    func keepOnly(_ names: Set<String>) {
        for name in (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? [] where !names.contains(name) { try? FileManager.default.removeItem(atPath: path + "/" + name) }
    }

    /// Everything outside the scene that the bytes of a piece depend on: this very program.
    static let program: ContentKey = FileStamp.key(URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().path)
}
