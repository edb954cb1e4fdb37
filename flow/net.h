/* SPDX-License-Identifier: BSD-3-Clause
 *
 * net.h: the learned half of the coupling: a small integer multilayer perceptron.
 *
 * A trunk, run once a pixel on what is known before the pixel, and a head for each
 * plane, run when the earlier planes' samples of this pixel are known too.
 * Weights are int16 in Q10, activations integers in Q5 within [0, 127], inputs
 * within [-127, 127], sums int32 in Q15: with at most 256 inputs a sum is below
 * 256 * 127 * 2^15 + |bias| < 2^31, whatever the weights.
 */
#ifndef IDF_FLOW_NET_H
#define IDF_FLOW_NET_H

#include "field.h"

#define IDF_NET_INPUTS 112      /* of the trunk; the last five are always 0 */
#define IDF_NET_INPUTS_ALONE 80 /* likewise, of the network for one plane */
#define IDF_NET_INPUTS_SPARE 4  /* of either, whole pairs of which are left out */
#define IDF_NET_EXTRAS 16 /* of each head, beside the trunk's outputs; the last five as well */
#define IDF_NET_EXTRAS_SPARE 4
#define IDF_NET_WIDTH 128 /* widest layer; widths are multiples of 16 */
#define IDF_NET_PLANES 3
#define IDF_NET_OUTPUTS 3
#define IDF_NET_BIAS_MAX (1 << 29)

enum { IDF_OUT_GATE, IDF_OUT_SHIFT, IDF_OUT_SCALE };

/* Two neighbouring values of each lane of a block: how layers see and give theirs. */
typedef int16_t idf_pairs[IDF_BLOCK][2];

/* out = w in + bias. weight: [16 outputs][input pair][output of these][2], so that kernels read
 * it from end to end; outputs padded with zeros to a multiple of 16, as bias is. */
typedef struct idf_layer {
  const int16_t *weight;
  const int32_t *bias;
  unsigned inputs, outputs; /* inputs: even; those past it are 0 */
} idf_layer;

typedef struct idf_kernels idf_kernels; /* kernels.h */

typedef struct idf_net {
  const idf_kernels *kernels;
  int planes; /* IDF_NET_PLANES, or 1: made for one plane alone */
  idf_layer trunk[2];
  idf_layer hidden[IDF_NET_PLANES], output[IDF_NET_PLANES];
} idf_net;

/* Where weight [o][i] of a layer is. */
static inline size_t idf_layer_at(unsigned inputs, unsigned o, unsigned i)
{
  return (((size_t)(o / 16) * (inputs / 2) + i / 2) * 16 + o % 16) * 2 + i % 2;
}

/* Pairs of a head's input, and rows of sums: IDF_NET_OUTPUTS used, the rest room for kernels. */
#define IDF_NET_HEAD ((IDF_NET_WIDTH + IDF_NET_EXTRAS) / 2)
#define IDF_NET_SUMS 16

/* One block of lanes. in: IDF_NET_INPUTS / 2 pairs; out: trunk[1].outputs / 2 pairs. */
void idf_net_trunk(const idf_net *net, const idf_pairs *in, idf_pairs *out);
/* in: the trunk's outputs followed by IDF_NET_EXTRAS values; hidden: hidden[plane].outputs
 * values, kept for whoever refines the output layer; out: Q15. */
void idf_net_head(const idf_net *net, unsigned plane, const idf_pairs *in, idf_pairs *hidden,
                  int32_t out[IDF_NET_SUMS][IDF_BLOCK]);

#endif
