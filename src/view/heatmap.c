/* SPDX-License-Identifier: BSD-3-Clause
 *
 * heatmap.c: keeps the bits of each pixel in 512ths, and finds the scale in their histogram.
 *
 * The ends of the scale are percentiles. Its end is that of the pixels that took anything: on a
 * screenshot most take nothing, and what is drawn on it would be white altogether.
 */
#include "heatmap.h"

#include <math.h>

#define UNIT 512.0    /* values of a bit */
#define VALUES 65536u /* of a uint16_t */
#define ANYTHING 32u  /* a 16th of a bit: less is nothing */
#define TOP 0.985     /* of these pixels the scale covers */
#define BOTTOM 0.01   /* of all pixels are below it, */
#define NEAR_ZERO 0.3 /* unless it begins below this part of its end: then at 0 */
#define ALIKE 0.125   /* of the end of the scale, between all pixels: they are alike */
#define MOST_LABELS 7 /* steps between the ends */

struct idf_heatmap {
  idf_mem *mem;
  uint32_t width, height;
  uint16_t *bits; /* width * height of them */
};

idf_status idf_heatmap_new(idf_image_env *env, const idf_info *info, idf_heatmap **result)
{
  size_t row;

  *result = NULL;
  if (!idf_size_mul(info->width, sizeof(uint16_t), &row))
    return IDF_ERR_LIMIT;
  idf_heatmap *map = idf_alloc(env->mem, 1, sizeof *map);
  if (!map)
    return idf_mem_status(env->mem);
  map->mem = env->mem;
  map->width = info->width;
  map->height = info->height;
  map->bits = idf_alloc(env->mem, info->height, row);
  if (!map->bits) {
    idf_heatmap_free(map);
    return idf_mem_status(env->mem);
  }
  *result = map;
  return IDF_OK;
}

void idf_heatmap_tile(void *context, const idf_tile_info *tile, const float *bits)
{
  idf_heatmap *map = context;

  if (tile->x > map->width || tile->width > map->width - tile->x)
    return;
  for (uint32_t y = 0; y < tile->height && tile->y + y < map->height; y++) {
    uint16_t *row = map->bits + (size_t)(tile->y + y) * map->width + tile->x;
    for (uint32_t x = 0; x < tile->width; x++) {
      const double value = UNIT * (double)bits[(size_t)y * tile->width + x] + 0.5;
      row[x] = value >= VALUES - 1 ? (uint16_t)(VALUES - 1) : value > 0 ? (uint16_t)value : 0;
    }
  }
}

/* The least value from `first` on that has `part` of all values from there at it or below, in
 * bits. */
static double percentile(const uint64_t *counts, unsigned first, double part)
{
  uint64_t all = 0, so_far = 0;

  for (unsigned i = first; i < VALUES; i++)
    all += counts[i];
  for (unsigned i = first; i < VALUES; i++) {
    so_far += counts[i];
    if (so_far > 0 && (double)so_far >= part * (double)all)
      return i / UNIT;
  }
  return 0;
}

/* 1, 2 or 5 times a power of ten: the least that needs at most MOST_LABELS steps. */
static void choose_step(idf_heat_scale *scale, double range)
{
  static const double steps[] = {1, 2, 5};
  double unit = 0.01;
  unsigned digits = 2;

  for (unsigned i = 0;; i++) {
    scale->step = steps[i % 3] * unit;
    scale->digits = digits;
    if (range <= MOST_LABELS * scale->step)
      return;
    if (i % 3 == 2) {
      unit *= 10;
      digits -= digits > 0;
    }
  }
}

static void choose(const idf_heatmap *map, const uint64_t *counts, idf_heat_scale *scale)
{
  const double pixels = (double)map->width * map->height;
  double low = percentile(counts, 0, BOTTOM), high = percentile(counts, ANYTHING, TOP);
  double sum = 0;
  uint64_t inside = 0;

  if (high - low < ALIKE * high) /* as in noise that is stored: neither black nor white */
    high *= 1 + 2 * ALIKE, low = 0;
  if (low < NEAR_ZERO * high)
    low = 0;
  choose_step(scale, high > 0 ? high - low : 0.25);
  scale->low = scale->step * floor(low / scale->step);
  scale->high = scale->step * IDF_MAX(ceil(high / scale->step), 1.0);
  for (unsigned i = 0; i < VALUES; i++) {
    sum += (double)counts[i] * i;
    if (i / UNIT >= scale->low && i / UNIT <= scale->high)
      inside += counts[i];
  }
  scale->mean = sum / UNIT / pixels;
  scale->median = percentile(counts, 0, 0.5);
  scale->inside = (double)inside / pixels;
}

idf_status idf_heatmap_scale(const idf_heatmap *map, idf_heat_scale *scale)
{
  const size_t pixels = (size_t)map->width * map->height;
  uint64_t *counts = idf_alloc(map->mem, VALUES, sizeof *counts);

  if (!counts)
    return idf_mem_status(map->mem);
  for (size_t i = 0; i < pixels; i++)
    counts[map->bits[i]]++;
  choose(map, counts, scale);
  idf_free(map->mem, counts);
  return IDF_OK;
}

void idf_heatmap_row(const idf_heatmap *map, const idf_heat_scale *scale, uint32_t y,
                     uint8_t *colours)
{
  const uint16_t *row = map->bits + (size_t)y * map->width;
  const double factor = 255 / (scale->high - scale->low);

  for (uint32_t x = 0; x < map->width; x++) {
    const double colour = factor * (row[x] / UNIT - scale->low) + 0.5;
    colours[x] = colour >= 255 ? 255 : colour > 0 ? (uint8_t)colour : 0;
  }
}

void idf_heatmap_free(idf_heatmap *map)
{
  if (!map)
    return;
  idf_mem *mem = map->mem;
  idf_free(mem, map->bits);
  idf_free(mem, map);
}

void idf_heat_colour(unsigned colour, uint8_t rgb[3])
{
  static const uint8_t stops[6][3] = {{0, 0, 0},     {20, 20, 160},  {190, 20, 150},
                                      {250, 130, 0}, {255, 235, 60}, {255, 255, 255}};
  const unsigned stop = IDF_MIN(colour / 51, 4u), part = IDF_MIN(colour - 51 * stop, 51u);

  for (unsigned c = 0; c < 3; c++)
    rgb[c] = (uint8_t)((stops[stop][c] * (51 - part) + stops[stop + 1][c] * part + 25) / 51);
}
