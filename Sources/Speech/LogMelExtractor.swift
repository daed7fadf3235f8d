// The audio feature that needs no download: log-mel windows, 50 steps a second.
import Base
import Engines
import Sound

/// Feature kind `log-mel-32`: 32 mel bands, rows of 16 steps of 20 ms; row k covers steps 2k−8 … 2k+7 at 25 frames a second
/// (engine specification, 1.7), so that the frame's own time sits at slot 8.
package struct LogMelExtractor: AudioFeatureExtractor {
    package static let kind = "log-mel-32"
    package static let bands = 32
    package static let window = 16
    package static let stepsPerSecond = 50
    package var kind: String { Self.kind }

    package init() {}

    package func features(of sound: AudioBuffer, frameCount: Int, framesPerSecond: Rational) throws(EngineError) -> SpeechFeatures {
        guard frameCount >= 0, frameCount < 10_000_000 else { throw .badInput("\(frameCount) frames of speech") }
        let last = (Rational(frameCount) * Rational(Self.stepsPerSecond) / framesPerSecond).ceiling
        let steps = Self.steps(of: sound, count: last + Self.window)
        return Self.rows(of: steps, frameCount: frameCount, framesPerSecond: framesPerSecond)
    }

    /// Levels 0…1 of every step and band: 60 dB below the loudest speech is 0, so that a pause is quiet at any gain.
    package static func steps(of sound: AudioBuffer, count: Int) -> [[Float]] {
        let samples = sound.mono(at: 16_000)
        let mel = MelSpectrogram(sampleRate: 16_000, fftSize: 512, windowLength: 400, hop: 320, bands: bands, low: 60, high: 7600)
        let powers = mel.powers(samples, steps: count)
        let decibels = powers.map { $0.map { 10 * FloatMath.log10(max($0, 1e-12)) } }
        let reference = loudness(decibels)
        return decibels.map { $0.map { min(max(($0 - reference + 60) / 60, 0), 1.2) } }
    }

    /// The level that 95 % of the steps stay below; never less than that of a whisper, so that noise is not raised to speech.
    private static func loudness(_ decibels: [[Float]]) -> Float {
        let peaks = decibels.map { $0.max() ?? -120 }.sorted()
        guard !peaks.isEmpty else { return 0 }
        return max(peaks[min(peaks.count - 1, peaks.count * 95 / 100)], -25)
    }

    /// Rows [channels, window] around each frame's time.
    package static func rows(of steps: [[Float]], frameCount: Int, framesPerSecond: Rational) -> SpeechFeatures {
        let rows = (0..<frameCount).map { frame -> [Float] in
            let middle = (Rational(frame) * Rational(stepsPerSecond) / framesPerSecond).rounded
            var row = [Float](repeating: 0, count: bands * window)
            for slot in 0..<window {
                let step = middle - window / 2 + slot
                guard step >= 0, step < steps.count else { continue }
                for band in 0..<bands { row[band * window + slot] = steps[step][band] }
            }
            return row
        }
        return SpeechFeatures(rows: rows, channels: bands, steps: window)
    }
}
