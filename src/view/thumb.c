/* SPDX-License-Identifier: BSD-3-Clause
 *
 * thumb.c: small pictures for lists of files.
 *
 * A pixel is the average of the area it covers, in exact integers: with a source of `from` pixels
 * on `to`, source pixel x covers [x to, (x + 1) to) and pixel i [i from, (i + 1) from).
 */
#include "thumb.h"

#include <string.h>

typedef struct thumb {
  uint32_t from_width, from_height, width, height;
  uint64_t *sums; /* a row of pixels: alpha, then the colours times alpha; weighted */
  uint8_t *line;  /* a row of the source */
  uint8_t *out;   /* all rows */
} thumb;

/* The size that `from` becomes when `longest` becomes `side`. */
static uint32_t fit(uint32_t from, uint32_t longest, uint32_t side)
{
  if (longest <= side)
    return from;
  return (uint32_t)IDF_MAX((((uint64_t)from * side * 2 + longest) / longest) / 2, 1u);
}

/* How much of [a, a + la) lies in [b, b + lb). */
static uint64_t overlap(uint64_t a, uint64_t la, uint64_t b, uint64_t lb)
{
  const uint64_t lo = IDF_MAX(a, b), hi = IDF_MIN(a + la, b + lb);

  return hi > lo ? hi - lo : 0;
}

/* Adds the row of the source to the sums of a row, `weight` times. */
static void add_row(thumb *t, uint64_t weight)
{
  uint32_t x = 0;

  for (uint32_t i = 0; i < t->width; i++) {
    uint64_t *sum = t->sums + (size_t)i * 4;
    const uint64_t begin = (uint64_t)i * t->from_width, end = begin + t->from_width;
    while (x > 0 && (uint64_t)x * t->width > begin)
      x--;
    for (; x < t->from_width && (uint64_t)x * t->width < end; x++) {
      const uint8_t *p = t->line + (size_t)x * 4;
      const uint64_t w = weight * overlap((uint64_t)x * t->width, t->width, begin, t->from_width);
      sum[0] += w * p[3];
      for (int c = 0; c < 3; c++)
        sum[1 + c] += w * p[3] * p[c];
    }
  }
}

/* Rounds the sums of row y, and clears them. */
static void end_row(thumb *t, uint32_t y)
{
  const uint64_t area = (uint64_t)t->from_width * t->from_height;

  for (uint32_t i = 0; i < t->width; i++) {
    const uint64_t *sum = t->sums + (size_t)i * 4;
    uint8_t *p = t->out + ((size_t)y * t->width + i) * 4;
    for (int c = 0; c < 3; c++)
      p[c] = (uint8_t)(sum[0] ? (sum[1 + c] + sum[0] / 2) / sum[0] : 0);
    p[3] = (uint8_t)((sum[0] + area / 2) / area);
  }
  memset(t->sums, 0, (size_t)t->width * 4 * sizeof *t->sums);
}

/* Reads all rows of the source. One may belong to several rows of the thumbnail. */
static idf_status average(thumb *t, idf_decoder *decoder)
{
  uint32_t y = 0;

  for (uint32_t i = 0; i < t->from_height; i++) {
    const idf_status status = idf_decoder_rgba8(decoder, t->line, 1);
    if (status != IDF_OK)
      return status;
    const uint64_t top = (uint64_t)i * t->height;
    for (;;) {
      const uint64_t begin = (uint64_t)y * t->from_height;
      add_row(t, overlap(top, t->height, begin, t->from_height));
      if (begin + t->from_height > top + t->height)
        break;
      end_row(t, y++);
      if (begin + t->from_height == top + t->height)
        break;
    }
  }
  return IDF_OK;
}

/* Pixels as the orientation (idf_decoder_orientation) shows them. */
static void turn(const thumb *t, unsigned orientation, const idf_info *info, uint8_t *to)
{
  const uint32_t w = t->width, h = t->height;

  for (uint32_t y = 0; y < info->height; y++)
    for (uint32_t x = 0; x < info->width; x++) {
      const uint32_t u = orientation > 4 ? y : x, v = orientation > 4 ? x : y;
      const bool right =
          orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8;
      const bool down =
          orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7;
      const size_t at = (size_t)(down ? h - 1 - v : v) * w + (right ? w - 1 - u : u);
      memcpy(to + ((size_t)y * info->width + x) * 4, t->out + at * 4, 4);
    }
}

/* The decoder's scale, and the sizes of both pictures. */
static idf_status choose(thumb *t, idf_decoder *decoder, uint32_t side)
{
  idf_info info, from;
  idf_status status = idf_decoder_info(decoder, &info);

  if (status != IDF_OK)
    return status;
  const uint32_t longest = IDF_MAX(info.width, info.height);
  unsigned log2 = 0;
  while (log2 < 3 && longest >> (log2 + 1) >= side)
    log2++;
  status = idf_decoder_scale(decoder, log2);
  if (status == IDF_OK)
    status = idf_decoder_output(decoder, &from);
  if (status == IDF_OK)
    *t = (thumb){.from_width = from.width,
                 .from_height = from.height,
                 .width = IDF_MIN(fit(info.width, longest, side), from.width),
                 .height = IDF_MIN(fit(info.height, longest, side), from.height)};
  return status;
}

idf_status idf_thumb_make(idf_mem *mem, idf_decoder *decoder, uint32_t side, idf_info *info,
                          uint8_t **rgba)
{
  thumb t = {.width = 0};
  idf_status status = choose(&t, decoder, side);

  *rgba = NULL;
  if (status != IDF_OK)
    return status;
  const unsigned orientation = idf_decoder_orientation(decoder);
  *info = (idf_info){.width = orientation > 4 ? t.height : t.width,
                     .height = orientation > 4 ? t.width : t.height,
                     .layout = IDF_RGBA,
                     .depth = 8};
  t.sums = idf_alloc(mem, (size_t)t.width * 4, sizeof *t.sums);
  t.line = idf_alloc(mem, t.from_width, 4);
  t.out = idf_alloc(mem, (size_t)t.width * t.height, 4);
  uint8_t *to = idf_alloc(mem, (size_t)t.width * t.height, 4);
  status = t.sums && t.line && t.out && to ? average(&t, decoder) : idf_mem_status(mem);
  if (status == IDF_OK) {
    turn(&t, orientation, info, to);
    *rgba = to;
    to = NULL;
  }
  idf_free(mem, to);
  idf_free(mem, t.out);
  idf_free(mem, t.line);
  idf_free(mem, t.sums);
  return status;
}
