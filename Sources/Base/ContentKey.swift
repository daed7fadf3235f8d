// Content keys: what a cached result depends on, mixed into 128 bits.

/// A 128-bit key of everything that a result depends on. Not cryptographic: it guards a cache, not a secret.
public struct ContentKey: Hashable, Sendable, CustomStringConvertible {
    public private(set) var high: UInt64
    public private(set) var low: UInt64

    /// An empty key for a kind of thing and its version.
    public init(_ kind: String, version: Int = 1) {
        high = 0x6A09_E667_F3BC_C908
        low = 0xBB67_AE85_84CA_A73B
        mix(kind)
        mix(version)
    }

    public mutating func mix(_ value: UInt64) {
        low = (low ^ value) &* 0x9FB2_1C65_1E98_DF25
        low ^= low >> 29
        high = (high &+ low) &* 0xC2B2_AE3D_27D4_EB4F
        high ^= high >> 32
        low = low &+ high.byteSwapped
    }
    public mutating func mix(_ value: Int) { mix(UInt64(bitPattern: Int64(value))) }
    public mutating func mix(_ value: Double) { mix(value.bitPattern) }
    public mutating func mix(_ value: Float) { mix(UInt64(value.bitPattern)) }
    public mutating func mix(_ value: Bool) { mix(value ? 1 : 2) }
    public mutating func mix(_ value: Rational) {
        mix(UInt64(bitPattern: value.numerator))
        mix(UInt64(bitPattern: value.denominator))
    }
    public mutating func mix(_ value: String) { mix(bytes: value.utf8) }
    public mutating func mix(_ key: ContentKey) { mix(key.high); mix(key.low) }
    public mutating func mix(bytes: some Sequence<UInt8>) {
        var count: UInt64 = 0
        var word: UInt64 = 0
        for byte in bytes {
            word = word << 8 | UInt64(byte)
            count += 1
            if count % 8 == 0 { mix(word); word = 0 }
        }
        mix(word)
        mix(count)
    }

    public var description: String { hex(high) + hex(low) }

    private func hex(_ value: UInt64) -> String {
        let digits = String(value, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
