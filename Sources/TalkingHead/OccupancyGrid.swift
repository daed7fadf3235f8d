// Which cells of the cube hold anything, and the walk of a ray through them.
import Foundation

/// 128³ cells over [−1, 1]³ in Morton order, one bit each (engine specification, 1.9).
package struct OccupancyGrid: Sendable {
    package static let side = 128
    package static let cellCount = side * side * side
    package var bits: [UInt8]

    package init(bits: [UInt8]) {
        precondition(bits.count == Self.cellCount / 8, "an occupancy grid has 128^3 bits")
        self.bits = bits
    }

    /// Spreads the low seven bits of a coordinate over every third bit.
    @inline(__always) static func spread(_ v: UInt32) -> UInt32 {
        var x = v & 0x7F
        x = (x | x << 16) & 0x0300_00FF
        x = (x | x << 8) & 0x0300_F00F
        x = (x | x << 4) & 0x030C_30C3
        x = (x | x << 2) & 0x0924_9249
        return x
    }
    @inline(__always) package static func morton(_ x: Int, _ y: Int, _ z: Int) -> Int {
        Int(spread(UInt32(x)) | spread(UInt32(y)) << 1 | spread(UInt32(z)) << 2)
    }
    @inline(__always) package static func compact(_ code: Int) -> (Int, Int, Int) {
        func gather(_ v: Int) -> Int {
            var r = 0
            for b in 0..<7 { r |= (v >> (3 * b) & 1) << b }
            return r
        }
        return (gather(code), gather(code >> 1), gather(code >> 2))
    }
}

/// A bundle of rays through a picture, in working coordinates.
package struct RayCamera: Sendable {
    /// Working pose: x up, y towards the camera, z right (engine specification, 1.2).
    package let rows: [SIMD4<Float>]
    package let focal: SIMD2<Float>
    package let center: SIMD2<Float>
    package let width: Int
    package let height: Int
    package let origin: SIMD3<Float>

    /// From a camera-to-world matrix of a data set; scale 4, offset 0.
    package init(cameraToWorld p: [SIMD4<Float>], focal: SIMD2<Float>, center: SIMD2<Float>, width: Int, height: Int, scale: Float = 4) {
        func row(_ r: SIMD4<Float>) -> SIMD4<Float> { SIMD4(r.x, -r.y, -r.z, scale * r.w) }
        rows = [row(p[1]), row(p[2]), row(p[0]), SIMD4(0, 0, 0, 1)]
        self.focal = focal
        self.center = center
        self.width = width
        self.height = height
        origin = SIMD3(rows[0].w, rows[1].w, rows[2].w)
    }

    /// The same view with another number of pixels.
    func scaled(by factor: Float) -> RayCamera {
        RayCamera(rows: rows, focal: focal * factor, center: center * factor, width: max(1, Int(Float(width) * factor)), height: max(1, Int(Float(height) * factor)), origin: origin)
    }
    private init(rows: [SIMD4<Float>], focal: SIMD2<Float>, center: SIMD2<Float>, width: Int, height: Int, origin: SIMD3<Float>) {
        (self.rows, self.focal, self.center, self.width, self.height, self.origin) = (rows, focal, center, width, height, origin)
    }

    /// Unit direction through the middle of pixel (row j, column i).
    @inline(__always) package func direction(_ j: Int, _ i: Int) -> SIMD3<Float> {
        let u = (Float(i) + 0.5 - center.x) / focal.x, v = (Float(j) + 0.5 - center.y) / focal.y
        let length = (u * u + v * v + 1).squareRoot()
        let c = SIMD3(u, v, 1) / length
        return SIMD3(rows[0].x * c.x + rows[0].y * c.y + rows[0].z * c.z, rows[1].x * c.x + rows[1].y * c.y + rows[1].z * c.z,
                     rows[2].x * c.x + rows[2].y * c.y + rows[2].z * c.z)
    }

    /// Where a ray enters and leaves the box ±(1, ½, 1); huge for both where it misses.
    @inline(__always) package func nearFar(_ d: SIMD3<Float>) -> (near: Float, far: Float) {
        let low = SIMD3<Float>(-1, -0.5, -1), high = SIMD3<Float>(1, 0.5, 1)
        let a = (low - origin) / d, b = (high - origin) / d
        let first = pointwiseMin(a, b), last = pointwiseMax(a, b)
        let near = max(first.x, first.y, first.z), far = min(last.x, last.y, last.z)
        guard near <= far else { return (Float.greatestFiniteMagnitude, Float.greatestFiniteMagnitude) }
        return (max(near, 0.05), far)
    }
}

/// The constant step of the default options: 2√3 / 128.
package let marchStep: Float = 2 * Float(3).squareRoot() / 128

/// Emits the positions of occupied samples along a ray (engine specification, 1.10).
@inline(__always)
package func march(_ bits: UnsafePointer<UInt8>, origin o: SIMD3<Float>, direction d: SIMD3<Float>, from start: Float, far: Float, limit: Int,
                   _ emit: (SIMD3<Float>, Float) -> Void) {
    var t = start
    var taken = 0
    let inverse = 1 / d
    let toward = SIMD3<Float>(d.x.sign == .minus ? 0 : 1, d.y.sign == .minus ? 0 : 1, d.z.sign == .minus ? 0 : 1)
    while t < far, taken < limit {
        let p = (o + d * t).clamped(lowerBound: SIMD3(repeating: -1), upperBound: SIMD3(repeating: 1))
        let q = (p * 64 + 64).clamped(lowerBound: .zero, upperBound: SIMD3(repeating: 127))
        let c = SIMD3<Float>(q.x.rounded(.down), q.y.rounded(.down), q.z.rounded(.down))
        let code = OccupancyGrid.morton(Int(c.x), Int(c.y), Int(c.z))
        if bits[code >> 3] & (1 << UInt8(code & 7)) != 0 {
            t += marchStep
            emit(p, t)
            taken += 1
        } else {
            let edge = (c + toward) / 64 - 1
            let steps = (edge - p) * inverse
            let target = t + max(0, min(steps.x, min(steps.y, steps.z)))
            repeat { t += marchStep } while t < target
        }
    }
}
