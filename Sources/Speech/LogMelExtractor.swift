// The audio feature that needs no download: log-mel windows, 50 steps a second.
import Base
import Engines
import Sound

/// Feature kind `log-mel-32`: 32 mel bands in `FeatureRows`.
package struct LogMelExtractor: AudioFeatureExtractor {
    package static let kind = "log-mel-32"
    package static let bands = 32
    package var kind: String { Self.kind }

    package init() {}

    package func features(of sound: AudioBuffer, frameCount: Int, framesPerSecond: Rational) throws(EngineError) -> SpeechFeatures {
        let count = try FeatureRows.stepCount(frameCount: frameCount, framesPerSecond: framesPerSecond)
        return FeatureRows.rows(of: Self.steps(of: sound, count: count), frameCount: frameCount, framesPerSecond: framesPerSecond)
    }

    /// All steps at once: see `LogMelSteps`.
    package static func steps(of sound: AudioBuffer, count: Int) -> [[Float]] {
        do { return try LogMelSteps(SpeechSource(sound), count: count).steps(0..<max(count, 0)) } catch { preconditionFailure("samples in memory are always there") }
    }
}
