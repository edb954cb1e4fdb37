/* SPDX-License-Identifier: BSD-3-Clause
 *
 * pool.h: a pool of threads that work on numbered tasks, in the order of their numbers.
 *
 * Meanwhile the owner, that is, the thread that made the pool, does something else: it reads and
 * writes files, which is a tenth to a half of all work.
 *
 * The surprise: the owner does no tasks. The last of the threads takes its place: it starts a task
 * only while the owner waits, or when more tasks wait than there are threads. An owner that did a
 * task itself would return to its files when the task is done, and not when they need it. With few
 * large tasks, two threads ended up to a task apart; now the system gives some of both processors
 * to the owner's work.
 *
 * Results must not depend on the order in which tasks are done. This keeps bytes independent of the
 * number of threads.
 *
 * Tasks run in the floating-point environment of fpenv.h. The caller's callbacks run outside of
 * tasks, in the caller's own environment.
 *
 * Thread rule: only the owner may call these functions.
 */
#ifndef IDF_CODEC_POOL_H
#define IDF_CODEC_POOL_H

#include "mem.h"

#define IDF_MAX_THREADS 256u

/* The number of threads for a caller's wish: 0 means the number of processors online. The result is
 * in [1, IDF_MAX_THREADS]. */
unsigned idf_thread_count(unsigned wish);

typedef struct idf_pool idf_pool;

/* Creates a pool of `threads` threads for the tasks first .. end - 1. None may be started yet.
 * run(context, i) does task i. Threads are created when there is work for them, with all signals
 * blocked. None are created if `threads` <= 1, for a single task, or if the system allows no
 * thread; the owner then does all tasks when it waits. NULL if there is no memory. */
idf_pool *idf_pool_new(idf_mem *mem, unsigned threads, uint64_t first, uint64_t end,
                       void (*run)(void *context, uint64_t i), void *context);

/* Allows the tasks below `until` to start, in addition to those offered before. */
void idf_pool_offer(idf_pool *pool, uint64_t until);

/* Returns when task i, which must have been offered, is done. */
void idf_pool_wait(idf_pool *pool, uint64_t i);

/* Returns when nothing is running. Tasks from i on, done or not, must be offered again. From then
 * on at most `threads` threads work. */
void idf_pool_recall(idf_pool *pool, uint64_t i, unsigned threads);

/* Waits for the running tasks; the others never start. NULL is allowed. */
void idf_pool_free(idf_pool *pool);

#endif
