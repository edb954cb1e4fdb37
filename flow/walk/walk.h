/* SPDX-License-Identifier: BSD-3-Clause
 *
 * walk.h: the walk over a tile, which both directions share.
 */
#ifndef IDF_FLOW_WALK_H
#define IDF_FLOW_WALK_H

#include "flow_types.h"
#include "level_names.h"

/* Walks in either direction: samples of `read` to latents or, if `read` is NULL, latents to samples
 * of `write`. */
idf_status idf_wave_walk(const idf_flow *flow, const int32_t *const *read, int32_t *const *write);

#endif
