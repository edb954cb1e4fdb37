/* SPDX-License-Identifier: BSD-3-Clause
 *
 * flow.h: the flow itself, on integer planes: samples to latents and back.
 *
 * Both directions walk the planes by the wavefront's clock: sample (x, y) has the
 * time t = x + S y, S being the columns of a strip (idf_strip_of), and everything adaptive may
 * depend only on samples of earlier times. So up to W / S rows are in flight at once, each an
 * independent lane; strips are narrow in narrow pictures, so that about sixteen rows are at work
 * there too, and a picture up to 8 columns wide is walked in raster order. At one time the
 * order is by plane, then by row. Scalar code follows the same clock as any parallel one.
 *
 * At each step the walk hands over the sites of one plane that share a time: with
 * the prior of each, and asks for (inverse) or tells (forward) the latents.
 */
#ifndef IDF_FLOW_FLOW_H
#define IDF_FLOW_FLOW_H

#include "flow_types.h"

/* planes: `shape->planes` pointers to width * height samples without gaps, each within
 * [min, max]. Errors: memory, or what `latents` returns. */
idf_status idf_flow_forward(const idf_flow *flow, const int32_t *const *planes);
/* The same with samples as output. IDF_ERR_CORRUPT when a latent is out of range. */
idf_status idf_flow_inverse(const idf_flow *flow, int32_t *const *planes);

#endif
