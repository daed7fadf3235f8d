// AdamW on flat blocks of parameters (engine specification, 2.6).
import Base
import Foundation
import Kernels

/// A stretch of the block with its own rate.
package struct ParameterGroup: Sendable {
    package var range: Range<Int>
    package var rate: Float
    /// Weight decay, decoupled from the gradient.
    package var decay: Float
    package init(range: Range<Int>, rate: Float, decay: Float) { (self.range, self.rate, self.decay) = (range, rate, decay) }
}

/// First and second moments of a block. Deterministic: each number depends on its own history only.
package final class AdamOptimizer: @unchecked Sendable {  // `step` is called by one thread; its bands write their own ranges
    package let groups: [ParameterGroup]
    package let momentum: Buffer<Float>
    package let variance: Buffer<Float>
    package var steps = 0
    package let beta1: Float
    package let beta2: Float
    package let epsilon: Float
    /// Groups cut into stretches of at most this many numbers: the pieces that threads take.
    private static let piece = 16_384
    private let pieces: [(group: Int, range: Range<Int>)]

    package init(count: Int, groups: [ParameterGroup], beta1: Float, beta2: Float = 0.99, epsilon: Float) {
        self.groups = groups
        self.beta1 = beta1
        self.beta2 = beta2
        self.epsilon = epsilon
        momentum = Buffer(count: count)
        variance = Buffer(count: count)
        pieces = groups.enumerated().flatMap { index, group in
            stride(from: group.range.lowerBound, to: group.range.upperBound, by: Self.piece).map { (index, $0..<min($0 + Self.piece, group.range.upperBound)) }
        }
    }

    private struct Shared: @unchecked Sendable {  // pieces do not overlap
        let parameters: UnsafeMutablePointer<Float>
        let gradient: UnsafeMutablePointer<Float>
    }

    /// One update; `factor` scales every rate. Clears the gradients behind it.
    package func step(_ parameters: UnsafeMutablePointer<Float>, _ gradient: UnsafeMutablePointer<Float>, factor: Float, budget: ComputeBudget) {
        steps += 1
        let correction1 = 1 - pow(beta1, Float(steps)), correction2 = 1 - pow(beta2, Float(steps))
        let shared = Shared(parameters: parameters, gradient: gradient)
        budget.forEach(pieces.count) { [self] k in
            let group = groups[pieces[k].group]
            update(pieces[k].range, shared.parameters, shared.gradient, rate: group.rate * factor, decay: group.decay,
                   scale: group.rate * factor / correction1, root: 1 / correction2.squareRoot())
        }
    }

    private func update(_ range: Range<Int>, _ p: UnsafeMutablePointer<Float>, _ gradient: UnsafeMutablePointer<Float>, rate: Float, decay: Float,
                        scale: Float, root: Float) {
        let m = momentum.pointer, v = variance.pointer
        let keep = 1 - rate * decay
        let vector = range.count / 8 * 8
        for i in stride(from: range.lowerBound, to: range.lowerBound + vector, by: 8) {
            let g = get(gradient + i)
            let m1 = get(m + i) * beta1 + g * (1 - beta1), v1 = get(v + i) * beta2 + g * g * (1 - beta2)
            put(m1, m + i)
            put(v1, v + i)
            put(get(p + i) * keep - m1 * scale / (v1.squareRoot() * root + epsilon), p + i)
            put(Float8(repeating: 0), gradient + i)
        }
        for i in (range.lowerBound + vector)..<range.upperBound {
            let g = gradient[i]
            m[i] = m[i] * beta1 + g * (1 - beta1)
            v[i] = v[i] * beta2 + g * g * (1 - beta2)
            p[i] = p[i] * keep - m[i] * scale / (v[i].squareRoot() * root + epsilon)
            gradient[i] = 0
        }
    }
}
