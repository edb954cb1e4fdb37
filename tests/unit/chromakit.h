/* SPDX-License-Identifier: BSD-3-Clause
 *
 * chromakit.h: tiles of which conversion and siting are known, for the tests of flow/chroma.
 */
#ifndef IDF_TESTS_CHROMAKIT_H
#define IDF_TESTS_CHROMAKIT_H

#include <stdlib.h>
#include <string.h>

#include "conversion.h"
#include "origin.h"
#include "unit.h"

typedef struct chromakit {
  idf_origin origin;
  idf_tile tile;
  int32_t *y, *u, *v;
} chromakit;

static inline void chromakit_close(chromakit *k)
{
  free(k->y);
  free(k->u);
  free(k->v);
  free(k->tile.samples);
}

static inline void *chromakit_room(size_t n, size_t size)
{
  void *p = calloc(n, size);
  if (!p)
    abort();
  return p;
}

/* Hills between 0 and 256, some pixels wide. */
static inline int32_t chromakit_hill(const uint32_t field[20][20], uint32_t x, uint32_t y)
{
  const uint32_t i = x / 24 % 19, j = y / 24 % 19, fx = x % 24, fy = y % 24;
  const uint32_t top = field[j][i] * (24 - fx) + field[j][i + 1] * fx;
  const uint32_t low = field[j + 1][i] * (24 - fx) + field[j + 1][i + 1] * fx;
  return (int32_t)((top * (24 - fy) + low * fy) / 576);
}

static inline void chromakit_plane(int32_t *to, uint32_t w, uint32_t h, int32_t middle,
                                   int32_t span, uint32_t noise, idf_unit_random *r)
{
  uint32_t field[20][20];
  for (unsigned j = 0; j < 20; j++)
    for (unsigned i = 0; i < 20; i++)
      field[j][i] = idf_unit_below(r, 256);
  for (uint32_t y = 0; y < h; y++)
    for (uint32_t x = 0; x < w; x++) {
      const int32_t grain = (int32_t)idf_unit_below(r, 2 * noise + 1) - (int32_t)noise;
      const int32_t v = middle + (chromakit_hill(field, x, y) - 128) * span / 256 + grain;
      to[(size_t)y * w + x] = idf_clamp(v, 0, 255);
    }
}

/* `span`: how far Y goes; above 150, pixels are clipped. */
static inline chromakit chromakit_make(const idf_origin *origin, int32_t span, uint64_t seed)
{
  chromakit k = {.origin = *origin};
  idf_siting *s = &k.origin.siting;
  idf_unit_random r = idf_unit_random_of(seed);
  idf_matrix m;
  const int32_t *middle = idf_conversions[origin->conversion].centre;
  if (!idf_axis_init(&s->x) || !idf_axis_init(&s->y))
    abort();
  const uint32_t w = s->x.pixels, h = s->y.pixels;
  const size_t knots = (size_t)s->x.knots * s->y.knots;
  k.tile = (idf_tile){{w, h, 3, 8, false}, NULL, 3 * (size_t)w + 5};
  k.y = chromakit_room((size_t)w * h, sizeof *k.y);
  k.u = chromakit_room(knots, sizeof *k.u);
  k.v = chromakit_room(knots, sizeof *k.v);
  k.tile.samples = chromakit_room(k.tile.stride * h, sizeof *k.tile.samples);
  chromakit_plane(k.y, w, h, origin->conversion == IDF_CONVERSION_PHOTOCD ? 90 : 125, span, 4, &r);
  chromakit_plane(k.u, s->x.knots, s->y.knots, IDF_MAX(middle[1], 128), 50, 2, &r);
  chromakit_plane(k.v, s->x.knots, s->y.knots, IDF_MAX(middle[2], 128), 50, 2, &r);
  int32_t *u = chromakit_room(w, sizeof *u), *v = chromakit_room(w, sizeof *v);
  idf_matrix_init(&m, origin->conversion);
  for (uint32_t y = 0; y < h; y++) {
    idf_siting_row(s, k.u, y, u);
    idf_siting_row(s, k.v, y, v);
    for (uint32_t x = 0; x < w; x++)
      for (unsigned c = 0; c < 3; c++)
        k.tile.samples[y * k.tile.stride + 3 * (size_t)x + c] =
            (uint16_t)idf_matrix_sample(&m, c, k.y[(size_t)y * w + x], u[x], v[x]);
  }
  free(u);
  free(v);
  return k;
}

/* An origin with the same spacing both ways. */
static inline idf_origin chromakit_origin(unsigned conversion, idf_spacing spacing, unsigned phases,
                                          uint32_t width, uint32_t height)
{
  return (idf_origin){
      .conversion = conversion,
      .siting = {.x = {.spacing = spacing, .phase = phases & 1, .pixels = width},
                 .y = {.spacing = spacing, .phase = phases >> 1, .pixels = height}}};
}

#endif
