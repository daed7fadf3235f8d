// Where the cursor stands in a text that may be broken: the block, the clause, what was said of it already.
import Diagnostics
import SceneModel
import SceneSyntax

/// The place of a cursor.
struct CursorPlace {
    /// Kind of the block around it; nil: a block that the language does not know.
    var context: ClauseContext?
    /// Word of the clause that it stands in; nil: a new clause begins here.
    var word: String?
    /// Arguments of the clause before the word under the cursor.
    var before: [Argument] = []
    /// What is being typed: its text up to the cursor, and the whole token's range.
    var typed: String
    var range: TextRange
    /// Kind of the token that the cursor stands in or behind; nil: none touches it.
    var kind: TokenKind?
    var isInComment = false

    private struct Level {
        var context: ClauseContext?
        var start: Int?
        var parens = 0
    }

    init(_ tree: SyntaxTree, offset: Int) {
        let file = tree.file
        let touching = tree.tokens.first { token in
            switch token.kind {
            case .name, .number, .color: token.range.start < offset && offset <= token.range.end
            case .string: token.range.start < offset && (offset < token.range.end || (token.isUnterminated && offset <= token.range.end))
            case .lineComment: token.range.start < offset && offset <= token.range.end
            case .blockComment: token.range.start < offset && offset < token.range.end
            default: false
            }
        }
        var start = touching?.range.start ?? offset
        // A dotted name is one word.
        if touching == nil || touching?.kind == .name {
            while start > 0, Self.isNameByte(file.bytes[start - 1]) || file.bytes[start - 1] == 0x2E { start -= 1 }
        }
        isInComment = touching?.kind == .lineComment || touching?.kind == .blockComment
        kind = touching?.kind ?? (start < offset ? .name : nil)
        range = TextRange(start, touching?.range.end ?? offset)
        typed = file.text(TextRange(start, offset))
        (context, word, before) = Self.walk(tree, until: start)
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        byte >= 0x80 || (byte | 0x20 >= 0x61 && byte | 0x20 <= 0x7A) || (byte >= 0x30 && byte <= 0x39) || byte == 0x2D || byte == 0x5F
    }

    /// Follows the braces from the file's top to an offset.
    private static func walk(_ tree: SyntaxTree, until limit: Int) -> (ClauseContext?, String?, [Argument]) {
        let file = tree.file
        var levels = [Level(context: .file)]
        var last: TokenKind?
        for token in tree.tokens where !token.kind.isTrivia {
            guard token.range.start < limit, token.kind != .endOfFile else { break }
            let top = levels.count - 1
            switch token.kind {
            case .leftBrace:
                var inner: ClauseContext?
                if let context = levels[top].context, let start = levels[top].start {
                    let head = clause(file, start, token.range.start)
                    inner = head.flatMap { BlockContext.inside($0, in: context) }
                }
                levels[top].start = nil
                if levels.count < 80 { levels.append(Level(context: inner)) }
            case .rightBrace:
                if levels.count > 1 { levels.removeLast() }
                levels[levels.count - 1].start = nil
            case .semicolon: levels[top].start = nil
            case .newline:
                if levels[top].parens == 0, last != .comma { levels[top].start = nil }
            case .leftParen: levels[top].parens += 1
            case .rightParen: levels[top].parens = max(0, levels[top].parens - 1)
            default:
                if levels[top].start == nil {
                    levels[top].start = token.range.start
                    levels[top].parens = 0
                }
            }
            if token.kind != .newline { last = token.kind }
        }
        let here = levels[levels.count - 1]
        guard let start = here.start, let clause = clause(file, start, limit) else { return (here.context, nil, []) }
        return (here.context, clause.word, clause.arguments)
    }

    private static func clause(_ file: SourceFile, _ start: Int, _ end: Int) -> Clause? {
        Parser.parse(SourceFile(path: file.path, bytes: Array(file.bytes[start..<max(start, end)]))).clauses.first
    }
}
