// One run of the speech encoder over a stretch of sound, forward and backward.
import Base
import Tensors

/// Activations for `steps` outputs. A convolution is a sum of matrix products, one a tap; every layer shortens the stretch by
/// its reach, so nothing is padded.
final class EncoderPass: @unchecked Sendable {  // one thread at a time
    let steps: Int
    /// Steps that the input and each layer's result hold.
    private let lengths: [Int]
    private let input: Buffer<Float>
    private let sums: [Activations]
    private let branches: [Activations]
    /// [steps][7], and its gradient, which the caller writes.
    let result: Buffer<Float>
    let resultGradient: Buffer<Float>

    /// [length][width] with its gradient.
    private final class Activations {
        let values: Buffer<Float>, gradient: Buffer<Float>
        init(_ length: Int) {
            values = Buffer(count: length * SpeechEncoder.width)
            gradient = Buffer(count: length * SpeechEncoder.width)
        }
    }

    private static let width = SpeechEncoder.width, outputs = SpeechEncoder.outputs, channels = HeardSpeech.channels
    private static let places = Places()

    /// Where the weights begin in the block.
    private struct Places {
        let first = (weight: SpeechEncoder.layout.offset("in.weight"), bias: SpeechEncoder.layout.offset("in.bias"))
        let blocks = SpeechEncoder.dilations.indices.map { (weight: SpeechEncoder.layout.offset("block.\($0).weight"), bias: SpeechEncoder.layout.offset("block.\($0).bias")) }
        let last = (weight: SpeechEncoder.layout.offset("out.weight"), bias: SpeechEncoder.layout.offset("out.bias"))
    }

    init(steps: Int) {
        self.steps = steps
        var lengths = [steps + 2 * SpeechEncoder.reach]
        lengths.append(lengths[0] - (SpeechEncoder.firstTaps - 1))
        for dilation in SpeechEncoder.dilations { lengths.append(lengths[lengths.count - 1] - 2 * dilation) }
        self.lengths = lengths
        input = Buffer(count: lengths[0] * Self.channels)
        sums = lengths.dropFirst().map(Activations.init)
        branches = lengths.dropFirst(2).map(Activations.init)
        result = Buffer(count: steps * Self.outputs)
        resultGradient = Buffer(count: steps * Self.outputs)
    }

    /// Takes in the steps from `first` on and what surrounds them; beyond the ends there is silence.
    func hear(_ heard: HeardSpeech, from first: Int) {
        let channels = Self.channels
        heard.values.withUnsafeBufferPointer { values in
            for t in 0..<lengths[0] {
                let step = first - SpeechEncoder.reach + t
                for c in 0..<channels { input.pointer[t * channels + c] = step >= 0 && step < heard.count ? values[step * channels + c] : 0 }
            }
        }
    }

    /// The mouth of step `n` of the stretch.
    func output(_ n: Int) -> [Float] { (0..<Self.outputs).map { result.pointer[n * Self.outputs + $0] } }

    func forward(_ p: UnsafePointer<Float>) {
        let width = Self.width, places = Self.places
        convolve(input.pointer, Self.channels, p, places.first, taps: SpeechEncoder.firstTaps, dilation: 1, into: sums[0].values.pointer, lengths[1])
        rectify(sums[0].values.pointer, lengths[1] * width)
        for (n, dilation) in SpeechEncoder.dilations.enumerated() {
            let branch = branches[n].values.pointer, sum = sums[n + 1].values.pointer, before = sums[n].values.pointer + dilation * width
            convolve(sums[n].values.pointer, width, p, places.blocks[n], taps: SpeechEncoder.taps, dilation: dilation, into: branch, lengths[n + 2])
            rectify(branch, lengths[n + 2] * width)
            for i in 0..<(lengths[n + 2] * width) { sum[i] = before[i] + branch[i] }
        }
        spread(p + places.last.bias, Self.outputs, into: result.pointer, steps)
        MatrixProduct.multiply(sums[sums.count - 1].values.pointer, p + places.last.weight, into: result.pointer, m: steps, n: Self.outputs, k: width, adding: true)
    }

    /// Adds the gradients of all weights for the gradient of the result.
    func backward(_ p: UnsafePointer<Float>, into gradient: UnsafeMutablePointer<Float>) {
        let width = Self.width, places = Self.places, last = sums[sums.count - 1]
        addColumns(resultGradient.pointer, Self.outputs, steps, to: gradient + places.last.bias)
        MatrixProduct.multiply(last.values.pointer, transposed: true, resultGradient.pointer, into: gradient + places.last.weight, m: width, n: Self.outputs, k: steps, adding: true)
        MatrixProduct.multiply(resultGradient.pointer, transposed: false, p + places.last.weight, transposed: true, into: last.gradient.pointer, m: steps, n: width, k: Self.outputs)
        for (n, dilation) in SpeechEncoder.dilations.enumerated().reversed() {
            let length = lengths[n + 2], sum = sums[n + 1].gradient.pointer, branch = branches[n], before = sums[n]
            for i in 0..<(length * width) { branch.gradient.pointer[i] = branch.values.pointer[i] > 0 ? sum[i] : 0 }
            before.gradient.pointer.update(repeating: 0, count: before.gradient.count)
            for i in 0..<(length * width) { before.gradient.pointer[dilation * width + i] = sum[i] }
            convolveBackward(before.values.pointer, width, p, places.blocks[n], taps: SpeechEncoder.taps, dilation: dilation, branch.gradient.pointer, length,
                             into: gradient, input: before.gradient.pointer)
        }
        for i in 0..<(lengths[1] * width) where sums[0].values.pointer[i] <= 0 { sums[0].gradient.pointer[i] = 0 }
        convolveBackward(input.pointer, Self.channels, p, places.first, taps: SpeechEncoder.firstTaps, dilation: 1, sums[0].gradient.pointer, lengths[1],
                         into: gradient, input: nil)
    }

    /// y[t] = bias + Σ_k x[t + k·dilation] · W_k, for `length` steps.
    private func convolve(_ x: UnsafePointer<Float>, _ inputs: Int, _ p: UnsafePointer<Float>, _ place: (weight: Int, bias: Int), taps: Int, dilation: Int,
                          into y: UnsafeMutablePointer<Float>, _ length: Int) {
        spread(p + place.bias, Self.width, into: y, length)
        for k in 0..<taps {
            MatrixProduct.multiply(x + k * dilation * inputs, p + place.weight + k * inputs * Self.width, into: y, m: length, n: Self.width, k: inputs, adding: true)
        }
    }

    /// Gradients of the weights and, where wanted, of the input, which they are added to.
    private func convolveBackward(_ x: UnsafePointer<Float>, _ inputs: Int, _ p: UnsafePointer<Float>, _ place: (weight: Int, bias: Int), taps: Int, dilation: Int,
                                  _ dy: UnsafePointer<Float>, _ length: Int, into gradient: UnsafeMutablePointer<Float>, input dx: UnsafeMutablePointer<Float>?) {
        addColumns(dy, Self.width, length, to: gradient + place.bias)
        for k in 0..<taps {
            let weight = place.weight + k * inputs * Self.width, shift = k * dilation * inputs
            MatrixProduct.multiply(x + shift, transposed: true, dy, into: gradient + weight, m: inputs, n: Self.width, k: length, adding: true)
            if let dx { MatrixProduct.multiply(dy, transposed: false, p + weight, transposed: true, into: dx + shift, m: length, n: inputs, k: Self.width, adding: true) }
        }
    }

    private func rectify(_ x: UnsafeMutablePointer<Float>, _ count: Int) {
        for i in 0..<count { x[i] = max(x[i], 0) }
    }

    /// The same row `rows` times.
    private func spread(_ row: UnsafePointer<Float>, _ width: Int, into y: UnsafeMutablePointer<Float>, _ rows: Int) {
        for t in 0..<rows { (y + t * width).update(from: row, count: width) }
    }

    private func addColumns(_ x: UnsafePointer<Float>, _ width: Int, _ rows: Int, to sum: UnsafeMutablePointer<Float>) {
        for t in 0..<rows { for c in 0..<width { sum[c] += x[t * width + c] } }
    }
}
