// What a film itself teaches the audio net before it sees a picture: what is heard beside what the mouth does.
import Base
import Engines
import Speech

/// A captured film brings no speech without pictures. Its own stands in, with the mouths of its landmarks. Held-out frames are not looked at.
enum FilmLesson {
    /// Heard by an encoder: what the mouth of this person does for what is heard, for the film's own sound and for others like it:
    /// slower and faster, fainter and stronger, backwards. nil where the film teaches too little.
    static func lesson(heard features: SpeechFeatures, seen mouths: FilmMouths) -> SpeechLesson? {
        guard features.rows.indices.contains(mouths.rows.upperBound), features.channels == SpeechEncoder.outputs, features.steps == FeatureRows.window else { return nil }
        let heard = features.rows.map { row in (0..<features.channels).map { row[$0 * features.steps + features.steps / 2] } }
        // Rows behind the last training frame are not listened to.
        guard let map = HeardMouthMap(heard: Array(heard[...mouths.rows.upperBound]), seen: mouths) else { return nil }
        let film = mouths.rows.flatMap { row in (0..<2).map { late in (0..<features.channels).map { features.rows[row][$0 * features.steps + features.steps / 2 + late] } } }
        var (rows, wanted): ([[Float]], [[Float]]) = ([], [])
        for turn in 0..<min(max(mostRows / mouths.rows.count, 2), 12) {
            let steps = variation(film, turn), count = steps.count / 2
            let known = (0..<count).map { steps[2 * $0] }
            rows += FeatureRows.rows(of: steps, frameCount: count, framesPerSecond: Rational(25)).rows
            wanted += (0..<count).map { map.mouth(known, row: $0) }
        }
        return SpeechLesson(features: SpeechFeatures(rows: rows, channels: features.channels, steps: features.steps), mouth: wanted)
    }
    private static let mostRows = 6000

    /// The film's steps, another way each turn; first as they are.
    private static func variation(_ film: [[Float]], _ turn: Int) -> [[Float]] {
        guard turn > 0 else { return film }
        let random = SeededRandom(seed: 17, stream: UInt64(turn))
        let speed = Double(random.uniform(0, 0.75, 1.35)), strength = random.uniform(1, 0.6, 1.3)
        let source = turn % 3 == 2 ? film.reversed() : film
        return (0..<max(Int(Double(film.count - 1) / speed), 2)).map { n in
            let place = min(Double(n) * speed, Double(source.count - 1)), low = Int(place), share = Float(place - Double(low))
            let next = source[min(low + 1, source.count - 1)]
            return source[low].indices.map { strength * (source[low][$0] * (1 - share) + next[$0] * share) }
        }
    }

    /// Heard otherwise: the rows of the film with the mouths of their frames.
    static func plain(heard features: SpeechFeatures, seen mouths: FilmMouths) -> SpeechLesson? {
        guard features.rows.indices.contains(mouths.rows.upperBound) else { return nil }
        return SpeechLesson(features: SpeechFeatures(rows: Array(features.rows[mouths.rows]), channels: features.channels, steps: features.steps), mouth: Array(mouths.filled[mouths.rows]))
    }
}
