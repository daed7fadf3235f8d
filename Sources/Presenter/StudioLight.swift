// The lamps, the plate behind, and the tone curve.
import Base
import Kernels

/// Key, fill and two rims. For the head they are fixed to the head, so that its colours are a function of head space
/// and the viewing direction, which a radiance field can learn.
enum StudioLight {
    static let key = unit(SIMD3(-0.55, 0.52, 0.85))
    static let fill = unit(SIMD3(0.85, 0.05, 0.62))
    static let rim = unit(SIMD3(0.75, 0.55, -0.72))
    static let rim2 = unit(SIMD3(-0.85, 0.35, -0.65))
    static let keyColor = SIMD3<Float>(1, 0.93, 0.84) * 2.55
    static let fillColor = SIMD3<Float>(0.60, 0.74, 1) * 0.66
    static let rimColor = SIMD3<Float>(1, 0.90, 0.78) * 2.0
    static let rim2Color = SIMD3<Float>(0.55, 0.72, 1) * 1.5

    private static func unit(_ v: SIMD3<Float>) -> SIMD3<Float> { v / (v * v).sum().squareRoot() }

    @inline(__always) static func ambient(_ n: V8) -> V8 {
        V8.mix(V8(SIMD3(0.34, 0.26, 0.23)), V8(SIMD3(0.46, 0.50, 0.58)), n.y * 0.5 + 0.5) * 0.66
    }

    /// Filmic shoulder and display gamma.
    @inline(__always) static func tone(_ c: V8) -> V8 {
        @inline(__always) func curve(_ v: F8) -> F8 {
            let x = maximum(v, f8(0)) * 0.66
            return power(saturate((x * (2.51 * x + 0.03)) / (x * (2.43 * x + 0.59) + 0.14)), 1 / 2.2)
        }
        return V8(curve(c.x), curve(c.y), curve(c.z))
    }

    /// The plate behind the presenter: a soft glow and out-of-focus lamps; u to the right, v down, 0…1.
    static func backdrop(_ u: F8, _ v: F8) -> V8 {
        var c = V8.mix(V8(SIMD3(0.030, 0.045, 0.075)), V8(SIMD3(0.10, 0.11, 0.135)), smoothstep(0, 1, v))
        let gu = u - 0.61, gv = v - 0.42
        let glow = exp(-(gu * gu * 5 + gv * gv * 6)) * 1.035
        c = c + V8(SIMD3(0.20, 0.21, 0.22)) * glow
        let random = SeededRandom(seed: 12)
        for i in 0..<14 {
            let r = (0..<6).map { random.uniform(UInt64(i * 6 + $0)) }
            let radius = 0.03 + 0.05 * r[2]
            let dx = u - r[0], dy = v - r[1] * 0.8
            let d = (dx * dx + dy * dy).squareRoot()
            let disc = smoothstep(radius, radius * 0.86, d) * (0.35 + 0.65 * smoothstep(radius * 0.55, radius, d))
            let hue = SIMD3<Float>(1, 0.62, 0.30) + (SIMD3<Float>(0.35, 0.62, 1) - SIMD3<Float>(1, 0.62, 0.30)) * r[3]
            c = c + V8(hue) * (disc * (0.030 * (0.4 + r[4])))
        }
        return c
    }
}

/// Microfacet distribution of roughness `a`.
@inline(__always) func microfacets(_ n: V8, _ h: V8, _ a: Float) -> F8 {
    let a2 = a * a
    let d = maximum(n.dot(h), f8(0))
    let q = d * d * (a2 * a2 - 1) + 1
    return a2 * a2 / (q * q * 3.14159)
}
