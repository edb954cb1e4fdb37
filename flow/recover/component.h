/* SPDX-License-Identifier: BSD-3-Clause
 *
 * component.h: one component of a canvas while its coefficients are being searched: the samples
 * that the decoder must have had before interpolation, and those that the coefficients make.
 */
#ifndef IDF_FLOW_COMPONENT_H
#define IDF_FLOW_COMPONENT_H

#include "canvas.h"
#include "evidence.h"

typedef struct idf_component {
  uint32_t width, height;           /* samples of all blocks */
  uint32_t real_width, real_height; /* samples in the picture; the last ones are repeated */
  unsigned across, down;            /* pixels per sample, 1 or 2 each way */
  bool smooth;                      /* interpolated: then across or down is 2 */
  uint32_t x, y;                    /* of the tile's first pixel */
  int16_t *wanted;                  /* owned: Q4, no level shift; an estimate if interpolated */
  bool *known;                      /* owned: the decoder had `wanted`; nearly, if interpolated */
  uint8_t *made;                    /* owned: made of the coefficients */
} idf_component;

/* Opens component p of the canvas. Returns IDF_OK, or the memory status; then nothing is owned. */
idf_status idf_component_open(idf_component *component, idf_mem *mem, const idf_canvas *canvas,
                              unsigned p);
void idf_component_close(idf_component *component, idf_mem *mem);

/* Fills wanted and known from the pixels of plane p. Samples that no pixel shows repeat those that
 * are shown, and are not known. Returns IDF_OK or the memory status. */
idf_status idf_component_take(idf_component *component, idf_mem *mem, const idf_evidence *evidence,
                              unsigned p);

/* Whether the sample nearest to pixel (x, y) of the canvas is known. */
static inline bool idf_component_knows(const idf_component *c, uint32_t x, uint32_t y)
{
  return c->known[(size_t)(y / c->down) * c->width + x / c->across];
}

/* The value that the decoder makes of `made` at pixel (x, y) of the canvas. */
uint8_t idf_component_pixel(const idf_component *component, uint32_t x, uint32_t y);

#endif
