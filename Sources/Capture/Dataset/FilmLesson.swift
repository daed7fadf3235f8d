// What a film itself teaches the audio net before it sees a picture: what is heard beside what the mouth does.
import Engines

/// A captured film brings no speech without pictures. Its own stands in: for every training frame what the encoder heard, and the
/// mouth of its landmarks. Held-out frames are not looked at.
enum FilmLesson {
    /// nil where frames or landmarks are missing.
    static func lesson(heard features: SpeechFeatures, frames: [TrainingFrame]) -> SpeechLesson? {
        let known = frames.filter { $0.landmarks.count == 68 && features.rows.indices.contains($0.audioID) }
        guard let first = known.map(\.audioID).min(), let last = known.map(\.audioID).max() else { return nil }
        let shapes = scaled(known.map { shape($0.landmarks) })
        var byRow: [Int: [Float]] = [:]
        for (frame, shape) in zip(known, shapes) { byRow[frame.audioID] = shape }
        var mouth: [[Float]] = [], current = shapes[0]
        for row in first...last {
            current = byRow[row] ?? current
            mouth.append(heard(features.rows[row], features) + current)
        }
        return SpeechLesson(features: SpeechFeatures(rows: Array(features.rows[first...last]), channels: features.channels, steps: features.steps), mouth: mouth)
    }

    /// The mouth that an encoder hears at the frame's own time; nothing for levels of sound, which are no mouth.
    private static func heard(_ row: [Float], _ features: SpeechFeatures) -> [Float] {
        guard features.channels == 7 else { return [] }
        return (0..<7).map { row[$0 * features.steps + features.steps / 2] }
    }

    /// How far the lips are apart, how wide the mouth is, how high the lips are; against the distance of the eyes.
    private static func shape(_ p: [SIMD2<Float>]) -> [Float] {
        func distance(_ a: Int, _ b: Int) -> Float { ((p[a] - p[b]) * (p[a] - p[b])).sum().squareRoot() }
        let eyes = max(distance(36, 45), 1)
        return [distance(62, 66) / eyes, distance(48, 54) / eyes, distance(51, 57) / eyes]
    }

    /// Each figure about 0…1 over the film: its 20th part is 0, its 20th part from above 1.
    private static func scaled(_ shapes: [[Float]]) -> [[Float]] {
        let ranges = (0..<3).map { c -> (low: Float, width: Float) in
            let sorted = shapes.map { $0[c] }.sorted()
            let low = sorted[sorted.count / 20], high = sorted[sorted.count - 1 - sorted.count / 20]
            return (low, max(high - low, 1e-3))
        }
        return shapes.map { shape in (0..<3).map { (shape[$0] - ranges[$0].low) / ranges[$0].width } }
    }
}
