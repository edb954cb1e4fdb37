/* SPDX-License-Identifier: BSD-3-Clause
 *
 * test_completion.c: the scripts for shells: each option in each, texts that shells would
 * misread, and other shells refused. tests/cli/completion.sh has real shells run them.
 */
#include "completion.h"
#include "unit.h"

#include <string.h>

int idf_suite_completion(void);

static const idf_option options[] = {{1, 'o', "output", "FILE", "it's [one]: \\ or two"},
                                     {2, 0, "folder", "DIR", "a folder"},
                                     {3, 'e', "effort", "E", "how hard"},
                                     {4, 'n', NULL, "N", "a number"},
                                     {5, 0, "json", NULL, "as JSON"},
                                     {0, 0, NULL, NULL, NULL}};
static const char *const suffixes[] = {".png", ".idf", NULL};

static const char *script(const char *shell, const char *const *only, char *text, size_t size)
{
  const idf_completion completion = {.program = "tool", .options = options, .suffixes = only};
  FILE *file = tmpfile();

  CU_ASSERT_PTR_NOT_NULL_FATAL(file);
  CU_ASSERT_TRUE(idf_completion_write(&completion, shell, file));
  rewind(file);
  text[fread(text, 1, size - 1, file)] = '\0';
  fclose(file);
  return text;
}

static void has(const char *text, const char *part)
{
  if (!strstr(text, part))
    fprintf(stderr, "\"%s\" is missing in:\n%s\n", part, text);
  CU_ASSERT_PTR_NOT_NULL(strstr(text, part));
}

static void in_bash(void)
{
  char text[4096];

  script("bash", suffixes, text, sizeof text);
  has(text, "\n    --output|-o) COMPREPLY=($(compgen -f -- \"$cur\")) ;;\n");
  has(text, "\n    --folder) COMPREPLY=($(compgen -d -- \"$cur\")) ;;\n");
  has(text,
      "\n    --effort|-e) COMPREPLY=($(compgen -W $'fast\\ndefault\\nmax' -- \"$cur\")) ;;\n");
  has(text, "\n    -n) ");
  has(text, "$'--output=\\n--folder=\\n--effort=\\n--json\\n'");
  has(text, "'!@(*.png|*.PNG|*.idf|*.IDF)'");
  has(text, "\ncomplete -F _idf_tool tool\n");
  CU_ASSERT_PTR_NULL(strstr(script("bash", NULL, text, sizeof text), "!@("));
}

static void in_zsh(void)
{
  char text[4096];

  script("zsh", suffixes, text, sizeof text);
  has(text, "'-o+[it'\\''s \\[one\\]\\: \\\\ or two]:FILE:_files'");
  has(text, "'--output=[it'\\''s");
  has(text, "'--folder=[a folder]:DIR:_files -/'");
  has(text, "'-e+[how hard]:E:(fast default max)'");
  has(text, "'-n+[a number]:N: '");
  has(text, "'--json[as JSON]'");
  has(text, "'*:file:_files -g \"(#i)*(.png|.idf)\"'");
  has(text, "\ncompdef _tool tool\n");
}

static void in_fish(void)
{
  char text[4096];

  script("fish", suffixes, text, sizeof text);
  has(text, "complete -c tool -s o -l output -d 'it\\'s [one]: \\\\ or two' -r -F\n");
  has(text, " -l folder -d 'a folder' -x -a '(__fish_complete_directories)'\n");
  has(text, " -s e -l effort -d 'how hard' -x -a 'fast default max'\n");
  has(text, " -s n -d 'a number' -x -a ''\n");
  has(text, " -l json -d 'as JSON'\n");
  has(text, "-f -a '(__fish_complete_suffix .png; __fish_complete_suffix .idf)'\n");
}

static void others(void)
{
  const idf_completion completion = {.program = "tool", .options = options, .suffixes = suffixes};
  FILE *file = tmpfile();

  CU_ASSERT_PTR_NOT_NULL_FATAL(file);
  CU_ASSERT_FALSE(idf_completion_write(&completion, "csh", file));
  CU_ASSERT_FALSE(idf_completion_write(&completion, "", file));
  CU_ASSERT_EQUAL(ftell(file), 0);
  fclose(file);
}

int idf_suite_completion(void)
{
  static const idf_unit_test tests[] = {{"bash", in_bash},
                                        {"zsh", in_zsh},
                                        {"fish", in_fish},
                                        {"other shells", others},
                                        {NULL, NULL}};
  return idf_unit_suite("completion", tests);
}
