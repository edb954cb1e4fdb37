/* SPDX-License-Identifier: BSD-3-Clause
 *
 * test_image_pnm.c: the seven formats by known bytes, round trips of every kind with
 * odd maxvals, and a list of headers that are wrong.
 */
#include "imageio.h"

int idf_suite_image_pnm(void);

/* Reads text of len bytes; *info and the samples as uint16_t, maxval 0 without "max1". */
static idf_status read_text(idf_test_io *io, const char *text, size_t len, idf_info *info,
                            uint16_t *samples, unsigned *maxval)
{
  idf_reader *reader = NULL;
  uint16_t row[256];

  idf_test_fill(io, text, len);
  io->warnings = 0;
  *maxval = 0;
  idf_status status = idf_pnm_open(&io->env, idf_test_read, io, &reader);
  if (status == IDF_OK) {
    *info = reader->info;
    if (reader->chunks.count && memcmp(reader->chunks.list[0].type, IDF_TYPE_MAXVAL, 4) == 0)
      *maxval = reader->chunks.list[0].data[0] + 256u * reader->chunks.list[0].data[1];
    const size_t count = (size_t)info->width * idf_channels(info->layout);
    for (uint32_t y = 0; y < info->height && status == IDF_OK; y++) {
      status = idf_reader_rows(reader, row, 1);
      for (size_t i = 0; i < count; i++)
        samples[y * count + i] = info->depth > 8 ? row[i] : ((const uint8_t *)row)[i];
    }
    if (status == IDF_OK)
      status = idf_reader_finish(reader);
  }
  idf_reader_close(reader);
  return status;
}

/* Binary data may hold 0, so strlen does not do. */
#define TEXT(text) text, sizeof text - 1

static void known_files(void)
{
  static const struct {
    const char *text;
    size_t len;
    uint32_t width, height;
    idf_layout layout;
    unsigned depth, maxval, count;
    uint16_t samples[6];
  } cases[] = {
      {TEXT("P1\n# hi\n3 2\n101\n0 1 0"), 3, 2, IDF_GRAY, 1, 0, 6, {0, 1, 0, 1, 0, 1}},
      {TEXT("P4 3 2\n\xa0\x40"), 3, 2, IDF_GRAY, 1, 0, 6, {0, 1, 0, 1, 0, 1}},
      {TEXT("P2 2 1 100 7 100"), 2, 1, IDF_GRAY, 7, 100, 2, {7, 100}},
      {TEXT("P5\n2 1\n#c\n255\n\x07\xff"), 2, 1, IDF_GRAY, 8, 0, 2, {7, 255}},
      {TEXT("P5 2 1 1023 \x01\x02\x03\xff"), 2, 1, IDF_GRAY, 10, 0, 2, {0x102, 0x3ff}},
      {TEXT("P3 1 1 65535 1 2 65535\n"), 1, 1, IDF_RGB, 16, 0, 3, {1, 2, 65535}},
      {TEXT("P6 1 1 5\n\1\2\5"), 1, 1, IDF_RGB, 3, 5, 3, {1, 2, 5}},
      {TEXT("P7\nWIDTH 1\n# c\nHEIGHT 1\nDEPTH 2\nMAXVAL 255\nTUPLTYPE GRAYSCALE_ALPHA\n"
            "ENDHDR\n\1\2"),
       1,
       1,
       IDF_GRAY_ALPHA,
       8,
       0,
       2,
       {1, 2}},
      {TEXT("P7\nWIDTH 1\nHEIGHT 1\nDEPTH 4\nMAXVAL 3\nTUPLTYPE RGB_ALPHA\nENDHDR\n\1\2\3\0"),
       1,
       1,
       IDF_RGBA,
       2,
       0,
       4,
       {1, 2, 3, 0}},
      {TEXT("P7\nDEPTH 1\nMAXVAL 1\nWIDTH 2\nHEIGHT 1\nTUPLTYPE BLACKANDWHITE\nENDHDR\n\1\0"),
       2,
       1,
       IDF_GRAY,
       1,
       0,
       2,
       {1, 0}}};

  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    for (unsigned step = 1; step < 100; step += 49) {
      idf_test_io io;
      idf_info info = {0};
      uint16_t samples[16];
      unsigned maxval;
      idf_test_io_init(&io);
      io.step = step;
      const idf_status status =
          read_text(&io, cases[i].text, cases[i].len, &info, samples, &maxval);
      CU_ASSERT_EQUAL(status, IDF_OK);
      if (status != IDF_OK)
        printf("# case %zu: %s\n", i, io.env.error);
      CU_ASSERT_EQUAL(io.warnings, 0);
      CU_ASSERT(info.width == cases[i].width && info.height == cases[i].height
                && info.layout == cases[i].layout && info.depth == cases[i].depth);
      CU_ASSERT_EQUAL(maxval, cases[i].maxval);
      CU_ASSERT(memcmp(samples, cases[i].samples, cases[i].count * sizeof *samples) == 0);
      idf_test_io_free(&io);
    }
  }
}

static void without_a_tuple_type(void)
{
  static const idf_layout layouts[] = {IDF_GRAY, IDF_GRAY_ALPHA, IDF_RGB, IDF_RGBA};

  for (unsigned channels = 1; channels <= 4; channels++)
    for (unsigned empty = 0; empty < 2; empty++) {
      char text[128];
      idf_test_io io;
      idf_info info = {0};
      uint16_t samples[4];
      unsigned maxval;
      const int len =
          snprintf(text, sizeof text, "P7\nWIDTH 1\nHEIGHT 1\nDEPTH %u\nMAXVAL 255\n%sENDHDR\n",
                   channels, empty ? "TUPLTYPE\n" : "");
      memcpy(text + len, "\1\2\3\4", channels);
      idf_test_io_init(&io);
      CU_ASSERT_EQUAL(read_text(&io, text, (size_t)len + channels, &info, samples, &maxval),
                      IDF_OK);
      CU_ASSERT_EQUAL(info.layout, layouts[channels - 1]);
      CU_ASSERT_EQUAL(samples[channels - 1], channels);
      CU_ASSERT_EQUAL(io.warnings, 0);
      idf_test_io_free(&io);
    }
}

/* A comment of the header, and one among the pixels; a limit stops what is longer. */
static void comments_are_kept(void)
{
  static const char text[] = "P3\n#a\n#b\n1 1 255\n1 #c\n2 3 #d";
  idf_test_io io;
  idf_reader *reader;
  uint8_t row[3];

  idf_test_io_init(&io);
  idf_test_fill(&io, TEXT(text));
  CU_ASSERT_EQUAL_FATAL(idf_pnm_open(&io.env, idf_test_read, &io, &reader), IDF_OK);
  CU_ASSERT_EQUAL_FATAL(reader->chunks.count, 1);
  CU_ASSERT_EQUAL(idf_reader_rows(reader, row, 1), IDF_OK);
  CU_ASSERT_EQUAL(idf_reader_finish(reader), IDF_OK);
  CU_ASSERT_EQUAL_FATAL(reader->chunks.count, 2);
  for (int i = 0; i < 2; i++) {
    const idf_chunk *chunk = &reader->chunks.list[i];
    CU_ASSERT_STRING_EQUAL(chunk->type, "tEXt");
    CU_ASSERT_EQUAL(chunk->after_pixels, i == 1);
    CU_ASSERT_EQUAL_FATAL(chunk->size, 11);
    CU_ASSERT_EQUAL(memcmp(chunk->data, i == 0 ? "Comment\0a\nb" : "Comment\0c\nd", 11), 0);
  }
  CU_ASSERT_EQUAL(io.warnings, 0);
  idf_reader_close(reader);

  idf_test_fill(&io, TEXT(text));
  io.env.max_metadata = 3;
  CU_ASSERT_EQUAL(idf_pnm_open(&io.env, idf_test_read, &io, &reader), IDF_ERR_LIMIT);
  CU_ASSERT_PTR_NOT_NULL(strstr(io.env.error, "--max-metadata"));
  idf_test_io_free(&io);
}

static void wrong_files(void)
{
  static const char *const cases[] = {
      "P5",
      "P5 ",
      "P5 1",
      "P5 1 1",
      "P5 1 1 255",
      "P5 1 1 255 ",
      "P5 0 1 255 x",
      "P5 1 0 255 x",
      "P5 1 1 0 x",
      "P5 1 1 65536 xx",
      "P5 99999999999999999999 1 255 x",
      "P5 2147483648 1 255 x",
      "P5 -1 1 255 x",
      "P5 1x 1 255 x",
      "P5 1 1 255#c\nx",
      "P5 2 1 100 \x64\x65",
      "P2 1 1 9 10",
      "P2 1 1 9 x",
      "P2 2 1 9 1",
      "P1 2 1 1",
      "P1 1 1 2",
      "P4 9 1 x",
      "P3 1 1 9 1 2",
      "P6 1 1 9 \1\2",
      "P8 1 1 9 x",
      "Q5 1 1 9 x",
      "P7\nENDHDR\n",
      "P7\nWIDTH 1\nHEIGHT 1\nDEPTH 1\nENDHDR\nx",
      "P7\nWIDTH 1\nHEIGHT 1\nDEPTH 5\nMAXVAL 255\nENDHDR\nxxxxx",
      "P7\nWIDTH 1\nHEIGHT 1\nDEPTH 1\nMAXVAL 255\nTUPLTYPE RGB\nTUPLTYPE _ALPHA\nENDHDR\nx",
      "P7\nWIDTH 1\nWIDTH 1\nHEIGHT 1\nDEPTH 1\nMAXVAL 255\nTUPLTYPE GRAYSCALE\nENDHDR\nx",
      "P7\nWIDTH 1\nHEIGHT 1\nDEPTH 3\nMAXVAL 255\nTUPLTYPE GRAYSCALE\nENDHDR\nxxx",
      "P7\nWIDTH 1\nHEIGHT 1\nDEPTH 1\nMAXVAL 2\nTUPLTYPE BLACKANDWHITE\nENDHDR\n\1",
      "P7\nWIDTH 1\nHEIGHT 1\nDEPTH 4\nMAXVAL 255\nTUPLTYPE CMYK\nENDHDR\nxxxx",
      "P7\nWIDTH 1\nHEIGHT 1\nDEPTH 1\nMAXVAL 255\nTUPLTYPE GRAYSCALE\nENDHDR x\n",
      "P7\nwidth 1\n",
      "P7\nCOLOUR 1\n",
      "P7\nTUPLTYPE aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n",
      "P5 2000 2000 255 x"};

  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    idf_test_io io;
    idf_info info;
    uint16_t samples[64];
    unsigned maxval;
    idf_test_io_init(&io);
    const idf_status status = read_text(&io, cases[i], strlen(cases[i]), &info, samples, &maxval);
    CU_ASSERT(status == IDF_ERR_CORRUPT || status == IDF_ERR_TRUNCATED
              || status == IDF_ERR_UNSUPPORTED || status == IDF_ERR_LIMIT);
    CU_ASSERT(io.env.error[0] != '\0');
    if (status == IDF_OK)
      printf("# case %zu was read\n", i);
    CU_ASSERT(io.mem.peak < 100000);
    idf_test_io_free(&io);
  }
}

static void second_image(void)
{
  idf_test_io io;
  idf_info info;
  uint16_t samples[4];
  unsigned maxval;

  idf_test_io_init(&io);
  CU_ASSERT_EQUAL(read_text(&io, "P5 1 1 255 xP5", 14, &info, samples, &maxval), IDF_OK);
  CU_ASSERT_EQUAL(io.warnings, 1);
  CU_ASSERT_EQUAL(io.drops, 1);
  CU_ASSERT_STRING_EQUAL(io.dropped, "bytes after the end");
  CU_ASSERT_PTR_NOT_NULL(strstr(io.warning, "2 bytes"));
  CU_ASSERT_EQUAL(read_text(&io, "P2 1 1 255 7 \nP5", 16, &info, samples, &maxval), IDF_OK);
  CU_ASSERT_EQUAL(io.drops, 2);
  CU_ASSERT_EQUAL(read_text(&io, "P5 1 1 255 x\0\0", 14, &info, samples, &maxval), IDF_OK);
  CU_ASSERT_EQUAL(io.drops, 2);
  CU_ASSERT_EQUAL(read_text(&io, "P2 1 1 255 7 \n", 14, &info, samples, &maxval), IDF_OK);
  CU_ASSERT_EQUAL(io.warnings, 0);
  idf_test_io_free(&io);
}

/* Writes random samples up to maxval and reads them back. */
static void round_trip(idf_unit_random *r, idf_layout layout, idf_pnm_kind kind, unsigned maxval)
{
  unsigned depth = 1;
  idf_test_io io;
  idf_writer *writer = NULL;
  uint16_t wide[9 * 5 * 4], back[9 * 5 * 4];
  uint8_t narrow[9 * 5 * 4];
  const uint8_t raw[2] = {(uint8_t)(maxval & 255), (uint8_t)(maxval >> 8)};
  idf_info info, seen;
  unsigned seen_maxval;

  while (maxval >> depth)
    depth++;
  info = (idf_info){.width = 9, .height = 5, .layout = layout, .depth = depth};
  const size_t count = (size_t)45 * idf_channels(layout);
  for (size_t i = 0; i < count; i++) {
    wide[i] = (uint16_t)idf_unit_below(r, maxval + 1);
    narrow[i] = (uint8_t)wide[i];
  }
  idf_test_io_init(&io);
  IDF_UNIT_SEEDED(r, idf_pnm_create(&io.env, &info, kind, idf_test_write, &io, &writer) == IDF_OK);
  if (!writer)
    return;
  if (maxval != (1u << depth) - 1)
    CU_ASSERT_EQUAL(idf_writer_metadata(writer, IDF_TYPE_MAXVAL, raw, 2), IDF_OK);
  CU_ASSERT_EQUAL(idf_writer_rows(writer, depth > 8 ? (const void *)wide : narrow, 5), IDF_OK);
  CU_ASSERT_EQUAL(idf_writer_finish(writer), IDF_OK);
  idf_writer_close(writer);
  CU_ASSERT_EQUAL(io.warnings, 0);

  char *text = idf_alloc(&io.mem, io.file.len, 1);
  const size_t len = io.file.len;
  memcpy(text, io.file.data, len);
  IDF_UNIT_SEEDED(r, read_text(&io, text, len, &seen, back, &seen_maxval) == IDF_OK);
  IDF_UNIT_SEEDED(r, seen.layout == layout && seen.depth == depth);
  IDF_UNIT_SEEDED(r, memcmp(back, wide, count * sizeof *back) == 0);
  IDF_UNIT_SEEDED(r, seen_maxval == (maxval != (1u << depth) - 1 ? maxval : 0));
  idf_free(&io.mem, text);
  idf_test_io_free(&io);
}

static void round_trips(void)
{
  static const unsigned maxvals[] = {1, 2, 3, 7, 100, 254, 255, 256, 1000, 1023, 65534, 65535};
  idf_unit_random r = idf_unit_random_of(2);

  for (size_t i = 0; i < sizeof maxvals / sizeof *maxvals; i++) {
    round_trip(&r, IDF_GRAY, IDF_PNM_ANY, maxvals[i]);
    round_trip(&r, IDF_GRAY, IDF_PNM_PGM, maxvals[i]);
    round_trip(&r, IDF_RGB, IDF_PNM_ANY, maxvals[i]);
    for (int layout = IDF_GRAY; layout <= IDF_RGBA; layout++)
      round_trip(&r, (idf_layout)layout, IDF_PNM_PAM, maxvals[i]);
  }
  round_trip(&r, IDF_GRAY, IDF_PNM_PBM, 1);
}

static void refuses(void)
{
  static const struct {
    idf_layout layout;
    unsigned depth;
    idf_pnm_kind kind;
    const char *advice;
  } cases[] = {{IDF_PALETTE, 8, IDF_PNM_PAM, ".png"},    {IDF_RGBA, 8, IDF_PNM_PPM, ".pam"},
               {IDF_GRAY_ALPHA, 8, IDF_PNM_ANY, ".pam"}, {IDF_RGB, 8, IDF_PNM_PGM, ".ppm"},
               {IDF_GRAY, 8, IDF_PNM_PPM, ".pgm"},       {IDF_GRAY, 8, IDF_PNM_PBM, ".pgm"},
               {IDF_RGB, 1, IDF_PNM_PBM, ".ppm"},        {IDF_CMYK, 8, IDF_PNM_ANY, ".pam"},
               {IDF_CMYK, 8, IDF_PNM_PPM, ".pam"}};

  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    const idf_info info = {
        .width = 2, .height = 2, .layout = cases[i].layout, .depth = cases[i].depth};
    idf_test_io io;
    idf_writer *writer;
    idf_test_io_init(&io);
    CU_ASSERT_EQUAL(idf_pnm_create(&io.env, &info, cases[i].kind, idf_test_write, &io, &writer),
                    IDF_ERR_UNSUPPORTED);
    CU_ASSERT_PTR_NOT_NULL(strstr(io.env.error, cases[i].advice));
    idf_test_io_free(&io);
  }
}

static void cmyk(void)
{
  static const char want[] =
      "P7\nWIDTH 1\nHEIGHT 2\nDEPTH 4\nMAXVAL 255\nTUPLTYPE CMYK\nENDHDR\nabcdefgh";
  const idf_info info = {.width = 1, .height = 2, .layout = IDF_CMYK, .depth = 8};
  idf_test_io io;
  idf_writer *writer;

  idf_test_io_init(&io);
  CU_ASSERT_EQUAL_FATAL(idf_pnm_create(&io.env, &info, IDF_PNM_PAM, idf_test_write, &io, &writer),
                        IDF_OK);
  CU_ASSERT_EQUAL(idf_writer_rows(writer, "abcdefgh", 2), IDF_OK);
  CU_ASSERT_EQUAL(idf_writer_finish(writer), IDF_OK);
  idf_writer_close(writer);
  CU_ASSERT_EQUAL_FATAL(io.file.len, sizeof want - 1);
  CU_ASSERT(memcmp(io.file.data, want, sizeof want - 1) == 0);
  idf_test_io_free(&io);
}

static void metadata(void)
{
  const idf_info info = {.width = 2, .height = 1, .layout = IDF_GRAY, .depth = 8};
  const uint8_t samples[2] = {3, 200};
  idf_test_io io;
  idf_writer *writer;

  idf_test_io_init(&io);
  CU_ASSERT_EQUAL_FATAL(idf_pnm_create(&io.env, &info, IDF_PNM_ANY, idf_test_write, &io, &writer),
                        IDF_OK);
  CU_ASSERT_EQUAL(idf_writer_metadata(writer, "max1", (const uint8_t *)"\x7f\0", 2),
                  IDF_ERR_CORRUPT); /* has 7 bits */
  CU_ASSERT_EQUAL(idf_writer_metadata(writer, "max1", (const uint8_t *)"\x96", 1), IDF_ERR_CORRUPT);
  CU_ASSERT_EQUAL(idf_writer_metadata(writer, "max1", (const uint8_t *)"\x96\0", 2), IDF_OK);
  CU_ASSERT_EQUAL(idf_writer_rows(writer, samples, 1), IDF_ERR_CORRUPT); /* 200 > 150 */
  idf_writer_close(writer);

  idf_buf_clear(&io.file);
  CU_ASSERT_EQUAL_FATAL(idf_pnm_create(&io.env, &info, IDF_PNM_ANY, idf_test_write, &io, &writer),
                        IDF_OK);
  for (unsigned i = 0; i < 60; i++)
    CU_ASSERT_EQUAL(idf_writer_metadata(writer, i ? "tEXt" : "gAMA", NULL, 0), IDF_OK);
  CU_ASSERT_EQUAL(idf_writer_rows(writer, samples, 1), IDF_OK);
  CU_ASSERT_EQUAL(idf_writer_finish(writer), IDF_OK);
  CU_ASSERT_EQUAL(io.warnings, 1);
  CU_ASSERT_PTR_NOT_NULL(strstr(io.warning, "gAMA tEXt"));
  CU_ASSERT_PTR_NOT_NULL(strstr(io.warning, "..."));
  idf_writer_close(writer);
  idf_test_io_free(&io);
}

int idf_suite_image_pnm(void)
{
  static const idf_unit_test tests[] = {
      {"known files are read", known_files},
      {"comments are kept", comments_are_kept},
      {"wrong files are refused", wrong_files},
      {"a second image is not silently dropped", second_image},
      {"every maxval comes back", round_trips},
      {"nothing is converted", refuses},
      {"CMYK is written as a PAM", cmyk},
      {"the maxval is checked, other metadata dropped with a warning", metadata},
      {"without a tuple type the channels tell", without_a_tuple_type},
      {NULL, NULL}};
  return idf_unit_suite("image_pnm", tests);
}
