/* SPDX-License-Identifier: BSD-3-Clause
 *
 * plan.h: what the encoder decides by looking at the samples. None of it is known
 * to the decoder except through the tile's header, so it may change freely.
 */
#ifndef IDF_FLOW_PLAN_H
#define IDF_FLOW_PLAN_H

#include "flow_types.h"
#include "values.h"

/* How the planes of a tile are to become those of the flow. */
typedef struct idf_plan {
  bool values;     /* planes hold ranks of the values in use */
  bool joint;      /* gray and alpha are one group of two planes */
  unsigned colour; /* layer */
} idf_plan;

/* How a group of planes is to be coded. */
typedef struct idf_group_plan {
  unsigned unit;   /* in which the network sees samples: 2^unit, 0 .. 8 */
  bool fitted;     /* it gets linear predictors of its own */
  bool occurrence; /* the occurrence prior is tried */
} idf_group_plan;

/* The colour layer that R, G, B planes in [0, top] surely came from (idf_colour_layer.likely);
 * IDF_COLOUR_NONE when there is none. */
unsigned idf_plan_origin(const idf_planes *planes, int32_t top);
/* The transform of R, G, B planes, or none, that looks cheapest. */
unsigned idf_plan_transform(const idf_planes *planes);

/* `fits`: the model has linear predictors to start from. Errors: memory; a choice that fell back
 * on its own would make the file depend on the limit. */
idf_status idf_plan_group(idf_mem *mem, const idf_flow_shape *shape, int32_t *const *planes,
                          bool fits, idf_group_plan *plan);

#endif
