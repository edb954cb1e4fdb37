/* SPDX-License-Identifier: BSD-3-Clause
 *
 * flow.h: the flow on integer planes: maps samples to latents and back.
 *
 * Both directions walk the planes by the same clock. Sample (x, y) has the time t = x + S y, where
 * S is the number of columns of a strip (idf_strip_of). Everything adaptive may depend on samples
 * of earlier times only. So up to W / S rows are in flight at once, each an independent lane.
 * Strips are narrow in narrow pictures, so that about sixteen rows are at work there, too. A
 * picture of up to 8 columns is walked in raster order. At one time the order is by plane, then by
 * row. Scalar code follows the same clock as parallel code.
 *
 * At each step the walk passes on the sites of one plane that share a time, with the prior of each.
 * The callback codes their latents (forward) or decodes them (inverse).
 */
#ifndef IDF_FLOW_FLOW_H
#define IDF_FLOW_FLOW_H

#include "flow_types.h"

/* planes: `shape->planes` pointers to width * height samples without gaps, each within [min, max].
 * Errors: memory, or what `latents` returns. */
idf_status idf_flow_forward(const idf_flow *flow, const int32_t *const *planes);
/* The same with samples as output. Returns IDF_ERR_CORRUPT if a latent is out of range. */
idf_status idf_flow_inverse(const idf_flow *flow, int32_t *const *planes);

#endif
