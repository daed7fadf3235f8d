// The head's network on tiles of samples: region attention, density and colour (engine specification, 1.4–1.6).
import Base
import Foundation
import Kernels
import Tensors

/// Rows of a tile's activations. Neighbouring blocks are the inputs of the layers, so nothing is copied between them.
enum HeadRow {
    static let position = 0, audio = 36, eye = 68
    /// Inputs of the density network: 69 rows from `position`.
    static let hiddenAttention = 69, attention = 133, hiddenEye = 165, eyeLogit = 181
    static let sigma1 = 185, sigma2 = 249
    /// Density logit, 64 geometry features, three unused rows; then direction and identity: inputs of the colour network.
    static let sigmaOut = 313, direction = 381, identity = 397
    static let color1 = 401, colorOut = 465
    static let hiddenUncertainty = 469, uncertainty = 501
    static let count = 505
}

/// Conditions of one frame for the head.
package struct HeadConditions: Sendable {
    package var audio: [Float]
    package var eye: Float
    package var identity: [Float]
    package init(audio: [Float], eye: Float, identity: [Float]) {
        precondition(audio.count == 32 && identity.count == 4, "an audio code has 32 values, an identity 4")
        self.audio = audio
        self.eye = eye
        self.identity = identity
    }
}

/// What a tile gives for each sample.
struct HeadOutputs {
    var sigma: UnsafeMutablePointer<Float>
    /// Three rows of `tileWidth`.
    var color: UnsafeMutablePointer<Float>
    var ambientAudio: UnsafeMutablePointer<Float>
    var ambientEye: UnsafeMutablePointer<Float>
    var uncertainty: UnsafeMutablePointer<Float>
}

/// Packed weights of the head and its passes over tiles. `parameters` outlive it.
final class HeadNetwork: @unchecked Sendable {  // written by `pack` only, while nobody reads
    let layout: ParameterLayout
    let encoder = PlaneEncoder.head()
    let tables: [Int]
    private let stack: LayerStack
    private var layers: [LayerStack.Layer] { stack.layers }
    private var forwardWeights: UnsafeMutablePointer<Float> { stack.forwardWeights.pointer }
    private var backwardWeights: UnsafeMutablePointer<Float> { stack.backwardWeights.pointer }
    var gradientCount: Int { stack.gradientCount }

    static let attention1 = 0, attention2 = 1, eye1 = 2, eye2 = 3, sigma1 = 4, sigma2 = 5, sigma3 = 6, color1 = 7, color2 = 8, unc1 = 9, unc2 = 10

    init(layout: ParameterLayout) {
        self.layout = layout
        tables = ["xy", "yz", "xz"].map { layout.offset("encoder_\($0).embeddings") }
        func layer(_ key: String, _ input: Int, _ output: Int, rectify: Bool, column: [Int]? = nil) -> LayerStack.Layer {
            LayerStack.Layer(layout, key, input, output, rectify: rectify, column: column)
        }
        // Colour reads [density, geometry 64, unused 3, direction 16, identity 4]; its matrix has direction first.
        let colorColumns = [-1] + (16..<80) + [-1, -1, -1] + (0..<16) + (80..<84)
        stack = LayerStack([
            layer("aud_ch_att_net.net.0", HeadRow.position, HeadRow.hiddenAttention, rectify: true),
            layer("aud_ch_att_net.net.1", HeadRow.hiddenAttention, HeadRow.attention, rectify: false),
            layer("eye_att_net.net.0", HeadRow.position, HeadRow.hiddenEye, rectify: true),
            layer("eye_att_net.net.1", HeadRow.hiddenEye, HeadRow.eyeLogit, rectify: false),
            layer("sigma_net.net.0", HeadRow.position, HeadRow.sigma1, rectify: true),
            layer("sigma_net.net.1", HeadRow.sigma1, HeadRow.sigma2, rectify: true),
            layer("sigma_net.net.2", HeadRow.sigma2, HeadRow.sigmaOut, rectify: false),
            layer("color_net.net.0", HeadRow.sigmaOut, HeadRow.color1, rectify: true, column: colorColumns),
            layer("color_net.net.1", HeadRow.color1, HeadRow.colorOut, rectify: false),
            layer("unc_net.net.0", HeadRow.position, HeadRow.hiddenUncertainty, rectify: true),
            layer("unc_net.net.1", HeadRow.hiddenUncertainty, HeadRow.uncertainty, rectify: false),
        ])
    }

    /// Packs the current parameters. `training` packs the transposed matrices as well.
    func pack(_ parameters: UnsafePointer<Float>, training: Bool) { stack.pack(parameters, training: training) }

    @inline(__always) private func run(_ index: Int, _ tile: UnsafeMutablePointer<Float>, _ count: Int) {
        let l = layers[index]
        denseForward(forwardWeights + l.packed, inputs: l.column.count, outputs: l.outputs, tile + l.input * tileWidth,
                     tile + l.output * tileWidth, count: count, rectify: l.rectify)
    }

    /// Positions to densities, for the upkeep of the occupancy grid as well.
    func density(_ parameters: UnsafePointer<Float>, _ conditions: HeadConditions, x: UnsafePointer<Float>, y: UnsafePointer<Float>,
                 z: UnsafePointer<Float>, count n: Int, tile: UnsafeMutablePointer<Float>) {
        let count = (n + 15) / 16 * 16
        encoder.encode(parameters + tables[0], x, y, count: n, out: tile)
        encoder.encode(parameters + tables[1], y, z, count: n, out: tile + 12 * tileWidth)
        encoder.encode(parameters + tables[2], x, z, count: n, out: tile + 24 * tileWidth)
        for r in 0..<36 { for i in n..<count { tile[r * tileWidth + i] = 0 } }
        run(Self.attention1, tile, count)
        run(Self.attention2, tile, count)
        run(Self.eye1, tile, count)
        run(Self.eye2, tile, count)
        for j in 0..<32 {
            let a = tile + (HeadRow.attention + j) * tileWidth, o = tile + (HeadRow.audio + j) * tileWidth
            let code = Float8(repeating: conditions.audio[j])
            for i in stride(from: 0, to: count, by: 8) { put(get(a + i) * code, o + i) }
        }
        let logit = tile + HeadRow.eyeLogit * tileWidth, eye = tile + HeadRow.eye * tileWidth
        let closure = Float8(repeating: conditions.eye)
        for i in stride(from: 0, to: count, by: 8) { put(closure / (1 + exp(-get(logit + i))), eye + i) }
        run(Self.sigma1, tile, count)
        run(Self.sigma2, tile, count)
        run(Self.sigma3, tile, count)
    }

    /// The whole network. Directions come as rows of x, y, z.
    func forward(_ parameters: UnsafePointer<Float>, _ conditions: HeadConditions, x: UnsafePointer<Float>, y: UnsafePointer<Float>,
                 z: UnsafePointer<Float>, dx: UnsafePointer<Float>, dy: UnsafePointer<Float>, dz: UnsafePointer<Float>, count n: Int,
                 tile: UnsafeMutablePointer<Float>, out: HeadOutputs, uncertainty: Bool) {
        let count = (n + 15) / 16 * 16
        density(parameters, conditions, x: x, y: y, z: z, count: n, tile: tile)
        sphericalHarmonics(dx, dy, dz, count: count, out: tile + HeadRow.direction * tileWidth)
        for k in 0..<4 {
            let row = tile + (HeadRow.identity + k) * tileWidth
            for i in 0..<count { row[i] = conditions.identity[k] }
        }
        run(Self.color1, tile, count)
        run(Self.color2, tile, count)
        let logit = tile + HeadRow.sigmaOut * tileWidth
        for i in stride(from: 0, to: count, by: 8) {
            put(exp(minimum(get(logit + i), Float8(repeating: 60))), out.sigma + i)
            for c in 0..<3 {
                put(1.002 / (1 + exp(-get(tile + (HeadRow.colorOut + c) * tileWidth + i))) - 0.001, out.color + c * tileWidth + i)
            }
            var norm = Float8(repeating: 0)
            for j in 0..<32 {
                let a = get(tile + (HeadRow.attention + j) * tileWidth + i)
                norm = norm.addingProduct(a, a)
            }
            put(norm.squareRoot(), out.ambientAudio + i)
            put(1 / (1 + exp(-get(tile + HeadRow.eyeLogit * tileWidth + i))), out.ambientEye + i)
        }
        guard uncertainty else { return }
        run(Self.unc1, tile, count)
        run(Self.unc2, tile, count)
        for i in 0..<count { out.uncertainty[i] = softplus(tile[HeadRow.uncertainty * tileWidth + i]) }
    }

    /// Gradients of a tile from those of its outputs; the tile still holds the forward activations.
    ///
    /// - Parameters:
    ///   - gradient: a tile of the same rows, used as scratch; afterwards rows 0–35 hold the gradient of the position code.
    ///   - weights: receives the packed gradients of all matrices (see `unpack`).
    ///   - audio, identity: receive the gradients of the audio code and of the identity code.
    func backward(_ conditions: HeadConditions, count n: Int, tile: UnsafeMutablePointer<Float>, out: HeadOutputs, outGradient g: HeadOutputs,
                  gradient: UnsafeMutablePointer<Float>, weights: UnsafeMutablePointer<Float>, audio: UnsafeMutablePointer<Float>,
                  identity: UnsafeMutablePointer<Float>, uncertainty: Bool) {
        let count = (n + 15) / 16 * 16
        func clear(_ row: Int, _ rows: Int) { (gradient + row * tileWidth).update(repeating: 0, count: rows * tileWidth) }
        for r in [g.sigma, g.color, g.color + tileWidth, g.color + 2 * tileWidth, g.ambientAudio, g.ambientEye, g.uncertainty] {
            for i in n..<count { r[i] = 0 }
        }
        // Colour.
        clear(HeadRow.colorOut, 4)
        for c in 0..<3 {
            let o = gradient + (HeadRow.colorOut + c) * tileWidth
            for i in 0..<n {
                let s = (out.color[c * tileWidth + i] + 0.001) / 1.002
                o[i] = g.color[c * tileWidth + i] * 1.002 * s * (1 - s)
            }
        }
        back(Self.color2, tile, gradient, weights, count)
        back(Self.color1, tile, gradient, weights, count)
        for k in 0..<4 {
            var sum: Float = 0
            for i in 0..<n { sum += gradient[(HeadRow.identity + k) * tileWidth + i] }
            identity[k] += sum
        }
        // Density: the exponential's slope is its value, held within e^15 against overflow.
        let logit = gradient + HeadRow.sigmaOut * tileWidth
        for i in 0..<count { logit[i] = i < n ? g.sigma[i] * min(out.sigma[i], 3.269e6) : 0 }
        for r in 65..<68 { (gradient + (HeadRow.sigmaOut + r) * tileWidth).update(repeating: 0, count: tileWidth) }
        back(Self.sigma3, tile, gradient, weights, count)
        back(Self.sigma2, tile, gradient, weights, count)
        back(Self.sigma1, tile, gradient, weights, count)
        // Region attention of the audio.
        for j in 0..<32 {
            let da = gradient + (HeadRow.audio + j) * tileWidth, a = tile + (HeadRow.attention + j) * tileWidth
            let o = gradient + (HeadRow.attention + j) * tileWidth
            var sum: Float = 0
            for i in 0..<n {
                sum += da[i] * a[i]
                o[i] = da[i] * conditions.audio[j] + g.ambientAudio[i] * a[i] / max(out.ambientAudio[i], 1e-12)
            }
            for i in n..<count { o[i] = 0 }
            audio[j] += sum
        }
        // Region attention of the eye.
        clear(HeadRow.eyeLogit, 4)
        for i in 0..<n {
            let s = out.ambientEye[i]
            gradient[HeadRow.eyeLogit * tileWidth + i] = (gradient[HeadRow.eye * tileWidth + i] * conditions.eye + g.ambientEye[i]) * s * (1 - s)
        }
        back(Self.attention2, tile, gradient, weights, count)
        backAdding(Self.attention1, tile, gradient, weights, count)
        back(Self.eye2, tile, gradient, weights, count)
        backAdding(Self.eye1, tile, gradient, weights, count)
        guard uncertainty else { return }
        clear(HeadRow.uncertainty, 4)
        for i in 0..<n { gradient[HeadRow.uncertainty * tileWidth + i] = g.uncertainty[i] * (1 - Foundation.exp(-out.uncertainty[i])) }
        back(Self.unc2, tile, gradient, weights, count)
        // The position code is detached here: weights only.
        rectify(Self.unc1, tile, gradient, count)
        weightGradient(Self.unc1, tile, gradient, weights, count)
    }

    /// Adds packed gradients of all matrices at their places in a block of `layout`.
    func unpack(_ packed: UnsafePointer<Float>, into gradient: UnsafeMutablePointer<Float>) { stack.unpack(packed, into: gradient) }

    /// Stops the gradient where the layer's ReLU was shut.
    private func rectify(_ index: Int, _ tile: UnsafeMutablePointer<Float>, _ gradient: UnsafeMutablePointer<Float>, _ count: Int) {
        let l = layers[index]
        guard l.rectify else { return }
        let zero = Float8(repeating: 0)
        for r in l.output..<(l.output + l.outputs) {
            for i in stride(from: 0, to: count, by: 8) {
                put(select(get(tile + r * tileWidth + i) .> 0, get(gradient + r * tileWidth + i), zero), gradient + r * tileWidth + i)
            }
        }
    }
    private func weightGradient(_ index: Int, _ tile: UnsafeMutablePointer<Float>, _ gradient: UnsafeMutablePointer<Float>,
                                _ weights: UnsafeMutablePointer<Float>, _ count: Int) {
        let l = layers[index]
        let transposed = gradient + (HeadRow.count + 92) * tileWidth
        transposeTile(tile + l.input * tileWidth, inputs: l.column.count, count: count, into: transposed)
        denseWeightGradient(gradient + l.output * tileWidth, outputs: l.outputs, transposed, stride: paddedInputs(l.column.count),
                            columns: paddedInputs(l.column.count), count: count, into: weights + l.gradient)
    }
    private func back(_ index: Int, _ tile: UnsafeMutablePointer<Float>, _ gradient: UnsafeMutablePointer<Float>, _ weights: UnsafeMutablePointer<Float>, _ count: Int) {
        rectify(index, tile, gradient, count)
        weightGradient(index, tile, gradient, weights, count)
        let l = layers[index]
        let padded = (l.column.count + 3) / 4 * 4
        if padded == l.column.count {
            denseForward(backwardWeights + l.packedTransposed, inputs: l.outputs, outputs: padded, gradient + l.output * tileWidth,
                         gradient + l.input * tileWidth, count: count, rectify: false)
        } else {
            intoScratch(l, padded, gradient, count) { row, value, i in put(value, gradient + (l.input + row) * tileWidth + i) }
        }
    }
    /// As `back`, on top of what the input's rows already hold.
    private func backAdding(_ index: Int, _ tile: UnsafeMutablePointer<Float>, _ gradient: UnsafeMutablePointer<Float>, _ weights: UnsafeMutablePointer<Float>, _ count: Int) {
        rectify(index, tile, gradient, count)
        weightGradient(index, tile, gradient, weights, count)
        let l = layers[index]
        intoScratch(l, (l.column.count + 3) / 4 * 4, gradient, count) { row, value, i in
            let p = gradient + (l.input + row) * tileWidth + i
            put(get(p) + value, p)
        }
    }
    /// Padded rows would run into a neighbour's: they go through scratch behind the tile.
    @inline(__always)
    private func intoScratch(_ l: LayerStack.Layer, _ padded: Int, _ gradient: UnsafeMutablePointer<Float>, _ count: Int, _ write: (Int, Float8, Int) -> Void) {
        let scratch = gradient + HeadRow.count * tileWidth
        denseForward(backwardWeights + l.packedTransposed, inputs: l.outputs, outputs: padded, gradient + l.output * tileWidth, scratch,
                     count: count, rectify: false)
        for r in 0..<l.column.count {
            for i in stride(from: 0, to: count, by: 8) { write(r, get(scratch + r * tileWidth + i), i) }
        }
    }

    /// Floats of a tile; of a gradient tile with its scratch.
    static let tileFloats = (HeadRow.count + 8) * tileWidth
    static let gradientFloats = (HeadRow.count + 92 + 96) * tileWidth
}

@inline(__always) func get(_ p: UnsafePointer<Float>) -> Float8 { UnsafeRawPointer(p).loadUnaligned(as: Float8.self) }
@inline(__always) func get(_ p: UnsafeMutablePointer<Float>) -> Float8 { UnsafeRawPointer(p).loadUnaligned(as: Float8.self) }
@inline(__always) func put(_ v: Float8, _ p: UnsafeMutablePointer<Float>) { UnsafeMutableRawPointer(p).storeBytes(of: v, as: Float8.self) }

/// ln(1 + e^x) without overflow.
@inline(__always) func softplus(_ x: Float) -> Float { x > 20 ? x : Foundation.log1p(Foundation.exp(x)) }

/// Real spherical harmonics up to degree 3 of unit directions, sixteen rows (engine specification, 1.5).
func sphericalHarmonics(_ dx: UnsafePointer<Float>, _ dy: UnsafePointer<Float>, _ dz: UnsafePointer<Float>, count: Int, out: UnsafeMutablePointer<Float>) {
    for i in stride(from: 0, to: count, by: 8) {
        let x = get(dx + i), y = get(dy + i), z = get(dz + i)
        let xx = x * x, yy = y * y, zz = z * z
        func row(_ k: Int, _ v: Float8) { put(v, out + k * tileWidth + i) }
        row(0, Float8(repeating: 0.28209479177387814))
        row(1, -0.48860251190291987 * y)
        row(2, 0.48860251190291987 * z)
        row(3, -0.48860251190291987 * x)
        row(4, 1.0925484305920792 * x * y)
        row(5, -1.0925484305920792 * y * z)
        row(6, 0.94617469575755997 * zz - 0.31539156525251999)
        row(7, -1.0925484305920792 * x * z)
        row(8, 0.54627421529603959 * (xx - yy))
        row(9, 0.59004358992664352 * y * (yy - 3 * xx))
        row(10, 2.8906114426405538 * x * y * z)
        row(11, 0.45704579946446572 * y * (1 - 5 * zz))
        row(12, 0.3731763325901154 * z * (5 * zz - 3))
        row(13, 0.45704579946446572 * x * (1 - 5 * zz))
        row(14, 1.4453057213202769 * z * (xx - yy))
        row(15, 0.59004358992664352 * x * (3 * yy - xx))
    }
}
