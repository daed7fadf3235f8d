// How a brick lies in memory: numbers of eight bits, with a range of its own for each channel. Half as many lines as half floats take, and
// waiting for lines is what fast frames do most.
#pragma once
#include "CKernels.h"
#include <immintrin.h>
#include <string.h>

enum { brick_line = SK_BRICK_SIDE + 1, brick_corners = brick_line * brick_line * brick_line };

// Four channels: colour and density logit. A corner of the lattice is base + scale * number, a term term_scale * number. Terms lie elsewhere: they
// are read once a frame, and between the corners they would only spread these over more pages.
typedef struct {
    uint8_t corners[4 * brick_corners];
    uint8_t base[4], scale[4], term_scale[4];
} sk_brick;
_Static_assert(sizeof(sk_brick) == SK_BRICK_BYTES && SK_BRICK_BYTES % 64 == 0 && SK_BRICK_TERM_BYTES % 64 == 0, "bricks and terms fill cache lines");

// Bases are steps of 1/256 of these ranges.
static const float brick_least[4] = { -0.25f, -0.25f, -0.25f, -9 }, brick_reach[4] = { 1.5f, 1.5f, 1.5f, 18 };

// Scales are floats of five bits of exponent and three of mantissa: 2^-22...2^9.
enum { brick_scale_shift = 20, brick_scale_bias = 105 << 23 };

static inline float brick_scale(uint8_t code) {
    const uint32_t bits = ((uint32_t)code << brick_scale_shift) + brick_scale_bias;
    float scale;
    memcpy(&scale, &bits, 4);
    return scale;
}

// The least scale that is at least this.
static inline uint8_t brick_scale_code(float least) {
    uint32_t bits;
    memcpy(&bits, &least, 4);
    if (!(least > brick_scale(0))) return 0;
    const uint32_t code = (bits - brick_scale_bias + (1u << brick_scale_shift) - 1) >> brick_scale_shift;
    return code > 255 ? 255 : (uint8_t)code;
}

// The scales of four channels, twice.
__attribute__((target("avx2,fma"), always_inline))
static inline __m256 brick_scales(uint32_t codes) {
    const __m128i bits = _mm_add_epi32(_mm_slli_epi32(_mm_cvtepu8_epi32(_mm_cvtsi32_si128((int)codes)), brick_scale_shift), _mm_set1_epi32(brick_scale_bias));
    return _mm256_castsi256_ps(_mm256_broadcastsi128_si256(bits));
}

static inline uint32_t brick_word(const uint8_t *four) {
    uint32_t word;
    memcpy(&word, four, 4);
    return word;
}
