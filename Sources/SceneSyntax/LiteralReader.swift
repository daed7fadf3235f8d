// Reads the text of one token into a value: numbers with units, times, sizes, colours, strings.
import Base
import Diagnostics

/// Why a literal is not one.
package struct LiteralProblem: Error {
    package var id: String
    package var message: String
    package var help: String?
    /// The part of the literal that is wrong.
    package var range: TextRange
    /// What was probably meant, in place of the range.
    package var replacement: String?
}

/// Values of literals. All arithmetic is bounded: long numbers lose digits, they never trap.
package enum LiteralReader {
    private static let timeUnits = ["s", "ms", "f", "min", "h"]

    /// A number token: `3`, `0.25s`, `1:02.5`, `00:00:02:12`, `24000/1001fps`, `1280x720`, `40%`.
    package static func number(_ text: String, _ range: TextRange) throws(LiteralProblem) -> Argument.Value {
        let bytes = Array(text.utf8)
        var index = 0
        let negative = bytes.first == 0x2D
        if bytes.first == 0x2D || bytes.first == 0x2B { index = 1 }
        let body = bytes[index...]
        if body.contains(0x3A) { return .duration(try colonTime(body, negative, range)) }
        let numberEnd = endOfNumber(bytes, from: index)
        let magnitude = rational(bytes[index..<numberEnd])
        let value = negative ? -magnitude : magnitude
        let tail = String(decoding: bytes[numberEnd...], as: UTF8.self)
        let tailRange = TextRange(range.start + numberEnd, range.end)
        if tail.hasPrefix("/") { return try fraction(value, tail, tailRange) }
        if tail.isEmpty { return .number(value) }
        if tail.first == "x", let height = Int(tail.dropFirst()), !negative { return try size(value, height, range) }
        switch tail {
        case "s": return .duration(.seconds(value))
        case "ms": return .duration(.seconds(value / Rational(1000)))
        case "f": return .duration(.frames(value))
        default: break
        }
        if let unit = Unit(rawValue: tail) { return .quantity(value, unit) }
        throw unknownUnit(tail, tailRange)
    }

    private static func unknownUnit(_ unit: String, _ range: TextRange) -> LiteralProblem {
        let known = ["s", "ms", "f"] + Unit.allCases.map(\.rawValue)
        let synonyms = ["sec": "s", "seconds": "s", "second": "s", "min": "1:00", "frames": "f", "degrees": "deg", "db": "dB", "pt": "px", "Hz": "fps"]
        let near = synonyms[unit] ?? known.first { $0.lowercased() == unit.lowercased() } ?? Suggestion.nearest(to: unit, in: known)
        return LiteralProblem(id: "unknown-unit", message: "unknown unit `\(unit)`",
                              help: near.map { "did you mean `\($0)`?" } ?? "units are \(known.joined(separator: ", "))", range: range,
                              replacement: near.flatMap { known.contains($0) ? $0 : nil })
    }

    private static func endOfNumber(_ bytes: [UInt8], from start: Int) -> Int {
        var index = start
        func isDigit(_ at: Int) -> Bool { at < bytes.count && bytes[at] >= 0x30 && bytes[at] <= 0x39 }
        while isDigit(index) { index += 1 }
        if index < bytes.count, bytes[index] == 0x2E { index += 1; while isDigit(index) { index += 1 } }
        if index < bytes.count, bytes[index] | 0x20 == 0x65 {
            let signed = index + 1 < bytes.count && (bytes[index + 1] == 0x2B || bytes[index + 1] == 0x2D)
            if isDigit(index + (signed ? 2 : 1)) {
                index += signed ? 2 : 1
                while isDigit(index) { index += 1 }
            }
        }
        return index
    }

    /// Digits, `.`, exponent: exact where 18 digits hold it.
    private static func rational(_ digits: ArraySlice<UInt8>) -> Rational {
        var mantissa: Int64 = 0
        var scale = 0
        var used = 0
        var inFraction = false
        var index = digits.startIndex
        while index < digits.endIndex, digits[index] | 0x20 != 0x65 {
            let byte = digits[index]
            index += 1
            if byte == 0x2E { inFraction = true; continue }
            if used < 17 {
                mantissa = mantissa * 10 + Int64(byte - 0x30)
                if mantissa > 0 { used += 1 }
                if inFraction { scale -= 1 }
            } else if !inFraction { scale += 1 }
        }
        if index < digits.endIndex {
            let exponent = Int(String(decoding: digits[(index + 1)...], as: UTF8.self)) ?? 99
            scale = max(-400, min(400, scale + max(-400, min(400, exponent))))
        }
        var result = Rational(mantissa, 1)
        for _ in 0..<min(abs(scale), 40) { result = scale > 0 ? result * Rational(10) : result / Rational(10) }
        return scale < -40 ? .zero : result
    }

    private static func fraction(_ value: Rational, _ tail: String, _ range: TextRange) throws(LiteralProblem) -> Argument.Value {
        let digits = tail.dropFirst().prefix { $0.isNumber }
        let unit = String(tail.dropFirst(digits.count + 1))
        guard let below = Int64(digits), below > 0 else {
            throw LiteralProblem(id: "bad-number", message: "a fraction needs a whole number above 0 behind `/`", help: nil, range: range)
        }
        let exact = value / Rational(below, 1)
        if unit.isEmpty { return .number(exact) }
        guard unit == "fps" else { throw unknownUnit(unit, TextRange(range.end - unit.utf8.count, range.end)) }
        return .quantity(exact, .framesPerSecond)
    }

    private static func size(_ width: Rational, _ height: Int, _ range: TextRange) throws(LiteralProblem) -> Argument.Value {
        guard width.denominator == 1, (1...16384).contains(width.floor), (1...16384).contains(height) else {
            throw LiteralProblem(id: "bad-size", message: "a size is WIDTHxHEIGHT, each from 1 to 16384 pixels", help: nil, range: range)
        }
        return .size(width: width.floor, height: height)
    }

    /// `min:s`, `h:min:s` or `hh:mm:ss:ff`.
    private static func colonTime(_ body: ArraySlice<UInt8>, _ negative: Bool, _ range: TextRange) throws(LiteralProblem) -> DurationLiteral {
        let text = String(decoding: body, as: UTF8.self)
        func problem(_ why: String) -> LiteralProblem {
            LiteralProblem(id: "bad-time", message: "`\(text)` is not a time: \(why)",
                           help: "write 1:02.5 (min:s), 1:02:03.25 (h:min:s) or 00:00:02:12 (hh:mm:ss:ff)", range: range)
        }
        let groups = text.split(separator: ":", omittingEmptySubsequences: false)
        guard groups.allSatisfy({ group in group.allSatisfy { $0.isASCII && ($0.isNumber || $0 == ".") } }) else {
            throw problem("no unit or sign may follow it")
        }
        guard (2...4).contains(groups.count), groups.allSatisfy({ $0.count <= 12 }) else { throw problem("it has too many parts") }
        let whole = groups.dropLast().map { Int($0) }
        guard whole.allSatisfy({ $0 != nil }) else { throw problem("only the seconds may have a fraction") }
        let parts = whole.map { $0 ?? 0 }
        if parts.dropFirst().contains(where: { $0 >= 60 }) { throw problem("minutes and seconds stay below 60") }
        if groups.count == 4 {
            guard let frames = Int(groups[3]), !negative else { throw problem("frames are whole and never negative") }
            return .timecode(seconds: (parts[0] &* 60 &+ parts[1]) &* 60 &+ parts[2], frames: frames)
        }
        let seconds = rational(ArraySlice(groups[groups.count - 1].utf8))
        if seconds >= Rational(60) { throw problem("seconds stay below 60") }
        let minutes = groups.count == 3 ? Rational(parts[0]) * Rational(60) + Rational(parts[1]) : Rational(parts[0])
        let total = minutes * Rational(60) + seconds
        return .seconds(negative ? -total : total)
    }

    /// `#rgb`, `#rgba`, `#rrggbb`, `#rrggbbaa`.
    package static func color(_ text: String, _ range: TextRange) throws(LiteralProblem) -> SIMD4<UInt8> {
        let digits = text.utf8.dropFirst().map { Character(Unicode.Scalar($0)).hexDigitValue }
        let values = digits.compactMap { $0 }
        guard values.count == digits.count, [3, 4, 6, 8].contains(values.count) else {
            throw LiteralProblem(id: "bad-color", message: "`\(text)` is not a colour",
                                 help: "write #rgb, #rrggbb, #rrggbbaa or a CSS colour name", range: range)
        }
        let short = values.count <= 4
        var channels: SIMD4<UInt8> = [0, 0, 0, 255]
        for index in 0..<(short ? values.count : values.count / 2) {
            channels[index] = UInt8(short ? values[index] * 17 : values[index * 2] * 16 + values[index * 2 + 1])
        }
        return channels
    }

    /// The parts of a string token; `range` includes the quotes.
    package static func string(_ bytes: ArraySlice<UInt8>, _ range: TextRange, closed: Bool) -> (parts: [StringPart], problems: [LiteralProblem]) {
        var parts: [StringPart] = []
        var problems: [LiteralProblem] = []
        var text: [UInt8] = []
        var index = bytes.startIndex + 1
        let end = closed ? bytes.endIndex - 1 : bytes.endIndex
        func flush() {
            if !text.isEmpty { parts.append(.text(String(decoding: text, as: UTF8.self))) }
            text = []
        }
        while index < end {
            guard bytes[index] == 0x5C else { text.append(bytes[index]); index += 1; continue }
            let start = index
            let escape = index + 1 < end ? bytes[index + 1] : 0
            index += 2
            switch escape {
            case 0x6E: text.append(0x0A)
            case 0x74: text.append(0x09)
            case 0x22, 0x5C: text.append(escape)
            case 0x28:
                let close = bytes[min(index, end)..<end].firstIndex(of: 0x29)
                let name = String(decoding: bytes[min(index, end)..<(close ?? end)], as: UTF8.self).filter { $0 != " " }
                let place = TextRange(start, min((close ?? end) + 1, end))
                index = min((close ?? end) + 1, end)
                if close == nil || name.isEmpty || !name.allSatisfy({ $0.isLetter || $0.isNumber || $0 == "-" || $0 == "_" }) {
                    problems.append(LiteralProblem(id: "bad-interpolation", message: "`\\(` takes the name of a param and `)`",
                                                   help: "write \\(name)", range: place))
                } else { flush(); parts.append(.parameter(name, place)) }
            case 0x75:
                let close = bytes[min(index, end)..<min(index + 10, end)].firstIndex(of: 0x7D)
                let digits = index < end && bytes[index] == 0x7B ? String(decoding: bytes[(index + 1)..<max(index + 1, close ?? index + 1)], as: UTF8.self) : ""
                if let close, let value = UInt32(digits, radix: 16), let scalar = Unicode.Scalar(value) {
                    text += Array(String(Character(scalar)).utf8)
                    index = close + 1
                } else {
                    problems.append(LiteralProblem(id: "unknown-escape", message: "`\\u` takes a code point in braces",
                                                   help: "write \\u{1F600}", range: TextRange(start, min(index, end))))
                }
            default:
                problems.append(LiteralProblem(id: "unknown-escape", message: "unknown escape in a string",
                                               help: "escapes are \\n \\t \\\" \\\\ \\u{1F600} and \\(param)", range: TextRange(start, min(index, end))))
            }
        }
        flush()
        return (parts, problems)
    }
}
