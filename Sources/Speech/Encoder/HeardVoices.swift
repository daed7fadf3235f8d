// One speech as three voices: what an encoder answers to them on average is nearer to the truth than any one answer.
import Base
import Engines
import Sound

/// The same speech as it is, from a longer throat and from a shorter one. An encoder that was taught many voices answers a little
/// differently to each; much of the difference is its error.
package struct HeardVoices: Sendable, Hashable {
    let voices: [HeardSpeech]
    package var count: Int { voices.first?.count ?? 0 }
    /// Bands that the other two are moved by: 1.7 standard deviations of what an encoder is taught with (`VoiceVariation`).
    private static let apart: Float = 1.5

    /// From log-mel steps [count][bands] and the loudness of each.
    ///
    /// - Parameter range: The steps that are wanted; the others are what surrounds them. Nil: all.
    package init(steps: [[Float]], loudness: [Float], of range: Range<Int>? = nil) {
        precondition(steps.allSatisfy { $0.count == HeardSpeech.bands }, "a step has \(HeardSpeech.bands) bands")
        let levels = Array(steps.joined())
        voices = [levels, BandShift(bands: -Self.apart).moved(levels), BandShift(bands: Self.apart).moved(levels)]
            .map { HeardSpeech(levels: $0, loudness: loudness, of: range ?? 0..<steps.count) }
    }
}

/// Hears speech of any length where it is asked for. One owner at a time.
final class HearingSource {
    let count: Int
    private let steps: LogMelSteps
    private let loudness: VoiceLoudness

    /// `count` steps from the first sample on.
    init(_ speech: SpeechSource, count: Int) throws(EngineError) {
        steps = try LogMelSteps(speech, count: count)
        loudness = try VoiceLoudness(speech)
        self.count = steps.count
    }

    /// The steps of a range inside `0 ..< count`: the same numbers, however they are cut.
    func heard(_ range: Range<Int>) throws(EngineError) -> HeardVoices {
        let near = (range.lowerBound - HeardSpeech.around..<range.upperBound + HeardSpeech.around).clamped(to: 0..<count)
        return HeardVoices(steps: try steps.steps(near), loudness: near.map { loudness.level(at: Double($0) / Double(FeatureRows.stepsPerSecond)) },
                           of: range.lowerBound - near.lowerBound..<range.upperBound - near.lowerBound)
    }
}
