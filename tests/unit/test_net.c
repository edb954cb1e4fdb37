/* SPDX-License-Identifier: BSD-3-Clause
 *
 * test_net.c: the layers against the training framework's own integers, and at the
 * ends of every range against 64-bit sums.
 *
 * tests/data/model-default.dump is written by flow/train/export.py beside the built-in
 * model; its layout is described there. The folder of the sources comes from the
 * environment variable IDF_SRC, which `make check` sets.
 */
#include "kernels.h"
#include "model_net.h"

#include <string.h>

#include "flowkit.h"

int idf_suite_net(void);

#define DUMP "tests/data/model-default.dump"

/* The whole dump in accounted memory; a failed assertion and NULL when it cannot be read. */
static uint8_t *read_dump(idf_mem *mem, size_t *len)
{
  char path[4096];
  const char *top = getenv("IDF_SRC");
  snprintf(path, sizeof path, "%s/%s", top == NULL ? "." : top, DUMP);
  FILE *file = fopen(path, "rb");
  if (file == NULL) {
    printf("# cannot open %s (IDF_SRC must name the source folder)\n", path);
    CU_FAIL("the tensor dump is missing");
    return NULL;
  }
  const size_t room = 1 << 20;
  uint8_t *data = idf_alloc(mem, room, 1);
  CU_ASSERT_PTR_NOT_NULL_FATAL(data);
  *len = fread(data, 1, room, file);
  fclose(file);
  CU_ASSERT_TRUE(*len > 0 && *len < room);
  return data;
}

static void get16(idf_cur *cur, int16_t *v, unsigned n)
{
  for (unsigned i = 0; i < n; i++)
    v[i] = (int16_t)idf_get_le16(cur);
}

/* Whether the next n values of the dump are these. */
static bool next16(idf_cur *cur, const int16_t *v, unsigned n)
{
  bool same = true;
  for (unsigned i = 0; i < n; i++)
    same = (int16_t)idf_get_le16(cur) == v[i] && same;
  return same && !cur->bad;
}

/* One record of the dump; false at the first layer that differs. */
static bool record_agrees(const idf_net *net, idf_cur *cur)
{
  int16_t in[1][IDF_NET_INPUTS], first[IDF_NET_WIDTH], hidden[1][IDF_NET_WIDTH];
  int16_t both[1][IDF_NET_HEAD];
  unsigned width = net->trunk[1].outputs;
  bool same = true;
  get16(cur, in[0], net->trunk[0].inputs);
  idf_layer_rectify(&net->trunk[0], in[0], first);
  same = same && next16(cur, first, net->trunk[0].outputs);
  idf_net_trunk(net, 1, (const int16_t (*)[IDF_NET_INPUTS])in, both);
  same = same && next16(cur, both[0], width);
  for (unsigned p = 0; p < (unsigned)net->planes && same; p++) {
    int32_t out[1][IDF_NET_SUMS];
    get16(cur, both[0] + width, IDF_NET_EXTRAS);
    idf_net_head(net, p, 1, (const int16_t (*)[IDF_NET_HEAD])both, hidden, out);
    same = next16(cur, hidden[0], net->hidden[p].outputs);
    for (unsigned i = 0; i < IDF_NET_OUTPUTS; i++)
      same = (int32_t)idf_get_le32(cur) == out[0][i] && same;
  }
  return same && !cur->bad;
}

static void every_layer_equals_the_training_framework(void)
{
  idf_mem mem;
  size_t blob_len, len;
  int effort = 0;
  idf_mem_init(&mem, UINT64_MAX);
  const uint8_t *blob = NULL;
  for (unsigned i = 0; effort != 5; i++) {
    blob = idf_model_data(i, &blob_len, &effort);
    CU_ASSERT_PTR_NOT_NULL_FATAL(blob);
  }
  uint8_t *data = read_dump(&mem, &len);
  for (unsigned level = 0; data != NULL && level < IDF_LEVELS; level++) {
    const idf_kernels *kernels = idf_kernels_of((idf_level)level);
    if (kernels == NULL)
      continue;
    idf_model *model;
    CU_ASSERT_EQUAL_FATAL(idf_model_parse(&mem, kernels, blob, blob_len, &model), IDF_OK);
    idf_cur cur = idf_cur_of(data, len);
    for (int planes = 3; planes > 0; planes -= 2) {
      const idf_net *net = idf_model_net_for(model, (unsigned)planes);
      uint32_t count = idf_get_le32(&cur), good = 0;
      CU_ASSERT_TRUE(count >= 10);
      CU_ASSERT_EQUAL_FATAL(net->planes, planes);
      while (good < count && record_agrees(net, &cur))
        good++;
      if (good < count)
        printf("# level %u, %d planes: record %u of %u differs: is %s of the built-in model?\n", level,
               planes, good, count, DUMP);
      CU_ASSERT_EQUAL(good, count);
    }
    CU_ASSERT_EQUAL(idf_cur_left(&cur), 0);
    idf_model_release(&mem, model);
  }
  idf_free(&mem, data);
  CU_ASSERT_EQUAL(mem.used, 0);
}

static int64_t floor_shift(int64_t v, unsigned q)
{
  int64_t d = (int64_t)1 << q;
  return v / d - (v % d < 0);
}

/* Sum and rectified value of every output against 64 bits; false when a sum leaves 32. */
static bool layer_agrees(const idf_layer *layer, const int16_t *in)
{
  int32_t acc[IDF_NET_WIDTH];
  int16_t out[IDF_NET_WIDTH];
  bool same = true;
  idf_layer_sum(layer, in, acc);
  idf_layer_rectify(layer, in, out);
  for (unsigned o = 0; o < layer->outputs; o++) {
    int64_t s = layer->bias[o];
    for (unsigned i = 0; i < layer->inputs; i++)
      s += (int64_t)layer->weight[o * layer->inputs + i] * in[i];
    int64_t act = floor_shift(s + (1 << (IDF_Q_WEIGHT - 1)), IDF_Q_WEIGHT);
    act = act < 0 ? 0 : act > IDF_ACT_MAX ? IDF_ACT_MAX : act;
    same = same && s >= INT32_MIN && s <= INT32_MAX && acc[o] == s && out[o] == act;
  }
  return same;
}

static void no_weights_and_inputs_overflow(void)
{
  idf_mem mem;
  idf_mem_init(&mem, UINT64_MAX);
  for (uint64_t seed = 0; seed < 30; seed++) {
    idf_unit_random r = idf_unit_random_of(seed);
    idf_model *model = flowkit_model_of(&mem, &r, (int)(seed % FLOWKIT_MODELS), 128, 128, 128);
    const idf_net *net = idf_model_net(model), *alone = idf_model_net_for(model, 1);
    int16_t in[IDF_NET_WIDTH + IDF_NET_EXTRAS];
    for (int kind = 0; kind < 4; kind++) {
      /* Random; at random ends; then with the signs of a row of weights, or against them. */
      for (unsigned i = 0; i < sizeof in / sizeof *in; i++)
        in[i] = (int16_t)(kind == 0   ? flowkit_between(&r, -127, 127)
                          : kind == 1 ? (idf_unit_next(&r) & 1 ? 127 : -127)
                          : (net->hidden[1].weight[i] < 0) == (kind == 2) ? -127
                                                                          : 127);
      IDF_UNIT_SEEDED(&r, layer_agrees(&net->hidden[1], in));
      IDF_UNIT_SEEDED(&r, layer_agrees(&net->trunk[0], in));
      IDF_UNIT_SEEDED(&r, layer_agrees(&net->output[2], in));
      IDF_UNIT_SEEDED(&r, layer_agrees(&alone->trunk[0], in));
      IDF_UNIT_SEEDED(&r, layer_agrees(&alone->output[0], in));
    }
    idf_model_release(&mem, model);
  }
  CU_ASSERT_EQUAL(mem.used, 0);
}

/* The worst sum there can be: all weights, inputs and the bias pull one way. */
static void the_worst_sum_fits_32_bits(void)
{
  enum { INPUTS = IDF_NET_WIDTH + IDF_NET_EXTRAS };
  int16_t weight[INPUTS], in[INPUTS];
  for (int sign = -1; sign <= 1; sign += 2) {
    int32_t bias = sign * IDF_NET_BIAS_MAX, acc;
    int16_t out;
    for (int i = 0; i < INPUTS; i++) {
      weight[i] = INT16_MIN;
      in[i] = (int16_t)(-sign * 127);
    }
    idf_layer layer = {weight, NULL, &bias, INPUTS, 1};
    idf_layer_sum(&layer, in, &acc);
    const int64_t most = IDF_NET_BIAS_MAX + (int64_t)INPUTS * 127 * 32768;
    CU_ASSERT_EQUAL(acc, sign * most);
    CU_ASSERT_TRUE(most < INT32_MAX);
    idf_layer_rectify(&layer, in, &out);
    CU_ASSERT_EQUAL(out, sign < 0 ? 0 : IDF_ACT_MAX);
  }
}

static void activations_round_to_nearest_and_saturate(void)
{
  static const struct {
    int32_t sum;
    int16_t act;
  } cases[] = {{0, 0},        {511, 0},      {512, 1},   {1535, 1}, {1536, 2}, {-1, 0},
               {-5000000, 0}, {129535, 126}, {129536, 127}, {130048, 127}, {131584, 127}, {1 << 29, 127}};
  int16_t weight[16] = {0}, in[16] = {0}, out;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    int32_t bias = cases[i].sum;
    idf_layer layer = {weight, NULL, &bias, 16, 1};
    int16_t want = (int16_t)idf_clamp(idf_round_q(cases[i].sum, 10), 0, 127);
    idf_layer_rectify(&layer, in, &out);
    CU_ASSERT_EQUAL(out, want);
    CU_ASSERT_EQUAL(out, cases[i].act);
  }
}

int idf_suite_net(void)
{
  static const idf_unit_test tests[] = {
      {"every layer equals the training framework", every_layer_equals_the_training_framework},
      {"no weights and inputs overflow", no_weights_and_inputs_overflow},
      {"the worst sum fits 32 bits", the_worst_sum_fits_32_bits},
      {"activations round to nearest and saturate", activations_round_to_nearest_and_saturate},
      {NULL, NULL}};
  return idf_unit_suite("net", tests);
}
