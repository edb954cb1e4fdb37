/* SPDX-License-Identifier: BSD-3-Clause
 *
 * test_cli.c: options as people type them, numbers, messages that cannot steer a
 * terminal, and the exit status.
 */
#include "cli.h"
#include "unit.h"

#include <string.h>

int idf_suite_cli(void);

static const idf_option table[] = {{1, 'o', "output", "FILE", "where to"},
                                   {2, 'f', "force", NULL, "do it"},
                                   {3, 0, "long-only", NULL, "x"},
                                   {4, 'k', NULL, NULL, "y"},
                                   {0, 0, NULL, NULL, NULL}};

/* Runs the words of a line and writes what came as "id=value " into `got`. */
static void parse(const char *line, char *got, size_t size)
{
  char words[128];
  char *argv[16] = {words};
  int argc = 1, id;
  size_t used = 0;
  idf_args args;
  const char *value;

  snprintf(words, sizeof words, "%s", line);
  argv[0] = words;
  for (char *at = words; *at && argc < 16; at++)
    if (*at == ' ') {
      *at = '\0';
      argv[argc++] = at + 1;
    }
  idf_args_init(&args, table, argc, argv);
  got[0] = '\0';
  do {
    id = idf_args_next(&args, &value);
    used += (size_t)snprintf(got + used, size - used, "%d%s%s ", id, value ? "=" : "",
                             value ? value : "");
  } while (id > 0 || id == IDF_ARGS_OPERAND);
  if (id == IDF_ARGS_BAD)
    CU_ASSERT(args.error[0] != '\0');
}

static void options(void)
{
  static const char *const cases[][2] = {
      {"t", "0 "},
      {"t a b", "-1=a -1=b 0 "},
      {"t a -f b", "-1=a 2 -1=b 0 "},
      {"t -fk", "2 4 0 "},
      {"t -o x", "1=x 0 "},
      {"t -ox", "1=x 0 "},
      {"t -fox", "2 1=x 0 "},
      {"t -o -f", "1=-f 0 "},
      {"t --output=x", "1=x 0 "},
      {"t --output= y", "1= -1=y 0 "},
      {"t --output x", "1=x 0 "},
      {"t --long-only --force", "3 2 0 "},
      {"t - -- -f --force -", "-1=- -1=-f -1=--force -1=- 0 "},
      {"t -x", "-2 "},
      {"t -o", "-2 "},
      {"t --output", "-2 "},
      {"t --force=1", "-2 "},
      {"t --forc", "-2 "},
      {"t --forcee", "-2 "},
      {"t --=", "-2 "},
      {"t -fx", "2 -2 "},
  };

  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    char got[256];
    parse(cases[i][0], got, sizeof got);
    CU_ASSERT_STRING_EQUAL(got, cases[i][1]);
    if (strcmp(got, cases[i][1]) != 0)
      printf("# %s: %s\n", cases[i][0], got);
  }
}

static void numbers(void)
{
  static const struct {
    const char *text;
    bool suffixed, good;
    uint64_t value;
  } cases[] = {{"0", false, true, 0},
               {"18446744073709551615", false, true, UINT64_MAX},
               {"18446744073709551616", false, false, 0},
               {"99999999999999999999", false, false, 0},
               {"1K", true, true, 1024},
               {"3m", true, true, 3u << 20},
               {"2G", true, true, (uint64_t)2 << 30},
               {"17179869184G", true, false, 0},
               {"1K", false, false, 0},
               {"1KB", true, false, 0},
               {"K", true, false, 0},
               {"", true, false, 0},
               {"-1", true, false, 0},
               {"+1", true, false, 0},
               {" 1", true, false, 0},
               {"1 ", true, false, 0},
               {"0x10", true, false, 0}};

  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    uint64_t value = 0;
    CU_ASSERT_EQUAL(idf_parse_number(cases[i].text, 0, UINT64_MAX, cases[i].suffixed, &value),
                    cases[i].good);
    CU_ASSERT_EQUAL(value, cases[i].value);
  }
  uint64_t value = 7;
  CU_ASSERT(!idf_parse_number("9", 10, 20, false, &value));
  CU_ASSERT(!idf_parse_number("21", 10, 20, false, &value));
  CU_ASSERT_EQUAL(value, 7);
  CU_ASSERT(idf_parse_number("20", 10, 20, false, &value));
}

/* What the tool said since the file was opened. */
static void said(FILE *file, char *text, size_t size)
{
  rewind(file);
  const size_t n = fread(text, 1, size - 1, file);
  text[n] = '\0';
}

static void messages(void)
{
  idf_cli cli;
  char text[512];

  idf_cli_init(&cli, "tool");
  cli.err = tmpfile();
  CU_ASSERT_PTR_NOT_NULL_FATAL(cli.err);
  CU_ASSERT_EQUAL(idf_cli_exit(&cli), IDF_EXIT_GOOD);
  idf_note(&cli, "a", "unheard");
  idf_warning(&cli, "a\033[31m\n", "w %d", 1);
  CU_ASSERT_EQUAL(idf_cli_exit(&cli), IDF_EXIT_WARNED);
  idf_error(&cli, "-", "e\033");
  CU_ASSERT_EQUAL(idf_cli_exit(&cli), IDF_EXIT_ERROR);
  idf_error(&cli, NULL, "n");
  said(cli.err, text, sizeof text);
  CU_ASSERT_STRING_EQUAL(text, "tool: a?[31m?: warning: w 1\ntool: (stdin): e?\ntool: n\n");
  CU_ASSERT_STRING_EQUAL(cli.last, "n");
  fclose(cli.err);

  idf_cli_init(&cli, "tool");
  cli.err = tmpfile();
  CU_ASSERT_PTR_NOT_NULL_FATAL(cli.err);
  cli.quiet = cli.verbose = true;
  idf_warning(&cli, "a", "unheard, but counted");
  idf_note(&cli, "a", "heard");
  said(cli.err, text, sizeof text);
  CU_ASSERT_STRING_EQUAL(text, "tool: a: heard\n");
  CU_ASSERT_EQUAL(idf_cli_exit(&cli), IDF_EXIT_WARNED);
  fclose(cli.err);
}

/* Nothing that steers a terminal passes; letters in UTF-8 and in Latin-1 do. */
static void plain(void)
{
  static const char *const cases[][2] = {
      {"a\033[31m\n\177", "a?[31m??"},
      {"\302\233m\302\205", "?m?"},
      {"\302\240\303\244\342\202\254", "\302\240\303\244\342\202\254"},
      {"\233m\344", "?m\344"}};

  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    FILE *file = tmpfile();
    char text[64];
    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    idf_print_plain(file, cases[i][0]);
    said(file, text, sizeof text);
    CU_ASSERT_STRING_EQUAL(text, cases[i][1]);
    fclose(file);
  }
}

static void limits(void)
{
  static const struct {
    idf_limit_kind limit;
    const char *option;
  } cases[] = {{IDF_LIMIT_PIXELS, "--max-pixels"},
               {IDF_LIMIT_METADATA, "--max-metadata"},
               {IDF_LIMIT_MEMORY, "--max-memory"},
               {IDF_LIMIT_NONE, "--max-memory"}};

  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    idf_cli cli;
    idf_cli_init(&cli, "tool");
    cli.err = tmpfile();
    CU_ASSERT_PTR_NOT_NULL_FATAL(cli.err);
    idf_error_status(&cli, "f", IDF_ERR_LIMIT, "what a decoder says", cases[i].limit);
    CU_ASSERT_PTR_NOT_NULL(strstr(cli.last, cases[i].option));
    CU_ASSERT_PTR_EQUAL(strstr(cli.last, "--max"), strstr(cli.last, cases[i].option));
    fclose(cli.err);
  }
}

static void statuses(void)
{
  for (int i = IDF_ERR_NOT_IDF; i <= IDF_ERR_ARGUMENT; i++) {
    idf_cli cli;
    idf_cli_init(&cli, "tool");
    cli.err = tmpfile();
    CU_ASSERT_PTR_NOT_NULL_FATAL(cli.err);
    idf_error_status(&cli, "f", (idf_status)i, "tile 3", IDF_LIMIT_NONE);
    CU_ASSERT_PTR_NOT_NULL(strstr(cli.last, idf_status_text((idf_status)i)));
    CU_ASSERT_PTR_NOT_NULL(strstr(cli.last, "(tile 3)"));
    idf_error_status(&cli, "f", (idf_status)i, "", IDF_LIMIT_NONE);
    CU_ASSERT_PTR_NULL(strstr(cli.last, "("));
    fclose(cli.err);
  }
}

static void help(void)
{
  FILE *file = tmpfile();
  char text[512];

  CU_ASSERT_PTR_NOT_NULL_FATAL(file);
  idf_args_help(table, file);
  said(file, text, sizeof text);
  CU_ASSERT_PTR_NOT_NULL(strstr(text, "  -o, --output=FILE        where to\n"));
  CU_ASSERT_PTR_NOT_NULL(strstr(text, "      --long-only          x\n"));
  fclose(file);
}

static void clock_runs(void)
{
  const double a = idf_seconds(), b = idf_seconds();

  CU_ASSERT(b >= a && b - a < 5);
  CU_ASSERT(!idf_interrupted());
}

int idf_suite_cli(void)
{
  static const idf_unit_test tests[] = {{"options are parsed as people type them", options},
                                        {"numbers are bounded and exact", numbers},
                                        {"messages name program and file", messages},
                                        {"no text steers a terminal", plain},
                                        {"a limit names its option", limits},
                                        {"every status has its words", statuses},
                                        {"the help comes from the table", help},
                                        {"the clock goes forward", clock_runs},
                                        {NULL, NULL}};
  return idf_unit_suite("cli", tests);
}
