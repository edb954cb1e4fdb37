/* SPDX-License-Identifier: BSD-3-Clause
 *
 * test_tool.c: the small decisions the tools share. The tools themselves are tested as
 * programs, by tests/cli.
 */
#include "tool.h"
#include "unit.h"

#include <string.h>

int idf_suite_tool(void);

static void batches(void)
{
  idf_info info = {.width = 1, .height = 10, .layout = IDF_GRAY, .depth = 8};

  CU_ASSERT_EQUAL(idf_tool_batch(&info), 10);
  info.height = 1u << 30;
  CU_ASSERT_EQUAL(idf_tool_batch(&info), 1u << 18);
  info.width = 0x7fffffff;
  info.layout = IDF_RGBA;
  info.depth = 16;
  CU_ASSERT_EQUAL(idf_tool_batch(&info), 1);
}

static void layouts(void)
{
  for (int i = IDF_GRAY; i <= IDF_PALETTE; i++)
    for (int k = IDF_GRAY; k < i; k++)
      CU_ASSERT_STRING_NOT_EQUAL(idf_layout_name((idf_layout)i), idf_layout_name((idf_layout)k));
  CU_ASSERT_STRING_EQUAL(idf_layout_name((idf_layout)77), "?");
}

static int number_seen;

static bool on_option(void *context, int id, const char *value)
{
  *(int *)context = id;
  return strcmp(value, "good") == 0;
}

static int begin(const char *first, const char *second, idf_tool *tool)
{
  static const idf_option table[] = {
      {IDF_OPT_OWN, 0, "own", "X", "x"}, IDF_OPTIONS_WRITING("t"), IDF_OPTIONS_ALWAYS};
  const idf_tool_spec spec = {.program = "tool",
                              .usage = "u",
                              .about = "a",
                              .options = table,
                              .option = on_option,
                              .context = &number_seen};
  static char words[3][64]; /* as the words of main do, they outlive the tool */
  char *argv[3] = {words[0], words[1], words[2]};

  snprintf(words[0], sizeof words[0], "tool");
  snprintf(words[1], sizeof words[1], "%s", first);
  snprintf(words[2], sizeof words[2], "%s", second);
  return idf_tool_begin(tool, &spec, 3, argv);
}

static void commands(void)
{
  idf_tool tool;

  CU_ASSERT_EQUAL(begin("--max-pixels=3K", "--json", &tool), -1);
  CU_ASSERT(tool.limits.max_pixels == 3072 && tool.json && tool.count == 0);
  CU_ASSERT_EQUAL(idf_tool_end(&tool), IDF_EXIT_GOOD);
  CU_ASSERT_EQUAL(begin("--rm", "-fkr", &tool), -1);
  CU_ASSERT(!tool.remove && tool.force && tool.recurse);
  CU_ASSERT_EQUAL(idf_tool_end(&tool), IDF_EXIT_GOOD);
  number_seen = 0;
  CU_ASSERT_EQUAL(begin("--own=good", "x", &tool), -1);
  CU_ASSERT_EQUAL(number_seen, IDF_OPT_OWN);
  CU_ASSERT(tool.count == 1 && strcmp(tool.operands[0], "x") == 0);
  CU_ASSERT_EQUAL(idf_tool_end(&tool), IDF_EXIT_GOOD);
  CU_ASSERT_EQUAL(begin("--own=bad", "x", &tool), IDF_EXIT_ERROR);
  (void)idf_tool_end(&tool);
}

int idf_suite_tool(void)
{
  static const idf_unit_test tests[] = {{"batches are bounded", batches},
                                        {"layouts have names", layouts},
                                        {"the command line fills the tool", commands},
                                        {NULL, NULL}};
  return idf_unit_suite("tool", tests);
}
