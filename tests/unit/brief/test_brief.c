/* SPDX-License-Identifier: BSD-3-Clause
 *
 * test_brief.c: the frame of a brief file: fields come back, cuts and changes are seen.
 */
#include <string.h>

#include "brief.h"
#include "crc32c.h"
#include "unit.h"

int idf_suite_brief(void);

static const uint8_t bytes[IDF_BRIEF_MAX] = {1, 2, 3, 4, 5};

static idf_brief random_brief(idf_unit_random *r)
{
  static const uint8_t tiers[] = {1, 5, 9};
  idf_brief b = {.header = {.width = 1 + idf_unit_below(r, idf_unit_below(r, 2) ? 256 : 4096),
                            .height = 1 + idf_unit_below(r, idf_unit_below(r, 2) ? 256 : 4096),
                            .layout = (uint8_t)idf_unit_below(r, 6),
                            .depth = (uint8_t)(1 + idf_unit_below(r, 16)),
                            .tier = tiers[idf_unit_below(r, 3)]},
                 .model = idf_unit_below(r, 2),
                 .jpeg = idf_unit_below(r, 2),
                 .form = (uint8_t)idf_unit_below(r, 4)};
  if (b.model) {
    b.header.model_id[0] = (uint8_t)idf_unit_next(r);
    b.header.model_id[1] = (uint8_t)idf_unit_next(r);
  }
  b.kept = idf_cur_of(bytes, b.jpeg ? idf_unit_below(r, 300) : 0);
  b.metadata = idf_cur_of(bytes + 1, idf_unit_below(r, 300));
  return b;
}

static bool same_header(const idf_header *a, const idf_header *b)
{
  return a->width == b->width && a->height == b->height && a->layout == b->layout
         && a->depth == b->depth && a->tier == b->tier
         && memcmp(a->model_id, b->model_id, sizeof a->model_id) == 0;
}

static void fields_come_back(void)
{
  idf_mem mem;
  idf_mem_init(&mem, UINT64_MAX);
  for (uint64_t seed = 0; seed < 400; seed++) {
    idf_unit_random r = idf_unit_random_of(seed);
    const idf_brief b = random_brief(&r);
    idf_buf tile, out;
    idf_brief back;
    idf_buf_init(&tile, &mem);
    idf_buf_init(&out, &mem);
    idf_put_bytes(&tile, bytes, 1 + idf_unit_below(&r, 300));
    IDF_UNIT_SEEDED(&r, idf_brief_put(IDF_SIMD_AUTO, &out, &b, &tile, 0xabcd1234));
    IDF_UNIT_SEEDED(&r, idf_is_brief(out.data, out.len));
    IDF_UNIT_SEEDED(&r, idf_brief_head(out.data, out.len, &back) == IDF_OK);
    IDF_UNIT_SEEDED(&r, back.head + back.size + IDF_BRIEF_TAIL == out.len);
    IDF_UNIT_SEEDED(&r, idf_brief_whole(IDF_SIMD_AUTO, out.data, &back) == IDF_OK);
    IDF_UNIT_SEEDED(&r, same_header(&b.header, &back.header) && back.model == b.model
                            && back.jpeg == b.jpeg && back.form == b.form);
    IDF_UNIT_SEEDED(&r, back.header.tile_log2 == 9
                            || (!back.jpeg
                                && (back.header.width <= 1u << back.header.tile_log2
                                    && back.header.height <= 1u << back.header.tile_log2)));
    IDF_UNIT_SEEDED(&r, idf_cur_left(&back.kept) == idf_cur_left(&b.kept));
    IDF_UNIT_SEEDED(&r, idf_cur_left(&back.metadata)
                            == idf_cur_left(&b.metadata) + tile.len + IDF_BRIEF_CHECK);
    IDF_UNIT_SEEDED(&r, back.metadata.end[-2] == 0x34 && back.metadata.end[-1] == 0x12);
    idf_buf_free(&tile);
    idf_buf_free(&out);
  }
  CU_ASSERT_EQUAL(mem.used, 0);
}

static void heads_are_checked(void)
{
  idf_mem mem;
  idf_buf tile, out;
  idf_unit_random r = idf_unit_random_of(3);
  idf_brief b = random_brief(&r), back;
  b.header.width = 300;
  idf_mem_init(&mem, UINT64_MAX);
  idf_buf_init(&tile, &mem);
  idf_buf_init(&out, &mem);
  idf_put_bytes(&tile, bytes, 200);
  CU_ASSERT_TRUE(idf_brief_put(IDF_SIMD_AUTO, &out, &b, &tile, 7));
  CU_ASSERT_EQUAL_FATAL(idf_brief_head(out.data, out.len, &back), IDF_OK);
  const size_t head = back.head;
  for (size_t len = 0; len < head; len++) {
    CU_ASSERT_EQUAL(idf_brief_head(out.data, len, &back),
                    len < IDF_MAGIC_SIZE ? IDF_ERR_NOT_IDF : IDF_ERR_TRUNCATED);
    CU_ASSERT_EQUAL(idf_is_brief(out.data, len), len > IDF_MAGIC_SIZE + 1);
  }
  CU_ASSERT_EQUAL(idf_brief_head(out.data, head, &back), IDF_OK);
  CU_ASSERT_EQUAL(back.head + back.size + IDF_BRIEF_TAIL, out.len);
  for (size_t at = 0; at < out.len; at++) {
    out.data[at] ^= 0x40;
    idf_status status = idf_brief_head(out.data, out.len, &back);
    if (status == IDF_OK && back.head + back.size + IDF_BRIEF_TAIL <= out.len)
      status = idf_brief_whole(IDF_SIMD_AUTO, out.data, &back);
    else if (status == IDF_OK)
      status = IDF_ERR_TRUNCATED;
    CU_ASSERT_NOT_EQUAL(status, IDF_OK);
    out.data[at] ^= 0x40;
  }
  out.data[10] |= 0x0c; /* tier 3 */
  CU_ASSERT_EQUAL(idf_brief_head(out.data, out.len, &back), IDF_ERR_CORRUPT);
  out.data[10] = (uint8_t)(out.data[10] & ~0x0c) | 0x80;
  CU_ASSERT_EQUAL(idf_brief_head(out.data, out.len, &back), IDF_ERR_CORRUPT);
  idf_buf_free(&tile);
  idf_buf_free(&out);
}

/* A body of 65536 bytes fits, one more does not, whichever part has it. */
static void large_bodies_do_not_fit(void)
{
  idf_mem mem;
  idf_mem_init(&mem, UINT64_MAX);
  for (int part = 0; part < 3; part++)
    for (size_t over = 0; over < 2; over++) {
      idf_brief b = {.header = {.width = 1, .height = 1, .depth = 1, .tier = 5}}, back;
      const size_t room = IDF_BRIEF_MAX - IDF_BRIEF_CHECK + over;
      idf_buf tile, out;
      idf_buf_init(&tile, &mem);
      idf_buf_init(&out, &mem);
      b.jpeg = part == 1;
      if (part == 1)
        b.kept = idf_cur_of(bytes, room - 3 - 1);
      if (part == 2)
        b.metadata = idf_cur_of(bytes, room - 1);
      idf_put_bytes(&tile, bytes, part == 0 ? room : 1);
      CU_ASSERT_EQUAL(idf_brief_put(IDF_SIMD_AUTO, &out, &b, &tile, 7), over == 0);
      CU_ASSERT_EQUAL(out.len > 0, over == 0);
      if (over == 0) {
        CU_ASSERT_EQUAL(idf_brief_head(out.data, out.len, &back), IDF_OK);
        CU_ASSERT_EQUAL(idf_brief_whole(IDF_SIMD_AUTO, out.data, &back), IDF_OK);
      }
      idf_buf_free(&tile);
      idf_buf_free(&out);
    }
}

static void large_pictures_are_not_brief(void)
{
  const idf_header fits = {.width = 4096, .height = 4096}, wide = {.width = 4097, .height = 1},
                   high = {.width = 1, .height = 4097};
  CU_ASSERT_TRUE(idf_brief_possible(&fits, 1));
  CU_ASSERT_FALSE(idf_brief_possible(&fits, 2));
  CU_ASSERT_FALSE(idf_brief_possible(&wide, 1));
  CU_ASSERT_FALSE(idf_brief_possible(&high, 1));
}

/* The record of a JPEG that is longer than the body, in a file with a good checksum. */
static void a_record_too_long_is_refused(void)
{
  static const uint8_t head[] = {0x8d, 'I',  'D', 'F', '\r', '\n', 0x1a, '\n', IDF_FORMAT_VERSION,
                                 0xb8, 0x44, 0,   0,   3,    2,    1,    1};
  idf_mem mem;
  idf_buf out;
  idf_brief back;
  idf_mem_init(&mem, UINT64_MAX);
  for (uint8_t length = 0; length < 4; length++) {
    idf_buf_init(&out, &mem);
    idf_put_bytes(&out, head, sizeof head);
    out.data[14] = length; /* of the 2 bytes behind it, which are the check */
    idf_put_le32(&out, idf_crc32c(IDF_SIMD_AUTO, 0, out.data, out.len));
    CU_ASSERT_EQUAL(idf_brief_head(out.data, out.len, &back), IDF_OK);
    CU_ASSERT_EQUAL(idf_brief_whole(IDF_SIMD_AUTO, out.data, &back),
                    length == 0 ? IDF_OK : IDF_ERR_CORRUPT);
    idf_buf_free(&out);
  }
}

int idf_suite_brief(void)
{
  static const idf_unit_test tests[] = {
      {"fields come back", fields_come_back},
      {"heads are checked", heads_are_checked},
      {"large bodies do not fit", large_bodies_do_not_fit},
      {"large pictures are not brief", large_pictures_are_not_brief},
      {"a record too long is refused", a_record_too_long_is_refused},
      {NULL, NULL}};
  return idf_unit_suite("brief", tests);
}
