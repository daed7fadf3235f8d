// A head's field of any size, unfolded: what draws checkpoints that the fast network of tiles was not built for.
import Base
import Foundation
import Kernels
import Tensors

/// What is the same for all samples of a frame.
struct FieldConditions: Sendable {
    var audio: [Float]
    /// What the density network is told of the eyes; unused where it has no such input.
    var eye: Float
    /// Appearance code; empty where there is none.
    var identity: [Float]
}

/// Density and colour of places: three hashed planes with region attention (ER-NeRF), or one solid grid and a second one over a
/// coordinate that the sound chooses (RAD-NeRF; engine specification, 1.6, 5).
final class PlainField: Sendable {
    enum Kind: Sendable { case planes(levels: Int), solid }
    let kind: Kind
    let parameters: [Float]
    private let grids: [(encoder: GridEncoder, table: Int)]
    private let attention: PlainLayers, eyes: PlainLayers?
    private let density: PlainLayers, color: PlainLayers
    private let audioWidth: Int
    static let block = 256

    /// - Parameter audioWidth: numbers of an audio code.
    init(_ kind: Kind, layout: ParameterLayout, block: [Float], audioWidth: Int) {
        self.kind = kind
        self.audioWidth = audioWidth
        parameters = block
        switch kind {
        case .planes(let levels):
            let plane = Self.plane(levels: levels)
            grids = ["xy", "yz", "xz"].map { (plane, layout.offset("encoder_\($0).embeddings")) }
            attention = PlainLayers(layout, "aud_ch_att_net")
            eyes = PlainLayers(layout, "eye_att_net")
        case .solid:
            grids = [(Self.solid, layout.offset("encoder.embeddings")), (Self.ambient, layout.offset("encoder_ambient.embeddings"))]
            attention = PlainLayers(layout, "ambient_net")
            eyes = nil
        }
        density = PlainLayers(layout, "sigma_net")
        color = PlainLayers(layout, "color_net")
    }

    /// One of ER-NeRF's planes.
    static func plane(levels: Int) -> GridEncoder {
        GridEncoder(dimensions: 2, levelCount: levels, features: 1, base: 64, finest: 512, logTable: 14, hashed: true)
    }
    /// RAD-NeRF's grids: places in space; the coordinate of the sound.
    static let solid = GridEncoder(dimensions: 3, levelCount: 16, features: 2, base: 16, finest: 2048, logTable: 16, hashed: false)
    static let ambient = GridEncoder(dimensions: 2, levelCount: 16, features: 2, base: 16, finest: 2048, logTable: 16, hashed: false)

    /// Memory for a block of samples.
    final class Memory: @unchecked Sendable {  // one chunk at a time
        let places = Buffer<Float>(count: 3 * PlainField.block), pairs = Buffer<Float>(count: 2 * PlainField.block)
        let code = Buffer<Float>(count: 256 * PlainField.block), input = Buffer<Float>(count: 512 * PlainField.block)
        let first = Buffer<Float>(count: 512 * PlainField.block), second = Buffer<Float>(count: 512 * PlainField.block), third = Buffer<Float>(count: 512 * PlainField.block)
        let directions = Buffer<Float>(count: 3 * PlainField.block), harmonics = Buffer<Float>(count: 16 * tileWidth)
    }

    /// Values of at most `block` samples: places [n, 3] and unit directions [n, 3] lie in the memory. Densities [n], colours [n, 3].
    func evaluate(_ m: Memory, count n: Int, _ conditions: FieldConditions, densities: UnsafeMutablePointer<Float>, colors: UnsafeMutablePointer<Float>) {
        precondition(n <= Self.block && conditions.audio.count == audioWidth, "a block of samples and a whole audio code")
        parameters.withUnsafeBufferPointer { p in
            guard let p = p.baseAddress else { return }
            let inputs = densityInputs(p, m, n, conditions)
            let geometry = density.run(p, inputs, count: n, scratch: m.second.pointer)
            let width = density.outputs
            for i in 0..<n { densities[i] = Foundation.exp(min(geometry[i * width], 60)) }
            let colorInputs = m.input.pointer, columns = color.inputs
            harmonics(m, n)
            for i in 0..<n {
                let row = colorInputs + i * columns
                for k in 0..<16 { row[k] = m.code.pointer[i * 16 + k] }
                (row + 16).update(from: geometry + i * width + 1, count: width - 1)
                for (k, v) in conditions.identity.enumerated() { row[15 + width + k] = v }
            }
            let rgb = color.run(p, colorInputs, count: n, scratch: m.third.pointer)
            for i in 0..<3 * n {
                let s = 1 / (1 + Foundation.exp(-rgb[i]))
                // ER-NeRF's colours reach a thousandth beyond both ends.
                if case .planes = kind { colors[i] = s * 1.002 - 0.001 } else { colors[i] = s }
            }
        }
    }

    /// Spherical harmonics of the directions, [n, 16], into the code's memory.
    private func harmonics(_ m: Memory, _ n: Int) {
        let step = min(64, tileWidth)
        withUnsafeTemporaryAllocation(of: Float.self, capacity: 3 * tileWidth) { rows in
            guard let base = rows.baseAddress else { return }
            for start in stride(from: 0, to: n, by: step) {
                let count = min(step, n - start)
                base.update(repeating: 0, count: 3 * tileWidth)
                for i in 0..<count { for k in 0..<3 { base[k * tileWidth + i] = m.directions.pointer[3 * (start + i) + k] } }
                sphericalHarmonics(base, base + tileWidth, base + 2 * tileWidth, count: (count + 7) / 8 * 8, out: m.harmonics.pointer)
                for i in 0..<count { for k in 0..<16 { m.code.pointer[(start + i) * 16 + k] = m.harmonics.pointer[k * tileWidth + i] } }
            }
        }
    }

    /// Inputs of the density network, [n, its inputs].
    private func densityInputs(_ p: UnsafePointer<Float>, _ m: Memory, _ n: Int, _ c: FieldConditions) -> UnsafePointer<Float> {
        let columns = density.inputs, input = m.input.pointer, code = m.code.pointer
        switch kind {
        case .planes(let levels):
            let width = 3 * levels
            for (g, axes) in [(0, 1), (1, 2), (0, 2)].enumerated() {
                for i in 0..<n {
                    m.pairs.pointer[2 * i] = m.places.pointer[3 * i + axes.0]
                    m.pairs.pointer[2 * i + 1] = m.places.pointer[3 * i + axes.1]
                }
                grids[g].encoder.encode(p + grids[g].table, m.pairs.pointer, count: n, into: code + g * levels, row: width)
            }
            let heard = attention.run(p, code, count: n, scratch: m.first.pointer)
            for i in 0..<n {
                let row = input + i * columns
                row.update(from: code + i * width, count: width)
                for k in 0..<audioWidth { row[width + k] = c.audio[k] * heard[i * audioWidth + k] }
            }
            if let eyes, columns > width + audioWidth {
                let seen = eyes.run(p, code, count: n, scratch: m.first.pointer)
                for i in 0..<n { input[i * columns + width + audioWidth] = c.eye / (1 + Foundation.exp(-seen[i])) }
            }
        case .solid:
            let width = Self.solid.width, both = width + audioWidth, second = Self.ambient.width
            grids[0].encoder.encode(p + grids[0].table, m.places.pointer, count: n, into: code, row: both)
            for i in 0..<n { for k in 0..<audioWidth { code[i * both + width + k] = c.audio[k] } }
            let place = attention.run(p, code, count: n, scratch: m.first.pointer)
            for i in 0..<2 * n { m.pairs.pointer[i] = Foundation.tanh(place[i]) }
            for i in 0..<n { (input + i * columns).update(from: code + i * both, count: width) }
            grids[1].encoder.encode(p + grids[1].table, m.pairs.pointer, count: n, into: input + width, row: columns)
            if columns > width + second { for i in 0..<n { input[i * columns + width + second] = c.eye } }
        }
        return UnsafePointer(input)
    }
}
