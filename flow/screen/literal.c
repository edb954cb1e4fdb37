/* SPDX-License-Identifier: BSD-3-Clause
 *
 * literal.c: codes literals by binary decisions, from the top bit down.
 *
 * In this way predictors of every kind vote on the same question. With a coded difference to one of
 * them they could not.
 * idf(5), "SCREEN TILES".
 */
#include "literal.h"

#include <string.h>

#include "fixed.h"

#define CONTEXTS 11
#define FLAG_CONTEXTS 3
#define OFTEN 20 /* known colours among the last 32 from which the flag pays, in bits and in time */

enum {                                  /* sets of weights, and what selects within them */
       SETS_BIT = 0,                    /* known, place, bit, distance */
       SETS_ERROR = SETS_BIT + 2 * 256, /* place, error of W */
       SETS_FLAG = SETS_ERROR + 64,
       SETS_RECENT = SETS_FLAG + 1 /* the last three flags */
};

enum {                 /* correction curves */
       CURVES_BIT = 0, /* known, place, bit, distance */
       CURVES_FLAG = CURVES_BIT + 2 * 4 * 16 * 16
};

/* Predictors from the neighbours in one channel. */
enum { F_MED, F_W, F_N, F_PLANE, F_MEAN_NE, F_2N, F_2W, F_MEAN_N, F_COUNT };

idf_status idf_literal_init(idf_literal *lit, idf_mem *mem, const idf_tile_shape *shape,
                            unsigned sets, unsigned curves)
{
  static const uint8_t order[4][4] = {{0}, {1, 0}, {1, 0, 2}, {3, 1, 0, 2}};
  *lit = (idf_literal){.channels = shape->channels,
                       .depth = shape->depth,
                       .width = shape->width,
                       .sets = sets,
                       .curves = curves};
  for (unsigned p = 0; p < shape->channels; p++)
    lit->order[p] = order[shape->channels - 1][p];
  for (int i = 0; i < 2; i++)
    lit->error[i] = idf_alloc(mem, (size_t)shape->width + 1, 4);
  if (idf_palette_init(&lit->palette, mem) == IDF_OK && lit->error[0] != NULL && lit->error[1])
    return IDF_OK;
  idf_literal_free(lit, mem);
  return idf_mem_status(mem);
}

void idf_literal_free(idf_literal *lit, idf_mem *mem)
{
  idf_palette_free(&lit->palette, mem);
  for (int i = 0; i < 2; i++) {
    idf_free(mem, lit->error[i]);
    lit->error[i] = NULL;
  }
}

void idf_literal_open_row(idf_literal *lit)
{
  int8_t *above = lit->error[0];
  lit->error[0] = lit->error[1];
  lit->error[1] = above;
  memset(lit->error[0], 0, ((size_t)lit->width + 1) * 4);
}

static int32_t channel(idf_pixel pixel, unsigned c)
{
  return (int32_t)(pixel >> (16 * c) & 0xffff);
}

/* The octave of v with its sign: 0, 1, 2 .. 3, 4 .. 7 and so on, up to 64 and above: -7 .. 7. */
static int32_t octave(int32_t v)
{
  if (v == 0)
    return 0;
  int32_t n = (int32_t)IDF_MIN(idf_top_bit((uint32_t)idf_abs(v)) + 1, 7);
  return v < 0 ? -n : n;
}

/* The half octave of v with its sign: -33 .. 33 for |v| < 2^17. */
static int32_t half_octave(int32_t v)
{
  uint32_t a = (uint32_t)idf_abs(v);
  if (a < 2)
    return v;
  uint32_t t = idf_top_bit(a);
  int32_t n = (int32_t)(2 * t + (a >> (t - 1) & 1));
  return v < 0 ? -n : n;
}

static void predict_from_near(int32_t f[F_COUNT], const idf_near *near, unsigned c)
{
  int32_t w = channel(near->w, c), n = channel(near->n, c), nw = channel(near->nw, c);
  f[F_W] = w;
  f[F_N] = n;
  f[F_PLANE] = w + n - nw;
  f[F_MED] = idf_clamp(f[F_PLANE], IDF_MIN(w, n), IDF_MAX(w, n));
  f[F_MEAN_NE] = (w + channel(near->ne, c)) / 2;
  f[F_2N] = 2 * n - channel(near->nn, c);
  f[F_2W] = 2 * w - channel(near->ww, c);
  f[F_MEAN_N] = (w + n) / 2;
}

/* Adds the error that the same predictors had in the guiding channel. */
static void follow(int32_t f[F_COUNT], const idf_near *near, idf_pixel known, unsigned guide)
{
  int32_t g[F_COUNT];
  predict_from_near(g, near, guide);
  for (int i = 0; i < F_COUNT; i++)
    f[i] += channel(known, guide) - g[i];
}

/* What is known before the first bit of a sample. */
typedef struct sample {
  unsigned place;
  int32_t f[F_COUNT], second[2]; /* predictions */
  int32_t w, n, nw;
  int32_t ew, en;  /* errors of the neighbours */
  uint32_t errors; /* those of the earlier samples, in one number */
  uint32_t before; /* hash of the earlier samples */
  uint32_t before_w, before_n;
} sample;

/* What is known of a colour from its first bits. */
typedef struct partial {
  uint64_t key;          /* those bits */
  bool known;            /* the colour is in the palette */
  idf_palette_part part; /* if so, the colours that it can be */
} partial;

/* Codes a sample and adds it to the colour. */
static int32_t code_sample(const idf_literal *lit, idf_decide *decide, const sample *s,
                           partial *colour, int32_t value)
{
  const unsigned after = (lit->channels - 1 - s->place) * lit->depth; /* bits of later samples */
  int32_t prefix = 1;
  for (unsigned i = lit->depth; i-- > 0;) {
    idf_palette_part half[2];
    if (colour->known) {
      idf_palette_split(&lit->palette, &colour->part, (2 * colour->key + 1) << (after + i), half);
      const unsigned only = idf_palette_left(&half[0]) == 0;
      if (only || idf_palette_left(&half[1]) == 0) {
        colour->part = half[only];
        colour->key = 2 * colour->key + only;
        prefix = 2 * prefix + (int32_t)only;
        continue;
      }
    }
    /* The middle of the values that the bits so far allow. */
    int32_t middle = (2 * prefix + 1) * (1 << i) - (1 << lit->depth);
    uint32_t q = idf_mixer_hash(s->place, i), exact = idf_mixer_hash(q, (uint64_t)prefix);
    int32_t med = half_octave(s->f[F_MED] - middle);
#define FAR(v) ((uint64_t)(half_octave((v)-middle) + 64))
    const uint32_t hash[CONTEXTS] = {
        idf_mixer_hash(q + 1, FAR(s->f[F_PLANE]) << 8 | (uint64_t)(s->en + 8)),
        idf_mixer_hash(q + 2, FAR(s->f[F_MEAN_NE]) << 8 | (uint64_t)(s->ew + 8)),
        idf_mixer_hash(q + 3, FAR(s->f[F_2N]) << 8 | FAR(s->f[F_N])),
        idf_mixer_hash(q + 4, FAR(s->f[F_2W]) << 8 | FAR(s->f[F_W])),
        idf_mixer_hash(q + 5, FAR(s->second[0]) << 8 | FAR(s->second[1])),
        idf_mixer_hash(q + 6, FAR(s->f[F_MED]) << 16 | s->errors),
        idf_mixer_hash(q + 7, FAR(s->w) << 16 | FAR(s->n) << 8 | FAR(s->nw)),
        exact,
        idf_mixer_hash(exact + 1, s->before),
        idf_mixer_hash(exact + 2, s->before_w),
        idf_mixer_hash(exact + 3, s->before_n),
    };
#undef FAR
    unsigned far = (unsigned)IDF_MIN(idf_abs(med), 15);
    unsigned where = (colour->known * 4 + s->place) * 16 + i;
    unsigned near = (unsigned)(far > 1) + (far > 3) + (far > 5);
    const idf_contexts from = {
        .hash = hash,
        .count = CONTEXTS,
        .set = {lit->sets + SETS_BIT + where * 4 + near,
                lit->sets + SETS_ERROR + s->place * 16 + (unsigned)(s->ew + 8)},
        .curve = lit->curves + CURVES_BIT + where * 16 + far};
    const unsigned bit = idf_decide_bit(decide, &from, (uint32_t)value >> i & 1);
    prefix = 2 * prefix + (int32_t)bit;
    colour->key = 2 * colour->key + bit;
    if (colour->known)
      colour->part = half[bit];
  }
  return prefix - (1 << lit->depth);
}

static uint64_t colour_key(const idf_literal *lit, idf_pixel pixel)
{
  uint64_t key = 0;
  for (unsigned place = 0; place < lit->channels; place++)
    key = key << lit->depth | (uint64_t)channel(pixel, lit->order[place]);
  return key;
}

static int ones(uint32_t v)
{
  int n = 0;
  for (; v != 0; v &= v - 1)
    n++;
  return n;
}

/* Codes whether the colour is known, if the flag is in use. Without it, all bits are coded. */
static void code_flag(const idf_literal *lit, idf_decide *decide, const idf_literal_site *site,
                      idf_pixel pixel, partial *colour)
{
  const int often = ones(lit->recent);
  uint64_t out[IDF_PALETTE_OUT];
  if (often < OFTEN)
    return;
  for (unsigned i = 0; i < site->refusals; i++)
    out[i] = colour_key(lit, site->refused[i]);
  colour->part = idf_palette_but(&lit->palette, out, site->refusals);
  if (idf_palette_left(&colour->part) == 0)
    return;
  const uint32_t recent = lit->recent & 7, hash[FLAG_CONTEXTS] = {
                                               idf_mixer_hash(31, (uint32_t)often << 3 | recent),
                                               idf_mixer_hash(32, site->near->w),
                                               idf_mixer_hash(33, site->near->n),
                                           };
  const idf_contexts from = {.hash = hash,
                             .count = FLAG_CONTEXTS,
                             .set = {lit->sets + SETS_FLAG, lit->sets + SETS_RECENT + recent},
                             .curve = lit->curves + CURVES_FLAG};
  colour->known =
      idf_decide_bit(decide, &from, idf_palette_has(&lit->palette, colour_key(lit, pixel)));
}

idf_pixel idf_literal_code(idf_literal *lit, idf_decide *decide, const idf_literal_site *site,
                           idf_pixel pixel, double *bits)
{
  const idf_near *near = site->near;
  int8_t *here = lit->error[0] + 4 * ((size_t)site->x + 1);
  const int8_t *above = lit->error[1] + 4 * ((size_t)site->x + 1);
  const unsigned first_colour = lit->channels == 4;
  const int32_t max = (1 << lit->depth) - 1;
  sample s = {.before = 1};
  partial colour = {.known = false};
  idf_pixel known = 0;
  double start = decide->bits; /* the flag's bits count for the first sample */

  code_flag(lit, decide, site, pixel, &colour);
  for (s.place = 0; s.place < lit->channels; s.place++) {
    unsigned c = lit->order[s.place];
    predict_from_near(s.f, near, c);
    s.w = s.f[F_W];
    s.n = s.f[F_N];
    s.nw = channel(near->nw, c);
    s.second[0] = s.w;
    s.second[1] = s.f[F_MEAN_N];
    if (lit->channels >= 3 && s.place == first_colour + 2) {
      int32_t f[F_COUNT];
      memcpy(f, s.f, sizeof f);
      follow(f, near, known, lit->order[s.place - 1]);
      s.second[0] = f[F_N];
      s.second[1] = f[F_MEAN_N];
    }
    if (lit->channels >= 3 && s.place > first_colour)
      follow(s.f, near, known, lit->order[first_colour]);
    for (int i = 0; i < F_COUNT; i++)
      s.f[i] = idf_clamp(s.f[i], 0, max);
    for (int i = 0; i < 2; i++)
      s.second[i] = idf_clamp(s.second[i], 0, max);
    s.ew = (here - 4)[s.place];
    s.en = above[s.place];
    s.before_w = idf_mixer_hash(s.before, near->w);
    s.before_n = idf_mixer_hash(s.before, near->n);
    int32_t value = code_sample(lit, decide, &s, &colour, channel(pixel, c));
    if (bits)
      bits[s.place] += decide->bits - start;
    start = decide->bits;
    here[s.place] = (int8_t)octave(value - s.f[F_MED]);
    s.errors = s.errors << 4 | (uint32_t)(here[s.place] + 8);
    s.before = idf_mixer_hash(s.before, (uint64_t)value);
    known |= (idf_pixel)(uint32_t)value << (16 * c);
  }
  lit->recent = lit->recent << 1 | idf_palette_has(&lit->palette, colour.key);
  idf_palette_add(&lit->palette, colour.key);
  return known;
}
