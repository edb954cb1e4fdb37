/* SPDX-License-Identifier: BSD-3-Clause
 *
 * test_decoder_jpeg.c: from an .idf that holds a JPEG come the file, byte for byte, and the pixels
 * that libjpeg-turbo makes; damage of any byte is an error and costs, when asked to go on, one
 * band; every allocation may fail.
 */
#include "keptkit.h"

int idf_suite_decoder_jpeg(void);

static idf_buf make(idf_mem *mem, size_t kind, unsigned width, unsigned height)
{
  idf_buf file;
  idf_buf_init(&file, mem);
  jpegkit_make(&file, &jpegkit_kinds[kind], width, height, kind);
  return file;
}

/* The .idf of a file. */
static idf_buf encoded(idf_mem *mem, const idf_buf *file)
{
  idf_buf out;
  idf_buf_init(&out, mem);
  CU_ASSERT_EQUAL_FATAL(keptkit_encode(file->data, file->len, 1, -1, &out, NULL), IDF_OK);
  return out;
}

/* File and pixels come back, in both ways that the flags say. */
static void comes_back(idf_mem *mem, const idf_buf *file, unsigned threads, size_t piece)
{
  idf_buf idf = encoded(mem, file), back, pixels, want;
  keptkit_way way = keptkit_plain;
  idf_info info;
  idf_buf_init(&back, mem);
  idf_buf_init(&pixels, mem);
  idf_buf_init(&want, mem);
  way.threads = threads;
  way.piece = piece;
  CU_ASSERT_EQUAL(keptkit_decode(idf.data, idf.len, &way, &pixels, &info), IDF_OK);
  keptkit_pixels(file->data, file->len, &want);
  CU_ASSERT_TRUE(keptkit_same(&pixels, &want));
  CU_ASSERT_EQUAL(info.depth, 8);
  way.original = true;
  CU_ASSERT_EQUAL(keptkit_decode(idf.data, idf.len, &way, &back, NULL), IDF_OK);
  CU_ASSERT_TRUE(keptkit_same(&back, file));
  idf_buf_free(&idf);
  idf_buf_free(&back);
  idf_buf_free(&pixels);
  idf_buf_free(&want);
}

static void every_kind_comes_back(void)
{
  idf_mem mem;
  idf_mem_init(&mem, UINT64_MAX);
  for (size_t kind = 0; kind < JPEGKIT_KINDS; kind++) {
    static const struct {
      unsigned width, height;
    } sizes[] = {{1, 1}, {17, 9}, {64, 48}, {75, 83}};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
      idf_buf file = make(&mem, kind, sizes[i].width, sizes[i].height);
      comes_back(&mem, &file, 1, 0);
      idf_buf_free(&file);
    }
  }
  CU_ASSERT_EQUAL(mem.used, 0);
}

/* 1 to 9 bands, of which threads decode some ahead; bytes come a few at a time. */
static void bands_of_any_number_come_back(void)
{
  idf_mem mem;
  idf_mem_init(&mem, UINT64_MAX);
  for (unsigned i = 0; i < 9; i++) {
    idf_buf file = make(&mem, (i * 4 + 4) % JPEGKIT_KINDS, 33, 500 * i + 20 * i + 9);
    comes_back(&mem, &file, i % 2 ? 4 : 1, i % 3 ? 0 : 50);
    idf_buf_free(&file);
  }
  CU_ASSERT_EQUAL(mem.used, 0);
}

/* Dummy blocks that are not as libjpeg makes them, bits of padding of both kinds, bytes behind the
 * end, an unknown segment in front. */
static void oddities_come_back(void)
{
  idf_mem mem;
  idf_unit_random r = idf_unit_random_of(2);
  idf_mem_init(&mem, UINT64_MAX);
  idf_buf file = make(&mem, 4, 75, 60), longer;
  idf_buf_init(&longer, &mem);
  idf_put_bytes(&longer, file.data, 2);
  idf_put_bytes(&longer, "\377\351\0\014unknown 12", 14);
  idf_put_bytes(&longer, file.data + 2, file.len - 2);
  for (unsigned i = 0; i < 5000; i++)
    idf_put_u8(&longer, i < 2500 ? i / 100 : idf_unit_next(&r));
  comes_back(&mem, &longer, 1, 0);
  const size_t end = 12 + 2 + file.len - 3; /* the last byte of the scan */
  for (unsigned bit = 0; bit < 3; bit++) {
    longer.data[end] = (uint8_t)(longer.data[end] ^ 1u << bit);
    idf_buf out;
    idf_buf_init(&out, &mem);
    if (keptkit_encode(longer.data, longer.len, 1, -1, &out, NULL) == IDF_OK)
      comes_back(&mem, &longer, 1, 0);
    idf_buf_free(&out);
  }
  idf_buf_free(&file);
  idf_buf_free(&longer);
  CU_ASSERT_EQUAL(mem.used, 0);
}

static void what_it_says_is_right(void)
{
  idf_mem mem;
  idf_decoder *d = NULL;
  idf_info info;
  idf_jpeg_info facts;
  idf_anatomy anatomy;
  idf_tile_info tile;
  const char *kind = "";
  uint64_t size = 1;
  idf_mem_init(&mem, UINT64_MAX);
  idf_buf file = make(&mem, 4, 33, 1500), idf = encoded(&mem, &file), rest;
  picture_source source = {idf.data, idf.len, 0};
  idf_buf_init(&rest, &mem);
  uint8_t *rows = idf_alloc(&mem, 1500, 99);
  CU_ASSERT_EQUAL_FATAL(idf_decoder_new(NULL, picture_read, &source, &d), IDF_OK);
  CU_ASSERT_EQUAL(idf_decoder_original(d, &kind, &size), IDF_ERR_ARGUMENT);
  CU_ASSERT(!kind && size == 0);
  CU_ASSERT_EQUAL(idf_decoder_jpeg(d, &facts), IDF_ERR_ARGUMENT);
  CU_ASSERT_EQUAL(idf_decoder_info(d, &info), IDF_OK);
  CU_ASSERT(info.width == 33 && info.height == 1500 && info.layout == IDF_RGB && info.depth == 8);
  CU_ASSERT_EQUAL(idf_decoder_original(d, &kind, &size), IDF_OK);
  CU_ASSERT(kind && strcmp(kind, "jpeg") == 0 && size == file.len);
  CU_ASSERT_EQUAL(idf_decoder_original(d, NULL, NULL), IDF_OK);
  CU_ASSERT_EQUAL(idf_decoder_jpeg(d, NULL), IDF_ERR_ARGUMENT);
  CU_ASSERT_EQUAL(idf_decoder_jpeg(d, &facts), IDF_OK);
  CU_ASSERT(facts.components == 3 && facts.h[0] == 2 && facts.v[0] == 2 && facts.h[1] == 1);
  CU_ASSERT(facts.quality == 75 && facts.scans == 1 && !facts.progressive && !facts.restart);
  CU_ASSERT_EQUAL(idf_decoder_original_write(d, NULL, NULL), IDF_ERR_ARGUMENT);
  idf_decoder_measure(d, NULL, NULL);
  CU_ASSERT_EQUAL(idf_decoder_rows(d, rows, 7), IDF_OK);
  CU_ASSERT_EQUAL(idf_decoder_original_write(d, picture_write, &rest), IDF_ERR_ARGUMENT);
  CU_ASSERT_EQUAL(idf_decoder_rows(d, rows, 1493), IDF_OK);
  CU_ASSERT_EQUAL(idf_decoder_rows(d, rows, 1), IDF_ERR_ARGUMENT);
  CU_ASSERT_EQUAL(idf_decoder_finish(d), IDF_OK);
  CU_ASSERT_EQUAL(idf_decoder_original_write(d, picture_write, &rest), IDF_ERR_ARGUMENT);
  idf_decoder_anatomy(d, &anatomy);
  CU_ASSERT(anatomy.tile_side == 512 && anatomy.tiles_across == 1 && anatomy.tiles_down == 3);
  CU_ASSERT_EQUAL(anatomy.file_bytes, idf.len);
  CU_ASSERT_EQUAL(anatomy.header_bytes + anatomy.metadata_bytes + anatomy.tile_bytes
                      + anatomy.index_bytes,
                  idf.len);
  CU_ASSERT(anatomy.model_bits > 0 && anatomy.model_bits < 8 * (double)anatomy.tile_bytes);
  uint32_t y = 0;
  for (size_t i = 0; i < 3; i++, y += tile.height) {
    CU_ASSERT_EQUAL(idf_decoder_tile(d, i, &tile), IDF_OK);
    CU_ASSERT(tile.x == 0 && tile.y == y && tile.width == 33 && tile.method == 255 && !tile.lost);
  }
  CU_ASSERT_EQUAL(y, 1500);
  CU_ASSERT_EQUAL(rest.len, 0);
  idf_decoder_free(d);

  /* Skipped, without decoding. */
  source = (picture_source){idf.data, idf.len, 0};
  CU_ASSERT_EQUAL_FATAL(idf_decoder_new(NULL, picture_read, &source, &d), IDF_OK);
  CU_ASSERT_EQUAL(idf_decoder_finish(d), IDF_OK);
  idf_decoder_free(d);

  /* No JPEG in it. */
  info = picture_info(8, 8, IDF_GRAY, 8);
  CU_ASSERT_EQUAL(picture_encode(&info, file.data, 6, &rest), IDF_OK);
  source = (picture_source){rest.data, rest.len, 0};
  CU_ASSERT_EQUAL_FATAL(idf_decoder_new(NULL, picture_read, &source, &d), IDF_OK);
  CU_ASSERT_EQUAL(idf_decoder_info(d, NULL), IDF_OK);
  CU_ASSERT_EQUAL(idf_decoder_original(d, &kind, &size), IDF_ERR_ARGUMENT);
  CU_ASSERT_EQUAL(idf_decoder_jpeg(d, &facts), IDF_ERR_ARGUMENT);
  CU_ASSERT_EQUAL(idf_decoder_original_write(d, picture_write, &rest), IDF_ERR_ARGUMENT);
  idf_decoder_free(d);
  CU_ASSERT_EQUAL(idf_decoder_original(NULL, &kind, &size), IDF_ERR_ARGUMENT);
  CU_ASSERT_EQUAL(idf_decoder_jpeg(NULL, &facts), IDF_ERR_ARGUMENT);
  CU_ASSERT_EQUAL(idf_decoder_original_write(NULL, picture_write, &rest), IDF_ERR_ARGUMENT);
  idf_buf_free(&rest);
  idf_buf_free(&idf);
  idf_buf_free(&file);
  idf_free(&mem, rows);
  CU_ASSERT_EQUAL(mem.used, 0);
}

static void insert(idf_buf *file, size_t at, const char *bytes, size_t len)
{
  idf_put_bytes(file, bytes, len);
  memmove(file->data + at + len, file->data + at, file->len - len - at);
  memcpy(file->data + at, bytes, len);
}

/* The decoder up to its metadata, of which there may be `most` bytes. */
static idf_status up_to_metadata(picture_source *source, uint64_t most, int64_t fail,
                                 idf_decoder **d)
{
  idf_limits limits;
  idf_limits_init(&limits);
  limits.max_metadata = most;
  const idf_status status = idf_decoder_create(&limits, picture_read, source, fail, d);
  return status == IDF_OK ? idf_decoder_info(*d, NULL) : status;
}

static void segments_are_metadata(void)
{
  static const struct {
    const char *type, *data;
    size_t size;
    int after;
  } want[] = {{"tEXt", "Comment\0early", 13, 0},
              {"eXIf", "MM\0*12", 6, 0},
              {"tEXt", "Comment\0late", 12, 1}};
  idf_mem mem;
  idf_decoder *d = NULL;
  char type[5];
  const uint8_t *data;
  size_t size;
  int after;
  idf_mem_init(&mem, UINT64_MAX);
  idf_buf file = make(&mem, 4, 33, 50);
  insert(&file, file.len - 2, "\xff\xfe\0\6late", 8);
  insert(&file, 2,
         "\xff\xfe\0\7early\xff\xe1\0\x0e"
         "Exif\0\0MM\0*12",
         25);
  idf_buf idf = encoded(&mem, &file);
  picture_source source = {idf.data, idf.len, 0};
  CU_ASSERT_EQUAL_FATAL(up_to_metadata(&source, 31, -1, &d), IDF_OK);
  for (size_t i = 0; i < sizeof want / sizeof *want; i++) {
    CU_ASSERT_EQUAL_FATAL(idf_decoder_metadata(d, i, type, &data, &size, &after), IDF_OK);
    CU_ASSERT_STRING_EQUAL(type, want[i].type);
    CU_ASSERT(size == want[i].size && memcmp(data, want[i].data, size) == 0);
    CU_ASSERT_EQUAL(after, want[i].after);
  }
  CU_ASSERT_EQUAL(idf_decoder_metadata(d, 3, type, &data, &size, &after), IDF_ERR_ARGUMENT);
  CU_ASSERT_EQUAL(idf_decoder_finish(d), IDF_OK);
  CU_ASSERT_EQUAL(idf_decoder_metadata(d, 3, type, &data, &size, &after), IDF_ERR_ARGUMENT);
  idf_decoder_free(d);

  source = (picture_source){idf.data, idf.len, 0};
  CU_ASSERT_EQUAL(up_to_metadata(&source, 30, -1, &d), IDF_ERR_LIMIT);
  CU_ASSERT_STRING_EQUAL(idf_decoder_detail(d), "metadata above 30 bytes");
  idf_decoder_free(d);

  unsigned failed = 0;
  for (int64_t i = 0;; i++) {
    source = (picture_source){idf.data, idf.len, 0};
    const idf_status status = up_to_metadata(&source, 31, i, &d);
    idf_decoder_free(d);
    if (status == IDF_OK)
      break;
    CU_ASSERT_EQUAL_FATAL(status, IDF_ERR_MEMORY);
    failed++;
  }
  CU_ASSERT(failed > 10);
  idf_buf_free(&idf);
  idf_buf_free(&file);
  CU_ASSERT_EQUAL(mem.used, 0);
}

int idf_suite_decoder_jpeg(void)
{
  static const idf_unit_test tests[] = {
      {"every kind comes back", every_kind_comes_back},
      {"bands of any number come back", bands_of_any_number_come_back},
      {"oddities come back", oddities_come_back},
      {"what it says is right", what_it_says_is_right},
      {"its segments are metadata", segments_are_metadata},
      {NULL, NULL},
  };
  return idf_unit_suite("decoder_jpeg", tests);
}
