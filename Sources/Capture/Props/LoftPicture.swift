// The room behind the presenter in the example scenes: a loft in the evening, drawn from formulas.
import Base
import Foundation
import Media

/// A stylised loft: brick wall, a tall window over the town, a shelf, plants, warm lamps. Soft, as behind a near subject.
struct LoftPicture: Sendable {
    let width: Int
    let height: Int
    private typealias Color = SIMD3<Double>

    func draw(budget: ComputeBudget) -> RawImage {
        let sharp = Base.Buffer<Float>(count: width * height * 3)
        let out = Pointer(p: sharp.pointer)
        budget.forEach(height) { y in
            for x in 0..<width {
                // Four samples a pixel.
                var sum = Color(repeating: 0)
                for k in 0..<4 {
                    let u = (Double(x) + 0.25 + 0.5 * Double(k % 2)) / Double(height), v = (Double(y) + 0.25 + 0.5 * Double(k / 2)) / Double(height)
                    sum += color(u, v)
                }
                for c in 0..<3 { out.p[3 * (y * width + x) + c] = Float(sum[c] / 4) }
            }
        }
        var pixels = Array(UnsafeBufferPointer(start: sharp.pointer, count: width * height * 3))
        for _ in 0..<3 { pixels = blurred(blurred(pixels, step: 3, length: width), step: 3 * width, length: height) }
        let random = SeededRandom(seed: 5)
        let bytes = pixels.enumerated().map { i, value in
            // Filmic shoulder, then a hair of dither against bands.
            UInt8(min(max(pow(Double(value) / (Double(value) + 0.62) * 1.32, 1 / 1.55) * 255 + Double(random.uniform(UInt64(i / 3), 0.3, 0.7)), 0), 255))
        }
        return RawImage(width: width, height: height, channels: 3, bytes: bytes)
    }

    private struct Pointer: @unchecked Sendable { let p: UnsafeMutablePointer<Float> }  // rows are written by one thread each

    /// Mean of five neighbours along one axis.
    private func blurred(_ pixels: [Float], step: Int, length: Int) -> [Float] {
        let other = step == 3 ? 3 * width : 3
        let lines = step == 3 ? height : width
        var result = pixels
        for line in 0..<lines {
            for i in 0..<length {
                for c in 0..<3 {
                    var sum: Float = 0
                    for k in -2...2 { sum += pixels[line * other + min(max(i + k, 0), length - 1) * step + c] }
                    result[line * other + i * step + c] = sum / 5
                }
            }
        }
        return result
    }

    /// Light at a point; u runs 0…16/9 to the right, v 0…1 down.
    private func color(_ u: Double, _ v: Double) -> Color {
        var c = v < 0.82 ? wall(u, v) : floor(u, v)
        c = window(u, v, over: c)
        c = shelf(u, v, over: c)
        c = plant(u, v, root: SIMD2(1.62, 0.86), size: 0.46, seed: 1, over: c)
        c = plant(u, v, root: SIMD2(0.10, 0.93), size: 0.40, seed: 2, over: c)
        c = lamp(u, v, at: SIMD2(1.30, 0.20), over: c)
        c = lamp(u, v, at: SIMD2(0.86, 0.12), over: c)
        // Darker towards the edges.
        let d = SIMD2(u - 0.889, v - 0.5)
        return c * (1 - 0.30 * (d * d).sum())
    }

    private func mix(_ a: Color, _ b: Color, _ t: Double) -> Color { a + (b - a) * min(max(t, 0), 1) }
    private func smooth(_ a: Double, _ b: Double, _ x: Double) -> Double {
        let t = min(max((x - a) / (b - a), 0), 1)
        return t * t * (3 - 2 * t)
    }
    private func chance(_ a: Int, _ b: Int, _ stream: UInt64) -> Double {
        Double(SeededRandom(seed: 21, stream: stream).uniform(UInt64(truncatingIfNeeded: a &* 7919 &+ b)))
    }
    private func near(_ u: Double, _ v: Double, _ p: SIMD2<Double>, _ radius: Double) -> Double {
        let d = SIMD2(u, v) - p
        return exp(-(d * d).sum() / (radius * radius))
    }

    /// Bricks under two pools of lamp light.
    private func wall(_ u: Double, _ v: Double) -> Color {
        let row = Int((v / 0.042).rounded(.down))
        let shifted = u / 0.115 + (row % 2 == 0 ? 0 : 0.5)
        let column = Int(shifted.rounded(.down))
        let (x, y) = (shifted - Double(column), v / 0.042 - Double(row))
        let joint = smooth(0, 0.06, min(x, 1 - x)) * smooth(0, 0.14, min(y, 1 - y))
        let tone = 0.85 + 0.3 * chance(column, row, 1)
        let brick = Color(0.30, 0.155, 0.115) * tone + Color(0.02, 0.01, 0.015) * chance(column, row, 2)
        let base = mix(Color(0.20, 0.155, 0.14), brick, joint)
        let light = 0.34 + 1.5 * near(u, v, SIMD2(1.30, 0.26), 0.34) + 1.2 * near(u, v, SIMD2(0.86, 0.18), 0.28)
        return base * light * Color(1.06, 0.95, 0.84) + base * 0.22 * Color(0.7, 0.85, 1.3) * smooth(0.9, 0.2, u)
    }

    /// Boards that run towards the viewer, with the window's shine.
    private func floor(_ u: Double, _ v: Double) -> Color {
        let depth = 0.06 / (v - 0.76)
        let across = (u - 0.889) * depth * 12
        let board = Int(across.rounded(.down))
        let grain = 0.9 + 0.1 * sin(across * 40 + 3 * sin(depth * 30 + Double(board)))
        let gap = smooth(0, 0.05, min(across - Double(board), 1 - across + Double(board)))
        let wood = Color(0.20, 0.115, 0.065) * (0.8 + 0.4 * chance(board, 0, 3)) * grain * (0.55 + 0.45 * gap)
        let shine = near(u, v, SIMD2(0.42, 0.86), 0.34)
        return wood * (0.55 + 0.5 * near(u, v, SIMD2(1.2, 0.9), 0.5)) + Color(0.16, 0.15, 0.20) * shine * 0.6
    }

    /// A steel window in twelve panes over an evening sky and the town.
    private func window(_ u: Double, _ v: Double, over c: Color) -> Color {
        let (left, right, top, bottom) = (0.14, 0.72, 0.07, 0.74)
        guard u > left - 0.03, u < right + 0.03, v > top - 0.03, v < bottom + 0.035 else { return c }
        let (x, y) = ((u - left) / (right - left), (v - top) / (bottom - top))
        let paneX = x * 4 - (x * 4).rounded(.down), paneY = y * 3 - (y * 3).rounded(.down)
        let bar = min(min(paneX, 1 - paneX) * 0.145, min(paneY, 1 - paneY) * 0.223)
        guard u > left, u < right, v > top, v < bottom, bar > 0.0045 else {
            let ledge = v > bottom ? Color(0.34, 0.26, 0.20) : Color(0.055, 0.052, 0.06)
            return ledge * (0.6 + 0.8 * smooth(0.9, 0.3, v))
        }
        return town(u, v, y)
    }

    private func town(_ u: Double, _ v: Double, _ y: Double) -> Color {
        var sky = mix(Color(0.24, 0.34, 0.66), Color(1.15, 0.62, 0.40), smooth(0.05, 0.85, y))
        sky = mix(sky, Color(1.5, 1.05, 0.60), 0.8 * near(u, v, SIMD2(0.50, 0.60), 0.16))
        // Thin clouds.
        let cloud = smooth(0.25, 0.9, 0.5 + 0.5 * sin(u * 9 + 2 * sin(v * 14) + 1.3 * sin(u * 23 + v * 31))) * smooth(0.62, 0.2, abs(y - 0.42))
        sky = mix(sky, Color(1.25, 0.80, 0.66), 0.35 * cloud)
        // Two rows of houses, the nearer one darker.
        for (layer, depth) in [(0, 0.052), (1, 0.075)] {
            let column = Int((u / depth).rounded(.down)) + layer * 50
            let roof = (layer == 0 ? 0.52 : 0.60) + 0.10 * chance(column, layer, 4)
            guard v > roof else { continue }
            sky = mix(Color(0.30, 0.24, 0.34), Color(0.13, 0.11, 0.18), Double(layer)) * (1 + 0.3 * smooth(0.75, 0.5, v))
            let (wx, wy) = (u / 0.0125, (v - roof) / 0.02)
            let inside = abs(wx - wx.rounded(.down) - 0.5) < 0.26 && abs(wy - wy.rounded(.down) - 0.5) < 0.27
            if inside, chance(Int(wx.rounded(.down)), Int(wy.rounded(.down)) + layer * 40 + column, 5) > 0.62 { sky = Color(1.5, 1.02, 0.48) * (0.6 + 0.5 * Double(layer)) }
        }
        return sky
    }

    /// A shelf with books and a vase on the right.
    private func shelf(_ u: Double, _ v: Double, over c: Color) -> Color {
        guard u > 1.06, u < 1.56 else { return c }
        var c = c
        for (level, y) in [0.44, 0.62].enumerated() {
            if v > y, v < y + 0.014 { return Color(0.30, 0.18, 0.10) * (0.75 + 1.2 * near(u, v, SIMD2(1.30, 0.3), 0.35)) }
            if v > y + 0.014, v < y + 0.045 { c *= 0.72 + 0.28 * smooth(y + 0.014, y + 0.045, v) }
            let slot = Int(((u - 1.06) / 0.021).rounded(.down))
            let tall = 0.075 + 0.05 * chance(slot, level, 6)
            let book = (level == 0 ? slot > 1 && slot < 15 : slot > 8 && slot < 22) && chance(slot, level, 7) > 0.1
            if book, v < y, v > y - tall {
                let edge = (u - 1.06) / 0.021 - Double(slot)
                let palette: [Color] = [Color(0.42, 0.13, 0.11), Color(0.12, 0.24, 0.29), Color(0.48, 0.35, 0.16), Color(0.20, 0.27, 0.17), Color(0.44, 0.40, 0.34), Color(0.15, 0.14, 0.22)]
                let tone = palette[Int(chance(slot, level, 8) * 5.99)]
                let band = abs(v - (y - tall * 0.78)) < 0.004 ? 1.5 : 1
                return tone * band * (0.55 + 0.45 * smooth(0, 0.25, min(edge, 1 - edge))) * (0.65 + 1.6 * near(u, v, SIMD2(1.30, 0.28), 0.32))
            }
        }
        // A vase beside the books.
        let (x, y) = ((u - 1.46) / 0.032, (v - 0.395) / 0.045)
        if abs(y) < 1, x * x / (1 - 0.25 * y) + y * y < 1 { return Color(0.50, 0.46, 0.42) * (0.5 + 0.5 * (1 - x) * 0.7) * (0.8 + near(u, v, SIMD2(1.3, 0.28), 0.3)) }
        return c
    }

    /// Arching leaves from a pot.
    private func plant(_ u: Double, _ v: Double, root: SIMD2<Double>, size: Double, seed: UInt64, over c: Color) -> Color {
        guard abs(u - root.x) < size, v > root.y - size * 1.35 else { return c }
        let pot = (u - root.x) / (0.085 - 0.12 * (v - root.y))
        if v > root.y, abs(pot) < 1 { return Color(0.40, 0.32, 0.27) * (0.75 - 0.4 * pot) }
        var c = c
        for leaf in 0..<15 {
            let spread = (Double(leaf) + 0.5) / 15 * 2 - 1 + 0.1 * (chance(leaf, 0, 30 &+ seed) - 0.5)
            let length = size * (0.75 + 0.45 * chance(leaf, 1, 30 &+ seed))
            // The leaf's middle line is a parabola; t runs from the root to the tip.
            let top = root.y - length * (1 - 0.45 * spread * spread), tip = root.x + spread * length * 0.62
            let t = (root.y - v) / (root.y - top)
            guard t > 0, t < 1 else { continue }
            let middle = root.x + (tip - root.x) * pow(t, 1.7)
            let half = 0.030 * size / 0.4 * sin(.pi * pow(t, 0.75)) * (1 - 0.25 * t) + 0.0018
            let across = (u - middle) / half
            guard abs(across) < 1 else { continue }
            let tone = 0.55 + 0.5 * chance(leaf, 2, 30 &+ seed) + 0.25 * t - 0.25 * across
            c = Color(0.085, 0.175, 0.075) * tone * (1 - 0.35 * exp(-across * across * 40))
        }
        return c
    }

    /// A hanging bulb with its glow and cord.
    private func lamp(_ u: Double, _ v: Double, at p: SIMD2<Double>, over c: Color) -> Color {
        var c = c
        if abs(u - p.x) < 0.0018, v < p.y - 0.03 { c = Color(0.03, 0.028, 0.03) }
        if abs(u - p.x) < 0.010, v > p.y - 0.045, v < p.y - 0.018 { c = Color(0.12, 0.09, 0.06) }
        let bulb = near(u, v, p, 0.020)
        return c + Color(2.6, 1.75, 0.85) * smooth(0.35, 0.75, bulb) + Color(0.55, 0.33, 0.13) * near(u, v, p, 0.10)
    }
}
