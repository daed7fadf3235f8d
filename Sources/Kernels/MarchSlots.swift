// Rays under way in slots, and the samples of theirs whose colours matter.
import CKernels

/// State of rays in arrays of the caller, by their numbers; see `sk_ray_state`.
public struct RayArrays: @unchecked Sendable {  // who may touch which ray is the caller's to say
    fileprivate let memory: sk_ray_state

    /// - Parameters:
    ///   - t: first step of each ray; `ahead`: a bit for each of the 64 steps from there that is still to be taken; `beyond`: those behind them.
    ///   - dx, dy, dz: directions; `taken`: samples taken.
    public init(t: UnsafeMutablePointer<Float>, ahead: UnsafeMutablePointer<UInt64>, beyond: UnsafeMutablePointer<UInt64>, dx: UnsafePointer<Float>,
                dy: UnsafePointer<Float>, dz: UnsafePointer<Float>, taken: UnsafeMutablePointer<Int32>) {
        memory = sk_ray_state(t: t, ahead: ahead, beyond: beyond, dx: dx, dy: dy, dz: dz, taken: taken)
    }
}

/// Numbers of the rays, weights and directions of samples whose colours matter.
public struct ShadedSamples: @unchecked Sendable {  // the memory's owner says who uses it
    fileprivate let memory: sk_shaded
    public var ray: UnsafeMutablePointer<Int32> { memory.ray }
    public var weight: UnsafeMutablePointer<Float> { memory.weight }
    /// Three rows: x, y, z.
    public var direction: [UnsafeMutablePointer<Float>] { [memory.dx, memory.dy, memory.dz] }

    /// Floats that `count` samples need.
    public static func floats(_ count: Int) -> Int { 5 * (count + 8) }
    /// In `floats(count)` floats, which must outlive it.
    public init(_ block: UnsafeMutablePointer<Float>, count: Int) {
        let rows = (0..<5).map { block + $0 * (count + 8) }
        memory = sk_shaded(ray: UnsafeMutableRawPointer(rows[0]).bindMemory(to: Int32.self, capacity: count + 8), weight: rows[1], dx: rows[2], dy: rows[3], dz: rows[4])
    }

    /// Forgets the first `n` of `count`; the others move up.
    public func drop(_ n: Int, of count: Int) {
        ray.update(from: ray + n, count: count - n)
        for row in [weight] + direction { row.update(from: row + n, count: count - n) }
    }
}

/// Rays under way. A ray's state comes along when it takes a slot and goes home when it leaves.
public struct MarchSlots: @unchecked Sendable {  // the memory's owner says who uses it
    private let memory: sk_march
    /// The number of the ray in each slot.
    public var ray: UnsafePointer<Int32> { UnsafePointer(memory.ray) }

    /// Floats that `count` slots need.
    public static func floats(_ count: Int) -> Int { 9 * (count + 8) }
    /// In `floats(count)` floats, which must outlive it.
    public init(_ block: UnsafeMutablePointer<Float>, count: Int) {
        let rows = (0..<9).map { block + $0 * (count + 8) }
        func whole<T: BitwiseCopyable>(_ row: Int, _ type: T.Type) -> UnsafeMutablePointer<T> {
            UnsafeMutableRawPointer(rows[row]).bindMemory(to: type, capacity: count + 8)
        }
        memory = sk_march(ray: whole(0, Int32.self), taken: whole(1, Int32.self), low: whole(2, UInt32.self), high: whole(3, UInt32.self), t: rows[4], dx: rows[5],
                          dy: rows[6], dz: rows[7], opacity: rows[8])
    }

    /// What ends a ray: so little light (`opaque`), or `most` samples; colours of weights up to `negligible` do not matter.
    public typealias Limits = sk_march_limits

    /// Gives those of `count` rays that have a sample ahead slots behind the first `slots`; how many are taken then.
    public func enter(_ list: UnsafePointer<Int32>, count: Int, behind slots: Int, _ rays: RayArrays, pixels: UnsafePointer<Float>, step: Float) -> Int {
        withUnsafePointer(to: memory) { m in withUnsafePointer(to: rays.memory) { sk_march_enter(m, slots, $0, pixels, list, count, step) } }
    }
    /// Takes the next step of each of the first `slots` rays; the places, within −1…1, go to x, y, z, which have room for seven more.
    public func place(_ slots: Int, origin: SIMD3<Float>, step: Float, _ x: UnsafeMutablePointer<Float>, _ y: UnsafeMutablePointer<Float>, _ z: UnsafeMutablePointer<Float>) {
        withUnsafePointer(to: memory) { sk_march_place($0, slots, [origin.x, origin.y, origin.z], step, x, y, z) }
    }
    /// Adds opacities of samples to the rays of some slots. Those that go on move to the slots behind the first `going`; the others go home.
    ///
    /// - Parameters:
    ///   - pixels: four floats a ray, of which the fourth becomes the opacity of those that leave.
    ///   - keep: gets a bit for each sample whose colour matters; these go to `shaded` behind the first `waiting`.
    /// - Returns: how many colours matter.
    public func weigh(_ start: Int, count: Int, going: inout Int, _ alpha: UnsafePointer<Float>, _ limits: Limits, _ rays: RayArrays, pixels: UnsafeMutablePointer<Float>,
                      keep: UnsafeMutablePointer<UInt8>, into shaded: ShadedSamples, behind waiting: Int) -> Int {
        withUnsafePointer(to: memory) { m in
            withUnsafePointer(to: rays.memory) { r in
                withUnsafePointer(to: shaded.memory) { s in
                    withUnsafePointer(to: limits) { sk_march_weigh(m, start, count, &going, alpha, $0, r, pixels, keep, s, waiting) }
                }
            }
        }
    }
}
