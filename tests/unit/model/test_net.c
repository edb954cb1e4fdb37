/* SPDX-License-Identifier: BSD-3-Clause
 *
 * test_net.c: the layers against the training framework's own integers, and at the
 * ends of every range against 64-bit sums.
 *
 * tests/data/model-*.dump are written by flow/train/export.py, one for each built-in
 * model; their layout is described there. The folder of the sources comes from the
 * environment variable IDF_SRC, which `make check` sets.
 */
#include "kernels.h"
#include "model_net.h"

#include <string.h>

#include "flowkit.h"

int idf_suite_net(void);

enum { INPUTS = 2 * IDF_NET_HEAD, AT_LAYERS = 38 /* in a blob */ };

typedef struct block {
  idf_pairs in[IDF_NET_INPUTS / 2], both[IDF_NET_HEAD], hidden[IDF_NET_WIDTH / 2];
  int32_t out[IDF_NET_SUMS][IDF_BLOCK];
} block;

/* A layer as the model's file has it, [output][input], and as layers hold it. */
typedef struct twin {
  int16_t plain[IDF_NET_WIDTH][INPUTS], weight[INPUTS * IDF_NET_WIDTH];
  int32_t bias[IDF_NET_WIDTH];
  idf_layer layer;
} twin;

/* The whole dump in accounted memory; a failed assertion and NULL when it cannot be read. */
static uint8_t *read_dump(idf_mem *mem, const char *name, size_t *len)
{
  char path[4096];
  const char *top = getenv("IDF_SRC");
  snprintf(path, sizeof path, "%s/tests/data/model-%s.dump", !top ? "." : top, name);
  FILE *file = fopen(path, "rb");
  if (!file) {
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

/* Puts values in place of a lane's, takes one of them. */
static void put_lane(idf_pairs *to, unsigned lane, const int16_t *v, unsigned n)
{
  for (unsigned i = 0; i < n; i++)
    to[i / 2][lane][i % 2] = v[i];
}

static int16_t lane_of(const idf_pairs *from, unsigned lane, unsigned i)
{
  return from[i / 2][lane][i % 2];
}

/* Whether the next n values of the dump are those of a lane. */
static bool next16(idf_cur *cur, const idf_pairs *have, unsigned lane, unsigned n)
{
  bool same = true;
  for (unsigned i = 0; i < n; i++)
    same = (int16_t)idf_get_le16(cur) == lane_of(have, lane, i) && same;
  return same && !cur->bad;
}

/* One record of the dump in one lane, others having what the records before left there;
 * false at the first layer that differs. */
static bool record_agrees(const idf_kernels *kernels, const idf_net *net, idf_cur *cur, block *b,
                          unsigned lane)
{
  int16_t v[IDF_NET_INPUTS];
  unsigned width = net->trunk[1].outputs;
  const unsigned inputs = net->planes == 1 ? IDF_NET_INPUTS_ALONE : IDF_NET_INPUTS;
  get16(cur, v, inputs);
  put_lane(b->in, lane, v, inputs);
  for (unsigned i = net->trunk[0].inputs; i < inputs; i++)
    CU_ASSERT_EQUAL(v[i], 0); /* weights of these are left out */
  kernels->layer_rectify(&net->trunk[0], (const idf_pairs *)b->in, b->hidden);
  bool same = next16(cur, (const idf_pairs *)b->hidden, lane, net->trunk[0].outputs);
  idf_net_trunk(kernels, net, (const idf_pairs *)b->in, b->both);
  same = same && next16(cur, (const idf_pairs *)b->both, lane, width);
  for (unsigned p = 0; p < (unsigned)net->planes && same; p++) {
    get16(cur, v, IDF_NET_EXTRAS);
    put_lane(b->both + width / 2, lane, v, IDF_NET_EXTRAS);
    for (unsigned i = IDF_NET_EXTRAS - IDF_NET_EXTRAS_SPARE; i < IDF_NET_EXTRAS; i++)
      CU_ASSERT_EQUAL(v[i], 0);
    idf_net_head(kernels, net, p, (const idf_pairs *)b->both, b->hidden, b->out);
    same = next16(cur, (const idf_pairs *)b->hidden, lane, net->hidden[p].outputs);
    for (unsigned i = 0; i < IDF_NET_OUTPUTS; i++)
      same = (int32_t)idf_get_le32(cur) == b->out[i][lane] && same;
  }
  return same && !cur->bad;
}

/* A dump has the records of a model's network and then of that for one plane, if there is one. */
static void layers_equal_the_dump(int wanted, const char *name)
{
  idf_mem mem;
  size_t blob_len, len;
  int effort = 0;
  idf_mem_init(&mem, UINT64_MAX);
  const uint8_t *blob = NULL;
  for (unsigned i = 0; effort != wanted; i++) {
    blob = idf_model_data(i, &blob_len, &effort);
    CU_ASSERT_PTR_NOT_NULL_FATAL(blob);
  }
  uint8_t *data = read_dump(&mem, name, &len);
  for (unsigned level = 0; data != NULL && level < IDF_SIMD_LEVELS; level++) {
    const idf_kernels *kernels = idf_kernels_of((idf_simd)level);
    if (!kernels)
      continue;
    idf_model *model;
    CU_ASSERT_EQUAL_FATAL(idf_model_parse(&mem, blob, blob_len, &model), IDF_OK);
    idf_cur cur = idf_cur_of(data, len);
    for (int planes = 3; planes > 0; planes -= 2) {
      const idf_net *net = idf_model_net_for(model, (unsigned)planes);
      if (planes == 1 && net == idf_model_net_for(model, 3))
        break;
      uint32_t count = idf_get_le32(&cur), good = 0;
      block b;
      memset(&b, 0, sizeof b);
      CU_ASSERT_TRUE(count >= 5);
      while (good < count && record_agrees(kernels, net, &cur, &b, good * 7 % IDF_BLOCK))
        good++;
      if (good < count)
        printf("# level %u, %d planes: record %u of %u differs: is model-%s.dump of the model?\n",
               level, planes, good, count, name);
      CU_ASSERT_EQUAL(good, count);
    }
    CU_ASSERT_EQUAL(idf_cur_left(&cur), 0);
    idf_model_release(&mem, model);
  }
  idf_free(&mem, data);
  CU_ASSERT_EQUAL(mem.used, 0);
}

static void every_layer_equals_the_training_framework(void)
{
  layers_equal_the_dump(5, "default");
  layers_equal_the_dump(9, "max");
}

static int64_t floor_shift(int64_t v, unsigned q)
{
  int64_t d = (int64_t)1 << q;
  return v / d - (v % d < 0);
}

static void make_twin(twin *t, idf_unit_random *r, int kind, unsigned inputs, unsigned outputs)
{
  memset(t, 0, sizeof *t);
  t->layer = (idf_layer){t->weight, t->bias, inputs, outputs};
  for (unsigned o = 0; o < outputs; o++) {
    t->bias[o] = flowkit_bias(r, kind);
    for (unsigned i = 0; i < inputs; i++) {
      t->plain[o][i] = (int16_t)flowkit_weight(r, kind);
      t->weight[idf_layer_at(inputs, o, i)] = t->plain[o][i];
    }
  }
}

/* Sum and rectified value of every output and lane against 64 bits, at every level; false
 * too when a sum leaves 32. */
static bool layer_agrees(const twin *t, const idf_pairs *in)
{
  int32_t acc[IDF_NET_WIDTH][IDF_BLOCK];
  idf_pairs out[IDF_NET_WIDTH / 2];
  bool same = true;
  for (unsigned level = IDF_SIMD_NONE; level < IDF_SIMD_LEVELS; level++) {
    const idf_kernels *kernels = idf_kernels_of((idf_simd)level);
    if (!kernels)
      continue;
    kernels->layer_sum(&t->layer, in, acc);
    kernels->layer_rectify(&t->layer, in, out);
    for (unsigned o = 0; o < t->layer.outputs; o++)
      for (unsigned k = 0; k < IDF_BLOCK; k++) {
        int64_t s = t->bias[o];
        for (unsigned i = 0; i < t->layer.inputs; i++)
          s += (int64_t)t->plain[o][i] * lane_of(in, k, i);
        int64_t act = floor_shift(s + (1 << (IDF_Q_WEIGHT - 1)), IDF_Q_WEIGHT);
        act = act < 0 ? 0 : act > IDF_ACT_MAX ? IDF_ACT_MAX : act;
        same = same && s >= INT32_MIN && s <= INT32_MAX && acc[o][k] == s
               && lane_of((const idf_pairs *)out, k, o) == act;
      }
  }
  return same;
}

static void no_weights_and_inputs_overflow(void)
{
  static const struct {
    unsigned inputs, outputs;
  } shapes[] = {{IDF_NET_INPUTS, IDF_NET_WIDTH},
                {INPUTS, IDF_NET_WIDTH},
                {IDF_NET_INPUTS - IDF_NET_INPUTS_SPARE, 32},
                {16 + IDF_NET_EXTRAS - IDF_NET_EXTRAS_SPARE, 16},
                {IDF_NET_WIDTH, IDF_NET_OUTPUTS}};
  idf_mem mem;
  idf_mem_init(&mem, UINT64_MAX);
  twin *t = idf_alloc(&mem, 1, sizeof *t);
  CU_ASSERT_PTR_NOT_NULL_FATAL(t);
  for (uint64_t seed = 0; seed < 30; seed++) {
    idf_unit_random r = idf_unit_random_of(seed);
    idf_pairs in[INPUTS / 2];
    make_twin(t, &r, (int)(seed % FLOWKIT_MODELS), shapes[seed % 5].inputs,
              shapes[seed % 5].outputs);
    /* By lane: random; at random ends; with the signs of a row of weights, or against them. */
    for (unsigned k = 0; k < IDF_BLOCK; k++)
      for (unsigned i = 0; i < INPUTS; i++)
        in[i / 2][k][i % 2] =
            (int16_t)(k % 4 == 0   ? flowkit_between(&r, -127, 127)
                      : k % 4 == 1 ? (idf_unit_next(&r) & 1 ? 127 : -127)
                      : (t->plain[k % t->layer.outputs][i] < 0) == (k % 4 == 2) ? -127
                                                                                : 127);
    IDF_UNIT_SEEDED(&r, layer_agrees(t, (const idf_pairs *)in));
  }
  idf_free(&mem, t);
  CU_ASSERT_EQUAL(mem.used, 0);
}

/* The worst sum there can be: all weights, inputs and the bias pull one way. */
static void the_worst_sum_fits_32_bits(void)
{
  idf_mem mem;
  idf_mem_init(&mem, UINT64_MAX);
  twin *t = idf_alloc(&mem, 1, sizeof *t);
  CU_ASSERT_PTR_NOT_NULL_FATAL(t);
  for (int sign = -1; sign <= 1; sign += 2) {
    idf_pairs in[INPUTS / 2], out[8];
    int32_t acc[16][IDF_BLOCK];
    t->layer = (idf_layer){t->weight, t->bias, INPUTS, 1};
    t->bias[0] = sign * IDF_NET_BIAS_MAX;
    for (unsigned i = 0; i < INPUTS; i++) {
      t->weight[idf_layer_at(INPUTS, 0, i)] = INT16_MIN;
      for (int k = 0; k < IDF_BLOCK; k++)
        in[i / 2][k][i % 2] = (int16_t)(-sign * 127);
    }
    const int64_t most = IDF_NET_BIAS_MAX + (int64_t)INPUTS * 127 * 32768;
    CU_ASSERT_TRUE(most < INT32_MAX);
    for (unsigned level = IDF_SIMD_NONE; level < IDF_SIMD_LEVELS; level++) {
      const idf_kernels *kernels = idf_kernels_of((idf_simd)level);
      if (!kernels)
        continue;
      kernels->layer_sum(&t->layer, (const idf_pairs *)in, acc);
      kernels->layer_rectify(&t->layer, (const idf_pairs *)in, out);
      for (int k = 0; k < IDF_BLOCK; k++) {
        CU_ASSERT_EQUAL(acc[0][k], sign * most);
        CU_ASSERT_EQUAL(out[0][k][0], sign < 0 ? 0 : IDF_ACT_MAX);
      }
    }
  }
  idf_free(&mem, t);
  CU_ASSERT_EQUAL(mem.used, 0);
}

static void activations_round_to_nearest_and_saturate(void)
{
  static const struct {
    int32_t sum;
    int16_t act;
  } cases[] = {{0, 0},        {511, 0},      {512, 1},      {1535, 1},
               {1536, 2},     {-1, 0},       {-5000000, 0}, {129535, 126},
               {129536, 127}, {130048, 127}, {131584, 127}, {1 << 29, 127}};
  const int16_t weight[16 * 16] = {0};
  const idf_pairs in[8] = {{{0}}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    int32_t bias[16] = {0};
    bias[i] = cases[i].sum;
    const idf_layer layer = {weight, bias, 16, 16};
    const int16_t want = (int16_t)idf_clamp(idf_round_q(cases[i].sum, 10), 0, 127);
    CU_ASSERT_EQUAL(want, cases[i].act);
    for (unsigned level = IDF_SIMD_NONE; level < IDF_SIMD_LEVELS; level++) {
      const idf_kernels *kernels = idf_kernels_of((idf_simd)level);
      idf_pairs out[8];
      if (!kernels)
        continue;
      kernels->layer_rectify(&layer, in, out);
      for (unsigned o = 0; o < 16; o++)
        CU_ASSERT_EQUAL(lane_of((const idf_pairs *)out, (unsigned)i, o), o == i ? want : 0);
    }
  }
}

/* A whole network against its blob, read and summed here: [output][input], no input left out. */
static void plain_layer(const uint8_t **at, const int32_t *in, unsigned inputs, unsigned outputs,
                        int64_t *sum)
{
  const uint8_t *w = *at, *b = w + 2 * (size_t)inputs * outputs;
  for (unsigned o = 0; o < outputs; o++, b += 4) {
    sum[o] = (int32_t)(b[0] | (uint32_t)b[1] << 8 | (uint32_t)b[2] << 16 | (uint32_t)b[3] << 24);
    for (unsigned i = 0; i < inputs; i++, w += 2)
      sum[o] += (int64_t)in[i] * (int16_t)(w[0] | w[1] << 8);
  }
  *at = b;
}

static void plain_rectified(const uint8_t **at, const int32_t *in, unsigned inputs,
                            unsigned outputs, int32_t *act)
{
  int64_t sum[IDF_NET_WIDTH];
  plain_layer(at, in, inputs, outputs, sum);
  for (unsigned o = 0; o < outputs; o++) {
    const int64_t v = floor_shift(sum[o] + 512, 10);
    act[o] = (int32_t)(v < 0 ? 0 : v > 127 ? 127 : v);
  }
}

static bool lane_agrees(const idf_kernels *kernels, const idf_net *net, const uint8_t *layers,
                        const unsigned width[3], block *b, unsigned lane)
{
  int32_t in[IDF_NET_INPUTS], first[IDF_NET_WIDTH], both[INPUTS], hidden[IDF_NET_WIDTH];
  int64_t out[IDF_NET_OUTPUTS];
  bool same = true;
  for (unsigned i = 0; i < IDF_NET_INPUTS; i++)
    in[i] = lane_of((const idf_pairs *)b->in, lane, i);
  plain_rectified(&layers, in, IDF_NET_INPUTS, width[0], first);
  plain_rectified(&layers, first, width[0], width[1], both);
  idf_net_trunk(kernels, net, (const idf_pairs *)b->in, b->both);
  for (unsigned i = 0; i < width[1] + IDF_NET_EXTRAS; i++) {
    const int16_t v = lane_of((const idf_pairs *)b->both, lane, i);
    same = same && (i >= width[1] || v == both[i]);
    both[i] = v;
  }
  for (unsigned p = 0; p < IDF_NET_PLANES; p++) {
    plain_rectified(&layers, both, width[1] + IDF_NET_EXTRAS, width[2], hidden);
    plain_layer(&layers, hidden, width[2], IDF_NET_OUTPUTS, out);
    idf_net_head(kernels, net, p, (const idf_pairs *)b->both, b->hidden, b->out);
    for (unsigned i = 0; i < width[2]; i++)
      same = same && lane_of((const idf_pairs *)b->hidden, lane, i) == hidden[i];
    for (unsigned o = 0; o < IDF_NET_OUTPUTS; o++)
      same = same && b->out[o][lane] == out[o];
  }
  return same;
}

static void networks_equal_plain_sums_of_their_bytes(void)
{
  idf_mem mem;
  idf_mem_init(&mem, UINT64_MAX);
  for (uint64_t seed = 0; seed < 30; seed++) {
    idf_unit_random r = idf_unit_random_of(seed);
    unsigned width[3];
    block b;
    idf_buf blob;
    memset(&b, 0, sizeof b);
    idf_buf_init(&blob, &mem);
    for (int i = 0; i < 3; i++)
      width[i] = 16 + 16 * idf_unit_below(&r, 8);
    flowkit_blob(&blob, &r, (int)(seed % FLOWKIT_MODELS), width[0], width[1], width[2]);
    for (unsigned k = 0; k < IDF_BLOCK; k++) {
      for (unsigned i = 0; i < IDF_NET_INPUTS - IDF_NET_INPUTS_SPARE; i++)
        b.in[i / 2][k][i % 2] = (int16_t)flowkit_between(&r, -127, 127);
      for (unsigned i = 0; i < IDF_NET_EXTRAS - IDF_NET_EXTRAS_SPARE; i++)
        b.both[(width[1] + i) / 2][k][i % 2] = (int16_t)flowkit_between(&r, -127, 127);
    }
    for (unsigned level = IDF_SIMD_NONE; level < IDF_SIMD_LEVELS; level++) {
      const idf_kernels *kernels = idf_kernels_of((idf_simd)level);
      idf_model *model;
      if (!kernels)
        continue;
      CU_ASSERT_EQUAL_FATAL(idf_model_parse(&mem, blob.data, blob.len, &model), IDF_OK);
      for (unsigned k = 0; k < IDF_BLOCK; k++)
        IDF_UNIT_SEEDED(&r, lane_agrees(kernels, idf_model_net_for(model, 3), blob.data + AT_LAYERS,
                                        width, &b, k));
      idf_model_release(&mem, model);
    }
    idf_buf_free(&blob);
  }
  CU_ASSERT_EQUAL(mem.used, 0);
}

int idf_suite_net(void)
{
  static const idf_unit_test tests[] = {
      {"every layer equals the training framework", every_layer_equals_the_training_framework},
      {"networks equal plain sums of their bytes", networks_equal_plain_sums_of_their_bytes},
      {"no weights and inputs overflow", no_weights_and_inputs_overflow},
      {"the worst sum fits 32 bits", the_worst_sum_fits_32_bits},
      {"activations round to nearest and saturate", activations_round_to_nearest_and_saturate},
      {NULL, NULL}};
  return idf_unit_suite("net", tests);
}
