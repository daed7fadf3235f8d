// How a film drawn one way differs from the same film drawn another way: noise, and what flickers where nothing moves.
import Foundation
import Imaging

/// Frames of two films, in order.
package struct FilmDifference {
    /// Signal to noise of each frame.
    package private(set) var decibels: [Double] = []
    /// Of all frames together: of their mean square error.
    package var average: Double {
        -10 * log10(decibels.reduce(0) { $0 + pow(10, -$1 / 10) } / Double(max(decibels.count, 1)))
    }
    private var before: (Frame, Frame)?
    private var change = (reference: 0.0, other: 0.0)
    /// Side of a region in pixels; mean change of one that stands still.
    private static let side = 8, still = 1.0 / 255
    package init() {}

    /// How much regions that stand still in the reference change in the other film, compared with the reference.
    package var flicker: Double { change.other / max(change.reference, 1e-12) }

    /// The next frame of both, of the same size.
    package mutating func add(reference: Frame, other: Frame) {
        decibels.append(-10 * log10(max(Self.error(reference, other), 1e-12)))
        if let before {
            let (own, theirs) = (Self.changes(before.0, reference), Self.changes(before.1, other))
            for (a, b) in zip(own, theirs) where a < Self.still {
                change.reference += a
                change.other += b
            }
        }
        before = (reference, other)
    }

    private static func error(_ reference: Frame, _ other: Frame) -> Double {
        reference.withPixels { a in other.withPixels { b in PictureError.meanSquare(a, b) } }
    }

    /// Mean change of each region's numbers.
    private static func changes(_ first: Frame, _ second: Frame) -> [Double] {
        let columns = first.width / side, rows = first.height / side
        return first.withPixels { a in
            second.withPixels { b in
                (0..<(columns * rows)).map { region in
                    var sum: Float = 0
                    for j in 0..<side {
                        let start = 4 * ((region / columns * side + j) * first.width + region % columns * side)
                        for i in start..<(start + 4 * side) { sum += abs(a[i] - b[i]) }
                    }
                    return Double(sum) / Double(4 * side * side)
                }
            }
        }
    }
}
