/* SPDX-License-Identifier: BSD-3-Clause
 *
 * json.c: writes JSON. It is written by hand, because that is shorter than a dependency.
 */
#include "json.h"

#include <math.h>
#include <string.h>

#include "cli.h"

static void put(idf_json *json, const char *text, size_t size)
{
  if (json->page)
    idf_put_bytes(json->page, text, size);
  else
    fwrite(text, 1, size, json->out);
}

static void put_char(idf_json *json, char c)
{
  put(json, &c, 1);
}

static void put_text(idf_json *json, const char *text)
{
  put(json, text, strlen(text));
}

static void string(idf_json *json, const char *text)
{
  const unsigned char *s = (const unsigned char *)text;
  char code[8];

  put_char(json, '"');
  while (*s) {
    const unsigned n = idf_utf8(s);
    if (n == 0) {
      put_text(json, "\\ufffd");
    } else if (n == 1 && (*s < 0x20 || *s == 0x7f)) {
      snprintf(code, sizeof code, "\\u%04x", (unsigned)*s);
      put_text(json, code);
    } else {
      if (*s == '"' || *s == '\\')
        put_char(json, '\\');
      put(json, (const char *)s, n);
    }
    s += IDF_MAX(n, 1u);
  }
  put_char(json, '"');
}

static void key_of(idf_json *json, const char *key)
{
  if (!json->first)
    put_char(json, ',');
  json->first = false;
  if (key) {
    string(json, key);
    put_char(json, ':');
  }
}

static void begin(idf_json *json, FILE *out, idf_buf *page)
{
  *json = (idf_json){.out = out, .page = page, .first = true};
  put_char(json, '{');
}

void idf_json_begin(idf_json *json, FILE *out)
{
  begin(json, out, NULL);
}

void idf_json_begin_page(idf_json *json, idf_buf *page)
{
  begin(json, NULL, page);
}

void idf_json_text(idf_json *json, const char *key, const char *text)
{
  key_of(json, key);
  string(json, text);
}

void idf_json_number(idf_json *json, const char *key, uint64_t value)
{
  char text[24];

  key_of(json, key);
  snprintf(text, sizeof text, "%llu", (unsigned long long)value);
  put_text(json, text);
}

void idf_json_real(idf_json *json, const char *key, double value, int digits)
{
  char text[352]; /* DBL_MAX has 309 digits before the point */

  key_of(json, key);
  if (isfinite(value))
    snprintf(text, sizeof text, "%.*f", digits, value);
  put_text(json, isfinite(value) ? text : "null");
}

void idf_json_bool(idf_json *json, const char *key, bool value)
{
  key_of(json, key);
  put_text(json, value ? "true" : "false");
}

void idf_json_open(idf_json *json, const char *key, char bracket)
{
  key_of(json, key);
  put_char(json, bracket);
  json->first = true;
}

void idf_json_close(idf_json *json, char bracket)
{
  put_char(json, bracket);
  json->first = false;
}

void idf_json_end(idf_json *json)
{
  put_text(json, "}\n");
  if (json->out)
    fflush(json->out);
}
