// Colours and densities along a ray to one colour, and back (engine specification, 2.3).
import Foundation

/// What a ray adds up to.
struct RaySums {
    var color = SIMD3<Float>.zero
    var opacity: Float = 0
    var ambientAudio: Float = 0
    var ambientEye: Float = 0
    var uncertainty: Float = 0
    /// Samples that counted before the ray was full.
    var used = 0
}

/// The samples of a ray in arrays: index i of each pointer is sample i; colours in three arrays.
struct RaySamples {
    var sigma: UnsafeMutablePointer<Float>
    var red: UnsafeMutablePointer<Float>
    var green: UnsafeMutablePointer<Float>
    var blue: UnsafeMutablePointer<Float>
    var ambientAudio: UnsafeMutablePointer<Float>
    var ambientEye: UnsafeMutablePointer<Float>
    var uncertainty: UnsafeMutablePointer<Float>

    func advanced(_ n: Int) -> RaySamples {
        RaySamples(sigma: sigma + n, red: red + n, green: green + n, blue: blue + n, ambientAudio: ambientAudio + n, ambientEye: ambientEye + n,
                   uncertainty: uncertainty + n)
    }
}

enum Compositor {
    static let opaque: Float = 1e-4

    /// Training form: stops after the sample that leaves less than 1e-4 of the light.
    /// `light`, where given, receives how much light still reaches each sample.
    static func composite(_ s: RaySamples, count: Int, step: Float, light: UnsafeMutablePointer<Float>? = nil) -> RaySums {
        var sums = RaySums()
        var transmittance: Float = 1
        for i in 0..<count {
            let alpha = 1 - Foundation.exp(-s.sigma[i] * step)
            let weight = alpha * transmittance
            light?[i] = transmittance
            sums.color += SIMD3(s.red[i], s.green[i], s.blue[i]) * weight
            sums.opacity += weight
            sums.ambientAudio += s.ambientAudio[i]
            sums.ambientEye += s.ambientEye[i]
            sums.uncertainty += weight * s.uncertainty[i]
            transmittance *= 1 - alpha
            sums.used = i + 1
            if transmittance < opaque { break }
        }
        if let light { for i in sums.used..<max(count, sums.used) { light[i] = 0 } }
        return sums
    }

    /// Gradients of the samples from those of the sums; samples behind the stop get none.
    /// `weights`, where given, holds a further gradient by the weight of each sample before the stop.
    static func backward(_ s: RaySamples, count: Int, step: Float, sums: RaySums, color g: SIMD3<Float>, opacity gW: Float,
                         weights: UnsafePointer<Float>? = nil, ambientAudio gA: Float,
                         ambientEye gE: Float, uncertainty gU: Float, into d: RaySamples) {
        // What a sample adds to a sum, minus what it hides behind it.
        var behind: Float = 0
        if let weights {
            var transmittance: Float = 1
            for i in 0..<sums.used {
                let alpha = 1 - Foundation.exp(-s.sigma[i] * step)
                behind += alpha * transmittance * weights[i]
                transmittance *= 1 - alpha
            }
        }
        var transmittance: Float = 1
        var color = SIMD3<Float>.zero
        var uncertainty: Float = 0
        for i in 0..<count {
            if i >= sums.used {
                d.sigma[i] = 0; d.red[i] = 0; d.green[i] = 0; d.blue[i] = 0
                d.ambientAudio[i] = 0; d.ambientEye[i] = 0; d.uncertainty[i] = 0
                continue
            }
            let alpha = 1 - Foundation.exp(-s.sigma[i] * step)
            let weight = alpha * transmittance
            let c = SIMD3(s.red[i], s.green[i], s.blue[i])
            color += c * weight
            uncertainty += weight * s.uncertainty[i]
            transmittance *= 1 - alpha
            let towardsColor = (g * (c * transmittance - (sums.color - color))).sum()
            let towardsUncertainty = gU * (transmittance * s.uncertainty[i] - (sums.uncertainty - uncertainty))
            var towardsWeights: Float = 0
            if let weights {
                behind -= weight * weights[i]
                towardsWeights = transmittance * weights[i] - behind
            }
            d.sigma[i] = step * (towardsColor + towardsUncertainty + towardsWeights + gW * (1 - sums.opacity))
            d.red[i] = g.x * weight; d.green[i] = g.y * weight; d.blue[i] = g.z * weight
            d.ambientAudio[i] = gA; d.ambientEye[i] = gE
            d.uncertainty[i] = gU * weight
        }
    }
}
