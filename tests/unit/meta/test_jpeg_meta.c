/* SPDX-License-Identifier: BSD-3-Clause
 *
 * test_jpeg_meta.c: segments become the chunks that mean the same; parts of a profile
 * in any order are joined; what has no such chunk is kept as it is.
 */
#include "imageio.h"
#include "jpeg_meta.h"
#include "jpegkit.h"

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

/* What every test has: an env, a list, and the segments that go there. */
typedef struct work {
  idf_test_io io;
  idf_chunks chunks;
  idf_jpeg_meta meta;
} work;

static void begin(work *w)
{
  memset(w, 0, sizeof *w);
  idf_test_io_init(&w->io);
  w->chunks.mem = &w->io.mem;
  idf_jpeg_meta_init(&w->meta, &w->chunks, w->io.env.max_metadata);
  w->meta.remark = idf_test_warn;
  w->meta.context = &w->io;
}

static void end(work *w)
{
  idf_jpeg_meta_free(&w->meta);
  idf_chunks_free(&w->chunks);
  idf_test_io_free(&w->io);
}

static void segments_become_chunks(void)
{
  work w;

  begin(&w);
  SEGMENT(&w.meta, IDF_JPEG_APP0, "JFIF\0\1\2\1\1\x2c\0\x48\0\0", IDF_OK);
  SEGMENT(&w.meta, IDF_JPEG_APP1, "http://ns.adobe.com/xap/1.0/\0<x/>", IDF_OK);
  SEGMENT(&w.meta, IDF_JPEG_APP2, "ICC_PROFILE\0\2\2fg", IDF_OK);
  SEGMENT(&w.meta, IDF_JPEG_APP1, "Exif\0\0MM\0*1", IDF_OK);
  SEGMENT(&w.meta, IDF_JPEG_APP2, "ICC_PROFILE\0\1\2abcde", IDF_OK);
  SEGMENT(&w.meta, IDF_JPEG_APP13,
          "Photoshop 3.0\0"
          "8BIM01234567890123456789012345678901234",
          IDF_OK);
  SEGMENT(&w.meta, IDF_JPEG_APP13, "Photoshop 3.0\0\xff", IDF_OK);
  SEGMENT(&w.meta, IDF_JPEG_COM, "hello\0", IDF_OK);
  SEGMENT(&w.meta, IDF_JPEG_COM, "gr\xc3\xbc\xc3\x9f", IDF_OK);
  SEGMENT(&w.meta, IDF_JPEG_COM, "gr\xfc\xdf", IDF_OK);
  CU_ASSERT_EQUAL(idf_jpeg_meta_finish(&w.meta), IDF_OK);
  CU_ASSERT_EQUAL(w.io.warnings, 0);
  CU_ASSERT_EQUAL_FATAL(w.chunks.count, 8);
  /* 300 and 72 dots an inch. */
  CHUNK_IS(&w.chunks, 0, "pHYs", "\0\0\x2e\x23\0\0\x0b\x13\1");
  CHUNK_IS(&w.chunks, 1, "iTXt", "XML:com.adobe.xmp\0\0\0\0\0<x/>");
  CHUNK_IS(&w.chunks, 2, "eXIf", "MM\0*1");
  CHUNK_IS(&w.chunks, 3, "tEXt", "Comment\0hello");
  CHUNK_IS(&w.chunks, 4, "iTXt", "Comment\0\0\0\0\0gr\xc3\xbc\xc3\x9f");
  CHUNK_IS(&w.chunks, 5, "tEXt", "Comment\0gr\xfc\xdf");
  CHUNK_IS(&w.chunks, 6, "tEXt",
           "Raw profile type iptc\0\niptc\n      40\n"
           "3842494d3031323334353637383930313233343536373839303132333435363738393031\n"
           "323334ff\n");
  /* The Adler-32 of "abcdefg" is 0a db 02 bd. */
  CHUNK_IS(&w.chunks, 7, "iCCP",
           "ICC profile\0\0\x78\1"
           "\0\5\0\xfa\xff"
           "abcde"
           "\1\2\0\xfd\xff"
           "fg"
           "\x0a\xdb\x02\xbd");
  end(&w);
}

/* Whatever has no chunk of its own is kept as its marker and its bytes. */
static void the_rest_is_kept(void)
{
  static const struct {
    unsigned marker;
    const char *data;
    size_t size;
  } cases[] = {{0xeb, "JP\0\1\0\0\0\1jumb", 12},
               {0xee, "Adobe\0d\0\0\0\0\0", 12},
               {IDF_JPEG_APP2, "MPF\0whatever", 12},
               {IDF_JPEG_APP2, "ICC_PROFILE\0\1", 13},
               {IDF_JPEG_APP1, "http://ns.adobe.com/xmp/extension/\0guid", 39},
               {IDF_JPEG_APP1, "http://ns.adobe.com/xap/1.0/\0", 29},
               {IDF_JPEG_APP1, "Exif", 4},
               {IDF_JPEG_APP1, "Exif\0\0what?", 11},
               {IDF_JPEG_APP13, "Photoshop 3.0\0", 14},
               {IDF_JPEG_APP13, "Adobe_CM\0", 9},
               {IDF_JPEG_APP0, "JFXX\0\x13", 6},
               {IDF_JPEG_APP0, "JFIF\0\1\1\0\0\1\0\1\1\1rgb", 17},
               {IDF_JPEG_APP0, "JFIF\0\1\1\1\0\0\0\1\0\0", 14},
               {IDF_JPEG_APP0, "JFIF\0\1\1\3\0\1\0\1\0\0", 14},
               {IDF_JPEG_COM, "two\0texts", 9},
               {IDF_JPEG_COM, "", 0}};

  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    work w;
    begin(&w);
    segment(&w.meta, cases[i].marker, cases[i].data, cases[i].size, IDF_OK);
    CU_ASSERT_EQUAL(idf_jpeg_meta_finish(&w.meta), IDF_OK);
    CU_ASSERT_EQUAL(w.io.warnings, 0);
    CU_ASSERT_EQUAL_FATAL(w.chunks.count, 1);
    CU_ASSERT_STRING_EQUAL(w.chunks.list[0].type, "jpSg");
    CU_ASSERT_EQUAL_FATAL(w.chunks.list[0].size, cases[i].size + 1);
    CU_ASSERT_EQUAL(w.chunks.list[0].data[0], cases[i].marker);
    CU_ASSERT(memcmp(w.chunks.list[0].data + 1, cases[i].data, cases[i].size) == 0);
    end(&w);
  }
}

static void seconds_and_late_ones(void)
{
  work w;

  begin(&w);
  SEGMENT(&w.meta, IDF_JPEG_APP0, "JFIF\0\1\1\0\0\1\0\1\0\0", IDF_OK); /* says nothing */
  SEGMENT(&w.meta, IDF_JPEG_APP0, "JFIF\0\1\1\2\0\1\0\1\0\0", IDF_OK);
  SEGMENT(&w.meta, IDF_JPEG_APP1, "Exif\0\xffII*\0x", IDF_OK);
  SEGMENT(&w.meta, IDF_JPEG_APP1, "Exif\0\0MM\0*x", IDF_OK);
  CU_ASSERT_EQUAL(idf_jpeg_meta_finish(&w.meta), IDF_OK);
  w.meta.after_pixels = true;
  SEGMENT(&w.meta, IDF_JPEG_COM, "late", IDF_OK);
  SEGMENT(&w.meta, IDF_JPEG_APP2, "ICC_PROFILE\0\1\1x", IDF_OK);
  CU_ASSERT_EQUAL(w.io.warnings, 0);
  CU_ASSERT_EQUAL(idf_jpeg_meta_finish(&w.meta), IDF_OK);
  CU_ASSERT_EQUAL(w.io.warnings, 1); /* iCCP has its place before the pixels */
  CU_ASSERT_EQUAL_FATAL(w.chunks.count, 5);
  CHUNK_IS(&w.chunks, 0, "jpSg", "\xe0JFIF\0\1\1\2\0\1\0\1\0\0");
  CHUNK_IS(&w.chunks, 1, "eXIf", "II*\0x");
  CHUNK_IS(&w.chunks, 2, "jpSg",
           "\xe1"
           "Exif\0\0MM\0*x");
  CU_ASSERT_STRING_EQUAL(w.chunks.list[3].type, "tEXt");
  CU_ASSERT(w.chunks.list[3].after_pixels);
  CU_ASSERT_STRING_EQUAL(w.chunks.list[4].type, "jpSg");
  end(&w);
}

/* Each part: its number, how many there are, a byte. Those that fit are a profile, others are kept
 * as they are, with one warning. */
static void profiles(void)
{
  static const struct {
    const char *parts;
    unsigned chunks, warnings;
    const char *type;
  } cases[] = {{"11x", 1, 0, "iCCP"},      {"11x11x", 1, 1, "iCCP"}, {"22x12x12x", 1, 1, "iCCP"},
               {"01x", 1, 1, "jpSg"},      {"21x", 1, 1, "jpSg"},    {"12x12y", 2, 1, "jpSg"},
               {"12x23x", 2, 1, "jpSg"},   {"12x", 1, 1, "jpSg"},    {"00x", 1, 1, "jpSg"},
               {"13x33x33x", 2, 2, "jpSg"}};

  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    work w;
    begin(&w);
    for (const char *p = cases[i].parts; *p; p += 3) {
      uint8_t data[15] = "ICC_PROFILE";
      data[12] = (uint8_t)(p[0] - '0');
      data[13] = (uint8_t)(p[1] - '0');
      data[14] = (uint8_t)p[2];
      segment(&w.meta, IDF_JPEG_APP2, (const char *)data, sizeof data, IDF_OK);
    }
    CU_ASSERT_EQUAL(idf_jpeg_meta_finish(&w.meta), IDF_OK);
    CU_ASSERT_EQUAL(w.io.warnings, cases[i].warnings);
    CU_ASSERT_EQUAL_FATAL(w.chunks.count, cases[i].chunks);
    CU_ASSERT_STRING_EQUAL(w.chunks.list[0].type, cases[i].type);
    end(&w);
  }
}

static void limits(void)
{
  work w;

  begin(&w);
  w.meta.limit = 30;
  SEGMENT(&w.meta, IDF_JPEG_APP1, "Exif\0\0MM\0*56789", IDF_OK);
  SEGMENT(&w.meta, IDF_JPEG_APP13,
          "Photoshop 3.0\0"
          "8BIM",
          IDF_OK);
  SEGMENT(&w.meta, IDF_JPEG_APP2, "ICC_PROFILE\0\1\2abcde", IDF_OK);
  SEGMENT(&w.meta, IDF_JPEG_COM, "hello, world", IDF_ERR_LIMIT);
  CU_ASSERT(w.meta.over);
  SEGMENT(&w.meta, IDF_JPEG_APP1, "http://ns.adobe.com/xap/1.0/\0<x/>", IDF_ERR_LIMIT);
  CU_ASSERT_EQUAL(idf_jpeg_meta_finish(&w.meta), IDF_ERR_LIMIT);
  end(&w);
}

static void insert(idf_buf *file, size_t at, const char *bytes, size_t len)
{
  idf_put_bytes(file, bytes, len);
  memmove(file->data + at + len, file->data + at, file->len - len - at);
  memcpy(file->data + at, bytes, len);
}

/* What libjpeg's reader makes of a file; those behind its pixels cannot be told from others where
 * there are several scans. */
static void read_chunks(idf_test_io *io, idf_reader **reader)
{
  static uint8_t row[4 * 64];

  CU_ASSERT_EQUAL_FATAL(idf_jpeg_open(&io->env, idf_test_read, io, reader), IDF_OK);
  for (uint32_t y = 0; y < (*reader)->info.height; y++)
    CU_ASSERT_EQUAL(idf_reader_rows(*reader, row, 1), IDF_OK);
  CU_ASSERT_EQUAL(idf_reader_finish(*reader), IDF_OK);
}

static void same_chunks(const idf_chunks *chunks, const idf_chunks *want)
{
  CU_ASSERT_EQUAL_FATAL(chunks->count, want->count);
  for (size_t i = 0; i < want->count; i++) {
    const idf_chunk *a = &chunks->list[i], *b = &want->list[i];
    CU_ASSERT_STRING_EQUAL(a->type, b->type);
    CU_ASSERT_EQUAL_FATAL(a->size, b->size);
    CU_ASSERT(memcmp(a->data, b->data, a->size) == 0);
    CU_ASSERT_EQUAL(a->after_pixels, i + 1 == want->count);
  }
}

/* The chunks of a parsed file, which lists what it frees of it. */
static void all_chunks(work *w, idf_jpeg *jpeg)
{
  idf_chunks_free(&w->chunks);
  idf_jpeg_meta_free(&w->meta);
  idf_jpeg_meta_init(&w->meta, &w->chunks, 1 << 16);
  CU_ASSERT_EQUAL(idf_jpeg_meta_all(&w->meta, jpeg), IDF_OK);
  idf_jpeg_free(jpeg);
}

/* The same from a file, from its side stream, and from libjpeg, whatever stands between. */
static void a_file_is_read_alike(void)
{
  unsigned compared = 0;

  for (size_t k = 0; k < JPEGKIT_KINDS; k++) {
    work w;
    idf_jpeg jpeg;
    jpegkit_taken taken;
    idf_reader *reader = NULL;
    begin(&w);
    w.io.step = 64;
    jpegkit_make(&w.io.file, &jpegkit_kinds[k], 40, 40, k);
    insert(&w.io.file, w.io.file.len - 2, "\xff\xfe\0\6late", 8);
    insert(&w.io.file, 2,
           "\xff\xfe\0\7early\xff\xe1\0\x0c"
           "Exif\0\0MM\0*",
           23);
    idf_put_bytes(&w.io.file, "\xff\xfe\0\5end", 7); /* after EOI: no segment */
    CU_ASSERT_EQUAL_FATAL(idf_jpeg_parse(&jpeg, &w.io.mem, w.io.file.data, w.io.file.len, 1 << 20),
                          IDF_JPEG_OK);
    all_chunks(&w, &jpeg);
    CU_ASSERT_EQUAL_FATAL(jpegkit_take(&w.io.mem, w.io.file.data, w.io.file.len, 5, &taken),
                          IDF_JPEG_OK);
    if (jpegkit_channels(&jpegkit_kinds[k]) < 4) {
      read_chunks(&w.io, &reader);
      same_chunks(&w.chunks, &reader->chunks);
      compared++;
    }
    CU_ASSERT_EQUAL_FATAL(
        idf_jpeg_side_get(&jpeg, &w.io.mem, taken.side.data, taken.side.len, 1 << 20), IDF_JPEG_OK);
    all_chunks(&w, &jpeg);
    if (reader)
      same_chunks(&w.chunks, &reader->chunks);
    CU_ASSERT(w.chunks.count >= 3);
    idf_reader_close(reader);
    jpegkit_taken_free(&w.io.mem, &taken);
    end(&w);
  }
  CU_ASSERT(compared > 10);
}

int idf_suite_jpeg_meta(void)
{
  static const idf_unit_test tests[] = {
      {"segments become the chunks that mean the same", segments_become_chunks},
      {"what has no such chunk is kept as it is", the_rest_is_kept},
      {"what comes twice, or late, is kept", seconds_and_late_ones},
      {"profiles are joined, or kept in pieces", profiles},
      {"the limit of metadata holds", limits},
      {"a file, its side stream and libjpeg agree", a_file_is_read_alike},
      {NULL, NULL}};
  return idf_unit_suite("jpeg_meta", tests);
}
