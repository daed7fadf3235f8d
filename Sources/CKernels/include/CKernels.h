// The few leaf loops that Swift cannot say, and the check for the instruction set.
#pragma once
#include <stdint.h>

/// 1 when the processor has AVX2, FMA and F16C.
int sk_cpu_is_supported(void);
/// IEEE half precision to single, `count` values.
void sk_half_to_float(const uint16_t *in, float *out, long count);
/// Single precision to IEEE half (round to nearest even), `count` values.
void sk_float_to_half(const float *in, uint16_t *out, long count);

/// Transposes `rows` rows (a multiple of 8) of `count` values (padded to a multiple of 8 in memory): out[s * outStride + r] = in[r * inStride + s].
void sk_transpose(const float *in, long inStride, long rows, long count, float *out, long outStride);
