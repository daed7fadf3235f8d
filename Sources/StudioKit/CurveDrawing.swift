// Motions as a terminal plot, as SVG and as CSV.
import Foundation

package enum CurveDrawing {
    /// Channels of one unit share an axis.
    struct Panel {
        var unit: String
        var channels: [DrawnMotion.Channel]
        var low: Double
        var high: Double
        /// Steps of the axis: 1, 2 or 5 times a power of ten.
        var ticks: [Double] {
            let raw = max(high - low, 1e-9) / 4
            let power = pow(10, floor(log10(raw)))
            let step = [1.0, 2, 5, 10].map { $0 * power }.first { $0 >= raw } ?? power * 10
            var result: [Double] = []
            var value = (low / step).rounded(.up) * step
            while value <= high + step * 1e-6, result.count < 20 { result.append(abs(value) < step * 1e-6 ? 0 : value); value += step }
            return result
        }
    }

    /// `isShared`: channels of one unit in one panel.
    static func panels(_ motion: DrawnMotion, isShared: Bool = true) -> [Panel] {
        var result: [Panel] = []
        for channel in motion.channels {
            if isShared, let index = result.firstIndex(where: { $0.unit == channel.unit }) { result[index].channels.append(channel) } else {
                result.append(Panel(unit: channel.unit, channels: [channel], low: 0, high: 0))
            }
        }
        for index in result.indices {
            let values = result[index].channels.flatMap(\.values)
            var low = values.min() ?? 0, high = values.max() ?? 0
            if result[index].unit.isEmpty { (low, high) = (min(low, 0), max(high, 1)) } else { (low, high) = (min(low, 0), max(high, 0)) }
            let room = max((high - low) * 0.08, high == low ? 1 : 0)
            (result[index].low, result[index].high) = (low - room, high + room)
        }
        return result
    }

    static func number(_ value: Double) -> String {
        var text = String(format: "%.3f", value)
        while text.hasSuffix("0") { text.removeLast() }
        if text.hasSuffix(".") { text.removeLast() }
        return text == "-0" ? "0" : text
    }
    private static func heading(_ motion: DrawnMotion) -> String {
        "\(motion.kind) \(motion.name)  \(number(motion.times.last ?? 0)) s" + (motion.note.isEmpty ? "" : "  (\(motion.note))")
    }

    // MARK: terminal

    /// Braille dots, two by four in a character; one plot a channel.
    package static func terminal(_ motion: DrawnMotion, width: Int) -> String {
        let columns = max(20, min(width, 240) - 11), rows = 8
        var lines = [heading(motion)]
        for panel in panels(motion, isShared: false) {
            for channel in panel.channels {
                lines.append("  \(channel.name)" + (panel.unit.isEmpty ? "" : " (\(panel.unit))"))
                var cells = [[UInt32]](repeating: [UInt32](repeating: 0, count: columns), count: rows)
                func row(_ value: Double) -> Int { min(max(Int(((panel.high - value) / (panel.high - panel.low) * Double(4 * rows - 1)).rounded()), 0), 4 * rows - 1) }
                func dot(_ x: Int, _ y: Int) {
                    let bits: [[UInt32]] = [[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]]
                    cells[y / 4][x / 2] |= bits[y % 4][x % 2]
                }
                var last: Int?
                for x in 0..<(2 * columns) {
                    let position = Double(x) / Double(2 * columns - 1) * Double(max(channel.values.count - 1, 0))
                    let y = row(channel.values[min(Int(position.rounded()), channel.values.count - 1)])
                    for between in min(last ?? y, y)...max(last ?? y, y) { dot(x, between) }
                    last = y
                }
                let zero = panel.low < 0 && panel.high > 0 ? row(0) / 4 : rows - 1
                for (index, cell) in cells.enumerated() {
                    let label = index == 0 ? number(panel.high) : index == rows - 1 ? number(panel.low) : index == zero ? "0" : ""
                    let plot = String(String.UnicodeScalarView(cell.compactMap { Unicode.Scalar(0x2800 + $0) }))
                    lines.append(String(repeating: " ", count: max(0, 9 - label.count)) + label + "│" + plot)
                }
            }
        }
        let end = number(motion.times.last ?? 0) + " s"
        lines.append(String(repeating: " ", count: 9) + "└" + "0" + String(repeating: "─", count: max(1, columns - 1 - end.count)) + end)
        return lines.joined(separator: "\n") + "\n"
    }

    // MARK: tables

    /// A line a frame: the motion's name, the time, then the channels; motions with different channels follow each other.
    package static func csv(_ motions: [DrawnMotion]) -> String {
        var lines: [String] = []
        for motion in motions {
            if motions.count > 1 { lines.append("# \(motion.kind) \(motion.name)") }
            lines.append((["time"] + motion.channels.map { $0.name + ($0.unit.isEmpty ? "" : "_" + $0.unit) }).joined(separator: ","))
            for (index, time) in motion.times.enumerated() {
                lines.append(([String(format: "%.6f", time)] + motion.channels.map { String(format: "%.6f", $0.values[index]) }).joined(separator: ","))
            }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    // MARK: SVG

    static let colors = ["#d1495b", "#2e86ab", "#3c9d5d", "#b07d00", "#7c5cbf", "#4a6670"]
    static let plotWidth = 760.0, panelHeight = 170.0, left = 64.0, top = 40.0, gap = 46.0

    static func escape(_ text: String) -> String {
        text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;").replacing("\"", with: "&quot;")
    }

    /// Heights of one motion's drawing.
    static func height(_ motion: DrawnMotion) -> Double { top + Double(panels(motion).count) * (panelHeight + gap) + 6 }

    package static func svg(_ motions: [DrawnMotion]) -> String {
        let width = left + plotWidth + 28
        let whole = motions.reduce(0) { $0 + height($1) } + 10
        var text = "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"\(number(width))\" height=\"\(number(whole))\" viewBox=\"0 0 \(number(width)) \(number(whole))\" font-family=\"sans-serif\" font-size=\"12\">\n"
        text += "<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n"
        var y = 0.0
        for motion in motions {
            text += svg(motion, at: y)
            y += height(motion)
        }
        return text + "</svg>\n"
    }

    private static func svg(_ motion: DrawnMotion, at offset: Double) -> String {
        var text = "<text x=\"16\" y=\"\(number(offset + 18))\" font-size=\"15\" font-weight=\"bold\" fill=\"#1c2430\">\(escape(motion.name))</text>"
        text += "<text x=\"\(number(left + plotWidth))\" y=\"\(number(offset + 18))\" text-anchor=\"end\" fill=\"#667080\">\(escape(motion.kind)), \(escape(motion.note))</text>\n"
        let end = max(motion.times.last ?? 0, 1e-9)
        for (index, panel) in panels(motion).enumerated() {
            let top = offset + self.top + Double(index) * (panelHeight + gap)
            func px(_ time: Double) -> Double { left + time / end * plotWidth }
            func py(_ value: Double) -> Double { top + (panel.high - value) / (panel.high - panel.low) * panelHeight }
            text += "<rect x=\"\(number(left))\" y=\"\(number(top))\" width=\"\(number(plotWidth))\" height=\"\(number(panelHeight))\" fill=\"#f6f7f9\" stroke=\"#d5dae1\"/>\n"
            for tick in panel.ticks {
                text += "<line x1=\"\(number(left))\" x2=\"\(number(left + plotWidth))\" y1=\"\(number(py(tick)))\" y2=\"\(number(py(tick)))\" stroke=\"\(tick == 0 ? "#9aa3af" : "#e1e5ea")\"/>"
                text += "<text x=\"\(number(left - 6))\" y=\"\(number(py(tick) + 4))\" text-anchor=\"end\" fill=\"#667080\">\(number(tick))\(escape(panel.unit == "deg" ? "°" : panel.unit))</text>\n"
            }
            for tick in Panel(unit: "", channels: [], low: 0, high: end).ticks {
                text += "<line x1=\"\(number(px(tick)))\" x2=\"\(number(px(tick)))\" y1=\"\(number(top))\" y2=\"\(number(top + panelHeight))\" stroke=\"#e9ecf0\"/>"
                text += "<text x=\"\(number(px(tick)))\" y=\"\(number(top + panelHeight + 16))\" text-anchor=\"middle\" fill=\"#667080\">\(number(tick)) s</text>\n"
            }
            for key in motion.keys where key >= 0 && key <= end {
                text += "<line x1=\"\(number(px(key)))\" x2=\"\(number(px(key)))\" y1=\"\(number(top))\" y2=\"\(number(top + panelHeight))\" stroke=\"#9aa3af\" stroke-dasharray=\"2 4\"/>\n"
            }
            for (k, channel) in panel.channels.enumerated() {
                let points = zip(motion.times, channel.values).map { "\(number(px($0))),\(number(py($1)))" }.joined(separator: " ")
                let color = colors[k % colors.count]
                text += "<polyline fill=\"none\" stroke=\"\(color)\" stroke-width=\"2\" stroke-linejoin=\"round\" points=\"\(points)\"/>"
                text += "<text x=\"\(number(left + Double(k) * 70))\" y=\"\(number(top - 6))\" fill=\"\(color)\" font-weight=\"bold\">\(escape(channel.name))</text>\n"
            }
        }
        return text
    }
}
