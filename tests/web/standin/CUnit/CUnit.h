/* SPDX-License-Identifier: BSD-3-Clause
 *
 * CUnit.h: what the unit tests of the kernels need of CUnit, for WebAssembly, where there is none.
 * A test runs when it is added, and a fatal assertion that does not hold ends the program.
 */
#ifndef IDF_TESTS_STANDIN_CUNIT_H
#define IDF_TESTS_STANDIN_CUNIT_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

typedef const char *CU_pSuite; /* its name */

typedef struct standin {
  unsigned cases, failed; /* tests */
  unsigned asserts, bad;  /* assertions of the test that runs */
} standin;

extern standin idf_standin;

static inline CU_pSuite CU_add_suite(const char *name, int (*init)(void), int (*clean)(void))
{
  (void)init;
  (void)clean;
  return name;
}

static inline const char *CU_add_test(CU_pSuite suite, const char *name, void (*run)(void))
{
  standin *s = &idf_standin;
  s->asserts = s->bad = 0;
  run();
  s->cases++;
  s->failed += s->bad > 0;
  printf("%s %u - %s: %s, %u assertions\n", s->bad ? "not ok" : "ok", s->cases, suite, name,
         s->asserts);
  return name;
}

static inline void standin_assert(int holds, const char *what, const char *file, int line,
                                  int fatal)
{
  standin *s = &idf_standin;
  s->asserts++;
  if (holds)
    return;
  if (s->bad++ < 10)
    printf("# %s:%d: %s\n", file, line, what);
  if (fatal) {
    printf("not ok %u - a fatal assertion\n", s->cases + 1);
    exit(1);
  }
}

#define STANDIN(holds, fatal) standin_assert((holds) ? 1 : 0, #holds, __FILE__, __LINE__, fatal)
#define CU_ASSERT(a) STANDIN(a, 0)
#define CU_ASSERT_TRUE(a) STANDIN(a, 0)
#define CU_ASSERT_FALSE(a) STANDIN(!(a), 0)
#define CU_ASSERT_EQUAL(a, b) STANDIN((a) == (b), 0)
#define CU_ASSERT_NOT_EQUAL(a, b) STANDIN((a) != (b), 0)
#define CU_ASSERT_PTR_EQUAL(a, b) STANDIN((a) == (b), 0)
#define CU_ASSERT_PTR_NULL(a) STANDIN((a) == NULL, 0)
#define CU_ASSERT_PTR_NOT_NULL(a) STANDIN((a) != NULL, 0)
#define CU_ASSERT_FATAL(a) STANDIN(a, 1)
#define CU_ASSERT_TRUE_FATAL(a) STANDIN(a, 1)
#define CU_ASSERT_FALSE_FATAL(a) STANDIN(!(a), 1)
#define CU_ASSERT_EQUAL_FATAL(a, b) STANDIN((a) == (b), 1)
#define CU_ASSERT_PTR_NOT_NULL_FATAL(a) STANDIN((a) != NULL, 1)

#endif
