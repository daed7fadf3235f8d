// Rays through a cube of cells: the occupied steps of eight of them.
import CKernels

/// Which of the next 128 steps of eight rays lie in occupied cells: bit k of `low`, then of `high`, is step k from `t`; none from `far` on.
///
/// - Parameters:
///   - cells: 128³ cells of −1…1; bit (y & 31) of word (x · 128 + z) · 4 + y / 32.
///   - most: steps of a ray that are wanted, the first ones; at least one.
public func rayMasks(_ cells: UnsafePointer<UInt32>, origin: SIMD3<Float>, _ dx: Float8, _ dy: Float8, _ dz: Float8, from t: Float8, to far: Float8,
                     step: Float, most: Int) -> (low: SIMD8<UInt64>, high: SIMD8<UInt64>) {
    var low = SIMD8<UInt64>(repeating: 0), high = SIMD8<UInt64>(repeating: 0)
    let values = (dx, dy, dz, t, far, SIMD4(origin, 0))
    withUnsafeBytes(of: values) { v in
        withUnsafeMutableBytes(of: &low) { low in
            withUnsafeMutableBytes(of: &high) { high in
                guard let base = v.baseAddress, let l = low.baseAddress, let h = high.baseAddress else { return }
                func floats(_ offset: Int) -> UnsafePointer<Float> { (base + offset).assumingMemoryBound(to: Float.self) }
                sk_ray_masks(cells, floats(160), floats(0), floats(32), floats(64), floats(96), floats(128), step, Int32(most),
                             l.assumingMemoryBound(to: UInt64.self), h.assumingMemoryBound(to: UInt64.self))
            }
        }
    }
    return (low, high)
}
