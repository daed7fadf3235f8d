// The discrete Fourier transform of real signals.
import Foundation

/// A transform of one power-of-two length, with its twiddle factors.
package struct FourierTransform: Sendable {
    package let count: Int
    private let cosines: [Float]
    private let sines: [Float]
    private let order: [Int]

    /// `count` is a power of two.
    package init(count: Int) {
        precondition(count >= 2 && count & (count - 1) == 0, "a transform's length is a power of two")
        self.count = count
        cosines = (0..<(count / 2)).map { Float(cos(2 * Double.pi * Double($0) / Double(count))) }
        sines = (0..<(count / 2)).map { Float(-sin(2 * Double.pi * Double($0) / Double(count))) }
        let bits = count.trailingZeroBitCount
        order = (0..<count).map { index in (0..<bits).reduce(0) { $0 << 1 | (index >> $1 & 1) } }
    }

    /// Power spectrum: squared magnitudes of bins 0…count/2 of a real signal of `count` samples.
    package func power(_ signal: [Float]) -> [Float] {
        var re = order.map { signal[$0] }
        var im = [Float](repeating: 0, count: count)
        re.withUnsafeMutableBufferPointer { re in
            im.withUnsafeMutableBufferPointer { im in
                var half = 1
                while half < count {
                    let step = count / (2 * half)
                    for start in stride(from: 0, to: count, by: 2 * half) {
                        for k in 0..<half {
                            let (c, s) = (cosines[k * step], sines[k * step])
                            let (a, b) = (start + k, start + k + half)
                            let (x, y) = (re[b] * c - im[b] * s, re[b] * s + im[b] * c)
                            re[b] = re[a] - x; im[b] = im[a] - y
                            re[a] += x; im[a] += y
                        }
                    }
                    half *= 2
                }
            }
        }
        return (0...(count / 2)).map { re[$0] * re[$0] + im[$0] * im[$0] }
    }
}
