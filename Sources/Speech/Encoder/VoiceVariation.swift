// The same words from another mouth, into another microphone: small changes of a stretch.
import Base

/// A longer or shorter vocal tract (the bands move up or down), and another colour of the recording.
struct VoiceVariation {
    private let shift: BandShift
    /// Added to each band.
    private let colour: [Float]
    private static let bands = LogMelExtractor.bands

    init(_ random: SeededRandom, address: UInt64) {
        func draw(_ n: UInt64) -> Float { random.normal(50_000_000 &+ address &* 8 &+ n) }
        shift = BandShift(length: 1 + 0.1 * draw(0), bands: 0.9 * draw(1))
        let waves: [Float] = [0.04 * draw(2), 0.025 * draw(3), 0.02 * draw(4)]
        colour = (0..<Self.bands).map { band in
            let x = Float.pi * Float(band) / Float(Self.bands - 1)
            return waves.enumerated().reduce(Float(0)) { $0 + $1.element * FloatMath.cos(Float($1.offset + 1) * x) }
        }
    }

    /// A log-mel step as it would have been.
    func apply(to step: UnsafePointer<Float>, into result: UnsafeMutablePointer<Float>) {
        for band in 0..<Self.bands {
            let level = shift.level(of: step, band)
            // Silence stays silence: the change grows with the level.
            result[band] = max(level + colour[band] * min(4 * level, 1), 0)
        }
    }
}
