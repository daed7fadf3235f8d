// Lookups in grids over a plane, and picking of columns. Both corners of a cell's row come in one load, and eight positions are
// turned round in registers. Swift has no such loads: its element-wise gathers take about three times as long (docs/radiance-fields.md).
#include "CKernels.h"
#include <immintrin.h>
#pragma STDC FP_CONTRACT OFF

typedef struct { __m256 a, b, c, d; } four;

// Four numbers of each of eight positions to four registers of eight.
__attribute__((target("avx2,fma"), always_inline))
static inline four turned(__m256 r0, __m256 r1, __m256 r2, __m256 r3) {
    __m256 t0 = _mm256_unpacklo_ps(r0, r1), t1 = _mm256_unpackhi_ps(r0, r1);
    __m256 t2 = _mm256_unpacklo_ps(r2, r3), t3 = _mm256_unpackhi_ps(r2, r3);
    four f = { _mm256_shuffle_ps(t0, t2, 0x44), _mm256_shuffle_ps(t0, t2, 0xEE), _mm256_shuffle_ps(t1, t3, 0x44), _mm256_shuffle_ps(t1, t3, 0xEE) };
    return f;
}

__attribute__((target("avx2,fma"), always_inline))
static inline __m256 mixed(__m256 a, __m256 b, __m256 t) { return _mm256_fmadd_ps(t, _mm256_sub_ps(b, a), a); }

// Coordinates of -1...1 as shares of the side. What is not a number becomes 0 here, so that no load leaves the table.
__attribute__((target("avx2,fma"), always_inline))
static inline __m256 share(__m256 x) {
    const __m256 one = _mm256_set1_ps(1);
    return _mm256_min_ps(_mm256_max_ps(_mm256_mul_ps(_mm256_add_ps(x, one), _mm256_set1_ps(0.5f)), _mm256_setzero_ps()), one);
}

// Places of eight positions on a level: whole cells, and the rest. Two roundings, as in the original.
typedef struct { __m256i column, row; __m256 x, y; } cells;

__attribute__((target("avx2,fma"), always_inline))
static inline cells placed(const float *x, const float *y, float scale) {
    const __m256 half = _mm256_set1_ps(0.5f), s = _mm256_set1_ps(scale);
    __m256 u = share(_mm256_loadu_ps(x)), v = share(_mm256_loadu_ps(y));
    __m256 px = _mm256_add_ps(_mm256_mul_ps(u, s), half), py = _mm256_add_ps(_mm256_mul_ps(v, s), half);
    __m256 fx = _mm256_floor_ps(px), fy = _mm256_floor_ps(py);
    cells c = { _mm256_cvttps_epi32(fx), _mm256_cvttps_epi32(fy), _mm256_sub_ps(px, fx), _mm256_sub_ps(py, fy) };
    return c;
}

// Places of a tile on one level of all three planes: first corners, and the rests along each axis.
typedef struct { int first[3][SK_PLANES_MOST]; float rest[3][SK_PLANES_MOST]; } places;
// The axes of each plane as the original mixes them: first, second. The table has the planes with z turned over: its columns follow the second
// axis, so that what neighbours in a row of the picture read lies in one line.
static const int first_axis[3] = { 0, 1, 0 }, second_axis[3] = { 1, 2, 2 }, turned_over[3] = { 0, 1, 1 };

// An axis is placed once for the two planes that have it; the first and the last of eight neighbours are called for, the others lie between them.
__attribute__((target("avx2,fma"), always_inline))
static inline void place(const sk_plane_level *level, const float *table, long size, const float (*shares)[SK_PLANES_MOST], long count, places *p) {
    const __m256 half = _mm256_set1_ps(0.5f), scale = _mm256_set1_ps(level->scale);
    const __m256i stride = _mm256_set1_epi32(level->stride);
    const float *grid = table + level->offset;
    for (long i = 0; i < count; i += 8) {
        __m256i cell[3];
        for (int a = 0; a < 3; a++) {
            // Two roundings, as in the original.
            __m256 at = _mm256_add_ps(_mm256_mul_ps(_mm256_load_ps(shares[a] + i), scale), half), whole = _mm256_floor_ps(at);
            cell[a] = _mm256_cvttps_epi32(whole);
            _mm256_store_ps(p->rest[a] + i, _mm256_sub_ps(at, whole));
        }
        const __m256i rows[2] = { _mm256_mullo_epi32(cell[0], stride), _mm256_mullo_epi32(cell[1], stride) };
        const __m256i corners[3] = { _mm256_add_epi32(cell[0], rows[1]), _mm256_add_epi32(cell[2], rows[1]), _mm256_add_epi32(cell[2], rows[0]) };
        for (int k = 0; k < 3; k++) {
            _mm256_store_si256((__m256i *)(p->first[k] + i), corners[k]);
            for (int last = 0; last < 8; last += 7) _mm_prefetch((const char *)(grid + k * size + 2 * (long)p->first[k][i + last]), _MM_HINT_T0);
        }
    }
}

// A row of the grid holds each number beside the one below it: the four corners of a cell follow one another.
__attribute__((target("avx2,fma"), always_inline))
static inline void look(const float *grid, int over, const int *first, const float *x, const float *y, long count, float *out) {
    for (long i = 0; i < count; i += 8) {
        __m256 r[4];
        for (int k = 0; k < 4; k++)
            r[k] = _mm256_insertf128_ps(_mm256_castps128_ps256(_mm_loadu_ps(grid + 2 * (long)first[i + k])), _mm_loadu_ps(grid + 2 * (long)first[i + k + 4]), 1);
        const four f = turned(r[0], r[1], r[2], r[3]);
        const __m256 t = _mm256_load_ps(x + i), b = over ? f.b : f.c, c = over ? f.c : f.b;
        _mm256_storeu_ps(out + i, mixed(mixed(f.a, b, t), mixed(c, f.d, t), _mm256_load_ps(y + i)));
    }
}

// While one level is read the next one is on its way: most of what finer levels hold comes from the third cache or from memory.
__attribute__((target("avx2,fma")))
void sk_planes_look(const float *table, long size, const sk_plane_level *levels, long levelCount, const float *x, const float *y, const float *z,
                    long count, float *out, long pitch) {
    if (count > SK_PLANES_MOST) count = SK_PLANES_MOST;
    const float *const positions[3] = { x, y, z };
    float shares[3][SK_PLANES_MOST] __attribute__((aligned(32)));
    places ahead[2] __attribute__((aligned(32)));
    for (int a = 0; a < 3; a++)
        for (long i = 0; i < count; i += 8) _mm256_store_ps(shares[a] + i, share(_mm256_loadu_ps(positions[a] + i)));
    place(levels, table, size, shares, count, ahead);
    for (long l = 0; l < levelCount; l++) {
        if (l + 1 < levelCount) place(levels + l + 1, table, size, shares, count, ahead + (l + 1) % 2);
        const places *p = ahead + l % 2;
        for (int k = 0; k < 3; k++)
            look(table + k * size + levels[l].offset, turned_over[k], p->first[k], p->rest[first_axis[k]], p->rest[second_axis[k]], count,
                 out + (k * levelCount + l) * pitch);
    }
}

// Places on one level of a wrapping grid: both rows of cells, and the rests along both axes.
typedef struct { int upper[SK_PLANES_MOST], lower[SK_PLANES_MOST]; float x[SK_PLANES_MOST], y[SK_PLANES_MOST]; } wrapped;

__attribute__((target("avx2,fma"), always_inline))
static inline void place_two(const sk_plane_level *level, const float *table, const float *x, const float *y, long count, wrapped *p) {
    const float *grid = table + level->offset;
    const __m256i stride = _mm256_set1_epi32(level->stride), mask = _mm256_set1_epi32((int)level->mask);
    for (long i = 0; i < count; i += 8) {
        const cells c = placed(x + i, y + i, level->scale);
        const __m256i first = _mm256_add_epi32(c.column, _mm256_mullo_epi32(c.row, stride));
        _mm256_store_si256((__m256i *)(p->upper + i), _mm256_and_si256(first, mask));
        _mm256_store_si256((__m256i *)(p->lower + i), _mm256_and_si256(_mm256_add_epi32(first, stride), mask));
        _mm256_store_ps(p->x + i, c.x);
        _mm256_store_ps(p->y + i, c.y);
        // Cells are smaller than pixels here: neighbours read other lines.
        for (long k = i; k < i + 8; k++) {
            _mm_prefetch((const char *)(grid + 2 * (long)p->upper[k]), _MM_HINT_T0);
            _mm_prefetch((const char *)(grid + 2 * (long)p->lower[k]), _MM_HINT_T0);
        }
    }
}

__attribute__((target("avx2,fma")))
void sk_plane_look_two(const float *table, const sk_plane_level *levels, long levelCount, const float *x, const float *y, long count, float *out, long pitch) {
    if (count > SK_PLANES_MOST) count = SK_PLANES_MOST;
    wrapped ahead[2] __attribute__((aligned(32)));
    place_two(levels, table, x, y, count, ahead);
    for (long l = 0; l < levelCount; l++) {
        if (l + 1 < levelCount) place_two(levels + l + 1, table, x, y, count, ahead + (l + 1) % 2);
        const wrapped *p = ahead + l % 2;
        const float *grid = table + levels[l].offset;
        float *row = out + 2 * l * pitch;
        for (long i = 0; i < count; i += 8) {
            __m256 r[4], s[4];
            for (int k = 0; k < 4; k++) {
                r[k] = _mm256_set_m128(_mm_loadu_ps(grid + 2 * (long)p->upper[i + k + 4]), _mm_loadu_ps(grid + 2 * (long)p->upper[i + k]));
                s[k] = _mm256_set_m128(_mm_loadu_ps(grid + 2 * (long)p->lower[i + k + 4]), _mm_loadu_ps(grid + 2 * (long)p->lower[i + k]));
            }
            const four f = turned(r[0], r[1], r[2], r[3]), g = turned(s[0], s[1], s[2], s[3]);
            const __m256 tx = _mm256_load_ps(p->x + i), ty = _mm256_load_ps(p->y + i);
            _mm256_storeu_ps(row + i, mixed(mixed(f.a, f.c, tx), mixed(g.a, g.c, tx), ty));
            _mm256_storeu_ps(row + pitch + i, mixed(mixed(f.b, f.d, tx), mixed(g.b, g.d, tx), ty));
        }
    }
}

__attribute__((target("avx2,bmi2")))
void sk_pick_columns(const float *in, long rows, long groups, const uint8_t *keep, float *out, long pitch, long room) {
    const __m256i lanes = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
    if (groups > 16) groups = 16;
    // Group by group, so that the order stays in a register and stores do not wait for one another's place.
    for (long g = 0; g < groups; g++, in += 8) {
        if (keep[g] == 0) continue;
        const int some = __builtin_popcount(keep[g]);
        const uint64_t bytes = _pdep_u64(keep[g], 0x0101010101010101ULL) * 0xFF;
        const __m256i order = _mm256_cvtepu8_epi32(_mm_cvtsi64_si128((long long)_pext_u64(0x0706050403020100ULL, bytes)));
        const float *p = in;
        float *q = out;
        // Groups whose eight columns fit are written whole; the next one spoils what is too much of them.
        if (room >= 8) {
            for (long r = 0; r < rows; r++, p += pitch, q += pitch) _mm256_storeu_ps(q, _mm256_permutevar8x32_ps(_mm256_loadu_ps(p), order));
        } else {
            const __m256i mask = _mm256_cmpgt_epi32(_mm256_set1_epi32(some), lanes);
            for (long r = 0; r < rows; r++, p += pitch, q += pitch) _mm256_maskstore_ps(q, mask, _mm256_permutevar8x32_ps(_mm256_loadu_ps(p), order));
        }
        out += some;
        room -= some;
    }
}
