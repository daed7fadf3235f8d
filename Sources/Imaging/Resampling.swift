// Pictures at other sizes and places.
import Base
import Foundation

/// A rectangle in pixels of a canvas, at any fraction.
package struct PixelRect: Sendable, Hashable {
    package var x: Double
    package var y: Double
    package var width: Double
    package var height: Double
    package init(x: Double, y: Double, width: Double, height: Double) {
        self.x = x
        self.y = y
        self.width = max(width, 1)
        self.height = max(height, 1)
    }
    /// A picture of this shape fitted into the rectangle: covering it, contained in it, or stretched to it.
    package func fitting(width w: Int, height h: Int, cover: Bool) -> PixelRect {
        let (sx, sy) = (width / Double(w), height / Double(h))
        let s = cover ? max(sx, sy) : min(sx, sy)
        return PixelRect(x: x + (width - Double(w) * s) / 2, y: y + (height - Double(h) * s) / 2, width: Double(w) * s, height: Double(h) * s)
    }
}

/// Weights of source samples for one target position.
private struct Taps { var first: Int; var weights: [Float] }

extension Frame {
    /// The picture drawn into a rectangle of a canvas: area means when it shrinks, Catmull-Rom when it grows; transparent outside.
    package func drawn(into rect: PixelRect, canvasWidth: Int, canvasHeight: Int) -> Frame {
        let columns = Self.taps(source: width, start: rect.x, length: rect.width, target: canvasWidth)
        let rows = Self.taps(source: height, start: rect.y, length: rect.height, target: canvasHeight)
        // Horizontally first, only the source rows that are needed.
        let middle = Buffer<Float>(count: 4 * canvasWidth * height)
        let source = pixels
        for y in 0..<height {
            for (x, tap) in columns.enumerated() where !tap.weights.isEmpty {
                var sum = SIMD4<Float>.zero
                var p = source + 4 * (y * width + tap.first)
                for w in tap.weights {
                    sum += SIMD4(p[0], p[1], p[2], p[3]) * w
                    p += 4
                }
                let o = middle.pointer + 4 * (y * canvasWidth + x)
                for c in 0..<4 { o[c] = sum[c] }
            }
        }
        let builder = FrameBuilder(width: canvasWidth, height: canvasHeight)
        let out = builder.pixels
        for (y, tap) in rows.enumerated() where !tap.weights.isEmpty {
            let o = out + 4 * y * canvasWidth
            for (k, w) in tap.weights.enumerated() {
                let p = middle.pointer + 4 * (tap.first + k) * canvasWidth
                for i in 0..<(4 * canvasWidth) { o[i] += w * p[i] }
            }
            for i in 0..<(4 * canvasWidth) { o[i] = min(max(o[i], 0), 1) }
        }
        withExtendedLifetime(self) {}
        return builder.freeze()
    }

    private static func taps(source: Int, start: Double, length: Double, target: Int) -> [Taps] {
        let scale = Double(source) / length
        let reach = max(scale, 1) * (scale > 1 ? 0.5 : 2)
        return (0..<target).map { index in
            let position = (Double(index) + 0.5 - start) * scale
            // Only positions whose own pixel touches the rectangle.
            let edge = min(Double(index) + 1, start + length) - max(Double(index), start)
            guard edge > 0 else { return Taps(first: 0, weights: []) }
            let low = Int((position - reach - 0.5).rounded(.down)), high = Int((position + reach + 0.5).rounded(.up))
            var weights: [Int: Float] = [:]
            var total: Float = 0
            for k in low...high {
                let w: Float
                if scale > 1 {
                    let overlap = min(Double(k) + 1, position + reach) - max(Double(k), position - reach)
                    w = Float(max(overlap, 0))
                } else { w = catmullRom(abs(Double(k) + 0.5 - position)) }
                guard w != 0 else { continue }
                weights[min(max(k, 0), source - 1), default: 0] += w
                total += w
            }
            let keys = weights.keys.sorted()
            guard let first = keys.first, let last = keys.last, total != 0 else { return Taps(first: 0, weights: []) }
            let coverage = Float(min(edge, 1))
            return Taps(first: first, weights: (first...last).map { (weights[$0] ?? 0) / total * coverage })
        }
    }

    private static func catmullRom(_ x: Double) -> Float {
        if x < 1 { return Float(1.5 * x * x * x - 2.5 * x * x + 1) }
        if x < 2 { return Float(-0.5 * x * x * x + 2.5 * x * x - 4 * x + 2) }
        return 0
    }

    /// Gaussian blur with a radius in pixels (standard deviation = radius / 2), by three box means; edges repeat.
    package func blurred(radius: Double) -> Frame {
        let sigma = radius / 2
        guard sigma >= 0.3 else { return self }
        let box = max(1, Int(((12 * sigma * sigma / 3 + 1).squareRoot() / 2).rounded()))
        let a = FrameBuilder(copying: self)
        let scratch = Buffer<Float>(count: 4 * max(width, height))
        for _ in 0..<3 {
            for y in 0..<height { Self.boxPass(a.pixels + 4 * y * width, count: width, step: 4, box, scratch.pointer) }
            for x in 0..<width { Self.boxPass(a.pixels + 4 * x, count: height, step: 4 * width, box, scratch.pointer) }
        }
        return a.freeze()
    }

    private static func boxPass(_ line: UnsafeMutablePointer<Float>, count: Int, step: Int, _ radius: Int, _ scratch: UnsafeMutablePointer<Float>) {
        func value(_ i: Int) -> SIMD4<Float> {
            let p = line + min(max(i, 0), count - 1) * step
            return SIMD4(p[0], p[1], p[2], p[3])
        }
        var sum = SIMD4<Float>.zero
        for i in -radius...radius { sum += value(i) }
        let scale = 1 / Float(2 * radius + 1)
        for i in 0..<count {
            let mean = sum * scale
            for c in 0..<4 { scratch[4 * i + c] = mean[c] }
            sum += value(i + radius + 1) - value(i - radius)
        }
        for i in 0..<count { for c in 0..<4 { line[i * step + c] = scratch[4 * i + c] } }
    }
}
