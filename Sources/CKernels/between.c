// Pixels that lie between others, and need no ray of their own where those agree.
#include "CKernels.h"
#include <immintrin.h>
#pragma STDC FP_CONTRACT OFF

__attribute__((target("avx2")))
long sk_between(float *pixels, long first, long step, long count, long a, long b, float edge, float bend, int32_t *wanted) {
    const __m128 limit = _mm_set1_ps(edge), flat = _mm_set1_ps(2 * bend), sign = _mm_set1_ps(-0.0f), quarter = _mm_set1_ps(0.25f);
    long n = 0;
    for (long k = 0; k < count; k++) {
        float *p = pixels + 4 * (first + k * step);
        const __m128 a0 = _mm_loadu_ps(p - 4 * a), a1 = _mm_loadu_ps(p + 4 * a), b0 = _mm_loadu_ps(p - 4 * b), b1 = _mm_loadu_ps(p + 4 * b);
        const __m128 range = _mm_sub_ps(_mm_max_ps(_mm_max_ps(a0, a1), _mm_max_ps(b0, b1)), _mm_min_ps(_mm_min_ps(a0, a1), _mm_min_ps(b0, b1)));
        const __m128 across = _mm_add_ps(a0, a1), along = _mm_add_ps(b0, b1);
        const __m128 bent = _mm_andnot_ps(sign, _mm_sub_ps(across, along));
        if (_mm_movemask_ps(_mm_or_ps(_mm_cmpgt_ps(range, limit), _mm_cmpgt_ps(bent, flat)))) wanted[n++] = (int32_t)(first + k * step);
        else _mm_storeu_ps(p, _mm_mul_ps(_mm_add_ps(across, along), quarter));
    }
    return n;
}
