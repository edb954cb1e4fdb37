/* SPDX-License-Identifier: BSD-3-Clause
 *
 * test_image_jpeg.c: every JPEG that .idf can hold is read as libjpeg's own loop reads it,
 * whatever is cut or changed is an error or a whole picture, and never a crash.
 *
 * The JPEGs are made here by libjpeg; its errors would end the program, as they should.
 */
#include "imageio.h"

#include <jpeglib.h>

int idf_suite_image_jpeg(void);

#define SIDE_X 45
#define SIDE_Y 37

typedef struct kind {
  J_COLOR_SPACE space; /* of the file */
  int h, v;            /* sampling of the first component */
  bool progressive, arithmetic;
  unsigned restart; /* MCUs between restart markers */
  bool split;       /* a scan for each component */
} kind;

static const kind kinds[] = {
    {JCS_GRAYSCALE, 1, 1, false, false, 0, false}, {JCS_YCbCr, 1, 1, false, false, 0, false},
    {JCS_YCbCr, 2, 1, false, false, 2, false},     {JCS_YCbCr, 2, 2, false, false, 0, false},
    {JCS_YCbCr, 1, 2, false, false, 0, false},     {JCS_RGB, 1, 1, false, false, 0, false},
    {JCS_YCbCr, 2, 2, true, false, 3, false},      {JCS_GRAYSCALE, 1, 1, true, false, 0, false},
    {JCS_YCbCr, 2, 2, false, true, 0, false},      {JCS_YCbCr, 2, 2, false, false, 0, true}};

static const kind split = {JCS_YCbCr, 2, 2, false, false, 0, true};

#define KINDS (sizeof kinds / sizeof *kinds)

/* ---- libjpeg as a program would use it ------------------------------------------------ */

typedef struct target {
  struct jpeg_destination_mgr base;
  idf_test_io *io;
  JOCTET buffer[512];
} target;

static void target_start(j_compress_ptr jpeg)
{
  target *to = (target *)jpeg->dest;
  to->base.next_output_byte = to->buffer;
  to->base.free_in_buffer = sizeof to->buffer;
}

static boolean target_full(j_compress_ptr jpeg)
{
  target *to = (target *)jpeg->dest;
  idf_put_bytes(&to->io->file, to->buffer, sizeof to->buffer);
  target_start(jpeg);
  return TRUE;
}

static void target_end(j_compress_ptr jpeg)
{
  target *to = (target *)jpeg->dest;
  idf_put_bytes(&to->io->file, to->buffer, sizeof to->buffer - to->base.free_in_buffer);
}

/* A picture with edges and noise into io->file; exif (may be NULL) into an APP1. */
static void make(idf_test_io *io, const kind *k, const char *exif, unsigned exif_size)
{
  struct jpeg_compress_struct jpeg;
  struct jpeg_error_mgr errors;
  const jpeg_scan_info scans[3] = {
      {1, {0}, 0, 63, 0, 0}, {1, {1}, 0, 63, 0, 0}, {1, {2}, 0, 63, 0, 0}};
  target to = {.io = io};
  idf_unit_random r = idf_unit_random_of(7);

  idf_test_fill(io, "", 0);
  jpeg.err = jpeg_std_error(&errors);
  jpeg_create_compress(&jpeg);
  to.base.init_destination = target_start;
  to.base.empty_output_buffer = target_full;
  to.base.term_destination = target_end;
  jpeg.dest = &to.base;
  jpeg.image_width = SIDE_X;
  jpeg.image_height = SIDE_Y;
  jpeg.input_components = k->space == JCS_GRAYSCALE ? 1 : k->space == JCS_CMYK ? 4 : 3;
  jpeg.in_color_space = k->space == JCS_YCbCr ? JCS_RGB : k->space;
  jpeg_set_defaults(&jpeg);
  jpeg_set_colorspace(&jpeg, k->space);
  jpeg_set_quality(&jpeg, 85, TRUE);
  jpeg.dct_method = JDCT_ISLOW;
  jpeg.comp_info[0].h_samp_factor = k->h;
  jpeg.comp_info[0].v_samp_factor = k->v;
  jpeg.restart_interval = k->restart;
  jpeg.arith_code = k->arithmetic;
  if (k->split) {
    jpeg.scan_info = scans;
    jpeg.num_scans = 3;
  }
  if (k->progressive)
    jpeg_simple_progression(&jpeg);
  jpeg_start_compress(&jpeg, TRUE);
  if (exif)
    jpeg_write_marker(&jpeg, JPEG_APP0 + 1, (const JOCTET *)exif, exif_size);
  for (unsigned y = 0; y < SIDE_Y; y++) {
    JSAMPLE row[SIDE_X * 4];
    JSAMPROW rows[1] = {row};
    const unsigned n = (unsigned)jpeg.input_components;
    for (unsigned i = 0; i < SIDE_X * n; i++)
      row[i] = (JSAMPLE)((i / n * 3 + y * 2 * (i % n + 1)) % 200 + idf_unit_below(&r, 40));
    jpeg_write_scanlines(&jpeg, rows, 1);
  }
  jpeg_finish_compress(&jpeg);
  jpeg_destroy_compress(&jpeg);
}

/* The samples of io->file by libjpeg's defaults. */
static void plain_decode(const idf_test_io *io, uint8_t *samples)
{
  struct jpeg_decompress_struct jpeg;
  struct jpeg_error_mgr errors;

  jpeg.err = jpeg_std_error(&errors);
  jpeg_create_decompress(&jpeg);
  jpeg_mem_src(&jpeg, io->file.data, io->file.len);
  jpeg_read_header(&jpeg, TRUE);
  jpeg_start_decompress(&jpeg);
  while (jpeg.output_scanline < jpeg.output_height) {
    JSAMPROW rows[1] = {samples};
    jpeg_read_scanlines(&jpeg, rows, 1);
    samples += jpeg.output_width * (unsigned)jpeg.output_components;
  }
  jpeg_finish_decompress(&jpeg);
  jpeg_destroy_decompress(&jpeg);
}

/* ---- our reader ------------------------------------------------------------------------- */

/* Reads io->file; samples, unless damage made the picture larger, get all of it. */
static idf_status read_all(idf_test_io *io, idf_info *info, uint8_t *samples)
{
  idf_reader *reader = NULL;

  io->at = 0;
  io->env.error[0] = '\0';
  idf_status status = idf_jpeg_open(&io->env, idf_test_read, io, &reader);
  if (status != IDF_OK) {
    CU_ASSERT_PTR_NULL(reader);
    return status;
  }
  *info = reader->info;
  const size_t row = idf_row_bytes(info);
  const bool fits = row <= (size_t)SIDE_X * 3 && info->height <= SIDE_Y;
  uint8_t *rows = fits ? NULL : idf_alloc(NULL, 5, row);
  for (uint32_t y = 0; y < info->height && status == IDF_OK;) {
    const uint32_t n = IDF_MIN(5u, info->height - y);
    status = idf_reader_rows(reader, fits ? samples + y * row : rows, n);
    y += n;
  }
  if (status == IDF_OK)
    status = idf_reader_finish(reader);
  idf_reader_close(reader);
  idf_free(NULL, rows);
  return status;
}

static void same_samples(void)
{
  for (size_t i = 0; i < KINDS; i++) {
    uint8_t want[SIDE_X * SIDE_Y * 3], got[SIDE_X * SIDE_Y * 3];
    idf_test_io io;
    idf_info info = {0};
    idf_test_io_init(&io);
    make(&io, &kinds[i], NULL, 0);
    plain_decode(&io, want);
    CU_ASSERT_EQUAL(read_all(&io, &info, got), IDF_OK);
    CU_ASSERT_EQUAL(info.width, SIDE_X);
    CU_ASSERT_EQUAL(info.height, SIDE_Y);
    CU_ASSERT_EQUAL(info.depth, 8);
    CU_ASSERT_EQUAL(info.layout, kinds[i].space == JCS_GRAYSCALE ? IDF_GRAY : IDF_RGB);
    CU_ASSERT(memcmp(want, got, idf_row_bytes(&info) * SIDE_Y) == 0);
    CU_ASSERT_EQUAL(io.warnings, 0);
    idf_test_io_free(&io);
  }
}

static void metadata_and_trailing_bytes(void)
{
  static const char exif[] = "Exif\0\0MM\0*\0\0\0\10\0\0\0\0\0\0";
  uint8_t samples[SIDE_X * SIDE_Y * 3];
  idf_test_io io;
  idf_info info;
  idf_reader *reader = NULL;

  idf_test_io_init(&io);
  make(&io, &kinds[1], exif, sizeof exif - 1);
  CU_ASSERT_EQUAL_FATAL(idf_jpeg_open(&io.env, idf_test_read, &io, &reader), IDF_OK);
  CU_ASSERT_EQUAL_FATAL(reader->chunks.count, 1); /* and JFIF says nothing */
  CU_ASSERT_STRING_EQUAL(reader->chunks.list[0].type, "eXIf");
  CU_ASSERT_EQUAL(reader->chunks.list[0].size, sizeof exif - 1 - 6);
  CU_ASSERT_EQUAL(idf_reader_rows(reader, samples, SIDE_Y + 1), IDF_ERR_ARGUMENT);
  CU_ASSERT_EQUAL(idf_reader_finish(reader), IDF_ERR_ARGUMENT);
  idf_reader_close(reader);
  idf_put_bytes(&io.file, "\xff\xd9\0\0", 4);
  CU_ASSERT_EQUAL(read_all(&io, &info, samples), IDF_OK);
  CU_ASSERT_EQUAL(io.warnings, 0);
  idf_put_u8(&io.file, 1);
  CU_ASSERT_EQUAL(read_all(&io, &info, samples), IDF_OK);
  CU_ASSERT_EQUAL(io.drops, 1);
  CU_ASSERT_STRING_EQUAL(io.dropped, "bytes after the end");
  idf_test_io_free(&io);
}

/* Offset just after the next marker of this code, from `at`. */
static size_t after_marker(const idf_test_io *io, size_t at, unsigned code)
{
  for (; at + 2 <= io->file.len; at++)
    if (io->file.data[at] == 0xff && io->file.data[at + 1] == code)
      return at + 2;
  CU_FAIL_FATAL("no such marker");
  return 0;
}

static void refused_kinds(void)
{
  static const kind cmyk = {JCS_CMYK, 1, 1, false, false, 0, false};
  uint8_t samples[SIDE_X * SIDE_Y * 3];
  idf_test_io io;
  idf_info info;

  idf_test_io_init(&io);
  make(&io, &cmyk, NULL, 0);
  CU_ASSERT_EQUAL(read_all(&io, &info, samples), IDF_ERR_UNSUPPORTED);
  CU_ASSERT_PTR_NOT_NULL(strstr(io.env.error, "CMYK"));

  make(&io, &kinds[1], NULL, 0);
  const size_t frame = after_marker(&io, 0, 0xc0);
  io.file.data[frame + 2] = 12;
  CU_ASSERT_EQUAL(read_all(&io, &info, samples), IDF_ERR_UNSUPPORTED);
  CU_ASSERT_PTR_NOT_NULL(strstr(io.env.error, "12"));
  io.file.data[frame + 2] = 8;
  io.file.data[frame - 1] = 0xc7; /* differential lossless */
  CU_ASSERT_EQUAL(read_all(&io, &info, samples), IDF_ERR_UNSUPPORTED);
  CU_ASSERT_PTR_NOT_NULL(strstr(io.env.error, "0xc7"));
  idf_test_io_free(&io);
}

/* A file whose scans leave a component out is complete to libjpeg. */
static void a_component_without_data(void)
{
  uint8_t samples[SIDE_X * SIDE_Y * 3];
  idf_test_io io;
  idf_info info;

  idf_test_io_init(&io);
  make(&io, &split, NULL, 0);
  CU_ASSERT_EQUAL(read_all(&io, &info, samples), IDF_OK);
  size_t scan = 0;
  for (int i = 0; i < 3; i++)
    scan = after_marker(&io, scan, 0xda);
  io.file.data[scan - 1] = 0xd9; /* the third scan becomes the end */
  io.file.len = scan;
  CU_ASSERT_EQUAL(read_all(&io, &info, samples), IDF_ERR_CORRUPT);
  CU_ASSERT_PTR_NOT_NULL(strstr(io.env.error, "components"));
  io.env.tolerant = true;
  CU_ASSERT_EQUAL(read_all(&io, &info, samples), IDF_OK);
  CU_ASSERT_STRING_EQUAL(io.dropped, "damaged pixels");
  idf_test_io_free(&io);
}

/* Puts bytes into the file. */
static void insert(idf_test_io *io, size_t at, const char *bytes, size_t size)
{
  const size_t rest = io->file.len - at;

  idf_put_bytes(&io->file, bytes, size);
  memmove(io->file.data + at + size, io->file.data + at, rest);
  memcpy(io->file.data + at, bytes, size);
}

/* Bytes that no decoder needs, and an end that is missing, cost no pixel. */
static void harmless_damage(void)
{
  static const size_t which[] = {0, 3, 6, 9};

  for (size_t i = 0; i < sizeof which / sizeof *which; i++)
    for (unsigned how = 0; how < 5; how++) {
      uint8_t want[SIDE_X * SIDE_Y * 3], got[SIDE_X * SIDE_Y * 3];
      idf_test_io io;
      idf_info info = {0};
      idf_test_io_init(&io);
      make(&io, &kinds[which[i]], NULL, 0);
      CU_ASSERT_EQUAL(read_all(&io, &info, want), IDF_OK);
      CU_ASSERT_EQUAL(io.warnings, 0);
      if (how == 0)
        insert(&io, after_marker(&io, 0, 0xdb) - 2, "\0", 1);
      else if (how == 1)
        /* More than libjpeg reads ahead. */
        insert(&io, io.file.len - 2, "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 16);
      else if (how < 4)
        io.file.len -= how - 1;
      else
        insert(&io, io.file.len - 2, "\xff\xfe\0\6late", 8);
      CU_ASSERT_EQUAL(read_all(&io, &info, got), IDF_OK);
      CU_ASSERT(memcmp(want, got, idf_row_bytes(&info) * SIDE_Y) == 0);
      CU_ASSERT_EQUAL(io.warnings, how < 4 ? 1 : 0);
      CU_ASSERT_EQUAL(io.drops, how < 2 ? 1 : 0);
      idf_test_io_free(&io);
    }
}

/* Half of the data: an error, or told loudly. */
static void tolerated_damage(void)
{
  for (size_t i = 0; i < KINDS; i++)
    for (unsigned mark = 0; mark < 2; mark++) {
      uint8_t samples[SIDE_X * SIDE_Y * 3];
      idf_test_io io;
      idf_info info = {0};
      idf_test_io_init(&io);
      make(&io, &kinds[i], NULL, 0);
      size_t scan = after_marker(&io, 0, 0xda);
      io.file.len = scan + (io.file.len - scan) / 2;
      if (io.file.data[io.file.len - 1] == 0xff)
        io.file.len--;
      if (mark)
        idf_put_bytes(&io.file, "\xff\xd9", 2);
      const idf_status status = read_all(&io, &info, samples);
      /* Arithmetic codes may lack their last zeros, so a marker ends them at any place. */
      CU_ASSERT(status == (mark ? IDF_ERR_CORRUPT : IDF_ERR_TRUNCATED)
                || (mark && kinds[i].arithmetic));
      CU_ASSERT(status == IDF_OK || strstr(io.env.error, "--tolerant"));
      CU_ASSERT_EQUAL(io.drops, 0);
      io.env.tolerant = true;
      CU_ASSERT_EQUAL(read_all(&io, &info, samples), IDF_OK);
      CU_ASSERT(io.drops > 0 || (mark && kinds[i].arithmetic));
      CU_ASSERT(io.drops < 8);
      idf_test_io_free(&io);
    }
}

/* Stray bytes behind data that are not zeros: the decoder did not use them up. */
static void doubtful_data(void)
{
  uint8_t samples[SIDE_X * SIDE_Y * 3];
  idf_test_io io;
  idf_info info;

  idf_test_io_init(&io);
  make(&io, &kinds[3], NULL, 0);
  insert(&io, io.file.len - 2, "more than are read ahead", 24);
  CU_ASSERT_EQUAL(read_all(&io, &info, samples), IDF_ERR_CORRUPT);
  io.env.tolerant = true;
  CU_ASSERT_EQUAL(read_all(&io, &info, samples), IDF_OK);
  CU_ASSERT_STRING_EQUAL(io.dropped, "damaged pixels");
  idf_test_io_free(&io);
}

/* Each is a chunk; libjpeg's own list of them would be walked from its start for each. */
static void many_segments(void)
{
  uint8_t samples[SIDE_X * SIDE_Y * 3];
  idf_test_io io;
  idf_info info;
  idf_buf segments;

  idf_test_io_init(&io);
  idf_buf_init(&segments, &io.mem);
  make(&io, &kinds[1], NULL, 0);
  for (unsigned i = 0; i < 100000; i++)
    idf_put_bytes(&segments, "\xff\xee\0\3x", 5);
  insert(&io, 2, (const char *)segments.data, segments.len);
  idf_buf_free(&segments);
  io.step = 4096;
  io.env.max_metadata = 1 << 20;
  CU_ASSERT_EQUAL(read_all(&io, &info, samples), IDF_OK);
  io.env.max_metadata = 199999;
  CU_ASSERT_EQUAL(read_all(&io, &info, samples), IDF_ERR_LIMIT);
  idf_test_io_free(&io);
}

static void limits(void)
{
  uint8_t samples[SIDE_X * SIDE_Y * 3];
  idf_test_io io;
  idf_info info;

  idf_test_io_init(&io);
  make(&io, &kinds[6], "Exif\0\0MM\0*", 10);
  io.env.max_pixels = SIDE_X * SIDE_Y - 1;
  CU_ASSERT_EQUAL(read_all(&io, &info, samples), IDF_ERR_LIMIT);
  CU_ASSERT_PTR_NOT_NULL(strstr(io.env.error, "--max-pixels"));
  io.env.max_pixels++;
  io.env.max_metadata = 3;
  CU_ASSERT_EQUAL(read_all(&io, &info, samples), IDF_ERR_LIMIT);
  io.env.max_metadata++;
  CU_ASSERT_EQUAL(read_all(&io, &info, samples), IDF_OK);

  /* The reader itself, 48 blocks of 64 coefficients, some rows of samples, tables. */
  const uint64_t peak = io.mem.peak;
  CU_ASSERT(peak > 30000);
  io.mem.limit = peak - 1;
  CU_ASSERT_EQUAL(read_all(&io, &info, samples), IDF_ERR_LIMIT);
  io.mem.limit = peak;
  CU_ASSERT_EQUAL(read_all(&io, &info, samples), IDF_OK);
  io.mem.limit = peak;
  for (int64_t n = 0;; n++) {
    io.mem.fail_in = n;
    const idf_status status = read_all(&io, &info, samples);
    if (io.mem.fail_in >= 0) {
      CU_ASSERT_EQUAL(status, IDF_OK);
      break;
    }
    CU_ASSERT(status == IDF_ERR_MEMORY || status == IDF_ERR_LIMIT);
  }
  io.mem.fail_in = -1;
  io.fail_at = io.file.len / 2;
  CU_ASSERT_EQUAL(read_all(&io, &info, samples), IDF_ERR_IO);
  idf_test_io_free(&io);
}

/* The same scan again and again is no warning to libjpeg, only time. */
static void endless_scans(void)
{
  uint8_t samples[SIDE_X * SIDE_Y * 3];
  idf_test_io io;
  idf_info info;

  idf_test_io_init(&io);
  make(&io, &split, NULL, 0);
  size_t scan = 0;
  for (int i = 0; i < 3; i++)
    scan = after_marker(&io, scan, 0xda);
  scan -= 2;
  const size_t size = io.file.len - 2 - scan;
  uint8_t *last = idf_alloc(&io.mem, size, 1);
  memcpy(last, io.file.data + scan, size);
  io.step = 4096;
  for (unsigned count = 4; count <= 510; count++) {
    io.file.len -= 2;
    idf_put_bytes(&io.file, last, size);
    idf_put_bytes(&io.file, "\xff\xd9", 2);
    if (count != 4 && count < 500)
      continue;
    CU_ASSERT_EQUAL(read_all(&io, &info, samples), count <= 500 ? IDF_OK : IDF_ERR_LIMIT);
  }
  idf_free(&io.mem, last);
  idf_test_io_free(&io);
}

static void cut_anywhere(void)
{
  static const size_t which[] = {0, 3, 6};

  for (size_t i = 0; i < sizeof which / sizeof *which; i++) {
    uint8_t samples[SIDE_X * SIDE_Y * 3];
    idf_test_io io;
    idf_info info;
    idf_test_io_init(&io);
    make(&io, &kinds[which[i]], "Exif\0\0MM\0*", 10);
    const size_t whole = io.file.len;
    for (size_t len = 0; len < whole; len++) {
      io.file.len = len;
      const idf_status status = read_all(&io, &info, samples);
      /* Without its last two bytes, the end marker, it has all its pixels. */
      CU_ASSERT(status == (len + 2 < whole ? IDF_ERR_TRUNCATED : IDF_OK)
                || (len + 2 < whole && status == IDF_ERR_CORRUPT));
      CU_ASSERT((io.env.error[0] != '\0') == (status != IDF_OK));
    }
    io.file.len = whole;
    CU_ASSERT_EQUAL(read_all(&io, &info, samples), IDF_OK);
    idf_test_io_free(&io);
  }
}

static void changed_anywhere(void)
{
  idf_unit_random r = idf_unit_random_of(11);
  unsigned noticed = 0, read = 0;

  for (size_t i = 0; i < KINDS; i++) {
    uint8_t samples[SIDE_X * SIDE_Y * 3];
    idf_test_io io;
    idf_info info;
    idf_test_io_init(&io);
    io.step = 4096;
    make(&io, &kinds[i], "Exif\0\0MM\0*", 10);
    for (size_t at = 0; at < io.file.len; at++) {
      const uint8_t was = io.file.data[at];
      io.file.data[at] ^= (uint8_t)(1 + idf_unit_below(&r, 255));
      const idf_status status = read_all(&io, &info, samples);
      IDF_UNIT_SEEDED(&r, status == IDF_OK || io.env.error[0] != '\0' || status == IDF_ERR_LIMIT);
      status == IDF_OK &&io.warnings == 0 ? read++ : noticed++;
      io.warnings = 0;
      io.file.data[at] = was;
    }
    idf_test_io_free(&io);
  }
  /* A JPEG has no checksums, so some changes are other pictures. */
  CU_ASSERT(noticed > read / 4 && read > 0);
}

int idf_suite_image_jpeg(void)
{
  static const idf_unit_test tests[] = {
      {"samples are libjpeg's own", same_samples},
      {"metadata come first, bytes after the image are told", metadata_and_trailing_bytes},
      {"what .idf cannot hold is refused", refused_kinds},
      {"a component without data is damage", a_component_without_data},
      {"damage that costs no pixel is read, and told", harmless_damage},
      {"damage that does is an error, or tolerated", tolerated_damage},
      {"data too long are in doubt", doubtful_data},
      {"a hundred thousand segments are read", many_segments},
      {"limits on pixels, metadata and memory hold", limits},
      {"scans without end are refused", endless_scans},
      {"a JPEG cut anywhere is an error", cut_anywhere},
      {"a JPEG changed anywhere is an error or a picture", changed_anywhere},
      {NULL, NULL}};
  return idf_unit_suite("image_jpeg", tests);
}
