// Rays under way, eight at a time: the places of their next samples, what a sample leaves of their light, and who goes on. In Swift, ray by
// ray, this took four times as long: whether a ray ends and whether a colour matters is a guess of the processor each time.
#include "CKernels.h"
#include <immintrin.h>
#pragma STDC FP_CONTRACT OFF

// t after n rounded steps: while the exponent stays, all of them are the same whole number of the last place.
static inline float after(float t, int n, float step) {
    union { float f; uint32_t u; } a = { t }, b = { t + (float)n * ((t + step) - t) };
    if (!((a.u ^ b.u) & 0x7F800000)) return b.f;
    for (; n > 0; n--) t += step;
    return t;
}

static inline void put_ahead(const sk_march *m, long slot, uint64_t bits) {
    m->low[slot] = (uint32_t)bits;
    m->high[slot] = (uint32_t)(bits >> 32);
}

long sk_march_enter(const sk_march *m, long slots, const sk_ray_state *rays, const float *pixels, const int32_t *list, long count, float step) {
    for (long k = 0; k < count; k++) {
        const int32_t r = list[k];
        uint64_t ahead = rays->ahead[r];
        float t = rays->t[r];
        if (ahead == 0) {
            if ((ahead = rays->beyond[r]) == 0) continue;
            t = after(t, 64, step);
            rays->beyond[r] = 0;
        }
        m->ray[slots] = r;
        m->taken[slots] = rays->taken[r];
        put_ahead(m, slots, ahead);
        m->t[slots] = t;
        m->dx[slots] = rays->dx[r];
        m->dy[slots] = rays->dy[r];
        m->dz[slots] = rays->dz[r];
        m->opacity[slots++] = pixels[4 * (long)r + 3];
    }
    return slots;
}

__attribute__((target("avx2,fma"), always_inline))
static inline void put_places(float origin, const float *d, __m256 t, float *out) {
    __m256 p = _mm256_add_ps(_mm256_set1_ps(origin), _mm256_mul_ps(_mm256_loadu_ps(d), t));
    _mm256_storeu_ps(out, _mm256_min_ps(_mm256_max_ps(p, _mm256_set1_ps(-1)), _mm256_set1_ps(1)));
}

// Takes the lowest bit of 64 in each lane; which one it was.
__attribute__((target("avx2,fma"), always_inline))
static inline __m256i lowest(uint32_t *low, uint32_t *high) {
    const __m256i l = _mm256_loadu_si256((const __m256i *)low), h = _mm256_loadu_si256((const __m256i *)high), ones = _mm256_set1_epi32(-1);
    const __m256i upper = _mm256_cmpeq_epi32(l, _mm256_setzero_si256()), word = _mm256_blendv_epi8(l, h, upper);
    const __m256i rest = _mm256_and_si256(word, _mm256_add_epi32(word, ones));
    _mm256_storeu_si256((__m256i *)low, _mm256_andnot_si256(upper, rest));
    _mm256_storeu_si256((__m256i *)high, _mm256_blendv_epi8(h, rest, upper));
    // A power of two as a float says which in its exponent; the highest bit comes out negative.
    const __m256i single = _mm256_castps_si256(_mm256_cvtepi32_ps(_mm256_xor_si256(word, rest)));
    const __m256i exponent = _mm256_and_si256(_mm256_srli_epi32(single, 23), _mm256_set1_epi32(255));
    return _mm256_add_epi32(_mm256_sub_epi32(exponent, _mm256_set1_epi32(127)), _mm256_and_si256(upper, _mm256_set1_epi32(32)));
}

// Whether exponents differ in any lane.
__attribute__((target("avx2,fma"), always_inline))
static inline int grows(__m256 a, __m256 b) { return !_mm256_testz_si256(_mm256_castps_si256(_mm256_xor_ps(a, b)), _mm256_set1_epi32(0x7F800000)); }

// Places after n rounded steps where some lanes cross a power of two; `at` is right for the others. Up to the last place below it all steps are
// the same, the next one is rounded on its own, and those behind it are the same again. Rays that cross two powers are walked.
__attribute__((target("avx2,fma"), noinline))
static __m256 across(__m256 t, __m256i n, __m256 at, __m256 stride, float step) {
    const __m256i exponent = _mm256_set1_epi32(0x7F800000), unit = _mm256_set1_epi32(0x800000), bits = _mm256_castps_si256(t);
    const __m256 steps = _mm256_cvtepi32_ps(n), one = _mm256_set1_ps(1);
    const __m256 power = _mm256_castsi256_ps(_mm256_add_epi32(_mm256_and_si256(bits, exponent), unit)), each = _mm256_sub_ps(_mm256_add_ps(t, stride), t);
    __m256 below = _mm256_floor_ps(_mm256_div_ps(_mm256_sub_ps(power, t), each));
    const __m256 reached = _mm256_cmp_ps(_mm256_add_ps(t, _mm256_mul_ps(below, each)), power, _CMP_GE_OQ);
    below = _mm256_sub_ps(below, _mm256_and_ps(reached, one));
    const __m256 over = _mm256_add_ps(_mm256_add_ps(t, _mm256_mul_ps(below, each)), stride);
    const __m256 rest = _mm256_sub_ps(steps, _mm256_add_ps(below, one));
    const __m256 end = _mm256_add_ps(over, _mm256_mul_ps(rest, _mm256_sub_ps(_mm256_add_ps(over, stride), over)));
    const __m256i same = _mm256_cmpeq_epi32(_mm256_and_si256(_mm256_castps_si256(at), exponent), _mm256_and_si256(bits, exponent));
    const __m256 found = _mm256_blendv_ps(end, at, _mm256_castsi256_ps(same));
    if (!grows(found, _mm256_blendv_ps(over, t, _mm256_castsi256_ps(same)))) return found;
    float places[8];
    int counts[8];
    _mm256_storeu_ps(places, t);
    _mm256_storeu_si256((__m256i *)counts, n);
    for (int k = 0; k < 8; k++) places[k] = after(places[k], counts[k], step);
    return _mm256_loadu_ps(places);
}

__attribute__((target("avx2,fma")))
void sk_march_place(const sk_march *m, long slots, const float *origin, float step, float *x, float *y, float *z) {
    const __m256 stride = _mm256_set1_ps(step);
    for (long i = 0; i < slots; i += 8) {
        const __m256i n = lowest(m->low + i, m->high + i);
        const __m256 t = _mm256_loadu_ps(m->t + i);
        __m256 at = _mm256_add_ps(t, _mm256_mul_ps(_mm256_cvtepi32_ps(n), _mm256_sub_ps(_mm256_add_ps(t, stride), t)));
        if (grows(at, t)) at = across(t, n, at, stride, step);
        put_places(origin[0], m->dx + i, at, x + i);
        put_places(origin[1], m->dy + i, at, y + i);
        put_places(origin[2], m->dz + i, at, z + i);
    }
}

// The lanes whose bits are set, in order.
__attribute__((target("avx2,bmi2"), always_inline))
static inline __m256i picked(unsigned bits) {
    const uint64_t bytes = _pdep_u64(bits, 0x0101010101010101ULL) * 0xFF;
    return _mm256_cvtepu8_epi32(_mm_cvtsi64_si128((long long)_pext_u64(0x0706050403020100ULL, bytes)));
}

__attribute__((target("avx2"), always_inline))
static inline void move(void *to, const void *from, __m256i order) {
    _mm256_storeu_si256((__m256i *)to, _mm256_permutevar8x32_epi32(_mm256_loadu_si256((const __m256i *)from), order));
}

static inline void leave(const sk_march *m, long slot, const sk_ray_state *rays, float *pixels) {
    const int32_t r = m->ray[slot];
    rays->ahead[r] = (uint64_t)m->high[slot] << 32 | m->low[slot];
    rays->t[r] = m->t[slot];
    rays->taken[r] = m->taken[slot];
    pixels[4 * (long)r + 3] = m->opacity[slot];
}

// Whether a ray whose 64 steps are done has others behind them.
static inline int goes_beyond(const sk_march *m, long slot, const sk_ray_state *rays, float step) {
    const int32_t r = m->ray[slot];
    if (rays->beyond[r] == 0) return 0;
    m->t[slot] = after(m->t[slot], 64, step);
    put_ahead(m, slot, rays->beyond[r]);
    rays->beyond[r] = 0;
    return 1;
}

__attribute__((target("avx2,fma,bmi,bmi2")))
long sk_march_weigh(const sk_march *m, long start, long count, long *going, const float *alpha, const sk_march_limits *limits, const sk_ray_state *rays, float *pixels,
                    uint8_t *keep, const sk_shaded *shaded, long waiting) {
    const __m256 one = _mm256_set1_ps(1);
    const __m256i most = _mm256_set1_epi32(limits->most);
    long next = *going, n = waiting;
    for (long first = 0; first < count; first += 8) {
        const long i = start + first;
        const unsigned valid = count - first >= 8 ? 0xFF : (1u << (count - first)) - 1;
        const __m256 before = _mm256_loadu_ps(m->opacity + i);
        const __m256 weight = _mm256_mul_ps(_mm256_loadu_ps(alpha + first), _mm256_sub_ps(one, before)), sum = _mm256_add_ps(before, weight);
        _mm256_storeu_ps(m->opacity + i, sum);
        const unsigned matters = valid & (unsigned)_mm256_movemask_ps(_mm256_cmp_ps(weight, _mm256_set1_ps(limits->negligible), _CMP_GT_OQ));
        keep[first / 8] = (uint8_t)matters;
        if (matters) {
            const __m256i order = picked(matters);
            _mm256_storeu_ps(shaded->weight + n, _mm256_permutevar8x32_ps(weight, order));
            move(shaded->ray + n, m->ray + i, order);
            move(shaded->dx + n, m->dx + i, order);
            move(shaded->dy + n, m->dy + i, order);
            move(shaded->dz + n, m->dz + i, order);
            n += __builtin_popcount(matters);
        }
        // The original would take one sample more of a ray that ends; it weighs less than what is negligible.
        const __m256 ended = _mm256_cmp_ps(_mm256_sub_ps(one, sum), _mm256_set1_ps(limits->opaque), _CMP_LT_OQ);
        const __m256i taken = _mm256_add_epi32(_mm256_loadu_si256((const __m256i *)(m->taken + i)), _mm256_andnot_si256(_mm256_castps_si256(ended), _mm256_set1_epi32(1)));
        _mm256_storeu_si256((__m256i *)(m->taken + i), taken);
        const __m256i more = _mm256_andnot_si256(_mm256_castps_si256(ended), _mm256_cmpgt_epi32(most, taken));
        unsigned on = valid & (unsigned)_mm256_movemask_ps(_mm256_castsi256_ps(more));
        const __m256i ahead = _mm256_or_si256(_mm256_loadu_si256((const __m256i *)(m->low + i)), _mm256_loadu_si256((const __m256i *)(m->high + i)));
        const __m256i done = _mm256_cmpeq_epi32(ahead, _mm256_setzero_si256());
        for (unsigned left = on & (unsigned)_mm256_movemask_ps(_mm256_castsi256_ps(done)); left; left &= left - 1)
            if (!goes_beyond(m, i + __builtin_ctz(left), rays, limits->step)) on &= ~(left & -left);
        for (unsigned left = valid & ~on; left; left &= left - 1) leave(m, i + __builtin_ctz(left), rays, pixels);
        const __m256i order = picked(on);
        move(m->ray + next, m->ray + i, order);
        move(m->taken + next, m->taken + i, order);
        move(m->low + next, m->low + i, order);
        move(m->high + next, m->high + i, order);
        move(m->t + next, m->t + i, order);
        move(m->dx + next, m->dx + i, order);
        move(m->dy + next, m->dy + i, order);
        move(m->dz + next, m->dz + i, order);
        move(m->opacity + next, m->opacity + i, order);
        next += __builtin_popcount(on);
    }
    *going = next;
    return n - waiting;
}
