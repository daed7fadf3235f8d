// Fully connected layers with sixteen lanes, for processors that have them. The sum of each output runs over the inputs in the same order as with
// eight lanes (DenseLayer.swift), product and sum rounded once: the same bits.
#include "CKernels.h"
#include "wide.h"
#include <immintrin.h>

// Floats from one row of a tile to the next.
enum { TILE = SK_PLANES_MOST };

// `outputs` by `columns` registers of samples; both are constants where this is called, so that every sum is a register.
SK_WIDE_PART void outputs_by_columns(const int outputs, const int columns, const float *w, long inputs, const float *x, float *y, int rectify, int adding) {
    __m512 sum[6][3];
    for (int o = 0; o < outputs; o++)
        for (int c = 0; c < columns; c++) sum[o][c] = adding ? _mm512_loadu_ps(y + o * TILE + 16 * c) : _mm512_setzero_ps();
#pragma clang loop unroll_count(2)
    for (long i = 0; i < inputs; i++, w += outputs, x += TILE) {
        __m512 value[3];
        for (int c = 0; c < columns; c++) value[c] = _mm512_loadu_ps(x + 16 * c);
        for (int o = 0; o < outputs; o++) {
            const __m512 weight = _mm512_set1_ps(w[o]);
            for (int c = 0; c < columns; c++) sum[o][c] = _mm512_fmadd_ps(weight, value[c], sum[o][c]);
        }
    }
    for (int o = 0; o < outputs; o++)
        for (int c = 0; c < columns; c++) {
            // In this order what is not a number stays that.
            const __m512 v = rectify ? _mm512_max_ps(_mm512_setzero_ps(), sum[o][c]) : sum[o][c];
            _mm512_storeu_ps(y + o * TILE + 16 * c, v);
        }
}

SK_WIDE_PART void all_blocks(const int columns, const float *w, long inputs, const sk_blocks *blocks, const float *x, float *y, int rectify, int adding) {
    for (int k = 0; k < blocks->sixes; k++, w += 6 * inputs, y += 6 * TILE) outputs_by_columns(6, columns, w, inputs, x, y, rectify, adding);
    for (int k = 0; k < blocks->fives; k++, w += 5 * inputs, y += 5 * TILE) outputs_by_columns(5, columns, w, inputs, x, y, rectify, adding);
    for (int k = 0; k < blocks->fours; k++, w += 4 * inputs, y += 4 * TILE) outputs_by_columns(4, columns, w, inputs, x, y, rectify, adding);
}

// Registers of samples that are taken together, of so many that are left: never one where it can be helped, as six sums do not fill the pipeline.
static int taken(long left) { return left >= 3 && left != 4 ? 3 : left >= 2 ? 2 : 1; }

SK_WIDE
void sk_dense_forward(const float *weights, long inputs, const sk_blocks *blocks, const float *x, float *y, long count, int rectify, int adding) {
    for (long left = count / 16; left > 0;) {
        const int columns = taken(left);
        if (columns == 3) all_blocks(3, weights, inputs, blocks, x, y, rectify, adding);
        else if (columns == 2) all_blocks(2, weights, inputs, blocks, x, y, rectify, adding);
        else all_blocks(1, weights, inputs, blocks, x, y, rectify, adding);
        left -= columns;
        x += 16 * columns;
        y += 16 * columns;
    }
}

SK_WIDE_PART void row_by_columns(const int columns, const float *w, long inputs, const float *x, float *y) {
    __m512 sum[5];
    for (int c = 0; c < columns; c++) sum[c] = _mm512_setzero_ps();
    for (long i = 0; i < inputs; i++, x += TILE) {
        const __m512 weight = _mm512_set1_ps(w[i]);
        for (int c = 0; c < columns; c++) sum[c] = _mm512_fmadd_ps(weight, _mm512_loadu_ps(x + 16 * c), sum[c]);
    }
    for (int c = 0; c < columns; c++) _mm512_storeu_ps(y + 16 * c, sum[c]);
}

SK_WIDE
void sk_dense_row(const float *weights, long inputs, const float *x, float *y, long count) {
    if (count == 80) {
        row_by_columns(5, weights, inputs, x, y);
        return;
    }
    for (long s = 0; s < count; s += 16) row_by_columns(1, weights, inputs, x + s, y + s);
}

SK_WIDE_PART void rows_by_columns(const int rows, const int columns, const float *dy, const float *x, long pitch, long count, float *gradient, long width) {
    __m512 sum[8][3];
    for (int r = 0; r < rows; r++)
        for (int c = 0; c < columns; c++) sum[r][c] = _mm512_loadu_ps(gradient + r * width + 16 * c);
    for (long s = 0; s < count; s++, x += pitch) {
        __m512 value[3];
        for (int c = 0; c < columns; c++) value[c] = _mm512_loadu_ps(x + 16 * c);
        for (int r = 0; r < rows; r++) {
            const __m512 weight = _mm512_set1_ps(dy[r * TILE + s]);
            for (int c = 0; c < columns; c++) sum[r][c] = _mm512_fmadd_ps(weight, value[c], sum[r][c]);
        }
    }
    for (int r = 0; r < rows; r++)
        for (int c = 0; c < columns; c++) _mm512_storeu_ps(gradient + r * width + 16 * c, sum[r][c]);
}

SK_WIDE_PART void all_rows(const int columns, const float *dy, long outputs, const float *x, long pitch, long count, float *gradient, long width) {
    long r = 0;
    for (; r + 8 <= outputs; r += 8) rows_by_columns(8, columns, dy + r * TILE, x, pitch, count, gradient + r * width, width);
    for (; r < outputs; r += 4) rows_by_columns(4, columns, dy + r * TILE, x, pitch, count, gradient + r * width, width);
}

SK_WIDE
void sk_dense_weight_gradient(const float *dy, long outputs, const float *x, long pitch, long width, long count, float *gradient) {
    for (long left = width / 16; left > 0;) {
        const int columns = taken(left);
        if (columns == 3) all_rows(3, dy, outputs, x, pitch, count, gradient, width);
        else if (columns == 2) all_rows(2, dy, outputs, x, pitch, count, gradient, width);
        else all_rows(1, dy, outputs, x, pitch, count, gradient, width);
        left -= columns;
        x += 16 * columns;
        gradient += 16 * columns;
    }
}

// Twelve independent sums: more than two multiply-adds a cycle with four cycles of latency need.
SK_WIDE
float sk_multiply_adds(long steps) {
    const __m512 a = _mm512_set1_ps(0.999999f), b = _mm512_set1_ps(1e-7f);
    __m512 sum[12];
    for (int k = 0; k < 12; k++) sum[k] = _mm512_set1_ps((float)k);
    for (long n = 0; n < steps; n++)
        for (int k = 0; k < 12; k++) sum[k] = _mm512_fmadd_ps(sum[k], a, b);
    for (int k = 1; k < 12; k++) sum[0] = _mm512_add_ps(sum[0], sum[k]);
    return _mm512_reduce_add_ps(sum[0]);
}
