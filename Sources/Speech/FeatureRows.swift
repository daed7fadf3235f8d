// From feature steps to the rows that the audio net takes (engine specification, 1.7).
import Base
import Engines

/// Windows of 16 steps of 20 ms: row k covers steps 2k−8 … 2k+7 at 25 frames a second, so that the frame's own time sits at slot 8.
package enum FeatureRows {
    package static let window = 16
    package static let stepsPerSecond = 50

    /// Steps that the rows of `frameCount` frames need.
    static func stepCount(frameCount: Int, framesPerSecond: Rational) throws(EngineError) -> Int {
        guard frameCount >= 0, frameCount < 10_000_000 else { throw .badInput("\(frameCount) frames of speech") }
        guard framesPerSecond > .zero else { throw .badInput("\(framesPerSecond) frames a second") }
        return (Rational(frameCount) * Rational(stepsPerSecond) / framesPerSecond).ceiling + window
    }

    /// The steps that the rows of some frames look at; those before step 0 are none.
    static func steps(of frames: Range<Int>, framesPerSecond: Rational) -> Range<Int> {
        guard let last = frames.last else { return 0..<0 }
        return middle(frames.lowerBound, framesPerSecond) - window / 2..<middle(last, framesPerSecond) + window / 2
    }

    /// The step at a frame's time.
    private static func middle(_ frame: Int, _ framesPerSecond: Rational) -> Int { (Rational(frame) * Rational(stepsPerSecond) / framesPerSecond).rounded }

    /// Rows [channels, window] around each frame's time, from all steps; steps beyond the ends are zeros.
    package static func rows(of steps: [[Float]], frameCount: Int, framesPerSecond: Rational) -> SpeechFeatures {
        rows(of: steps, from: 0, channels: steps.first?.count ?? 0, frames: 0..<max(frameCount, 0), framesPerSecond: framesPerSecond)
    }

    /// Rows of some frames, from the steps `first` and following; steps that are not there are zeros.
    static func rows(of steps: [[Float]], from first: Int, channels: Int, frames: Range<Int>, framesPerSecond: Rational) -> SpeechFeatures {
        let rows = frames.map { frame -> [Float] in
            let start = middle(frame, framesPerSecond) - window / 2 - first
            var row = [Float](repeating: 0, count: channels * window)
            for slot in 0..<window where steps.indices.contains(start + slot) {
                for channel in 0..<channels { row[channel * window + slot] = steps[start + slot][channel] }
            }
            return row
        }
        return SpeechFeatures(rows: rows, channels: channels, steps: window)
    }
}
