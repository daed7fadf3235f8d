// Rays through a field that was baked: no networks but where it says so; and how bricks are fitted.
import CKernels

/// What a cell of a baked field holds: bits of its 4³ voxels, y lowest, then z.
public struct BakedCell: Hashable, Sendable, BitwiseCopyable {
    /// Voxels that hold anything; that ask the network; that ask it while the eyes move.
    public var holds: UInt64 = 0, asks: UInt64 = 0, asksMoving: UInt64 = 0
    public var brick: Int32 = 0
    private var reserved: Int32 = 0
    /// A cell that holds nothing.
    public init() {}
}

/// Sizes of a brick: corners of a lattice of `side`³ voxels, then terms at the cell's own corners.
public enum Brick {
    public static let side = Int(SK_BRICK_SIDE), terms = Int(SK_BRICK_TERMS)
    /// Cells along a unit of the cube −1…1; its middle lies between cells 63 and 64.
    public static let scale = SK_BRICK_SCALE
    /// Half floats from a brick to the next.
    public static let pitch = Int(SK_BRICK_PITCH)

    /// Scratch floats of a fit.
    public static func fitFloats(runs: Int, each: Int) -> Int { sk_brick_fit_floats(Int32(runs), Int32(each)) }

    /// Fits a brick to `runs` times `each` samples of a network.
    ///
    /// - Parameters:
    ///   - places: three numbers 0…1 a sample; `values`: colour and density logit.
    ///   - factors: of the terms, for each run.
    ///   - step: length of a sample.
    public static func fit(runs: Int, each: Int, places: UnsafePointer<Float>, factors: UnsafePointer<Float>, values: UnsafePointer<Float>, step: Float,
                           memory: UnsafeMutablePointer<Float>, into brick: UnsafeMutablePointer<UInt16>) {
        sk_brick_fit(Int32(runs), Int32(each), places, factors, values, step, memory, brick)
    }

    /// Colour and logit of a brick at `count` places.
    public static func look(_ brick: UnsafePointer<UInt16>, factors: UnsafePointer<Float>, places: UnsafePointer<Float>, count: Int, into out: UnsafeMutablePointer<Float>) {
        sk_baked_look(brick, factors, places, count, out)
    }
}

/// Terms of bricks that one thread has mixed for one frame.
public final class MixedBricks: @unchecked Sendable {  // one thread at a time
    fileprivate let memory: UnsafeMutablePointer<sk_baked_mixed>
    /// Nothing is mixed yet.
    public init() {
        memory = .allocate(capacity: 1)
        clear()
    }
    deinit { memory.deallocate() }

    /// Forgets everything: before another frame.
    public func clear() { UnsafeMutableRawPointer(memory).assumingMemoryBound(to: Int32.self).update(repeating: -1, count: 256) }
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
    ///   - cells: 128³ of `Brick.scale`, index (x · 128 + z) · 128 + y: 0 nothing, else a row of the table.
    ///   - factors: of the bricks' terms.
    ///   - moving: the eyes are not fully open.
    ///   - opaque: light that no ray follows any further.
    public init(cells: UnsafePointer<Int32>, table: UnsafePointer<BakedCell>, bricks: UnsafePointer<UInt16>, factors: [Float], moving: Bool, opaque: Float) {
        precondition(factors.count == Brick.terms && MemoryLayout<BakedCell>.stride == MemoryLayout<sk_baked_cell>.stride)
        field = sk_baked()
        field.cells = cells
        field.table = UnsafeRawPointer(table).assumingMemoryBound(to: sk_baked_cell.self)
        field.bricks = bricks
        field.moving = moving ? 1 : 0
        field.opaque = opaque
        field.most = .max
        withUnsafeMutableBytes(of: &field.factors) { $0.copyBytes(from: factors.withUnsafeBytes { Array($0) }) }
    }

    /// Follows the rays of a list over their baked samples, each up to one that asks the network: positions of those go to x, y, z.
    ///
    /// - Parameter ends: for each ray of the list how many samples ask up to it.
    /// - Returns: how many ask in all.
    public func follow(_ list: [Int32], _ rays: RayArrays, _ ready: MixedBricks, origin: SIMD3<Float>, step: Float, _ x: UnsafeMutablePointer<Float>,
                       _ y: UnsafeMutablePointer<Float>, _ z: UnsafeMutablePointer<Float>, ends: UnsafeMutablePointer<Int32>) -> Int {
        withUnsafePointer(to: field) { field in
            withUnsafePointer(to: rays.arrays) { rays in sk_baked_follow(field, ready.memory, rays, [origin.x, origin.y, origin.z], step, list, list.count, x, y, z, ends) }
        }
    }
}

/// Rays of a picture, in arrays that outlive it: directions; first step, a bit for each of the 64 steps from there that is still to be
/// taken, and those behind them; samples that they took; premultiplied pixels, four floats each.
public struct RayArrays: @unchecked Sendable {  // threads follow their own rays
    fileprivate let arrays: sk_rays
    /// Buffers of the caller, as long as the fields above say.
    public init(dx: UnsafePointer<Float>, dy: UnsafePointer<Float>, dz: UnsafePointer<Float>, t: UnsafeMutablePointer<Float>, ahead: UnsafeMutablePointer<UInt64>,
                beyond: UnsafeMutablePointer<UInt64>, taken: UnsafeMutablePointer<Int32>, pixels: UnsafeMutablePointer<Float>) {
        arrays = sk_rays(dx: dx, dy: dy, dz: dz, t: t, ahead: ahead, beyond: beyond, taken: taken, pixels: pixels)
    }
}
