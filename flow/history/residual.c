/* SPDX-License-Identifier: BSD-3-Clause
 *
 * residual.c: codes the residual of residual.h. One walk serves both directions.
 * idf(5), "PIXELS OF A JPEG FILE".
 */
#include "residual.h"

#include <string.h>

#include "fixed.h"
#include "mixed_bit.h"

#define SLOT_BITS_MIN 12
#define SLOT_BITS_MAX 20
#define FLAG_CONTEXTS 5
#define CONTEXTS 9
#define UNARY 12 /* from this size on, coded by length and bits */
#define NEAR 3   /* larger differences share contexts */

/* Nodes of the tree of a difference. */
enum { NODE_ZERO = 0, NODE_SIGN = 1, NODE_SIZE = 2, NODE_LENGTH = NODE_SIZE + UNARY, NODES = 32 };

/* Sets of weights. */
enum {
  SETS_FLAG = 0,                     /* neighbours with a flag: 0 to 4 */
  SETS_BORDER = SETS_FLAG + 5,       /* whether a border of the tile is in the block */
  SETS_NODE = SETS_BORDER + 2,       /* by channel and node */
  SETS_NEAR = SETS_NODE + 3 * NODES, /* by channel, and sum of neighbours */
  SETS = SETS_NEAR + 3 * 8
};
enum { CURVES_FLAG = 0, CURVES_NODE = 1, CURVES = 1 + 3 };

typedef struct walk {
  const idf_job *job;
  idf_tile_shape shape;
  unsigned x, y;          /* of the first pixel in its block */
  uint16_t *made;         /* becomes equal to the tile */
  size_t stride;          /* of made */
  const idf_tile *wanted; /* encoder; else NULL */
  idf_decide decide;
  uint32_t blocks;  /* in a row */
  bool *flag;       /* owned: of the row of blocks above, and of this one; one more at each end */
  int16_t *differs; /* owned: of the row above, and of this one; a pixel more at each end */
  bool bad;         /* a sample would leave its range */
} walk;

static void walk_close(walk *w)
{
  idf_mixer_free(&w->decide.mixer, w->job->mem);
  idf_free(w->job->mem, w->flag);
  idf_free(w->job->mem, w->differs);
}

static idf_status walk_open(walk *w, const idf_job *job, const idf_tile_shape *shape, unsigned x,
                            unsigned y)
{
  const uint64_t samples = (uint64_t)shape->width * shape->height * shape->channels;
  unsigned slot_bits = SLOT_BITS_MIN;

  *w = (walk){.job = job, .shape = *shape, .x = x, .y = y};
  w->blocks = (x + shape->width + 7) / 8;
  while (slot_bits < SLOT_BITS_MAX && samples >> slot_bits != 0)
    slot_bits++;
  w->flag = idf_alloc(job->mem, 2 * ((size_t)w->blocks + 2), sizeof *w->flag);
  w->differs =
      idf_alloc(job->mem, 2 * ((size_t)shape->width + 2) * shape->channels, sizeof *w->differs);
  if (!w->flag || !w->differs) {
    idf_free(job->mem, w->flag);
    idf_free(job->mem, w->differs);
    return idf_mem_status(job->mem);
  }
  const idf_status status = idf_mixer_init(&w->decide.mixer, job->mem, slot_bits, SETS, CURVES);
  if (status != IDF_OK) {
    idf_free(job->mem, w->flag);
    idf_free(job->mem, w->differs);
  }
  return status;
}

/* ---- blocks ------------------------------------------------------------------------------ */

/* The part of block `at` of a row that lies in the tile. */
typedef struct part {
  uint32_t from, to;
} part;

static part part_of(uint32_t at, unsigned skip, uint32_t size)
{
  const uint32_t from = 8 * at, to = from + 8 - skip;
  return (part){from > skip ? from - skip : 0, IDF_MIN(to, size)};
}

static bool block_differs(const walk *w, part h, part v)
{
  const size_t channels = w->shape.channels, n = (h.to - h.from) * channels;
  for (uint32_t y = v.from; y < v.to; y++) {
    const uint16_t *a = w->made + y * w->stride + h.from * channels;
    const uint16_t *b = w->wanted->samples + y * w->wanted->stride + h.from * channels;
    if (memcmp(a, b, n * sizeof *a) != 0)
      return true;
  }
  return false;
}

static bool code_flag(walk *w, uint32_t at, part h, part v, bool *above, bool *here)
{
  const unsigned west = here[at], north = above[at + 1], north_west = above[at],
                 north_east = above[at + 2], west2 = at > 0 ? here[at - 1] : 0;
  const unsigned sum = west + north + north_west + north_east;
  const bool border = h.to - h.from < 8 || v.to - v.from < 8;
  const uint64_t known[FLAG_CONTEXTS] = {border, west | north << 1 | (unsigned)border << 2,
                                         west | north << 1 | north_west << 2 | north_east << 3
                                             | (unsigned)border << 4,
                                         west | west2 << 1 | (unsigned)border << 2, sum};
  uint32_t hash[FLAG_CONTEXTS];
  for (unsigned i = 0; i < FLAG_CONTEXTS; i++)
    hash[i] = idf_mixer_hash(idf_mixer_hash(i, known[i]), 1);
  const idf_contexts from = {
      hash, FLAG_CONTEXTS, {SETS_FLAG + sum, SETS_BORDER + border}, CURVES_FLAG};
  here[at + 1] = idf_decide_bit(&w->decide, &from, w->wanted && block_differs(w, h, v));
  return here[at + 1];
}

/* ---- samples ----------------------------------------------------------------------------- */

/* What is known before the difference of a sample. */
typedef struct near {
  unsigned channel;
  int32_t west, north, north_west, north_east; /* clamped to NEAR */
  int32_t before[2];                           /* of the channels before, at this pixel */
  unsigned place;                              /* in the block */
  unsigned ends;                               /* made samples that are 0 or 255, by channel */
  unsigned busy;                               /* differences in the block so far, approximately */
  bool border;
} near;

static int32_t clipped(int32_t v)
{
  return idf_clamp(v, -NEAR, NEAR);
}

static uint64_t pack(const int32_t *v, unsigned n)
{
  uint64_t all = 1;
  for (unsigned i = 0; i < n; i++)
    all = all * (2 * NEAR + 1) + (uint64_t)(v[i] + NEAR);
  return all;
}

static void contexts_of(const near *n, uint32_t base[CONTEXTS])
{
  const int32_t all[] = {n->before[0], n->before[1],  n->west,
                         n->north,     n->north_west, n->north_east};
  const int32_t sides[] = {n->west, n->north, n->before[0]};
  const int32_t round[] = {n->west, n->north, n->north_west, n->north_east,
                           n->before[n->channel == 2]};
  const uint64_t known[CONTEXTS] = {pack(all, 2),
                                    pack(sides, 2),
                                    pack(round, 5),
                                    pack(all, 4),
                                    pack(sides, 3) * 64 + n->place,
                                    pack(all, 2) * 16 + n->busy,
                                    pack(sides, 3) * 64 + n->ends,
                                    pack(all, 6),
                                    (n->place * 16 + n->busy) * 2 + n->border};
  for (unsigned i = 0; i < CONTEXTS; i++)
    base[i] = idf_mixer_hash(idf_mixer_hash(16 + i * 3 + n->channel, known[i]), n->border);
}

static unsigned code_node(walk *w, const near *n, const uint32_t base[CONTEXTS], unsigned node,
                          unsigned bit)
{
  const int32_t sum = (n->west < 0 ? -n->west : n->west) + (n->north < 0 ? -n->north : n->north);
  uint32_t hash[CONTEXTS];
  for (unsigned i = 0; i < CONTEXTS; i++)
    hash[i] = idf_mixer_hash(base[i], node);
  const idf_contexts from = {
      hash,
      CONTEXTS,
      {SETS_NODE + n->channel * NODES + node, SETS_NEAR + n->channel * 8 + (unsigned)sum},
      CURVES_NODE + n->channel};
  return idf_decide_bit(&w->decide, &from, bit);
}

/* Codes a size from UNARY on: the length in bits, then the bits below the first. */
static uint32_t code_large(walk *w, const near *n, const uint32_t base[CONTEXTS], uint32_t size)
{
  const uint32_t rest = size - UNARY + 1; /* at least 1 */
  const unsigned bits = w->wanted ? idf_top_bit(rest) : 0;
  unsigned length = 0;
  while (length < 8 && code_node(w, n, base, NODE_LENGTH + length, length < bits))
    length++;
  uint32_t v = 1;
  for (unsigned i = length; i-- > 0;)
    v = v << 1 | code_node(w, n, base, NODE_LENGTH + 9 + IDF_MIN(i, 7), rest >> i & 1);
  return v + UNARY - 1;
}

static int32_t code_difference(walk *w, const near *n, int32_t wanted)
{
  uint32_t base[CONTEXTS];
  const uint32_t size = (uint32_t)(wanted < 0 ? -wanted : wanted);
  uint32_t v = 1;

  contexts_of(n, base);
  if (code_node(w, n, base, NODE_ZERO, wanted == 0))
    return 0;
  const bool negative = code_node(w, n, base, NODE_SIGN, wanted < 0);
  while (v < UNARY && code_node(w, n, base, NODE_SIZE + v, size > v))
    v++;
  if (v == UNARY)
    v = code_large(w, n, base, IDF_MAX(size, UNARY));
  return negative ? -(int32_t)v : (int32_t)v;
}

static unsigned ends_of(const uint16_t *made, unsigned channels)
{
  unsigned ends = 0;
  for (unsigned c = 0; c < channels; c++)
    ends = ends << 2 | (unsigned)(made[c] == 0) | (unsigned)(made[c] == 255) << 1;
  return ends;
}

static unsigned grade(unsigned count)
{
  return count < 4 ? count : IDF_MIN(2 + idf_top_bit(count), 15);
}

/* Codes row y of a block. `above` and `here` have the differences of pixel x at (x + 1) *
 * channels. */
static void code_row(walk *w, uint32_t y, part h, bool border, unsigned *count,
                     const int16_t *above, int16_t *here)
{
  const unsigned channels = w->shape.channels;
  for (uint32_t x = h.from; x < h.to; x++) {
    uint16_t *made = w->made + y * w->stride + (size_t)x * channels;
    const uint16_t *wanted =
        w->wanted ? w->wanted->samples + y * w->wanted->stride + (size_t)x * channels : made;
    near n = {.place = (y + w->y) % 8 * 8 + (x + w->x) % 8,
              .ends = ends_of(made, channels),
              .border = border};
    for (unsigned c = 0; c < channels; c++) {
      const size_t at = (size_t)(x + 1) * channels + c;
      n.channel = c;
      n.west = clipped(here[at - channels]);
      n.north = clipped(above[at]);
      n.north_west = clipped(above[at - channels]);
      n.north_east = clipped(above[at + channels]);
      n.busy = grade(*count);
      const int32_t d = code_difference(w, &n, wanted[c] - made[c]), v = made[c] + d;
      here[at] = (int16_t)d;
      n.before[1] = n.before[0];
      n.before[0] = clipped(d);
      *count += d != 0;
      w->bad = w->bad || v < 0 || v > 255;
      made[c] = (uint16_t)(v & 255);
    }
  }
}

/* Codes a row of blocks, row of pixels by row of pixels, through all blocks. */
static idf_status code_blocks(walk *w, uint32_t at, unsigned *count)
{
  const size_t flags = (size_t)w->blocks + 2;
  const size_t samples = ((size_t)w->shape.width + 2) * w->shape.channels;
  bool *above = w->flag + (at % 2) * flags, *here = w->flag + (1 - at % 2) * flags;
  const part v = part_of(at, w->y, w->shape.height);

  memset(here, 0, flags * sizeof *here);
  for (uint32_t i = 0; i < w->blocks; i++)
    (void)code_flag(w, i, part_of(i, w->x, w->shape.width), v, above, here);
  memset(count, 0, w->blocks * sizeof *count);
  for (uint32_t y = v.from; y < v.to; y++) {
    int16_t *before = w->differs + (y % 2) * samples, *now = w->differs + (1 - y % 2) * samples;
    if (idf_cancelled(w->job->cancel))
      return IDF_ERR_CANCELLED;
    memset(now, 0, samples * sizeof *now);
    for (uint32_t i = 0; i < w->blocks; i++)
      if (here[i + 1]) {
        const part h = part_of(i, w->x, w->shape.width);
        code_row(w, y, h, h.to - h.from < 8 || v.to - v.from < 8, &count[i], before, now);
      }
  }
  return IDF_OK;
}

static idf_status code_all(walk *w)
{
  const uint32_t rows = (w->y + w->shape.height + 7) / 8;
  unsigned *count = idf_alloc(w->job->mem, w->blocks, sizeof *count);
  idf_status status = count ? IDF_OK : idf_mem_status(w->job->mem);
  for (uint32_t at = 0; at < rows && status == IDF_OK; at++)
    status = code_blocks(w, at, count);
  idf_free(w->job->mem, count);
  return status;
}

idf_status idf_residual_encode(const idf_job *job, const idf_tile *tile, uint16_t *made, unsigned x,
                               unsigned y, idf_buf *out)
{
  idf_rans_enc enc;
  walk w;
  idf_status status = walk_open(&w, job, &tile->shape, x, y);

  if (status != IDF_OK)
    return status;
  idf_rans_enc_init(&enc, job->mem, 1);
  w.made = made;
  w.stride = (size_t)tile->shape.width * tile->shape.channels;
  w.wanted = tile;
  w.decide.enc = &enc;
  enc.cancel = job->cancel;
  status = code_all(&w);
  if (status == IDF_OK)
    status = idf_rans_finish(&enc, out);
  idf_rans_enc_free(&enc);
  walk_close(&w);
  return status;
}

idf_status idf_residual_decode(const idf_job *job, const idf_tile *tile, unsigned x, unsigned y,
                               idf_cur payload, double *bits)
{
  idf_rans_dec dec;
  walk w;
  idf_status status = idf_rans_dec_init(&dec, payload.at, idf_cur_left(&payload), 1);

  if (status == IDF_OK)
    status = walk_open(&w, job, &tile->shape, x, y);
  if (status != IDF_OK)
    return status;
  w.made = tile->samples;
  w.stride = tile->stride;
  w.decide.dec = &dec;
  w.decide.measure = bits != NULL;
  status = code_all(&w);
  if (status == IDF_OK)
    status = idf_rans_dec_finish(&dec);
  if (status == IDF_OK && w.bad)
    status = IDF_ERR_CORRUPT;
  if (bits)
    *bits += w.decide.bits;
  walk_close(&w);
  return status;
}
