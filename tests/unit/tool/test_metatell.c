/* SPDX-License-Identifier: BSD-3-Clause
 *
 * test_metatell.c: metadata as people and programs see them, and none at all.
 */
#include "metatell.h"
#include "unit.h"

#include <string.h>

int idf_suite_metatell(void);

typedef struct memory {
  uint8_t data[4096];
  size_t size, at;
} memory;

static idf_status write_to(void *context, const uint8_t *data, size_t size)
{
  memory *m = context;

  CU_ASSERT_FATAL(size <= sizeof m->data - m->size);
  memcpy(m->data + m->size, data, size);
  m->size += size;
  return IDF_OK;
}

static idf_status read_from(void *context, uint8_t *buffer, size_t capacity, size_t *size)
{
  memory *m = context;

  *size = m->size - m->at < capacity ? m->size - m->at : capacity;
  memcpy(buffer, m->data + m->at, *size);
  m->at += *size;
  return IDF_OK;
}

typedef struct piece {
  const char *type, *data;
  size_t size;
} piece;

/* What is told of a picture with these pieces. */
static void tell(const piece *pieces, size_t count, bool as_json, char *text, size_t size)
{
  const idf_info info = {.width = 1, .height = 1, .layout = IDF_GRAY, .depth = 8};
  memory m = {.size = 0};
  idf_encoder *encoder = NULL;
  idf_decoder *decoder = NULL;
  idf_info got;
  FILE *out = tmpfile();

  CU_ASSERT_PTR_NOT_NULL_FATAL(out);
  CU_ASSERT_EQUAL_FATAL(idf_encoder_new(NULL, &info, write_to, &m, &encoder), IDF_OK);
  for (size_t i = 0; i < count; i++)
    CU_ASSERT_EQUAL(idf_encoder_metadata(encoder, pieces[i].type, pieces[i].data, pieces[i].size),
                    IDF_OK);
  CU_ASSERT_EQUAL(idf_encoder_rows(encoder, "x", 1), IDF_OK);
  CU_ASSERT_EQUAL(idf_encoder_finish(encoder), IDF_OK);
  idf_encoder_free(encoder);
  CU_ASSERT_EQUAL_FATAL(idf_decoder_new(NULL, read_from, &m, &decoder), IDF_OK);
  CU_ASSERT_EQUAL(idf_decoder_info(decoder, &got), IDF_OK);
  CU_ASSERT_EQUAL(idf_decoder_finish(decoder), IDF_OK);
  if (as_json) {
    idf_json json;
    idf_json_begin(&json, out);
    idf_metatell_json(decoder, &json);
    idf_json_end(&json);
  } else {
    idf_metatell_print(decoder, out);
  }
  idf_decoder_free(decoder);
  rewind(out);
  text[fread(text, 1, size - 1, out)] = '\0';
  fclose(out);
}

#define PIECE(type, text)                                                                          \
  {                                                                                                \
    type, text, sizeof text - 1                                                                    \
  }
static const piece some[] = {PIECE("pHYs", "\0\0\56\43\0\0\56\43\1"), /* 11811 per metre */
                             PIECE("eXIf", "MM\0*\0\0\0\10\0\1\1\22\0\3\0\0\0\1\0\3\0\0"),
                             PIECE("tEXt", "Title\0four \033[31m"),
                             PIECE("tEXt", "Comment\0two\nlines"),
                             PIECE("tEXt", "Raw profile type iptc\0\n0\n"),
                             PIECE("iTXt", "XML:com.adobe.xmp\0\0\0\0\0<x>\n   \n</x>"),
                             PIECE("zTXt", "Broken\0\0nothing"),
                             PIECE("iCCP", "name\0\0nothing")};

static void people(void)
{
  char text[2048];

  tell(some, sizeof some / sizeof *some, false, text, sizeof text);
  CU_ASSERT_STRING_EQUAL(text, "    profile    not valid: damaged data\n"
                               "    resolution 300 x 300 pixels an inch\n"
                               "    Exif       22 bytes\n"
                               "      Orientation                3 (turned by 180 degrees)\n"
                               "    text       Title: four ?[31m\n"
                               "    text       Comment:\n"
                               "      two\n"
                               "      lines\n"
                               "    text       Raw profile type iptc: 3 letters\n"
                               "    XMP        12 bytes\n"
                               "      <x>\n"
                               "      </x>\n"
                               "    text       not valid: damaged data\n");
  tell(NULL, 0, false, text, sizeof text);
  CU_ASSERT_STRING_EQUAL(text, "");
}

static void programs(void)
{
  char text[2048];

  tell(some, 3, true, text, sizeof text);
  CU_ASSERT_STRING_EQUAL(text, "{\"pixels_per_metre\":[11811,11811],\"orientation\":3,"
                               "\"exif\":[{\"name\":\"Orientation\",\"value\":\"3 (turned by 180 "
                               "degrees)\"}],"
                               "\"texts\":[{\"key\":\"Title\",\"value\":\"four \\u001b[31m\"}]}\n");
  tell(NULL, 0, true, text, sizeof text);
  CU_ASSERT_STRING_EQUAL(text, "{\"orientation\":1,\"exif\":[],\"texts\":[]}\n");
}

int idf_suite_metatell(void)
{
  static const idf_unit_test tests[] = {
      {"for people", people}, {"for programs", programs}, {NULL, NULL}};
  return idf_unit_suite("metatell", tests);
}
