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

/// Positions of a tile, at most.
enum { SK_PLANES_MOST = 80 };
/// Bilinear values of the dense grids of three planes (x, y), (y, z), (x, z), `size` floats from one to the next, at `count` positions in
/// -1...1 (beyond: at the border): a row of `pitch` floats a level, plane by plane. Rows of the first grid follow x, of the others z; each
/// number of a row is followed by the one below it, so that a row holds twice its stride.
/// Reads and writes up to the next multiple of eight.
void sk_planes_look(const float *table, long size, const sk_plane_level *levels, long levelCount, const float *x, const float *y, const float *z,
                    long count, float *out, long pitch);
/// Bilinear values of wrapping grids of two features over one plane; behind the last row of a level stands its first once more. Two rows a level.
void sk_plane_look_two(const float *table, const sk_plane_level *levels, long levelCount, const float *x, const float *y, long count, float *out, long pitch);

/// Copies the columns whose bits are set in `keep` (a byte for eight columns, at most 16 bytes) of `rows` rows side by side.
/// There is room for `room` columns, at least as many as are picked; those behind the picked ones may be overwritten.
void sk_pick_columns(const float *in, long rows, long groups, const uint8_t *keep, float *out, long pitch, long room);

/// Which of the next 128 steps of eight rays lie in occupied cells of the cube -1...1: bit k of `low`, then `high`, is step k from
/// `start`; no bit from `far` on, and at most `most` (above 0) of a ray, the first ones. `cells`: bit (y & 31) of word (x * 128 + z) * 4 + (y >> 5).
void sk_ray_masks(const uint32_t *cells, const float *origin, const float *dx, const float *dy, const float *dz, const float *start, const float *far,
                  float step, int most, uint64_t *low, uint64_t *high);

/// Rays in arrays: first step, a bit for each of the 64 steps from there that is still to be taken, and those behind them; directions; samples taken.
typedef struct {
    float *t;
    uint64_t *ahead, *beyond;
    const float *dx, *dy, *dz;
    int32_t *taken;
} sk_ray_state;

/// Rays under way in slots: number of the ray, samples that it took, the bits of its steps ahead, first step, direction, and the opacity before it.
/// Each array has room for seven more.
typedef struct {
    int32_t *ray, *taken;
    uint32_t *low, *high;
    float *t, *dx, *dy, *dz, *opacity;
} sk_march;

/// A ray ends where less than `opaque` of the light is left or with `most` samples; colours of weights up to `negligible` do not matter.
typedef struct { float opaque, negligible, step; int32_t most; } sk_march_limits;

/// Samples whose colours matter: number, weight and direction of the ray. Each array has room for seven more.
typedef struct { int32_t *ray; float *weight, *dx, *dy, *dz; } sk_shaded;

/// Gives those rays of a list that have a sample ahead slots behind the first `slots`; the result is how many are taken then.
/// Opacity is the fourth number of a ray's pixel.
long sk_march_enter(const sk_march *m, long slots, const sk_ray_state *rays, const float *pixels, const int32_t *list, long count, float step);
/// Takes the next step of the ray in each slot; the places (within -1...1) go to x, y, z, each with room for seven more.
void sk_march_place(const sk_march *m, long slots, const float *origin, float step, float *x, float *y, float *z);
/// Adds opacities of samples to the rays of the slots `start..<start + count`. Those that go on move to the slots behind the first `*going`, at most `start`;
/// the others take their state and opacity home. What matters is noted behind the first `waiting` and as bits of `keep`; the result is how many do.
long sk_march_weigh(const sk_march *m, long start, long count, long *going, const float *alpha, const sk_march_limits *limits, const sk_ray_state *rays, float *pixels,
                    uint8_t *keep, const sk_shaded *shaded, long waiting);

/// Gives every pixel of a row of `count`, `step` pixels apart from `first` on, the mean of its neighbours (`a` and `b` pixels away, on both sides)
/// where they differ by at most `edge` and bend by at most `bend`. The numbers of the others go to `wanted`; the result is how many there are.
long sk_between(float *pixels, long first, long step, long count, long a, long b, float edge, float bend, int32_t *wanted);

/// Puts `count` pixels behind premultiplied ones: sums of `terms` terms under `factors`; for each pair of pixels and each term eight
/// half floats (premultiplied colour and opacity of both).
void sk_terms_under(const uint16_t *values, const float *factors, long terms, long count, float *pixels);

/// Bricks: (SK_BRICK_SIDE + 1)^3 corners, y fastest, then z, of colour and density logit, then SK_BRICK_TERMS terms of the cell's eight
/// corners in the same order: SK_BRICK_VIEW_TERMS of the view, SK_BRICK_SOUND_TERMS of the sound, the eyes'. Numbers of eight bits (brick.h).
/// Bytes of a brick, and of its terms, which lie in memory of their own.
enum { SK_BRICK_SIDE = 4, SK_BRICK_TERMS = 12, SK_BRICK_VIEW_TERMS = 3, SK_BRICK_SOUND_TERMS = 7, SK_BRICK_BYTES = 512, SK_BRICK_TERM_BYTES = 384 };

/// Baked cells along a unit of the cube -1...1, whose middle is between cells 63 and 64. Corners of bricks are corners of the planes' finest
/// level: 511 of its cells along a side, four along a brick.
#define SK_BRICK_SCALE 63.875f

/// What a cell of a baked field holds: a bit for each of its 4^3 voxels (y lowest, then z) that holds anything; that asks the network;
/// that asks it while the eyes move; and the brick of the others with its scales (`sk_brick_scale`).
typedef struct {
    uint64_t holds, asks, asks_moving;
    int32_t brick;
    uint32_t scale;
} sk_baked_cell;

/// Bricks' bases and terms as one frame sees them, 32 half floats each, mixed when the first ray needs them. Brick n is ready while `stamps[n]` is `frame`, and being
/// mixed by somebody while it is `frame + 1`; frames are even.
typedef struct {
    uint16_t *corners;
    uint32_t *stamps;
    uint32_t frame;
} sk_baked_mixed;

/// The cells of a column of 128 along y: a bit for each that is not nothing, and the table's row of the first of each 64. Rows of one
/// column follow one another.
typedef struct {
    uint64_t bits[2];
    int32_t first[2];
} sk_baked_column;

/// A baked field as one frame sees it. Cells of SK_BRICK_SCALE stand in columns, index x * 128 + z.
typedef struct {
    const sk_baked_column *columns;
    const sk_baked_cell *table;
    const uint8_t *bricks;
    const int8_t *terms;
    /// 1 while the eyes move, else 0.
    int moving;
    /// Factors of the terms.
    float factors[SK_BRICK_TERMS];
    /// Less light than this does not go on; nor do rays of this many samples.
    float opaque;
    int most;
} sk_baked;

/// A ray of a picture, in a cache line of its own: direction; first step, a bit for each of the 64 steps from there that is still to be
/// taken, and those behind them; samples that it took.
typedef struct {
    float d[3], t;
    uint64_t ahead, beyond;
    int32_t taken, reserved[7];
} sk_ray;

/// Follows the rays of a list (numbers of their pixels) over their baked samples, which are added to the premultiplied pixels, each up to a sample that asks the network.
/// Positions of those go to x, y, z (`count` floats each); `ends[k]` is how many there are up to the k-th ray of the list; the result how many in all.
/// `ready` belongs to one frame; any number of threads may share it.
long sk_baked_follow(const sk_baked *baked, const sk_baked_mixed *ready, sk_ray *rays, float *pixels, const float *origin, float step,
                     const int32_t *list, long count, float *x, float *y, float *z, int32_t *ends);
/// Colour and logit at places of a brick, 0...1 on each axis.
void sk_baked_look(const uint8_t *brick, const int8_t *terms, const float *factors, const float *places, long count, float *out);

/// Fits a brick to `runs` times `each` samples: places (three numbers 0...1), colour and logit (four); `factors` of each run. What is not
/// opaque counts little. `memory` holds `sk_brick_fit_floats` floats.
void sk_brick_fit(int runs, int each, const float *places, const float *factors, const float *values, float step, float *memory,
                  uint8_t *brick, int8_t *terms);
long sk_brick_fit_floats(int runs, int each);
/// What stands for the scales of a brick's channels in the rows of the table.
uint32_t sk_brick_scale(const uint8_t *brick);
