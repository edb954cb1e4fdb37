/* SPDX-License-Identifier: BSD-3-Clause
 *
 * test_streams.c: groups of planes come back, with every prior and predictor, by what the
 * stream says alone; and heads that no encoder writes are refused.
 */
#include "streams.h"

#include <string.h>

#include "flowkit.h"
#include "model_net.h"

int idf_suite_streams(void);

typedef struct group_case {
  idf_mem mem;
  idf_model *model;
  idf_flow_shape shape;
  flowkit_planes in, out;
  idf_buf stream;
} group_case;

/* Models from FLOWKIT_MODELS on are linear. */
static void open_group(group_case *c, idf_flow_shape shape, int model, idf_unit_random *r)
{
  *c = (group_case){.shape = shape};
  idf_mem_init(&c->mem, UINT64_MAX);
  idf_buf_init(&c->stream, &c->mem);
  if (model < FLOWKIT_MODELS) {
    c->model = flowkit_model(&c->mem, r, model);
  } else {
    idf_linear linear;
    flowkit_linear(&linear, r, model - FLOWKIT_MODELS);
    c->model = flowkit_model_linear(&c->mem, &linear);
  }
  c->in = flowkit_planes_new(&c->mem, &shape);
  c->out = flowkit_planes_new(&c->mem, &shape);
}

static void close_group(group_case *c)
{
  idf_model_release(&c->mem, c->model);
  flowkit_planes_free(&c->mem, &c->in);
  flowkit_planes_free(&c->mem, &c->out);
  idf_buf_free(&c->stream);
  CU_ASSERT_EQUAL(c->mem.used, 0);
}

static idf_job job_of(group_case *c)
{
  return (idf_job){.mem = &c->mem, .model = c->model, .kernels = idf_kernels_of(IDF_SIMD_AUTO)};
}

static idf_status encode(group_case *c)
{
  const idf_job job = job_of(c);
  idf_group g = {.shape = c->shape, .planes = c->in.plane};
  idf_buf_clear(&c->stream);
  return idf_stream_encode(&job, &g, &c->stream);
}

static idf_status decode(group_case *c, size_t len, idf_tile_report *report)
{
  const idf_job job = job_of(c);
  idf_group g = {.shape = c->shape, .planes = c->out.plane};
  idf_cur in = idf_cur_of(c->stream.data, len);
  idf_status status = idf_stream_decode(&job, &g, &in, report);
  return status == IDF_OK && idf_cur_left(&in) != 0 ? IDF_ERR_CORRUPT : status;
}

static bool same(const group_case *c)
{
  bool good = true;
  for (unsigned p = 0; p < c->shape.planes; p++)
    good = good && memcmp(c->in.plane[p], c->out.plane[p], c->in.n * sizeof(int32_t)) == 0;
  return good;
}

static void groups_come_back(void)
{
  for (uint64_t seed = 0; seed < 24; seed++) {
    idf_unit_random r = idf_unit_random_of(seed);
    const unsigned planes = 1 + (unsigned)(seed % 3);
    group_case c;
    idf_tile_report report = {0};
    open_group(&c, flowkit_shape(20 + 9 * (uint32_t)seed, 12, planes, 0, seed % 2 ? 255 : 4095),
               (int)(seed % (2 * FLOWKIT_MODELS)), &r);
    flowkit_fill(&c.in, &c.shape, &r, (int)(seed % FLOWKIT_KINDS));
    IDF_UNIT_SEEDED(&r, encode(&c) == IDF_OK);
    IDF_UNIT_SEEDED(&r, decode(&c, c.stream.len, NULL) == IDF_OK && same(&c));
    /* Slower, and measured: the same. */
    IDF_UNIT_SEEDED(&r, decode(&c, c.stream.len, &report) == IDF_OK && same(&c));
    double planes_bits = 0;
    for (unsigned p = 0; p < 4; p++)
      planes_bits += report.channel_bits[p];
    CU_ASSERT_DOUBLE_EQUAL(planes_bits, report.model_bits, 1e-6 * report.model_bits + 1e-6);
    CU_ASSERT_TRUE(report.model_bits <= 8.0 * (double)c.stream.len);
    close_group(&c);
  }
}

/* A plane that both sides have takes no bits, and helps those that follow it. */
static void what_is_known_is_not_coded(void)
{
  for (uint64_t seed = 0; seed < 6; seed++) {
    idf_unit_random r = idf_unit_random_of(seed);
    group_case c;
    open_group(&c, flowkit_shape(40 + 150 * (uint32_t)seed, 100, 3, 0, 255),
               (int)(seed % (2 * FLOWKIT_MODELS)), &r);
    flowkit_fill(&c.in, &c.shape, &r, FLOWKIT_SLOPE);
    for (size_t i = 0; i < c.in.n; i++)
      c.in.plane[0][i] = flowkit_between(&r, 0, 255);
    CU_ASSERT_EQUAL(encode(&c), IDF_OK);
    const size_t all = c.stream.len;
    const idf_job job = job_of(&c);
    idf_group g = {.shape = c.shape, .planes = c.in.plane, .known = 1};
    idf_buf_clear(&c.stream);
    CU_ASSERT_EQUAL(idf_stream_encode(&job, &g, &c.stream), IDF_OK);
    IDF_UNIT_SEEDED(&r, c.stream.len + c.in.n * 9 / 10 < all);
    for (unsigned slow = 0; slow < 2; slow++) {
      idf_tile_report report = {0};
      idf_cur in = idf_cur_of(c.stream.data, c.stream.len);
      g = (idf_group){.shape = c.shape, .planes = c.out.plane, .known = 1};
      memset(c.out.plane[1], 0, c.in.n * sizeof(int32_t));
      memset(c.out.plane[2], 0, c.in.n * sizeof(int32_t));
      memcpy(c.out.plane[0], c.in.plane[0], c.in.n * sizeof(int32_t));
      IDF_UNIT_SEEDED(&r, idf_stream_decode(&job, &g, &in, slow ? &report : NULL) == IDF_OK);
      IDF_UNIT_SEEDED(&r, idf_cur_left(&in) == 0 && same(&c));
      CU_ASSERT_EQUAL(report.channel_bits[0], 0);
    }
    close_group(&c);
  }
}

/* Sixteen colours at random: the occurrence prior is far shorter, and the stream says so. */
static void few_colours_take_the_occurrence_prior(void)
{
  idf_unit_random r = idf_unit_random_of(7);
  group_case c;
  open_group(&c, flowkit_shape(90, 60, 3, 0, 255), FLOWKIT_SMALL, &r);
  for (size_t i = 0; i < c.in.n; i++) {
    const int32_t colour = flowkit_between(&r, 0, 15);
    for (int p = 0; p < 3; p++)
      c.in.plane[p][i] = (colour * (37 + 50 * p) + 11) & 255;
  }
  CU_ASSERT_EQUAL(encode(&c), IDF_OK);
  CU_ASSERT_EQUAL(c.stream.data[0] & 1, 1);
  CU_ASSERT_TRUE(decode(&c, c.stream.len, NULL) == IDF_OK && same(&c));
  CU_ASSERT_TRUE(c.stream.len * 8 < c.in.n * 12);
  close_group(&c);
}

static void odd_heads_are_refused(void)
{
  static const uint8_t flags[] = {1, 2, 8, 9 << 4, 15 << 4};
  idf_unit_random r = idf_unit_random_of(8);
  group_case c;
  open_group(&c, flowkit_shape(30, 10, 1, 0, 255), FLOWKIT_SMALL, &r);
  flowkit_fill(&c.in, &c.shape, &r, FLOWKIT_SLOPE);
  CU_ASSERT_EQUAL(encode(&c), IDF_OK);
  const uint8_t good = c.stream.data[0];
  for (size_t i = 0; i < sizeof flags; i++) {
    c.stream.data[0] = flags[i];
    CU_ASSERT_EQUAL(decode(&c, c.stream.len, NULL), IDF_ERR_CORRUPT);
  }
  c.stream.data[0] = good;
  for (size_t len = 0; len < c.stream.len; len++)
    CU_ASSERT_EQUAL(decode(&c, len, NULL), IDF_ERR_TRUNCATED);
  CU_ASSERT_EQUAL(decode(&c, c.stream.len, NULL), IDF_OK);
  close_group(&c);
}

static void every_refused_allocation_is_survived(void)
{
  idf_unit_random r = idf_unit_random_of(9);
  group_case c;
  open_group(&c, flowkit_shape(90, 20, 3, 0, 255), FLOWKIT_SMALL, &r);
  flowkit_fill(&c.in, &c.shape, &r, FLOWKIT_SLOPE);
  int64_t n = 0;
  for (idf_status status = IDF_ERR_MEMORY; status != IDF_OK; n++) {
    idf_buf_free(&c.stream);
    const uint64_t used = c.mem.used;
    c.mem.fail_in = n;
    status = encode(&c);
    c.mem.fail_in = -1;
    if (status != IDF_OK)
      idf_buf_free(&c.stream); /* part of it may be there */
    CU_ASSERT_TRUE(status == IDF_OK || (status == IDF_ERR_MEMORY && c.mem.used == used));
    CU_ASSERT_FATAL(n < 200);
  }
  CU_ASSERT_TRUE(n > 10);
  const uint64_t used = c.mem.used;
  n = 0;
  for (idf_status status = IDF_ERR_MEMORY; status != IDF_OK; n++) {
    c.mem.fail_in = n;
    status = decode(&c, c.stream.len, NULL);
    c.mem.fail_in = -1;
    CU_ASSERT_TRUE((status == IDF_OK || status == IDF_ERR_MEMORY) && c.mem.used == used);
    CU_ASSERT_FATAL(n < 200);
  }
  CU_ASSERT_TRUE(n > 4 && same(&c));
  close_group(&c);
}

int idf_suite_streams(void)
{
  static const idf_unit_test tests[] = {
      {"groups come back", groups_come_back},
      {"what is known is not coded", what_is_known_is_not_coded},
      {"few colours take the occurrence prior", few_colours_take_the_occurrence_prior},
      {"odd heads are refused", odd_heads_are_refused},
      {"every refused allocation is survived", every_refused_allocation_is_survived},
      {NULL, NULL}};
  return idf_unit_suite("streams", tests);
}
