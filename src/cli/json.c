/* SPDX-License-Identifier: BSD-3-Clause
 *
 * json.c: writes JSON. It is written by hand, because that is shorter than a dependency.
 */
#include "json.h"

#include <math.h>

#include "cli.h"

static void string(FILE *out, const char *text)
{
  const unsigned char *s = (const unsigned char *)text;

  fputc('"', out);
  while (*s) {
    const unsigned n = idf_utf8(s);
    if (n == 0) {
      fputs("\\ufffd", out);
      s++;
    } else if (n == 1 && (*s < 0x20 || *s == 0x7f)) {
      fprintf(out, "\\u%04x", (unsigned)*s++);
    } else if (*s == '"' || *s == '\\') {
      fputc('\\', out);
      fputc(*s++, out);
    } else {
      for (unsigned i = 0; i < n; i++)
        fputc(*s++, out);
    }
  }
  fputc('"', out);
}

static void key_of(idf_json *json, const char *key)
{
  if (!json->first)
    fputc(',', json->out);
  json->first = false;
  if (key) {
    string(json->out, key);
    fputc(':', json->out);
  }
}

void idf_json_begin(idf_json *json, FILE *out)
{
  json->out = out;
  json->first = true;
  fputc('{', out);
}

void idf_json_text(idf_json *json, const char *key, const char *text)
{
  key_of(json, key);
  string(json->out, text);
}

void idf_json_number(idf_json *json, const char *key, uint64_t value)
{
  key_of(json, key);
  fprintf(json->out, "%llu", (unsigned long long)value);
}

void idf_json_real(idf_json *json, const char *key, double value, int digits)
{
  key_of(json, key);
  if (isfinite(value))
    fprintf(json->out, "%.*f", digits, value);
  else
    fputs("null", json->out);
}

void idf_json_bool(idf_json *json, const char *key, bool value)
{
  key_of(json, key);
  fputs(value ? "true" : "false", json->out);
}

void idf_json_open(idf_json *json, const char *key, char bracket)
{
  key_of(json, key);
  fputc(bracket, json->out);
  json->first = true;
}

void idf_json_close(idf_json *json, char bracket)
{
  fputc(bracket, json->out);
  json->first = false;
}

void idf_json_end(idf_json *json)
{
  fputs("}\n", json->out);
  fflush(json->out);
}
