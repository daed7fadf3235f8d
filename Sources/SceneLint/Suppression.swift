// `// studio:allow ID reason` above a clause silences one warning there.
import Diagnostics
import SceneModel
import SceneSyntax

enum Suppression {
    private struct Allow {
        var id: String
        var file: SourceFile
        var comment: TextRange
        /// Of the id in the comment.
        var idRange: TextRange
        /// The clause below it.
        var clause: TextRange?
        var hasReason: Bool
        var isUsed = false
    }
    private struct Key: Hashable {
        var file: ObjectIdentifier
        var id: String
    }

    /// The findings that stay, and warnings on allows that silence nothing. `findings` stand in the order of the text.
    static func apply(_ findings: [Diagnostic], _ trees: [SyntaxTree]) -> [Diagnostic] {
        var allows = trees.flatMap(allows)
        guard !allows.isEmpty else { return findings }
        var byKey: [Key: [Int]] = [:]
        for index in allows.indices where allows[index].hasReason && allows[index].clause != nil {
            byKey[Key(file: ObjectIdentifier(allows[index].file), id: allows[index].id), default: []].append(index)
        }
        // Clauses lie inside each other or apart: one walk over both lists with the allows that are open.
        var next: [Key: Int] = [:]
        var open: [Key: [Int]] = [:]
        var sink = DiagnosticSink()
        for finding in findings {
            let key = Key(file: ObjectIdentifier(finding.primary.file), id: finding.id)
            guard finding.severity != .error, let list = byKey[key] else { sink.report(finding); continue }
            let range = finding.primary.range
            while let index = list.indices.contains(next[key, default: 0]) ? list[next[key, default: 0]] : nil,
                  let clause = allows[index].clause, clause.start <= range.start {
                open[key, default: []].append(index)
                next[key, default: 0] += 1
            }
            while let last = open[key]?.last, let clause = allows[last].clause, clause.end <= range.start { open[key]?.removeLast() }
            let match = open[key]?.last { index in allows[index].clause.map { range.end <= $0.end } ?? false }
            if let match { allows[match].isUsed = true } else { sink.report(finding) }
        }
        for allow in allows where !allow.isUsed { sink.report(complaint(allow, trees)) }
        return sink.inTextOrder
    }

    private static func complaint(_ allow: Allow, _ trees: [SyntaxTree]) -> Diagnostic {
        let label = Label(allow.file, allow.comment)
        if Explanation.kind(of: allow.id) == nil {
            let near = Suggestion.nearest(to: allow.id, in: Explanation.ids)
            return Diagnostic("unknown-allow", .warning, allow.id.isEmpty ? "an allow names what it allows" : "there is no finding `\(allow.id)`", at: label,
                              help: near.map { "did you mean `\($0)`?" } ?? "write `// studio:allow ID because …`",
                              fix: near.map { .rename(allow.idRange, to: $0) })
        }
        if !allow.hasReason {
            return Diagnostic("allow-without-reason", .warning, "an allow says why", at: label, help: "write `// studio:allow \(allow.id) because …`")
        }
        let tree = trees.first { $0.file === allow.file }
        let edit = TextEdit(tree.map { LintContext.span(of: allow.comment, $0) } ?? allow.comment, "")
        return Diagnostic("unused-allow", .warning, "this allow silences nothing", at: label, help: "remove it",
                          fix: Fix("remove the comment", edits: [edit]))
    }

    private static func allows(_ tree: SyntaxTree) -> [Allow] {
        var result: [Allow] = []
        var clauses: [TextRange]?
        for comment in tree.comments where comment.kind == .lineComment {
            let text = tree.file.text(comment.range)
            let words = text.dropFirst(2).split(separator: " ", maxSplits: 2, omittingEmptySubsequences: true)
            guard words.first == "studio:allow" else { continue }
            let ranges = clauses ?? sorted(tree)
            clauses = ranges
            // The first clause behind the comment.
            var (low, high) = (0, ranges.count)
            while low < high {
                let middle = (low + high) / 2
                if ranges[middle].start < comment.range.end { low = middle + 1 } else { high = middle }
            }
            let id = words.count > 1 ? words[1] : ""
            let at = words.count > 1 ? comment.range.start + text.utf8.distance(from: text.startIndex, to: id.startIndex) : comment.range.end
            result.append(Allow(id: String(id), file: tree.file, comment: comment.range, idRange: TextRange(at, at + id.utf8.count),
                                clause: low < ranges.count ? ranges[low] : nil, hasReason: words.count > 2))
        }
        return result
    }

    private static func sorted(_ tree: SyntaxTree) -> [TextRange] {
        var ranges: [TextRange] = []
        func collect(_ clauses: [Clause]) {
            for clause in clauses {
                ranges.append(clause.range)
                if let block = clause.block { collect(block.clauses) }
            }
        }
        collect(tree.clauses)
        return ranges.sorted { $0.start < $1.start }
    }
}
