// The rays of a fast frame: aimed pixel by pixel, as passes ask for them.
import Base
import Kernels

/// State of the rays of a picture, by the number of their pixel.
final class BakedRayBundle: @unchecked Sendable {  // bands and chunks write their own rays
    let rays: Buffer<BakedRay>
    /// Samples of each pixel, at most those of the original's rounds: of its own ray, or of one near it.
    let taken: Buffer<UInt8>
    init(count: Int) {
        rays = Buffer(count: count)
        taken = Buffer(count: count)
    }

    /// Notes what the rays of a list have taken.
    func note(_ list: ArraySlice<Int32>) {
        for ray in list { taken.pointer[Int(ray)] = UInt8(truncatingIfNeeded: min(max(rays.pointer[Int(ray)].taken, 0), Int32(RayRounds.steps))) }
    }

    /// Aims the rays of some pixels (row · width + column) and gives those that may meet something.
    func aim(_ pixels: [Int32], _ camera: RayCamera, _ cells: OccupancyColumns, _ depths: DepthTiles) -> [Int32] {
        [Int32](unsafeUninitializedCapacity: pixels.count) { found, count in
            pixels.withUnsafeBufferPointer { pixels in
                // Lanes through memory: a lane that is chosen at run time costs a whole vector.
                withUnsafeTemporaryAllocation(of: Float.self, capacity: 64) { lanes in
                    for start in stride(from: 0, to: pixels.count, by: 8) {
                        aim(UnsafeBufferPointer(rebasing: pixels[start..<min(start + 8, pixels.count)]), camera, cells, depths, lanes) { found[count] = $0; count += 1 }
                    }
                }
            }
        }
    }

    /// Up to eight rays at once; `lanes` is their scratch.
    @inline(__always)
    private func aim(_ pixels: UnsafeBufferPointer<Int32>, _ camera: RayCamera, _ cells: OccupancyColumns, _ depths: DepthTiles,
                     _ lanes: UnsafeMutableBufferPointer<Float>, _ found: (Int32) -> Void) {
        guard let p = lanes.baseAddress else { return }
        let width = UInt32(truncatingIfNeeded: camera.width)
        for k in 0..<8 {
            let n = UInt32(bitPattern: k < pixels.count ? pixels[k] : 0), row = n / width, (j, i) = (Int(row), Int(n &- row &* width))
            (p[k], p[8 + k]) = (Float(j), Float(i))
            (p[16 + k], p[24 + k]) = k < pixels.count ? depths.range(j, i) ?? (0, -1) : (0, -1)
        }
        let aimed = AimedRays(camera, cells, row: get(p), column: get(p + 8), near: get(p + 16), far: get(p + 24), most: RayRounds.most)
        put(aimed.x, p)
        put(aimed.y, p + 8)
        put(aimed.z, p + 16)
        put(aimed.t, p + 24)
        let bits = UnsafeMutableRawPointer(p + 32)
        bits.storeBytes(of: aimed.low, as: SIMD8<UInt64>.self)
        (bits + 64).storeBytes(of: aimed.high, as: SIMD8<UInt64>.self)
        for k in pixels.indices {
            var ray = BakedRay()
            (ray.ahead, ray.beyond) = (bits.load(fromByteOffset: 8 * k, as: UInt64.self), bits.load(fromByteOffset: 64 + 8 * k, as: UInt64.self))
            guard ray.ahead | ray.beyond != 0 else { continue }
            (ray.dx, ray.dy, ray.dz, ray.t) = (p[k], p[8 + k], p[16 + k], p[24 + k])
            rays.pointer[Int(pixels[k])] = ray
            found(pixels[k])
        }
    }
}
