// Eight points at once, and the distance functions that shapes are made of.
import Kernels

typealias F8 = Float8

/// Eight vectors, structure of arrays.
struct V8 {
    var x: F8
    var y: F8
    var z: F8
    @inline(__always) init(_ x: F8, _ y: F8, _ z: F8) { self.x = x; self.y = y; self.z = z }
    @inline(__always) init(_ v: SIMD3<Float>) {
        self.init(F8(repeating: v.x), F8(repeating: v.y), F8(repeating: v.z))
    }
    @inline(__always) static func + (a: V8, b: V8) -> V8 { V8(a.x + b.x, a.y + b.y, a.z + b.z) }
    @inline(__always) static func - (a: V8, b: V8) -> V8 { V8(a.x - b.x, a.y - b.y, a.z - b.z) }
    @inline(__always) static func * (a: V8, s: F8) -> V8 { V8(a.x * s, a.y * s, a.z * s) }
    @inline(__always) static func * (a: V8, b: V8) -> V8 { V8(a.x * b.x, a.y * b.y, a.z * b.z) }
    @inline(__always) static func * (a: V8, s: Float) -> V8 { V8(a.x * s, a.y * s, a.z * s) }
    @inline(__always) static prefix func - (a: V8) -> V8 { V8(-a.x, -a.y, -a.z) }
    @inline(__always) func dot(_ b: V8) -> F8 { (x * b.x).addingProduct(y, b.y).addingProduct(z, b.z) }
    @inline(__always) func dot(_ b: SIMD3<Float>) -> F8 { dot(V8(b)) }
    @inline(__always) func cross(_ b: V8) -> V8 { V8(y * b.z - z * b.y, z * b.x - x * b.z, x * b.y - y * b.x) }
    @inline(__always) var length: F8 { dot(self).squareRoot() }
    @inline(__always) var normalized: V8 { self * (1 / maximum(length, F8(repeating: 1e-9))) }
    @inline(__always) static func mix(_ a: V8, _ b: V8, _ t: F8) -> V8 {
        V8(blend(a.x, b.x, t), blend(a.y, b.y, t), blend(a.z, b.z, t))
    }
    @inline(__always) static func choose(_ m: SIMDMask<SIMD8<Int32>>, _ a: V8, _ b: V8) -> V8 {
        V8(select(m, a.x, b.x), select(m, a.y, b.y), select(m, a.z, b.z))
    }
}

@inline(__always) func f8(_ v: Float) -> F8 { F8(repeating: v) }

/// Smooth union of distances with radius `k`.
@inline(__always) func smin(_ a: F8, _ b: F8, _ k: Float) -> F8 {
    let h = maximum(k - absolute(a - b), f8(0)) * (1 / k)
    return minimum(a, b) - h * h * (k * 0.25)
}
@inline(__always) func smax(_ a: F8, _ b: F8, _ k: Float) -> F8 { -smin(-a, -b, k) }

/// Approximate distance to an ellipsoid about the origin.
@inline(__always) func ellipsoid(_ p: V8, _ r: SIMD3<Float>) -> F8 {
    let a = (p * V8(1 / r)).length
    let b = (p * V8(1 / (r * r))).length
    return a * (a - 1) / maximum(b, f8(1e-6))
}
/// Distance to a segment with a radius that changes along it.
@inline(__always) func cone(_ p: V8, _ a: SIMD3<Float>, _ b: SIMD3<Float>, _ ra: Float, _ rb: Float) -> F8 {
    let d = b - a
    let q = p - V8(a)
    let t = saturate(q.dot(d) * (1 / (d * d).sum()))
    return (q - V8(d) * t).length - (ra + (rb - ra) * t)
}

@inline(__always) private func hashed(_ x: SIMD8<Int32>, _ y: SIMD8<Int32>, _ z: Int32) -> F8 {
    var h = SIMD8<UInt32>(truncatingIfNeeded: x) &* 374_761_393 &+ SIMD8<UInt32>(truncatingIfNeeded: y) &* 668_265_263
        &+ UInt32(bitPattern: z) &* 2_147_483_647
    h = (h ^ (h &>> 15)) &* 0x846C_A68B
    h = h ^ (h &>> 13)
    // 23 random mantissa bits: 1…2, minus 1.
    return unsafeBitCast((h &>> 9) | 0x3F80_0000, to: F8.self) - 1
}

/// Smooth value noise over the plane, −1…1.
@inline(__always) func noise2(_ x: F8, _ y: F8) -> F8 {
    let (fx, ix) = roundToInteger(x - 0.5)
    let (fy, iy) = roundToInteger(y - 0.5)
    var a = saturate(x - fx), b = saturate(y - fy)
    a = a * a * (3 - 2 * a)
    b = b * b * (3 - 2 * b)
    let top = blend(hashed(ix, iy, 5), hashed(ix &+ 1, iy, 5), a)
    let bottom = blend(hashed(ix, iy &+ 1, 5), hashed(ix &+ 1, iy &+ 1, 5), a)
    return blend(top, bottom, b) * 2 - 1
}
/// Smooth value noise in space, −1…1.
@inline(__always) func noise3(_ p: V8) -> F8 {
    let (fx, ix) = roundToInteger(p.x - 0.5)
    let (fy, iy) = roundToInteger(p.y - 0.5)
    let (fz, iz) = roundToInteger(p.z - 0.5)
    var a = saturate(p.x - fx), b = saturate(p.y - fy), c = saturate(p.z - fz)
    a = a * a * (3 - 2 * a)
    b = b * b * (3 - 2 * b)
    c = c * c * (3 - 2 * c)
    func layer(_ k: SIMD8<Int32>) -> F8 {
        let y0 = iy &+ k &* 57, y1 = iy &+ 1 &+ k &* 57
        return blend(blend(hashed(ix, y0, 3), hashed(ix &+ 1, y0, 3), a), blend(hashed(ix, y1, 3), hashed(ix &+ 1, y1, 3), a), b)
    }
    return blend(layer(iz), layer(iz &+ 1), c) * 2 - 1
}
