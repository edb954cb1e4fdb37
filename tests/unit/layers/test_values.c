/* SPDX-License-Identifier: BSD-3-Clause
 *
 * test_values.c: bitmaps of used values come back, are short where values are regular,
 * are used only where they pay, and cannot be misread.
 */
#include "values.h"

#include <string.h>

#include "adapt.h"
#include "flowkit.h"
#include "rans.h"

int idf_suite_values(void);

#define N 20000

typedef struct ranked {
  idf_mem mem;
  int32_t *plane[IDF_VALUES_PLANES], *copy;
  unsigned planes;
  idf_values ranks, back;
  idf_buf out;
  bool pays;
} ranked;

static void open_ranked(ranked *k, unsigned planes)
{
  *k = (ranked){.planes = planes};
  idf_mem_init(&k->mem, UINT64_MAX);
  idf_buf_init(&k->out, &k->mem);
  for (unsigned p = 0; p < planes; p++)
    k->plane[p] = idf_alloc(&k->mem, N, sizeof(int32_t));
  k->copy = idf_alloc(&k->mem, N, sizeof(int32_t));
  CU_ASSERT_PTR_NOT_NULL_FATAL(k->copy);
}

static void close_ranked(ranked *k)
{
  for (unsigned p = 0; p < k->planes; p++)
    idf_free(&k->mem, k->plane[p]);
  idf_free(&k->mem, k->copy);
  idf_values_free(&k->ranks, &k->mem);
  idf_values_free(&k->back, &k->mem);
  idf_buf_free(&k->out);
  CU_ASSERT_EQUAL(k->mem.used, 0);
}

static idf_planes planes_of(const ranked *k, unsigned depth, bool alone)
{
  idf_planes planes = {.n = N, .count = k->planes, .depth = depth, .alpha = alone};
  for (unsigned p = 0; p < k->planes; p++)
    planes.plane[p] = k->plane[p];
  return planes;
}

static idf_status choose(ranked *k, unsigned depth, bool alone)
{
  const idf_planes planes = planes_of(k, depth, alone);
  idf_status status = idf_values_choose(&k->mem, &planes, &k->ranks, &k->pays);
  return status == IDF_OK && k->pays ? idf_values_put(&k->mem, &k->ranks, &k->out) : status;
}

/* What was written is read: the same list, and ranks of every plane back to its values. */
static bool comes_back(ranked *k, unsigned depth)
{
  idf_cur in = idf_cur_of(k->out.data, k->out.len);
  const idf_planes planes = planes_of(k, depth, false);
  if (idf_values_get(&k->mem, &planes, &in, &k->back) != IDF_OK || idf_cur_left(&in) != 0)
    return false;
  for (unsigned p = 0; p < k->planes; p++) {
    const uint32_t count = k->ranks.count[p];
    if (k->back.count[p] != count
        || memcmp(k->back.value[p], k->ranks.value[p], count * sizeof(uint16_t)) != 0)
      return false;
    memcpy(k->copy, k->plane[p], N * sizeof(int32_t));
    idf_values_forward(&k->ranks, p, k->copy, N);
    for (size_t i = 0; i < N; i++)
      if (k->copy[i] < 0 || (uint32_t)k->copy[i] >= count)
        return false;
    if (!idf_values_inverse(&k->back, p, k->copy, N)
        || memcmp(k->copy, k->plane[p], N * sizeof(int32_t)) != 0)
      return false;
  }
  return true;
}

static void regular_values_cost_a_few_bytes(void)
{
  static const struct {
    int32_t first, step;
    uint32_t count;
    unsigned depth;
    size_t bytes;
  } combs[] = {{0, 257, 256, 16, 60}, {0, 16, 4096, 16, 80}, {3, 17, 3855, 16, 80},
               {0, 256, 256, 16, 60}, {1, 2, 128, 8, 24},    {0, 4, 1024, 12, 40}};
  for (size_t c = 0; c < sizeof combs / sizeof *combs; c++) {
    ranked k;
    idf_unit_random r = idf_unit_random_of(c);
    open_ranked(&k, 3);
    for (unsigned p = 0; p < 3; p++)
      for (size_t i = 0; i < N; i++)
        k.plane[p][i] =
            combs[c].first + combs[c].step * flowkit_between(&r, 0, (int32_t)combs[c].count - 1);
    CU_ASSERT_EQUAL(choose(&k, combs[c].depth, false), IDF_OK);
    CU_ASSERT_TRUE(k.pays);
    for (unsigned p = 0; p < 3; p++)
      CU_ASSERT_EQUAL(k.ranks.count[p], combs[c].count);
    CU_ASSERT_TRUE(k.out.len <= combs[c].bytes);
    CU_ASSERT_TRUE(comes_back(&k, combs[c].depth));
    close_ranked(&k);
  }
}

/* A comb with a tooth now and then missing from the picture keeps its place. */
static void missing_teeth_are_filled(void)
{
  ranked k;
  open_ranked(&k, 1);
  for (size_t i = 0; i < N; i++)
    k.plane[0][i] = 257 * (int32_t)(i % 256 == 100 ? 99 : i % 256);
  CU_ASSERT_EQUAL(choose(&k, 16, false), IDF_OK);
  CU_ASSERT_TRUE(k.pays);
  CU_ASSERT_EQUAL(k.ranks.count[0], 256);
  CU_ASSERT_EQUAL(k.ranks.value[0][100], 25700);
  close_ranked(&k);
}

static void any_sets_of_values_come_back(void)
{
  unsigned paid = 0;
  for (uint64_t seed = 0; seed < 60; seed++) {
    idf_unit_random r = idf_unit_random_of(seed);
    ranked k;
    unsigned depth = 1 + idf_unit_below(&r, 16), planes = 1 + idf_unit_below(&r, 4);
    int32_t few = flowkit_between(&r, 1, 1 << flowkit_between(&r, 0, 12)), table[4096];
    open_ranked(&k, planes);
    for (unsigned p = 0; p < planes; p++) {
      for (int32_t i = 0; i < few && (p == 0 || seed % 3 == 0); i++)
        table[i] = flowkit_between(&r, 0, (1 << depth) - 1);
      for (size_t i = 0; i < N; i++)
        k.plane[p][i] = table[idf_unit_below(&r, (uint32_t)few)];
    }
    IDF_UNIT_SEEDED(&r, choose(&k, depth, idf_unit_next(&r) & 1) == IDF_OK);
    IDF_UNIT_SEEDED(&r, k.pays == (k.out.len != 0));
    if (k.pays)
      IDF_UNIT_SEEDED(&r, comes_back(&k, depth));
    paid += k.pays;
    close_ranked(&k);
  }
  CU_ASSERT_TRUE(paid > 15 && paid < 60);
}

static void dense_or_scattered_values_stay(void)
{
  for (int kind = 0; kind < 3; kind++) {
    idf_unit_random r = idf_unit_random_of(1);
    ranked k;
    open_ranked(&k, 2);
    for (unsigned p = 0; p < 2; p++)
      for (size_t i = 0; i < N; i++)
        k.plane[p][i] = kind == 0   ? flowkit_between(&r, 0, 255)    /* all used */
                        : kind == 1 ? 100 + (int32_t)(i % 64)        /* all between two ends */
                                    : flowkit_between(&r, 0, 65535); /* most missed by chance */
    CU_ASSERT_EQUAL(choose(&k, kind == 2 ? 16 : 8, false), IDF_OK);
    CU_ASSERT_FALSE(k.pays);
    CU_ASSERT_EQUAL(k.out.len, 0);
    close_ranked(&k);
  }
}

/* Planes that use nearly the same values share one set; others, and the first when it stands
 * alone, do not. */
static void like_planes_share_their_values(void)
{
  for (int alone = 0; alone < 2; alone++) {
    ranked k;
    idf_unit_random r = idf_unit_random_of(3);
    open_ranked(&k, 4);
    for (unsigned p = 0; p < 4; p++)
      for (size_t i = 0; i < N; i++) {
        int32_t v = flowkit_between(&r, 0, 99);
        k.plane[p][i] = p == 0 ? v % 2 * 200 : 600 * v + (v * v) % 7 + (v == 50 ? (int32_t)p : 0);
      }
    CU_ASSERT_EQUAL(choose(&k, 16, alone), IDF_OK);
    CU_ASSERT_TRUE(k.pays);
    CU_ASSERT_EQUAL(k.ranks.count[1], alone ? 102 : 100);
    CU_ASSERT_EQUAL(k.ranks.count[2], k.ranks.count[1]);
    CU_ASSERT_EQUAL(k.ranks.count[3], k.ranks.count[1]);
    CU_ASSERT_TRUE(comes_back(&k, 16));
    close_ranked(&k);
  }
}

static void open_damaged(ranked *k, idf_unit_random *r)
{
  open_ranked(k, 2);
  for (unsigned p = 0; p < 2; p++)
    for (size_t i = 0; i < N; i++)
      k->plane[p][i] = 37 * (int32_t)idf_unit_below(r, 100) % 4096;
  CU_ASSERT_EQUAL_FATAL(choose(k, 12, false), IDF_OK);
  CU_ASSERT_TRUE_FATAL(k->pays && k->out.len > 12);
}

static void damage_is_reported_or_defined(void)
{
  idf_unit_random r = idf_unit_random_of(4);
  ranked k;
  open_damaged(&k, &r);
  for (size_t len = 0; len < k.out.len; len++) {
    idf_cur in = idf_cur_of(k.out.data, len);
    const idf_planes two = planes_of(&k, 12, false);
    idf_status status = idf_values_get(&k.mem, &two, &in, &k.back);
    CU_ASSERT_TRUE(status == IDF_ERR_TRUNCATED || status == IDF_ERR_CORRUPT);
    idf_values_free(&k.back, &k.mem);
  }
  for (int i = 0; i < 300; i++) {
    uint8_t *at = &k.out.data[idf_unit_below(&r, (uint32_t)k.out.len)], old = *at;
    *at = (uint8_t)idf_unit_next(&r);
    idf_cur in = idf_cur_of(k.out.data, k.out.len);
    const idf_planes two = planes_of(&k, 12, false);
    idf_status status = idf_values_get(&k.mem, &two, &in, &k.back);
    IDF_UNIT_SEEDED(&r,
                    status == IDF_OK || status == IDF_ERR_TRUNCATED || status == IDF_ERR_CORRUPT);
    for (unsigned p = 0; status == IDF_OK && p < 2; p++)
      for (uint32_t n = 0; n < k.back.count[p]; n++)
        IDF_UNIT_SEEDED(&r, k.back.value[p][n] < 4096
                                && (n == 0 || k.back.value[p][n] > k.back.value[p][n - 1]));
    idf_values_free(&k.back, &k.mem);
    *at = old;
  }
  close_ranked(&k);
}

/* A plane has samples, so it uses a value: four flags 0 say otherwise. */
static void no_values_at_all_are_refused(void)
{
  idf_mem mem;
  idf_rans_enc enc;
  idf_buf stream, out;
  idf_values ranks;
  idf_mem_init(&mem, UINT64_MAX);
  idf_rans_enc_init(&enc, &mem, 1);
  idf_buf_init(&stream, &mem);
  idf_buf_init(&out, &mem);
  /* Gaps 1 to 4 after a last gap of 1 are in contexts of their own, all still at one half. */
  for (int v = 0; v < 4; v++) {
    idf_bit fresh;
    idf_bit_init(&fresh, IDF_FREQ_ONE / 2);
    if (v == 3) /* but the fourth is in that of the third */
      idf_bit_update(&fresh, 0);
    idf_rans_put(&enc, 0, idf_bit_interval(&fresh, 0));
  }
  CU_ASSERT_EQUAL(idf_rans_finish(&enc, &stream), IDF_OK);
  idf_put_varint(&out, stream.len);
  idf_put_bytes(&out, stream.data, stream.len);
  idf_cur in = idf_cur_of(out.data, out.len);
  const idf_planes one = {.count = 1, .depth = 2};
  CU_ASSERT_EQUAL(idf_values_get(&mem, &one, &in, &ranks), IDF_ERR_CORRUPT);
  CU_ASSERT_EQUAL(ranks.count[0], 0);
  idf_values_free(&ranks, &mem);
  idf_rans_enc_free(&enc);
  idf_buf_free(&stream);
  idf_buf_free(&out);
  CU_ASSERT_EQUAL(mem.used, 0);
}

static void ranks_out_of_range_are_refused(void)
{
  uint16_t value[3] = {4, 7, 200};
  const idf_values ranks = {.value = {value}, .count = {3}, .planes = 1};
  int32_t good[3] = {0, 2, 1}, high[2] = {0, 3}, low[1] = {-1};
  CU_ASSERT_TRUE(idf_values_inverse(&ranks, 0, good, 3));
  CU_ASSERT_TRUE(good[0] == 4 && good[1] == 200 && good[2] == 7);
  CU_ASSERT_FALSE(idf_values_inverse(&ranks, 0, high, 2));
  CU_ASSERT_FALSE(idf_values_inverse(&ranks, 0, low, 1));
}

static void every_refused_allocation_is_survived(void)
{
  idf_unit_random r = idf_unit_random_of(5);
  ranked k;
  open_damaged(&k, &r);
  idf_status status = IDF_ERR_MEMORY;
  int64_t i = 0;
  for (; status != IDF_OK && i < 100; i++) {
    idf_values_free(&k.ranks, &k.mem);
    idf_buf_free(&k.out);
    idf_buf_init(&k.out, &k.mem);
    k.mem.fail_in = i;
    status = choose(&k, 12, false);
    CU_ASSERT_TRUE(status == IDF_OK || status == IDF_ERR_MEMORY);
  }
  k.mem.fail_in = -1;
  CU_ASSERT_TRUE(i > 4 && i < 100);
  status = IDF_ERR_MEMORY;
  for (i = 0; status != IDF_OK && i < 100; i++) {
    idf_values_free(&k.back, &k.mem);
    k.mem.fail_in = i;
    idf_cur in = idf_cur_of(k.out.data, k.out.len);
    const idf_planes two = planes_of(&k, 12, false);
    status = idf_values_get(&k.mem, &two, &in, &k.back);
    CU_ASSERT_TRUE(status == IDF_OK || status == IDF_ERR_MEMORY);
  }
  k.mem.fail_in = -1;
  CU_ASSERT_TRUE(i == 3);
  close_ranked(&k);
}

int idf_suite_values(void)
{
  static const idf_unit_test tests[] = {
      {"regular values cost a few bytes", regular_values_cost_a_few_bytes},
      {"missing teeth are filled", missing_teeth_are_filled},
      {"any sets of values come back", any_sets_of_values_come_back},
      {"dense or scattered values stay", dense_or_scattered_values_stay},
      {"like planes share their values", like_planes_share_their_values},
      {"damage is reported or defined", damage_is_reported_or_defined},
      {"no values at all are refused", no_values_at_all_are_refused},
      {"ranks out of range are refused", ranks_out_of_range_are_refused},
      {"every refused allocation is survived", every_refused_allocation_is_survived},
      {NULL, NULL}};
  return idf_unit_suite("values", tests);
}
