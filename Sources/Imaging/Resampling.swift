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

/// For each target position of a range, which source samples make it and with which weights.
private struct Taps {
    /// Target positions that the picture touches.
    var targets: Range<Int>
    var first: [Int] = []
    /// Weights of target k: `weights[start[k] ..< start[k + 1]]`.
    var start: [Int] = [0]
    var weights: [Float] = []

    /// Area means when the picture shrinks, Catmull-Rom when it grows; a target pixel that lies half outside is half covered.
    init(source: Int, origin: Double, length: Double, target: Int) {
        let scale = Double(source) / length
        let reach = max(scale, 1) * (scale > 1 ? 0.5 : 2)
        let low = min(max(Int(origin.rounded(.down)), 0), target), high = min(max(Int((origin + length).rounded(.up)), low), target)
        targets = low..<high
        var sums: [Float] = []
        for index in targets {
            let position = (Double(index) + 0.5 - origin) * scale
            let cover = min(Double(index) + 1, origin + length) - max(Double(index), origin)
            let from = Int((position - reach - 0.5).rounded(.down)), to = Int((position + reach + 0.5).rounded(.up))
            // Samples beyond the picture's edge are its outermost ones.
            let base = min(max(from, 0), source - 1), top = min(max(to, 0), source - 1)
            sums.removeAll(keepingCapacity: true)
            sums.append(contentsOf: repeatElement(0, count: top - base + 1))
            var total: Float = 0
            for k in from...to {
                let w: Float
                if scale > 1 { w = Float(max(min(Double(k) + 1, position + reach) - max(Double(k), position - reach), 0)) } else { w = Self.catmullRom(abs(Double(k) + 0.5 - position)) }
                sums[min(max(k, base), top) - base] += w
                total += w
            }
            let head = sums.firstIndex { $0 != 0 } ?? 0, tail = sums.lastIndex { $0 != 0 } ?? 0
            first.append(base + head)
            let factor = cover > 0 && total != 0 ? Float(min(cover, 1)) / total : 0
            for k in head...tail { weights.append(sums[k] * factor) }
            start.append(weights.count)
        }
    }

    /// Source samples that any target needs.
    var sources: Range<Int> {
        guard let low = first.min() else { return 0..<0 }
        return low..<(first.indices.map { first[$0] + start[$0 + 1] - start[$0] }.max() ?? low)
    }

    private static func catmullRom(_ x: Double) -> Float {
        if x < 1 { return Float(1.5 * x * x * x - 2.5 * x * x + 1) }
        if x < 2 { return Float(-0.5 * x * x * x + 2.5 * x * x - 4 * x + 2) }
        return 0
    }
}

extension Frame {
    /// The picture drawn into a rectangle of a canvas: area means when it shrinks, Catmull-Rom when it grows; transparent outside.
    package func drawn(into rect: PixelRect, canvasWidth: Int, canvasHeight: Int) -> Frame {
        if rect.width == Double(width), rect.height == Double(height), rect.x == rect.x.rounded(), rect.y == rect.y.rounded(), abs(rect.x) < 1e6, abs(rect.y) < 1e6 {
            return moved(Int(rect.x), Int(rect.y), canvasWidth, canvasHeight)
        }
        let columns = Taps(source: width, origin: rect.x, length: rect.width, target: canvasWidth)
        let rows = Taps(source: height, origin: rect.y, length: rect.height, target: canvasHeight)
        let content = PixelBounds(x: columns.targets, y: rows.targets)
        guard !content.isEmpty else { return .filled(width: canvasWidth, height: canvasHeight, .zero) }
        let fills = rect.x <= 0 && rect.y <= 0 && rect.x + rect.width >= Double(canvasWidth) && rect.y + rect.height >= Double(canvasHeight)
        // Horizontally first, only the source rows and target columns that are needed.
        let needed = rows.sources, across = columns.targets.count
        let middle = FrameBuilder(unwritten: across, needed.count)
        let source = UnsafeRawPointer(pixels), between = UnsafeMutableRawPointer(middle.pixels)
        columns.weights.withUnsafeBufferPointer { weights in
            for y in needed {
                let row = source + 16 * y * width, out = between + 16 * (y - needed.lowerBound) * across
                for x in 0..<across {
                    var sum = SIMD4<Float>.zero
                    var p = row + 16 * columns.first[x]
                    for k in columns.start[x]..<columns.start[x + 1] {
                        sum += p.loadUnaligned(as: SIMD4<Float>.self) * weights[k]
                        p += 16
                    }
                    out.storeBytes(of: sum, toByteOffset: 16 * x, as: SIMD4<Float>.self)
                }
            }
        }
        let builder = fills ? FrameBuilder(unwritten: canvasWidth, canvasHeight) : FrameBuilder(width: canvasWidth, height: canvasHeight)
        let out = UnsafeMutableRawPointer(builder.pixels)
        let zero = SIMD4<Float>.zero, one = SIMD4<Float>(repeating: 1)
        for (k, y) in rows.targets.enumerated() {
            let line = out + 16 * (y * canvasWidth + columns.targets.lowerBound)
            let taps = rows.start[k]..<rows.start[k + 1], top = between + 16 * (rows.first[k] - needed.lowerBound) * across
            for x in 0..<across {
                var sum = zero
                var p = UnsafeRawPointer(top + 16 * x)
                for t in taps {
                    sum += p.loadUnaligned(as: SIMD4<Float>.self) * rows.weights[t]
                    p += 16 * across
                }
                line.storeBytes(of: sum.replacing(with: zero, where: sum .< zero).replacing(with: one, where: sum .> one), toByteOffset: 16 * x, as: SIMD4<Float>.self)
            }
        }
        withExtendedLifetime(self) {}
        return builder.freeze(isOpaque: fills && isOpaque, content: content)
    }

    /// The same pixels at another place of a canvas.
    private func moved(_ dx: Int, _ dy: Int, _ canvasWidth: Int, _ canvasHeight: Int) -> Frame {
        if dx == 0, dy == 0, width == canvasWidth, height == canvasHeight { return self }
        let low = max(dx, 0), high = max(min(dx + width, canvasWidth), low), top = max(dy, 0), bottom = max(min(dy + height, canvasHeight), top)
        let fills = low == 0 && top == 0 && high == canvasWidth && bottom == canvasHeight
        let builder = fills ? FrameBuilder(unwritten: canvasWidth, canvasHeight) : FrameBuilder(width: canvasWidth, height: canvasHeight)
        for y in top..<bottom where high > low {
            (builder.pixels + 4 * (y * canvasWidth + low)).update(from: pixels + 4 * ((y - dy) * width + low - dx), count: 4 * (high - low))
        }
        withExtendedLifetime(self) {}
        return builder.freeze(isOpaque: fills && isOpaque, content: PixelBounds(x: low..<high, y: top..<bottom))
    }

    /// Gaussian blur with a radius in pixels (standard deviation = radius / 2), by three box means; edges repeat.
    package func blurred(radius: Double) -> Frame {
        let sigma = radius / 2
        guard sigma >= 0.3 else { return self }
        let box = max(1, Int(((12 * sigma * sigma / 3 + 1).squareRoot() / 2).rounded()))
        let a = FrameBuilder(copying: self), b = FrameBuilder(unwritten: width, height)
        let (p, q) = (UnsafeMutableRawPointer(a.pixels), UnsafeMutableRawPointer(b.pixels))
        for y in 0..<height {
            // Three passes of a row between two rows of memory: the result lies in the second.
            let (r, s) = (p + 16 * y * width, q + 16 * y * width)
            Self.boxRow(r, s, width, box)
            Self.boxRow(s, r, width, box)
            Self.boxRow(r, s, width, box)
        }
        let sum = Buffer<Float>(count: 4 * width)
        Self.boxColumns(q, p, width, height, box, sum.pointer)
        Self.boxColumns(p, q, width, height, box, sum.pointer)
        Self.boxColumns(q, p, width, height, box, sum.pointer)
        return a.freeze(isOpaque: isOpaque)
    }

    private static func boxRow(_ from: UnsafeMutableRawPointer, _ to: UnsafeMutableRawPointer, _ count: Int, _ radius: Int) {
        func value(_ i: Int) -> SIMD4<Float> { from.loadUnaligned(fromByteOffset: 16 * min(max(i, 0), count - 1), as: SIMD4<Float>.self) }
        var sum = SIMD4<Float>.zero
        for i in -radius...radius { sum += value(i) }
        let scale = 1 / Float(2 * radius + 1)
        for i in 0..<count {
            to.storeBytes(of: sum * scale, toByteOffset: 16 * i, as: SIMD4<Float>.self)
            sum += value(i + radius + 1) - value(i - radius)
        }
    }

    /// All columns at once: a running sum of rows.
    private static func boxColumns(_ from: UnsafeMutableRawPointer, _ to: UnsafeMutableRawPointer, _ width: Int, _ height: Int, _ radius: Int, _ sum: UnsafeMutablePointer<Float>) {
        func row(_ y: Int) -> UnsafeMutableRawPointer { from + 16 * width * min(max(y, 0), height - 1) }
        let total = UnsafeMutableRawPointer(sum)
        sum.update(repeating: 0, count: 4 * width)
        for y in -radius...radius {
            let r = row(y)
            for x in 0..<width {
                total.storeBytes(of: total.loadUnaligned(fromByteOffset: 16 * x, as: SIMD4<Float>.self) + r.loadUnaligned(fromByteOffset: 16 * x, as: SIMD4<Float>.self), toByteOffset: 16 * x, as: SIMD4<Float>.self)
            }
        }
        let scale = 1 / Float(2 * radius + 1)
        for y in 0..<height {
            let out = to + 16 * width * y, enter = row(y + radius + 1), leave = row(y - radius)
            for x in 0..<width {
                let s = total.loadUnaligned(fromByteOffset: 16 * x, as: SIMD4<Float>.self)
                out.storeBytes(of: s * scale, toByteOffset: 16 * x, as: SIMD4<Float>.self)
                let e = enter.loadUnaligned(fromByteOffset: 16 * x, as: SIMD4<Float>.self), l = leave.loadUnaligned(fromByteOffset: 16 * x, as: SIMD4<Float>.self)
                total.storeBytes(of: s + (e - l), toByteOffset: 16 * x, as: SIMD4<Float>.self)
            }
        }
    }
}
