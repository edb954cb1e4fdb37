/* SPDX-License-Identifier: BSD-3-Clause
 *
 * site.h: one sample on its way through the flow.
 */
#ifndef IDF_FLOW_SITE_H
#define IDF_FLOW_SITE_H

#include "adapt.h"
#include "prior.h"

/* What is known about one sample before its latent is. */
typedef struct idf_site {
  uint32_t x, y;
  idf_prior prior;
  /* The occurrence prior. `seen` is NULL where it does not apply. Otherwise bit (sample - min) is
   * set for each sample that completes a colour seen before. `seen_mass` counts of the prior belong
   * to such samples, 0 < seen_mass < 65536. `flag` is the state of the flag "seen". */
  const uint64_t *seen;
  uint32_t seen_mass, seen_below; /* seen_below: mass of those below the sample (forward only) */
  idf_bit flag;
} idf_site;

#endif
