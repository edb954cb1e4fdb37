/* SPDX-License-Identifier: BSD-3-Clause
 *
 * shrink.c: averages of boxes of pixels.
 */
#include "shrink.h"

#include <string.h>

struct idf_shrink {
  idf_info info;   /* of the picture */
  uint32_t across; /* boxes */
  unsigned channels, scale;
  bool alpha;         /* the last channel */
  uint32_t max, full; /* value of a full sample: of the picture, of the smaller one */
  uint32_t rows;      /* added so far, of the picture; and of the boxes */
  uint32_t inside;
  /* For each box: of each channel the sum; with alpha that of colours times alpha, too. A box has
   * at most 64 samples below 2^16, so a sum is below 2^22 and one of products below 2^38. */
  uint32_t *sum;
  uint64_t *weighted;
};

static uint32_t quotient_up(uint32_t a, unsigned scale)
{
  return (uint32_t)(((uint64_t)a + (1u << scale) - 1) >> scale);
}

static bool has_alpha(const idf_info *info)
{
  return info->layout == IDF_GRAY_ALPHA || info->layout == IDF_RGBA;
}

idf_info idf_shrink_info(const idf_info *info, unsigned scale)
{
  idf_info small = *info;

  small.width = quotient_up(info->width, scale);
  small.height = quotient_up(info->height, scale);
  if (scale > 0)
    small.depth = IDF_MAX(info->depth, 8);
  return small;
}

idf_shrink *idf_shrink_new(idf_mem *mem, const idf_info *info, uint32_t max, unsigned scale)
{
  idf_shrink *s = idf_alloc(mem, 1, sizeof *s);

  if (!s)
    return NULL;
  s->info = *info;
  s->scale = scale;
  s->across = quotient_up(info->width, scale);
  s->channels = idf_channels(info->layout);
  s->alpha = has_alpha(info);
  s->max = max;
  s->full = info->depth < 8 ? 255 : max;
  s->sum = idf_alloc(mem, s->across, s->channels * sizeof *s->sum);
  s->weighted = s->alpha ? idf_alloc(mem, s->across, s->channels * sizeof *s->weighted) : NULL;
  if (s->sum && (s->weighted || !s->alpha))
    return s;
  idf_shrink_free(mem, s);
  return NULL;
}

void idf_shrink_free(idf_mem *mem, idf_shrink *shrink)
{
  if (!shrink)
    return;
  idf_free(mem, shrink->sum);
  idf_free(mem, shrink->weighted);
  idf_free(mem, shrink);
}

/* Adds `count` pixels to a box. */
static void add_plain(uint32_t *sum, const uint16_t *in, unsigned channels, uint32_t count)
{
  for (uint32_t i = 0; i < count; i++, in += channels)
    for (unsigned c = 0; c < channels; c++)
      sum[c] += in[c];
}

static void add_weighted(uint64_t *weighted, const uint16_t *in, unsigned channels, uint32_t count)
{
  for (uint32_t i = 0; i < count; i++, in += channels)
    for (unsigned c = 0; c + 1 < channels; c++)
      weighted[c] += (uint64_t)in[c] * in[channels - 1];
}

bool idf_shrink_add(idf_shrink *shrink, const uint16_t *samples)
{
  const idf_shrink *s = shrink;
  const uint32_t side = 1u << s->scale;

  for (uint32_t x = 0, box = 0; x < s->info.width; x += side, box++) {
    const uint32_t count = IDF_MIN(side, s->info.width - x);
    const uint16_t *in = samples + (size_t)x * s->channels;
    add_plain(s->sum + (size_t)box * s->channels, in, s->channels, count);
    if (s->alpha)
      add_weighted(s->weighted + (size_t)box * s->channels, in, s->channels, count);
  }
  shrink->inside++;
  shrink->rows++;
  return shrink->inside == side || shrink->rows == s->info.height;
}

/* top * full / (bottom * max), rounded. top / bottom is at most max, and top below 2^38, so that
 * the product is below 2^54. A sample above max, which only a wrong maxval makes possible, is
 * max. */
static uint16_t quotient(const idf_shrink *s, uint64_t top, uint64_t bottom)
{
  const uint64_t by = bottom * s->max;
  return (uint16_t)((IDF_MIN(top, by) * s->full + by / 2) / by);
}

void idf_shrink_take(idf_shrink *shrink, uint16_t *samples)
{
  const idf_shrink *s = shrink;
  const unsigned c = s->channels;

  for (uint32_t box = 0; box < s->across; box++, samples += c) {
    const uint32_t wide = IDF_MIN(1u << s->scale, s->info.width - (box << s->scale));
    const uint32_t n = wide * s->inside, *sum = s->sum + (size_t)box * c;
    const uint64_t *weighted = s->alpha ? s->weighted + (size_t)box * c : NULL;
    for (unsigned i = 0; i < c; i++) {
      const bool by_alpha = s->alpha && i + 1 < c && sum[c - 1] > 0;
      samples[i] = by_alpha ? quotient(s, weighted[i], sum[c - 1]) : quotient(s, sum[i], n);
    }
  }
  memset(s->sum, 0, (size_t)s->across * c * sizeof *s->sum);
  if (s->alpha)
    memset(s->weighted, 0, (size_t)s->across * c * sizeof *s->weighted);
  shrink->inside = 0;
}
