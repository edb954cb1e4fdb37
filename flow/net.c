/* SPDX-License-Identifier: BSD-3-Clause
 *
 * net.c: the perceptron's layers in scalar C: the definition.
 */
#include "net.h"

void idf_layer_sum(const idf_layer *layer, const int16_t *in, int32_t *acc)
{
  /* Widths are multiples of 16: saying so lets compilers drop their remainder loops. */
  const int inputs = (int)layer->inputs & ~15;
  const int16_t *w = layer->weight;
  for (unsigned o = 0; o < layer->outputs; o++, w += inputs) {
    int32_t s = layer->bias[o];
    for (int i = 0; i < inputs; i++)
      s += w[i] * in[i];
    acc[o] = s;
  }
}

void idf_layer_rectify(const idf_layer *layer, const int16_t *in, int16_t *out)
{
  int32_t acc[IDF_NET_WIDTH];
  idf_layer_sum(layer, in, acc);
  for (unsigned o = 0; o < layer->outputs; o++)
    out[o] = (int16_t)idf_clamp(idf_round_q(acc[o], IDF_Q_WEIGHT), 0, IDF_ACT_MAX);
}

void idf_net_trunk(const idf_net *net, const int16_t *in, int16_t *out)
{
  int16_t middle[IDF_NET_WIDTH];
  idf_layer_rectify(&net->trunk[0], in, middle);
  idf_layer_rectify(&net->trunk[1], middle, out);
}

void idf_net_head(const idf_net *net, unsigned plane, const int16_t *in, int16_t *hidden,
                  int32_t out[IDF_NET_OUTPUTS])
{
  idf_layer_rectify(&net->hidden[plane], in, hidden);
  idf_layer_sum(&net->output[plane], hidden, out);
}
