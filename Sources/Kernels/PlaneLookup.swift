// Grids over a plane laid out for reading: dense grids of one feature, wrapping grids of two, and the picking of columns.
import CKernels

/// Levels of a grid as the lookups read them.
public struct PlaneLevels: Sendable {
    private var levels: [sk_plane_level] = []
    /// No levels yet.
    public init() {}

    /// - Parameters:
    ///   - scale: a coordinate u in 0…1 lies at u · scale + ½.
    ///   - stride: from a row to the next: floats, with two features pairs of them.
    ///   - offset: of its first number.
    ///   - mask: bits of a wrapping row number.
    public mutating func append(scale: Float, stride: Int, offset: Int, mask: UInt32 = .max) {
        levels.append(sk_plane_level(scale: scale, stride: Int32(stride), offset: offset, mask: mask))
    }

    /// Three planes (x, y), (y, z), (x, z) of one feature, `size` floats from one to the next: a row of `tileWidth` a level, plane by plane.
    /// What follows one another in the table's rows is x in the first, z in the others; behind each number stands the one of the next row,
    /// so that the corners of a cell are four numbers in a row of twice the stride. Offsets count floats.
    /// Coordinates are −1…1; at most `tileWidth` positions; reads and writes up to the next multiple of eight.
    public func look(_ table: UnsafePointer<Float>, size: Int, _ x: UnsafePointer<Float>, _ y: UnsafePointer<Float>, _ z: UnsafePointer<Float>, count: Int,
                     out: UnsafeMutablePointer<Float>) {
        precondition(count <= SK_PLANES_MOST, "positions of more than a tile")
        sk_planes_look(table, size, levels, levels.count, x, y, z, count, out, tileWidth)
    }
    /// One plane of two features: two rows of `tileWidth` a level.
    public func lookTwo(_ table: UnsafePointer<Float>, _ x: UnsafePointer<Float>, _ y: UnsafePointer<Float>, count: Int, out: UnsafeMutablePointer<Float>) {
        precondition(count <= SK_PLANES_MOST, "positions of more than a tile")
        sk_plane_look_two(table, levels, levels.count, x, y, count, out, tileWidth)
    }
}

/// Levels of a grid whose rows are hashed or wrap, as loops with sixteen lanes read them.
public struct GridLevels: Sendable {
    private var levels: [sk_grid_level] = []
    /// No levels yet.
    public init() {}

    /// - Parameters:
    ///   - scale: a coordinate u in 0…1 lies at u · scale + ½.
    ///   - offset: of its first row in the table; `stride`: from a row of cells to the next, where it is not hashed.
    ///   - mask: bits of a row number.
    public mutating func append(scale: Float, offset: Int, stride: UInt32, mask: UInt32, hashed: Bool) {
        levels.append(sk_grid_level(scale: scale, offset: UInt32(offset), stride: stride, mask: mask, hashed: hashed ? 1 : 0))
    }

    /// Bilinear values at positions in −bound…bound (zeros beyond), a row of `tileWidth` a level and feature; false, and nothing is done, where there are no such loops.
    /// At most `tileWidth` positions; reads and writes up to the next multiple of eight.
    public func look(_ table: UnsafePointer<Float>, features: Int, bound: Float, _ x: UnsafePointer<Float>, _ y: UnsafePointer<Float>, count: Int,
                     out: UnsafeMutablePointer<Float>) -> Bool {
        guard Lanes.current == .sixteen, features <= 2, count <= tileWidth else { return false }
        sk_grid_look(table, levels, levels.count, Int32(features), bound, x, y, count, out, tileWidth)
        return true
    }
}

/// Copies the columns whose bits are set in `keep` (bit k of byte g: column 8 g + k) of `rows` rows of a tile side by side.
/// There is room for `room` columns; those behind the picked ones may be overwritten.
public func pickColumns(_ tile: UnsafePointer<Float>, rows: Int, keep: UnsafePointer<UInt8>, groups: Int, into out: UnsafeMutablePointer<Float>, room: Int) {
    precondition(groups <= 16)
    sk_pick_columns(tile, rows, groups, keep, out, tileWidth, room)
}
