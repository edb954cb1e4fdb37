/* SPDX-License-Identifier: BSD-3-Clause
 *
 * test_progress.c: the line people see, and silence where nobody looks.
 */
#include "progress.h"
#include "unit.h"

#include <string.h>

int idf_suite_progress(void);

static idf_progress_view half(void)
{
  return (idf_progress_view){.files = 200,
                             .done = 37,
                             .size = 80000000,
                             .size_now = 40000000,
                             .in = 12300000,
                             .out = 4500000,
                             .pixels = 6000000,
                             .elapsed = 60,
                             .name = "pictures/one.png"};
}

static void lines(void)
{
  idf_progress_view view = half();
  char text[256];

  idf_progress_line(text, sizeof text, &view, 140);
  CU_ASSERT_STRING_EQUAL(text, "37/200 files  50 %  [############............]  12.3 MB -> 4.50 MB "
                               "(36.6 %)  0.10 MP/s  0:01:00 left  pictures/one.png");
  idf_progress_line(text, sizeof text, &view, 80);
  CU_ASSERT_STRING_EQUAL(
      text, "37/200 files  50 %  12.3 MB -> 4.50 MB (36.6 %)  0.10 MP/s  0:01:00 left");
  idf_progress_line(text, sizeof text, &view, 40);
  CU_ASSERT_STRING_EQUAL(text, "37/200 files  50 %  0:01:00 left");
  idf_progress_line(text, sizeof text, &view, 8);
  CU_ASSERT_STRING_EQUAL(text, "50 %");
  view.files = 1;
  view.in = 0;
  idf_progress_line(text, sizeof text, &view, 80);
  CU_ASSERT_STRING_EQUAL(
      text, "50 %  [############............]  0.10 MP/s  0:01:00 left  pictures/one.png");
  view.size_now = 0;
  idf_progress_line(text, sizeof text, &view, 80);
  CU_ASSERT_STRING_EQUAL(text, " 0 %  [........................]  0.10 MP/s  pictures/one.png");
  view.size_now = 1;
  view.elapsed = 3600;
  idf_progress_line(text, sizeof text, &view, 80);
  CU_ASSERT_PTR_NOT_NULL(strstr(text, "99:59:59 left"));
}

/* Whatever the width, a line is shorter, and never touches memory outside of its own. */
static void widths(void)
{
  idf_progress_view view = half();
  char text[300];

  for (unsigned columns = 0; columns < 400; columns++)
    for (size_t size = 1; size <= sizeof text; size += 23) {
      memset(text, 'x', sizeof text);
      idf_progress_line(text, size, &view, columns);
      const size_t len = strlen(text);
      CU_ASSERT(len < size && (len < columns || len == 0));
    }
}

static void never_done_early(void)
{
  idf_progress_view view = half();
  char text[256];

  for (uint64_t more = 0; more < 3; more++) {
    view.size_now = view.size + more;
    idf_progress_line(text, sizeof text, &view, 140);
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "99 %"));
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "#.]"));
  }
}

static void bytes(void)
{
  static const struct {
    uint64_t bytes;
    const char *text;
  } cases[] = {{0, "0 B"},          {999, "999 B"},       {1000, "1.00 kB"},
               {99949, "99.9 kB"},  {99950, "100 kB"},    {999499, "999 kB"},
               {999500, "1.00 MB"}, {9994999, "9.99 MB"}, {UINT64_MAX, "18.4 EB"}};
  char text[16];

  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    idf_bytes_text(text, cases[i].bytes);
    CU_ASSERT_STRING_EQUAL(text, cases[i].text);
  }
}

static void quiet(void)
{
  idf_cli cli;
  idf_progress progress;
  idf_step step;

  idf_cli_init(&cli, "tool");
  cli.err = tmpfile();
  CU_ASSERT_PTR_NOT_NULL_FATAL(cli.err);
  idf_progress_init(&progress, &cli, false, 2, 100);
  progress.began -= 100;
  idf_progress_begin(&step, &progress, "f");
  idf_progress_at(&step, 50, 1, 2, 3);
  idf_progress_file(&step, 50, 6, 40, 30);
  CU_ASSERT_EQUAL(ftell(cli.err), 0);
  CU_ASSERT(progress.view.size_now == 50 && progress.view.pixels == 6);
  CU_ASSERT(progress.view.done == 1 && progress.view.in == 40 && progress.view.out == 30);

  /* As on a terminal: shown after half a second, then wiped. */
  progress.view.in = 0; /* leaves room for the name */
  progress.on = true;
  progress.began = idf_seconds();
  idf_progress_begin(&step, &progress, "a\033b");
  idf_progress_at(&step, 50, 1, 2, 3);
  CU_ASSERT_EQUAL(ftell(cli.err), 0);
  progress.began -= 1;
  idf_progress_tick(&progress);
  CU_ASSERT(ftell(cli.err) > 40 && cli.bar);
  const long first = ftell(cli.err);
  idf_progress_tick(&progress); /* too soon */
  CU_ASSERT_EQUAL(ftell(cli.err), first);
  idf_remark(&cli, "f", "a remark wipes it first");
  CU_ASSERT(!cli.bar);
  progress.began -= 1;
  idf_progress_tick(&progress);
  CU_ASSERT(cli.bar);
  idf_progress_end(&progress);
  CU_ASSERT(!cli.bar);
  char text[512];
  rewind(cli.err);
  const size_t n = fread(text, 1, sizeof text - 1, cli.err);
  text[n] = '\0';
  CU_ASSERT_PTR_NOT_NULL(strstr(text, "1/2 files  75 %"));
  CU_ASSERT_PTR_NOT_NULL(strstr(text, "a?b\r\033[Ktool: f: a remark wipes it first\n\r\033[K1/2"));
  fclose(cli.err);
}

int idf_suite_progress(void)
{
  static const idf_unit_test tests[] = {
      {"the line tells what fits", lines},   {"no line is too long", widths},
      {"bytes have three digits", bytes},    {"100 % is never shown early", never_done_early},
      {"nothing is shown to nobody", quiet}, {NULL, NULL}};
  return idf_unit_suite("progress", tests);
}
