// Frequency codes of positions, directions and poses: x, sin x, cos x, sin 2x, cos 2x, … (engine specification, 4.1).
import Foundation
import Kernels

enum PositionCode {
    /// Numbers of the code of `dimensions` numbers.
    static func width(octaves: Int, dimensions: Int = 3) -> Int { dimensions * (1 + 2 * octaves) }

    /// Codes of `count` points, one row of `out` each, `row` floats apart. Reads x, y, z up to the next multiple of eight.
    static func encode(_ x: UnsafePointer<Float>, _ y: UnsafePointer<Float>, _ z: UnsafePointer<Float>, count: Int, octaves: Int,
                       into out: UnsafeMutablePointer<Float>, row: Int) {
        for i in stride(from: 0, to: count, by: 8) {
            let lanes = min(8, count - i)
            let first = out + i * row
            for (d, source) in [x, y, z].enumerated() {
                let v = get(source + i)
                for lane in 0..<lanes { first[lane * row + d] = v[lane] }
                for k in 0..<octaves {
                    let (s, c) = sineAndCosine(v * Float(1 << k))
                    for lane in 0..<lanes {
                        first[lane * row + 3 + 6 * k + d] = s[lane]
                        first[lane * row + 6 + 6 * k + d] = c[lane]
                    }
                }
            }
        }
    }

    /// The code of one small vector.
    static func code(_ v: [Float], octaves: Int) -> [Float] { TorsoNetwork.frequencyCode(v, octaves) }

    /// Both at once, absolute error below 3e-6 for |x| < 10,000. (A cosine as a moved sine would lose the last bits of x.)
    @inline(__always)
    static func sineAndCosine(_ x: Float8) -> (sine: Float8, cosine: Float8) {
        let (turns, bits) = roundToInteger(x * 0.318309886)
        var r = x.addingProduct(turns, Float8(repeating: -3.140625))
        r = r.addingProduct(turns, Float8(repeating: -9.676535897e-4))
        let r2 = r * r
        var s = Float8(repeating: 2.6083159e-6)
        s = Float8(repeating: -1.981069e-4).addingProduct(s, r2)
        s = Float8(repeating: 8.333307e-3).addingProduct(s, r2)
        s = Float8(repeating: -0.16666667).addingProduct(s, r2)
        s = r.addingProduct(s * r2, r)
        var c = Float8(repeating: 2.0876757e-9)
        c = Float8(repeating: -2.7557319e-7).addingProduct(c, r2)
        c = Float8(repeating: 2.4801587e-5).addingProduct(c, r2)
        c = Float8(repeating: -1.3888889e-3).addingProduct(c, r2)
        c = Float8(repeating: 4.1666667e-2).addingProduct(c, r2)
        c = Float8(repeating: -0.5).addingProduct(c, r2)
        c = Float8(repeating: 1).addingProduct(c, r2)
        let sign = bits &<< 31
        return (unsafeBitCast(unsafeBitCast(s, to: SIMD8<Int32>.self) ^ sign, to: Float8.self),
                unsafeBitCast(unsafeBitCast(c, to: SIMD8<Int32>.self) ^ sign, to: Float8.self))
    }
}
