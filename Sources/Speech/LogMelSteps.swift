// Log-mel levels of speech of any length, made where they are asked for.
import Base
import Engines
import Sound

/// Steps of a feature, 50 a second, asked for in pieces. One owner at a time.
package protocol FeatureSteps: AnyObject {
    /// Channels of a step.
    var channels: Int { get }
    /// How many steps there are.
    var count: Int { get }
    /// [step][channel] of a range inside `0 ..< count`: the same numbers, however they are cut.
    func steps(_ range: Range<Int>) throws(EngineError) -> [[Float]]
}

/// Levels 0…1 of every step and band at any gain: 1 is the loudest speech, 0 is 60 dB below it, or the recording's own steady
/// noise where that is louder, so that a pause is quiet.
///
/// The speech is listened to once, twice where it has pauses; one number a step is kept of it.
package final class LogMelSteps: FeatureSteps {
    package let channels = LogMelExtractor.bands
    package let count: Int
    private let speech: SpeechSource
    private let mel = MelSpectrogram(sampleRate: SpeechSource.sampleRate, fftSize: 512, windowLength: 400, hop: 320, bands: LogMelExtractor.bands, low: 60, high: 7600)
    /// Decibels of level 1.
    private var reference: Float = 0
    /// Level of the steady noise of each band.
    private var floors: [Float] = []

    /// Steps that are looked at at once: ten seconds.
    private static let block = 500
    /// Below this many decibels there is no sound at all.
    private static let silence: Float = -100
    private static let quietest: Float = -25

    /// `count` steps from the first sample on.
    package init(_ speech: SpeechSource, count: Int) throws(EngineError) {
        self.speech = speech
        self.count = max(count, 0)
        var peaks: [Float] = []
        peaks.reserveCapacity(self.count)
        for block in blocks { for row in try decibels(block) { peaks.append(row.max() ?? Self.silence) } }
        reference = Self.loudness(peaks)
        floors = try noise(quietSteps(peaks))
    }

    package func steps(_ range: Range<Int>) throws(EngineError) -> [[Float]] {
        let rows = try decibels(range.clamped(to: 0..<count))
        return rows.map { row in row.indices.map { Self.gated(min(max((row[$0] - reference + 60) / 60, 0), 1.2), floor: floors[$0]) } }
    }

    private var blocks: [Range<Int>] { stride(from: 0, to: count, by: Self.block).map { $0..<min($0 + Self.block, count) } }

    private func decibels(_ steps: Range<Int>) throws(EngineError) -> [[Float]] {
        guard !steps.isEmpty else { return [] }
        // One step earlier, so that the window of the first one lies inside.
        let samples = try speech.samples((steps.lowerBound - 1) * mel.hop..<(steps.upperBound + 1) * mel.hop)
        return mel.powers(samples, steps: steps.count + 1).dropFirst().map { $0.map { 10 * FloatMath.log10(max($0, 1e-12)) } }
    }

    /// The level that nine tenths of the speaking steps stay below; never less than that of a whisper, so that noise is not
    /// raised to speech. Pauses do not count, however long.
    private static func loudness(_ peaks: [Float]) -> Float {
        let top = peaks.max() ?? silence
        let speaking = peaks.filter { $0 > top - 30 }.sorted()
        guard !speaking.isEmpty else { return quietest }
        return max(speaking[min(speaking.count - 1, speaking.count * 9 / 10)], quietest)
    }

    /// The quietest thirtieth of the steps that hold any sound, the quietest first.
    private func quietSteps(_ peaks: [Float]) -> [Int] {
        let sounding = peaks.indices.filter { peaks[$0] > Self.silence }.sorted { (peaks[$0], $0) < (peaks[$1], $1) }
        return Array(sounding.prefix((sounding.count + 29) / 30))
    }

    /// Levels of the steady noise, 0…0.5: each band's mean over the quiet steps.
    private func noise(_ quiet: [Int]) throws(EngineError) -> [Float] {
        guard !quiet.isEmpty else { return [Float](repeating: 0, count: channels) }
        let wanted = Set(quiet)
        var rows: [Int: [Float]] = [:]
        for block in blocks where block.contains(where: wanted.contains) {
            for (step, row) in zip(block, try decibels(block)) where wanted.contains(step) { rows[step] = row }
        }
        return (0..<channels).map { band in
            let mean = quiet.reduce(Float(0)) { $0 + max(rows[$1]?[band] ?? Self.silence, reference - 60) } / Float(quiet.count)
            return min((mean - reference + 60) / 60, 0.5)
        }
    }

    /// Noise goes to 0, what stands well above it stays; clean recordings go through as they are.
    private static func gated(_ level: Float, floor: Float) -> Float {
        guard floor > 0.1 else { return level }
        let t = min(max((level - floor - 0.04) / 0.12, 0), 1)
        return level * t * t * (3 - 2 * t)
    }
}
