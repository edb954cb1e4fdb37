/* SPDX-License-Identifier: BSD-3-Clause
 *
 * latent.h: codes one latent under its site's prior as rANS symbols.
 *
 * With the occurrence prior a sample is two symbols: first the flag "seen", then the sample under
 * the logistic restricted to that class. The counts of the class are scaled to 65536 by a
 * multiplication and a floor, so its intervals still tile exactly.
 */
#ifndef IDF_FLOW_LATENT_H
#define IDF_FLOW_LATENT_H

#include "rans.h"
#include "site.h"

/* sample is in [prior.min, prior.max]. */
void idf_latent_put(idf_rans_enc *enc, unsigned lane, const idf_site *site, int32_t sample);
/* Any stream gives a defined sample: one in [prior.min, prior.max] or, from an escape in a damaged
 * stream, one above it. The caller checks the range. If `bits` is not NULL, -log2 of the
 * probability of what was coded is added to it (for reports only). */
int32_t idf_latent_get(idf_rans_dec *dec, unsigned lane, const idf_site *site, double *bits);

#endif
