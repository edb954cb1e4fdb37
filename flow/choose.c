/* SPDX-License-Identifier: BSD-3-Clause
 *
 * choose.c: the encoder's looks at the samples.
 */
#include "choose.h"

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

unsigned idf_choose_colour(uint32_t width, uint32_t height, int32_t top,
                           int32_t *const plane[3])
{
  const unsigned lattice
    = top == 255 ? idf_choose_lattice(plane, (size_t)width * height) : IDF_COLOUR_NONE;
  if (lattice != IDF_COLOUR_NONE)
    return lattice;
  uint64_t cost[3] = { 0, 0, 0 };
  for (uint32_t y = 1; y < height; y += stride_for(height))
    for (uint32_t x = 1; x < width; x += stride_for(width)) {
      size_t at = (size_t)y * width + x;
      const size_t from[4] = { at, at - 1, at - width, at - width - 1 };
      int32_t v[3][4]; /* the sample and its W, N, NW neighbours */
      for (unsigned layer = 0; layer < 3; layer++) {
        for (int c = 0; c < 3; c++)
          for (int k = 0; k < 4; k++)
            v[c][k] = plane[c][from[k]];
        int32_t *rows[3] = { v[0], v[1], v[2] };
        idf_colour_forward(layer, rows, 4);
        for (int c = 0; c < 3; c++) {
          const int32_t square[4] = { v[c][3], v[c][2], v[c][1], v[c][0] };
          cost[layer] += idf_log2_q8(1 + (uint32_t)med_error(square + 3, 2));
        }
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
    u->looked[u->count]
      = (first * span[1] + (uint32_t)(planes[1][i] - shape->min[1])) * span[2]
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

idf_status idf_choose_occurrence(idf_mem *mem, const idf_flow_shape *shape,
                                 int32_t *const *planes, unsigned percent, bool *worth)
{
  /* How often is the neighbour, in the third plane, of a colour used at least three times
   * used too? Nearly always where colours are dense, rarely on a lattice. */
  const size_t n = (size_t)shape->width * shape->height;
  colour_uses u = { .bits = 1 };
  uint32_t skip = 0;
  *worth = true;
  if (n < 1024)
    return IDF_OK; /* trying costs less than finding out */
  while (n / (skip + 1) > ENOUGH && skip < 15)
    skip = 2 * skip + 1;
  u.looked = idf_alloc(mem, IDF_MIN(n, MOST) + 1, sizeof *u.looked);
  if (u.looked == NULL)
    return idf_mem_status(mem);
  colours_look(&u, shape, planes, skip, n);
  while ((size_t)1 << u.bits < 2 * u.count)
    u.bits++;
  u.place = idf_alloc(mem, (size_t)1 << u.bits, sizeof *u.place);
  if (u.place == NULL) {
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
  *worth = beside * 100 < common * percent;
  return IDF_OK;
}
