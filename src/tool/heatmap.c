/* SPDX-License-Identifier: BSD-3-Clause
 *
 * heatmap.c: draws the map of heatmap.h. The colours are a palette, so the map needs one byte per
 * pixel.
 */
#include "heatmap.h"

#include <string.h>

#define LEVEL 6 /* zlib's */

struct idf_heatmap {
  idf_image_env *env;
  idf_writer *writer;
  uint32_t width, side;
  uint32_t written; /* rows */
  double scale;     /* colours per bit */
  uint8_t *band;    /* side rows of width colours */
};

static void palette(uint8_t *rgb)
{
  static const uint8_t stops[6][3] = {{0, 0, 0},     {20, 20, 160},  {190, 20, 150},
                                      {250, 130, 0}, {255, 235, 60}, {255, 255, 255}};

  for (unsigned i = 0; i < 256; i++) {
    const unsigned stop = IDF_MIN(i / 51, 4u), part = i - 51 * stop;
    for (unsigned c = 0; c < 3; c++)
      rgb[3 * i + c] =
          (uint8_t)((stops[stop][c] * (51 - part) + stops[stop + 1][c] * part + 25) / 51);
  }
}

idf_status idf_heatmap_new(idf_image_env *env, const idf_info *info, uint32_t side,
                           idf_write_fn write, void *context, idf_heatmap **result)
{
  const idf_info shape = {
      .width = info->width, .height = info->height, .layout = IDF_PALETTE, .depth = 8};
  const double top = IDF_MAX((double)info->depth * idf_channels(info->layout) / 2, 1.0);
  uint8_t rgb[768];

  *result = NULL;
  idf_heatmap *map = idf_alloc(env->mem, 1, sizeof *map);
  if (!map)
    return idf_mem_status(env->mem);
  map->env = env;
  map->width = info->width;
  map->side = IDF_MIN(side, info->height);
  map->scale = 255 / top;
  map->band = idf_alloc(env->mem, map->side, map->width);
  palette(rgb);
  idf_status status = map->band ? IDF_OK : idf_mem_status(env->mem);
  if (status == IDF_OK)
    status = idf_png_create(env, &shape, LEVEL, write, context, &map->writer);
  if (status == IDF_OK)
    status = idf_writer_metadata(map->writer, "PLTE", rgb, sizeof rgb);
  if (status != IDF_OK) {
    idf_heatmap_free(map);
    return status;
  }
  *result = map;
  return IDF_OK;
}

void idf_heatmap_tile(void *context, const idf_tile_info *tile, const float *bits)
{
  idf_heatmap *map = context;

  for (uint32_t y = 0; y < tile->height && y < map->side; y++) {
    uint8_t *row = map->band + (size_t)y * map->width + tile->x;
    for (uint32_t x = 0; x < tile->width; x++) {
      const double colour = map->scale * (double)bits[(size_t)y * tile->width + x];
      row[x] = colour >= 255 ? 255 : colour > 0 ? (uint8_t)colour : 0;
    }
  }
}

idf_status idf_heatmap_flush(idf_heatmap *map, uint32_t row)
{
  const uint32_t count = row - map->written;

  if (row < map->written || count > map->side)
    return IDF_ERR_ARGUMENT;
  map->written = row;
  const idf_status status = idf_writer_rows(map->writer, map->band, count);
  memset(map->band, 0, (size_t)map->side * map->width);
  return status;
}

idf_status idf_heatmap_finish(idf_heatmap *map)
{
  return idf_writer_finish(map->writer);
}

void idf_heatmap_free(idf_heatmap *map)
{
  if (!map)
    return;
  idf_mem *mem = map->env->mem;
  idf_writer_close(map->writer);
  idf_free(mem, map->band);
  idf_free(mem, map);
}
