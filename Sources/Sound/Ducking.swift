// Music that steps back while somebody speaks.
import Foundation

extension AudioBuffer {
    /// This sound lowered by `decibels` while `voice` (same rate, same start) is heard.
    ///
    /// The voice counts as present where its 20 ms level is above −45 dBFS, held for `hold` seconds over the gaps between words;
    /// the level glides down from `attack` seconds before the voice and up within `release` seconds after it.
    package func ducked(under voice: AudioBuffer, decibels: Double, attack: Double = 0.15, hold: Double = 0.35, release: Double = 0.5) -> AudioBuffer {
        precondition(voice.sampleRate == sampleRate, "the voice has the rate of the sound below it")
        let step = max(1, sampleRate / 50)
        let count = (frameCount + step - 1) / step + 1
        let present = Self.presence(voice.mono, step: step, count: count)
        let before = Int((attack * 50).rounded(.up)), after = Int((hold * 50).rounded(.up))
        var target = [Double](repeating: 0, count: count)
        for i in present.indices where present[i] {
            for k in max(0, i - before)...min(count - 1, i + after) { target[k] = 1 }
        }
        // A slope limit both ways makes the glide; it is the same whatever came before the window.
        let down = 1 / max(1, attack * 50), up = 1 / max(1, release * 50)
        for i in target.indices.dropFirst() { target[i] = max(target[i], target[i - 1] - up) }
        for i in target.indices.dropLast().reversed() { target[i] = max(target[i], target[i + 1] - down) }
        let level = target.map { Float(pow(10, -abs(decibels) / 20 * (0.5 - 0.5 * cos(.pi * $0)))) }
        var result = self
        for c in result.channels.indices {
            for i in 0..<frameCount {
                let at = i / step, t = Float(i % step) / Float(step)
                result.channels[c][i] *= level[at] + (level[min(at + 1, count - 1)] - level[at]) * t
            }
        }
        return result
    }

    private static func presence(_ samples: [Float], step: Int, count: Int) -> [Bool] {
        let threshold = pow(10, -45.0 / 10)
        return (0..<count).map { index in
            let low = index * step, high = min(samples.count, low + step)
            guard low < high else { return false }
            var sum = 0.0
            for i in low..<high { sum += Double(samples[i]) * Double(samples[i]) }
            return sum / Double(step) > threshold
        }
    }
}
