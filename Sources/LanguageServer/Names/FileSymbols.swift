// What one file declares, imports and refers to.
import Diagnostics
import SceneModel
import SceneSyntax

/// What a name stands for.
package enum SymbolKind: Hashable, Sendable {
    case parameter, style, shot, prefix
    case asset(AssetKind)
    case motion(MotionDeclaration.Kind)

    package var word: String {
        switch self {
        case .parameter: "param"
        case .style: "style"
        case .shot: "shot"
        case .prefix: "import"
        case .asset(let kind): kind.rawValue
        case .motion(let kind): kind.rawValue
        }
    }
}

struct SymbolDeclaration {
    var name: String
    var kind: SymbolKind
    var nameRange: TextRange
    var clause: Clause
}

/// A name in use, without an event behind it.
struct SymbolReference {
    var parts: [String]
    var range: TextRange
    /// What may stand there; empty: a param.
    var kinds: Set<SymbolKind>

    /// Where each part stands.
    var partRanges: [TextRange] {
        var start = range.start
        return parts.map { part in
            let own = TextRange(start, start + part.utf8.count)
            start = own.end + 1
            return own
        }
    }
}

struct ImportedFile {
    /// Normalised, from the folder of the file that imports it.
    var path: String
    var prefix: String?
    var pathRange: TextRange
    var clauseRange: TextRange
}

/// Names of one file. Duplicates keep the first, as the loader does.
final class FileSymbols {
    let file: SourceFile
    let tree: SyntaxTree
    private(set) var declarations: [String: SymbolDeclaration] = [:]
    private(set) var order: [String] = []
    private(set) var imports: [ImportedFile] = []
    /// In the order of the text.
    private(set) var references: [SymbolReference] = []

    init(_ tree: SyntaxTree) {
        self.tree = tree
        file = tree.file
        for clause in tree.clauses { declare(clause) }
        tree.forEachClause { collect($0) }
        references.sort { $0.range.start < $1.range.start }
    }

    func isParameter(_ name: String) -> Bool { declarations[name]?.kind == .parameter }

    private func declare(_ clause: Clause) {
        if clause.word == "import" {
            addImport(clause)
            return
        }
        guard let kind = Self.kind(clause.word), let first = clause.arguments.first, let name = first.word, !(kind == .shot && name == "for") else { return }
        add(SymbolDeclaration(name: name, kind: kind, nameRange: first.range, clause: clause))
    }

    private func add(_ declaration: SymbolDeclaration) {
        guard declarations[declaration.name] == nil else { return }
        declarations[declaration.name] = declaration
        order.append(declaration.name)
    }

    private func addImport(_ clause: Clause) {
        guard let first = clause.arguments.first, case .string(let parts) = first.value else { return }
        let written = parts.map { if case .text(let text) = $0 { text } else { "" } }.joined()
        var entry = ImportedFile(path: AssetPath.join(written, relativeToFile: file.path), prefix: nil, pathRange: first.range, clauseRange: clause.headRange)
        if clause.arguments.count >= 3, clause.arguments[1].word == "as", let prefix = clause.arguments[2].word {
            entry.prefix = prefix
            add(SymbolDeclaration(name: prefix, kind: .prefix, nameRange: clause.arguments[2].range, clause: clause))
        }
        imports.append(entry)
    }

    private static func kind(_ word: String) -> SymbolKind? {
        if let kind = AssetKind(rawValue: word) { return .asset(kind) }
        if let kind = MotionDeclaration.Kind(rawValue: word) { return .motion(kind) }
        return word == "param" ? .parameter : word == "style" ? .style : word == "shot" ? .shot : nil
    }

    // MARK: uses

    private func collect(_ placed: PlacedClause) {
        let clause = placed.clause
        guard let shape = ClauseShapes.shape(clause.word, in: placed.context) else { return }
        let match = shape.match(clause.arguments, isParameter: isParameter)
        for (index, argument) in clause.arguments.enumerated() {
            let isName = placed.context == .file && (index == 0 || clause.word == "import") && Self.kind(clause.word) != nil
            collect(argument, match.types[index] ?? [], isWord: match.words.contains(index) || isName || clause.word == "import")
        }
    }

    private func collect(_ argument: Argument, _ types: Set<ValueType>, isWord: Bool) {
        switch argument.value {
        case .name(let parts):
            if parts.count > 1, TimeExpression.Event(rawValue: parts[parts.count - 1]) != nil, types.contains(.time) || types.isEmpty {
                event(parts, argument.range)
                return
            }
            let kinds = types.reduce(into: Set<SymbolKind>()) { $0.formUnion($1.kinds) }
            if !kinds.isEmpty {
                references.append(SymbolReference(parts: parts, range: argument.range, kinds: kinds))
            } else if parts.count == 1, !isWord, types != [.name], isParameter(parts[0]) {
                references.append(SymbolReference(parts: parts, range: argument.range, kinds: []))
            }
        case .string(let parts):
            for case .parameter(let name, let range) in parts {
                // `\(name)`, perhaps with spaces around the name.
                let text = Array(file.text(range).utf8)
                let lead = 2 + text.dropFirst(2).prefix { $0 == 0x20 }.count
                let start = range.start + lead
                references.append(SymbolReference(parts: [name], range: TextRange(start, start + name.utf8.count), kinds: []))
            }
        case .sum(let terms): for term in terms { collect(term.argument, [.time], isWord: false) }
        case .tolerance(let inner): collect(inner, [.time], isWord: false)
        case .call(_, let inner): for argument in inner { collect(argument, [.number], isWord: false) }
        default: break
        }
    }

    private func event(_ parts: [String], _ range: TextRange) {
        let subject = Array(parts.dropLast())
        guard subject != ["shot"] else { return }
        let length = subject.reduce(0) { $0 + $1.utf8.count } + subject.count - 1
        references.append(SymbolReference(parts: subject, range: TextRange(range.start, range.start + length), kinds: [.asset(.audio), .asset(.video), .shot]))
    }
}
