/* SPDX-License-Identifier: BSD-3-Clause
 *
 * flowkit.h: made-up models, planes and a tape of latents, for the tests of the flow.
 *
 * The tape stands where the entropy coder would: forward it records latents, inverse
 * it plays them back; both ways it hashes every site, so that two walks that agree on
 * the samples but not on one prior are told apart.
 */
#ifndef IDF_TESTS_FLOWKIT_H
#define IDF_TESTS_FLOWKIT_H

#include <inttypes.h>
#include <stdlib.h>

#include "bytes.h"
#include "colour.h"
#include "field.h"
#include "fixed.h"
#include "flow.h"
#include "kernels.h"
#include "linear.h"
#include "model.h"
#include "net.h"
#include "shape.h"
#include "site.h"
#include "sites.h"
#include "unit.h"
#include "walk.h"

/* FNV-1a over the bytes of v, low first: independent of the machine's byte order. */
#define FLOWKIT_HASH UINT64_C(0xcbf29ce484222325)

static inline void flowkit_mix(uint64_t *hash, int64_t v)
{
  for (int i = 0; i < 8; i++)
    *hash = (*hash ^ ((uint64_t)v >> (8 * i) & 0xff)) * UINT64_C(0x100000001b3);
}

/* Uniform in [lo, hi]; hi - lo < 2^32 - 1. */
static inline int32_t flowkit_between(idf_unit_random *r, int32_t lo, int32_t hi)
{
  return (int32_t)(lo + (int64_t)idf_unit_below(r, (uint32_t)((int64_t)hi - lo + 1)));
}

/* A prior with its location anywhere in [min, max] and any scale below `scales`. One draw a
 * statement: the order in which arguments are evaluated differs between compilers. */
static inline idf_prior flowkit_prior(idf_unit_random *r, int32_t min, int32_t max, uint32_t scales)
{
  idf_prior prior;
  int32_t mu = 64 * flowkit_between(r, min, max);
  mu += flowkit_between(r, -32, 31);
  idf_prior_set(&prior, mu, (int32_t)idf_unit_below(r, scales), min, max);
  return prior;
}

/* --- models ---------------------------------------------------------------------- */

/* Small: like a trained one, all outputs alive. Full: any int16, any bias. Ends: every
 * weight and bias at one end of its range. */
enum { FLOWKIT_SMALL, FLOWKIT_FULL, FLOWKIT_ENDS, FLOWKIT_MODELS };

static inline int32_t flowkit_weight(idf_unit_random *r, int kind)
{
  if (kind == FLOWKIT_SMALL)
    return flowkit_between(r, -150, 150);
  if (kind == FLOWKIT_FULL)
    return flowkit_between(r, -32768, 32767);
  return idf_unit_next(r) & 1 ? 32767 : -32768;
}

static inline int32_t flowkit_bias(idf_unit_random *r, int kind)
{
  if (kind == FLOWKIT_SMALL)
    return flowkit_between(r, -40000, 40000);
  if (kind == FLOWKIT_FULL)
    return flowkit_between(r, -IDF_NET_BIAS_MAX, IDF_NET_BIAS_MAX);
  return idf_unit_next(r) & 1 ? IDF_NET_BIAS_MAX : -IDF_NET_BIAS_MAX;
}

static inline void flowkit_put_layer(idf_buf *blob, idf_unit_random *r, int kind, unsigned inputs,
                                     unsigned outputs)
{
  for (unsigned i = 0; i < inputs * outputs; i++)
    idf_put_le16(blob, (uint32_t)flowkit_weight(r, kind) & 0xffff);
  for (unsigned i = 0; i < outputs; i++)
    idf_put_le32(blob, (uint32_t)flowkit_bias(r, kind));
}

/* Appends a well-formed blob whose layers have these widths. */
static inline void flowkit_blob(idf_buf *blob, idf_unit_random *r, int kind, unsigned first,
                                unsigned second, unsigned head)
{
  static const uint8_t title[20] = "made up";
  idf_put_bytes(blob, "IDFMODEL", 8);
  idf_put_le32(blob, 1 | 5 << 8 | 1 << 16);
  idf_put_bytes(blob, title, sizeof title);
  idf_put_le16(blob, first);
  idf_put_le16(blob, second);
  idf_put_le16(blob, head);
  flowkit_put_layer(blob, r, kind, IDF_NET_INPUTS, first);
  flowkit_put_layer(blob, r, kind, first, second);
  for (int p = 0; p < IDF_NET_PLANES; p++) {
    flowkit_put_layer(blob, r, kind, second + IDF_NET_EXTRAS, head);
    flowkit_put_layer(blob, r, kind, head, IDF_NET_OUTPUTS);
  }
}

/* Adds a network for one plane to such a blob, which begins at `at`. */
static inline void flowkit_blob_alone(idf_buf *blob, size_t at, idf_unit_random *r, int kind,
                                      unsigned first, unsigned second, unsigned head)
{
  if (!blob->bad)
    blob->data[at + 11] = 1;
  idf_put_le16(blob, first);
  idf_put_le16(blob, second);
  idf_put_le16(blob, head);
  flowkit_put_layer(blob, r, kind, IDF_NET_INPUTS_ALONE, first);
  flowkit_put_layer(blob, r, kind, first, second);
  flowkit_put_layer(blob, r, kind, second + IDF_NET_EXTRAS, head);
  flowkit_put_layer(blob, r, kind, head, IDF_NET_OUTPUTS);
}

/* Half of these have a network for one plane. */
static inline idf_model *flowkit_model_of(idf_mem *mem, idf_unit_random *r, int kind,
                                          unsigned first, unsigned second, unsigned head)
{
  idf_buf blob;
  idf_model *model = NULL;
  idf_buf_init(&blob, mem);
  flowkit_blob(&blob, r, kind, first, second, head);
  idf_unit_random own = *r; /* what is drawn after this stays the same with and without it */
  if (idf_unit_next(&own) & 1)
    flowkit_blob_alone(&blob, 0, &own, kind, second, 16 + 16 * idf_unit_below(&own, 4), head);
  CU_ASSERT_FALSE_FATAL(blob.bad);
  CU_ASSERT_EQUAL_FATAL(idf_model_parse(mem, blob.data, blob.len, &model), IDF_OK);
  idf_buf_free(&blob);
  return model;
}

static inline idf_model *flowkit_model(idf_mem *mem, idf_unit_random *r, int kind)
{
  unsigned first = 16 + 16 * idf_unit_below(r, 3), second = 16 + 16 * idf_unit_below(r, 3);
  return flowkit_model_of(mem, r, kind, first, second, 16);
}

/* --- linear predictors ------------------------------------------------------------ */

#define FLOWKIT_LINEAR_BYTES 2500 /* of a blob of feature set 2 */

/* Thresholds in any order, now and then such as no activity meets, or all. */
static inline void flowkit_linear_plane(idf_linear_plane *l, idf_unit_random *r, int kind)
{
  const int32_t most = 1 << flowkit_between(r, 2, 15);
  for (int i = 0; i < IDF_LINEAR_THRESHOLDS; i++)
    l->threshold[i] = (int16_t)(kind == FLOWKIT_ENDS ? flowkit_weight(r, kind)
                                                     : flowkit_between(r, -most / 16, most - 1));
  for (int i = 0; i < IDF_LINEAR_WEIGHTS; i++)
    l->weight[i] = (int16_t)(kind == FLOWKIT_ENDS ? 255 * (int32_t)(idf_unit_next(r) & 1)
                                                  : flowkit_between(r, 0, 255));
  for (int i = 0; i < IDF_LINEAR_BINS; i++)
    l->adjust[i] = (int16_t)(kind == FLOWKIT_SMALL  ? flowkit_between(r, -24, 24)
                             : kind == FLOWKIT_FULL ? flowkit_between(r, -168, 168)
                             : idf_unit_next(r) & 1 ? 168
                                                    : -168);
  for (int i = 0; i < IDF_LINEAR_MAX; i++)
    for (int c = 0; c < IDF_LINEAR_CLASSES; c++)
      l->coef[i / 2][c][i % 2] = (int16_t)flowkit_weight(r, kind);
}

/* Small: coefficients of a sample's own regressors make 1 together, those in an earlier plane
 * less than that. Full and ends: any that a blob may have. */
static inline void flowkit_linear(idf_linear *l, idf_unit_random *r, int kind)
{
  for (unsigned p = 0; p < IDF_LINEAR_PLANES; p++) {
    idf_linear_plane *plane = &l->plane[p];
    flowkit_linear_plane(plane, r, kind);
    for (int c = 0; c < IDF_LINEAR_CLASSES && kind == FLOWKIT_SMALL; c++) {
      int32_t left = 1 << IDF_Q_COEF;
      for (int i = 1; i < idf_linear_own_taps(p); i++)
        left -= plane->coef[i / 2][c][i % 2];
      plane->coef[0][c][0] = (int16_t)left;
    }
  }
}

/* Appends the blob that holds them. */
static inline void flowkit_blob_linear(idf_buf *blob, const idf_linear *l)
{
  static const uint8_t title[20] = "made up, linear";
  idf_put_bytes(blob, "IDFMODEL", 8);
  idf_put_le32(blob, 1 | 1 << 8 | 2 << 16);
  idf_put_bytes(blob, title, sizeof title);
  for (unsigned p = 0; p < IDF_LINEAR_PLANES; p++) {
    const idf_linear_plane *plane = &l->plane[p];
    for (unsigned i = 0; i < IDF_LINEAR_THRESHOLDS; i++)
      idf_put_le16(blob, (uint32_t)plane->threshold[i] & 0xffff);
    for (unsigned i = 0; i < 9 + p; i++)
      idf_put_le16(blob, (uint32_t)plane->weight[i] & 0xffff);
    for (unsigned i = 0; i < IDF_LINEAR_BINS; i++)
      idf_put_le16(blob, (uint32_t)plane->adjust[i] & 0xffff);
    for (int c = 0; c < IDF_LINEAR_CLASSES; c++)
      for (int i = 0; i < idf_linear_regressors(p); i++)
        idf_put_le16(blob, (uint32_t)plane->coef[i / 2][c][i % 2] & 0xffff);
  }
}

static inline idf_model *flowkit_model_linear(idf_mem *mem, const idf_linear *l)
{
  idf_buf blob;
  idf_model *model = NULL;
  idf_buf_init(&blob, mem);
  flowkit_blob_linear(&blob, l);
  CU_ASSERT_FALSE_FATAL(blob.bad);
  CU_ASSERT_EQUAL_FATAL(idf_model_parse(mem, blob.data, blob.len, &model), IDF_OK);
  idf_buf_free(&blob);
  return model;
}

/* --- planes ---------------------------------------------------------------------- */

enum {
  FLOWKIT_FLAT,
  FLOWKIT_SLOPE,
  FLOWKIT_NOISE,
  FLOWKIT_BLACK_WHITE,
  FLOWKIT_FEW,
  FLOWKIT_KINDS
};

/* One sample of a picture of that kind, within [min, max]. */
static inline int32_t flowkit_sample(idf_unit_random *r, int kind, uint32_t x, uint32_t y,
                                     int32_t min, int32_t max)
{
  int32_t range = max - min, wiggle = range / 64 + 1;
  switch (kind) {
  case FLOWKIT_FLAT:
    return min + range / 3;
  case FLOWKIT_SLOPE: /* with a sharp edge at every 50th column */
    return idf_clamp(min + (int32_t)(((x % 50) * 5 + y * 3) % 256) * wiggle / 4
                         + flowkit_between(r, 0, wiggle),
                     min, max);
  case FLOWKIT_NOISE:
    return flowkit_between(r, min, max);
  case FLOWKIT_BLACK_WHITE:
    return idf_unit_next(r) & 1 ? max : min;
  default:
    return min + (int32_t)((int64_t)range * idf_unit_below(r, 4) / 3);
  }
}

typedef struct flowkit_planes {
  int32_t *plane[IDF_FLOW_PLANES];
  size_t n;
  unsigned count;
} flowkit_planes;

static inline flowkit_planes flowkit_planes_new(idf_mem *mem, const idf_flow_shape *s)
{
  flowkit_planes p = {{NULL, NULL, NULL}, (size_t)s->width * s->height, s->planes};
  for (unsigned c = 0; c < s->planes; c++) {
    p.plane[c] = idf_alloc(mem, p.n, sizeof(int32_t));
    CU_ASSERT_PTR_NOT_NULL_FATAL(p.plane[c]);
  }
  return p;
}

static inline void flowkit_planes_free(idf_mem *mem, flowkit_planes *p)
{
  for (unsigned c = 0; c < p->count; c++)
    idf_free(mem, p->plane[c]);
}

static inline void flowkit_fill(flowkit_planes *p, const idf_flow_shape *s, idf_unit_random *r,
                                int kind)
{
  for (unsigned c = 0; c < s->planes; c++)
    for (size_t i = 0; i < p->n; i++)
      p->plane[c][i] = flowkit_sample(r, kind, (uint32_t)(i % s->width), (uint32_t)(i / s->width),
                                      s->min[c], s->max[c]);
}

static inline bool flowkit_same(const flowkit_planes *a, const flowkit_planes *b)
{
  for (unsigned c = 0; c < a->count; c++)
    for (size_t i = 0; i < a->n; i++)
      if (a->plane[c][i] != b->plane[c][i])
        return false;
  return true;
}

static inline const int32_t *const *flowkit_read_only(const flowkit_planes *p)
{
  return (const int32_t *const *)p->plane;
}

/* A shape whose planes all have the range [min, max]. */
static inline idf_flow_shape flowkit_shape(uint32_t width, uint32_t height, unsigned planes,
                                           int32_t min, int32_t max)
{
  return (idf_flow_shape){.width = width,
                          .height = height,
                          .planes = planes,
                          .min = {min, min, min},
                          .max = {max, max, max}};
}

/* --- the tape of latents --------------------------------------------------------- */

typedef struct flowkit_tape {
  int32_t *latent;
  size_t at, size;
  bool play;     /* inverse */
  bool broken;   /* a site was not what flow.h promises */
  uint64_t hash; /* of sites and latents */
  const idf_flow_shape *shape;
  int64_t time;
  unsigned plane;
} flowkit_tape;

static inline flowkit_tape flowkit_tape_new(idf_mem *mem, const idf_flow_shape *shape)
{
  size_t size = (size_t)shape->width * shape->height * shape->planes;
  flowkit_tape t = {.latent = idf_alloc(mem, size, sizeof(int32_t)),
                    .size = size,
                    .shape = shape,
                    .hash = FLOWKIT_HASH,
                    .time = -1};
  CU_ASSERT_PTR_NOT_NULL_FATAL(t.latent);
  return t;
}

static inline void flowkit_tape_rewind(flowkit_tape *t, bool play)
{
  t->at = 0;
  t->play = play;
  t->hash = FLOWKIT_HASH;
  t->time = -1;
  t->plane = 0;
}

static inline void flowkit_mix_site(uint64_t *hash, const idf_site *site)
{
  const idf_prior *p = &site->prior;
  const int64_t fields[] = {site->x, site->y, p->centre, p->frac,  p->lo,    p->hi,
                            p->min,  p->max,  p->total,  p->scale, p->shift, site->seen != NULL};
  for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
    flowkit_mix(hash, fields[i]);
  if (!site->seen)
    return;
  flowkit_mix(hash, site->seen_mass);
  flowkit_mix(hash, site->flag.p1);
  flowkit_mix(hash, site->flag.n);
  for (int32_t i = 0; i <= (p->max - p->min) / 64; i++)
    flowkit_mix(hash, (int64_t)site->seen[i]);
}

/* What flow.h and prior.h promise of a site of plane `plane`. */
static inline bool flowkit_site_sound(const idf_flow_shape *s, unsigned plane, const idf_site *site)
{
  const idf_prior *p = &site->prior;
  bool whole = p->lo == s->min[plane] && p->hi > s->max[plane];
  bool sound = site->x < s->width && site->y < s->height && p->min == s->min[plane]
               && p->max == s->max[plane] && p->lo >= p->min && p->hi <= p->max + (1 << p->shift)
               && p->hi > p->lo && (p->hi - p->lo) >> p->shift <= 511 && p->centre >= p->lo
               && p->centre < p->hi && p->frac >= -32 && p->frac <= 31 && p->scale < IDF_SCALES
               && p->total == (whole ? IDF_FREQ_ONE : IDF_FREQ_ONE - IDF_ESCAPE_SIZE);
  if (site->seen)
    sound = sound && s->occurrence && plane > 0 && site->seen_mass > 0
            && site->seen_mass < IDF_FREQ_ONE && site->flag.p1 >= 32 && site->flag.p1 <= 65504;
  return sound;
}

/* What is known of lane k, told by sites->site or by the arrays. */
static inline idf_site flowkit_site(const idf_sites *s, int k)
{
  if (s->site)
    return s->site[k];
  idf_site site = {.x = (uint32_t)(s->column + s->strip * k), .y = (uint32_t)(s->row - k)};
  idf_sites_prior(s, k, &site.prior);
  return site;
}

/* What sites.h promises of the lanes themselves. */
static inline bool flowkit_lanes_sound(const idf_flow_shape *s, const idf_sites *sites)
{
  bool sound = sites->strip == idf_strip_of(s->width) && sites->lo >= 0 && sites->lo < sites->hi
               && sites->hi <= IDF_SITES;
  for (int k = 0; k < IDF_SITES && sound; k++) {
    const int64_t x = sites->column + (int64_t)sites->strip * k, y = sites->row - (int64_t)k;
    const bool live = x < (int64_t)s->width && y >= 0 && y < (int64_t)s->height;
    sound = live == (k >= sites->lo && k < sites->hi) && sites->live[k] == (live ? -1 : 0);
  }
  return sound;
}

static inline idf_status flowkit_tape_turn(void *context, unsigned plane, idf_sites *sites)
{
  flowkit_tape *t = context;
  const int count = sites->hi - sites->lo;
  if (!flowkit_lanes_sound(t->shape, sites) || t->at + (size_t)count > t->size) {
    t->broken = true;
    return IDF_ERR_ARGUMENT;
  }
  /* Steps by rising (time, plane); sites of a step by rising row, so by falling lane. */
  int64_t time = sites->column + (int64_t)sites->strip * sites->row;
  if (time < t->time || (time == t->time && plane != t->plane + 1)
      || (time > t->time && plane != 0))
    t->broken = true;
  t->time = time;
  t->plane = plane;
  flowkit_mix(&t->hash, plane);
  flowkit_mix(&t->hash, count);
  for (int k = sites->hi - 1; k >= sites->lo; k--) {
    const idf_site site = flowkit_site(sites, k);
    if (!flowkit_site_sound(t->shape, plane, &site) || site.prior.centre != sites->centre[k]
        || (int64_t)site.x + (int64_t)sites->strip * site.y != time)
      t->broken = true;
    if (t->play)
      sites->latent[k] = t->latent[t->at++];
    else
      t->latent[t->at++] = sites->latent[k];
    flowkit_mix_site(&t->hash, &site);
    flowkit_mix(&t->hash, sites->latent[k]);
  }
  return IDF_OK;
}

/* 9 log2(v), 1 <= v <= 8192: the measure in which the network sees errors. */
static inline int32_t flowkit_log_code(uint32_t v)
{
  return (int32_t)((idf_log2_q8(v) * 9) >> 8);
}

/* --- pixels ---------------------------------------------------------------------- */

/* The R, G, B that the decoder of a lattice makes of Y, Cb, Cr. */
static inline void flowkit_decoded(unsigned layer, const int32_t ycc[3], int32_t rgb[3])
{
  static const uint8_t no_escapes[1] = {0};
  int32_t *const plane[3] = {rgb, rgb + 1, rgb + 2};
  idf_cur side = idf_cur_of(no_escapes, 1);
  for (int c = 0; c < 3; c++)
    rgb[c] = ycc[c];
  if (!idf_colour_layers[layer]->inverse(plane, 1, &side))
    abort();
}

#endif
