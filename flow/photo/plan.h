/* SPDX-License-Identifier: BSD-3-Clause
 *
 * plan.h: decisions that the encoder makes by looking at the samples.
 *
 * The decoder learns of them only through the tile's header, so this code may change freely.
 */
#ifndef IDF_FLOW_PLAN_H
#define IDF_FLOW_PLAN_H

#include "flow_types.h"
#include "values.h"

/* How the planes of a tile become those of the flow. */
typedef struct idf_plan {
  bool values;     /* planes hold ranks of the values in use */
  bool joint;      /* gray and alpha are one group of two planes */
  unsigned colour; /* number of the layer */
} idf_plan;

/* How a group of planes is coded. */
typedef struct idf_group_plan {
  unsigned unit;   /* the network sees samples in steps of 2^unit, 0 .. 8 */
  bool fitted;     /* fit linear predictors to the group */
  bool occurrence; /* try the occurrence prior */
} idf_group_plan;

/* The colour layer from which R, G, B planes in [0, top] surely came (idf_colour_layer.likely), or
 * IDF_COLOUR_NONE. */
unsigned idf_plan_origin(const idf_planes *planes, int32_t top);
/* The transform of R, G, B planes that looks cheapest, or none. */
unsigned idf_plan_transform(const idf_planes *planes);

/* `fits`: the model has linear predictors to start from. Errors: memory. It is an error, because a
 * default choice would make the file depend on the memory limit. */
idf_status idf_plan_group(idf_mem *mem, const idf_flow_shape *shape, int32_t *const *planes,
                          bool fits, idf_group_plan *plan);

#endif
