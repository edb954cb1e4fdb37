/* SPDX-License-Identifier: BSD-3-Clause
 *
 * net.c: the perceptron's layers in scalar C: the definition.
 */
#include "net.h"

#include <string.h>

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
