/* SPDX-License-Identifier: BSD-3-Clause
 *
 * test_worklist.c: names of outputs, folders walked in order, commands that make no
 * sense.
 */
#define _XOPEN_SOURCE 700

#include "folder.h"
#include "worklist.h"

int idf_suite_worklist(void);

static const char *const suffixes[] = {".png", ".ppm", NULL};
static const char *const outputs[] = {".idf", ".idg", NULL};

/* What a file holds decides: those with a P in their names are not like others. */
static const char *suffix_of(void *context, const char *input)
{
  return strchr(input, *(const char *)context) ? outputs[1] : outputs[0];
}

/* The list as "input>output " words; "!" after those that clash, "error" when refused. */
static void list(const idf_naming *wanted, char *const *operands, size_t count, char *text,
                 size_t size)
{
  idf_mem mem;
  idf_cli cli;
  idf_worklist work;
  idf_naming naming = *wanted;
  size_t used = 0;

  naming.suffixes = suffixes;
  naming.suffix = ".idf";
  naming.outputs = outputs;
  idf_mem_init(&mem, (uint64_t)1 << 20);
  idf_cli_init(&cli, "tool");
  cli.err = tmpfile();
  CU_ASSERT_PTR_NOT_NULL_FATAL(cli.err);
  text[0] = '\0';
  if (!idf_worklist_make(&work, &mem, &cli, &naming, operands, count)) {
    snprintf(text, size, "error");
    CU_ASSERT_EQUAL(cli.errors, 1);
  }
  for (size_t i = 0; i < work.count; i++)
    used += (size_t)snprintf(text + used, size - used, "%s>%s%s ", work.list[i].input,
                             work.list[i].output ? work.list[i].output : "nothing",
                             work.list[i].clash ? "!" : "");
  for (size_t i = 0; i < work.passed_count; i++)
    used += (size_t)snprintf(text + used, size - used, "-%u%s ", (unsigned)work.passed[i].count,
                             work.passed[i].name);
  idf_worklist_free(&work);
  CU_ASSERT_EQUAL(mem.used, 0);
  fclose(cli.err);
}

static void names(void)
{
  static char letter[] = "P";
  static const struct {
    idf_naming naming;
    const char *operands[3];
    const char *want;
  } cases[] = {
      {{.output = NULL}, {NULL}, "->- "},
      {{.output = NULL}, {"a.png"}, "a.png>a.idf "},
      {{.output = NULL}, {"d/a.PNG", "b"}, "d/a.PNG>d/a.idf b>b.idf "},
      {{.output = NULL}, {".png"}, ".png>.png.idf "},
      {{.output = NULL}, {"a.png.ppm"}, "a.png.ppm>a.png.idf "},
      {{.output = NULL}, {"a.png", "a.ppm"}, "a.png>a.idf a.ppm>a.idf! "},
      {{.output = NULL}, {"-", "a.png"}, "->- a.png>a.idf "},
      {{.output = NULL}, {"-", "-"}, "error"},
      {{.output = "x"}, {"a.png"}, "a.png>x "},
      {{.output = "-"}, {"a.png"}, "a.png>- "},
      {{.output = "x"}, {"a.png", "b.png"}, "error"},
      {{.output = "x", .folder = "y"}, {"a.png"}, "error"},
      {{.folder = "y"}, {"d/a.png", "-"}, "d/a.png>y/a.idf ->- "},
      {{.discard = true}, {"a.png"}, "a.png>nothing "},
      {{.suffix_for = suffix_of, .context = letter},
       {"P.png", "a.ppm"},
       "P.png>P.idg a.ppm>a.idf "},
      {{.suffix_for = suffix_of, .context = letter, .folder = "y"},
       {"d/P", "-"},
       "d/P>y/P.idg ->- "},
      {{.suffix_for = suffix_of, .context = letter, .output = "x"}, {"P"}, "P>x "},
  };

  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    char got[256], words[3][32];
    char *operands[3];
    size_t n = 0;
    for (; n < 3 && cases[i].operands[n]; n++) {
      snprintf(words[n], sizeof words[n], "%s", cases[i].operands[n]);
      operands[n] = words[n];
    }
    list(&cases[i].naming, operands, n, got, sizeof got);
    CU_ASSERT_STRING_EQUAL(got, cases[i].want);
    if (strcmp(got, cases[i].want) != 0)
      printf("# case %zu: %s\n", i, got);
  }
}

/* In the folder of the test below: what the user named is told from what was found. */
static void found_ones(void)
{
  idf_mem mem;
  idf_cli cli;
  idf_worklist work;
  char folder[] = "d", file[] = "d/z.png";
  char *operands[2] = {folder, file};
  const idf_naming naming = {
      .suffixes = suffixes, .suffix = ".idf", .outputs = outputs, .recurse = true};

  idf_mem_init(&mem, (uint64_t)1 << 20);
  idf_cli_init(&cli, "tool");
  CU_ASSERT_FATAL(idf_worklist_make(&work, &mem, &cli, &naming, operands, 2));
  CU_ASSERT_EQUAL_FATAL(work.count, 4);
  for (size_t i = 0; i < 4; i++)
    CU_ASSERT_EQUAL(work.list[i].found, i < 3);
  idf_worklist_free(&work);
}

static void folders(void)
{
  idf_test_folder folder;
  char got[1024], home[512], operand[256];
  char *operands[1] = {operand};

  CU_ASSERT_PTR_NOT_NULL_FATAL(getcwd(home, sizeof home));
  idf_test_folder_make(&folder);
  CU_ASSERT_EQUAL_FATAL(chdir(folder.name), 0);
  CU_ASSERT_EQUAL(mkdir("d", 0777), 0);
  CU_ASSERT_EQUAL(mkdir("d/e", 0777), 0);
  idf_test_put(&folder, "d/z.png", "");
  idf_test_put(&folder, "d/b.PPM", "");
  idf_test_put(&folder, "d/no.txt", "");
  idf_test_put(&folder, "d/e/no.TXT", "");
  idf_test_put(&folder, "d/e/old.idf", "");
  idf_test_put(&folder, "d/e/old.IDG", "");
  idf_test_put(&folder, "d/.hidden", "");
  idf_test_put(&folder, "d/e/a.png", "");
  CU_ASSERT_EQUAL(symlink("..", "d/up"), 0);
  CU_ASSERT_EQUAL(symlink("nowhere", "d/x.png"), 0);

  const idf_naming beside = {.recurse = true}, below = {.recurse = true, .folder = "out"},
                   plain = {.recurse = false}, named = {.recurse = true, .output = "x"};
  snprintf(operand, sizeof operand, "d");
  list(&beside, operands, 1, got, sizeof got);
  CU_ASSERT_STRING_EQUAL(got, "d/b.PPM>d/b.idf d/e/a.png>d/e/a.idf d/z.png>d/z.idf "
                              "-2.txt -2symbolic link -1without suffix ");
  list(&plain, operands, 1, got, sizeof got);
  CU_ASSERT_STRING_EQUAL(got, "d>d.idf ");
  list(&named, operands, 1, got, sizeof got);
  CU_ASSERT_STRING_EQUAL(got, "error");
  snprintf(operand, sizeof operand, "d/");
  list(&below, operands, 1, got, sizeof got);
  CU_ASSERT_STRING_EQUAL(got, "d/b.PPM>out/b.idf d/e/a.png>out/e/a.idf d/z.png>out/z.idf "
                              "-2.txt -2symbolic link -1without suffix ");
  found_ones();

  CU_ASSERT_EQUAL(chdir(home), 0);
  idf_test_remove(folder.name);
}

static void suffix_rules(void)
{
  CU_ASSERT(idf_has_suffix("a.png", suffixes));
  CU_ASSERT(idf_has_suffix("a.pNg", suffixes));
  CU_ASSERT(idf_has_suffix("a.ppm", suffixes));
  CU_ASSERT(!idf_has_suffix(".png", suffixes));
  CU_ASSERT(!idf_has_suffix("png", suffixes));
  CU_ASSERT(!idf_has_suffix("a.png~", suffixes));
  CU_ASSERT(!idf_has_suffix("", suffixes));
}

static void no_memory(void)
{
  char a[] = "a.png", b[] = "b.png";
  char *operands[2] = {a, b};

  for (int64_t i = 0; i < 6; i++) {
    idf_mem mem;
    idf_cli cli;
    idf_worklist work;
    const idf_naming naming = {.suffixes = suffixes, .suffix = ".idf", .outputs = outputs};
    idf_mem_init(&mem, (uint64_t)1 << 20);
    idf_cli_init(&cli, "tool");
    cli.err = tmpfile();
    CU_ASSERT_PTR_NOT_NULL_FATAL(cli.err);
    mem.fail_in = i;
    CU_ASSERT(!idf_worklist_make(&work, &mem, &cli, &naming, operands, 2));
    CU_ASSERT_EQUAL(cli.errors, 1);
    idf_worklist_free(&work);
    CU_ASSERT_EQUAL(mem.used, 0);
    fclose(cli.err);
  }
}

int idf_suite_worklist(void)
{
  static const idf_unit_test tests[] = {{"outputs are named after inputs", names},
                                        {"folders are walked in order, without circles", folders},
                                        {"suffixes ignore case", suffix_rules},
                                        {"a failing allocation is an error", no_memory},
                                        {NULL, NULL}};
  return idf_unit_suite("worklist", tests);
}
