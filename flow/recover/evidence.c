/* SPDX-License-Identifier: BSD-3-Clause
 *
 * evidence.c: finds the Y, Cb, Cr of pixels for evidence.h.
 */
#include "evidence.h"

#include "fixed.h"
#include "lattice.h"
#include "layer.h"
#include "recipe_row.h"

#define TRIES 512
#define REACH 6 /* search radius around a belief */

static bool clamped(const int32_t rgb[3])
{
  bool any = false;
  for (unsigned c = 0; c < 3; c++)
    any = any || rgb[c] == 0 || rgb[c] == 255;
  return any;
}

bool idf_evidence_look(const idf_tile *tile)
{
  const uint32_t width = tile->shape.width;
  const uint64_t all = (uint64_t)width * tile->shape.height;
  uint32_t clear = 0, explained = 0;

  if (tile->shape.channels == 1)
    return true;
  for (uint32_t t = 0; t < TRIES; t++) {
    const uint64_t at = (2 * t + 1) * all / (2 * TRIES);
    const uint16_t *s = tile->samples + at / width * tile->stride + 3 * (size_t)(at % width);
    const int32_t rgb[3] = {s[0], s[1], s[2]};
    int32_t ycc[3];
    if (clamped(rgb))
      continue;
    clear++;
    explained += idf_lattice_forward(IDF_COLOUR_JPEG, rgb, ycc);
    if (clear - explained > 16) /* nearly always the end: chance explains one in four */
      return false;
  }
  return clear > 0 && 32 * (clear - explained) <= clear;
}

static void take_pixel(idf_evidence *e, size_t at, const uint16_t *s)
{
  const int32_t rgb[3] = {s[0], s[1], s[2]};
  int32_t ycc[3];
  const bool clear = !clamped(rgb), explained = idf_lattice_forward(IDF_COLOUR_JPEG, rgb, ycc);
  e->known[at] = clear && explained;
  e->clear += clear;
  e->explained += e->known[at];
  for (unsigned p = 0; p < 3; p++)
    e->sample[p][at] = (uint8_t)ycc[p];
}

idf_status idf_evidence_open(idf_evidence *evidence, idf_mem *mem, const idf_tile *tile)
{
  const size_t n = (size_t)tile->shape.width * tile->shape.height;
  *evidence = (idf_evidence){
      .planes = tile->shape.channels, .width = tile->shape.width, .height = tile->shape.height};
  bool had = (evidence->known = idf_alloc(mem, n, sizeof(bool))) != NULL;
  for (unsigned p = 0; p < evidence->planes; p++)
    had = (evidence->sample[p] = idf_alloc(mem, n, 1)) != NULL && had;
  if (!had) {
    idf_evidence_close(evidence, mem);
    return idf_mem_status(mem);
  }
  for (uint32_t y = 0; y < evidence->height; y++) {
    const uint16_t *s = tile->samples + y * tile->stride;
    size_t at = (size_t)y * evidence->width;
    for (uint32_t x = 0; x < evidence->width; x++, at++, s += evidence->planes)
      if (evidence->planes == 3) {
        take_pixel(evidence, at, s);
      } else {
        evidence->sample[0][at] = (uint8_t)s[0];
        evidence->known[at] = true;
      }
  }
  if (evidence->planes == 1)
    evidence->clear = evidence->explained = (uint32_t)n;
  return IDF_OK;
}

void idf_evidence_close(idf_evidence *evidence, idf_mem *mem)
{
  idf_free(mem, evidence->known);
  for (unsigned p = 0; p < 3; p++)
    idf_free(mem, evidence->sample[p]);
  *evidence = (idf_evidence){.planes = 0};
}

static void convert(const int32_t ycc[3], uint8_t rgb[3])
{
  const uint8_t y = (uint8_t)ycc[0], cb = (uint8_t)ycc[1], cr = (uint8_t)ycc[2];
  const uint8_t *const in[IDF_RECIPE_COMPONENTS] = {&y, &cb, &cr, NULL};
  idf_recipe_colour(IDF_RECIPE_YCC, 3, 1, rgb, in);
}

static bool same(const uint8_t rgb[3], const uint16_t *s)
{
  return rgb[0] == s[0] && rgb[1] == s[1] && rgb[2] == s[2];
}

/* Finds a Y near `guess` that makes the pixel with this chroma. The error is the same in all
 * channels except for clamping, so the channel that is farthest from its ends decides. */
static bool find_luma(const uint16_t *s, int32_t guess, int32_t cb, int32_t cr, int32_t *luma)
{
  int32_t y = guess;
  for (unsigned i = 0; i < 2; i++) {
    uint8_t rgb[3];
    int32_t off = 0;
    convert((const int32_t[3]){y, cb, cr}, rgb);
    if (same(rgb, s)) {
      *luma = y;
      return true;
    }
    for (unsigned c = 0; c < 3; c++) {
      const int32_t d = s[c] - rgb[c];
      off = (d < 0 ? -d : d) > (off < 0 ? -off : off) ? d : off;
    }
    y = idf_clamp(y + off, 0, 255);
  }
  return false;
}

/* Of the Y, Cb, Cr that make s, believes the nearest to `made`, in squares of growing radius. */
static void believe(idf_evidence *e, size_t at, const uint16_t *s, const uint16_t *made)
{
  for (int32_t d = 0; d <= REACH; d++)
    for (int32_t j = -d; j <= d; j++)
      for (int32_t i = -d; i <= d; i += j == -d || j == d ? 1 : 2 * d) {
        const int32_t cb = made[1] + i, cr = made[2] + j;
        int32_t y;
        if (cb < 0 || cb > 255 || cr < 0 || cr > 255 || !find_luma(s, made[0], cb, cr, &y))
          continue;
        e->sample[0][at] = (uint8_t)y;
        e->sample[1][at] = (uint8_t)cb;
        e->sample[2][at] = (uint8_t)cr;
        return;
      }
}

static bool compare_pixel(idf_evidence *e, size_t at, const uint16_t *s, const uint16_t *made)
{
  uint8_t rgb[3];
  if (e->planes == 1)
    return made[0] != s[0];
  convert((const int32_t[3]){made[0], made[1], made[2]}, rgb);
  if (!e->known[at])
    believe(e, at, s, made);
  return !same(rgb, s);
}

uint32_t idf_evidence_compare(idf_evidence *evidence, const idf_tile *tile, const uint16_t *made,
                              bool *wrong)
{
  uint32_t count = 0;
  size_t at = 0;
  for (uint32_t y = 0; y < evidence->height; y++) {
    const uint16_t *s = tile->samples + y * tile->stride;
    for (uint32_t x = 0; x < evidence->width; x++, at++, s += evidence->planes) {
      wrong[at] = compare_pixel(evidence, at, s, made + at * evidence->planes);
      count += wrong[at];
    }
  }
  return count;
}
