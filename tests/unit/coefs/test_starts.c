/* SPDX-License-Identifier: BSD-3-Clause
 *
 * test_starts.c: starts are weights that can be, none is worse than equal ones, and learning from
 * coefficients gives rows like them.
 */
#include "starts.h"

#include "coefkit.h"
#include "coefs_block.h"

int idf_suite_starts(void);

static const idf_coefs_shape *const shapes[IDF_COEFS_SHAPES] = {&idf_coefs_full, &idf_coefs_lean};

static void weights_can_be(void)
{
  for (unsigned s = 0; s < IDF_COEFS_SHAPES; s++) {
    const idf_coefs_shape *shape = shapes[s];
    const unsigned width = shape->contexts + 1;
    for (unsigned r = 0; r < shape->rows; r++) {
      int32_t sum = 0;
      for (unsigned i = 0; i < shape->contexts; i++) {
        const int16_t w = shape->start[r * width + i];
        CU_ASSERT_TRUE(w > -4096 && w < 12288); /* Q13: -0.5 to 1.5 */
        sum += w;
      }
      CU_ASSERT_TRUE(sum > -4096 && sum < 24576);
    }
  }
}

/* Each row has a set, none is beyond. */
static void every_row_is_used(void)
{
  for (unsigned s = 0; s < IDF_COEFS_SHAPES; s++) {
    bool used[IDF_STARTS_FULL] = {false};
    const idf_coefs_shape *shape = shapes[s];
    for (uint32_t set = 0; set < shape->sets; set++) {
      CU_ASSERT_FATAL(shape->row_of(set) < shape->rows);
      used[shape->row_of(set)] = true;
    }
    for (unsigned r = 0; r < shape->rows; r++)
      CU_ASSERT_TRUE(used[r]);
  }
}

static void learning_gives_means_of_weights(void)
{
  static const unsigned one[] = {1, 1};
  idf_unit_random r = idf_unit_random_of(41);
  idf_mem mem;
  idf_mem_init(&mem, UINT64_MAX);
  idf_coefs c = idf_coefkit_new(&mem, 2, one, one, 12, 12);
  idf_coefkit_fill(&c, &r);
  for (unsigned s = 0; s < IDF_COEFS_SHAPES; s++) {
    idf_coefs_learnt *sum = idf_alloc(&mem, shapes[s]->rows, sizeof *sum);
    CU_ASSERT_PTR_NOT_NULL_FATAL(sum);
    CU_ASSERT_EQUAL(idf_coefs_learn(&mem, &c, s, 0, sum), IDF_OK);
    unsigned seen = 0;
    for (unsigned i = 0; i < shapes[s]->rows; i++) {
      const int64_t weight = sum[i][IDF_BANK_CONTEXTS + 1];
      seen += weight > 0;
      for (unsigned k = 0; k < shapes[s]->contexts && weight > 0; k++)
        CU_ASSERT_TRUE(sum[i][k] / weight > -32768 && sum[i][k] / weight < 32768);
    }
    CU_ASSERT_TRUE(seen > shapes[s]->rows / 4);
    idf_free(&mem, sum);
  }
  idf_coefkit_free(&mem, &c);
  CU_ASSERT_EQUAL(mem.used, 0);
}

int idf_suite_starts(void)
{
  static const idf_unit_test tests[] = {
      {"weights can be", weights_can_be},
      {"every row is used", every_row_is_used},
      {"learning gives means of weights", learning_gives_means_of_weights},
      {NULL, NULL},
  };
  return idf_unit_suite("starts", tests);
}
