// The render graph as a drawing: the film on the left, what it is made of to the right, and below each node when it is on.
import Foundation

package enum GraphDrawing {
    private static let box = (width: 208.0, height: 46.0), gap = (x: 64.0, y: 14.0), margin = 24.0, heading = 40.0

    /// Nodes in columns by depth; a parent stands in the middle of its inputs, and nothing overlaps.
    static func places(_ entries: [GraphEntry]) -> [(x: Double, y: Double)] {
        var result = [(x: Double, y: Double)](repeating: (0, 0), count: entries.count)
        var row = 0.0
        func place(_ id: Int, _ depth: Int) {
            let x = margin + Double(depth) * (box.width + gap.x)
            guard let first = entries[id].inputs.first, let last = entries[id].inputs.last else {
                result[id] = (x, row)
                row += box.height + gap.y
                return
            }
            for input in entries[id].inputs { place(input, depth + 1) }
            result[id] = (x, (result[first].y + result[last].y) / 2)
        }
        if !entries.isEmpty { place(0, 0) }
        return result.map { ($0.x, $0.y + margin + heading) }
    }

    package static func svg(_ entries: [GraphEntry], title: String) -> String {
        let places = places(entries)
        let width = (places.map(\.x).max() ?? 0) + box.width + margin, height = (places.map(\.y).max() ?? 0) + box.height + margin
        let most = entries.compactMap(\.ownSeconds).max() ?? 0, film = max(entries.first?.endFrame ?? 0, 1)
        let n = CurveDrawing.number
        var text = "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"\(n(width))\" height=\"\(n(height))\" viewBox=\"0 0 \(n(width)) \(n(height))\" font-family=\"sans-serif\">\n"
        text += "<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n<text x=\"\(n(margin))\" y=\"28\" font-size=\"15\" font-weight=\"bold\" fill=\"#1c2430\">\(CurveDrawing.escape(title))</text>\n"
        let legend = "Left is made of right, the lowest layer first. Bars: " + (most > 0 ? "what a frame costs, beside the dearest node." : "when in the film's \(film) frames it is on.")
        text += "<text x=\"\(n(margin))\" y=\"45\" font-size=\"11\" fill=\"#4b5563\">\(CurveDrawing.escape(legend))</text>\n"
        for entry in entries {
            for input in entry.inputs {
                let (x0, y0) = (places[entry.id].x + box.width, places[entry.id].y + box.height / 2), (x1, y1) = (places[input].x, places[input].y + box.height / 2)
                let bend = gap.x / 2
                text += "<path d=\"M \(n(x0)) \(n(y0)) C \(n(x0 + bend)) \(n(y0)), \(n(x1 - bend)) \(n(y1)), \(n(x1)) \(n(y1))\" fill=\"none\" stroke=\"#a3adba\" stroke-width=\"1.5\"/>\n"
            }
        }
        for entry in entries {
            let (x, y) = places[entry.id]
            let (fill, line) = colors(entry.kind)
            text += "<g><title>\(CurveDrawing.escape([entry.kind, entry.summary, entry.origin ?? ""].filter { !$0.isEmpty }.joined(separator: "\n")))</title>"
            text += "<rect x=\"\(n(x))\" y=\"\(n(y))\" width=\"\(n(box.width))\" height=\"\(n(box.height))\" rx=\"6\" fill=\"\(fill)\" stroke=\"\(line)\"/>"
            text += "<text x=\"\(n(x + 10))\" y=\"\(n(y + 19))\" font-size=\"13\" font-weight=\"bold\" fill=\"#1c2430\">\(CurveDrawing.escape(entry.kind))</text>"
            text += "<text x=\"\(n(x + 10))\" y=\"\(n(y + 34))\" font-size=\"11\" fill=\"#4b5563\">\(CurveDrawing.escape(shortened(entry.summary)))</text>"
            if entry.ownSeconds == nil {
                if let line = entry.origin?.split(separator: ":").last {
                    text += "<text x=\"\(n(x + box.width - 10))\" y=\"\(n(y + 19))\" text-anchor=\"end\" font-size=\"11\" fill=\"#6b7280\">line \(line)</text>"
                }
                let start = Double(entry.firstFrame) / Double(film), length = Double(max(entry.endFrame - entry.firstFrame, 0)) / Double(film)
                text += "<rect x=\"\(n(x + 10 + start * (box.width - 20)))\" y=\"\(n(y + box.height - 6))\" width=\"\(n(max(length * (box.width - 20), 1)))\" height=\"3\" rx=\"1.5\" fill=\"\(line)\"/>"
            }
            if let own = entry.ownSeconds {
                text += "<text x=\"\(n(x + box.width - 10))\" y=\"\(n(y + 19))\" text-anchor=\"end\" font-size=\"11\" fill=\"#4b5563\">\(String(format: "%.1f ms", own * 1000))</text>"
                let share = most > 0 ? own / most : 0
                text += "<rect x=\"\(n(x))\" y=\"\(n(y + box.height - 4))\" width=\"\(n(max(share * box.width, 0)))\" height=\"4\" fill=\"\(line)\"/>"
            }
            text += "</g>\n"
        }
        return text + "</svg>\n"
    }

    /// The end of a path says more than its beginning.
    private static func shortened(_ text: String) -> String {
        guard text.count > 32 else { return text }
        return text.contains("/") ? "…" + text.suffix(31) : text.prefix(31) + "…"
    }

    /// Sources, layers' geometry, and what puts them together.
    private static func colors(_ kind: String) -> (fill: String, line: String) {
        switch kind {
        case "actor": ("#fde8ea", "#d1495b")
        case "footage", "image", "plate", "color": ("#e4f1f8", "#2e86ab")
        case "text", "captions": ("#fdf3dc", "#b07d00")
        case "sequence", "stack": ("#e8f4ec", "#3c9d5d")
        default: ("#f1eff8", "#7c5cbf")
        }
    }
}
