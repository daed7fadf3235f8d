// The torso's network with everything folded that is constant over the picture or over the film (engine specification, 8.3).
import Base
import Kernels
import Tensors

/// Rows of a folded torso tile.
private enum FoldedTorsoRow {
    static let grid = 0, hidden1 = 32, hidden2 = 64, shift = 96, out = 100
    /// What place, pose and person add to the colour network's first layer; the place itself.
    static let bias = 104, place = 136
    static let count = 138
}

/// What all frames of a persona share. A pixel's code is one of its row and one of its column: what a first layer makes of it is
/// a number of the row and a number of the column, added.
final class TorsoFolding: Sendable {
    fileprivate let grid: PairedGrid
    fileprivate let deform: [PackedLayer], color: [PackedLayer]
    /// First layers [32, 84] and [32, 116] of the deformation and of the colour.
    private let deformFirst: [Float], colorFirst: [Float]
    /// Where the code of the pixel begins among the inputs.
    private static let deformPixel = 0, colorPixel = 32
    /// Inputs that the picture shares: key points and person.
    private static let constants = 50

    init(_ network: TorsoNetwork, _ parameters: UnsafePointer<Float>) {
        func values(_ key: String) -> [Float] {
            let slot = network.layout.slot(key)
            return Array(UnsafeBufferPointer(start: parameters + slot.offset, count: slot.count))
        }
        grid = PairedGrid(network.encoder, parameters + network.table)
        deformFirst = values("torso_deform_net.net.0.weight")
        colorFirst = values("torso_net.net.0.weight")
        deform = [PackedLayer(values("torso_deform_net.net.1.weight"), rows: 32, columns: 32), PackedLayer(values("torso_deform_net.net.2.weight"), rows: 2, columns: 32)]
        let first = colorFirst
        color = [PackedLayer((0..<32).flatMap { Array(first[($0 * 116)..<($0 * 116 + 32)]) }, rows: 32, columns: 32),
                 PackedLayer(values("torso_net.net.1.weight"), rows: 32, columns: 32), PackedLayer(values("torso_net.net.2.weight"), rows: 4, columns: 32)]
    }

    /// What both first layers make of key points and person: 32 numbers each.
    func constants(_ values: [Float]) -> [Float] {
        precondition(values.count == Self.constants)
        func sums(_ matrix: [Float], _ columns: Int) -> [Float] {
            (0..<32).map { r in (0..<Self.constants).reduce(Float(0)) { $0 + matrix[r * columns + columns - Self.constants + $1] * values[$1] } }
        }
        return sums(deformFirst, 84) + sums(colorFirst, 116)
    }

    /// The same of `count` places of one axis (0: rows), evenly from −1 to 1: [count][64].
    func axis(_ axis: Int, _ count: Int) -> [Float] {
        (0..<count).flatMap { i -> [Float] in
            let v = TorsoNetwork.shrink * (2 * Float(i) / Float(count - 1) - 1)
            // The coordinate, then sine and cosine of eight octaves; rows and columns take turns.
            var code = [v]
            for octave in 0..<8 {
                let angle = Float8(repeating: v * Float(1 << octave))
                code += [sine(angle)[0], cosine(angle)[0]]
            }
            func sums(_ matrix: [Float], _ columns: Int, _ first: Int) -> [Float] {
                (0..<32).map { r in code.indices.reduce(Float(0)) { $0 + matrix[r * columns + first + 2 * $1 + axis] * code[$1] } }
            }
            return sums(deformFirst, 84, Self.deformPixel) + sums(colorFirst, 116, Self.colorPixel)
        }
    }

    /// Multiply-adds of a pixel, padding not counted.
    var cost: Int { 32 * 32 + 2 * 32 + 2 * 32 * 32 + 4 * 32 }
    /// Bytes of the grid as it is read.
    var gridBytes: Int { grid.bytes }
}

/// One pose and person before a picture of one size.
final class FoldedTorso: Sendable {
    private let shared: TorsoFolding
    /// Rows with the constants: [64][height]; columns: [width][64]; the places themselves.
    private let rows: Buffer<Float>, columns: [Float], rowPlaces: Buffer<Float>, columnPlaces: [Float]
    private let height: Int

    /// - Parameters:
    ///   - constants: codes of the key points (42) and of the person (8).
    ///   - rowSums, columnSums: `TorsoFolding.axis` of both axes.
    init(_ shared: TorsoFolding, constants: [Float], rowSums: [Float], columnSums: [Float]) {
        self.shared = shared
        let (width, height) = (columnSums.count / 64, rowSums.count / 64)
        self.height = height
        let own = shared.constants(constants)
        rows = Buffer(count: 64 * height)
        rowPlaces = Buffer(count: height)
        columns = columnSums
        let rows = rows.pointer
        rowSums.withUnsafeBufferPointer { sums in
            for r in 0..<64 { for j in 0..<height { rows[r * height + j] = sums[64 * j + r] + own[r] } }
        }
        for j in 0..<height { rowPlaces.pointer[j] = TorsoNetwork.shrink * (2 * Float(j) / Float(height - 1) - 1) }
        columnPlaces = (0..<width).map { TorsoNetwork.shrink * (2 * Float($0) / Float(width - 1) - 1) }
    }

    static let tileFloats = FoldedTorsoRow.count * tileWidth

    /// Puts the pixels `first..<first + count` of a column of the picture into columns `n` and on of a tile.
    func place(column: Int, first: Int, count: Int, at n: Int, in tile: UnsafeMutablePointer<Float>) {
        let zero = Float8(repeating: 0)
        let whole = count / 8 * 8
        for r in 0..<32 {
            let (a, b) = (columns[64 * column + r], columns[64 * column + 32 + r])
            let c = rows.pointer + r * height + first, d = rows.pointer + (32 + r) * height + first
            let hidden = tile + (FoldedTorsoRow.hidden1 + r) * tileWidth + n, bias = tile + (FoldedTorsoRow.bias + r) * tileWidth + n
            for i in stride(from: 0, to: whole, by: 8) {
                put(maximum(get(c + i) + a, zero), hidden + i)
                put(get(d + i) + b, bias + i)
            }
            for i in whole..<count {
                hidden[i] = max(c[i] + a, 0)
                bias[i] = d[i] + b
            }
        }
        (tile + FoldedTorsoRow.place * tileWidth + n).update(from: rowPlaces.pointer + first, count: count)
        (tile + (FoldedTorsoRow.place + 1) * tileWidth + n).update(repeating: columnPlaces[column], count: count)
    }

    /// Alpha and colour, four rows of `tileWidth`, of the first `n` pixels that were placed.
    func evaluate(_ tile: UnsafeMutablePointer<Float>, count n: Int) -> UnsafeMutablePointer<Float> {
        let count = (n + 15) / 16 * 16
        let (h1, h2) = (tile + FoldedTorsoRow.hidden1 * tileWidth, tile + FoldedTorsoRow.hidden2 * tileWidth)
        let shift = tile + FoldedTorsoRow.shift * tileWidth, out = tile + FoldedTorsoRow.out * tileWidth
        let place = tile + FoldedTorsoRow.place * tileWidth, bias = tile + FoldedTorsoRow.bias * tileWidth
        for i in n..<count {
            for r in 0..<32 { h1[r * tileWidth + i] = 0; bias[r * tileWidth + i] = 0 }
            for axis in 0..<2 { place[axis * tileWidth + i] = 0 }
        }
        shared.deform[0].run(h1, h2, count: count, rectify: true)
        shared.deform[1].run(h2, shift, count: count, rectify: false)
        for axis in 0..<2 {
            let s = shift + axis * tileWidth
            for i in stride(from: 0, to: count, by: 8) { put(clamp(get(s + i) + get(place + axis * tileWidth + i), -1, 1), s + i) }
        }
        shared.grid.encode(shift, shift + tileWidth, count: count, out: tile)
        shared.color[0].run(tile, bias, count: count, rectify: true, adding: true)
        shared.color[1].run(bias, h2, count: count, rectify: true)
        shared.color[2].run(h2, out, count: count, rectify: false)
        for k in 0..<4 {
            for i in stride(from: 0, to: count, by: 8) { put(1.002 / (1 + exp(-get(out + k * tileWidth + i))) - 0.001, out + k * tileWidth + i) }
        }
        return out
    }
}
