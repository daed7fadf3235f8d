// The recovering parser: one shape for all clauses, no exceptions, no end that is not the file's.
import Base
import Diagnostics

/// Parses any bytes into a tree; what is wrong becomes diagnostics.
package struct Parser {
    /// Blocks and brackets inside each other.
    package static let maximumDepth = 64
    /// Bytes of one file.
    package static let maximumBytes = 4 << 20
    /// Words that only stand at the top of a file: where a `}` is missing, they show where the block should have ended.
    package static let topWords: Set<String> = [
        "import", "param", "scene", "persona", "audio", "image", "video", "font", "lipdub", "captions",
        "path", "blink", "curve", "style", "shot", "transition", "output",
    ]

    private let file: SourceFile
    private let tokens: [Token]
    private var position = 0
    private var parenDepth = 0
    private var steps = 0
    private var sink = DiagnosticSink()
    /// More `{` than `}` in the file: line starts are then trusted to end blocks.
    private let lacksBraces: Bool

    package static func parse(_ file: SourceFile) -> SyntaxTree {
        guard file.bytes.count <= maximumBytes else {
            let whole = TextRange(0, file.bytes.count)
            let finding = Diagnostic("file-too-large", .error, "the file has \(file.bytes.count) bytes; a scene may have \(maximumBytes)",
                                     at: Label(file, TextRange(0, 0)), help: "split it and use `import`")
            return SyntaxTree(file: file, tokens: [Token(.unknown, whole), Token(.endOfFile, TextRange(whole.end, whole.end))],
                              clauses: [], diagnostics: [finding], steps: 1)
        }
        var parser = Parser(file)
        let clauses = parser.clauses(depth: 0, opener: nil)
        return SyntaxTree(file: file, tokens: parser.tokens, clauses: clauses, diagnostics: parser.sink.inTextOrder,
                          steps: parser.steps + parser.tokens.count)
    }

    private init(_ file: SourceFile) {
        self.file = file
        tokens = Lexer.tokens(of: file.bytes)
        var balance = 0
        for token in tokens {
            if token.kind == .leftBrace { balance += 1 } else if token.kind == .rightBrace { balance -= 1 }
        }
        lacksBraces = balance > 0
        for token in tokens where token.kind == .blockComment && token.isUnterminated {
            report("unclosed-comment", "this comment has no end", TextRange(token.range.start, token.range.start + 2), help: "end it with `*/`")
        }
    }

    private mutating func report(_ id: String, _ message: String, _ range: TextRange, labels: [Label] = [], help: String? = nil, fix: Fix? = nil) {
        sink.report(Diagnostic(id, .error, message, at: Label(file, range), labels: labels, help: help, fix: fix))
    }

    // MARK: tokens

    private var current: Token {
        mutating get {
            while tokens[position].kind.isTrivia || (parenDepth > 0 && tokens[position].kind == .newline) { advance() }
            return tokens[position]
        }
    }
    private mutating func advance() {
        steps += 1
        if position < tokens.count - 1 { position += 1 }
    }
    private func text(_ token: Token) -> String { file.text(token.range) }
    private func isEnd(_ kind: TokenKind) -> Bool { kind == .newline || kind == .semicolon || kind == .endOfFile || kind == .rightBrace }

    /// Past the next line end on this level, over whole blocks.
    private mutating func skipClause() {
        var depth = 0
        while true {
            let kind = tokens[position].kind
            if kind == .endOfFile { return }
            if kind == .leftBrace { depth += 1 }
            if kind == .rightBrace {
                if depth == 0 { return }
                depth -= 1
            }
            if depth == 0, kind == .newline || kind == .semicolon { return }
            if depth > 0, kind == .newline, startsTopClause(after: position) { return }
            advance()
        }
    }

    /// To the clause's block or end.
    private mutating func skipHead() {
        parenDepth = 0
        while !isEnd(tokens[position].kind), tokens[position].kind != .leftBrace { advance() }
    }

    /// A line that begins in the first column with a word of the file's top, in a file that lacks a `}`.
    private func startsTopClause(after newline: Int) -> Bool {
        guard lacksBraces, newline + 1 < tokens.count else { return false }
        let next = tokens[newline + 1]
        return next.kind == .name && Self.topWords.contains(file.text(next.range))
    }

    // MARK: clauses

    private mutating func clauses(depth: Int, opener: Token?) -> [Clause] {
        var result: [Clause] = []
        while true {
            let token = current
            switch token.kind {
            case .newline:
                if depth > 0, startsTopClause(after: position) { return result }
                advance()
            case .semicolon: advance()
            case .endOfFile: return result
            case .rightBrace:
                if depth > 0 { return result }
                report("unmatched-brace", "this `}` closes nothing", token.range, help: "remove it, or add the `{` that it ends")
                advance()
            case .leftBrace: strayBlock(&result, token, depth)
            case .name: result.append(clause(depth: depth))
            default:
                reportUnexpected(token, "a clause starts with a word")
                skipClause()
            }
        }
    }

    /// A `{` on a line of its own belongs to the clause above, which should have held it.
    private mutating func strayBlock(_ result: inout [Clause], _ token: Token, _ depth: Int) {
        let fix = result.last.flatMap { strayFix(after: $0, token) }
        report("stray-brace", "a block begins on the line of its clause", token.range, help: "move `{` to the end of the line above", fix: fix)
        let inner = block(depth: depth)
        guard let last = result.indices.last, result[last].block == nil else { return }
        result[last].block = inner
        result[last].range = result[last].range.union(inner.range)
    }

    /// The brace at the end of the clause above; nil where that has a block, or a comment stands between.
    private func strayFix(after clause: Clause, _ brace: Token) -> Fix? {
        guard clause.block == nil, clause.range.end <= brace.range.start,
              file.bytes[clause.range.end..<brace.range.start].allSatisfy({ [0x20, 0x09, 0x0A, 0x0D].contains($0) }) else { return nil }
        return Fix("move `{` to the end of the line above", edits: [TextEdit(TextRange(clause.range.end, brace.range.end), " {")])
    }

    private mutating func reportUnexpected(_ token: Token, _ rule: String) {
        if token.kind == .unknown {
            let bad = file.bytes[token.range.start] >= 0x80 && String(validating: file.bytes[token.range.start..<token.range.end], as: UTF8.self) == nil
            report(bad ? "invalid-utf8" : "unexpected-character", bad ? "these bytes are not UTF-8" : "`\(text(token))` means nothing here", token.range,
                   help: bad ? "save the file as UTF-8" : Self.strangeMarks[text(token)])
        } else {
            report("unexpected-token", "\(rule), not with `\(text(token))`", token.range, help: text(token).hasPrefix("#") ? "a comment begins with `//`" : nil)
        }
    }

    /// Marks of other languages, and what stands in their place here.
    private static let strangeMarks = ["'": "a text stands in double quotes: \"…\"", "“": "a text stands in straight quotes: \"…\"", "”": "a text stands in straight quotes: \"…\"",
                                       "*": "a size is written 1280x720", "×": "a size is written 1280x720", "[": "blocks stand in `{ }`", "]": "blocks stand in `{ }`"]

    private mutating func clause(depth: Int) -> Clause {
        let first = position
        let word = current
        advance()
        var result = Clause(word: text(word), wordRange: word.range, arguments: [], block: nil, headRange: word.range,
                            range: word.range, tokens: first..<first, isBroken: false)
        var errors = sink.diagnostics.count
        while true {
            let token = current
            if token.kind == .newline, result.arguments.last?.isMark(",") == true, !startsTopClause(after: position) {
                advance()
                continue
            }
            if isEnd(token.kind) {
                endOfArguments(result)
                break
            }
            if token.kind == .leftBrace {
                endOfArguments(result)
                result.isBroken = sink.diagnostics.count > errors
                let inner = block(depth: depth)
                result.block = inner
                result.range = result.range.union(inner.range)
                errors = sink.diagnostics.count
                finishLine(after: inner)
                break
            }
            guard let argument = argument(depth: 0, after: result) else {
                skipHead()
                continue
            }
            result.arguments.append(argument)
            result.headRange = result.headRange.union(argument.range)
        }
        result.isBroken = result.isBroken || sink.diagnostics.count > errors
        result.range = result.range.union(result.headRange)
        result.tokens = first..<position
        return result
    }

    /// A comma goes on to a next value: at the end of a clause it is one too many, or a value is missing.
    private mutating func endOfArguments(_ clause: Clause) {
        guard let last = clause.arguments.last, last.isMark(",") else { return }
        report("missing-value", "a value is missing behind this `,`", last.range, help: "add it, or take the comma away",
               fix: Fix("take the comma away", edits: [TextEdit(last.range, "")], applicability: .unsafe))
    }

    /// Behind a block nothing else may stand on the line.
    private mutating func finishLine(after block: Block) {
        let token = current
        if isEnd(token.kind) { return }
        report("text-after-block", "a line end or `;` belongs behind `}`", token.range, help: "begin a new line, or write `;` before it")
        skipClause()
    }

    private mutating func block(depth: Int) -> Block {
        let open = current
        advance()
        guard depth < Self.maximumDepth else {
            report("nested-too-deep", "blocks stand more than \(Self.maximumDepth) deep here", open.range)
            skipBalanced()
            return Block(clauses: [], range: TextRange(open.range.start, tokens[position].range.start))
        }
        let saved = parenDepth
        parenDepth = 0
        let inner = clauses(depth: depth + 1, opener: open)
        parenDepth = saved
        let close = current
        guard close.kind == .rightBrace else {
            report("unclosed-block", "this block has no end", open.range,
                   labels: close.kind == .newline ? [Label(file, TextRange(close.range.start, close.range.start), "`}` is missing before this")] : [],
                   help: "add `}`")
            return Block(clauses: inner, range: TextRange(open.range.start, close.range.start))
        }
        advance()
        return Block(clauses: inner, range: TextRange(open.range.start, close.range.end))
    }

    private mutating func skipBalanced() {
        var depth = 1
        while tokens[position].kind != .endOfFile {
            if tokens[position].kind == .leftBrace { depth += 1 }
            if tokens[position].kind == .rightBrace { depth -= 1 }
            advance()
            if depth == 0 { return }
        }
    }

    // MARK: arguments

    /// One argument, or nil where the rest of the line makes no sense.
    private mutating func argument(depth: Int, after clause: Clause? = nil) -> Argument? {
        let token = current
        switch token.kind {
        case .equals, .comma, .colon:
            advance()
            return Argument(.mark(token.kind == .equals ? "=" : token.kind == .comma ? "," : ":"), token.range)
        case .plusMinus:
            advance()
            guard let value = operand(depth: depth) else { return nil }
            return Argument(.tolerance(value), token.range.union(value.range))
        case .plus, .minus:
            report("stray-operator", "`\(text(token))` has nothing on its left to work on", token.range,
                   help: "a sign belongs to its number: `-0.5s`")
            return nil
        default:
            if let last = clause?.arguments.last, last.range.end == token.range.start, token.kind.isValue, isValue(last) {
                if case .string = last.value, tokens[position...].prefix(while: { $0.kind != .newline }).contains(where: { $0.kind == .string && $0.isUnterminated }) {
                    report("unclosed-string", "a quote is missing: the string ends here, and `\(text(token))` follows", TextRange(last.range.end - 1, last.range.end),
                           labels: [Label(file, TextRange(last.range.start, last.range.start + 1), "it begins here")],
                           help: "put a `\"` where the string should end; inside a string it is written `\\\"`")
                    return nil
                }
                report("missing-space", "a space is missing before `\(text(token))`", token.range,
                       help: "`+` and `-` stand between spaces: `voice.end - 0.5s`")
                return nil
            }
            guard let first = operand(depth: depth) else { return nil }
            if isSigned(token), case .duration = first.value, let last = clause?.arguments.last, isTime(last) {
                report("missing-space", "`+` and `-` stand between spaces", token.range, help: "write `voice.end - 0.5s`",
                       fix: Fix("put a space behind the sign", edits: [TextEdit(TextRange(token.range.start + 1, token.range.start + 1), " ")], applicability: .unsafe))
            }
            return sum(first, depth: depth)
        }
    }

    private func isSigned(_ token: Token) -> Bool {
        token.kind == .number && (file.bytes[token.range.start] == 0x2B || file.bytes[token.range.start] == 0x2D)
    }
    private func isTime(_ argument: Argument) -> Bool {
        switch argument.value {
        case .duration, .sum: true
        case .name(let parts): parts.count > 1
        default: false
        }
    }

    private func isValue(_ argument: Argument) -> Bool {
        if case .mark = argument.value { return false }
        return true
    }

    private mutating func sum(_ first: Argument, depth: Int) -> Argument? {
        var terms = [Argument.Term(isNegative: false, argument: first)]
        var range = first.range
        while current.kind == .plus || current.kind == .minus {
            let sign = current
            advance()
            guard let next = operand(depth: depth) else { return nil }
            if next.range.start == sign.range.end || range.end == sign.range.start {
                report("missing-space", "`\(text(sign))` stands between spaces", sign.range, help: "`voice.end - 0.5s`")
            }
            terms.append(.init(isNegative: sign.kind == .minus, argument: next))
            range = range.union(next.range)
        }
        return terms.count == 1 ? first : Argument(.sum(terms), range)
    }

    private mutating func operand(depth: Int) -> Argument? {
        let token = current
        switch token.kind {
        case .name: return nameArgument(depth: depth)
        case .string: return stringArgument()
        case .number, .color:
            advance()
            do throws(LiteralProblem) {
                let value = token.kind == .number ? try LiteralReader.number(text(token), token.range)
                    : .color(try LiteralReader.color(text(token), token.range))
                return Argument(value, token.range)
            } catch {
                report(error.id, error.message, error.range, help: error.help, fix: error.replacement.map { .rename(error.range, to: $0) })
                return Argument(.invalid, token.range)
            }
        case .unknown:
            reportUnexpected(token, "")
            return nil
        default:
            if isEnd(token.kind) || token.kind == .leftBrace { report("missing-value", "a value is missing here", TextRange(max(token.range.start - 1, 0), token.range.start)) }
            else { reportUnexpected(token, "a value was expected here") }
            return nil
        }
    }

    private mutating func nameArgument(depth: Int) -> Argument? {
        var token = tokens[position]
        var parts = [text(token)]
        var range = token.range
        advance()
        while tokens[position].kind == .dot, tokens[position].range.start == range.end {
            let dot = tokens[position]
            advance()
            token = tokens[position]
            guard token.kind == .name, token.range.start == dot.range.end else {
                report("bad-name", "a name is missing behind `.`", dot.range, help: "`voice.end`, `cast.nova`; `+` and `-` stand between spaces")
                return nil
            }
            parts.append(text(token))
            range = range.union(token.range)
            advance()
        }
        guard tokens[position].kind == .leftParen, tokens[position].range.start == range.end, parts.count == 1 else {
            return Argument(.name(parts), range)
        }
        return call(parts[0], range, depth: depth)
    }

    private mutating func call(_ name: String, _ nameRange: TextRange, depth: Int) -> Argument? {
        let open = tokens[position]
        advance()
        guard depth < Self.maximumDepth else {
            report("nested-too-deep", "brackets stand more than \(Self.maximumDepth) deep here", open.range)
            return nil
        }
        parenDepth += 1
        defer { parenDepth = max(0, parenDepth - 1) }
        var inner: [Argument] = []
        while true {
            let token = current
            if token.kind == .rightParen {
                advance()
                return Argument(.call(name, inner), nameRange.union(token.range))
            }
            if token.kind == .endOfFile || token.kind == .leftBrace || token.kind == .rightBrace || token.kind == .semicolon {
                report("unclosed-bracket", "this `(` has no `)`", open.range)
                return nil
            }
            guard let value = argument(depth: depth + 1) else { return nil }
            if !value.isMark(",") { inner.append(value) }
        }
    }

    private mutating func stringArgument() -> Argument? {
        let token = tokens[position]
        advance()
        let content = LiteralReader.string(file.bytes[token.range.start..<token.range.end], token.range, closed: !token.isUnterminated)
        if token.isUnterminated {
            report("unclosed-string", "this string has no closing quote", TextRange(token.range.start, token.range.start + 1),
                   help: "add `\"`; a string stays on one line")
        } else {
            for problem in content.problems { report(problem.id, problem.message, problem.range, help: problem.help) }
        }
        let isGood = !token.isUnterminated && content.problems.isEmpty
        return Argument(isGood ? .string(content.parts) : .invalid, token.range)
    }
}
