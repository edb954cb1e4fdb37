/* SPDX-License-Identifier: BSD-3-Clause
 *
 * crew.c: the thread pool of crew.h. A task is a tile, which takes tens of milliseconds, so a
 * single lock for everything costs nothing.
 */
#define _POSIX_C_SOURCE 200809L

#include "crew.h"

#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include "fpenv.h"

#define RESTING UINT64_MAX

typedef struct helper {
  idf_crew *crew;
  pthread_t thread;
  uint64_t task; /* or RESTING */
} helper;

struct idf_crew {
  idf_mem *mem;
  void (*run)(void *context, uint64_t i);
  void *context;
  pthread_mutex_t lock; /* protects all that follows */
  pthread_cond_t offered, done;
  uint64_t next, until;  /* tasks [next, until) wait to be started */
  bool closing, awaited; /* awaited: the owner waits for a task */
  unsigned made, most;   /* threads that exist; how many may work, 0: only the owner */
  helper helpers[];
};

unsigned idf_thread_count(unsigned wish)
{
  if (wish == 0) {
    const long online = sysconf(_SC_NPROCESSORS_ONLN);
    wish = online < 1 ? 1 : (unsigned)IDF_MIN(online, (long)IDF_MAX_THREADS);
  }
  return IDF_MIN(wish, IDF_MAX_THREADS);
}

/* The number of threads to create. A single thread needs none: the owner does the work. */
static unsigned helpers_of(unsigned threads)
{
  return threads > 1 ? IDF_MIN(threads, IDF_MAX_THREADS) : 0;
}

/* The last thread, number most - 1, takes the owner's place: see crew.h. */
static bool may_begin(const idf_crew *c, unsigned number)
{
  const uint64_t waiting = c->until - c->next;
  return waiting > 0 && number < c->most
         && (number + 1 < c->most || c->awaited || waiting > c->most);
}

static void *help(void *argument)
{
  helper *h = argument;
  idf_crew *c = h->crew;
  const unsigned number = (unsigned)(h - c->helpers);
  idf_fpenv before;

  idf_fpenv_enter(&before); /* for good: a thread inherits the environment of its creator */

  (void)pthread_mutex_lock(&c->lock);
  while (!c->closing) {
    if (!may_begin(c, number)) {
      (void)pthread_cond_wait(&c->offered, &c->lock);
      continue;
    }
    h->task = c->next++;
    (void)pthread_mutex_unlock(&c->lock);
    c->run(c->context, h->task);
    (void)pthread_mutex_lock(&c->lock);
    h->task = RESTING;
    (void)pthread_cond_signal(&c->done);
  }
  (void)pthread_mutex_unlock(&c->lock);
  return NULL;
}

idf_crew *idf_crew_new(idf_mem *mem, unsigned threads, uint64_t first, uint64_t end,
                       void (*run)(void *context, uint64_t i), void *context)
{
  const unsigned most = end - first > 1 ? helpers_of(threads) : 0;
  idf_crew *c = idf_alloc(mem, 1, sizeof *c + most * sizeof(helper));

  if (!c)
    return NULL;
  *c = (idf_crew){
      .mem = mem, .run = run, .context = context, .next = first, .until = first, .most = most};
  if (pthread_mutex_init(&c->lock, NULL) == 0) {
    if (pthread_cond_init(&c->offered, NULL) == 0) {
      if (pthread_cond_init(&c->done, NULL) == 0)
        return c;
      (void)pthread_cond_destroy(&c->offered);
    }
    (void)pthread_mutex_destroy(&c->lock);
  }
  idf_free(mem, c);
  return NULL;
}

/* Creates a thread for each waiting task, beyond the threads at work. */
static void make_helpers(idf_crew *c)
{
  uint64_t wanted = c->until - c->next;
  sigset_t all, before;

  for (unsigned k = 0; k < c->made; k++)
    wanted += c->helpers[k].task != RESTING;
  wanted = IDF_MIN(wanted, c->most);
  if (c->made >= wanted)
    return;
  sigfillset(&all);
  const bool masked = pthread_sigmask(SIG_SETMASK, &all, &before) == 0;
  while (c->made < wanted) {
    helper *h = &c->helpers[c->made];
    *h = (helper){.crew = c, .task = RESTING};
    if (pthread_create(&h->thread, NULL, help, h) != 0) {
      c->most = c->made;
      break;
    }
    c->made++;
  }
  if (masked)
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
}

void idf_crew_offer(idf_crew *crew, uint64_t until)
{
  (void)pthread_mutex_lock(&crew->lock);
  crew->until = IDF_MAX(crew->until, until);
  make_helpers(crew);
  (void)pthread_cond_broadcast(&crew->offered);
  (void)pthread_mutex_unlock(&crew->lock);
}

/* Whether no thread is at task i, or, if i is RESTING, at any task. */
static bool nobody_at(const idf_crew *c, uint64_t i)
{
  for (unsigned k = 0; k < c->made; k++)
    if (c->helpers[k].task != RESTING && (i == RESTING || c->helpers[k].task == i))
      return false;
  return true;
}

void idf_crew_wait(idf_crew *crew, uint64_t i)
{
  idf_crew *c = crew;
  idf_fpenv before;

  (void)pthread_mutex_lock(&c->lock);
  c->awaited = true;
  (void)pthread_cond_broadcast(&c->offered);
  while (i >= c->next || !nobody_at(c, i)) {
    if (c->most > 0) {
      (void)pthread_cond_wait(&c->done, &c->lock);
      continue;
    }
    const uint64_t task = c->next++;
    (void)pthread_mutex_unlock(&c->lock);
    idf_fpenv_enter(&before);
    c->run(c->context, task);
    idf_fpenv_leave(&before);
    (void)pthread_mutex_lock(&c->lock);
  }
  c->awaited = false;
  (void)pthread_mutex_unlock(&c->lock);
}

void idf_crew_recall(idf_crew *crew, uint64_t i, unsigned threads)
{
  idf_crew *c = crew;

  (void)pthread_mutex_lock(&c->lock);
  c->until = c->next;
  while (!nobody_at(c, RESTING))
    (void)pthread_cond_wait(&c->done, &c->lock);
  c->next = c->until = i;
  c->most = IDF_MIN(c->most, helpers_of(threads));
  (void)pthread_mutex_unlock(&c->lock);
}

void idf_crew_free(idf_crew *crew)
{
  if (!crew)
    return;
  (void)pthread_mutex_lock(&crew->lock);
  crew->closing = true;
  (void)pthread_cond_broadcast(&crew->offered);
  (void)pthread_mutex_unlock(&crew->lock);
  for (unsigned k = 0; k < crew->made; k++)
    (void)pthread_join(crew->helpers[k].thread, NULL);
  (void)pthread_cond_destroy(&crew->done);
  (void)pthread_cond_destroy(&crew->offered);
  (void)pthread_mutex_destroy(&crew->lock);
  idf_free(crew->mem, crew);
}
