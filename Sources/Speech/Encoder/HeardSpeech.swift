// What the speech encoder hears: the shape of the spectrum, its level, and how loud the voice is.
import Base
import Engines
import Sound

/// Input of the encoder, 50 steps a second, in this order: the shape of the spectrum against the voice's own (each log-mel band
/// less the mean of all bands, less the profile), the mean of all bands, the loudness of the voice against its own loud
/// syllables, and the profile: the mean shape of what the voice said in the three seconds around. Microphones and voices shift
/// mean and profile; vowels and closures are in the shape.
package struct HeardSpeech: Sendable, Hashable {
    static let bands = LogMelExtractor.bands
    package static let channels = 2 * bands + 2
    /// [count][channels], row-major.
    package let values: [Float]
    package var count: Int { values.count / Self.channels }
    /// Steps of the profile to either side.
    static let around = 75

    /// From log-mel steps [count][bands] and the loudness of each.
    ///
    /// - Parameter range: The steps that are wanted; the others are what surrounds them. Nil: all.
    package init(steps: [[Float]], loudness: [Float], of range: Range<Int>? = nil) {
        precondition(steps.count == loudness.count, "every step has a loudness")
        let means = steps.map { $0.reduce(0, +) / Float(Self.bands) }
        // What is loud has a say, silence has none.
        let says = means.map { min(2 * $0, 1) }
        let wanted = range ?? 0..<steps.count
        values = [Float](unsafeUninitializedCapacity: wanted.count * Self.channels) { values, count in
            var profile = [Float](repeating: 0, count: Self.bands)
            for (row, step) in wanted.enumerated() {
                Self.profile(steps, means, says, at: step, into: &profile)
                let place = row * Self.channels
                for band in 0..<Self.bands {
                    values[place + band] = steps[step][band] - means[step] - profile[band]
                    values[place + Self.bands + 2 + band] = profile[band]
                }
                values[place + Self.bands] = means[step]
                values[place + Self.bands + 1] = loudness[step]
            }
            count = wanted.count * Self.channels
        }
    }

    /// Summed anew for every step: the same bits wherever the speech is cut.
    private static func profile(_ steps: [[Float]], _ means: [Float], _ says: [Float], at step: Int, into profile: inout [Float]) {
        var total: Float = 1
        for band in 0..<bands { profile[band] = 0 }
        for near in max(step - around, 0)..<min(step + around + 1, steps.count) where says[near] > 0 {
            steps[near].withUnsafeBufferPointer { levels in
                for band in 0..<bands { profile[band] += says[near] * (levels[band] - means[near]) }
            }
            total += says[near]
        }
        for band in 0..<bands { profile[band] /= total }
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
    func heard(_ range: Range<Int>) throws(EngineError) -> HeardSpeech {
        let near = (range.lowerBound - HeardSpeech.around..<range.upperBound + HeardSpeech.around).clamped(to: 0..<count)
        return HeardSpeech(steps: try steps.steps(near), loudness: near.map { loudness.level(at: Double($0) / Double(FeatureRows.stepsPerSecond)) },
                           of: range.lowerBound - near.lowerBound..<range.upperBound - near.lowerBound)
    }
}
