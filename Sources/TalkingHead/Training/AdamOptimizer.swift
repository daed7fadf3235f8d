// AdamW on flat blocks of parameters (engine specification, 2.6).
import Base
import Foundation
import Kernels

/// A stretch of the block with its own rate.
struct ParameterGroup: Sendable {
    var range: Range<Int>
    var rate: Float
    var decay: Float
}

/// First and second moments of a block. Deterministic: each number depends on its own history only.
final class AdamOptimizer: @unchecked Sendable {  // `step` is called by one thread; its bands write their own ranges
    let groups: [ParameterGroup]
    var momentum: [Float]
    var variance: [Float]
    var steps = 0
    let beta1: Float
    let beta2: Float = 0.99
    let epsilon: Float

    init(count: Int, groups: [ParameterGroup], beta1: Float, epsilon: Float) {
        self.groups = groups
        self.beta1 = beta1
        self.epsilon = epsilon
        momentum = [Float](repeating: 0, count: count)
        variance = [Float](repeating: 0, count: count)
    }

    /// One update; `factor` scales every rate. Clears the gradients behind it.
    func step(_ parameters: UnsafeMutablePointer<Float>, _ gradient: UnsafeMutablePointer<Float>, factor: Float) {
        steps += 1
        let correction1 = 1 - pow(beta1, Float(steps)), correction2 = 1 - pow(beta2, Float(steps))
        momentum.withUnsafeMutableBufferPointer { m in
            variance.withUnsafeMutableBufferPointer { v in
                for group in groups {
                    let rate = group.rate * factor
                    let keep = 1 - rate * group.decay
                    let scale = rate / correction1, root = 1 / correction2.squareRoot()
                    for i in group.range {
                        let g = gradient[i]
                        m[i] = beta1 * m[i] + (1 - beta1) * g
                        v[i] = beta2 * v[i] + (1 - beta2) * g * g
                        parameters[i] = parameters[i] * keep - scale * m[i] / (v[i].squareRoot() * root + epsilon)
                        gradient[i] = 0
                    }
                }
            }
        }
    }
}
