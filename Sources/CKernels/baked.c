// Rays through a baked field: eight corners of sixteen half floats a sample, mixed in two registers, composited on the spot.
// Swift has no half-float loads of vectors and would gather lane by lane.
#include "CKernels.h"
#include <immintrin.h>
#pragma STDC FP_CONTRACT OFF

// 2^x for -126...126; the polynomial of Kernels/VectorMath.swift.
__attribute__((target("avx2,fma"), always_inline))
static inline float power_of_two(float x) {
    x = x < -126 ? -126 : x > 126 ? 126 : x;
    float shifted = x + 12582912.0f, whole = shifted - 12582912.0f, f = x - whole;
    union { float f; int32_t i; } bits = { shifted };
    int32_t n = bits.i - 0x4B400000;
    float p = 1.535336188e-4f;
    p = __builtin_fmaf(p, f, 1.339887440e-3f);
    p = __builtin_fmaf(p, f, 9.618437357e-3f);
    p = __builtin_fmaf(p, f, 5.550332471e-2f);
    p = __builtin_fmaf(p, f, 2.402264791e-1f);
    p = __builtin_fmaf(p, f, 6.931472028e-1f);
    p = __builtin_fmaf(p, f, 1);
    bits.f = p;
    bits.i += (int32_t)((uint32_t)n << 23);
    return bits.f;
}

// t after n rounded steps: one product while the exponent stays (RayBundle.step).
__attribute__((target("avx2,fma"), always_inline))
static inline float stepped(float t, float step, int n) {
    union { float f; uint32_t i; } a = { t }, b;
    b.f = t + (float)n * ((t + step) - t);
    if ((a.i ^ b.i) >> 23 == 0) return b.f;
    for (int k = 0; k < n; k++) t += step;
    return t;
}

// Colour and density logit at a place within a brick (0...side on each axis).
__attribute__((target("avx2,fma,f16c"), always_inline))
static inline __m128 mixed(const sk_baked *b, const uint16_t *brick, float x, float y, float z) {
    const int side = b->side, line = side + 1;
    int ix = (int)x, iy = (int)y, iz = (int)z;
    ix = ix > side - 1 ? side - 1 : ix; iy = iy > side - 1 ? side - 1 : iy; iz = iz > side - 1 ? side - 1 : iz;
    const float fx = x - ix, fy = y - iy, fz = z - iz;
    const uint16_t *p = brick + 16 * ((ix * line + iz) * line + iy);
    __m256 low = _mm256_setzero_ps(), high = _mm256_setzero_ps();
    for (int k = 0; k < 4; k++) {
        const uint16_t *q = p + 16 * ((k >> 1) * line * line + (k & 1) * line);
        float w = (k >> 1 ? fx : 1 - fx) * (k & 1 ? fz : 1 - fz);
        __m256 near = _mm256_set1_ps(w * (1 - fy)), far = _mm256_set1_ps(w * fy);
        low = _mm256_fmadd_ps(near, _mm256_cvtph_ps(_mm_loadu_si128((const __m128i *)q)), low);
        high = _mm256_fmadd_ps(near, _mm256_cvtph_ps(_mm_loadu_si128((const __m128i *)(q + 8))), high);
        low = _mm256_fmadd_ps(far, _mm256_cvtph_ps(_mm_loadu_si128((const __m128i *)(q + 16))), low);
        high = _mm256_fmadd_ps(far, _mm256_cvtph_ps(_mm_loadu_si128((const __m128i *)(q + 24))), high);
    }
    __m128 value = _mm256_castps256_ps128(low);
    value = _mm_fmadd_ps(_mm_set1_ps(b->view[0]), _mm256_extractf128_ps(low, 1), value);
    value = _mm_fmadd_ps(_mm_set1_ps(b->view[1]), _mm256_castps256_ps128(high), value);
    return _mm_fmadd_ps(_mm_set1_ps(b->view[2]), _mm256_extractf128_ps(high, 1), value);
}

__attribute__((target("avx2,fma,f16c")))
void sk_baked_look(const sk_baked *b, int brick, float x, float y, float z, float *out) {
    _mm_storeu_ps(out, mixed(b, b->bricks + (long)brick * b->pitch, x, y, z));
}

__attribute__((target("avx2,fma,f16c")))
int sk_baked_run(const sk_baked *b, const float *origin, float dx, float dy, float dz, float step, float *start, uint64_t *ahead, uint64_t *beyond,
                 int32_t *taken, float *pixel, float *place) {
    uint64_t bits = *ahead;
    float t = *start;
    __m128 sum = _mm_loadu_ps(pixel);
    float light = 1 - pixel[3];
    int needed = 0, count = *taken;
    while (count < b->most) {
        if (bits == 0) {
            if (*beyond == 0) break;
            t = stepped(t, step, 64);
            bits = *beyond;
            *beyond = 0;
            continue;
        }
        const float at = stepped(t, step, __builtin_ctzll(bits));
        bits &= bits - 1;
        count++;
        float x = origin[0] + dx * at, y = origin[1] + dy * at, z = origin[2] + dz * at;
        x = x < -1 ? -1 : x > 1 ? 1 : x; y = y < -1 ? -1 : y > 1 ? 1 : y; z = z < -1 ? -1 : z > 1 ? 1 : z;
        float qx = x * 64 + 64, qy = y * 64 + 64, qz = z * 64 + 64;
        qx = qx > 127 ? 127 : qx; qy = qy > 127 ? 127 : qy; qz = qz > 127 ? 127 : qz;
        const int cx = (int)qx, cy = (int)qy, cz = (int)qz;
        const int32_t code = b->cells[(cx * 128 + cz) * 128 + cy];
        if (code == 0) continue;
        if (code < 0 || (code & b->moving)) {
            place[0] = x; place[1] = y; place[2] = z;
            needed = 1;
            break;
        }
        const float scale = (float)b->side;
        __m128 v = mixed(b, b->bricks + (long)(code >> 1) * b->pitch, (qx - cx) * scale, (qy - cy) * scale, (qz - cz) * scale);
        float logit = _mm_cvtss_f32(_mm_shuffle_ps(v, v, 0xFF));
        float alpha = 1 - power_of_two(-step * 1.442695041f * power_of_two(logit * 1.442695041f));
        if (alpha < 1e-4f) continue;
        float weight = alpha * light;
        // Colour within the network's own range, and 1 for the opacity.
        v = _mm_min_ps(_mm_max_ps(v, _mm_set1_ps(-0.001f)), _mm_set1_ps(1.001f));
        v = _mm_blend_ps(v, _mm_set1_ps(1), 8);
        sum = _mm_fmadd_ps(_mm_set1_ps(weight), v, sum);
        light -= weight;
        if (light < b->opaque) { bits = 0; *beyond = 0; break; }
    }
    _mm_storeu_ps(pixel, sum);
    *ahead = bits;
    *start = t;
    *taken = count;
    return needed;
}
