/* SPDX-License-Identifier: BSD-3-Clause
 *
 * choose.c: the encoder's looks at the samples.
 */
#include "choose.h"

#include <string.h>

#include "colour.h"
#include "field.h"
#include "lattice.h"

/* A quick stand-in for the error of the real prediction. */
static int32_t med_error(const int32_t *s, uint32_t width)
{
  int32_t e = s[0] - idf_med(s[-1], s[-(ptrdiff_t)width], s[-(ptrdiff_t)width - 1]);
  return e < 0 ? -e : e;
}

/* Rows and columns are sampled about 256 times each. */
static uint32_t stride_for(uint32_t side)
{
  return side / 256 + 1;
}

unsigned idf_choose_lattice(int32_t *const plane[3], size_t n)
{
  for (unsigned layer = IDF_COLOUR_JPEG; layer <= IDF_COLOUR_WEBP; layer++)
    if (idf_lattice_likely(layer, plane, n))
      return layer;
  return IDF_COLOUR_NONE;
}

#define SITES 64 /* looked at together */
#define OCTAVES 2048

/* Of n samples and their W, N, NW neighbours: logarithms of med_error, Q8, in sum. */
static uint64_t errors_cost(const int32_t v[4][SITES], uint32_t n, const uint16_t octaves[OCTAVES])
{
  uint32_t error[SITES];
  uint64_t sum = 0;
  for (int i = 0; i < SITES; i++) {
    const int32_t e = v[0][i] - idf_med(v[1][i], v[2][i], v[3][i]);
    error[i] = (uint32_t)(e < 0 ? -e : e);
  }
  for (uint32_t i = 0; i < n; i++)
    sum += error[i] < OCTAVES ? octaves[error[i]] : idf_log2_q8(1 + error[i]);
  return sum;
}

unsigned idf_choose_colour(uint32_t width, uint32_t height, int32_t top, int32_t *const plane[3])
{
  const unsigned lattice =
      top == 255 ? idf_choose_lattice(plane, (size_t)width * height) : IDF_COLOUR_NONE;
  if (lattice != IDF_COLOUR_NONE)
    return lattice;
  uint64_t cost[3] = {0, 0, 0};
  uint16_t octaves[OCTAVES]; /* idf_log2_q8 of 1 + an error */
  for (uint32_t e = 0; e < OCTAVES; e++)
    octaves[e] = (uint16_t)idf_log2_q8(1 + e);
  const uint32_t step = stride_for(width);
  for (uint32_t y = 1; y < height; y += stride_for(height))
    for (uint32_t x = 1; x < width; x += SITES * step) {
      /* Some samples of the row and their W, N, NW neighbours. */
      int32_t v[3][4][SITES];
      const uint32_t n = IDF_MIN((width - x + step - 1) / step, SITES);
      for (int c = 0; c < 3; c++)
        for (uint32_t i = 0; i < SITES; i++) {
          const int32_t *s = plane[c] + (size_t)y * width + x + IDF_MIN(i, n - 1) * step;
          v[c][0][i] = s[0];
          v[c][1][i] = s[-1];
          v[c][2][i] = s[-(ptrdiff_t)width];
          v[c][3][i] = s[-(ptrdiff_t)width - 1];
        }
      for (unsigned layer = 0; layer < 3; layer++) {
        int32_t w[3][4][SITES];
        memcpy(w, v, sizeof w);
        int32_t *rows[3] = {w[0][0], w[1][0], w[2][0]};
        idf_colour_forward(layer, rows, sizeof w[0] / sizeof(int32_t));
        for (int c = 0; c < 3; c++)
          cost[layer] += errors_cost((const int32_t(*)[SITES])w[c], n, octaves);
      }
    }
  unsigned best = IDF_COLOUR_YCOCG;
  for (unsigned layer = 0; layer < 3; layer++)
    if (cost[layer] < cost[best])
      best = layer;
  return best;
}

unsigned idf_choose_unit(const idf_flow_shape *shape, int32_t *const *planes)
{
  int32_t range = shape->max[0] - shape->min[0];
  if (range < 256)
    return 0;
  uint64_t sum = 0, count = 1;
  for (uint32_t y = 1; y < shape->height; y += stride_for(shape->height))
    for (uint32_t x = 1; x < shape->width; x += stride_for(shape->width)) {
      sum += (uint64_t)med_error(planes[0] + (size_t)y * shape->width + x, shape->width);
      count++;
    }
  /* Errors of about 6 units are what photographs of 8 bits show. */
  unsigned unit = 0, most = IDF_MIN(idf_top_bit((uint32_t)range) - 7, 8u);
  while (unit < most && (sum / count) >> unit > 6)
    unit++;
  return unit;
}

#define ENOUGH 32768 /* pixels to count the colours of, or, of large tiles, a sixteenth of them */
#define MOST (1u << 19) /* no more than these, and a table of 4 MB */

/* How often colours occur, in a hash table: of large tiles only those of every second, fourth, to
 * sixteenth value in the first plane. A place holds a colour's number plus one, shifted by two,
 * and its uses, up to 3. */
typedef struct colour_uses {
  uint32_t *looked; /* numbers of the pixels that are looked at, */
  size_t count;     /* so many */
  uint32_t *place;
  unsigned bits; /* 2^bits places, half of them always empty */
} colour_uses;

/* Collects the colours' numbers, below 2^27, of pixels whose first value has the bits of skip 0. */
static void colours_look(colour_uses *u, const idf_flow_shape *shape, int32_t *const *planes,
                         uint32_t skip, size_t n)
{
  uint32_t span[3];
  for (int p = 0; p < 3; p++)
    span[p] = (uint32_t)(shape->max[p] - shape->min[p]) + 1;
  for (size_t i = 0; i < n && u->count < MOST; i++) {
    const uint32_t first = (uint32_t)(planes[0][i] - shape->min[0]);
    u->looked[u->count] = (first * span[1] + (uint32_t)(planes[1][i] - shape->min[1])) * span[2]
                          + (uint32_t)(planes[2][i] - shape->min[2]);
    u->count += (first & skip) == 0;
  }
}

/* The place of a colour, or the empty one where it would be. */
static uint32_t *colour_place(const colour_uses *u, uint32_t colour)
{
  uint32_t at = (colour * UINT32_C(0x9E3779B1)) >> (32 - u->bits);
  while (u->place[at] != 0 && u->place[at] >> 2 != colour + 1)
    at = (at + 1) & ((1u << u->bits) - 1);
  return &u->place[at];
}

/* Whether there is promise in n pixels: how often is the neighbour, in the third plane, of a
 * colour used at least three times used too? Nearly always where colours are dense, rarely on a
 * lattice. */
static idf_status colours_promise(idf_mem *mem, const idf_flow_shape *shape, int32_t *const *planes,
                                  size_t n, unsigned percent, bool *promise)
{
  colour_uses u = {.bits = 1};
  uint32_t skip = 0;
  while (n / (skip + 1) > ENOUGH && skip < 15)
    skip = 2 * skip + 1;
  u.looked = idf_alloc(mem, IDF_MIN(n, MOST) + 1, sizeof *u.looked);
  if (!u.looked)
    return idf_mem_status(mem);
  colours_look(&u, shape, planes, skip, n);
  while ((size_t)1 << u.bits < 2 * u.count)
    u.bits++;
  u.place = idf_alloc(mem, (size_t)1 << u.bits, sizeof *u.place);
  if (!u.place) {
    idf_free(mem, u.looked);
    return idf_mem_status(mem);
  }
  for (size_t i = 0; i < u.count; i++) {
    uint32_t *place = colour_place(&u, u.looked[i]);
    if (*place != 0)
      *place += (*place & 3) < 3;
    else
      *place = (u.looked[i] + 1) << 2 | 1;
  }
  size_t common = 0, beside = 0;
  for (size_t i = 0; i < u.count; i++)
    if ((*colour_place(&u, u.looked[i]) & 3) == 3) {
      common++;
      beside += *colour_place(&u, u.looked[i] + 1) != 0;
    }
  idf_free(mem, u.looked);
  idf_free(mem, u.place);
  *promise = beside * 100 < common * percent;
  return IDF_OK;
}

idf_status idf_choose_occurrence(idf_mem *mem, const idf_flow_shape *shape, int32_t *const *planes,
                                 unsigned percent, bool *worth)
{
  const size_t n = (size_t)shape->width * shape->height;
  const size_t above = (size_t)(shape->height / 8 * 3) * shape->width;
  int32_t *quarter[3];
  *worth = true;
  if (n < 1024)
    return IDF_OK; /* trying costs less than finding out */
  /* In fewer rows fewer neighbours are found: who finds enough in the middle ones is done. */
  for (int p = 0; p < 3; p++)
    quarter[p] = planes[p] + above;
  if (n > ENOUGH) {
    idf_status status = colours_promise(mem, shape, quarter, n / 4, percent, worth);
    if (status != IDF_OK || !*worth)
      return status;
  }
  return colours_promise(mem, shape, planes, n, percent, worth);
}
