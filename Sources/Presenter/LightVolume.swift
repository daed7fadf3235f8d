// Occlusion and the key light's shadow, baked once: the head is rigid, so they do not change with the pose.
import Kernels

/// Ambient occlusion and key shadow on a grid of points, sampled trilinearly.
final class LightVolume: Sendable {
    private let counts: SIMD3<Int32>
    private let low: SIMD3<Float>
    private let cell: Float
    /// Two values a point: occlusion (1 open), shadow (1 lit).
    private let values: [Float]

    /// Bakes the light around a distance function within a box.
    init(low: SIMD3<Float>, high: SIMD3<Float>, cell: Float, key: SIMD3<Float>, distance: (V8) -> F8) {
        let n = (high - low) / cell
        counts = [Int32(n.x) + 2, Int32(n.y) + 2, Int32(n.z) + 2]
        self.low = low
        self.cell = cell
        var list = [Float](repeating: 1, count: Int(counts.x) * Int(counts.y) * Int(counts.z) * 2)
        let h = 0.5 * cell
        for z in 0..<Int(counts.z) {
            for y in 0..<Int(counts.y) {
                var x = 0
                while x < Int(counts.x) {
                    var px = F8()
                    for lane in 0..<8 { px[lane] = low.x + Float(x + lane) * cell }
                    let p = V8(px, f8(low.y + Float(y) * cell), f8(low.z + Float(z) * cell))
                    let d = distance(p)
                    if any((d .> -0.2) .& (d .< 0.5)) {
                        let gradient = V8(
                            distance(p + V8([h, 0, 0])) - distance(p - V8([h, 0, 0])),
                            distance(p + V8([0, h, 0])) - distance(p - V8([0, h, 0])),
                            distance(p + V8([0, 0, h])) - distance(p - V8([0, 0, h]))).normalized
                        let surface = p - gradient * d
                        let open = Self.openness(surface, gradient, distance)
                        let lit = Self.shadow(surface + gradient * 0.04, key, distance)
                        for lane in 0..<8 where x + lane < Int(counts.x) {
                            let index = ((z * Int(counts.y) + y) * Int(counts.x) + x + lane) * 2
                            list[index] = open[lane]
                            list[index + 1] = lit[lane]
                        }
                    }
                    x += 8
                }
            }
        }
        values = list
    }

    private static func openness(_ p: V8, _ n: V8, _ distance: (V8) -> F8) -> F8 {
        var occluded = f8(0)
        var weight: Float = 1
        for i in 1...5 {
            let h = 0.02 + 0.075 * Float(i)
            occluded = occluded + maximum(h - distance(p + n * h), f8(0)) * (weight / h)
            weight *= 0.72
        }
        return saturate(1 - 0.42 * occluded)
    }

    private static func shadow(_ p: V8, _ key: SIMD3<Float>, _ distance: (V8) -> F8) -> F8 {
        var light = f8(1)
        var t = f8(0.04)
        for _ in 0..<28 {
            let d = distance(p + V8(key) * t)
            light = minimum(light, 0.5 + 3.0 * d / t)
            t = t + clamp(d, 0.03, 0.25)
        }
        light = maximum(light, f8(0))
        return light * light * (3 - 2 * light)
    }

    /// Occlusion and shadow at eight points; points outside take the border's.
    @inline(__always) func sample(_ p: V8) -> (open: F8, lit: F8) {
        var open = F8(), lit = F8()
        let nx = Int(counts.x), ny = Int(counts.y)
        values.withUnsafeBufferPointer { v in
            for lane in 0..<8 {
                let q = (SIMD3(p.x[lane], p.y[lane], p.z[lane]) - low) / cell
                let limit = SIMD3<Float>(Float(counts.x) - 1.001, Float(counts.y) - 1.001, Float(counts.z) - 1.001)
                let c = q.clamped(lowerBound: .zero, upperBound: limit)
                let (ix, iy, iz) = (Int(c.x), Int(c.y), Int(c.z))
                let f = SIMD3(c.x - Float(ix), c.y - Float(iy), c.z - Float(iz))
                var a: Float = 0, b: Float = 0
                for corner in 0..<8 {
                    let (dx, dy, dz) = (corner & 1, corner >> 1 & 1, corner >> 2)
                    let w = (dx == 1 ? f.x : 1 - f.x) * (dy == 1 ? f.y : 1 - f.y) * (dz == 1 ? f.z : 1 - f.z)
                    let index = (((iz + dz) * ny + iy + dy) * nx + ix + dx) * 2
                    a += w * v[index]
                    b += w * v[index + 1]
                }
                open[lane] = a
                lit[lane] = b
            }
        }
        return (open, lit)
    }
}
