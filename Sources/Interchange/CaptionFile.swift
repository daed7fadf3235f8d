// Captions: SubRip, WebVTT and TTML.
import Base
import Foundation

/// A line of text and when it stands.
package struct CaptionCue: Sendable, Hashable {
    package var range: TimeRange
    /// Lines joined by line ends; styling marks are taken out.
    package var text: String
}

/// Why a text file of another format could not be read.
package enum InterchangeError: Error, Sendable, CustomStringConvertible, Equatable {
    case unreadable(path: String, reason: String)
    case malformed(path: String, line: Int, reason: String)
    /// The reason without the name of the file.
    package var reason: String {
        switch self {
        case .unreadable(_, let reason): reason
        case .malformed(_, let line, let reason): "line \(line): \(reason)"
        }
    }
    package var description: String {
        switch self {
        case .unreadable(let path, let reason): "\(path): cannot be read: \(reason)"
        case .malformed(let path, let line, let reason): "\(path):\(line): \(reason)"
        }
    }
}

package enum CaptionFile {
    /// Reads a file by its ending: `.srt`, `.vtt`, `.ttml`, `.dfxp` or `.xml`.
    package static func read(_ path: String) throws(InterchangeError) -> [CaptionCue] {
        guard let data = FileManager.default.contents(atPath: path) else { throw .unreadable(path: path, reason: "there is no such file") }
        guard data.count < 32 << 20 else { throw .unreadable(path: path, reason: "captions of more than 32 MiB") }
        let lower = path.lowercased()
        if lower.hasSuffix(".ttml") || lower.hasSuffix(".dfxp") || lower.hasSuffix(".xml") { return try TimedTextMarkup.parse(data, path: path) }
        return try parse(String(decoding: data, as: UTF8.self), path: path)
    }

    /// SubRip and WebVTT: blocks parted by empty lines, each with a line of two times.
    package static func parse(_ text: String, path: String) throws(InterchangeError) -> [CaptionCue] {
        let lines = text.replacingOccurrences(of: "\u{FEFF}", with: "").replacingOccurrences(of: "\r\n", with: "\n").split(separator: "\n", omittingEmptySubsequences: false)
        var cues: [CaptionCue] = []
        var index = 0
        while index < lines.count {
            guard lines[index].contains("-->") else { index += 1; continue }
            let number = index + 1
            let halves = lines[index].components(separatedBy: "-->")
            guard halves.count == 2, let start = time(halves[0]), let end = time(halves[1].trimmingCharacters(in: .whitespaces).split(separator: " ").first.map(String.init) ?? "")
            else { throw .malformed(path: path, line: number, reason: "“\(lines[index])” are no two times") }
            guard start <= end else { throw .malformed(path: path, line: number, reason: "the cue ends before it begins") }
            index += 1
            var body: [String] = []
            while index < lines.count, !lines[index].trimmingCharacters(in: .whitespaces).isEmpty {
                body.append(plain(String(lines[index])))
                index += 1
            }
            cues.append(CaptionCue(range: TimeRange(start: start, end: end), text: body.joined(separator: "\n")))
        }
        if cues.isEmpty { throw .malformed(path: path, line: 1, reason: "no cue with two times was found") }
        return cues
    }

    /// `01:02:03,456`, `02:03.456`.
    static func time(_ text: String) -> Rational? {
        let parts = text.trimmingCharacters(in: .whitespaces).replacingOccurrences(of: ",", with: ".").split(separator: ":")
        guard (1...3).contains(parts.count), let last = parts.last else { return nil }
        let pieces = last.split(separator: ".", omittingEmptySubsequences: false)
        guard let seconds = pieces.first.flatMap({ Int64($0) }), seconds >= 0, pieces.count <= 2 else { return nil }
        var result = Rational(seconds, 1)
        if pieces.count == 2 {
            guard let fraction = Int64(pieces[1]), pieces[1].count <= 9, fraction >= 0 else { return nil }
            result += Rational(fraction, (0..<pieces[1].count).reduce(Int64(1)) { n, _ in n * 10 })
        }
        var unit = Rational(60)
        for part in parts.dropLast().reversed() {
            guard let value = Int64(part), value >= 0, value < 100_000 else { return nil }
            result += Rational(value, 1) * unit
            unit = unit * Rational(60)
        }
        return result
    }

    /// Without `<i>`, `</b>`, `{\an8}`.
    static func plain(_ line: String) -> String {
        var result = "", depth = 0
        for character in line {
            if character == "<" || character == "{" { depth += 1 } else if (character == ">" || character == "}") && depth > 0 { depth -= 1 } else if depth == 0 { result.append(character) }
        }
        return result.replacingOccurrences(of: "&amp;", with: "&").replacingOccurrences(of: "&lt;", with: "<").replacingOccurrences(of: "&gt;", with: ">")
    }
}
