// The torso's network for one frame, with everything folded that is constant over the picture (engine specification, 8.3).
import Base
import Kernels

/// Rows of a folded torso tile. Grid features, pixel code and a row of ones are the inputs of the colour network; the pixel
/// code and the ones those of the deformation.
private enum FoldedTorsoRow {
    static let grid = 0, pixel = 32, ones = 66
    static let hidden1 = 67, hidden2 = 99, shift = 131, out = 135
    static let count = 139
}

/// Weights of one pose and person: the 50 numbers that all pixels share are one column on an input that is always 1.
final class FoldedTorso: @unchecked Sendable {  // written by `init` only
    private let parameters: UnsafePointer<Float>
    private let network: TorsoNetwork
    private let deform: [PackedLayer]
    private let color: [PackedLayer]

    /// A packed layer.
    private final class PackedLayer: Sendable {
        let weights: Buffer<Float>
        let inputs: Int, outputs: Int
        init(_ values: [Float], rows: Int, columns: Int) {
            (inputs, outputs) = (columns, (rows + 3) / 4 * 4)
            weights = Buffer(count: outputs * columns)
            packDense(values, rows: rows, columns: columns, column: Array(0..<columns), outputs: outputs, into: weights.pointer)
        }
        func run(_ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, count: Int, rectify: Bool) {
            denseForward(weights.pointer, inputs: inputs, outputs: outputs, x, y, count: count, rectify: rectify)
        }
    }

    /// `parameters` outlive it. `constants`: codes of the key points (42) and of the person (8).
    init(_ network: TorsoNetwork, _ parameters: UnsafePointer<Float>, constants: [Float]) {
        self.network = network
        self.parameters = parameters
        /// Keeps the first `live` columns and folds the last 50.
        func first(_ key: String, live: Int) -> PackedLayer {
            let slot = network.layout.slot(key)
            let (rows, columns) = (slot.shape[0], slot.shape[1])
            var values = [Float](repeating: 0, count: rows * (live + 1))
            for r in 0..<rows {
                let source = parameters + slot.offset + r * columns
                for c in 0..<live { values[r * (live + 1) + c] = source[c] }
                for (k, value) in constants.enumerated() { values[r * (live + 1) + live] += source[live + k] * value }
            }
            return PackedLayer(values, rows: rows, columns: live + 1)
        }
        func plain(_ key: String) -> PackedLayer {
            let slot = network.layout.slot(key)
            return PackedLayer(Array(UnsafeBufferPointer(start: parameters + slot.offset, count: slot.count)), rows: slot.shape[0], columns: slot.shape[1])
        }
        deform = [first("torso_deform_net.net.0.weight", live: 34), plain("torso_deform_net.net.1.weight"), plain("torso_deform_net.net.2.weight")]
        color = [first("torso_net.net.0.weight", live: 66), plain("torso_net.net.1.weight"), plain("torso_net.net.2.weight")]
    }

    static let tileFloats = FoldedTorsoRow.count * tileWidth

    /// Numbers of a coordinate's code: itself, and sine and cosine of eight octaves.
    static let codeCount = 17

    /// Codes of `count` places of one axis, evenly from −1 to 1, before shrinking: [count][17].
    static func axisCodes(_ count: Int) -> [Float] {
        (0..<count).flatMap { i -> [Float] in
            let v = TorsoNetwork.shrink * (2 * Float(i) / Float(count - 1) - 1)
            return [v] + (0..<8).flatMap { octave -> [Float] in
                let angle = Float8(repeating: v * Float(1 << octave))
                return [sine(angle)[0], cosine(angle)[0]]
            }
        }
    }

    /// Puts the code of a pixel into column `i` of a tile.
    @inline(__always)
    static func place(_ row: UnsafePointer<Float>, _ column: UnsafePointer<Float>, at i: Int, in tile: UnsafeMutablePointer<Float>) {
        let p = tile + FoldedTorsoRow.pixel * tileWidth + i
        p[0] = row[0]
        p[tileWidth] = column[0]
        for f in 0..<8 {
            p[(2 + 4 * f) * tileWidth] = row[1 + 2 * f]
            p[(3 + 4 * f) * tileWidth] = column[1 + 2 * f]
            p[(4 + 4 * f) * tileWidth] = row[2 + 2 * f]
            p[(5 + 4 * f) * tileWidth] = column[2 + 2 * f]
        }
    }

    /// Alpha and colour, four rows of `tileWidth`, of the `n` pixels whose codes stand in the tile.
    func evaluate(_ tile: UnsafeMutablePointer<Float>, count n: Int) -> UnsafeMutablePointer<Float> {
        let count = (n + 15) / 16 * 16
        let pixel = tile + FoldedTorsoRow.pixel * tileWidth
        for r in 0..<34 { for i in n..<count { pixel[r * tileWidth + i] = 0 } }
        (tile + FoldedTorsoRow.ones * tileWidth).update(repeating: 1, count: count)
        let (h1, h2) = (tile + FoldedTorsoRow.hidden1 * tileWidth, tile + FoldedTorsoRow.hidden2 * tileWidth)
        let shift = tile + FoldedTorsoRow.shift * tileWidth, out = tile + FoldedTorsoRow.out * tileWidth
        deform[0].run(pixel, h1, count: count, rectify: true)
        deform[1].run(h1, h2, count: count, rectify: true)
        deform[2].run(h2, shift, count: count, rectify: false)
        for axis in 0..<2 {
            let s = shift + axis * tileWidth
            for i in stride(from: 0, to: count, by: 8) { put(clamp(get(s + i) + get(pixel + axis * tileWidth + i), -1, 1), s + i) }
        }
        network.encoder.encode(parameters + network.table, shift, shift + tileWidth, count: count, out: tile)
        color[0].run(tile, h1, count: count, rectify: true)
        color[1].run(h1, h2, count: count, rectify: true)
        color[2].run(h2, out, count: count, rectify: false)
        for k in 0..<4 {
            for i in stride(from: 0, to: count, by: 8) { put(1.002 / (1 + exp(-get(out + k * tileWidth + i))) - 0.001, out + k * tileWidth + i) }
        }
        return out
    }
}
