/* SPDX-License-Identifier: BSD-3-Clause
 *
 * test_inflate.c: what zlib packs comes back, whatever the level and strategy; cut, flipped and
 * over-long streams are errors; the bound holds.
 */
#include "inflate.h"

#include <string.h>
#include <zlib.h>

#include "unit.h"

int idf_suite_inflate(void);

enum { MOST = 70000 };

/* Data with repetitions near and far, of `kinds` byte values. */
static size_t make_plain(idf_unit_random *r, uint8_t *plain, size_t size)
{
  const uint32_t kinds = 1 + idf_unit_below(r, 256);
  for (size_t i = 0; i < size;) {
    const size_t wish = 1 + idf_unit_below(r, 300), n = IDF_MIN(wish, size - i);
    const size_t back = i ? 1 + idf_unit_below(r, (uint32_t)IDF_MIN(i, (size_t)32768)) : 0;
    const bool again = back && idf_unit_below(r, 2);
    for (size_t k = 0; k < n; k++, i++)
      plain[i] = again ? plain[i - back] : (uint8_t)idf_unit_below(r, kinds);
  }
  return size;
}

/* Packs with any settings of zlib's. */
static size_t pack(idf_unit_random *r, const uint8_t *plain, size_t size, uint8_t *packed,
                   size_t cap)
{
  z_stream z;
  memset(&z, 0, sizeof z);
  const int level = (int)idf_unit_below(r, 10), strategy = (int)idf_unit_below(r, 5);
  const int window = 9 + (int)idf_unit_below(r, 7);
  CU_ASSERT_EQUAL_FATAL(deflateInit2(&z, level, Z_DEFLATED, window, 8, strategy), Z_OK);
  z.next_in = (Bytef *)(uintptr_t)plain;
  z.avail_in = (uInt)size;
  z.next_out = packed;
  z.avail_out = (uInt)cap;
  CU_ASSERT_EQUAL_FATAL(deflate(&z, Z_FINISH), Z_STREAM_END);
  const size_t len = cap - z.avail_out;
  deflateEnd(&z);
  return len;
}

static uint8_t plain[MOST], packed[2 * MOST];

static void what_zlib_packs_comes_back(void)
{
  idf_mem mem;
  idf_mem_init(&mem, UINT64_MAX);
  for (uint64_t seed = 0; seed < 300; seed++) {
    idf_unit_random r = idf_unit_random_of(seed);
    const size_t size = make_plain(&r, plain, idf_unit_below(&r, MOST) >> idf_unit_below(&r, 16));
    const size_t len = pack(&r, plain, size, packed, sizeof packed);
    idf_buf out;
    idf_buf_init(&out, &mem);
    idf_put_u8(&out, 7); /* what is there stays, and is not part of the window */
    IDF_UNIT_SEEDED(&r, idf_inflate(&out, packed, len, size) == IDF_OK);
    IDF_UNIT_SEEDED(&r, out.len == size + 1 && out.data[0] == 7);
    IDF_UNIT_SEEDED(&r, size == 0 || memcmp(out.data + 1, plain, size) == 0);
    idf_buf_clear(&out);
    IDF_UNIT_SEEDED(&r, idf_inflate(&out, packed, len + 3, MOST) == IDF_OK && out.len == size);
    if (size > 0) {
      idf_buf_clear(&out);
      IDF_UNIT_SEEDED(&r, idf_inflate(&out, packed, len, size - 1) == IDF_ERR_LIMIT);
      IDF_UNIT_SEEDED(&r, out.len <= size - 1);
    }
    idf_buf_free(&out);
  }
  CU_ASSERT_EQUAL(mem.used, 0);
}

/* As zlib judges it, where both can: zlib says "more input" where we say damaged. */
static bool zlib_likes(const uint8_t *data, size_t len)
{
  static uint8_t room[4 * MOST];
  uLongf size = sizeof room;
  return uncompress(room, &size, data, (uLong)len) == Z_OK;
}

static void damage_is_an_error(void)
{
  idf_mem mem;
  idf_mem_init(&mem, UINT64_MAX);
  for (uint64_t seed = 0; seed < 60; seed++) {
    idf_unit_random r = idf_unit_random_of(seed);
    const size_t size = make_plain(&r, plain, 1 + idf_unit_below(&r, 600));
    const size_t len = pack(&r, plain, size, packed, sizeof packed);
    idf_buf out;
    idf_buf_init(&out, &mem);
    for (size_t cut = 0; cut < len; cut++) {
      idf_buf_clear(&out);
      IDF_UNIT_SEEDED(&r, idf_inflate(&out, packed, cut, MOST) == IDF_ERR_CORRUPT);
    }
    for (size_t bit = 0; bit < 8 * len; bit++) {
      packed[bit / 8] ^= (uint8_t)(1u << bit % 8);
      idf_buf_clear(&out);
      const idf_status status = idf_inflate(&out, packed, len, 2 * MOST);
      IDF_UNIT_SEEDED(&r, (status == IDF_OK) == zlib_likes(packed, len));
      packed[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    idf_buf_free(&out);
  }
}

static void memory_may_fail(void)
{
  idf_unit_random r = idf_unit_random_of(3);
  const size_t size = make_plain(&r, plain, 5000);
  const size_t len = pack(&r, plain, size, packed, sizeof packed);
  idf_status status = IDF_ERR_MEMORY;
  for (int64_t n = 0; status != IDF_OK && n < 100; n++) {
    idf_mem mem;
    idf_buf out;
    idf_mem_init(&mem, UINT64_MAX);
    mem.fail_in = n;
    idf_buf_init(&out, &mem);
    status = idf_inflate(&out, packed, len, MOST);
    CU_ASSERT(status == IDF_OK || status == IDF_ERR_MEMORY);
    idf_buf_free(&out);
    CU_ASSERT_EQUAL(mem.used, 0);
  }
  CU_ASSERT_EQUAL(status, IDF_OK);
}

static const idf_unit_test tests[] = {
    {"what zlib packs comes back", what_zlib_packs_comes_back},
    {"damage is an error, where zlib says so", damage_is_an_error},
    {"every allocation may fail", memory_may_fail},
    {NULL, NULL}};

int idf_suite_inflate(void)
{
  return idf_unit_suite("inflate", tests);
}
