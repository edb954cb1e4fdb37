/* SPDX-License-Identifier: BSD-3-Clause
 *
 * flow.c: both directions of the flow, by the walk of the level the model was made ready for.
 */
#include <string.h>

#include "kernels_none.h"
#include "model_net.h"
#include "wavefront.h"

static idf_status walk(idf_mem *mem, const idf_model *model, const idf_flow_shape *shape,
                       int32_t *const *planes, bool inverse, idf_latent_fn fn, void *context)
{
  const idf_kernels *kernels = !model ? &idf_kernels_none : idf_model_kernels(model);
  return kernels->walk(mem, model, shape, planes, inverse, fn, context, NULL, NULL);
}

idf_status idf_flow_forward(idf_mem *mem, const idf_model *model, const idf_flow_shape *shape,
                            const int32_t *const *planes, idf_latent_fn fn, void *context)
{
  int32_t *view[IDF_FLOW_PLANES] = {NULL, NULL, NULL};
  for (unsigned p = 0; p < shape->planes; p++)
    memcpy(&view[p], &planes[p], sizeof view[p]); /* read only: the walk writes in the inverse */
  return walk(mem, model, shape, view, false, fn, context);
}

idf_status idf_flow_inverse(idf_mem *mem, const idf_model *model, const idf_flow_shape *shape,
                            int32_t *const *planes, idf_latent_fn fn, void *context)
{
  return walk(mem, model, shape, planes, true, fn, context);
}
