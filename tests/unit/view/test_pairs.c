/* SPDX-License-Identifier: BSD-3-Clause
 *
 * test_pairs.c: which files of two folders are compared.
 */
#define _XOPEN_SOURCE 700

#include "folder.h"
#include "pairs.h"

int idf_suite_pairs(void);

static const char *const suffixes[] = {".png", ".jpg", ".idf", NULL};

/* Makes the files of the list, each with an end of " ", and folders before them. */
static void put_all(idf_test_folder *folder, const char *names)
{
  char name[64];

  for (size_t n; *names; names += n + (names[n] == ' ')) {
    n = strcspn(names, " ");
    snprintf(name, sizeof name, "%.*s", (int)n, names);
    if (name[n - 1] == '/')
      CU_ASSERT_EQUAL(mkdir(idf_test_path(folder, name), 0700), 0)
    else
      idf_test_put(folder, name, "x");
  }
}

/* The pairs as "a=b " words with names below the folders; nothing on the side that has none. */
static void list(const char *left, const char *right, uint64_t limit, char *text, size_t size)
{
  static char slash[512];
  idf_test_folder a, b;
  idf_mem mem;
  idf_cli cli;
  idf_pairs pairs;
  size_t used = 0;

  idf_test_folder_make(&a);
  idf_test_folder_make(&b);
  put_all(&a, left);
  put_all(&b, right);
  snprintf(slash, sizeof slash, "%s//", b.name); /* as people may write it */
  idf_mem_init(&mem, limit);
  idf_cli_init(&cli, "tool");
  cli.err = tmpfile();
  CU_ASSERT_PTR_NOT_NULL_FATAL(cli.err);
  text[0] = '\0';
  if (!idf_pairs_make(&pairs, &mem, &cli, suffixes, a.name, slash)) {
    snprintf(text, size, "error");
    CU_ASSERT(cli.errors > 0);
  }
  for (size_t i = 0; i < pairs.count; i++) {
    const idf_pair *pair = &pairs.list[i];
    used += (size_t)snprintf(text + used, size - used, "%s=%s ",
                             pair->a ? pair->a + strlen(a.name) + 1 : "",
                             pair->b ? pair->b + strlen(slash) : "");
  }
  idf_pairs_free(&pairs);
  CU_ASSERT_EQUAL(mem.used, 0);
  fclose(cli.err);
  idf_test_remove(a.name);
  idf_test_remove(b.name);
}

static void names(void)
{
  static const char *const cases[][3] = {
      {"", "", ""},
      {"a.png b.png", "a.png b.png", "a.png=a.png b.png=b.png "},
      {"a.png b.png", "b.idf a.idf", "a.png=a.idf b.png=b.idf "},
      {"a.png a.jpg", "a.idf", "=a.idf a.jpg= a.png= "},
      {"a.png a.jpg", "a.png a.idf", "a.jpg=a.idf a.png=a.png "},
      {"a.png", "b.idf", "a.png= =b.idf "},
      {"d/ d/a.png a.png", "d/ d/a.idf", "a.png= d/a.png=d/a.idf "},
      {"a.b.png", "a.idf a.b.idf", "a.b.png=a.b.idf =a.idf "},
      {"a.txt", "a.txt", ""}};

  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    char text[512];
    list(cases[i][0], cases[i][1], UINT64_MAX, text, sizeof text);
    CU_ASSERT_STRING_EQUAL(text, cases[i][2]);
    if (strcmp(text, cases[i][2]) != 0)
      printf("# %s and %s: %s\n", cases[i][0], cases[i][1], text);
  }
}

static void no_memory(void)
{
  char text[512];
  bool good = false;

  for (uint64_t limit = 0; limit < 16384 && !good; limit += 64) {
    list("a.png b.png", "a.idf c.idf", limit, text, sizeof text);
    good = strcmp(text, "error") != 0;
    if (good)
      CU_ASSERT_STRING_EQUAL(text, "a.png=a.idf b.png= =c.idf ");
  }
  CU_ASSERT(good);
}

int idf_suite_pairs(void)
{
  static const idf_unit_test tests[] = {
      {"names and suffixes", names}, {"every allocation may fail", no_memory}, {NULL, NULL}};
  return idf_unit_suite("pairs", tests);
}
