/* SPDX-License-Identifier: BSD-3-Clause
 *
 * model.c: reads and checks the blob of a model. Layout, little endian:
 *
 *   8 bytes "IDFMODEL", u8 format (1), u8 effort, u8 feature set (1 or 2), u8 networks - 1,
 *   20 bytes title (ASCII, zero padded); feature set 1: u16 widths of the trunk's layers and of
 *   the heads, then for each layer, trunk 0, trunk 1, and for each plane hidden and output: int16
 *   weights [outputs][inputs], int32 biases [outputs]; if there is a second network, for groups
 *   of one plane, its widths and its layers likewise.
 *   Feature set 2, which has no network: for each plane p, int16 each, 7 thresholds, 9 + p
 *   weights, 53 adjustments, coefficients [16][16, 20 or 28]: linear.h.
 *
 * Any weights are safe (net.h has the bound), so a blob is either well-formed or refused.
 * idf(5), "MODELS".
 */
#include "model.h"

#include <string.h>

#include "bytes.h"
#include "model_net.h"
#include "sha256.h"

#define TITLE 20
#define NETWORKS 2
#define LAYERS (2 + 2 * IDF_NET_PLANES) /* of a network, at most */

struct idf_model {
  uint8_t hash[32];
  char title[TITLE + 1];
  unsigned networks;
  idf_net net[NETWORKS]; /* [0] for up to three planes; [1] for one plane */
  bool is_linear;
  idf_linear linear;
  int16_t *weights[NETWORKS]; /* of all layers; so are the biases */
  int32_t *biases[NETWORKS];
};

static const uint8_t magic[8] = {'I', 'D', 'F', 'M', 'O', 'D', 'E', 'L'};

static bool width_ok(unsigned v)
{
  return v >= 16 && v % 16 == 0 && v + IDF_NET_EXTRAS <= IDF_NET_WIDTH + IDF_NET_EXTRAS;
}

static size_t padded(unsigned outputs)
{
  return (outputs + 15u) & ~(size_t)15;
}

static void shape_layer(idf_layer *layer, unsigned inputs, unsigned outputs, size_t *weights,
                        size_t *biases)
{
  layer->inputs = inputs;
  layer->outputs = outputs;
  *weights += (size_t)inputs * outputs;
  *biases += outputs;
}

/* Reads a layer into place; returns false if the data end early. The weights of the last `spare`
 * inputs, which are always 0, are left out. */
static bool read_layer(idf_cur *cur, idf_layer *layer, unsigned spare, int16_t *weight,
                       int32_t *bias)
{
  layer->weight = weight;
  layer->bias = bias;
  const unsigned inputs = layer->inputs;
  layer->inputs -= spare;
  for (unsigned o = 0; o < layer->outputs; o++)
    for (unsigned i = 0; i < inputs; i++) {
      const int16_t v = (int16_t)idf_get_le16(cur);
      if (i < layer->inputs)
        weight[idf_layer_at(layer->inputs, o, i)] = v;
    }
  for (unsigned k = 0; k < layer->outputs; k++) {
    bias[k] = (int32_t)idf_get_le32(cur);
    if (bias[k] > IDF_NET_BIAS_MAX || bias[k] < -IDF_NET_BIAS_MAX)
      return false;
  }
  return true;
}

static idf_layer *layer_of(idf_net *net, int i)
{
  if (i < 2)
    return &net->trunk[i];
  return i % 2 == 0 ? &net->hidden[(i - 2) / 2] : &net->output[(i - 2) / 2];
}

static int layers_of(const idf_net *net)
{
  return 2 + 2 * net->planes;
}

/* Sets the sizes of network n's layers from its widths, and the number of values in all its
 * layers. */
static idf_status parse_widths(idf_model *model, unsigned n, idf_cur *cur, size_t *weights,
                               size_t *biases)
{
  idf_net *net = &model->net[n];
  const unsigned first = idf_get_le16(cur), second = idf_get_le16(cur), head = idf_get_le16(cur);
  if (cur->bad)
    return IDF_ERR_TRUNCATED;
  if (!width_ok(first) || !width_ok(second) || !width_ok(head))
    return IDF_ERR_CORRUPT;
  net->planes = n == 0 ? IDF_NET_PLANES : 1;
  shape_layer(&net->trunk[0], n == 0 ? IDF_NET_INPUTS : IDF_NET_INPUTS_ALONE, first, weights,
              biases);
  shape_layer(&net->trunk[1], first, second, weights, biases);
  for (int p = 0; p < net->planes; p++) {
    shape_layer(&net->hidden[p], second + IDF_NET_EXTRAS, head, weights, biases);
    shape_layer(&net->output[p], head, IDF_NET_OUTPUTS, weights, biases);
  }
  return IDF_OK;
}

/* Reads the layers of network n. The caller has checked that the cursor holds enough. */
static idf_status parse_layers(idf_mem *mem, idf_model *model, unsigned n, idf_cur *cur)
{
  idf_net *net = &model->net[n];
  size_t room = 0, places = 0;
  for (int i = 0; i < layers_of(net); i++) {
    room += layer_of(net, i)->inputs * padded(layer_of(net, i)->outputs);
    places += padded(layer_of(net, i)->outputs);
  }
  int16_t *w = model->weights[n] = idf_alloc(mem, room, sizeof *w);
  int32_t *b = model->biases[n] = idf_alloc(mem, places, sizeof *b);
  if (!w || !b)
    return idf_mem_status(mem);
  for (int i = 0; i < layers_of(net); i++) {
    idf_layer *layer = layer_of(net, i);
    const unsigned spare = i == 0                 ? IDF_NET_INPUTS_SPARE
                           : i >= 2 && i % 2 == 0 ? IDF_NET_EXTRAS_SPARE
                                                  : 0;
    if (!read_layer(cur, layer, spare, w, b))
      return IDF_ERR_CORRUPT;
    w += layer->inputs * padded(layer->outputs);
    b += padded(layer->outputs);
  }
  return IDF_OK;
}

static idf_status parse_network(idf_mem *mem, idf_model *model, unsigned n, idf_cur *cur)
{
  size_t weights = 0, biases = 0;
  idf_status status = parse_widths(model, n, cur, &weights, &biases);
  if (status == IDF_OK && idf_cur_left(cur) < weights * 2 + biases * 4)
    status = IDF_ERR_TRUNCATED;
  return status == IDF_OK ? parse_layers(mem, model, n, cur) : status;
}

static int16_t get_int16(idf_cur *cur)
{
  return (int16_t)idf_get_le16(cur);
}

/* Coefficients may have any value; the other numbers have bounds. */
static idf_status parse_linear(idf_linear *linear, idf_cur *cur)
{
  bool good = true;
  for (unsigned p = 0; p < IDF_LINEAR_PLANES; p++) {
    idf_linear_plane *plane = &linear->plane[p];
    for (int i = 0; i < IDF_LINEAR_THRESHOLDS; i++)
      plane->threshold[i] = get_int16(cur);
    for (unsigned i = 0; i < IDF_LINEAR_ERRORS + 3 + p; i++) {
      plane->weight[i] = get_int16(cur);
      good = good && plane->weight[i] >= 0 && plane->weight[i] <= IDF_LINEAR_WEIGHT_MAX;
    }
    for (int i = 0; i < IDF_LINEAR_BINS; i++) {
      plane->adjust[i] = get_int16(cur);
      good = good && plane->adjust[i] >= -IDF_SCALES && plane->adjust[i] <= IDF_SCALES;
    }
    for (int c = 0; c < IDF_LINEAR_CLASSES; c++)
      for (int i = 0; i < idf_linear_regressors(p); i++)
        plane->coef[i / 2][c][i % 2] = get_int16(cur);
  }
  return cur->bad ? IDF_ERR_TRUNCATED : good ? IDF_OK : IDF_ERR_CORRUPT;
}

/* Everything but the hash. */
static idf_status parse(idf_mem *mem, const uint8_t *data, size_t len, idf_model **model)
{
  *model = NULL;
  idf_cur cur = idf_cur_of(data, len);
  const uint8_t *m = idf_get_bytes(&cur, sizeof magic);
  if (!m || memcmp(m, magic, sizeof magic) != 0)
    return IDF_ERR_NOT_IDF;
  uint32_t format = idf_get_u8(&cur);
  idf_get_u8(&cur); /* effort, for information only */
  uint32_t features = idf_get_u8(&cur), more = idf_get_u8(&cur);
  const uint8_t *title = idf_get_bytes(&cur, TITLE);
  if (cur.bad)
    return IDF_ERR_TRUNCATED;
  if (format != 1 || features < 1 || features > 2)
    return IDF_ERR_UNSUPPORTED;
  if (more >= NETWORKS || (features == 2 && more != 0))
    return IDF_ERR_CORRUPT;

  idf_model *result = idf_alloc(mem, 1, sizeof *result);
  if (!result)
    return idf_mem_status(mem);
  result->is_linear = features == 2;
  result->networks = features == 2 ? 0 : 1 + more;
  idf_status status = result->is_linear ? parse_linear(&result->linear, &cur) : IDF_OK;
  for (unsigned n = 0; n < result->networks && status == IDF_OK; n++)
    status = parse_network(mem, result, n, &cur);
  if (status == IDF_OK && idf_cur_left(&cur) != 0)
    status = IDF_ERR_CORRUPT;
  if (status != IDF_OK) {
    idf_model_release(mem, result);
    return status;
  }
  for (int i = 0; i < TITLE && title[i] >= ' ' && title[i] < 127; i++)
    result->title[i] = (char)title[i];
  *model = result;
  return IDF_OK;
}

idf_status idf_model_parse(idf_mem *mem, const uint8_t *data, size_t len, idf_model **model)
{
  idf_status status = parse(mem, data, len, model);
  if (status == IDF_OK)
    idf_sha256(data, len, (*model)->hash);
  return status;
}

idf_status idf_model_built_in(idf_mem *mem, unsigned i, idf_model **model)
{
  size_t len;
  int effort;
  const uint8_t *data = idf_model_data(i, &len, &effort);
  idf_status status = parse(mem, data, len, model);
  if (status == IDF_OK)
    memcpy((*model)->hash, idf_model_data_hash(i), sizeof(*model)->hash);
  return status;
}

void idf_model_release(idf_mem *mem, idf_model *model)
{
  if (!model)
    return;
  for (int n = 0; n < NETWORKS; n++) {
    idf_free(mem, model->weights[n]);
    idf_free(mem, model->biases[n]);
  }
  idf_free(mem, model);
}

const uint8_t *idf_model_hash(const idf_model *model)
{
  return model->hash;
}

const char *idf_model_title(const idf_model *model)
{
  return model->title;
}

const idf_linear *idf_model_linear(const idf_model *model)
{
  return model->is_linear ? &model->linear : NULL;
}

const idf_net *idf_model_net_for(const idf_model *model, unsigned planes)
{
  return &model->net[planes == 1 && model->networks > 1];
}
