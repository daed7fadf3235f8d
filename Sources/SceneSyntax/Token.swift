// The words of the language: every byte of a file belongs to exactly one token.
import Diagnostics

/// What a token is. Whitespace and comments are tokens too, so that no byte is lost.
package enum TokenKind: UInt8, Sendable, Hashable {
    case whitespace, newline, lineComment, blockComment
    case name, string, number, color
    case leftBrace, rightBrace, leftParen, rightParen
    case equals, comma, colon, dot, semicolon, plus, minus, plusMinus
    /// Bytes that belong to no token; the parser reports them.
    case unknown
    case endOfFile

    /// Space and comments, without line ends.
    package var isTrivia: Bool { self == .whitespace || self == .lineComment || self == .blockComment }
    /// Carries a value of its own.
    package var isValue: Bool { self == .name || self == .string || self == .number || self == .color }
}

/// One token and where it stands.
package struct Token: Sendable, Hashable {
    package var kind: TokenKind
    package var range: TextRange
    /// The text lacks its end: a string without its quote, a comment without `*/`.
    package var isUnterminated: Bool

    package init(_ kind: TokenKind, _ range: TextRange, isUnterminated: Bool = false) {
        self.kind = kind
        self.range = range
        self.isUnterminated = isUnterminated
    }
}
