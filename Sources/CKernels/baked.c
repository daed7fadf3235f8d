// Rays through a baked field: corners of bricks mixed in registers, composited on the spot.
// Swift would gather corners lane by lane.
#include "brick.h"
#include <math.h>
#pragma STDC FP_CONTRACT OFF

// 2^x for -126...126; the polynomial of Kernels/VectorMath.swift.
__attribute__((target("avx2,fma"), always_inline))
static inline __m256 power_of_two(__m256 x) {
    x = _mm256_min_ps(_mm256_max_ps(x, _mm256_set1_ps(-126)), _mm256_set1_ps(126));
    const __m256 shifted = _mm256_add_ps(x, _mm256_set1_ps(12582912.0f)), f = _mm256_sub_ps(x, _mm256_sub_ps(shifted, _mm256_set1_ps(12582912.0f)));
    __m256 p = _mm256_set1_ps(1.535336188e-4f);
    p = _mm256_fmadd_ps(p, f, _mm256_set1_ps(1.339887440e-3f));
    p = _mm256_fmadd_ps(p, f, _mm256_set1_ps(9.618437357e-3f));
    p = _mm256_fmadd_ps(p, f, _mm256_set1_ps(5.550332471e-2f));
    p = _mm256_fmadd_ps(p, f, _mm256_set1_ps(2.402264791e-1f));
    p = _mm256_fmadd_ps(p, f, _mm256_set1_ps(6.931472028e-1f));
    p = _mm256_fmadd_ps(p, f, _mm256_set1_ps(1));
    const __m256i n = _mm256_sub_epi32(_mm256_castps_si256(shifted), _mm256_set1_epi32(0x4B400000));
    return _mm256_castsi256_ps(_mm256_add_epi32(_mm256_castps_si256(p), _mm256_slli_epi32(n, 23)));
}

// Eight numbers of a brick.
__attribute__((target("avx2,fma"), always_inline))
static inline __m256 eight(const uint8_t *p) { return _mm256_cvtepi32_ps(_mm256_cvtepu8_epi32(_mm_loadl_epi64((const __m128i *)p))); }
__attribute__((target("avx2,fma"), always_inline))
static inline __m256 eight_signed(const int8_t *p) { return _mm256_cvtepi32_ps(_mm256_cvtepi8_epi32(_mm_loadl_epi64((const __m128i *)p))); }

// The base of a brick and its terms under one frame's factors: eight corners of the cell, four half floats each.
__attribute__((target("avx2,fma,f16c"), noinline))
static void mix_terms(const sk_brick *brick, const int8_t *terms, const float *factors, uint16_t *corners) {
    __m256 sum[4] = { _mm256_setzero_ps(), _mm256_setzero_ps(), _mm256_setzero_ps(), _mm256_setzero_ps() };
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
    const int8_t *terms = b->terms + SK_BRICK_TERM_BYTES * brick;
    if (seen != ready->frame + 1 && __atomic_compare_exchange_n(stamp, &seen, ready->frame + 1, 0, __ATOMIC_RELAXED, __ATOMIC_RELAXED)) {
        mix_terms(own, terms, b->factors, corners);
        __atomic_store_n(stamp, ready->frame, __ATOMIC_RELEASE);
        return corners;
    }
    mix_terms(own, terms, b->factors, spare);
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
void sk_baked_look(const uint8_t *bytes, const int8_t *terms, const float *factors, const float *places, long count, float *out) {
    const sk_brick *brick = (const sk_brick *)bytes;
    _Alignas(32) uint16_t corners[32];
    mix_terms(brick, terms, factors, corners);
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

// What is known of the next steps of a ray, up to eight of them and up to four that hold anything: most rays end after three.
typedef struct {
    // Its number in the list, and its pixel's.
    int32_t place, pixel;
    // Steps that were looked at, bits of those that hold anything, and of the one that asks the network.
    int count, held, asks;
    // Bit of the step; voxel of its cell, and the cell's height in its column.
    uint8_t step[8], voxel[8], height[8];
    // Column of the cell, then its row of the table, then the brick; and its scales.
    int32_t at[8];
    uint32_t scale[8];
    // Place within the cell.
    float within[3][8];
} look;

// The first corner of a voxel.
static inline const uint8_t *corner_of(const sk_baked *b, long brick, int voxel) {
    return ((const sk_brick *)b->bricks + brick)->corners + 4 * (((voxel >> 4) * brick_line + (voxel >> 2 & 3)) * brick_line + (voxel & 3));
}

__attribute__((target("avx2,fma"), always_inline))
static inline void store_bytes(uint8_t *out, __m256i eight) {
    const __m128i words = _mm_packs_epi32(_mm256_castsi256_si128(eight), _mm256_extracti128_si256(eight, 1));
    _mm_storel_epi64((__m128i *)out, _mm_packus_epi16(words, words));
}

// Positions of eight steps of a ray on one axis.
__attribute__((target("avx2,fma"), always_inline))
static inline __m256 positions(float direction, __m256 t, float origin) {
    const __m256 p = _mm256_fmadd_ps(_mm256_set1_ps(direction), t, _mm256_set1_ps(origin));
    return _mm256_min_ps(_mm256_max_ps(p, _mm256_set1_ps(-1)), _mm256_set1_ps(1));
}

// Finds the cells of the next steps of a ray and calls for their columns.
__attribute__((target("avx2,fma,bmi,popcnt"), always_inline))
static inline void find_cells(const sk_baked *b, const float *origin, float step, sk_ray *w, look *s) {
    if (w->ahead == 0) {
        w->t += 64 * step;
        w->ahead = w->beyond;
        w->beyond = 0;
    }
    int most = b->most - w->taken, n = __builtin_popcountll(w->ahead);
    n = n < 8 ? n : 8;
    s->count = n = n < most ? n : most < 0 ? 0 : most;
    if (n == 0) return;
    // Always eight, whatever their number: a loop that ends here or there costs more than it saves. Those too many are the first once more.
    uint64_t bits = w->ahead;
    int steps[8];
    for (int k = 0; k < 8; k++, bits &= bits - 1) steps[k] = (int)_tzcnt_u64(bits);
    const __m256i first = _mm256_set1_epi32(steps[0]), lanes = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
    const __m256i all = _mm256_blendv_epi8(first, _mm256_setr_epi32(steps[0], steps[1], steps[2], steps[3], steps[4], steps[5], steps[6], steps[7]),
                                           _mm256_cmpgt_epi32(_mm256_set1_epi32(n), lanes));
    const __m256 t = _mm256_add_ps(_mm256_set1_ps(w->t), _mm256_mul_ps(_mm256_cvtepi32_ps(all), _mm256_set1_ps(step)));
    __m256i cell[3], voxel[3];
    for (int k = 0; k < 3; k++) {
        const __m256 q = _mm256_fmadd_ps(positions(w->d[k], t, origin[k]), _mm256_set1_ps(SK_BRICK_SCALE), _mm256_set1_ps(64));
        cell[k] = _mm256_cvttps_epi32(q);
        const __m256 within = _mm256_sub_ps(q, _mm256_cvtepi32_ps(cell[k]));
        voxel[k] = _mm256_cvttps_epi32(_mm256_mul_ps(within, _mm256_set1_ps(SK_BRICK_SIDE)));
        _mm256_storeu_ps(s->within[k], within);
    }
    store_bytes(s->step, all);
    store_bytes(s->height, cell[1]);
    store_bytes(s->voxel, _mm256_add_epi32(_mm256_slli_epi32(_mm256_add_epi32(_mm256_slli_epi32(voxel[0], 2), voxel[2]), 2), voxel[1]));
    _mm256_storeu_si256((__m256i *)s->at, _mm256_add_epi32(_mm256_slli_epi32(cell[0], 7), cell[2]));
    for (int k = 0; k < 8; k++) _mm_prefetch((const char *)(b->columns + s->at[k]), _MM_HINT_T0);
}

// Reads those columns and calls for the rows of the table.
__attribute__((target("avx2,fma,popcnt"), always_inline))
static inline void find_rows(const sk_baked *b, look *s) {
    if (s->count == 0) return;
    for (int k = 0; k < 8; k++) {
        const sk_baked_column *c = b->columns + s->at[k];
        const int half = s->height[k] >> 6 & 1;
        const uint64_t bits = c->bits[half], own = (uint64_t)1 << (s->height[k] & 63);
        const int row = c->first[half] + __builtin_popcountll(bits & (own - 1));
        s->at[k] = bits & own ? row : 0;
        _mm_prefetch((const char *)(b->table + s->at[k]), _MM_HINT_T0);
    }
}

// Reads those rows and calls for the corners of the bricks. Nothing is looked at behind a sample that asks, nor behind the fourth that holds anything.
__attribute__((target("avx2,fma,bmi,popcnt"), always_inline))
static inline void find_bricks(const sk_baked *b, const sk_baked_mixed *ready, look *s) {
    s->held = s->asks = 0;
    if (s->count == 0) return;
    int held = 0, asks = 0;
    for (int k = 0; k < 8; k++) {
        const sk_baked_cell *row = b->table + s->at[k];
        const uint64_t *asking = b->moving ? &row->asks_moving : &row->asks;
        held |= (int)(row->holds >> s->voxel[k] & 1) << k;
        asks |= (int)(*asking >> s->voxel[k] & 1) << k;
    }
    held &= (1 << s->count) - 1;
    asks &= held;
    asks &= -asks;
    // Up to the one that asks.
    if (asks) held &= asks - 1;
    int known = held;
    for (int k = 0; k < 3; k++) known &= known - 1;
    // The fourth that is held is the last.
    const int fourth = known & -known;
    if (fourth) {
        held &= 2 * fourth - 1;
        asks = 0;
    }
    s->count = asks ? __builtin_ctz(asks) + 1 : fourth ? __builtin_ctz(fourth) + 1 : s->count;
    s->held = held;
    s->asks = asks;
    for (; held; held &= held - 1) {
        const int k = __builtin_ctz(held);
        const sk_baked_cell *row = b->table + s->at[k];
        s->at[k] = row->brick;
        s->scale[k] = row->scale;
        const char *p = (const char *)corner_of(b, row->brick, s->voxel[k]);
        // Eight bytes at each of four corners, the last of which lies beyond the next line as often as not.
        enum { beside = 4 * brick_line, behind = beside * brick_line };
        _mm_prefetch(p, _MM_HINT_T0);
        _mm_prefetch(p + beside + 7, _MM_HINT_T0);
        _mm_prefetch(p + behind, _MM_HINT_T0);
        _mm_prefetch(p + behind + beside + 7, _MM_HINT_T0);
        _mm_prefetch((const char *)(ready->stamps + row->brick), _MM_HINT_T0);
    }
}

// Calls for the terms of those bricks: mixed ones, or those that are still to be mixed.
static inline void find_terms(const sk_baked *b, const sk_baked_mixed *ready, const look *s) {
    for (int left = s->held; left; left &= left - 1) {
        const long brick = s->at[__builtin_ctz(left)];
        if (__atomic_load_n(ready->stamps + brick, __ATOMIC_RELAXED) == ready->frame) {
            _mm_prefetch((const char *)(ready->corners + 32 * brick), _MM_HINT_T0);
        } else {
            const char *p = (const char *)b->terms + SK_BRICK_TERM_BYTES * brick;
            for (int line = 0; line < SK_BRICK_TERM_BYTES; line += 64) _mm_prefetch(p + line, _MM_HINT_T0);
            _mm_prefetch((const char *)((const sk_brick *)b->bricks + brick)->base, _MM_HINT_T0);
        }
    }
}

enum { together = 8 };
// Rays that go through all of this side by side.
typedef struct { int count; look rays[together]; } group;

// The original ends a ray where less light is left, and asks for no sample behind that one.
static const float original_end = 1e-4f;

// Adds what was found to the pixels of a group: the next sample of all of its rays at once. Positions of those that ask go to x, y, z.
__attribute__((target("avx2,fma,f16c"), always_inline))
static inline void composite(const sk_baked *b, const sk_baked_mixed *ready, const float *origin, float step, sk_ray *rays, float *pixels, group *g,
                             float *x, float *y, float *z) {
    // Samples that are left, and the one in hand.
    int left[together], last[together], going = 0, gone = 0;
    float light[together];
    for (int r = 0; r < g->count; r++) {
        left[r] = g->rays[r].held;
        light[r] = 1 - pixels[4L * g->rays[r].pixel + 3];
        if (left[r]) going |= 1 << r;
    }
    while (going) {
        __m128 value[together];
        _Alignas(32) float logit[together] = { 0 }, alpha[together];
        int drawn = 0;
        for (int these = going; these; these &= these - 1) {
            const int r = __builtin_ctz(these);
            look *s = g->rays + r;
            const int k = __builtin_ctz(left[r]);
            left[r] &= left[r] - 1;
            last[r] = k;
            _Alignas(32) uint16_t spare[32];
            const uint16_t *corners = mixed_terms(b, ready, s->at[k], spare);
            const int v = s->voxel[k], voxel[3] = { v >> 4, v & 3, v >> 2 & 3 };
            value[r] = mixed(corner_of(b, s->at[k], v), s->scale[k], corners, voxel, s->within[0][k], s->within[1][k], s->within[2][k]);
            logit[r] = _mm_cvtss_f32(_mm_shuffle_ps(value[r], value[r], 0xFF));
            // Colour within the network's own range, and 1 for the opacity.
            value[r] = _mm_blend_ps(_mm_min_ps(_mm_max_ps(value[r], _mm_set1_ps(-0.001f)), _mm_set1_ps(1.001f)), _mm_set1_ps(1), 8);
            drawn |= 1 << r;
        }
        const __m256 sigma = power_of_two(_mm256_mul_ps(_mm256_load_ps(logit), _mm256_set1_ps(1.442695041f)));
        _mm256_store_ps(alpha, _mm256_sub_ps(_mm256_set1_ps(1), power_of_two(_mm256_mul_ps(sigma, _mm256_set1_ps(-step * 1.442695041f)))));
        for (; drawn; drawn &= drawn - 1) {
            const int r = __builtin_ctz(drawn);
            look *s = g->rays + r;
            float *pixel = pixels + 4L * s->pixel;
            float weight = alpha[r] * light[r];
            // The last sample gets all that is left: what lies behind it looks much like it.
            const int full = light[r] - weight < b->opaque;
            if (light[r] - weight < original_end) gone |= 1 << r;
            if (full) weight = light[r];
            _mm_storeu_ps(pixel, _mm_fmadd_ps(_mm_set1_ps(weight), value[r], _mm_loadu_ps(pixel)));
            light[r] -= weight;
            if (full) {
                rays[s->pixel].ahead = rays[s->pixel].beyond = 0;
                s->count = last[r] + 1;
                s->asks = 0;
                left[r] = 0;
            }
            if (!left[r]) going &= ~(1 << r);
        }
    }
    for (int r = 0; r < g->count; r++) {
        const look *s = g->rays + r;
        sk_ray *w = rays + s->pixel;
        // Where the last of them lies; what does not ask is left out in the end.
        const int end = s->step[s->count ? s->count - 1 : 0];
        const __m256 t = _mm256_set1_ps(w->t + (float)end * step);
        x[s->place] = s->asks ? _mm256_cvtss_f32(positions(w->d[0], t, origin[0])) : NAN;
        y[s->place] = _mm256_cvtss_f32(positions(w->d[1], t, origin[1]));
        z[s->place] = _mm256_cvtss_f32(positions(w->d[2], t, origin[2]));
        w->taken += s->count - (gone >> r & 1);
        // The steps that were looked at are gone.
        if (s->count) w->ahead &= ~(((uint64_t)2 << end) - 1);
    }
}

__attribute__((target("avx2,fma,f16c,bmi,popcnt")))
long sk_baked_follow(const sk_baked *b, const sk_baked_mixed *ready, sk_ray *rays, float *pixels, const float *origin, float step,
                     const int32_t *list, long count, float *x, float *y, float *z, int32_t *ends) {
    // While columns, rows, bricks and terms of some rays are on their way, others are looked at: one group in each stage. A ray that goes on
    // queues up again; the queue is a ring in `ends`, where no ray stands twice.
    enum { stages = 6 };
    group groups[stages];
    for (int k = 0; k < stages; k++) groups[k].count = 0;
    for (long k = 0; k < count; k++) ends[k] = (int32_t)k;
    long front = 0, waiting = count;
    int flying = 0;
    for (unsigned turn = 0; waiting || flying; turn++) {
        group *g = groups + turn % stages;
        g->count = waiting < together ? (int)waiting : together;
        waiting -= g->count;
        for (int r = 0; r < g->count; r++) {
            const int32_t place = ends[front];
            if (++front == count) front = 0;
            g->rays[r].place = place;
            g->rays[r].pixel = list[place];
            _mm_prefetch((const char *)(rays + list[place]), _MM_HINT_T0);
        }
        flying += g->count > 0;
        g = groups + (turn + stages - 1) % stages;
        for (int r = 0; r < g->count; r++) {
            find_cells(b, origin, step, rays + g->rays[r].pixel, g->rays + r);
            _mm_prefetch((const char *)(pixels + 4L * g->rays[r].pixel), _MM_HINT_T0);
        }
        g = groups + (turn + stages - 2) % stages;
        for (int r = 0; r < g->count; r++) find_rows(b, g->rays + r);
        g = groups + (turn + stages - 3) % stages;
        for (int r = 0; r < g->count; r++) find_bricks(b, ready, g->rays + r);
        g = groups + (turn + stages - 4) % stages;
        for (int r = 0; r < g->count; r++) find_terms(b, ready, g->rays + r);
        g = groups + (turn + stages - 5) % stages;
        if (g->count == 0) continue;
        composite(b, ready, origin, step, rays, pixels, g, x, y, z);
        for (int r = 0; r < g->count; r++) {
            const sk_ray *w = rays + g->rays[r].pixel;
            if (g->rays[r].asks || !(w->ahead | w->beyond) || w->taken >= b->most) continue;
            ends[(front + waiting) % count] = g->rays[r].place;
            waiting++;
        }
        g->count = 0;
        flying--;
    }
    // Those that ask, in the order of the list.
    long n = 0;
    for (long k = 0; k < count; k++) {
        const int asks = x[k] == x[k];
        x[n] = x[k]; y[n] = y[k]; z[n] = z[k];
        n += asks;
        ends[k] = (int32_t)n;
    }
    return n;
}
