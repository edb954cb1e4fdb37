/* SPDX-License-Identifier: BSD-3-Clause
 *
 * flow.c: runs the flow in either direction, with the walk of the job's level.
 */
#include "flow.h"

#include "level.h"
#include "shape.h"

idf_status idf_flow_forward(const idf_flow *flow, const int32_t *const *planes)
{
  return idf_level_of(flow->job->kernels)->walk(flow, planes, NULL);
}

idf_status idf_flow_inverse(const idf_flow *flow, int32_t *const *planes)
{
  return idf_level_of(flow->job->kernels)->walk(flow, NULL, planes);
}
