/* SPDX-License-Identifier: BSD-3-Clause
 *
 * test_survey.c: the solution for a whole tile predicts it nearly as well as what drew it,
 * is the same at every level, and survives being sent.
 */
#include "survey.h"

#include <string.h>

#include "field.h"
#include "flowkit.h"
#include "kernels.h"

int idf_suite_survey(void);

enum { WIDTH = 200, HEIGHT = 120, CELLS = WIDTH * HEIGHT, NOISE = 6 };

typedef struct drawing {
  int32_t plane[IDF_FLOW_PLANES][CELLS];
  idf_flow_shape shape;
} drawing;

/* 0.9 W + 0.6 N - 0.5 NW, in later planes plus what the plane before departs from that, a
 * pull to the middle, and noise: no median of neighbours predicts it well. */
static drawing *draw(idf_mem *mem, unsigned planes, uint64_t seed)
{
  idf_unit_random r = idf_unit_random_of(seed);
  drawing *d = idf_alloc(mem, 1, sizeof *d);
  CU_ASSERT_PTR_NOT_NULL_FATAL(d);
  d->shape = (idf_flow_shape){ .width = WIDTH, .height = HEIGHT, .planes = planes };
  for (unsigned p = 0; p < planes; p++) {
    d->shape.max[p] = 1023;
    for (int i = 0; i < CELLS; i++) {
      const int x = i % WIDTH, noise = flowkit_between(&r, -NOISE, NOISE);
      int32_t *s = &d->plane[p][i];
      if (x == 0 || i < WIDTH) {
        *s = 512 + noise;
        continue;
      }
      int32_t v = (9 * s[-1] + 6 * s[-WIDTH] - 5 * s[-WIDTH - 1]) / 10;
      if (p > 0) {
        const int32_t *q = &d->plane[p - 1][i];
        v += *q - (9 * q[-1] + 6 * q[-WIDTH] - 5 * q[-WIDTH - 1]) / 10;
      }
      *s = idf_clamp((63 * v + 512) / 64 + noise, 0, 1023);
    }
  }
  return d;
}

static const int32_t *const *planes_of(const drawing *d, const int32_t *plane[IDF_FLOW_PLANES])
{
  for (unsigned p = 0; p < IDF_FLOW_PLANES; p++)
    plane[p] = d->plane[p];
  return plane;
}

static int32_t mean_at(const int32_t *s)
{
  return (s[-1] + s[-WIDTH] + s[1 - WIDTH] + s[-1 - WIDTH] + 2) >> 2;
}

/* Sum of squares of what the coefficients, or the median detector, leave of plane p. */
static double left_over(const drawing *d, unsigned p, const int16_t *coef)
{
  double sum = 0;
  for (int y = 8; y < HEIGHT; y++)
    for (int x = 8; x < WIDTH - 8; x++) {
      const int32_t *s = &d->plane[p][y * WIDTH + x], mean = mean_at(s);
      int64_t dot = 0;
      const int16_t *k = coef;
      for (int i = 0; coef != NULL && i < idf_own_taps(p); i++)
        dot += *k++ * (int64_t)(s[idf_taps_own[i][0] - idf_taps_own[i][1] * WIDTH] - mean);
      for (unsigned c = 0; coef != NULL && c < p; c++) {
        const int32_t *q = &d->plane[c][y * WIDTH + x];
        for (int i = 0; i < IDF_TAPS_CROSS; i++)
          dot += *k++
                 * (int64_t)(q[idf_taps_cross[i][0] - idf_taps_cross[i][1] * WIDTH] - mean_at(q));
      }
      double miss = coef != NULL ? *s - mean - (double)dot / 4096
                                 : *s - idf_med(s[-1], s[-WIDTH], s[-WIDTH - 1]);
      sum += miss * miss;
    }
  return sum / ((HEIGHT - 8) * (WIDTH - 16));
}

static void the_solution_predicts_the_tile(void)
{
  idf_mem mem;
  idf_mem_init(&mem, UINT64_MAX);
  drawing *d = draw(&mem, 3, 1);
  const int32_t *plane[IDF_FLOW_PLANES];
  idf_survey survey;
  CU_ASSERT_TRUE(idf_survey_worth(&d->shape));
  CU_ASSERT_EQUAL(
      idf_survey_solve(&mem, idf_kernels_best(), &d->shape, planes_of(d, plane), &survey), IDF_OK);
  const double noise = NOISE * (NOISE + 1) / 3.0; /* its variance */
  for (unsigned p = 0; p < 3; p++) {
    CU_ASSERT_TRUE(left_over(d, p, survey.coef[p]) < 1.2 * noise);
    CU_ASSERT_TRUE(left_over(d, p, survey.coef[p]) < 0.9 * left_over(d, p, NULL));
    for (int i = 0; i < IDF_LS_MAX; i++)
      CU_ASSERT_TRUE(survey.coef[p][i] % 4 == 0
                     && (i < idf_regressors(p) || survey.coef[p][i] == 0));
  }
  idf_free(&mem, d);
  CU_ASSERT_EQUAL(mem.used, 0);
}

static void every_level_finds_the_same(void)
{
  idf_mem mem;
  idf_mem_init(&mem, UINT64_MAX);
  for (unsigned planes = 1; planes <= 3; planes++) {
    drawing *d = draw(&mem, planes, 10 + planes);
    const int32_t *plane[IDF_FLOW_PLANES];
    idf_survey want, have;
    CU_ASSERT_EQUAL(idf_survey_solve(&mem, idf_kernels_of(IDF_LEVEL_NONE), &d->shape,
                                     planes_of(d, plane), &want), IDF_OK);
    for (unsigned level = 1; level < IDF_LEVELS; level++) {
      const idf_kernels *kernels = idf_kernels_of((idf_level)level);
      if (kernels == NULL)
        continue;
      CU_ASSERT_EQUAL(idf_survey_solve(&mem, kernels, &d->shape, plane, &have), IDF_OK);
      CU_ASSERT_EQUAL(memcmp(&want, &have, sizeof want), 0);
    }
    idf_free(&mem, d);
  }
  CU_ASSERT_EQUAL(mem.used, 0);
}

static void coefficients_survive_being_sent(void)
{
  idf_mem mem;
  idf_mem_init(&mem, UINT64_MAX);
  for (uint64_t seed = 0; seed < 50; seed++) {
    idf_unit_random r = idf_unit_random_of(seed);
    const unsigned planes = 1 + (unsigned)(seed % 3);
    idf_survey sent, got;
    idf_buf buf;
    idf_buf_init(&buf, &mem);
    memset(&sent, 0, sizeof sent);
    for (unsigned p = 0; p < planes; p++)
      for (int i = 0; i < idf_regressors(p); i++)
        sent.coef[p][i] = (int16_t)(seed == 0   ? 32764
                                    : seed == 1 ? -32768
                                                : flowkit_between(&r, -8192, 8191) * 4);
    idf_survey_put(&sent, planes, &buf);
    idf_cur cur = idf_cur_of(buf.data, buf.len), cut = idf_cur_of(buf.data, buf.len - 1);
    IDF_UNIT_SEEDED(&r, idf_survey_get(&got, planes, &cur) && idf_cur_left(&cur) == 0);
    IDF_UNIT_SEEDED(&r, memcmp(&sent, &got, sizeof sent) == 0);
    IDF_UNIT_SEEDED(&r, !idf_survey_get(&got, planes, &cut));
    idf_buf_free(&buf);
  }
  CU_ASSERT_EQUAL(mem.used, 0);
}

static void small_tiles_are_not_worth_it(void)
{
  static const struct {
    uint32_t width, height;
    bool worth;
  } cases[] = {{1, 4096, false}, {39, 4096, false}, {40, 4096, true}, {128, 127, false},
               {128, 128, true}, {4096, 4096, true}, {4096, 1, false}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    idf_flow_shape shape = { .width = cases[i].width, .height = cases[i].height, .planes = 1 };
    CU_ASSERT_EQUAL(idf_survey_worth(&shape), cases[i].worth);
  }
}

static void memory_runs_out_cleanly(void)
{
  idf_mem mem;
  idf_mem_init(&mem, UINT64_MAX);
  drawing *d = draw(&mem, 3, 1);
  const int32_t *plane[IDF_FLOW_PLANES];
  idf_survey survey;
  const uint64_t before = mem.used;
  int64_t i = 0;
  for (;; i++) {
    mem.fail_in = i;
    idf_status status = idf_survey_solve(&mem, idf_kernels_best(), &d->shape, planes_of(d, plane),
                                         &survey);
    CU_ASSERT_EQUAL(mem.used, before);
    if (status == IDF_OK)
      break;
    CU_ASSERT_EQUAL(status, IDF_ERR_MEMORY);
  }
  CU_ASSERT_TRUE(i > 3);
  mem.fail_in = -1;
  idf_free(&mem, d);
}

int idf_suite_survey(void)
{
  static const idf_unit_test tests[] = {
      {"the solution predicts the tile", the_solution_predicts_the_tile},
      {"every level finds the same", every_level_finds_the_same},
      {"coefficients survive being sent", coefficients_survive_being_sent},
      {"small tiles are not worth it", small_tiles_are_not_worth_it},
      {"memory runs out cleanly", memory_runs_out_cleanly},
      {NULL, NULL}};
  return idf_unit_suite("survey", tests);
}
