/* SPDX-License-Identifier: BSD-3-Clause
 *
 * screen.c: the walk over a tile of drawn pixels, the same for both directions.
 *
 * It codes runs of a repetition and spans that repeat the row above, then single pixels that a
 * candidate names, then literals. Runs and spans exist for speed alone: pixel by pixel, the mixer
 * would code a flat area in as few bits, but a hundred times more slowly.
 * idf(5), "SCREEN TILES".
 */
#include "screen.h"

#include <string.h>

#include "fixed.h"
#include "literal.h"

#define SLOT_BITS_MIN 14u
#define SLOTS_PER_PIXEL_LOG2 6u

/* Tables of IDF_SCREEN_BITS suit this many decisions, and each further bit suits four times as
 * many. For 40 screens, the largest tables throughout would give 1.2 % less, and take a seventh to
 * half as long again: smaller ones fit the nearer caches. */
#define DECISIONS 9216u

#define CALM 2 /* pixels equal to those above before a span is tried */
#define SPAN_MIN 4u
#define SPAN_REST 2u /* a break within so many pixels is left to single pixels */
#define RUN_FROM 32u /* length of a repetition from which it is coded in runs */
#define RUN_MIN 4u
#define LITERAL (1 + IDF_CANDIDATES) /* outcomes: 0 span or run, 1 + k candidate k, LITERAL */

/* In photographs at most a quarter of the pixels equal both neighbours, W and N; in screenshots and
 * icons a third to nearly all of them do. */
#define SMALL 16384u /* pixels: up to this, other methods are cheap to try */
#define TINY 1024u   /* pixels: up to this, all methods are */
#define LOOK_STEP 4u /* larger tiles: one row in so many is looked at, or in more, */
#define LOOK 65536u  /* to look at about so many pixels */
#define FEW 64u      /* colours; no photograph has as few */

#define PIXEL_CONTEXTS 6
#define SPAN_CONTEXTS 5
#define RUN_CONTEXTS 5

enum {                                               /* sets of weights */
       SETS_PIXEL = 0,                               /* candidate, match length */
       SETS_LABEL = SETS_PIXEL + 8 * IDF_CANDIDATES, /* candidate, which neighbours it equals */
       SETS_SPAN = SETS_LABEL + 16 * IDF_CANDIDATES, /* whether it is the first flag of a span */
       SETS_LENGTH = SETS_SPAN + 2,                  /* length */
       SETS_RUN = SETS_LENGTH + 16,                  /* whether it is the first flag of a run */
       SETS_RUN_LENGTH = SETS_RUN + 2,               /* length */
       SETS_LITERAL = SETS_RUN_LENGTH + 16,
       SETS = SETS_LITERAL + IDF_LITERAL_SETS
};

enum { /* correction curves */
       CURVES_PIXEL = 0,
       CURVES_SPAN = CURVES_PIXEL + IDF_CANDIDATES * 8 * 16,
       CURVES_RUN = CURVES_SPAN + 16,
       CURVES_LITERAL = CURVES_RUN + 16,
       CURVES = CURVES_LITERAL + IDF_LITERAL_CURVES
};

typedef struct screen {
  idf_plane plane;
  idf_match match;
  idf_literal literal;
  idf_decide decide;
  uint8_t *outcome[2]; /* owned: of this row and the one above, with a border of 1 on each side */
  uint32_t flat_end;   /* end of a run of equal pixels in the row above; 0: not known yet */
  uint32_t still_end;  /* end of a run in the row above that equals the row above that */
  uint32_t y;
  uint32_t calm;    /* pixels before this one that equal those above them */
  uint32_t recent;  /* first flags of the last spans, newest in bit 0 */
  uint32_t ran;     /* first flags of the last runs, newest in bit 0 */
  bool broken;      /* a run ended before this pixel, */
  idf_pixel unlike; /* which therefore is not this one */
  idf_tile_report *report;
} screen;

static idf_pixel pixel_of(const uint16_t *samples, unsigned channels)
{
  idf_pixel pixel = 0;
  for (unsigned c = 0; c < channels; c++)
    pixel |= (idf_pixel)samples[c] << (16 * c);
  return pixel;
}

static void screen_free(screen *s, idf_mem *mem)
{
  idf_plane_free(&s->plane, mem);
  idf_match_free(&s->match, mem);
  idf_literal_free(&s->literal, mem);
  idf_mixer_free(&s->decide.mixer, mem);
  idf_free(mem, s->outcome[0]);
  idf_free(mem, s->outcome[1]);
}

static unsigned slot_bits(const idf_tile_shape *shape, unsigned bits)
{
  const unsigned most = idf_top_bit(shape->width * shape->height) + SLOTS_PER_PIXEL_LOG2;
  return IDF_MIN(IDF_MAX(most, SLOT_BITS_MIN), bits);
}

static idf_status screen_init(screen *s, idf_mem *mem, const idf_tile_shape *shape, unsigned bits)
{
  const uint32_t pixels = shape->width * shape->height;
  *s = (screen){0};
  idf_status status = idf_plane_init(&s->plane, mem, shape->width, shape->height);
  if (status == IDF_OK)
    status = idf_match_init(&s->match, mem, pixels, bits);
  if (status == IDF_OK)
    status = idf_literal_init(&s->literal, mem, shape, SETS_LITERAL, CURVES_LITERAL);
  if (status == IDF_OK)
    status = idf_mixer_init(&s->decide.mixer, mem, slot_bits(shape, bits), SETS, CURVES);
  if (status == IDF_OK) {
    s->outcome[0] = idf_alloc(mem, (size_t)shape->width + 2, 1);
    s->outcome[1] = idf_alloc(mem, (size_t)shape->width + 2, 1);
    if (!s->outcome[0] || !s->outcome[1])
      status = idf_mem_status(mem);
  }
  if (status != IDF_OK)
    screen_free(s, mem);
  return status;
}

static void open_row(screen *s)
{
  const uint32_t width = s->plane.width;
  uint8_t *above = s->outcome[0];
  s->outcome[0] = s->outcome[1];
  s->outcome[1] = above;
  memset(s->outcome[0], 0, (size_t)width + 2);
  idf_plane_open_row(&s->plane, s->y);
  idf_literal_open_row(&s->literal);
  s->flat_end = s->still_end = 0;
  s->calm = CALM;
  s->recent = 0;
  s->broken = false;
  if (s->y > 0)
    idf_match_open_row(&s->match);
}

/* Reports bits for `count` pixels from column x on. Those of literals are reported by place. */
static void map_bits(const screen *s, uint32_t x, uint32_t count, double bits)
{
  idf_tile_report *r = s->report;
  r->model_bits += bits;
  if (r->map)
    for (uint32_t i = 0; i < count; i++)
      r->map[(size_t)s->y * s->plane.width + x + i] += (float)(bits / count);
}

static void share(const screen *s, double bits)
{
  for (unsigned c = 0; c < s->literal.channels; c++)
    s->report->channel_bits[c] += bits / s->literal.channels;
}

static uint32_t equal_above(const screen *s, uint32_t x, uint32_t most)
{
  const idf_pixel *row = s->plane.at + s->y * s->plane.stride;
  uint32_t n = 0;
  while (n < most && row[x + n] == (row - s->plane.stride)[x + n])
    n++;
  return n;
}

/* Codes how many of `span` pixels from column x on equal those above: first the flag "all", then by
 * halving, to within SPAN_REST. Returns how many are settled. */
static uint32_t code_span(screen *s, uint32_t x, uint32_t span, const idf_near *near)
{
  const bool encoding = !s->decide.dec;
  const uint32_t actual = encoding ? equal_above(s, x, span) : 0;
  const uint32_t flat = near->n == near->w && s->flat_end - x >= span;
  const idf_pixel *row = s->plane.at + s->y * s->plane.stride, *n = row - s->plane.stride;
  uint32_t good = 0, left = span, level = 0;

  for (;; level++) {
    uint32_t length = level == 0 ? left : (left + 1) / 2, size = idf_top_bit(length) + 1;
    uint32_t later = level > 0, hint = 0;
    if (s->match.length > 0) {
      const idf_pixel *at = s->plane.base + s->match.at;
      hint = 1u + (*at == near->n)
             + (at + length <= row + x && at[length - 1] == n[x + good + length - 1]);
    }
    const uint32_t hash[SPAN_CONTEXTS] = {
        idf_mixer_hash(11, size << 8 | IDF_MIN(level, 15u) << 1 | flat),
        idf_mixer_hash(12, size << 8 | (uint32_t)s->outcome[1][x + 1] << 1 | flat),
        idf_mixer_hash(13, size << 8 | (s->recent & 15) << 2 | later << 1 | flat),
        idf_mixer_hash(14, size << 8 | hint << 3 | (uint32_t)(x + span == s->plane.width) << 2
                               | later << 1 | flat),
        idf_mixer_hash(15
                           + (later << 2 | (uint32_t)(near->n == near->nn) << 1
                              | (uint32_t)(near->n == near->nw)),
                       near->n),
    };
    const idf_contexts from = {.hash = hash,
                               .count = SPAN_CONTEXTS,
                               .set = {SETS_SPAN + later, SETS_LENGTH + size},
                               .curve = CURVES_SPAN + size};
    const unsigned bit = idf_decide_bit(&s->decide, &from, encoding && actual - good >= length);
    if (level == 0)
      s->recent = s->recent << 1 | bit;
    if (bit) {
      good += length;
      left -= length;
    } else {
      left = length;
    }
    if (left <= SPAN_REST || (level == 0 && left <= SPAN_MIN))
      return good;
  }
}

/* Finds the lengths of both runs from column x on. Columns must be asked for in rising order. */
static void find_runs(screen *s, uint32_t x)
{
  const uint32_t width = s->plane.width;
  const idf_pixel *n = s->plane.at + s->y * s->plane.stride - s->plane.stride;
  const idf_pixel *nn = n - s->plane.stride;

  if (s->flat_end <= x) {
    s->flat_end = x + 1;
    while (s->flat_end < width && n[s->flat_end] == n[x])
      s->flat_end++;
  }
  if (s->still_end <= x) {
    s->still_end = x;
    while (s->still_end < width && n[s->still_end] == nn[s->still_end])
      s->still_end++;
  }
}

/* Codes a span at column x, if one is due. Returns its length; 0: code a pixel. */
static uint32_t try_span(screen *s, uint32_t x)
{
  idf_pixel *here = s->plane.at + s->y * s->plane.stride + x;
  const size_t stride = s->plane.stride;
  if (s->calm < CALM)
    return 0;
  find_runs(s, x);
  uint32_t span = s->still_end - x;
  if (*(here - stride) == here[-1])
    span = IDF_MAX(span, s->flat_end - x);
  if (span < SPAN_MIN)
    return 0;
  double start = s->decide.bits;
  idf_near near;
  idf_near_look(&near, here, stride);
  uint32_t good = code_span(s, x, span, &near);
  s->calm = good == span ? CALM : 0;
  memcpy(here, here - stride, good * sizeof *here);
  if (good > 0)
    idf_match_skip(&s->match, &s->plane, (size_t)(here - s->plane.base) + good - 1, good);
  if (s->report) {
    map_bits(s, x, IDF_MAX(good, 1), s->decide.bits - start);
    share(s, s->decide.bits - start);
  }
  return good;
}

/* Codes how many of `run` pixels from column x on follow the repetition: first the flag "all", then
 * by halving, exactly. Returns how many do. */
static uint32_t code_run(screen *s, uint32_t x, uint32_t run, const idf_near *near)
{
  const bool encoding = !s->decide.dec;
  const idf_pixel *here = s->plane.at + s->y * s->plane.stride + x;
  const idf_pixel *there = s->plane.base + s->match.at;
  const uint32_t old = idf_top_bit(s->match.length), agrees = *there == near->n;
  uint32_t actual = 0, good = 0, left = run, level = 0;

  while (encoding && actual < run && here[actual] == there[actual])
    actual++;
  for (;; level++) {
    const uint32_t length = level == 0 ? left : (left + 1) / 2, size = idf_top_bit(length) + 1;
    const uint32_t later = level > 0;
    const uint32_t hash[RUN_CONTEXTS] = {
        idf_mixer_hash(23, size << 8 | IDF_MIN(level, 15u) << 4 | old),
        idf_mixer_hash(24, size << 8 | (uint32_t)s->outcome[1][x + 1] << 2 | agrees << 1 | later),
        idf_mixer_hash(25, size << 8 | (s->ran & 15) << 1 | later),
        idf_mixer_hash(26, size << 8 | (uint32_t)(x + run == s->plane.width) << 2 | agrees << 1
                               | later),
        idf_mixer_hash(27 + later, *there),
    };
    const idf_contexts from = {.hash = hash,
                               .count = RUN_CONTEXTS,
                               .set = {SETS_RUN + later, SETS_RUN_LENGTH + size},
                               .curve = CURVES_RUN + size};
    const unsigned bit = idf_decide_bit(&s->decide, &from, encoding && actual - good >= length);
    if (level == 0)
      s->ran = s->ran << 1 | bit;
    if (bit) {
      good += length;
      left -= length;
    } else {
      left = length;
    }
    if (left <= 1)
      return good;
  }
}

/* Codes a run at column x. Its length is at most the number of pixels that the repetition has been
 * right for, rounded down to a power of two. There is none if the row has too few pixels left.
 * Returns its length; 0: code a pixel. */
static uint32_t try_run(screen *s, uint32_t x)
{
  idf_pixel *here = s->plane.at + s->y * s->plane.stride + x;
  const size_t stride = s->plane.stride;
  const uint32_t run = IDF_MIN(s->plane.width - x, 1u << idf_top_bit(s->match.length));
  if (run < RUN_MIN)
    return 0;
  double start = s->decide.bits;
  idf_near near;
  idf_near_look(&near, here, stride);
  const uint32_t good = code_run(s, x, run, &near);
  const idf_pixel *there = s->plane.base + s->match.at;
  for (uint32_t i = 0; i < good; i++) /* may overlap, as in LZ77 */
    here[i] = there[i];
  s->broken = good < run;
  s->unlike = there[good];
  s->calm = !s->broken && here[good - 1] == *(here + good - 1 - stride) ? CALM : 0;
  idf_match_run(&s->match, good, s->broken);
  if (s->report) {
    map_bits(s, x, IDF_MAX(good, 1), s->decide.bits - start);
    share(s, s->decide.bits - start);
  }
  return good;
}

static uint32_t match_class(uint32_t length)
{
  return length < 3 ? length : IDF_MIN(idf_top_bit(length) + 2, 7);
}

/* Codes which candidate the pixel is; false if it is none. */
static bool code_candidate(screen *s, uint32_t x, const idf_near *near, idf_pixel *pixel)
{
  const idf_match *m = &s->match;
  const uint8_t *now = s->outcome[0] + x + 1, *above = s->outcome[1] + x + 1;
  const uint32_t lived =
      (uint32_t)now[-1] << 9 | (uint32_t)above[0] << 6 | (uint32_t)above[1] << 3 | above[-1];
  const uint32_t pattern =
      (uint32_t)(near->w == near->n) | (uint32_t)(near->w == near->nw) << 1
      | (uint32_t)(near->n == near->nw) << 2 | (uint32_t)(near->n == near->ne) << 3
      | (uint32_t)(near->w == near->ww) << 4 | (uint32_t)(near->n == near->nn) << 5
      | (uint32_t)(near->nw == near->nww) << 6 | (uint32_t)(near->ne == near->nee) << 7
      | (uint32_t)(near->w == near->ne) << 8 | (uint32_t)(near->ne == near->nne) << 9;
  const uint32_t repeat = match_class(m->length);

  for (unsigned k = 0; k < IDF_MIN(m->candidates, (unsigned)IDF_CANDIDATES); k++) {
    idf_pixel c = m->candidate[k];
    if (s->broken && c == s->unlike)
      continue;
    uint32_t label = (uint32_t)(c == near->w) | (uint32_t)(c == near->n) << 1
                     | (uint32_t)(c == near->nw) << 2 | (uint32_t)(c == near->ne) << 3;
    const uint32_t hash[PIXEL_CONTEXTS] = {
        idf_mixer_hash(1, m->votes[k] << 3 | k),
        idf_mixer_hash(2, pattern << 7 | label << 3 | k),
        idf_mixer_hash(3, lived << 7 | label << 3 | k),
        idf_mixer_hash(m->hash[IDF_ORDER_2] + 4, c),
        idf_mixer_hash(m->hash[IDF_ORDER_12] + 5, c),
        idf_mixer_hash(6 + (k > 0), c),
    };
    const idf_contexts from = {.hash = hash,
                               .count = PIXEL_CONTEXTS,
                               .set = {SETS_PIXEL + k * 8 + repeat, SETS_LABEL + k * 16 + label},
                               .curve = CURVES_PIXEL + (k * 8 + repeat) * 16 + label};
    if (idf_decide_bit(&s->decide, &from, !s->decide.dec && *pixel == c)) {
      *pixel = c;
      s->outcome[0][x + 1] = (uint8_t)(1 + k);
      return true;
    }
  }
  return false;
}

static void code_pixel(screen *s, uint32_t x)
{
  idf_pixel *here = s->plane.at + s->y * s->plane.stride + x, pixel = *here;
  const size_t place = (size_t)(here - s->plane.base);
  double start = s->decide.bits;
  idf_near near;
  idf_near_look(&near, here, s->plane.stride);
  idf_match_look(&s->match, &s->plane, place, &near);
  bool named = code_candidate(s, x, &near, &pixel);
  double flags = s->decide.bits;
  if (!named) {
    idf_literal_site site = {.x = x, .near = &near};
    _Static_assert(IDF_CANDIDATES + 1 <= IDF_PALETTE_OUT, "all of them, and the broken run's");
    site.refusals = IDF_MIN(s->match.candidates, (unsigned)IDF_CANDIDATES);
    memcpy(site.refused, s->match.candidate, site.refusals * sizeof *site.refused);
    if (s->broken)
      site.refused[site.refusals++] = s->unlike;
    pixel = idf_literal_code(&s->literal, &s->decide, &site, pixel,
                             !s->report ? NULL : s->report->channel_bits);
    s->outcome[0][x + 1] = LITERAL;
  }
  *here = pixel;
  s->broken = false;
  idf_match_learn(&s->match, &s->plane, place);
  s->calm = pixel == near.n ? s->calm + 1 : 0;
  if (s->report) {
    map_bits(s, x, 1, s->decide.bits - start);
    share(s, flags - start);
  }
}

static void code_row(screen *s)
{
  open_row(s);
  for (uint32_t x = 0; x < s->plane.width;) {
    uint32_t known = 0;
    if (!s->broken) /* otherwise the pixel after a run is due */
      known = s->match.length >= RUN_FROM ? try_run(s, x) : try_span(s, x);
    if (known == 0)
      code_pixel(s, x);
    x += IDF_MAX(known, 1u);
  }
  idf_plane_close_row(&s->plane, s->y);
}

static size_t decisions_for(unsigned bits)
{
  return (size_t)DECISIONS << 2 * (bits - IDF_SCREEN_BITS);
}

/* The table size for a tile of which some rows took `count` decisions: `bits`, as long as that may
 * be enough. */
static unsigned bits_for(const idf_tile_shape *shape, unsigned bits, size_t count, uint32_t rows)
{
  const size_t limit = decisions_for(bits), pace = count * shape->height / rows;
  if (bits == IDF_SCREEN_BITS_MAX || slot_bits(shape, bits + 1) == slot_bits(shape, bits)
      || (count <= limit && (count <= limit / 4 || pace <= 2 * limit)))
    return bits;
  bits++;
  while (bits < IDF_SCREEN_BITS_MAX && pace > decisions_for(bits))
    bits++;
  return bits;
}

idf_status idf_screen_encode(const idf_job *job, const idf_tile *tile, unsigned bits, idf_buf *out,
                             unsigned *wanted)
{
  const idf_tile_shape *shape = &tile->shape;
  idf_mem *mem = job->mem;
  screen s;
  idf_rans_enc enc;
  idf_status status = screen_init(&s, mem, shape, bits);
  *wanted = bits;
  if (status != IDF_OK)
    return status;
  idf_rans_enc_init(&enc, mem, 1);
  enc.cancel = job->cancel;
  s.decide.enc = &enc;
  for (uint32_t y = 0; y < shape->height && !idf_cancelled(job->cancel); y++)
    for (uint32_t x = 0; x < shape->width; x++) {
      const uint16_t *from = tile->samples + y * tile->stride + (size_t)x * shape->channels;
      s.plane.at[y * s.plane.stride + x] = pixel_of(from, shape->channels);
    }
  for (s.y = 0; s.y < shape->height && *wanted == bits && !enc.bad; s.y++) {
    if (idf_cancelled(job->cancel)) {
      status = IDF_ERR_CANCELLED;
      break;
    }
    code_row(&s);
    *wanted = bits_for(shape, bits, enc.count, s.y + 1);
  }
  if (enc.bad)
    status = idf_mem_status(mem);
  else if (status == IDF_OK && *wanted == bits)
    status = idf_rans_finish(&enc, out);
  idf_rans_enc_free(&enc);
  screen_free(&s, mem);
  return status;
}

static void deliver(const idf_pixel *row, const idf_tile_shape *shape, uint16_t *to)
{
  const uint32_t width = shape->width;
  if (shape->channels == 3) { /* most tiles; a constant number is twice as fast */
    for (uint32_t x = 0; x < width; x++, to += 3)
      for (unsigned c = 0; c < 3; c++)
        to[c] = (uint16_t)(row[x] >> (16 * c));
    return;
  }
  for (uint32_t x = 0; x < width; x++)
    for (unsigned c = 0; c < shape->channels; c++)
      *to++ = (uint16_t)(row[x] >> (16 * c));
}

idf_status idf_screen_decode(const idf_job *job, const idf_tile *tile, unsigned bits, idf_cur in,
                             idf_tile_report *report)
{
  const idf_tile_shape *shape = &tile->shape;
  screen s;
  idf_rans_dec dec;
  idf_status status = idf_rans_dec_init(&dec, in.at, idf_cur_left(&in), 1);
  if (status != IDF_OK)
    return status;
  status = screen_init(&s, job->mem, shape, bits);
  if (status != IDF_OK)
    return status;
  s.decide.dec = &dec;
  s.decide.measure = report != NULL;
  s.report = report;
  for (s.y = 0; s.y < shape->height && !dec.bad && status == IDF_OK; s.y++) {
    code_row(&s);
    if (idf_cancelled(job->cancel))
      status = IDF_ERR_CANCELLED;
    deliver(s.plane.at + s.y * s.plane.stride, shape, tile->samples + s.y * tile->stride);
  }
  if (status == IDF_OK)
    status = idf_rans_dec_finish(&dec);
  screen_free(&s, job->mem);
  return status;
}

/* Counts distinct pixels, up to FEW + 1. */
typedef struct census {
  idf_pixel seen[FEW];
  unsigned count;
} census;

static void count_colour(census *c, idf_pixel pixel)
{
  unsigned i = 0;
  while (i < c->count && i < FEW && c->seen[i] != pixel)
    i++;
  if (i < FEW)
    c->seen[i] = pixel;
  if (i == c->count)
    c->count++;
}

/* Whether each channel of a pixel is a + b - c, where a, b and c are distances back to other
 * pixels. */
static bool is_sum(const uint16_t *at, unsigned channels, size_t a, size_t b, size_t c)
{
  for (unsigned k = 0; k < channels; k++)
    if (at[k] != (at - a)[k] + (at - b)[k] - (at - c)[k])
      return false;
  return true;
}

/* Whether a small tile looks so much like a photograph that the trial can be saved: less than a
 * third of the pixels equal a neighbour or continue a slope exactly. With alpha, the method may be
 * far better all the same. */
static bool small_photo(const idf_tile *tile)
{
  const idf_tile_shape *shape = &tile->shape;
  const size_t stride = tile->stride;
  const size_t c = shape->channels;
  uint32_t easy = 0, pixels = shape->width * shape->height;
  if (pixels <= TINY || c % 2 == 0 || shape->width < 3 || shape->height < 3)
    return false;
  for (uint32_t y = 2; y < shape->height; y++)
    for (uint32_t x = 2; x < shape->width; x++) {
      const uint16_t *at = tile->samples + y * stride + x * c;
      easy += is_sum(at, shape->channels, c, c, c)
              || is_sum(at, shape->channels, stride, stride, stride)
              || is_sum(at, shape->channels, c, c, 2 * c)
              || is_sum(at, shape->channels, stride, stride, 2 * stride)
              || is_sum(at, shape->channels, c, stride, stride + c);
    }
  return easy < pixels / 3;
}

/* Compares inline; memcmp would be a call. */
static inline bool is_same(const uint16_t *a, const uint16_t *b, unsigned channels)
{
  uint32_t other = 0;
  for (unsigned c = 0; c < channels; c++)
    other |= a[c] ^ b[c];
  return other == 0;
}

static idf_hope look_screen(const idf_tile *tile)
{
  const idf_tile_shape *shape = &tile->shape;
  const size_t stride = tile->stride;
  const uint32_t pixels = shape->width * shape->height;
  uint32_t step = pixels > SMALL ? IDF_MAX(LOOK_STEP, pixels / LOOK) : 1;
  step = IDF_MIN(step, shape->height);
  const uint32_t looked = shape->height / step * shape->width;
  const unsigned c = shape->channels;
  uint32_t both = 0, either = 0; /* pixels that equal W and N, W or N */
  census colours = {.count = 0};
  for (uint32_t y = step - 1; y < shape->height; y += step)
    for (uint32_t x = 0; x < shape->width; x++) {
      const uint16_t *at = tile->samples + y * stride + (size_t)x * c;
      const bool w = x > 0 && is_same(at, at - c, c), n = y > 0 && is_same(at, at - stride, c);
      both += w && n;
      either += w || n;
      if (!w && !n && colours.count <= FEW)
        count_colour(&colours, pixel_of(at, c));
    }
  if (both >= looked / 2 || shape->indexed)
    return IDF_LIKELY;
  return both >= looked / 10 * 3 || either >= looked / 4 * 3
                 || (pixels <= SMALL && !small_photo(tile)) || colours.count <= FEW
             ? IDF_OPEN
             : IDF_HOPELESS;
}

static bool screen_settles(const idf_tile *tile, idf_hope hope, const uint8_t *payload,
                           size_t bytes)
{
  (void)payload;
  /* Of small tiles, nearly all of them icons, the flow is shorter for one in a hundred, by 0.02 %
   * of all bytes; trying it takes twice the time of everything else. */
  const size_t pixels = (size_t)tile->shape.width * tile->shape.height;
  const bool likely = hope == IDF_LIKELY;
  if (pixels <= SMALL)
    return likely && bytes * 8 < 3 * pixels;
  return bytes * 8 < (likely ? pixels : pixels / 4);
}

/* Encodes with tables as large as the tile asks for. */
static idf_status encode_screen(const idf_job *job, const idf_tile *tile, idf_buf *out)
{
  const size_t from = out->len;
  idf_status status = IDF_OK;
  unsigned bits = 0, wanted = IDF_SCREEN_BITS;
  while (status == IDF_OK && bits != wanted) {
    bits = wanted;
    out->len = from;
    idf_put_u8(out, IDF_TILE_SCREEN + bits - IDF_SCREEN_BITS);
    status = idf_screen_encode(job, tile, bits, out, &wanted);
  }
  return status;
}

static idf_status decode_screen(const idf_job *job, const idf_tile *tile, idf_cur payload,
                                idf_tile_report *report)
{
  const unsigned byte = idf_get_u8(&payload);
  return idf_screen_decode(job, tile, IDF_SCREEN_BITS + byte - IDF_TILE_SCREEN, payload, report);
}

const idf_method idf_screen = {.name = "screen",
                               .first = IDF_TILE_SCREEN,
                               .last = IDF_TILE_SCREEN_LAST,
                               .look = IDF_ENCODING(look_screen),
                               .settles = IDF_ENCODING(screen_settles),
                               .encode = IDF_ENCODING(encode_screen),
                               .decode = decode_screen};
