/* SPDX-License-Identifier: BSD-3-Clause
 *
 * turns.c: shares works, threads and memory out, and shows messages in order. A work takes
 * milliseconds at least, so a single lock costs nothing.
 */
#include "turns.h"

#include <string.h>

void idf_turns_init(idf_turns *turns, idf_cli *cli, FILE *records, size_t count, idf_share all)
{
  memset(turns, 0, sizeof *turns);
  (void)pthread_mutex_init(&turns->lock, NULL); /* of the simplest kind: these cannot fail */
  (void)pthread_cond_init(&turns->changed, NULL);
  turns->cli = cli;
  turns->records = records;
  turns->count = count;
  turns->all = all;
}

static void forget(idf_page *page)
{
  idf_buf_free(&page->messages);
  idf_buf_free(&page->records);
  *page = (idf_page){0};
}

void idf_turns_free(idf_turns *turns)
{
  for (size_t i = 0; i < IDF_TURNS_AHEAD; i++)
    forget(&turns->page[i]);
  (void)pthread_cond_destroy(&turns->changed);
  (void)pthread_mutex_destroy(&turns->lock);
}

bool idf_turns_take(idf_turns *turns, size_t *i)
{
  (void)pthread_mutex_lock(&turns->lock);
  while (turns->next < turns->count && turns->next - turns->shown >= IDF_TURNS_AHEAD
         && !idf_interrupted())
    (void)pthread_cond_wait(&turns->changed, &turns->lock);
  const bool is_one = turns->next < turns->count && !idf_interrupted();
  if (is_one)
    *i = turns->next++;
  (void)pthread_mutex_unlock(&turns->lock);
  return is_one;
}

/* ---- shares ------------------------------------------------------------------------- */

static bool fits(const idf_turns *turns, const idf_share *want)
{
  const unsigned threads = turns->all.threads - turns->taken.threads;

  return turns->working == 0
         || (threads > 0 && threads >= want->threads / 2
             && turns->all.memory - turns->taken.memory >= want->memory);
}

void idf_turns_enter(idf_turns *turns, const idf_share *want, idf_share *got)
{
  const idf_share most = {.threads = IDF_MIN(IDF_MAX(want->threads, 1u), turns->all.threads),
                          .memory = IDF_MIN(want->memory, turns->all.memory)};

  (void)pthread_mutex_lock(&turns->lock);
  const uint64_t ticket = turns->tickets++;
  while (ticket != turns->served || !fits(turns, &most))
    (void)pthread_cond_wait(&turns->changed, &turns->lock);
  turns->served++;
  turns->working++;
  got->threads = IDF_MIN(most.threads, turns->all.threads - turns->taken.threads);
  got->memory = most.memory;
  turns->taken.threads += got->threads;
  turns->taken.memory += got->memory;
  (void)pthread_cond_broadcast(&turns->changed);
  (void)pthread_mutex_unlock(&turns->lock);
}

void idf_turns_leave(idf_turns *turns, const idf_share *got)
{
  (void)pthread_mutex_lock(&turns->lock);
  turns->working--;
  turns->taken.threads -= got->threads;
  turns->taken.memory -= got->memory;
  (void)pthread_cond_broadcast(&turns->changed);
  (void)pthread_mutex_unlock(&turns->lock);
}

/* ---- messages ----------------------------------------------------------------------- */

static void show(idf_turns *turns, const idf_page *page)
{
  idf_cli *cli = turns->cli;

  idf_cli_show(cli, &page->messages);
  if (page->records.len) {
    fwrite(page->records.data, 1, page->records.len, turns->records);
    fflush(turns->records);
  }
  cli->warnings += page->warnings;
  cli->errors += page->errors + page->messages.bad;
  if (page->records.bad)
    idf_error_status(cli, NULL, IDF_ERR_MEMORY, "a record is missing", IDF_LIMIT_NONE);
}

void idf_turns_done(idf_turns *turns, size_t i, idf_page *page)
{
  (void)pthread_mutex_lock(&turns->lock);
  turns->page[i % IDF_TURNS_AHEAD] = *page;
  turns->page[i % IDF_TURNS_AHEAD].done = true;
  *page = (idf_page){0};
  for (;;) {
    idf_page *first = &turns->page[turns->shown % IDF_TURNS_AHEAD];
    if (!first->done)
      break;
    show(turns, first);
    forget(first);
    turns->shown++;
  }
  (void)pthread_cond_broadcast(&turns->changed);
  (void)pthread_mutex_unlock(&turns->lock);
}
