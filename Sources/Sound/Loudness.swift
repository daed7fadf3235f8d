// Integrated loudness (EBU R128, ITU-R BS.1770-4) and the gain to a target.
import Foundation

/// One second-order filter section, direct form I in double precision.
private struct Biquad {
    var b0, b1, b2, a1, a2: Double
    var x1 = 0.0, x2 = 0.0, y1 = 0.0, y2 = 0.0
    init(_ b0: Double, _ b1: Double, _ b2: Double, _ a1: Double, _ a2: Double) {
        (self.b0, self.b1, self.b2, self.a1, self.a2) = (b0, b1, b2, a1, a2)
    }
    mutating func step(_ x: Double) -> Double {
        let y = b0 * x + b1 * x1 + b2 * x2 - a1 * y1 - a2 * y2
        (x2, x1, y2, y1) = (x1, x, y1, y)
        return y
    }
    /// The head's high shelf (BS.1770, annex 1, first stage) for any rate.
    static func shelf(_ rate: Double) -> Biquad {
        let k = tan(.pi * 1681.974450955533 / rate), q = 0.7071752369554196
        let vh = pow(10, 3.999843853973347 / 20), vb = pow(vh, 0.4996667741545416)
        let a0 = 1 + k / q + k * k
        return Biquad((vh + vb * k / q + k * k) / a0, 2 * (k * k - vh) / a0, (vh - vb * k / q + k * k) / a0, 2 * (k * k - 1) / a0, (1 - k / q + k * k) / a0)
    }
    /// The high pass (second stage).
    static func highPass(_ rate: Double) -> Biquad {
        let k = tan(.pi * 38.13547087602444 / rate), q = 0.5003270373238773
        let a0 = 1 + k / q + k * k
        return Biquad(1, -2, 1, 2 * (k * k - 1) / a0, (1 - k / q + k * k) / a0)
    }
}

extension AudioBuffer {
    /// Integrated loudness in LUFS with both gates; nil when every block is below −70 LUFS or the sound is shorter than 0.4 s.
    package var integratedLoudness: Double? {
        let step = sampleRate / 10
        guard step > 0 else { return nil }
        let steps = frameCount / step
        guard steps >= 4 else { return nil }
        var energy = [Double](repeating: 0, count: steps)
        for (c, samples) in channels.enumerated() {
            // In five and six channels the last two are the surrounds; the fourth of six is the bass channel, which is left out.
            if channels.count == 6, c == 3 { continue }
            let weight = channels.count >= 5 && c >= channels.count - 2 ? 1.41 : 1.0
            var shelf = Biquad.shelf(Double(sampleRate)), pass = Biquad.highPass(Double(sampleRate))
            samples.withUnsafeBufferPointer { samples in
                for s in 0..<steps {
                    var sum = 0.0
                    for i in (s * step)..<((s + 1) * step) {
                        let y = pass.step(shelf.step(Double(samples[i])))
                        sum += y * y
                    }
                    energy[s] += weight * sum / Double(step)
                }
            }
        }
        let blocks: [Double] = (0...(steps - 4)).map { (start: Int) -> Double in energy[start..<(start + 4)].reduce(0, +) / 4 }
        func loudness(_ e: Double) -> Double { -0.691 + 10 * log10(max(e, 1e-30)) }
        func mean(_ list: [Double]) -> Double { list.reduce(0, +) / Double(max(list.count, 1)) }
        let heard = blocks.filter { loudness($0) > -70 }
        guard !heard.isEmpty else { return nil }
        let gate = loudness(mean(heard)) - 10
        let kept = heard.filter { loudness($0) > gate }
        return loudness(mean(kept.isEmpty ? heard : kept))
    }

    /// Brought to a target loudness in LUFS, with peaks held below `ceiling` dBFS by the limiter; silence stays silence.
    package func normalized(toLoudness target: Double, ceiling: Double = -1) -> AudioBuffer {
        guard let now = integratedLoudness else { return self }
        return gained(decibels: target - now).limited(ceiling: ceiling)
    }

    /// The largest sample of the signal at four times the rate: the true peak of BS.1770, annex 2, as an amplitude.
    package var truePeak: Float {
        channels.reduce(0) { largest, samples in
            Self.resampled(samples, ratio: 4).reduce(largest) { max($0, abs($1)) }
        }
    }

    /// Held below a ceiling in dBFS: the gain falls ahead of a peak within 5 ms and recovers within 80 ms; all channels move together.
    /// Where nothing is above the ceiling the samples are untouched.
    package func limited(ceiling: Double = -1) -> AudioBuffer {
        let limit = Self.amplitude(decibels: ceiling)
        let count = frameCount
        guard count > 0 else { return self }
        var need = [Float](repeating: 1, count: count)
        var anyAbove = false
        for samples in channels {
            for i in 0..<count {
                // Between two samples a parabola may rise above both.
                let a = samples[max(i - 1, 0)], b = samples[i], c = samples[min(i + 1, count - 1)]
                let curve = a - 2 * b + c
                let shift = curve == 0 ? 0 : max(-0.5, min(0.5, 0.5 * (a - c) / curve))
                let top = max(abs(b), abs(b - 0.25 * (a - c) * shift))
                if top > limit { need[i] = min(need[i], limit / top); anyAbove = true }
            }
        }
        guard anyAbove else { return self }
        let fall = 1 / Float(max(1, sampleRate / 200)), rise = 1 / Float(max(1, sampleRate * 8 / 100))
        for i in stride(from: count - 2, through: 0, by: -1) { need[i] = min(need[i], need[i + 1] + fall) }
        for i in 1..<max(count, 2) where i < count { need[i] = min(need[i], need[i - 1] + rise) }
        var result = self
        for c in result.channels.indices { for i in 0..<count { result.channels[c][i] *= need[i] } }
        return result
    }
}
