/* SPDX-License-Identifier: BSD-3-Clause
 *
 * test_image.c: sniffing, texts and metadata lists.
 */
#include "imageio.h"

int idf_suite_image(void);

static void sniffs(void)
{
  static const struct {
    const char *head;
    size_t len;
    idf_image_kind kind;
  } cases[] = {{"\x89PNG\r\n\x1a\n", 8, IDF_IMAGE_PNG},
               {"\x89PNG\n\x1a\n", 7, IDF_IMAGE_PNG},
               {"\x8DIDF\r\n\x1a\n", 8, IDF_IMAGE_IDF},
               {"\xff\xd8\xff\xe0", 4, IDF_IMAGE_JPEG},
               {"P1\n", 3, IDF_IMAGE_PNM},
               {"P7\n", 3, IDF_IMAGE_PNM},
               {"P4#", 3, IDF_IMAGE_PNM},
               {"P8\n", 3, IDF_IMAGE_UNKNOWN},
               {"PK\3\4", 4, IDF_IMAGE_UNKNOWN},
               {"P6", 2, IDF_IMAGE_UNKNOWN},
               {"\x89PN", 3, IDF_IMAGE_UNKNOWN},
               {"", 0, IDF_IMAGE_UNKNOWN}};

  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    CU_ASSERT_EQUAL(idf_image_sniff((const uint8_t *)cases[i].head, cases[i].len), cases[i].kind);
}

static void first_error_wins(void)
{
  idf_test_io io;

  idf_test_io_init(&io);
  CU_ASSERT_EQUAL(idf_image_fail(&io.env, IDF_ERR_CORRUPT, "one %d", 1), IDF_ERR_CORRUPT);
  CU_ASSERT_EQUAL(idf_image_fail(&io.env, IDF_ERR_LIMIT, "two"), IDF_ERR_LIMIT);
  CU_ASSERT_STRING_EQUAL(io.env.error, "one 1");
  idf_image_warn(&io.env, "%s", "hear");
  CU_ASSERT_EQUAL(io.warnings, 1);
  io.env.warn = NULL;
  idf_image_warn(&io.env, "nobody hears");
  CU_ASSERT_EQUAL(io.warnings, 1);
  idf_test_io_free(&io);
}

static idf_status rows_of_nothing(idf_reader *reader, void *rows, uint32_t count)
{
  *(uint32_t *)rows = reader->next_row + count;
  return count == 3 ? IDF_ERR_CORRUPT : IDF_OK;
}

static idf_status finish_nothing(idf_reader *reader)
{
  return reader->next_row == 5 ? IDF_OK : IDF_ERR_CORRUPT;
}

/* Whatever the format: never a row too many, and no end before the last. */
static void readers_count_their_rows(void)
{
  idf_reader reader = {.info = {.height = 5}, .rows = rows_of_nothing, .finish = finish_nothing};
  uint32_t seen = 0;
  CU_ASSERT_EQUAL(idf_reader_finish(&reader), IDF_ERR_ARGUMENT);
  CU_ASSERT_EQUAL(idf_reader_rows(&reader, &seen, 6), IDF_ERR_ARGUMENT);
  CU_ASSERT_EQUAL(idf_reader_rows(&reader, &seen, UINT32_MAX), IDF_ERR_ARGUMENT);
  CU_ASSERT_EQUAL(idf_reader_rows(&reader, &seen, 3), IDF_ERR_CORRUPT);
  CU_ASSERT_EQUAL(idf_reader_rows(&reader, &seen, 4), IDF_OK);
  CU_ASSERT_EQUAL(seen, 4);
  CU_ASSERT_EQUAL(idf_reader_finish(&reader), IDF_ERR_ARGUMENT);
  CU_ASSERT_EQUAL(idf_reader_rows(&reader, &seen, 2), IDF_ERR_ARGUMENT);
  CU_ASSERT_EQUAL(idf_reader_rows(&reader, &seen, 1), IDF_OK);
  CU_ASSERT_EQUAL(seen, 5);
  CU_ASSERT_EQUAL(idf_reader_rows(&reader, &seen, 1), IDF_ERR_ARGUMENT);
  CU_ASSERT_EQUAL(idf_reader_finish(&reader), IDF_OK);
}

static void pixels_are_limited(void)
{
  idf_test_io io;
  idf_info info = {.width = 0x7fffffff, .height = 0x7fffffff};
  idf_test_io_init(&io);
  io.env.max_pixels = (uint64_t)info.width * info.height;
  CU_ASSERT_EQUAL(idf_image_limit(&io.env, &info), IDF_OK);
  CU_ASSERT_STRING_EQUAL(io.env.error, "");
  io.env.max_pixels--;
  CU_ASSERT_EQUAL(idf_image_limit(&io.env, &info), IDF_ERR_LIMIT);
  CU_ASSERT_PTR_NOT_NULL(strstr(io.env.error, "4611686014132420608: raise --max-pixels"));
  idf_test_io_free(&io);
}

/* What follows an image: `head` was read with it, `file` was not. */
static void tails(void)
{
  static const struct {
    const char *head, *file;
    size_t head_size, file_size;
    bool jpeg;
    const char *told; /* NULL: no drop */
  } cases[] = {{"", "", 0, 0, false, NULL},
               {"\0\0", "\0", 2, 1, false, NULL},
               {"\0", "\n", 1, 1, false, "2 bytes after"},
               {"", "\0\0\0\1", 0, 4, false, "4 bytes after"},
               {"x", "", 1, 0, false, "1 byte after"},
               {"\xff\xd9", "\xff\xd9\0", 2, 3, true, NULL},
               {"\xff", "\xd9\0", 1, 2, true, NULL},
               {"\xff\xd9", "", 2, 0, false, "2 bytes after"},
               {"\xff", "", 1, 0, true, "1 byte after"},
               {"\xff\xd8\xff", "", 3, 0, true, "JPEG"},
               {"\xff\xd9\xff", "\xd8\xff\xe0", 3, 3, true, "JPEG"},
               {"", "PK\3\4", 0, 4, false, "ZIP"},
               {"\0\0\0",
                "\x18"
                "ftypmp42",
                3, 9, true, "a film"},
               {"P6\n1 1", "", 6, 0, false, "another image"}};

  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    idf_test_io io;
    idf_test_io_init(&io);
    idf_test_fill(&io, cases[i].file, cases[i].file_size);
    CU_ASSERT_EQUAL(idf_image_tail(&io.env, idf_test_read, &io, (const uint8_t *)cases[i].head,
                                   cases[i].head_size,
                                   cases[i].jpeg ? (const uint8_t *)"\xff\xd9" : NULL),
                    IDF_OK);
    CU_ASSERT_EQUAL(io.drops, cases[i].told ? 1 : 0);
    CU_ASSERT(!cases[i].told || strstr(io.warning, cases[i].told));
    idf_test_io_free(&io);
  }
}

static idf_status zeros_for_ever(void *context, uint8_t *buffer, size_t capacity, size_t *size)
{
  memset(buffer, 0, capacity);
  *size = capacity;
  *(uint64_t *)context += capacity;
  return IDF_OK;
}

static void a_tail_without_end(void)
{
  uint64_t given = 0;
  idf_test_io io;

  idf_test_io_init(&io);
  CU_ASSERT_EQUAL(idf_image_tail(&io.env, zeros_for_ever, &given, NULL, 0, NULL), IDF_OK);
  CU_ASSERT(given >= IDF_TAIL_MOST && given < IDF_TAIL_MOST + 65536);
  CU_ASSERT_EQUAL(io.drops, 1);
  CU_ASSERT_PTR_NOT_NULL(strstr(io.warning, "at least 67108864 bytes"));
  idf_test_io_free(&io);
}

int idf_suite_image(void)
{
  static const idf_unit_test tests[] = {
      {"formats are told by their first bytes", sniffs},
      {"the first error is kept, warnings may go unheard", first_error_wins},
      {"readers count their rows", readers_count_their_rows},
      {"pixels are limited", pixels_are_limited},
      {"bytes after an image are told, padding is not", tails},
      {"and are not read for ever", a_tail_without_end},
      {NULL, NULL}};
  return idf_unit_suite("image", tests);
}
