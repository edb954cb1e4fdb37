/* SPDX-License-Identifier: BSD-3-Clause
 *
 * test_image_png.c: every kind of PNG sample goes out and comes back the same, metadata
 * raw and in place; what PNG cannot hold and what is damaged is refused.
 */
#include "imageio.h"

#include <zlib.h>

int idf_suite_image_png(void);

static const char *const pieces[] = {"gAMA", "prVt", "tEXt", "zzZz"};

static uint8_t palette_of[768];

/* Writes `info` with random samples and four chunks, the last one after the pixels. */
static void write_png(idf_test_io *io, const idf_info *info, const void *samples)
{
  idf_writer *writer = NULL;

  CU_ASSERT_EQUAL_FATAL(idf_png_create(&io->env, info, 6, idf_test_write, io, &writer), IDF_OK);
  CU_ASSERT_EQUAL(idf_writer_metadata(writer, pieces[0], (const uint8_t *)"\0\0\x80\0", 4), IDF_OK);
  if (info->layout == IDF_PALETTE)
    CU_ASSERT_EQUAL(idf_writer_metadata(writer, "PLTE", palette_of, 3u << info->depth), IDF_OK);
  CU_ASSERT_EQUAL(idf_writer_metadata(writer, pieces[1], (const uint8_t *)"x", 1), IDF_OK);
  CU_ASSERT_EQUAL(idf_writer_metadata(writer, pieces[2], (const uint8_t *)"k\0v", 3), IDF_OK);
  CU_ASSERT_EQUAL(idf_writer_rows(writer, samples, info->height), IDF_OK);
  CU_ASSERT_EQUAL(idf_writer_metadata(writer, pieces[3], NULL, 0), IDF_OK);
  CU_ASSERT_EQUAL(idf_writer_finish(writer), IDF_OK);
  idf_writer_close(writer);
}

static void read_back(idf_test_io *io, const idf_info *info, const void *samples,
                      const idf_unit_random *r)
{
  idf_reader *reader = NULL;
  const size_t row = idf_row_bytes(info);
  uint8_t *rows = idf_alloc(&io->mem, info->height, row);
  unsigned piece = 0;

  io->at = 0;
  IDF_UNIT_SEEDED(r, idf_png_open(&io->env, idf_test_read, io, &reader) == IDF_OK);
  if (!reader)
    return;
  IDF_UNIT_SEEDED(r, reader->info.width == info->width && reader->info.height == info->height
                         && reader->info.layout == info->layout
                         && reader->info.depth == info->depth);
  for (uint32_t y = 0; y < info->height;) {
    const uint32_t n = IDF_MIN(3u, info->height - y);
    IDF_UNIT_SEEDED(r, idf_reader_rows(reader, rows + y * row, n) == IDF_OK);
    y += n;
  }
  IDF_UNIT_SEEDED(r, memcmp(rows, samples, row * info->height) == 0);
  CU_ASSERT_EQUAL(idf_reader_rows(reader, rows, 1), IDF_ERR_ARGUMENT);
  CU_ASSERT_EQUAL(idf_reader_finish(reader), IDF_OK);
  for (size_t i = 0; i < reader->chunks.count; i++) {
    const idf_chunk *chunk = &reader->chunks.list[i];
    if (strcmp(chunk->type, "PLTE") == 0)
      continue;
    CU_ASSERT_STRING_EQUAL(chunk->type, pieces[piece % 4]);
    CU_ASSERT_EQUAL(chunk->after_pixels, piece == 3);
    piece++;
  }
  CU_ASSERT_EQUAL(piece, 4);
  idf_reader_close(reader);
  idf_free(&io->mem, rows);
}

static void round_trips(void)
{
  static const struct {
    idf_layout layout;
    unsigned depths[6];
  } kinds[] = {{IDF_GRAY, {1, 2, 4, 8, 16, 0}},
               {IDF_GRAY_ALPHA, {8, 16, 0}},
               {IDF_RGB, {8, 16, 0}},
               {IDF_RGBA, {8, 16, 0}},
               {IDF_PALETTE, {1, 2, 4, 8, 0}}};
  idf_unit_random r = idf_unit_random_of(1);

  for (unsigned i = 0; i < 768; i++)
    palette_of[i] = (uint8_t)(7 * i);
  for (unsigned k = 0; k < sizeof kinds / sizeof *kinds; k++)
    for (unsigned d = 0; kinds[k].depths[d]; d++)
      for (unsigned size = 0; size < 4; size++) {
        idf_test_io io;
        const idf_info info = {.width = size & 1 ? 37 : 1,
                               .height = size & 2 ? 11 : 1,
                               .layout = kinds[k].layout,
                               .depth = kinds[k].depths[d]};
        uint16_t samples[37 * 11 * 4];
        idf_test_io_init(&io);
        idf_test_samples(&r, &info, samples);
        write_png(&io, &info, samples);
        read_back(&io, &info, samples, &r);
        CU_ASSERT_EQUAL(io.warnings, 0);
        idf_test_io_free(&io);
      }
}

static const idf_info small = {.width = 5, .height = 4, .layout = IDF_RGB, .depth = 8};

static void small_png(idf_test_io *io)
{
  uint8_t samples[60];

  for (unsigned i = 0; i < 60; i++)
    samples[i] = (uint8_t)(i * i);
  idf_test_io_init(io);
  write_png(io, &small, samples);
}

/* Reads all; the first status that is not IDF_OK. */
static idf_status read_all(idf_test_io *io)
{
  idf_reader *reader = NULL;
  uint16_t rows[1024];
  idf_status status = idf_png_open(&io->env, idf_test_read, io, &reader);

  if (status == IDF_OK && idf_row_bytes(&reader->info) * reader->info.height > sizeof rows)
    status = IDF_ERR_LIMIT;
  if (status == IDF_OK)
    status = idf_reader_rows(reader, rows, reader->info.height);
  if (status == IDF_OK)
    status = idf_reader_finish(reader);
  idf_reader_close(reader);
  return status;
}

static void truncation(void)
{
  idf_test_io io;

  small_png(&io);
  const size_t len = io.file.len;
  for (size_t n = 0; n < len; n++) {
    io.file.len = n;
    io.at = 0;
    io.env.error[0] = '\0';
    CU_ASSERT_NOT_EQUAL(read_all(&io), IDF_OK);
    CU_ASSERT(io.env.error[0] != '\0');
  }
  io.file.len = len;
  idf_test_io_free(&io);
}

/* Each byte in turn: an error, a warning, or a change that is only in metadata. */
static void flips(void)
{
  idf_test_io io;

  small_png(&io);
  for (size_t i = 0; i < io.file.len; i++) {
    io.file.data[i] ^= 0x10;
    io.at = 0;
    io.warnings = 0;
    io.env.error[0] = '\0';
    const idf_status status = read_all(&io);
    CU_ASSERT(status != IDF_OK || io.warnings > 0);
    io.file.data[i] ^= 0x10;
  }
  idf_test_io_free(&io);
}

static void limits(void)
{
  idf_test_io io;

  small_png(&io);
  io.env.max_pixels = 19;
  CU_ASSERT_EQUAL(read_all(&io), IDF_ERR_LIMIT);
  CU_ASSERT_PTR_NOT_NULL(strstr(io.env.error, "--max-pixels"));
  io.env.max_pixels = 20;
  io.at = 0;
  CU_ASSERT_EQUAL(read_all(&io), IDF_OK);
  io.env.max_metadata = 7;
  io.at = 0;
  CU_ASSERT_EQUAL(read_all(&io), IDF_ERR_LIMIT);
  io.env.max_metadata = 8;
  io.at = 0;
  CU_ASSERT_EQUAL(read_all(&io), IDF_OK);
  io.fail_at = 50;
  io.at = 0;
  CU_ASSERT_EQUAL(read_all(&io), IDF_ERR_IO);
  idf_test_io_free(&io);
}

static void no_memory(void)
{
  idf_test_io io;
  idf_status status = IDF_ERR_MEMORY;

  small_png(&io);
  for (int64_t i = 0; i < 200 && status != IDF_OK; i++) {
    io.at = 0;
    io.env.error[0] = '\0';
    io.warnings = 0;
    io.mem.fail_in = i;
    status = read_all(&io);
    /* libpng does without some of its memory, with a warning. */
    if (status == IDF_OK && io.warnings)
      status = IDF_ERR_MEMORY;
    else
      CU_ASSERT(status == IDF_OK || status == IDF_ERR_MEMORY);
  }
  CU_ASSERT_EQUAL(status, IDF_OK);
  io.mem.fail_in = -1;
  idf_test_io_free(&io);
}

/* The small PNG with a chunk before its pixels, unless type is NULL, and what `after` has in place
 * of its end. */
static void with_chunk(idf_test_io *io, const char *type, const void *data, uint32_t size,
                       const char *after)
{
  idf_buf rest;

  small_png(io);
  idf_buf_init(&rest, &io->mem);
  idf_put_bytes(&rest, io->file.data + 33, io->file.len - 33 - 12);
  io->file.len = 33; /* signature and IHDR */
  if (type)
    idf_test_chunk(io, type, data, size, 0);
  idf_put_bytes(&io->file, rest.data, rest.len);
  if (after)
    idf_test_chunk(io, after, "12345678901234567", 17, 0);
  idf_test_chunk(io, "IEND", "", 0, 0);
  idf_buf_free(&rest);
}

static void animations(void)
{
  static const struct {
    const char *frames; /* of an acTL chunk; NULL: none */
    const char *after;
    idf_status status;
    unsigned drops;
  } cases[] = {{NULL, "acTL", IDF_OK, 1},
               {NULL, "fdAT", IDF_OK, 1},
               {"\0\0\0\1\0\0\0", NULL, IDF_OK, 1},
               {"\0\0\0\1\0\0\0", "fdAT", IDF_ERR_UNSUPPORTED, 1},
               {"\0\0\0\2\0\0\0", "fdAT", IDF_ERR_UNSUPPORTED, 0}};

  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    idf_test_io io;
    with_chunk(&io, cases[i].frames ? "acTL" : NULL, cases[i].frames, 8, cases[i].after);
    CU_ASSERT_EQUAL(read_all(&io), cases[i].status);
    CU_ASSERT_EQUAL(io.drops, cases[i].drops);
    CU_ASSERT(cases[i].status == IDF_OK || strstr(io.env.error, "APNG"));
    idf_test_io_free(&io);
  }
}

/* What libpng minds in chunks that come back as they are is no news; data that do not come back
 * are. */
static void remarks(void)
{
  static const struct {
    const char *type, *data;
    uint32_t size;
    const char *after;
    unsigned drops;
  } cases[] = {{"gAMA", "\0\0\0\0", 4, NULL, 0},  {"sRGB", "\7", 1, NULL, 0},
               {"cHRM", "short", 5, NULL, 0},     {"tIME", "0123456", 7, "tIME", 0},
               {"tRNS", "x", 1, NULL, 0},         {"PLTE", "xy", 2, NULL, 0},
               {"iCCP", "p\0\0junk", 7, NULL, 0}, {"zTXt", "k\0\0junk", 7, NULL, 0},
               {"eXIf", "?", 1, "eXIf", 0},       {NULL, NULL, 0, "IDAT", 1}};

  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    idf_test_io io;
    with_chunk(&io, cases[i].type, cases[i].data, cases[i].size, cases[i].after);
    CU_ASSERT_EQUAL(read_all(&io), IDF_OK);
    CU_ASSERT_EQUAL(io.warnings, cases[i].drops);
    CU_ASSERT_EQUAL(io.drops, cases[i].drops);
    idf_test_io_free(&io);
  }
}

static void bytes_after_the_end(void)
{
  idf_test_io io;

  small_png(&io);
  for (unsigned i = 0; i < 30; i++)
    idf_put_u8(&io.file, 0);
  CU_ASSERT_EQUAL(read_all(&io), IDF_OK);
  CU_ASSERT_EQUAL(io.warnings, 0);
  idf_put_u8(&io.file, 7);
  io.at = 0;
  CU_ASSERT_EQUAL(read_all(&io), IDF_OK);
  CU_ASSERT_EQUAL(io.drops, 1);
  CU_ASSERT_STRING_EQUAL(io.dropped, "bytes after the end");
  CU_ASSERT_PTR_NOT_NULL(strstr(io.warning, "31 bytes"));
  io.fail_at = io.file.len - 5;
  io.at = 0;
  CU_ASSERT_EQUAL(read_all(&io), IDF_ERR_IO);
  idf_test_io_free(&io);
}

/* zlib's header promises a window of 256 bytes; the match reaches 300 back. */
static void a_window_too_small(void)
{
  uint8_t rows[10 * 61], packed[1024];
  z_stream z = {0};
  idf_test_io io;

  memset(rows, 0, sizeof rows);
  for (unsigned i = 0; i < sizeof rows; i++)
    if (i % 61)
      rows[i] = (uint8_t)(i < 305 ? i * i / 7 : rows[i - 305]);
  CU_ASSERT_EQUAL_FATAL(deflateInit(&z, 9), Z_OK);
  z.next_in = rows;
  z.avail_in = sizeof rows;
  z.next_out = packed;
  z.avail_out = sizeof packed;
  CU_ASSERT_EQUAL(deflate(&z, Z_FINISH), Z_STREAM_END);
  CU_ASSERT_EQUAL(deflateEnd(&z), Z_OK);
  CU_ASSERT(z.total_out < sizeof rows - 200);
  packed[0] = 0x08;
  packed[1] = (uint8_t)(31 - 0x0800 % 31);
  idf_test_io_init(&io);
  idf_test_fill(&io, "\x89PNG\r\n\x1a\n", 8);
  idf_test_chunk(&io, "IHDR", "\0\0\0\x14\0\0\0\x0a\x08\2\0\0\0", 13, 0);
  idf_test_chunk(&io, "IDAT", packed, (uint32_t)z.total_out, 0);
  idf_test_chunk(&io, "IEND", "", 0, 0);
  CU_ASSERT_EQUAL(read_all(&io), IDF_OK);
  CU_ASSERT_EQUAL(io.warnings, 0);
  idf_test_io_free(&io);
}

/* Rows of a gibibyte, and texts that would be one: refused, or passed over, for next to nothing. */
static void bombs(void)
{
  uint8_t *zeros = idf_alloc(NULL, 1 << 20, 1), text[2048] = "k\0";
  uLongf size = sizeof text - 3;
  idf_test_io io;

  idf_test_io_init(&io);
  io.env.max_pixels = (uint64_t)1 << 28;
  idf_test_fill(&io, "\x89PNG\r\n\x1a\n", 8);
  idf_test_chunk(&io, "IHDR", "\x10\0\0\0\0\0\0\1\x08\6\0\0\0", 13, 0);
  idf_test_chunk(&io, "IDAT", "data", 4, 0);
  CU_ASSERT_EQUAL(read_all(&io), IDF_ERR_LIMIT);
  CU_ASSERT_PTR_NOT_NULL(strstr(io.env.error, "--max-memory"));
  io.env.max_pixels--;
  io.at = 0;
  io.env.error[0] = '\0';
  CU_ASSERT_EQUAL(read_all(&io), IDF_ERR_LIMIT);
  CU_ASSERT_PTR_NOT_NULL(strstr(io.env.error, "--max-pixels"));
  idf_test_io_free(&io);

  CU_ASSERT_EQUAL_FATAL(compress(text + 3, &size, zeros, 1 << 20), Z_OK);
  with_chunk(&io, "zTXt", text, (uint32_t)size + 3, NULL);
  io.mem.limit = io.mem.used + (300 << 10);
  CU_ASSERT_EQUAL(read_all(&io), IDF_OK);
  CU_ASSERT_EQUAL(io.warnings, 0);
  idf_test_io_free(&io);
  idf_free(NULL, zeros);

  /* More chunks than libpng's own cache would take. */
  idf_reader *reader = NULL;
  uint8_t rows[60];
  small_png(&io);
  io.file.len -= 12;
  for (unsigned i = 0; i < 5000; i++)
    idf_test_chunk(&io, "tEXt", "Comment\0x", 9, 0);
  idf_test_chunk(&io, "IEND", "", 0, 0);
  io.step = 4096;
  CU_ASSERT_EQUAL_FATAL(idf_png_open(&io.env, idf_test_read, &io, &reader), IDF_OK);
  CU_ASSERT_EQUAL(idf_reader_rows(reader, rows, 4), IDF_OK);
  CU_ASSERT_EQUAL(idf_reader_finish(reader), IDF_OK);
  CU_ASSERT_EQUAL(reader->chunks.count, 5004);
  CU_ASSERT_EQUAL(io.warnings, 0);
  idf_reader_close(reader);
  idf_test_io_free(&io);
}

static void indices_beyond_palette(void)
{
  const idf_info info = {.width = 3, .height = 1, .layout = IDF_PALETTE, .depth = 4};
  const uint8_t samples[3] = {0, 15, 2};
  uint8_t rows[3];
  idf_test_io io;
  idf_writer *writer;
  idf_reader *reader = NULL;

  idf_test_io_init(&io);
  CU_ASSERT_EQUAL_FATAL(idf_png_create(&io.env, &info, 6, idf_test_write, &io, &writer), IDF_OK);
  CU_ASSERT_EQUAL(idf_writer_metadata(writer, "PLTE", palette_of, 6), IDF_OK);
  CU_ASSERT_EQUAL(idf_writer_rows(writer, samples, 1), IDF_OK);
  CU_ASSERT_EQUAL(idf_writer_finish(writer), IDF_OK);
  idf_writer_close(writer);
  CU_ASSERT_EQUAL_FATAL(idf_png_open(&io.env, idf_test_read, &io, &reader), IDF_OK);
  CU_ASSERT_EQUAL(idf_reader_rows(reader, rows, 1), IDF_OK);
  CU_ASSERT(memcmp(rows, samples, 3) == 0);
  CU_ASSERT_EQUAL(idf_reader_finish(reader), IDF_OK);
  CU_ASSERT_EQUAL(io.warnings, 1);
  idf_reader_close(reader);
  idf_test_io_free(&io);
}

static idf_status metadata_status(const idf_info *info, const char *type, const void *data,
                                  size_t size, unsigned *warnings)
{
  idf_test_io io;
  idf_writer *writer = NULL;

  idf_test_io_init(&io);
  CU_ASSERT_EQUAL_FATAL(idf_png_create(&io.env, info, 6, idf_test_write, &io, &writer), IDF_OK);
  const idf_status status = idf_writer_metadata(writer, type, data, size);
  *warnings = io.warnings;
  idf_writer_close(writer);
  idf_test_io_free(&io);
  return status;
}

static void writer_refuses(void)
{
  static const char *const never[] = {"IHDR", "IDAT", "IEND", "acTL", "fcTL", "fdAT", "ABCD"};
  const idf_info indexed = {.width = 5, .height = 4, .layout = IDF_PALETTE, .depth = 8};
  uint8_t rows[20] = {0};
  unsigned warnings;

  for (size_t i = 0; i < sizeof never / sizeof *never; i++)
    CU_ASSERT_EQUAL(metadata_status(&small, never[i], "", 0, &warnings), IDF_ERR_CORRUPT);
  CU_ASSERT_EQUAL(metadata_status(&small, IDF_TYPE_MAXVAL, "\x64\0", 2, &warnings),
                  IDF_ERR_UNSUPPORTED);
  CU_ASSERT_EQUAL(metadata_status(&small, "abc9", "x", 1, &warnings), IDF_OK);
  CU_ASSERT_EQUAL(warnings, 1);
  CU_ASSERT_EQUAL(metadata_status(&indexed, "PLTE", palette_of, 0, &warnings), IDF_ERR_CORRUPT);
  CU_ASSERT_EQUAL(metadata_status(&indexed, "PLTE", palette_of, 4, &warnings), IDF_ERR_CORRUPT);
  CU_ASSERT_EQUAL(metadata_status(&indexed, "PLTE", palette_of, 768, &warnings), IDF_OK);

  idf_test_io io;
  idf_writer *writer = NULL;
  idf_test_io_init(&io);
  CU_ASSERT_EQUAL_FATAL(idf_png_create(&io.env, &indexed, 6, idf_test_write, &io, &writer), IDF_OK);
  CU_ASSERT_EQUAL(idf_writer_rows(writer, rows, 4), IDF_ERR_CORRUPT); /* no palette */
  CU_ASSERT_EQUAL(idf_writer_finish(writer), IDF_ERR_ARGUMENT);
  CU_ASSERT_EQUAL(idf_writer_rows(writer, rows, 5), IDF_ERR_ARGUMENT);
  idf_writer_close(writer);
  idf_test_io_free(&io);
}

static void unholdable(void)
{
  static const struct {
    idf_layout layout;
    unsigned depth;
    const char *advice;
  } cases[] = {{IDF_GRAY, 10, ".pgm"},      {IDF_RGB, 4, ".ppm"},       {IDF_RGBA, 12, ".pam"},
               {IDF_GRAY_ALPHA, 1, ".pam"}, {IDF_PALETTE, 3, "3 bits"}, {IDF_CMYK, 8, ".pam"}};

  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    const idf_info info = {
        .width = 1, .height = 1, .layout = cases[i].layout, .depth = cases[i].depth};
    idf_test_io io;
    idf_writer *writer;
    idf_test_io_init(&io);
    CU_ASSERT_EQUAL(idf_png_create(&io.env, &info, 6, idf_test_write, &io, &writer),
                    IDF_ERR_UNSUPPORTED);
    CU_ASSERT_PTR_NOT_NULL(strstr(io.env.error, cases[i].advice));
    CU_ASSERT_PTR_NULL(writer);
    idf_test_io_free(&io);
  }
}

static void full_disk(void)
{
  uint8_t samples[60] = {0};
  idf_status status = IDF_OK;

  for (size_t room = 0; room < 120; room++) {
    idf_test_io io;
    idf_writer *writer = NULL;
    idf_test_io_init(&io);
    io.fail_at = room;
    status = idf_png_create(&io.env, &small, 6, idf_test_write, &io, &writer);
    if (status == IDF_OK)
      status = idf_writer_rows(writer, samples, 4);
    if (status == IDF_OK)
      status = idf_writer_finish(writer);
    CU_ASSERT(status == IDF_ERR_IO || (status == IDF_OK && room > 60));
    idf_writer_close(writer);
    idf_test_io_free(&io);
  }
  CU_ASSERT_EQUAL(status, IDF_OK);
}

int idf_suite_image_png(void)
{
  static const idf_unit_test tests[] = {
      {"every colour type and depth comes back", round_trips},
      {"every truncation is an error", truncation},
      {"every flipped byte is noticed", flips},
      {"limits hold", limits},
      {"a failing allocation is an error, not a crash", no_memory},
      {"animations are refused, stills are read", animations},
      {"remarks on what is kept are no news", remarks},
      {"bytes after the end are told, zeros are not", bytes_after_the_end},
      {"a zlib window too small is read", a_window_too_small},
      {"huge rows and texts cost nothing", bombs},
      {"indices beyond the palette are kept, with a warning", indices_beyond_palette},
      {"metadata that cannot be in a PNG is refused", writer_refuses},
      {"depths PNG has not are refused with advice", unholdable},
      {"a full disk is an error at every byte", full_disk},
      {NULL, NULL}};
  return idf_unit_suite("image_png", tests);
}
