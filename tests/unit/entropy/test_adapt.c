/* SPDX-License-Identifier: BSD-3-Clause
 *
 * test_adapt.c: a flag's two intervals tile the range in every state it can reach,
 * and it learns: its cost stays near that of the best fixed probability.
 */
#include "adapt.h"
#include "unit.h"

#include <math.h>

int idf_suite_adapt(void);

static void intervals_tile_in_every_state(void)
{
  idf_bit bit;
  for (uint32_t p = 32; p <= 65504; p++) {
    idf_bit_init(&bit, p);
    idf_interval zero = idf_bit_interval(&bit, 0), one = idf_bit_interval(&bit, 1);
    if (zero.start != 0 || zero.size != one.start || one.start + one.size != IDF_FREQ_ONE
        || zero.size < 32 || one.size < 32 || one.size != p || idf_bit_value(&bit, one.start) != 1
        || idf_bit_value(&bit, one.start - 1) != 0)
      CU_FAIL("the intervals do not tile");
  }
}

/* From any probability, at any age, either value: bounds hold and the step goes
 * towards the value unless the bound is reached. */
static void updates_stay_in_bounds(void)
{
  for (uint32_t n = 0; n < 200; n++)
    for (uint32_t p = 32; p <= 65504; p += 1 + p % 7)
      for (int value = 0; value < 2; value++) {
        idf_bit bit = {.p1 = (uint16_t)p, .n = (uint16_t)n};
        idf_bit_update(&bit, value);
        if (bit.p1 < 32 || bit.p1 > 65504 || (value ? bit.p1 < p : bit.p1 > p)
            || (bit.p1 == p && p != (value ? 65504u : 32u)))
          CU_FAIL("update out of bounds");
      }
}

static void a_constant_reaches_the_bound(void)
{
  for (int value = 0; value < 2; value++) {
    idf_bit bit;
    idf_bit_init(&bit, 32768);
    for (int i = 0; i < 2000; i++)
      idf_bit_update(&bit, value);
    CU_ASSERT_EQUAL(bit.p1, value ? 65504 : 32);
  }
}

static void the_first_updates_follow_the_rate(void)
{
  /* 32768 + ceil(32768 * 2/3), then 2/5 of what is left, ... */
  static const uint16_t want[] = {54614, 58983, 60856, 61896};
  idf_bit bit;
  idf_bit_init(&bit, 32768);
  for (size_t i = 0; i < 4; i++) {
    idf_bit_update(&bit, 1);
    CU_ASSERT_EQUAL(bit.p1, want[i]);
  }
}

static void it_learns(void)
{
  idf_unit_random r = idf_unit_random_of(3);
  static const double ps[] = {0.5, 0.1, 0.02, 0.9, 0.999};
  for (size_t k = 0; k < sizeof ps / sizeof *ps; k++) {
    idf_bit bit;
    double bits = 0, p = ps[k];
    int count = 50000;
    idf_bit_init(&bit, 32768);
    for (int i = 0; i < count; i++) {
      int value = idf_unit_next(&r) < p * 4294967296.0;
      bits += 16 - log2(idf_bit_interval(&bit, value).size);
      idf_bit_update(&bit, value);
    }
    double entropy = -p * log2(p) - (1 - p) * log2(1 - p);
    /* A rate of 1/128 costs about 1/(4 * 128 * ln 2) bits a flag. */
    IDF_UNIT_SEEDED(&r, bits / count < entropy * 1.02 + 0.005);
  }
}

int idf_suite_adapt(void)
{
  static const idf_unit_test tests[] = {
      {"intervals tile in every state", intervals_tile_in_every_state},
      {"updates stay in bounds", updates_stay_in_bounds},
      {"a constant reaches the bound", a_constant_reaches_the_bound},
      {"the first updates follow the rate", the_first_updates_follow_the_rate},
      {"it learns", it_learns},
      {NULL, NULL}};
  return idf_unit_suite("adapt", tests);
}
