/* SPDX-License-Identifier: BSD-3-Clause
 *
 * site.h: one sample on its way through the flow.
 */
#ifndef IDF_FLOW_SITE_H
#define IDF_FLOW_SITE_H

#include "adapt.h"
#include "prior.h"

/* What is known of one sample before its latent is. */
typedef struct idf_site {
  uint32_t x, y;
  idf_prior prior;
  /* Occurrence prior; `seen` NULL where it says nothing: bit (sample - min) is set for
   * each sample that completes a colour seen before; `seen_mass` counts of prior belong to
   * such samples, 0 < seen_mass < 65536; `flag` is the state of the flag "seen". */
  const uint64_t *seen;
  uint32_t seen_mass, seen_below; /* the second in a forward walk: of those below the sample */
  idf_bit flag;
} idf_site;

#endif
