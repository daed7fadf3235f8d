// Times on the command line: points in a film as the language writes them, and how long to wait.
import Base
import Diagnostics
import Foundation
import SceneSyntax

/// A point in a film: `1.5s`, `250ms`, `1:02.5`, `12f`, `00:00:02:12`; a plain number is seconds.
package struct CommandTime: Sendable, Hashable {
    private let literal: DurationLiteral

    /// - Throws: `StudioFailure` with exit code 2, which begins with `flag`, for what is no time or lies before 0.
    package init(_ text: String, flag: String) throws {
        let isNumber = text.first?.isNumber == true && text.allSatisfy { $0.isASCII }
        let value = isNumber ? try? LiteralReader.number(text, TextRange(0, text.utf8.count)) : nil
        switch value {
        case .duration(let duration): literal = duration
        case .number(let seconds): literal = .seconds(seconds)
        default: throw StudioFailure(2, "\(flag): “\(text)” is no time", advice: "write 2.5s, 250ms, 12f (frames), 1:02.5 (min:s) or 00:00:02:12 (hh:mm:ss:ff)")
        }
    }

    package init(seconds: Rational) { literal = .seconds(seconds) }

    /// Seconds from the start of a film of this rate.
    package func seconds(_ rate: FrameRate) -> Rational { literal.seconds(at: rate) }
}

/// How long something may take or has lain there.
package enum CommandWait {
    /// Units of the clock, longest ending first.
    private static let units: [(ending: String, seconds: Double)] = [("min", 60), ("ms", 0.001), ("d", 86_400), ("h", 3600), ("s", 1)]

    /// Seconds of `90s`, `10:00` (min:s), `1:30:00` (h:min:s), `10min`, `2h`, `7d`; a plain number is seconds.
    package static func seconds(_ text: String, flag: String) throws -> Double {
        if let unit = units.first(where: { text.hasSuffix($0.ending) }), let count = number(text.dropLast(unit.ending.count)) { return count * unit.seconds }
        let parts = text.split(separator: ":", omittingEmptySubsequences: false).map { number($0) }
        guard (1...3).contains(parts.count), parts.allSatisfy({ $0 != nil }), parts.dropFirst().allSatisfy({ ($0 ?? 60) < 60 }) else {
            throw StudioFailure(2, "\(flag): “\(text)” is no length of time", advice: "write 90s, 10:00 (min:s), 10min, 2h or 7d")
        }
        return parts.reduce(0) { 60 * $0 + ($1 ?? 0) }
    }

    private static func number(_ text: Substring) -> Double? {
        guard text.first?.isNumber == true, text.allSatisfy({ $0.isASCII && ($0.isNumber || $0 == ".") }), let value = Double(text), value < 1e9 else { return nil }
        return value
    }
}
