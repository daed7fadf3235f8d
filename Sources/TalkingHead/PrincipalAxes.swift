// The few directions in which a set of numbers really moves: audio codes of a persona, key points of its torso.
import Foundation

/// Principal axes of some codes. A code's coordinates along them are about −2…2.
struct PrincipalAxes: Sendable, Hashable {
    /// Axes of the sound that bricks know.
    static let sounds = 5
    /// The codes' mean, and for each axis a row that is already divided by its spread; zeros where the codes have no such axis.
    var mean: [Float]
    var rows: [[Float]]

    init(mean: [Float], rows: [[Float]]) {
        self.mean = mean
        self.rows = rows
    }

    /// `count` axes of a set of codes, by power iteration: always the same for the same codes.
    init(_ codes: [[Float]], count: Int) {
        let width = codes.first?.count ?? 0, n = Float(max(codes.count, 1))
        let mean = (0..<width).map { c in codes.reduce(Float(0)) { $0 + $1[c] } / n }
        let centered = codes.map { zip($0, mean).map { $0 - $1 } }
        var covariance = (0..<width).map { i in (0..<width).map { j in centered.reduce(Float(0)) { $0 + $1[i] * $1[j] } / n } }
        var rows: [[Float]] = []
        var largest: Float = 0
        for _ in 0..<count {
            // The column of the largest variance is never at a right angle to the axis.
            let start = (0..<width).max { covariance[$0][$0] < covariance[$1][$1] } ?? 0
            var axis = width > 0 ? covariance[start] : []
            var variance: Float = 0
            for _ in 0..<200 {
                let length = axis.reduce(0) { $0 + $1 * $1 }.squareRoot()
                guard length > 1e-12 else { variance = 0; break }
                axis = axis.map { $0 / length }
                let image = covariance.map { row in zip(row, axis).reduce(0) { $0 + $1.0 * $1.1 } }
                variance = zip(image, axis).reduce(0) { $0 + $1.0 * $1.1 }
                axis = image
            }
            let length = axis.reduce(0) { $0 + $1 * $1 }.squareRoot()
            largest = max(largest, variance)
            // Axes that hardly move are noise.
            guard variance > 1e-4 * largest, length > 1e-12 else { rows.append([Float](repeating: 0, count: width)); continue }
            let unit = axis.map { $0 / length }
            rows.append(unit.map { $0 / variance.squareRoot() })
            for i in 0..<width { for j in 0..<width { covariance[i][j] -= variance * unit[i] * unit[j] } }
        }
        self.init(mean: mean, rows: rows)
    }

    /// Coordinates of a code; what lies far beyond all that was heard counts as its edge.
    func coordinates(_ code: [Float]) -> [Float] {
        rows.map { row in
            let sum = zip(row, zip(code, mean)).reduce(Float(0)) { $0 + $1.0 * ($1.1.0 - $1.1.1) }
            return min(max(sum, -3), 3)
        }
    }
}
