/* SPDX-License-Identifier: BSD-3-Clause
 *
 * siting.c: see siting.h. idf(5), "PIXELS WITH CHROMA AT HALF RESOLUTION".
 */
#include "siting.h"

/* At an even (odd) place, the weight of the far knot; it lies before (after) the near one. */
static const int32_t far_weight[IDF_SPACINGS][2] = {{0, 0}, {0, 0}, {1, 1}, {0, 2}};

static bool halved(const idf_axis *axis)
{
  return axis->spacing != IDF_SPACING_FULL;
}

static int32_t near_of(const idf_axis *axis, int32_t place)
{
  return halved(axis) ? place >> 1 : place;
}

static int32_t far_of(const idf_axis *axis, int32_t place)
{
  const int32_t near = near_of(axis, place);
  return far_weight[axis->spacing][place & 1] == 0 ? near : place & 1 ? near + 1 : near - 1;
}

static int32_t last_place(const idf_axis *axis)
{
  return (int32_t)(axis->phase + axis->pixels) - 1;
}

bool idf_axis_has_outer(const idf_axis *axis, bool last)
{
  const int32_t place = last ? last_place(axis) : (int32_t)axis->phase;
  const int32_t near = near_of(axis, place), far = far_of(axis, place);
  /* A first pixel between two knots has the outer one before it. */
  if (!last && axis->spacing == IDF_SPACING_COSITED)
    return axis->phase == 1;
  return last ? far > near : far < near;
}

bool idf_axis_init(idf_axis *axis)
{
  const int32_t begin = (int32_t)axis->phase, end = last_place(axis);
  if (axis->phase > (halved(axis) ? 1 : 0) || (axis->no_first && !idf_axis_has_outer(axis, false))
      || (axis->no_last && !idf_axis_has_outer(axis, true)))
    return false;
  const int32_t first = IDF_MIN(near_of(axis, begin), far_of(axis, begin));
  const int32_t last = IDF_MAX(near_of(axis, end), far_of(axis, end));
  axis->first = first + axis->no_first;
  axis->knots = (uint32_t)(last - axis->no_last - axis->first + 1);
  return last - axis->no_last >= axis->first;
}

idf_pick idf_axis_pick(const idf_axis *axis, uint32_t pixel)
{
  const int32_t place = (int32_t)(axis->phase + pixel), end = (int32_t)axis->knots - 1;
  return (idf_pick){
      .near = (uint32_t)idf_clamp(near_of(axis, place) - axis->first, 0, end),
      .far = (uint32_t)idf_clamp(far_of(axis, place) - axis->first, 0, end),
      .weight = far_weight[axis->spacing][place & 1],
  };
}

void idf_siting_row(const idf_siting *s, const int32_t *knots, uint32_t y, int32_t *row)
{
  const idf_pick v = idf_axis_pick(&s->y, y);
  const int32_t *near = knots + (size_t)v.near * s->x.knots;
  const int32_t *far = knots + (size_t)v.far * s->x.knots;
  for (uint32_t x = 0; x < s->x.pixels; x++) {
    const idf_pick h = idf_axis_pick(&s->x, x);
    const int32_t a = near[h.near] * (4 - v.weight) + far[h.near] * v.weight;
    const int32_t b = near[h.far] * (4 - v.weight) + far[h.far] * v.weight;
    row[x] = (a * (4 - h.weight) + b * h.weight + 8) >> 4;
  }
}

void idf_axis_pixels(const idf_axis *axis, uint32_t knot, uint32_t of[2])
{
  const int32_t number = axis->first + (int32_t)knot, end = (int32_t)axis->pixels - 1;
  const int32_t begin = halved(axis) ? 2 * number - (int32_t)axis->phase : number;
  of[0] = (uint32_t)idf_clamp(begin, 0, end);
  of[1] = (uint32_t)idf_clamp(begin + halved(axis), 0, end);
}

void idf_siting_means(const idf_siting *s, const int32_t *full, int32_t *knots)
{
  for (uint32_t j = 0; j < s->y.knots; j++) {
    uint32_t y[2];
    idf_axis_pixels(&s->y, j, y);
    const int32_t *a = full + (size_t)y[0] * s->x.pixels;
    const int32_t *b = full + (size_t)y[1] * s->x.pixels;
    for (uint32_t i = 0; i < s->x.knots; i++) {
      uint32_t x[2];
      idf_axis_pixels(&s->x, i, x);
      knots[(size_t)j * s->x.knots + i] = (a[x[0]] + a[x[1]] + b[x[0]] + b[x[1]] + 2) >> 2;
    }
  }
}
