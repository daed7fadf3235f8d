// The head's network for one frame's conditions, with everything folded that is linear or constant (engine specification, 8.3).
import Base
import Foundation
import Kernels

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

/// Weights of one frame.
///
/// - The attention's second layer, its product with the audio code and the density net's audio columns are one 64 × 64 matrix.
/// - Geometry features are linear between two matrices: the density net's last layer and the colour net's first are one.
/// - The appearance code is a constant: one column on an input that is always 1.
///
/// Multiply-adds a sample: density 36·80 + 16 + 101·64 + 64·64 + 64 = 13,520, colour 81·64 + 64·3 = 5,376 where it matters.
final class FoldedHead: @unchecked Sendable {  // written by `init` only
    private let parameters: UnsafePointer<Float>
    private let encoder: PlaneEncoder
    private let tables: [Int]
    private let first: Buffer<Float>, eyeOut: Buffer<Float>, second: Buffer<Float>, third: Buffer<Float>, logit: Buffer<Float>
    private let color1: Buffer<Float>, color2: Buffer<Float>
    private let closure: Float

    /// Multiply-adds of one density and of one colour.
    static let densityCost = 36 * 80 + 16 + 101 * 64 + 64 * 64 + 64, colorCost = 81 * 64 + 64 * 3

    /// `parameters` outlive it.
    init(_ network: HeadNetwork, _ parameters: UnsafePointer<Float>, _ conditions: HeadConditions) {
        self.parameters = parameters
        encoder = network.encoder
        tables = network.tables
        closure = conditions.eye
        let layout = network.layout
        func matrix(_ key: String) -> (p: UnsafePointer<Float>, columns: Int) {
            let slot = layout.slot(key + ".weight")
            return (parameters + slot.offset, slot.shape[1])
        }
        func packed(_ values: [Float], rows: Int, columns: Int) -> Buffer<Float> {
            let outputs = (rows + 3) / 4 * 4
            let buffer = Buffer<Float>(count: outputs * columns)
            packDense(values, rows: rows, columns: columns, column: Array(0..<columns), outputs: outputs, into: buffer.pointer)
            return buffer
        }
        let attention1 = matrix("aud_ch_att_net.net.0"), attention2 = matrix("aud_ch_att_net.net.1")
        let eye1 = matrix("eye_att_net.net.0"), eye2 = matrix("eye_att_net.net.1")
        let sigma1 = matrix("sigma_net.net.0"), sigma2 = matrix("sigma_net.net.1"), sigma3 = matrix("sigma_net.net.2")
        let c1 = matrix("color_net.net.0"), c2 = matrix("color_net.net.1")

        first = packed(Array(UnsafeBufferPointer(start: attention1.p, count: 64 * 36)) + Array(UnsafeBufferPointer(start: eye1.p, count: 16 * 36)), rows: 80, columns: 36)
        eyeOut = packed(Array(UnsafeBufferPointer(start: eye2.p, count: 16)), rows: 1, columns: 16)
        var density = [Float](repeating: 0, count: 64 * 101)
        for r in 0..<64 {
            let source = sigma1.p + r * sigma1.columns
            for c in 0..<36 { density[r * 101 + c] = source[c] }
            density[r * 101 + 100] = source[68]
            for j in 0..<32 {
                let share = source[36 + j] * conditions.audio[j]
                for c in 0..<64 { density[r * 101 + 36 + c] += share * attention2.p[j * 64 + c] }
            }
        }
        second = packed(density, rows: 64, columns: 101)
        third = packed(Array(UnsafeBufferPointer(start: sigma2.p, count: 64 * 64)), rows: 64, columns: 64)
        logit = packed(Array(UnsafeBufferPointer(start: sigma3.p, count: 64)), rows: 1, columns: 64)
        // Inputs of the colour: 64 hidden, 16 direction, 1.
        var color = [Float](repeating: 0, count: 64 * 81)
        for r in 0..<64 {
            let source = c1.p + r * c1.columns
            for g in 0..<64 {
                let share = source[16 + g]
                for c in 0..<64 { color[r * 81 + c] += share * sigma3.p[(1 + g) * 64 + c] }
            }
            for k in 0..<16 { color[r * 81 + 64 + k] = source[k] }
            for k in 0..<4 { color[r * 81 + 80] += source[80 + k] * conditions.identity[k] }
        }
        color1 = packed(color, rows: 64, columns: 81)
        color2 = packed(Array(UnsafeBufferPointer(start: c2.p, count: 3 * 64)), rows: 3, columns: 64)
    }

    /// Scratch of a tile: density; colour.
    static let densityFloats = FoldedRow.count * tileWidth, colorFloats = (81 + 64 + 4) * tileWidth

    /// Density logits of `n` positions into `out`; 64 rows of hidden values into `hidden` (rows of `tileWidth`), for the colour.
    /// Positions are read up to the next multiple of eight.
    func density(x: UnsafePointer<Float>, y: UnsafePointer<Float>, z: UnsafePointer<Float>, count n: Int, tile: UnsafeMutablePointer<Float>,
                 hidden: UnsafeMutablePointer<Float>, out: UnsafeMutablePointer<Float>) {
        let count = (n + 15) / 16 * 16
        encoder.encode(parameters + tables[0], x, y, count: n, out: tile)
        encoder.encode(parameters + tables[1], y, z, count: n, out: tile + 12 * tileWidth)
        encoder.encode(parameters + tables[2], x, z, count: n, out: tile + 24 * tileWidth)
        for r in 0..<36 { for i in n..<count { tile[r * tileWidth + i] = 0 } }
        denseForward(first.pointer, inputs: 36, outputs: 80, tile, tile + FoldedRow.attention * tileWidth, count: count, rectify: true)
        let logits = tile + FoldedRow.eyeLogit * tileWidth
        denseForward(eyeOut.pointer, inputs: 16, outputs: 4, tile + FoldedRow.eye * tileWidth, logits, count: count, rectify: false)
        let eye = tile + FoldedRow.eye * tileWidth
        for i in stride(from: 0, to: count, by: 8) { put(closure / (1 + exp(-get(logits + i))), eye + i) }
        denseForward(second.pointer, inputs: 101, outputs: 64, tile, tile + FoldedRow.sigma1 * tileWidth, count: count, rectify: true)
        denseForward(third.pointer, inputs: 64, outputs: 64, tile + FoldedRow.sigma1 * tileWidth, hidden, count: count, rectify: true)
        let result = tile + FoldedRow.logit * tileWidth
        denseForward(logit.pointer, inputs: 64, outputs: 4, hidden, result, count: count, rectify: false)
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
        denseForward(color1.pointer, inputs: 81, outputs: 64, tile, out, count: count, rectify: true)
        let rgb = out + 64 * tileWidth
        denseForward(color2.pointer, inputs: 64, outputs: 4, out, rgb, count: count, rectify: false)
        for c in 0..<3 {
            for i in stride(from: 0, to: count, by: 8) { put(1.002 / (1 + exp(-get(rgb + c * tileWidth + i))) - 0.001, rgb + c * tileWidth + i) }
        }
        return rgb
    }
}
