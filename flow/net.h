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

#include "fixed.h"
#include "mem.h"

#define IDF_NET_INPUTS 112  /* of the trunk; the last five are always 0 */
#define IDF_NET_INPUTS_ALONE 80 /* likewise, of the network for one plane */
#define IDF_NET_EXTRAS 16   /* of each head, beside the trunk's outputs */
#define IDF_NET_WIDTH 128   /* widest layer; widths are multiples of 16 */
#define IDF_NET_PLANES 3
#define IDF_NET_OUTPUTS 3
#define IDF_NET_BIAS_MAX (1 << 29)

enum { IDF_OUT_GATE, IDF_OUT_SHIFT, IDF_OUT_SCALE };

/* out = w in + bias, w row-major [outputs][inputs]. `turned` is the same for SIMD: [input
 * pair][output][2], outputs padded with zeros to a multiple of 16, as bias is. */
typedef struct idf_layer {
  const int16_t *weight, *turned;
  const int32_t *bias;
  unsigned inputs, outputs;
} idf_layer;

typedef struct idf_kernels idf_kernels; /* kernels.h */

typedef struct idf_net {
  const idf_kernels *kernels;
  int planes; /* IDF_NET_PLANES, or 1: made for one plane alone */
  idf_layer trunk[2];
  idf_layer hidden[IDF_NET_PLANES], output[IDF_NET_PLANES];
} idf_net;

/* In plain C, for one input. acc[o] = bias[o] + sum over i of weight[o][i] * in[i], in Q15. */
void idf_layer_sum(const idf_layer *layer, const int16_t *in, int32_t *acc);
/* The same, rounded to Q5 and clamped to [0, 127]. */
void idf_layer_rectify(const idf_layer *layer, const int16_t *in, int16_t *out);

/* Strides of the arrays below, one row for each pixel that shares a time. */
#define IDF_NET_HEAD (IDF_NET_WIDTH + IDF_NET_EXTRAS)
#define IDF_NET_SUMS 16 /* IDF_NET_OUTPUTS of them used */

/* in: IDF_NET_INPUTS values for each of `count` pixels; out: trunk[1].outputs values. */
void idf_net_trunk(const idf_net *net, unsigned count, const int16_t in[][IDF_NET_INPUTS],
                   int16_t out[][IDF_NET_HEAD]);
/* in: the trunk's outputs followed by IDF_NET_EXTRAS values; hidden: hidden[plane].outputs
 * values, kept for whoever refines the output layer; out: Q15. */
void idf_net_head(const idf_net *net, unsigned plane, unsigned count,
                  const int16_t in[][IDF_NET_HEAD], int16_t hidden[][IDF_NET_WIDTH],
                  int32_t out[][IDF_NET_SUMS]);

#endif
