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

    /// One feature: a row of `tileWidth` a level. Coordinates are −1…1; reads and writes up to the next multiple of eight.
    public func look(_ table: UnsafePointer<Float>, _ x: UnsafePointer<Float>, _ y: UnsafePointer<Float>, count: Int, out: UnsafeMutablePointer<Float>) {
        sk_plane_look(table, levels, levels.count, x, y, count, out, tileWidth)
    }
    /// Two features: two rows of `tileWidth` a level.
    public func lookTwo(_ table: UnsafePointer<Float>, _ x: UnsafePointer<Float>, _ y: UnsafePointer<Float>, count: Int, out: UnsafeMutablePointer<Float>) {
        sk_plane_look_two(table, levels, levels.count, x, y, count, out, tileWidth)
    }
}

/// Copies the columns whose bits are set in `keep` (bit k of byte g: column 8 g + k) of `rows` rows of a tile side by side.
/// Up to eight columns behind them are overwritten.
public func pickColumns(_ tile: UnsafePointer<Float>, rows: Int, keep: UnsafePointer<UInt8>, groups: Int, into out: UnsafeMutablePointer<Float>) {
    precondition(groups <= 16)
    sk_pick_columns(tile, rows, groups, keep, out, tileWidth)
}
