// How the mouths of a film stand, measured on the landmarks of its training frames.
import Engines

/// Mouths of a film's own pictures, which a field is told while it learns.
struct FilmMouths: Sendable {
    /// By row of the features: distance of the lips, width, height, upper lip, chin, corners; each about 0…1 over the film.
    let byRow: [Int: [Float]]
    let rows: ClosedRange<Int>

    static let count = 6

    /// nil where frames or landmarks are missing.
    init?(frames: [TrainingFrame]) {
        let known = frames.filter { $0.landmarks.count == 68 }
        guard let first = known.map(\.audioID).min(), let last = known.map(\.audioID).max() else { return nil }
        rows = first...last
        byRow = Dictionary(zip(known.map(\.audioID), Self.scaled(known.map { Self.shape($0.landmarks) }))) { $1 }
    }

    /// Every row up to the last training frame; one without a frame has the mouth before it.
    var filled: [[Float]] {
        var current = byRow[rows.lowerBound] ?? [Float](repeating: 0, count: Self.count)
        return (0...rows.upperBound).map { row in
            current = byRow[row] ?? current
            return current
        }
    }

    /// Across the face against the distance of the eyes, down it against the ridge of the nose: neither moves when one speaks.
    private static func shape(_ p: [SIMD2<Float>]) -> [Float] {
        func distance(_ a: Int, _ b: Int) -> Float { ((p[a] - p[b]) * (p[a] - p[b])).sum().squareRoot() }
        let across = max(distance(36, 45), 1), axis = p[33] - p[27]
        let length = max((axis * axis).sum().squareRoot(), 1), down = axis / length
        func below(_ a: SIMD2<Float>, _ b: SIMD2<Float>) -> Float { ((a - b) * down).sum() / length }
        return [below(p[66], p[62]), distance(48, 54) / across, below(p[57], p[51]), below(p[51], p[33]), below(p[8], p[33]), below((p[48] + p[54]) / 2, p[33])]
    }

    /// Each figure about 0…1 over the film: its 20th part is 0, its 20th part from above 1.
    private static func scaled(_ shapes: [[Float]]) -> [[Float]] {
        let ranges = (0..<count).map { c -> (low: Float, width: Float) in
            let sorted = shapes.map { $0[c] }.sorted()
            let low = sorted[sorted.count / 20], high = sorted[sorted.count - 1 - sorted.count / 20]
            return (low, max(high - low, 1e-3))
        }
        return shapes.map { shape in (0..<count).map { (shape[$0] - ranges[$0].low) / ranges[$0].width } }
    }
}
