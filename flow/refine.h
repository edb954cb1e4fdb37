/* SPDX-License-Identifier: BSD-3-Clause
 *
 * refine.h: what goes on learning while a tile is coded, behind the network.
 *
 * Trained weights are the same for every picture; the last layer need not be. Each
 * coded sample gives the gradient of its own code length in the logistic's location
 * and scale, for the price of one division, because a logistic F has the density
 * F (1 - F). Three things follow it by plain stochastic gradient descent in integers: the
 * output layer's weights, an offset of the location by the signs of errors nearby, and
 * an offset of the scale by the scale itself.
 *
 * All of it belongs to one plane and obeys flow.h's clock: a step reads the state
 * that earlier times left, and updates it afterwards in the order of rows.
 */
#ifndef IDF_FLOW_REFINE_H
#define IDF_FLOW_REFINE_H

#include "net.h"
#include "prior.h"

#define IDF_REFINE_SIGNS 27 /* signs of the errors W, N and of the plane before, 3 each */
#define IDF_REFINE_BINS 32  /* of scale, 3/8 octave each */
#define IDF_REFINE_WIDE 16  /* of scale, 6/8 octave each, beside the signs */

typedef struct idf_refine {
  int32_t delta[IDF_NET_OUTPUTS][IDF_NET_WIDTH + 1]; /* Q25, within +-2; the last is a bias */
  int32_t location[IDF_REFINE_SIGNS][IDF_REFINE_WIDE]; /* Q15 of a scale, within +-1 */
  int32_t scale[IDF_REFINE_BINS];                    /* Q12 of a scale index, within +-24 */
} idf_refine;

/* One sample's passage: filled before its latent is known, used after. */
typedef struct idf_refine_site {
  int16_t hidden[IDF_NET_WIDTH]; /* what the output layer saw */
  unsigned width;                /* of it; 0 without a network */
  unsigned signs, wide, bin;
  int32_t gate_reach;  /* wide - local prediction, Q6 sample values */
  int32_t shift_reach; /* error level, Q6 sample values */
} idf_refine_site;

/* Adds the learned part to the output layer's Q15 sums. */
void idf_refine_output(const idf_refine *refine, const idf_refine_site *site,
                       int32_t out[IDF_NET_OUTPUTS]);
/* Chooses bins from the scale index relative to the unit and moves mu (Q6) and scale. */
void idf_refine_prior(const idf_refine *refine, idf_refine_site *site, unsigned unit,
                      int32_t *mu, int32_t *scale);
/* Learns from the sample that was coded under `prior`. */
void idf_refine_learn(idf_refine *refine, const idf_refine_site *site, const idf_prior *prior,
                      int32_t sample);

#endif
