/* SPDX-License-Identifier: BSD-3-Clause
 *
 * origin.c: see origin.h.
 *
 * A colour taken at random has a preimage under one conversion with a probability of 1/4 or less.
 * So a few pixels tell which conversions are possible, and for most pictures that none is. Then
 * pixels that would share a knot must agree on its chroma.
 */
#include "origin.h"

#include <string.h>

#include "preimage.h"

#define FEW 48        /* pixels that are tried first; of them 3 in 4 must fit */
#define MANY 768      /* then these; 15 in 16 must fit */
#define PLACES 8192   /* looked at to find them */
#define ENOUGH 64     /* pixels that can tell, at least */
#define BLOCKS 1024   /* tried for each phase */
#define CERTAIN 896   /* of 1024 of them must agree */
#define BLOCKS_MIN 24 /* that can tell */

/* A spacing that a program may have, and whether pixels at some place show it. */
typedef struct spacing_test {
  idf_spacing spacing;
  /* With the first pixel of a block or cell of this spacing at (x, y): 1, it is as it should be; 0,
   * it is not; -1, that cannot be told. */
  int (*holds)(const idf_preimage *p, const idf_tile *tile, uint32_t x, uint32_t y);
} spacing_test;

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

/* U and V of n pixels, dx to the right and dy below each other; false if they cannot all tell. */
static bool chroma_along(const idf_preimage *p, const idf_tile *tile, uint32_t x, uint32_t y,
                         const uint32_t step[2], unsigned n, int32_t uv[4][2])
{
  if (x + step[0] * (n - 1) >= tile->shape.width || y + step[1] * (n - 1) >= tile->shape.height)
    return false;
  for (unsigned i = 0; i < n; i++) {
    int32_t rgb[3];
    pixel_at(tile, x + step[0] * i, y + step[1] * i, rgb);
    if (!tells(rgb) || !idf_preimage_chroma(p, rgb, uv[i]))
      return false;
  }
  return true;
}

static const uint32_t right[2] = {1, 0}, below[2] = {0, 1};

/* Four pixels share one chroma. */
static int replicated_holds(const idf_preimage *p, const idf_tile *tile, uint32_t x, uint32_t y)
{
  int32_t uv[4][2], lower[4][2];
  if (!chroma_along(p, tile, x, y, right, 2, uv)
      || !chroma_along(p, tile, x, y + 1, right, 2, lower))
    return -1;
  return memcmp(uv[0], uv[1], sizeof *uv) == 0 && memcmp(uv, lower, 2 * sizeof *uv) == 0;
}

/* Pixels at 1/4 and 3/4 between knots a and b, and then between b and c: their third difference is
 * 0, but for four roundings. */
static bool third_difference_small(int32_t uv[4][2])
{
  for (unsigned k = 0; k < 2; k++)
    if (idf_abs(uv[3][k] - 3 * uv[2][k] + 3 * uv[1][k] - uv[0][k]) > 4)
      return false;
  return true;
}

static int centred_holds(const idf_preimage *p, const idf_tile *tile, uint32_t x, uint32_t y)
{
  int32_t across[4][2], down[4][2];
  /* At places 1 to 4 of the knots 0 to 2. */
  if (!chroma_along(p, tile, x + 1, y + 1, right, 4, across)
      || !chroma_along(p, tile, x + 1, y + 1, below, 4, down))
    return -1;
  return third_difference_small(across) && third_difference_small(down);
}

static bool middle_is_mean(int32_t uv[4][2])
{
  for (unsigned k = 0; k < 2; k++)
    if (uv[1][k] != (uv[0][k] + uv[2][k] + 1) >> 1)
      return false;
  return true;
}

static int cosited_holds(const idf_preimage *p, const idf_tile *tile, uint32_t x, uint32_t y)
{
  int32_t across[4][2], down[4][2];
  if (!chroma_along(p, tile, x, y, right, 3, across)
      || !chroma_along(p, tile, x, y, below, 3, down))
    return -1;
  return middle_is_mean(across) && middle_is_mean(down);
}

static const spacing_test replicated = {IDF_SPACING_REPLICATED, replicated_holds},
                          centred = {IDF_SPACING_CENTRED, centred_holds},
                          cosited = {IDF_SPACING_COSITED, cosited_holds};

/* What each program can have made; the first that holds is taken. */
static const struct {
  unsigned conversion;
  const spacing_test *tests[2];
} kinds[] = {
    {IDF_CONVERSION_FFMPEG, {&replicated}},
    {IDF_CONVERSION_FFMPEG + 1, {&replicated}},
    {IDF_CONVERSION_FFMPEG + 2, {&replicated}},
    {IDF_CONVERSION_FFMPEG + 3, {&replicated}},
    {IDF_CONVERSION_LIBYUV, {&replicated, &centred}},
    {IDF_CONVERSION_LIBYUV + 1, {&replicated, &centred}},
    {IDF_CONVERSION_LIBYUV + 2, {&replicated, &centred}},
    {IDF_CONVERSION_LIBYUV + 3, {&replicated, &centred}},
    {IDF_CONVERSION_LIBWEBP, {&replicated, &centred}},
    {IDF_CONVERSION_LIBHEIF, {&replicated}},
    {IDF_CONVERSION_PHOTOCD, {&cosited}},
};

/* The share of places, in 1/1024, where the test holds at this phase. */
static unsigned agreement(const spacing_test *test, const idf_preimage *p, const idf_tile *tile,
                          unsigned phase)
{
  places from = places_of(tile);
  unsigned n = 0, good = 0;
  for (uint64_t i = 0; i < BLOCKS && i < from.n / 4; i++) {
    uint32_t x, y;
    next_place(&from, &x, &y);
    /* Tile places are even where picture places are, less the phase. */
    x = (x & ~1u) + (phase & 1);
    y = (y & ~1u) + (phase >> 1);
    const int holds = test->holds(p, tile, x, y);
    n += holds >= 0;
    good += holds > 0;
    if (n == FEW && good < FEW / 4)
      return 0;
  }
  return n < BLOCKS_MIN ? 0 : good * 1024 / n;
}

/* Finds the phase at which a test holds nearly everywhere. */
static bool place_knots(const spacing_test *test, const idf_preimage *p, const idf_tile *tile,
                        idf_siting *s)
{
  unsigned best = 0, at = 0;
  for (unsigned phase = 0; phase < 4; phase++) {
    const unsigned share = agreement(test, p, tile, phase);
    if (share > best) {
      best = share;
      at = phase;
    }
  }
  *s =
      (idf_siting){.x = {.spacing = test->spacing, .phase = at & 1, .pixels = tile->shape.width},
                   .y = {.spacing = test->spacing, .phase = at >> 1, .pixels = tile->shape.height}};
  return best >= CERTAIN && idf_axis_init(&s->x) && idf_axis_init(&s->y);
}

/* The spacing and phases of pixels from this conversion. */
static bool find_siting(const spacing_test *const tests[2], const idf_preimage *p,
                        const idf_tile *tile, idf_siting *s)
{
  for (unsigned i = 0; i < 2 && tests[i]; i++)
    if (place_knots(tests[i], p, tile, s))
      return true;
  return false;
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
        && find_siting(kinds[k].tests, &p, tile, &found.siting)) {
      least = missed;
      *origin = found;
    }
  }
  return least <= MANY;
}
