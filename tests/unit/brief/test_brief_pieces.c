/* SPDX-License-Identifier: BSD-3-Clause
 *
 * test_brief_pieces.c: metadata of brief files: all come back, known ones take little, and what
 * no encoder writes is refused.
 */
#include <string.h>

#include "brief_pieces.h"
#include "unit.h"

int idf_suite_brief_pieces(void);

static idf_status get(idf_mem *mem, const idf_buf *from, uint8_t form, uint64_t most,
                      idf_brief_pieces *pieces, size_t *left)
{
  idf_cur cur = idf_cur_of(from->data, from->len);
  bool over;
  *pieces = (idf_brief_pieces){.before = 0};
  idf_buf_init(&pieces->plain, mem);
  const idf_status status = idf_brief_pieces_get(mem, NULL, form, most, &cur, pieces, &over);
  CU_ASSERT_EQUAL(over, status == IDF_ERR_LIMIT);
  *left = idf_cur_left(&cur);
  return status;
}

/* A random piece, often one that the list knows. */
static void put_random(idf_unit_random *r, idf_buf *plain)
{
  static const char *const types[] = {"PLTE", "tRNS", "gAMA", "cHRM", "sRGB", "pHYs",
                                      "tIME", "tEXt", "q7Xz", "max1", "eXIf"};
  static const uint32_t sizes[] = {0, 1, 2, 3, 4, 6, 7, 9, 24, 32, 33, 768, 771};
  uint8_t data[771] = {0, 0, 177, 143};
  const uint32_t size = sizes[idf_unit_below(r, sizeof sizes / sizeof *sizes)];
  if (idf_unit_below(r, 3))
    for (uint32_t i = 0; i < size; i++)
      data[i] = (uint8_t)(idf_unit_next(r) & (idf_unit_below(r, 2) ? 255 : 1));
  idf_piece_put(plain, types[idf_unit_below(r, sizeof types / sizeof *types)], data, size);
}

static void all_pieces_come_back(void)
{
  idf_mem mem;
  unsigned forms[4] = {0};
  idf_mem_init(&mem, UINT64_MAX);
  for (uint64_t seed = 0; seed < 120; seed++) {
    idf_unit_random r = idf_unit_random_of(seed);
    idf_brief_pieces in = {.before = 0}, back;
    const uint32_t count = idf_unit_below(&r, 5);
    idf_buf out;
    uint8_t form = 9;
    size_t left = 0;
    idf_buf_init(&in.plain, &mem);
    idf_buf_init(&out, &mem);
    for (uint32_t i = 0; i < count; i++)
      put_random(&r, &in.plain);
    in.before = idf_unit_below(&r, count + 1);
    IDF_UNIT_SEEDED(&r, idf_brief_pieces_put(&mem, NULL, &in, &out, &form) == IDF_OK && form < 4);
    forms[form & 3]++;
    const size_t own = out.len;
    idf_put_bytes(&out, "tile", 4);
    IDF_UNIT_SEEDED(&r, get(&mem, &out, form, UINT64_MAX, &back, &left) == IDF_OK && left == 4);
    IDF_UNIT_SEEDED(&r, back.before == in.before && back.plain.len == in.plain.len
                            && (in.plain.len == 0
                                || memcmp(back.plain.data, in.plain.data, in.plain.len) == 0));
    idf_buf_free(&back.plain);
    /* Cut anywhere, it is refused. */
    for (size_t len = 0; len < own; len += 1 + len / 16) {
      out.len = len;
      IDF_UNIT_SEEDED(&r, get(&mem, &out, form, UINT64_MAX, &back, &left) == IDF_ERR_CORRUPT);
      idf_buf_free(&back.plain);
    }
    idf_buf_free(&in.plain);
    idf_buf_free(&out);
  }
  for (int i = 0; i < 4; i++)
    CU_ASSERT_TRUE(forms[i] > 2);
  CU_ASSERT_EQUAL(mem.used, 0);
}

static void what_everybody_writes_takes_a_byte(void)
{
  static const struct {
    const char *type, *data;
    size_t size, bytes;
  } cases[] = {{"gAMA", "\0\0\261\217", 4, 1},
               {"gAMA", "\0\0\261\220", 4, 5},
               {"sRGB", "\0", 1, 1},
               {"sRGB", "\1", 1, 2},
               {"pHYs", "\0\0\v\023\0\0\v\023\001", 9, 1},
               {"PLTE", "abcdef", 6, 8},
               {"PLTE", "abcde", 5, 11},
               {"tRNS", "a", 1, 3},
               {"q7Xz", "", 0, 6}};
  idf_mem mem;
  idf_mem_init(&mem, UINT64_MAX);
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    idf_brief_pieces in = {.before = 1};
    idf_buf out;
    uint8_t form;
    idf_buf_init(&in.plain, &mem);
    idf_buf_init(&out, &mem);
    idf_piece_put(&in.plain, cases[i].type, cases[i].data, cases[i].size);
    CU_ASSERT_EQUAL(idf_brief_pieces_put(&mem, NULL, &in, &out, &form), IDF_OK);
    CU_ASSERT_TRUE(form == 1 && out.len == cases[i].bytes);
    idf_buf_free(&in.plain);
    idf_buf_free(&out);
  }
}

static void what_no_encoder_writes_is_refused(void)
{
  static const struct {
    uint8_t form;
    const char *bytes;
    size_t len;
    idf_status status;
  } cases[] = {{0, "", 0, IDF_OK},
               {1, "\x17", 1, IDF_OK},
               {1, "", 0, IDF_ERR_CORRUPT},
               {1, "\x1b", 1, IDF_ERR_CORRUPT}, /* no such kind */
               {1, "\x3e", 1, IDF_ERR_CORRUPT},
               {1, "\x97", 1, IDF_ERR_CORRUPT},     /* and no other */
               {1, "\xd7\x57", 2, IDF_OK},          /* both after the pixels */
               {1, "\xd7\x17", 2, IDF_ERR_CORRUPT}, /* before, behind after */
               {1, "\x97\x57", 2, IDF_OK},
               {1, "\x3ftEX", 4, IDF_ERR_CORRUPT},
               {1, "\x3ftEXt\x01", 6, IDF_ERR_CORRUPT},
               {1, "\x01\x80\x00", 3, IDF_ERR_CORRUPT}, /* over-long */
               {1, "\x01\xff\xff\xff\xff\x0f", 6, IDF_ERR_CORRUPT},
               {1, "\x00\x01zzzzz", 7, IDF_ERR_CORRUPT},
               {2, "", 0, IDF_ERR_CORRUPT},
               {2, "\x00", 1, IDF_ERR_CORRUPT},
               {3, "\x00", 1, IDF_ERR_CORRUPT}};
  idf_mem mem;
  idf_mem_init(&mem, UINT64_MAX);
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    idf_brief_pieces back;
    idf_buf in;
    size_t left;
    idf_buf_init(&in, &mem);
    idf_put_bytes(&in, cases[i].bytes, cases[i].len);
    CU_ASSERT_EQUAL(get(&mem, &in, cases[i].form, UINT64_MAX, &back, &left), cases[i].status);
    idf_buf_free(&back.plain);
    idf_buf_free(&in);
  }
  CU_ASSERT_EQUAL(mem.used, 0);
}

/* Of those from before the pixels there are fewer than in all. */
static void the_parting_is_checked(void)
{
  idf_mem mem;
  idf_buf plain, payload;
  idf_mem_init(&mem, UINT64_MAX);
  idf_buf_init(&plain, &mem);
  idf_buf_init(&payload, &mem);
  idf_piece_put(&plain, "tEXt", "ab", 2);
  idf_piece_put(&plain, "tEXt", "cd", 2);
  CU_ASSERT_EQUAL(idf_packed_put(&mem, NULL, &plain, &payload), IDF_OK);
  for (uint64_t before = 0; before < 4; before++) {
    idf_brief_pieces back;
    idf_buf in;
    size_t left;
    idf_buf_init(&in, &mem);
    idf_put_varint(&in, before);
    idf_put_varint(&in, payload.len);
    idf_put_bytes(&in, payload.data, payload.len);
    CU_ASSERT_EQUAL(get(&mem, &in, 3, UINT64_MAX, &back, &left),
                    before < 2 ? IDF_OK : IDF_ERR_CORRUPT);
    idf_buf_free(&back.plain);
    idf_buf_free(&in);
  }
  idf_buf_free(&plain);
  idf_buf_free(&payload);
  CU_ASSERT_EQUAL(mem.used, 0);
}

static void limits_count_the_data(void)
{
  idf_mem mem;
  idf_mem_init(&mem, UINT64_MAX);
  for (int packed = 0; packed < 2; packed++) {
    idf_brief_pieces in = {.before = 2}, back;
    idf_buf out;
    uint8_t form;
    size_t left;
    idf_buf_init(&in.plain, &mem);
    idf_buf_init(&out, &mem);
    idf_piece_put(&in.plain, "gAMA", "\0\0\261\217", 4);
    idf_piece_put(&in.plain, "tEXt", "Software\0Adobe ImageReady", packed ? 25 : 4);
    CU_ASSERT_EQUAL(idf_brief_pieces_put(&mem, NULL, &in, &out, &form), IDF_OK);
    CU_ASSERT_EQUAL(form, packed ? 2 : 1);
    const uint64_t size = in.plain.len - 2 * IDF_PIECE_HEAD;
    for (uint64_t most = 0; most <= size; most++) {
      CU_ASSERT_EQUAL(get(&mem, &out, form, most, &back, &left),
                      most < size ? IDF_ERR_LIMIT : IDF_OK);
      idf_buf_free(&back.plain);
    }
    idf_buf_free(&in.plain);
    idf_buf_free(&out);
  }
  CU_ASSERT_EQUAL(mem.used, 0);
}

int idf_suite_brief_pieces(void)
{
  static const idf_unit_test tests[] = {
      {"all pieces come back", all_pieces_come_back},
      {"what everybody writes takes a byte", what_everybody_writes_takes_a_byte},
      {"what no encoder writes is refused", what_no_encoder_writes_is_refused},
      {"the parting is checked", the_parting_is_checked},
      {"limits count the data", limits_count_the_data},
      {NULL, NULL}};
  return idf_unit_suite("brief_pieces", tests);
}
