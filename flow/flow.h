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

#include "adapt.h"
#include "cancel.h"
#include "mem.h"
#include "model.h"
#include "prior.h"
#include "sites.h"

#define IDF_FLOW_PLANES 3

typedef struct idf_flow_shape {
  uint32_t width, height;                             /* 1 .. 4096 */
  unsigned planes;                                    /* 1 to 3 */
  int32_t min[IDF_FLOW_PLANES], max[IDF_FLOW_PLANES]; /* of samples, within +-65536 */
  unsigned unit_shift;                                /* 0 .. 8: see fixed.h */
  /* The occurrence prior (occur.h), for 3 planes of at most 9 bits. A forward walk's callback
   * may clear it to be spared further sites with it. */
  bool occurrence;
  bool blocks; /* planes a JPEG decoder made: each cell of its 8x8 blocks errs in its own measure */
  /* Linear predictors (linear.h) instead of least squares and a network; or NULL. */
  const struct idf_linear *linear;
  idf_cancel *cancel; /* asked every few steps; NULL: nobody is */
} idf_flow_shape;

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

/* Tells (forward) or asks (inverse) the latents of one plane: sites->latent, for all its lanes.
 * One asked for must be within [min - centre, max - centre]. What is coded goes by rising row:
 * from lane hi - 1 down to lo. */
typedef idf_status (*idf_latent_fn)(void *context, unsigned plane, idf_sites *sites);

/* planes: `planes` pointers to width * height samples without gaps, each within
 * [min, max]. `model` NULL: the network is left out (all its outputs 0). Errors:
 * memory, or what `fn` returns. */
idf_status idf_flow_forward(idf_mem *mem, const idf_model *model, const idf_flow_shape *shape,
                            const int32_t *const *planes, idf_latent_fn fn, void *context);
/* The same with samples as output. IDF_ERR_CORRUPT when `fn` gives a latent out of range. */
idf_status idf_flow_inverse(idf_mem *mem, const idf_model *model, const idf_flow_shape *shape,
                            int32_t *const *planes, idf_latent_fn fn, void *context);

#endif
