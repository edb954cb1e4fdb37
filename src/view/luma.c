/* SPDX-License-Identifier: BSD-3-Clause
 *
 * luma.c: the brightness of samples of any layout and depth.
 */
#include "luma.h"

#include <string.h>

/* A sample of `depth` bits as 0 to 255. */
static uint32_t sample(const uint8_t *row, size_t i, uint32_t depth)
{
  uint16_t wide = 0;

  if (depth <= 8)
    return row[i] * 255u / ((1u << depth) - 1);
  memcpy(&wide, row + 2 * i, 2);
  return wide * 255u / ((1u << depth) - 1);
}

static uint8_t mix(uint32_t red, uint32_t green, uint32_t blue)
{
  return (uint8_t)((299 * red + 587 * green + 114 * blue + 500) / 1000);
}

void idf_luma_row(const idf_info *info, const void *samples, const uint8_t *palette, size_t colours,
                  uint8_t *luma)
{
  const unsigned channels = idf_channels(info->layout);
  const bool coloured = info->layout == IDF_RGB || info->layout == IDF_RGBA;
  const uint8_t *row = samples;

  for (uint32_t x = 0; x < info->width; x++) {
    const size_t at = (size_t)x * channels;
    if (info->layout == IDF_PALETTE) {
      const uint8_t *rgb = palette && row[x] < colours ? palette + 3 * (size_t)row[x] : NULL;
      luma[x] = rgb ? mix(rgb[0], rgb[1], rgb[2]) : 0;
    } else {
      const uint32_t first = sample(row, at, info->depth);
      luma[x] = coloured
                    ? mix(first, sample(row, at + 1, info->depth), sample(row, at + 2, info->depth))
                    : (uint8_t)first;
    }
  }
}
