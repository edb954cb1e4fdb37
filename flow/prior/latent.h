/* SPDX-License-Identifier: BSD-3-Clause
 *
 * latent.h: one latent under its site's prior, to and from rANS symbols.
 *
 * With the occurrence prior a sample is two symbols: the flag "seen", then the sample
 * under the logistic restricted to that class; the class's counts are stretched to
 * 65536 by multiplication and floor, so its intervals still tile exactly.
 */
#ifndef IDF_FLOW_LATENT_H
#define IDF_FLOW_LATENT_H

#include "rans.h"
#include "site.h"

/* sample in [prior.min, prior.max]. With `bits` not NULL, -log2 of the probability of
 * what was coded is added to it (reporting only). */
void idf_latent_put(idf_rans_enc *enc, unsigned lane, const idf_site *site, int32_t sample,
                    double *bits);
/* Any stream gives a defined sample in [prior.min, prior.max] or, from an escape of a damaged
 * stream, above it: the caller's range check. */
int32_t idf_latent_get(idf_rans_dec *dec, unsigned lane, const idf_site *site, double *bits);

#endif
