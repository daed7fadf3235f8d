// A turned square of a picture, as the mesh wants to see a face.
import Foundation
import Imaging

/// A square in pixels of a picture, turned clockwise as the viewer sees it.
package struct FaceCrop: Sendable, Hashable {
    package var center: SIMD2<Float>
    package var side: Float
    /// Radians.
    package var turn: Float

    package init(center: SIMD2<Float>, side: Float, turn: Float) {
        self.center = center
        self.side = side
        self.turn = turn
    }

    /// Around a box, one and a half times its longer side, upright for the eyes: `left` is the eye at the viewer's left.
    init(box center: SIMD2<Float>, _ size: SIMD2<Float>, left: SIMD2<Float>, right: SIMD2<Float>) {
        self.init(center: center, side: 1.5 * max(size.x, size.y), turn: atan2(right.y - left.y, right.x - left.x))
    }

    /// Where a place of the square, −0.5…0.5, lies in the picture.
    func placed(_ p: SIMD2<Float>) -> SIMD2<Float> {
        let (c, s) = (cos(turn), sin(turn))
        return center + SIMD2(c * p.x - s * p.y, s * p.x + c * p.y) * side
    }

    /// Writes `count × count` RGB pixels, 0…1. Between pixels along straight lines; where the square shrinks, the mean of several places; the picture's edge goes on outside.
    func write(_ frame: Frame, count: Int, to target: UnsafeMutableBufferPointer<Float>) {
        precondition(target.count == 3 * count * count, "the square fills the input")
        let times = min(max(Int((side / Float(count)).rounded()), 1), 8)
        let (c, s) = (cos(turn), sin(turn)), step = side / Float(count * times), share = 1 / Float(times * times)
        let across = SIMD2(c, s) * step, down = SIMD2(-s, c) * step
        let half = Float(count * times) / 2 - 0.5
        let origin = center - across * half - down * half - SIMD2(0.5, 0.5)
        let (width, height) = (frame.width, frame.height)
        frame.withPixels { pixels in
            guard let base = pixels.baseAddress else { return }
            let raw = UnsafeRawPointer(base)
            func pixel(_ x: Int, _ y: Int) -> SIMD4<Float> { raw.loadUnaligned(fromByteOffset: 16 * (min(max(y, 0), height - 1) * width + min(max(x, 0), width - 1)), as: SIMD4<Float>.self) }
            for y in 0..<count {
                for x in 0..<count {
                    var sum = SIMD4<Float>.zero
                    for j in 0..<times {
                        for i in 0..<times {
                            let p = origin + across * Float(x * times + i) + down * Float(y * times + j)
                            let low = p.rounded(.down), f = p - low
                            let (px, py) = (Self.index(low.x), Self.index(low.y))
                            let top = pixel(px, py) * (1 - f.x) + pixel(px + 1, py) * f.x
                            let bottom = pixel(px, py + 1) * (1 - f.x) + pixel(px + 1, py + 1) * f.x
                            sum += top * (1 - f.y) + bottom * f.y
                        }
                    }
                    let at = 3 * (y * count + x)
                    for k in 0..<3 { target[at + k] = sum[k] * share }
                }
            }
        }
    }

    /// A place as a whole number, however far outside.
    @inline(__always) private static func index(_ value: Float) -> Int { Int(min(max(value, -1e6), 1e6)) }
}
