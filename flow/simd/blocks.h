/* SPDX-License-Identifier: BSD-3-Clause
 *
 * blocks.h: the data that kernels work on: blocks of lanes, and layers of the network.
 *
 * A lane is a sample that is coded at the same time as its neighbours in the block. Kernels know
 * blocks and nothing above them: neither planes nor the walk over them.
 */
#ifndef IDF_FLOW_BLOCKS_H
#define IDF_FLOW_BLOCKS_H

#include "base.h"

#define IDF_BLOCK 16 /* lanes that a kernel handles at once */

#define IDF_NET_WIDTH 128 /* of the widest layer; all widths are multiples of 16 */
#define IDF_NET_OUTPUTS 3
enum { IDF_OUT_GATE, IDF_OUT_SHIFT, IDF_OUT_SCALE };
#define IDF_NET_EXTRAS 16 /* inputs of each head beside the trunk's outputs; the last five, too */

/* Two neighbouring values of each lane of a block: the form of a layer's inputs and outputs. */
typedef int16_t idf_pairs[IDF_BLOCK][2];

/* out = w in + bias. The weights are stored as
 * [group of 16 outputs][input pair][output in the group][2], so that kernels read them from end to
 * end. Outputs are padded with zeros to a multiple of 16; so is bias. */
typedef struct idf_layer {
  const int16_t *weight;
  const int32_t *bias;
  unsigned inputs, outputs; /* inputs: even; inputs past it are 0 */
} idf_layer;

/* The index of weight [o][i] of a layer. */
static inline size_t idf_layer_at(unsigned inputs, unsigned o, unsigned i)
{
  return (((size_t)(o / 16) * (inputs / 2) + i / 2) * 16 + o % 16) * 2 + i % 2;
}

/* Pairs of a head's input, and rows of its sums. IDF_NET_OUTPUTS of these rows are used; the rest
 * is room for kernels. */
#define IDF_NET_HEAD ((IDF_NET_WIDTH + IDF_NET_EXTRAS) / 2)
#define IDF_NET_SUMS 16

#endif
