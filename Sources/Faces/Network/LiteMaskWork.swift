// Steps that only the network of the person mask has: means, factors, enlargements.
import Foundation

extension LiteWork {
    /// Means of the places that lie inside the picture.
    static func mean(_ input: UnsafeMutablePointer<Float>, _ output: UnsafeMutablePointer<Float>, _ walk: LiteWalk) {
        let channels = walk.from.channels
        for y in 0..<walk.to.height {
            let startY = y * walk.strideY - walk.top, rows = walk.inside(startY, walk.filterHeight, walk.from.height)
            for x in 0..<walk.to.width {
                let startX = x * walk.strideX - walk.left, columns = walk.inside(startX, walk.filterWidth, walk.from.width)
                let out = output + (y * walk.to.width + x) * channels
                out.update(repeating: 0, count: channels)
                for r in rows {
                    for k in columns {
                        let value = input + ((startY + r) * walk.from.width + startX + k) * channels
                        for c in 0..<channels { out[c] += value[c] }
                    }
                }
                let share = 1 / Float(max(rows.count * columns.count, 1))
                for c in 0..<channels { out[c] *= share }
            }
        }
    }

    /// Products; the second factor begins again after `period` numbers.
    static func multiply(_ a: UnsafeMutablePointer<Float>, _ b: UnsafeMutablePointer<Float>, _ output: UnsafeMutablePointer<Float>, _ count: Int, _ period: Int) {
        for start in stride(from: 0, to: count, by: period) {
            for c in 0..<period { output[start + c] = a[start + c] * b[c] }
        }
    }

    /// Between the middles of pixels along straight lines; the edge goes on outside.
    static func enlarge(_ input: UnsafeMutablePointer<Float>, _ output: UnsafeMutablePointer<Float>, _ from: LiteMap, _ to: LiteMap) {
        func place(_ index: Int, _ size: Int, _ target: Int) -> (low: Int, high: Int, share: Float) {
            let at = max((Float(index) + 0.5) * Float(size) / Float(target) - 0.5, 0)
            let low = min(Int(at), size - 1)
            return (low, min(low + 1, size - 1), at - Float(low))
        }
        let channels = from.channels, columns = (0..<to.width).map { place($0, from.width, to.width) }
        for y in 0..<to.height {
            let row = place(y, from.height, to.height)
            let top = input + row.low * from.width * channels, bottom = input + row.high * from.width * channels
            for x in 0..<to.width {
                let column = columns[x], out = output + (y * to.width + x) * channels
                let (a, b) = (top + column.low * channels, top + column.high * channels)
                let (c, d) = (bottom + column.low * channels, bottom + column.high * channels)
                for k in 0..<channels {
                    let above = a[k] + (b[k] - a[k]) * column.share, below = c[k] + (d[k] - c[k]) * column.share
                    out[k] = above + (below - above) * row.share
                }
            }
        }
    }

    /// Every place of the input paints a filter of its own; they lie side by side.
    static func spread(_ input: UnsafeMutablePointer<Float>, _ output: UnsafeMutablePointer<Float>, _ from: LiteMap, _ to: LiteMap, _ weights: [Float], _ bias: [Float]) {
        let height = to.height / from.height, width = to.width / from.width, channels = from.channels
        weights.withUnsafeBufferPointer { weights in
            for y in 0..<to.height {
                for x in 0..<to.width {
                    let value = input + ((y / height) * from.width + x / width) * channels
                    for o in 0..<to.channels {
                        let first = ((o * height + y % height) * width + x % width) * channels
                        var sum = bias[o]
                        for c in 0..<channels { sum += value[c] * weights[first + c] }
                        output[(y * to.width + x) * to.channels + o] = sum
                    }
                }
            }
        }
    }
}
