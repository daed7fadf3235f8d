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
        guard framesPerSecond > .zero else { throw .badInput("\(framesPerSecond) frames a second") }
        let last = (Rational(frameCount) * Rational(Self.stepsPerSecond) / framesPerSecond).ceiling
        let steps = Self.steps(of: sound, count: last + Self.window)
        return Self.rows(of: steps, frameCount: frameCount, framesPerSecond: framesPerSecond)
    }

    /// Levels 0…1 of every step and band at any gain: 1 is the loudest speech, 0 is 60 dB below it, or the recording's own
    /// steady noise where that is louder, so that a pause is quiet.
    package static func steps(of sound: AudioBuffer, count: Int) -> [[Float]] {
        let samples = sound.mono(at: 16_000)
        let mel = MelSpectrogram(sampleRate: 16_000, fftSize: 512, windowLength: 400, hop: 320, bands: bands, low: 60, high: 7600)
        let powers = mel.powers(samples, steps: count)
        let decibels = powers.map { $0.map { 10 * FloatMath.log10(max($0, 1e-12)) } }
        let peaks = decibels.map { $0.max() ?? silence }
        let reference = loudness(peaks)
        let floors = noise(decibels, peaks, below: reference)
        return decibels.map { row in row.indices.map { gated(min(max((row[$0] - reference + 60) / 60, 0), 1.2), floor: floors[$0]) } }
    }

    /// Below this many decibels there is no sound at all.
    private static let silence: Float = -100

    /// The level that nine tenths of the speaking steps stay below; never less than that of a whisper, so that noise is not
    /// raised to speech. Pauses do not count, however long.
    private static func loudness(_ peaks: [Float]) -> Float {
        let top = peaks.max() ?? silence
        let speaking = peaks.filter { $0 > top - 30 }.sorted()
        guard !speaking.isEmpty else { return quietest }
        return max(speaking[min(speaking.count - 1, speaking.count * 9 / 10)], quietest)
    }
    private static let quietest: Float = -25

    /// Levels of the steady noise, 0…0.5: each band's mean in the quietest thirtieth of the steps that hold any sound.
    private static func noise(_ decibels: [[Float]], _ peaks: [Float], below reference: Float) -> [Float] {
        let sounding = peaks.indices.filter { peaks[$0] > silence }.sorted { (peaks[$0], $0) < (peaks[$1], $1) }
        let quiet = sounding.prefix((sounding.count + 29) / 30)
        guard !quiet.isEmpty else { return [Float](repeating: 0, count: bands) }
        return (0..<bands).map { band in
            let mean = quiet.reduce(Float(0)) { $0 + max(decibels[$1][band], reference - 60) } / Float(quiet.count)
            return min((mean - reference + 60) / 60, 0.5)
        }
    }

    /// Noise goes to 0, what stands well above it stays; clean recordings go through as they are.
    private static func gated(_ level: Float, floor: Float) -> Float {
        guard floor > 0.1 else { return level }
        let t = min(max((level - floor - 0.04) / 0.12, 0), 1)
        return level * t * t * (3 - 2 * t)
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
