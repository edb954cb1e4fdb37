/* SPDX-License-Identifier: BSD-3-Clause
 *
 * features.c: writes what the network sees as training records, with the codec's own walk.
 *
 * usage: features RATE SEED [gray] < images > records
 * stdin: pictures, each u32 width, u32 height, u32 kind (little endian), then the bytes:
 *   kind 0: RGB, interleaved, coded in YCoCg-R; 1: three planes Y, Cb, Cr,
 *   interleaved, coded as they are; 2: gray; 3: RGB coded as G, R-G, B-G.
 * stdout: for RATE of 65536 pixels, chosen by a hash of SEED and position, one
 *   record of RECORD bytes: 107 trunk inputs, u8 planes, then for each of 3 planes
 *   int8 local, wide, level inputs, int16 64 (x - local), 64 (wide - local),
 *   u16 error level, int16 x - mean.
 * With `gray`, pictures of kind 2 have the inputs of the network for one plane.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "colour.h"
#include "fixed.h"
#include "flow.h"
#include "kernels.h"
#include "shape.h"
#include "site.h"

#define TRUNK 107
#define RECORD (TRUNK + 1 + 3 * 11)

typedef struct sampler {
  uint32_t rate, seed;
  unsigned planes;
  bool alone;
  uint8_t record[64][RECORD]; /* one per site of the step */
} sampler;

static uint32_t hash(uint32_t x, uint32_t y, uint32_t seed)
{
  uint32_t h = x * 0x9E3779B1u ^ y * 0x85EBCA77u ^ seed * 0xC2B2AE3Du;
  h ^= h >> 15;
  h *= 0x2C1B3C6Du;
  h ^= h >> 12;
  h *= 0x297A2D39u;
  return h ^ h >> 15;
}

static void put16(uint8_t *at, int32_t v)
{
  int32_t c = v < -32768 ? -32768 : v > 65535 ? 65535 : v;
  at[0] = (uint8_t)c;
  at[1] = (uint8_t)(c >> 8);
}

/* Converts inputs of the network for one plane to those of the network for three: the first OWN of
 * them, without the further ones. */
static void spread(uint8_t *r)
{
  enum { TAPS = 22, ERRORS = 10, SIGNS = 2, LAST = 3, OWN = TAPS + ERRORS + SIGNS + LAST };
  uint8_t own[OWN];
  memcpy(own, r, OWN);
  memset(r + TAPS, 0, TRUNK - TAPS);
  memcpy(r + 3 * TAPS, own + TAPS, ERRORS);
  memcpy(r + 3 * (TAPS + ERRORS), own + TAPS + ERRORS, SIGNS);
  memcpy(r + 3 * (TAPS + ERRORS + SIGNS), own + OWN - LAST, LAST);
}

static void probe(void *context, unsigned plane, const idf_site *site, const idf_view *view)
{
  sampler *s = context;
  if (hash(site->x, site->y, s->seed) >> 16 >= s->rate)
    return;
  uint8_t *r = s->record[site->y & 63];
  if (plane == 0) {
    memset(r, 0, RECORD);
    for (int i = 0; i < TRUNK; i++)
      r[i] = (uint8_t)view->trunk_in[i];
    if (s->planes == 1 && !s->alone)
      spread(r);
    r[TRUNK] = (uint8_t)s->planes;
  }
  uint8_t *p = r + TRUNK + 1 + 11 * plane;
  for (int i = 0; i < 3; i++)
    p[i] = (uint8_t)view->head_in[i];
  int32_t error = view->sample * 64 - view->local;
  put16(p + 3, idf_clamp(error, -32767, 32767));
  put16(p + 5, idf_clamp(view->wide - view->local, -32767, 32767));
  put16(p + 7, (int32_t)view->level);
  put16(p + 9, view->sample - view->mean);
  if (plane + 1 == s->planes)
    fwrite(r, RECORD, 1, stdout);
}

static idf_status ignore(void *context, unsigned plane, idf_sites *sites)
{
  (void)context, (void)plane, (void)sites;
  return IDF_OK;
}

static uint32_t get32(void)
{
  uint8_t b[4];
  if (fread(b, 1, 4, stdin) != 4)
    return 0;
  return b[0] | (uint32_t)b[1] << 8 | (uint32_t)b[2] << 16 | (uint32_t)b[3] << 24;
}

/* Handles one picture from stdin; returns 0 at the end, -1 on error. */
static int picture(idf_mem *mem, sampler *s)
{
  static const unsigned layers[4] = {IDF_COLOUR_YCOCG, IDF_COLOUR_NONE, IDF_COLOUR_NONE,
                                     IDF_COLOUR_GREEN};
  uint32_t width = get32(), height = get32(), kind = get32();
  if (width == 0)
    return 0;
  if (width > 4096 || height == 0 || height > 4096 || kind > 3)
    return -1;
  size_t n = (size_t)width * height;
  idf_flow_shape shape = {.width = width, .height = height, .planes = kind == 2 ? 1 : 3};
  int32_t *plane[3] = {idf_alloc(mem, n, 4), idf_alloc(mem, n, 4), idf_alloc(mem, n, 4)};
  int result = -1;
  if (!plane[0] || !plane[1] || !plane[2])
    goto done;
  for (size_t i = 0; i < n; i++)
    for (unsigned p = 0; p < shape.planes; p++) {
      int c = getchar();
      if (c == EOF)
        goto done;
      plane[p][i] = c;
    }
  const idf_colour_layer *layer = idf_colour_layers[layers[kind]];
  layer->ranges(255, shape.min, shape.max);
  if (shape.planes == 3)
    layer->forward(plane, n, NULL);
  s->planes = shape.planes;
  s->seed = hash(s->seed, width, height);
  const idf_job job = {.mem = mem, .kernels = idf_kernels_of(IDF_SIMD_AUTO)};
  const idf_flow flow = {
      .job = &job, .shape = &shape, .latents = ignore, .probe = probe, .probe_context = s};
  if (idf_flow_forward(&flow, (const int32_t *const *)plane) == IDF_OK)
    result = 1;
done:
  for (int p = 0; p < 3; p++)
    idf_free(mem, plane[p]);
  return result;
}

int main(int argc, char **argv)
{
  const bool alone = argc == 4 && strcmp(argv[3], "gray") == 0;
  if (argc != 3 && !alone) {
    fputs("usage: features RATE SEED [gray] < images > records\n", stderr);
    return 1;
  }
  idf_mem mem;
  idf_mem_init(&mem, (uint64_t)1 << 30);
  sampler *s = idf_alloc(&mem, 1, sizeof *s);
  if (!s)
    return 1;
  s->rate = (uint32_t)strtoul(argv[1], NULL, 10);
  s->seed = (uint32_t)strtoul(argv[2], NULL, 10);
  s->alone = alone;
  int result;
  while ((result = picture(&mem, s)) > 0)
    ;
  idf_free(&mem, s);
  if (result < 0)
    fputs("features: bad input\n", stderr);
  return result < 0;
}
