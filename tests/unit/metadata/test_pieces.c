/* SPDX-License-Identifier: BSD-3-Clause
 *
 * test_pieces.c: pieces come back as they were put, byte by byte as idf(5) has them, and a cut
 * anywhere is noticed.
 */
#include "pieces.h"
#include "unit.h"

#include <string.h>

int idf_suite_pieces(void);

static void bytes_are_those_of_the_format(void)
{
  static const uint8_t expected[] = {'t', 'E', 'X', 't', 2,   0, 0, 'a',
                                     0,   's', 'R', 'G', 'B', 0, 0, 0};
  uint8_t head[IDF_PIECE_HEAD];
  idf_mem mem;
  idf_buf buf;

  idf_mem_init(&mem, UINT64_MAX);
  idf_buf_init(&buf, &mem);
  idf_piece_put(&buf, "tEXt", "a", 2);
  idf_piece_put(&buf, "sRGB", NULL, 0);
  CU_ASSERT_EQUAL(buf.len, sizeof expected);
  CU_ASSERT(!buf.bad && memcmp(buf.data, expected, sizeof expected) == 0);
  idf_buf_free(&buf);
  CU_ASSERT_EQUAL(mem.used, 0);
  idf_piece_head(head, "iTXt", 0xa1b2c3);
  CU_ASSERT(memcmp(head, "iTXt\xc3\xb2\xa1", sizeof head) == 0);
  CU_ASSERT_EQUAL(idf_piece_size(head), 0xa1b2c3);
}

static void pieces_come_back_and_cuts_are_noticed(void)
{
  static const char plain[] = "tEXt\3\0\0abcgAMA\0\0\0iTXt\1\0\0x";
  static const size_t ends[] = {0, 10, 17, 25};
  const size_t len = sizeof plain - 1;

  for (size_t cut = 1; cut <= len; cut++) {
    idf_cur cur = idf_cur_of(plain, cut);
    idf_plain_piece piece = {.size = 99};
    size_t count = 0;
    for (; idf_piece_next(&cur, &piece); count++) {
      const size_t data = ends[count] + IDF_PIECE_HEAD;
      CU_ASSERT(piece.type == (const uint8_t *)plain + ends[count]);
      CU_ASSERT(piece.data == (const uint8_t *)plain + data);
      CU_ASSERT_EQUAL(piece.size, ends[count + 1] - data);
    }
    CU_ASSERT_EQUAL(count, (cut >= ends[1]) + (cut >= ends[2]) + (cut >= ends[3]));
    CU_ASSERT_EQUAL(cur.bad, cut != ends[count]);
    CU_ASSERT_EQUAL(piece.size, count == 0 ? 99 : count == 1 ? 3 : count == 2 ? 0 : 1);
    CU_ASSERT(!idf_piece_next(&cur, &piece));
  }
}

static void types_are_letters_and_digits(void)
{
  for (int c = 0; c < 256; c++)
    for (size_t at = 0; at < IDF_PIECE_TYPE; at++) {
      char type[IDF_PIECE_TYPE] = {'e', 'X', '9', 'f'};
      type[at] = (char)c;
      const bool allowed =
          c != 0 && strchr("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz", c);
      CU_ASSERT_EQUAL(idf_piece_type_allowed(type), allowed);
    }
}

int idf_suite_pieces(void)
{
  static const idf_unit_test tests[] = {
      {"the bytes are those of the format", bytes_are_those_of_the_format},
      {"pieces come back, and cuts are noticed", pieces_come_back_and_cuts_are_noticed},
      {"types are letters and digits", types_are_letters_and_digits},
      {NULL, NULL},
  };
  return idf_unit_suite("pieces", tests);
}
