// From audio windows to the numbers that drive the lips: AudioNet and the attention over eight slots (engine specification, 1.7, 4.1).
import Base
import Foundation
import Kernels
import Tensors

/// Works on one frame: eight rows of features, the current one at slot 4; or on a run of neighbouring frames.
///
/// What the parameters hold decides its form: without convolutions rows are plain vectors (AVE), without an attention net
/// a frame's code is that of its own row, with an embedding rows are labels: the strongest channel of each step.
struct AudioNetwork: Sendable {
    private struct Convolution { var weight: Int, bias: Int, input: Int, output: Int, stride: Int }
    private let convolutions: [Convolution]
    private let linear: [(weight: Int, bias: Int, output: Int)]
    private let attention: [Convolution]
    private let mixer: (weight: Int, bias: Int)?
    private let embedding: Int?
    let channels: Int
    static let slots = 8, code = 32
    /// Numbers of a code: 32, in AD-NeRF and RAD-NeRF 64. The attention looks at the first `heard` of them.
    let width: Int, heard: Int

    init(layout: ParameterLayout, channels: Int) {
        self.channels = channels
        func convolution(_ key: String, _ stride: Int) -> Convolution {
            let slot = layout.slot(key + ".weight")
            return Convolution(weight: slot.offset, bias: layout.offset(key + ".bias"), input: slot.shape[1], output: slot.shape[0], stride: stride)
        }
        let hears = layout.has("audio_att_net.attentionNet.0.weight")
        convolutions = layout.has("audio_net.encoder_conv.0.weight") ? [0, 2, 4, 6].map { convolution("audio_net.encoder_conv.\($0)", 2) } : []
        linear = [0, 2, 4].filter { layout.has("audio_net.encoder_fc1.\($0).weight") }.map {
            let slot = layout.slot("audio_net.encoder_fc1.\($0).weight")
            return (slot.offset, layout.offset("audio_net.encoder_fc1.\($0).bias"), slot.shape[0])
        }
        width = linear[linear.count - 1].output
        attention = hears ? [0, 2, 4, 6, 8].map { convolution("audio_att_net.attentionConvNet.\($0)", 1) } : []
        heard = attention.first?.input ?? 0
        mixer = hears ? (layout.offset("audio_att_net.attentionNet.0.weight"), layout.offset("audio_att_net.attentionNet.0.bias")) : nil
        embedding = layout.has("embedding.weight") ? layout.offset("embedding.weight") : nil
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

    /// Activations of one row of features [channels, steps]: the input first, the code last.
    func rowCode(_ parameters: UnsafePointer<Float>, _ row: [Float], steps: Int) -> (activations: [[Float]], lengths: [Int]) {
        var activations = [embedding.map { Self.looked(up: row, channels, steps, parameters + $0) } ?? row]
        var lengths = [steps]
        for c in convolutions {
            let (y, n) = Self.convolve(parameters, c, activations[activations.count - 1], lengths[lengths.count - 1])
            activations.append(y)
            lengths.append(n)
        }
        if let last = convolutions.last {
            // The last length is one: a number for each channel.
            let k = activations.count - 1
            activations[k] = (0..<last.output).map { activations[k][$0 * lengths[k]] }
            lengths[k] = 1
        }
        for (index, l) in linear.enumerated() {
            let y = Self.dense(parameters, (l.weight, l.bias), activations[activations.count - 1], l.output)
            activations.append(index < linear.count - 1 ? y.map(Self.leaky) : y)
        }
        return (activations, lengths)
    }

    /// Label mode: each step's strongest channel is looked up in a table [channels, channels].
    private static func looked(up row: [Float], _ channels: Int, _ steps: Int, _ table: UnsafePointer<Float>) -> [Float] {
        var result = [Float](repeating: 0, count: channels * steps)
        for s in 0..<steps {
            var label = 0
            for c in 1..<max(channels, 1) where row[c * steps + s] > row[label * steps + s] { label = c }
            for c in 0..<channels { result[c * steps + s] = table[label * channels + c] }
        }
        return result
    }

    /// The code of a frame from its eight rows; a missing row is a row of zeros.
    func forward(_ parameters: UnsafePointer<Float>, _ rows: [[Float]], steps: Int) -> Trace {
        var trace = Trace()
        for row in rows {
            let (activations, lengths) = rowCode(parameters, row, steps: steps)
            trace.slots.append(activations)
            trace.lengths = lengths
        }
        attend(parameters, trace.slots.map { $0[$0.count - 1] }, &trace)
        return trace
    }

    /// Attention over eight codes that are already known.
    func attend(_ parameters: UnsafePointer<Float>, _ codes: [[Float]], _ trace: inout Trace) {
        var x = [Float](repeating: 0, count: heard * 8)
        for s in 0..<8 { for c in 0..<heard { x[c * 8 + s] = codes[s][c] } }
        trace.attention = [x]
        guard let mixer else {
            // Without attention a frame's code is that of its own row.
            (trace.weights, trace.code) = ((0..<8).map { $0 == 4 ? 1 : 0 }, codes[4])
            return
        }
        for c in attention {
            let (y, _) = Self.convolve(parameters, c, trace.attention[trace.attention.count - 1], 8)
            trace.attention.append(y)
        }
        let logits = Self.dense(parameters, mixer, trace.attention[5], 8)
        let top = logits.max() ?? 0
        let exponentials = logits.map { Foundation.exp($0 - top) }
        let total = exponentials.reduce(0, +)
        trace.weights = exponentials.map { $0 / total }
        trace.code = (0..<width).map { c in (0..<8).reduce(Float(0)) { $0 + trace.weights[$1] * codes[$1][c] } }
    }

    /// Adds the gradients of all audio parameters for a gradient of the code.
    func backward(_ parameters: UnsafePointer<Float>, _ trace: Trace, _ dCode: [Float], _ gradient: UnsafeMutablePointer<Float>) {
        let dCodes = attentionBackward(parameters, trace, codes: trace.slots.map { $0[$0.count - 1] }, dCode, gradient)
        for s in 0..<8 { rowBackward(parameters, trace.slots[s], trace.lengths, dCodes[s], gradient) }
    }

    /// Through the attention alone: gradients of the eight codes.
    private func attentionBackward(_ parameters: UnsafePointer<Float>, _ trace: Trace, codes: [[Float]], _ dCode: [Float],
                                   _ gradient: UnsafeMutablePointer<Float>) -> [[Float]] {
        var dCodes = (0..<8).map { s in dCode.map { $0 * trace.weights[s] } }
        guard let mixer else { return dCodes }
        let dWeights = (0..<8).map { s in (0..<width).reduce(Float(0)) { $0 + dCode[$1] * codes[s][$1] } }
        let mean = zip(dWeights, trace.weights).reduce(Float(0)) { $0 + $1.0 * $1.1 }
        let dLogits = (0..<8).map { trace.weights[$0] * (dWeights[$0] - mean) }
        var d = Self.denseBackward(parameters, mixer, trace.attention[5], dLogits, gradient)
        for (index, c) in attention.enumerated().reversed() {
            d = Self.convolveBackward(parameters, c, trace.attention[index], 8, trace.attention[index + 1], d, gradient)
        }
        for s in 0..<8 { for c in 0..<heard { dCodes[s][c] += d[c * 8 + s] } }
        return dCodes
    }

    /// Codes of neighbouring frames, which share most of their rows: `rows` are those of the first frame's window and one more a frame.
    func forward(run rows: [[Float]], steps: Int, _ parameters: UnsafePointer<Float>) -> (rows: [(activations: [[Float]], lengths: [Int])], frames: [Trace]) {
        let traces = rows.map { rowCode(parameters, $0, steps: steps) }
        let frames = (0...(rows.count - Self.slots)).map { k -> Trace in
            var trace = Trace()
            attend(parameters, (k..<k + Self.slots).map { k in traces[k].activations[traces[k].activations.count - 1] }, &trace)
            return trace
        }
        return (traces, frames)
    }

    /// Adds the gradients of all audio parameters for gradients of the codes of a run.
    func backward(run: (rows: [(activations: [[Float]], lengths: [Int])], frames: [Trace]), _ dCodes: [[Float]], _ parameters: UnsafePointer<Float>,
                  _ gradient: UnsafeMutablePointer<Float>) {
        var dRows = [[Float]](repeating: [Float](repeating: 0, count: width), count: run.rows.count)
        for (k, trace) in run.frames.enumerated() {
            let codes = (k..<k + Self.slots).map { k in run.rows[k].activations[run.rows[k].activations.count - 1] }
            for (s, d) in attentionBackward(parameters, trace, codes: codes, dCodes[k], gradient).enumerated() {
                for c in 0..<width { dRows[k + s][c] += d[c] }
            }
        }
        for (row, d) in zip(run.rows, dRows) { rowBackward(parameters, row.activations, row.lengths, d, gradient) }
    }

    /// Adds the gradients of the row's network for a gradient of its code.
    func rowBackward(_ parameters: UnsafePointer<Float>, _ a: [[Float]], _ lengths: [Int], _ dCode: [Float], _ gradient: UnsafeMutablePointer<Float>) {
        precondition(embedding == nil, "labels are not trained")
        let first = convolutions.count
        var d = dCode
        for (index, l) in linear.enumerated().reversed() {
            let x = a[first + index]
            d = Self.denseBackward(parameters, (l.weight, l.bias), x, d, gradient)
            // What the layer read was rectified, except the row itself and what the convolutions have still to answer for.
            if index > 0 { for i in d.indices where x[i] < 0 { d[i] *= 0.02 } }
        }
        for (index, c) in convolutions.enumerated().reversed() {
            d = Self.convolveBackward(parameters, c, a[index], lengths[index], a[index + 1], d, gradient)
        }
    }

    @inline(__always) private static func leaky(_ x: Float) -> Float { x < 0 ? 0.02 * x : x }

    /// The inputs of output step `t` in the order of the weights: channel by channel, three steps each, zeros beyond the ends.
    private static func column(_ x: UnsafePointer<Float>, _ c: Convolution, _ length: Int, _ t: Int, into column: UnsafeMutablePointer<Float>) {
        for k in 0..<3 {
            let at = t * c.stride + k - 1
            if at >= 0, at < length {
                for i in 0..<c.input { column[3 * i + k] = x[i * length + at] }
            } else {
                for i in 0..<c.input { column[3 * i + k] = 0 }
            }
        }
    }

    private static func dot(_ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, _ count: Int) -> Float {
        var sum = Float8(repeating: 0)
        let vector = count / 8 * 8
        for i in stride(from: 0, to: vector, by: 8) { sum = sum.addingProduct(get(a + i), get(b + i)) }
        var rest: Float = 0
        for i in vector..<count { rest += a[i] * b[i] }
        return sum.sum() + rest
    }

    /// y += d · x.
    private static func add(_ d: Float, _ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, _ count: Int) {
        let vector = count / 8 * 8
        let factor = Float8(repeating: d)
        for i in stride(from: 0, to: vector, by: 8) { put(get(y + i).addingProduct(factor, get(x + i)), y + i) }
        for i in vector..<count { y[i] += d * x[i] }
    }

    private static func convolve(_ p: UnsafePointer<Float>, _ c: Convolution, _ x: [Float], _ length: Int) -> ([Float], Int) {
        let out = (length - 1) / c.stride + 1
        let width = 3 * c.input
        let y = [Float](unsafeUninitializedCapacity: c.output * out) { y, count in
            withUnsafeTemporaryAllocation(of: Float.self, capacity: width) { scratch in
                x.withUnsafeBufferPointer { x in
                    guard let column = scratch.baseAddress, let x = x.baseAddress else { return }
                    for t in 0..<out {
                        Self.column(x, c, length, t, into: column)
                        for o in 0..<c.output { y[o * out + t] = leaky(p[c.bias + o] + dot(p + c.weight + o * width, column, width)) }
                    }
                }
            }
            count = c.output * out
        }
        return (y, out)
    }

    private static func convolveBackward(_ p: UnsafePointer<Float>, _ c: Convolution, _ x: [Float], _ length: Int, _ y: [Float], _ dy: [Float],
                                         _ gradient: UnsafeMutablePointer<Float>) -> [Float] {
        let out = (length - 1) / c.stride + 1
        let width = 3 * c.input
        var dx = [Float](repeating: 0, count: x.count)
        withUnsafeTemporaryAllocation(of: Float.self, capacity: 2 * width) { scratch in
            dx.withUnsafeMutableBufferPointer { dx in
                x.withUnsafeBufferPointer { x in
                    guard let column = scratch.baseAddress, let x = x.baseAddress else { return }
                    let dColumn = column + width
                    for t in 0..<out {
                        Self.column(x, c, length, t, into: column)
                        dColumn.update(repeating: 0, count: width)
                        for o in 0..<c.output {
                            let d = dy[o * out + t] * (y[o * out + t] < 0 ? 0.02 : 1)
                            guard d != 0 else { continue }
                            gradient[c.bias + o] += d
                            add(d, column, gradient + c.weight + o * width, width)
                            add(d, p + c.weight + o * width, dColumn, width)
                        }
                        for k in 0..<3 {
                            let at = t * c.stride + k - 1
                            guard at >= 0, at < length else { continue }
                            for i in 0..<c.input { dx[i * length + at] += dColumn[3 * i + k] }
                        }
                    }
                }
            }
        }
        return dx
    }

    private static func dense(_ p: UnsafePointer<Float>, _ l: (weight: Int, bias: Int), _ x: [Float], _ outputs: Int) -> [Float] {
        x.withUnsafeBufferPointer { x in
            guard let input = x.baseAddress else { return [] }
            return (0..<outputs).map { p[l.bias + $0] + dot(p + l.weight + $0 * x.count, input, x.count) }
        }
    }

    private static func denseBackward(_ p: UnsafePointer<Float>, _ l: (weight: Int, bias: Int), _ x: [Float], _ dy: [Float],
                                      _ gradient: UnsafeMutablePointer<Float>) -> [Float] {
        var dx = [Float](repeating: 0, count: x.count)
        dx.withUnsafeMutableBufferPointer { dx in
            x.withUnsafeBufferPointer { x in
                guard let input = x.baseAddress, let result = dx.baseAddress else { return }
                for (o, d) in dy.enumerated() where d != 0 {
                    gradient[l.bias + o] += d
                    add(d, input, gradient + l.weight + o * x.count, x.count)
                    add(d, p + l.weight + o * x.count, result, x.count)
                }
            }
        }
        return dx
    }
}

/// The eight rows around a frame: t−4 … t+3, zeros beyond the ends (engine specification, 1.7).
func audioWindow(_ rows: [[Float]], at frame: Int, width: Int) -> [[Float]] {
    (frame - 4..<frame + 4).map { $0 >= 0 && $0 < rows.count ? rows[$0] : [Float](repeating: 0, count: width) }
}
