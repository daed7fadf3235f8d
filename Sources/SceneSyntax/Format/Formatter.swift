// The one layout of scene files: what `studio fmt` writes.
import Diagnostics

/// Writes a tree in the one layout of the language. It has no options.
///
/// Four spaces a block; a block that its author wrote on one line stays there where it fits into 120 columns, every other
/// one has a line for each clause; neighbouring assets and keyframes stand in columns, and so do comments behind them.
/// At most one empty line in a row is kept. Comments are kept, and the meaning is: the clauses before and after are the same.
package enum Formatter {
    /// Columns that a line may have before it is broken where it can be.
    static let width = 120

    /// The text in the one layout; nil where the file has syntax errors, since what they mean is a guess.
    package static func format(_ tree: SyntaxTree) -> String? {
        guard !tree.diagnostics.contains(where: { $0.severity == .error }) else { return nil }
        var reader = FormatReader(tree)
        let body = reader.body(isTop: true)
        var writer = FormatWriter()
        writer.write(body, indent: 0, parent: nil)
        return writer.text()
    }

    /// Two files say the same: the same clauses with the same arguments, whatever their layout.
    package static func haveSameMeaning(_ a: SyntaxTree, _ b: SyntaxTree) -> Bool { words(a) == words(b) }

    /// The text of all tokens that mean something, clause by clause.
    private static func words(_ tree: SyntaxTree) -> [String] {
        var result: [String] = []
        func add(_ clauses: [Clause]) {
            for clause in clauses {
                result.append("(")
                let end = clause.block.map(\.range.start) ?? clause.range.end
                for token in tree.tokens[clause.tokens] where token.range.start < end && !token.kind.isTrivia && token.kind != .newline && token.kind != .semicolon {
                    result.append(token.kind == .plusMinus ? "±" : tree.file.text(token.range))
                }
                if let block = clause.block {
                    result.append("{")
                    add(block.clauses)
                    result.append("}")
                }
                result.append(")")
            }
        }
        add(tree.clauses)
        return result
    }
}

/// One token of a clause's head, or a comment in it.
struct FormatPiece {
    var text: String
    /// Stands right behind the piece before it.
    var isGlued: Bool
    /// A line comment: nothing may follow on its line.
    var endsLine = false
    var kind: TokenKind
    var isComment: Bool { kind == .lineComment || kind == .blockComment }
}

/// A clause, or a comment on a line of its own.
struct FormatItem {
    var head: [FormatPiece] = []
    var block: FormatBody?
    var hasBlankBefore = false
    /// Comment behind it on its last line.
    var trailing: String?
    var isComment = false
    var word: String { head.first?.text ?? "" }
}

/// What stands in a file or between braces.
struct FormatBody {
    var items: [FormatItem] = []
    /// Comment behind `{`.
    var opening: String?
    /// The author wrote it on one line.
    var isOneLine = true
}

/// Tokens to items. The tree has no errors, so that braces and brackets match.
struct FormatReader {
    private let file: SourceFile
    private let tokens: [Token]
    private var position = 0

    init(_ tree: SyntaxTree) {
        file = tree.file
        tokens = tree.tokens
    }

    mutating func body(isTop: Bool) -> FormatBody {
        var body = FormatBody()
        var lines = 0
        while position < tokens.count {
            let token = tokens[position]
            switch token.kind {
            case .endOfFile: return body
            case .rightBrace:
                position += 1
                return body
            case .whitespace, .semicolon: position += 1
            case .newline:
                lines += 1
                body.isOneLine = false
                position += 1
            case .lineComment, .blockComment:
                position += 1
                addComment(token, lines, isTop, &body)
                lines = 0
            default:
                var item = clause(&body)
                item.hasBlankBefore = lines > 1 && !body.items.isEmpty
                body.items.append(item)
                lines = 0
            }
        }
        return body
    }

    private mutating func addComment(_ token: Token, _ lines: Int, _ isTop: Bool, _ body: inout FormatBody) {
        body.isOneLine = false
        let text = comment(token)
        let isLast = token.kind == .lineComment || endsLine(after: position)
        if lines == 0, isLast, let last = body.items.indices.last {
            body.items[last].trailing = (body.items[last].trailing.map { $0 + " " } ?? "") + text
        } else if lines == 0, isLast, !isTop, body.items.isEmpty {
            body.opening = (body.opening.map { $0 + " " } ?? "") + text
        } else {
            let piece = FormatPiece(text: text, isGlued: false, kind: token.kind)
            body.items.append(FormatItem(head: [piece], hasBlankBefore: lines > 1 && !body.items.isEmpty, isComment: true))
        }
    }

    /// Nothing but spaces and comments up to the line's end.
    private func endsLine(after start: Int) -> Bool {
        var index = start
        while index < tokens.count, tokens[index].kind == .whitespace { index += 1 }
        return index >= tokens.count || tokens[index].kind == .newline || tokens[index].kind == .endOfFile || tokens[index].kind == .lineComment
    }

    private func comment(_ token: Token) -> String {
        var text = file.text(token.range).replacing("\r\n", with: "\n")
        while text.last?.isWhitespace == true { text.removeLast() }
        return text
    }

    private mutating func clause(_ body: inout FormatBody) -> FormatItem {
        var item = FormatItem()
        var brackets = 0
        var last: TokenKind?
        while position < tokens.count {
            let token = tokens[position]
            switch token.kind {
            case .whitespace: position += 1
            case .newline:
                guard brackets > 0 || last == .comma else { return closed(item) }
                body.isOneLine = false
                position += 1
            case .semicolon, .rightBrace, .endOfFile: return closed(item)
            case .leftBrace:
                position += 1
                item.block = self.body(isTop: false)
                return item
            case .lineComment, .blockComment:
                position += 1
                body.isOneLine = false
                item.head.append(FormatPiece(text: comment(token), isGlued: false, endsLine: token.kind == .lineComment, kind: token.kind))
            default:
                position += 1
                if token.kind == .leftParen { brackets += 1 }
                if token.kind == .rightParen { brackets -= 1 }
                let text = token.kind == .plusMinus ? "±" : file.text(token.range)
                item.head.append(FormatPiece(text: text, isGlued: Self.clings(token.kind, to: last), kind: token.kind))
                last = token.kind
            }
        }
        return closed(item)
    }

    /// A line comment at the end of a head stands behind the clause; of several, each stays on its own line.
    private func closed(_ item: FormatItem) -> FormatItem {
        var item = item
        guard let last = item.head.last, last.endsLine, item.head.count > 1, !item.head[item.head.count - 2].endsLine else { return item }
        item.head.removeLast()
        item.trailing = last.text
        return item
    }

    private static func clings(_ kind: TokenKind, to before: TokenKind?) -> Bool {
        switch (before, kind) {
        case (_, .comma), (_, .colon), (_, .rightParen), (_, .dot), (.dot, _), (_, .leftParen), (.leftParen, _): true
        default: false
        }
    }
}
