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

/// Loudness of a sound that comes in pieces. Memory: a number for each tenth of a second.
package struct LoudnessMeter: Sendable {
    private let step: Int
    private var filters: [(shelf: Biquad, pass: Biquad)]
    private let weights: [Double]
    /// Energy of each channel in the tenth of a second that is being filled, and how much of it is filled.
    private var open: [Double]
    private var filled = 0
    /// Mean energy of each whole tenth of a second.
    private var energy: [Double] = []

    package init(sampleRate: Int, channels: Int) {
        step = max(sampleRate / 10, 1)
        filters = [(Biquad, Biquad)](repeating: (Biquad.shelf(Double(sampleRate)), Biquad.highPass(Double(sampleRate))), count: channels)
        // In five and six channels the last two are the surrounds; the fourth of six is the bass channel, which is left out.
        open = [Double](repeating: 0, count: channels)
        weights = (0..<channels).map { c in channels == 6 && c == 3 ? 0 : channels >= 5 && c >= channels - 2 ? 1.41 : 1 }
    }

    /// Takes the next samples.
    package mutating func add(_ sound: AudioBuffer) {
        precondition(sound.channels.count == filters.count, "a meter hears one number of channels")
        var at = 0
        while at < sound.frameCount {
            let count = min(step - filled, sound.frameCount - at)
            for c in filters.indices {
                var (shelf, pass) = filters[c]
                var sum = open[c]
                sound.channels[c].withUnsafeBufferPointer { samples in
                    for i in at..<(at + count) {
                        let y = pass.step(shelf.step(Double(samples[i])))
                        sum += y * y
                    }
                }
                filters[c] = (shelf, pass)
                open[c] = sum
            }
            at += count
            filled += count
            if filled == step {
                energy.append(zip(weights, open).reduce(0) { $0 + $1.0 * $1.1 } / Double(step))
                open = [Double](repeating: 0, count: open.count)
                filled = 0
            }
        }
    }

    /// Integrated loudness in LUFS with both gates; nil when every block is below −70 LUFS or the sound is shorter than 0.4 s.
    package var integrated: Double? {
        guard energy.count >= 4 else { return nil }
        let blocks: [Double] = (0...(energy.count - 4)).map { (start: Int) -> Double in energy[start..<(start + 4)].reduce(0, +) / 4 }
        func loudness(_ e: Double) -> Double { -0.691 + 10 * log10(max(e, 1e-30)) }
        func mean(_ list: [Double]) -> Double { list.reduce(0, +) / Double(max(list.count, 1)) }
        let heard = blocks.filter { loudness($0) > -70 }
        guard !heard.isEmpty else { return nil }
        let gate = loudness(mean(heard)) - 10
        let kept = heard.filter { loudness($0) > gate }
        return loudness(mean(kept.isEmpty ? heard : kept))
    }
}

extension AudioBuffer {
    /// Integrated loudness in LUFS with both gates; nil when every block is below −70 LUFS or the sound is shorter than 0.4 s.
    package var integratedLoudness: Double? {
        var meter = LoudnessMeter(sampleRate: sampleRate, channels: channels.count)
        meter.add(self)
        return meter.integrated
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
        var limiter = PeakLimiter(sampleRate: sampleRate, channels: channels.count, ceiling: ceiling)
        let head = limiter.process(self), tail = limiter.finish()
        return AudioBuffer(channels: zip(head.channels, tail.channels).map { $0 + $1 }, sampleRate: sampleRate)
    }
}
