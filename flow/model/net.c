/* SPDX-License-Identifier: BSD-3-Clause
 *
 * net.c: the perceptron.
 * idf(5), "NETWORK".
 */
#include "net.h"

void idf_net_trunk(const idf_kernels *kernels, const idf_net *net, const idf_pairs *in,
                   idf_pairs *out)
{
  idf_pairs middle[IDF_NET_WIDTH / 2];
  kernels->layer_rectify(&net->trunk[0], in, middle);
  kernels->layer_rectify(&net->trunk[1], (const idf_pairs *)middle, out);
}

void idf_net_head(const idf_kernels *kernels, const idf_net *net, unsigned plane,
                  const idf_pairs *in, idf_pairs *hidden, int32_t out[IDF_NET_SUMS][IDF_BLOCK])
{
  kernels->layer_rectify(&net->hidden[plane], in, hidden);
  kernels->layer_sum(&net->output[plane], (const idf_pairs *)hidden, out);
}
