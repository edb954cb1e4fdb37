/* SPDX-License-Identifier: BSD-3-Clause
 *
 * test_linear_fit.c: what is solved for in a tile predicts it nearly as well as what drew it,
 * is the same at every level, keeps flat areas flat, and survives being sent.
 */
#include "linear_fit.h"

#include <string.h>

#include "flowkit.h"
#include "latent.h"
#include "model_net.h"

int idf_suite_linear_fit(void);

enum { WIDTH = 200, HEIGHT = 120, CELLS = WIDTH * HEIGHT, NOISE = 6, RANGE = 1023 };

typedef struct drawing {
  int32_t plane[IDF_FLOW_PLANES][CELLS];
  const int32_t *view[IDF_FLOW_PLANES];
  idf_flow_shape shape;
} drawing;

/* N + 0.9 (NW - W), a pull to the middle, and noise: columns that differ by turns, for which no
 * model was made. Later planes are that beside the plane before. In units. */
static drawing *draw(idf_mem *mem, unsigned planes, unsigned unit, uint64_t seed)
{
  idf_unit_random r = idf_unit_random_of(seed);
  drawing *d = idf_alloc(mem, 1, sizeof *d);
  CU_ASSERT_PTR_NOT_NULL_FATAL(d);
  d->shape =
      (idf_flow_shape){.width = WIDTH, .height = HEIGHT, .planes = planes, .unit_shift = unit};
  for (unsigned p = 0; p < planes; p++) {
    d->shape.max[p] = (RANGE + 1) * (1 << unit) - 1;
    d->view[p] = d->plane[p];
    for (int i = 0; i < CELLS; i++) {
      const int noise = flowkit_between(&r, -NOISE, NOISE);
      int32_t *s = &d->plane[p][i];
      *s = 512 + noise;
      if (i % WIDTH != 0 && i >= WIDTH)
        *s = (63 * (10 * s[-WIDTH] + 9 * s[-WIDTH - 1] - 9 * s[-1]) / 10 + 512) / 64 + noise;
    }
  }
  for (unsigned p = 0; p < planes; p++)
    for (int i = 0; i < CELLS; i++) {
      const int32_t before = p > 0 ? d->plane[p - 1][i] - 512 * (1 << unit) : 0;
      d->plane[p][i] = idf_clamp(d->plane[p][i] * (1 << unit) + before, 0, d->shape.max[p]);
    }
  return d;
}

static idf_model *built_in(idf_mem *mem, const idf_linear **linear)
{
  idf_model *model;
  CU_ASSERT_EQUAL_FATAL(idf_model_built_in(mem, 0, &model), IDF_OK);
  *linear = idf_model_linear(model);
  CU_ASSERT_PTR_NOT_NULL_FATAL(*linear);
  return model;
}

/* Squares of what predictions miss by, in units, away from the borders. */
typedef struct misses {
  const drawing *d;
  double sum[IDF_FLOW_PLANES];
} misses;

static idf_status miss(void *context, unsigned plane, idf_sites *sites)
{
  misses *m = context;
  for (int k = sites->lo; k < sites->hi; k++) {
    const int x = sites->column + sites->strip * k, y = sites->row - k;
    const double off = sites->sample[k] - sites->mu[k] / 64.0;
    if (x >= 8 && x < WIDTH - 8 && y >= 8)
      m->sum[plane] += off * off / ((WIDTH - 16) * (HEIGHT - 8)) / (1 << 2 * sites->unit);
  }
  return IDF_OK;
}

static misses left_over(idf_mem *mem, const drawing *d, const idf_linear *linear)
{
  misses m = {.d = d};
  const idf_job job = {.mem = mem, .kernels = idf_kernels_of(IDF_SIMD_NONE)};
  const idf_flow flow = {
      .job = &job, .shape = &d->shape, .linear = linear, .latents = miss, .context = &m};
  CU_ASSERT_EQUAL(idf_flow_forward(&flow, d->view), IDF_OK);
  return m;
}

static void the_solution_predicts_the_tile(void)
{
  const double noise = ((2 * NOISE + 1) * (2 * NOISE + 1) - 1) / 12.0;
  idf_mem mem;
  idf_mem_init(&mem, UINT64_MAX);
  const idf_linear *linear;
  idf_model *model = built_in(&mem, &linear);
  for (unsigned unit = 0; unit < 7; unit += 3) {
    drawing *d = draw(&mem, 3, unit, 1 + unit);
    idf_linear_fit fit;
    idf_linear own;
    CU_ASSERT_TRUE(idf_linear_worth(&d->shape));
    CU_ASSERT_EQUAL(
        idf_linear_solve(&mem, idf_kernels_of(IDF_SIMD_AUTO), &d->shape, d->view, linear, &fit),
        IDF_OK);
    CU_ASSERT_TRUE(idf_linear_apply(linear, &fit, 3, &own));
    const misses with = left_over(&mem, d, &own), without = left_over(&mem, d, linear);
    for (unsigned p = 0; p < 3; p++) {
      /* Classes with few samples keep what the model says. */
      CU_ASSERT_TRUE(with.sum[p] < 3.2 * noise);
      CU_ASSERT_TRUE(with.sum[p] < 0.1 * without.sum[p]);
      CU_ASSERT_TRUE(fit.fitted[p] != 0 && fit.scale[p] < IDF_SCALES);
    }
    idf_free(&mem, d);
  }
  idf_model_release(&mem, model);
  CU_ASSERT_EQUAL(mem.used, 0);
}

static void every_level_finds_the_same(void)
{
  idf_mem mem;
  idf_mem_init(&mem, UINT64_MAX);
  const idf_linear *linear;
  idf_model *model = built_in(&mem, &linear);
  for (uint64_t seed = 0; seed < 12; seed++) {
    idf_unit_random r = idf_unit_random_of(seed);
    const unsigned planes = 1 + (unsigned)(seed % 3);
    drawing *d = draw(&mem, planes, (unsigned)seed % 4 * 2, 10 + seed);
    idf_linear made, own;
    idf_linear_fit want, have;
    flowkit_linear(&made, &r, (int)(seed / 3 % FLOWKIT_MODELS));
    const idf_linear *from = seed < 3 ? linear : &made;
    CU_ASSERT_EQUAL(
        idf_linear_solve(&mem, idf_kernels_of(IDF_SIMD_NONE), &d->shape, d->view, from, &want),
        IDF_OK);
    /* What is found is sent, so it must be something that can be. */
    IDF_UNIT_SEEDED(&r, idf_linear_apply(from, &want, planes, &own));
    for (unsigned level = IDF_SIMD_128; level < IDF_SIMD_LEVELS; level++) {
      const idf_kernels *kernels = idf_kernels_of((idf_simd)level);
      if (!kernels)
        continue;
      CU_ASSERT_EQUAL(idf_linear_solve(&mem, kernels, &d->shape, d->view, from, &have), IDF_OK);
      IDF_UNIT_SEEDED(&r, memcmp(&want, &have, sizeof want) == 0);
    }
    idf_free(&mem, d);
  }
  idf_model_release(&mem, model);
  CU_ASSERT_EQUAL(mem.used, 0);
}

/* Whether each class's own coefficients make 1 and those in an earlier plane 0, so that of equal
 * samples the same is expected. */
static bool stays_flat(const idf_linear *linear)
{
  bool flat = true;
  for (unsigned p = 0; p < IDF_LINEAR_PLANES; p++)
    for (int c = 0; c < IDF_LINEAR_CLASSES; c++) {
      int32_t sum[IDF_LINEAR_PLANES] = {0};
      for (int i = 0; i < idf_linear_regressors(p); i++) {
        int dx, dy;
        sum[idf_linear_tap(p, i, &dx, &dy)] += linear->plane[p].coef[i / 2][c][i % 2];
      }
      for (unsigned q = 0; q <= p; q++)
        flat = flat && sum[q] == (q == p ? 1 << IDF_Q_COEF : 0);
    }
  return flat;
}

static void flat_areas_stay_flat(void)
{
  idf_mem mem;
  idf_mem_init(&mem, UINT64_MAX);
  const idf_linear *linear;
  idf_model *model = built_in(&mem, &linear);
  CU_ASSERT_TRUE(stays_flat(linear));
  for (uint64_t seed = 0; seed < 9; seed++) {
    idf_unit_random r = idf_unit_random_of(seed);
    drawing *d = draw(&mem, 3, 0, 30 + seed);
    idf_linear_fit fit;
    idf_linear own;
    for (unsigned p = 0; p < 3 && seed >= 3; p++) /* pictures of all kinds beside */
      for (int i = 0; i < CELLS; i++)
        d->plane[p][i] = flowkit_sample(&r, (int)(seed % FLOWKIT_KINDS), (uint32_t)(i % WIDTH),
                                        (uint32_t)(i / WIDTH), 0, 255);
    IDF_UNIT_SEEDED(
        &r, idf_linear_solve(&mem, idf_kernels_of(IDF_SIMD_AUTO), &d->shape, d->view, linear, &fit)
                == IDF_OK);
    IDF_UNIT_SEEDED(&r, idf_linear_apply(linear, &fit, 3, &own) && stays_flat(&own));
    IDF_UNIT_SEEDED(&r, seed >= 3 || memcmp(&own, linear, sizeof own) != 0);
    idf_free(&mem, d);
  }
  idf_model_release(&mem, model);
  CU_ASSERT_EQUAL(mem.used, 0);
}

/* ---- being sent ---------------------------------------------------------------------------- */

static void some_fit(idf_linear_fit *fit, unsigned planes, idf_unit_random *r)
{
  memset(fit, 0, sizeof *fit);
  for (unsigned p = 0; p < planes; p++) {
    const uint32_t how = idf_unit_below(r, 4); /* none, all, or some classes */
    const int32_t most = (1 << flowkit_between(r, 0, 11)) - 1;
    fit->fitted[p] = (uint16_t)(how == 0 ? 0 : how == 1 ? 0xffff : idf_unit_below(r, 0x10000));
    if (fit->fitted[p] == 0)
      continue;
    fit->scale[p] = (uint8_t)idf_unit_below(r, IDF_SCALES);
    for (int c = 0; c < IDF_LINEAR_CLASSES; c++)
      for (int i = 0; i < idf_linear_regressors(p) && (fit->fitted[p] >> c & 1); i++)
        fit->delta[p][c][i] =
            (int16_t)(idf_unit_below(r, 8) == 0
                          ? (idf_unit_next(r) & 1 ? IDF_LINEAR_DELTA_MAX : -IDF_LINEAR_DELTA_MAX)
                          : flowkit_between(r, -most, most));
  }
}

static void put(const idf_linear_fit *fit, unsigned planes, idf_mem *mem, idf_buf *stream)
{
  idf_rans_enc enc;
  idf_rans_enc_init(&enc, mem, 3);
  idf_linear_put(fit, planes, &enc);
  idf_rans_put_bits(&enc, 0, 0x2a, 6); /* what follows is not touched */
  idf_rans_put_bits(&enc, 2, 0x15, 5);
  CU_ASSERT_EQUAL_FATAL(idf_rans_finish(&enc, stream), IDF_OK);
  idf_rans_enc_free(&enc);
}

static void differences_survive_being_sent(void)
{
  idf_mem mem;
  idf_mem_init(&mem, UINT64_MAX);
  for (uint64_t seed = 0; seed < 60; seed++) {
    idf_unit_random r = idf_unit_random_of(seed);
    const unsigned planes = 1 + (unsigned)(seed % 3);
    idf_linear_fit sent, got[2];
    idf_buf stream;
    idf_rans_dec dec;
    idf_buf_init(&stream, &mem);
    some_fit(&sent, planes, &r);
    put(&sent, planes, &mem, &stream);
    double bits = 1000;
    memset(got, 0x5a, sizeof got);
    for (int i = 0; i < 2; i++) { /* with and without an account */
      CU_ASSERT_EQUAL_FATAL(idf_rans_dec_init(&dec, stream.data, stream.len, 3), IDF_OK);
      IDF_UNIT_SEEDED(&r, idf_linear_get(&got[i], planes, &dec, i ? &bits : NULL) && !dec.bad);
      IDF_UNIT_SEEDED(&r, idf_rans_bits(&dec, 0, 6) == 0x2a && idf_rans_bits(&dec, 2, 5) == 0x15);
      IDF_UNIT_SEEDED(&r, idf_rans_dec_finish(&dec) == IDF_OK);
      IDF_UNIT_SEEDED(&r, memcmp(&sent, &got[i], sizeof sent) == 0);
    }
    /* Beside it there are three states and eleven bits; words are whole. */
    const double cost = bits - 1000 + 11, length = 8.0 * (double)stream.len;
    IDF_UNIT_SEEDED(&r, length > cost && length < cost * 1.001 + 3 * 64);
    for (size_t len = 0; len < stream.len; len += len < 64 ? 1 : 13) {
      /* At its own size, so that a sanitizer sees a read beyond the end. */
      uint8_t *cut = malloc(IDF_MAX(len, 1));
      CU_ASSERT_PTR_NOT_NULL_FATAL(cut);
      memcpy(cut, stream.data, len);
      bool told = idf_rans_dec_init(&dec, cut, len, 3) != IDF_OK;
      if (!told) {
        (void)idf_linear_get(&got[0], planes, &dec, NULL);
        (void)idf_rans_bits(&dec, 0, 6);
        (void)idf_rans_bits(&dec, 2, 5);
        told = dec.bad;
      }
      IDF_UNIT_SEEDED(&r, told);
      free(cut);
    }
    idf_buf_free(&stream);
  }
  CU_ASSERT_EQUAL(mem.used, 0);
}

static idf_rans_enc start(idf_mem *mem)
{
  idf_rans_enc enc;
  idf_rans_enc_init(&enc, mem, 1);
  return enc;
}

/* What comes of what was put. */
static bool taken(idf_rans_enc *enc, idf_linear_fit *fit)
{
  idf_rans_dec dec;
  idf_buf stream;
  idf_buf_init(&stream, enc->mem);
  CU_ASSERT_EQUAL_FATAL(idf_rans_finish(enc, &stream), IDF_OK);
  CU_ASSERT_EQUAL_FATAL(idf_rans_dec_init(&dec, stream.data, stream.len, 1), IDF_OK);
  const bool good = idf_linear_get(fit, 1, &dec, NULL);
  CU_ASSERT_FALSE(dec.bad);
  idf_rans_enc_free(enc);
  idf_buf_free(&stream);
  return good;
}

static void scales_are_of_the_table(void)
{
  idf_mem mem;
  idf_mem_init(&mem, UINT64_MAX);
  for (unsigned scale = 0; scale < 256; scale++) {
    idf_linear_fit sent = {.fitted = {1}, .scale = {(uint8_t)scale}}, got;
    for (int i = 0; i < IDF_LINEAR_OWN; i++)
      sent.delta[0][0][i] = (int16_t)(i * (int)scale - 8 * (int)scale);
    idf_rans_enc enc = start(&mem);
    idf_linear_put(&sent, 1, &enc);
    const bool good = taken(&enc, &got);
    CU_ASSERT_EQUAL(good, scale < IDF_SCALES);
    CU_ASSERT_TRUE(!good || memcmp(&sent, &got, sizeof sent) == 0);
  }
  CU_ASSERT_EQUAL(mem.used, 0);
}

/* The escape of the first difference has room for one more than there are. */
static void differences_are_of_their_range(void)
{
  idf_mem mem;
  idf_mem_init(&mem, UINT64_MAX);
  for (int32_t escape = 4095; escape >= 0; escape -= escape > 4090 ? 1 : 65) {
    idf_linear_fit got;
    idf_rans_enc enc = start(&mem);
    idf_rans_put_bits(&enc, 0, 1, 16);
    idf_rans_put_bits(&enc, 0, 30, 8);
    idf_rans_put(&enc, 0, (idf_interval){65534, 2});
    idf_rans_put_bits(&enc, 0, (uint32_t)escape, 12);
    for (int i = 1; i < IDF_LINEAR_OWN; i++) /* whatever the others are */
      idf_rans_put_bits(&enc, 0, 0x7000, 16);
    const bool good = taken(&enc, &got);
    CU_ASSERT_EQUAL(good, escape <= 2 * IDF_LINEAR_DELTA_MAX);
    CU_ASSERT_TRUE(!good || got.delta[0][0][0] == escape - IDF_LINEAR_DELTA_MAX);
  }
  CU_ASSERT_EQUAL(mem.used, 0);
}

/* One difference that just can, or just cannot, be added. */
static void coefficients_stay_within_sixteen_bits(void)
{
  for (uint64_t seed = 0; seed < 2000; seed++) {
    idf_unit_random r = idf_unit_random_of(seed);
    idf_linear model, own;
    idf_linear_fit fit;
    flowkit_linear(&model, &r, FLOWKIT_SMALL);
    memset(&fit, 0, sizeof fit);
    const unsigned p = idf_unit_below(&r, 3), planes = 1 + idf_unit_below(&r, 3);
    const unsigned c = idf_unit_below(&r, 16);
    const uint32_t i = idf_unit_below(&r, (uint32_t)idf_linear_regressors(p));
    const bool up = idf_unit_next(&r) & 1, over = idf_unit_next(&r) & 1;
    const bool counts = idf_unit_below(&r, 4) != 0;
    const int32_t delta = (up ? 1 : -1) * flowkit_between(&r, 1, IDF_LINEAR_DELTA_MAX);
    const int32_t end = up ? 32767 + over : -32768 - over; /* what comes of it */
    model.plane[p].coef[i / 2][c][i % 2] = (int16_t)(end - 16 * delta);
    fit.delta[p][c][i] = (int16_t)delta;
    fit.fitted[p] = (uint16_t)(counts ? 1u << c : 0xffffu & ~(1u << c));
    const bool good = idf_linear_apply(&model, &fit, planes, &own);
    IDF_UNIT_SEEDED(&r, good == (!over || !counts || p >= planes));
    if (!good)
      continue;
    idf_linear want = model;
    if (counts && p < planes)
      want.plane[p].coef[i / 2][c][i % 2] = (int16_t)end;
    IDF_UNIT_SEEDED(&r, memcmp(&want, &own, sizeof own) == 0);
  }
}

/* ---- tiles that are, or are not, worth it ---------------------------------------------------- */

static void small_tiles_are_not_worth_it(void)
{
  static const struct {
    uint32_t width, height;
    bool worth;
  } cases[] = {{1, 4096, false}, {23, 4096, false}, {24, 4096, true}, {24, 682, false},
               {24, 683, true},  {128, 127, false}, {128, 128, true}, {4096, 4096, true},
               {4096, 4, true},  {4096, 3, false},  {4095, 4, false}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    idf_flow_shape shape = {.width = cases[i].width, .height = cases[i].height, .planes = 1};
    CU_ASSERT_EQUAL(idf_linear_worth(&shape), cases[i].worth);
  }
}

/* Thin ones have few samples that are looked at, or none; long ones rows without any. */
static void tiles_of_any_shape_are_solved(void)
{
  static const uint32_t sizes[][2] = {{4096, 4}, {4096, 5},   {24, 683}, {39, 500},
                                      {40, 500}, {4096, 900}, {25, 4096}};
  idf_mem mem;
  idf_mem_init(&mem, UINT64_MAX);
  const idf_linear *linear;
  idf_model *model = built_in(&mem, &linear);
  for (uint64_t seed = 0; seed < sizeof sizes / sizeof *sizes; seed++) {
    idf_unit_random r = idf_unit_random_of(seed);
    idf_flow_shape shape = flowkit_shape(sizes[seed][0], sizes[seed][1], 1 + (unsigned)(seed % 3),
                                         seed % 2 ? -65536 : 0, seed % 2 ? 65536 : 255);
    /* At their own size, so that a sanitizer sees a read beyond the end. */
    flowkit_planes planes = flowkit_planes_new(&mem, &shape);
    idf_linear_fit fit;
    idf_linear own;
    flowkit_fill(&planes, &shape, &r, seed % 2 ? FLOWKIT_BLACK_WHITE : FLOWKIT_SLOPE);
    IDF_UNIT_SEEDED(&r, idf_linear_worth(&shape));
    IDF_UNIT_SEEDED(&r, idf_linear_solve(&mem, idf_kernels_of(IDF_SIMD_AUTO), &shape,
                                         flowkit_read_only(&planes), linear, &fit)
                            == IDF_OK);
    IDF_UNIT_SEEDED(&r, idf_linear_apply(linear, &fit, shape.planes, &own) && stays_flat(&own));
    for (unsigned p = 0; p < shape.planes; p++)
      IDF_UNIT_SEEDED(&r, (fit.fitted[p] != 0) == (shape.height > 4));
    flowkit_planes_free(&mem, &planes);
  }
  idf_model_release(&mem, model);
  CU_ASSERT_EQUAL(mem.used, 0);
}

static void memory_runs_out_cleanly(void)
{
  idf_mem mem;
  idf_mem_init(&mem, UINT64_MAX);
  const idf_linear *linear;
  idf_model *model = built_in(&mem, &linear);
  drawing *d = draw(&mem, 3, 0, 1);
  idf_linear_fit fit;
  const uint64_t before = mem.used;
  int64_t i = 0;
  for (;; i++) {
    mem.fail_in = i;
    idf_status status =
        idf_linear_solve(&mem, idf_kernels_of(IDF_SIMD_AUTO), &d->shape, d->view, linear, &fit);
    CU_ASSERT_EQUAL(mem.used, before);
    if (status == IDF_OK)
      break;
    CU_ASSERT_EQUAL(status, IDF_ERR_MEMORY);
  }
  CU_ASSERT_TRUE(i >= 1);
  mem.fail_in = -1;
  mem.limit = mem.used + 5000;
  CU_ASSERT_EQUAL(
      idf_linear_solve(&mem, idf_kernels_of(IDF_SIMD_AUTO), &d->shape, d->view, linear, &fit),
      IDF_ERR_LIMIT);
  idf_free(&mem, d);
  idf_model_release(&mem, model);
  CU_ASSERT_EQUAL(mem.used, 0);
}

int idf_suite_linear_fit(void)
{
  static const idf_unit_test tests[] = {
      {"the solution predicts the tile", the_solution_predicts_the_tile},
      {"every level finds the same", every_level_finds_the_same},
      {"flat areas stay flat", flat_areas_stay_flat},
      {"differences survive being sent", differences_survive_being_sent},
      {"scales are of the table", scales_are_of_the_table},
      {"differences are of their range", differences_are_of_their_range},
      {"coefficients stay within sixteen bits", coefficients_stay_within_sixteen_bits},
      {"small tiles are not worth it", small_tiles_are_not_worth_it},
      {"tiles of any shape are solved", tiles_of_any_shape_are_solved},
      {"memory runs out cleanly", memory_runs_out_cleanly},
      {NULL, NULL}};
  return idf_unit_suite("linear_fit", tests);
}
