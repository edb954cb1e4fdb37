/* SPDX-License-Identifier: BSD-3-Clause
 *
 * plan.c: the encoder's analysis of the samples.
 */
#include "plan.h"

#include <string.h>

#include "colour.h"
#include "field.h"
#include "linear_fit.h"
#include "occur.h"

/* A quick estimate of the error of the real prediction. */
static int32_t med_error(const int32_t *s, uint32_t width)
{
  int32_t e = s[0] - idf_med(s[-1], s[-(ptrdiff_t)width], s[-(ptrdiff_t)width - 1]);
  return idf_abs(e);
}

/* The step that samples rows or columns about 256 times. */
static uint32_t stride_for(uint32_t side)
{
  return side / 256 + 1;
}

unsigned idf_plan_origin(const idf_planes *planes, int32_t top)
{
  for (unsigned layer = 0; layer < IDF_COLOUR_COUNT; layer++) {
    const idf_colour_layer *c = idf_colour_layers[layer];
    if (c->likely && c->top == top && c->likely(planes->plane + planes->alpha, planes->n))
      return layer;
  }
  return IDF_COLOUR_NONE;
}

#define SITES 64 /* sites that are handled together */
#define OCTAVES 2048

/* Some samples of a row of a plane, and their neighbours W, N and NW. */
typedef struct sites_seen {
  int32_t s[4][SITES];
} sites_seen;

/* The sum of the logarithms, in Q8, of the med_error of n samples. */
static uint64_t errors_cost(const sites_seen *v, uint32_t n, const uint16_t octaves[OCTAVES])
{
  uint32_t error[SITES];
  uint64_t sum = 0;
  for (int i = 0; i < SITES; i++) {
    const int32_t e = v->s[0][i] - idf_med(v->s[1][i], v->s[2][i], v->s[3][i]);
    error[i] = (uint32_t)idf_abs(e);
  }
  for (uint32_t i = 0; i < n; i++)
    sum += error[i] < OCTAVES ? octaves[error[i]] : idf_log2_q8(1 + error[i]);
  return sum;
}

/* Adds to cost[] what n sites cost after each transform. */
static void add_costs(const sites_seen v[3], uint32_t n, const uint16_t octaves[OCTAVES],
                      uint64_t cost[IDF_COLOUR_COUNT])
{
  for (unsigned layer = 0; layer < IDF_COLOUR_COUNT; layer++) {
    if (idf_colour_layers[layer]->likely)
      continue;
    sites_seen w[3];
    memcpy(w, v, sizeof w);
    int32_t *rows[3] = {w[0].s[0], w[1].s[0], w[2].s[0]};
    idf_colour_layers[layer]->forward(rows, sizeof w[0] / sizeof(int32_t), NULL);
    for (int c = 0; c < 3; c++)
      cost[layer] += errors_cost(&w[c], n, octaves);
  }
}

unsigned idf_plan_transform(const idf_planes *planes)
{
  const uint32_t width = planes->width, height = planes->height, step = stride_for(width);
  uint64_t cost[IDF_COLOUR_COUNT] = {0};
  uint16_t octaves[OCTAVES]; /* idf_log2_q8 of 1 + an error */
  for (uint32_t e = 0; e < OCTAVES; e++)
    octaves[e] = (uint16_t)idf_log2_q8(1 + e);
  for (uint32_t y = 1; y < height; y += stride_for(height))
    for (uint32_t x = 1; x < width; x += SITES * step) {
      sites_seen v[3];
      const uint32_t n = IDF_MIN((width - x + step - 1) / step, SITES);
      for (int c = 0; c < 3; c++)
        for (uint32_t i = 0; i < SITES; i++) {
          const int32_t *s = planes->plane[planes->alpha + (unsigned)c] + (size_t)y * width + x
                             + IDF_MIN(i, n - 1) * step;
          v[c].s[0][i] = s[0];
          v[c].s[1][i] = s[-1];
          v[c].s[2][i] = s[-(ptrdiff_t)width];
          v[c].s[3][i] = s[-(ptrdiff_t)width - 1];
        }
      add_costs(v, n, octaves, cost);
    }
  unsigned best = IDF_COLOUR_YCOCG; /* the usual choice: it wins if others cost the same */
  for (unsigned layer = 0; layer < IDF_COLOUR_COUNT; layer++)
    if (!idf_colour_layers[layer]->likely && cost[layer] < cost[best])
      best = layer;
  return best;
}

#define UNITS 6 /* of error, as photographs of 8 bits show */

/* The unit in which the network should see the group: 0 .. 8. */
static unsigned plan_unit(const idf_flow_shape *shape, int32_t *const *planes)
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
  unsigned unit = 0, most = IDF_MIN(idf_top_bit((uint32_t)range) - 7, 8u);
  while (unit < most && (sum / count) >> unit > UNITS)
    unit++;
  return unit;
}

#define ENOUGH 32768    /* pixels whose colours are counted, at least a sixteenth of a tile */
#define MOST (1u << 19) /* largest number of pixels, for a table of 4 MB */

/* How often colours occur, as a hash table. In large tiles it only has the colours of every second,
 * fourth, up to sixteenth value in the first plane. An entry holds a colour's number plus one,
 * shifted by two, and its uses, up to 3. */
typedef struct colour_uses {
  uint32_t *looked; /* numbers of the pixels that are counted */
  size_t count;     /* how many these are */
  uint32_t *place;
  unsigned bits; /* 2^bits entries; half of them are always empty */
} colour_uses;

/* The pixels whose colours are counted: the first n of each of three planes. */
typedef struct colour_rows {
  const idf_flow_shape *shape;
  int32_t *const *planes;
  size_t n;
} colour_rows;

/* Collects the colour numbers, below 2^27, of the pixels whose first value has none of the bits of
 * `skip` set. */
static void collect_colours(colour_uses *u, const colour_rows *rows, uint32_t skip)
{
  const idf_flow_shape *shape = rows->shape;
  int32_t *const *planes = rows->planes;
  const size_t n = rows->n;
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

/* The entry of a colour, or the empty one where it would be. */
static uint32_t *colour_place(const colour_uses *u, uint32_t colour)
{
  uint32_t at = (colour * UINT32_C(0x9E3779B1)) >> (32 - u->bits);
  while (u->place[at] != 0 && u->place[at] >> 2 != colour + 1)
    at = (at + 1) & ((1u << u->bits) - 1);
  return &u->place[at];
}

/* Whether pixels promise a gain. Take the colours that are used at least three times, and count how
 * often their neighbour in the third plane is used, too. That is nearly always so where colours are
 * dense, and rarely on a lattice. *promise is true if it is less than `percent`. */
static idf_status colours_promise(idf_mem *mem, const colour_rows *rows, unsigned percent,
                                  bool *promise)
{
  const size_t n = rows->n;
  colour_uses u = {.bits = 1};
  uint32_t skip = 0;
  while (n / (skip + 1) > ENOUGH && skip < 15)
    skip = 2 * skip + 1;
  u.looked = idf_alloc(mem, IDF_MIN(n, MOST) + 1, sizeof *u.looked);
  if (!u.looked)
    return idf_mem_status(mem);
  collect_colours(&u, rows, skip);
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

#define OBVIOUS 1024 /* pixels: up to this, trying costs less than finding out */

/* Whether to try the occurrence prior on 3 planes (idf_occur_fits). */
static idf_status plan_occurrence(idf_mem *mem, const colour_rows *all, unsigned percent,
                                  bool *worth)
{
  const idf_flow_shape *shape = all->shape;
  const size_t above = (size_t)(shape->height / 8 * 3) * shape->width;
  int32_t *quarter[3];
  *worth = true;
  if (all->n < OBVIOUS)
    return IDF_OK;
  /* Fewer rows show fewer neighbours. So if the middle rows show too many of them, all rows do. */
  for (int p = 0; p < 3; p++)
    quarter[p] = all->planes[p] + above;
  if (all->n > ENOUGH) {
    const colour_rows middle = {.shape = shape, .planes = quarter, .n = all->n / 4};
    idf_status status = colours_promise(mem, &middle, percent, worth);
    if (status != IDF_OK || !*worth)
      return status;
  }
  return colours_promise(mem, all, percent, worth);
}

/* The occurrence prior is tried if less than this percentage of the neighbours of common colours
 * are used, too. Of 32 pictures, none above 95 gained, and those that gained most were below 70.
 * Fitted predictors are fast; the time of the prior must gain more there. */
#define BESIDE_MOST 95
#define BESIDE_MOST_FITTED 50

idf_status idf_plan_group(idf_mem *mem, const idf_flow_shape *shape, int32_t *const *planes,
                          bool fits, idf_group_plan *plan)
{
  const colour_rows all = {
      .shape = shape, .planes = planes, .n = (size_t)shape->width * shape->height};
  *plan =
      (idf_group_plan){.unit = plan_unit(shape, planes), .fitted = fits && idf_linear_worth(shape)};
  if (!idf_occur_fits(shape))
    return IDF_OK;
  return plan_occurrence(mem, &all, plan->fitted ? BESIDE_MOST_FITTED : BESIDE_MOST,
                         &plan->occurrence);
}
