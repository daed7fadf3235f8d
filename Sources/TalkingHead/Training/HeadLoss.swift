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

    /// Loss of one ray and its gradients. Terms of the original's first stage with our two changes: the colour error is
    /// weighted by where the ray lies instead of by the uncertainty, and rays that surely meet the head, or surely do not,
    /// say so to the opacity, so that the head has a clean edge over any background.
    ///
    /// - Parameter s: progress of the stage, 0…1.
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
}
