// Colours of the text by what each word means.
import Diagnostics
import SceneModel
import SceneSyntax

enum SemanticTokens {
    static let types = ["keyword", "string", "number", "comment", "operator", "variable", "parameter", "class", "function", "namespace", "enumMember", "type", "property", "event"]
    static let modifiers = ["declaration", "readonly"]

    private struct Painted {
        var range: TextRange
        var type: String
        var isDeclaration = false
    }

    /// Five numbers a token: line and column steps, length, type, modifiers. `range` narrows them; nil: all.
    static func data(_ analysis: Analysis, in range: TextRange? = nil) -> [Int] {
        var result: [Int] = []
        var last = EditorPosition(line: 0, character: 0)
        for painted in paint(analysis) {
            if let range, painted.range.end < range.start || painted.range.start > range.end { continue }
            for part in split(painted.range, analysis.lines) {
                let start = analysis.lines.position(of: part.start), end = analysis.lines.position(of: part.end)
                guard let type = types.firstIndex(of: painted.type), end.character > start.character else { continue }
                result += [start.line - last.line, start.line == last.line ? start.character - last.character : start.character, end.character - start.character, type, painted.isDeclaration ? 1 : 0]
                last = start
            }
        }
        return result
    }

    /// A token of the protocol stays on its line.
    private static func split(_ range: TextRange, _ lines: TextLines) -> [TextRange] {
        let first = lines.position(of: range.start).line, last = lines.position(of: range.end).line
        guard first < last else { return [range] }
        return (first...last).map { TextRange(max(range.start, lines.startOfLine($0)), min(range.end, lines.endOfLine($0))) }
    }

    private static func paint(_ analysis: Analysis) -> [Painted] {
        let tree = analysis.tree
        // What names mean, by where they start.
        var meanings: [Int: [Painted]] = [:]
        for declaration in analysis.symbols.declarations.values {
            meanings[declaration.nameRange.start] = [Painted(range: declaration.nameRange, type: type(declaration.kind), isDeclaration: true)]
        }
        for reference in analysis.symbols.references {
            guard let found = analysis.names.resolve(reference.parts, in: tree.file.path) else { continue }
            var parts: [Painted] = []
            for (index, range) in reference.partRanges.enumerated() {
                parts.append(Painted(range: range, type: index + 1 < reference.parts.count ? "namespace" : type(found.declaration.kind)))
            }
            meanings[reference.range.start] = parts
        }
        var keywords: Set<Int> = []
        tree.forEachClause { placed in
            if ClauseRegistry.schema(placed.clause.word, in: placed.context) != nil { keywords.insert(placed.clause.wordRange.start) }
        }
        var result: [Painted] = []
        var covered = 0
        for token in tree.tokens {
            guard token.range.start >= covered else { continue }
            if let known = meanings[token.range.start], token.kind == .name {
                result += known
                covered = known.last?.range.end ?? token.range.end
                continue
            }
            switch token.kind {
            case .name: result.append(Painted(range: token.range, type: keywords.contains(token.range.start) ? "keyword" : isEvent(token, tree) ? "event" : "enumMember"))
            case .string: result += string(token, meanings)
            case .number, .color: result.append(Painted(range: token.range, type: "number"))
            case .lineComment, .blockComment: result.append(Painted(range: token.range, type: "comment"))
            case .equals, .plus, .minus, .plusMinus, .colon: result.append(Painted(range: token.range, type: "operator"))
            default: break
            }
        }
        return result
    }

    private static func isEvent(_ token: Token, _ tree: SyntaxTree) -> Bool {
        token.range.start > 0 && tree.file.bytes[token.range.start - 1] == 0x2E
    }

    /// A string around the params in it.
    private static func string(_ token: Token, _ meanings: [Int: [Painted]]) -> [Painted] {
        let inside = meanings.filter { $0.key > token.range.start && $0.key < token.range.end }.sorted { $0.key < $1.key }.flatMap(\.value)
        var result: [Painted] = []
        var start = token.range.start
        for parameter in inside {
            result.append(Painted(range: TextRange(start, parameter.range.start), type: "string"))
            result.append(parameter)
            start = parameter.range.end
        }
        return result + [Painted(range: TextRange(start, token.range.end), type: "string")]
    }

    private static func type(_ kind: SymbolKind) -> String {
        switch kind {
        case .asset(.persona): "class"
        case .asset: "variable"
        case .motion: "function"
        case .style: "type"
        case .shot: "property"
        case .parameter: "parameter"
        case .prefix: "namespace"
        }
    }
}
