/* SPDX-License-Identifier: BSD-3-Clause
 *
 * test_crc32c.c: the values of RFC 3720 B.4, and the definition, bit by bit.
 */
#include "crc32c.h"
#include "unit.h"

#include <string.h>

int idf_suite_crc32c(void);

static void known_values(void)
{
  uint8_t data[32];
  CU_ASSERT_EQUAL(idf_crc32c(IDF_SIMD_AUTO, 0, "123456789", 9), 0xe3069283);
  CU_ASSERT_EQUAL(idf_crc32c(IDF_SIMD_AUTO, 0, NULL, 0), 0);
  memset(data, 0, sizeof data);
  CU_ASSERT_EQUAL(idf_crc32c(IDF_SIMD_AUTO, 0, data, 32), 0x8a9136aa);
  memset(data, 0xff, sizeof data);
  CU_ASSERT_EQUAL(idf_crc32c(IDF_SIMD_AUTO, 0, data, 32), 0x62a8ab43);
  for (uint8_t i = 0; i < 32; i++)
    data[i] = i;
  CU_ASSERT_EQUAL(idf_crc32c(IDF_SIMD_AUTO, 0, data, 32), 0x46dd794e);
  for (uint8_t i = 0; i < 32; i++)
    data[i] = (uint8_t)(31 - i);
  CU_ASSERT_EQUAL(idf_crc32c(IDF_SIMD_AUTO, 0, data, 32), 0x113fdb5c);
}

static uint32_t by_definition(const uint8_t *data, size_t len)
{
  uint32_t crc = 0xffffffff;
  for (size_t i = 0; i < len; i++) {
    crc ^= data[i];
    for (int k = 0; k < 8; k++)
      crc = crc >> 1 ^ (crc & 1 ? 0x82f63b78 : 0);
  }
  return ~crc;
}

static void any_split_is_the_definition(void)
{
  uint8_t data[200];
  idf_unit_random r = idf_unit_random_of(4);
  for (int i = 0; i < 3000; i++) {
    size_t len = idf_unit_below(&r, 201), cut = idf_unit_below(&r, (uint32_t)len + 1);
    for (size_t k = 0; k < len; k++)
      data[k] = (uint8_t)idf_unit_next(&r);
    uint32_t want = by_definition(data, len);
    IDF_UNIT_SEEDED(&r, idf_crc32c(IDF_SIMD_AUTO, 0, data, len) == want);
    IDF_UNIT_SEEDED(&r, idf_crc32c(IDF_SIMD_AUTO, idf_crc32c(IDF_SIMD_AUTO, 0, data, cut),
                                   data + cut, len - cut)
                            == want);
    IDF_UNIT_SEEDED(&r, idf_crc32c(IDF_SIMD_NONE, 0, data, len) == want);
    const uint32_t part = idf_crc32c_tables(0, data, cut);
    IDF_UNIT_SEEDED(&r, idf_crc32c_tables(part, data + cut, len - cut) == want);
  }
}

int idf_suite_crc32c(void)
{
  static const idf_unit_test tests[] = {
      {"known values", known_values},
      {"any split is the definition", any_split_is_the_definition},
      {NULL, NULL}};
  return idf_unit_suite("crc32c", tests);
}
