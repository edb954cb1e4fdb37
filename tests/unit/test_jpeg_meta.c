/* SPDX-License-Identifier: BSD-3-Clause
 *
 * test_jpeg_meta.c: segments become the chunks that mean the same; parts of a profile
 * in any order are joined, and those that contradict are an error.
 */
#include "imageio.h"
#include "jpeg_meta.h"

int idf_suite_jpeg_meta(void);

static void segment(idf_jpeg_meta *meta, unsigned marker, const char *text, size_t size,
                    idf_status want)
{
  CU_ASSERT_EQUAL(idf_jpeg_meta_segment(meta, marker, (const uint8_t *)text, size), want);
}

#define SEGMENT(meta, marker, text, want) segment(meta, marker, text, sizeof(text) - 1, want)

static void chunk_is(const idf_chunks *chunks, size_t i, const char *type, const char *data,
                     size_t size)
{
  CU_ASSERT_FATAL(i < chunks->count);
  CU_ASSERT_STRING_EQUAL(chunks->list[i].type, type);
  CU_ASSERT_EQUAL_FATAL(chunks->list[i].size, size);
  CU_ASSERT(memcmp(chunks->list[i].data, data, size) == 0);
  CU_ASSERT(!chunks->list[i].after_pixels);
}

#define CHUNK_IS(chunks, i, type, data) chunk_is(chunks, i, type, data, sizeof(data) - 1)

static void segments_become_chunks(void)
{
  idf_test_io io;
  idf_jpeg_meta meta;

  idf_test_io_init(&io);
  idf_chunks chunks = {.mem = &io.mem};
  idf_jpeg_meta_init(&meta, &io.env);
  SEGMENT(&meta, IDF_JPEG_APP1, "http://ns.adobe.com/xap/1.0/\0<x/>", IDF_OK);
  SEGMENT(&meta, IDF_JPEG_APP2, "ICC_PROFILE\0\2\2fg", IDF_OK);
  SEGMENT(&meta, IDF_JPEG_APP1, "Exif\0\0MM\0*", IDF_OK);
  SEGMENT(&meta, IDF_JPEG_APP2, "ICC_PROFILE\0\1\2abcde", IDF_OK);
  SEGMENT(&meta, IDF_JPEG_APP2, "MPF\0whatever", IDF_OK);
  SEGMENT(&meta, 0xed, "Photoshop 3.0", IDF_OK);
  SEGMENT(&meta, IDF_JPEG_APP1, "Exif", IDF_OK);
  CU_ASSERT_EQUAL(io.warnings, 0);
  CU_ASSERT_EQUAL(idf_jpeg_meta_finish(&meta, &chunks), IDF_OK);
  CU_ASSERT_EQUAL(chunks.count, 3);
  /* The Adler-32 of "abcdefg" is 0a db 02 bd. */
  CHUNK_IS(&chunks, 0, "iCCP",
           "ICC profile\0\0\x78\1"
           "\0\5\0\xfa\xff"
           "abcde"
           "\1\2\0\xfd\xff"
           "fg"
           "\x0a\xdb\x02\xbd");
  CHUNK_IS(&chunks, 1, "eXIf", "MM\0*");
  CHUNK_IS(&chunks, 2, "iTXt", "XML:com.adobe.xmp\0\0\0\0\0<x/>");
  idf_chunks_free(&chunks);
  idf_test_io_free(&io);
}

static void the_rest_is_told(void)
{
  idf_test_io io;
  idf_jpeg_meta meta;

  idf_test_io_init(&io);
  idf_chunks chunks = {.mem = &io.mem};
  idf_jpeg_meta_init(&meta, &io.env);
  SEGMENT(&meta, IDF_JPEG_APP1, "Exif\0\0II*\0", IDF_OK);
  SEGMENT(&meta, IDF_JPEG_APP1, "Exif\0\0MM\0*", IDF_OK);
  CU_ASSERT_EQUAL(io.warnings, 1);
  SEGMENT(&meta, IDF_JPEG_APP1, "http://ns.adobe.com/xmp/extension/\0guid", IDF_OK);
  CU_ASSERT_EQUAL(io.warnings, 2);
  CU_ASSERT_EQUAL(idf_jpeg_meta_finish(&meta, &chunks), IDF_OK);
  CU_ASSERT_EQUAL(chunks.count, 1);
  CHUNK_IS(&chunks, 0, "eXIf", "II*\0");
  idf_chunks_free(&chunks);
  idf_test_io_free(&io);
}

static void bad_profiles(void)
{
  static const struct {
    const char *first, *second; /* number and parts, as the first two bytes */
    idf_status status;
  } cases[] = {{"\0\1x", NULL, IDF_ERR_CORRUPT},
               {"\2\1x", NULL, IDF_ERR_CORRUPT},
               {"\1\2x", "\1\2x", IDF_ERR_CORRUPT},
               {"\1\2x", "\2\3x", IDF_ERR_CORRUPT},
               {"\1\2x", NULL, IDF_OK}};

  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    const char *const parts[2] = {cases[i].first, cases[i].second};
    idf_status status = IDF_OK;
    idf_test_io io;
    idf_jpeg_meta meta;
    idf_test_io_init(&io);
    idf_chunks chunks = {.mem = &io.mem};
    idf_jpeg_meta_init(&meta, &io.env);
    for (unsigned k = 0; k < 2 && parts[k]; k++) {
      uint8_t data[15] = "ICC_PROFILE";
      memcpy(data + 12, parts[k], 3);
      if (status == IDF_OK)
        status = idf_jpeg_meta_segment(&meta, IDF_JPEG_APP2, data, sizeof data);
    }
    CU_ASSERT_EQUAL(status, cases[i].status);
    CU_ASSERT(idf_jpeg_meta_finish(&meta, &chunks) == IDF_ERR_CORRUPT || cases[i].status != IDF_OK);
    CU_ASSERT(io.env.error[0] != '\0');
    idf_chunks_free(&chunks);
    idf_test_io_free(&io);
  }
}

static void limits(void)
{
  idf_test_io io;
  idf_jpeg_meta meta;

  idf_test_io_init(&io);
  idf_chunks chunks = {.mem = &io.mem};
  io.env.max_metadata = 30;
  idf_jpeg_meta_init(&meta, &io.env);
  SEGMENT(&meta, IDF_JPEG_APP1, "Exif\0\0MM\0*56789", IDF_OK);
  CU_ASSERT_EQUAL(idf_jpeg_meta_finish(&meta, &chunks), IDF_OK);
  SEGMENT(&meta, IDF_JPEG_APP1, "http://ns.adobe.com/xap/1.0/\0<x/>", IDF_OK);
  CU_ASSERT_EQUAL(idf_jpeg_meta_finish(&meta, &chunks), IDF_ERR_LIMIT);
  CU_ASSERT_PTR_NOT_NULL(strstr(io.env.error, "--max-metadata"));
  idf_chunks_free(&chunks);
  idf_test_io_free(&io);
}

int idf_suite_jpeg_meta(void)
{
  static const idf_unit_test tests[] = {
      {"segments become the chunks that mean the same", segments_become_chunks},
      {"what cannot be kept is told", the_rest_is_told},
      {"profiles in pieces that do not fit are errors", bad_profiles},
      {"the limit of metadata holds", limits},
      {NULL, NULL}};
  return idf_unit_suite("jpeg_meta", tests);
}
