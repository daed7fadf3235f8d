// What a render may take of the machine: memory, and how much time a frame is worth.
import Base
import Foundation
import Synchronization
import TalkingHead

/// How much work goes into a picture.
package enum RenderQuality: String, Sendable, CaseIterable {
    /// Every second frame of the film, coarsely coded: for a look at timing.
    case draft
    /// The film as the scene says; engines draw as they usually do.
    case final
    /// Every sample of the engines.
    case exact
    /// Fields are baked first; an engine without a baked form draws as it usually does.
    case fast

    /// How radiance fields are drawn; nil: each engine's own way.
    var field: FieldQuality? {
        switch self {
        case .draft, .fast: .fast
        case .exact: .exact
        case .final: nil
        }
    }
}

/// A limit of the process's memory, and what a render does to stay below it.
struct MemoryLimit: Sendable {
    /// Bytes.
    let most: Int

    /// How a film is rendered under the limit.
    struct Share: Sendable, Hashable {
        var threads: Int
        /// For stills that are used again.
        var cacheBytes: Int
    }

    /// Pictures that stand at once beside those of the threads: kept for the next ones, waiting for their turn, in the encoder.
    private static let standing = 20
    /// Pictures that one thread works on at once: layers, their sum, what is scaled.
    private static let eachThread = 6
    /// Stills of a moment, in pictures.
    private static let fewestStills = 3

    /// As many threads as asked for and a roomy cache, or less of both where the limit wants it. `picture`: bytes of one picture,
    /// `now`: bytes that the process holds already. - Throws: `StudioFailure` with exit code 6 where even one thread is too much.
    func share(threads: Int, roomyCache: Int, picture: Int, now: Int) throws -> Share {
        func need(_ threads: Int) -> Int { now + (Self.standing + Self.eachThread * threads + Self.fewestStills) * picture }
        guard need(1) <= most else {
            throw StudioFailure(6, "--max-memory \(Self.words(most)) is too little: this scene needs about \(Self.words(need(1))) with one thread",
                                advice: "allow more, or give the output a smaller size")
        }
        let fitting = (1...max(threads, 1)).last { need($0) <= most } ?? 1
        return Share(threads: fitting, cacheBytes: min(roomyCache, most - need(fitting) + Self.fewestStills * picture))
    }

    /// The process holds more than it may.
    var isExceeded: Bool { Self.resident > most }

    /// Bytes of memory that this process holds now; 0 where the system does not say.
    static var resident: Int {
        guard let text = try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8) else { return 0 }
        let pages = text.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
        return pages * Int(sysconf(Int32(_SC_PAGESIZE)))
    }

    /// The most that this process ever held, bytes.
    static var peak: Int {
        var usage = rusage()
        guard getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage) == 0 else { return 0 }
        return Int(usage.ru_maxrss) * 1024
    }

    /// `1.5 GiB`, `340 MiB`.
    static func words(_ bytes: Int) -> String {
        let mebibytes = Double(bytes) / 1_048_576
        return mebibytes >= 1024 ? String(format: "%.1f GiB", mebibytes / 1024) : String(format: "%.0f MiB", mebibytes)
    }
}

/// Which limit of the command line ended a render, once one did.
final class LimitReached: Sendable {
    private let first = Mutex<RenderStop?>(nil)
    func note(_ limit: RenderStop) { first.withLock { $0 = $0 ?? limit } }
    var limit: RenderStop? { first.withLock { $0 } }
}

/// Sizes on the command line.
package enum ByteCount {
    /// `8G`, `512M`, `2.5GiB`; nil: it is no size. Units count in 1024.
    package static func read(_ text: String) -> Int? {
        let lower = text.lowercased()
        let digits = lower.prefix { $0.isNumber || $0 == "." }
        let units = ["k": 1.0, "m": 2, "g": 3, "t": 4]
        var unit = lower.dropFirst(digits.count)
        if unit.hasSuffix("ib") { unit = unit.dropLast(2) } else if unit.hasSuffix("b") { unit = unit.dropLast() }
        guard let value = Double(digits), value > 0, let power = unit.isEmpty ? 0 : units[String(unit)] else { return nil }
        let bytes = value * pow(1024, power)
        return bytes < 1e15 ? Int(bytes) : nil
    }
}
