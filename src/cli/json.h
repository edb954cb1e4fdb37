/* SPDX-License-Identifier: BSD-3-Clause
 *
 * json.h: writes one JSON object on one line, member by member. Bytes that are not UTF-8, which
 * file names may have, become U+FFFD.
 */
#ifndef IDF_JSON_H
#define IDF_JSON_H

#include <stdio.h>

#include "bytes.h"

typedef struct idf_json {
  FILE *out;     /* or */
  idf_buf *page; /* collects it */
  bool first;    /* no comma before the next value */
} idf_json;

void idf_json_begin(idf_json *json, FILE *out);
void idf_json_begin_page(idf_json *json, idf_buf *page);
void idf_json_text(idf_json *json, const char *key, const char *text);
void idf_json_number(idf_json *json, const char *key, uint64_t value);
/* `digits` after the point; a value that is not finite becomes null. */
void idf_json_real(idf_json *json, const char *key, double value, int digits);
void idf_json_bool(idf_json *json, const char *key, bool value);
/* key is NULL inside an array. Each open needs a close with the same bracket. */
void idf_json_open(idf_json *json, const char *key, char bracket);
void idf_json_close(idf_json *json, char bracket);
void idf_json_end(idf_json *json); /* closes the object and the line, and flushes */

#endif
