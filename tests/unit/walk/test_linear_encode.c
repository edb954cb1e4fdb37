/* SPDX-License-Identifier: BSD-3-Clause
 *
 * test_linear_encode.c: rows worked out from end to end leave, at every level, the stream that the
 * walk leaves which a decoder has to follow.
 */
#include "linear_encode.h"

#include <string.h>

#include "flowkit.h"
#include "latent.h"
#include "level.h"
#include "model_net.h"

int idf_suite_linear_encode(void);

typedef struct tape {
  idf_rans_enc enc;
  unsigned odd, even; /* samples without an interval of their own, and with */
} tape;

/* What an encoder does with the sites of a walk. */
static idf_status put(void *context, unsigned plane, idf_sites *sites)
{
  tape *t = context;
  (void)plane;
  for (int k = sites->hi - 1; k >= sites->lo; k--) {
    idf_site site = {.x = (uint32_t)(sites->column + sites->strip * k),
                     .y = (uint32_t)(sites->row - k)};
    idf_sites_prior(sites, k, &site.prior);
    const bool own = sites->sample[k] >= site.prior.lo && sites->sample[k] < site.prior.hi;
    *(own ? &t->even : &t->odd) += 1;
    idf_latent_put(&t->enc, site.y % t->enc.lanes, &site, sites->sample[k]);
  }
  return t->enc.bad ? IDF_ERR_MEMORY : IDF_OK;
}

/* Calm with, now and then, a sample that nobody expects; or as flowkit.h has them. */
enum { SPECKS = FLOWKIT_KINDS, KINDS };

typedef struct scene {
  idf_mem mem;
  idf_flow_shape shape;
  idf_linear linear;
  flowkit_planes in;
  unsigned lanes;
} scene;

static void open_scene(scene *s, uint64_t seed, idf_unit_random *r)
{
  static const uint32_t widths[] = {1,   7,   8,   9,   16,  17,  63,   65,   100, 120,
                                    128, 129, 255, 300, 513, 640, 1000, 1024, 1100};
  static const int32_t ranges[][2] = {{0, 255}, {-255, 255}, {0, 510}, {9, 9}, {0, 3}, {-510, 0}};
  const int32_t *range = ranges[seed % 6];
  const uint32_t width = widths[seed % 19], most = width < 200 ? 60 : 24;
  const int kind = (int)(seed % KINDS);
  idf_mem_init(&s->mem, UINT64_MAX);
  s->shape = flowkit_shape(width, 1 + idf_unit_below(r, most), 1 + idf_unit_below(r, 3), range[0],
                           range[1]);
  flowkit_linear(&s->linear, r, (int)(seed / 3 % FLOWKIT_MODELS));
  if (seed % 4 == 1) {
    idf_model *model;
    CU_ASSERT_EQUAL_FATAL(idf_model_built_in(&s->mem, 0, &model), IDF_OK);
    s->linear = *idf_model_linear(model);
    idf_model_release(&s->mem, model);
  }
  s->in = flowkit_planes_new(&s->mem, &s->shape);
  flowkit_fill(&s->in, &s->shape, r, kind == SPECKS ? FLOWKIT_SLOPE : kind);
  for (unsigned p = 0; p < s->shape.planes && kind == SPECKS; p++)
    for (size_t i = 0; i < s->in.n; i++)
      if (idf_unit_below(r, 300) == 0)
        s->in.plane[p][i] = idf_unit_next(r) & 1 ? range[0] : range[1];
  const uint32_t strip = (uint32_t)idf_strip_of(width);
  s->lanes = seed % 2 ? 1 : IDF_MIN((width + strip - 1) / strip, IDF_RANS_LANES);
}

static void close_scene(scene *s)
{
  flowkit_planes_free(&s->mem, &s->in);
  CU_ASSERT_EQUAL(s->mem.used, 0);
}

static idf_flow flow_of(scene *s, const idf_job *job)
{
  return (idf_flow){.job = job, .shape = &s->shape, .linear = &s->linear};
}

/* The stream of the walk at level none, which is the definition. */
static void stream_of_walk(scene *s, idf_buf *out, tape *t)
{
  idf_rans_enc_init(&t->enc, &s->mem, s->lanes);
  const idf_job job = {.mem = &s->mem, .kernels = idf_kernels_of(IDF_SIMD_NONE)};
  idf_flow flow = flow_of(s, &job);
  flow.latents = put;
  flow.context = t;
  CU_ASSERT_EQUAL(idf_flow_forward(&flow, flowkit_read_only(&s->in)), IDF_OK);
  CU_ASSERT_EQUAL(idf_rans_finish(&t->enc, out), IDF_OK);
  idf_rans_enc_free(&t->enc);
}

static idf_status stream_of_rows(scene *s, const idf_kernels *kernels, idf_buf *out)
{
  idf_rans_enc enc;
  idf_rans_enc_init(&enc, &s->mem, s->lanes);
  enc.sixteens = kernels->sixteens;
  const idf_job job = {.mem = &s->mem, .kernels = kernels};
  const idf_flow flow = flow_of(s, &job);
  CU_ASSERT_TRUE(idf_rows_fit(&flow));
  idf_status status = idf_level_of(kernels)->rows_put(&flow, flowkit_read_only(&s->in), &enc);
  if (status == IDF_OK)
    status = idf_rans_finish(&enc, out);
  idf_rans_enc_free(&enc);
  return status;
}

static void every_level_leaves_the_stream_of_the_walk(void)
{
  unsigned none = 0, some = 0, many = 0; /* cases by odd samples */
  for (uint64_t seed = 0; seed < 19 * 2 * 6; seed++) {
    idf_unit_random r = idf_unit_random_of(8000 + seed);
    scene s;
    tape t = {.odd = 0};
    idf_buf want;
    open_scene(&s, seed, &r);
    idf_buf_init(&want, &s.mem);
    stream_of_walk(&s, &want, &t);
    CU_ASSERT_EQUAL(t.odd + t.even, s.shape.width * s.shape.height * s.shape.planes);
    *(t.odd == 0 ? &none : t.odd * 20 < t.even ? &some : &many) += 1;
    for (unsigned level = IDF_SIMD_NONE; level < IDF_SIMD_LEVELS; level++) {
      const idf_kernels *kernels = idf_kernels_of((idf_simd)level);
      idf_buf have;
      if (!kernels)
        continue;
      idf_buf_init(&have, &s.mem);
      CU_ASSERT_EQUAL(stream_of_rows(&s, kernels, &have), IDF_OK);
      IDF_UNIT_SEEDED(&r, have.len == want.len && memcmp(have.data, want.data, want.len) == 0);
      idf_buf_free(&have);
    }
    idf_buf_free(&want);
    close_scene(&s);
  }
  CU_ASSERT_TRUE(none > 20 && some > 20 && many > 20);
}

static void memory_can_be_refused(void)
{
  idf_unit_random r = idf_unit_random_of(2);
  scene s;
  idf_buf out;
  open_scene(&s, 13, &r);
  CU_ASSERT_TRUE(s.shape.height > 8);
  idf_buf_init(&out, &s.mem);
  const uint64_t before = s.mem.used;
  int64_t n = 0;
  for (idf_status status = IDF_ERR_MEMORY; status != IDF_OK; n++) {
    s.mem.fail_in = n;
    status = stream_of_rows(&s, idf_kernels_of(IDF_SIMD_AUTO), &out);
    idf_buf_free(&out);
    CU_ASSERT_TRUE((status == IDF_OK || status == IDF_ERR_MEMORY) && s.mem.used == before);
    CU_ASSERT_FATAL(n < 100);
    s.mem.fail_in = -1;
  }
  CU_ASSERT_TRUE(n > 8);
  close_scene(&s);
}

static void others_are_left_to_the_walk(void)
{
  static const idf_linear linear;
  idf_flow_shape shape = flowkit_shape(10, 10, 3, -255, 255);
  idf_flow flow = {.shape = &shape};
  CU_ASSERT_FALSE(idf_rows_fit(&flow));
  flow.linear = &linear;
  CU_ASSERT_TRUE(idf_rows_fit(&flow));
  shape.max[2] = 256;
  CU_ASSERT_FALSE(idf_rows_fit(&flow));
  shape.planes = 2;
  CU_ASSERT_TRUE(idf_rows_fit(&flow));
  shape.occurrence = true;
  CU_ASSERT_FALSE(idf_rows_fit(&flow));
  shape.occurrence = false;
  shape.unit_shift = 1;
  CU_ASSERT_FALSE(idf_rows_fit(&flow));
}

int idf_suite_linear_encode(void)
{
  static const idf_unit_test tests[] = {
      {"every level leaves the stream of the walk", every_level_leaves_the_stream_of_the_walk},
      {"memory can be refused", memory_can_be_refused},
      {"others are left to the walk", others_are_left_to_the_walk},
      {NULL, NULL}};
  return idf_unit_suite("linear_encode", tests);
}
