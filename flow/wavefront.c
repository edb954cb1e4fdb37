/* SPDX-License-Identifier: BSD-3-Clause
 *
 * wavefront.c: the walk over a tile that both directions share.
 *
 * The directions differ in one line: the latent from the sample, or the sample from
 * the latent (see couple()). Exactness of the inverse is therefore by construction: same code, same
 * order, same state. READ flow.h for the clock before changing the order of anything.
 */
#include "wavefront.h"

#include <string.h>

#include "field.h"
#include "fixed_loops.h"
#include "kernels_none.h"
#include "model_net.h"
#include "occur.h"
#include "refine.h"
#include "sites.h"
#include "survey.h"

/* Where things are in the input of a trunk made for `n` planes, 3 or 1; first the taps. */
#define IN_ERROR(n) ((n) * IDF_TAPS)                   /* 10 error codes a plane */
#define IN_SIGN(n) (IN_ERROR(n) + (n) * IDF_TAPS_ERROR) /* W and N signed errors a plane */
#define IN_LOCAL(n) (IN_SIGN(n) + (n) * 2)             /* first plane: local prediction - mean */
#define IN_WIDE(n) (IN_LOCAL(n) + 1)                   /* first plane: wide - local prediction */
#define IN_LEVEL(n) (IN_LOCAL(n) + 2)                  /* log error level of each plane */
#define IN_MORE (IN_LEVEL(1) + 1)                      /* of one plane alone: see look_further */
/* And in a head's: then four values for each earlier plane. */
enum { LOCAL, WIDE }; /* the experts */
enum { EX_LOCAL, EX_WIDE, EX_LEVEL, EX_EARLIER };

#define NARROW 1022

/* One row in flight. */
typedef struct lane {
  uint32_t x, y;
  ptrdiff_t at; /* of (x, y) in a field */
  /* Coefficients laid out as windows of the planes they apply to: local and wide. */
  int16_t coef[2][IDF_FLOW_PLANES][IDF_FLOW_PLANES][IDF_WINDOW];
  float solution[IDF_FLOW_PLANES][IDF_LS_MAX];
  int unseen[2]; /* whether the left neighbour's flag was "not seen" */
  /* the pixel at hand */
  int32_t mean[IDF_FLOW_PLANES], colour[IDF_FLOW_PLANES];
  /* Samples - mean: the first if wave.narrow, else the second. Cells that are no taps hold what
   * happens to lie there, and meet coefficients of 0. */
  int16_t window[IDF_FLOW_PLANES][IDF_WINDOW];
  int32_t window32[IDF_FLOW_PLANES][IDF_WINDOW];
  uint32_t level[IDF_FLOW_PLANES];
  idf_bit *flag;
} lane;

/* What a plane adds to the rows of a batch: its taps, minus the mean, and the sample itself. */
#define BATCH_ROWS (IDF_TAPS_OWN + 1)

/* Room for the segments that start or end together. */
typedef struct batch {
  idf_ls_block row[IDF_FLOW_PLANES][BATCH_ROWS], weight[IDF_FLOW_PLANES];
  idf_ls_work work;
} batch;

typedef struct wave {
  const idf_flow_shape *shape;
  const idf_net *net; /* or NULL */
  const idf_kernels *kernels;
  idf_mem *mem;
  unsigned planes, unit;
  int shown;       /* planes that the trunk's input has room for: 3, or 1 of the network for one */
  unsigned extras; /* where in a head's input the trunk's outputs end */
  bool narrow; /* no difference of samples leaves +-NARROW: 32-bit sums suffice */
  uint32_t segments;
  ptrdiff_t own[IDF_TAPS_OWN]; /* offsets in a field */
  int cross_row[IDF_TAPS_CROSS]; /* which of a plane's rows in a batch is a cross tap */
  idf_field field[IDF_FLOW_PLANES];
  idf_ls ls[IDF_FLOW_PLANES];
  lane *lanes;                          /* row y is in lanes[y % lane_count] */
  uint32_t lane_count;
  batch *batch;
  idf_refine *refine; /* by plane */
  bool occurrence;
  idf_occur occur;
  idf_refine_layer refined; /* what refine.h adds to the network's last */
  /* By site, of the step at hand; what the network sees and says. */
  lane *lane[IDF_FLOW_LANES];
  idf_sites sites;
  int16_t compressed[IDF_FLOW_LANES][IDF_FLOW_PLANES][IDF_WINDOW];
  int16_t trunk_in[IDF_FLOW_LANES][IDF_NET_INPUTS];
  int16_t head_in[IDF_FLOW_LANES][IDF_NET_HEAD];
  int16_t hidden[IDF_FLOW_LANES][IDF_NET_WIDTH]; /* what the output layer saw */
  int32_t sums[IDF_FLOW_LANES][IDF_NET_SUMS], more[IDF_FLOW_LANES][IDF_NET_SUMS];
  idf_site site[IDF_FLOW_LANES];
  int32_t latent[IDF_FLOW_LANES];
} wave;

static uint32_t lanes_for(uint32_t width)
{
  return (width + IDF_SKEW - 1) / IDF_SKEW;
}

static lane *lane_of(wave *w, uint32_t y)
{
  return &w->lanes[y % w->lane_count];
}

static void wave_free(wave *w)
{
  for (unsigned p = 0; p < w->planes; p++) {
    idf_field_free(&w->field[p], w->mem);
    idf_ls_free(&w->ls[p], w->mem);
  }
  idf_free(w->mem, w->lanes);
  idf_free(w->mem, w->batch);
  idf_free(w->mem, w->refine);
  idf_occur_free(&w->occur, w->mem);
}

uint64_t idf_wave_memory(const idf_flow_shape *shape)
{
  uint64_t cells = ((uint64_t)shape->width + 2 * IDF_FIELD_SIDE)
                   * ((uint64_t)shape->height + IDF_FIELD_TOP);
  uint32_t segments = (shape->width + IDF_SEGMENT - 1) / IDF_SEGMENT;
  uint64_t bytes = shape->planes * (cells * 10 + sizeof(idf_refine));
  for (unsigned p = 0; p < shape->planes; p++)
    bytes += idf_ls_memory(idf_regressors(p), segments);
  bytes += lanes_for(shape->width) * sizeof(lane) + sizeof(batch);
  return bytes + sizeof(wave) + (shape->occurrence ? idf_occur_memory(shape) : 0) + 32 * 128;
}

/* Cross taps are own taps too, or the pixel itself, which is the batch's last row. */
static int batch_row_of(const int8_t tap[2])
{
  int i = 0;
  while (i < IDF_TAPS_OWN && (idf_taps_own[i][0] != tap[0] || idf_taps_own[i][1] != tap[1]))
    i++;
  return i;
}

static idf_status wave_init(wave *w, idf_mem *mem, const idf_model *model,
                            const idf_flow_shape *shape)
{
  w->shape = shape;
  w->net = model == NULL ? NULL : idf_model_net_for(model, shape->planes);
  w->shown = w->net != NULL ? w->net->planes : shape->planes == 1 ? 1 : IDF_FLOW_PLANES;
  w->kernels = w->net == NULL ? &idf_kernels_none : w->net->kernels;
  w->mem = mem;
  w->unit = shape->unit_shift;
  w->extras = w->net == NULL ? 0 : w->net->trunk[1].outputs;
  w->sites.unit = (int)w->unit;
  w->sites.blocks = shape->blocks;
  w->segments = (shape->width + IDF_SEGMENT - 1) / IDF_SEGMENT;
  w->lane_count = lanes_for(shape->width);
  w->narrow = true;
  for (unsigned p = 0; p < shape->planes; p++)
    w->narrow = w->narrow && shape->max[p] - shape->min[p] <= NARROW;
  w->occurrence = shape->occurrence && idf_occur_fits(shape);
  for (; w->planes < shape->planes; w->planes++) {
    unsigned p = w->planes;
    idf_status status = idf_field_init(&w->field[p], mem, shape->width, shape->height,
                                       shape->min[p], shape->max[p]);
    if (status != IDF_OK)
      return status;
    status = idf_ls_init(&w->ls[p], mem, idf_regressors(p), w->segments);
    if (status != IDF_OK) {
      idf_field_free(&w->field[p], mem);
      return status;
    }
  }
  for (int i = 0; i < IDF_TAPS_OWN; i++)
    w->own[i] = idf_taps_own[i][0] - idf_taps_own[i][1] * w->field[0].stride;
  for (int i = 0; i < IDF_TAPS_CROSS; i++)
    w->cross_row[i] = batch_row_of(idf_taps_cross[i]);
  w->lanes = idf_alloc(mem, w->lane_count, sizeof(lane));
  w->batch = idf_alloc(mem, 1, sizeof(batch));
  w->refine = idf_alloc(mem, w->planes, sizeof(idf_refine));
  if (w->lanes == NULL || w->batch == NULL || w->refine == NULL)
    return idf_mem_status(mem);
  if (w->occurrence)
    return idf_occur_init(&w->occur, mem, shape);
  return IDF_OK;
}

/* Plane p's coefficients of one expert, from the order of regressors to windows. */
static void place(lane *l, int expert, unsigned p, const int16_t *coef)
{
  for (int i = 0; i < IDF_TAPS_OWN; i++)
    l->coef[expert][p][p][IDF_WINDOW_AT(idf_taps_own[i][0], idf_taps_own[i][1])] = *coef++;
  for (unsigned c = 0; c < p; c++)
    for (int i = 0; i < IDF_TAPS_CROSS; i++)
      l->coef[expert][p][c][IDF_WINDOW_AT(idf_taps_cross[i][0], idf_taps_cross[i][1])] = *coef++;
}

static void row_start(wave *w, lane *l)
{
  l->unseen[0] = l->unseen[1] = 0;
  for (unsigned p = 0; p < w->planes; p++) {
    idf_field_row_start(&w->field[p], l->y);
    if (w->shape->survey != NULL) {
      place(l, LOCAL, p, w->shape->survey->coef[p]);
    } else {
      int16_t coef[IDF_LS_MAX];
      idf_ls_forget(&w->ls[p]);
      idf_ls_solve_wide(&w->ls[p], w->kernels, &w->batch->work, l->solution[p], coef);
      place(l, WIDE, p, coef);
    }
  }
}

/* The rows that are in some segment during a block of time (leastsq.h): those of slots
 * lo .. hi - 1, row y in slot block / 2 - y. */
static void slots_at(const wave *w, uint32_t block, uint32_t *lo, uint32_t *hi)
{
  const uint32_t half = block / 2, most = (w->segments + 1 - block % 2) / 2;
  *lo = half < w->shape->height ? 0 : half - w->shape->height + 1;
  *hi = IDF_MAX(*lo, IDF_MIN(half + 1, most));
}

static void segments_start(wave *w, uint32_t block)
{
  uint32_t lo, hi;
  slots_at(w, block, &lo, &hi);
  for (uint32_t group = lo / IDF_LS_SLOTS * IDF_LS_SLOTS; group < hi; group += IDF_LS_SLOTS) {
    const uint32_t from = IDF_MAX(lo, group), to = IDF_MIN(hi, group + IDF_LS_SLOTS);
    for (unsigned p = 0; p < w->planes; p++) {
      const float *prior[IDF_LS_SLOTS] = { NULL };
      int16_t coef[IDF_LS_SLOTS][IDF_LS_MAX];
      for (uint32_t k = from; k < to; k++)
        prior[k - group] = lane_of(w, block / 2 - k)->solution[p];
      idf_ls_solve_local(&w->ls[p], w->kernels, &w->batch->work, block % 2, group, from - group,
                         to - group, prior, coef);
      for (uint32_t k = from; k < to; k++)
        place(lane_of(w, block / 2 - k), LOCAL, p, coef[k - group]);
    }
  }
}

/* A sum of absolute errors of six neighbours, weights 4 4 2 2 2 2, over 16, plus 1: 1 .. 8192. */
static uint32_t error_level(const idf_field *f, ptrdiff_t i)
{
  const uint16_t *e = f->error + i, *n = e - f->stride;
  return ((4u * e[-1] + 4u * n[0] + 2u * n[-1] + 2u * n[1] + 2u * e[-2]
           + 2u * n[-f->stride]) >> 4) + 1;
}

/* The part of site i's head input that follows the trunk's outputs. */
static int16_t *extras(wave *w, uint32_t i)
{
  return w->head_in[i] + w->extras;
}

/* mean * 64 + coef . regressors: Q6, clamped to the plane's range. */
static int32_t predicted(const wave *w, const lane *l, unsigned p, int64_t dot)
{
  int64_t v = (int64_t)l->mean[p] * (1 << IDF_Q_MU) + (dot >> (IDF_Q_COEF - IDF_Q_MU));
  int64_t lo = (int64_t)w->shape->min[p] * (1 << IDF_Q_MU);
  int64_t hi = (int64_t)w->shape->max[p] * (1 << IDF_Q_MU);
  return (int32_t)(v < lo ? lo : v > hi ? hi : v);
}

/* n is a constant wherever this is inlined: one sum in registers, reduced once. */
static inline int32_t dot(const int16_t *coef, const int16_t *in, const int n)
{
  int32_t sum = 0;
  for (int i = 0; i < n; i++)
    sum += coef[i] * in[i];
  return sum;
}

/* What an expert says of plane p. */
static int32_t predict(const wave *w, const lane *l, unsigned p, int expert)
{
  const int16_t *coef = l->coef[expert][p][0];
  if (w->narrow) {
    /* |sum| <= 40 * 2^15 * 1022 < 2^31. */
    const int16_t *in = l->window[0];
    return predicted(w, l, p, p == 0   ? dot(coef, in, IDF_WINDOW)
                              : p == 1 ? dot(coef, in, 2 * IDF_WINDOW)
                                       : dot(coef, in, 3 * IDF_WINDOW));
  }
  int64_t sum = 0;
  for (unsigned c = 0; c <= p; c++)
    for (int i = 0; i < IDF_WINDOW; i++)
      sum += (int64_t)l->coef[expert][p][c][i] * l->window32[c][i];
  return predicted(w, l, p, sum);
}

/* The second opinion where nothing is learned: good at edges, where a mean is not. Q6. */
static int32_t med(const wave *w, const lane *l, unsigned p)
{
  enum { W = IDF_WINDOW_AT(-1, 0), N = IDF_WINDOW_AT(0, 1), NW = IDF_WINDOW_AT(-1, 1) };
  const int32_t d = w->narrow
                        ? idf_med(l->window[p][W], l->window[p][N], l->window[p][NW])
                        : idf_med(l->window32[p][W], l->window32[p][N], l->window32[p][NW]);
  return (d + l->mean[p]) * (1 << IDF_Q_MU);
}

/* Fills the windows. A step of its own for all lanes: reading back at once as a whole what
 * was written in parts would wait for the writes. */
static void look_windows(const wave *w, lane *l)
{
  for (unsigned p = 0; p < w->planes; p++) {
    const idf_field *f = &w->field[p];
    const ptrdiff_t stride = f->stride;
    if (w->narrow) {
      const int16_t *s = f->low + l->at - 4, *n = s - stride;
      const int32_t mean = l->mean[p] = (s[3] + n[4] + n[5] + n[3] + 2) >> 2; /* idf_field_mean */
      int16_t *out = l->window[p];
      for (int r = 0; r < 4; r++, s -= stride, out += 8) {
        int16_t row[8]; /* of its own, so that compilers see eight at once */
        memcpy(row, s, sizeof row);
        for (int k = 0; k < 8; k++)
          row[k] = (int16_t)(row[k] - mean);
        memcpy(out, row, sizeof row);
      }
    } else {
      const int32_t mean = l->mean[p] = idf_field_mean(f, l->at);
      const int32_t *s = f->sample + l->at - 4;
      int32_t *out = l->window32[p];
      for (int r = 0; r < 4; r++, s -= stride, out += 8)
        for (int k = 0; k < 8; k++)
          out[k] = s[k] - mean;
    }
  }
}

/* The windows as the network sees them, for now with all their cells. */
static void look_compressed(wave *w, const lane *l, uint32_t i)
{
  for (unsigned p = 0; p < w->planes; p++) {
    int16_t unit[IDF_WINDOW];
    if (w->narrow)
      for (int k = 0; k < IDF_WINDOW; k++)
        unit[k] = (int16_t)(l->window[p][k] >> w->unit);
    else
      for (int k = 0; k < IDF_WINDOW; k++)
        unit[k] = (int16_t)idf_clamp(l->window32[p][k] >> w->unit, -512, 512);
    idf_loop_compress(unit, w->compressed[i][p], IDF_WINDOW);
  }
}

/* What only the network for one plane sees beside the inputs of any other: more of the window,
 * and what errors were further away. */
static void look_further(wave *w, const lane *l, uint32_t i)
{
  const idf_field *f = &w->field[0];
  const int16_t *seen = w->compressed[i][0];
  const ptrdiff_t stride = f->stride;
  const uint8_t *c = f->error_code + l->at, *c1 = c - stride, *c2 = c1 - stride, *c3 = c2 - stride;
  const int8_t *e = f->error_sign + l->at, *e1 = e - stride, *e2 = e1 - stride, *e3 = e2 - stride;
  const int16_t more[] = {
    seen[IDF_WINDOW_AT(-4, 0)], seen[IDF_WINDOW_AT(-4, 1)], seen[IDF_WINDOW_AT(-4, 2)],
    seen[IDF_WINDOW_AT(-4, 3)], seen[IDF_WINDOW_AT(-3, 3)], seen[IDF_WINDOW_AT(3, 3)],
    c[-4], c[-3], c1[-4], c1[-3], c1[3], c2[-3], c2[-2], c2[2], c2[3],
    c3[-3], c3[-2], c3[-1], c3[0], c3[1], c3[2], c3[3],
    e[-3], e[-2], e1[-3], e1[-2], e1[-1], e1[1], e1[2], e1[3],
    e2[-2], e2[-1], e2[0], e2[1], e2[2], e3[-1], e3[0], e3[1],
  };
  memcpy(w->trunk_in[i] + IN_MORE, more, sizeof more);
}

/* What the trunk sees, but for the first plane's predictions. */
static void look(wave *w, lane *l, uint32_t i)
{
  int16_t *in = w->trunk_in[i];
  for (unsigned p = 0; p < w->planes; p++) {
    const idf_field *f = &w->field[p];
    const ptrdiff_t at = l->at, stride = f->stride;
    const int16_t *seen = w->compressed[i][p];
    int16_t *to = in + (int)p * IDF_TAPS;
    memcpy(to, seen + IDF_WINDOW_AT(-3, 0), 3 * sizeof *to);
    memcpy(to + 3, seen + IDF_WINDOW_AT(-3, 1), 7 * sizeof *to);
    memcpy(to + 10, seen + IDF_WINDOW_AT(-3, 2), 7 * sizeof *to);
    memcpy(to + 17, seen + IDF_WINDOW_AT(-2, 3), 5 * sizeof *to);
    const uint8_t *code = f->error_code + at, *code1 = code - stride, *code2 = code1 - stride;
    to = in + IN_ERROR(w->shown) + (int)p * IDF_TAPS_ERROR;
    to[0] = code[-2];
    to[1] = code[-1];
    to[2] = code1[-2];
    to[3] = code1[-1];
    to[4] = code1[0];
    to[5] = code1[1];
    to[6] = code1[2];
    to[7] = code2[-1];
    to[8] = code2[0];
    to[9] = code2[1];
    to = in + IN_SIGN(w->shown) + 2 * (int)p;
    to[0] = f->error_sign[at - 1];
    to[1] = f->error_sign[at - stride];
    l->level[p] = error_level(f, at);
    in[IN_LEVEL(w->shown) + (int)p] = (int16_t)idf_log_code(l->level[p]);
  }
  if (w->shown == 1)
    look_further(w, l, i);
}

/* -1, 0 or 1, plus 1: whether an error was clearly on one side. */
static int32_t side(int32_t error)
{
  return error > 6 ? 2 : error < -6 ? 0 : 1;
}

/* What the couplings say of plane p at lane l, site i of the step. */
static void look_plane(wave *w, lane *l, unsigned p, uint32_t i)
{
  idf_sites *s = &w->sites;
  const idf_field *f = &w->field[p];
  const ptrdiff_t at = l->at;
  s->local[i] = predict(w, l, p, LOCAL);
  s->wide[i] = w->shape->survey != NULL ? med(w, l, p) : predict(w, l, p, WIDE);
  s->level[i] = (int32_t)l->level[p];
  s->mean[i] = l->mean[p];
  s->cell[i] = s->blocks ? (int32_t)((l->y & 7) * 8 + (l->x & 7)) : 0;
  s->signs[i] = side(f->error_sign[at - 1]) * 3 + side(f->error_sign[at - f->stride]);
  if (p > 0)
    s->signs[i] += 9 * side(extras(w, i)[EX_EARLIER + 4 * (p - 1)]);
}

/* The network on all sites, and what refine.h adds to it. */
static void perceive(wave *w, unsigned p, uint32_t count, int width)
{
  idf_sites *s = &w->sites;
  for (uint32_t i = 0; i < count; i++) {
    int16_t *ex = extras(w, i);
    ex[EX_LOCAL] = (int16_t)s->show_local[i];
    ex[EX_WIDE] = (int16_t)s->show_wide[i];
    ex[EX_LEVEL] = (int16_t)s->show_level[i];
    if (p == 0) {
      w->trunk_in[i][IN_LOCAL(w->shown)] = ex[EX_LOCAL];
      w->trunk_in[i][IN_WIDE(w->shown)] = ex[EX_WIDE];
      memset(ex + EX_EARLIER, 0, (IDF_NET_EXTRAS - EX_EARLIER) * sizeof *ex);
    }
  }
  if (w->net != NULL) {
    if (p == 0)
      idf_net_trunk(w->net, count, (const int16_t (*)[IDF_NET_INPUTS])w->trunk_in, w->head_in);
    idf_net_head(w->net, p, count, (const int16_t (*)[IDF_NET_HEAD])w->head_in, w->hidden,
                 w->sums);
  }
  if (width > 0)
    w->kernels->layer_sum(&w->refined.layer, count, w->hidden[0], IDF_NET_WIDTH, w->more[0], IDF_NET_SUMS);
  for (uint32_t i = 0; i < count; i++)
    for (int o = 0; o < IDF_NET_OUTPUTS; o++)
      s->out[o][i] = w->sums[i][o] + (w->more[i][o] >> 4);
}

/* Puts a known sample in place with all that later pixels will ask of it. */
static void settle(wave *w, lane *l, unsigned p, uint32_t i)
{
  const idf_sites *s = &w->sites;
  idf_field *f = &w->field[p];
  const ptrdiff_t at = l->at;
  const int32_t sample = s->sample[i];
  f->sample[at] = sample;
  f->low[at] = (int16_t)sample;
  f->error[at] = (uint16_t)s->error[i];
  f->error_code[at] = (uint8_t)s->error_code[i];
  f->error_sign[at] = (int8_t)s->error_sign[i];
  if (l->y == 0)
    idf_field_first_row(f, l->x);
  l->colour[p] = sample;
  if (w->narrow)
    l->window[p][IDF_WINDOW_AT(0, 0)] = (int16_t)(sample - l->mean[p]);
  else
    l->window32[p][IDF_WINDOW_AT(0, 0)] = sample - l->mean[p];
  if (p + 1 < w->planes) {
    int16_t *ex = extras(w, i) + EX_EARLIER + 4 * p;
    ex[0] = (int16_t)s->miss[i];
    ex[1] = (int16_t)(s->miss[i] < 0 ? -s->miss[i] : s->miss[i]);
    ex[2] = (int16_t)s->relative[i];
    ex[3] = (int16_t)s->offset[i];
  }
}

/* One row of a batch, for `width` columns; zeros after them. */
static void batch_row(const wave *w, int16_t out[IDF_SEGMENT], const int32_t *value,
                      const int32_t *mean, uint32_t width)
{
  int32_t padded[IDF_SEGMENT];
  if (width < IDF_SEGMENT) {
    memcpy(padded, mean, sizeof padded);
    memcpy(padded, value, width * sizeof *padded);
    value = padded;
  }
  idf_loop_batch(out, value, mean, w->unit);
}

/* What the segment at column x of row y, in `slot` of its group, adds to the batch. */
static void batch_fill(wave *w, unsigned slot, uint32_t x, uint32_t y)
{
  batch *b = w->batch;
  const uint32_t width = IDF_MIN(IDF_SEGMENT, w->shape->width - x);
  for (unsigned p = 0; p < w->planes; p++) {
    const idf_field *f = &w->field[p];
    const ptrdiff_t at = idf_field_at(f, x, y);
    int32_t mean[IDF_SEGMENT] = { 0 };
    for (uint32_t k = 0; k < width; k++) {
      mean[k] = idf_field_mean(f, at + (ptrdiff_t)k);
      b->weight[p][slot][k] = (int16_t)idf_ls_weight(
          (uint32_t)f->error[at + (ptrdiff_t)k] >> IDF_Q_ERROR);
    }
    for (int i = 0; i < IDF_TAPS_OWN; i++)
      batch_row(w, b->row[p][i][slot], f->sample + at + w->own[i], mean, width);
    batch_row(w, b->row[p][IDF_TAPS_OWN][slot], f->sample + at, mean, width);
  }
}

/* The batch of a group enters the statistics, regressors in the order of place(). */
static void batch_fold(wave *w, unsigned parity, uint32_t group, unsigned lo, unsigned hi)
{
  batch *b = w->batch;
  for (unsigned p = 0; p < w->planes; p++) {
    idf_ls_block *d[IDF_LS_MAX];
    int n = 0;
    w->kernels->ls_turn(&b->weight[p]);
    for (int i = 0; i < BATCH_ROWS; i++)
      w->kernels->ls_turn(&b->row[p][i]);
    for (int i = 0; i < IDF_TAPS_OWN; i++)
      d[n++] = &b->row[p][i];
    for (unsigned c = 0; c < p; c++) {
      for (int i = 0; i < IDF_TAPS_CROSS; i++)
        d[n++] = &b->row[c][w->cross_row[i]];
    }
    d[n] = &b->row[p][IDF_TAPS_OWN];
    idf_ls_fold(&w->ls[p], w->kernels, parity, group, lo, hi, d, &b->weight[p]);
  }
}

/* The segments of a block of time enter the statistics, the narrower last one of a row
 * with the others: nobody looks before the next block. */
static void segments_end(wave *w, uint32_t block)
{
  uint32_t lo, hi;
  slots_at(w, block, &lo, &hi);
  if (hi > block / 2)
    hi = block / 2; /* above the first row all is invented */
  for (uint32_t group = lo / IDF_LS_SLOTS * IDF_LS_SLOTS; group < hi; group += IDF_LS_SLOTS) {
    const uint32_t from = IDF_MAX(lo, group), to = IDF_MIN(hi, group + IDF_LS_SLOTS);
    memset(w->batch->weight, 0, sizeof w->batch->weight);
    for (uint32_t k = from; k < to; k++)
      batch_fill(w, k - group, (2 * k + block % 2) * IDF_SEGMENT, block / 2 - k);
    batch_fold(w, block % 2, group, from - group, to - group);
  }
  if (block % 2 == 1)
    for (unsigned p = 0; p < w->planes; p++)
      idf_ls_gather(&w->ls[p]);
}

/* After all planes of a step: state that only later times may see. */
static void step_end(wave *w, lane *l)
{
  if (w->occurrence && w->shape->occurrence)
    idf_occur_add(&w->occur, l->colour);
  if (l->x + 1 == w->shape->width)
    for (unsigned p = 0; p < w->planes; p++)
      idf_field_row_end(&w->field[p], l->y);
}

/* After the last step of a block of time. */
static void block_end(wave *w, uint32_t block)
{
  if (w->shape->survey == NULL)
    segments_end(w, block);
  if (block % 2 == 0 && block / 2 < w->shape->height)
    for (unsigned p = 0; p < w->planes; p++)
      idf_field_left_known(&w->field[p], block / 2);
}

/* One plane of one step: priors, then latents, then samples. */
static idf_status couple(wave *w, unsigned p, uint32_t count,
                         int32_t *const *planes, bool inverse, idf_latent_fn fn, void *context,
                         idf_probe_fn probe, void *probe_context)
{
  idf_sites *s = &w->sites;
  const int width = w->net == NULL ? 0 : (int)w->net->hidden[p].outputs;
  s->n = (int)((count + IDF_SITES_BLOCK - 1) & ~(uint32_t)(IDF_SITES_BLOCK - 1));
  s->min = w->shape->min[p];
  s->max = w->shape->max[p];
  s->fine = s->max - s->min <= IDF_FINE_SPAN && s->unit == 0;
  idf_refine_read(&w->refine[p], width, &w->refined);
  for (uint32_t i = 0; i < count; i++)
    look_plane(w, w->lane[i], p, i);
  idf_sites_show(s);
  perceive(w, p, count, width);
  idf_sites_propose(s);
  idf_refine_move(&w->refine[p], s);
  if (s->fine)
    idf_sites_bound(s);
  for (uint32_t i = 0; i < count; i++) {
    lane *l = w->lane[i];
    idf_site *site = &w->site[i];
    site->x = l->x;
    site->y = l->y;
    if (s->fine)
      site->prior = (idf_prior){ s->centre[i], s->frac[i], s->lo[i], s->hi[i], s->min, s->max,
                                 (uint32_t)s->total[i], (uint16_t)s->scale[i], 0 };
    else
      idf_prior_set(&site->prior, s->mu[i], s->scale[i], s->min, s->max);
    site->seen = NULL;
    l->flag = p > 0 && w->occurrence && w->shape->occurrence
                  ? idf_occur_site(&w->occur, p, l->colour, l->unseen[p - 1], site) : NULL;
    size_t at = (size_t)l->y * w->shape->width + l->x;
    if (!inverse) {
      s->sample[i] = planes[p][at];
      w->latent[i] = s->sample[i] - site->prior.centre;
    }
    if (probe != NULL) {
      idf_view view = { w->trunk_in[i], extras(w, i), s->local[i], s->wide[i], (uint32_t)s->level[i],
                        s->mean[i], planes[p][at] };
      probe(probe_context, p, site, &view);
    }
  }
  idf_status status = fn(context, p, count, w->site, s, w->latent);
  if (status != IDF_OK)
    return status;
  for (uint32_t i = 0; i < count; i++) {
    const idf_site *site = &w->site[i];
    int32_t sample = site->prior.centre + w->latent[i];
    if (sample < site->prior.min || sample > site->prior.max)
      return IDF_ERR_CORRUPT;
    if (inverse)
      planes[p][(size_t)site->y * w->shape->width + site->x] = sample;
    s->sample[i] = sample;
  }
  idf_sites_settle(s);
  idf_refine_slope(s);
  idf_refine_learn(&w->refine[p], w->kernels, s, (int)count,
                   (const int16_t (*)[IDF_NET_WIDTH])w->hidden, width);
  for (uint32_t i = 0; i < count; i++) {
    lane *l = w->lane[i];
    settle(w, l, p, i);
    if (l->flag != NULL) {
      const idf_site *site = &w->site[i];
      bool seen = s->sample[i] >= site->prior.lo && s->sample[i] < site->prior.hi
                  && idf_occur_has(site->seen, (uint32_t)(s->sample[i] - site->prior.min));
      idf_bit_update(l->flag, seen);
      l->unseen[p - 1] = !seen;
    }
  }
  return IDF_OK;
}

static idf_status walk(wave *w, int32_t *const *planes, bool inverse, idf_latent_fn fn,
                       void *context, idf_probe_fn probe, void *probe_context)
{
  const uint32_t width = w->shape->width, height = w->shape->height;
  const uint32_t end = width + IDF_SKEW * (height - 1);
  for (uint32_t t = 0; t < end; t++) {
    uint32_t first = t < width ? 0 : (t - width) / IDF_SKEW + 1;
    uint32_t last = IDF_MIN(t / IDF_SKEW, height - 1);
    /* Between rows of a narrow picture nothing may be due. */
    uint32_t count = last < first ? 0 : last - first + 1;
    for (uint32_t i = 0; i < count; i++) {
      lane *l = w->lane[i] = lane_of(w, first + i);
      l->y = first + i;
      l->x = t - IDF_SKEW * l->y;
      l->at = idf_field_at(&w->field[0], l->x, l->y);
      if (l->x == 0)
        row_start(w, l);
    }
    if (t % IDF_SEGMENT == 0 && w->shape->survey == NULL)
      segments_start(w, t / IDF_SEGMENT);
    for (uint32_t i = 0; i < count; i++)
      look_windows(w, w->lane[i]);
    for (uint32_t i = 0; i < count; i++)
      look_compressed(w, w->lane[i], i);
    for (uint32_t i = 0; i < count; i++)
      look(w, w->lane[i], i);
    for (unsigned p = 0; p < w->planes && count > 0; p++) {
      idf_status status = couple(w, p, count, planes, inverse, fn, context, probe,
                                 probe_context);
      if (status != IDF_OK)
        return status;
    }
    for (uint32_t i = 0; i < count; i++)
      step_end(w, w->lane[i]);
    if (t % IDF_SEGMENT == IDF_SEGMENT - 1)
      block_end(w, t / IDF_SEGMENT);
  }
  return IDF_OK;
}

idf_status idf_wave_walk(idf_mem *mem, const idf_model *model, const idf_flow_shape *shape,
                         int32_t *const *planes, bool inverse, idf_latent_fn fn, void *context,
                         idf_probe_fn probe, void *probe_context)
{
  wave *w = idf_alloc(mem, 1, sizeof *w);
  if (w == NULL)
    return idf_mem_status(mem);
  idf_status status = wave_init(w, mem, model, shape);
  if (status == IDF_OK)
    status = walk(w, planes, inverse, fn, context, probe, probe_context);
  wave_free(w);
  idf_free(mem, w);
  return status;
}
