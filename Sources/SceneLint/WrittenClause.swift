// Clauses as they stand in the text, with the blocks around them; and how to take one out.
import Diagnostics
import SceneModel
import SceneSyntax

/// A clause and the kind of block it stands in.
struct WrittenClause: Sendable {
    var clause: Clause
    var context: ClauseContext
    /// Index of the clause around it in the list; nil at the top of the file.
    var parent: Int?
    /// Clauses beside it in its block, itself included.
    var siblings: Int

    /// All clauses of a file, outer ones before inner ones.
    static func all(_ tree: SyntaxTree) -> [WrittenClause] {
        var result: [WrittenClause] = []
        func add(_ clauses: [Clause], _ context: ClauseContext, _ parent: Int?) {
            for clause in clauses {
                result.append(WrittenClause(clause: clause, context: context, parent: parent, siblings: clauses.count))
                if let block = clause.block, let inner = inner(of: clause, in: context) { add(block.clauses, inner, result.count - 1) }
            }
        }
        add(tree.clauses, .file, nil)
        return result
    }

    /// The kind of a clause's block; nil where it has none.
    static func inner(of clause: Clause, in context: ClauseContext) -> ClauseContext? {
        switch (clause.word, context) {
        case ("captions", .file): return .captionsAsset
        case ("path", .file), ("blink", .file), ("curve", .file):
            let isFile = clause.arguments.contains { $0.isMark("=") }
            return isFile ? .motionFile : ClauseContext(rawValue: clause.word)
        case ("pose", .actor): return .path
        case ("blinks", .actor): return .blink
        case ("opacity", _), ("volume", _): return .curve
        default: return ClauseContext(rawValue: clause.word)
        }
    }
}

extension LintContext {
    /// Takes a clause out of the text with its separator, and the block around it where that would be left empty and may go.
    func removal(of index: Int) -> TextEdit? {
        guard let tree = document.trees.first else { return nil }
        let written = clauses[index]
        if written.siblings == 1, let parent = written.parent, let block = clauses[parent].clause.block, !hasComments(clauses[parent].clause, tree) {
            // The last clause of a block that may go as a whole.
            let schema = ClauseRegistry.schema(clauses[parent].clause.word, in: clauses[parent].context)
            guard schema?.block == .optional else { return nil }
            return TextEdit(TextRange(clauses[parent].clause.headRange.end, block.range.end), "")
        }
        return TextEdit(Self.span(of: written.clause.range, tree), "")
    }

    private func hasComments(_ clause: Clause, _ tree: SyntaxTree) -> Bool {
        tree.tokens[clause.tokens].contains { $0.kind == .lineComment || $0.kind == .blockComment }
    }

    /// A clause with its `;`, or with its whole line where it stands alone on it.
    static func span(of range: TextRange, _ tree: SyntaxTree) -> TextRange {
        let bytes = tree.file.bytes
        var start = range.start, end = range.end
        func isSpace(_ at: Int) -> Bool { at >= 0 && at < bytes.count && (bytes[at] == 0x20 || bytes[at] == 0x09) }
        while isSpace(end) { end += 1 }
        if end < bytes.count, bytes[end] == 0x3B {
            end += 1
            while isSpace(end) { end += 1 }
            return TextRange(start, end)
        }
        while isSpace(start - 1) { start -= 1 }
        if start > 0, bytes[start - 1] == 0x3B {
            start -= 1
            while isSpace(start - 1) { start -= 1 }
            return TextRange(start, range.end)
        }
        let beginsLine = start == 0 || bytes[start - 1] == 0x0A
        if beginsLine, end >= bytes.count { return TextRange(start, end) }
        if beginsLine, bytes[end] == 0x0A { return TextRange(start, end + 1) }
        if beginsLine, bytes[end] == 0x0D, end + 1 < bytes.count, bytes[end + 1] == 0x0A { return TextRange(start, end + 2) }
        return range
    }
}
