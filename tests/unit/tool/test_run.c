/* SPDX-License-Identifier: BSD-3-Clause
 *
 * test_run.c: works in one thread and in several: who gets what, in which order it is told, and
 * that a work which lacked memory is done again with all of it.
 */
#define _XOPEN_SOURCE 700

#include "run.h"
#include "unit.h"

#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

int idf_suite_run(void);

enum { WORKS = 60 };

typedef struct job {
  idf_tool tool;
  _Atomic unsigned *done, *again, *wrong;
} job;

static void one(void *context, const idf_work *work, idf_record_of *record)
{
  job *j = context;
  idf_tool *tool = &j->tool;
  const idf_info info = {.width = 64, .height = 64, .layout = IDF_RGBA, .depth = 8};
  const long number = strtol(work->input, NULL, 10);

  idf_tool_share(tool, &info, 1024, 1024);
  record->known = true;
  record->info = info;
  idf_tool_drop(tool, work->input, work->input, "something is lost");
  if (tool->limits.max_memory < tool->share.memory && number % 7 == 3) {
    ++*j->again;
    idf_tool_explain(tool, work, IDF_ERR_LIMIT, NULL, NULL);
    return;
  }
  *j->wrong += tool->dropped.len != strlen(work->input) + 1;
  idf_tool_rows(tool, work, &info, 64);
  *j->wrong += idf_tool_stop(tool) != 0;
  if (number % 10 == 9)
    idf_error(&tool->cli, work->input, "fails");
  ++*j->done;
}

/* Everything the run says goes to `said`. Returns what was wrong. */
static unsigned run(unsigned threads, FILE *said)
{
  static idf_work list[WORKS];
  static char names[WORKS][8];
  static const idf_option table[] = {IDF_OPTIONS_WRITING("t"), IDF_OPTIONS_ALWAYS};
  const idf_tool_spec spec = {.program = "tool", .usage = "u", .about = "a", .options = table};
  char words[2][16] = {"tool", "-fq"};
  char *argv[] = {words[0], words[1]};
  _Atomic unsigned done = 0, again = 0, wrong = 0;
  idf_worklist work = {.list = list, .count = WORKS, .size = WORKS};
  job j = {.done = &done, .again = &again, .wrong = &wrong};

  for (int i = 0; i < WORKS; i++) {
    snprintf(names[i], sizeof names[i], "%d", i);
    list[i] = (idf_work){.input = names[i], .size = 1};
  }
  wrong += idf_tool_begin(&j.tool, &spec, 2, argv) != -1;
  j.tool.cli.quiet = false;
  j.tool.cli.err = said;
  j.tool.threads = j.tool.share.threads = threads;
  idf_tool_run(&j.tool, &work, one, &j, sizeof j);
  wrong += j.tool.cli.errors != WORKS / 10 || j.tool.cli.warnings != WORKS;
  wrong += done != WORKS || again != (threads > 1 ? (WORKS + 3) / 7 : 0);
  (void)idf_tool_end(&j.tool);
  return wrong;
}

static unsigned text_of(FILE *said, char *text, size_t size)
{
  rewind(said);
  const size_t n = fread(text, 1, size - 1, said);
  text[n] = '\0';
  return n == 0;
}

/* With 1, 2, 4, 8 and 16 threads. The files are opened first: a run gives up its rights. */
static unsigned all_runs(void)
{
  static char alone[1 << 14], many[1 << 14];
  FILE *said[5];
  unsigned wrong = 0;

  for (int i = 0; i < 5; i++)
    if (!(said[i] = tmpfile()))
      return 100;
  for (int i = 0; i < 5; i++)
    wrong += run(1u << i, said[i]);
  wrong += text_of(said[0], alone, sizeof alone);
  wrong += !strstr(alone, "tool: 59: warning: something is lost\ntool: 59: fails\n");
  for (int i = 1; i < 5; i++) {
    wrong += text_of(said[i], many, sizeof many);
    wrong += strcmp(alone, many) != 0;
  }
  return wrong;
}

/* In a process of its own, because of these rights. */
static void same_whatever_threads(void)
{
  int status = -1;

  fflush(NULL);
  const pid_t child = fork();
  CU_ASSERT_FATAL(child >= 0);
  if (child == 0)
    _exit(all_runs() != 0);
  CU_ASSERT_EQUAL(waitpid(child, &status, 0), child);
  CU_ASSERT_EQUAL(status, 0);
}

int idf_suite_run(void)
{
  static const idf_unit_test tests[] = {
      {"messages are the same with any number of threads", same_whatever_threads}, {NULL, NULL}};
  return idf_unit_suite("run", tests);
}
