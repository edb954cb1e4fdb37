/* SPDX-License-Identifier: BSD-3-Clause
 *
 * test_adaptive.c: every level has predictors of its own, a coupling is undone whatever they say,
 * and the adaptive one takes no part of the state that it does not give back.
 */
#include <string.h>

#include "coupling.h"
#include "flowkit.h"
#include "predictor.h"
#include "unit.h"

int idf_suite_adaptive(void);

#if defined(IDF_WITH_128)
extern const idf_predictor idf_adaptive_predictor_128, idf_linear_predictor_128;
#endif
#if defined(IDF_WITH_X86)
extern const idf_predictor idf_adaptive_predictor_avx2, idf_linear_predictor_avx2;
extern const idf_predictor idf_adaptive_predictor_avx512, idf_linear_predictor_avx512;
#endif

static const idf_predictor *const predictors[] = {
    &idf_adaptive_predictor,        &idf_linear_predictor,
#if defined(IDF_WITH_128)
    &idf_adaptive_predictor_128,    &idf_linear_predictor_128,
#endif
#if defined(IDF_WITH_X86)
    &idf_adaptive_predictor_avx2,   &idf_linear_predictor_avx2,
    &idf_adaptive_predictor_avx512, &idf_linear_predictor_avx512,
#endif
};
#define PREDICTORS (sizeof predictors / sizeof *predictors)

static void every_predictor_is_whole_and_of_its_own(void)
{
  for (size_t i = 0; i < PREDICTORS; i++) {
    const idf_predictor *p = predictors[i];
    CU_ASSERT_TRUE(p->propose && p->settle);
    CU_ASSERT_TRUE(!p->init == !p->free && !p->block_start == !p->block_end);
    CU_ASSERT_TRUE(!p->plane_start == !p->learn);
    for (size_t k = 0; k < i; k++)
      CU_ASSERT_TRUE(p->propose != predictors[k]->propose && p->settle != predictors[k]->settle);
  }
}

/* Each refused allocation in turn; what was taken is given back. */
static void what_is_taken_is_given_back(void)
{
  idf_mem mem;
  idf_mem_init(&mem, UINT64_MAX);
  const idf_job job = {.mem = &mem, .kernels = idf_kernels_of(IDF_SIMD_NONE)};
  const idf_flow_shape shape = flowkit_shape(300, 5, 3, 0, 255);
  const idf_flow flow = {.job = &job, .shape = &shape};
  idf_wave *w = idf_alloc(&mem, 1, sizeof *w);
  CU_ASSERT_PTR_NOT_NULL_FATAL(w);
  const uint64_t used = mem.used;
  int64_t n = 0;
  for (idf_status status = IDF_ERR_MEMORY; status != IDF_OK && n < 100; n++) {
    *w = (idf_wave){.flow = &flow,
                    .shape = &shape,
                    .kernels = job.kernels,
                    .mem = &mem,
                    .planes = 3,
                    .strips = 13,
                    .sites = {.strip = 24}};
    mem.fail_in = n;
    status = idf_adaptive_predictor.init(w);
    mem.fail_in = -1;
    CU_ASSERT_TRUE(status == IDF_OK || status == IDF_ERR_MEMORY);
    CU_ASSERT_TRUE(status != IDF_OK || mem.used > used);
    idf_adaptive_predictor.free(w);
    CU_ASSERT_EQUAL(mem.used, used);
  }
  CU_ASSERT_TRUE(n > 5 && n < 100);
  idf_free(&mem, w);
  CU_ASSERT_EQUAL(mem.used, 0);
}

/* Samples to latents and back, for any centres: some lanes, whole blocks, and a latent too far. */
static void the_coupling_undoes_itself(void)
{
  enum { WIDTH = 40, HEIGHT = 20, STRIP = 8 };
  static int32_t in[WIDTH * HEIGHT], out[WIDTH * HEIGHT];
  for (uint64_t seed = 0; seed < 100; seed++) {
    idf_unit_random r = idf_unit_random_of(seed);
    idf_sites s = {.strip = STRIP, .min = -300, .max = 300};
    for (int i = 0; i < WIDTH * HEIGHT; i++) {
      in[i] = flowkit_between(&r, s.min, s.max);
      out[i] = INT32_MIN;
    }
    s.row = flowkit_between(&r, 4, HEIGHT - 1);
    s.column = flowkit_between(&r, 0, STRIP - 1);
    s.lo = flowkit_between(&r, 0, 2);
    s.hi = 5;
    for (int k = 0; k < IDF_SITES; k++)
      s.centre[k] = flowkit_between(&r, s.min, s.max);
    const idf_places at = idf_places_of(&s, WIDTH, HEIGHT);
    idf_coupling_forward(&s, &at, in);
    memset(s.sample, 0, sizeof s.sample);
    IDF_UNIT_SEEDED(&r, idf_coupling_inverse(&s, &at, out) == IDF_OK);
    for (int y = 0; y < HEIGHT; y++)
      for (int x = 0; x < WIDTH; x++) {
        const int k = s.row - y;
        const bool there = k >= s.lo && k < s.hi && x == s.column + STRIP * k;
        IDF_UNIT_SEEDED(&r, out[y * WIDTH + x] == (there ? in[y * WIDTH + x] : INT32_MIN));
      }
    s.latent[s.lo] = s.max + 1 - s.centre[s.lo];
    IDF_UNIT_SEEDED(&r, idf_coupling_inverse(&s, &at, out) == IDF_ERR_CORRUPT);
    s.latent[s.lo] = s.min - 1 - s.centre[s.lo];
    IDF_UNIT_SEEDED(&r, idf_coupling_inverse(&s, &at, out) == IDF_ERR_CORRUPT);
  }
}

int idf_suite_adaptive(void)
{
  static const idf_unit_test tests[] = {
      {"every predictor is whole and of its own", every_predictor_is_whole_and_of_its_own},
      {"what is taken is given back", what_is_taken_is_given_back},
      {"the coupling undoes itself", the_coupling_undoes_itself},
      {NULL, NULL},
  };
  return idf_unit_suite("adaptive", tests);
}
