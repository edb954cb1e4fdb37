/* SPDX-License-Identifier: BSD-3-Clause
 *
 * test_model.c: a blob is taken whole and exactly, or refused for a stated reason.
 */
#include "model.h"

#include <string.h>

#include "flowkit.h"
#include "model_net.h"
#include "sha256.h"

int idf_suite_model(void);

#define AT_FORMAT 8
#define AT_FEATURES 10
#define AT_MORE 11
#define AT_TITLE 12
#define AT_WIDTHS 32
#define AT_WEIGHTS 38

typedef struct blob_case {
  idf_mem mem;
  idf_buf blob;
} blob_case;

static void open_case(blob_case *c)
{
  idf_unit_random r = idf_unit_random_of(4);
  idf_mem_init(&c->mem, UINT64_MAX);
  idf_buf_init(&c->blob, &c->mem);
  flowkit_blob(&c->blob, &r, FLOWKIT_FULL, 32, 16, 48);
  CU_ASSERT_FALSE_FATAL(c->blob.bad);
}

static void close_case(blob_case *c)
{
  idf_buf_free(&c->blob);
  CU_ASSERT_EQUAL(c->mem.used, 0);
}

static idf_status parse(blob_case *c, size_t len)
{
  idf_model *model;
  idf_status status = idf_model_parse(&c->mem, idf_kernels_best(), c->blob.data, len, &model);
  CU_ASSERT_EQUAL(status == IDF_OK, model != NULL);
  idf_model_release(&c->mem, model);
  return status;
}

/* Weight [o][i], as [16 outputs][input pair][output of these][2] has it. */
static int16_t weight_of(const idf_layer *layer, unsigned o, unsigned i)
{
  return layer->weight[o / 16 * 16 * layer->inputs + i / 2 * 32 + o % 16 * 2 + i % 2];
}

/* The layers of a network against the blob, from `cur` on. */
static void layers_are(const idf_net *net, idf_cur *cur, const unsigned inputs[4],
                       const unsigned outputs[4])
{
  static const unsigned spare[4] = {IDF_NET_INPUTS_SPARE, 0, IDF_NET_EXTRAS_SPARE, 0};
  for (int i = 0; i < 2 + 2 * net->planes; i++) {
    const idf_layer *l = i < 2        ? &net->trunk[i]
                         : i % 2 == 0 ? &net->hidden[i / 2 - 1]
                                      : &net->output[i / 2 - 1];
    int kind = i < 2 ? i : 2 + i % 2;
    bool same = true;
    CU_ASSERT_TRUE_FATAL(l->inputs == inputs[kind] - spare[kind] && l->outputs == outputs[kind]);
    for (unsigned k = 0; k < inputs[kind] * l->outputs; k++) {
      const int16_t v = (int16_t)idf_get_le16(cur);
      const unsigned o = k / inputs[kind], at = k % inputs[kind];
      same = same && (at >= l->inputs || weight_of(l, o, at) == v);
    }
    for (unsigned o = l->outputs; o < ((l->outputs + 15) & ~15u); o++) {
      same = same && l->bias[o] == 0;
      for (unsigned k = 0; k < l->inputs; k++)
        same = same && weight_of(l, o, k) == 0;
    }
    for (unsigned k = 0; k < l->outputs; k++)
      same = same && l->bias[k] == (int32_t)idf_get_le32(cur);
    CU_ASSERT_TRUE(same);
  }
  CU_ASSERT_FALSE(cur->bad);
}

static void layers_hold_what_the_blob_holds(void)
{
  blob_case c;
  open_case(&c);
  idf_model *model;
  CU_ASSERT_EQUAL_FATAL(
      idf_model_parse(&c.mem, idf_kernels_best(), c.blob.data, c.blob.len, &model), IDF_OK);
  const idf_net *net = idf_model_net(model);
  const unsigned inputs[4] = {IDF_NET_INPUTS, 32, 16 + IDF_NET_EXTRAS, 48};
  const unsigned outputs[4] = {32, 16, 48, IDF_NET_OUTPUTS};
  idf_cur cur = idf_cur_of(c.blob.data + AT_WEIGHTS, c.blob.len - AT_WEIGHTS);
  CU_ASSERT_EQUAL_FATAL(net->planes, IDF_NET_PLANES);
  layers_are(net, &cur, inputs, outputs);
  CU_ASSERT_EQUAL(idf_cur_left(&cur), 0);
  for (unsigned planes = 1; planes <= 3; planes++)
    CU_ASSERT_PTR_EQUAL(idf_model_net_for(model, planes), net);
  uint8_t hash[32];
  idf_sha256(c.blob.data, c.blob.len, hash);
  CU_ASSERT_EQUAL(memcmp(hash, idf_model_hash(model), 32), 0);
  CU_ASSERT_STRING_EQUAL(idf_model_title(model), "made up");
  /* The blob was copied. */
  int16_t before = net->trunk[0].weight[0];
  c.blob.data[AT_WEIGHTS] ^= 0xff;
  CU_ASSERT_EQUAL(net->trunk[0].weight[0], before);
  idf_model_release(&c.mem, model);
  close_case(&c);
}

static void a_second_network_is_for_one_plane(void)
{
  blob_case c;
  idf_model *model, *shared;
  idf_unit_random r = idf_unit_random_of(11);
  open_case(&c);
  const size_t one = c.blob.len;
  flowkit_blob_alone(&c.blob, 0, &r, FLOWKIT_FULL, 64, 48, 32);
  CU_ASSERT_FALSE_FATAL(c.blob.bad);
  CU_ASSERT_EQUAL_FATAL(
      idf_model_parse(&c.mem, idf_kernels_best(), c.blob.data, c.blob.len, &model), IDF_OK);
  const idf_net *alone = idf_model_net_for(model, 1);
  CU_ASSERT_PTR_NOT_EQUAL(alone, idf_model_net(model));
  CU_ASSERT_PTR_EQUAL(idf_model_net_for(model, 2), idf_model_net(model));
  CU_ASSERT_PTR_EQUAL(idf_model_net_for(model, 3), idf_model_net(model));
  CU_ASSERT_EQUAL_FATAL(alone->planes, 1);
  const unsigned inputs[4] = {IDF_NET_INPUTS_ALONE, 64, 48 + IDF_NET_EXTRAS, 32};
  const unsigned outputs[4] = {64, 48, 32, IDF_NET_OUTPUTS};
  idf_cur cur = idf_cur_of(c.blob.data + one + 6, c.blob.len - one - 6);
  layers_are(alone, &cur, inputs, outputs);
  CU_ASSERT_EQUAL(idf_cur_left(&cur), 0);
  CU_ASSERT_EQUAL_FATAL(
      idf_model_share(&c.mem, idf_kernels_of(IDF_LEVEL_NONE), model, &shared), IDF_OK);
  CU_ASSERT_PTR_EQUAL(idf_model_net_for(shared, 1)->kernels, idf_kernels_of(IDF_LEVEL_NONE));
  CU_ASSERT_PTR_EQUAL(idf_model_net_for(shared, 1)->trunk[0].weight, alone->trunk[0].weight);
  CU_ASSERT_PTR_EQUAL(alone->kernels, idf_kernels_best());
  idf_model_release(&c.mem, shared);
  idf_model_release(&c.mem, model);

  for (size_t len = one; len < c.blob.len; len += len < one + 16 ? 1 : 61)
    CU_ASSERT_EQUAL(parse(&c, len), IDF_ERR_TRUNCATED);
  const uint8_t width = c.blob.data[one + 2], high = c.blob.data[c.blob.len - 1];
  c.blob.data[one + 2] = 40;
  CU_ASSERT_EQUAL(parse(&c, c.blob.len), IDF_ERR_CORRUPT);
  c.blob.data[one + 2] = 32; /* less than there is */
  CU_ASSERT_EQUAL(parse(&c, c.blob.len), IDF_ERR_CORRUPT);
  c.blob.data[one + 2] = width;
  c.blob.data[c.blob.len - 1] = 0x7f; /* of the last bias */
  CU_ASSERT_EQUAL(parse(&c, c.blob.len), IDF_ERR_CORRUPT);
  c.blob.data[c.blob.len - 1] = high;
  CU_ASSERT_EQUAL(parse(&c, c.blob.len), IDF_OK);
  int64_t i = 0;
  for (idf_status status = IDF_ERR_MEMORY; status != IDF_OK && i < 12; i++) {
    c.mem.fail_in = i;
    status = parse(&c, c.blob.len);
    CU_ASSERT_TRUE(status == IDF_OK || status == IDF_ERR_MEMORY);
  }
  CU_ASSERT_TRUE(i == 6); /* five allocations */
  c.mem.fail_in = -1;
  c.blob.data[AT_MORE] = 0;
  CU_ASSERT_EQUAL(parse(&c, c.blob.len), IDF_ERR_CORRUPT);
  close_case(&c);
}

static void built_in_models_parse(void)
{
  unsigned i = 0;
  size_t len;
  int effort, last = 0;
  for (const uint8_t *data; (data = idf_model_data(i, &len, &effort)) != NULL; i++) {
    idf_mem mem;
    idf_model *model;
    idf_mem_init(&mem, UINT64_MAX);
    CU_ASSERT_EQUAL_FATAL(idf_model_parse(&mem, idf_kernels_best(), data, len, &model), IDF_OK);
    CU_ASSERT_TRUE(effort == 1 || effort == 5 || effort == 9);
    CU_ASSERT_NOT_EQUAL(effort, last);
    CU_ASSERT_EQUAL(data[9], effort);
    CU_ASSERT_TRUE(strlen(idf_model_title(model)) > 0);
    last = effort;
    /* Its hash is what one computes, also where it is not computed. */
    idf_model *same;
    CU_ASSERT_EQUAL(memcmp(idf_model_hash(model), idf_model_data_hash(i), 32), 0);
    CU_ASSERT_EQUAL_FATAL(idf_model_built_in(&mem, idf_kernels_best(), i, &same), IDF_OK);
    CU_ASSERT_EQUAL(memcmp(idf_model_hash(model), idf_model_hash(same), 32), 0);
    CU_ASSERT_EQUAL(strcmp(idf_model_title(model), idf_model_title(same)), 0);
    idf_model_release(&mem, same);
    idf_model_release(&mem, model);
  }
  CU_ASSERT_TRUE(i >= 1);
  CU_ASSERT_PTR_NULL(idf_model_data(i + 1, &len, &effort));
}

static void any_other_length_is_refused(void)
{
  blob_case c;
  open_case(&c);
  size_t whole = c.blob.len;
  for (size_t len = 0; len < whole; len += len < 64 ? 1 : 61)
    CU_ASSERT_EQUAL(parse(&c, len), len < 8 ? IDF_ERR_NOT_IDF : IDF_ERR_TRUNCATED);
  CU_ASSERT_EQUAL(parse(&c, whole - 1), IDF_ERR_TRUNCATED);
  CU_ASSERT_EQUAL(parse(&c, whole), IDF_OK);
  idf_put_u8(&c.blob, 0);
  CU_ASSERT_EQUAL(parse(&c, whole + 1), IDF_ERR_CORRUPT);
  close_case(&c);
}

static void odd_headers_are_refused(void)
{
  static const struct {
    size_t at;
    uint8_t value;
    idf_status status;
  } cases[] = {{0, 'J', IDF_ERR_NOT_IDF},
               {7, 'l', IDF_ERR_NOT_IDF},
               {AT_FORMAT, 0, IDF_ERR_UNSUPPORTED},
               {AT_FORMAT, 2, IDF_ERR_UNSUPPORTED},
               {AT_FEATURES, 0, IDF_ERR_UNSUPPORTED},
               {AT_FEATURES, 2, IDF_ERR_TRUNCATED}, /* coefficients are missing */
               {AT_FEATURES, 3, IDF_ERR_UNSUPPORTED},
               {AT_FEATURES, 255, IDF_ERR_UNSUPPORTED},
               {AT_MORE, 1, IDF_ERR_TRUNCATED}, /* the second network is missing */
               {AT_MORE, 2, IDF_ERR_CORRUPT},
               {AT_MORE, 255, IDF_ERR_CORRUPT},
               {AT_WIDTHS, 0, IDF_ERR_CORRUPT},
               {AT_WIDTHS, 31, IDF_ERR_CORRUPT},
               {AT_WIDTHS, 144, IDF_ERR_CORRUPT},
               {AT_WIDTHS + 1, 0x80, IDF_ERR_CORRUPT},
               {AT_WIDTHS + 2, 0, IDF_ERR_CORRUPT},
               {AT_WIDTHS + 3, 0xff, IDF_ERR_CORRUPT},
               {AT_WIDTHS + 4, 15, IDF_ERR_CORRUPT},
               {AT_WIDTHS + 5, 1, IDF_ERR_CORRUPT},
               /* other widths than the data have */
               {AT_WIDTHS, 128, IDF_ERR_TRUNCATED},
               {AT_WIDTHS, 16, IDF_ERR_CORRUPT},
               {AT_WIDTHS + 4, 64, IDF_ERR_TRUNCATED}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    blob_case c;
    open_case(&c);
    c.blob.data[cases[i].at] = cases[i].value;
    CU_ASSERT_EQUAL(parse(&c, c.blob.len), cases[i].status);
    close_case(&c);
  }
}

/* Feature set 2: coefficients of each plane's regressors stand before the layers. */
static void feature_set_2_brings_coefficients(void)
{
  idf_unit_random r = idf_unit_random_of(9);
  blob_case c;
  idf_model *model, *shared;
  open_case(&c);
  CU_ASSERT_EQUAL_FATAL(
      idf_model_parse(&c.mem, idf_kernels_best(), c.blob.data, c.blob.len, &model), IDF_OK);
  CU_ASSERT_PTR_NULL(idf_model_survey(model));

  idf_buf two;
  idf_buf_init(&two, &c.mem);
  idf_put_bytes(&two, c.blob.data, AT_WEIGHTS);
  idf_survey want = { .coef = { { 0 } } };
  for (unsigned p = 0; p < IDF_NET_PLANES; p++)
    for (int i = 0; i < idf_regressors(p); i++) {
      want.coef[p][i] = (int16_t)(i == 0   ? -32768
                                  : i == 1 ? 32767
                                           : flowkit_between(&r, -32768, 32767));
      idf_put_le16(&two, (uint32_t)want.coef[p][i] & 0xffff);
    }
  idf_put_bytes(&two, c.blob.data + AT_WEIGHTS, c.blob.len - AT_WEIGHTS);
  CU_ASSERT_FALSE_FATAL(two.bad);
  /* As feature set 1 the coefficients are too much. */
  CU_ASSERT_EQUAL(idf_model_parse(&c.mem, idf_kernels_best(), two.data, two.len, &shared),
                  IDF_ERR_CORRUPT);
  two.data[AT_FEATURES] = 2;
  for (size_t len = AT_WEIGHTS; len < two.len; len += len < AT_WEIGHTS + 240 ? 1 : 61)
    CU_ASSERT_EQUAL(idf_model_parse(&c.mem, idf_kernels_best(), two.data, len, &shared),
                    IDF_ERR_TRUNCATED);

  idf_model *surveyed;
  CU_ASSERT_EQUAL_FATAL(
      idf_model_parse(&c.mem, idf_kernels_best(), two.data, two.len, &surveyed), IDF_OK);
  CU_ASSERT_EQUAL_FATAL(
      idf_model_share(&c.mem, idf_kernels_of(IDF_LEVEL_NONE), surveyed, &shared), IDF_OK);
  CU_ASSERT_PTR_NOT_NULL_FATAL(idf_model_survey(surveyed));
  CU_ASSERT_EQUAL(memcmp(idf_model_survey(surveyed), &want, sizeof want), 0);
  CU_ASSERT_EQUAL(memcmp(idf_model_survey(shared), &want, sizeof want), 0);
  /* The layers are the same as without. */
  const idf_layer *a = &idf_model_net(model)->output[2], *b = &idf_model_net(surveyed)->output[2];
  CU_ASSERT_TRUE_FATAL(a->inputs == b->inputs && a->outputs == b->outputs);
  CU_ASSERT_EQUAL(memcmp(a->weight, b->weight, a->inputs * a->outputs * sizeof *a->weight), 0);
  CU_ASSERT_EQUAL(memcmp(a->bias, b->bias, a->outputs * sizeof *a->bias), 0);
  CU_ASSERT_NOT_EQUAL(memcmp(idf_model_hash(model), idf_model_hash(surveyed), 32), 0);
  idf_model_release(&c.mem, shared);
  idf_model_release(&c.mem, surveyed);
  idf_model_release(&c.mem, model);
  idf_buf_free(&two);
  close_case(&c);
}

/* Biases alone are limited: with them no sum can leave 32 bits. */
static void biases_beyond_the_bound_are_refused(void)
{
  static const int32_t values[] = {IDF_NET_BIAS_MAX, -IDF_NET_BIAS_MAX, IDF_NET_BIAS_MAX + 1,
                                   -IDF_NET_BIAS_MAX - 1, INT32_MAX, INT32_MIN};
  for (size_t i = 0; i < 6; i++)
    for (int last = 0; last < 2; last++) {
      blob_case c;
      open_case(&c);
      /* The first bias of the first layer, the last of the last. */
      size_t at = last ? c.blob.len - 4 : AT_WEIGHTS + 2 * IDF_NET_INPUTS * 32;
      for (int k = 0; k < 4; k++)
        c.blob.data[at + (size_t)k] = (uint8_t)((uint32_t)values[i] >> (8 * k) & 0xff);
      CU_ASSERT_EQUAL(parse(&c, c.blob.len), i < 2 ? IDF_OK : IDF_ERR_CORRUPT);
      close_case(&c);
    }
}

static void titles_end_at_what_is_not_text(void)
{
  blob_case c;
  idf_model *model;
  open_case(&c);
  memcpy(c.blob.data + AT_TITLE, "abcdefghijklmnopqrst", 20);
  CU_ASSERT_EQUAL_FATAL(
      idf_model_parse(&c.mem, idf_kernels_best(), c.blob.data, c.blob.len, &model), IDF_OK);
  CU_ASSERT_STRING_EQUAL(idf_model_title(model), "abcdefghijklmnopqrst");
  idf_model_release(&c.mem, model);
  c.blob.data[AT_TITLE + 3] = 27;
  CU_ASSERT_EQUAL_FATAL(
      idf_model_parse(&c.mem, idf_kernels_best(), c.blob.data, c.blob.len, &model), IDF_OK);
  CU_ASSERT_STRING_EQUAL(idf_model_title(model), "abc");
  idf_model_release(&c.mem, model);
  close_case(&c);
}

static void every_refused_allocation_is_reported(void)
{
  blob_case c;
  open_case(&c);
  int64_t i = 0;
  for (idf_status status = IDF_ERR_MEMORY; status != IDF_OK && i < 10; i++) {
    c.mem.fail_in = i;
    status = parse(&c, c.blob.len);
    CU_ASSERT_TRUE(status == IDF_OK || status == IDF_ERR_MEMORY);
  }
  CU_ASSERT_TRUE(i > 1 && i < 10);
  c.mem.fail_in = -1;
  c.mem.limit = c.mem.used + 5000;
  CU_ASSERT_EQUAL(parse(&c, c.blob.len), IDF_ERR_LIMIT);
  close_case(&c);
}

int idf_suite_model(void)
{
  static const idf_unit_test tests[] = {
      {"layers hold what the blob holds", layers_hold_what_the_blob_holds},
      {"a second network is for one plane", a_second_network_is_for_one_plane},
      {"built-in models parse", built_in_models_parse},
      {"any other length is refused", any_other_length_is_refused},
      {"odd headers are refused", odd_headers_are_refused},
      {"feature set 2 brings coefficients", feature_set_2_brings_coefficients},
      {"biases beyond the bound are refused", biases_beyond_the_bound_are_refused},
      {"titles end at what is not text", titles_end_at_what_is_not_text},
      {"every refused allocation is reported", every_refused_allocation_is_reported},
      {NULL, NULL}};
  return idf_unit_suite("model", tests);
}
