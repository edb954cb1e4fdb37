/* SPDX-License-Identifier: BSD-3-Clause
 *
 * test_container.c: headers and records come back, every cut is "truncated", every
 * flipped bit is an error.
 */
#include "container.h"
#include "crc32c.h"
#include "unit.h"

#include <string.h>

int idf_suite_container(void);

static idf_header random_header(idf_unit_random *r)
{
  static const uint8_t tiers[] = {1, 5, 9};
  idf_header h = {0};
  h.width = 1 + (idf_unit_below(r, IDF_MAX_SIDE) >> idf_unit_below(r, 31));
  h.height = 1 + (idf_unit_below(r, IDF_MAX_SIDE) >> idf_unit_below(r, 31));
  h.layout = (uint8_t)idf_unit_below(r, 256);
  h.depth = (uint8_t)idf_unit_below(r, 256);
  h.tile_log2 = (uint8_t)(IDF_MIN_TILE_LOG2 + idf_unit_below(r, 7));
  h.tier = tiers[idf_unit_below(r, 3)];
  for (int i = 0; i < 8; i++)
    h.model_id[i] = (uint8_t)idf_unit_next(r);
  return h;
}

static bool same_header(const idf_header *a, const idf_header *b)
{
  return a->width == b->width && a->height == b->height && a->layout == b->layout
         && a->depth == b->depth && a->tile_log2 == b->tile_log2 && a->tier == b->tier
         && memcmp(a->model_id, b->model_id, 8) == 0;
}

static void headers_come_back(void)
{
  idf_mem mem;
  idf_buf buf;
  idf_unit_random r = idf_unit_random_of(5);
  idf_mem_init(&mem, UINT64_MAX);
  idf_buf_init(&buf, &mem);
  for (int i = 0; i < 3000; i++) {
    idf_header h = random_header(&r), back;
    size_t used = 0;
    idf_buf_clear(&buf);
    idf_write_header(IDF_SIMD_AUTO, &buf, &h);
    IDF_UNIT_SEEDED(&r, buf.len <= IDF_MAX_HEADER);
    IDF_UNIT_SEEDED(&r, idf_read_header(IDF_SIMD_AUTO, buf.data, buf.len, &back, &used) == IDF_OK);
    IDF_UNIT_SEEDED(&r, used == buf.len && same_header(&h, &back));
    for (size_t len = 0; len < buf.len; len++)
      IDF_UNIT_SEEDED(&r, idf_read_header(IDF_SIMD_AUTO, buf.data, len, &back, &used)
                              == (len < IDF_MAGIC_SIZE ? IDF_ERR_NOT_IDF : IDF_ERR_TRUNCATED));
  }
  idf_buf_free(&buf);
}

static void damaged_headers_are_refused(void)
{
  idf_mem mem;
  idf_buf buf;
  idf_unit_random r = idf_unit_random_of(6);
  idf_mem_init(&mem, UINT64_MAX);
  idf_buf_init(&buf, &mem);
  for (int i = 0; i < 20; i++) {
    idf_header h = random_header(&r), back;
    size_t used;
    idf_buf_clear(&buf);
    idf_write_header(IDF_SIMD_AUTO, &buf, &h);
    for (size_t k = 0; k < buf.len; k++)
      for (unsigned change = 1; change < 256; change++) {
        buf.data[k] ^= (uint8_t)change;
        idf_status status = idf_read_header(IDF_SIMD_AUTO, buf.data, buf.len, &back, &used);
        buf.data[k] ^= (uint8_t)change;
        if (k < IDF_MAGIC_SIZE)
          IDF_UNIT_SEEDED(&r, status == IDF_ERR_NOT_IDF);
        else if (k == IDF_MAGIC_SIZE)
          IDF_UNIT_SEEDED(&r, status == IDF_ERR_UNSUPPORTED);
        else
          IDF_UNIT_SEEDED(&r, status == IDF_ERR_CORRUPT || status == IDF_ERR_TRUNCATED);
      }
  }
  idf_buf_free(&buf);
}

/* Values the format forbids, with a checksum that is right. */
static void forbidden_fields_are_refused(void)
{
  static const idf_header good = {
      .width = 10, .height = 20, .layout = 2, .depth = 8, .tile_log2 = 10, .tier = 5};
  idf_header bad[5];
  for (size_t i = 0; i < 5; i++)
    bad[i] = good;
  bad[0].width = 0;
  bad[1].height = 0;
  bad[2].tile_log2 = IDF_MIN_TILE_LOG2 - 1;
  bad[3].tile_log2 = IDF_MAX_TILE_LOG2 + 1;
  bad[4].tier = 2;
  for (size_t i = 0; i < 5; i++) {
    idf_mem mem;
    idf_buf buf;
    idf_header back;
    size_t used;
    idf_mem_init(&mem, UINT64_MAX);
    idf_buf_init(&buf, &mem);
    idf_write_header(IDF_SIMD_AUTO, &buf, &bad[i]);
    CU_ASSERT_EQUAL(idf_read_header(IDF_SIMD_AUTO, buf.data, buf.len, &back, &used),
                    IDF_ERR_CORRUPT);
    idf_buf_free(&buf);
  }
}

static void records_come_back(void)
{
  static uint8_t payload[20000];
  idf_mem mem;
  idf_buf buf;
  idf_record rec;
  idf_unit_random r = idf_unit_random_of(7);
  idf_mem_init(&mem, UINT64_MAX);
  idf_buf_init(&buf, &mem);
  for (size_t i = 0; i < sizeof payload; i++)
    payload[i] = (uint8_t)idf_unit_next(&r);
  static const size_t sizes[] = {0, 1, 126, 127, 128, 129, 16383, 16384, 20000};
  for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
    size_t len = sizes[i];
    idf_buf_clear(&buf);
    idf_write_record(IDF_SIMD_AUTO, &buf, 'T', payload, len);
    IDF_UNIT_SEEDED(&r, idf_read_record(IDF_SIMD_AUTO, buf.data, buf.len, &rec) == IDF_OK);
    IDF_UNIT_SEEDED(&r, rec.kind == 'T' && rec.len == len && rec.size == buf.len);
    IDF_UNIT_SEEDED(&r, memcmp(rec.payload, payload, len) == 0);
    for (size_t cut = 0; cut < buf.len; cut += 1 + cut / 8)
      IDF_UNIT_SEEDED(&r, idf_read_record(IDF_SIMD_AUTO, buf.data, cut, &rec) == IDF_ERR_TRUNCATED);
    for (size_t k = 0; k < buf.len; k += 1 + k / 8) {
      uint8_t flip = (uint8_t)(1u << idf_unit_below(&r, 8));
      buf.data[k] ^= flip;
      IDF_UNIT_SEEDED(&r, idf_read_record(IDF_SIMD_AUTO, buf.data, buf.len, &rec) != IDF_OK);
      buf.data[k] ^= flip;
    }
  }
  idf_buf_free(&buf);
}

static void lengths_are_bounded(void)
{
  static const struct {
    uint8_t data[8];
    size_t len;
    idf_status status;
  } cases[] = {
      {{'T', 0xff, 0xff, 0xff, 0xff, 0x07}, 6, IDF_OK}, /* IDF_MAX_RECORD */
      {{'T', 0x80, 0x80, 0x80, 0x80, 0x08}, 6, IDF_ERR_CORRUPT},
      {{'T', 0xff, 0xff, 0xff, 0xff, 0xff, 0x01}, 7, IDF_ERR_CORRUPT},
      {{'T', 0x80, 0x00}, 3, IDF_ERR_CORRUPT}, /* over-long */
      {{'T', 0x80}, 2, IDF_ERR_TRUNCATED},
      {{'T'}, 1, IDF_ERR_TRUNCATED},
      {{0}, 0, IDF_ERR_TRUNCATED},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    idf_record rec;
    CU_ASSERT_EQUAL(idf_peek_record(cases[i].data, cases[i].len, &rec), cases[i].status);
    if (cases[i].status == IDF_OK) {
      CU_ASSERT_EQUAL(rec.len, IDF_MAX_RECORD);
      CU_ASSERT_EQUAL(rec.size, (size_t)IDF_MAX_RECORD + 10);
      CU_ASSERT_EQUAL(idf_read_record(IDF_SIMD_AUTO, cases[i].data, cases[i].len, &rec),
                      IDF_ERR_TRUNCATED);
    }
  }
}

static void tiles_cover_the_picture(void)
{
  idf_header h = {.width = IDF_MAX_SIDE, .height = 1, .tile_log2 = 6};
  CU_ASSERT_EQUAL(idf_tiles_across(&h), 1u << 25);
  CU_ASSERT_EQUAL(idf_tiles_down(&h), 1);
  h = (idf_header){.width = 1024, .height = 1025, .tile_log2 = 10};
  CU_ASSERT_EQUAL(idf_tiles_across(&h), 1);
  CU_ASSERT_EQUAL(idf_tiles_down(&h), 2);
}

/* Nothing for one tile; for more a number below theirs, in front of the payload. */
static void tiles_have_numbers(void)
{
  static const struct {
    uint64_t tiles, number;
    size_t bytes;
  } cases[] = {{1, 0, 0},         {2, 0, 1},
               {2, 1, 1},         {128, 127, 1},
               {300, 127, 1},     {300, 128, 2},
               {20000, 16384, 3}, {UINT64_C(1) << 50, (UINT64_C(1) << 50) - 1, 8}};
  idf_mem mem;
  idf_mem_init(&mem, UINT64_MAX);
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    idf_buf buf;
    uint64_t number = 77;
    idf_buf_init(&buf, &mem);
    idf_put_tile_number(&buf, cases[i].tiles, cases[i].number);
    CU_ASSERT_EQUAL(buf.len, cases[i].bytes);
    idf_put_u8(&buf, 5);
    idf_record rec = {.payload = buf.data, .len = buf.len};
    CU_ASSERT_TRUE(idf_take_tile_number(&rec, cases[i].tiles, &number));
    CU_ASSERT_TRUE(number == cases[i].number && rec.len == 1 && *rec.payload == 5);
    if (cases[i].tiles > 1) { /* none of fewer tiles, and none at all */
      rec = (idf_record){.payload = buf.data, .len = buf.len};
      CU_ASSERT_TRUE(cases[i].number < 2 || !idf_take_tile_number(&rec, cases[i].number, &number));
      CU_ASSERT_EQUAL(rec.len, buf.len);
      rec.len = cases[i].bytes - 1;
      CU_ASSERT_FALSE(idf_take_tile_number(&rec, cases[i].tiles, &number));
    }
    idf_buf_free(&buf);
  }
  CU_ASSERT_EQUAL(mem.used, 0);
}

int idf_suite_container(void)
{
  static const idf_unit_test tests[] = {
      {"headers come back, cut ones do not", headers_come_back},
      {"damaged headers are refused", damaged_headers_are_refused},
      {"forbidden fields are refused", forbidden_fields_are_refused},
      {"records come back, cut and flipped ones do not", records_come_back},
      {"lengths are bounded", lengths_are_bounded},
      {"tiles cover the picture", tiles_cover_the_picture},
      {"tiles have numbers", tiles_have_numbers},
      {NULL, NULL}};
  return idf_unit_suite("container", tests);
}
