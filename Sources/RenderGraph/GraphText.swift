// The graph as text, for people, Graphviz and programs.

/// Exports of a graph.
package enum GraphText {
    private static func walk(_ root: any PictureNode, _ visit: (Int, any PictureNode, Int?) -> Void) {
        var counter = 0
        func step(_ node: any PictureNode, _ parent: Int?) {
            let own = counter
            counter += 1
            visit(own, node, parent)
            for input in node.inputs { step(input, own) }
        }
        step(root, nil)
    }

    /// An indented tree.
    package static func text(_ root: any PictureNode) -> String {
        var depth: [Int: Int] = [:]
        var lines: [String] = []
        walk(root) { id, node, parent in
            depth[id] = parent.map { (depth[$0] ?? 0) + 1 } ?? 0
            lines.append(String(repeating: "  ", count: depth[id] ?? 0) + node.kind + (node.summary.isEmpty ? "" : "  " + node.summary))
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// Graphviz.
    package static func dot(_ root: any PictureNode) -> String {
        var lines = ["digraph scene {", "  rankdir=LR; node [shape=box, fontname=\"sans\"];"]
        walk(root) { id, node, parent in
            let label = (node.kind + (node.summary.isEmpty ? "" : "\\n" + node.summary)).replacing("\"", with: "\\\"")
            lines.append("  n\(id) [label=\"\(label)\"];")
            if let parent { lines.append("  n\(id) -> n\(parent);") }
        }
        return (lines + ["}"]).joined(separator: "\n") + "\n"
    }
}
