/* SPDX-License-Identifier: BSD-3-Clause
 *
 * test_json.c: the exact text of objects, and strings that are hard to write.
 */
#include "json.h"
#include "unit.h"

#include <math.h>
#include <string.h>

int idf_suite_json(void);

static void said(FILE *file, char *text, size_t size)
{
  rewind(file);
  const size_t n = fread(text, 1, size - 1, file);
  text[n] = '\0';
  fclose(file);
}

static void nested(void)
{
  FILE *file = tmpfile();
  idf_json json;
  char text[512];

  CU_ASSERT_PTR_NOT_NULL_FATAL(file);
  idf_json_begin(&json, file);
  idf_json_number(&json, "n", UINT64_MAX);
  idf_json_open(&json, "a", '[');
  idf_json_close(&json, ']');
  idf_json_open(&json, "b", '[');
  idf_json_open(&json, NULL, '{');
  idf_json_real(&json, "x", 1.0 / 3, 3);
  idf_json_bool(&json, "y", true);
  idf_json_close(&json, '}');
  idf_json_number(&json, NULL, 2);
  idf_json_close(&json, ']');
  idf_json_real(&json, "z", (double)NAN, 3);
  idf_json_end(&json);
  said(file, text, sizeof text);
  CU_ASSERT_STRING_EQUAL(
      text,
      "{\"n\":18446744073709551615,\"a\":[],\"b\":[{\"x\":0.333,\"y\":true},2],\"z\":null}\n");
}

static void strings(void)
{
  static const char *const cases[][2] = {
      {"plain", "plain"},
      {"\"\\/", "\\\"\\\\/"},
      {"\n\x1b\x7f", "\\u000a\\u001b\\u007f"},
      {"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80", "\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80"},
      {"\xff", "\\ufffd"},
      {"a\xc3", "a\\ufffd"},
      {"\xc0\x80", "\\ufffd\\ufffd"},
      {"\xed\xa0\x80", "\\ufffd\\ufffd\\ufffd"},
      {"\xe0\x80\x80", "\\ufffd\\ufffd\\ufffd"},
      {"\xf4\x90\x80\x80", "\\ufffd\\ufffd\\ufffd\\ufffd"},
      {"\xf0\x9f\x98", "\\ufffd\\ufffd\\ufffd"},
      {"\xe2\x82", "\\ufffd\\ufffd"},
  };

  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    FILE *file = tmpfile();
    idf_json json;
    char text[256], want[256];
    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    idf_json_begin(&json, file);
    idf_json_text(&json, "s", cases[i][0]);
    idf_json_end(&json);
    said(file, text, sizeof text);
    snprintf(want, sizeof want, "{\"s\":\"%s\"}\n", cases[i][1]);
    CU_ASSERT_STRING_EQUAL(text, want);
  }
}

int idf_suite_json(void)
{
  static const idf_unit_test tests[] = {
      {"objects and arrays nest", nested}, {"strings are always UTF-8", strings}, {NULL, NULL}};
  return idf_unit_suite("json", tests);
}
