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

        /// The table's row of one corner.
        func row(_ x: UInt32, _ y: UInt32) -> Int {
            offset + Int((hashed ? x ^ (y &* 2_654_435_761) : x &+ y &* stride) & mask)
        }
    }
    let levels: [Level]
    /// The same for loops with sixteen lanes.
    private let wide: GridLevels
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
        var wide = GridLevels()
        for level in levels { wide.append(scale: level.scale, offset: level.offset, stride: level.stride, mask: level.mask, hashed: level.hashed) }
        self.wide = wide
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

    /// Cells of eight positions on one level: four rows of the table each, and the place within the cell.
    struct Cells {
        var rows: (SIMD8<UInt32>, SIMD8<UInt32>, SIMD8<UInt32>, SIMD8<UInt32>)
        var x: Float8
        var y: Float8
    }

    /// `u`, `v` are in 0…1.
    @inline(__always)
    static func cells(_ level: Level, _ u: Float8, _ v: Float8) -> Cells {
        // Two roundings, as in the original's reference: a fused product would move the place within fine cells by 10⁻⁴.
        let x = u * level.scale + 0.5, y = v * level.scale + 0.5
        let fx = x.rounded(.down), fy = y.rounded(.down)
        // 1.5 · 2²³ puts a whole number into the low bits.
        let px = unsafeBitCast(fx + 12_582_912, to: SIMD8<UInt32>.self) &- 0x4B40_0000
        let py = unsafeBitCast(fy + 12_582_912, to: SIMD8<UInt32>.self) &- 0x4B40_0000
        let base = SIMD8<UInt32>(repeating: UInt32(level.offset)), mask = SIMD8<UInt32>(repeating: level.mask)
        if level.hashed {
            let h0 = py &* 2_654_435_761, h1 = h0 &+ 2_654_435_761
            return Cells(rows: (base &+ ((px ^ h0) & mask), base &+ (((px &+ 1) ^ h0) & mask), base &+ ((px ^ h1) & mask), base &+ (((px &+ 1) ^ h1) & mask)),
                         x: x - fx, y: y - fy)
        }
        let i = px &+ py &* level.stride
        let j = i &+ level.stride
        return Cells(rows: (base &+ (i & mask), base &+ ((i &+ 1) & mask), base &+ (j & mask), base &+ ((j &+ 1) & mask)), x: x - fx, y: y - fy)
    }

    /// Coordinates in 0…1, and which of the eight positions lie in the grid; the others count as 0.
    @inline(__always)
    private func inside(_ x: UnsafePointer<Float>, _ y: UnsafePointer<Float>) -> (u: Float8, v: Float8, mask: SIMDMask<SIMD8<Int32>>) {
        let scale = 1 / (2 * bound)
        let u = (get(x) + bound) * scale, v = (get(y) + bound) * scale
        let mask = (u .>= 0) .& (u .<= 1) .& (v .>= 0) .& (v .<= 1)
        let zero = Float8(repeating: 0)
        return (select(mask, u, zero), select(mask, v, zero), mask)
    }

    @inline(__always)
    private func look(_ table: UnsafePointer<Float>, _ rows: SIMD8<UInt32>, _ f: Int) -> Float8 {
        let t = table + f, n = features
        return Float8(t[Int(rows[0]) * n], t[Int(rows[1]) * n], t[Int(rows[2]) * n], t[Int(rows[3]) * n],
                      t[Int(rows[4]) * n], t[Int(rows[5]) * n], t[Int(rows[6]) * n], t[Int(rows[7]) * n])
    }

    /// Values of `count` positions given as coordinates in −bound…bound; row l·F + f of `out` (rows of `tileWidth`) is feature f
    /// of level l. Positions outside give zeros. Reads and writes up to the next multiple of eight positions.
    func encode(_ table: UnsafePointer<Float>, _ x: UnsafePointer<Float>, _ y: UnsafePointer<Float>, count: Int, out: UnsafeMutablePointer<Float>) {
        if wide.look(table, features: features, bound: bound, x, y, count: count, out: out) { return }
        let zero = Float8(repeating: 0)
        for (l, level) in levels.enumerated() {
            let row = out + l * features * tileWidth
            for i in stride(from: 0, to: count, by: 8) {
                let (u, v, mask) = inside(x + i, y + i)
                let c = Self.cells(level, u, v)
                for f in 0..<features {
                    let a = look(table, c.rows.0, f), b = look(table, c.rows.1, f), d = look(table, c.rows.2, f), e = look(table, c.rows.3, f)
                    let top = a.addingProduct(c.x, b - a), bottom = d.addingProduct(c.x, e - d)
                    put(select(mask, top.addingProduct(c.y, bottom - top), zero), row + f * tileWidth + i)
                }
            }
        }
    }

    /// Adds the gradient of one level: `dy` holds its F rows for these positions, zeros up to the next multiple of eight.
    func scatter(level l: Int, _ x: UnsafePointer<Float>, _ y: UnsafePointer<Float>, count: Int, _ dy: UnsafePointer<Float>, dyStride: Int,
                 into gradient: UnsafeMutablePointer<Float>) {
        let level = levels[l]
        for i in stride(from: 0, to: count, by: 8) {
            let (u, v, mask) = inside(x + i, y + i)
            let c = Self.cells(level, u, v)
            let left = 1 - c.x, above = 1 - c.y
            let lanes = min(8, count - i)
            for f in 0..<features {
                let g = select(mask, get(dy + f * dyStride + i), Float8(repeating: 0))
                let t = gradient + f
                let ga = g * above * left, gb = g * above * c.x, gd = g * c.y * left, ge = g * c.y * c.x
                for k in 0..<lanes {
                    t[Int(c.rows.0[k]) * features] += ga[k]
                    t[Int(c.rows.1[k]) * features] += gb[k]
                    t[Int(c.rows.2[k]) * features] += gd[k]
                    t[Int(c.rows.3[k]) * features] += ge[k]
                }
            }
        }
    }

    /// Gradient with respect to the coordinates, summed over levels: needed where the position itself is learned.
    func positionGradient(_ table: UnsafePointer<Float>, _ x: UnsafePointer<Float>, _ y: UnsafePointer<Float>, count: Int, _ dy: UnsafePointer<Float>,
                          dx: UnsafeMutablePointer<Float>, dyOut: UnsafeMutablePointer<Float>) {
        let scale = 1 / (2 * bound)
        let zero = Float8(repeating: 0)
        for i in stride(from: 0, to: count, by: 8) {
            let (u, v, mask) = inside(x + i, y + i)
            var sumX = zero, sumY = zero
            for (l, level) in levels.enumerated() {
                let c = Self.cells(level, u, v)
                for f in 0..<features {
                    let g = get(dy + (l * features + f) * tileWidth + i) * (level.scale * scale)
                    let a = look(table, c.rows.0, f), b = look(table, c.rows.1, f), d = look(table, c.rows.2, f), e = look(table, c.rows.3, f)
                    let across = (b - a).addingProduct(c.y, (e - d) - (b - a)), down = (d - a).addingProduct(c.x, (e - b) - (d - a))
                    sumX = sumX.addingProduct(g, across)
                    sumY = sumY.addingProduct(g, down)
                }
            }
            put(select(mask, sumX, zero), dx + i)
            put(select(mask, sumY, zero), dyOut + i)
        }
    }
}
