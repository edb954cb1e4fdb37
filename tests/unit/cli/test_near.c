/* SPDX-License-Identifier: BSD-3-Clause
 *
 * test_near.c: distances between words, and the advice about options that are not there.
 */
#include "near.h"
#include "unit.h"

#include <string.h>

int idf_suite_near(void);

static void distances(void)
{
  static const struct {
    const char *a, *b;
    size_t distance;
  } cases[] = {{"", "", 0},
               {"", "abc", 3},
               {"verify", "verify", 0},
               {"verfy", "verify", 1},
               {"veriffy", "verify", 1},
               {"vorify", "verify", 1},
               {"evrify", "verify", 1},
               {"ab", "ba", 1},
               {"abcd", "badc", 2},
               {"kitten", "sitting", 3},
               {"1234567890123456789012345678901", "x", 31},
               {"12345678901234567890123456789012", "12345678901234567890123456789012", SIZE_MAX}};

  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    const char *a = cases[i].a, *b = cases[i].b;
    CU_ASSERT_EQUAL(idf_near_distance(a, strlen(a), b, strlen(b)), cases[i].distance);
    CU_ASSERT_EQUAL(idf_near_distance(b, strlen(b), a, strlen(a)), cases[i].distance);
  }
}

static void advice(void)
{
  static const idf_option coder[] = {
      {1, 'e', "effort", "E", ""},     {2, 'T', "threads", "N", ""}, {3, 'o', "output", "FILE", ""},
      {4, 0, "output-dir", "DIR", ""}, {5, 'f', "force", NULL, ""},  {6, 0, "verify", NULL, ""},
      {7, '9', NULL, NULL, ""},        {0, 0, NULL, NULL, NULL}};
  static const idf_option teller[] = {{1, 0, "json", NULL, ""}, {0, 0, NULL, NULL, NULL}};
  static const struct {
    const idf_option *table;
    const char *typed, *want;
  } cases[] = {{coder, "verfy", "did you mean --verify?"},
               {coder, "verif", "did you mean --verify?"},
               {coder, "ver", "did you mean --verify?"},
               {coder, "forec", "did you mean --force?"},
               {coder, "outptu", "did you mean --output?"},
               {coder, "output_dir", "did you mean --output-dir?"},
               {coder, "efort", "did you mean --effort?"},
               {coder, "j", "-T N works on N tiles at once"},
               {coder, "jobs", "--threads=N works on N tiles at once"},
               {coder, "7", "the efforts are -1, -5 and -9"},
               {coder, "d", "didf decodes"},
               {coder, "best", "give --effort=max or -9"},
               {coder, "x", "see --help"},
               {coder, "", "see --help"},
               {coder, "something-else", "see --help"},
               {teller, "j", "see --help"},
               {teller, "7", "see --help"},
               {teller, "best", "see --help"},
               {teller, "jsno", "did you mean --json?"},
               {teller, "ajsonwhichismuchlongerthanallthatthereis", "see --help"}};

  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    char text[80];
    idf_near_option(cases[i].table, cases[i].typed, strlen(cases[i].typed), text, sizeof text);
    CU_ASSERT_STRING_EQUAL(text, cases[i].want);
    if (strcmp(text, cases[i].want) != 0)
      printf("# %s: %s\n", cases[i].typed, text);
  }
}

/* The parser passes the word without its value, and cuts what is very long. */
static void parser(void)
{
  static const idf_option table[] = {{6, 0, "verify", NULL, ""}, {0, 0, NULL, NULL, NULL}};
  char program[] = "t", word[] = "--verfy=3", longest[200] = "--";
  char *argv[] = {program, word, NULL};
  const char *value;
  idf_args args;

  idf_args_init(&args, table, 2, argv);
  CU_ASSERT_EQUAL(idf_args_next(&args, &value), IDF_ARGS_BAD);
  CU_ASSERT_STRING_EQUAL(args.error, "unknown option --verfy: did you mean --verify?");
  memset(longest + 2, 'x', sizeof longest - 3);
  argv[1] = longest;
  idf_args_init(&args, table, 2, argv);
  CU_ASSERT_EQUAL(idf_args_next(&args, &value), IDF_ARGS_BAD);
  CU_ASSERT_PTR_NOT_NULL(strstr(args.error, "xxx: see --help"));
}

int idf_suite_near(void)
{
  static const idf_unit_test tests[] = {{"distances", distances},
                                        {"advice about options", advice},
                                        {"the parser gives it", parser},
                                        {NULL, NULL}};
  return idf_unit_suite("near", tests);
}
