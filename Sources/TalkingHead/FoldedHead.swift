// The head's network for one frame's conditions, with everything folded that is linear or constant (engine specification, 8.3).
import Base
import Foundation
import Kernels
import Tensors

/// Rows of a folded tile.
private enum FoldedRow {
    /// Position code, hidden attention of the audio, the eye's attention times its closure: inputs of the density network.
    static let code = 0, attention = 36, eye = 100
    /// The eye's hidden layer follows the audio's in one product, so it stands where `eye` will be written afterwards.
    static let sigma1 = 117, hidden = 181
    /// Density logit, eye logit: four rows each.
    static let logit = 245, eyeLogit = 249
    static let count = 253
}

/// A packed layer of a folded network.
final class PackedLayer: Sendable {
    private let weights: Buffer<Float>
    let inputs: Int, outputs: Int

    /// `values`: row-major, `rows` × `columns`.
    init(_ values: [Float], rows: Int, columns: Int) {
        (inputs, outputs) = (columns, rows == 1 ? 1 : (rows + 3) / 4 * 4)
        weights = Buffer(count: outputs * columns)
        if rows == 1 {
            weights.pointer.update(from: values, count: columns)
            return
        }
        packDense(values, rows: rows, columns: columns, column: Array(0..<columns), outputs: outputs, into: weights.pointer)
    }
    func run(_ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, count: Int, rectify: Bool, adding: Bool = false) {
        if outputs == 1 {
            precondition(!rectify && !adding, "a single output is a plain sum")
            denseRow(weights.pointer, inputs: inputs, x, y, count: count)
        } else {
            denseForward(weights.pointer, inputs: inputs, outputs: outputs, x, y, count: count, rectify: rectify, adding: adding)
        }
    }
    /// Multiply-adds of a sample.
    var cost: Int { inputs * outputs }
}

/// What all frames of a persona share: geometry features are linear between two matrices, so the density net's last layer and the
/// colour net's first are one matrix; the planes stand written out.
final class HeadFolding: Sendable {
    fileprivate let planes: DensePlanes
    /// The audio attention's hidden layer, alone and with the eye's.
    fileprivate let attention: PackedLayer, attentions: PackedLayer
    fileprivate let eyeOut: PackedLayer, third: PackedLayer, logit: PackedLayer, color2: PackedLayer
    /// Density net, first layer [64, 69]; attention, second layer [32, 64].
    fileprivate let density: [Float], code: [Float]
    /// Colour net, first layer on hidden 64, direction 16: [64, 80]; and its columns of the appearance code [64, 4].
    fileprivate let color: [Float], appearance: [Float]

    /// Bytes of the planes as they are read.
    var planeBytes: Int { planes.bytes }

    init(_ network: HeadNetwork, _ parameters: UnsafePointer<Float>) {
        func matrix(_ key: String) -> (values: [Float], rows: Int, columns: Int) {
            let slot = network.layout.slot(key + ".weight")
            return (Array(UnsafeBufferPointer(start: parameters + slot.offset, count: slot.count)), slot.shape[0], slot.shape[1])
        }
        func packed(_ m: (values: [Float], rows: Int, columns: Int)) -> PackedLayer { PackedLayer(m.values, rows: m.rows, columns: m.columns) }
        planes = DensePlanes(network.encoder, parameters, tables: network.tables)
        let first = matrix("aud_ch_att_net.net.0"), sigma3 = matrix("sigma_net.net.2"), c1 = matrix("color_net.net.0")
        attention = packed(first)
        attentions = packed((first.values + matrix("eye_att_net.net.0").values, 80, 36))
        eyeOut = packed(matrix("eye_att_net.net.1"))
        third = packed(matrix("sigma_net.net.1"))
        logit = packed((Array(sigma3.values[0..<64]), 1, 64))
        color2 = packed(matrix("color_net.net.1"))
        density = matrix("sigma_net.net.0").values
        code = matrix("aud_ch_att_net.net.1").values
        var color = [Float](repeating: 0, count: 64 * 80), appearance: [Float] = []
        for r in 0..<64 {
            let source = c1.values[(r * c1.columns)..<((r + 1) * c1.columns)]
            let start = source.startIndex
            for g in 0..<64 {
                let share = source[start + 16 + g]
                for c in 0..<64 { color[r * 80 + c] += share * sigma3.values[(1 + g) * 64 + c] }
            }
            for k in 0..<16 { color[r * 80 + 64 + k] = source[start + k] }
            appearance += source[(start + 80)..<(start + 84)]
        }
        self.color = color
        self.appearance = appearance
    }
}

/// Weights of one frame.
///
/// - The attention's second layer, its product with the audio code and the density net's audio columns are one 64 × 64 matrix.
/// - The appearance code is a constant: one column on an input that is always 1.
/// - Where the eye is fully open its attention is multiplied by zero, and left out.
///
/// Multiply-adds of a sample that count: density 36·80 + 16 + 101·64 + 64·64 + 64 = 13,520 (eyes open 12,864), colour 81·64 + 64·3 = 5,376.
final class FoldedHead: @unchecked Sendable {  // written by `init` only
    private let shared: HeadFolding
    private let second: PackedLayer, color1: PackedLayer
    private let closure: Float
    private var blinks: Bool { closure != 0 }

    /// Multiply-adds of one density and of one colour, padding not counted.
    var densityCost: Int { (blinks ? 36 * 80 + 16 : 36 * 64) + second.inputs * 64 + 64 * 64 + 64 }
    static let colorCost = 81 * 64 + 64 * 3

    init(_ shared: HeadFolding, _ conditions: HeadConditions) {
        self.shared = shared
        closure = conditions.eye
        let columns = closure != 0 ? 101 : 100
        var density = [Float](repeating: 0, count: 64 * columns)
        density.withUnsafeMutableBufferPointer { density in
            shared.density.withUnsafeBufferPointer { source in
                shared.code.withUnsafeBufferPointer { code in
                    for r in 0..<64 {
                        for c in 0..<36 { density[r * columns + c] = source[r * 69 + c] }
                        if columns == 101 { density[r * columns + 100] = source[r * 69 + 68] }
                        for j in 0..<32 {
                            let share = source[r * 69 + 36 + j] * conditions.audio[j]
                            for c in 0..<64 { density[r * columns + 36 + c] += share * code[j * 64 + c] }
                        }
                    }
                }
            }
        }
        second = PackedLayer(density, rows: 64, columns: columns)
        var color = [Float](repeating: 0, count: 64 * 81)
        for r in 0..<64 {
            for c in 0..<80 { color[r * 81 + c] = shared.color[r * 80 + c] }
            for k in 0..<4 { color[r * 81 + 80] += shared.appearance[4 * r + k] * conditions.identity[k] }
        }
        color1 = PackedLayer(color, rows: 64, columns: 81)
    }

    /// Of a network that draws one frame only.
    convenience init(_ network: HeadNetwork, _ parameters: UnsafePointer<Float>, _ conditions: HeadConditions) {
        self.init(HeadFolding(network, parameters), conditions)
    }

    /// Scratch of a tile: density; colour.
    static let densityFloats = FoldedRow.count * tileWidth, colorFloats = (81 + 64 + 4) * tileWidth

    /// Density logits of `n` positions into `out`; 64 rows of hidden values into `hidden` (rows of `tileWidth`), for the colour.
    /// Positions are read up to the next multiple of eight.
    func density(x: UnsafePointer<Float>, y: UnsafePointer<Float>, z: UnsafePointer<Float>, count n: Int, tile: UnsafeMutablePointer<Float>,
                 hidden: UnsafeMutablePointer<Float>, out: UnsafeMutablePointer<Float>) {
        encode(x: x, y: y, z: z, count: n, tile: tile)
        density(count: n, tile: tile, hidden: hidden, out: out)
    }

    /// The first step of `density`: what the planes hold at the positions, into the tile.
    func encode(x: UnsafePointer<Float>, y: UnsafePointer<Float>, z: UnsafePointer<Float>, count n: Int, tile: UnsafeMutablePointer<Float>) {
        shared.planes.encode(x, y, z, count: n, out: tile)
        for r in 0..<36 { for i in n..<((n + 15) / 16 * 16) { tile[r * tileWidth + i] = 0 } }
    }

    /// The second: the layers.
    func density(count n: Int, tile: UnsafeMutablePointer<Float>, hidden: UnsafeMutablePointer<Float>, out: UnsafeMutablePointer<Float>) {
        let count = (n + 15) / 16 * 16
        if blinks {
            shared.attentions.run(tile, tile + FoldedRow.attention * tileWidth, count: count, rectify: true)
            let logits = tile + FoldedRow.eyeLogit * tileWidth
            shared.eyeOut.run(tile + FoldedRow.eye * tileWidth, logits, count: count, rectify: false)
            let eye = tile + FoldedRow.eye * tileWidth
            for i in stride(from: 0, to: count, by: 8) { put(closure / (1 + exp(-get(logits + i))), eye + i) }
        } else {
            shared.attention.run(tile, tile + FoldedRow.attention * tileWidth, count: count, rectify: true)
        }
        second.run(tile, tile + FoldedRow.sigma1 * tileWidth, count: count, rectify: true)
        shared.third.run(tile + FoldedRow.sigma1 * tileWidth, hidden, count: count, rectify: true)
        let result = tile + FoldedRow.logit * tileWidth
        shared.logit.run(hidden, result, count: count, rectify: false)
        out.update(from: result, count: n)
    }

    /// Colours of `n` samples. `tile` begins with the inputs: 64 hidden rows and three rows of the direction (rows 64–66), and is overwritten.
    /// Three rows of colour come back at the returned place.
    func color(_ tile: UnsafeMutablePointer<Float>, count n: Int) -> UnsafeMutablePointer<Float> {
        let count = (n + 15) / 16 * 16
        let out = tile + 81 * tileWidth
        // The directions step aside first: their code is written where they stand.
        for k in 0..<3 { (out + k * tileWidth).update(from: tile + (64 + k) * tileWidth, count: count) }
        sphericalHarmonics(out, out + tileWidth, out + 2 * tileWidth, count: count, out: tile + 64 * tileWidth)
        (tile + 80 * tileWidth).update(repeating: 1, count: count)
        color1.run(tile, out, count: count, rectify: true)
        let rgb = out + 64 * tileWidth
        shared.color2.run(out, rgb, count: count, rectify: false)
        for c in 0..<3 {
            for i in stride(from: 0, to: count, by: 8) { put(1.002 / (1 + exp(-get(rgb + c * tileWidth + i))) - 0.001, rgb + c * tileWidth + i) }
        }
        return rgb
    }
}
