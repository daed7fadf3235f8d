// SIMD loops on raw memory. Nothing here allocates, throws, or knows what a face is.

/// Eight floats: one AVX2 register.
public typealias Float8 = SIMD8<Float>
