// Short-time spectra on the mel scale.
import Foundation

/// Mel-band powers of a signal at a regular hop.
package struct MelSpectrogram: Sendable {
    package let bands: Int
    package let hop: Int
    private let transform: FourierTransform
    private let window: [Float]
    private let filters: [[(bin: Int, weight: Float)]]

    /// `fftSize` is a power of two, `windowLength` at most that; bands between `low` and `high` hertz.
    package init(sampleRate: Int, fftSize: Int, windowLength: Int, hop: Int, bands: Int, low: Double, high: Double) {
        self.bands = bands
        self.hop = hop
        transform = FourierTransform(count: fftSize)
        window = (0..<windowLength).map { Float(0.5 - 0.5 * cos(2 * Double.pi * (Double($0) + 0.5) / Double(windowLength))) }
        func mel(_ hertz: Double) -> Double { 2595 * log10(1 + hertz / 700) }
        func hertz(_ mel: Double) -> Double { 700 * (pow(10, mel / 2595) - 1) }
        let edges = (0..<(bands + 2)).map { hertz(mel(low) + (mel(high) - mel(low)) * Double($0) / Double(bands + 1)) }
        let width = Double(sampleRate) / Double(fftSize)
        filters = (0..<bands).map { band in
            let (a, b, c) = (edges[band], edges[band + 1], edges[band + 2])
            let triangle: [(bin: Int, weight: Float)] = (0...(fftSize / 2)).compactMap { bin in
                let f = Double(bin) * width
                let weight = f < b ? (f - a) / (b - a) : (c - f) / (c - b)
                return weight > 0 ? (bin: bin, weight: Float(weight)) : nil
            }
            // A band narrower than a bin takes the nearest one.
            let nearest = (bin: Int((b / width).rounded()), weight: Float(1))
            return triangle.isEmpty ? [nearest] : triangle
        }
    }

    /// Powers [step][band]; step k is centred on sample k × hop. Samples outside count as zero.
    package func powers(_ samples: [Float], steps: Int) -> [[Float]] {
        var frame = [Float](repeating: 0, count: transform.count)
        return (0..<max(steps, 0)).map { step in
            let start = step * hop - window.count / 2
            for i in window.indices {
                let index = start + i
                frame[i] = index >= 0 && index < samples.count ? samples[index] * window[i] : 0
            }
            let spectrum = transform.power(frame)
            return filters.map { filter in filter.reduce(0) { $0 + spectrum[$1.bin] * $1.weight } }
        }
    }
}
