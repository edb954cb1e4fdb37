/* SPDX-License-Identifier: BSD-3-Clause
 *
 * test_field.c: the taps and the borders, which are part of the format.
 */
#include "field.h"

#include "flowkit.h"

int idf_suite_field(void);

/* Row by row from the pixel's own upwards, each row from the left: all causal offsets up to
 * that squared distance, and of the pixel itself where it is known. */
static void check_taps(const int8_t (*taps)[2], int count, int distance, bool itself)
{
  int i = 0;
  for (int dy = 0; dy <= IDF_FIELD_TOP; dy++)
    for (int dx = -IDF_FIELD_SIDE; dx <= IDF_FIELD_SIDE; dx++) {
      const bool causal = dy > 0 || dx < 0 || (dx == 0 && itself);
      if (!causal || dx * dx + dy * dy > distance)
        continue;
      CU_ASSERT_TRUE_FATAL(i < count);
      CU_ASSERT_TRUE(taps[i][0] == dx && taps[i][1] == dy);
      const int cell = IDF_WINDOW_AT(dx, dy);
      CU_ASSERT_TRUE(cell >= 0 && cell < IDF_WINDOW && cell / 8 == dy && cell % 8 == dx + 4);
      i++;
    }
  CU_ASSERT_EQUAL(i, count);
}

static void taps_are_all_causal_neighbours_row_by_row(void)
{
  check_taps(idf_taps, IDF_TAPS, 13, false);
  check_taps(idf_taps_own, IDF_TAPS_OWN, 10, false);
  check_taps(idf_taps_cross, IDF_TAPS_CROSS, 5, true);
}

static void a_new_field_is_the_middle_above(void)
{
  static const int32_t range[][3] = {{0, 255, 128}, {-255, 255, 0}, {0, 1, 1}, {5, 5, 5},
                                     {-65535, 65535, 0}, {-3, 0, -1}};
  for (size_t i = 0; i < sizeof range / sizeof *range; i++) {
    idf_mem mem;
    idf_field f;
    idf_mem_init(&mem, UINT64_MAX);
    CU_ASSERT_EQUAL_FATAL(idf_field_init(&f, &mem, 7, 2, range[i][0], range[i][1]), IDF_OK);
    CU_ASSERT_EQUAL(f.mid, range[i][2]);
    CU_ASSERT_EQUAL(f.stride, 7 + 2 * IDF_FIELD_SIDE);
    for (ptrdiff_t y = -IDF_FIELD_TOP; y < 0; y++)
      for (ptrdiff_t x = -IDF_FIELD_SIDE; x < 7 + IDF_FIELD_SIDE; x++) {
        ptrdiff_t at = y * f.stride + x;
        CU_ASSERT_EQUAL(f.sample[at], range[i][2]);
        CU_ASSERT_EQUAL(f.low[at], (int16_t)range[i][2]);
        CU_ASSERT_EQUAL(f.error[at], 64);
        CU_ASSERT_EQUAL(f.error_code[at], idf_log2_q8(65) * 9 >> 8);
        CU_ASSERT_EQUAL(f.error_sign[at], 0);
      }
    idf_field_free(&f, &mem);
    CU_ASSERT_EQUAL(mem.used, 0);
  }
}

/* Writes a sample with traces that name it. */
static void put(idf_field *f, uint32_t x, uint32_t y)
{
  ptrdiff_t at = idf_field_at(f, x, y);
  f->sample[at] = (int32_t)(1000 * y + x + 1);
  f->low[at] = (int16_t)(1000 * y + x + 1);
  f->error[at] = (uint16_t)(100 * y + x + 1);
  f->error_code[at] = (uint8_t)(10 * y + x + 1);
  f->error_sign[at] = (int8_t)-(int8_t)(10 * y + x + 1);
}

static bool cell_is(const idf_field *f, ptrdiff_t at, ptrdiff_t like)
{
  return f->sample[at] == f->sample[like] && f->low[at] == f->low[like]
         && f->error[at] == f->error[like] && f->error_code[at] == f->error_code[like]
         && f->error_sign[at] == f->error_sign[like];
}

static void the_first_row_is_mirrored_up_as_it_is_known(void)
{
  for (uint32_t width = 1; width <= 12; width++) {
    idf_mem mem;
    idf_field f;
    idf_mem_init(&mem, UINT64_MAX);
    CU_ASSERT_EQUAL_FATAL(idf_field_init(&f, &mem, width, 1, 0, 9999), IDF_OK);
    for (uint32_t x = 0; x < width; x++) {
      put(&f, x, 0);
      idf_field_first_row(&f, x);
      /* Above: the sample that was the newest when the column was at most four ahead. */
      ptrdiff_t known = IDF_MIN((ptrdiff_t)x + 4, (ptrdiff_t)width + IDF_FIELD_SIDE - 1);
      for (ptrdiff_t r = 1; r <= IDF_FIELD_TOP; r++)
        for (ptrdiff_t i = -IDF_FIELD_SIDE; i <= known; i++) {
          const int32_t above = f.sample[i - r * f.stride];
          CU_ASSERT_EQUAL(above, i > (ptrdiff_t)x ? f.sample[x]
                                 : i <= 0         ? f.sample[0]
                                                  : f.sample[i - 1]);
          CU_ASSERT_EQUAL(f.low[i - r * f.stride], (int16_t)above);
        }
    }
    idf_field_free(&f, &mem);
  }
}

static void row_borders_copy_the_nearest_known_cell(void)
{
  for (uint32_t width = 1; width <= 9; width += 4) {
    idf_mem mem;
    idf_field f;
    idf_mem_init(&mem, UINT64_MAX);
    CU_ASSERT_EQUAL_FATAL(idf_field_init(&f, &mem, width, 3, 0, 9999), IDF_OK);
    for (uint32_t y = 0; y < 3; y++) {
      ptrdiff_t row = idf_field_at(&f, 0, y), last = idf_field_at(&f, width - 1, y);
      idf_field_row_start(&f, y);
      for (int k = 1; k <= IDF_FIELD_SIDE; k++)
        CU_ASSERT_TRUE(cell_is(&f, row - k, row - f.stride));
      for (uint32_t x = 0; x < width; x++)
        put(&f, x, y);
      idf_field_left_known(&f, y);
      for (int k = 1; k <= IDF_FIELD_SIDE; k++)
        CU_ASSERT_TRUE(cell_is(&f, row - k, row));
      idf_field_row_end(&f, y);
      for (int k = 1; k <= IDF_FIELD_SIDE; k++)
        CU_ASSERT_TRUE(cell_is(&f, last + k, last));
      for (uint32_t x = 0; x < width; x++)
        CU_ASSERT_EQUAL(f.sample[row + x], (int32_t)(1000 * y + x + 1));
    }
    idf_field_free(&f, &mem);
  }
}

static void the_mean_is_of_four_neighbours_rounded(void)
{
  int32_t cell[2][3];
  idf_field f = {.stride = 3, .sample = &cell[1][1]};
  idf_unit_random r = idf_unit_random_of(5);
  for (int i = 0; i < 1000; i++) {
    for (int k = 0; k < 6; k++)
      cell[k / 3][k % 3] = flowkit_between(&r, -65536, 65536);
    int32_t sum = cell[1][0] + cell[0][0] + cell[0][1] + cell[0][2] + 2;
    IDF_UNIT_SEEDED(&r, idf_field_mean(&f, 0) == (sum - (sum % 4 + 4) % 4) / 4);
  }
}

static void every_refused_allocation_is_reported(void)
{
  for (int64_t i = 0; i < 5; i++) {
    idf_mem mem;
    idf_field f;
    idf_mem_init(&mem, UINT64_MAX);
    mem.fail_in = i;
    CU_ASSERT_EQUAL(idf_field_init(&f, &mem, 5, 5, 0, 255), IDF_ERR_MEMORY);
    CU_ASSERT_EQUAL(mem.used, 0);
    idf_mem_init(&mem, 200);
    CU_ASSERT_EQUAL(idf_field_init(&f, &mem, 4096, 4096, 0, 255), IDF_ERR_LIMIT);
    CU_ASSERT_EQUAL(mem.used, 0);
  }
}

int idf_suite_field(void)
{
  static const idf_unit_test tests[] = {
      {"taps are all causal neighbours, row by row", taps_are_all_causal_neighbours_row_by_row},
      {"a new field is the middle above", a_new_field_is_the_middle_above},
      {"the first row is mirrored up as it is known", the_first_row_is_mirrored_up_as_it_is_known},
      {"row borders copy the nearest known cell", row_borders_copy_the_nearest_known_cell},
      {"the mean is of four neighbours, rounded", the_mean_is_of_four_neighbours_rounded},
      {"every refused allocation is reported", every_refused_allocation_is_reported},
      {NULL, NULL}};
  return idf_unit_suite("field", tests);
}
