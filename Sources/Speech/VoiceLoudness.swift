// How loud a voice is from moment to moment: jaws open wider for loud syllables.
import Engines

/// The envelope of a recording, smoothed over a syllable, 1 where the voice is as loud as its loud syllables are.
package struct VoiceLoudness: Sendable {
    private let levels: [Float]
    private static let perSecond = 100.0

    /// - Parameter samples: one voice at `sampleRate`, at any gain.
    package init(_ samples: [Float], sampleRate: Int) {
        self.init(powers: Self.powers(samples, hop: max(sampleRate / Int(Self.perSecond), 1)))
    }

    /// A voice of any length: one number is kept of each hundredth of a second.
    package init(_ speech: SpeechSource) throws(EngineError) {
        let hop = SpeechSource.sampleRate / Int(Self.perSecond), piece = hop * 1000
        var powers: [Float] = []
        for first in stride(from: 0, to: speech.sampleCount, by: piece) {
            powers += Self.powers(try speech.samples(first..<min(first + piece, speech.sampleCount)), hop: hop)
        }
        self.init(powers: powers)
    }

    /// Mean power of each hop.
    private static func powers(_ samples: [Float], hop: Int) -> [Float] {
        stride(from: 0, to: samples.count, by: hop).map { start in
            let end = min(start + hop, samples.count)
            var sum: Float = 0
            for i in start..<end { sum += samples[i] * samples[i] }
            return sum / Float(end - start)
        }
    }

    private init(powers: [Float]) {
        // A bell of 40 ms to either side.
        let bell = (-8...8).map { FloatMath.exp(-Float($0 * $0) / 32) }
        let smooth = powers.indices.map { n -> Float in
            var (sum, total): (Float, Float) = (0, 0)
            for (k, weight) in bell.enumerated() where powers.indices.contains(n + k - 8) {
                sum += weight * powers[n + k - 8]
                total += weight
            }
            return (sum / max(total, 1e-6)).squareRoot()
        }
        // Pauses do not count when loud is defined.
        let top = smooth.max() ?? 0
        let speaking = smooth.filter { $0 > top * 0.05 }.sorted()
        let loud = speaking.isEmpty ? 1 : speaking[speaking.count * 4 / 5]
        levels = smooth.map { min($0 / max(loud, 1e-6), 1.3) }
    }

    /// 0 silent … 1 loud, at most 1.3.
    package func level(at seconds: Double) -> Float {
        guard let last = levels.last else { return 0 }
        let place = seconds * Self.perSecond
        guard place > 0 else { return levels[0] }
        let low = Int(place)
        guard low + 1 < levels.count else { return low < levels.count ? last : 0 }
        let f = Float(place - Double(low))
        return levels[low] * (1 - f) + levels[low + 1] * f
    }
}
