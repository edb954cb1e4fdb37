/* SPDX-License-Identifier: BSD-3-Clause
 *
 * test_mixer.c: the tables are what idf(5) says, nothing leaves its bounds whatever
 * comes, and the mixer finds out which context knows.
 */
#include "mixer.h"

#include <math.h>

#include "unit.h"

int idf_suite_mixer(void);

static idf_mixer *mixer_new(idf_mem *mem)
{
  idf_mem_init(mem, UINT64_MAX);
  idf_mixer *m = idf_alloc(mem, 1, sizeof *m);
  CU_ASSERT_PTR_NOT_NULL_FATAL(m);
  CU_ASSERT_EQUAL_FATAL(idf_mixer_init(m, mem, 12, 4, 2), IDF_OK);
  return m;
}

static void mixer_drop(idf_mixer *m, idf_mem *mem)
{
  idf_mixer_free(m, mem);
  idf_free(mem, m);
  CU_ASSERT_EQUAL(mem->used, 0);
}

static void tables_are_the_logistic_and_its_inverse(void)
{
  idf_mem mem;
  idf_mixer *m = mixer_new(&mem);
  for (int v = -2048; v < 2048; v++) {
    double p = 65536 / (1 + exp(-v / 256.0));
    CU_ASSERT_DOUBLE_EQUAL(m->squash[v + 2048], p < 32 ? 32 : p > 65504 ? 65504 : p, 12);
    CU_ASSERT_TRUE(v == -2048 || m->squash[v + 2048] >= m->squash[v + 2047]);
  }
  for (int p = 0; p < 4096; p++) {
    int v = m->stretch[p];
    CU_ASSERT_TRUE(v >= -2047 && v <= 2047);
    CU_ASSERT_TRUE(v == 2047 || m->squash[v + 2048] >> 4 >= p);
    CU_ASSERT_TRUE(v == -2047 || m->squash[v + 2047] >> 4 < p);
  }
  CU_ASSERT_EQUAL(m->stretch[2048], 0);
  CU_ASSERT_EQUAL(m->rate[0], 23405);
  CU_ASSERT_EQUAL(m->rate[IDF_MIXER_COUNTS], 533);
  mixer_drop(m, &mem);
}

/* With curve c and the sets that are its own. */
static uint32_t predicted(idf_mixer *m, const uint32_t *hash, unsigned contexts, unsigned c)
{
  const idf_contexts from = {
      .hash = hash, .count = contexts, .set = {2 * c, 2 * c + 1}, .curve = c};
  return idf_mixer_predict(m, &from);
}

static void a_fresh_mixer_knows_nothing(void)
{
  idf_mem mem;
  idf_mixer *m = mixer_new(&mem);
  const uint32_t hash[3] = {0x12345678, 0x9abcdef0, 0};
  /* All counters are at one half; the constant input alone moves the sum. */
  uint32_t p = predicted(m, hash, 3, 0);
  CU_ASSERT_TRUE(p > 32768 && p < 36864);
  for (int i = 0; i < 3; i++)
    CU_ASSERT_EQUAL(m->input[i], 0);
  idf_mixer_learn(m, 1);
  /* The same slots, other checks: again nothing is known. */
  const uint32_t other[3] = {0x12345679, 0x9abcdef1, 1};
  predicted(m, other, 3, 0);
  for (int i = 0; i < 3; i++)
    CU_ASSERT_EQUAL(m->input[i], 0);
  idf_mixer_learn(m, 1);
  /* And the first ones are still there, in the neighbouring slots or their own. */
  predicted(m, hash, 3, 0);
  for (int i = 0; i < 3; i++)
    CU_ASSERT_TRUE(m->input[i] > 0);
  idf_mixer_learn(m, 0);
  mixer_drop(m, &mem);
}

/* Six contexts, of which only number `knows` tells the bit. */
static double cost_when_one_knows(int knows)
{
  idf_mem mem;
  idf_mixer *m = mixer_new(&mem);
  idf_unit_random r = idf_unit_random_of(11);
  double bits = 0;
  for (int n = 0; n < 4000; n++) {
    unsigned bit = idf_unit_next(&r) & 1;
    uint32_t hash[6];
    for (int i = 0; i < 6; i++)
      hash[i] = idf_mixer_hash((uint32_t)i, i == knows ? bit : idf_unit_below(&r, 4));
    uint32_t p = predicted(m, hash, 6, 0);
    if (n >= 2000)
      bits -= log2((bit ? p : 65536 - p) / 65536.0);
    idf_mixer_learn(m, bit);
  }
  mixer_drop(m, &mem);
  return bits / 2000;
}

static void weights_find_the_context_that_knows(void)
{
  CU_ASSERT_TRUE(cost_when_one_knows(0) < 0.03);
  CU_ASSERT_TRUE(cost_when_one_knows(5) < 0.03);
  double nobody = cost_when_one_knows(-1);
  CU_ASSERT_TRUE(nobody > 0.99 && nobody < 1.05);
}

/* Long runs of one bit, then of the other, are the worst for sums and counters. */
static void nothing_leaves_its_bounds(void)
{
  idf_mem mem;
  idf_mixer *m = mixer_new(&mem);
  for (uint64_t seed = 0; seed < 20; seed++) {
    idf_unit_random r = idf_unit_random_of(seed);
    uint32_t run = 1 + idf_unit_below(&r, 3000), contexts = 1 + idf_unit_below(&r, 11);
    for (uint32_t n = 0; n < 6000; n++) {
      uint32_t hash[IDF_MIXER_CONTEXTS];
      for (uint32_t i = 0; i < contexts; i++)
        hash[i] = seed % 2 ? i << 24 : idf_unit_next(&r);
      uint32_t p = predicted(m, hash, contexts, 1);
      bool good = p >= 32 && p <= 65504;
      for (int i = 0; i < IDF_MIXER_INPUTS; i++)
        good &= m->input[i] >= -2047 && m->input[i] <= 2047 && m->weight[0][i] > -32768
                && m->weight[1][i] > -32768;
      IDF_UNIT_SEEDED(&r, good);
      idf_mixer_learn(m, n / run & 1);
    }
  }
  mixer_drop(m, &mem);
}

static void memory_can_be_refused(void)
{
  idf_mem mem;
  idf_mixer *m = mixer_new(&mem);
  idf_mixer_free(m, &mem);
  uint64_t before = mem.used;
  for (int64_t n = 0; n < 3; n++) {
    mem.fail_in = n;
    CU_ASSERT_EQUAL(idf_mixer_init(m, &mem, 12, 4, 2), IDF_ERR_MEMORY);
    CU_ASSERT_EQUAL(mem.used, before);
  }
  mixer_drop(m, &mem);
}

int idf_suite_mixer(void)
{
  static const idf_unit_test tests[] = {
      {"tables are the logistic and its inverse", tables_are_the_logistic_and_its_inverse},
      {"a fresh mixer knows nothing", a_fresh_mixer_knows_nothing},
      {"weights find the context that knows", weights_find_the_context_that_knows},
      {"nothing leaves its bounds", nothing_leaves_its_bounds},
      {"memory can be refused", memory_can_be_refused},
      {NULL, NULL}};
  return idf_unit_suite("mixer", tests);
}
