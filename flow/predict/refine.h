/* SPDX-License-Identifier: BSD-3-Clause
 *
 * refine.h: what goes on learning while a tile is coded, behind the network.
 *
 * Trained weights are the same for every picture; the last layer need not be. Each
 * coded sample gives the gradient of its own code length in the logistic's location
 * and scale, for the price of one division, because a logistic F has the density
 * F (1 - F). Three things follow it by plain stochastic gradient descent in integers: the
 * output layer's weights, an offset of the location by the signs of errors nearby, and an offset
 * of the scale by the scale itself; in pictures that were JPEG a fourth, of the scale by the place
 * in the 8x8 block. Models of linear predictors (linear.h) do without all of them.
 *
 * All of it belongs to one plane and obeys flow.h's clock: a step reads the state
 * that earlier times left, and updates it afterwards in the order of rows.
 */
#ifndef IDF_FLOW_REFINE_H
#define IDF_FLOW_REFINE_H

#include "level_names.h"
#include "net.h"
#include "sites.h"

#define IDF_REFINE_DELTA_MAX ((1 << 26) - 1)
#define IDF_REFINE_SIGNS 27 /* signs of the errors W, N and of the plane before, 3 each */
#define IDF_REFINE_BINS 32  /* of scale, 3/8 octave each */
#define IDF_REFINE_BROAD 16 /* of scale, 6/8 octave each, beside the signs */

typedef struct idf_refine {
  int32_t delta[IDF_NET_OUTPUTS][IDF_NET_WIDTH];         /* Q25, within +-2 */
  int32_t bias[IDF_NET_OUTPUTS];                         /* likewise */
  int32_t location[IDF_REFINE_SIGNS * IDF_REFINE_BROAD]; /* Q15 of a scale, within +-1 */
  int32_t scale[IDF_REFINE_BINS];                        /* Q12 of a scale index, within +-24 */
  int32_t block[64];                                     /* likewise, by cell of a JPEG's block */
} idf_refine;

/* What a step's sites read of it: the output layer's part, Q14 weights (net.h has the layout),
 * giving sums in Q19 to be shifted by 4. Points into itself. */
typedef struct idf_refine_layer {
  idf_layer layer;
  int16_t weight[IDF_NET_WIDTH / 2 * 32]; /* zeros past the outputs, once and for all */
  int32_t bias[16];
} idf_refine_layer;

/* width: of the output layer's input, a multiple of 16; 0: no network. */
void idf_refine_read(const idf_refine *refine, int width, idf_refine_layer *read);
/* Chooses bins and moves mu and scale of each site, into their ranges. Like the next, for
 * lanes [from, from + IDF_BLOCK). */
void idf_refine_move(const idf_refine *restrict refine, idf_sites *restrict s, int from);
/* The gradients at each site's sample. */
void idf_refine_slope(idf_sites *s, int from);
/* Learns from the sites by rising row, so from lane hi - 1 down to lo. hidden: what the output
 * layer saw of each block of lanes. */
void idf_refine_learn(idf_refine *refine, const idf_kernels *kernels, const idf_sites *s,
                      const idf_pairs (*hidden)[IDF_NET_WIDTH / 2], int width);

#endif
