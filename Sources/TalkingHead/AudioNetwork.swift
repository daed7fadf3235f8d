// From audio windows to the 32 numbers that drive the lips: AudioNet and the attention over eight slots (engine specification, 1.7).
import Base
import Foundation

/// Works on one frame: eight rows of features, the current one at slot 4. Small enough for plain loops.
struct AudioNetwork: Sendable {
    private struct Convolution { var weight: Int, bias: Int, input: Int, output: Int, stride: Int }
    private let convolutions: [Convolution]
    private let linear: [(weight: Int, bias: Int)]
    private let attention: [Convolution]
    private let mixer: (weight: Int, bias: Int)
    let channels: Int
    static let slots = 8, code = 32

    init(layout: ParameterLayout, channels: Int) {
        self.channels = channels
        func convolution(_ key: String, _ stride: Int) -> Convolution {
            let slot = layout.slot(key + ".weight")
            return Convolution(weight: slot.offset, bias: layout.offset(key + ".bias"), input: slot.shape[1], output: slot.shape[0], stride: stride)
        }
        convolutions = [0, 2, 4, 6].map { convolution("audio_net.encoder_conv.\($0)", 2) }
        linear = [0, 2].map { (layout.offset("audio_net.encoder_fc1.\($0).weight"), layout.offset("audio_net.encoder_fc1.\($0).bias")) }
        attention = [0, 2, 4, 6, 8].map { convolution("audio_att_net.attentionConvNet.\($0)", 1) }
        mixer = (layout.offset("audio_att_net.attentionNet.0.weight"), layout.offset("audio_att_net.attentionNet.0.bias"))
    }

    /// What the backward pass needs of a forward pass.
    struct Trace {
        /// Activations of each slot: input, four convolutions, the hidden layer, the code.
        var slots: [[[Float]]] = []
        var lengths: [Int] = []
        /// Activations of the attention convolutions, input first.
        var attention: [[Float]] = []
        var weights: [Float] = []
        var code: [Float] = []
    }

    /// Codes of one row of features [channels, steps].
    func rowCode(_ parameters: UnsafePointer<Float>, _ row: [Float], steps: Int) -> (activations: [[Float]], lengths: [Int]) {
        var activations = [row]
        var lengths = [steps]
        for c in convolutions {
            let (y, n) = Self.convolve(parameters, c, activations[activations.count - 1], lengths[lengths.count - 1])
            activations.append(y)
            lengths.append(n)
        }
        // The last length is one: 64 numbers.
        let pooled = (0..<64).map { activations[4][$0 * lengths[4]] }
        activations[4] = pooled
        lengths[4] = 1
        let hidden = Self.dense(parameters, linear[0], pooled, 64).map(Self.leaky)
        activations.append(hidden)
        activations.append(Self.dense(parameters, linear[1], hidden, 32))
        return (activations, lengths)
    }

    /// The code of a frame from its eight rows; a missing row is a row of zeros.
    func forward(_ parameters: UnsafePointer<Float>, _ rows: [[Float]], steps: Int) -> Trace {
        var trace = Trace()
        for row in rows {
            let (activations, lengths) = rowCode(parameters, row, steps: steps)
            trace.slots.append(activations)
            trace.lengths = lengths
        }
        attend(parameters, trace.slots.map { $0[6] }, &trace)
        return trace
    }

    /// Attention over eight codes that are already known.
    func attend(_ parameters: UnsafePointer<Float>, _ codes: [[Float]], _ trace: inout Trace) {
        var x = [Float](repeating: 0, count: 32 * 8)
        for s in 0..<8 { for c in 0..<32 { x[c * 8 + s] = codes[s][c] } }
        trace.attention = [x]
        for c in attention {
            let (y, _) = Self.convolve(parameters, c, trace.attention[trace.attention.count - 1], 8)
            trace.attention.append(y)
        }
        let logits = Self.dense(parameters, mixer, trace.attention[5], 8)
        let top = logits.max() ?? 0
        let exponentials = logits.map { Foundation.exp($0 - top) }
        let total = exponentials.reduce(0, +)
        trace.weights = exponentials.map { $0 / total }
        trace.code = (0..<32).map { c in (0..<8).reduce(Float(0)) { $0 + trace.weights[$1] * codes[$1][c] } }
    }

    /// Adds the gradients of all audio parameters for a gradient of the code.
    func backward(_ parameters: UnsafePointer<Float>, _ trace: Trace, _ dCode: [Float], _ gradient: UnsafeMutablePointer<Float>) {
        var dCodes = (0..<8).map { s in dCode.map { $0 * trace.weights[s] } }
        let dWeights = (0..<8).map { s in (0..<32).reduce(Float(0)) { $0 + dCode[$1] * trace.slots[s][6][$1] } }
        let mean = zip(dWeights, trace.weights).reduce(Float(0)) { $0 + $1.0 * $1.1 }
        let dLogits = (0..<8).map { trace.weights[$0] * (dWeights[$0] - mean) }
        var d = Self.denseBackward(parameters, mixer, trace.attention[5], dLogits, gradient)
        for (index, c) in attention.enumerated().reversed() {
            d = Self.convolveBackward(parameters, c, trace.attention[index], 8, trace.attention[index + 1], d, gradient)
        }
        for s in 0..<8 { for c in 0..<32 { dCodes[s][c] += d[c * 8 + s] } }
        for s in 0..<8 { rowBackward(parameters, trace.slots[s], trace.lengths, dCodes[s], gradient) }
    }

    private func rowBackward(_ parameters: UnsafePointer<Float>, _ a: [[Float]], _ lengths: [Int], _ dCode: [Float], _ gradient: UnsafeMutablePointer<Float>) {
        var d = Self.denseBackward(parameters, linear[1], a[5], dCode, gradient)
        for i in d.indices where a[5][i] < 0 { d[i] *= 0.02 }
        d = Self.denseBackward(parameters, linear[0], a[4], d, gradient)
        for (index, c) in convolutions.enumerated().reversed() {
            d = Self.convolveBackward(parameters, c, a[index], lengths[index], a[index + 1], d, gradient)
        }
    }

    @inline(__always) private static func leaky(_ x: Float) -> Float { x < 0 ? 0.02 * x : x }

    private static func convolve(_ p: UnsafePointer<Float>, _ c: Convolution, _ x: [Float], _ length: Int) -> ([Float], Int) {
        let out = (length - 1) / c.stride + 1
        var y = [Float](repeating: 0, count: c.output * out)
        x.withUnsafeBufferPointer { x in
            for o in 0..<c.output {
                for t in 0..<out {
                    var sum = p[c.bias + o]
                    for k in 0..<3 {
                        let at = t * c.stride + k - 1
                        guard at >= 0, at < length else { continue }
                        let w = p + c.weight + o * c.input * 3 + k
                        for i in 0..<c.input { sum += w[3 * i] * x[i * length + at] }
                    }
                    y[o * out + t] = leaky(sum)
                }
            }
        }
        return (y, out)
    }

    private static func convolveBackward(_ p: UnsafePointer<Float>, _ c: Convolution, _ x: [Float], _ length: Int, _ y: [Float], _ dy: [Float],
                                         _ gradient: UnsafeMutablePointer<Float>) -> [Float] {
        let out = (length - 1) / c.stride + 1
        var dx = [Float](repeating: 0, count: x.count)
        dx.withUnsafeMutableBufferPointer { dx in
            x.withUnsafeBufferPointer { x in
                for o in 0..<c.output {
                    for t in 0..<out {
                        let d = dy[o * out + t] * (y[o * out + t] < 0 ? 0.02 : 1)
                        guard d != 0 else { continue }
                        gradient[c.bias + o] += d
                        for k in 0..<3 {
                            let at = t * c.stride + k - 1
                            guard at >= 0, at < length else { continue }
                            let base = c.weight + o * c.input * 3 + k
                            for i in 0..<c.input {
                                gradient[base + 3 * i] += d * x[i * length + at]
                                dx[i * length + at] += d * p[base + 3 * i]
                            }
                        }
                    }
                }
            }
        }
        return dx
    }

    private static func dense(_ p: UnsafePointer<Float>, _ l: (weight: Int, bias: Int), _ x: [Float], _ outputs: Int) -> [Float] {
        (0..<outputs).map { o in
            var sum = p[l.bias + o]
            for i in x.indices { sum += p[l.weight + o * x.count + i] * x[i] }
            return sum
        }
    }

    private static func denseBackward(_ p: UnsafePointer<Float>, _ l: (weight: Int, bias: Int), _ x: [Float], _ dy: [Float],
                                      _ gradient: UnsafeMutablePointer<Float>) -> [Float] {
        var dx = [Float](repeating: 0, count: x.count)
        for (o, d) in dy.enumerated() where d != 0 {
            gradient[l.bias + o] += d
            for i in x.indices {
                gradient[l.weight + o * x.count + i] += d * x[i]
                dx[i] += d * p[l.weight + o * x.count + i]
            }
        }
        return dx
    }
}

/// The eight rows around a frame: t−4 … t+3, zeros beyond the ends (engine specification, 1.7).
func audioWindow(_ rows: [[Float]], at frame: Int, width: Int) -> [[Float]] {
    (frame - 4..<frame + 4).map { $0 >= 0 && $0 < rows.count ? rows[$0] : [Float](repeating: 0, count: width) }
}
