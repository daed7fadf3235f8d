// Rays through a baked field: corners of half floats mixed in registers, composited on the spot.
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

// The terms of a brick under one frame's factors: eight corners of the cell, four floats each.
__attribute__((target("avx2,fma,f16c"), noinline))
static void mix_terms(const uint16_t *terms, const float *factors, float *corners) {
    __m256 a = _mm256_setzero_ps(), b = a, c = a, d = a;
    for (int t = 0; t < SK_BRICK_TERMS; t++, terms += 32) {
        const __m256 f = _mm256_broadcast_ss(factors + t);
        a = _mm256_fmadd_ps(f, _mm256_cvtph_ps(_mm_loadu_si128((const __m128i *)terms)), a);
        b = _mm256_fmadd_ps(f, _mm256_cvtph_ps(_mm_loadu_si128((const __m128i *)(terms + 8))), b);
        c = _mm256_fmadd_ps(f, _mm256_cvtph_ps(_mm_loadu_si128((const __m128i *)(terms + 16))), c);
        d = _mm256_fmadd_ps(f, _mm256_cvtph_ps(_mm_loadu_si128((const __m128i *)(terms + 24))), d);
    }
    _mm256_storeu_ps(corners, a);
    _mm256_storeu_ps(corners + 8, b);
    _mm256_storeu_ps(corners + 16, c);
    _mm256_storeu_ps(corners + 24, d);
}

// Colour and density logit at a place (0...1 on each axis, voxel s) of a brick whose terms are mixed.
__attribute__((target("avx2,fma,f16c"), always_inline))
static inline __m128 mixed(const uint16_t *brick, const float *corners, const int *s, float x, float y, float z) {
    enum { side = SK_BRICK_SIDE, line = side + 1 };
    const float fx = x * side - s[0], fy = y * side - s[1], fz = z * side - s[2];
    const uint16_t *p = brick + 4 * ((s[0] * line + s[2]) * line + s[1]);
    const __m256 near = _mm256_set_m128(_mm_set1_ps(fy), _mm_set1_ps(1 - fy)), wide = _mm256_set_m128(_mm_set1_ps(y), _mm_set1_ps(1 - y));
    __m256 fine, coarse;
    fine = _mm256_mul_ps(_mm256_set1_ps((1 - fx) * (1 - fz)), _mm256_cvtph_ps(_mm_loadu_si128((const __m128i *)p)));
    coarse = _mm256_mul_ps(_mm256_set1_ps((1 - x) * (1 - z)), _mm256_loadu_ps(corners));
    fine = _mm256_fmadd_ps(_mm256_set1_ps((1 - fx) * fz), _mm256_cvtph_ps(_mm_loadu_si128((const __m128i *)(p + 4 * line))), fine);
    coarse = _mm256_fmadd_ps(_mm256_set1_ps((1 - x) * z), _mm256_loadu_ps(corners + 8), coarse);
    fine = _mm256_fmadd_ps(_mm256_set1_ps(fx * (1 - fz)), _mm256_cvtph_ps(_mm_loadu_si128((const __m128i *)(p + 4 * line * line))), fine);
    coarse = _mm256_fmadd_ps(_mm256_set1_ps(x * (1 - z)), _mm256_loadu_ps(corners + 16), coarse);
    fine = _mm256_fmadd_ps(_mm256_set1_ps(fx * fz), _mm256_cvtph_ps(_mm_loadu_si128((const __m128i *)(p + 4 * (line * line + line)))), fine);
    coarse = _mm256_fmadd_ps(_mm256_set1_ps(x * z), _mm256_loadu_ps(corners + 24), coarse);
    const __m256 sum = _mm256_fmadd_ps(near, fine, _mm256_mul_ps(wide, coarse));
    return _mm_add_ps(_mm256_castps256_ps128(sum), _mm256_extractf128_ps(sum, 1));
}

__attribute__((target("avx2,fma,f16c")))
void sk_baked_look(const uint16_t *brick, const float *factors, const float *places, long count, float *out) {
    float corners[32];
    mix_terms(brick + SK_BRICK_BASE, factors, corners);
    for (long i = 0; i < count; i++) {
        int s[3];
        for (int k = 0; k < 3; k++) {
            s[k] = (int)(places[3 * i + k] * SK_BRICK_SIDE);
            s[k] = s[k] > SK_BRICK_SIDE - 1 ? SK_BRICK_SIDE - 1 : s[k];
        }
        _mm_storeu_ps(out + 4 * i, mixed(brick, corners, s, places[3 * i], places[3 * i + 1], places[3 * i + 2]));
    }
}

__attribute__((target("avx2,fma,f16c")))
int sk_baked_run(const sk_baked *b, sk_baked_mixed *ready, const float *origin, float dx, float dy, float dz, float step, float *start, uint64_t *ahead,
                 uint64_t *beyond, int32_t *taken, float *pixel, float *place) {
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
        // The last cell ends before 128, so that a voxel's number stays below four.
        qx = qx > 127.99999f ? 127.99999f : qx; qy = qy > 127.99999f ? 127.99999f : qy; qz = qz > 127.99999f ? 127.99999f : qz;
        const int cx = (int)qx, cy = (int)qy, cz = (int)qz;
        const int32_t code = b->cells[(cx * 128 + cz) * 128 + cy];
        if (code == 0) continue;
        const sk_baked_cell *cell = b->table + code;
        const float ux = qx - cx, uy = qy - cy, uz = qz - cz;
        const int s[3] = { (int)(ux * SK_BRICK_SIDE), (int)(uy * SK_BRICK_SIDE), (int)(uz * SK_BRICK_SIDE) };
        const int voxel = (s[0] * SK_BRICK_SIDE + s[2]) * SK_BRICK_SIDE + s[1];
        if (!(cell->holds >> voxel & 1)) continue;
        if ((b->moving ? cell->asks_moving : cell->asks) >> voxel & 1) {
            place[0] = x; place[1] = y; place[2] = z;
            needed = 1;
            break;
        }
        const uint16_t *brick = b->bricks + (long)cell->brick * SK_BRICK_PITCH;
        const int slot = (cx & 7) << 5 | (cz & 7) << 2 | (cy & 3);
        if (ready->brick[slot] != cell->brick) {
            mix_terms(brick + SK_BRICK_BASE, b->factors, ready->corners[slot]);
            ready->brick[slot] = cell->brick;
        }
        __m128 v = mixed(brick, ready->corners[slot], s, ux, uy, uz);
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
