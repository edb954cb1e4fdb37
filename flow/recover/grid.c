/* SPDX-License-Identifier: BSD-3-Clause
 *
 * grid.c: see grid.h.
 */
#include "grid.h"

#include "dct.h"

/* Windows of 15 x 15 pixels, spread over the tile: each holds a block at every place. A few tell
 * most pictures that have no blocks; the others get a closer look. */
#define FEW 40
#define WINDOWS 128
#define SIDE 15
#define NEAR_ZERO (1 << IDF_DCT_Q)
#define DISTANCE 24 /* in 1/16: how many more zeros there must be than elsewhere; */
#define HINT 8      /* and how many for a closer look */

static uint32_t zeros_of(const int16_t *sample, size_t pitch)
{
  int16_t block[64];
  int32_t coef[64];
  uint32_t zeros = 0;
  for (unsigned y = 0; y < 8; y++)
    for (unsigned x = 0; x < 8; x++)
      block[8 * y + x] = sample[y * pitch + x];
  idf_dct_forward(block, coef);
  for (unsigned k = 0; k < 64; k++)
    zeros += coef[k] < NEAR_ZERO && coef[k] > -NEAR_ZERO;
  return zeros;
}

/* Luma in Q4, less 128; gray as it is. */
static void take_window(const idf_tile *tile, uint32_t x, uint32_t y, int16_t window[SIDE * SIDE])
{
  for (unsigned j = 0; j < SIDE; j++) {
    const uint16_t *at = tile->samples + (y + j) * tile->stride + (size_t)x * tile->shape.channels;
    for (unsigned i = 0; i < SIDE; i++, at += tile->shape.channels) {
      const int32_t luma = tile->shape.channels == 1
                               ? at[0] * 16
                               : (19595 * at[0] + 38470 * at[1] + 7471 * at[2] + 2048) >> 12;
      window[j * SIDE + i] = (int16_t)(luma - 128 * 16);
    }
  }
}

/* Looks at `count` windows. */
static void look(const idf_tile *tile, uint32_t count, idf_grid *grid)
{
  const uint32_t across = (tile->shape.width - 8) / 8, down = (tile->shape.height - 8) / 8;
  const uint64_t all = (uint64_t)across * down;
  uint32_t zeros[64] = {0};
  int16_t window[SIDE * SIDE];

  count = (uint32_t)IDF_MIN(all, count);
  for (uint32_t w = 0; w < count; w++) {
    const uint64_t at = (2 * w + 1) * all / (2 * count);
    take_window(tile, 8 * (uint32_t)(at % across), 8 * (uint32_t)(at / across), window);
    for (unsigned place = 0; place < 64; place++)
      zeros[place] += zeros_of(window + place / 8 * SIDE + place % 8, SIDE);
  }
  *grid = (idf_grid){.x = 0};
  for (unsigned place = 0; place < 64; place++) {
    const uint32_t share = zeros[place] * 16 / count;
    if (share > grid->zeros) {
      *grid = (idf_grid){.x = place % 8, .y = place / 8, .zeros = share, .elsewhere = grid->zeros};
    } else if (share > grid->elsewhere) {
      grid->elsewhere = share;
    }
  }
}

bool idf_grid_look(const idf_tile *tile, idf_grid *grid)
{
  look(tile, FEW, grid);
  if (grid->zeros < grid->elsewhere + HINT)
    return false;
  look(tile, WINDOWS, grid);
  return grid->zeros >= grid->elsewhere + DISTANCE;
}

uint32_t idf_grid_zeros(const int16_t *sample, size_t pitch, uint32_t width, uint32_t height,
                        uint32_t x, uint32_t y)
{
  uint64_t zeros = 0, count = 0;
  for (uint32_t j = y; j + 8 <= height; j += 8)
    for (uint32_t i = x; i + 8 <= width; i += 8, count++)
      zeros += zeros_of(sample + j * pitch + i, pitch);
  return count == 0 ? 0 : (uint32_t)(zeros * 16 / count);
}
