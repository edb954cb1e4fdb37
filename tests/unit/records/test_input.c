/* SPDX-License-Identifier: BSD-3-Clause
 *
 * test_input.c: records come out the same however the callback cuts the file, and a
 * length is not believed before its bytes are there.
 */
#include "input.h"

#include "picture.h"
#include "unit.h"

int idf_suite_input(void);

#define RECORDS 40

/* Records of random sizes, some above the buffer's first capacity. */
static void make_records(idf_buf *buf, idf_unit_random *r, size_t *sizes)
{
  static uint8_t payload[200000];
  for (size_t i = 0; i < sizeof payload; i++)
    payload[i] = (uint8_t)idf_unit_next(r);
  for (int i = 0; i < RECORDS; i++) {
    sizes[i] = idf_unit_below(r, 200000) >> idf_unit_below(r, 16);
    idf_write_record(IDF_SIMD_AUTO, buf, (uint8_t)('a' + i % 26), payload, sizes[i]);
  }
}

static void any_pieces_give_the_same_records(void)
{
  static const size_t pieces[] = {0, 1, 2, 7, 4096, 65537};
  for (size_t k = 0; k < sizeof pieces / sizeof *pieces; k++) {
    idf_mem mem;
    idf_buf buf;
    size_t sizes[RECORDS];
    idf_unit_random r = idf_unit_random_of(12);
    idf_mem_init(&mem, UINT64_MAX);
    idf_buf_init(&buf, &mem);
    make_records(&buf, &r, sizes);
    picture_source source = {buf.data, buf.len, pieces[k]};
    idf_input in;
    uint64_t at = 0;
    idf_input_init(&in, &mem, picture_read, &source);
    for (int i = 0; i < RECORDS; i++) {
      idf_record rec;
      bool framed;
      IDF_UNIT_SEEDED(&r, idf_input_peek(&in, &rec) == IDF_OK);
      IDF_UNIT_SEEDED(&r, rec.kind == 'a' + i % 26 && rec.len == sizes[i]);
      IDF_UNIT_SEEDED(&r, in.base + in.pos == at);
      if (i % 2) {
        IDF_UNIT_SEEDED(&r, idf_input_pass(&in, &rec) == IDF_OK);
      } else {
        IDF_UNIT_SEEDED(&r, idf_input_record(&in, sizes[i], &rec, &framed) == IDF_OK && framed);
        IDF_UNIT_SEEDED(&r,
                        memcmp(rec.payload, buf.data + at + rec.size - 4 - rec.len, rec.len) == 0);
        idf_input_skip(&in, rec.size);
      }
      at += rec.size;
    }
    idf_record rec;
    IDF_UNIT_SEEDED(&r, idf_input_peek(&in, &rec) == IDF_ERR_TRUNCATED);
    /* The largest record is 200 kB: the buffer must not have grown with the file. */
    IDF_UNIT_SEEDED(&r, in.cap <= 1u << 19);
    idf_input_free(&in);
    idf_buf_free(&buf);
    CU_ASSERT_EQUAL(mem.used, 0);
  }
}

static void claimed_lengths_cost_nothing(void)
{
  static const uint8_t claim[] = {'x', 0xff, 0xff, 0xff, 0xff, 0x07, 1, 2, 3};
  idf_mem mem;
  idf_input in;
  idf_record rec;
  bool framed = true;
  picture_source source = {claim, sizeof claim, 0};
  idf_mem_init(&mem, 1u << 20);
  idf_input_init(&in, &mem, picture_read, &source);
  CU_ASSERT_EQUAL(idf_input_record(&in, IDF_MAX_RECORD, &rec, &framed), IDF_ERR_TRUNCATED);
  CU_ASSERT_FALSE(framed);
  CU_ASSERT_EQUAL(idf_input_record(&in, 1000, &rec, &framed), IDF_ERR_CORRUPT);
  CU_ASSERT_EQUAL(idf_input_peek(&in, &rec), IDF_OK);
  CU_ASSERT_EQUAL(idf_input_pass(&in, &rec), IDF_ERR_TRUNCATED);
  CU_ASSERT_TRUE(mem.peak < 1u << 18);
  idf_input_free(&in);
}

static void bad_checksums_are_framed(void)
{
  idf_mem mem;
  idf_buf buf;
  idf_input in;
  idf_record rec;
  bool framed = false;
  idf_mem_init(&mem, UINT64_MAX);
  idf_buf_init(&buf, &mem);
  idf_write_record(IDF_SIMD_AUTO, &buf, 'x', "abc", 3);
  idf_write_record(IDF_SIMD_AUTO, &buf, 'y', "def", 3);
  buf.data[3] ^= 1;
  picture_source source = {buf.data, buf.len, 0};
  idf_input_init(&in, &mem, picture_read, &source);
  CU_ASSERT_EQUAL(idf_input_record(&in, 3, &rec, &framed), IDF_ERR_CORRUPT);
  CU_ASSERT_TRUE(framed);
  CU_ASSERT_EQUAL(idf_input_peek(&in, &rec), IDF_OK);
  CU_ASSERT_EQUAL(idf_input_pass(&in, &rec), IDF_ERR_CORRUPT);
  CU_ASSERT_EQUAL(idf_input_record(&in, 3, &rec, &framed), IDF_OK);
  CU_ASSERT_EQUAL(rec.kind, 'y');
  idf_input_free(&in);
  idf_buf_free(&buf);
}

/* Gives one byte, then nothing yet, and so on. */
static idf_status read_now_and_then(void *context, uint8_t *buffer, size_t capacity, size_t *size)
{
  picture_source *s = context;
  s->piece = !s->piece;
  return s->piece ? picture_read(s, buffer, IDF_MIN(capacity, 1), size) : IDF_NEED_INPUT;
}

static void calls_that_lack_input_are_repeated(void)
{
  idf_mem mem;
  idf_buf buf;
  idf_record rec;
  idf_input in;
  bool framed;
  idf_status status;
  idf_mem_init(&mem, UINT64_MAX);
  idf_buf_init(&buf, &mem);
  for (uint8_t kind = 'a'; kind < 'e'; kind++)
    idf_write_record(IDF_SIMD_AUTO, &buf, kind, "payload of a record", 19);
  buf.data[buf.len - 1] ^= 1;
  picture_source source = {buf.data, buf.len, 0};
  idf_input_init(&in, &mem, read_now_and_then, &source);
  for (uint8_t kind = 'a'; kind < 'e'; kind++) {
    unsigned waits = 0;
    if (kind == 'b') {
      while ((status = idf_input_record(&in, 19, &rec, &framed)) == IDF_NEED_INPUT)
        waits++;
      idf_input_skip(&in, rec.size);
    } else {
      /* Each time it begins with the frame, as the decoder does. */
      do
        if ((status = idf_input_peek(&in, &rec)) == IDF_OK)
          status = idf_input_pass(&in, &rec);
      while (status == IDF_NEED_INPUT && ++waits);
    }
    CU_ASSERT(rec.kind == kind && rec.len == 19 && waits >= 19);
    CU_ASSERT_EQUAL(status, kind == 'd' ? IDF_ERR_CORRUPT : IDF_OK);
  }
  while ((status = idf_input_peek(&in, &rec)) == IDF_NEED_INPUT) {
  }
  CU_ASSERT_EQUAL(status, IDF_ERR_TRUNCATED);
  idf_input_free(&in);
  idf_buf_free(&buf);
}

static void pinning_keeps_within_its_bound(void)
{
  static uint8_t data[100000];
  idf_mem mem;
  idf_input in;
  idf_mem_init(&mem, UINT64_MAX);
  for (int i = 0; i < 2; i++) {
    picture_source source = {data, sizeof data, 1000};
    idf_input_init(&in, &mem, picture_read, &source);
    CU_ASSERT_EQUAL(idf_input_pin(&in, i ? sizeof data - 1 : sizeof data + 1),
                    i ? IDF_ERR_LIMIT : IDF_OK);
    CU_ASSERT_EQUAL(in.ended, !i);
    CU_ASSERT_EQUAL(in.len - in.pos >= sizeof data - 1, true);
    idf_input_free(&in);
  }
}

static idf_status fail_late(void *context, uint8_t *buffer, size_t capacity, size_t *size)
{
  int *calls = context;
  memset(buffer, 'q', IDF_MIN(capacity, (size_t)3));
  *size = ++*calls == 3 ? capacity + 1 : 3;
  return *calls == 2 ? IDF_ERR_IO : IDF_OK;
}

static void a_bad_callback_is_an_error(void)
{
  idf_mem mem;
  idf_input in;
  size_t have;
  int calls = 0;
  idf_mem_init(&mem, UINT64_MAX);
  idf_input_init(&in, &mem, fail_late, &calls);
  CU_ASSERT_EQUAL(idf_input_fill(&in, 5, &have), IDF_ERR_IO); /* what it returned */
  CU_ASSERT_EQUAL(idf_input_fill(&in, 5, &have), IDF_ERR_IO); /* more than there is room for */
  CU_ASSERT_EQUAL(idf_input_fill(&in, 5, &have), IDF_OK);
  CU_ASSERT_EQUAL(have, 6);
  idf_input_free(&in);
}

int idf_suite_input(void)
{
  static const idf_unit_test tests[] = {
      {"any pieces give the same records", any_pieces_give_the_same_records},
      {"claimed lengths cost nothing", claimed_lengths_cost_nothing},
      {"bad checksums are framed", bad_checksums_are_framed},
      {"calls that lack input are repeated", calls_that_lack_input_are_repeated},
      {"pinning keeps within its bound", pinning_keeps_within_its_bound},
      {"a bad callback is an error", a_bad_callback_is_an_error},
      {NULL, NULL}};
  return idf_unit_suite("input", tests);
}
