// Loops with sixteen lanes against the same with eight: not one bit differs.
import Testing
@testable import Kernels

/// Floats with all kinds of last places, between -1 and 1.
func someFloats(_ count: Int, seed: UInt64) -> [Float] {
    var state = seed &* 0x9E37_79B9_7F4A_7C15 | 1
    return (0..<count).map { _ in
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Float(Int32(truncatingIfNeeded: state >> 32)) * 0x1p-31
    }
}

@Suite(.enabled(if: Lanes.most == .sixteen, "no loops of sixteen lanes here: the processor lacks AVX-512, or this is a baseline build")) struct LaneWidths {
    /// What `work` makes with either.
    func both(_ work: () -> [UInt32]) -> (eight: [UInt32], sixteen: [UInt32]) { (Lanes.using(.eight, work), Lanes.using(.sixteen, work)) }

    @Test(arguments: [4, 8, 12, 20, 32, 36, 64, 80, 104]) func layers(_ outputs: Int) {
        for (inputs, count) in [(1, 16), (7, 32), (36, 48), (64, 64), (101, 80)] {
            var weights = someFloats(inputs * outputs, seed: 1), x = someFloats(inputs * tileWidth, seed: 2)
            // Zeros of both signs, and what is not a number.
            (weights[0], x[3], x[5]) = (0, -0.0, .nan)
            let before = someFloats(outputs * tileWidth, seed: 3)
            for (rectify, adding) in [(false, false), (true, false), (false, true), (true, true)] {
                let result = both {
                    var y = before
                    denseForward(weights, inputs: inputs, outputs: outputs, x, &y, count: count, rectify: rectify, adding: adding)
                    return y.map(\.bitPattern)
                }
                #expect(result.eight == result.sixteen, "\(inputs) inputs, \(count) samples")
            }
        }
    }

    @Test(arguments: [16, 32, 48, 64, 80]) func rows(_ count: Int) {
        let weights = someFloats(69, seed: 4), x = someFloats(69 * tileWidth, seed: 5)
        let result = both {
            var y = [Float](repeating: 7, count: tileWidth)
            denseRow(weights, inputs: 69, x, &y, count: count)
            return y.map(\.bitPattern)
        }
        #expect(result.eight == result.sixteen)
    }

    @Test(arguments: [4, 8, 20, 64]) func weightGradients(_ outputs: Int) {
        for (columns, count) in [(16, 16), (32, 80), (48, 37), (64, 80), (80, 16), (112, 80)] {
            let dy = someFloats(outputs * tileWidth, seed: 6), x = someFloats(columns * tileWidth, seed: 7), before = someFloats(outputs * columns, seed: 8)
            let result = both {
                var gradient = before
                denseWeightGradient(dy, outputs: outputs, x, stride: columns, columns: columns, count: count, into: &gradient)
                return gradient.map(\.bitPattern)
            }
            #expect(result.eight == result.sixteen, "\(columns) columns, \(count) samples")
        }
    }
}
