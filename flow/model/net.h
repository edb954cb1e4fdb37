/* SPDX-License-Identifier: BSD-3-Clause
 *
 * net.h: the trained half of the coupling: a small multilayer perceptron in integers.
 *
 * The trunk runs once per pixel, on what is known before the pixel. A head for each plane runs when
 * the samples of this pixel's earlier planes are known, too. Weights are int16 in Q10, activations
 * are integers in Q5 within [0, 127], inputs are within [-127, 127], and sums are int32 in Q15.
 * With at most 256 inputs a sum is below 256 * 127 * 2^15 + |bias| < 2^31, whatever the weights.
 */
#ifndef IDF_FLOW_NET_H
#define IDF_FLOW_NET_H

#include "kernels.h"

#define IDF_NET_INPUTS 112      /* of the trunk; the last five are always 0 */
#define IDF_NET_INPUTS_ALONE 80 /* likewise, for the network for one plane */
#define IDF_NET_INPUTS_SPARE 4  /* whole pairs of these zeros are skipped */
#define IDF_NET_EXTRAS_SPARE 4
#define IDF_NET_PLANES 3
#define IDF_NET_BIAS_MAX (1 << 29)

typedef struct idf_net {
  int planes; /* IDF_NET_PLANES, or 1: made for one plane alone */
  idf_layer trunk[2];
  idf_layer hidden[IDF_NET_PLANES], output[IDF_NET_PLANES];
} idf_net;

/* Runs the trunk on one block of lanes. in: IDF_NET_INPUTS / 2 pairs; out: trunk[1].outputs / 2
 * pairs. */
void idf_net_trunk(const idf_kernels *kernels, const idf_net *net, const idf_pairs *in,
                   idf_pairs *out);
/* Runs the head of a plane. in: the trunk's outputs followed by IDF_NET_EXTRAS values; hidden:
 * hidden[plane].outputs values, kept for refining the output layer; out: Q15. */
void idf_net_head(const idf_kernels *kernels, const idf_net *net, unsigned plane,
                  const idf_pairs *in, idf_pairs *hidden, int32_t out[IDF_NET_SUMS][IDF_BLOCK]);

#endif
