// Elementary functions on eight floats. Inlinable: every user carries the same instruction set and optimisation flags.

/// Lane-wise choice: `a` where the mask is set, else `b`.
@inlinable @inline(__always)
public func select(_ mask: SIMDMask<SIMD8<Int32>>, _ a: Float8, _ b: Float8) -> Float8 { b.replacing(with: a, where: mask) }

@inlinable @inline(__always)
public func minimum(_ a: Float8, _ b: Float8) -> Float8 { a.replacing(with: b, where: b .< a) }
@inlinable @inline(__always)
public func maximum(_ a: Float8, _ b: Float8) -> Float8 { a.replacing(with: b, where: b .> a) }
@inlinable @inline(__always)
public func absolute(_ a: Float8) -> Float8 {
    unsafeBitCast(unsafeBitCast(a, to: SIMD8<UInt32>.self) & 0x7FFF_FFFF, to: Float8.self)
}
@inlinable @inline(__always)
public func clamp(_ a: Float8, _ low: Float, _ high: Float) -> Float8 {
    minimum(maximum(a, Float8(repeating: low)), Float8(repeating: high))
}
/// Clamped to 0…1.
@inlinable @inline(__always)
public func saturate(_ a: Float8) -> Float8 { clamp(a, 0, 1) }
/// Cubic step from 0 at `a` to 1 at `b` (either order).
@inlinable @inline(__always)
public func smoothstep(_ a: Float, _ b: Float, _ x: Float8) -> Float8 {
    let t = saturate((x - a) * (1 / (b - a)))
    return t * t * (3 - 2 * t)
}
@inlinable @inline(__always)
public func blend(_ a: Float8, _ b: Float8, _ t: Float8) -> Float8 { a.addingProduct(b - a, t) }

/// Nearest whole number as float and as integer bits, for |x| < 4 million.
@inlinable @inline(__always)
public func roundToInteger(_ x: Float8) -> (Float8, SIMD8<Int32>) {
    let magic = Float8(repeating: 12_582_912)
    let shifted = x + magic
    let bits = unsafeBitCast(shifted, to: SIMD8<Int32>.self) &- unsafeBitCast(magic, to: SIMD8<Int32>.self)
    return (shifted - magic, bits)
}

/// 2^x, relative error below 3e-7 for −126…126 (clamped outside).
@inlinable @inline(__always)
public func exp2(_ x: Float8) -> Float8 {
    let (whole, bits) = roundToInteger(clamp(x, -126, 126))
    let f = clamp(x, -126, 126) - whole
    var p = Float8(repeating: 1.535336188e-4)
    p = Float8(repeating: 1.339887440e-3).addingProduct(p, f)
    p = Float8(repeating: 9.618437357e-3).addingProduct(p, f)
    p = Float8(repeating: 5.550332471e-2).addingProduct(p, f)
    p = Float8(repeating: 2.402264791e-1).addingProduct(p, f)
    p = Float8(repeating: 6.931472028e-1).addingProduct(p, f)
    p = Float8(repeating: 1).addingProduct(p, f)
    return unsafeBitCast(unsafeBitCast(p, to: SIMD8<Int32>.self) &+ (bits &<< 23), to: Float8.self)
}
/// e^x.
@inlinable @inline(__always)
public func exp(_ x: Float8) -> Float8 { exp2(x * 1.442695041) }

/// log2 of positive normal numbers, absolute error below 2e-6.
@inlinable @inline(__always)
public func log2(_ x: Float8) -> Float8 {
    let bits = unsafeBitCast(x, to: SIMD8<Int32>.self)
    // Mantissa in 0.75…1.5, so that the series stays short on both sides of 1.
    let exponent = (bits &- 0x3F40_0000) &>> 23
    let mantissa = unsafeBitCast(bits &- (exponent &<< 23), to: Float8.self)
    let magic = SIMD8<Int32>(repeating: 0x4B40_0000)
    let e = unsafeBitCast(exponent &+ magic, to: Float8.self) - 12_582_912
    let s = (mantissa - 1) / (mantissa + 1)
    let s2 = s * s
    var p = Float8(repeating: 0.320598898)
    p = Float8(repeating: 0.412198583).addingProduct(p, s2)
    p = Float8(repeating: 0.577078016).addingProduct(p, s2)
    p = Float8(repeating: 0.961796694).addingProduct(p, s2)
    p = Float8(repeating: 2.885390082).addingProduct(p, s2)
    return e.addingProduct(p, s)
}
/// x^y for x ≥ 0 (0 stays 0).
@inlinable @inline(__always)
public func power(_ x: Float8, _ y: Float) -> Float8 {
    let safe = maximum(x, Float8(repeating: 1e-30))
    return select(x .> 1e-30, exp2(log2(safe) * y), Float8(repeating: 0))
}

/// Sine, absolute error below 3e-6 for |x| < 10,000.
@inlinable @inline(__always)
public func sine(_ x: Float8) -> Float8 {
    let (turns, bits) = roundToInteger(x * 0.318309886)
    var r = x.addingProduct(turns, Float8(repeating: -3.140625))
    r = r.addingProduct(turns, Float8(repeating: -9.676535897e-4))
    let r2 = r * r
    var p = Float8(repeating: 2.6083159e-6)
    p = Float8(repeating: -1.981069e-4).addingProduct(p, r2)
    p = Float8(repeating: 8.333307e-3).addingProduct(p, r2)
    p = Float8(repeating: -0.16666667).addingProduct(p, r2)
    let value = r.addingProduct(p * r2, r)
    return unsafeBitCast(unsafeBitCast(value, to: SIMD8<Int32>.self) ^ (bits &<< 31), to: Float8.self)
}
@inlinable @inline(__always)
public func cosine(_ x: Float8) -> Float8 { sine(x + 1.570796327) }

/// Angle of (x, y), absolute error below 1e-4: for patterns, not for geometry.
@inlinable @inline(__always)
public func arctangent(_ y: Float8, _ x: Float8) -> Float8 {
    let ax = absolute(x), ay = absolute(y)
    let big = maximum(ax, ay), small = minimum(ax, ay)
    let t = small / maximum(big, Float8(repeating: 1e-20))
    let t2 = t * t
    var p = Float8(repeating: -0.01172120)
    p = Float8(repeating: 0.05265332).addingProduct(p, t2)
    p = Float8(repeating: -0.11643287).addingProduct(p, t2)
    p = Float8(repeating: 0.19354346).addingProduct(p, t2)
    p = Float8(repeating: -0.33262347).addingProduct(p, t2)
    p = Float8(repeating: 0.99997726).addingProduct(p, t2)
    var angle = p * t
    angle = select(ay .> ax, 1.570796327 - angle, angle)
    angle = select(x .< 0, 3.141592654 - angle, angle)
    return select(y .< 0, -angle, angle)
}
/// Arc cosine of −1…1.
@inlinable @inline(__always)
public func arccosine(_ x: Float8) -> Float8 {
    let c = clamp(x, -1, 1)
    return arctangent(maximum(1 - c * c, Float8(repeating: 0)).squareRoot(), c)
}
