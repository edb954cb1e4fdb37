/* SPDX-License-Identifier: BSD-3-Clause
 *
 * test_bytes.c: what is put is what is got, and nothing is got past the end.
 */
#include "bytes.h"
#include "unit.h"

#include <string.h>

int idf_suite_bytes(void);

static void integers_are_little_endian(void)
{
  static const uint8_t want[] = {1, 3, 2, 7, 6, 5, 4, 15, 14, 13, 12, 11, 10, 9, 8};
  idf_mem mem;
  idf_buf buf;
  idf_mem_init(&mem, UINT64_MAX);
  idf_buf_init(&buf, &mem);
  idf_put_u8(&buf, 0x01);
  idf_put_le16(&buf, 0x0203);
  idf_put_le32(&buf, 0x04050607);
  idf_put_le64(&buf, 0x08090a0b0c0d0e0f);
  CU_ASSERT_EQUAL_FATAL(buf.len, sizeof want);
  CU_ASSERT_EQUAL(memcmp(buf.data, want, sizeof want), 0);
  idf_cur cur = idf_cur_of(buf.data, buf.len);
  CU_ASSERT_EQUAL(idf_get_u8(&cur), 0x01);
  CU_ASSERT_EQUAL(idf_get_le16(&cur), 0x0203);
  CU_ASSERT_EQUAL(idf_get_le32(&cur), 0x04050607);
  CU_ASSERT_EQUAL(idf_get_le64(&cur), 0x08090a0b0c0d0e0f);
  CU_ASSERT_FALSE(cur.bad);
  CU_ASSERT_EQUAL(idf_cur_left(&cur), 0);
  CU_ASSERT_EQUAL(idf_get_u8(&cur), 0);
  CU_ASSERT_TRUE(cur.bad);
  idf_buf_free(&buf);
  CU_ASSERT_EQUAL(mem.used, 0);
}

static void varints_come_back(void)
{
  idf_mem mem;
  idf_buf buf;
  idf_unit_random r = idf_unit_random_of(2);
  idf_mem_init(&mem, UINT64_MAX);
  idf_buf_init(&buf, &mem);
  for (int i = 0; i < 20000; i++) {
    uint64_t v = ((uint64_t)idf_unit_next(&r) << 32 | idf_unit_next(&r)) >> idf_unit_below(&r, 64);
    size_t digits = 1;
    for (uint64_t w = v >> 7; w; w >>= 7)
      digits++;
    idf_buf_clear(&buf);
    idf_put_varint(&buf, v);
    IDF_UNIT_SEEDED(&r, buf.len == digits);
    idf_cur cur = idf_cur_of(buf.data, buf.len);
    IDF_UNIT_SEEDED(&r, idf_get_varint(&cur, v) == v && !cur.bad && idf_cur_left(&cur) == 0);
    cur = idf_cur_of(buf.data, buf.len - 1);
    (void)idf_get_varint(&cur, UINT64_MAX);
    IDF_UNIT_SEEDED(&r, cur.bad);
    if (v) {
      cur = idf_cur_of(buf.data, buf.len);
      (void)idf_get_varint(&cur, v - 1);
      IDF_UNIT_SEEDED(&r, cur.bad);
    }
  }
  idf_buf_free(&buf);
}

static void odd_varints_are_refused(void)
{
  static const struct {
    uint8_t data[11];
    size_t len;
    bool good;
  } cases[] = {
      {{0x80, 0x00}, 2, false}, /* zero in two bytes */
      {{0xff, 0x80, 0x00}, 3, false},
      {{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01}, 10, true}, /* 2^64 - 1 */
      {{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x02}, 10, false},
      {{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x81, 0x01}, 11, false},
      {{0x00}, 1, true},
      {{0x80}, 1, false},
      {{0}, 0, false},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    idf_cur cur = idf_cur_of(cases[i].data, cases[i].len);
    uint64_t v = idf_get_varint(&cur, UINT64_MAX);
    CU_ASSERT_EQUAL(cur.bad, !cases[i].good);
    CU_ASSERT_TRUE(cases[i].good || v == 0);
  }
}

static void reading_past_the_end_sticks(void)
{
  static const uint8_t data[] = {1, 2, 3};
  idf_cur cur = idf_cur_of(data, sizeof data);
  CU_ASSERT_PTR_EQUAL(idf_get_bytes(&cur, 0), data);
  CU_ASSERT_EQUAL(idf_get_le32(&cur), 0);
  CU_ASSERT_TRUE(cur.bad);
  CU_ASSERT_EQUAL(idf_get_u8(&cur), 0);
  CU_ASSERT_PTR_NULL(idf_get_bytes(&cur, 1));
  cur = idf_cur_of(data, sizeof data);
  CU_ASSERT_PTR_NULL(idf_get_bytes(&cur, SIZE_MAX));
  CU_ASSERT_TRUE(cur.bad);
  cur = idf_cur_of(NULL, 0);
  CU_ASSERT_EQUAL(idf_cur_left(&cur), 0);
  CU_ASSERT_EQUAL(idf_get_u8(&cur), 0);
  CU_ASSERT_TRUE(cur.bad);
}

static void out_of_memory_sticks(void)
{
  idf_mem mem;
  idf_buf buf;
  uint8_t block[1000] = {0};
  idf_mem_init(&mem, 1500);
  idf_buf_init(&buf, &mem);
  idf_put_bytes(&buf, block, 200);
  CU_ASSERT_FALSE(buf.bad);
  idf_put_bytes(&buf, block, 1000);
  CU_ASSERT_TRUE(buf.bad);
  CU_ASSERT_EQUAL(buf.len, 200);
  idf_put_u8(&buf, 1);
  CU_ASSERT_EQUAL(buf.len, 200);
  idf_buf_free(&buf);
  idf_buf_init(&buf, &mem);
  CU_ASSERT_FALSE(idf_buf_reserve(&buf, SIZE_MAX));
  CU_ASSERT_TRUE(buf.bad);
  idf_buf_free(&buf);
  CU_ASSERT_EQUAL(mem.used, 0);
}

int idf_suite_bytes(void)
{
  static const idf_unit_test tests[] = {
      {"integers are little endian", integers_are_little_endian},
      {"varints come back in their shortest form", varints_come_back},
      {"odd varints are refused", odd_varints_are_refused},
      {"reading past the end sticks", reading_past_the_end_sticks},
      {"out of memory sticks", out_of_memory_sticks},
      {NULL, NULL}};
  return idf_unit_suite("bytes", tests);
}
