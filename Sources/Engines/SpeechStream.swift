// Speech of any length in pieces: what an actor hears never stands in memory as a whole.
import Base
import Sound

/// Mono speech at 16 kHz that is read where it is needed; silence before its first and behind its last sample. Reading forwards
/// is cheap, going back may begin at the start again. One owner at a time.
public final class SpeechSource {
    public static let sampleRate = 16_000
    /// Samples that count as sound.
    public let sampleCount: Int
    private let read: (Range<Int>) throws(EngineError) -> [Float]

    /// `read` gives the samples of a range inside `0 ..< sampleCount`.
    public init(sampleCount: Int, read: @escaping (Range<Int>) throws(EngineError) -> [Float]) {
        self.sampleCount = sampleCount
        self.read = read
    }

    /// A sound that is there already, at any rate.
    public convenience init(_ sound: AudioBuffer) {
        let samples = sound.mono(at: Self.sampleRate)
        self.init(sampleCount: samples.count) { range throws(EngineError) in Array(samples[range]) }
    }

    /// Samples of any range.
    public func samples(_ range: Range<Int>) throws(EngineError) -> [Float] {
        let inside = range.clamped(to: 0..<max(sampleCount, 0))
        guard !inside.isEmpty else { return [Float](repeating: 0, count: range.count) }
        let some = try read(inside)
        guard inside != range else { return some }
        return [Float](repeating: 0, count: inside.lowerBound - range.lowerBound) + some + [Float](repeating: 0, count: range.upperBound - inside.upperBound)
    }
}

/// The features of some speech, asked for in pieces. One owner at a time.
public protocol SpeechFeatureStream: AnyObject {
    /// The rows of some frames inside the frame count that the stream was made for: the same numbers, however they are cut.
    func rows(_ frames: Range<Int>) throws(EngineError) -> SpeechFeatures
}

/// Features that were made as a whole, handed out in pieces: for extractors that have no better way.
final class WholeFeatures: SpeechFeatureStream {
    private let whole: SpeechFeatures
    init(_ whole: SpeechFeatures) { self.whole = whole }
    func rows(_ frames: Range<Int>) throws(EngineError) -> SpeechFeatures {
        SpeechFeatures(rows: Array(whole.rows[frames.clamped(to: 0..<whole.rows.count)]), channels: whole.channels, steps: whole.steps)
    }
}

extension AudioFeatureExtractor {
    /// The whole sound at once.
    public func stream(of speech: SpeechSource, frameCount: Int, framesPerSecond: Rational) throws(EngineError) -> any SpeechFeatureStream {
        let sound = AudioBuffer(channels: [try speech.samples(0..<speech.sampleCount)], sampleRate: SpeechSource.sampleRate)
        return WholeFeatures(try features(of: sound, frameCount: frameCount, framesPerSecond: framesPerSecond))
    }
}
