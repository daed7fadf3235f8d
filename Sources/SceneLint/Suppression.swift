// `// studio:allow ID reason` above a clause silences one warning there.
import Diagnostics
import SceneModel
import SceneSyntax

enum Suppression {
    private struct Allow {
        var id: String
        var file: SourceFile
        var comment: TextRange
        /// The clause below it.
        var clause: TextRange?
        var hasReason: Bool
        var isUsed = false
    }

    /// The findings that stay, and warnings on allows that silence nothing.
    static func apply(_ findings: [Diagnostic], _ trees: [SyntaxTree]) -> [Diagnostic] {
        var allows = trees.flatMap(allows)
        guard !allows.isEmpty else { return findings }
        var sink = DiagnosticSink()
        for finding in findings {
            let range = finding.primary.range
            let match = allows.indices.first { index in
                let allow = allows[index]
                guard finding.severity != .error, allow.id == finding.id, allow.hasReason, allow.file === finding.primary.file, let clause = allow.clause else { return false }
                return clause.start <= range.start && range.end <= clause.end
            }
            if let match { allows[match].isUsed = true } else { sink.report(finding) }
        }
        for allow in allows where !allow.isUsed {
            let label = Label(allow.file, allow.comment)
            if !allow.hasReason {
                sink.report(Diagnostic("allow-without-reason", .warning, "an allow says why", at: label, help: "write `// studio:allow \(allow.id) because …`"))
            } else {
                sink.report(Diagnostic("unused-allow", .warning, "this allow silences nothing", at: label, help: "remove it"))
            }
        }
        return sink.inTextOrder
    }

    private static func allows(_ tree: SyntaxTree) -> [Allow] {
        var result: [Allow] = []
        var all: [TextRange] = []
        collect(tree.clauses, &all)
        let clauses = all.sorted { $0.start < $1.start }
        for comment in tree.comments where comment.kind == .lineComment {
            let words = tree.file.text(comment.range).dropFirst(2).split(separator: " ", maxSplits: 2)
            guard words.first == "studio:allow" else { continue }
            let below = clauses.first { $0.start >= comment.range.end }
            result.append(Allow(id: words.count > 1 ? String(words[1]) : "", file: tree.file, comment: comment.range, clause: below, hasReason: words.count > 2))
        }
        return result
    }
    private static func collect(_ clauses: [Clause], _ ranges: inout [TextRange]) {
        for clause in clauses {
            ranges.append(clause.range)
            if let block = clause.block { collect(block.clauses, &ranges) }
        }
    }
}
