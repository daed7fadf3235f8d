// Rays through a baked field: corners of bricks mixed in registers, composited on the spot.
// Swift would gather corners lane by lane.
#include "brick.h"
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

// Eight numbers of a brick.
__attribute__((target("avx2,fma"), always_inline))
static inline __m256 eight(const uint8_t *p) { return _mm256_cvtepi32_ps(_mm256_cvtepu8_epi32(_mm_loadl_epi64((const __m128i *)p))); }
__attribute__((target("avx2,fma"), always_inline))
static inline __m256 eight_signed(const int8_t *p) { return _mm256_cvtepi32_ps(_mm256_cvtepi8_epi32(_mm_loadl_epi64((const __m128i *)p))); }

// The base of a brick and its terms under one frame's factors: eight corners of the cell, four half floats each.
__attribute__((target("avx2,fma,f16c"), noinline))
static void mix_terms(const sk_brick *brick, const float *factors, uint16_t *corners) {
    __m256 sum[4] = { _mm256_setzero_ps(), _mm256_setzero_ps(), _mm256_setzero_ps(), _mm256_setzero_ps() };
    const int8_t *terms = brick->terms;
    for (int t = 0; t < SK_BRICK_TERMS; t++, terms += 32) {
        const __m256 f = _mm256_broadcast_ss(factors + t);
        for (int k = 0; k < 4; k++) sum[k] = _mm256_fmadd_ps(f, eight_signed(terms + 8 * k), sum[k]);
    }
    const __m128 number = _mm_cvtepi32_ps(_mm_cvtepu8_epi32(_mm_cvtsi32_si128((int)brick_word(brick->base))));
    const __m128 base = _mm_fmadd_ps(_mm_mul_ps(number, _mm_set1_ps(1.0f / 256)), _mm_loadu_ps(brick_reach), _mm_loadu_ps(brick_least));
    const __m256 bases = _mm256_set_m128(base, base), scale = brick_scales(brick_word(brick->term_scale));
    for (int k = 0; k < 4; k++) _mm_storeu_si128((__m128i *)(corners + 8 * k), _mm256_cvtps_ph(_mm256_fmadd_ps(scale, sum[k], bases), _MM_FROUND_TO_NEAREST_INT));
}

// The mixed terms of a brick. Whoever comes first mixes them for all; who meets them half done mixes its own into `spare`.
static const uint16_t *mixed_terms(const sk_baked *b, const sk_baked_mixed *ready, long brick, uint16_t *spare) {
    uint32_t *stamp = ready->stamps + brick, seen = __atomic_load_n(stamp, __ATOMIC_ACQUIRE);
    uint16_t *corners = ready->corners + 32 * brick;
    if (seen == ready->frame) return corners;
    const sk_brick *own = (const sk_brick *)b->bricks + brick;
    if (seen != ready->frame + 1 && __atomic_compare_exchange_n(stamp, &seen, ready->frame + 1, 0, __ATOMIC_RELAXED, __ATOMIC_RELAXED)) {
        mix_terms(own, b->factors, corners);
        __atomic_store_n(stamp, ready->frame, __ATOMIC_RELEASE);
        return corners;
    }
    mix_terms(own, b->factors, spare);
    return spare;
}

// Colour and density logit at a place (0...1 on each axis) of a brick whose terms are mixed; `p`: the first corner of the voxel s.
__attribute__((target("avx2,fma,f16c"), always_inline))
static inline __m128 mixed(const uint8_t *p, uint32_t scale, const uint16_t *corners, const int *s, float x, float y, float z) {
    enum { side = SK_BRICK_SIDE, line = side + 1 };
    const float fx = x * side - s[0], fy = y * side - s[1], fz = z * side - s[2];
    const __m256 near = _mm256_set_m128(_mm_set1_ps(fy), _mm_set1_ps(1 - fy)), wide = _mm256_set_m128(_mm_set1_ps(y), _mm_set1_ps(1 - y));
    __m256 fine, coarse;
    fine = _mm256_mul_ps(_mm256_set1_ps((1 - fx) * (1 - fz)), eight(p));
    coarse = _mm256_mul_ps(_mm256_set1_ps((1 - x) * (1 - z)), _mm256_cvtph_ps(_mm_load_si128((const __m128i *)corners)));
    fine = _mm256_fmadd_ps(_mm256_set1_ps((1 - fx) * fz), eight(p + 4 * line), fine);
    coarse = _mm256_fmadd_ps(_mm256_set1_ps((1 - x) * z), _mm256_cvtph_ps(_mm_load_si128((const __m128i *)(corners + 8))), coarse);
    fine = _mm256_fmadd_ps(_mm256_set1_ps(fx * (1 - fz)), eight(p + 4 * line * line), fine);
    coarse = _mm256_fmadd_ps(_mm256_set1_ps(x * (1 - z)), _mm256_cvtph_ps(_mm_load_si128((const __m128i *)(corners + 16))), coarse);
    fine = _mm256_fmadd_ps(_mm256_set1_ps(fx * fz), eight(p + 4 * (line * line + line)), fine);
    coarse = _mm256_fmadd_ps(_mm256_set1_ps(x * z), _mm256_cvtph_ps(_mm_load_si128((const __m128i *)(corners + 24))), coarse);
    const __m256 sum = _mm256_fmadd_ps(_mm256_mul_ps(near, brick_scales(scale)), fine, _mm256_mul_ps(wide, coarse));
    return _mm_add_ps(_mm256_castps256_ps128(sum), _mm256_extractf128_ps(sum, 1));
}

__attribute__((target("avx2,fma,f16c")))
void sk_baked_look(const uint8_t *bytes, const float *factors, const float *places, long count, float *out) {
    const sk_brick *brick = (const sk_brick *)bytes;
    _Alignas(32) uint16_t corners[32];
    mix_terms(brick, factors, corners);
    for (long i = 0; i < count; i++) {
        int s[3];
        for (int k = 0; k < 3; k++) {
            s[k] = (int)(places[3 * i + k] * SK_BRICK_SIDE);
            s[k] = s[k] > SK_BRICK_SIDE - 1 ? SK_BRICK_SIDE - 1 : s[k];
        }
        const uint8_t *p = brick->corners + 4 * ((s[0] * brick_line + s[2]) * brick_line + s[1]);
        _mm_storeu_ps(out + 4 * i, mixed(p, brick_word(brick->scale), corners, s, places[3 * i], places[3 * i + 1], places[3 * i + 2]));
    }
}

uint32_t sk_brick_scale(const uint8_t *brick) { return brick_word(((const sk_brick *)brick)->scale); }

// What is known of the next samples of a ray, up to eight of them and up to four that hold anything: most rays end after three.
typedef struct {
    int count, held, asks;
    // Bit of the step; row of the table; voxel; brick of those that are held, and its scales.
    int step[8], row[8], voxel[8], brick[8];
    uint32_t scale[8];
    // Position; place within the cell.
    float at[3][8], within[3][8];
} samples;

// The first corner of a voxel.
static inline const uint8_t *corner_of(const sk_baked *b, long brick, int voxel) {
    return ((const sk_brick *)b->bricks + brick)->corners + 4 * (((voxel >> 4) * brick_line + (voxel >> 2 & 3)) * brick_line + (voxel & 3));
}

// Finds the cells of the next samples of a ray and calls for their rows; 0 where there are none.
__attribute__((target("avx2,fma,f16c,popcnt"), always_inline))
static inline int look_ahead(const sk_baked *b, const float *origin, float step, sk_ray *w, samples *s) {
    if (w->ahead == 0) {
        w->t += 64 * step;
        w->ahead = w->beyond;
        w->beyond = 0;
    }
    const int most = b->most - w->taken;
    if (w->ahead == 0 || most <= 0) return 0;
    int n = 0;
    uint64_t bits = w->ahead;
    do {
        s->step[n++] = __builtin_ctzll(bits);
        bits &= bits - 1;
    } while (bits && n < 8 && n < most);
    for (int k = n; k < 8; k++) s->step[k] = s->step[0];
    s->count = n;
    const __m256 one = _mm256_set1_ps(1), scale = _mm256_set1_ps(SK_BRICK_SCALE), middle = _mm256_set1_ps(64);
    const __m256i side = _mm256_set1_epi32(SK_BRICK_SIDE);
    const __m256 at = _mm256_add_ps(_mm256_set1_ps(w->t), _mm256_mul_ps(_mm256_cvtepi32_ps(_mm256_loadu_si256((const __m256i *)s->step)), _mm256_set1_ps(step)));
    __m256i cell[3], voxel[3];
    for (int k = 0; k < 3; k++) {
        const __m256 p = _mm256_min_ps(_mm256_max_ps(_mm256_fmadd_ps(_mm256_set1_ps(w->d[k]), at, _mm256_set1_ps(origin[k])), _mm256_sub_ps(_mm256_setzero_ps(), one)), one);
        const __m256 q = _mm256_fmadd_ps(p, scale, middle);
        cell[k] = _mm256_cvttps_epi32(q);
        const __m256 within = _mm256_sub_ps(q, _mm256_cvtepi32_ps(cell[k]));
        voxel[k] = _mm256_cvttps_epi32(_mm256_mul_ps(within, _mm256_cvtepi32_ps(side)));
        _mm256_storeu_ps(s->at[k], p);
        _mm256_storeu_ps(s->within[k], within);
    }
    int column[8], y[8];
    _mm256_storeu_si256((__m256i *)column, _mm256_add_epi32(_mm256_slli_epi32(cell[0], 7), cell[2]));
    _mm256_storeu_si256((__m256i *)y, cell[1]);
    _mm256_storeu_si256((__m256i *)s->voxel, _mm256_add_epi32(_mm256_slli_epi32(_mm256_add_epi32(_mm256_slli_epi32(voxel[0], 2), voxel[2]), 2), voxel[1]));
    for (int k = 0; k < n; k++) {
        const sk_baked_column *c = b->columns + column[k];
        const int half = y[k] >> 6 & 1;
        const uint64_t bits = c->bits[half], own = (uint64_t)1 << (y[k] & 63);
        s->row[k] = bits & own ? c->first[half] + __builtin_popcountll(bits & (own - 1)) : 0;
        _mm_prefetch((const char *)(b->table + s->row[k]), _MM_HINT_T0);
    }
    return 1;
}

// Reads those rows and calls for the bricks.
__attribute__((target("avx2,fma,f16c"), always_inline))
static inline void look_at(const sk_baked *b, const sk_baked_mixed *ready, samples *s) {
    s->held = s->asks = 0;
    int room = 4;
    for (int k = 0; k < s->count; k++) {
        const sk_baked_cell *row = b->table + s->row[k];
        if (!(row->holds >> s->voxel[k] & 1)) continue;
        s->held |= 1 << k;
        // Nothing is looked at behind a sample that asks.
        if ((b->moving ? row->asks_moving : row->asks) >> s->voxel[k] & 1) {
            s->asks = 1 << k;
            s->count = k + 1;
            break;
        }
        s->brick[k] = row->brick;
        s->scale[k] = row->scale;
        const char *p = (const char *)corner_of(b, row->brick, s->voxel[k]);
        // Eight bytes at each of four corners, the last of which lies beyond the next line as often as not.
        enum { beside = 4 * brick_line, behind = beside * brick_line };
        _mm_prefetch(p, _MM_HINT_T0);
        _mm_prefetch(p + beside + 7, _MM_HINT_T0);
        _mm_prefetch(p + behind, _MM_HINT_T0);
        _mm_prefetch(p + behind + beside + 7, _MM_HINT_T0);
        if (__atomic_load_n(ready->stamps + s->brick[k], __ATOMIC_RELAXED) == ready->frame) {
            _mm_prefetch((const char *)(ready->corners + 32L * s->brick[k]), _MM_HINT_T0);
        } else {
            p = (const char *)((const sk_brick *)b->bricks + row->brick)->base;
            for (int line = 0; line < 12 + 32 * SK_BRICK_TERMS; line += 64) _mm_prefetch(p + line, _MM_HINT_T0);
        }
        if (--room == 0) {
            s->count = k + 1;
            break;
        }
    }
}

// Adds a ray's baked samples to its pixel, the first of which were looked at; 1 where a sample asks the network, whose position is then
// in `place`.
__attribute__((target("avx2,fma,f16c,popcnt"), always_inline))
static inline int follow(const sk_baked *b, const sk_baked_mixed *ready, const float *origin, float step, sk_ray *w, samples *s, float *pixel, float *place) {
    __m128 sum = _mm_loadu_ps(pixel);
    float light = 1 - pixel[3];
    int needed = 0, looked = 0;
    do {
        if (looked) look_at(b, ready, s);
        looked = 1;
        int done = s->count, opaque = 0;
        for (int left = s->held; left; left &= left - 1) {
            const int k = __builtin_ctz(left);
            if (s->asks >> k & 1) {
                for (int c = 0; c < 3; c++) place[c] = s->at[c][k];
                needed = 1;
                done = k + 1;
                break;
            }
            _Alignas(32) uint16_t spare[32];
            const uint16_t *corners = mixed_terms(b, ready, s->brick[k], spare);
            const int voxel[3] = { s->voxel[k] >> 4, s->voxel[k] & 3, s->voxel[k] >> 2 & 3 };
            __m128 v = mixed(corner_of(b, s->brick[k], s->voxel[k]), s->scale[k], corners, voxel, s->within[0][k], s->within[1][k], s->within[2][k]);
            const float logit = _mm_cvtss_f32(_mm_shuffle_ps(v, v, 0xFF));
            const float alpha = 1 - power_of_two(-step * 1.442695041f * power_of_two(logit * 1.442695041f));
            const float weight = alpha * light;
            // Colour within the network's own range, and 1 for the opacity.
            v = _mm_min_ps(_mm_max_ps(v, _mm_set1_ps(-0.001f)), _mm_set1_ps(1.001f));
            v = _mm_blend_ps(v, _mm_set1_ps(1), 8);
            sum = _mm_fmadd_ps(_mm_set1_ps(weight), v, sum);
            light -= weight;
            if (light < b->opaque) {
                opaque = 1;
                done = k + 1;
                break;
            }
        }
        w->taken += done;
        // The steps that were looked at are gone.
        w->ahead &= ~(((uint64_t)2 << s->step[done - 1]) - 1);
        if (opaque) w->ahead = w->beyond = 0;
    } while (!needed && look_ahead(b, origin, step, w, s));
    _mm_storeu_ps(pixel, sum);
    return needed;
}

__attribute__((target("avx2,fma,f16c,popcnt")))
long sk_baked_follow(const sk_baked *b, const sk_baked_mixed *ready, sk_ray *rays, float *pixels, const float *origin, float step,
                     const int32_t *list, long count, float *x, float *y, float *z, int32_t *ends) {
    // While the rows and bricks of some rays are on their way, others are looked at.
    enum { together = 8 };
    samples s[together];
    int going[together];
    long n = 0;
    for (long first = 0; first < count; first += together) {
        const int all = count - first < together ? (int)(count - first) : together;
        for (long k = first + together; k < first + 2 * together && k < count; k++) _mm_prefetch((const char *)(rays + list[k]), _MM_HINT_T0);
        for (int k = 0; k < all; k++) {
            const long r = list[first + k];
            going[k] = look_ahead(b, origin, step, rays + r, &s[k]);
            _mm_prefetch((const char *)(pixels + 4 * r), _MM_HINT_T0);
        }
        for (int k = 0; k < all; k++) if (going[k]) look_at(b, ready, &s[k]);
        for (int k = 0; k < all; k++) {
            const long r = list[first + k];
            float place[3];
            if (going[k] && follow(b, ready, origin, step, rays + r, &s[k], pixels + 4 * r, place)) {
                x[n] = place[0]; y[n] = place[1]; z[n] = place[2];
                n++;
            }
            ends[first + k] = (int32_t)n;
        }
    }
    return n;
}
