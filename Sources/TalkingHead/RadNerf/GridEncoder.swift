// Multi-resolution grids of any dimension, hashed or tiled, in plain loops (engine specification, 1.4).
import Foundation
import Tensors

/// What `PlaneEncoder` does for planes on tiles, for any number of dimensions and one place at a time.
struct GridEncoder: Sendable {
    struct Level: Sendable {
        var scale: Float
        /// Rows of the table that belong to it, where they begin, and the strides of the dimensions that an index is made of.
        var rows: UInt32, offset: Int, strides: [UInt32]
        var hashed: Bool
    }
    let dimensions: Int, features: Int
    let levels: [Level]
    let rowCount: Int
    var width: Int { levels.count * features }
    private static let primes: [UInt32] = [1, 2_654_435_761, 805_459_861]

    init(dimensions: Int, levelCount: Int, features: Int, base: Int, finest: Int, logTable: Int, hashed: Bool) {
        precondition((1...3).contains(dimensions) && levelCount > 1, "a grid of one to three dimensions and some levels")
        self.dimensions = dimensions
        self.features = features
        let growth = pow(2, Foundation.log2(Double(finest) / Double(base)) / Double(levelCount - 1))
        let s = Float(Foundation.log2(growth))
        var offset = 0
        levels = (0..<levelCount).map { l in
            let resolution = Int((Double(base) * pow(growth, Double(l))).rounded(.up))
            let wanted = (0..<dimensions).reduce(1) { product, _ in min(product * (resolution + 1), 1 << 40) }
            let rows = (min(1 << logTable, wanted) + 7) / 8 * 8
            let scale = Foundation.exp2(Float(l) * s) * Float(base) - 1
            let step = UInt32(Int(scale.rounded(.up)) + 2)
            // Dimensions join the index while the stride is still within the table; the product wraps as the original's does.
            var strides: [UInt32] = [], stride: UInt32 = 1
            for _ in 0..<dimensions where stride <= UInt32(rows) {
                strides.append(stride)
                stride = stride &* step
            }
            defer { offset += rows }
            return Level(scale: scale, rows: UInt32(rows), offset: offset, strides: strides, hashed: hashed && stride > UInt32(rows))
        }
        rowCount = offset
    }

    /// Places in −1…1, `dimensions` numbers each, to rows of `out` that are `row` floats apart. A place outside gives zeros.
    func encode(_ table: UnsafePointer<Float>, _ places: UnsafePointer<Float>, count: Int, into out: UnsafeMutablePointer<Float>, row: Int) {
        for i in 0..<count {
            let place = places + i * dimensions, target = out + i * row
            var u = SIMD3<Float>.zero
            var isInside = true
            for d in 0..<dimensions {
                u[d] = (place[d] + 1) / 2
                isInside = isInside && u[d] >= 0 && u[d] <= 1
            }
            guard isInside else {
                target.update(repeating: 0, count: width)
                continue
            }
            for (l, level) in levels.enumerated() { look(table, level, u, target + l * features) }
        }
    }

    @inline(__always)
    private func look(_ table: UnsafePointer<Float>, _ level: Level, _ u: SIMD3<Float>, _ out: UnsafeMutablePointer<Float>) {
        // Two roundings, as in the original's reference.
        let position = u * level.scale + 0.5
        let low = position.rounded(.down), share = position - low
        for f in 0..<features { out[f] = 0 }
        for corner in 0..<(1 << dimensions) {
            var weight: Float = 1
            var index: UInt32 = 0
            for d in 0..<dimensions {
                let upper = corner >> d & 1
                weight *= upper == 1 ? share[d] : 1 - share[d]
                let cell = UInt32(low[d]) &+ UInt32(upper)
                if level.hashed { index ^= cell &* Self.primes[d] } else if d < level.strides.count { index &+= cell &* level.strides[d] }
            }
            let source = table + (level.offset + Int(index % level.rows)) * features
            for f in 0..<features { out[f] += weight * source[f] }
        }
    }
}

/// Bias-free fully connected layers with ReLU between them, on rows of samples.
struct PlainLayers: Sendable {
    private let layers: [(weight: Int, output: Int, input: Int)]
    var inputs: Int { layers[0].input }
    var outputs: Int { layers[layers.count - 1].output }
    var widest: Int { layers.map(\.output).max() ?? 0 }

    /// Layers `PREFIX.net.0`, `PREFIX.net.1`, …
    init(_ layout: ParameterLayout, _ prefix: String) {
        layers = (0..<16).prefix { layout.has("\(prefix).net.\($0).weight") }.map {
            let slot = layout.slot("\(prefix).net.\($0).weight")
            return (slot.offset, slot.shape[0], slot.shape[1])
        }
    }

    /// Outputs of `count` rows of inputs; `scratch` holds two times `widest` floats a row. The result lies in it.
    func run(_ p: UnsafePointer<Float>, _ x: UnsafePointer<Float>, count: Int, scratch: UnsafeMutablePointer<Float>) -> UnsafeMutablePointer<Float> {
        var input = x
        var result = scratch
        for (index, l) in layers.enumerated() {
            result = scratch + index % 2 * widest * count
            MatrixProduct.multiply(input, row: l.input, p + l.weight, row: l.input, into: result, row: l.output, m: count, n: l.output, k: l.input, transposedB: true)
            if index < layers.count - 1 { for i in 0..<count * l.output { result[i] = max(result[i], 0) } }
            input = UnsafePointer(result)
        }
        return result
    }
}
