/* SPDX-License-Identifier: BSD-3-Clause
 *
 * test_mem.c: every byte is accounted for, limits hold, and the failing-allocation
 * hook on which other tests rely fails exactly the call it names.
 */
#include "mem.h"
#include "unit.h"

#include <string.h>

static void foreign_memory_is_charged(void)
{
  idf_mem mem;
  idf_mem_init(&mem, 1000);
  CU_ASSERT(idf_mem_charge(&mem, 600));
  CU_ASSERT(!idf_mem_charge(&mem, 401));
  CU_ASSERT_EQUAL(idf_mem_status(&mem), IDF_ERR_LIMIT);
  CU_ASSERT_PTR_NULL(idf_alloc(&mem, 1, 400));
  CU_ASSERT(idf_mem_charge(&mem, 400));
  CU_ASSERT_EQUAL(mem.peak, 1000);
  idf_mem_return(&mem, 1000);
  CU_ASSERT_EQUAL(mem.used, 0);
  mem.fail_in = 0;
  CU_ASSERT(!idf_mem_charge(&mem, 1));
  CU_ASSERT(idf_mem_charge(NULL, UINT64_MAX));
  idf_mem_return(NULL, UINT64_MAX);
}

int idf_suite_mem(void);

static void blocks_are_zeroed_and_aligned(void)
{
  idf_mem mem;
  idf_mem_init(&mem, UINT64_MAX);
  for (size_t size = 0; size < 300; size += 7) {
    uint8_t *p = idf_alloc(&mem, size, 1);
    CU_ASSERT_PTR_NOT_NULL_FATAL(p);
    CU_ASSERT_EQUAL((uintptr_t)p % 64, 0);
    for (size_t i = 0; i < size; i++)
      CU_ASSERT_EQUAL(p[i], 0);
    memset(p, 0xff, size);
    idf_free(&mem, p);
  }
  CU_ASSERT_EQUAL(mem.used, 0);
}

/* Those that may come from elsewhere than calloc, on both sides of the bound. */
static void large_blocks_are_no_different(void)
{
  static const size_t sizes[] = {(1u << 20) - 129, (1u << 20) - 128, (1u << 20) + 5, 5u << 20};
  idf_mem mem;
  idf_mem_init(&mem, UINT64_MAX);
  for (size_t i = 0; i < 2 * sizeof sizes / sizeof *sizes; i++) {
    const size_t size = sizes[i / 2];
    uint8_t *p = (i % 2 ? idf_alloc_sparse : idf_alloc)(&mem, size, 1), seen = 0;
    CU_ASSERT_PTR_NOT_NULL_FATAL(p);
    CU_ASSERT_EQUAL((uintptr_t)p % 64, 0);
    CU_ASSERT_EQUAL(mem.used, size + 128);
    for (size_t k = 0; k < size; k++)
      seen |= p[k];
    CU_ASSERT_EQUAL(seen, 0);
    memset(p, 7, size);
    p = idf_realloc(&mem, p, size, size + 1000000);
    CU_ASSERT_PTR_NOT_NULL_FATAL(p);
    CU_ASSERT(p[0] == 7 && p[size - 1] == 7 && p[size] == 0 && p[size + 999999] == 0);
    idf_free(&mem, p);
    CU_ASSERT_EQUAL(mem.used, 0);
  }
  /* Freed memory that comes again is zero again. */
  uint8_t *p = idf_alloc(&mem, 3, 1u << 20);
  CU_ASSERT(p != NULL && p[0] == 0 && p[(3u << 20) - 1] == 0);
  idf_free(&mem, p);
}

static void accounts_balance(void)
{
  idf_mem mem;
  idf_unit_random r = idf_unit_random_of(1);
  void *blocks[32] = {0};
  size_t sizes[32] = {0};
  idf_mem_init(&mem, 1u << 20);
  for (int i = 0; i < 5000; i++) {
    uint32_t k = idf_unit_below(&r, 32);
    size_t size = idf_unit_below(&r, 5000);
    if (idf_unit_below(&r, 3) == 0) {
      idf_free(&mem, blocks[k]);
      blocks[k] = NULL;
      sizes[k] = 0;
    } else {
      void *p = idf_realloc(&mem, blocks[k], sizes[k], size);
      IDF_UNIT_SEEDED(&r, p != NULL);
      if (p) {
        blocks[k] = p;
        sizes[k] = size;
      }
    }
    uint64_t live = 0;
    for (int b = 0; b < 32; b++)
      live += sizes[b];
    IDF_UNIT_SEEDED(&r, mem.used >= live && mem.used <= live + 32 * 128);
    IDF_UNIT_SEEDED(&r, mem.peak >= mem.used);
  }
  for (int b = 0; b < 32; b++)
    idf_free(&mem, blocks[b]);
  CU_ASSERT_EQUAL(mem.used, 0);
  CU_ASSERT_FALSE(mem.limited);
}

static void growing_keeps_and_zeroes(void)
{
  idf_mem mem;
  idf_mem_init(&mem, UINT64_MAX);
  uint8_t *p = idf_realloc(&mem, NULL, 0, 100);
  CU_ASSERT_PTR_NOT_NULL_FATAL(p);
  for (int i = 0; i < 100; i++)
    p[i] = (uint8_t)(i + 1);
  p = idf_realloc(&mem, p, 100, 1000);
  CU_ASSERT_PTR_NOT_NULL_FATAL(p);
  for (int i = 0; i < 1000; i++)
    CU_ASSERT_EQUAL(p[i], i < 100 ? i + 1 : 0);
  p = idf_realloc(&mem, p, 1000, 10);
  CU_ASSERT_PTR_NOT_NULL_FATAL(p);
  CU_ASSERT_EQUAL(p[9], 10);
  idf_free(&mem, p);
}

/* Only what was used comes along, be it copied or moved, and nothing is left behind. */
static void large_blocks_grow(void)
{
  enum { MIB = 1 << 20 };
  static const size_t used[] = {MIB, 2 * MIB - 129, 2 * MIB - 128, 2 * MIB, 5 * MIB + 77, 6 * MIB};
  idf_mem mem;
  idf_mem_init(&mem, UINT64_MAX);
  for (size_t i = 0; i < sizeof used / sizeof *used; i++) {
    size_t wrong = 0;
    uint8_t *p = idf_alloc(&mem, 6, MIB);
    CU_ASSERT_PTR_NOT_NULL_FATAL(p);
    for (size_t k = 0; k < 6 * MIB; k++)
      p[k] = (uint8_t)(k % 251 + 1);
    p = idf_realloc(&mem, p, used[i], 12 * MIB);
    CU_ASSERT_PTR_NOT_NULL_FATAL(p);
    CU_ASSERT_EQUAL(mem.used, 12 * MIB + 128);
    for (size_t k = 0; k < 12 * MIB; k++)
      wrong += p[k] != (k < used[i] ? k % 251 + 1 : 0);
    CU_ASSERT_EQUAL(wrong, 0);
    p = idf_realloc(&mem, p, used[i], 3 * MIB);
    CU_ASSERT_PTR_NOT_NULL_FATAL(p);
    for (size_t k = 0; k < 3 * MIB; k++)
      wrong += p[k] != (k < used[i] ? k % 251 + 1 : 0);
    CU_ASSERT_EQUAL(wrong, 0);
    idf_free(&mem, p);
    CU_ASSERT_EQUAL(mem.used, 0);
  }
}

static void limits_refuse(void)
{
  idf_mem mem;
  idf_mem_init(&mem, 10000);
  uint8_t *p = idf_alloc(&mem, 1, 9000);
  CU_ASSERT_PTR_NOT_NULL_FATAL(p);
  p[0] = 7;
  CU_ASSERT_PTR_NULL(idf_realloc(&mem, p, 9000, 9001));
  CU_ASSERT_EQUAL(p[0], 7);
  CU_ASSERT_TRUE(mem.limited);
  CU_ASSERT_EQUAL(idf_mem_status(&mem), IDF_ERR_LIMIT);
  idf_free(&mem, p);
  CU_ASSERT_EQUAL(mem.used, 0);
}

static void impossible_sizes_refuse(void)
{
  idf_mem mem;
  idf_mem_init(&mem, UINT64_MAX);
  CU_ASSERT_PTR_NULL(idf_alloc(&mem, SIZE_MAX, 2));
  CU_ASSERT_PTR_NULL(idf_alloc(&mem, SIZE_MAX, 1));
  CU_ASSERT_PTR_NULL(idf_alloc(&mem, 1, SIZE_MAX - 127));
  CU_ASSERT_PTR_NULL(idf_alloc(NULL, SIZE_MAX / 2 + 1, 1));
  CU_ASSERT_EQUAL(mem.used, 0);
}

static void the_named_allocation_fails(void)
{
  for (int64_t n = 0; n < 5; n++) {
    idf_mem mem;
    idf_mem_init(&mem, UINT64_MAX);
    mem.fail_in = n;
    for (int64_t i = 0; i < 8; i++) {
      void *p = idf_alloc(&mem, 1, 10);
      CU_ASSERT_EQUAL(!p, i == n);
      idf_free(&mem, p);
    }
    CU_ASSERT_EQUAL(idf_mem_status(&mem), IDF_ERR_MEMORY);
    CU_ASSERT_EQUAL(mem.used, 0);
  }
}

static void blocks_outlive_their_accounts(void)
{
  idf_mem mem;
  idf_mem_init(&mem, 1000);
  void *p = idf_alloc(&mem, 1, 500);
  CU_ASSERT_PTR_NOT_NULL(p);
  idf_free(NULL, p);
  p = idf_alloc(NULL, 3, 1000);
  CU_ASSERT_PTR_NOT_NULL(p);
  p = idf_realloc(NULL, p, 3000, 6000);
  CU_ASSERT_PTR_NOT_NULL(p);
  idf_free(NULL, p);
  idf_free(NULL, NULL);
  CU_ASSERT_EQUAL(idf_mem_status(NULL), IDF_ERR_MEMORY);
}

int idf_suite_mem(void)
{
  static const idf_unit_test tests[] = {
      {"blocks are zeroed and aligned", blocks_are_zeroed_and_aligned},
      {"large blocks are no different", large_blocks_are_no_different},
      {"accounts balance", accounts_balance},
      {"growing keeps and zeroes", growing_keeps_and_zeroes},
      {"large blocks grow and shrink", large_blocks_grow},
      {"limits refuse", limits_refuse},
      {"impossible sizes refuse", impossible_sizes_refuse},
      {"the named allocation fails", the_named_allocation_fails},
      {"blocks outlive their accounts", blocks_outlive_their_accounts},
      {"memory of others is charged", foreign_memory_is_charged},
      {NULL, NULL}};
  return idf_unit_suite("mem", tests);
}
