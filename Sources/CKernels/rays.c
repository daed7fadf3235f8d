// Which steps of eight rays lie in occupied cells: one gather a step for all of them. In Swift a ray's walk took a third of the
// networks' time (docs/radiance-fields.md).
#include "CKernels.h"
#include <immintrin.h>
#pragma STDC FP_CONTRACT OFF

__attribute__((target("avx2,fma"), always_inline))
static inline __m256i cell_of(__m256 p) {
    // Products and sums are rounded one by one, as in the original's reference.
    __m256 q = _mm256_add_ps(_mm256_mul_ps(p, _mm256_set1_ps(64)), _mm256_set1_ps(64));
    return _mm256_cvttps_epi32(_mm256_min_ps(q, _mm256_set1_ps(127)));
}

__attribute__((target("avx2,fma"), always_inline))
static inline __m256 place_of(float origin, __m256 d, __m256 t) {
    __m256 p = _mm256_add_ps(_mm256_set1_ps(origin), _mm256_mul_ps(d, t));
    return _mm256_min_ps(_mm256_max_ps(p, _mm256_set1_ps(-1)), _mm256_set1_ps(1));
}

__attribute__((target("avx2,fma")))
void sk_ray_masks(const uint32_t *cells, const float *origin, const float *dx, const float *dy, const float *dz, const float *start, const float *far,
                  float step, uint64_t *low, uint64_t *high) {
    const __m256 x = _mm256_loadu_ps(dx), y = _mm256_loadu_ps(dy), z = _mm256_loadu_ps(dz), end = _mm256_loadu_ps(far);
    const __m256i one = _mm256_set1_epi32(1), low5 = _mm256_set1_epi32(31);
    __m256 t = _mm256_loadu_ps(start);
    uint32_t found[4][8] = {{0}};
    for (int k = 0; k < 128; k++) {
        __m256 inside = _mm256_cmp_ps(t, end, _CMP_LT_OQ);
        if (_mm256_testz_ps(inside, inside)) break;
        __m256i cx = cell_of(place_of(origin[0], x, t)), cy = cell_of(place_of(origin[1], y, t)), cz = cell_of(place_of(origin[2], z, t));
        __m256i at = _mm256_add_epi32(_mm256_slli_epi32(_mm256_add_epi32(_mm256_slli_epi32(cx, 7), cz), 2), _mm256_srli_epi32(cy, 5));
        __m256i column = _mm256_mask_i32gather_epi32(_mm256_setzero_si256(), (const int *)cells, at, _mm256_castps_si256(inside), 4);
        __m256i bit = _mm256_and_si256(_mm256_srlv_epi32(column, _mm256_and_si256(cy, low5)), one);
        __m256i *bits = (__m256i *)found[k >> 5];
        _mm256_storeu_si256(bits, _mm256_or_si256(_mm256_loadu_si256(bits), _mm256_sll_epi32(bit, _mm_cvtsi32_si128(k & 31))));
        t = _mm256_add_ps(t, _mm256_set1_ps(step));
    }
    for (int k = 0; k < 8; k++) {
        low[k] = (uint64_t)found[1][k] << 32 | found[0][k];
        high[k] = (uint64_t)found[3][k] << 32 | found[2][k];
    }
}
