// Rows of a feature in pieces, from steps in pieces.
import Base
import Engines

/// The rows around each frame's time (`FeatureRows`) of steps that are made when they are asked for.
package final class RowStream: SpeechFeatureStream {
    private let source: any FeatureSteps
    private let frameCount: Int
    private let framesPerSecond: Rational

    package init(_ source: any FeatureSteps, frameCount: Int, framesPerSecond: Rational) {
        (self.source, self.frameCount, self.framesPerSecond) = (source, frameCount, framesPerSecond)
    }

    package func rows(_ frames: Range<Int>) throws(EngineError) -> SpeechFeatures {
        let frames = frames.clamped(to: 0..<frameCount)
        let needed = FeatureRows.steps(of: frames, framesPerSecond: framesPerSecond).clamped(to: 0..<source.count)
        return FeatureRows.rows(of: try source.steps(needed), from: needed.lowerBound, channels: source.channels, frames: frames, framesPerSecond: framesPerSecond)
    }
}

extension LogMelExtractor {
    package func stream(of speech: SpeechSource, frameCount: Int, framesPerSecond: Rational) throws(EngineError) -> any SpeechFeatureStream {
        let count = try FeatureRows.stepCount(frameCount: frameCount, framesPerSecond: framesPerSecond)
        return RowStream(try LogMelSteps(speech, count: count), frameCount: frameCount, framesPerSecond: framesPerSecond)
    }
}
