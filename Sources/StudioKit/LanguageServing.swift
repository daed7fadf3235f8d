// `studio lsp`: the language server over standard input and output.
import Foundation
import LanguageServer
import SceneModel

extension DiskResolver: ServerDisk {
    package func stamp(_ path: String) -> FileStamp? {
        // Asked for every file of a scene at each key press: the plain call costs a tenth of FileManager's.
        var facts = stat()
        guard stat(path, &facts) == 0 else { return nil }
        return FileStamp(size: Int(facts.st_size), changed: Double(facts.st_mtim.tv_sec) + Double(facts.st_mtim.tv_nsec) * 1e-9)
    }
    package func entries(_ folder: String) -> [FolderEntry] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.isEmpty ? "." : folder)) ?? []
        return names.sorted().prefix(5000).map { name in
            var isFolder: ObjCBool = false
            _ = FileManager.default.fileExists(atPath: (folder.isEmpty ? "." : folder) + "/" + name, isDirectory: &isFolder)
            return FolderEntry(name: name, isFolder: isFolder.boolValue)
        }
    }
}

package enum LanguageServing {
    /// Serves one editor until it says goodbye. Returns the exit code.
    package static func serve(allowsOutside: Bool, readsMedia: Bool) -> Int32 {
        // An editor that closes its end is told by the write's error.
        signal(SIGPIPE, SIG_IGN)
        return ServerSession.run(disk: DiskResolver(allowsOutsideProject: allowsOutside, readsMedia: readsMedia), version: Studio.version, read: readInput, write: writeOutput)
    }

    /// What is there, at least one byte; empty at the end.
    @Sendable private static func readInput() -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = bytes.withUnsafeMutableBytes { read(0, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            return count > 0 ? Array(bytes[..<count]) : []
        }
    }

    private static func writeOutput(_ bytes: [UInt8]) -> Bool {
        var done = 0
        while done < bytes.count {
            let count = bytes.withUnsafeBytes { write(1, $0.baseAddress.map { $0 + done }, $0.count - done) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return false }
            done += count
        }
        return true
    }

    /// Answers of the server while `count` letters are typed into a file.
    package static func measure(_ path: String, count: Int, readsMedia: Bool) throws -> String {
        guard let data = FileManager.default.contents(atPath: path) else { throw StudioFailure(3, "\(path): there is no such scene") }
        let absolute = URL(fileURLWithPath: path).standardizedFileURL.path
        let result = KeyPressMeasure.run(disk: DiskResolver(readsMedia: readsMedia), path: absolute, text: String(decoding: data, as: UTF8.self), count: count) {
            ProcessInfo.processInfo.systemUptime
        }
        func line(_ what: String, _ times: [Double]) -> String {
            String(format: "%@: median %.1f ms, 95 %% within %.1f ms, longest %.1f ms", what, KeyPressMeasure.quantile(times, 0.5) * 1000, KeyPressMeasure.quantile(times, 0.95) * 1000, (times.max() ?? 0) * 1000)
        }
        return "\(result.lineCount) lines, \(result.answers.count) key presses\n" + line("to the completion", result.answers) + "\n" + line("to the findings", result.findings)
    }
}
