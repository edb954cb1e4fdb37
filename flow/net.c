/* SPDX-License-Identifier: BSD-3-Clause
 *
 * net.c: the perceptron, and its layers in plain C: the definition.
 */
#include "net.h"

#include <string.h>

#include "kernels.h"

/* Four rows of weights at once: each input is loaded once for the four. Widths are
 * multiples of 16; saying so lets compilers drop their remainder loops. */
static void sum4(const int16_t *w, const int16_t *in, int inputs, int32_t acc[4])
{
  inputs &= ~15;
  const int16_t *w1 = w + inputs, *w2 = w1 + inputs, *w3 = w2 + inputs;
  int32_t s0 = 0, s1 = 0, s2 = 0, s3 = 0;
  for (int i = 0; i < inputs; i++) {
    s0 += w[i] * in[i];
    s1 += w1[i] * in[i];
    s2 += w2[i] * in[i];
    s3 += w3[i] * in[i];
  }
  acc[0] += s0;
  acc[1] += s1;
  acc[2] += s2;
  acc[3] += s3;
}

void idf_layer_sum(const idf_layer *layer, const int16_t *in, int32_t *acc)
{
  const int inputs = (int)layer->inputs;
  const int16_t *w = layer->weight;
  memcpy(acc, layer->bias, layer->outputs * sizeof *acc);
  unsigned o = 0;
  for (; o + 4 <= layer->outputs; o += 4, w += 4 * inputs)
    sum4(w, in, inputs, acc + o);
  for (; o < layer->outputs; o++, w += inputs)
    for (int i = 0; i < inputs; i++)
      acc[o] += w[i] * in[i];
}

void idf_layer_rectify(const idf_layer *layer, const int16_t *in, int16_t *out)
{
  int32_t acc[IDF_NET_WIDTH];
  idf_layer_sum(layer, in, acc);
  for (unsigned o = 0; o < layer->outputs; o++)
    out[o] = (int16_t)idf_clamp(idf_round_q(acc[o], IDF_Q_WEIGHT), 0, IDF_ACT_MAX);
}

/* Pixels between the two layers of the trunk at once. */
#define BLOCK 16

void idf_net_trunk(const idf_net *net, unsigned count, const int16_t in[][IDF_NET_INPUTS],
                   int16_t out[][IDF_NET_HEAD])
{
  int16_t middle[BLOCK][IDF_NET_WIDTH];
  for (unsigned i = 0; i < count; i += BLOCK) {
    const unsigned n = IDF_MIN(BLOCK, count - i);
    net->kernels->layer_rectify(&net->trunk[0], n, in[i], IDF_NET_INPUTS, middle[0],
                                IDF_NET_WIDTH);
    net->kernels->layer_rectify(&net->trunk[1], n, middle[0], IDF_NET_WIDTH, out[i], IDF_NET_HEAD);
  }
}

void idf_net_head(const idf_net *net, unsigned plane, unsigned count,
                  const int16_t in[][IDF_NET_HEAD], int16_t hidden[][IDF_NET_WIDTH],
                  int32_t out[][IDF_NET_SUMS])
{
  net->kernels->layer_rectify(&net->hidden[plane], count, in[0], IDF_NET_HEAD, hidden[0],
                              IDF_NET_WIDTH);
  net->kernels->layer_sum(&net->output[plane], count, hidden[0], IDF_NET_WIDTH, out[0],
                          IDF_NET_SUMS);
}
