/* SPDX-License-Identifier: BSD-3-Clause
 *
 * test_kept_record.c: side streams of every mixture come back; what cannot be packed costs no
 * more than it is; damage is refused and takes no memory that the record has not the length for.
 */
#include "kept_record.h"

#include <stdlib.h>
#include <string.h>

#include "pack.h"
#include "unit.h"

int idf_suite_kept_record(void);

/* Stretches of text and of noise in turn, of lengths that `r` gives. */
static uint8_t *mixture(idf_mem *mem, size_t len, size_t stretch, idf_unit_random *r)
{
  uint8_t *side = idf_alloc(mem, len, 1);
  bool noise = idf_unit_below(r, 2) == 0;
  CU_ASSERT_PTR_NOT_NULL_FATAL(side);
  for (size_t at = 0; at < len; noise = !noise)
    for (size_t end = at + 1 + idf_unit_below(r, (uint32_t)stretch); at < len && at < end; at++)
      side[at] = noise ? (uint8_t)idf_unit_next(r) : (uint8_t)("quantiser "[at % 10]);
  return side;
}

static bool comes_back(idf_mem *mem, const idf_kept_record *record, size_t *size)
{
  idf_buf out;
  idf_kept_record back;
  idf_buf_init(&out, mem);
  CU_ASSERT_EQUAL(idf_kept_record_put(mem, record, &out), IDF_OK);
  *size = out.len;
  CU_ASSERT_EQUAL_FATAL(idf_kept_record_get(mem, out.data, out.len, &back), IDF_OK);
  const bool same = back.crc == record->crc && back.shape == record->shape
                    && back.suffix == record->suffix && back.side_len == record->side_len
                    && memcmp(back.side, record->side, record->side_len) == 0;
  idf_kept_record_free(mem, &back);
  idf_buf_free(&out);
  return same;
}

/* All 256: those of two shapes and eight suffixes, and no other. */
static void first_bytes_are_known_or_not(void)
{
  unsigned known = 0;
  for (unsigned byte = 0; byte < 256; byte++) {
    idf_kept_record record = {0};
    const bool good = idf_kept_first_byte_get((uint8_t)byte, &record);
    CU_ASSERT_EQUAL(idf_kept_first_byte(&record), byte);
    CU_ASSERT_EQUAL(good, byte % 16 < 2 && byte / 16 < 8);
    known += good;
  }
  CU_ASSERT_EQUAL(known, 16);
}

static void side_streams_come_back(void)
{
  idf_mem mem;
  size_t size;
  idf_mem_init(&mem, UINT64_MAX);
  for (uint64_t seed = 0; seed < 40; seed++) {
    idf_unit_random r = idf_unit_random_of(seed);
    const size_t len = 1 + idf_unit_below(&r, seed % 4 == 0 ? 30000 : 500);
    idf_kept_record record = {.shape = seed % 2,
                              .suffix = seed % IDF_KEPT_SUFFIXES,
                              .crc = idf_unit_next(&r),
                              .side_len = len};
    record.side = mixture(&mem, len, 1u << idf_unit_below(&r, 14), &r);
    IDF_UNIT_SEEDED(&r, comes_back(&mem, &record, &size));
    IDF_UNIT_SEEDED(&r, size < len + 40);
    idf_kept_record_free(&mem, &record);
  }
  CU_ASSERT_EQUAL(mem.used, 0);
}

/* More text than one piece has room for, and noise in more stretches than there are runs. */
static void long_ones_come_back(void)
{
  idf_mem mem;
  size_t size;
  idf_unit_random r = idf_unit_random_of(5);
  idf_mem_init(&mem, UINT64_MAX);
  for (int kind = 0; kind < 2; kind++) {
    const size_t len = kind ? (size_t)9 << 20 : IDF_PACK_MAX + 5000u;
    idf_kept_record record = {.side_len = len, .side = idf_alloc(&mem, len, 1)};
    for (size_t at = 0; at < len; at++)
      record.side[at] = kind && at / 1024 % 2 ? (uint8_t)idf_unit_next(&r) : 7;
    CU_ASSERT(comes_back(&mem, &record, &size));
    /* 2048 runs are packed; or all but 5000 and the head, for which the piece has no room. */
    CU_ASSERT(size < (kind ? len - (2000 << 10) : 40000));
    idf_kept_record_free(&mem, &record);
  }
  CU_ASSERT_EQUAL(mem.used, 0);
}

static void thumbnails_are_left_as_they_are(void)
{
  idf_mem mem;
  size_t size;
  idf_unit_random r = idf_unit_random_of(9);
  idf_mem_init(&mem, UINT64_MAX);
  idf_kept_record record = {.side_len = 20000, .side = idf_alloc(&mem, 20000, 1)};
  for (size_t at = 0; at < 20000; at++)
    record.side[at] = (uint8_t)(at < 2048 ? at / 512 : idf_unit_next(&r));
  CU_ASSERT(comes_back(&mem, &record, &size));
  CU_ASSERT(size < 20000 - 2048 + 120);
  idf_kept_record_free(&mem, &record);
}

/* Every byte changed in every bit, every cut: never more than the two buffers, nothing leaks. */
static void damage_is_harmless(void)
{
  idf_mem mem;
  idf_buf out;
  idf_kept_record back;
  idf_unit_random r = idf_unit_random_of(11);
  unsigned refused = 0;
  idf_mem_init(&mem, UINT64_MAX);
  idf_buf_init(&out, &mem);
  idf_kept_record record = {.side_len = 5000, .side = mixture(&mem, 5000, 3000, &r)};
  CU_ASSERT_EQUAL_FATAL(idf_kept_record_put(&mem, &record, &out), IDF_OK);
  idf_kept_record_free(&mem, &record);
  const uint64_t before = mem.used;
  for (size_t at = 0; at < 64; at++)
    for (unsigned bit = 0; bit < 8; bit++) {
      out.data[at] = (uint8_t)(out.data[at] ^ 1u << bit);
      const idf_status status = idf_kept_record_get(&mem, out.data, out.len, &back);
      CU_ASSERT(status == IDF_OK || status == IDF_ERR_CORRUPT
                || (status == IDF_ERR_UNSUPPORTED && at == 0));
      if (status == IDF_OK)
        idf_kept_record_free(&mem, &back);
      refused += status != IDF_OK;
      CU_ASSERT_EQUAL(mem.used, before);
      out.data[at] = (uint8_t)(out.data[at] ^ 1u << bit);
    }
  CU_ASSERT(refused > 20);
  for (size_t len = 0; len < out.len; len += len < 40 ? 1 : 97) {
    uint8_t *part = malloc(len + 1);
    memcpy(part, out.data, len);
    CU_ASSERT_EQUAL(idf_kept_record_get(&mem, part, len, &back), IDF_ERR_CORRUPT);
    CU_ASSERT_EQUAL(mem.used, before);
    free(part);
  }
  idf_buf_free(&out);
  CU_ASSERT_EQUAL(mem.used, 0);
}

/* A few bytes that claim the largest piece, or runs longer than what is there. */
static void claims_are_checked_first(void)
{
  static const uint8_t large[] = {0, 1, 2, 3, 4, 1, 0xf9, 0xff, 0xff, 0x01, 0, 1, 2, 3, 4, 5},
                       many[] = {0, 1, 2, 3, 4, 0x81, 0x20, 0, 0, 0},
                       longer[] = {0, 1, 2, 3, 4, 2, 0, 9, 1, 2, 3, 4, 5, 6, 7, 8},
                       behind[] = {0, 1, 2, 3, 4, 2, 0, 1, 1, 9}, none[] = {0, 1, 2, 3, 4, 0};
  static const struct {
    const uint8_t *data;
    size_t len;
    idf_status status;
  } cases[] = {{large, sizeof large, IDF_ERR_CORRUPT},
               {many, sizeof many, IDF_ERR_CORRUPT},
               {longer, sizeof longer, IDF_ERR_CORRUPT},
               {behind, sizeof behind, IDF_ERR_CORRUPT},
               {none, sizeof none, IDF_OK}};
  idf_mem mem;
  idf_kept_record back;
  idf_mem_init(&mem, UINT64_MAX);
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    CU_ASSERT_EQUAL(idf_kept_record_get(&mem, cases[i].data, cases[i].len, &back), cases[i].status);
    if (cases[i].status == IDF_OK)
      idf_kept_record_free(&mem, &back);
  }
  CU_ASSERT(mem.used == 0 && mem.peak < 1000);
}

static void every_allocation_may_fail(void)
{
  idf_mem mem;
  idf_unit_random r = idf_unit_random_of(13);
  for (int64_t fail = 0;; fail++) {
    idf_kept_record record = {.side_len = 5000}, back = {0};
    idf_buf out;
    idf_mem_init(&mem, UINT64_MAX);
    idf_buf_init(&out, &mem);
    record.side = mixture(&mem, 5000, 3000, &r);
    mem.fail_in = fail;
    idf_status status = idf_kept_record_put(&mem, &record, &out);
    if (status == IDF_OK)
      status = idf_kept_record_get(&mem, out.data, out.len, &back);
    mem.fail_in = -1;
    CU_ASSERT(status == IDF_OK || status == IDF_ERR_MEMORY);
    idf_kept_record_free(&mem, &back);
    idf_kept_record_free(&mem, &record);
    idf_buf_free(&out);
    CU_ASSERT_EQUAL(mem.used, 0);
    if (status == IDF_OK) {
      CU_ASSERT(fail > 4);
      break;
    }
  }
}

int idf_suite_kept_record(void)
{
  static const idf_unit_test tests[] = {
      {"first bytes are known or not", first_bytes_are_known_or_not},
      {"side streams come back", side_streams_come_back},
      {"long ones come back", long_ones_come_back},
      {"thumbnails are left as they are", thumbnails_are_left_as_they_are},
      {"damage is harmless", damage_is_harmless},
      {"claims are checked first", claims_are_checked_first},
      {"every allocation may fail", every_allocation_may_fail},
      {NULL, NULL},
  };
  return idf_unit_suite("kept_record", tests);
}
