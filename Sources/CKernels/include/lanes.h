// Loops with sixteen lanes, for processors with AVX-512; which lanes are used. Results have the same bits as with eight.
#pragma once
#include <stdint.h>

/// Lanes of 32 bits that loops of this build may have on this processor: 16 with AVX-512 (F, VL, BW, DQ), else 8. A build without AVX2 has 8.
int sk_lanes_most(void);
/// Lanes that loops take now, at first as many as there are; 8 or 16.
int sk_lanes(void);
void sk_use_lanes(int lanes);

/// How the outputs of a layer stand in blocks: those of six, of five, of four.
typedef struct { int sixes, fives, fours; } sk_blocks;

/// y = W x; `weights` block by block, [inputs][outputs of the block]. `count` is a multiple of 16, at most a tile's.
void sk_dense_forward(const float *weights, long inputs, const sk_blocks *blocks, const float *x, float *y, long count, int rectify, int adding);
/// The same of one output alone.
void sk_dense_row(const float *weights, long inputs, const float *x, float *y, long count);
/// gradient[r][c] += sum over samples of dy[r] x[c]: `outputs` (a multiple of four) rows of `width` (a multiple of 16) floats; `pitch` floats of x a sample.
void sk_dense_weight_gradient(const float *dy, long outputs, const float *x, long pitch, long width, long count, float *gradient);

/// 192 multiply-adds a step, sixteen at a time, in registers: the most that a core can do. The sum is only there so that it is used.
float sk_multiply_adds(long steps);

/// One resolution of a grid over a plane: cells along a side minus the half cells at its ends; where its rows begin and how many there are from a row of
/// cells to the next; the bits of a row number where it wraps; whether it is hashed.
typedef struct { float scale; uint32_t offset, stride, mask; int hashed; } sk_grid_level;
/// Bilinear values of a grid of one or two features at `count` positions (at most a tile's) in -bound...bound, zeros beyond; row l * features + f of `out`,
/// `pitch` floats apart, is feature f of level l. Reads and writes up to the next multiple of eight.
void sk_grid_look(const float *table, const sk_grid_level *levels, long level_count, int features, float bound, const float *x, const float *y, long count,
                  float *out, long pitch);
