/* SPDX-License-Identifier: BSD-3-Clause
 *
 * sites.h: loops over the samples of one plane that are coded in the same time step (lanes.h).
 *
 * Everything here is a loop over the lanes of a block, without branches, which any compiler can
 * vectorise. Lanes without a sample hold values that some sample could have had. Their results are
 * ignored.
 */
#ifndef IDF_FLOW_SITES_H
#define IDF_FLOW_SITES_H

#include "lanes.h"
#include "level_names.h"
#include "prior.h"

/* Each of these functions works on lanes [from, from + IDF_BLOCK). */

/* Computes network inputs from local, wide, octaves and mean. */
void idf_sites_show(idf_sites *s, int from);
/* Computes mu and scale from predictions, level, octaves and the network's outputs. */
void idf_sites_propose(idf_sites *s, int from);
/* Computes centre from mu. */
void idf_sites_centre(idf_sites *s, int from);
/* Computes errors and what heads see, from sample, local, mean, mu and scale. */
void idf_sites_settle(idf_sites *s, int from);

/* The counts of a prior that belong to samples whose bit (sample - min) is set: all of them, and
 * those below b, lowest <= b <= end. One word past the bitmap's end may be read. sites_bound of
 * kernels.h must come first. */
typedef struct idf_seen_mass {
  uint32_t all, below;
} idf_seen_mass;
idf_seen_mass idf_sites_seen(const idf_sites *s, int k, const uint64_t *seen, int32_t b);

/* Sets the prior of lane k from mu and scale. */
void idf_sites_prior(const idf_sites *s, int k, idf_prior *prior);

/* idf_log2_q8 of a block of values in [1, 2^24). */
void idf_sites_log2(const int32_t v[IDF_BLOCK], int32_t log2[IDF_BLOCK]);

#endif
