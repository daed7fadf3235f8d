// Runs a built program as a user would: a process of its own, its words and its exit code.
import Foundation

/// How a program ended.
public struct ProcessOutcome: Sendable {
    /// The exit code; 128 and the signal's number when a signal ended it, as a shell says it.
    public var exitCode: Int32
    public var output: String
    public var errors: String
    /// The most memory that it held at once, KiB, as the system counts it.
    public var peakKiB: Int
}

/// One run of a program.
public struct ChildProcess: Sendable {
    public var executable: String
    public var arguments: [String]
    public var folder: String
    /// Largest file that it may write, in blocks of 512 bytes.
    public var fileLimit: Int?
    public var input: String?
    /// Asked every few milliseconds with what standard error holds so far: true sends SIGINT, once.
    public var interrupts: (@Sendable (String) -> Bool)?
    /// Ends a run that hangs.
    public var timeout = 900.0

    public init(_ executable: String, _ arguments: [String], in folder: String) {
        self.executable = executable
        self.arguments = arguments
        self.folder = folder
    }

    /// A product of this package, beside the running test bundle.
    public static func product(_ name: String) -> String {
        let own = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? CommandLine.arguments[0]
        return URL(fileURLWithPath: own).deletingLastPathComponent().appendingPathComponent(name).path
    }

    public func run() throws -> ProcessOutcome {
        let process = Process()
        process.currentDirectoryURL = URL(fileURLWithPath: folder)
        if let fileLimit {
            process.executableURL = URL(fileURLWithPath: "/bin/sh")
            process.arguments = ["-c", "ulimit -f \(fileLimit); exec \"$0\" \"$@\"", executable] + arguments
        } else {
            process.executableURL = URL(fileURLWithPath: executable)
            process.arguments = arguments
        }
        // Files, not pipes: a program that talks much must not wait for the test.
        let talk = FileManager.default.temporaryDirectory.appendingPathComponent("talk-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: talk, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: talk) }
        let (out, err, into) = (talk.appendingPathComponent("out"), talk.appendingPathComponent("err"), talk.appendingPathComponent("in"))
        for file in [out, err] { try Data().write(to: file) }
        try Data((input ?? "").utf8).write(to: into)
        process.standardOutput = try FileHandle(forWritingTo: out)
        process.standardError = try FileHandle(forWritingTo: err)
        process.standardInput = try FileHandle(forReadingFrom: into)
        try process.run()
        let peak = try watch(process, err)
        func text(_ url: URL) throws -> String { String(decoding: try Data(contentsOf: url), as: UTF8.self) }
        let signalled = process.terminationReason == .uncaughtSignal
        return ProcessOutcome(exitCode: signalled ? 128 + process.terminationStatus : process.terminationStatus, output: try text(out), errors: try text(err), peakKiB: peak)
    }

    /// Waits for the end; interrupts when asked to, and ends what hangs. Gives the peak of its memory.
    private func watch(_ process: Process, _ errors: URL) throws -> Int {
        let limit = Date(timeIntervalSinceNow: timeout)
        var asked = false
        var peak = 0
        while process.isRunning {
            if !asked, let interrupts, interrupts(try String(contentsOf: errors, encoding: .utf8)) {
                kill(process.processIdentifier, SIGINT)
                asked = true
            }
            if Date() > limit { kill(process.processIdentifier, SIGKILL) }
            peak = max(peak, Self.peakMemory(process.processIdentifier))
            usleep(4000)
        }
        process.waitUntilExit()
        return peak
    }

    /// The high-water mark of a process's resident memory, KiB; 0 where it cannot be read.
    private static func peakMemory(_ id: Int32) -> Int {
        guard let status = try? String(contentsOfFile: "/proc/\(id)/status", encoding: .utf8), let line = status.split(separator: "\n").first(where: { $0.hasPrefix("VmHWM:") }) else { return 0 }
        return line.split(separator: " ").compactMap { Int($0) }.first ?? 0
    }
}

/// A folder of a test's own; it is removed with its last owner.
public final class ScratchFolder: Sendable {
    public let path: String
    public init() throws {
        let url = FileManager.default.temporaryDirectory.resolvingSymlinksInPath().appendingPathComponent("studio-test-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        path = url.path
    }
    deinit { try? FileManager.default.removeItem(atPath: path) }

    public func file(_ name: String) -> String { path + "/" + name }
    public func exists(_ name: String) -> Bool { FileManager.default.fileExists(atPath: file(name)) }
    public func bytes(_ name: String) throws -> [UInt8] { Array(try Data(contentsOf: URL(fileURLWithPath: file(name)))) }
    public func write(_ name: String, _ text: String) throws { try write(name, Array(text.utf8)) }
    public func write(_ name: String, _ bytes: [UInt8]) throws {
        let url = URL(fileURLWithPath: file(name))
        try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(bytes).write(to: url)
    }
    /// Names of everything below, sorted, with folders.
    public var contents: [String] { ((try? FileManager.default.subpathsOfDirectory(atPath: path)) ?? []).sorted() }
}
