// Which pixels of a frame teach in a step, and what they should be (engine specification, 4.5).
import Base
import Engines

/// Draws pixels without repetition.
struct AdNerfRays {
    let width: Int, height: Int

    /// Face: 1.5 times the landmarks' half width about their middle, 1.15 times the way from point 27 to the chin about point 27.
    func face(_ points: [SIMD2<Float>]) -> PixelWindow {
        guard points.count == 68 else { return PixelWindow(rows: 0..<height, columns: 0..<width, width: width, height: height) }
        let xs = points.map(\.x)
        let (low, high) = (xs.min() ?? 0, xs.max() ?? 0)
        let (x, y) = ((low + high) / 2, points[27].y)
        let (half, reach) = (1.5 * (high - x), 1.15 * max(points[8].y - y, 1))
        return window(x - half, x + half, y - reach, y + reach)
    }

    /// The mouth with a margin of a third of its size.
    func mouth(_ points: [SIMD2<Float>]) -> PixelWindow? {
        guard points.count == 68 else { return nil }
        return PixelWindow(points[48..<68], grow: 0.33, width: width, height: height)
    }

    var lowerHalf: PixelWindow { PixelWindow(rows: height / 2..<height, columns: 0..<width, width: width, height: height) }

    private func window(_ left: Float, _ right: Float, _ top: Float, _ bottom: Float) -> PixelWindow {
        func whole(_ x: Float) -> Int { Int(min(max(x, -1e6), 1e6)) }
        return PixelWindow(rows: whole(top)..<max(whole(bottom), whole(top) + 1), columns: whole(left)..<max(whole(right), whole(left) + 1), width: width, height: height)
    }

    /// As the original reads a rectangle: rows for columns. It only moves where rays lie.
    func transposed(_ w: PixelWindow) -> PixelWindow { PixelWindow(rows: w.columns, columns: w.rows, width: width, height: height) }

    /// `count` different pixels: a share within a window, the rest outside it; of those within a share in `mouth`.
    func draw(_ count: Int, share: Float, within window: PixelWindow, mouth: PixelWindow?, mouthShare: Float, random: SeededRandom) -> [Int] {
        var inside: [Int] = [], outside: [Int] = [], lips: [Int] = []
        for row in 0..<height {
            for column in 0..<width {
                if let mouth, mouthShare > 0, mouth.contains(row, column) { lips.append(row * width + column) }
                else if window.contains(row, column) { inside.append(row * width + column) }
                else { outside.append(row * width + column) }
            }
        }
        let wanted = min(count, width * height)
        let near = Int((Float(wanted) * share).rounded())
        let mouthCount = min(Int((Float(near) * (lips.isEmpty ? 0 : mouthShare)).rounded()), lips.count)
        let insideCount = max(min(near - mouthCount, inside.count), wanted - mouthCount - outside.count)
        var result = Self.pick(&lips, mouthCount, random, 0)
        result += Self.pick(&inside, min(insideCount, inside.count), random, 1 << 32)
        result += Self.pick(&outside, min(wanted - result.count, outside.count), random, 2 << 32)
        return result
    }

    /// The first `count` of a shuffled list.
    private static func pick(_ list: inout [Int], _ count: Int, _ random: SeededRandom, _ address: UInt64) -> [Int] {
        for k in 0..<count { list.swapAt(k, k + random.integer(address + UInt64(k), below: list.count - k)) }
        return Array(list.prefix(count))
    }
}
