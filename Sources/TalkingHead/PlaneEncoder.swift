// Multi-resolution grids over a plane: the tri-plane hash encoder of the head and the tiled grid of the torso.
import Foundation
import Kernels

/// One grid encoder of two input dimensions (engine specification, 1.4).
package struct PlaneEncoder: Sendable {
    /// One resolution of the grid.
    struct Level: Sendable {
        var scale: Float
        /// Rows of the table that belong to it, and where they begin.
        var rows: Int
        var offset: Int
        /// Step between neighbours in the second dimension, where the index is linear.
        var stride: UInt32
        var hashed: Bool
        /// Bits of a row number; all of them where the table holds every corner.
        var mask: UInt32
    }
    let levels: [Level]
    let features: Int
    /// Half size of the cube that the grid covers.
    let bound: Float
    /// Rows of the whole table.
    let rowCount: Int

    init(levelCount: Int, features: Int, base: Int, finest: Int, logTable: Int, hashed: Bool, bound: Float) {
        let growth = pow(2, Foundation.log2(Double(finest) / Double(base)) / Double(levelCount - 1))
        let s = Float(Foundation.log2(growth))
        var offset = 0
        levels = (0..<levelCount).map { l in
            let resolution = Int((Double(base) * pow(growth, Double(l))).rounded(.up))
            let wanted = (resolution + 1) * (resolution + 1)
            let rows = (min(1 << logTable, wanted) + 7) / 8 * 8
            let scale = Foundation.exp2(Float(l) * s) * Float(base) - 1
            let r = Int(scale.rounded(.up)) + 1
            defer { offset += rows }
            // A table that cannot hold every corner is full, and full tables have a power of two of rows.
            precondition((r + 1) * (r + 1) <= rows || rows == 1 << logTable, "level \(l) neither fits its table nor fills it")
            return Level(scale: scale, rows: rows, offset: offset, stride: UInt32(r + 1), hashed: hashed && (r + 1) * (r + 1) > rows,
                         mask: (r + 1) * (r + 1) <= rows ? .max : UInt32(rows - 1))
        }
        rowCount = offset
        self.features = features
        self.bound = bound
    }

    /// The head's planes: 64…512 cells, 2^14 rows a level.
    static func head(levels: Int = 12) -> PlaneEncoder {
        PlaneEncoder(levelCount: levels, features: 1, base: 64, finest: 512, logTable: 14, hashed: true, bound: 1)
    }
    /// The torso's grid: 16…2048 cells, wrapping.
    static let torso = PlaneEncoder(levelCount: 16, features: 2, base: 16, finest: 2048, logTable: 16, hashed: false, bound: 1)

    /// The four rows around a position and its weights within the cell.
    @inline(__always)
    static func corners(_ level: Level, _ u: Float, _ v: Float) -> (rows: (Int, Int, Int, Int), w: (Float, Float)) {
        let x = u * level.scale + 0.5, y = v * level.scale + 0.5
        let fx = x.rounded(.down), fy = y.rounded(.down)
        let px = UInt32(fx), py = UInt32(fy)
        let base = level.offset, mask = level.mask
        if level.hashed {
            let h0 = py &* 2_654_435_761, h1 = (py &+ 1) &* 2_654_435_761
            return ((base + Int((px ^ h0) & mask), base + Int(((px &+ 1) ^ h0) & mask),
                     base + Int((px ^ h1) & mask), base + Int(((px &+ 1) ^ h1) & mask)), (x - fx, y - fy))
        }
        let i = px &+ py &* level.stride
        let j = i &+ level.stride
        return ((base + Int(i & mask), base + Int((i &+ 1) & mask), base + Int(j & mask), base + Int((j &+ 1) & mask)), (x - fx, y - fy))
    }

    /// Values of `count` positions given as coordinates in −bound…bound; row l·F + f of `out` is feature f of level l.
    /// Positions outside give zeros.
    func encode(_ table: UnsafePointer<Float>, _ x: UnsafePointer<Float>, _ y: UnsafePointer<Float>, count: Int, out: UnsafeMutablePointer<Float>) {
        let scale = 1 / (2 * bound)
        for (l, level) in levels.enumerated() {
            let row = out + l * features * tileWidth
            for i in 0..<count {
                let u = (x[i] + bound) * scale, v = (y[i] + bound) * scale
                guard u >= 0, u <= 1, v >= 0, v <= 1 else {
                    for f in 0..<features { row[f * tileWidth + i] = 0 }
                    continue
                }
                let (r, w) = Self.corners(level, u, v)
                let (a, b, c, d) = ((1 - w.0) * (1 - w.1), w.0 * (1 - w.1), (1 - w.0) * w.1, w.0 * w.1)
                if features == 1 {
                    row[i] = a * table[r.0] + b * table[r.1] + c * table[r.2] + d * table[r.3]
                } else {
                    for f in 0..<features {
                        row[f * tileWidth + i] = a * table[r.0 * features + f] + b * table[r.1 * features + f]
                            + c * table[r.2 * features + f] + d * table[r.3 * features + f]
                    }
                }
            }
        }
    }

    /// Adds the gradient of one level: `dy` holds its F rows for these positions.
    func scatter(level l: Int, _ x: UnsafePointer<Float>, _ y: UnsafePointer<Float>, count: Int, _ dy: UnsafePointer<Float>, dyStride: Int,
                 into gradient: UnsafeMutablePointer<Float>) {
        let scale = 1 / (2 * bound)
        let level = levels[l]
        for i in 0..<count {
            let u = (x[i] + bound) * scale, v = (y[i] + bound) * scale
            guard u >= 0, u <= 1, v >= 0, v <= 1 else { continue }
            let (r, w) = Self.corners(level, u, v)
            let (a, b, c, d) = ((1 - w.0) * (1 - w.1), w.0 * (1 - w.1), (1 - w.0) * w.1, w.0 * w.1)
            for f in 0..<features {
                let g = dy[f * dyStride + i]
                gradient[r.0 * features + f] += a * g
                gradient[r.1 * features + f] += b * g
                gradient[r.2 * features + f] += c * g
                gradient[r.3 * features + f] += d * g
            }
        }
    }

    /// Gradient with respect to the coordinates, summed over levels: needed where the position itself is learned.
    func positionGradient(_ table: UnsafePointer<Float>, _ x: UnsafePointer<Float>, _ y: UnsafePointer<Float>, count: Int, _ dy: UnsafePointer<Float>,
                          dx: UnsafeMutablePointer<Float>, dyOut: UnsafeMutablePointer<Float>) {
        let scale = 1 / (2 * bound)
        for i in 0..<count { dx[i] = 0; dyOut[i] = 0 }
        for (l, level) in levels.enumerated() {
            for i in 0..<count {
                let u = (x[i] + bound) * scale, v = (y[i] + bound) * scale
                guard u >= 0, u <= 1, v >= 0, v <= 1 else { continue }
                let (r, w) = Self.corners(level, u, v)
                for f in 0..<features {
                    let g = dy[(l * features + f) * tileWidth + i] * level.scale * scale
                    let (a, b) = (table[r.0 * features + f], table[r.1 * features + f])
                    let (c, d) = (table[r.2 * features + f], table[r.3 * features + f])
                    dx[i] += g * ((b - a) * (1 - w.1) + (d - c) * w.1)
                    dyOut[i] += g * ((c - a) * (1 - w.0) + (d - b) * w.0)
                }
            }
        }
    }
}
