// Training hears every line a little differently each time.
import Base

/// Small changes of features that do not change what is said.
enum FeatureVariation: Sendable {
    /// Of bands: gain, spectral tilt, noise, a shift of pitch.
    case spectral
    /// Of channels that each mean something: noise.
    case grain

    /// What suits a feature kind: only log-mel channels are neighbours in a spectrum.
    init(kind: String) { self = kind.hasPrefix("log-mel") ? .spectral : .grain }

    /// `amount` 0…1 scales all changes; the same seed gives the same change.
    func applied(to rows: [[Float]], channels: Int, seed: UInt64, amount: Float) -> [[Float]] {
        switch self {
        case .spectral: Self.recoloured(rows, channels: channels, seed: seed, amount: amount)
        case .grain: Self.grained(rows, seed: seed, size: 0.03 * amount)
        }
    }

    private static func grained(_ rows: [[Float]], seed: UInt64, size: Float) -> [[Float]] {
        let random = SeededRandom(seed: 992, stream: seed)
        return rows.enumerated().map { index, row in row.indices.map { row[$0] + size * random.normal(UInt64(index * row.count + $0)) } }
    }

    private static func recoloured(_ rows: [[Float]], channels: Int, seed: UInt64, amount: Float) -> [[Float]] {
        let random = SeededRandom(seed: 991, stream: seed)
        let gain = amount * random.uniform(0, -0.10, 0.10)
        let tilt = amount * random.uniform(1, -0.12, 0.12)
        let noise = amount * max(0, random.uniform(2, -0.02, 0.05))
        let shift = amount * random.uniform(3, -1.6, 1.6)
        return rows.enumerated().map { index, row in
            let steps = row.count / max(channels, 1)
            var result = row
            for c in 0..<channels {
                let position = min(max(Float(c) + shift, 0), Float(channels - 1))
                let low = Int(position)
                let high = min(low + 1, channels - 1)
                let f = position - Float(low)
                let offset = gain + tilt * (Float(c) / Float(channels) - 0.5)
                for s in 0..<steps {
                    let value = row[low * steps + s] * (1 - f) + row[high * steps + s] * f
                    // Silence stays silence: the change grows with the level.
                    let presence = min(value * 4, 1)
                    let grain = noise > 0 ? noise * random.normal(UInt64(100 + (index * channels + c) * steps + s)) : 0
                    result[c * steps + s] = max(0, value + offset * presence + grain)
                }
            }
            return result
        }
    }
}
