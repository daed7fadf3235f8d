// The rays of a frame: where they may begin, and the samples they meet, as the original's march would meet them.
import Base
import Kernels

/// Which cells hold anything, as columns of bits along the depth axis: a ray reads the same word for many steps.
final class OccupancyColumns: @unchecked Sendable {  // written by `init` only
    let words: Buffer<UInt32>

    /// Index (x · 128 + z) · 128 + y.
    func isOccupied(_ cell: Int) -> Bool { words.pointer[cell >> 5] >> UInt32(cell & 31) & 1 == 1 }

    init(_ bits: [UInt8]) {
        words = Buffer(count: OccupancyGrid.cellCount / 32)
        for code in 0..<OccupancyGrid.cellCount where bits[code >> 3] & (1 << UInt8(code & 7)) != 0 {
            let (x, y, z) = OccupancyGrid.compact(code)
            words.pointer[(x * 128 + z) * 4 + y >> 5] |= 1 << UInt32(y & 31)
        }
    }
}

/// State of the rays of a frame, in arrays.
///
/// Of the original's walk to the next cell only the step is left, as a cell's diagonal is exactly one step long: a ray's samples
/// are those steps of its lattice that lie in occupied cells, one bit a step.
final class RayBundle: @unchecked Sendable {  // chunks write their own rays
    let count: Int
    /// First step, and a bit for each of the 64 steps from there that is still to be taken; those of the 64 behind them.
    let t: Buffer<Float>, ahead: Buffer<UInt64>, beyond: Buffer<UInt64>
    let dx: Buffer<Float>, dy: Buffer<Float>, dz: Buffer<Float>
    /// Samples that the original would have taken.
    let taken: Buffer<Int32>

    init(count: Int) {
        self.count = count
        t = Buffer(count: count)
        ahead = Buffer(count: count)
        beyond = Buffer(count: count)
        dx = Buffer(count: count)
        dy = Buffer(count: count)
        dz = Buffer(count: count)
        taken = Buffer(count: count)
    }

    /// The same for loops over many rays.
    var arrays: RayArrays {
        RayArrays(t: t.pointer, ahead: ahead.pointer, beyond: beyond.pointer, dx: dx.pointer, dy: dy.pointer, dz: dz.pointer, taken: taken.pointer)
    }

    /// Position of a ray's next sample, which is taken with this; false where there is none.
    @inline(__always)
    func next(_ r: Int, _ origin: SIMD3<Float>, _ emit: (_ x: Float, _ y: Float, _ z: Float) -> Void) -> Bool {
        if ahead.pointer[r] == 0 {
            if beyond.pointer[r] == 0 { return false }
            t.pointer[r] = Self.step(t.pointer[r], 64)
            ahead.pointer[r] = beyond.pointer[r]
            beyond.pointer[r] = 0
        }
        let bits = ahead.pointer[r]
        ahead.pointer[r] = bits & (bits &- 1)
        let at = Self.step(t.pointer[r], bits.trailingZeroBitCount)
        emit(min(max(origin.x + dx.pointer[r] * at, -1), 1), min(max(origin.y + dy.pointer[r] * at, -1), 1), min(max(origin.z + dz.pointer[r] * at, -1), 1))
        return true
    }

    /// t after `n` rounded steps. While the exponent stays, all of them are the same whole number of the last place: one product.
    @inline(__always)
    static func step(_ t: Float, _ n: Int) -> Float {
        let far = t + Float(n) * ((t + marchStep) - t)
        if far.exponentBitPattern == t.exponentBitPattern { return far }
        var t = t
        for _ in 0..<n { t += marchStep }
        return t
    }

    /// Rays that may meet something, region by region. `most`: samples of a ray that are wanted, the first ones.
    func start(_ camera: RayCamera, _ cells: OccupancyColumns, _ depths: DepthTiles, most: Int = 128, _ budget: ComputeBudget) -> [Int32] {
        let regions = RayRegions(camera)
        budget.forEach(regions.count) { _ = regions.put(aim(regions.pixels($0), camera, cells, depths, most: most), $0) }
        return regions.all
    }

    /// Those of one region, each at the last step of its lattice before it can meet anything; none of them has taken a sample.
    func aim(_ region: (rows: Range<Int>, columns: Range<Int>), _ camera: RayCamera, _ cells: OccupancyColumns, _ depths: DepthTiles, most: Int) -> [Int32] {
        let side = RayRegions.block, (rows, columns) = region
        return [Int32](unsafeUninitializedCapacity: rows.count * columns.count) { list, count in
            for left in stride(from: columns.lowerBound, to: columns.upperBound, by: side) {
                for j in rows {
                    for i in stride(from: left, to: min(left + side, columns.upperBound), by: DepthTiles.side) {
                        guard let bounds = depths.range(j, i) else { continue }
                        let n = j * camera.width + i
                        aimEight(n, camera, cells, j, i, bounds, most)
                        for k in n..<(n + min(8, camera.width - i)) where ahead.pointer[k] | beyond.pointer[k] != 0 {
                            taken.pointer[k] = 0
                            list[count] = Int32(k)
                            count += 1
                        }
                    }
                }
            }
        }
    }

    /// Directions, first step and samples of eight neighbours.
    private func aimEight(_ n: Int, _ camera: RayCamera, _ cells: OccupancyColumns, _ j: Int, _ i: Int, _ bounds: (near: Float, far: Float), _ most: Int) {
        let lanes = Float8(0, 1, 2, 3, 4, 5, 6, 7)
        let rays = AimedRays(camera, cells, row: Float8(repeating: Float(j)), column: Float(i) + lanes, near: Float8(repeating: bounds.near),
                             far: Float8(repeating: bounds.far), most: most)
        if camera.width - i >= 8 {
            put(rays.t, t.pointer + n)
            put(rays.x, dx.pointer + n)
            put(rays.y, dy.pointer + n)
            put(rays.z, dz.pointer + n)
            UnsafeMutableRawPointer(ahead.pointer + n).storeBytes(of: rays.low, as: SIMD8<UInt64>.self)
            UnsafeMutableRawPointer(beyond.pointer + n).storeBytes(of: rays.high, as: SIMD8<UInt64>.self)
            return
        }
        // Those that are left of a row: the next row may be another thread's.
        for k in 0..<min(8, camera.width - i) { store(rays, k, at: n + k) }
    }

    private func store(_ rays: AimedRays, _ k: Int, at n: Int) {
        t.pointer[n] = rays.t[k]
        ahead.pointer[n] = rays.low[k]
        beyond.pointer[n] = rays.high[k]
        dx.pointer[n] = rays.x[k]
        dy.pointer[n] = rays.y[k]
        dz.pointer[n] = rays.z[k]
    }
}

/// A picture in strips of 16 × 128 pixels, each in blocks of 16 × 16: what rays look at one after the other lies close together in the planes,
/// and between aiming and following them their state stays in a near cache.
final class RayRegions: @unchecked Sendable {  // each region writes its own list
    static let block = 16
    private static let length = 8 * block
    private let width: Int, height: Int, across: Int
    /// Regions of the picture.
    let count: Int
    private let lists: UnsafeMutableBufferPointer<[Int32]>

    init(_ camera: RayCamera) {
        (width, height) = (camera.width, camera.height)
        across = (width + Self.length - 1) / Self.length
        count = across * ((height + Self.block - 1) / Self.block)
        lists = .allocate(capacity: count)
        lists.initialize(repeating: [])
    }
    deinit {
        lists.deinitialize()
        lists.deallocate()
    }

    /// Rows and columns of one.
    func pixels(_ region: Int) -> (rows: Range<Int>, columns: Range<Int>) {
        let top = region / across * Self.block, left = region % across * Self.length
        return (top..<min(top + Self.block, height), left..<min(left + Self.length, width))
    }
    /// Keeps the rays of one, and gives them back.
    func put(_ list: [Int32], _ region: Int) -> [Int32] {
        lists[region] = list
        return list
    }
    /// The rays of all of them, region by region.
    var all: [Int32] { lists.flatMap { $0 } }
}

/// Directions, first steps and samples of eight rays: `RayCamera.direction` and `nearFar` in eight lanes, operation by operation.
struct AimedRays {
    let x: Float8, y: Float8, z: Float8, t: Float8
    let low: SIMD8<UInt64>, high: SIMD8<UInt64>

    /// - Parameters:
    ///   - row: of the pixels; `column`: theirs.
    ///   - near: depths before which a ray meets nothing; `far`: behind which.
    ///   - most: samples of a ray that are wanted, the first ones.
    @inline(__always)
    init(_ camera: RayCamera, _ cells: OccupancyColumns, row: Float8, column: Float8, near bound: Float8, far: Float8, most: Int) {
        let u = (column + 0.5 - camera.center.x) / camera.focal.x, v = (row + 0.5 - camera.center.y) / camera.focal.y
        let length = (u * u + v * v + 1).squareRoot()
        let a = u / length, b = v / length, c = 1 / length
        func direction(_ row: SIMD4<Float>) -> Float8 { row.x * a + row.y * b + row.z * c }
        (x, y, z) = (direction(camera.rows[0]), direction(camera.rows[1]), direction(camera.rows[2]))
        var near = Float8(repeating: -.greatestFiniteMagnitude), end = Float8(repeating: .greatestFiniteMagnitude)
        for (d, o, half) in [(x, camera.origin.x, Float(1)), (y, camera.origin.y, 0.5), (z, camera.origin.z, 1)] {
            let first = (-half - o) / d, last = (half - o) / d
            near = maximum(near, minimum(first, last))
            end = minimum(end, maximum(first, last))
        }
        let misses = near .> end
        near = maximum(near, Float8(repeating: 0.05))
        // The last step of each lattice before its bound.
        let steps = ((bound - near) / marchStep - 1).rounded(.towardZero)
        let walked = maximum(steps, Float8(repeating: 0))
        // As `RayBundle.step` does it.
        var t = near + walked * ((near + marchStep) - near)
        if any((unsafeBitCast(t, to: SIMD8<UInt32>.self) ^ unsafeBitCast(near, to: SIMD8<UInt32>.self)) .> 0x7F_FFFF) {
            for k in 0..<8 { t[k] = walked[k] > 0 ? RayBundle.step(near[k], Int(walked[k])) : near[k] }
        }
        self.t = t
        let stop = select(misses, Float8(repeating: -1), minimum(end, far))
        (low, high) = rayMasks(cells.words.pointer, origin: camera.origin, x, y, z, from: t, to: stop, step: marchStep, most: most)
    }
}

/// The original goes over all rays in rounds until it has granted each `steps` samples; a round grants one to eight, the more the fewer rays are left.
enum RayRounds {
    static let steps = 16
    /// No ray takes more: at most fifteen samples are granted before the last round, and eight in it.
    static let most = steps - 1 + 8

    /// Samples that the rounds grant a ray.
    ///
    /// - Parameters:
    ///   - total: rays before the first round.
    ///   - ended: rays of those that met anything, by the samples that they took; behind index `steps - 1` all others.
    static func granted(_ total: Int, ended: [Int]) -> Int {
        var step = 0, alive = total
        while step < steps, alive > 0 {
            step += max(1, min(8, total / alive))
            alive = ended[min(step, steps)...].reduce(0, +)
        }
        return max(step, steps)
    }
}
