// Densities and colours along a ray to one colour, the background as its last sample; and back (engine specification, 4.3).
import Foundation

/// What a ray adds up to.
struct RayIntegral {
    /// With the background.
    var color = SIMD3<Float>.zero
    /// Weight of the last sample: what of the background is seen.
    var last: Float = 0

    /// - Parameters:
    ///   - density, rgb: raw outputs of the network, [count] and [count, 3]. - length: of the ray's direction, which is not a unit.
    ///   - weights: receives the weight of each sample.
    init(_ z: UnsafePointer<Float>, density: UnsafePointer<Float>, rgb: UnsafePointer<Float>, count: Int, length: Float, background: SIMD3<Float>,
         weights: UnsafeMutablePointer<Float>) {
        var transmittance: Float = 1
        for i in 0..<count {
            let alpha = 1 - Foundation.exp(-(max(density[i], 0) + 1e-6) * Self.distance(z, i, count, length))
            let weight = alpha * transmittance
            weights[i] = weight
            transmittance *= 1 - alpha + 1e-10
            color += (i == count - 1 ? background : Self.color(rgb, i)) * weight
            last = weight
        }
    }

    /// Gradients of the raw outputs from that of the colour.
    func backward(_ z: UnsafePointer<Float>, density: UnsafePointer<Float>, rgb: UnsafePointer<Float>, count: Int, length: Float, background: SIMD3<Float>,
                  weights: UnsafePointer<Float>, gradient g: SIMD3<Float>, density dDensity: UnsafeMutablePointer<Float>, rgb dRgb: UnsafeMutablePointer<Float>) {
        withUnsafeTemporaryAllocation(of: Float.self, capacity: count) { light in
            // How much light reaches each sample.
            var transmittance: Float = 1
            for i in 0..<count {
                light[i] = transmittance
                transmittance *= Foundation.exp(-(max(density[i], 0) + 1e-6) * Self.distance(z, i, count, length)) + 1e-10
            }
            // What lies behind sample i, as the gradient sees it.
            var behind: Float = 0
            for i in (0..<count).reversed() {
                let c = i == count - 1 ? background : Self.color(rgb, i)
                let towards = (g * c).sum()
                let distance = Self.distance(z, i, count, length)
                let left = Foundation.exp(-(max(density[i], 0) + 1e-6) * distance)
                let dAlpha = light[i] * towards - behind / (left + 1e-10)
                dDensity[i] = density[i] > 0 && left > 0 ? dAlpha * distance * left : 0
                behind += weights[i] * towards
                let d = i == count - 1 ? .zero : g * weights[i] * c * (1 - c)
                dRgb[3 * i] = d.x; dRgb[3 * i + 1] = d.y; dRgb[3 * i + 2] = d.z
            }
        }
    }

    @inline(__always) static func distance(_ z: UnsafePointer<Float>, _ i: Int, _ count: Int, _ length: Float) -> Float {
        (i < count - 1 ? z[i + 1] - z[i] : 1e10) * length
    }
    @inline(__always) static func color(_ raw: UnsafePointer<Float>, _ i: Int) -> SIMD3<Float> {
        SIMD3(sigmoid(raw[3 * i]), sigmoid(raw[3 * i + 1]), sigmoid(raw[3 * i + 2]))
    }
    @inline(__always) static func sigmoid(_ x: Float) -> Float { 1 / (1 + Foundation.exp(-x)) }
}
