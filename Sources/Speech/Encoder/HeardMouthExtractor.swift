// The feature that a persona's own speech encoder makes.
import Base
import Engines
import Sound

/// Feature kind `heard-mouth-7`: rows of 16 steps of 20 ms of the mouth that the encoder hears, in `FeatureRows`.
package struct HeardMouthExtractor: AudioFeatureExtractor {
    package static let kind = "heard-mouth-7"
    package var kind: String { Self.kind }
    private let encoder: SpeechEncoder

    package init(_ encoder: SpeechEncoder) { self.encoder = encoder }

    package func features(of sound: AudioBuffer, frameCount: Int, framesPerSecond: Rational) throws(EngineError) -> SpeechFeatures {
        try stream(of: SpeechSource(sound), frameCount: frameCount, framesPerSecond: framesPerSecond).rows(0..<frameCount)
    }

    package func stream(of speech: SpeechSource, frameCount: Int, framesPerSecond: Rational) throws(EngineError) -> any SpeechFeatureStream {
        let count = try FeatureRows.stepCount(frameCount: frameCount, framesPerSecond: framesPerSecond)
        return RowStream(HeardMouths(try HearingSource(speech, count: count), encoder), frameCount: frameCount, framesPerSecond: framesPerSecond)
    }
}

/// The mouths of speech of any length, a block of the encoder at a time. One owner at a time.
private final class HeardMouths: FeatureSteps {
    let channels = SpeechEncoder.outputs
    var count: Int { source.count }
    private let source: HearingSource
    private let encoder: SpeechEncoder
    private let pass = SpeechEncoder.pass()
    /// The block that was heard last, and the one before: rows reach across the border.
    private var recent: [(number: Int, mouths: [[Float]])] = []

    init(_ source: HearingSource, _ encoder: SpeechEncoder) { (self.source, self.encoder) = (source, encoder) }

    func steps(_ range: Range<Int>) throws(EngineError) -> [[Float]] {
        var result: [[Float]] = []
        result.reserveCapacity(range.count)
        for step in range { result.append(try block(step / SpeechEncoder.block)[step % SpeechEncoder.block]) }
        return result
    }

    private func block(_ number: Int) throws(EngineError) -> [[Float]] {
        if let known = recent.last(where: { $0.number == number }) { return known.mouths }
        let first = number * SpeechEncoder.block
        let around = (first - SpeechEncoder.reach..<first + SpeechEncoder.block + SpeechEncoder.reach).clamped(to: 0..<count)
        let mouths = encoder.mouths(try source.heard(around), from: first - around.lowerBound, pass)
        recent = recent.suffix(1) + [(number, mouths)]
        return mouths
    }
}
