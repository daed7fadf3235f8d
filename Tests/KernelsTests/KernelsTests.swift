// Kernels against plain arithmetic.
import Foundation
import Testing
@testable import Kernels

@Suite struct DenseLayers {
    /// Small whole numbers: sums are exact in any order.
    func numbers(_ count: Int, _ salt: Int) -> [Float] { (0..<count).map { Float(($0 &* 37 &+ salt &* 101) % 13 - 6) } }

    @Test(arguments: [(1, 1), (4, 4), (69, 64), (64, 65), (84, 3), (7, 8), (7, 20), (5, 32), (36, 80), (100, 77)]) func products(_ size: (Int, Int)) {
        let (inputs, rows) = size, outputs = (rows + 3) / 4 * 4, count = 48
        let matrix = numbers(inputs * rows, 1), x = numbers(inputs * tileWidth, 2)
        var packed = [Float](repeating: .nan, count: inputs * outputs), y = [Float](repeating: .nan, count: outputs * tileWidth)
        packDense(matrix, rows: rows, columns: inputs, column: Array(0..<inputs), outputs: outputs, into: &packed)
        for rectify in [false, true] {
            denseForward(packed, inputs: inputs, outputs: outputs, x, &y, count: count, rectify: rectify)
            for r in 0..<outputs {
                for s in 0..<count {
                    let sum = r < rows ? (0..<inputs).reduce(Float(0)) { $0 + matrix[r * inputs + $1] * x[$1 * tileWidth + s] } : 0
                    #expect(y[r * tileWidth + s] == (rectify ? max(sum, 0) : sum))
                }
            }
        }
    }

    @Test(arguments: [16, 48, 64, 80]) func singleOutputs(_ count: Int) {
        let weights = numbers(69, 7), x = numbers(69 * tileWidth, 8)
        var y = [Float](repeating: .nan, count: tileWidth)
        denseRow(weights, inputs: 69, x, &y, count: count)
        for s in 0..<count { #expect(y[s] == (0..<69).reduce(Float(0)) { $0 + weights[$1] * x[$1 * tileWidth + s] }) }
        #expect(y[count...].allSatisfy { $0.isNaN })
    }

    @Test func weightGradients() {
        let (rows, inputs, count) = (7, 5, 16)
        let dy = numbers(8 * tileWidth, 3), x = numbers(16 * tileWidth, 4), pitch = paddedInputs(inputs)
        var transposed = [Float](repeating: .nan, count: pitch * count), packed = [Float](repeating: 0, count: 8 * pitch)
        transposeTile(x, inputs: inputs, count: count, into: &transposed)
        denseWeightGradient(dy, outputs: 8, transposed, stride: pitch, columns: pitch, count: count, into: &packed)
        var gradient = [Float](repeating: 1, count: rows * inputs)
        unpackGradient(packed, rows: rows, columns: inputs, column: [4, 3, -1, 1, 0], into: &gradient)
        for r in 0..<rows {
            for c in 0..<inputs {
                let source = [4, 3, -1, 1, 0].firstIndex(of: c)
                let sum = source.map { k in (0..<count).reduce(Float(0)) { $0 + dy[r * tileWidth + $1] * x[k * tileWidth + $1] } } ?? 0
                #expect(gradient[r * inputs + c] == 1 + sum)
            }
        }
    }

    @Test func transposedProducts() {
        let (rows, columns, count) = (6, 9, 16)
        let matrix = numbers(rows * columns, 5), dy = numbers(8 * tileWidth, 6)
        var packed = [Float](repeating: 0, count: 8 * 12), dx = [Float](repeating: 0, count: 12 * tileWidth)
        packDenseTransposed(matrix, rows: rows, columns: columns, column: Array(0..<columns), outputs: 8, into: &packed)
        denseForward(packed, inputs: 8, outputs: 12, dy, &dx, count: count, rectify: false)
        for c in 0..<columns {
            for s in 0..<count {
                #expect(dx[c * tileWidth + s] == (0..<rows).reduce(Float(0)) { $0 + matrix[$1 * columns + c] * dy[$1 * tileWidth + s] })
            }
        }
    }
}

@Suite struct ElementaryFunctions {
    func worst(_ range: ClosedRange<Double>, _ own: (Float8) -> Float8, _ exact: (Double) -> Double, relative: Bool) -> Double {
        var worst = 0.0
        for i in 0..<4000 {
            let x = Float(range.lowerBound + (range.upperBound - range.lowerBound) * Double(i) / 3999)
            let y = Double(own(Float8(repeating: x))[3]), z = exact(Double(x))
            worst = max(worst, abs(y - z) / (relative ? max(abs(z), 1e-300) : 1))
        }
        return worst
    }
    @Test func exponentials() {
        #expect(worst(-100...100, { Kernels.exp2($0) }, { Foundation.pow(2, $0) }, relative: true) < 1e-6)
        #expect(worst(-15...15, { Kernels.exp($0) }, { Foundation.exp($0) }, relative: true) < 2e-6)
    }
    @Test func logarithms() { #expect(worst(0.01...50, { Kernels.log2($0) }, { Foundation.log2($0) }, relative: false) < 2e-6) }
    @Test func waves() {
        #expect(worst(-300...300, { sine($0) }, { Foundation.sin($0) }, relative: false) < 1e-5)
        #expect(worst(-20...20, { cosine($0) }, { Foundation.cos($0) }, relative: false) < 1e-5)
    }
    @Test func edges() {
        #expect(Kernels.exp(Float8(repeating: -1000))[0] < 1e-37 && Kernels.exp(Float8(repeating: 1000))[0].isFinite)
        #expect(saturate(Float8(repeating: 7))[0] == 1 && power(Float8(repeating: 0), 2.2)[0] == 0)
        #expect(worst(-5...5, { arctangent($0, Float8(repeating: -1)) }, { Foundation.atan2($0, -1) }, relative: false) < 1e-3)
    }
}
