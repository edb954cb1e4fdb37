/* SPDX-License-Identifier: BSD-3-Clause
 *
 * colours.c: samples to RGBA. A division by `max` is a product: (v * full + max / 2) / max is below
 * 65536, and `inverse` is 2^48 / max, rounded up, so that the product is below 2^64 and exact: the
 * numerator is below 2^32 and the error of `inverse` * max below 2^16.
 */
#include "colours.h"

#include <string.h>

#define CHUNK 256 /* pixels on the stack */

typedef struct range {
  uint32_t max, full;
  uint64_t inverse;
} range;

static range range_of(uint32_t max, uint32_t full)
{
  return (range){.max = max, .full = full, .inverse = (((uint64_t)1 << 48) + max - 1) / max};
}

/* A sample above `max`, which only a wrong maxval makes possible, counts as full. */
static uint16_t stretch(const range *r, uint32_t v)
{
  v = IDF_MIN(v, r->max);
  return (uint16_t)(((uint64_t)(v * r->full + r->max / 2) * r->inverse) >> 48);
}

/* ---- what is known ---------------------------------------------------------------------- */

static void set_palette(idf_colours *c, const idf_colour_facts *facts)
{
  const size_t entries = IDF_MIN(facts->plte_size / 3, (size_t)256);

  c->coloured = facts->plte && entries > 0;
  for (size_t i = 0; i < 256; i++) {
    const uint8_t alpha = facts->trns && i < facts->trns_size ? facts->trns[i] : 255;
    if (facts->plte && i < entries)
      memcpy(c->palette[i], facts->plte + 3 * i, 3);
    c->palette[i][3] = i < entries ? alpha : 255;
    c->clear = c->clear || c->palette[i][3] < 255;
  }
}

/* The data of tRNS are 16 bits a sample, the high byte first. */
static void set_key(idf_colours *c, const idf_info *info, const idf_colour_facts *facts)
{
  const size_t samples = c->layout == IDF_GRAY ? 1 : 3;

  c->keyed = facts->trns && facts->trns_size == 2 * samples;
  for (size_t i = 0; i < samples && c->keyed; i++)
    c->key[i] = (uint16_t)((facts->trns[2 * i] << 8 | facts->trns[2 * i + 1])
                           & (int)((1u << info->depth) - 1));
}

void idf_colours_init(idf_colours *c, const idf_info *info, const idf_colour_facts *facts)
{
  *c = (idf_colours){.layout = info->layout, .max = (1u << info->depth) - 1};
  c->inks = !facts->adobe;
  if (facts->maxval && facts->maxval_size == 2) {
    const uint32_t max = facts->maxval[0] | (uint32_t)facts->maxval[1] << 8;
    if (max > 0 && max <= c->max)
      c->max = max;
  }
  if (info->layout == IDF_PALETTE)
    set_palette(c, facts);
  else if (info->layout == IDF_GRAY || info->layout == IDF_RGB)
    set_key(c, info, facts);
}

/* ---- to RGBA ----------------------------------------------------------------------------- */

static void from_gray(const idf_colours *c, const range *r, const uint16_t *in, size_t count,
                      uint16_t *out)
{
  for (size_t i = 0; i < count; i++, out += 4) {
    out[0] = out[1] = out[2] = stretch(r, in[i]);
    out[3] = (uint16_t)(c->keyed && in[i] == c->key[0] ? 0 : r->full);
  }
}

static void from_gray_alpha(const range *r, const uint16_t *in, size_t count, uint16_t *out)
{
  for (size_t i = 0; i < count; i++, in += 2, out += 4) {
    out[0] = out[1] = out[2] = stretch(r, in[0]);
    out[3] = stretch(r, in[1]);
  }
}

static bool is_key(const idf_colours *c, const uint16_t *in)
{
  return in[0] == c->key[0] && in[1] == c->key[1] && in[2] == c->key[2];
}

static void from_rgb(const idf_colours *c, const range *r, const uint16_t *in, size_t count,
                     uint16_t *out)
{
  for (size_t i = 0; i < count; i++, in += 3, out += 4) {
    for (int k = 0; k < 3; k++)
      out[k] = stretch(r, in[k]);
    out[3] = (uint16_t)(c->keyed && is_key(c, in) ? 0 : r->full);
  }
}

static void from_rgba(const range *r, const uint16_t *in, size_t count, uint16_t *out)
{
  for (size_t i = 0; i < 4 * count; i++)
    out[i] = stretch(r, in[i]);
}

static void from_palette(const idf_colours *c, const range *r, const uint16_t *in, size_t count,
                         uint16_t *out)
{
  const unsigned times = r->full / 255;

  for (size_t i = 0; i < count; i++, out += 4)
    for (int k = 0; k < 4; k++)
      out[k] = (uint16_t)(c->palette[in[i] & 255][k] * times);
}

static void from_cmyk(const idf_colours *c, const range *r, const uint16_t *in, size_t count,
                      uint16_t *out)
{
  const unsigned flip = c->inks ? 255 : 0, times = r->full / 255;

  for (size_t i = 0; i < count; i++, in += 4, out += 4) {
    const unsigned k = (in[3] ^ flip) * times;
    for (int j = 0; j < 3; j++)
      out[j] = (uint16_t)(((in[j] ^ flip) * k + 127) / 255);
    out[3] = (uint16_t)r->full;
  }
}

static void to_rgba(const idf_colours *c, const range *r, const uint16_t *in, size_t count,
                    uint16_t *out)
{
  switch (c->layout) {
  case IDF_GRAY:
    from_gray(c, r, in, count, out);
    break;
  case IDF_GRAY_ALPHA:
    from_gray_alpha(r, in, count, out);
    break;
  case IDF_RGB:
    from_rgb(c, r, in, count, out);
    break;
  case IDF_RGBA:
    from_rgba(r, in, count, out);
    break;
  case IDF_PALETTE:
    from_palette(c, r, in, count, out);
    break;
  case IDF_CMYK:
    from_cmyk(c, r, in, count, out);
    break;
  }
}

void idf_colours_rgba16(const idf_colours *c, const uint16_t *samples, size_t count, uint16_t *rgba)
{
  const range r = range_of(c->max, 65535);
  to_rgba(c, &r, samples, count, rgba);
}

void idf_colours_rgba8(const idf_colours *c, const uint16_t *samples, size_t count, uint8_t *rgba)
{
  const range r = range_of(c->max, 255);
  const unsigned channels = idf_channels(c->layout);
  uint16_t wide[4 * CHUNK];

  while (count > 0) {
    const size_t n = IDF_MIN(count, (size_t)CHUNK);
    to_rgba(c, &r, samples, n, wide);
    for (size_t i = 0; i < 4 * n; i++)
      rgba[i] = (uint8_t)wide[i];
    samples += n * channels;
    rgba += 4 * n;
    count -= n;
  }
}

/* ---- without palette and key -------------------------------------------------------------- */

idf_info idf_colours_plain_info(const idf_colours *c, const idf_info *info)
{
  idf_info plain = *info;

  if (c->layout == IDF_PALETTE) {
    plain.layout = c->clear ? IDF_RGBA : IDF_RGB;
    plain.depth = 8;
  } else if (c->keyed) {
    plain.layout = c->layout == IDF_GRAY ? IDF_GRAY_ALPHA : IDF_RGBA;
  }
  return plain;
}

void idf_colours_plain(const idf_colours *c, const uint16_t *samples, size_t count, uint16_t *plain)
{
  const unsigned channels = idf_channels(c->layout);

  if (c->layout == IDF_PALETTE) {
    const unsigned each = c->clear ? 4 : 3;
    for (size_t i = 0; i < count; i++)
      for (unsigned k = 0; k < each; k++)
        *plain++ = c->palette[samples[i] & 255][k];
    return;
  }
  if (!c->keyed) {
    memcpy(plain, samples, count * channels * sizeof *plain);
    return;
  }
  for (size_t i = 0; i < count; i++, samples += channels) {
    bool same = true;
    for (unsigned k = 0; k < channels; k++) {
      same = same && samples[k] == c->key[k];
      *plain++ = samples[k];
    }
    *plain++ = (uint16_t)(same ? 0 : c->max);
  }
}
