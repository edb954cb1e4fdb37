/* SPDX-License-Identifier: BSD-3-Clause
 *
 * origin.c: see origin.h.
 *
 * A colour taken at random has a preimage under one conversion with a probability of 1/4 or less.
 * So a few pixels tell which conversions are possible, and for most pictures that none is. Then
 * pixels that would share a knot must agree on its chroma.
 */
#include "origin.h"

#include "preimage.h"

#define FEW 48        /* pixels that are tried first; of them 3 in 4 must fit */
#define MANY 768      /* then these; 15 in 16 must fit */
#define PLACES 8192   /* looked at to find them */
#define ENOUGH 64     /* pixels that can tell, at least */
#define BLOCKS 1024   /* tried for each phase */
#define BLOCKS_MIN 24 /* that can tell */

static const struct {
  unsigned conversion;
  idf_spacing spacing;
} kinds[] = {
    {IDF_CONVERSION_FFMPEG, IDF_SPACING_REPLICATED},
    {IDF_CONVERSION_FFMPEG + 1, IDF_SPACING_REPLICATED},
    {IDF_CONVERSION_FFMPEG + 2, IDF_SPACING_REPLICATED},
    {IDF_CONVERSION_FFMPEG + 3, IDF_SPACING_REPLICATED},
    {IDF_CONVERSION_LIBYUV, IDF_SPACING_REPLICATED},
    {IDF_CONVERSION_LIBYUV + 1, IDF_SPACING_REPLICATED},
    {IDF_CONVERSION_LIBYUV + 2, IDF_SPACING_REPLICATED},
    {IDF_CONVERSION_LIBYUV + 3, IDF_SPACING_REPLICATED},
    {IDF_CONVERSION_LIBWEBP, IDF_SPACING_REPLICATED},
    {IDF_CONVERSION_LIBHEIF, IDF_SPACING_REPLICATED},
};

/* Pixels from everywhere, in an order that jumps about. */
typedef struct places {
  const idf_tile *tile;
  uint64_t at, n;
} places;

static places places_of(const idf_tile *tile)
{
  const uint64_t n = (uint64_t)tile->shape.width * tile->shape.height;
  return (places){tile, n / 3, n};
}

static void next_place(places *p, uint32_t *x, uint32_t *y)
{
  /* A step near 0.618 n, prime to no n in particular; that some pixels repeat does no harm. */
  p->at = (p->at + p->n * 39 / 63 + 1) % p->n;
  *x = (uint32_t)(p->at % p->tile->shape.width);
  *y = (uint32_t)(p->at / p->tile->shape.width);
}

static void pixel_at(const idf_tile *tile, uint32_t x, uint32_t y, int32_t rgb[3])
{
  const uint16_t *from = tile->samples + y * tile->stride + (size_t)x * 3;
  for (unsigned c = 0; c < 3; c++)
    rgb[c] = from[c];
}

/* Grays and clipped pixels fit nearly everything. */
static bool tells(const int32_t rgb[3])
{
  return !idf_clipped(rgb) && (rgb[0] != rgb[1] || rgb[1] != rgb[2]);
}

/* Gathers pixels that can tell, no two in a row alike. Returns their number. */
static unsigned gather(const idf_tile *tile, int32_t rgb[MANY][3])
{
  places p = places_of(tile);
  unsigned n = 0;
  for (uint64_t i = 0; i < PLACES && i < p.n && n < MANY; i++) {
    uint32_t x, y;
    next_place(&p, &x, &y);
    pixel_at(tile, x, y, rgb[n]);
    const bool again = n > 0 && rgb[n][0] == rgb[n - 1][0] && rgb[n][1] == rgb[n - 1][1]
                       && rgb[n][2] == rgb[n - 1][2];
    n += tells(rgb[n]) && !again;
  }
  return n;
}

/* How many of the pixels have no preimage; some number above n / 16 if they are many. */
static unsigned misses(const idf_preimage *p, int32_t (*rgb)[3], unsigned n)
{
  unsigned missed = 0;
  for (unsigned i = 0; i < n; i++) {
    int32_t uv[2];
    missed += !idf_preimage_chroma(p, rgb[i], uv);
    if ((i <= FEW && missed > FEW / 4) || missed > n / 16 + FEW / 4)
      return n;
  }
  return missed;
}

/* The share of blocks of 2x2 pixels at this phase, in 1/1024, that have one chroma. */
static unsigned agreement(const idf_preimage *p, const idf_tile *tile, unsigned phase_x,
                          unsigned phase_y)
{
  places from = places_of(tile);
  unsigned n = 0, good = 0;
  for (uint64_t i = 0; i < BLOCKS && i < from.n / 4; i++) {
    uint32_t x, y;
    int32_t rgb[4][3], uv[2], range[2];
    bool telling = true;
    next_place(&from, &x, &y);
    x = ((x + phase_x) & ~1u) - phase_x;
    y = ((y + phase_y) & ~1u) - phase_y;
    if (x + 1 >= tile->shape.width || y + 1 >= tile->shape.height || x + 1 == 0 || y + 1 == 0)
      continue; /* not whole */
    for (unsigned k = 0; k < 4; k++) {
      pixel_at(tile, x + k % 2, y + k / 2, rgb[k]);
      telling = telling && tells(rgb[k]);
    }
    if (!telling)
      continue;
    bool same = idf_preimage_chroma(p, rgb[0], uv);
    for (unsigned k = 1; k < 4 && same; k++)
      same = idf_preimage_luma(p, rgb[k], uv[0], uv[1], range);
    n++;
    good += same;
  }
  return n < BLOCKS_MIN ? 0 : good * 1024 / n;
}

static bool place_blocks(const idf_preimage *p, const idf_tile *tile, idf_spacing spacing,
                         idf_siting *s)
{
  unsigned best = 0, at = 0;
  for (unsigned phase = 0; phase < 4; phase++) {
    const unsigned share = agreement(p, tile, phase & 1, phase >> 1);
    if (share > best) {
      best = share;
      at = phase;
    }
  }
  *s = (idf_siting){.x = {.spacing = spacing, .phase = at & 1, .pixels = tile->shape.width},
                    .y = {.spacing = spacing, .phase = at >> 1, .pixels = tile->shape.height}};
  return best >= 896 && idf_axis_init(&s->x) && idf_axis_init(&s->y);
}

bool idf_origin_find(const idf_tile *tile, idf_origin *origin)
{
  int32_t rgb[MANY][3];
  idf_preimage p;
  unsigned least = MANY + 1;

  if (tile->shape.channels != 3 || tile->shape.depth != 8 || tile->shape.indexed)
    return false;
  const unsigned n = gather(tile, rgb);
  if (n < ENOUGH)
    return false;
  for (unsigned k = 0; k < sizeof kinds / sizeof *kinds; k++) {
    idf_origin found = {.conversion = kinds[k].conversion};
    idf_preimage_init(&p, found.conversion);
    const unsigned missed = misses(&p, rgb, n);
    if (missed <= n / 16 && missed < least
        && place_blocks(&p, tile, kinds[k].spacing, &found.siting)) {
      least = missed;
      *origin = found;
    }
  }
  return least <= MANY;
}
