// Rays through a field that was baked: no networks but where it says so.
import CKernels

/// One view of a baked field. What the pointers point to outlives it.
public struct BakedRays: @unchecked Sendable {  // reads only
    private var field: sk_baked

    /// - Parameters:
    ///   - cells: 128³, index (x · 128 + z) · 128 + y: 0 nothing, −1 asks the network, else 2 · brick, plus 1 where the eyes may move it.
    ///   - bricks: (side + 1)³ corners each, y fastest, then z, of 16 half floats: colour, logit, and three terms of the view.
    ///   - view: factors of the terms.
    ///   - opaque: light that no ray follows any further; `most`: samples of a ray.
    public init(cells: UnsafePointer<Int32>, bricks: UnsafePointer<UInt16>, side: Int, moving: Bool, view: SIMD3<Float>, opaque: Float, most: Int) {
        let line = side + 1
        field = sk_baked(cells: cells, bricks: bricks, pitch: 16 * line * line * line, side: Int32(side), moving: moving ? 1 : 0,
                         view: (view.x, view.y, view.z), opaque: opaque, most: Int32(most))
    }

    /// Adds a ray's baked samples to a pixel; true where a sample asks the network, whose position is then in `place`.
    @inline(__always)
    public func run(_ origin: UnsafePointer<Float>, _ dx: Float, _ dy: Float, _ dz: Float, step: Float, start: UnsafeMutablePointer<Float>,
                    ahead: UnsafeMutablePointer<UInt64>, beyond: UnsafeMutablePointer<UInt64>, taken: UnsafeMutablePointer<Int32>,
                    pixel: UnsafeMutablePointer<Float>, place: UnsafeMutablePointer<Float>) -> Bool {
        withUnsafePointer(to: field) { sk_baked_run($0, origin, dx, dy, dz, step, start, ahead, beyond, taken, pixel, place) != 0 }
    }

    /// Colour and logit at a place of a brick, 0…side on each axis.
    public func look(_ brick: Int, _ x: Float, _ y: Float, _ z: Float) -> SIMD4<Float> {
        var out = SIMD4<Float>.zero
        withUnsafePointer(to: field) { field in
            withUnsafeMutableBytes(of: &out) { bytes in
                if let base = bytes.baseAddress { sk_baked_look(field, Int32(brick), x, y, z, base.assumingMemoryBound(to: Float.self)) }
            }
        }
        return out
    }
}
