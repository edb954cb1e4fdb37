/* SPDX-License-Identifier: BSD-3-Clause
 *
 * wavefront.h: the walk shared by both directions, with a probe for training and tests.
 */
#ifndef IDF_FLOW_WAVEFRONT_H
#define IDF_FLOW_WAVEFRONT_H

#include "flow.h"
#include "level.h"
#include "net.h"

/* What the network was shown and what the least-squares layer said, for one plane of
 * one pixel. Pointers are valid during the call. */
typedef struct idf_view {
  const int16_t *trunk_in; /* IDF_NET_INPUTS */
  const int16_t *head_in;  /* IDF_NET_EXTRAS, as seen before this plane's latent is known */
  int32_t local, wide;     /* predictions, Q6 */
  uint32_t level;          /* local error level, units in Q4 */
  int32_t mean;            /* of the four nearest neighbours, sample values */
  int32_t sample;          /* what was coded; meaningless in the inverse */
} idf_view;

typedef void (*idf_probe_fn)(void *context, unsigned plane, const idf_site *site,
                             const idf_view *view);

/* inverse false: samples -> latents; true: latents -> samples. probe may be NULL. */
idf_status idf_wave_walk(idf_mem *mem, const idf_model *model, const idf_flow_shape *shape,
                         int32_t *const *planes, bool inverse, idf_latent_fn fn, void *context,
                         idf_probe_fn probe, void *probe_context);

#endif
