/* SPDX-License-Identifier: BSD-3-Clause
 *
 * test_packed.c: what is packed comes back with its numbers; other numbers are refused.
 */
#include <string.h>

#include "packed.h"
#include "unit.h"

int idf_suite_packed(void);

static void pieces_come_back(void)
{
  idf_mem mem;
  idf_mem_init(&mem, UINT64_MAX);
  for (uint64_t seed = 0; seed < 20; seed++) {
    idf_unit_random r = idf_unit_random_of(seed);
    idf_buf plain, payload;
    idf_packed packed = {.count = 0};
    uint8_t back[4096];
    const uint64_t count = 1 + idf_unit_below(&r, 6);
    idf_buf_init(&plain, &mem);
    idf_buf_init(&payload, &mem);
    for (uint64_t i = 0; i < count; i++)
      idf_piece_put(&plain, "tEXt", "a text of so many letters", idf_unit_below(&r, 26));
    IDF_UNIT_SEEDED(&r, idf_packed_put(&mem, NULL, &plain, &payload) == IDF_OK);
    IDF_UNIT_SEEDED(&r, idf_packed_head(idf_cur_of(payload.data, payload.len), &packed));
    IDF_UNIT_SEEDED(&r, packed.count == count && packed.len == plain.len
                            && packed.size == plain.len - count * IDF_PIECE_HEAD);
    IDF_UNIT_SEEDED(&r, idf_packed_get(&mem, NULL, &packed, back) == IDF_OK
                            && memcmp(back, plain.data, plain.len) == 0
                            && idf_packed_counted(&packed, back));
    packed.count++;
    IDF_UNIT_SEEDED(&r, !idf_packed_counted(&packed, back));
    idf_buf_free(&plain);
    idf_buf_free(&payload);
  }
  CU_ASSERT_EQUAL(mem.used, 0);
}

static void odd_numbers_are_refused(void)
{
  static const struct {
    const char *bytes;
    size_t len;
  } cases[] = {{"", 0},
               {"\x08", 1},                  /* no size */
               {"\x08\x01", 2},              /* no stream */
               {"\x00\x00zzzzzzzz", 10},     /* nothing */
               {"\x88\x00\x01zzzzzzzz", 11}, /* over-long */
               {"\x08\xff\xff\xff\x7fzzzzzzzz", 13}};
  idf_packed packed;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    CU_ASSERT_FALSE(idf_packed_head(idf_cur_of(cases[i].bytes, cases[i].len), &packed));
}

int idf_suite_packed(void)
{
  static const idf_unit_test tests[] = {{"pieces come back", pieces_come_back},
                                        {"odd numbers are refused", odd_numbers_are_refused},
                                        {NULL, NULL}};
  return idf_unit_suite("packed", tests);
}
