// The render graph as a list of nodes: for text, Graphviz, JSON and a drawing.
import Base
import Foundation
import RenderGraph
import SceneCompiler
import SceneModel

/// One node of the tree below the film.
package struct GraphEntry: Sendable, Encodable {
    package var id: Int
    package var kind: String
    package var summary: String
    /// Nodes whose pictures it takes, from the bottom up.
    package var inputs: [Int]
    /// `file:line` of the clause that asked for it.
    package var origin: String?
    /// Frames in which it is asked for; half open.
    package var firstFrame = 0
    package var endFrame = 0
    /// Seconds of one frame, inputs included, and without them; where they were measured.
    package var seconds: Double?
    package var ownSeconds: Double?
    /// The frame that was measured.
    package var frame: Int?
}

package enum GraphWork {
    /// All nodes, the film first. `cost`: draws one frame of every node and times it.
    package static func entries(_ scene: CompiledScene, cost: Bool, threads: Int) throws -> [GraphEntry] {
        var result: [GraphEntry] = []
        let session = RenderSession(budget: ComputeBudget(threads: threads))
        let clock = ContinuousClock()
        func visit(_ node: any PictureNode, _ frames: Range<Int>, isFilm: Bool) throws -> Int {
            let id = result.count, frame = frames.isEmpty ? 0 : (frames.lowerBound + frames.upperBound) / 2
            let origin = node.origin.map { "\($0.label.file.path):\($0.label.file.position(of: $0.label.range.start).line)" }
            result.append(GraphEntry(id: id, kind: node.kind, summary: node.summary, inputs: [], origin: origin, firstFrame: frames.lowerBound, endFrame: frames.upperBound))
            for (index, input) in node.inputs.enumerated() {
                // Everything is looked at in the middle of the time in which it is on.
                let shots = scene.timeline.shots
                result[id].inputs.append(try visit(input, node.frames(ofInput: index, frames), isFilm: false))
                if isFilm, shots.indices.contains(index) {
                    let name = shots[index].shot.name ?? "\(index + 1)"
                    let child = result[id].inputs[index]
                    result[child].summary = "\(name), " + result[child].summary
                }
            }
            guard cost else { return id }
            do {
                // The first time fills caches and opens files; of the others the shortest was disturbed least.
                _ = try session.picture(node, frame)
                var best = Duration.seconds(1_000_000)
                for _ in 0..<3 { best = min(best, try clock.measure { _ = try session.picture(node, frame) }) }
                result[id].seconds = Double(best.components.seconds) + Double(best.components.attoseconds) * 1e-18
            } catch { throw StudioFailure.of(error) }
            let inputs = result[id].inputs.compactMap { result[$0].seconds }.reduce(0, +)
            result[id].ownSeconds = max(0, (result[id].seconds ?? 0) - inputs)
            result[id].frame = frame
            return id
        }
        _ = try visit(scene.root, 0..<scene.timeline.frameCount, isFilm: true)
        return result
    }

    private static func milliseconds(_ seconds: Double?) -> String? { seconds.map { String(format: "%.1f ms", $0 * 1000) } }

    /// An indented tree.
    package static func text(_ entries: [GraphEntry]) -> String {
        var lines: [String] = []
        func walk(_ id: Int, _ depth: Int) {
            let entry = entries[id]
            var line = String(repeating: "  ", count: depth) + entry.kind + (entry.summary.isEmpty ? "" : "  " + entry.summary)
            if let own = milliseconds(entry.ownSeconds), let all = milliseconds(entry.seconds) { line += "  \(own)" + (entry.inputs.isEmpty ? "" : " of \(all)") }
            lines.append(line)
            for input in entry.inputs { walk(input, depth + 1) }
        }
        if !entries.isEmpty { walk(0, 0) }
        return lines.joined(separator: "\n") + "\n"
    }

    /// Graphviz.
    package static func dot(_ entries: [GraphEntry]) -> String {
        func quoted(_ text: String) -> String { text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: " ") }
        var lines = ["digraph scene {", "  rankdir=LR; node [shape=box, fontname=\"sans\"];"]
        for entry in entries {
            let parts = [entry.kind, entry.summary, milliseconds(entry.ownSeconds) ?? ""].filter { !$0.isEmpty }.map(quoted)
            lines.append("  n\(entry.id) [label=\"\(parts.joined(separator: "\\n"))\"];")
            for input in entry.inputs { lines.append("  n\(entry.id) -> n\(input);") }
        }
        return (lines + ["}"]).joined(separator: "\n") + "\n"
    }

    package static func json(_ entries: [GraphEntry]) throws -> String {
        struct Document: Encodable {
            var version = 1
            var nodes: [GraphEntry]
        }
        do { return try JSONText.of(Document(nodes: entries)) + "\n" } catch { throw StudioFailure.of(error) }
    }
}
