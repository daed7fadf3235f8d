// Values of hashed and wrapping grids for training, with sixteen lanes: operation by operation what PlaneEncoder does with eight.
#include "CKernels.h"
#include "wide.h"
#include <immintrin.h>
#pragma STDC FP_CONTRACT OFF

SK_WIDE_PART __m512 mixed(__m512 a, __m512 b, __m512 t) { return _mm512_fmadd_ps(t, _mm512_sub_ps(b, a), a); }

// Lanes from i on that there are, of a count that is rounded up to whole eights.
SK_WIDE_PART __mmask16 lanes_from(long i, long count) { return count - i > 8 ? 0xFFFF : 0xFF; }

SK_WIDE_PART __m512i row_of(const sk_grid_level *level, __m512i x, __m512i y) {
    return _mm512_and_si512(level->hashed ? _mm512_xor_si512(x, y) : _mm512_add_epi32(x, y), _mm512_set1_epi32((int)level->mask));
}

SK_WIDE
void sk_grid_look(const float *table, const sk_grid_level *levels, long level_count, int features, float bound, const float *x, const float *y, long count,
                  float *out, long pitch) {
    enum { MOST = SK_PLANES_MOST };
    if (count > MOST) count = MOST;
    float u[MOST] __attribute__((aligned(64))), v[MOST] __attribute__((aligned(64)));
    __mmask16 inside[MOST / 16];
    const __m512 one = _mm512_set1_ps(1), zero = _mm512_setzero_ps(), half = _mm512_set1_ps(0.5f), far = _mm512_set1_ps(bound), share = _mm512_set1_ps(1 / (2 * bound));
    for (long i = 0; i < count; i += 16) {
        const __mmask16 lanes = lanes_from(i, count);
        const __m512 a = _mm512_mul_ps(_mm512_add_ps(_mm512_maskz_loadu_ps(lanes, x + i), far), share);
        const __m512 b = _mm512_mul_ps(_mm512_add_ps(_mm512_maskz_loadu_ps(lanes, y + i), far), share);
        const __mmask16 in = _mm512_cmp_ps_mask(a, zero, _CMP_GE_OQ) & _mm512_cmp_ps_mask(a, one, _CMP_LE_OQ) & _mm512_cmp_ps_mask(b, zero, _CMP_GE_OQ)
                             & _mm512_cmp_ps_mask(b, one, _CMP_LE_OQ);
        inside[i / 16] = in;
        _mm512_store_ps(u + i, _mm512_maskz_mov_ps(in, a));
        _mm512_store_ps(v + i, _mm512_maskz_mov_ps(in, b));
    }
    for (long l = 0; l < level_count; l++) {
        const sk_grid_level *level = levels + l;
        const __m512 scale = _mm512_set1_ps(level->scale);
        // What a step down adds to the row: of hashed levels a prime, of others the length of a row.
        const __m512i down = _mm512_set1_epi32((int)(level->hashed ? 2654435761u : level->stride)), right = _mm512_set1_epi32(1);
        const float *rows = table + (long)level->offset * features;
        for (long i = 0; i < count; i += 16) {
            // Two roundings, as in the original.
            const __m512 px = _mm512_add_ps(_mm512_mul_ps(_mm512_load_ps(u + i), scale), half), py = _mm512_add_ps(_mm512_mul_ps(_mm512_load_ps(v + i), scale), half);
            const __m512 fx = _mm512_roundscale_ps(px, _MM_FROUND_TO_NEG_INF | _MM_FROUND_NO_EXC), fy = _mm512_roundscale_ps(py, _MM_FROUND_TO_NEG_INF | _MM_FROUND_NO_EXC);
            const __m512 tx = _mm512_sub_ps(px, fx), ty = _mm512_sub_ps(py, fy);
            const __m512i x0 = _mm512_cvttps_epi32(fx), x1 = _mm512_add_epi32(x0, right), y0 = _mm512_mullo_epi32(_mm512_cvttps_epi32(fy), down), y1 = _mm512_add_epi32(y0, down);
            __m512i corner[4] = { row_of(level, x0, y0), row_of(level, x1, y0), row_of(level, x0, y1), row_of(level, x1, y1) };
            if (features == 2) for (int k = 0; k < 4; k++) corner[k] = _mm512_slli_epi32(corner[k], 1);
            for (int f = 0; f < features; f++) {
                __m512 c[4];
                for (int k = 0; k < 4; k++) c[k] = _mm512_i32gather_ps(corner[k], rows + f, 4);
                const __m512 value = mixed(mixed(c[0], c[1], tx), mixed(c[2], c[3], tx), ty);
                _mm512_mask_storeu_ps(out + (l * features + f) * pitch + i, lanes_from(i, count), _mm512_maskz_mov_ps(inside[i / 16], value));
            }
        }
    }
}
