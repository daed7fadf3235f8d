// The square of the film that becomes the data set's picture: chosen once, because the camera stands still.
import Engines
import Foundation
import Imaging

/// A square of a film in its whole pixels, and the size of the pictures that are made of it.
struct FootageCrop: Sendable, Hashable, Codable {
    var x: Int
    var y: Int
    var side: Int
    /// Pixels of the pictures.
    var size: Int

    /// The side of the square against the height of the face's mesh: head, hair and shoulders.
    private static let room: Float = 1.9
    /// Free part above the mesh against its height: forehead and hair.
    private static let above: Float = 0.45
    /// The mesh's middle lies so much above the square's, of its side.
    private static let lift: Float = 0.06

    /// The square in which the head stays over all looks: as large as the film allows.
    init(looks: [FaceSighting], width: Int, height: Int, size: Int) {
        let heights = looks.map(\.size.y).sorted(), xs = looks.map(\.center.x).sorted(), ys = looks.map(\.center.y).sorted()
        let usual = heights.isEmpty ? Float(height) / 2 : heights[heights.count / 2]
        // Where the head goes, without the odd look.
        func edge(_ value: (FaceSighting) -> Float, _ part: Double) -> Float {
            let sorted = looks.map(value).sorted()
            return sorted.isEmpty ? 0 : sorted[min(Int(part * Double(sorted.count)), sorted.count - 1)]
        }
        let left = edge({ $0.center.x - $0.size.x * 0.75 }, 0.01), right = edge({ $0.center.x + $0.size.x * 0.75 }, 0.99)
        let top = edge({ $0.center.y - $0.size.y * (0.5 + Self.above) }, 0.01), bottom = edge({ $0.center.y + $0.size.y * 0.75 }, 0.99)
        let wanted = max(Self.room * usual, right - left, bottom - top)
        let side = min(Int(wanted.rounded()), width, height)
        let middle = looks.isEmpty ? SIMD2(Float(width) / 2, Float(height) / 2) : SIMD2(xs[xs.count / 2], ys[ys.count / 2] + Self.lift * Float(side))
        func start(_ middle: Float, _ low: Float, _ high: Float, _ length: Int) -> Int {
            let half = Float(side) / 2
            let free = min(max(middle - half, high - Float(side)), max(low, high - Float(side)))
            return min(max(Int(free.rounded()), 0), length - side)
        }
        x = start(middle.x, left, right, width)
        y = start(middle.y, top, bottom, height)
        (self.side, self.size) = (side, size)
    }

    /// Pixels of the pictures for one of the film.
    var scale: Float { Float(size) / Float(side) }

    /// A mesh point of the film in the picture.
    func placed(_ p: SIMD3<Float>) -> SIMD3<Float> { SIMD3((p.x - Float(x)) * scale, (p.y - Float(y)) * scale, p.z * scale) }

    func picture(_ frame: Frame) -> Frame {
        let factor = Double(size) / Double(side)
        return frame.drawn(into: PixelRect(x: -Double(x) * factor, y: -Double(y) * factor, width: Double(frame.width) * factor, height: Double(frame.height) * factor), canvasWidth: size, canvasHeight: size)
    }
}
