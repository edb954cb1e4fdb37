/* SPDX-License-Identifier: BSD-3-Clause
 *
 * unit.h: what every test_x.c may use beside CUnit itself.
 *
 * Each file defines `int idf_suite_x(void)`, which adds one suite with
 * idf_unit_suite and is listed in main.c; 0 means it was added.
 */
#ifndef IDF_TESTS_UNIT_H
#define IDF_TESTS_UNIT_H

#include <stdint.h>
#include <stdio.h>

#include <CUnit/CUnit.h>

typedef struct idf_unit_test {
  const char *name; /* says what must hold */
  void (*run)(void);
} idf_unit_test;

/* Adds a suite of the tests up to the first whose `run` is NULL. 0, or 1 on failure. */
static inline int idf_unit_suite(const char *name, const idf_unit_test *tests)
{
  CU_pSuite suite = CU_add_suite(name, NULL, NULL);
  if (!suite)
    return 1;
  for (; tests->run != NULL; tests++)
    if (!CU_add_test(suite, tests->name, tests->run))
      return 1;
  return 0;
}

/* A random stream of 32-bit values for tests (xorshift64*, Vigna 2014): the same
 * on every machine, so that a printed seed reproduces a failure. */
typedef struct idf_unit_random {
  uint64_t state, seed;
} idf_unit_random;

static inline idf_unit_random idf_unit_random_of(uint64_t seed)
{
  idf_unit_random r = {seed * 2 + 1, seed};
  return r;
}

static inline uint32_t idf_unit_next(idf_unit_random *r)
{
  r->state ^= r->state >> 12;
  r->state ^= r->state << 25;
  r->state ^= r->state >> 27;
  return (uint32_t)((r->state * UINT64_C(0x2545F4914F6CDD1D)) >> 32);
}

/* Uniform enough in [0, below), below >= 1. */
static inline uint32_t idf_unit_below(idf_unit_random *r, uint32_t below)
{
  return (uint32_t)((uint64_t)idf_unit_next(r) * below >> 32);
}

/* CU_ASSERT that tells which seed to use again. */
#define IDF_UNIT_SEEDED(r, condition)                                                              \
  do {                                                                                             \
    int idf_unit_holds = (condition) ? 1 : 0;                                                      \
    if (!idf_unit_holds)                                                                           \
      printf("# seed %llu: %s, %s:%d\n", (unsigned long long)(r)->seed, #condition, __FILE__,      \
             __LINE__);                                                                            \
    CU_ASSERT(idf_unit_holds);                                                                     \
  } while (0)

#endif
