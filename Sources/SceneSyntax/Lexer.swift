// Cuts bytes into tokens; any bytes at all, each of them in exactly one token.
import Diagnostics

/// The lexer of the scene language (section 2). It reports nothing: what is wrong with a token is said by the parser.
package struct Lexer {
    private let bytes: [UInt8]
    private var position = 0

    /// Cuts the bytes into tokens; the last one is an empty `endOfFile`.
    package static func tokens(of bytes: [UInt8]) -> [Token] {
        var lexer = Lexer(bytes)
        var result: [Token] = []
        result.reserveCapacity(bytes.count / 3 + 1)
        while lexer.position < bytes.count { result.append(lexer.next()) }
        result.append(Token(.endOfFile, TextRange(bytes.count, bytes.count)))
        return result
    }

    private init(_ bytes: [UInt8]) { self.bytes = bytes }

    private func byte(_ ahead: Int = 0) -> UInt8 {
        position + ahead < bytes.count ? bytes[position + ahead] : 0
    }
    private func isDigit(_ byte: UInt8) -> Bool { byte >= 0x30 && byte <= 0x39 }
    private func isASCIILetter(_ byte: UInt8) -> Bool { (byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x7A }

    private mutating func next() -> Token {
        let start = position
        let first = byte()
        switch first {
        case 0x0A: return take(.newline, 1)
        case 0x20, 0x09, 0x0D, 0x0C: return whitespace()
        case 0x2F where byte(1) == 0x2F: return lineComment()
        case 0x2F where byte(1) == 0x2A: return blockComment()
        case 0x22: return string()
        case 0x23: return color()
        case 0x7B: return take(.leftBrace, 1)
        case 0x7D: return take(.rightBrace, 1)
        case 0x28: return take(.leftParen, 1)
        case 0x29: return take(.rightParen, 1)
        case 0x3D: return take(.equals, 1)
        case 0x2C: return take(.comma, 1)
        case 0x3A: return take(.colon, 1)
        case 0x3B: return take(.semicolon, 1)
        case 0x2B where byte(1) == 0x2D: return take(.plusMinus, 2)
        case 0xC2 where byte(1) == 0xB1: return take(.plusMinus, 2)
        case 0x2B, 0x2D: return sign()
        case 0x2E: return isDigit(byte(1)) && !followsName(start) ? number() : take(.dot, 1)
        case 0xEF where start == 0 && byte(1) == 0xBB && byte(2) == 0xBF: return take(.whitespace, 3)
        default:
            if isDigit(first) { return number() }
            if letterLength(at: start) > 0 { return name() }
            return unknown()
        }
    }

    private mutating func take(_ kind: TokenKind, _ count: Int) -> Token {
        let start = position
        position = min(position + count, bytes.count)
        return Token(kind, TextRange(start, position))
    }
    private func followsName(_ start: Int) -> Bool {
        start > 0 && (isASCIILetter(bytes[start - 1]) || isDigit(bytes[start - 1]) || bytes[start - 1] >= 0x80)
    }

    private mutating func whitespace() -> Token {
        let start = position
        while position < bytes.count, [0x20, 0x09, 0x0D, 0x0C].contains(bytes[position]) { position += 1 }
        return Token(.whitespace, TextRange(start, position))
    }

    private mutating func lineComment() -> Token {
        let start = position
        while position < bytes.count, bytes[position] != 0x0A { position += 1 }
        return Token(.lineComment, TextRange(start, position))
    }

    private mutating func blockComment() -> Token {
        let start = position
        var depth = 0
        repeat {
            if byte() == 0x2F, byte(1) == 0x2A { depth += 1; position += 2 }
            else if byte() == 0x2A, byte(1) == 0x2F { depth -= 1; position += 2 }
            else { position += 1 }
        } while depth > 0 && position < bytes.count
        position = min(position, bytes.count)
        return Token(.blockComment, TextRange(start, position), isUnterminated: depth > 0)
    }

    /// A string ends at its quote or, unterminated, at the line's end.
    private mutating func string() -> Token {
        let start = position
        position += 1
        while position < bytes.count, bytes[position] != 0x0A {
            if bytes[position] == 0x22 { return take(start) }
            position += bytes[position] == 0x5C && byte(1) != 0x0A ? 2 : 1
        }
        position = min(position, bytes.count)
        if position > start + 1, position < bytes.count, bytes[position - 1] == 0x0D { position -= 1 }
        return Token(.string, TextRange(start, position), isUnterminated: true)
    }
    private mutating func take(_ start: Int) -> Token {
        position += 1
        return Token(.string, TextRange(start, position))
    }

    private mutating func color() -> Token {
        let start = position
        position += 1
        while isDigit(byte()) || isASCIILetter(byte()) { position += 1 }
        return Token(.color, TextRange(start, position))
    }

    /// A sign belongs to the number right behind it, unless it stands between spaces.
    private mutating func sign() -> Token {
        let isNumber = isDigit(byte(1)) || (byte(1) == 0x2E && isDigit(byte(2)))
        return isNumber ? number() : take(byte() == 0x2B ? .plus : .minus, 1)
    }

    /// A number with all that clings to it: fraction, exponent, `:` groups, `/`, and the letters of a unit or a size.
    private mutating func number() -> Token {
        let start = position
        if byte() == 0x2B || byte() == 0x2D { position += 1 }
        digits()
        if byte() == 0x2E, isDigit(byte(1)) { position += 1; digits() }
        while byte() == 0x3A, isDigit(byte(1)) {
            position += 1
            digits()
            if byte() == 0x2E, isDigit(byte(1)) { position += 1; digits() }
        }
        if byte() | 0x20 == 0x65 {
            let signed = byte(1) == 0x2B || byte(1) == 0x2D
            if isDigit(byte(signed ? 2 : 1)) { position += signed ? 2 : 1; digits() }
        }
        if byte() == 0x2F, isDigit(byte(1)) { position += 1; digits() }
        if byte() == 0x25 { position += 1 } else { unit() }
        return Token(.number, TextRange(start, position))
    }
    private mutating func digits() { while isDigit(byte()) { position += 1 } }
    private mutating func unit() {
        while true {
            let length = letterLength(at: position)
            if length > 0 { position += length } else if isDigit(byte()) { position += 1 } else { return }
        }
    }

    private mutating func name() -> Token {
        let start = position
        while true {
            let length = letterLength(at: position)
            if length > 0 { position += length; continue }
            if isDigit(byte()) || byte() == 0x5F { position += 1; continue }
            if byte() == 0x2D {
                let after = position + 1
                if letterLength(at: after) > 0 || isDigit(byte(1)) || byte(1) == 0x5F { position += 1; continue }
            }
            return Token(.name, TextRange(start, position))
        }
    }

    private mutating func unknown() -> Token {
        let start = position
        position += 1
        while position < bytes.count, bytes[position] & 0xC0 == 0x80, position < start + 4 { position += 1 }
        return Token(.unknown, TextRange(start, position))
    }

    /// Bytes of the letter at an offset, 0 where there is none.
    private func letterLength(at offset: Int) -> Int {
        guard offset < bytes.count else { return 0 }
        let lead = bytes[offset]
        if lead < 0x80 { return isASCIILetter(lead) ? 1 : 0 }
        guard let (scalar, length) = scalar(at: offset) else { return 0 }
        return scalar.properties.isAlphabetic || scalar.properties.generalCategory == .nonspacingMark ? length : 0
    }

    private func scalar(at offset: Int) -> (Unicode.Scalar, Int)? {
        let lead = bytes[offset]
        let length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2
        guard lead >= 0xC2, lead <= 0xF4, offset + length <= bytes.count else { return nil }
        var value = UInt32(lead) & (0x7F >> UInt32(length))
        for index in 1..<length {
            guard bytes[offset + index] & 0xC0 == 0x80 else { return nil }
            value = value << 6 | UInt32(bytes[offset + index] & 0x3F)
        }
        guard value >= [0, 0, 0x80, 0x800, 0x10000][length], let scalar = Unicode.Scalar(value) else { return nil }
        return (scalar, length)
    }
}
