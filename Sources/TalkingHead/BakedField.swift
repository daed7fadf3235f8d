// The part of a head that neither sound nor eyes move, baked into bricks: colour and density without a network.
import Base
import Kernels

/// Cells of the cube and the bricks of those that stand still.
///
/// A brick holds the corners of `side`³ voxels: density logit, colour from the middle of the recorded views, and how the colour
/// changes as the camera goes round (slope and bend), over and under (slope).
final class BakedField: @unchecked Sendable {  // written while it is made or read from a file
    /// Index `cell`: 0 nothing, −1 asks the network, else 2 · brick, plus 1 where it asks the network while the eyes move.
    let cells: Buffer<Int32>
    let bricks: Buffer<UInt16>
    let side: Int
    let views: ViewRange
    let columns: OccupancyColumns
    let blocks: [SIMD3<Float>]

    /// Light that no ray of a fast frame follows any further: a quarter of an 8-bit level.
    static let opaque: Float = 1e-3
    /// Samples of a ray. The original takes 16 to 23, by how many rays of the frame are still under way.
    static let most = 20

    init(cells: consuming Buffer<Int32>, bricks: consuming Buffer<UInt16>, side: Int, views: ViewRange) {
        columns = OccupancyColumns(cells)
        blocks = OccupancyBlocks.centers(cells)
        self.cells = cells
        self.bricks = bricks
        self.side = side
        self.views = views
    }

    /// Corners of a brick, and half floats of each.
    static func corners(_ side: Int) -> Int { (side + 1) * (side + 1) * (side + 1) }
    static let cornerHalves = 16

    /// The cell of a position in −1…1.
    @inline(__always) static func cell(_ x: Float, _ y: Float, _ z: Float) -> Int {
        (Int(min(x * 64 + 64, 127)) * 128 + Int(min(z * 64 + 64, 127))) * 128 + Int(min(y * 64 + 64, 127))
    }

    /// As a camera at `origin` sees it; `moving`: the eyes are not fully open.
    func rays(from origin: SIMD3<Float>, moving: Bool) -> BakedRays {
        BakedRays(cells: cells.pointer, bricks: bricks.pointer, side: side, moving: moving, view: views.factors(origin), opaque: Self.opaque, most: Self.most)
    }
}

/// Where cameras stand around a head: the middle, and how far they go round and over it.
struct ViewRange: Sendable, Hashable {
    /// Unit vector towards the middle camera, and the cameras' distance.
    var middle: SIMD3<Float>
    var distance: Float
    /// Sideways (z) and up (x) in the same units; a little beyond what was recorded.
    var across: Float
    var over: Float

    init(_ origins: [SIMD3<Float>]) {
        let known = origins.isEmpty ? [SIMD3<Float>(0, 4.5, 0)] : origins
        let lengths = known.map { ($0 * $0).sum().squareRoot() }
        distance = lengths.reduce(0, +) / Float(lengths.count)
        let directions = zip(known, lengths).map { $0 / max($1, 1e-6) }
        let low = directions.reduce(directions[0]) { pointwiseMin($0, $1) }, high = directions.reduce(directions[0]) { pointwiseMax($0, $1) }
        let center = (low + high) / 2
        middle = SIMD3(center.x, max(1 - center.x * center.x - center.z * center.z, 0.01).squareRoot(), center.z)
        across = max((high.z - low.z) / 2, 0.15)
        over = max((high.x - low.x) / 2, 0.1)
    }

    /// Camera at (sideways, up) in units of the range.
    func origin(_ u: Float, _ v: Float) -> SIMD3<Float> {
        let x = middle.x + v * over, z = middle.z + u * across
        return SIMD3(x, max(1 - x * x - z * z, 0.01).squareRoot(), z) * distance
    }

    /// Factors of the view's terms: sideways, up, sideways squared. Beyond the range the colour stays.
    func factors(_ origin: SIMD3<Float>) -> SIMD3<Float> {
        let n = origin / max((origin * origin).sum().squareRoot(), 1e-6)
        let u = min(max((n.z - middle.z) / across, -1.3), 1.3), v = min(max((n.x - middle.x) / over, -1.3), 1.3)
        return SIMD3(u, v, u * u)
    }
}
