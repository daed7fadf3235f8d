// The head's hashed planes written out for reading: no hashing, and the four corners of a cell in one load.
import Base
import Kernels

/// Three planes whose levels stand as full grids, each number beside the one of the next row: 20 MB instead of 2, four to five times as fast to read.
final class DensePlanes: @unchecked Sendable {  // written by `init` only
    private let values: Buffer<Float>
    private let levels: PlaneLevels
    /// Floats of a plane.
    private let size: Int

    /// `tables`: where the planes' tables begin among the parameters. The encoder has one feature and bound 1.
    init(_ encoder: PlaneEncoder, _ parameters: UnsafePointer<Float>, tables: [Int]) {
        precondition(encoder.features == 1 && encoder.bound == 1 && tables.count == 3, "dense planes hold one feature over −1…1")
        var levels = PlaneLevels()
        var offset = 0
        // The place of coordinate 1 is scale + ½; its cell has a corner more.
        let sides = encoder.levels.map { Int(($0.scale + 0.5).rounded(.down)) + 2 }
        for (level, side) in zip(encoder.levels, sides) {
            levels.append(scale: level.scale, stride: side, offset: offset)
            offset += 2 * side * (side - 1)
        }
        self.levels = levels
        size = offset
        values = Buffer(count: size * tables.count)
        for (plane, table) in tables.enumerated() {
            var out = values.pointer + plane * size
            for (level, side) in zip(encoder.levels, sides) {
                // Rows of the planes with z follow z: so do neighbours in a picture.
                func corner(_ i: Int, _ j: Int) -> Float {
                    let (x, y) = plane == 0 ? (i, j) : (j, i)
                    return parameters[table + level.row(UInt32(x), UInt32(y))]
                }
                for j in 0..<(side - 1) {
                    for i in 0..<side { (out[2 * i], out[2 * i + 1]) = (corner(i, j), corner(i, j + 1)) }
                    out += 2 * side
                }
            }
        }
    }

    /// Bytes of all planes.
    var bytes: Int { 4 * values.count }

    /// The 36 rows of a tile's position code.
    func encode(_ x: UnsafePointer<Float>, _ y: UnsafePointer<Float>, _ z: UnsafePointer<Float>, count: Int, out: UnsafeMutablePointer<Float>) {
        levels.look(values.pointer, size: size, x, y, z, count: count, out: out)
    }
}

/// A wrapping grid of two features: each level followed by its first row, so that two neighbours are always one load.
final class PairedGrid: @unchecked Sendable {  // written by `init` only
    private let values: Buffer<Float>
    private let levels: PlaneLevels

    init(_ encoder: PlaneEncoder, _ table: UnsafePointer<Float>) {
        precondition(encoder.features == 2 && encoder.bound == 1, "a paired grid holds two features over −1…1")
        var levels = PlaneLevels()
        values = Buffer(count: 2 * (encoder.rowCount + encoder.levels.count))
        var out = values.pointer
        for level in encoder.levels {
            levels.append(scale: level.scale, stride: Int(level.stride), offset: out - values.pointer, mask: level.mask)
            out.update(from: table + 2 * level.offset, count: 2 * level.rows)
            (out + 2 * level.rows).update(from: table + 2 * level.offset, count: 2)
            out += 2 * (level.rows + 1)
        }
        self.levels = levels
    }

    /// Bytes of all levels.
    var bytes: Int { 4 * values.count }

    /// Two rows a level.
    func encode(_ x: UnsafePointer<Float>, _ y: UnsafePointer<Float>, count: Int, out: UnsafeMutablePointer<Float>) {
        levels.lookTwo(values.pointer, x, y, count: count, out: out)
    }
}
