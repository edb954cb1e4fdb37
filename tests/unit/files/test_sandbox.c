/* SPDX-License-Identifier: BSD-3-Clause
 *
 * test_sandbox.c: what a tool can still do, and what it cannot, once it has given up rights. That
 * is for good, so each case runs in a child, which tells by its exit status the step that went
 * wrong.
 */
#define _XOPEN_SOURCE 700

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sys/wait.h>

#include "folder.h"
#include "sandbox.h"

int idf_suite_sandbox(void);

typedef struct setting {
  idf_mem mem;
  idf_test_folder home, away;
  idf_source source;
  idf_sink sink;
} setting;

/* `home` and `away` hold a file "in" each. */
static setting *begin(void)
{
  setting *s = calloc(1, sizeof *s);

  CU_ASSERT_PTR_NOT_NULL_FATAL(s);
  idf_mem_init(&s->mem, (uint64_t)1 << 24);
  idf_test_folder_make(&s->home);
  idf_test_folder_make(&s->away);
  idf_test_put(&s->home, "in", "input");
  idf_test_put(&s->away, "in", "secret");
  return s;
}

static void end(setting *s)
{
  idf_test_remove(s->home.name);
  idf_test_remove(s->away.name);
  free(s);
}

/* Runs `steps` in a child; it gives 0, or the number of what went wrong. */
static int in_child(setting *s, int (*steps)(setting *))
{
  int status = 0;

  fflush(NULL);
  const pid_t child = fork();
  if (child == 0)
    _exit(steps(s));
  CU_ASSERT_FATAL(child > 0 && waitpid(child, &status, 0) == child);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 255;
}

/* Opening fails for lack of rights. */
static bool refused(idf_test_folder *folder, const char *name, int flags)
{
  const int fd = open(idf_test_path(folder, name), flags, 0600);

  return fd < 0 && (errno == EACCES || errno == EPERM);
}

static bool reads(setting *s, const char *text)
{
  uint8_t got[64];
  size_t n = 0;

  return idf_source_read(&s->source, got, sizeof got, &n) == IDF_OK && n == strlen(text)
         && memcmp(got, text, n) == 0;
}

static bool opens(setting *s, const char *name, const char *output, bool force)
{
  return idf_source_open(&s->source, &s->mem, idf_test_path(&s->home, name), false) == IDF_OK
         && idf_sink_open(&s->sink, &s->mem, output ? idf_test_path(&s->home, output) : NULL, force,
                          false, &s->source)
                == IDF_OK;
}

static bool writes(setting *s)
{
  return idf_sink_write(&s->sink, (const uint8_t *)"output", 6) == IDF_OK
         && idf_sink_commit(&s->sink, true) == IDF_OK;
}

static void *tries(void *context)
{
  setting *s = context;

  return refused(&s->away, "in", O_RDONLY) ? NULL : s;
}

/* The usual case: one input, one new output. */
static int one_output(setting *s)
{
  const idf_work work = {.input = (char *)"in", .output = (char *)"out"};
  pthread_t thread;
  void *bad = s;

  if (!opens(s, "in", "out", false))
    return 1;
  if (!idf_sandbox_last(&work, &s->sink, false))
    return 2;
  if (!refused(&s->away, "new", O_WRONLY | O_CREAT) || !refused(&s->away, "in", O_WRONLY))
    return 3;
  if (!refused(&s->away, "in", O_RDONLY) || !refused(&s->home, "in", O_RDONLY))
    return 4;
  if (!refused(&s->home, "new", O_WRONLY | O_CREAT) || !refused(&s->home, "in", O_WRONLY | O_TRUNC))
    return 5;
  if (mkdir(idf_test_path(&s->home, "folder"), 0700) == 0 || errno != EACCES)
    return 6;
  if (unlink(idf_test_path(&s->away, "in")) == 0 || errno != EACCES)
    return 7;
  if (execl("/bin/sh", "sh", "-c", "exit 0", (char *)NULL) == 0 || errno != EACCES)
    return 8;
  if (pthread_create(&thread, NULL, tries, s) != 0 || pthread_join(thread, &bad) != 0 || bad)
    return 9;
  if (!reads(s, "input"))
    return 10;
  if (!writes(s))
    return 11;
  idf_sink_close(&s->sink);
  idf_source_close(&s->source);
  return 0;
}

/* An output that replaces a file takes a temporary name in between; the input goes. */
static int replaced(setting *s)
{
  char error[IDF_FILES_ERROR] = "";
  char path[256];

  idf_test_join(path, sizeof path, s->home.name, "in");
  const idf_work work = {.input = path, .output = (char *)"out"};
  if (!opens(s, "in", "out", true))
    return 1;
  if (!idf_sandbox_last(&work, &s->sink, true))
    return 2;
  if (!writes(s))
    return 3;
  if (idf_remove_read(&s->mem, path, &s->source.stamp, error) != IDF_OK)
    return 4;
  if (idf_remove_read(&s->mem, idf_test_path(&s->away, "in"), &s->source.stamp, error) == IDF_OK)
    return 5;
  return refused(&s->away, "new", O_WRONLY | O_CREAT) ? 0 : 6;
}

/* What only reads, or writes to stdout, keeps no right on any name. */
static int no_output(setting *s)
{
  const idf_work work = {.input = (char *)"in"};

  if (!opens(s, "in", NULL, false))
    return 1;
  if (!idf_sandbox_last(&work, &s->sink, true))
    return 2;
  if (!refused(&s->home, "new", O_WRONLY | O_CREAT))
    return 3;
  if (unlink(idf_test_path(&s->home, "in")) == 0
      || rename(idf_test_path(&s->home, "in"), idf_test_path(&s->home, "moved")) == 0)
    return 4;
  return reads(s, "input") ? 0 : 5;
}

/* Several works: all can be read, and outputs made, be their folder missing or behind a link. */
static int batch(setting *s)
{
  char below[256], linked[256], other[256], beside[128], error[IDF_FILES_ERROR];

  idf_test_join(below, sizeof below, s->home.name, "folder/below/out");
  idf_test_join(linked, sizeof linked, s->home.name, "linked");
  idf_test_join(other, sizeof other, s->home.name, "in");
  idf_work list[] = {{.input = other, .output = below},
                     {.input = other, .output = linked},
                     {.input = (char *)"-", .output = (char *)"-"},
                     {.input = other}};
  const idf_worklist works = {.list = list, .count = 4};

  if (symlink(idf_test_path(&s->away, "in"), linked) != 0)
    return 1;
  if (!idf_sandbox_batch(&works, false))
    return 2;
  snprintf(beside, sizeof beside, "%s.new", s->home.name);
  if (open(beside, O_WRONLY | O_CREAT, 0600) >= 0 || errno != EACCES)
    return 3;
  if (idf_make_folder(&s->mem, below, true, error) != IDF_OK)
    return 4;
  if (!opens(s, "in", "folder/below/out", false) || !writes(s))
    return 5;
  idf_sink_close(&s->sink);
  idf_source_close(&s->source);
  if (!opens(s, "in", "linked", true) || !writes(s))
    return 6;
  idf_sink_close(&s->sink);
  idf_source_close(&s->source);
  /* And then the last of them. */
  if (!opens(s, "in", NULL, false) || !idf_sandbox_last(&list[3], &s->sink, false))
    return 7;
  if (!refused(&s->home, "new", O_WRONLY | O_CREAT) || !refused(&s->home, "in", O_RDONLY))
    return 8;
  return reads(s, "input") ? 0 : 9;
}

/* In a build or on a system without, nothing changes. */
static int absent(setting *s)
{
  const idf_work work = {.input = (char *)"in"};
  const idf_worklist works = {.list = (idf_work *)&work, .count = 1};

  if (!opens(s, "in", "out", false))
    return 1;
  if (idf_sandbox_batch(&works, false) || idf_sandbox_last(&work, &s->sink, false))
    return 2;
  return open(idf_test_path(&s->away, "in"), O_RDONLY) >= 0 ? 0 : 3;
}

static void check(int (*steps)(setting *))
{
  setting *s = begin();
  const int wrong = in_child(s, idf_sandbox_version() > 0 ? steps : absent);

  CU_ASSERT_EQUAL(wrong, 0);
  if (wrong)
    printf("  step %d went wrong\n", wrong);
  end(s);
}

static void check_one_output(void)
{
  check(one_output);
}

static void check_replaced(void)
{
  check(replaced);
}

static void check_no_output(void)
{
  check(no_output);
}

static void check_batch(void)
{
  check(batch);
}

int idf_suite_sandbox(void)
{
  static const idf_unit_test tests[] = {
      {"one output is written, and nothing else is opened", check_one_output},
      {"an output replaces a file, and the input goes", check_replaced},
      {"who writes no file keeps no right on names", check_no_output},
      {"several outputs, in new folders and behind links", check_batch},
      {NULL, NULL}};

  return idf_unit_suite("sandbox: what a tool has given up", tests);
}
