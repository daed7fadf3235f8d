// Counter-based randomness: number `index` of stream `stream` never depends on how many were drawn before.

/// Random numbers addressed by (seed, stream, index). Same address, same bits, on any thread.
public struct SeededRandom: Sendable {
    public let seed: UInt64
    public let stream: UInt64

    public init(seed: UInt64, stream: UInt64 = 0) {
        self.seed = seed
        self.stream = stream
    }

    /// 64 well-mixed bits (two rounds of the SplitMix64 finaliser over the address).
    public func bits(_ index: UInt64) -> UInt64 {
        var z = seed &* 0x9E37_79B9_7F4A_7C15 &+ stream &* 0xD1B5_4A32_D192_ED03 &+ index &* 0x8CB9_2BA7_2F3D_8DD7
        for _ in 0..<2 {
            z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
            z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
            z ^= z >> 31
            z = z &+ 0x9E37_79B9_7F4A_7C15
        }
        return z
    }
    /// Uniform in [0, 1).
    public func uniform(_ index: UInt64) -> Float { Float(bits(index) >> 40) * 0x1p-24 }
    /// Uniform in [low, high).
    public func uniform(_ index: UInt64, _ low: Float, _ high: Float) -> Float { low + (high - low) * uniform(index) }
    /// Uniform whole number in 0..<bound (bound ≥ 1).
    public func integer(_ index: UInt64, below bound: Int) -> Int {
        Int((UInt128(bits(index)) * UInt128(max(bound, 1))) >> 64)
    }
    /// Standard normal (Box–Muller over two addresses).
    public func normal(_ index: UInt64) -> Float {
        let u = max(uniform(index &* 2), 1e-7)
        let v = uniform(index &* 2 &+ 1)
        return squareRoot(-2 * logarithm(u)) * cosine(2 * .pi * v)
    }
}
