// AD-NeRF's network over points and directions: eight wide layers, density, colour (engine specification, 4.2).
import Base
import Kernels
import Tensors

/// Activations of a batch of samples, row by row. With `keeps` every layer keeps its own for the way back; otherwise two take turns.
final class AdNerfTape: @unchecked Sendable {  // one band at a time
    let capacity: Int
    let code: Buffer<Float>
    let density: Buffer<Float>, color: Buffer<Float>
    /// Where the samples lie, and the ray of each.
    let x: Buffer<Float>, y: Buffer<Float>, z: Buffer<Float>
    let rays: Buffer<Int32>
    private let hidden: [Memory], view: [Memory]

    /// A buffer that an array can hold.
    final class Memory: Sendable {
        let buffer: Buffer<Float>
        init(_ count: Int) { buffer = Buffer(count: count) }
    }

    init(_ sizes: AdNerfSizes, capacity: Int, keeps: Bool) {
        self.capacity = capacity
        code = Buffer(count: capacity * sizes.positionCode)
        density = Buffer(count: capacity)
        color = Buffer(count: 3 * capacity)
        x = Buffer(count: capacity + 8)
        y = Buffer(count: capacity + 8)
        z = Buffer(count: capacity + 8)
        rays = Buffer(count: capacity)
        hidden = (0..<(keeps ? sizes.depth : min(2, sizes.depth))).map { _ in Memory(capacity * sizes.width) }
        view = (0..<(keeps ? sizes.viewDepth : min(2, sizes.viewDepth))).map { _ in Memory(capacity * sizes.viewWidth) }
    }

    func hidden(_ layer: Int) -> UnsafeMutablePointer<Float> { hidden[layer % hidden.count].buffer.pointer }
    func view(_ layer: Int) -> UnsafeMutablePointer<Float> { view[layer % view.count].buffer.pointer }
}

/// One network. Parameters lie in a flat block that outlives every call.
struct AdNerfNetwork: Sendable {
    struct Dense: Sendable { var weight: Int, bias: Int, rows: Int, columns: Int }
    let sizes: AdNerfSizes
    let signal: Int
    let points: [Dense], views: [Dense]
    let alpha: Dense, rgb: Dense

    init(layout: ParameterLayout, prefix: String, sizes: AdNerfSizes, signal: Int) {
        self.sizes = sizes
        self.signal = signal
        func dense(_ name: String) -> Dense {
            let slot = layout.slot("\(prefix).\(name).weight")
            return Dense(weight: slot.offset, bias: layout.offset("\(prefix).\(name).bias"), rows: slot.shape[0], columns: slot.shape[1])
        }
        points = (0..<sizes.depth).map { dense("pts_linears.\($0)") }
        views = (0..<sizes.viewDepth).map { dense("views_linears.\($0)") }
        (alpha, rgb) = (dense("alpha_linear"), dense("rgb_linear"))
    }

    func readsCode(_ layer: Int) -> Bool { layer == 0 || sizes.skips.contains(layer - 1) }
    /// Where the columns of the layer before begin.
    func hiddenColumn(_ layer: Int) -> Int { readsCode(layer) ? sizes.positionCode + signal : 0 }

    /// Biases of all layers over points, `sizes.width` each: what the signal adds is the same for every sample of a frame.
    func biases(_ p: UnsafePointer<Float>, signal values: [Float]) -> [Float] {
        precondition(values.count == signal, "a signal of \(values.count) numbers, not \(signal)")
        var result: [Float] = []
        result.reserveCapacity(sizes.depth * sizes.width)
        for (layer, l) in points.enumerated() {
            for r in 0..<l.rows {
                var sum = p[l.bias + r]
                if readsCode(layer) {
                    let row = p + l.weight + r * l.columns + sizes.positionCode
                    for c in 0..<signal { sum += row[c] * values[c] }
                }
                result.append(sum)
            }
        }
        return result
    }

    /// What the first colour layer gets from each ray: its bias and its direction; `count` rows of `viewWidth`. `codes` receives the directions' codes.
    func viewBiases(_ p: UnsafePointer<Float>, directions: [SIMD3<Float>], codes: UnsafeMutablePointer<Float>, into out: UnsafeMutablePointer<Float>) {
        let width = sizes.directionCode
        var padded = directions
        while padded.count % 8 != 0 { padded.append(.zero) }
        let (xs, ys, zs) = (padded.map(\.x), padded.map(\.y), padded.map(\.z))
        PositionCode.encode(xs, ys, zs, count: directions.count, octaves: sizes.directionOctaves, into: codes, row: width)
        let l = views[0]
        for r in 0..<directions.count { (out + r * sizes.viewWidth).update(from: p + l.bias, count: sizes.viewWidth) }
        MatrixProduct.multiply(codes, row: width, p + l.weight + sizes.width, row: l.columns, into: out, row: sizes.viewWidth,
                               m: directions.count, n: sizes.viewWidth, k: width, transposedB: true, adding: true)
    }

    /// Raw densities of the tape's first `n` samples; the last hidden layer stays in the tape.
    func densities(_ p: UnsafePointer<Float>, biases: UnsafePointer<Float>, tape: AdNerfTape, count n: Int) {
        let width = sizes.width, code = sizes.positionCode
        PositionCode.encode(tape.x.pointer, tape.y.pointer, tape.z.pointer, count: n, octaves: sizes.positionOctaves, into: tape.code.pointer, row: code)
        for (layer, l) in points.enumerated() {
            let out = tape.hidden(layer)
            for i in 0..<n { (out + i * width).update(from: biases + layer * width, count: width) }
            if readsCode(layer) {
                MatrixProduct.multiply(tape.code.pointer, row: code, p + l.weight, row: l.columns, into: out, row: width, m: n, n: width, k: code, transposedB: true, adding: true)
            }
            if layer > 0 {
                MatrixProduct.multiply(tape.hidden(layer - 1), row: width, p + l.weight + hiddenColumn(layer), row: l.columns, into: out, row: width,
                                       m: n, n: width, k: width, transposedB: true, adding: true)
            }
            Self.rectify(out, count: n * width)
        }
        for i in 0..<n { tape.density.pointer[i] = p[alpha.bias] }
        MatrixProduct.multiply(tape.hidden(sizes.depth - 1), row: width, p + alpha.weight, row: width, into: tape.density.pointer, row: 1, m: n, n: 1, k: width, transposedB: true, adding: true)
    }

    /// Raw colours of `n` rows of last hidden layers; sample i belongs to ray `rays[i]` of `viewBiases`.
    func colors(_ p: UnsafePointer<Float>, hidden: UnsafePointer<Float>, viewBiases: UnsafePointer<Float>, rays: UnsafePointer<Int32>, tape: AdNerfTape, count n: Int) {
        let width = sizes.viewWidth
        for (layer, l) in views.enumerated() {
            let out = tape.view(layer)
            for i in 0..<n { (out + i * width).update(from: layer == 0 ? viewBiases + Int(rays[i]) * width : p + l.bias, count: width) }
            MatrixProduct.multiply(layer == 0 ? hidden : UnsafePointer(tape.view(layer - 1)), row: layer == 0 ? sizes.width : width, p + l.weight, row: l.columns,
                                   into: out, row: width, m: n, n: width, k: layer == 0 ? sizes.width : width, transposedB: true, adding: true)
            Self.rectify(out, count: n * width)
        }
        for i in 0..<n { (tape.color.pointer + 3 * i).update(from: p + rgb.bias, count: 3) }
        MatrixProduct.multiply(tape.view(sizes.viewDepth - 1), row: width, p + rgb.weight, row: width, into: tape.color.pointer, row: 3, m: n, n: 3, k: width, transposedB: true, adding: true)
    }

    /// Densities and colours of the tape's first `n` samples.
    func forward(_ p: UnsafePointer<Float>, biases: UnsafePointer<Float>, viewBiases: UnsafePointer<Float>, tape: AdNerfTape, count n: Int) {
        densities(p, biases: biases, tape: tape, count: n)
        colors(p, hidden: tape.hidden(sizes.depth - 1), viewBiases: viewBiases, rays: tape.rays.pointer, tape: tape, count: n)
    }

    @inline(__always) private static func rectify(_ x: UnsafeMutablePointer<Float>, count: Int) {
        let zero = Float8(repeating: 0)
        let vector = count / 8 * 8
        for i in stride(from: 0, to: vector, by: 8) { put(maximum(get(x + i), zero), x + i) }
        for i in vector..<count { x[i] = max(x[i], 0) }
    }
}
