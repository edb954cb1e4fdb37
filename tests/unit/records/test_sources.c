/* SPDX-License-Identifier: BSD-3-Clause
 *
 * test_sources.c: a queue gives what was put in, in order, whatever the pieces; a place never reads
 * beyond the file.
 */
#include "sources.h"

#include <string.h>

#include "unit.h"

int idf_suite_sources(void);

static void a_queue_keeps_the_order(void)
{
  idf_unit_random r = idf_unit_random_of(4);
  idf_mem mem;
  idf_queue q = {.ended = false};
  uint8_t in = 0, out = 0, bytes[300];
  size_t waiting = 0, got;
  idf_mem_init(&mem, UINT64_MAX);
  idf_buf_init(&q.bytes, &mem);
  for (int i = 0; i < 5000; i++) {
    size_t n = idf_unit_below(&r, sizeof bytes);
    if (idf_unit_below(&r, 2)) {
      for (size_t k = 0; k < n; k++)
        bytes[k] = in++;
      CU_ASSERT_EQUAL(idf_queue_put(&q, bytes, n), IDF_OK);
      waiting += n;
      continue;
    }
    const idf_status status = idf_queue_read(&q, bytes, n, &got);
    IDF_UNIT_SEEDED(&r, status == (waiting || n == 0 ? IDF_OK : IDF_NEED_INPUT));
    IDF_UNIT_SEEDED(&r, got == IDF_MIN(n, waiting));
    for (size_t k = 0; k < got; k++)
      IDF_UNIT_SEEDED(&r, bytes[k] == out++);
    waiting -= got;
  }
  q.ended = true;
  while (waiting > 0) {
    CU_ASSERT_EQUAL_FATAL(idf_queue_read(&q, bytes, sizeof bytes, &got), IDF_OK);
    waiting -= got;
  }
  CU_ASSERT_EQUAL(idf_queue_read(&q, bytes, sizeof bytes, &got), IDF_OK);
  CU_ASSERT_EQUAL(got, 0);
  /* It was never much larger than what waited. */
  CU_ASSERT(mem.peak < 200000);
  idf_buf_free(&q.bytes);
  CU_ASSERT_EQUAL(mem.used, 0);
}

static void a_queue_without_memory_stays_usable(void)
{
  idf_mem mem;
  idf_queue q = {.ended = false};
  uint8_t bytes[64] = {1, 2, 3};
  size_t got;
  idf_mem_init(&mem, UINT64_MAX);
  idf_buf_init(&q.bytes, &mem);
  CU_ASSERT_EQUAL(idf_queue_put(&q, bytes, 3), IDF_OK);
  mem.fail_in = 0;
  for (int i = 0; i < 3; i++)
    CU_ASSERT_EQUAL(idf_queue_put(&q, bytes, 64), IDF_OK);
  CU_ASSERT_EQUAL(idf_queue_put(&q, bytes, 64), IDF_ERR_MEMORY);
  CU_ASSERT_EQUAL(idf_queue_read(&q, bytes, 3, &got), IDF_OK);
  CU_ASSERT(got == 3 && bytes[2] == 3);
  CU_ASSERT_EQUAL(idf_queue_put(&q, bytes, 64), IDF_OK);
  idf_buf_free(&q.bytes);
}

static void a_place_ends_with_the_file(void)
{
  static uint8_t file[100];
  idf_place p = {.read_at = idf_memory_read_at, .context = file, .at = 90, .size = 100};
  uint8_t bytes[64];
  size_t got;
  for (size_t i = 0; i < sizeof file; i++)
    file[i] = (uint8_t)i;
  CU_ASSERT_EQUAL(idf_place_read(&p, bytes, 6, &got), IDF_OK);
  CU_ASSERT(got == 6 && bytes[0] == 90);
  CU_ASSERT_EQUAL(idf_place_read(&p, bytes, 64, &got), IDF_OK);
  CU_ASSERT(got == 4 && bytes[3] == 99);
  CU_ASSERT_EQUAL(idf_place_read(&p, bytes, 64, &got), IDF_OK);
  CU_ASSERT_EQUAL(got, 0);
  p.at = 200;
  CU_ASSERT_EQUAL(idf_place_read(&p, bytes, 64, &got), IDF_OK);
  CU_ASSERT_EQUAL(got, 0);
}

static const idf_unit_test tests[] = {
    {"a queue keeps the order", a_queue_keeps_the_order},
    {"a queue without memory stays usable", a_queue_without_memory_stays_usable},
    {"a place ends with the file", a_place_ends_with_the_file},
    {NULL, NULL}};

int idf_suite_sources(void)
{
  return idf_unit_suite("sources", tests);
}
