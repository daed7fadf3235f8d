// Fits a brick to samples of a network: weighted least squares by conjugate gradients, four channels side by side.
// Gathers and scatters of short vectors, which Swift would do lane by lane.
#include "brick.h"
#include <math.h>

enum { side = SK_BRICK_SIDE, line = brick_line, corners = brick_corners, terms = SK_BRICK_TERMS, unknowns = corners + 8 * terms };
// Opacities beyond these are nothing or everything: how far beyond does not matter.
static const float nothing = -3.5f, everything = 5.0f, least = -4.5f, most = 6.0f;
// What samples count that show nothing; pull of corners and of terms towards where they began.
static const float floor_weight = 1e-2f, corner_pull = 1e-5f, term_pull = 1e-2f;

typedef struct {
    int runs, each;
    const float *factors;
    // Of each sample: its first corner, weights of eight corners of its voxel and of the cell.
    int *first;
    float *fine, *coarse;
} samples;

static const int offsets[8] = { 0, 1, line, line + 1, line * line, line * line + 1, line * line + line, line * line + line + 1 };

// Values of all samples under the unknowns x.
__attribute__((target("avx2,fma")))
static void apply(const samples *s, const float *x, float *out) {
    for (int run = 0; run < s->runs; run++) {
        float cell[32] = { 0 };
        for (int t = 0; t < terms; t++) {
            const __m256 f = _mm256_set1_ps(s->factors[run * terms + t]);
            const float *z = x + 4 * (corners + 8 * t);
            for (int k = 0; k < 32; k += 8) _mm256_storeu_ps(cell + k, _mm256_fmadd_ps(f, _mm256_loadu_ps(z + k), _mm256_loadu_ps(cell + k)));
        }
        for (int i = run * s->each; i < (run + 1) * s->each; i++) {
            __m128 a = _mm_setzero_ps(), b = a;
            const float *p = x + 4 * s->first[i];
            for (int k = 0; k < 8; k++) {
                a = _mm_fmadd_ps(_mm_set1_ps(s->fine[8 * i + k]), _mm_loadu_ps(p + 4 * offsets[k]), a);
                b = _mm_fmadd_ps(_mm_set1_ps(s->coarse[8 * i + k]), _mm_loadu_ps(cell + 4 * k), b);
            }
            _mm_storeu_ps(out + 4 * i, _mm_add_ps(a, b));
        }
    }
}

// Its transpose. Density does not hang on the view.
__attribute__((target("avx2,fma")))
static void gather(const samples *s, const float *r, float *x) {
    memset(x, 0, sizeof(float) * 4 * unknowns);
    for (int run = 0; run < s->runs; run++) {
        float cell[32] = { 0 };
        for (int i = run * s->each; i < (run + 1) * s->each; i++) {
            const __m128 a = _mm_loadu_ps(r + 4 * i);
            float *p = x + 4 * s->first[i];
            for (int k = 0; k < 8; k++) {
                float *q = p + 4 * offsets[k];
                _mm_storeu_ps(q, _mm_fmadd_ps(_mm_set1_ps(s->fine[8 * i + k]), a, _mm_loadu_ps(q)));
                _mm_storeu_ps(cell + 4 * k, _mm_fmadd_ps(_mm_set1_ps(s->coarse[8 * i + k]), a, _mm_loadu_ps(cell + 4 * k)));
            }
        }
        for (int t = 0; t < terms; t++) {
            const __m256 f = _mm256_set1_ps(s->factors[run * terms + t]);
            float *z = x + 4 * (corners + 8 * t);
            for (int k = 0; k < 32; k += 8) _mm256_storeu_ps(z + k, _mm256_fmadd_ps(f, _mm256_loadu_ps(cell + k), _mm256_loadu_ps(z + k)));
        }
    }
    for (int t = 0; t < SK_BRICK_VIEW_TERMS; t++) for (int k = 0; k < 8; k++) x[4 * (corners + 8 * t + k) + 3] = 0;
}

// The diagonal of the normal equations.
__attribute__((target("avx2,fma")))
static void diagonal(const samples *s, const float *weight, float *d) {
    memset(d, 0, sizeof(float) * 4 * unknowns);
    for (int run = 0; run < s->runs; run++) {
        float cell[32] = { 0 };
        for (int i = run * s->each; i < (run + 1) * s->each; i++) {
            for (int k = 0; k < 8; k++) {
                const float a = s->fine[8 * i + k] * s->fine[8 * i + k], b = s->coarse[8 * i + k] * s->coarse[8 * i + k];
                for (int c = 0; c < 4; c++) {
                    d[4 * (s->first[i] + offsets[k]) + c] += a * weight[4 * i + c];
                    cell[4 * k + c] += b * weight[4 * i + c];
                }
            }
        }
        for (int t = 0; t < terms; t++) {
            const float f = s->factors[run * terms + t] * s->factors[run * terms + t];
            for (int k = 0; k < 32; k++) d[4 * (corners + 8 * t) + k] += f * cell[k];
        }
    }
    for (int i = 0; i < 4 * unknowns; i++) d[i] += i < 4 * corners ? corner_pull : term_pull;
}

__attribute__((target("avx2,fma")))
static void solve(const samples *s, const float *target, const float *weight, int rounds, float *x, float *memory) {
    const int n = s->runs * s->each, m = 4 * unknowns;
    float *r = memory, *z = r + m, *p = z + m, *image = p + m, *d = image + m, *value = d + m;
    float rz[4] = { 0 };
    diagonal(s, weight, d);
    apply(s, x, value);
    for (int i = 0; i < 4 * n; i++) value[i] = weight[i] * (target[i] - value[i]);
    gather(s, value, r);
    for (int i = 0; i < m; i++) { z[i] = r[i] / d[i]; p[i] = z[i]; rz[i & 3] += r[i] * z[i]; }
    for (int round = 0; round < rounds; round++) {
        float curve[4] = { 0 }, next[4] = { 0 }, a[4], b[4];
        apply(s, p, value);
        for (int i = 0; i < 4 * n; i++) value[i] *= weight[i];
        gather(s, value, image);
        for (int i = 0; i < m; i++) { image[i] += (i < 4 * corners ? corner_pull : term_pull) * p[i]; curve[i & 3] += p[i] * image[i]; }
        for (int c = 0; c < 4; c++) a[c] = curve[c] > 1e-20f ? rz[c] / curve[c] : 0;
        for (int i = 0; i < m; i++) {
            x[i] += a[i & 3] * p[i];
            r[i] -= a[i & 3] * image[i];
            z[i] = r[i] / d[i];
            next[i & 3] += r[i] * z[i];
        }
        for (int c = 0; c < 4; c++) { b[c] = rz[c] > 1e-20f ? next[c] / rz[c] : 0; rz[c] = next[c]; }
        for (int i = 0; i < m; i++) p[i] = z[i] + b[i & 3] * p[i];
    }
}

// Changes of colour and of the density's logit that are nothing to the eye: a third of an 8-bit level, as the outermost sounds are twice as far out.
static const float unseen_color = 1.5e-3f, unseen_logit = 0.027f;

// Takes from the terms of the sound what is only noise of the fit: of each term's energy over the cell's corners as much as its residual
// explains, and what nobody would see. What hardly hangs on the sound then stands still while somebody speaks. `rest`: values of the samples under x.
static void calm(const samples *s, const float *target, const float *weight, const float *rest, const float *curve, float *x) {
    double error[4] = { 0 }, all[4] = { 0 };
    for (int i = 0; i < 4 * s->runs * s->each; i++) {
        const double d = target[i] - rest[i];
        error[i & 3] += weight[i] * d * d;
        all[i & 3] += weight[i] > 0;
    }
    for (int t = SK_BRICK_VIEW_TERMS; t < SK_BRICK_VIEW_TERMS + SK_BRICK_SOUND_TERMS; t++) {
        for (int c = 0; c < 4; c++) {
            double energy = 0, noise = 0;
            for (int k = 0; k < 8; k++) {
                const int i = 4 * (corners + 8 * t + k) + c;
                energy += (double)x[i] * x[i];
                // Neighbouring corners share their samples: each is about five times as uncertain as alone.
                noise += 5 * error[c] / fmax(all[c] - unknowns, 1) / curve[i] + (c < 3 ? unseen_color * unseen_color : unseen_logit * unseen_logit);
            }
            const float kept = energy > noise ? (float)(1 - noise / energy) : 0;
            for (int k = 0; k < 8; k++) x[4 * (corners + 8 * t + k) + c] *= kept;
        }
    }
}

// Writes a brick in numbers of eight bits: each channel in the least range that holds all of its corners, and all of its terms.
static void pack(const float *x, sk_brick *brick, int8_t *packed) {
    for (int c = 0; c < 4; c++) {
        const float least = brick_least[c], reach = brick_reach[c];
        float low = least + reach, high = least, widest = 0;
        for (int i = 0; i < corners; i++) {
            low = fminf(low, fmaxf(x[4 * i + c], least));
            high = fmaxf(high, fminf(x[4 * i + c], least + reach));
        }
        for (int i = corners; i < unknowns; i++) widest = fmaxf(widest, fabsf(x[4 * i + c]));
        brick->base[c] = (uint8_t)fminf(floorf((low - least) / reach * 256), 255);
        const float base = brick->base[c] * (1.0f / 256) * reach + least;
        brick->scale[c] = brick_scale_code((high - base) / 255);
        brick->term_scale[c] = brick_scale_code(fminf(widest, reach) / 127);
        const float scale = brick_scale(brick->scale[c]), term_scale = brick_scale(brick->term_scale[c]);
        for (int i = 0; i < corners; i++) brick->corners[4 * i + c] = (uint8_t)fminf(fmaxf(rintf((x[4 * i + c] - base) / scale), 0), 255);
        for (int i = 0; i < 8 * terms; i++) packed[4 * i + c] = (int8_t)fminf(fmaxf(rintf(x[4 * (corners + i) + c] / term_scale), -127), 127);
    }
}

long sk_brick_fit_floats(int runs, int each) { return 26L * runs * each + 6L * 4 * unknowns + 4L * runs * each; }

void sk_brick_fit(int runs, int each, const float *places, const float *factors, const float *values, float step, float *memory,
                  uint8_t *brick, int8_t *packed) {
    const int n = runs * each;
    samples s = { runs, each, factors, (int *)memory, memory + n, memory + 9 * n };
    float *target = memory + 17 * n, *weight = target + 4 * n, *x = weight + 4 * n, *rest = x + 4 * unknowns;
    float sum[4] = { 0 }, all[4] = { 0 };
    for (int i = 0; i < n; i++) {
        float u[3], f[3];
        int v[3];
        for (int k = 0; k < 3; k++) {
            u[k] = places[3 * i + k];
            v[k] = (int)(u[k] * side);
            v[k] = v[k] > side - 1 ? side - 1 : v[k];
            f[k] = u[k] * side - v[k];
        }
        s.first[i] = (v[0] * line + v[2]) * line + v[1];
        for (int k = 0; k < 8; k++) {
            s.fine[8 * i + k] = (k & 4 ? f[0] : 1 - f[0]) * (k & 2 ? f[2] : 1 - f[2]) * (k & 1 ? f[1] : 1 - f[1]);
            s.coarse[8 * i + k] = (k & 4 ? u[0] : 1 - u[0]) * (k & 2 ? u[2] : 1 - u[2]) * (k & 1 ? u[1] : 1 - u[1]);
        }
        float logit = values[4 * i + 3];
        logit = logit < least ? least : logit > most ? most : logit;
        // How much opacity a colour has, and how much opacity changes with the logit.
        const float e = expf(logit) * step, through = expf(-e), opacity = 1 - through, slope = e * through;
        for (int c = 0; c < 3; c++) {
            target[4 * i + c] = values[4 * i + c];
            weight[4 * i + c] = opacity * opacity + floor_weight;
        }
        target[4 * i + 3] = logit;
        weight[4 * i + 3] = 0.25f * slope * slope + 0.1f * floor_weight;
        for (int c = 0; c < 4; c++) { sum[c] += weight[4 * i + c] * target[4 * i + c]; all[c] += weight[4 * i + c]; }
    }
    memset(x, 0, sizeof(float) * 4 * unknowns);
    for (int i = 0; i < 4 * corners; i++) x[i] = sum[i & 3] / all[i & 3];
    solve(&s, target, weight, 8, x, rest);
    // What is beyond the ends already may stay where it is.
    apply(&s, x, rest);
    for (int i = 0; i < n; i++) {
        float *t = target + 4 * i + 3;
        const float own = rest[4 * i + 3];
        if ((*t < nothing && own < *t) || (*t > everything && own > *t)) *t = own;
    }
    solve(&s, target, weight, 8, x, rest);
    float *d = rest + 4 * n;
    apply(&s, x, rest);
    diagonal(&s, weight, d);
    calm(&s, target, weight, rest, d, x);
    pack(x, (sk_brick *)brick, packed);
}
