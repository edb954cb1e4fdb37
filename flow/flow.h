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
#include "prior.h"
#include "shape.h"
#include "sites.h"

#define IDF_FLOW_PLANES 3

typedef struct idf_flow_shape {
  uint32_t width, height;                             /* 1 .. 4096 */
  unsigned planes;                                    /* 1 to 3 */
  int32_t min[IDF_FLOW_PLANES], max[IDF_FLOW_PLANES]; /* of samples, within +-65536 */
  unsigned unit_shift;                                /* 0 .. 8: see fixed.h */
  bool occurrence; /* code with the occurrence prior (occur.h): 3 planes of at most 9 bits */
  bool blocks; /* planes a JPEG decoder made: each cell of its 8x8 blocks errs in its own measure */
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
 * A latent that is asked for must be within [min - centre, max - centre]. Symbols are coded by
 * rising row: from lane hi - 1 down to lo. */
typedef idf_status (*idf_latent_fn)(void *context, unsigned plane, idf_sites *sites);

/* Whether the occurrence prior is still wanted. A forward walk asks at the start of each step that
 * has sites; once the answer is no, it does without the prior and asks no more. */
typedef bool (*idf_occurrence_fn)(void *context, const idf_sites *sites);

/* What the network was shown and what the least-squares layer said, for one plane of
 * one pixel. Pointers are valid during the call. */
typedef struct idf_view {
  const int16_t *trunk_in; /* IDF_NET_INPUTS */
  const int16_t *head_in;  /* IDF_NET_EXTRAS, as seen before this plane's latent is known */
  int32_t local, wide;     /* predictions, Q6 */
  uint32_t level;          /* local error level, units in Q4 */
  int32_t mean;            /* of the four nearest neighbours, sample values */
  int32_t sample;          /* what was coded; meaningless in the inverse */
} idf_view;

typedef void (*idf_probe_fn)(void *context, unsigned plane, const idf_site *site,
                             const idf_view *view);

/* One group of planes on its way through the flow: with what, and who codes the latents. */
typedef struct idf_flow {
  const idf_job *job; /* without a model, the network is left out: its outputs are 0 */
  const idf_flow_shape *shape;
  const struct idf_linear *linear; /* these predictors (linear.h) instead of a network; or NULL */
  idf_latent_fn latents;
  idf_occurrence_fn wants_occurrence; /* NULL: to the end */
  void *context;                      /* of both */
  idf_probe_fn probe;                 /* for training and tests; or NULL */
  void *probe_context;
} idf_flow;

/* planes: `shape->planes` pointers to width * height samples without gaps, each within
 * [min, max]. Errors: memory, or what `latents` returns. */
idf_status idf_flow_forward(const idf_flow *flow, const int32_t *const *planes);
/* The same with samples as output. IDF_ERR_CORRUPT when a latent is out of range. */
idf_status idf_flow_inverse(const idf_flow *flow, int32_t *const *planes);

#endif
