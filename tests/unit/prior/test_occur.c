/* SPDX-License-Identifier: BSD-3-Clause
 *
 * test_occur.c: which colours count as seen, and what that says of the next sample.
 */
#include "occur.h"

#include <math.h>
#include <string.h>

#include "flowkit.h"

int idf_suite_occur(void);

static void only_small_ranges_of_three_planes_fit(void)
{
  idf_flow_shape s = flowkit_shape(9, 9, 3, 0, 255);
  CU_ASSERT_TRUE(idf_occur_fits(&s));
  s.planes = 1;
  CU_ASSERT_FALSE(idf_occur_fits(&s));
  s = flowkit_shape(9, 9, 3, -255, 255);
  CU_ASSERT_TRUE(idf_occur_fits(&s));
  for (int p = 0; p < 3; p++) {
    s = flowkit_shape(9, 9, 3, -255, 255);
    s.max[p]++;
    CU_ASSERT_FALSE(idf_occur_fits(&s));
  }
  s = flowkit_shape(9, 9, 3, -65535, 65535);
  CU_ASSERT_FALSE(idf_occur_fits(&s));
}

static void memory_is_that_of_two_bitmaps(void)
{
  static const struct {
    int32_t min, max;
    uint64_t bytes; /* n values: (n + n * n) bitmaps of n bits in words of 64, and two words more */
  } range[] = {
      {0, 0, 32}, {0, 63, 33296}, {0, 64, 68656}, {-255, 255, 16744464}, {0, 255, 2105360}};
  for (size_t i = 0; i < sizeof range / sizeof *range; i++) {
    idf_flow_shape s = flowkit_shape(9, 9, 3, range[i].min, range[i].max);
    idf_mem mem;
    idf_occur o;
    idf_mem_init(&mem, UINT64_MAX);
    CU_ASSERT_EQUAL_FATAL(idf_occur_init(&o, &mem, &s), IDF_OK);
    CU_ASSERT_TRUE(mem.used <= range[i].bytes + 2 * 128);
    CU_ASSERT_TRUE(mem.used >= range[i].bytes);
    idf_occur_free(&o, &mem);
    CU_ASSERT_EQUAL(mem.used, 0);
    for (int64_t n = 0; n < 2; n++) {
      mem.fail_in = n;
      CU_ASSERT_EQUAL(idf_occur_init(&o, &mem, &s), IDF_ERR_MEMORY);
      CU_ASSERT_EQUAL(mem.used, 0);
    }
  }
}

/* In its context's middle, a new flag gives "seen" the mass that the logistic does. */
static void flags_start_by_believing_the_logistic(void)
{
  idf_flow_shape s = flowkit_shape(9, 9, 3, 0, 255);
  idf_mem mem;
  idf_occur o;
  idf_mem_init(&mem, UINT64_MAX);
  CU_ASSERT_EQUAL_FATAL(idf_occur_init(&o, &mem, &s), IDF_OK);
  for (int plane = 0; plane < 2; plane++)
    for (int side = 0; side < 2; side++)
      for (int c = 0; c < IDF_OCCUR_CONTEXTS; c++) {
        double odds = exp2((c - 16) / 2.0); /* contexts are half octaves */
        double p = 65536 * odds / (1 + odds);
        CU_ASSERT_DOUBLE_EQUAL(o.flag[plane][side][c].p1, p, 110);
        CU_ASSERT_EQUAL(o.flag[plane][side][c].n, 0);
      }
  idf_occur_free(&o, &mem);
}

/* The plain description: three loops over a list of colours. */
typedef struct colours {
  int32_t v[400][3];
  int count;
} colours;

static bool listed(const colours *list, unsigned plane, const int32_t *earlier, int32_t v)
{
  for (int i = 0; i < list->count; i++) {
    const int32_t *c = list->v[i];
    if (c[0] == earlier[0] && (plane == 1 ? c[1] == v : c[1] == earlier[1] && c[2] == v))
      return true;
  }
  return false;
}

static void check_site(idf_occur *o, const colours *list, const idf_flow_shape *s, unsigned plane,
                       idf_unit_random *r)
{
  int32_t min = s->min[plane], max = s->max[plane];
  const int32_t *known = list->v[idf_unit_below(r, (uint32_t)list->count)];
  int32_t earlier[3] = {known[0], known[1], 0};
  const idf_prior prior = flowkit_prior(r, min, max, 100), *p = &prior;
  uint32_t mass = 0;
  int side = (int)idf_unit_below(r, 2);
  const uint64_t *seen = idf_occur_set(o, plane, earlier);
  for (int32_t v = p->lo; v < p->hi; v++)
    if (listed(list, plane, earlier, v))
      mass += idf_prior_cdf(p, v + 1) - idf_prior_cdf(p, v);
  idf_bit *flag = idf_occur_flag(o, plane, side, mass);
  IDF_UNIT_SEEDED(r, (!flag) == (mass == 0 || mass == IDF_FREQ_ONE));
  bool same = true;
  for (int32_t v = min; v <= max; v++)
    same = same && idf_occur_has(seen, (uint32_t)(v - min)) == listed(list, plane, earlier, v);
  IDF_UNIT_SEEDED(r, same);
  if (!flag)
    return;
  double odds = 2 * (log2(mass) - log2(65536.0 - mass));
  ptrdiff_t context = flag - o->flag[plane - 1][side];
  IDF_UNIT_SEEDED(r, context >= 0 && context < IDF_OCCUR_CONTEXTS);
  IDF_UNIT_SEEDED(r, fabs((double)(context - 16) - fmin(16, fmax(-16, odds))) < 0.6);
}

static void sites_know_exactly_the_colours_added(void)
{
  static const int32_t range[][2] = {{0, 1}, {0, 63}, {0, 255}, {-255, 255}, {-60, 130}};
  for (uint64_t seed = 0; seed < 40; seed++) {
    idf_unit_random r = idf_unit_random_of(seed);
    const int32_t *span = range[seed % 5];
    idf_flow_shape s = flowkit_shape(9, 9, 3, span[0], span[1]);
    s.max[1] = span[1] - (span[1] - span[0]) / 3; /* planes of unlike size */
    idf_mem mem;
    idf_occur o;
    colours list = {.count = 0};
    idf_mem_init(&mem, UINT64_MAX);
    CU_ASSERT_EQUAL_FATAL(idf_occur_init(&o, &mem, &s), IDF_OK);
    for (int i = 0; i < 400; i++) {
      int32_t *c = list.v[list.count++];
      for (int p = 0; p < 3; p++)
        c[p] = i < 2 ? (i == 0 ? s.min[p] : s.max[p]) : flowkit_between(&r, s.min[p], s.max[p]);
      if (i > 20 && i % 3) /* let prefixes repeat */
        memcpy(c, list.v[idf_unit_below(&r, 20)], (1 + (size_t)i % 2) * sizeof *c);
      idf_occur_add(&o, c);
      if (i % 10 == 0)
        for (unsigned plane = 1; plane < 3; plane++)
          check_site(&o, &list, &s, plane, &r);
    }
    idf_occur_free(&o, &mem);
    CU_ASSERT_EQUAL(mem.used, 0);
  }
}

int idf_suite_occur(void)
{
  static const idf_unit_test tests[] = {
      {"only small ranges of three planes fit", only_small_ranges_of_three_planes_fit},
      {"memory is that of two bitmaps", memory_is_that_of_two_bitmaps},
      {"flags start by believing the logistic", flags_start_by_believing_the_logistic},
      {"sites know exactly the colours added", sites_know_exactly_the_colours_added},
      {NULL, NULL}};
  return idf_unit_suite("occur", tests);
}
