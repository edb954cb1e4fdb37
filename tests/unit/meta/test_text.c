/* SPDX-License-Identifier: BSD-3-Clause
 *
 * test_text.c: text chunks of all three kinds become UTF-8; those that are not as PNG says are
 * refused.
 */
#include "text.h"

#include <string.h>
#include <zlib.h>

#include "unit.h"

int idf_suite_text(void);

#define DATA(text) (const uint8_t *)text, sizeof text - 1

typedef struct text_case {
  const char *type;
  const uint8_t *data;
  size_t size;
  const char *key, *value; /* key NULL: IDF_ERR_CORRUPT */
} text_case;

static void check(const text_case *c)
{
  idf_mem mem;
  idf_buf out;
  size_t value = 0;
  idf_mem_init(&mem, UINT64_MAX);
  idf_buf_init(&out, &mem);
  idf_put_u8(&out, 1);
  const idf_status status = idf_text_get(&out, c->type, c->data, c->size, 1000, &value);
  CU_ASSERT_EQUAL(status, c->key ? IDF_OK : IDF_ERR_CORRUPT);
  if (status == IDF_OK && c->key) {
    CU_ASSERT_STRING_EQUAL(out.data + 1, c->key);
    CU_ASSERT_STRING_EQUAL(out.data + 1 + value, c->value);
    CU_ASSERT_EQUAL(out.len, strlen(c->key) + strlen(c->value) + 3);
  } else {
    CU_ASSERT_EQUAL(out.len, 1);
  }
  idf_buf_free(&out);
}

static void plain_texts(void)
{
  static const text_case cases[] = {
      {"tEXt", DATA("Title\0Gr\374n"), "Title", "Gr\303\274n"},
      {"tEXt", DATA("Title\0"), "Title", ""},
      {"tEXt", DATA("T\351\0a\0b"), "T\303\251", "a"},
      {"tEXt", DATA("Title"), NULL, NULL},
      {"tEXt", DATA("\0text"), NULL, NULL},
      {"iTXt", DATA("Title\0\0\0de\0Titel\0Gr\303\274n"), "Title", "Gr\303\274n"},
      {"iTXt", DATA("Title\0\0\0\0\0Gr\374n"), "Title", "Gr\303\274n"}, /* not UTF-8 */
      {"iTXt", DATA("Title\0\0\7\0\0x"), "Title", "x"},                 /* the method of nothing */
      {"iTXt", DATA("Title\0\2\0\0\0x"), NULL, NULL},
      {"iTXt", DATA("Title\0\0\0\0x"), NULL, NULL},
      {"iTXt", DATA("Title\0\0"), NULL, NULL},
      {"iTXt", DATA("Title\0"), NULL, NULL},
      {"zTXt", DATA("Title\0"), NULL, NULL},
      {"zTXt", DATA("Title\0\0no zlib"), NULL, NULL},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    check(&cases[i]);
}

static void keywords_are_short(void)
{
  uint8_t data[90];
  char key[80];
  memset(data, 'k', sizeof data);
  memset(key, 'k', sizeof key);
  key[79] = '\0';
  data[79] = 0;
  const text_case fits = {"tEXt", data, 80, key, ""};
  check(&fits);
  data[79] = 'k';
  data[80] = 0;
  const text_case none = {"tEXt", data, 81, NULL, NULL};
  check(&none);
}

/* A chunk whose text is packed behind `head`. */
static size_t packed_chunk(uint8_t *chunk, const char *head, size_t head_size, const char *text)
{
  uLongf len = 300;
  memcpy(chunk, head, head_size);
  CU_ASSERT_EQUAL(compress(chunk + head_size, &len, (const Bytef *)text, (uLong)strlen(text)),
                  Z_OK);
  return head_size + len;
}

static void packed_texts(void)
{
  uint8_t chunk[400];
  text_case c = {"zTXt", chunk, 0, "Key", "hh\303\244"};
  c.size = packed_chunk(chunk, "Key\0\0", 5, "hh\344");
  check(&c);
  chunk[4] = 1; /* another method */
  c.key = NULL;
  check(&c);
  c = (text_case){"iTXt", chunk, 0, "Key", "hh\303\244"};
  c.size = packed_chunk(chunk, "Key\0\1\0\0\0", 8, "hh\303\244");
  check(&c);
  chunk[5] = 1;
  c.key = NULL;
  check(&c);
}

static void the_bound_holds(void)
{
  uint8_t chunk[400];
  idf_mem mem;
  idf_buf out;
  size_t value;
  idf_mem_init(&mem, UINT64_MAX);
  idf_buf_init(&out, &mem);
  const size_t size = packed_chunk(chunk, "Key\0\0", 5, "twelve bytes");
  CU_ASSERT_EQUAL(idf_text_get(&out, "zTXt", chunk, size, 11, &value), IDF_ERR_LIMIT);
  CU_ASSERT_EQUAL(idf_text_get(&out, "zTXt", chunk, size, 12, &value), IDF_OK);
  idf_buf_free(&out);
  for (int64_t n = 0; n < 2; n++) {
    mem.fail_in = n;
    idf_buf_init(&out, &mem);
    CU_ASSERT_EQUAL(idf_text_get(&out, "zTXt", chunk, size, 12, &value), IDF_ERR_MEMORY);
    idf_buf_free(&out);
  }
  CU_ASSERT_EQUAL(mem.used, 0);
  CU_ASSERT(idf_text_type("tEXt") && idf_text_type("zTXt") && idf_text_type("iTXt"));
  CU_ASSERT_FALSE(idf_text_type("tIME"));
}

static const idf_unit_test tests[] = {{"texts that are not packed", plain_texts},
                                      {"keywords have at most 79 bytes", keywords_are_short},
                                      {"packed texts", packed_texts},
                                      {"the bound holds", the_bound_holds},
                                      {NULL, NULL}};

int idf_suite_text(void)
{
  return idf_unit_suite("text", tests);
}
