// Motions as a picture: the same plot as the SVG, in pixels.
import Foundation
import Imaging
import Typography

extension CurveDrawing {
    /// The plots below each other on white.
    package static func picture(_ motions: [DrawnMotion]) throws -> Frame {
        let width = Int(left + plotWidth + 28)
        let whole = Int(motions.reduce(0) { $0 + height($1) }) + 10
        guard whole <= 16_384 else { throw StudioFailure(2, "\(motions.count) motions do not fit into one picture", advice: "name one: studio curve FILE NAME, or write an .svg") }
        let canvas = PlotCanvas(width: width, height: whole)
        var y = 0.0
        for motion in motions {
            try draw(motion, at: y, on: canvas)
            y += height(motion)
        }
        return canvas.frame()
    }

    private static func draw(_ motion: DrawnMotion, at offset: Double, on canvas: PlotCanvas) throws {
        let grey = SIMD3<Float>(0.4, 0.44, 0.5)
        try canvas.text(motion.name, x: 16, y: offset + 2, size: 16, SIMD3(0.11, 0.14, 0.19))
        try canvas.text("\(motion.kind), \(motion.note)", x: left + plotWidth, y: offset + 4, size: 12, grey, anchor: 1)
        let end = max(motion.times.last ?? 0, 1e-9)
        for (index, panel) in panels(motion).enumerated() {
            let top = offset + self.top + Double(index) * (panelHeight + gap)
            func px(_ time: Double) -> Double { left + time / end * plotWidth }
            func py(_ value: Double) -> Double { top + (panel.high - value) / (panel.high - panel.low) * panelHeight }
            canvas.fill(x: left, y: top, width: plotWidth, height: panelHeight, SIMD3(0.965, 0.97, 0.976))
            for tick in panel.ticks {
                canvas.fill(x: left, y: py(tick) - 0.5, width: plotWidth, height: 1, tick == 0 ? SIMD3(0.6, 0.64, 0.69) : SIMD3(0.88, 0.9, 0.92))
                try canvas.text(number(tick) + (panel.unit == "deg" ? "°" : panel.unit), x: left - 6, y: py(tick) - 9, size: 12, grey, anchor: 1)
            }
            for tick in Panel(unit: "", channels: [], low: 0, high: end).ticks {
                canvas.fill(x: px(tick) - 0.5, y: top, width: 1, height: panelHeight, SIMD3(0.91, 0.925, 0.94))
                try canvas.text(number(tick) + " s", x: px(tick), y: top + panelHeight + 3, size: 12, grey, anchor: 0.5)
            }
            for key in motion.keys where key >= 0 && key <= end {
                for dash in stride(from: top, to: top + panelHeight, by: 6) { canvas.fill(x: px(key) - 0.5, y: dash, width: 1, height: 2, SIMD3(0.6, 0.64, 0.69)) }
            }
            for (k, channel) in panel.channels.enumerated() {
                let color = rgb(colors[k % colors.count])
                canvas.line(zip(motion.times, channel.values).map { (px($0), py($1)) }, color)
                try canvas.text(channel.name, x: left + Double(k) * 70, y: top - 17, size: 12, color)
            }
        }
    }

    private static func rgb(_ hex: String) -> SIMD3<Float> {
        let value = Int(hex.dropFirst(), radix: 16) ?? 0
        return SIMD3(Float(value >> 16 & 255), Float(value >> 8 & 255), Float(value & 255)) / 255
    }
}

/// A white sheet for lines and words.
final class PlotCanvas {
    let width: Int
    let height: Int
    private var pixels: [SIMD3<Float>]
    private var words: [(frame: Frame, x: Double, y: Double)] = []

    init(width: Int, height: Int) {
        self.width = width
        self.height = height
        pixels = [SIMD3<Float>](repeating: SIMD3(repeating: 1), count: width * height)
    }

    private func mix(_ x: Int, _ y: Int, _ color: SIMD3<Float>, _ share: Double) {
        guard x >= 0, y >= 0, x < width, y < height, share > 0 else { return }
        let old = pixels[y * width + x]
        pixels[y * width + x] = old + (color - old) * Float(min(share, 1))
    }

    /// A rectangle with soft edges where it does not lie on whole pixels.
    func fill(x: Double, y: Double, width: Double, height: Double, _ color: SIMD3<Float>) {
        for row in max(Int(y.rounded(.down)), 0)...max(Int((y + height).rounded(.up)), 0) {
            let tall = min(y + height, Double(row + 1)) - max(y, Double(row))
            guard tall > 0, row < self.height else { continue }
            for column in max(Int(x.rounded(.down)), 0)...max(Int((x + width).rounded(.up)), 0) {
                let wide = min(x + width, Double(column + 1)) - max(x, Double(column))
                if wide > 0 { mix(column, row, color, wide * tall) }
            }
        }
    }

    /// A line two pixels wide through points that go to the right.
    func line(_ points: [(Double, Double)], _ color: SIMD3<Float>) {
        guard let first = points.first, let last = points.last else { return }
        var segment = 0
        for column in Int(first.0.rounded(.down))...Int(last.0.rounded(.up)) {
            // A little wider than the column, so that steep lines are not thinner than flat ones.
            let x0 = Double(column) - 0.5, x1 = Double(column + 1) + 0.5
            while segment + 1 < points.count - 1, points[segment + 1].0 < x0 { segment += 1 }
            var low = Double.infinity, high = -Double.infinity
            var k = segment
            while k + 1 < points.count, points[k].0 <= x1 {
                let (a, b) = (points[k], points[k + 1])
                let from = max(a.0, x0), to = min(b.0, x1)
                if to >= from {
                    for x in [from, to] {
                        let share = b.0 > a.0 ? (x - a.0) / (b.0 - a.0) : 0
                        let y = a.1 + (b.1 - a.1) * share
                        (low, high) = (min(low, y), max(high, y))
                    }
                }
                k += 1
            }
            if points.count == 1 { (low, high) = (first.1, first.1) }
            if low <= high { fill(x: Double(column), y: low - 1, width: 1, height: high - low + 2, color) }
        }
    }

    /// `anchor`: 0 begins at x, 1 ends there.
    func text(_ string: String, x: Double, y: Double, size: Double, _ color: SIMD3<Float>, anchor: Double = 0) throws {
        var setting = TextSetting()
        setting.size = size
        setting.color = InkColor(color.x, color.y, color.z, 1)
        do {
            let painted = try TextPainter.paint(TextBlock(paragraphs: [(text: string, setting: setting)])).frame
            words.append((painted, (x - anchor * Double(painted.width)).rounded(), y.rounded()))
        } catch { throw StudioFailure.of(error) }
    }

    func frame() -> Frame {
        let builder = FrameBuilder(width: width, height: height)
        let target = builder.pixels
        for (index, color) in pixels.enumerated() {
            (target[4 * index], target[4 * index + 1], target[4 * index + 2], target[4 * index + 3]) = (color.x, color.y, color.z, 1)
        }
        for word in words {
            word.frame.withPixels { source in
                for row in 0..<word.frame.height {
                    for column in 0..<word.frame.width {
                        let (x, y) = (Int(word.x) + column, Int(word.y) + row)
                        guard x >= 0, y >= 0, x < width, y < height else { continue }
                        let from = 4 * (row * word.frame.width + column), to = 4 * (y * width + x)
                        let alpha = source[from + 3]
                        for channel in 0..<3 { target[to + channel] = source[from + channel] + target[to + channel] * (1 - alpha) }
                    }
                }
            }
        }
        return builder.freeze()
    }
}
