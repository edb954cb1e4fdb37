/* SPDX-License-Identifier: BSD-3-Clause
 *
 * test_turns.c: shares never exceed what there is, and messages keep the order of the works.
 */
#include "turns.h"
#include "unit.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

int idf_suite_turns(void);

typedef struct desk {
  idf_turns *turns;
  idf_cli cli;
  FILE *records;
} desk;

static void set_up(desk *d, size_t count, unsigned threads, uint64_t memory)
{
  d->turns = idf_alloc(NULL, 1, sizeof *d->turns);
  d->records = tmpfile();
  idf_cli_init(&d->cli, "tool");
  d->cli.err = tmpfile();
  CU_ASSERT_FATAL(d->turns && d->records && d->cli.err);
  idf_turns_init(d->turns, &d->cli, d->records, count,
                 (idf_share){.threads = threads, .memory = memory});
}

static void said(FILE *file, char *text, size_t size)
{
  rewind(file);
  const size_t n = fread(text, 1, size - 1, file);
  text[n] = '\0';
}

static void tear_down(desk *d)
{
  idf_turns_free(d->turns);
  idf_free(NULL, d->turns);
  fclose(d->records);
  fclose(d->cli.err);
}

static void done(desk *d, size_t i, const char *message, unsigned errors)
{
  idf_page page = {.errors = errors, .warnings = 1};

  idf_buf_init(&page.messages, NULL);
  idf_buf_init(&page.records, NULL);
  idf_put_bytes(&page.messages, message, strlen(message));
  idf_put_bytes(&page.records, message, 1);
  idf_turns_done(d->turns, i, &page);
  CU_ASSERT(!page.messages.data && !page.records.data);
}

static void in_order(void)
{
  char text[64];
  size_t i;
  desk d;

  set_up(&d, 3, 1, 1);
  for (size_t k = 0; k < 3; k++)
    CU_ASSERT(idf_turns_take(d.turns, &i) && i == k);
  CU_ASSERT(!idf_turns_take(d.turns, &i));
  done(&d, 2, "c\n", 0);
  done(&d, 1, "b\n", 1);
  CU_ASSERT_EQUAL(ftell(d.cli.err), 0);
  CU_ASSERT_EQUAL(d.cli.errors, 0);
  done(&d, 0, "a\n", 0);
  CU_ASSERT(d.cli.errors == 1 && d.cli.warnings == 3);
  said(d.cli.err, text, sizeof text);
  CU_ASSERT_STRING_EQUAL(text, "a\nb\nc\n");
  said(d.records, text, sizeof text);
  CU_ASSERT_STRING_EQUAL(text, "abc");
  tear_down(&d);
}

static void what_is_lost_is_an_error(void)
{
  idf_page page = {.messages.bad = true, .records.bad = true};
  char text[256];
  size_t i;
  desk d;

  set_up(&d, 1, 1, 1);
  CU_ASSERT(idf_turns_take(d.turns, &i));
  idf_turns_done(d.turns, i, &page);
  CU_ASSERT_EQUAL(d.cli.errors, 2);
  said(d.cli.err, text, sizeof text);
  CU_ASSERT_PTR_NOT_NULL(strstr(text, "no memory for a message"));
  CU_ASSERT_PTR_NOT_NULL(strstr(text, "a record is missing"));
  tear_down(&d);
}

static void shares(void)
{
  idf_share a, b, c;
  desk d;

  set_up(&d, 3, 8, 1000);
  idf_turns_enter(d.turns, &(idf_share){.threads = 5, .memory = 600}, &a);
  CU_ASSERT(a.threads == 5 && a.memory == 600);
  idf_turns_enter(d.turns, &(idf_share){.threads = 6, .memory = 400}, &b);
  CU_ASSERT(b.threads == 3 && b.memory == 400);
  idf_turns_leave(d.turns, &a);
  idf_turns_leave(d.turns, &b);
  idf_turns_enter(d.turns, &(idf_share){.threads = 99, .memory = UINT64_MAX}, &c);
  CU_ASSERT(c.threads == 8 && c.memory == 1000);
  idf_turns_leave(d.turns, &c);
  CU_ASSERT(d.turns->working == 0 && d.turns->taken.threads == 0 && d.turns->taken.memory == 0);
  tear_down(&d);
}

/* Many threads, each with other wishes: what is taken at any time is counted. */
typedef struct many {
  desk d;
  _Atomic uint64_t memory, most_memory;
  _Atomic unsigned threads, most_threads;
} many;

static void *work(void *context)
{
  many *m = context;
  size_t i;

  while (idf_turns_take(m->d.turns, &i)) {
    const idf_share want = {.threads = 1 + (unsigned)(i % 7), .memory = 1 + i % 130 * 10};
    idf_share got;
    char text[16];
    idf_turns_enter(m->d.turns, &want, &got);
    const unsigned threads = atomic_fetch_add(&m->threads, got.threads) + got.threads;
    const uint64_t memory = atomic_fetch_add(&m->memory, got.memory) + got.memory;
    if (threads > m->most_threads)
      m->most_threads = threads;
    if (memory > m->most_memory)
      m->most_memory = memory;
    m->threads -= got.threads;
    m->memory -= got.memory;
    idf_turns_leave(m->d.turns, &got);
    snprintf(text, sizeof text, "%zu\n", i);
    done(&m->d, i, text, 0);
  }
  return NULL;
}

static void crowd(void)
{
  enum { THREADS = 6, WORKS = 3000 };
  pthread_t thread[THREADS];
  static many m;
  char text[16];

  memset(&m, 0, sizeof m);
  set_up(&m.d, WORKS, 6, 1000);
  for (int i = 0; i < THREADS; i++)
    CU_ASSERT_EQUAL_FATAL(pthread_create(&thread[i], NULL, work, &m), 0);
  for (int i = 0; i < THREADS; i++)
    (void)pthread_join(thread[i], NULL);
  CU_ASSERT(m.most_threads <= 6 && m.most_memory <= 1000);
  CU_ASSERT_EQUAL(m.d.turns->shown, WORKS);
  rewind(m.d.cli.err);
  for (int i = 0; i < WORKS; i++)
    if (!fgets(text, sizeof text, m.d.cli.err) || strtol(text, NULL, 10) != i) {
      CU_FAIL("a message is not in its place");
      break;
    }
  tear_down(&m.d);
}

int idf_suite_turns(void)
{
  static const idf_unit_test tests[] = {{"messages keep the order of works", in_order},
                                        {"lost messages are errors", what_is_lost_is_an_error},
                                        {"shares leave the rest to others", shares},
                                        {"a crowd never takes more than there is", crowd},
                                        {NULL, NULL}};
  return idf_unit_suite("turns", tests);
}
