/* SPDX-License-Identifier: BSD-3-Clause
 *
 * refine.h: corrections behind the network that go on learning while a tile is coded.
 *
 * Trained weights are the same for every picture, but the last layer need not be. Each coded sample
 * gives the gradient of its own code length in the location and scale of the logistic. This costs
 * one division, because a logistic F has the density F (1 - F). Plain stochastic gradient descent
 * in integers updates: the output layer's weights; an offset of the location, by the signs of
 * errors nearby; an offset of the scale, by the scale itself; and, in pictures that were JPEG, an
 * offset of the scale by the place in the 8x8 block. Models of linear predictors (linear.h) use
 * none of these.
 *
 * All of this state belongs to one plane and obeys the clock of flow.h: a step reads the state that
 * earlier times left, and updates it afterwards in the order of rows.
 */
#ifndef IDF_FLOW_REFINE_H
#define IDF_FLOW_REFINE_H

#include "level_names.h"
#include "net.h"
#include "sites.h"

#define IDF_REFINE_DELTA_MAX ((1 << 26) - 1)
#define IDF_REFINE_SIGNS 27 /* signs of the errors of W, of N and of the plane before, 3 each */
#define IDF_REFINE_BINS 32  /* of scale, 3/8 octave each */
#define IDF_REFINE_BROAD 16 /* of scale, 6/8 octave each, combined with the signs */

typedef struct idf_refine {
  int32_t delta[IDF_NET_OUTPUTS][IDF_NET_WIDTH];         /* Q25, within +-2 */
  int32_t bias[IDF_NET_OUTPUTS];                         /* likewise */
  int32_t location[IDF_REFINE_SIGNS * IDF_REFINE_BROAD]; /* Q15 of a scale, within +-1 */
  int32_t scale[IDF_REFINE_BINS];                        /* Q12 of a scale index, within +-24 */
  int32_t block[64];                                     /* likewise, by place in a JPEG block */
} idf_refine;

/* The correction that the sites of a step read: the output layer's part as Q14 weights (net.h has
 * the layout). Its sums are in Q19, to be shifted by 4. The structure points into itself. */
typedef struct idf_refine_layer {
  idf_layer layer;
  int16_t weight[IDF_NET_WIDTH / 2 * 32]; /* set to zero once past the outputs */
  int32_t bias[16];
} idf_refine_layer;

/* Fills `read`. width: inputs of the output layer, a multiple of 16; 0: no network. */
void idf_refine_read(const idf_refine *refine, int width, idf_refine_layer *read);
/* Chooses bins, and moves mu and scale of each site within their ranges. This function and the next
 * work on lanes [from, from + IDF_BLOCK). */
void idf_refine_move(const idf_refine *restrict refine, idf_sites *restrict s, int from);
/* Computes the gradients at each site's sample. */
void idf_refine_slope(idf_sites *s, int from);
/* Learns from the sites by rising row, that is, from lane hi - 1 down to lo. hidden: the inputs of
 * the output layer, for each block of lanes. */
void idf_refine_learn(idf_refine *refine, const idf_kernels *kernels, const idf_sites *s,
                      const idf_pairs (*hidden)[IDF_NET_WIDTH / 2], int width);

#endif
