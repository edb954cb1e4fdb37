/* SPDX-License-Identifier: BSD-3-Clause
 *
 * test_work.c: the record of a work, and what of an input is dropped.
 */
#include "run.h"
#include "unit.h"

#include <string.h>

int idf_suite_work(void);

static void set_up(idf_tool *tool, idf_page *page)
{
  memset(tool, 0, sizeof *tool);
  memset(page, 0, sizeof *page);
  CU_ASSERT_FATAL(idf_tool_desk(tool));
  idf_buf_init(&page->messages, &tool->mem);
  idf_buf_init(&page->records, &tool->mem);
  idf_cli_init(&tool->cli, "tool");
  tool->cli.page = &page->messages;
  tool->cli.heard = &tool->heard;
  tool->cli.verbose = tool->json = true;
  tool->page = page;
}

static void tear_down(idf_tool *tool, idf_page *page)
{
  idf_buf_free(&page->messages);
  idf_buf_free(&page->records);
  idf_tool_desk_free(tool);
  CU_ASSERT_EQUAL(tool->mem.used, 0);
}

static bool has(idf_buf *text, const char *part)
{
  idf_put_u8(text, 0);
  return strstr((const char *)text->data, part) != NULL;
}

static void records(void)
{
  idf_work item = {.input = "in", .output = "out", .size = 5};
  idf_record_of record = {.work = &item,
                          .known = true,
                          .info = {.width = 2, .height = 3, .layout = IDF_RGB, .depth = 8},
                          .input_bytes = 5,
                          .output_bytes = 4};
  idf_tool tool;
  idf_page page;

  set_up(&tool, &page);
  idf_tool_record(&tool, &record, 0, 0);
  CU_ASSERT(has(&page.records, "{\"input\":\"in\",\"output\":\"out\",\"status\":\"ok\",\"width\":2,"
                               "\"height\":3,\"layout\":\"RGB\",\"depth\":8,\"input_bytes\":5,"
                               "\"output_bytes\":4,\"seconds\":"));
  CU_ASSERT(has(&page.messages, "tool: in: 2 x 3 RGB, 8 bits: 5 -> 4 bytes"));
  tear_down(&tool, &page);
}

static void drops(void)
{
  idf_work item = {.input = "in", .output = "out", .size = 5};
  idf_record_of record = {.work = &item};
  idf_tool tool;
  idf_page page;

  set_up(&tool, &page);
  idf_tool_drop(&tool, "in", "chunk", "a chunk is bad");
  idf_tool_drop(&tool, "in", "chunk", "another, too");
  idf_tool_explain(&tool, &item, IDF_ERR_CORRUPT, NULL, NULL);
  CU_ASSERT(tool.cli.errors == 1 && tool.cli.warnings == 2);
  idf_tool_record(&tool, &record, 0, 0);
  CU_ASSERT(has(&page.records, "\"status\":\"error\""));
  CU_ASSERT(has(&page.records, "\"dropped\":[\"chunk\"]"));
  CU_ASSERT(has(&page.messages, "tool: in: warning: another, too\ntool: in: "));
  tear_down(&tool, &page);
}

int idf_suite_work(void)
{
  static const idf_unit_test tests[] = {
      {"the record of a work", records}, {"what is dropped is listed once", drops}, {NULL, NULL}};
  return idf_unit_suite("work", tests);
}
