/* SPDX-License-Identifier: BSD-3-Clause
 *
 * linear_fit.c: solves for the coefficients of all classes of a tile at once. Class c is slot c of
 * the kernels that leastsq.h uses.
 * idf(5), "LEAST SQUARES".
 */
#include "linear_fit.h"

#include <string.h>

#include "latent.h"
#include "leastsq.h"

#define MARGIN 4      /* columns and rows at the borders that are skipped */
#define RUN IDF_BLOCK /* samples side by side */
#define RUNS 1024     /* runs looked at, about; four times as many gain 0.4 % */
#define ENOUGH 1024   /* samples of a class that are all used; later, one in four */
#define LEAST_PIXELS 16384
#define LEAST 128      /* a class needs so many samples looked at */
#define LEAST_ALL 1024 /* and so many in the tile to pay for its coefficients */
#define RIDGE 800.0f   /* towards the model; leastsq.h has the measure */
#define FOLDS 16       /* batches whose sums fit 32 bits: leastsq.h */
#define ERROR_MAX 8191
#define ENTRIES (IDF_LINEAR_MAX * (IDF_LINEAR_MAX + 3) / 2)

bool idf_linear_worth(const idf_flow_shape *shape)
{
  return shape->width >= RUN + 2 * MARGIN && (uint64_t)shape->width * shape->height >= LEAST_PIXELS;
}

/* A block, padded by a cache line: otherwise one sample's places in all blocks would share a few
 * sets of the first-level cache. */
typedef struct padded {
  idf_ls_block block;
  int16_t line[32];
} padded;

/* Batches of each class's samples, and the sums of products so far. */
typedef struct desk {
  padded d[IDF_LINEAR_MAX + 1];
  idf_ls_block weight;
  unsigned filled[IDF_LS_SLOTS]; /* columns in use, by class */
  uint32_t seen[IDF_LS_SLOTS];   /* samples so far, by class */
  unsigned folds;
  int32_t local[ENTRIES][IDF_LS_SLOTS]; /* unused here; the kernel needs it */
  int32_t recent[ENTRIES][IDF_LS_SLOTS];
  int64_t sum[ENTRIES][IDF_LS_SLOTS];
  idf_ls_work work;
} desk;

/* A tile that the encoder examines. */
typedef struct tile {
  const idf_flow_shape *shape;
  const int32_t *const *planes;
  const idf_kernels *kernels;
  const idf_linear *model;
  uint32_t across, step; /* runs in a row; every step-th run is looked at */
  size_t runs;
  int16_t (*missed)[RUN]; /* [plane][run]: errors in Q4 units under the model */
  desk *desk;
} tile;

/* A run of samples of plane p: their classes; their regressors, with the samples themselves last,
 * less the mean of the nearest neighbours in their plane, in units; and their errors under the
 * model, in Q4. */
typedef struct sight {
  int32_t class[RUN];
  int16_t centred[IDF_LINEAR_MAX + 1][RUN];
  int32_t error[RUN];
} sight;

static void classify(const tile *t, unsigned p, size_t run, const int32_t *c, sight *s)
{
  const ptrdiff_t up = (ptrdiff_t)t->shape->width;
  const int unit = (int)t->shape->unit_shift;
  const idf_linear_plane *l = &t->model->plane[p];
  int32_t across[RUN], down[RUN], activity[RUN];
  for (int k = 0; k < RUN; k++) {
    const int32_t *v = c + k;
    across[k] = idf_abs(v[-1] - v[-2]) + idf_abs(v[-up] - v[-up - 1]) + idf_abs(v[-up] - v[1 - up]);
    down[k] = idf_abs(v[-1] - v[-up - 1]) + idf_abs(v[-up] - v[-2 * up])
              + idf_abs(v[1 - up] - v[1 - 2 * up]);
    activity[k] = (across[k] + down[k]) >> unit;
    s->class[k] = across[k] > down[k];
  }
  for (unsigned q = 0; q < p; q++)
    for (int k = 0; k < RUN; k++)
      activity[k] += t->missed[q * t->runs + run][k] >> 3;
  for (int i = 0; i < IDF_LINEAR_THRESHOLDS; i++)
    for (int k = 0; k < RUN; k++)
      s->class[k] += activity[k] >= l->threshold[i] ? 2 : 0;
}

/* Reads a run of plane p that starts at index `at`. */
static void look_at_run(const tile *t, unsigned p, size_t run, size_t at, sight *s)
{
  const ptrdiff_t up = (ptrdiff_t)t->shape->width;
  const int n = idf_linear_regressors(p);
  const int16_t *centred[IDF_LINEAR_MAX];
  const int32_t *from[IDF_LINEAR_MAX + 1], *less[IDF_LINEAR_MAX + 1];
  int32_t mean[IDF_FLOW_PLANES][RUN], sum[RUN];
  for (unsigned q = 0; q <= p; q++)
    for (int k = 0; k < RUN; k++)
      mean[q][k] = idf_mean4(t->planes[q] + at + k, up);
  for (int i = 0; i < n; i++) {
    int dx, dy;
    const unsigned q = idf_linear_tap(p, i, &dx, &dy);
    from[i] = t->planes[q] + at + dx - dy * up;
    less[i] = mean[q];
    centred[i] = s->centred[i];
  }
  from[n] = t->planes[p] + at;
  less[n] = mean[p];
  t->kernels->centre(n + 1, from, less, t->shape->unit_shift, s->centred);
  classify(t, p, run, t->planes[p] + at, s);
  /* Own coefficients add up to 1, so centred samples give the same error as the samples
   * themselves. */
  t->kernels->classed(n / 2, t->model->plane[p].coef, s->class, centred, sum);
  for (int k = 0; k < RUN; k++) {
    const int32_t miss = idf_abs(s->centred[n][k] * (1 << IDF_Q_COEF) - sum[k]);
    s->error[k] = IDF_MIN(miss >> (IDF_Q_COEF - IDF_Q_ERROR), ERROR_MAX);
  }
}

static void gather(desk *d, int n)
{
  for (int e = 0; e < idf_ls_row(n, n); e++)
    for (int c = 0; c < IDF_LS_SLOTS; c++)
      d->sum[e][c] += d->recent[e][c];
  memset(d->recent, 0, (size_t)idf_ls_row(n, n) * sizeof *d->recent);
  d->folds = 0;
}

static void fold(const tile *t, int n)
{
  desk *d = t->desk;
  idf_ls_block *rows[IDF_LINEAR_MAX + 1];
  for (int i = 0; i <= n; i++)
    rows[i] = &d->d[i].block;
  t->kernels->ls_fold(n, IDF_SEGMENT / 2, rows, (const idf_ls_block *)&d->weight, 0, IDF_LS_SLOTS,
                      d->local[0], IDF_LS_SLOTS, d->recent[0]);
  memset(d->weight, 0, sizeof d->weight);
  memset(d->filled, 0, sizeof d->filled);
  if (++d->folds == FOLDS)
    gather(d, n);
}

/* Adds a run's samples to the batches of their classes. */
static void add_to_batches(const tile *t, unsigned p, const sight *s)
{
  const int n = idf_linear_regressors(p);
  desk *d = t->desk;
  for (int k = 0; k < RUN; k++) {
    const unsigned c = (unsigned)s->class[k];
    if (d->seen[c]++ >= ENOUGH && d->seen[c] % 4 != 0)
      continue;
    if (d->filled[c] == IDF_SEGMENT)
      fold(t, n);
    const unsigned column = d->filled[c]++, pair = column / 2, at = 2 * c + column % 2;
    for (int i = 0; i <= n; i++)
      d->d[i].block[pair][at] = s->centred[i][k];
    d->weight[pair][at] = (int16_t)idf_ls_weight((uint32_t)s->error[k] >> IDF_Q_ERROR);
  }
}

/* Rounds the solution z of class c to differences. Those of the own regressors add up to 0, and so
 * do those in each earlier plane, so that a flat area stays flat. The western neighbours absorb the
 * rounding. */
static void differ(const tile *t, unsigned p, int c, const float *z, int16_t *delta)
{
  const int n = idf_linear_regressors(p), own = idf_linear_own_taps(p);
  const idf_linear_plane *l = &t->model->plane[p];
  for (int from = 0; from < n;) {
    const int end = from == 0 ? own : from + IDF_LINEAR_CROSS;
    int nearest[4] = {0}, west = from;
    float total = 0.0f;
    for (int i = from, found = 0; i < end; i++) {
      int dx, dy;
      idf_linear_tap(p, i, &dx, &dy);
      if (dx == -1 && dy == 0)
        west = i;
      if ((dx == -1 && dy == 0) || (dy == 1 && dx >= -1 && dx <= 1))
        nearest[found++] = i;
      total += z[i] - (float)l->coef[i / 2][c][i % 2] / (1 << IDF_Q_COEF);
    }
    int32_t sum = 0;
    for (int i = from; i < end; i++) {
      float v = z[i] * (1 << IDF_Q_COEF) - (float)l->coef[i / 2][c][i % 2];
      for (int k = 0; k < 4; k++)
        v -= nearest[k] == i ? total * (1 << IDF_Q_COEF) / 4 : 0.0f;
      v = v / IDF_LINEAR_STEP + (IDF_LINEAR_DELTA_MAX + 1.5f);
      v = v > 1.0f ? v : 1.0f;
      v = v < 2.0f * IDF_LINEAR_DELTA_MAX ? v : 2.0f * IDF_LINEAR_DELTA_MAX;
      delta[i] = (int16_t)((int32_t)v - (IDF_LINEAR_DELTA_MAX + 1));
      sum += delta[i];
    }
    delta[west] =
        (int16_t)idf_clamp(delta[west] - sum, -IDF_LINEAR_DELTA_MAX, IDF_LINEAR_DELTA_MAX);
    from = end;
  }
}

/* Whether the resulting coefficients fit 16 bits. */
static bool coefs_allowed(const idf_linear_plane *l, int n, int c, const int16_t *delta)
{
  bool good = true;
  for (int i = 0; i < n; i++) {
    const int32_t v = l->coef[i / 2][c][i % 2] + delta[i] * IDF_LINEAR_STEP;
    good = good && v >= INT16_MIN && v <= INT16_MAX;
  }
  return good;
}

/* Solves the classes of plane p. */
static void solve(tile *t, unsigned p, idf_linear_fit *fit)
{
  const int n = idf_linear_regressors(p);
  const idf_linear_plane *l = &t->model->plane[p];
  desk *d = t->desk;
  uint32_t sum = 0, count = 1;
  for (int c = 0; c < IDF_LINEAR_CLASSES; c++) {
    if (d->seen[c] < LEAST || (uint64_t)d->seen[c] * t->step < LEAST_ALL)
      continue;
    float z[IDF_LS_MAX];
    memset(d->work.one, 0, sizeof d->work.one);
    for (int i = 0, e = 0; i < n; i++) {
      const float prior = (float)l->coef[i / 2][c][i % 2] / (1 << IDF_Q_COEF);
      for (int j = i; j <= n; j++, e++)
        d->work.one[i][j] = (float)d->sum[e][c];
      d->work.one[i][i] += RIDGE;
      d->work.one[i][n] += RIDGE * prior;
    }
    t->kernels->ls_solve_one(n, RIDGE, d->work.one, z);
    differ(t, p, c, z, fit->delta[p][c]);
    if (!coefs_allowed(l, n, c, fit->delta[p][c]))
      continue;
    fit->fitted[p] |= (uint16_t)(1u << c);
    for (int i = 0; i < n; i++)
      sum += (uint32_t)idf_abs(fit->delta[p][c][i]);
    count += (uint32_t)n;
  }
  /* The scale of a logistic is its mean distance over 2 ln 2, which is 4 steps of scale less. */
  const uint32_t mean = IDF_MAX(16 * sum / count, 16u);
  fit->scale[p] = (uint8_t)(IDF_SCALE_ONE - 32 - 4 + (int)(idf_log2_q8(mean) >> 5));
}

static void gather_runs(tile *t, unsigned p, idf_linear_fit *fit)
{
  desk *d = t->desk;
  sight s;
  memset(d, 0, sizeof *d);
  size_t run = 0;
  for (uint32_t y = MARGIN; y < t->shape->height; y++)
    for (uint32_t x = (y * 7) % t->step; x < t->across; x += t->step, run++) {
      look_at_run(t, p, run, (size_t)y * t->shape->width + MARGIN + (size_t)x * RUN, &s);
      for (int k = 0; k < RUN; k++)
        t->missed[p * t->runs + run][k] = (int16_t)s.error[k];
      add_to_batches(t, p, &s);
    }
  fold(t, idf_linear_regressors(p));
  gather(d, idf_linear_regressors(p));
  solve(t, p, fit);
}

idf_status idf_linear_solve(idf_mem *mem, const idf_kernels *kernels, const idf_flow_shape *shape,
                            const int32_t *const *planes, const idf_linear *model,
                            idf_linear_fit *fit)
{
  memset(fit, 0, sizeof *fit);
  const uint32_t across = (shape->width - 2 * MARGIN) / RUN;
  const uint32_t step = (uint32_t)((uint64_t)across * shape->height / RUNS) + 1;
  tile *t = idf_alloc(mem, 1, sizeof *t);
  if (!t)
    return idf_mem_status(mem);
  *t = (tile){.shape = shape,
              .planes = planes,
              .kernels = kernels,
              .model = model,
              .across = across,
              .step = step,
              .runs = (size_t)(across / step + 1) * shape->height};
  t->desk = idf_alloc(mem, 1, sizeof *t->desk);
  t->missed = idf_alloc(mem, t->runs * shape->planes, sizeof *t->missed);
  idf_status status = IDF_OK;
  if (!t->desk || !t->missed)
    status = idf_mem_status(mem);
  for (unsigned p = 0; status == IDF_OK && p < shape->planes; p++)
    gather_runs(t, p, fit);
  idf_free(mem, t->desk);
  idf_free(mem, t->missed);
  idf_free(mem, t);
  return status;
}

bool idf_linear_apply(const idf_linear *model, const idf_linear_fit *fit, unsigned planes,
                      idf_linear *out)
{
  bool good = true;
  *out = *model;
  for (unsigned p = 0; p < planes; p++)
    for (int c = 0; c < IDF_LINEAR_CLASSES; c++) {
      if (!(fit->fitted[p] >> c & 1))
        continue;
      good = good && coefs_allowed(&model->plane[p], idf_linear_regressors(p), c, fit->delta[p][c]);
      for (int i = 0; i < idf_linear_regressors(p); i++)
        out->plane[p].coef[i / 2][c][i % 2] = (int16_t)(model->plane[p].coef[i / 2][c][i % 2]
                                                        + fit->delta[p][c][i] * IDF_LINEAR_STEP);
    }
  return good;
}

static idf_site delta_site(uint8_t scale)
{
  idf_site site = {0};
  idf_prior_set(&site.prior, 0, scale, -IDF_LINEAR_DELTA_MAX, IDF_LINEAR_DELTA_MAX);
  return site;
}

void idf_linear_put(const idf_linear_fit *fit, unsigned planes, idf_rans_enc *enc)
{
  for (unsigned p = 0; p < planes; p++) {
    idf_rans_put_bits(enc, 0, fit->fitted[p], 16);
    if (fit->fitted[p] == 0)
      continue;
    idf_rans_put_bits(enc, 0, fit->scale[p], 8);
    const idf_site site = delta_site(fit->scale[p]);
    for (int c = 0; c < IDF_LINEAR_CLASSES; c++)
      for (int i = 0; i < idf_linear_regressors(p) && (fit->fitted[p] >> c & 1); i++)
        idf_latent_put(enc, 0, &site, fit->delta[p][c][i]);
  }
}

bool idf_linear_get(idf_linear_fit *fit, unsigned planes, idf_rans_dec *dec, double *bits)
{
  memset(fit, 0, sizeof *fit);
  for (unsigned p = 0; p < planes; p++) {
    fit->fitted[p] = (uint16_t)idf_rans_bits(dec, 0, 16);
    if (bits)
      *bits += 16;
    if (fit->fitted[p] == 0)
      continue;
    fit->scale[p] = (uint8_t)idf_rans_bits(dec, 0, 8);
    if (bits)
      *bits += 8;
    if (fit->scale[p] >= IDF_SCALES)
      return false;
    const idf_site site = delta_site(fit->scale[p]);
    for (int c = 0; c < IDF_LINEAR_CLASSES; c++)
      for (int i = 0; i < idf_linear_regressors(p) && (fit->fitted[p] >> c & 1); i++) {
        const int32_t v = idf_latent_get(dec, 0, &site, bits);
        if (v < -IDF_LINEAR_DELTA_MAX || v > IDF_LINEAR_DELTA_MAX)
          return false;
        fit->delta[p][c][i] = (int16_t)v;
      }
  }
  return true;
}
