// Pixels whose colours are sums of terms under common factors, put behind what is drawn already.
// Swift has no half-float loads of vectors.
#include "CKernels.h"
#include <immintrin.h>
#pragma STDC FP_CONTRACT OFF

__attribute__((target("avx2,fma,f16c")))
void sk_terms_under(const uint16_t *values, const float *factors, long terms, long count, float *pixels) {
    for (long i = 0; i < count; i += 2, values += 8 * terms, pixels += 8) {
        __m256 body = _mm256_setzero_ps();
        for (long t = 0; t < terms; t++)
            body = _mm256_fmadd_ps(_mm256_broadcast_ss(factors + t), _mm256_cvtph_ps(_mm_loadu_si128((const __m128i *)(values + 8 * t))), body);
        body = _mm256_min_ps(_mm256_max_ps(body, _mm256_setzero_ps()), _mm256_set1_ps(1));
        const int both = i + 1 < count;
        __m256 p = _mm256_castps128_ps256(_mm_loadu_ps(pixels));
        if (both) p = _mm256_insertf128_ps(p, _mm_loadu_ps(pixels + 4), 1);
        p = _mm256_fmadd_ps(_mm256_sub_ps(_mm256_set1_ps(1), _mm256_permute_ps(p, 0xFF)), body, p);
        _mm_storeu_ps(pixels, _mm256_castps256_ps128(p));
        if (both) _mm_storeu_ps(pixels + 4, _mm256_extractf128_ps(p, 1));
    }
}
