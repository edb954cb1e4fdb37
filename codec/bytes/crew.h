/* SPDX-License-Identifier: BSD-3-Clause
 *
 * crew.h: threads that work on numbered tasks, in order of their numbers, while their
 * owner does something else: reads and writes files, which is a tenth to a half of all work.
 *
 * The surprise: the owner is no member. One of the threads stands in for it and begins a task only
 * while the owner waits, or when more tasks wait than there are threads. An owner who does a task
 * itself comes back to its files when that is done and not when it is needed; and with few large
 * tasks two threads ended up to a task apart, where now the system gives the owner's work some of
 * both.
 *
 * Results must not depend on the order in which tasks are done: that is what keeps
 * bytes independent of the number of threads.
 *
 * Tasks compute in the environment of fpenv.h; callbacks of the caller, outside of tasks, in the
 * caller's own.
 *
 * Thread rule: every function is for the owner alone.
 */
#ifndef IDF_SRC_CREW_H
#define IDF_SRC_CREW_H

#include "mem.h"

#define IDF_MAX_THREADS 256u

/* What a caller's wish means: 0 is the number of processors online; never above
 * IDF_MAX_THREADS nor below 1. */
unsigned idf_thread_count(unsigned wish);

typedef struct idf_crew idf_crew;

/* A crew of `threads` threads for tasks first .. end - 1, none of which may be begun yet.
 * run(context, i) does task i. Threads are made when there is something to do for them, with
 * every signal blocked. With `threads` <= 1, for a single task, and where no thread can be made,
 * there are none, and the owner does it all when it waits. NULL without memory. */
idf_crew *idf_crew_new(idf_mem *mem, unsigned threads, uint64_t first, uint64_t end,
                       void (*run)(void *context, uint64_t i), void *context);

/* Tasks below `until` may begin, besides those offered before. */
void idf_crew_offer(idf_crew *crew, uint64_t until);

/* Returns when task i, which was offered, is done. */
void idf_crew_wait(idf_crew *crew, uint64_t i);

/* Returns when nothing is running. Tasks from i on, done or not, are to be offered again;
 * at most `threads` threads work from then on. */
void idf_crew_recall(idf_crew *crew, uint64_t i, unsigned threads);

/* Waits for what is running; what did not begin never does. NULL is allowed. */
void idf_crew_free(idf_crew *crew);

#endif
