// What an interrupted render keeps: finished pieces beside the output.
import Base
import Foundation
import Media
import RenderNodes

/// A hidden folder beside an output (or below `--work`), with one file for each finished segment, named by what it was made from.
struct WorkFolder {
    let path: String
    /// Beside the output: where it cannot be made, the output cannot be written.
    private let isBeside: Bool

    /// What every such folder is called: `.NAME.work`, below `--work` `.NAME@PLACE.work`.
    static let mark = ".work"
    /// The file in it that one process holds locked.
    private static let lock = "lock"

    /// The folder of an output. `isOwn`: nobody else's, by the number of this process.
    init(output: String, work: String?, isOwn: Bool = false) {
        isBeside = work == nil
        let url = URL(fileURLWithPath: output)
        var parent = url.deletingLastPathComponent(), place = ""
        if let work {
            // Films of one name from several folders do not meet there.
            var key = ContentKey("place")
            key.mix(parent.standardizedFileURL.path)
            (parent, place) = (URL(fileURLWithPath: work), "@" + "\(key)".prefix(8))
        }
        // A picture sequence has one name for all its files.
        path = parent.appendingPathComponent("." + url.lastPathComponent.replacingOccurrences(of: "%", with: "#") + place + (isOwn ? ".\(getpid())" : "") + Self.mark).path
    }

    /// The name of the output, of a folder's name; nil: it is no such folder.
    static func output(_ name: String) -> String? {
        guard name.hasPrefix("."), name.hasSuffix(mark) else { return nil }
        var result = name.dropFirst().dropLast(mark.count)
        if let at = result.lastIndex(of: "@"), result[result.index(after: at)...].count == 8 { result = result[..<at] }
        return result.replacingOccurrences(of: "#", with: "%")
    }

    /// Makes the folder and keeps every other process out of it while `work` runs.
    func locked<Result>(film: String, _ work: () async throws -> Result) async throws -> Result {
        try make(for: isBeside ? film : path)
        let lock = open(path + "/" + Self.lock, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
        defer { if lock >= 0 { close(lock) } }
        if lock >= 0, flock(lock, LOCK_EX | LOCK_NB) != 0, errno == EWOULDBLOCK {
            throw StudioFailure(4, "\(film): another studio is rendering it", advice: "wait for that one, or name another file with -o")
        }
        return try await work()
    }

    /// - Parameter named: what a failure says cannot be written.
    private func make(for named: String) throws {
        do { try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true) } catch { throw StudioFailure.writing(named, error) }
    }
    func remove() { try? FileManager.default.removeItem(atPath: path) }
    /// Takes the folder away unless it holds something finished.
    func removeIfEmpty() {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
        if names.allSatisfy({ $0.hasSuffix(".part") || $0 == Self.lock }) { remove() }
    }
    /// Takes away the pieces that nothing asks for any more.
    func keepOnly(_ names: Set<String>) {
        for name in (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? [] where name != Self.lock && !names.contains(name) { try? FileManager.default.removeItem(atPath: path + "/" + name) }
    }

    /// Everything outside the scene that the bytes of a piece depend on: this very program.
    static let program: ContentKey = FileStamp.key(URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().path)
}
