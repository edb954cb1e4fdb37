/* SPDX-License-Identifier: BSD-3-Clause
 *
 * compare.c: compares rows of samples.
 */
#include "compare.h"

#include <string.h>

#include "base.h"

static uint32_t sample(const uint8_t *row, size_t i, unsigned bytes)
{
  uint16_t wide;

  if (bytes == 1)
    return row[i];
  memcpy(&wide, row + 2 * i, 2);
  return wide;
}

static void add_pixel(idf_difference *difference, uint32_t x, uint32_t y)
{
  if (difference->pixels++ == 0) {
    difference->x = difference->left = difference->right = x;
    difference->y = difference->top = y;
  }
  difference->left = IDF_MIN(difference->left, x);
  difference->right = IDF_MAX(difference->right, x);
  difference->bottom = y;
}

static void add_row(idf_difference *difference, const idf_info *info, const uint8_t *a,
                    const uint8_t *b, uint32_t y)
{
  const unsigned channels = idf_channels(info->layout), bytes = idf_sample_bytes(info);

  for (uint32_t x = 0; x < info->width; x++) {
    bool differs = false;
    for (unsigned c = 0; c < channels; c++) {
      const uint32_t left = sample(a, (size_t)x * channels + c, bytes);
      const uint32_t right = sample(b, (size_t)x * channels + c, bytes);
      const uint32_t apart = left > right ? left - right : right - left;
      differs = differs || apart > 0;
      if (apart > difference->largest) {
        difference->largest = apart;
        difference->channel = c;
      }
    }
    if (differs)
      add_pixel(difference, x, y);
  }
}

void idf_compare_rows(idf_difference *difference, const idf_info *info, const void *a,
                      const void *b, uint32_t y, uint32_t count)
{
  const size_t bytes = idf_row_bytes(info);
  const uint8_t *left = a, *right = b;

  for (uint32_t i = 0; i < count; i++, left += bytes, right += bytes)
    if (memcmp(left, right, bytes) != 0)
      add_row(difference, info, left, right, y + i);
}

const char *idf_channel_name(idf_layout layout, unsigned channel)
{
  static const char *const names[6][4] = {
      {"gray", "", "", ""},         {"gray", "alpha", "", ""},
      {"red", "green", "blue", ""}, {"red", "green", "blue", "alpha"},
      {"index", "", "", ""},        {"cyan", "magenta", "yellow", "black"}};

  return (unsigned)layout < 6 && channel < 4 ? names[layout][channel] : "";
}
