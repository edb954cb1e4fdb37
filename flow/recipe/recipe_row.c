/* SPDX-License-Identifier: BSD-3-Clause
 *
 * recipe_row.c: see recipe_row.h.
 * idf(5), "PIXELS OF A JPEG FILE".
 */
#include "recipe_row.h"

#include <string.h>

/* ---- wideners --------------------------------------------------------------------------- */

static void repeat(const idf_recipe_row *row)
{
  for (uint32_t x = 0, from = 0; x < row->width; from++)
    for (unsigned i = 0; i < row->across && x < row->width; i++)
      row->out[x++] = row->in[from];
}

static void repeat_twice(const idf_recipe_row *row)
{
  const uint32_t n = (row->width + 1) / 2;
  const uint8_t *restrict in = row->in;
  uint8_t *restrict out = row->out;
  for (uint32_t x = 0; x < n; x++)
    out[2 * x] = out[2 * x + 1] = in[x];
}

/* Across: (3 near + left + 1) / 4, (3 near + right + 2) / 4. */
static void smooth_across(const idf_recipe_row *row)
{
  const uint32_t n = (row->width + 1) / 2;
  const uint8_t *in = row->in;
  uint8_t *restrict out = row->out;
  for (uint32_t x = 0; x < n; x++) {
    const unsigned near = 3u * in[x];
    out[2 * x] = (uint8_t)((near + in[(ptrdiff_t)x - 1] + 1) >> 2);
    out[2 * x + 1] = (uint8_t)((near + in[x + 1] + 2) >> 2);
  }
}

/* Down: (3 near + above + 1) / 4, (3 near + below + 2) / 4. */
static void smooth_down(const idf_recipe_row *row)
{
  const unsigned half = row->odd ? 2 : 1;
  const uint8_t *in = row->in, *beside = row->beside;
  uint8_t *restrict out = row->out;
  for (uint32_t x = 0; x < row->width; x++)
    out[x] = (uint8_t)((3u * in[x] + beside[x] + half) >> 2);
}

/* Both: with s = 3 near + beside, (3 s + s left + 8) / 16, (3 s + s right + 7) / 16. */
static void smooth_both(const idf_recipe_row *row)
{
  const uint32_t n = (row->width + 1) / 2;
  const uint8_t *in = row->in - 1, *beside = row->beside - 1;
  uint16_t *restrict sums = row->sums;
  uint8_t *restrict out = row->out;
  for (uint32_t x = 0; x < n + 2; x++)
    sums[x] = (uint16_t)(3u * in[x] + beside[x]);
  for (uint32_t x = 0; x < n; x++) {
    const unsigned near = 3u * sums[x + 1];
    out[2 * x] = (uint8_t)((near + sums[x] + 8) >> 4);
    out[2 * x + 1] = (uint8_t)((near + sums[x + 2] + 7) >> 4);
  }
}

/* The first that fits. */
#define FIRST_REPEATER 3
static const struct {
  unsigned across, down; /* 0: any */
  uint32_t least;        /* n */
  idf_recipe_widener widener;
} wideners[] = {
    {2, 1, 3, {smooth_across, false}}, {1, 2, 1, {smooth_down, true}},
    {2, 2, 3, {smooth_both, true}},    {2, 0, 1, {repeat_twice, false}},
    {1, 0, 1, {NULL, false}},          {0, 0, 1, {repeat, false}},
};

const idf_recipe_widener *idf_recipe_widener_of(unsigned across, unsigned down, uint32_t n,
                                                bool repeat)
{
  size_t i = repeat ? FIRST_REPEATER : 0;
  while ((wideners[i].across != 0 && wideners[i].across != across)
         || (wideners[i].down != 0 && wideners[i].down != down) || wideners[i].least > n)
    i++;
  return &wideners[i].widener;
}

/* ---- colour ----------------------------------------------------------------------------- */

/* T.871: R = Y + 1.402 Cr, G = Y - 0.344136 Cb - 0.714136 Cr, B = Y + 1.772 Cb with Cb and Cr
 * less 128; here in Q16, to five decimals and to the nearest, halves up. Products are below
 * 2^24. */
enum { R_CR = 91881, G_CB = 22554, G_CR = 46802, B_CB = 116130, HALF = 1 << 15 };

#define CHUNK 256 /* samples made at once, in the nearest cache */

static inline uint8_t clamped(int32_t v)
{
  return (uint8_t)(v < 0 ? 0 : v > 255 ? 255 : v);
}

static void to_rgb(uint32_t count, const uint8_t *luma, const uint8_t *blue, const uint8_t *red,
                   uint8_t *restrict r, uint8_t *restrict g, uint8_t *restrict b)
{
  for (uint32_t x = 0; x < count; x++) {
    const int32_t y = luma[x], cb = blue[x] - 128, cr = red[x] - 128;
    r[x] = clamped(y + ((R_CR * cr + HALF) >> 16));
    g[x] = clamped(y + ((HALF - G_CB * cb - G_CR * cr) >> 16));
    b[x] = clamped(y + ((B_CB * cb + HALF) >> 16));
  }
}

static inline void interleave(unsigned components, uint32_t count, uint8_t *restrict out,
                              const uint8_t *const in[])
{
  for (uint32_t x = 0; x < count; x++)
    for (unsigned c = 0; c < components; c++)
      out[x * components + c] = in[c][x];
}

static void join_samples(unsigned components, uint32_t count, uint8_t *restrict out,
                         const uint8_t *const in[])
{
  switch (components) { /* a constant number makes a loop without one */
  case 1:
    memcpy(out, in[0], count);
    break;
  case 3:
    interleave(3, count, out, in);
    break;
  case 4:
    interleave(4, count, out, in);
    break;
  default:
    interleave(components, count, out, in);
  }
}

void idf_recipe_colour(idf_recipe_form form, unsigned components, uint32_t width, uint8_t *out,
                       const uint8_t *const in[IDF_RECIPE_COMPONENTS])
{
  uint8_t rgb[3][CHUNK];

  if (form == IDF_RECIPE_PLAIN) {
    join_samples(components, width, out, in);
    return;
  }
  for (uint32_t x = 0; x < width; x += CHUNK) {
    const uint32_t count = IDF_MIN(CHUNK, width - x);
    const uint8_t *const made[] = {rgb[0], rgb[1], rgb[2], components == 4 ? in[3] + x : NULL};
    to_rgb(count, in[0] + x, in[1] + x, in[2] + x, rgb[0], rgb[1], rgb[2]);
    if (form == IDF_RECIPE_YCCK)
      for (unsigned c = 0; c < 3; c++)
        for (uint32_t i = 0; i < count; i++)
          rgb[c][i] = (uint8_t)(255 - rgb[c][i]);
    join_samples(components, count, out + (size_t)x * components, made);
  }
}
