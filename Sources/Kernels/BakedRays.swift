// Rays through a field that was baked: no networks but where it says so; and how bricks are fitted.
import CKernels

/// What a cell of a baked field holds: bits of its 4³ voxels, y lowest, then z.
public struct BakedCell: Hashable, Sendable, BitwiseCopyable {
    /// Voxels that hold anything; that ask the network; that ask it while the eyes move.
    public var holds: UInt64 = 0, asks: UInt64 = 0, asksMoving: UInt64 = 0
    public var brick: Int32 = 0
    /// Of that brick: `Brick.scales`.
    public var scales: UInt32 = 0
    /// A cell that holds nothing.
    public init() {}
}

/// The cells of a column of 128 along y: a bit for each that is not nothing, and the row of the first of each 64.
public struct BakedColumn: Hashable, Sendable, BitwiseCopyable {
    public var low: UInt64 = 0, high: UInt64 = 0
    public var firstLow: Int32 = 0, firstHigh: Int32 = 0
    /// A column that holds nothing.
    public init() {}
}

/// Sizes of a brick: corners of a lattice of `side`³ voxels, then terms at the cell's own corners.
public enum Brick {
    public static let side = Int(SK_BRICK_SIDE), terms = Int(SK_BRICK_TERMS)
    /// Cells along a unit of the cube −1…1; its middle lies between cells 63 and 64.
    public static let scale = SK_BRICK_SCALE
    public static let bytes = Int(SK_BRICK_BYTES), termBytes = Int(SK_BRICK_TERM_BYTES)
    /// What the numbers of a brick are multiplied with, as the rows of a field's table hold it.
    public static func scales(_ brick: UnsafePointer<UInt8>) -> UInt32 { sk_brick_scale(brick) }

    /// Scratch floats of a fit.
    public static func fitFloats(runs: Int, each: Int) -> Int { sk_brick_fit_floats(Int32(runs), Int32(each)) }

    /// Fits a brick to `runs` times `each` samples of a network.
    ///
    /// - Parameters:
    ///   - places: three numbers 0…1 a sample; `values`: colour and density logit.
    ///   - factors: of the terms, for each run.
    ///   - step: length of a sample.
    public static func fit(runs: Int, each: Int, places: UnsafePointer<Float>, factors: UnsafePointer<Float>, values: UnsafePointer<Float>, step: Float,
                           memory: UnsafeMutablePointer<Float>, into brick: UnsafeMutablePointer<UInt8>, terms: UnsafeMutablePointer<Int8>) {
        sk_brick_fit(Int32(runs), Int32(each), places, factors, values, step, memory, brick, terms)
    }

    /// Colour and logit of a brick at `count` places.
    public static func look(_ brick: UnsafePointer<UInt8>, terms: UnsafePointer<Int8>, factors: UnsafePointer<Float>, places: UnsafePointer<Float>, count: Int, into out: UnsafeMutablePointer<Float>) {
        sk_baked_look(brick, terms, factors, places, count, out)
    }
}

/// Gives pixels of a row the mean of their neighbours where these agree, and the numbers of the others: see `sk_between`.
///
/// - Parameters:
///   - first: number of the first pixel of four floats, of `count` that lie `step` apart.
///   - a: pixels to a neighbour and, on the other side, to its opposite; `b`: the same of the other two.
///   - edge: greatest difference of the four; `bend`: of the means of both pairs.
/// - Returns: how many numbers were written to `wanted`.
public func between(_ pixels: UnsafeMutablePointer<Float>, first: Int, step: Int, count: Int, a: Int, b: Int, edge: Float, bend: Float,
                    wanted: UnsafeMutablePointer<Int32>) -> Int {
    sk_between(pixels, first, step, count, a, b, edge, bend, wanted)
}

/// Terms of the bricks of a field as one frame sees them, in memory of the caller; mixed when a ray first needs them.
public struct MixedBricks: @unchecked Sendable {  // the kernel guards each brick by its stamp
    fileprivate let memory: sk_baked_mixed

    /// - Parameters:
    ///   - corners: 32 half floats a brick, 16-byte aligned; `stamps`: one a brick, none of them `frame` or the next number yet.
    ///   - frame: an even number, not 0.
    public init(corners: UnsafeMutablePointer<UInt16>, stamps: UnsafeMutablePointer<UInt32>, frame: UInt32) {
        memory = sk_baked_mixed(corners: corners, stamps: stamps, frame: frame)
    }
}

/// One view of a baked field. What the pointers point to outlives it.
public struct BakedRays: @unchecked Sendable {  // reads only
    private var field: sk_baked
    /// Samples that a ray may take.
    public var most: Int {
        get { Int(field.most) }
        set { field.most = Int32(newValue) }
    }

    /// - Parameters:
    ///   - columns: 128², index x · 128 + z; rows of a column follow one another in the table.
    ///   - factors: of the bricks' terms.
    ///   - moving: the eyes are not fully open.
    ///   - opaque: light that no ray follows any further.
    public init(columns: UnsafePointer<BakedColumn>, table: UnsafePointer<BakedCell>, bricks: UnsafePointer<UInt8>, terms: UnsafePointer<Int8>, factors: [Float], moving: Bool, opaque: Float) {
        precondition(factors.count == Brick.terms && MemoryLayout<BakedCell>.stride == MemoryLayout<sk_baked_cell>.stride)
        precondition(MemoryLayout<BakedColumn>.stride == MemoryLayout<sk_baked_column>.stride && MemoryLayout<BakedRay>.stride == MemoryLayout<sk_ray>.stride)
        field = sk_baked()
        field.columns = UnsafeRawPointer(columns).assumingMemoryBound(to: sk_baked_column.self)
        field.table = UnsafeRawPointer(table).assumingMemoryBound(to: sk_baked_cell.self)
        field.bricks = bricks
        field.terms = terms
        field.moving = moving ? 1 : 0
        field.opaque = opaque
        field.most = .max
        withUnsafeMutableBytes(of: &field.factors) { $0.copyBytes(from: factors.withUnsafeBytes { Array($0) }) }
    }

    /// Follows the rays of a list over their baked samples, each up to one that asks the network: positions of those go to x, y, z.
    ///
    /// - Parameters:
    ///   - list: numbers of their pixels.
    ///   - pixels: premultiplied, four floats each; baked samples are added.
    ///   - ends: for each ray of the list how many samples ask up to it.
    /// - Returns: how many ask in all.
    public func follow(_ list: [Int32], _ rays: UnsafeMutablePointer<BakedRay>, _ ready: MixedBricks, pixels: UnsafeMutablePointer<Float>, origin: SIMD3<Float>, step: Float,
                       _ x: UnsafeMutablePointer<Float>, _ y: UnsafeMutablePointer<Float>, _ z: UnsafeMutablePointer<Float>, ends: UnsafeMutablePointer<Int32>) -> Int {
        withUnsafePointer(to: field) { field in
            withUnsafePointer(to: ready.memory) { ready in
                sk_baked_follow(field, ready, UnsafeMutableRawPointer(rays).assumingMemoryBound(to: sk_ray.self), pixels, [origin.x, origin.y, origin.z], step,
                                list, list.count, x, y, z, ends)
            }
        }
    }
}

/// A ray of a picture, in a cache line of its own.
public struct BakedRay: BitwiseCopyable, Sendable {
    /// Direction; first step.
    public var dx: Float = 0, dy: Float = 0, dz: Float = 0, t: Float = 0
    /// A bit for each of the 64 steps from the first that is still to be taken, and those behind them.
    public var ahead: UInt64 = 0, beyond: UInt64 = 0
    /// Samples that it took.
    public var taken: Int32 = 0
    private var reserved: (Int32, Int32, Int32, Int32, Int32, Int32, Int32) = (0, 0, 0, 0, 0, 0, 0)
    /// A ray that meets nothing.
    public init() {}
}
