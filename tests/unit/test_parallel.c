/* SPDX-License-Identifier: BSD-3-Clause
 *
 * test_parallel.c: every index once, whatever the numbers of threads and of indices.
 */
#include "parallel.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>

#include "unit.h"

int idf_suite_parallel(void);

#define MOST 300

typedef struct tally {
  _Atomic unsigned seen[MOST + 1];
  _Atomic unsigned meeting; /* how many have come to the meeting */
  unsigned wanted;          /* who comes waits until so many are there */
  pthread_t caller;
  _Atomic bool elsewhere; /* some index was done by another thread */
} tally;

static void count_it(void *context, size_t i)
{
  tally *t = context;
  atomic_fetch_add(&t->seen[i < MOST ? i : MOST], 1);
  if (!pthread_equal(t->caller, pthread_self()))
    t->elsewhere = true;
}

static void every_index_once(void)
{
  static const unsigned threads[] = {0, 1, 2, 5, IDF_MAX_THREADS, IDF_MAX_THREADS + 9};
  static const size_t counts[] = {0, 1, 2, 7, MOST};

  for (size_t a = 0; a < sizeof threads / sizeof *threads; a++)
    for (size_t b = 0; b < sizeof counts / sizeof *counts; b++) {
      tally t = {.caller = pthread_self()};
      idf_parallel(threads[a], counts[b], count_it, &t);
      unsigned wrong = 0;
      for (size_t i = 0; i <= MOST; i++)
        wrong += t.seen[i] != (i < counts[b]);
      if (wrong)
        printf("# %u threads, %zu indices\n", threads[a], counts[b]);
      CU_ASSERT_EQUAL(wrong, 0);
      CU_ASSERT_FALSE(threads[a] <= 1 && t.elsewhere);
    }
}

static void meet(void *context, size_t i)
{
  tally *t = context;
  (void)i;
  atomic_fetch_add(&t->meeting, 1);
  while (t->meeting < t->wanted)
    sched_yield();
}

/* Three at a time, else nobody would ever leave the meeting. */
static void threads_work_at_once(void)
{
  tally t = {.wanted = 3};
  idf_parallel(3, 3, meet, &t);
  CU_ASSERT_EQUAL(t.meeting, 3);
}

static void wishes_are_bounded(void)
{
  CU_ASSERT_TRUE(idf_thread_count(0) >= 1 && idf_thread_count(0) <= IDF_MAX_THREADS);
  CU_ASSERT_EQUAL(idf_thread_count(1), 1);
  CU_ASSERT_EQUAL(idf_thread_count(7), 7);
  CU_ASSERT_EQUAL(idf_thread_count(UINT32_MAX), IDF_MAX_THREADS);
}

int idf_suite_parallel(void)
{
  static const idf_unit_test tests[] = {
      {"every index once", every_index_once},
      {"threads work at once", threads_work_at_once},
      {"wishes are bounded", wishes_are_bounded},
      {NULL, NULL}};
  return idf_unit_suite("parallel", tests);
}
