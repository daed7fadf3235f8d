// One run of the speech encoder over a stretch of sound, forward and backward.
import Base
import Tensors

/// Activations for `count` outputs, each `SpeechEncoder.stride` steps after the last. A convolution is a sum of matrix products, one
/// a tap; every layer shortens the stretch by its reach, so nothing is padded.
final class EncoderPass: @unchecked Sendable {  // one thread at a time
    let count: Int
    /// Rows that each layer's result holds.
    private let lengths: [Int]
    /// What is heard at every second step, and at the steps between them: the rows that a tap reads lie side by side.
    private let even: Buffer<Float>, odd: Buffer<Float>
    private let sums: [Activations]
    private let branches: [Activations]
    /// How much of each channel of each branch goes on: [branches][width], 1 but while it learns.
    let shares: Buffer<Float>
    /// [count][7], and its gradient, which the caller writes.
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

    init(count: Int) {
        self.count = count
        var lengths = [count + 2 * SpeechEncoder.dilations.reduce(0, +)]
        for dilation in SpeechEncoder.dilations { lengths.append(lengths[lengths.count - 1] - 2 * dilation) }
        self.lengths = lengths
        even = Buffer(count: (lengths[0] + SpeechEncoder.firstTaps / 2) * Self.channels)
        odd = Buffer(count: (lengths[0] + SpeechEncoder.firstTaps / 2) * Self.channels)
        sums = lengths.map(Activations.init)
        branches = lengths.dropFirst().map(Activations.init)
        shares = Buffer(count: SpeechEncoder.dilations.count * Self.width)
        for i in 0..<shares.count { shares.pointer[i] = 1 }
        result = Buffer(count: count * Self.outputs)
        resultGradient = Buffer(count: count * Self.outputs)
    }

    /// Takes in what surrounds the steps `first`, `first + stride` and so on; beyond the ends there is silence.
    func hear(_ heard: HeardSpeech, from first: Int) {
        let channels = Self.channels
        heard.values.withUnsafeBufferPointer { values in
            for row in 0..<(even.count / channels) {
                for (half, buffer) in [even.pointer, odd.pointer].enumerated() {
                    let step = first - SpeechEncoder.reach + 2 * row + half
                    for c in 0..<channels { buffer[row * channels + c] = step >= 0 && step < heard.count ? values[step * channels + c] : 0 }
                }
            }
        }
    }

    /// The mouth of output `n`.
    func output(_ n: Int) -> [Float] { (0..<Self.outputs).map { result.pointer[n * Self.outputs + $0] } }

    func forward(_ p: UnsafePointer<Float>) {
        let width = Self.width, places = Self.places
        convolve(heardTaps, Self.channels, p, places.first, into: sums[0].values.pointer, lengths[0])
        rectify(sums[0].values.pointer, lengths[0] * width)
        for (n, dilation) in SpeechEncoder.dilations.enumerated() {
            let branch = branches[n].values.pointer, sum = sums[n + 1].values.pointer, before = sums[n].values.pointer + dilation * width
            convolve(taps(sums[n].values.pointer, dilation), width, p, places.blocks[n], into: branch, lengths[n + 1])
            rectify(branch, lengths[n + 1] * width)
            let share = UnsafePointer(shares.pointer + n * width)
            for t in 0..<lengths[n + 1] { Self.add(share, times: branch + t * width, to: before + t * width, into: sum + t * width) }
        }
        spread(p + places.last.bias, Self.outputs, into: result.pointer, count)
        MatrixProduct.multiply(sums[sums.count - 1].values.pointer, p + places.last.weight, into: result.pointer, m: count, n: Self.outputs, k: width, adding: true)
    }

    /// Adds the gradients of all weights for the gradient of the result.
    func backward(_ p: UnsafePointer<Float>, into gradient: UnsafeMutablePointer<Float>) {
        let width = Self.width, places = Self.places, last = sums[sums.count - 1]
        addColumns(resultGradient.pointer, Self.outputs, count, to: gradient + places.last.bias)
        MatrixProduct.multiply(last.values.pointer, transposed: true, resultGradient.pointer, into: gradient + places.last.weight, m: width, n: Self.outputs, k: count, adding: true)
        MatrixProduct.multiply(resultGradient.pointer, transposed: false, p + places.last.weight, transposed: true, into: last.gradient.pointer, m: count, n: width, k: Self.outputs)
        for (n, dilation) in SpeechEncoder.dilations.enumerated().reversed() {
            let length = lengths[n + 1], sum = sums[n + 1].gradient.pointer, branch = branches[n], before = sums[n]
            let share = UnsafePointer(shares.pointer + n * width), (branchValues, branchGradient) = (UnsafePointer(branch.values.pointer), branch.gradient.pointer)
            for t in 0..<length { Self.pass(sum + t * width, share, where: branchValues + t * width, into: branchGradient + t * width) }
            before.gradient.pointer.update(repeating: 0, count: dilation * width)
            (before.gradient.pointer + dilation * width).update(from: sum, count: length * width)
            (before.gradient.pointer + (dilation + length) * width).update(repeating: 0, count: dilation * width)
            addWeights(taps(before.values.pointer, dilation), width, places.blocks[n], branch.gradient.pointer, length, into: gradient)
            addInputs(taps(before.gradient.pointer, dilation), p, places.blocks[n], branch.gradient.pointer, length)
        }
        let (values, gradients) = (UnsafePointer(sums[0].values.pointer), sums[0].gradient.pointer)
        for i in 0..<(lengths[0] * width) { gradients[i] = values[i] > 0 ? gradients[i] : 0 }
        addWeights(heardTaps, Self.channels, places.first, sums[0].gradient.pointer, lengths[0], into: gradient)
    }

    /// Where each tap of the first layer begins to read.
    private var heardTaps: [UnsafePointer<Float>] {
        (0..<SpeechEncoder.firstTaps).map { UnsafePointer(($0 % 2 == 0 ? even.pointer : odd.pointer) + $0 / 2 * Self.channels) }
    }
    /// The same of a dilated layer.
    private func taps(_ x: UnsafeMutablePointer<Float>, _ dilation: Int) -> [UnsafeMutablePointer<Float>] {
        (0..<SpeechEncoder.taps).map { x + $0 * dilation * Self.width }
    }
    private func taps(_ x: UnsafeMutablePointer<Float>, _ dilation: Int) -> [UnsafePointer<Float>] {
        (0..<SpeechEncoder.taps).map { UnsafePointer(x + $0 * dilation * Self.width) }
    }

    /// y[t] = bias + Σ_k x_k[t] · W_k, for `length` rows.
    private func convolve(_ taps: [UnsafePointer<Float>], _ inputs: Int, _ p: UnsafePointer<Float>, _ place: (weight: Int, bias: Int),
                          into y: UnsafeMutablePointer<Float>, _ length: Int) {
        spread(p + place.bias, Self.width, into: y, length)
        for (k, x) in taps.enumerated() {
            MatrixProduct.multiply(x, p + place.weight + k * inputs * Self.width, into: y, m: length, n: Self.width, k: inputs, adding: true)
        }
    }

    /// Adds the gradients of a layer's weights.
    private func addWeights(_ taps: [UnsafePointer<Float>], _ inputs: Int, _ place: (weight: Int, bias: Int), _ dy: UnsafePointer<Float>, _ length: Int,
                            into gradient: UnsafeMutablePointer<Float>) {
        addColumns(dy, Self.width, length, to: gradient + place.bias)
        for (k, x) in taps.enumerated() {
            MatrixProduct.multiply(x, transposed: true, dy, into: gradient + place.weight + k * inputs * Self.width, m: inputs, n: Self.width, k: length, adding: true)
        }
    }

    /// Adds the gradient of a dilated layer's input, where each tap read it.
    private func addInputs(_ taps: [UnsafeMutablePointer<Float>], _ p: UnsafePointer<Float>, _ place: (weight: Int, bias: Int), _ dy: UnsafePointer<Float>, _ length: Int) {
        for (k, dx) in taps.enumerated() {
            MatrixProduct.multiply(dy, transposed: false, p + place.weight + k * Self.width * Self.width, transposed: true, into: dx, m: length, n: Self.width, k: Self.width, adding: true)
        }
    }

    /// result = before + share · branch, of a row.
    private static func add(_ share: UnsafePointer<Float>, times branch: UnsafePointer<Float>, to before: UnsafePointer<Float>, into result: UnsafeMutablePointer<Float>) {
        for c in 0..<width { result[c] = before[c] + share[c] * branch[c] }
    }

    /// The gradient that goes on through a row's rectifiers.
    private static func pass(_ gradient: UnsafePointer<Float>, _ share: UnsafePointer<Float>, where value: UnsafePointer<Float>, into result: UnsafeMutablePointer<Float>) {
        for c in 0..<width { result[c] = value[c] > 0 ? share[c] * gradient[c] : 0 }
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
