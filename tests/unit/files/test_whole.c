/* SPDX-License-Identifier: BSD-3-Clause
 *
 * test_whole.c: a file in memory is all there, as often as wanted, and no other file passes for it.
 */
#include "imageio.h"
#include "whole.h"

int idf_suite_whole(void);

#define MOST 200000u

/* `size` bytes of which no two neighbours are the same. */
static void fill(idf_test_io *io, size_t size)
{
  idf_test_io_init(io);
  for (size_t i = 0; i < size; i++)
    idf_put_u8(&io->file, (uint32_t)(i * 7 + i / 251));
  io->step = 1000;
}

static void all_of_it_is_there(void)
{
  static const size_t sizes[] = {0, 1, 65535, 65536, 65537, MOST};
  static uint8_t back[MOST + 1];

  for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
    for (size_t guess = 0; guess < 3; guess++) {
      /* Nobody knows how much it is; it is known; it has grown meanwhile. */
      const uint64_t guesses[3] = {0, sizes[i], sizes[i] / 2};
      idf_test_io io;
      idf_whole whole;
      size_t got, n;
      fill(&io, sizes[i]);
      idf_whole_init(&whole, &io.mem);
      CU_ASSERT_EQUAL(idf_whole_load(&whole, guesses[guess], idf_test_read, &io), IDF_OK);
      CU_ASSERT_EQUAL_FATAL(whole.bytes.len, sizes[i]);
      for (unsigned turn = 0; turn < 2; turn++) {
        idf_whole_rewind(&whole);
        for (n = 0; idf_whole_read(&whole, back + n, 999, &got) == IDF_OK && got > 0; n += got)
          CU_ASSERT_FATAL(n + got <= sizes[i]);
        CU_ASSERT_EQUAL(n, sizes[i]);
        CU_ASSERT(idf_whole_ended(&whole));
        CU_ASSERT(n == 0 || memcmp(back, io.file.data, n) == 0);
      }
      idf_whole_free(&whole);
      idf_test_io_free(&io);
    }
}

static void no_other_passes(void)
{
  idf_test_io io;
  idf_whole whole;
  uint8_t other[8];

  fill(&io, 1000);
  idf_whole_init(&whole, &io.mem);
  CU_ASSERT_EQUAL(idf_whole_load(&whole, 1000, idf_test_read, &io), IDF_OK);
  const uint8_t *data = io.file.data;
  CU_ASSERT_EQUAL(idf_whole_compare(&whole, data, 0), IDF_OK);
  CU_ASSERT_EQUAL(idf_whole_compare(&whole, data, 600), IDF_OK);
  CU_ASSERT(!idf_whole_ended(&whole));
  memcpy(other, data + 600, sizeof other);
  other[7] ^= 1;
  CU_ASSERT_EQUAL(idf_whole_compare(&whole, other, 8), IDF_ERR_CORRUPT);
  CU_ASSERT_EQUAL(idf_whole_compare(&whole, data + 600, 400), IDF_OK);
  CU_ASSERT(idf_whole_ended(&whole));
  CU_ASSERT_EQUAL(idf_whole_compare(&whole, data, 1), IDF_ERR_CORRUPT);
  idf_whole_free(&whole);
  idf_test_io_free(&io);
}

static void limits_and_errors(void)
{
  idf_test_io io;
  idf_whole whole;

  for (unsigned known = 0; known < 2; known++) {
    fill(&io, MOST);
    io.mem.limit = io.mem.used + 100000;
    idf_whole_init(&whole, &io.mem);
    CU_ASSERT_EQUAL(idf_whole_load(&whole, known ? MOST : 0, idf_test_read, &io), IDF_ERR_LIMIT);
    idf_whole_free(&whole);
    idf_test_io_free(&io);
  }
  fill(&io, MOST);
  io.fail_at = 5000;
  idf_whole_init(&whole, &io.mem);
  CU_ASSERT_EQUAL(idf_whole_load(&whole, MOST, idf_test_read, &io), IDF_ERR_IO);
  idf_whole_free(&whole);
  CU_ASSERT_EQUAL(idf_whole_load(&whole, UINT64_MAX, idf_test_read, &io), IDF_ERR_LIMIT);
  idf_whole_free(&whole);
  idf_test_io_free(&io);
}

int idf_suite_whole(void)
{
  static const idf_unit_test tests[] = {{"all of it is there, again and again", all_of_it_is_there},
                                        {"no other file passes for it", no_other_passes},
                                        {"limits hold, errors are passed on", limits_and_errors},
                                        {NULL, NULL}};
  return idf_unit_suite("whole", tests);
}
