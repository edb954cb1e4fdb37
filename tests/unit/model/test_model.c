/* SPDX-License-Identifier: BSD-3-Clause
 *
 * test_model.c: a blob is taken whole and exactly, or refused for a stated reason.
 */
#include "model.h"

#include <stdio.h>
#include <stdlib.h>
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
#define MODEL_FILE_MAX (1 << 20)

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
  idf_status status = idf_model_parse(&c->mem, c->blob.data, len, &model);
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
  CU_ASSERT_EQUAL_FATAL(idf_model_parse(&c.mem, c.blob.data, c.blob.len, &model), IDF_OK);
  const idf_net *net = idf_model_net_for(model, 3);
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
  idf_model *model;
  idf_unit_random r = idf_unit_random_of(11);
  open_case(&c);
  const size_t one = c.blob.len;
  flowkit_blob_alone(&c.blob, 0, &r, FLOWKIT_FULL, 64, 48, 32);
  CU_ASSERT_FALSE_FATAL(c.blob.bad);
  CU_ASSERT_EQUAL_FATAL(idf_model_parse(&c.mem, c.blob.data, c.blob.len, &model), IDF_OK);
  const idf_net *alone = idf_model_net_for(model, 1);
  CU_ASSERT_PTR_NOT_EQUAL(alone, idf_model_net_for(model, 3));
  CU_ASSERT_PTR_EQUAL(idf_model_net_for(model, 2), idf_model_net_for(model, 3));
  CU_ASSERT_EQUAL_FATAL(alone->planes, 1);
  const unsigned inputs[4] = {IDF_NET_INPUTS_ALONE, 64, 48 + IDF_NET_EXTRAS, 32};
  const unsigned outputs[4] = {64, 48, 32, IDF_NET_OUTPUTS};
  idf_cur cur = idf_cur_of(c.blob.data + one + 6, c.blob.len - one - 6);
  layers_are(alone, &cur, inputs, outputs);
  CU_ASSERT_EQUAL(idf_cur_left(&cur), 0);
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
    CU_ASSERT_EQUAL_FATAL(idf_model_parse(&mem, data, len, &model), IDF_OK);
    CU_ASSERT_TRUE(effort == 1 || effort == 5 || effort == 9);
    CU_ASSERT_NOT_EQUAL(effort, last);
    CU_ASSERT_EQUAL(data[9], effort);
    CU_ASSERT_TRUE(strlen(idf_model_title(model)) > 0);
    last = effort;
    /* Its hash is what one computes, also where it is not computed. */
    idf_model *same;
    CU_ASSERT_EQUAL(memcmp(idf_model_hash(model), idf_model_data_hash(i), 32), 0);
    CU_ASSERT_EQUAL_FATAL(idf_model_built_in(&mem, i, &same), IDF_OK);
    CU_ASSERT_EQUAL(memcmp(idf_model_hash(model), idf_model_hash(same), 32), 0);
    CU_ASSERT_EQUAL(strcmp(idf_model_title(model), idf_model_title(same)), 0);
    idf_model_release(&mem, same);
    idf_model_release(&mem, model);
  }
  CU_ASSERT_TRUE(i >= 1);
  CU_ASSERT_PTR_NULL(idf_model_data(i + 1, &len, &effort));
}

/* model_data.c against what it was made of. */
static void built_in_models_are_their_files(void)
{
  const char *top = getenv("IDF_SRC");
  size_t len;
  int effort;
  idf_mem mem;

  idf_mem_init(&mem, UINT64_MAX);
  uint8_t *file = idf_alloc(&mem, MODEL_FILE_MAX, 1);
  CU_ASSERT_PTR_NOT_NULL_FATAL(file);
  for (unsigned i = 0; idf_model_data(i, &len, &effort) != NULL; i++) {
    static const char *const names[] = {[1] = "fast", [5] = "default", [9] = "max"};
    const uint8_t *data = idf_model_data(i, &len, &effort);
    char path[4096];
    snprintf(path, sizeof path, "%s/flow/models/%s.idfm", !top ? "." : top, names[effort]);
    FILE *from = fopen(path, "rb");
    if (!from) {
      printf("# cannot open %s (IDF_SRC must name the source folder)\n", path);
      CU_FAIL("a model file is missing");
      continue;
    }
    CU_ASSERT_EQUAL(fread(file, 1, MODEL_FILE_MAX, from), len);
    CU_ASSERT(len < MODEL_FILE_MAX && memcmp(file, data, len) == 0);
    fclose(from);
  }
  idf_free(&mem, file);
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
               {AT_FEATURES, 2, IDF_ERR_CORRUPT}, /* too long, if nothing else */
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

/* A model of feature set 2 has predictors and no network. */
typedef struct linear_case {
  blob_case blob;
  idf_linear want;
} linear_case;

static void open_linear(linear_case *c, uint64_t seed, int kind)
{
  idf_unit_random r = idf_unit_random_of(seed);
  idf_mem_init(&c->blob.mem, UINT64_MAX);
  idf_buf_init(&c->blob.blob, &c->blob.mem);
  flowkit_linear(&c->want, &r, kind);
  flowkit_blob_linear(&c->blob.blob, &c->want);
  CU_ASSERT_FALSE_FATAL(c->blob.blob.bad);
  CU_ASSERT_EQUAL(c->blob.blob.len, FLOWKIT_LINEAR_BYTES);
}

/* All that a blob has of them. */
static bool same_linear(const idf_linear *a, const idf_linear *b)
{
  bool same = true;
  for (unsigned p = 0; p < IDF_LINEAR_PLANES; p++) {
    const idf_linear_plane *x = &a->plane[p], *y = &b->plane[p];
    const size_t pairs = (size_t)idf_linear_regressors(p) / 2;
    same = same && memcmp(x->threshold, y->threshold, sizeof x->threshold) == 0
           && memcmp(x->weight, y->weight, (9 + p) * sizeof *x->weight) == 0
           && memcmp(x->adjust, y->adjust, IDF_LINEAR_BINS * sizeof *x->adjust) == 0
           && memcmp(x->coef, y->coef, pairs * sizeof *x->coef) == 0;
  }
  return same;
}

static void feature_set_2_is_linear(void)
{
  for (int kind = 0; kind < FLOWKIT_MODELS; kind++) {
    linear_case c;
    idf_model *model;
    open_linear(&c, 9, kind);
    idf_mem *mem = &c.blob.mem;
    const idf_buf *blob = &c.blob.blob;
    CU_ASSERT_EQUAL_FATAL(idf_model_parse(mem, blob->data, blob->len, &model), IDF_OK);
    CU_ASSERT_FATAL(idf_model_linear(model) != NULL);
    CU_ASSERT_TRUE(same_linear(idf_model_linear(model), &c.want));
    CU_ASSERT_STRING_EQUAL(idf_model_title(model), "made up, linear");
    uint8_t hash[32];
    idf_sha256(blob->data, blob->len, hash);
    CU_ASSERT_EQUAL(memcmp(hash, idf_model_hash(model), 32), 0);
    idf_model_release(mem, model);
    close_case(&c.blob);
  }
}

static void networks_are_not_linear(void)
{
  blob_case c;
  idf_model *model;
  open_case(&c);
  CU_ASSERT_EQUAL_FATAL(idf_model_parse(&c.mem, c.blob.data, c.blob.len, &model), IDF_OK);
  CU_ASSERT_PTR_NULL(idf_model_linear(model));
  idf_model_release(&c.mem, model);
  close_case(&c);
}

static void linear_blobs_have_one_length(void)
{
  linear_case c;
  open_linear(&c, 10, FLOWKIT_FULL);
  for (size_t len = 0; len < FLOWKIT_LINEAR_BYTES; len++)
    CU_ASSERT_EQUAL(parse(&c.blob, len), len < 8 ? IDF_ERR_NOT_IDF : IDF_ERR_TRUNCATED);
  CU_ASSERT_EQUAL(parse(&c.blob, FLOWKIT_LINEAR_BYTES), IDF_OK);
  for (int more = 1; more < 4; more++) {
    idf_put_u8(&c.blob.blob, 0);
    CU_ASSERT_EQUAL(parse(&c.blob, c.blob.blob.len), IDF_ERR_CORRUPT);
  }
  /* Nor is it a network of feature set 1. */
  c.blob.blob.data[AT_FEATURES] = 1;
  CU_ASSERT_NOT_EQUAL(parse(&c.blob, FLOWKIT_LINEAR_BYTES), IDF_OK);
  c.blob.blob.data[AT_FEATURES] = 2;
  for (int more = 1; more < 256; more++) { /* it has no networks to count */
    c.blob.blob.data[AT_MORE] = (uint8_t)more;
    CU_ASSERT_EQUAL(parse(&c.blob, FLOWKIT_LINEAR_BYTES), IDF_ERR_CORRUPT);
  }
  close_case(&c.blob);
}

/* Each weight and adjustment of each plane at the ends of its range, and a step beyond. */
static void linear_ranges_are_kept(void)
{
  static const int32_t weights[] = {0, 255, -1, 256, INT16_MIN, INT16_MAX};
  static const int32_t adjusts[] = {-168, 168, -169, 169, INT16_MIN, INT16_MAX};
  linear_case c;
  open_linear(&c, 11, FLOWKIT_SMALL);
  size_t at = AT_WIDTHS;
  for (unsigned p = 0; p < IDF_LINEAR_PLANES; p++) {
    const unsigned count = 9 + p + IDF_LINEAR_BINS;
    at += 2 * IDF_LINEAR_THRESHOLDS;
    for (unsigned i = 0; i < count; i++, at += 2) {
      uint8_t *v = c.blob.blob.data + at, keep[2];
      memcpy(keep, v, 2);
      for (int k = 0; k < 6; k++) {
        const uint32_t value = (uint32_t)(i < 9 + p ? weights[k] : adjusts[k]) & 0xffff;
        v[0] = (uint8_t)(value & 0xff);
        v[1] = (uint8_t)(value >> 8);
        CU_ASSERT_EQUAL(parse(&c.blob, FLOWKIT_LINEAR_BYTES), k < 2 ? IDF_OK : IDF_ERR_CORRUPT);
      }
      memcpy(v, keep, 2);
    }
    at += 2 * IDF_LINEAR_CLASSES * (size_t)idf_linear_regressors(p);
  }
  CU_ASSERT_EQUAL(at, FLOWKIT_LINEAR_BYTES);
  CU_ASSERT_EQUAL(parse(&c.blob, FLOWKIT_LINEAR_BYTES), IDF_OK);
  c.blob.mem.fail_in = 0;
  CU_ASSERT_EQUAL(parse(&c.blob, FLOWKIT_LINEAR_BYTES), IDF_ERR_MEMORY);
  c.blob.mem.fail_in = -1;
  close_case(&c.blob);
}

/* Biases alone are limited: with them no sum can leave 32 bits. */
static void biases_beyond_the_bound_are_refused(void)
{
  static const int32_t values[] = {IDF_NET_BIAS_MAX,      -IDF_NET_BIAS_MAX, IDF_NET_BIAS_MAX + 1,
                                   -IDF_NET_BIAS_MAX - 1, INT32_MAX,         INT32_MIN};
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
  CU_ASSERT_EQUAL_FATAL(idf_model_parse(&c.mem, c.blob.data, c.blob.len, &model), IDF_OK);
  CU_ASSERT_STRING_EQUAL(idf_model_title(model), "abcdefghijklmnopqrst");
  idf_model_release(&c.mem, model);
  c.blob.data[AT_TITLE + 3] = 27;
  CU_ASSERT_EQUAL_FATAL(idf_model_parse(&c.mem, c.blob.data, c.blob.len, &model), IDF_OK);
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
      {"built-in models are their files", built_in_models_are_their_files},
      {"any other length is refused", any_other_length_is_refused},
      {"odd headers are refused", odd_headers_are_refused},
      {"feature set 2 is linear", feature_set_2_is_linear},
      {"networks are not linear", networks_are_not_linear},
      {"linear blobs have one length", linear_blobs_have_one_length},
      {"linear ranges are kept", linear_ranges_are_kept},
      {"biases beyond the bound are refused", biases_beyond_the_bound_are_refused},
      {"titles end at what is not text", titles_end_at_what_is_not_text},
      {"every refused allocation is reported", every_refused_allocation_is_reported},
      {NULL, NULL}};
  return idf_unit_suite("model", tests);
}
