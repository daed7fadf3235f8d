// What the speech encoder hears: the shape of the spectrum, its level, and how loud the voice is.
import Base
import Engines
import Sound

/// Input of the encoder, 50 steps a second, in this order: the shape of the spectrum against the voice's own (each log-mel band
/// less the mean of all bands, less the profile), the mean of all bands, the loudness of the voice against its own loud
/// syllables, and the profile: the mean shape of what the voice said in the three seconds around. Microphones and voices shift
/// mean and profile; vowels and closures are in the shape.
package struct HeardSpeech: Sendable, Hashable {
    static let bands = LogMelExtractor.bands
    package static let channels = 2 * bands + 2
    /// [count][channels], row-major.
    package let values: [Float]
    package var count: Int { values.count / Self.channels }
    /// Steps of the profile to either side.
    static let around = 75

    /// From log-mel levels [count][bands] and the loudness of each step.
    ///
    /// - Parameter wanted: The steps that are wanted; the others are what surrounds them.
    init(levels: [Float], loudness: [Float], of wanted: Range<Int>) {
        let count = loudness.count
        precondition(levels.count == count * Self.bands && wanted.clamped(to: 0..<count) == wanted, "every step has a loudness")
        let means = (0..<count).map { levels[($0 * Self.bands)..<(($0 + 1) * Self.bands)].reduce(0, +) / Float(Self.bands) }
        // What is loud has a say, silence has none.
        let says = means.map { min(2 * $0, 1) }
        values = levels.withUnsafeBufferPointer { levels in
            [Float](unsafeUninitializedCapacity: wanted.count * Self.channels) { values, filled in
                guard let levels = levels.baseAddress, let values = values.baseAddress else { return }
                for (row, step) in wanted.enumerated() {
                    let place = values + row * Self.channels, profile = place + Self.bands + 2
                    Self.profile(levels, means, says, at: step, into: profile)
                    for band in 0..<Self.bands { place[band] = levels[step * Self.bands + band] - means[step] - profile[band] }
                    place[Self.bands] = means[step]
                    place[Self.bands + 1] = loudness[step]
                }
                filled = wanted.count * Self.channels
            }
        }
    }

    /// Summed anew for every step: the same bits wherever the speech is cut.
    private static func profile(_ levels: UnsafePointer<Float>, _ means: [Float], _ says: [Float], at step: Int, into profile: UnsafeMutablePointer<Float>) {
        var total: Float = 1
        var (a, b, c, d) = (SIMD8<Float>(repeating: 0), SIMD8<Float>(repeating: 0), SIMD8<Float>(repeating: 0), SIMD8<Float>(repeating: 0))
        for near in max(step - around, 0)..<min(step + around + 1, means.count) where says[near] > 0 {
            let own = UnsafeRawPointer(levels + near * bands), mean = means[near], say = says[near]
            a += (own.loadUnaligned(as: SIMD8<Float>.self) - mean) * say
            b += (own.loadUnaligned(fromByteOffset: 32, as: SIMD8<Float>.self) - mean) * say
            c += (own.loadUnaligned(fromByteOffset: 64, as: SIMD8<Float>.self) - mean) * say
            d += (own.loadUnaligned(fromByteOffset: 96, as: SIMD8<Float>.self) - mean) * say
            total += say
        }
        let sum = UnsafeMutableRawPointer(profile)
        sum.storeBytes(of: a / total, as: SIMD8<Float>.self)
        sum.storeBytes(of: b / total, toByteOffset: 32, as: SIMD8<Float>.self)
        sum.storeBytes(of: c / total, toByteOffset: 64, as: SIMD8<Float>.self)
        sum.storeBytes(of: d / total, toByteOffset: 96, as: SIMD8<Float>.self)
    }
}
