// The few leaf loops that Swift cannot say, and the check for the instruction set.
#pragma once
#include <stdint.h>

/// 1 when the processor has AVX2, FMA and F16C.
int sk_cpu_is_supported(void);
/// IEEE half precision to single, `count` values.
void sk_half_to_float(const uint16_t *in, float *out, long count);
/// Single precision to IEEE half (round to nearest even), `count` values.
void sk_float_to_half(const float *in, uint16_t *out, long count);

/// Transposes `rows` rows (a multiple of 8) of `count` values (padded to a multiple of 8 in memory): out[s * outStride + r] = in[r * inStride + s].
void sk_transpose(const float *in, long inStride, long rows, long count, float *out, long outStride);

/// One resolution of a grid over a plane: cells along a side minus the half cells at its ends, floats (of two features: rows of the
/// table) from a row to the next, where it begins (floats), and the bits of a row number where it wraps.
typedef struct { float scale; int stride; long offset; uint32_t mask; } sk_plane_level;

/// Bilinear values of dense grids of one feature at `count` positions in -1...1 (beyond: at the border), a row of `pitch` floats a level.
/// Reads and writes up to the next multiple of eight.
void sk_plane_look(const float *table, const sk_plane_level *levels, long levelCount, const float *x, const float *y, long count, float *out, long pitch);
/// The same of wrapping grids of two features; behind the last row of a level stands its first once more. Two rows a level.
void sk_plane_look_two(const float *table, const sk_plane_level *levels, long levelCount, const float *x, const float *y, long count, float *out, long pitch);

/// Copies the columns whose bits are set in `keep` (a byte for eight columns, at most 16 bytes) of `rows` rows side by side.
/// Writes up to eight columns more than it picks.
void sk_pick_columns(const float *in, long rows, long groups, const uint8_t *keep, float *out, long pitch);

/// Which of the next 128 steps of eight rays lie in occupied cells of the cube -1...1: bit k of `low`, then `high`, is step k from
/// `start`; no bit from `far` on. `cells`: bit (y & 31) of word (x * 128 + z) * 4 + (y >> 5).
void sk_ray_masks(const uint32_t *cells, const float *origin, const float *dx, const float *dy, const float *dz, const float *start, const float *far,
                  float step, uint64_t *low, uint64_t *high);

/// A field without conditions: cells of the cube as in `sk_ray_masks`, index (x * 128 + z) * 128 + y. A cell is 0 (nothing), negative
/// (asks the network) or twice the number of its brick, plus 1 where it asks the network while the eyes move. A brick holds
/// (side + 1)^3 corners, y fastest, then z, of 16 half floats: colour and density logit, and three terms of the view in the same order.
typedef struct {
    const int32_t *cells;
    const uint16_t *bricks;
    /// Half floats of a brick, and its corners on a side minus one.
    long pitch;
    int side;
    /// 1 while the eyes move, else 0.
    int moving;
    /// Factors of the view's terms.
    float view[3];
    /// Less light than this does not go on; nor do rays of this many samples.
    float opaque;
    int most;
} sk_baked;

/// Follows a ray over its baked samples and adds them to a premultiplied pixel. Steps as in `RayBundle`. 1 where a sample asks the
/// network (`place`), 0 where the ray is done.
int sk_baked_run(const sk_baked *baked, const float *origin, float dx, float dy, float dz, float step, float *start, uint64_t *ahead, uint64_t *beyond,
                 int32_t *taken, float *pixel, float *place);
/// Colour and logit at a place of a brick, 0...side on each axis.
void sk_baked_look(const sk_baked *baked, int brick, float x, float y, float z, float *out);
