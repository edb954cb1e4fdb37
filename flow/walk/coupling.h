/* SPDX-License-Identifier: BSD-3-Clause
 *
 * coupling.h: the coupling of the integer discrete flow, in both directions.
 *
 * A sample x is mapped to the latent z = x - t(A), and back by x = z + t(A). A is everything that
 * was coded before. t is what the predictors make of it, rounded to an integer: `centre`. Both
 * sides compute the same integer t, so the map is a bijection for any t. The two directions differ
 * only here; they share everything else in a walk.
 */
#ifndef IDF_FLOW_COUPLING_H
#define IDF_FLOW_COUPLING_H

#include "idf_status.h"
#include "lanes.h"

/* The places of a step's samples in a plane. */
typedef struct idf_places {
  ptrdiff_t first; /* of lane 0, even if that has no sample */
  ptrdiff_t step;  /* from lane to lane */
  ptrdiff_t last;  /* the last place of the plane */
} idf_places;

static inline idf_places idf_places_of(const idf_sites *s, uint32_t width, uint32_t height)
{
  return (idf_places){.first = s->row * (ptrdiff_t)width + s->column,
                      .step = s->strip - (ptrdiff_t)width,
                      .last = (ptrdiff_t)width * (ptrdiff_t)height - 1};
}

/* Forward: maps the plane's samples to latents, in all lanes that have a sample. */
static inline void idf_coupling_forward(idf_sites *s, const idf_places *at, const int32_t *plane)
{
  const ptrdiff_t first = at->first, step = at->step;
  if (s->hi - s->lo == IDF_BLOCK && s->lo % IDF_BLOCK == 0) { /* the common case */
    int32_t *sample = s->sample + s->lo;
    const int32_t *from = plane + first + s->lo * step;
    for (int k = 0; k < IDF_BLOCK; k++)
      sample[k] = from[k * step];
    /* These are more rows than a processor prefetches by itself. */
    const ptrdiff_t ahead = first + (s->lo + s->column % IDF_BLOCK) * step + 2 * IDF_BLOCK;
    IDF_PREFETCH(plane + IDF_MIN(ahead, at->last));
  } else {
    for (int k = s->lo; k < s->hi; k++)
      s->sample[k] = plane[first + k * step];
  }
  for (int k = s->lo; k < s->hi; k++)
    s->latent[k] = s->sample[k] - s->centre[k];
}

/* Inverse: maps latents to the plane's samples. Returns IDF_ERR_CORRUPT if one is out of range. */
static inline idf_status idf_coupling_inverse(idf_sites *s, const idf_places *at, int32_t *plane)
{
  for (int k = s->lo; k < s->hi; k++) {
    const int32_t sample = s->centre[k] + s->latent[k];
    if (sample < s->min || sample > s->max)
      return IDF_ERR_CORRUPT;
    plane[at->first + k * at->step] = s->sample[k] = sample;
  }
  return IDF_OK;
}

#endif
