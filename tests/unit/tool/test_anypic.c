/* SPDX-License-Identifier: BSD-3-Clause
 *
 * test_anypic.c: the same rows and metadata from a PGM and from an .idf made of it, and errors
 * that name the file. Other formats are tried by tests/cli/idfcmp.sh.
 */
#define _XOPEN_SOURCE 700

#include "anypic.h"
#include "folder.h"

int idf_suite_anypic(void);

static void begin(idf_tool *tool)
{
  memset(tool, 0, sizeof *tool);
  idf_cli_init(&tool->cli, "tool");
  tool->cli.err = tmpfile();
  CU_ASSERT_PTR_NOT_NULL_FATAL(tool->cli.err);
  idf_mem_init(&tool->mem, UINT64_MAX);
  idf_limits_init(&tool->limits);
  tool->threads = 1;
}

static void end(idf_tool *tool, const char *said)
{
  char text[512];

  rewind(tool->cli.err);
  text[fread(text, 1, sizeof text - 1, tool->cli.err)] = '\0';
  if (*said)
    CU_ASSERT_PTR_NOT_NULL(strstr(text, said))
  else
    CU_ASSERT_STRING_EQUAL(text, "");
  fclose(tool->cli.err);
  CU_ASSERT_EQUAL(tool->mem.used, 0);
}

static void formats(void)
{
  static const char *const names[] = {"a.pgm", "a.idf"};
  const idf_info info = {.width = 3, .height = 2, .layout = IDF_GRAY, .depth = 7};
  static const uint8_t samples[] = {'a', 'b', 'c', 'd', 'e', 'f'};
  idf_test_folder folder;
  uint8_t *data = NULL;
  size_t size = 0;

  idf_test_folder_make(&folder);
  idf_test_put(&folder, "a.pgm", "P5 3 2 127\nabcdef");
  CU_ASSERT_EQUAL_FATAL(idf_encode(&info, samples, &data, &size), IDF_OK);
  FILE *file = fopen(idf_test_path(&folder, "a.idf"), "wb");
  CU_ASSERT_PTR_NOT_NULL_FATAL(file);
  CU_ASSERT_EQUAL(fwrite(data, 1, size, file), size);
  fclose(file);
  idf_release(data);
  for (size_t i = 0; i < 2; i++) {
    idf_anypic pic;
    idf_tool tool;
    idf_chunk chunk;
    uint8_t rows[6] = {0};
    begin(&tool);
    CU_ASSERT_EQUAL(idf_anypic_open(&pic, &tool, idf_test_path(&folder, names[i])), IDF_OK);
    CU_ASSERT(pic.info.width == 3 && pic.info.height == 2 && pic.info.layout == IDF_GRAY);
    CU_ASSERT_EQUAL(pic.info.depth, 7);
    CU_ASSERT_EQUAL(idf_anypic_rows(&pic, rows, 1), IDF_OK);
    CU_ASSERT_EQUAL(idf_anypic_rows(&pic, rows + 3, 1), IDF_OK);
    CU_ASSERT_EQUAL(idf_anypic_rows(&pic, rows, 1), IDF_ERR_ARGUMENT);
    CU_ASSERT_EQUAL(idf_anypic_finish(&pic), IDF_OK);
    CU_ASSERT_EQUAL(memcmp(rows, samples, 6), 0);
    CU_ASSERT(!idf_anypic_metadata(&pic, 0, &chunk));
    idf_anypic_close(&pic);
    end(&tool, "");
  }
  idf_test_remove(folder.name);
}

static void maxval(void)
{
  idf_test_folder folder;
  idf_anypic pic;
  idf_tool tool;
  idf_chunk chunk;

  idf_test_folder_make(&folder);
  idf_test_put(&folder, "a.pgm", "P5 1 1 100\na");
  begin(&tool);
  CU_ASSERT_EQUAL(idf_anypic_open(&pic, &tool, idf_test_path(&folder, "a.pgm")), IDF_OK);
  CU_ASSERT_FATAL(idf_anypic_metadata(&pic, 0, &chunk));
  CU_ASSERT_STRING_EQUAL(chunk.type, IDF_TYPE_MAXVAL);
  CU_ASSERT(!chunk.after_pixels && chunk.size == 2 && chunk.data[0] == 100);
  CU_ASSERT(!idf_anypic_metadata(&pic, 1, &chunk));
  idf_anypic_close(&pic);
  end(&tool, "");
  idf_test_remove(folder.name);
}

static void errors(void)
{
  static const struct {
    const char *name, *text, *said;
  } cases[] = {{"missing", NULL, "missing: cannot be opened"},
               {"empty", "", "empty: is empty"},
               {"text", "hello there, whoever", "text: is no PNG, JPEG, PNM, PAM or .idf"},
               {"short", "P5 3 2 255\nabc", "short: "}};
  idf_test_folder folder;

  idf_test_folder_make(&folder);
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    idf_anypic pic;
    idf_tool tool;
    uint8_t rows[6];
    if (cases[i].text)
      idf_test_put(&folder, cases[i].name, cases[i].text);
    begin(&tool);
    idf_status status = idf_anypic_open(&pic, &tool, idf_test_path(&folder, cases[i].name));
    if (status == IDF_OK)
      status = idf_anypic_rows(&pic, rows, 2);
    CU_ASSERT_NOT_EQUAL(status, IDF_OK);
    idf_anypic_explain(&pic, status);
    CU_ASSERT_EQUAL(tool.cli.errors, 1);
    idf_anypic_close(&pic);
    end(&tool, cases[i].said);
  }
  idf_test_remove(folder.name);
}

int idf_suite_anypic(void)
{
  static const idf_unit_test tests[] = {{"a PGM and an .idf are the same", formats},
                                        {"metadata of a PGM", maxval},
                                        {"errors name the file", errors},
                                        {NULL, NULL}};
  return idf_unit_suite("anypic", tests);
}
