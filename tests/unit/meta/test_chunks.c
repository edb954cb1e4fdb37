/* SPDX-License-Identifier: BSD-3-Clause
 *
 * test_chunks.c: lists of metadata keep copies, and survive a lack of memory.
 */
#include "chunks.h"
#include "unit.h"

int idf_suite_chunks(void);

static void chunks_are_copied(void)
{
  idf_mem mem;
  idf_chunks list = {0};
  uint8_t data[3] = {1, 2, 3};

  idf_mem_init(&mem, UINT64_MAX);
  list.mem = &mem;
  for (unsigned i = 0; i < 40; i++) {
    data[0] = (uint8_t)i;
    CU_ASSERT_EQUAL(idf_chunks_add(&list, "teSt", data, i % 4, i > 20), IDF_OK);
  }
  CU_ASSERT_EQUAL(list.count, 40);
  CU_ASSERT_EQUAL(list.bytes, 60);
  CU_ASSERT_EQUAL(list.list[33].data[0], 33);
  CU_ASSERT_EQUAL(list.list[33].size, 1);
  CU_ASSERT(list.list[33].after_pixels && !list.list[20].after_pixels);
  CU_ASSERT_STRING_EQUAL(list.list[0].type, "teSt");
  idf_chunks_free(&list);
  CU_ASSERT_EQUAL(mem.used, 0);
}

static void chunks_survive_no_memory(void)
{
  for (int64_t i = 0; i < 2; i++) {
    idf_mem mem;
    idf_chunks list = {0};
    idf_mem_init(&mem, UINT64_MAX);
    list.mem = &mem;
    mem.fail_in = i;
    CU_ASSERT_EQUAL(idf_chunks_add(&list, "teSt", (const uint8_t *)"x", 1, false), IDF_ERR_MEMORY);
    CU_ASSERT_EQUAL(list.count, 0);
    idf_chunks_free(&list);
    CU_ASSERT_EQUAL(mem.used, 0);
  }
}

int idf_suite_chunks(void)
{
  static const idf_unit_test tests[] = {{"chunks are copied", chunks_are_copied},
                                        {"chunks survive no memory", chunks_survive_no_memory},
                                        {NULL, NULL}};
  return idf_unit_suite("chunks", tests);
}
