// Where rays are worth most: the running error over the head's window.
import Base
import Foundation

/// A grid over the head's window, the same for all frames: the head fills its window alike in each of them.
/// Rays are drawn by the root of the error, so that edges, mouth and hair get more of them than smooth skin.
struct ErrorMap: Sendable {
    static let side = 48
    private var errors: [Float]
    /// The errors that draws go by, and their running sum of roots.
    private var drawn: [Float]
    private var cumulative: [Float] = []

    init() {
        errors = [Float](repeating: 0.01, count: Self.side * Self.side)
        drawn = errors
        refresh()
    }

    /// All that the next draws depend on.
    var state: [Float] { errors + drawn }

    /// Takes a kept state; false where it is not of this grid.
    mutating func restore(_ kept: [Float]) -> Bool {
        guard kept.count == 2 * errors.count, kept.allSatisfy({ $0 >= 0 && $0.isFinite }) else { return false }
        errors = Array(kept.suffix(errors.count))
        refresh()
        errors = Array(kept.prefix(errors.count))
        return true
    }

    private static func cell(_ ray: TrainingRay, _ window: PixelWindow) -> Int {
        let y = (ray.row - window.rows.lowerBound) * side / window.rows.count, x = (ray.column - window.columns.lowerBound) * side / window.columns.count
        return min(max(y, 0), side - 1) * side + min(max(x, 0), side - 1)
    }

    /// Takes the squared errors of a step's rays.
    mutating func learn(_ rays: [TrainingRay], _ squared: UnsafePointer<Float>, window: PixelWindow) {
        for (i, ray) in rays.enumerated() {
            let c = Self.cell(ray, window)
            errors[c] += 0.02 * (squared[i] - errors[c])
        }
    }

    /// Makes what was learned count for the next draws.
    mutating func refresh() {
        drawn = errors
        var sum: Float = 0
        cumulative = drawn.map { error in
            sum += max(error, 1e-5).squareRoot()
            return sum
        }
    }

    /// A pixel of the window; `a`, `b`, `c` are uniform in 0…1.
    func draw(_ window: PixelWindow, _ a: Float, _ b: Float, _ c: Float) -> (row: Int, column: Int) {
        let wanted = a * (cumulative.last ?? 1)
        var (low, high) = (0, cumulative.count - 1)
        while low < high {
            let middle = (low + high) / 2
            if cumulative[middle] < wanted { low = middle + 1 } else { high = middle }
        }
        let (y, x) = (Float(low / Self.side) + b, Float(low % Self.side) + c)
        let row = window.rows.lowerBound + Int(y / Float(Self.side) * Float(window.rows.count))
        let column = window.columns.lowerBound + Int(x / Float(Self.side) * Float(window.columns.count))
        return (min(row, window.rows.upperBound - 1), min(column, window.columns.upperBound - 1))
    }
}
