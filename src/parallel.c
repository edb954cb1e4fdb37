/* SPDX-License-Identifier: BSD-3-Clause
 *
 * parallel.c: see parallel.h. Threads live for one call: a call is a row of tiles, tenths
 * of a second of work, beside which making a thread is nothing, and so there is no pool
 * to own, wake or tear down.
 */
#define _POSIX_C_SOURCE 200809L

#include "parallel.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <unistd.h>

typedef struct crew {
  _Atomic size_t next; /* the first index nobody has claimed; may pass count by `threads` */
  size_t count;
  void (*run)(void *context, size_t i);
  void *context;
} crew;

unsigned idf_thread_count(unsigned wish)
{
  if (wish == 0) {
    const long online = sysconf(_SC_NPROCESSORS_ONLN);
    wish = online < 1 ? 1 : (unsigned)IDF_MIN(online, (long)IDF_MAX_THREADS);
  }
  return IDF_MIN(wish, IDF_MAX_THREADS);
}

static void *work(void *argument)
{
  crew *c = argument;
  size_t i;

  while ((i = atomic_fetch_add(&c->next, 1)) < c->count)
    c->run(c->context, i);
  return NULL;
}

void idf_parallel(unsigned threads, size_t count, void (*run)(void *context, size_t i),
                  void *context)
{
  crew c = {.count = count, .run = run, .context = context};
  pthread_t helpers[IDF_MAX_THREADS - 1];
  size_t wanted = IDF_MIN((size_t)IDF_MIN(threads, IDF_MAX_THREADS), count), made = 0;
  sigset_t all, before;

  if (wanted > 1) {
    sigfillset(&all);
    const bool masked = pthread_sigmask(SIG_SETMASK, &all, &before) == 0;
    while (made + 1 < wanted && pthread_create(&helpers[made], NULL, work, &c) == 0)
      made++;
    if (masked)
      (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
  }
  (void)work(&c);
  while (made > 0)
    (void)pthread_join(helpers[--made], NULL);
}
