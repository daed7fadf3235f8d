// The way back through AD-NeRF's network.
import Base
import Kernels
import Tensors

/// Scratch of a backward pass.
final class AdNerfScratch: @unchecked Sendable {  // one band at a time
    let first: Buffer<Float>, second: Buffer<Float>, sums: Buffer<Float>, perRay: Buffer<Float>
    init(_ sizes: AdNerfSizes, capacity: Int, rays: Int) {
        let width = max(sizes.width, sizes.viewWidth)
        first = Buffer(count: capacity * width)
        second = Buffer(count: capacity * width)
        sums = Buffer(count: width)
        perRay = Buffer(count: rays * sizes.viewWidth)
    }
}

extension AdNerfNetwork {
    /// Adds gradients for those of raw densities [n] and raw colours [n, 3]; the tape keeps every layer of the forward pass.
    ///
    /// - Parameters:
    ///   - directions: codes of the `rays` rays' directions.
    ///   - gradient: a block of the layout. - signalGradient: receives that of the signal.
    func backward(_ p: UnsafePointer<Float>, signal values: [Float], directions: UnsafePointer<Float>, rays: Int, tape: AdNerfTape, count n: Int,
                  density dDensity: UnsafePointer<Float>, color dColor: UnsafePointer<Float>, scratch: AdNerfScratch,
                  gradient: UnsafeMutablePointer<Float>, signalGradient: UnsafeMutablePointer<Float>) {
        let width = sizes.width, viewWidth = sizes.viewWidth
        var current = scratch.first.pointer, other = scratch.second.pointer
        // Colour.
        weights(rgb, dColor, n, tape.view(sizes.viewDepth - 1), input: viewWidth, gradient)
        columnSums(dColor, n, 3, into: gradient + rgb.bias)
        MatrixProduct.multiply(dColor, row: 3, p + rgb.weight, row: viewWidth, into: current, row: viewWidth, m: n, n: viewWidth, k: 3)
        for layer in (0..<sizes.viewDepth).reversed() {
            let l = views[layer]
            Self.shut(current, where: tape.view(layer), count: n * viewWidth)
            columnSums(current, n, viewWidth, into: gradient + l.bias)
            weights(l, current, n, layer == 0 ? tape.hidden(sizes.depth - 1) : tape.view(layer - 1), input: layer == 0 ? width : viewWidth, gradient)
            if layer == 0 { directionGradient(current, tape, n, directions, rays: rays, scratch, gradient) }
            let into = layer == 0 ? width : viewWidth
            MatrixProduct.multiply(current, row: viewWidth, p + l.weight, row: l.columns, into: other, row: into, m: n, n: into, k: viewWidth)
            swap(&current, &other)
        }
        // Density reads the last layer as well.
        weights(alpha, dDensity, n, tape.hidden(sizes.depth - 1), input: width, gradient)
        columnSums(dDensity, n, 1, into: gradient + alpha.bias)
        MatrixProduct.multiply(dDensity, row: 1, p + alpha.weight, row: width, into: current, row: width, m: n, n: width, k: 1, adding: true)
        for layer in (0..<sizes.depth).reversed() {
            Self.shut(current, where: tape.hidden(layer), count: n * width)
            pointGradient(layer, p, current, n, values, tape, scratch, gradient, signalGradient)
            guard layer > 0 else { break }
            let l = points[layer]
            MatrixProduct.multiply(current, row: width, p + l.weight + hiddenColumn(layer), row: l.columns, into: other, row: width, m: n, n: width, k: width)
            swap(&current, &other)
        }
    }

    /// Weights, bias and signal of one layer over points.
    private func pointGradient(_ layer: Int, _ p: UnsafePointer<Float>, _ d: UnsafePointer<Float>, _ n: Int, _ values: [Float], _ tape: AdNerfTape, _ scratch: AdNerfScratch,
                               _ gradient: UnsafeMutablePointer<Float>, _ signalGradient: UnsafeMutablePointer<Float>) {
        let l = points[layer], code = sizes.positionCode
        let sums = scratch.sums.pointer
        sums.update(repeating: 0, count: l.rows)
        columnSums(d, n, l.rows, into: sums)
        for r in 0..<l.rows { gradient[l.bias + r] += sums[r] }
        if layer > 0 { weights(l, d, n, tape.hidden(layer - 1), input: sizes.width, gradient, column: hiddenColumn(layer)) }
        guard readsCode(layer) else { return }
        weights(l, d, n, tape.code.pointer, input: code, gradient)
        for r in 0..<l.rows {
            let row = l.weight + r * l.columns + code
            for c in 0..<signal {
                gradient[row + c] += sums[r] * values[c]
                signalGradient[c] += sums[r] * p[row + c]
            }
        }
    }

    /// The part of the first colour layer that reads directions: the same for all samples of a ray.
    private func directionGradient(_ d: UnsafePointer<Float>, _ tape: AdNerfTape, _ n: Int, _ directions: UnsafePointer<Float>, rays: Int, _ scratch: AdNerfScratch,
                                   _ gradient: UnsafeMutablePointer<Float>) {
        let width = sizes.viewWidth, l = views[0]
        let sums = scratch.perRay.pointer
        sums.update(repeating: 0, count: rays * width)
        for i in 0..<n {
            let row = sums + Int(tape.rays.pointer[i]) * width
            for c in 0..<width { row[c] += d[i * width + c] }
        }
        MatrixProduct.multiply(sums, row: width, directions, row: sizes.directionCode, into: gradient + l.weight + sizes.width, row: l.columns,
                               m: width, n: sizes.directionCode, k: rays, transposedA: true, adding: true)
    }

    /// Adds dᵀ · x to `input` columns of a matrix's gradient.
    private func weights(_ l: Dense, _ d: UnsafePointer<Float>, _ n: Int, _ x: UnsafePointer<Float>, input: Int, _ gradient: UnsafeMutablePointer<Float>, column: Int = 0) {
        MatrixProduct.multiply(d, row: l.rows, x, row: input, into: gradient + l.weight + column, row: l.columns, m: l.rows, n: input, k: n, transposedA: true, adding: true)
    }
    private func columnSums(_ d: UnsafePointer<Float>, _ n: Int, _ columns: Int, into out: UnsafeMutablePointer<Float>) {
        for i in 0..<n { for c in 0..<columns { out[c] += d[i * columns + c] } }
    }
    /// Stops the gradient where the layer's ReLU was shut.
    private static func shut(_ d: UnsafeMutablePointer<Float>, where y: UnsafePointer<Float>, count: Int) {
        let zero = Float8(repeating: 0)
        let vector = count / 8 * 8
        for i in stride(from: 0, to: vector, by: 8) { put(select(get(y + i) .> 0, get(d + i), zero), d + i) }
        for i in vector..<count where y[i] <= 0 { d[i] = 0 }
    }
}
