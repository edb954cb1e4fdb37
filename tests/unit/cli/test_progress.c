/* SPDX-License-Identifier: BSD-3-Clause
 *
 * test_progress.c: the line people see, and silence where nobody looks.
 */
#include "progress.h"
#include "unit.h"

#include <string.h>

int idf_suite_progress(void);

static void lines(void)
{
  char text[128];

  idf_progress_line(text, sizeof text, 0.5, 60, 6e6);
  CU_ASSERT_STRING_EQUAL(text, "50 % [############............] 0.10 MP/s, 0:01:00 left");
  idf_progress_line(text, sizeof text, 0, 2, 0);
  CU_ASSERT_STRING_EQUAL(text, " 0 % [........................] 0.00 MP/s, 0:00:00 left");
  idf_progress_line(text, sizeof text, 1e-9, 3600, 1);
  CU_ASSERT_PTR_NOT_NULL(strstr(text, "99:59:59 left"));
}

static void never_done_early(void)
{
  for (int i = 0; i < 3; i++) {
    char text[128];
    idf_progress_line(text, sizeof text, 1.0 + i, 10, 1e6);
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "99 %"));
    CU_ASSERT_PTR_NOT_NULL(strchr(text, '.'));
  }
}

static void quiet(void)
{
  idf_cli cli;
  idf_progress progress;

  idf_cli_init(&cli, "tool");
  cli.err = tmpfile();
  CU_ASSERT_PTR_NOT_NULL_FATAL(cli.err);
  idf_progress_init(&progress, &cli, false, 100);
  progress.began -= 100;
  idf_progress_at(&progress, "f", 50, 1, 2, 3);
  idf_progress_file(&progress, 50, 6);
  idf_progress_end(&progress);
  CU_ASSERT_EQUAL(ftell(cli.err), 0);
  CU_ASSERT(progress.done == 50 && progress.pixels == 6);

  /* As on a terminal: shown after the first second only, then wiped. */
  progress.on = true;
  progress.began = idf_seconds();
  idf_progress_at(&progress, "f", 50, 1, 2, 3);
  CU_ASSERT_EQUAL(ftell(cli.err), 0);
  progress.began -= 2;
  idf_progress_at(&progress, "a\033b", 50, 1, 2, 3);
  CU_ASSERT(ftell(cli.err) > 40 && cli.bar);
  idf_progress_end(&progress);
  CU_ASSERT(!cli.bar);
  char text[256];
  rewind(cli.err);
  const size_t n = fread(text, 1, sizeof text - 1, cli.err);
  text[n] = '\0';
  CU_ASSERT_PTR_NOT_NULL(strstr(text, "75 %"));
  CU_ASSERT_PTR_NOT_NULL(strstr(text, "a?b"));
  fclose(cli.err);
}

int idf_suite_progress(void)
{
  static const idf_unit_test tests[] = {{"the line tells part, rate and time", lines},
                                        {"100 % is never shown early", never_done_early},
                                        {"nothing is shown to nobody", quiet},
                                        {NULL, NULL}};
  return idf_unit_suite("progress", tests);
}
