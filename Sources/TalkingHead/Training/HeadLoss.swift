// What a ray's colour and opacity should be (engine specification, 2.4).
import Foundation

enum HeadLoss {
    struct Gradients {
        var value: Float = 0
        var color = SIMD3<Float>.zero
        var opacity: Float = 0
        var ambientAudio: Float = 0
        var ambientEye: Float = 0
        var uncertainty: Float = 0
    }

    /// Weight of a ray's colour error: at first one for all, later larger where the field is unsure. Detached.
    ///
    /// - Parameter mean: mean of e^uncertainty over the rays (N · softmax = e^u / mean).
    static func colorWeight(uncertainty: Float, mean: Float, s: Float) -> Float {
        0.2 + 0.8 * min(max((1 - s) + s * Foundation.exp(uncertainty) / mean, 0), 10)
    }

    /// Loss of one ray and its gradients: the original's first stage, and one term of our own: rays that surely meet the
    /// head, or surely do not, say so to the opacity, so that the head has a clean edge over any background.
    ///
    /// - Parameters:
    ///   - coverage: 1 or 0 where it is known, negative where our term is to be silent.
    ///   - weight: of the colour error, see `colorWeight`.
    ///   - s: progress of the stage, 0…1.
    static func gradients(error: SIMD3<Float>, ground: SIMD3<Float>, sums: RaySums, coverage: Float, isFace: Bool, weight: Float, s: Float) -> Gradients {
        var g = Gradients()
        g.value = weight * (error * error).sum() / 3
        g.color = error * (2 * weight / 3)
        g.opacity = -(g.color * ground).sum()
        // Entropy of the opacity: a ray is full or empty.
        let a = min(max(sums.opacity, 1e-5), 1 - 1e-5)
        g.value += -1e-4 * (a * Foundation.log2(a) + (1 - a) * Foundation.log2(1 - a))
        if a == sums.opacity { g.opacity += -1e-4 * (Foundation.log2(a) - Foundation.log2(1 - a)) }
        if coverage >= 0 {
            let miss = sums.opacity - coverage
            g.value += 0.05 * miss * miss
            g.opacity += 0.1 * miss
        }
        // Sound moves the face only, and sound and lids move different places of it.
        if !isFace {
            g.value += 1e-4 * s * sums.ambientAudio
            g.ambientAudio += 1e-4 * s
        } else {
            g.value += 1e-4 * s * sums.ambientEye / 16 * sums.ambientAudio
            g.ambientEye += 1e-4 * s * sums.ambientAudio / 16
        }
        let b = 1 + sums.uncertainty
        if isFace {
            let distance = (error * error).sum().squareRoot()
            let l = Foundation.log(b)
            g.value += s * (distance / (2 * b * b) + l * l / 2)
            g.uncertainty = s * (l / b - distance / (b * b * b))
        } else {
            g.value += 1e-3 * s * sums.uncertainty
            g.uncertainty = 1e-3 * s
        }
        return g
    }

    /// How much the weights of a ray are spread over depth: Σ wᵢwⱼ|tᵢ − tⱼ| + ⅓ Σ wᵢ² dt (the distortion loss of Mip-NeRF 360).
    /// A head is a surface: weights that gather there cost fewer samples later and leave no haze before a new background.
    ///
    /// - Returns: the loss; `towards` receives its gradient by each weight, times `scale`.
    static func spread(_ s: RaySamples, depths: UnsafePointer<Float>, count: Int, scale: Float, towards: UnsafeMutablePointer<Float>) -> Float {
        withUnsafeTemporaryAllocation(of: Float.self, capacity: max(count, 1)) { weights in
            var transmittance: Float = 1
            for i in 0..<count {
                let alpha = 1 - Foundation.exp(-s.sigma[i] * marchStep)
                weights[i] = alpha * transmittance
                transmittance *= 1 - alpha
            }
            var value: Float = 0
            for i in 0..<count {
                var sum: Float = 0
                for j in 0..<count { sum += weights[j] * abs(depths[i] - depths[j]) }
                value += weights[i] * (sum + weights[i] * marchStep / 3)
                towards[i] = spreadWeight * scale * (2 * sum + 2 * weights[i] * marchStep / 3)
            }
            return spreadWeight * value
        }
    }
    private static let spreadWeight: Float = 0.02
}
