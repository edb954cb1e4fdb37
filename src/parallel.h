/* SPDX-License-Identifier: BSD-3-Clause
 *
 * parallel.h: the same small job for many indices, on several threads.
 *
 * Results must not depend on the order in which indices are done: that is what keeps
 * bytes independent of the number of threads.
 */
#ifndef IDF_SRC_PARALLEL_H
#define IDF_SRC_PARALLEL_H

#include "base.h"

#define IDF_MAX_THREADS 256u

/* What a caller's wish means: 0 is the number of processors online; never above
 * IDF_MAX_THREADS nor below 1. */
unsigned idf_thread_count(unsigned wish);

/* Calls run(context, i) once for each i in [0, count) and returns when all are done. At
 * most `threads` threads are at work, this one among them; with 1, or where no thread can
 * be made, it does everything itself. Signals go to the caller's threads only. */
void idf_parallel(unsigned threads, size_t count, void (*run)(void *context, size_t i),
                  void *context);

#endif
