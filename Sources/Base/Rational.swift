// Exact rational numbers: the time base of the whole program.

/// An exact fraction with a positive denominator in lowest terms.
///
/// Times are rationals in seconds; rounding to frames happens in `SceneModel.Timeline` and nowhere else.
/// Arithmetic that leaves 64 bits loses low bits, and saturates where the value itself is too large, instead of trapping.
public struct Rational: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// Signed numerator.
    public let numerator: Int64
    /// Denominator, always 1 or more.
    public let denominator: Int64

    public static let zero = Rational(0)

    /// A whole number.
    public init(_ whole: Int) {
        numerator = Int64(whole)
        denominator = 1
    }

    /// `numerator / denominator` in lowest terms; a zero denominator counts as 1.
    public init(_ numerator: Int64, _ denominator: Int64) {
        self.init(wideNumerator: Int128(numerator), wideDenominator: Int128(denominator == 0 ? 1 : denominator))
    }

    private init(wideNumerator: Int128, wideDenominator: Int128) {
        var n = wideNumerator
        var d = wideDenominator
        if d < 0 { n = -n; d = -d }
        let divisor = Self.gcd(n.magnitude, d.magnitude)
        if divisor > 1 { n /= Int128(divisor); d /= Int128(divisor) }
        // Too wide for 64 bits: drop low bits of both, or saturate where the value itself is too large.
        let limit = UInt128(Int64.max)
        while n.magnitude > limit || d.magnitude > limit {
            guard d > 1 else { n = n < 0 ? -Int128(Int64.max) : Int128(Int64.max); break }
            n = (n + (n < 0 ? -1 : 1)) / 2
            d = (d + 1) / 2
        }
        numerator = Int64(n)
        denominator = Int64(d)
    }

    /// The nearest fraction with denominator 1,000,000 to a finite value; zero for others.
    public init(approximating value: Double) {
        guard value.isFinite, abs(value) < 9e12 else { self.init(0); return }
        self.init(Int64((value * 1_000_000).rounded()), 1_000_000)
    }

    private static func gcd(_ a: UInt128, _ b: UInt128) -> UInt128 {
        var (x, y) = (a, b)
        while y != 0 { (x, y) = (y, x % y) }
        return x
    }

    public static func + (a: Rational, b: Rational) -> Rational {
        Rational(wideNumerator: Int128(a.numerator) * Int128(b.denominator) + Int128(b.numerator) * Int128(a.denominator),
                 wideDenominator: Int128(a.denominator) * Int128(b.denominator))
    }
    public static prefix func - (a: Rational) -> Rational { Rational(0) - a }
    public static func - (a: Rational, b: Rational) -> Rational {
        Rational(wideNumerator: Int128(a.numerator) * Int128(b.denominator) - Int128(b.numerator) * Int128(a.denominator),
                 wideDenominator: Int128(a.denominator) * Int128(b.denominator))
    }
    public static func * (a: Rational, b: Rational) -> Rational {
        Rational(wideNumerator: Int128(a.numerator) * Int128(b.numerator),
                 wideDenominator: Int128(a.denominator) * Int128(b.denominator))
    }
    /// Division; by zero gives zero.
    public static func / (a: Rational, b: Rational) -> Rational {
        guard b.numerator != 0 else { return .zero }
        return Rational(wideNumerator: Int128(a.numerator) * Int128(b.denominator),
                        wideDenominator: Int128(a.denominator) * Int128(b.numerator))
    }
    public static func < (a: Rational, b: Rational) -> Bool {
        Int128(a.numerator) * Int128(b.denominator) < Int128(b.numerator) * Int128(a.denominator)
    }
    public static func += (a: inout Rational, b: Rational) { a = a + b }
    public static func -= (a: inout Rational, b: Rational) { a = a - b }

    /// The value in floating point.
    public var doubleValue: Double { Double(numerator) / Double(denominator) }

    /// Largest whole number not above the value.
    public var floor: Int {
        let quotient = numerator / denominator
        return Int(numerator % denominator < 0 ? quotient - 1 : quotient)
    }
    /// Smallest whole number not below the value.
    public var ceiling: Int { -(-self).floor }
    /// Nearest whole number, halves upward.
    public var rounded: Int { (self + Rational(1, 2)).floor }

    public var description: String { denominator == 1 ? "\(numerator)" : "\(numerator)/\(denominator)" }
}
