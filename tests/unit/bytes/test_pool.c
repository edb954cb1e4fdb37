/* SPDX-License-Identifier: BSD-3-Clause
 *
 * test_pool.c: every task once, whatever the numbers of threads and of tasks and the way
 * they are offered; and tasks go on while their owner is away.
 */
#include "pool.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>

#include "unit.h"

int idf_suite_pool(void);

#define MOST 300

typedef struct tally {
  _Atomic unsigned seen[MOST + 1];
  _Atomic unsigned meeting; /* how many have come to the meeting */
  unsigned wanted;          /* who comes waits until so many are there */
  pthread_t caller;
  _Atomic bool here, elsewhere; /* some task was done by the caller, by another thread */
} tally;

static void count_it(void *context, uint64_t i)
{
  tally *t = context;
  atomic_fetch_add(&t->seen[i < MOST ? i : MOST], 1);
  *(pthread_equal(t->caller, pthread_self()) ? &t->here : &t->elsewhere) = true;
}

/* Tasks [first, count) once, others never. */
static unsigned wrong_ones(const tally *t, uint64_t first, uint64_t count)
{
  unsigned wrong = 0;
  for (uint64_t i = 0; i <= MOST; i++)
    wrong += t->seen[i] != (i >= first && i < count);
  return wrong;
}

static void every_task_once(void)
{
  static const unsigned threads[] = {0, 1, 2, 5, IDF_MAX_THREADS, IDF_MAX_THREADS + 9};
  static const uint64_t counts[] = {1, 2, 7, MOST}, steps[] = {1, 3, MOST};
  idf_mem mem;

  idf_mem_init(&mem, UINT64_MAX);
  for (size_t a = 0; a < sizeof threads / sizeof *threads; a++)
    for (size_t b = 0; b < sizeof counts / sizeof *counts; b++)
      for (size_t c = 0; c < sizeof steps / sizeof *steps; c++) {
        tally t = {.caller = pthread_self()};
        const uint64_t first = counts[b] / 7, count = counts[b];
        idf_pool *pool = idf_pool_new(&mem, threads[a], first, count, count_it, &t);
        CU_ASSERT_PTR_NOT_NULL_FATAL(pool);
        unsigned late = 0;
        for (uint64_t i = first; i < count; i++) {
          if ((i - first) % steps[c] == 0)
            idf_pool_offer(pool, IDF_MIN(i + steps[c], count));
          idf_pool_wait(pool, i);
          late += t.seen[i] != 1;
        }
        idf_pool_free(pool);
        if (wrong_ones(&t, first, count) || late)
          printf("# %u threads, %llu tasks\n", threads[a], (unsigned long long)count);
        CU_ASSERT_EQUAL(wrong_ones(&t, first, count), 0);
        CU_ASSERT_EQUAL(late, 0);
        /* A lone owner, or one with a single task, does all; else it does none. */
        const bool alone = threads[a] <= 1 || count - first == 1;
        CU_ASSERT_EQUAL(t.here, alone);
        CU_ASSERT_EQUAL(t.elsewhere, !alone);
      }
  CU_ASSERT_EQUAL(mem.used, 0);
  mem.fail_in = 0;
  CU_ASSERT_PTR_NULL(idf_pool_new(&mem, 2, 0, 1, count_it, NULL));
}

static void meet(void *context, uint64_t i)
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
  idf_mem mem;
  tally t = {.wanted = 3};

  idf_mem_init(&mem, UINT64_MAX);
  idf_pool *pool = idf_pool_new(&mem, 3, 0, 3, meet, &t);
  CU_ASSERT_PTR_NOT_NULL_FATAL(pool);
  idf_pool_offer(pool, 3);
  idf_pool_wait(pool, 1);
  CU_ASSERT_EQUAL(t.meeting, 3);
  idf_pool_free(pool);
}

/* Two tasks for two threads: one begins, the other only when the owner waits. */
static void a_stand_in_leaves_the_owner_its_time(void)
{
  idf_mem mem;
  tally t = {.wanted = 2};

  idf_mem_init(&mem, UINT64_MAX);
  idf_pool *pool = idf_pool_new(&mem, 2, 0, 2, meet, &t);
  CU_ASSERT_PTR_NOT_NULL_FATAL(pool);
  idf_pool_offer(pool, 2);
  while (t.meeting < 1)
    sched_yield();
  for (int i = 0; i < 1000; i++)
    sched_yield();
  CU_ASSERT_EQUAL(t.meeting, 1);
  idf_pool_wait(pool, 0);
  CU_ASSERT_EQUAL(t.meeting, 2);
  idf_pool_free(pool);
}

/* The owner is here and not in the pool: only a worker can do these. */
static void tasks_go_on_without_their_owner(void)
{
  idf_mem mem;
  tally t = {.caller = pthread_self()};

  idf_mem_init(&mem, UINT64_MAX);
  idf_pool *pool = idf_pool_new(&mem, 2, 0, 9, count_it, &t);
  CU_ASSERT_PTR_NOT_NULL_FATAL(pool);
  idf_pool_offer(pool, 5);
  while (wrong_ones(&t, 0, 5) > 0)
    sched_yield();
  CU_ASSERT_TRUE(t.elsewhere);
  idf_pool_free(pool); /* and the others never */
  CU_ASSERT_EQUAL(wrong_ones(&t, 0, 5), 0);
}

/* A lone owner does nothing before it waits, and then tasks in order, no more than it must. */
static void a_lone_owner_takes_its_time(void)
{
  idf_mem mem;
  tally t = {.caller = pthread_self()};

  idf_mem_init(&mem, UINT64_MAX);
  idf_pool *pool = idf_pool_new(&mem, 1, 2, 9, count_it, &t);
  CU_ASSERT_PTR_NOT_NULL_FATAL(pool);
  idf_pool_offer(pool, 9);
  CU_ASSERT_EQUAL(wrong_ones(&t, 0, 0), 0);
  idf_pool_wait(pool, 4);
  CU_ASSERT_EQUAL(wrong_ones(&t, 2, 5), 0);
  idf_pool_free(pool);
  CU_ASSERT_EQUAL(wrong_ones(&t, 2, 5), 0);
}

/* Called back, tasks are done again when they are offered again, by fewer threads. */
static void tasks_can_be_recalled(void)
{
  idf_mem mem;

  idf_mem_init(&mem, UINT64_MAX);
  for (unsigned threads = 1; threads < 6; threads++)
    for (unsigned fewer = 1; fewer <= threads; fewer++) {
      tally t = {.caller = pthread_self()};
      idf_pool *pool = idf_pool_new(&mem, threads, 0, MOST, count_it, &t);
      CU_ASSERT_PTR_NOT_NULL_FATAL(pool);
      idf_pool_offer(pool, 200);
      idf_pool_wait(pool, 150);
      idf_pool_recall(pool, 100, fewer);
      unsigned before[MOST], wrong = 0;
      for (size_t i = 0; i < MOST; i++) {
        before[i] = t.seen[i];
        wrong += before[i] != 1 && i <= 150;
      }
      sched_yield();
      for (size_t i = 0; i < MOST; i++)
        wrong += t.seen[i] != before[i];
      t.elsewhere = false;
      idf_pool_offer(pool, MOST);
      for (uint64_t i = 100; i < MOST; i++)
        idf_pool_wait(pool, i);
      for (size_t i = 0; i < MOST; i++)
        wrong += t.seen[i] != before[i] + (i >= 100);
      CU_ASSERT_EQUAL(wrong, 0);
      CU_ASSERT_FALSE(fewer == 1 && t.elsewhere);
      idf_pool_free(pool);
    }
  CU_ASSERT_EQUAL(mem.used, 0);
}

static void wishes_are_bounded(void)
{
  CU_ASSERT_TRUE(idf_thread_count(0) >= 1 && idf_thread_count(0) <= IDF_MAX_THREADS);
  CU_ASSERT_EQUAL(idf_thread_count(1), 1);
  CU_ASSERT_EQUAL(idf_thread_count(7), 7);
  CU_ASSERT_EQUAL(idf_thread_count(UINT32_MAX), IDF_MAX_THREADS);
}

int idf_suite_pool(void)
{
  static const idf_unit_test tests[] = {
      {"every task once", every_task_once},
      {"threads work at once", threads_work_at_once},
      {"a stand-in leaves the owner its time", a_stand_in_leaves_the_owner_its_time},
      {"tasks go on without their owner", tasks_go_on_without_their_owner},
      {"a lone owner takes its time", a_lone_owner_takes_its_time},
      {"tasks can be recalled", tasks_can_be_recalled},
      {"wishes are bounded", wishes_are_bounded},
      {NULL, NULL}};
  return idf_unit_suite("pool", tests);
}
