/* SPDX-License-Identifier: BSD-3-Clause
 *
 * test_siting.c: knots and what lies between them, written out by hand, and a tile's knots against
 * those of the whole picture.
 */
#include "siting.h"

#include <string.h>

#include "unit.h"

int idf_suite_siting(void);

static idf_siting one_row(idf_spacing spacing, unsigned phase, uint32_t pixels)
{
  idf_siting s = {.x = {.spacing = spacing, .phase = phase, .pixels = pixels},
                  .y = {.spacing = IDF_SPACING_FULL, .pixels = 1}};
  CU_ASSERT_TRUE(idf_axis_init(&s.x) && idf_axis_init(&s.y));
  return s;
}

static void rows_are_as_by_hand(void)
{
  static const int32_t knots[] = {10, 20, 41, 80};
  static const struct {
    idf_spacing spacing;
    unsigned phase;
    bool no_first, no_last;
    uint32_t knots;
    int32_t row[5];
  } cases[] = {
      {IDF_SPACING_REPLICATED, 0, false, false, 3, {10, 10, 20, 20, 41}},
      {IDF_SPACING_REPLICATED, 1, false, false, 3, {10, 20, 20, 41, 41}},
      /* one before the tile: 10; then 20, 41, 80 */
      {IDF_SPACING_CENTRED, 0, false, false, 4, {18, 25, 36, 51, 70}},
      {IDF_SPACING_CENTRED, 0, true, false, 3, {10, 13, 18, 25, 36}},
      {IDF_SPACING_CENTRED, 1, false, false, 4, {13, 18, 25, 36, 51}},
      {IDF_SPACING_CENTRED, 1, false, true, 3, {13, 18, 25, 36, 41}},
      {IDF_SPACING_COSITED, 0, false, false, 3, {10, 15, 20, 31, 41}},
      {IDF_SPACING_COSITED, 1, false, false, 4, {15, 20, 31, 41, 61}},
      {IDF_SPACING_COSITED, 1, true, false, 3, {10, 10, 15, 20, 31}},
      {IDF_SPACING_COSITED, 1, false, true, 3, {15, 20, 31, 41, 41}},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    idf_siting s = one_row(cases[i].spacing, cases[i].phase, 5);
    int32_t row[5];
    s.x.no_first = cases[i].no_first;
    s.x.no_last = cases[i].no_last;
    CU_ASSERT_TRUE(idf_axis_init(&s.x));
    CU_ASSERT_EQUAL(s.x.knots, cases[i].knots);
    idf_siting_row(&s, knots, 0, row);
    for (unsigned x = 0; x < 5; x++)
      if (row[x] != cases[i].row[x])
        printf("# case %zu, pixel %u: %d\n", i, x, (int)row[x]);
    CU_ASSERT_EQUAL(memcmp(row, cases[i].row, sizeof row), 0);
  }
}

/* In two dimensions the weights are products: 9 3 3 1 of 16, or quarters. */
static void weights_are_multiplied(void)
{
  static const int32_t knots[] = {16, 32, 48, 160};
  int32_t row[2];
  idf_siting s = {.x = {.spacing = IDF_SPACING_CENTRED, .phase = 1, .pixels = 2},
                  .y = {.spacing = IDF_SPACING_CENTRED, .phase = 1, .pixels = 2}};
  CU_ASSERT_TRUE(idf_axis_init(&s.x) && idf_axis_init(&s.y));
  idf_siting_row(&s, knots, 0, row);
  CU_ASSERT_EQUAL(row[0], (9 * 16 + 3 * 32 + 3 * 48 + 160 + 8) / 16);
  CU_ASSERT_EQUAL(row[1], (3 * 16 + 9 * 32 + 48 + 3 * 160 + 8) / 16);
  idf_siting_row(&s, knots, 1, row);
  CU_ASSERT_EQUAL(row[0], (3 * 16 + 32 + 9 * 48 + 3 * 160 + 8) / 16);
  s.x.spacing = s.y.spacing = IDF_SPACING_COSITED;
  CU_ASSERT_TRUE(idf_axis_init(&s.x) && idf_axis_init(&s.y));
  CU_ASSERT_EQUAL(s.x.knots, 2);
  idf_siting_row(&s, knots, 0, row);
  CU_ASSERT_EQUAL(row[0], (16 + 32 + 48 + 160 + 2) / 4);
  CU_ASSERT_EQUAL(row[1], (32 + 160 + 1) / 2);
}

/* A tile cut out of a picture needs no pixel beyond it: it has the knots. */
static void a_part_has_all_its_knots(void)
{
  int32_t knots[40], whole[64], part[64];
  idf_unit_random r = idf_unit_random_of(3);
  for (unsigned i = 0; i < 40; i++)
    knots[i] = (int32_t)idf_unit_below(&r, 256);
  for (unsigned spacing = 0; spacing < IDF_SPACINGS; spacing++) {
    idf_siting all = one_row((idf_spacing)spacing, 0, 36);
    idf_siting_row(&all, knots, 0, whole);
    for (uint32_t from = 0; from < 30; from++)
      for (uint32_t n = 1; n < 6; n++) {
        const bool full = spacing == IDF_SPACING_FULL;
        idf_siting s = one_row((idf_spacing)spacing, full ? 0 : from % 2, n);
        const int32_t skip = (full ? (int32_t)from : (int32_t)from / 2) + s.x.first - all.x.first;
        idf_siting_row(&s, knots + skip, 0, part);
        CU_ASSERT_EQUAL(memcmp(part, whole + from, n * sizeof *part), 0);
      }
  }
}

static void what_cannot_be_is_refused(void)
{
  idf_axis a = {.spacing = IDF_SPACING_FULL, .phase = 1, .pixels = 4};
  CU_ASSERT_FALSE(idf_axis_init(&a));
  a = (idf_axis){.spacing = IDF_SPACING_REPLICATED, .no_first = true, .pixels = 4};
  CU_ASSERT_FALSE(idf_axis_init(&a));
  a = (idf_axis){.spacing = IDF_SPACING_REPLICATED, .no_last = true, .pixels = 4};
  CU_ASSERT_FALSE(idf_axis_init(&a));
  a = (idf_axis){.spacing = IDF_SPACING_CENTRED, .phase = 1, .no_first = true, .pixels = 4};
  CU_ASSERT_FALSE(idf_axis_init(&a));
  a = (idf_axis){.spacing = IDF_SPACING_COSITED, .no_last = true, .pixels = 3};
  CU_ASSERT_FALSE(idf_axis_init(&a));
  a = (idf_axis){
      .spacing = IDF_SPACING_COSITED, .phase = 1, .no_first = true, .no_last = true, .pixels = 1};
  CU_ASSERT_FALSE(idf_axis_init(&a)); /* no knot is left */
}

static void means_are_of_the_nearest(void)
{
  static const int32_t full[] = {10, 20, 30, 40, 60};
  int32_t knots[8];
  idf_siting s = one_row(IDF_SPACING_REPLICATED, 0, 5);
  idf_siting_means(&s, full, knots);
  CU_ASSERT(knots[0] == 15 && knots[1] == 35 && knots[2] == 60);
  s = one_row(IDF_SPACING_REPLICATED, 1, 5);
  idf_siting_means(&s, full, knots);
  CU_ASSERT(knots[0] == 10 && knots[1] == 25 && knots[2] == 50);
  s = one_row(IDF_SPACING_CENTRED, 0, 5);
  idf_siting_means(&s, full, knots);
  CU_ASSERT(knots[0] == 10 && knots[1] == 15 && knots[2] == 35 && knots[3] == 60);
  s = one_row(IDF_SPACING_FULL, 0, 5);
  idf_siting_means(&s, full, knots);
  CU_ASSERT(knots[0] == 10 && knots[4] == 60);
}

int idf_suite_siting(void)
{
  static const idf_unit_test tests[] = {
      {"rows are as by hand", rows_are_as_by_hand},
      {"weights are multiplied", weights_are_multiplied},
      {"a part has all its knots", a_part_has_all_its_knots},
      {"what cannot be is refused", what_cannot_be_is_refused},
      {"means are of the nearest", means_are_of_the_nearest},
      {NULL, NULL},
  };
  return idf_unit_suite("siting", tests);
}
