// Change of rate for analysis: band-limited by a windowed sinc.
import Foundation

extension AudioBuffer {
    /// One channel (the mean) at another rate, by a windowed sinc of 16 lobes a side.
    package func mono(at rate: Int) -> [Float] {
        Self.resampled(mono, ratio: Double(rate) / Double(sampleRate))
    }

    /// `ratio` output samples a sample. 0.9 makes a signal shorter: faster and higher when played at the old rate.
    package static func resampled(_ samples: [Float], ratio: Double) -> [Float] {
        guard ratio > 0, abs(ratio - 1) > 1e-9 else { return samples }
        let cutoff = min(1, ratio)
        let reach = Int((16 / cutoff).rounded(.up))
        // The kernel is tabulated: 512 points a sample.
        let resolution = 512
        let table: [Float] = (0...(reach * resolution)).map { i in
            let x = Double(i) / Double(resolution)
            let s = x * cutoff * .pi
            let w = 0.5 + 0.5 * cos(.pi * x / Double(reach))
            return Float((s == 0 ? 1 : sin(s) / s) * w * cutoff)
        }
        let count = Int((Double(samples.count) * ratio).rounded(.down))
        return (0..<count).map { index in
            let position = Double(index) / ratio
            let middle = Int(position)
            var sum: Float = 0
            for k in max(0, middle - reach + 1)...max(0, min(samples.count - 1, middle + reach)) where k < samples.count {
                let slot = Int((abs(position - Double(k)) * Double(resolution)).rounded())
                if slot < table.count { sum += samples[k] * table[slot] }
            }
            return sum
        }
    }
}
