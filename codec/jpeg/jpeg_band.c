/* SPDX-License-Identifier: BSD-3-Clause
 *
 * jpeg_band.c: the coefficients of some MCU rows, and the order of their blocks in a scan.
 * idf(5), "JPEG FILES".
 */
#include "jpeg_inside.h"

bool idf_jpeg_band_init(idf_jpeg_band *band, const idf_jpeg *jpeg, idf_mem *mem, uint32_t count)
{
  *band = (idf_jpeg_band){.count = count};
  for (unsigned i = 0; i < jpeg->components; i++) {
    const idf_jpeg_component *c = &jpeg->component[i];
    size_t blocks;
    if (idf_size_mul((size_t)count * c->v, c->blocks_w, &blocks))
      band->coefs[i] = idf_alloc(mem, blocks, IDF_JPEG_BLOCK * sizeof(int16_t));
    if (!band->coefs[i]) {
      idf_jpeg_band_free(band, mem);
      return false;
    }
  }
  return true;
}

void idf_jpeg_band_free(idf_jpeg_band *band, idf_mem *mem)
{
  for (unsigned i = 0; i < IDF_JPEG_COMPONENTS; i++)
    idf_free(mem, band->coefs[i]);
  *band = (idf_jpeg_band){0};
}

/* Called before an MCU. */
static bool maybe_restart(idf_jpeg_visit *v, const idf_jpeg_scan *s)
{
  if (s->restart == 0)
    return true;
  if (v->left == 0) {
    if (!v->restart(v->state, v->number))
      return false;
    v->number = (v->number + 1) & 7;
    v->left = s->restart;
  }
  v->left--;
  return true;
}

/* A scan of one component: an MCU is a block, and blocks without samples are left out. */
static bool visit_alone(idf_jpeg_visit *v, const idf_jpeg *jpeg, const idf_jpeg_scan *s,
                        const idf_jpeg_band *band)
{
  const idf_jpeg_component *c = &jpeg->component[s->component[0]];
  int16_t *coefs = band->coefs[s->component[0]];
  const uint32_t top = band->first * c->v;
  const uint32_t rows = IDF_MIN(band->count * c->v, c->used_h > top ? c->used_h - top : 0);
  for (uint32_t y = 0; y < rows; y++) {
    int16_t *row = coefs + (size_t)y * c->blocks_w * IDF_JPEG_BLOCK;
    for (uint32_t x = 0; x < c->used_w; x++, row += IDF_JPEG_BLOCK)
      if (!maybe_restart(v, s) || !v->block(v->state, 0, row))
        return false;
  }
  return true;
}

/* Visits component i's blocks of the MCU at (x, y) in the band. */
static bool visit_mcu(idf_jpeg_visit *v, const idf_jpeg_component *c, unsigned i, int16_t *coefs,
                      uint32_t x, uint32_t y)
{
  for (uint32_t down = 0; down < c->v; down++) {
    const size_t at = (size_t)(y * c->v + down) * c->blocks_w + (size_t)x * c->h;
    for (uint32_t across = 0; across < c->h; across++)
      if (!v->block(v->state, i, coefs + (at + across) * IDF_JPEG_BLOCK))
        return false;
  }
  return true;
}

bool idf_jpeg_visit_band(idf_jpeg_visit *v, const idf_jpeg *jpeg, const idf_jpeg_scan *s,
                         const idf_jpeg_band *band)
{
  if (s->components == 1)
    return visit_alone(v, jpeg, s, band);
  for (uint32_t y = 0; y < band->count; y++)
    for (uint32_t x = 0; x < jpeg->mcus_w; x++) {
      if (!maybe_restart(v, s))
        return false;
      for (unsigned i = 0; i < s->components; i++) {
        const unsigned c = s->component[i];
        if (!visit_mcu(v, &jpeg->component[c], i, band->coefs[c], x, y))
          return false;
      }
    }
  return true;
}
