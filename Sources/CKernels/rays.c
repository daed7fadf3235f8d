// Rays through a cube of cells: which steps of eight of them lie in occupied cells. In Swift a ray's walk took a third of the networks'
// time (docs/radiance-fields.md).
#include "CKernels.h"
#include <immintrin.h>
#pragma STDC FP_CONTRACT OFF

// The cell of a place along one axis. `origin` and `d` are in cells (64 times as long): that is exact, so the roundings are those of the
// original's reference, product and sums one by one.
__attribute__((target("avx2,fma"), always_inline))
static inline __m256i cell_of(__m256 origin, __m256 d, __m256 t) {
    __m256 q = _mm256_add_ps(_mm256_add_ps(origin, _mm256_mul_ps(d, t)), _mm256_set1_ps(64));
    return _mm256_cvttps_epi32(_mm256_min_ps(_mm256_max_ps(q, _mm256_setzero_ps()), _mm256_set1_ps(127)));
}

__attribute__((target("avx2,fma")))
void sk_ray_masks(const uint32_t *cells, const float *origin, const float *dx, const float *dy, const float *dz, const float *start, const float *far,
                  float step, int most, uint64_t *low, uint64_t *high) {
    const __m256 cellsAUnit = _mm256_set1_ps(64), end = _mm256_loadu_ps(far), stride = _mm256_set1_ps(step);
    const __m256 ox = _mm256_set1_ps(64 * origin[0]), oy = _mm256_set1_ps(64 * origin[1]), oz = _mm256_set1_ps(64 * origin[2]);
    const __m256 x = _mm256_mul_ps(_mm256_loadu_ps(dx), cellsAUnit), y = _mm256_mul_ps(_mm256_loadu_ps(dy), cellsAUnit),
                 z = _mm256_mul_ps(_mm256_loadu_ps(dz), cellsAUnit);
    const __m256i low5 = _mm256_set1_epi32(31), top = _mm256_set1_epi32(INT32_MIN);
    __m256 t = _mm256_loadu_ps(start);
    // What a lane may still find, less one: negative when it is done.
    __m256i left = _mm256_set1_epi32(most - 1);
    uint32_t found[4][8] = {{0}};
    int going = 1;
    for (int word = 0; word < 4 && going; word++) {
        // New bits come in at the top.
        __m256i bits = _mm256_setzero_si256();
        int k = 0;
        for (; k < 32; k++) {
            __m256 inside = _mm256_andnot_ps(_mm256_castsi256_ps(left), _mm256_cmp_ps(t, end, _CMP_LT_OQ));
            if (!(going = _mm256_movemask_ps(inside))) break;
            __m256i cx = cell_of(ox, x, t), cy = cell_of(oy, y, t), cz = cell_of(oz, z, t);
            __m256i at = _mm256_add_epi32(_mm256_add_epi32(_mm256_slli_epi32(cx, 9), _mm256_slli_epi32(cz, 2)), _mm256_srli_epi32(cy, 5));
            __m256i column = _mm256_i32gather_epi32((const int *)cells, at, 4);
            __m256i bit = _mm256_and_si256(_mm256_sllv_epi32(column, _mm256_andnot_si256(cy, low5)), _mm256_and_si256(_mm256_castps_si256(inside), top));
            bits = _mm256_or_si256(_mm256_srli_epi32(bits, 1), bit);
            left = _mm256_sub_epi32(left, _mm256_srli_epi32(bit, 31));
            t = _mm256_add_ps(t, stride);
        }
        _mm256_storeu_si256((__m256i *)found[word], _mm256_srl_epi32(bits, _mm_cvtsi32_si128(32 - k)));
    }
    for (int k = 0; k < 8; k++) {
        low[k] = (uint64_t)found[1][k] << 32 | found[0][k];
        high[k] = (uint64_t)found[3][k] << 32 | found[2][k];
    }
}
