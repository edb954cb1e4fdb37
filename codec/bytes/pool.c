/* SPDX-License-Identifier: BSD-3-Clause
 *
 * pool.c: the thread pool of pool.h. A task is a tile, which takes tens of milliseconds, so a
 * single lock for everything costs nothing.
 */
#define _POSIX_C_SOURCE 200809L

#include "pool.h"

#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include "fpenv.h"

#define RESTING UINT64_MAX

typedef struct worker {
  idf_pool *pool;
  pthread_t thread;
  uint64_t task; /* or RESTING */
} worker;

struct idf_pool {
  idf_mem *mem;
  void (*run)(void *context, uint64_t i);
  void *context;
  pthread_mutex_t lock; /* protects all that follows */
  pthread_cond_t offered, done;
  uint64_t next, until;  /* tasks [next, until) wait to be started */
  bool closing, awaited; /* awaited: the owner waits for a task */
  unsigned made, most;   /* threads that exist; how many may work, 0: only the owner */
  worker workers[];
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
static unsigned workers_for(unsigned threads)
{
  return threads > 1 ? IDF_MIN(threads, IDF_MAX_THREADS) : 0;
}

/* The last thread, number most - 1, takes the owner's place: see pool.h. */
static bool may_begin(const idf_pool *p, unsigned number)
{
  const uint64_t waiting = p->until - p->next;
  return waiting > 0 && number < p->most
         && (number + 1 < p->most || p->awaited || waiting > p->most);
}

static void *run_worker(void *argument)
{
  worker *w = argument;
  idf_pool *p = w->pool;
  const unsigned number = (unsigned)(w - p->workers);
  idf_fpenv before;

  idf_fpenv_enter(&before); /* for good: a thread inherits the environment of its creator */

  (void)pthread_mutex_lock(&p->lock);
  while (!p->closing) {
    if (!may_begin(p, number)) {
      (void)pthread_cond_wait(&p->offered, &p->lock);
      continue;
    }
    w->task = p->next++;
    (void)pthread_mutex_unlock(&p->lock);
    p->run(p->context, w->task);
    (void)pthread_mutex_lock(&p->lock);
    w->task = RESTING;
    (void)pthread_cond_signal(&p->done);
  }
  (void)pthread_mutex_unlock(&p->lock);
  return NULL;
}

idf_pool *idf_pool_new(idf_mem *mem, unsigned threads, uint64_t first, uint64_t end,
                       void (*run)(void *context, uint64_t i), void *context)
{
  const unsigned most = end - first > 1 ? workers_for(threads) : 0;
  idf_pool *p = idf_alloc(mem, 1, sizeof *p + most * sizeof(worker));

  if (!p)
    return NULL;
  *p = (idf_pool){
      .mem = mem, .run = run, .context = context, .next = first, .until = first, .most = most};
  if (pthread_mutex_init(&p->lock, NULL) == 0) {
    if (pthread_cond_init(&p->offered, NULL) == 0) {
      if (pthread_cond_init(&p->done, NULL) == 0)
        return p;
      (void)pthread_cond_destroy(&p->offered);
    }
    (void)pthread_mutex_destroy(&p->lock);
  }
  idf_free(mem, p);
  return NULL;
}

/* Creates a thread for each waiting task, beyond the threads at work. */
static void make_workers(idf_pool *p)
{
  uint64_t wanted = p->until - p->next;
  sigset_t all, before;

  for (unsigned k = 0; k < p->made; k++)
    wanted += p->workers[k].task != RESTING;
  wanted = IDF_MIN(wanted, p->most);
  if (p->made >= wanted)
    return;
  sigfillset(&all);
  const bool masked = pthread_sigmask(SIG_SETMASK, &all, &before) == 0;
  while (p->made < wanted) {
    worker *w = &p->workers[p->made];
    *w = (worker){.pool = p, .task = RESTING};
    if (pthread_create(&w->thread, NULL, run_worker, w) != 0) {
      p->most = p->made;
      break;
    }
    p->made++;
  }
  if (masked)
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
}

void idf_pool_offer(idf_pool *pool, uint64_t until)
{
  (void)pthread_mutex_lock(&pool->lock);
  pool->until = IDF_MAX(pool->until, until);
  make_workers(pool);
  (void)pthread_cond_broadcast(&pool->offered);
  (void)pthread_mutex_unlock(&pool->lock);
}

/* Whether no thread is at task i, or, if i is RESTING, at any task. */
static bool nobody_at(const idf_pool *p, uint64_t i)
{
  for (unsigned k = 0; k < p->made; k++)
    if (p->workers[k].task != RESTING && (i == RESTING || p->workers[k].task == i))
      return false;
  return true;
}

void idf_pool_wait(idf_pool *pool, uint64_t i)
{
  idf_pool *p = pool;
  idf_fpenv before;

  (void)pthread_mutex_lock(&p->lock);
  p->awaited = true;
  (void)pthread_cond_broadcast(&p->offered);
  while (i >= p->next || !nobody_at(p, i)) {
    if (p->most > 0) {
      (void)pthread_cond_wait(&p->done, &p->lock);
      continue;
    }
    const uint64_t task = p->next++;
    (void)pthread_mutex_unlock(&p->lock);
    idf_fpenv_enter(&before);
    p->run(p->context, task);
    idf_fpenv_leave(&before);
    (void)pthread_mutex_lock(&p->lock);
  }
  p->awaited = false;
  (void)pthread_mutex_unlock(&p->lock);
}

void idf_pool_recall(idf_pool *pool, uint64_t i, unsigned threads)
{
  idf_pool *p = pool;

  (void)pthread_mutex_lock(&p->lock);
  p->until = p->next;
  while (!nobody_at(p, RESTING))
    (void)pthread_cond_wait(&p->done, &p->lock);
  p->next = p->until = i;
  p->most = IDF_MIN(p->most, workers_for(threads));
  (void)pthread_mutex_unlock(&p->lock);
}

void idf_pool_free(idf_pool *pool)
{
  if (!pool)
    return;
  (void)pthread_mutex_lock(&pool->lock);
  pool->closing = true;
  (void)pthread_cond_broadcast(&pool->offered);
  (void)pthread_mutex_unlock(&pool->lock);
  for (unsigned k = 0; k < pool->made; k++)
    (void)pthread_join(pool->workers[k].thread, NULL);
  (void)pthread_cond_destroy(&pool->done);
  (void)pthread_cond_destroy(&pool->offered);
  (void)pthread_mutex_destroy(&pool->lock);
  idf_free(pool->mem, pool);
}
