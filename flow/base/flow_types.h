/* SPDX-License-Identifier: BSD-3-Clause
 *
 * flow_types.h: the input of a walk through the flow (flow.h): planes, and the functions that code
 * their latents.
 */
#ifndef IDF_FLOW_TYPES_H
#define IDF_FLOW_TYPES_H

#include "base.h"

#define IDF_FLOW_PLANES 3

typedef struct idf_flow_shape {
  uint32_t width, height;                             /* 1 .. 4096 */
  unsigned planes;                                    /* 1 to 3 */
  int32_t min[IDF_FLOW_PLANES], max[IDF_FLOW_PLANES]; /* range of the samples, within +-65536 */
  unsigned unit_shift;                                /* 0 .. 8: see fixed.h */
  bool occurrence; /* use the occurrence prior (occur.h): 3 planes of at most 9 bits */
  bool blocks;     /* planes from a JPEG decoder: errors depend on the place in the 8x8 block */
} idf_flow_shape;

typedef struct idf_job idf_job;     /* shape.h */
typedef struct idf_site idf_site;   /* site.h */
typedef struct idf_sites idf_sites; /* lanes.h */

/* Codes the latents of one plane, for all lanes of `sites`: in a forward walk it receives
 * sites->latent, in an inverse walk it fills it. A decoded latent must be within
 * [min - centre, max - centre]. Symbols are coded by rising row: from lane hi - 1 down to lo. */
typedef idf_status (*idf_latent_fn)(void *context, unsigned plane, idf_sites *sites);

/* Says whether the occurrence prior is still wanted. A forward walk asks at the start of each step
 * that has sites. After the first "no" it drops the prior and asks no more. */
typedef bool (*idf_occurrence_fn)(void *context, const idf_sites *sites);

/* What the predictors saw and said of one plane of one pixel, for training and tests. Pointers are
 * valid during the call. */
typedef struct idf_view {
  const int16_t *trunk_in; /* IDF_NET_INPUTS */
  const int16_t *head_in;  /* IDF_NET_EXTRAS, before this plane's latent is known */
  int32_t local, wide;     /* predictions, Q6 */
  uint32_t level;          /* local error level, units in Q4 */
  int32_t mean;            /* of the four nearest neighbours, sample values */
  int32_t sample;          /* the coded sample; undefined in the inverse */
} idf_view;

typedef void (*idf_probe_fn)(void *context, unsigned plane, const idf_site *site,
                             const idf_view *view);

/* One group of planes on its way through the flow: tools, shape and callbacks. */
typedef struct idf_flow {
  const idf_job *job; /* without a model there is no network: its outputs are 0 */
  const idf_flow_shape *shape;
  const struct idf_linear *linear; /* predictors (linear.h) to use instead of a network; or NULL */
  idf_latent_fn latents;
  idf_occurrence_fn wants_occurrence; /* NULL: always */
  void *context;                      /* of both callbacks */
  idf_probe_fn probe;                 /* for training and tests; may be NULL */
  void *probe_context;
} idf_flow;

#endif
