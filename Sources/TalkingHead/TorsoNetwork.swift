// The torso: a picture that bends with the head's pose (engine specification, 1.11).
import Base
import Foundation
import Kernels
import Tensors

/// Rows of a torso tile.
enum TorsoRow {
    /// Code of the pixel (34), of the key points (42) and of the person (8): inputs of the deformation.
    static let pixel = 0
    static let deform1 = 84, deform2 = 116, shift = 148
    /// Grid features (32), then pixel, points and person again: inputs of the colour network.
    static let grid = 152, again = 184
    static let hidden1 = 268, hidden2 = 300, out = 332
    static let count = 336
}

/// Packed weights of the torso and its passes over tiles of pixels.
final class TorsoNetwork: @unchecked Sendable {  // written by `pack` only, while nobody reads
    private typealias Layer = LayerStack.Layer
    let layout: ParameterLayout
    let encoder = PlaneEncoder.torso
    let table: Int
    private let stack: LayerStack
    private var layers: [Layer] { stack.layers }
    var gradientCount: Int { stack.gradientCount }
    static let shrink: Float = 0.8
    init(layout: ParameterLayout) {
        self.layout = layout
        table = layout.offset("torso_encoder.embeddings")
        func layer(_ key: String, _ input: Int, _ output: Int, rectify: Bool) -> Layer { Layer(layout, key, input, output, rectify: rectify) }
        stack = LayerStack([
            layer("torso_deform_net.net.0", TorsoRow.pixel, TorsoRow.deform1, rectify: true),
            layer("torso_deform_net.net.1", TorsoRow.deform1, TorsoRow.deform2, rectify: true),
            layer("torso_deform_net.net.2", TorsoRow.deform2, TorsoRow.shift, rectify: false),
            layer("torso_net.net.0", TorsoRow.grid, TorsoRow.hidden1, rectify: true),
            layer("torso_net.net.1", TorsoRow.hidden1, TorsoRow.hidden2, rectify: true),
            layer("torso_net.net.2", TorsoRow.hidden2, TorsoRow.out, rectify: false),
        ])
    }

    func pack(_ parameters: UnsafePointer<Float>, training: Bool) { stack.pack(parameters, training: training) }

    /// v, sin v, cos v, sin 2v, cos 2v, …: `frequencies` octaves of each vector.
    static func frequencyCode(_ v: [Float], _ frequencies: Int) -> [Float] {
        var result = v
        var scale: Float = 1
        for _ in 0..<frequencies {
            result += v.map { Foundation.sin($0 * scale) }
            result += v.map { Foundation.cos($0 * scale) }
            scale *= 2
        }
        return result
    }

    /// The key points of a pose: Q⁻¹ A, divided by w and by z; six numbers.
    static func keyPoints(_ anchors: UnsafePointer<Float>, _ camera: RayCamera) -> [Float] {
        let r = camera.rows
        return (0..<3).flatMap { k -> [Float] in
            let a = SIMD4(anchors[4 * k], anchors[4 * k + 1], anchors[4 * k + 2], anchors[4 * k + 3])
            let v = SIMD3(a.x, a.y, a.z) - camera.origin * a.w
            let x = r[0].x * v.x + r[1].x * v.y + r[2].x * v.z
            let y = r[0].y * v.x + r[1].y * v.y + r[2].y * v.z
            let z = r[0].z * v.x + r[1].z * v.y + r[2].z * v.z
            // b = (x, y, z, w): the key point is (x/w)/z, (y/w)/z.
            return [x / a.w / z, y / a.w / z]
        }
    }

    /// Fills the rows that depend on the pixel: `q` is (row, column) in −1…1, not yet shrunk.
    private func encodePixels(_ row: UnsafePointer<Float>, _ column: UnsafePointer<Float>, count: Int, _ tile: UnsafeMutablePointer<Float>) {
        for (d, source) in [row, column].enumerated() {
            for i in stride(from: 0, to: count, by: 8) { put(get(source + i) * Self.shrink, tile + d * tileWidth + i) }
            for f in 0..<8 {
                let scale = Float(1 << f)
                for i in stride(from: 0, to: count, by: 8) {
                    let v = get(tile + d * tileWidth + i) * scale
                    put(sine(v), tile + (2 + 4 * f + d) * tileWidth + i)
                    put(cosine(v), tile + (4 + 4 * f + d) * tileWidth + i)
                }
            }
        }
    }

    /// Alpha and colour (four rows of `tileWidth` in `out`) of pixels; `constants` are the 50 numbers of pose and person.
    func forward(_ parameters: UnsafePointer<Float>, constants: [Float], row: UnsafePointer<Float>, column: UnsafePointer<Float>, count n: Int,
                 tile: UnsafeMutablePointer<Float>, out: UnsafeMutablePointer<Float>) {
        let count = (n + 15) / 16 * 16
        encodePixels(row, column, count: count, tile)
        for (k, value) in constants.enumerated() { (tile + (34 + k) * tileWidth).update(repeating: value, count: count) }
        for l in layers[0...2] { run(l, tile, count) }
        // The bent position lies within the grid; two spare rows keep it for the way back.
        let x = tile + (TorsoRow.shift + 2) * tileWidth, y = tile + (TorsoRow.shift + 3) * tileWidth
        for i in 0..<count {
            x[i] = min(max(tile[i] + tile[TorsoRow.shift * tileWidth + i], -1), 1)
            y[i] = min(max(tile[tileWidth + i] + tile[(TorsoRow.shift + 1) * tileWidth + i], -1), 1)
        }
        encoder.encode(parameters + table, x, y, count: count, out: tile + TorsoRow.grid * tileWidth)
        (tile + TorsoRow.again * tileWidth).update(from: tile, count: 84 * tileWidth)
        for l in layers[3...5] { run(l, tile, count) }
        for k in 0..<4 {
            for i in stride(from: 0, to: count, by: 8) {
                put(1.002 / (1 + exp(-get(tile + (TorsoRow.out + k) * tileWidth + i))) - 0.001, out + k * tileWidth + i)
            }
        }
    }

    /// Gradients from those of alpha and colour; rows 152–183 of `gradient` then hold those of the grid features.
    func backward(_ parameters: UnsafePointer<Float>, count n: Int, tile: UnsafeMutablePointer<Float>, out: UnsafePointer<Float>, outGradient: UnsafePointer<Float>,
                  gradient: UnsafeMutablePointer<Float>, weights: UnsafeMutablePointer<Float>) {
        let count = (n + 15) / 16 * 16
        for k in 0..<4 {
            let o = gradient + (TorsoRow.out + k) * tileWidth
            for i in 0..<count {
                let s = (out[k * tileWidth + i] + 0.001) / 1.002
                o[i] = i < n ? outGradient[k * tileWidth + i] * 1.002 * s * (1 - s) : 0
            }
        }
        for l in layers[3...5].reversed() { back(l, tile, gradient, weights, count) }
        let x = tile + (TorsoRow.shift + 2) * tileWidth, y = tile + (TorsoRow.shift + 3) * tileWidth
        let dx = gradient + TorsoRow.shift * tileWidth, dy = gradient + (TorsoRow.shift + 1) * tileWidth
        encoder.positionGradient(parameters + table, x, y, count: count, gradient + TorsoRow.grid * tileWidth, dx: dx, dyOut: dy)
        for i in 0..<count {
            if abs(x[i]) >= 1 { dx[i] = 0 }
            if abs(y[i]) >= 1 { dy[i] = 0 }
        }
        (gradient + (TorsoRow.shift + 2) * tileWidth).update(repeating: 0, count: 2 * tileWidth)
        // Backwards through the deformation; what reaches the pixel's own code is not needed.
        for l in layers[0...2].reversed() { back(l, tile, gradient, weights, count) }
    }

    private func run(_ l: Layer, _ tile: UnsafeMutablePointer<Float>, _ count: Int) {
        // The shift has two rows; its two padding rows are free for the bent position.
        denseForward(stack.forwardWeights.pointer + l.packed, inputs: l.column.count, outputs: l.outputs, tile + l.input * tileWidth, tile + l.output * tileWidth,
                     count: count, rectify: l.rectify)
    }
    private func back(_ l: Layer, _ tile: UnsafeMutablePointer<Float>, _ gradient: UnsafeMutablePointer<Float>, _ weights: UnsafeMutablePointer<Float>, _ count: Int) {
        if l.rectify {
            for r in l.output..<(l.output + l.outputs) {
                for i in stride(from: 0, to: count, by: 8) {
                    put(select(get(tile + r * tileWidth + i) .> 0, get(gradient + r * tileWidth + i), Float8(repeating: 0)), gradient + r * tileWidth + i)
                }
            }
        }
        let transposed = gradient + TorsoRow.count * tileWidth
        transposeTile(tile + l.input * tileWidth, inputs: l.column.count, count: count, into: transposed)
        denseWeightGradient(gradient + l.output * tileWidth, outputs: l.outputs, transposed, stride: paddedInputs(l.column.count),
                            columns: paddedInputs(l.column.count), count: count, into: weights + l.gradient)
        denseForward(stack.backwardWeights.pointer + l.packedTransposed, inputs: l.outputs, outputs: (l.column.count + 3) / 4 * 4, gradient + l.output * tileWidth,
                     gradient + l.input * tileWidth, count: count, rectify: false)
    }
    /// Adds packed gradients of all matrices at their places in a block of `layout`.
    func unpack(_ packed: UnsafePointer<Float>, into gradient: UnsafeMutablePointer<Float>) { stack.unpack(packed, into: gradient) }

    /// Floats of a tile; of a gradient tile with its scratch.
    static let tileFloats = (TorsoRow.count + 16) * tileWidth
    static let gradientFloats = (TorsoRow.count + 128) * tileWidth
}

/// Where the torso may be: 128 × 128 values over the picture.
struct TorsoOccupancy: Sendable {
    let values: [Float]
    let threshold: Float

    /// Bilinear, corners aligned: coordinate −1 is cell 0, +1 is cell 127; index = column · 128 + row.
    @inline(__always) func isOccupied(_ row: Float, _ column: Float) -> Bool { lookup(row, column) > threshold }
    @inline(__always) func lookup(_ row: Float, _ column: Float) -> Float {
        let r = min(max((row + 1) * 63.5, 0), 127), c = min(max((column + 1) * 63.5, 0), 127)
        let r0 = min(Int(r), 126), c0 = min(Int(c), 126)
        let (fr, fc) = (r - Float(r0), c - Float(c0))
        let a = values[c0 * 128 + r0] * (1 - fr) + values[c0 * 128 + r0 + 1] * fr
        let b = values[(c0 + 1) * 128 + r0] * (1 - fr) + values[(c0 + 1) * 128 + r0 + 1] * fr
        return a * (1 - fc) + b * fc
    }
}
