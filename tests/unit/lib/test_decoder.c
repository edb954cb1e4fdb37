/* SPDX-License-Identifier: BSD-3-Clause
 *
 * test_decoder.c: every picture comes back; every cut and every flipped bit of a file
 * is an error; limits hold before anything is allocated; every allocation may fail.
 */
#include "internal.h"
#include "pack.h"
#include "picture.h"
#include "unit.h"

int idf_suite_decoder(void);

/* Decodes `len` bytes at data; true when the picture is that of `raw`. Without
 * metadata the info must be the same too. */
static idf_status decode(const uint8_t *data, size_t len, size_t piece, const idf_info *info,
                         const uint8_t *raw, int64_t fail, bool *same)
{
  idf_decoder *d = NULL;
  idf_mem mem;
  idf_info found;
  uint8_t *back = NULL;
  picture_source source = {data, len, piece};
  *same = false;
  idf_mem_init(&mem, UINT64_MAX);
  idf_status status = idf_decoder_create(NULL, picture_read, &source, fail, &d);
  if (status == IDF_OK)
    status = idf_decoder_info(d, &found);
  bool alike = status == IDF_OK && memcmp(&found, info, sizeof found) == 0;
  if (alike) {
    size_t size = idf_row_bytes(info) * info->height;
    back = idf_alloc(&mem, size, 1);
    status = idf_decoder_rows(d, back, info->height);
    if (status == IDF_OK)
      status = idf_decoder_finish(d);
    *same = status == IDF_OK && memcmp(back, raw, size) == 0;
  }
  CU_ASSERT_TRUE(status == IDF_OK || !d || idf_decoder_detail(d)[0] != '\0');
  idf_free(&mem, back);
  idf_decoder_free(d);
  return status;
}

static void every_picture_comes_back(void)
{
  idf_mem mem;
  idf_mem_init(&mem, UINT64_MAX);
  for (uint64_t seed = 0; seed < 120; seed++) {
    idf_unit_random r = idf_unit_random_of(seed);
    static const idf_layout layouts[] = {IDF_GRAY, IDF_GRAY_ALPHA, IDF_RGB, IDF_RGBA, IDF_PALETTE};
    idf_layout layout = layouts[seed % 5];
    idf_info info = picture_info(1 + idf_unit_below(&r, 12) * idf_unit_below(&r, 12),
                                 1 + idf_unit_below(&r, 12) * idf_unit_below(&r, 12), layout,
                                 1 + idf_unit_below(&r, layout == IDF_PALETTE ? 8 : 16));
    uint8_t *raw = picture_make(&mem, &info, (int)idf_unit_below(&r, PICTURE_KINDS), seed);
    idf_buf buf;
    bool same;
    idf_buf_init(&buf, &mem);
    IDF_UNIT_SEEDED(&r, picture_encode(&info, raw, 6 + (unsigned)(seed % 2), &buf) == IDF_OK);
    IDF_UNIT_SEEDED(&r, decode(buf.data, buf.len, 0, &info, raw, -1, &same) == IDF_OK && same);
    IDF_UNIT_SEEDED(
        &r, decode(buf.data, buf.len, 1 + idf_unit_below(&r, 100), &info, raw, -1, &same) == IDF_OK
                && same);
    idf_buf_free(&buf);
    idf_free(&mem, raw);
  }
  CU_ASSERT_EQUAL(mem.used, 0);
}

/* A small file with everything in it: metadata on both sides, tiles of all methods,
 * an index. */
typedef struct small_file {
  idf_mem mem;
  idf_info info;
  uint8_t *raw;
  idf_buf file;
} small_file;

static void open_small(small_file *f)
{
  idf_encoder *e = NULL;
  idf_settings settings;
  idf_mem_init(&f->mem, UINT64_MAX);
  idf_buf_init(&f->file, &f->mem);
  idf_settings_init(&settings);
  settings.tile_log2 = 6;
  idf_unit_random r = idf_unit_random_of(1);
  f->info = picture_info(140, 11, IDF_GRAY, 4);
  f->raw = picture_make(&f->mem, &f->info, PICTURE_NOISE, 1);
  CU_ASSERT_PTR_NOT_NULL_FATAL(f->raw);
  for (uint32_t y = 0; y < f->info.height; y++)
    for (uint32_t x = 64; x < f->info.width; x++)
      f->raw[y * f->info.width + x] =
          (uint8_t)(x < 128 ? 1 + (x - 64) / 6 + y / 6 + idf_unit_below(&r, 2) : 9);
  CU_ASSERT_EQUAL_FATAL(idf_encoder_new(&settings, &f->info, picture_write, &f->file, &e), IDF_OK);
  CU_ASSERT_EQUAL(idf_encoder_metadata(e, "gAMA", "\0\0\261\217", 4), IDF_OK);
  CU_ASSERT_EQUAL(idf_encoder_metadata(e, "empt", NULL, 0), IDF_OK);
  CU_ASSERT_EQUAL(idf_encoder_rows(e, f->raw, f->info.height), IDF_OK);
  CU_ASSERT_EQUAL(idf_encoder_metadata(e, "tIME", "1234567", 7), IDF_OK);
  CU_ASSERT_EQUAL(idf_encoder_finish(e), IDF_OK);
  idf_encoder_free(e);
}

static void close_small(small_file *f)
{
  idf_buf_free(&f->file);
  idf_free(&f->mem, f->raw);
  CU_ASSERT_EQUAL(f->mem.used, 0);
}

static void the_small_file_is_what_it_should(void)
{
  small_file f;
  idf_decoder *d = NULL;
  idf_anatomy a;
  idf_tile_info tile;
  char type[5];
  const uint8_t *data;
  size_t size;
  int after;
  open_small(&f);
  picture_source source = {f.file.data, f.file.len, 0};
  CU_ASSERT_EQUAL_FATAL(idf_decoder_new(NULL, picture_read, &source, &d), IDF_OK);
  CU_ASSERT_EQUAL(idf_decoder_info(d, NULL), IDF_OK);
  CU_ASSERT_EQUAL(idf_decoder_metadata(d, 0, type, &data, &size, &after), IDF_OK);
  CU_ASSERT_STRING_EQUAL(type, "gAMA");
  CU_ASSERT_TRUE(size == 4 && memcmp(data, "\0\0\261\217", 4) == 0 && !after);
  CU_ASSERT_EQUAL(idf_decoder_metadata(d, 1, type, &data, &size, NULL), IDF_OK);
  CU_ASSERT_TRUE(size == 0 && data);
  CU_ASSERT_EQUAL(idf_decoder_metadata(d, 2, type, &data, &size, &after), IDF_ERR_ARGUMENT);
  CU_ASSERT_EQUAL(idf_decoder_tile(d, 0, &tile), IDF_ERR_ARGUMENT);
  CU_ASSERT_EQUAL(idf_decoder_finish(d), IDF_OK); /* skips every row */
  CU_ASSERT_EQUAL(idf_decoder_finish(d), IDF_OK);
  CU_ASSERT_EQUAL(idf_decoder_metadata(d, 2, type, &data, &size, &after), IDF_OK);
  CU_ASSERT_STRING_EQUAL(type, "tIME");
  CU_ASSERT_TRUE(size == 7 && after);
  CU_ASSERT_EQUAL(idf_decoder_rows(d, f.raw, 1), IDF_ERR_ARGUMENT);
  idf_decoder_anatomy(d, &a);
  CU_ASSERT_EQUAL(a.file_bytes, f.file.len);
  CU_ASSERT_EQUAL(a.header_bytes + a.metadata_bytes + a.tile_bytes + a.index_bytes, f.file.len);
  CU_ASSERT_TRUE(a.tile_side == 64 && a.tiles_across == 3 && a.tiles_down == 1 && a.effort == 5);
  CU_ASSERT_EQUAL(a.tiles_lost, 0);
  uint64_t tiles, bytes, sum = 0;
  const char *name;
  for (size_t i = 0; i < 3; i++) {
    CU_ASSERT_EQUAL(idf_decoder_method(d, i, &name, &tiles, &bytes), IDF_OK);
    CU_ASSERT_STRING_EQUAL(name, i == 0 ? "stored" : i == 1 ? "solid" : "flow");
    CU_ASSERT_EQUAL(tiles, 1);
    sum += bytes;
  }
  CU_ASSERT_EQUAL(sum, a.tile_bytes);
  CU_ASSERT_EQUAL(idf_decoder_method(d, 3, &name, &tiles, NULL), IDF_OK);
  CU_ASSERT_TRUE(strcmp(name, "screen") == 0 && tiles == 0);
  CU_ASSERT_EQUAL(idf_decoder_method(d, 3, NULL, NULL, NULL), IDF_OK);
  CU_ASSERT_EQUAL(idf_decoder_method(d, 6, &name, &tiles, &bytes), IDF_ERR_ARGUMENT);
  CU_ASSERT_EQUAL(idf_decoder_tile(d, 2, &tile), IDF_OK);
  CU_ASSERT_TRUE(tile.x == 128 && tile.y == 0 && tile.width == 12 && tile.height == 11);
  CU_ASSERT_TRUE(tile.method == IDF_TILE_SOLID && tile.lost == 0 && tile.bytes == 9);
  CU_ASSERT_EQUAL(idf_decoder_tile(d, 3, &tile), IDF_ERR_ARGUMENT);
  idf_decoder_free(d);
  close_small(&f);
}

static void every_cut_is_an_error(void)
{
  small_file f;
  bool same;
  open_small(&f);
  for (size_t len = 0; len < f.file.len; len++) {
    idf_status status = decode(f.file.data, len, 0, &f.info, f.raw, -1, &same);
    CU_ASSERT_EQUAL(status, len < IDF_MAGIC_SIZE ? IDF_ERR_NOT_IDF : IDF_ERR_TRUNCATED);
    CU_ASSERT_FALSE(same);
  }
  idf_put_u8(&f.file, 0);
  CU_ASSERT_EQUAL(decode(f.file.data, f.file.len, 0, &f.info, f.raw, -1, &same), IDF_ERR_CORRUPT);
  close_small(&f);
}

static void every_flip_is_an_error(void)
{
  small_file f;
  bool same;
  open_small(&f);
  for (size_t at = 0; at < f.file.len; at++)
    for (unsigned bit = 0; bit < 9; bit++) {
      uint8_t flip = (uint8_t)(bit < 8 ? 1u << bit : 0xff);
      f.file.data[at] ^= flip;
      idf_status status = decode(f.file.data, f.file.len, 0, &f.info, f.raw, -1, &same);
      f.file.data[at] ^= flip;
      if (status == IDF_OK) {
        printf("# byte %zu ^ %02x is not noticed\n", at, flip);
        CU_FAIL("a flip is not noticed");
      }
      if (at < IDF_MAGIC_SIZE)
        CU_ASSERT_EQUAL(status, IDF_ERR_NOT_IDF);
    }
  close_small(&f);
}

/* The reader of rows is not the only one: skipping must see damage too. */
static void skipping_sees_damage(void)
{
  small_file f;
  open_small(&f);
  for (size_t at = IDF_MAGIC_SIZE; at < f.file.len; at++) {
    idf_decoder *d = NULL;
    f.file.data[at] ^= 0x10;
    picture_source source = {f.file.data, f.file.len, 3};
    CU_ASSERT_EQUAL_FATAL(idf_decoder_new(NULL, picture_read, &source, &d), IDF_OK);
    CU_ASSERT_NOT_EQUAL(idf_decoder_finish(d), IDF_OK);
    f.file.data[at] ^= 0x10;
    idf_decoder_free(d);
  }
  close_small(&f);
}

static void every_allocation_may_fail(void)
{
  small_file f;
  bool same = false;
  int64_t fail = 0;
  open_small(&f);
  for (idf_status status = IDF_ERR_MEMORY; status != IDF_OK && fail < 2000; fail++) {
    status = decode(f.file.data, f.file.len, 0, &f.info, f.raw, fail, &same);
    CU_ASSERT_EQUAL(status == IDF_OK, same);
    CU_ASSERT_TRUE(status == IDF_OK || status == IDF_ERR_MEMORY);
  }
  CU_ASSERT_TRUE(fail > 8 && fail < 2000);
  close_small(&f);
}

static void limits_hold(void)
{
  small_file f;
  idf_limits limits;
  idf_info info;
  open_small(&f);
  for (int i = 0; i < 6; i++) {
    idf_decoder *d = NULL;
    picture_source source = {f.file.data, f.file.len, 0};
    idf_limits_init(&limits);
    if (i == 0)
      limits.max_pixels = 140 * 11 - 1;
    else if (i == 1)
      limits.max_pixels = 140 * 11;
    else if (i == 2)
      limits.max_metadata = 3;
    else if (i == 3)
      limits.max_metadata = 10; /* 4 before the pixels, 7 after */
    else if (i == 4)
      limits.max_metadata = 11;
    else
      limits.max_memory = 120000;
    idf_status info_status = IDF_ERR_ARGUMENT, status = IDF_ERR_ARGUMENT;
    uint8_t rows[140 * 11];
    CU_ASSERT_EQUAL_FATAL(idf_decoder_new(&limits, picture_read, &source, &d), IDF_OK);
    info_status = idf_decoder_info(d, &info);
    status = idf_decoder_rows(d, rows, 11);
    if (status == IDF_OK)
      status = idf_decoder_finish(d);
    CU_ASSERT_EQUAL(info_status, i == 0 || i == 2 ? IDF_ERR_LIMIT : IDF_OK);
    CU_ASSERT_EQUAL(status, i == 1 || i == 4 ? IDF_OK : IDF_ERR_LIMIT);
    CU_ASSERT_EQUAL(idf_decoder_limit(d), i == 0             ? IDF_LIMIT_PIXELS
                                          : i == 2 || i == 3 ? IDF_LIMIT_METADATA
                                          : i == 5           ? IDF_LIMIT_MEMORY
                                                             : IDF_LIMIT_NONE);
    CU_ASSERT_TRUE(idf_object_mem(d)->peak <= limits.max_memory);
    idf_decoder_free(d);
  }
  limits.max_memory = 10;
  idf_decoder *d = NULL;
  CU_ASSERT_EQUAL(idf_decoder_new(&limits, picture_read, NULL, &d), IDF_ERR_LIMIT);
  CU_ASSERT_PTR_NULL(d);
  close_small(&f);
}

/* A header that claims 2^62 pixels, and one whose rows alone are too large. */
static void huge_claims_cost_nothing(void)
{
  static const struct {
    uint32_t width, height;
    idf_status info, rows;
  } cases[] = {{IDF_MAX_SIDE, IDF_MAX_SIDE, IDF_ERR_LIMIT, IDF_ERR_LIMIT},
               {1u << 28, 1, IDF_ERR_TRUNCATED, IDF_ERR_TRUNCATED},
               {16384, 16384, IDF_ERR_TRUNCATED, IDF_ERR_TRUNCATED}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    idf_mem mem;
    idf_buf buf;
    idf_decoder *d = NULL;
    uint8_t row[1] = {0};
    idf_header h = {.width = cases[i].width,
                    .height = cases[i].height,
                    .layout = IDF_RGBA,
                    .depth = 16,
                    .tile_log2 = 12,
                    .tier = 5};
    idf_mem_init(&mem, UINT64_MAX);
    idf_buf_init(&buf, &mem);
    idf_write_header(IDF_SIMD_AUTO, &buf, &h);
    picture_source source = {buf.data, buf.len, 0};
    CU_ASSERT_EQUAL_FATAL(idf_decoder_new(NULL, picture_read, &source, &d), IDF_OK);
    CU_ASSERT_EQUAL(idf_decoder_info(d, NULL), cases[i].info);
    CU_ASSERT_EQUAL(idf_decoder_rows(d, row, 1), cases[i].rows);
    CU_ASSERT_TRUE(idf_object_mem(d)->peak < 1u << 18);
    idf_decoder_free(d);
    idf_buf_free(&buf);
  }
}

/* Appends the payload of a 'P' record: the stream is right, what is said of it may not be. */
static void put_packed(idf_buf *buf, const void *plain, size_t len, uint64_t count, uint64_t bytes)
{
  idf_put_varint(buf, count * IDF_PACK_WORDS);
  idf_put_varint(buf, bytes);
  CU_ASSERT_EQUAL(idf_pack_encode(buf->mem, NULL, 0, plain, len, buf), IDF_OK);
}

/* A file of one column of gray samples, all 0, in stored tiles of 64, made of the
 * records that `kinds` lists. Digits stand for records with a wrong value and a right
 * checksum:
 *   1 tile longer than its samples     2 tile of no bytes
 *   3 index: first size wrong          4 index: a size too many    5 index: one too few
 *   6 end: checksum of the samples     7 end: place of the index   8 end: a byte more
 *   9 metadata of an odd type          0 metadata shorter than a type
 *   # tile with another's number       ~ tile whose number is none, if tiles have numbers */
static void put_record(idf_buf *buf, idf_buf *index, char what, uint32_t height, uint32_t *left,
                       uint32_t *back)
{
  static const uint16_t zeros[200] = {0};
  size_t from = buf->len, rows = IDF_MIN(*left, 64u), cut = 0;
  uint32_t crc = idf_samples_crc(IDF_SIMD_AUTO, 0, zeros, 1, height);
  idf_buf end, packed, tile;

  switch (what) {
  case 'T':
  case '#':
  case '~':
  case '1':
  case '2':
    idf_buf_init(&tile, buf->mem);
    idf_put_tile_number(&tile, (height + 63) / 64,
                        what == '~' ? (height + 63) / 64 : (height - *left) / 64 + (what == '#'));
    if (what != '2')
      idf_put_u8(&tile, IDF_TILE_STORED);
    for (size_t i = 0; what != '2' && i < rows + (what == '1'); i++)
      idf_put_u8(&tile, 0);
    idf_write_record(IDF_SIMD_AUTO, buf, 'T', tile.data, tile.len);
    idf_buf_free(&tile);
    *left -= (uint32_t)rows;
    idf_put_varint(index, buf->len - from);
    break;
  case '3':
    index->data[0] ^= 1;
    idf_write_record(IDF_SIMD_AUTO, buf, 'I', index->data, index->len);
    *back = (uint32_t)(buf->len - from);
    break;
  case 'I':
  case '4':
  case '5':
    if (what == '4')
      idf_put_varint(index, 9);
    cut = what == '5';
    idf_write_record(IDF_SIMD_AUTO, buf, 'I', index->data, index->len - cut);
    *back = (uint32_t)(buf->len - from);
    break;
  case 'E':
  case '6':
  case '7':
  case '8':
    idf_buf_init(&end, buf->mem);
    idf_put_le32(&end, what == '6' ? ~crc : crc);
    idf_put_le32(&end, what == '7' ? *back + 1 : *back);
    idf_put_u8(&end, 0);
    idf_write_record(IDF_SIMD_AUTO, buf, 'E', end.data, what == '8' ? 9 : 8);
    idf_buf_free(&end);
    break;
  case '9':
    idf_write_record(IDF_SIMD_AUTO, buf, 'M', "t?Xtx", 5);
    break;
  case '0':
    idf_write_record(IDF_SIMD_AUTO, buf, 'M', "tEX", 3);
    break;
  case 'P':
    idf_buf_init(&packed, buf->mem);
    put_packed(&packed, "tEXt\1\0\0x", 8, 1, 1);
    idf_write_record(IDF_SIMD_AUTO, buf, 'P', packed.data, packed.len);
    idf_buf_free(&packed);
    break;
  default:
    idf_write_record(IDF_SIMD_AUTO, buf, (uint8_t)what, "tEXtx", 5);
  }
}

static idf_status decode_records(const char *kinds, uint32_t height)
{
  idf_mem mem;
  idf_buf buf, index;
  idf_decoder *d = NULL;
  uint8_t rows[200];
  uint32_t left = height, back = 0;
  idf_header h = {
      .width = 1, .height = height, .layout = IDF_GRAY, .depth = 8, .tile_log2 = 6, .tier = 5};
  idf_mem_init(&mem, UINT64_MAX);
  idf_buf_init(&buf, &mem);
  idf_buf_init(&index, &mem);
  idf_write_header(IDF_SIMD_AUTO, &buf, &h);
  for (; *kinds; kinds++)
    put_record(&buf, &index, *kinds, height, &left, &back);
  picture_source source = {buf.data, buf.len, 0};
  idf_status status = idf_decoder_new(NULL, picture_read, &source, &d);
  if (status == IDF_OK)
    status = idf_decoder_rows(d, rows, height);
  if (status == IDF_OK)
    status = idf_decoder_finish(d);
  CU_ASSERT_TRUE(status == IDF_OK || idf_decoder_detail(d)[0] != '\0');
  idf_decoder_free(d);
  idf_buf_free(&buf);
  idf_buf_free(&index);
  CU_ASSERT_EQUAL(mem.used, 0);
  return status;
}

static void records_keep_their_order(void)
{
  static const struct {
    const char *kinds;
    uint32_t height;
    idf_status status;
  } cases[] = {
      {"TE", 1, IDF_OK},
      {"MTME", 1, IDF_OK},
      {"PTPE", 1, IDF_OK},
      {"MPPTPME", 1, IDF_OK},
      {"xTxE", 1, IDF_OK}, /* unknown, may be skipped */
      {"XTE", 1, IDF_ERR_UNSUPPORTED},
      {"TXE", 1, IDF_ERR_UNSUPPORTED},
      {"TTE", 1, IDF_ERR_CORRUPT},
      {"TIE", 1, IDF_ERR_CORRUPT},
      {"ET", 1, IDF_ERR_CORRUPT},
      {"T", 1, IDF_ERR_TRUNCATED},
      {"TEM", 1, IDF_ERR_CORRUPT},
      {"TTIE", 100, IDF_OK},
      {"MxTTxMIE", 100, IDF_OK},
      {"TTE", 100, IDF_ERR_CORRUPT},
      {"TIE", 100, IDF_ERR_CORRUPT},
      {"TTTIE", 100, IDF_ERR_CORRUPT},
      {"TMTIE", 100, IDF_ERR_CORRUPT},
      {"TPTIE", 100, IDF_ERR_CORRUPT},
      {"TTIPE", 100, IDF_ERR_CORRUPT},
      {"TEP", 1, IDF_ERR_CORRUPT},
      {"TxTIE", 100, IDF_ERR_CORRUPT},
      {"TTIIE", 100, IDF_ERR_CORRUPT},
      {"TTIME", 100, IDF_ERR_CORRUPT},
      {"TTIxE", 100, IDF_ERR_CORRUPT},
      {"ITTE", 100, IDF_ERR_CORRUPT},
      {"1E", 1, IDF_ERR_CORRUPT},
      {"2E", 1, IDF_ERR_CORRUPT},
      {"T1IE", 100, IDF_ERR_CORRUPT},
      {"T2IE", 100, IDF_ERR_CORRUPT},
      {"#TIE", 100, IDF_ERR_CORRUPT},
      {"##IE", 100, IDF_ERR_CORRUPT},
      {"T#TIE", 180, IDF_ERR_CORRUPT},
      {"~TIE", 100, IDF_ERR_CORRUPT},
      {"T~IE", 100, IDF_ERR_CORRUPT},
      {"TTTIE", 180, IDF_OK},
      {"TT3E", 100, IDF_ERR_CORRUPT},
      {"TT4E", 100, IDF_ERR_CORRUPT},
      {"TT5E", 100, IDF_ERR_CORRUPT},
      {"T6", 1, IDF_ERR_CORRUPT},
      {"T7", 1, IDF_ERR_CORRUPT},
      {"TTI7", 100, IDF_ERR_CORRUPT},
      {"T8", 1, IDF_ERR_CORRUPT},
      {"9TE", 1, IDF_ERR_CORRUPT},
      {"0TE", 1, IDF_ERR_CORRUPT},
      {"T9E", 1, IDF_ERR_CORRUPT},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    idf_status status = decode_records(cases[i].kinds, cases[i].height);
    if (status != cases[i].status)
      printf("# %s: status %d\n", cases[i].kinds, (int)status);
    CU_ASSERT_EQUAL(status, cases[i].status);
  }
}

/* Pieces that are packed (the encoder's tests say which), on both sides of the pixels. */
static const struct {
  const char *type, *data;
  size_t size;
  int after;
} pieces[] = {{"gAMA", "\0\0\261\217", 4, 0},
              {"tEXt", "Software\0Adobe ImageReady", 25, 0},
              {"tEXt", "", 0, 0},
              {"tEXt", "Software\0Adobe ImageReady", 25, 0},
              {"tIME", "\007\344\001\001\f\0\0", 7, 1},
              {"tEXt", "date:create\0002020-01-01T12:00:00+00:00", 37, 1}};
#define PIECES (sizeof pieces / sizeof *pieces)
#define PIECES_BYTES (4 + 25 + 25 + 7 + 37)

static void write_pieces(idf_buf *buf)
{
  idf_encoder *e = NULL;
  const idf_info info = picture_info(2, 1, IDF_GRAY, 8);
  CU_ASSERT_EQUAL_FATAL(idf_encoder_new(NULL, &info, picture_write, buf, &e), IDF_OK);
  idf_encoder_records(e);
  for (size_t i = 0; i < PIECES; i++) {
    if (i > 0 && pieces[i].after > pieces[i - 1].after)
      CU_ASSERT_EQUAL(idf_encoder_rows(e, "ab", 1), IDF_OK);
    CU_ASSERT_EQUAL(idf_encoder_metadata(e, pieces[i].type, pieces[i].data, pieces[i].size),
                    IDF_OK);
  }
  CU_ASSERT_EQUAL(idf_encoder_finish(e), IDF_OK);
  idf_encoder_free(e);
}

/* Reads them back; *same: all are there, and nothing else. */
static idf_status read_pieces(const idf_buf *buf, const idf_limits *limits, int64_t fail,
                              bool *same)
{
  idf_decoder *d = NULL;
  picture_source source = {buf->data, buf->len, 5};
  idf_status status = idf_decoder_create(limits, picture_read, &source, fail, &d);
  *same = false;
  if (status == IDF_OK)
    status = idf_decoder_finish(d);
  if (status == IDF_OK) {
    size_t i = 0, size;
    const uint8_t *data;
    char type[5];
    int after;
    while (idf_decoder_metadata(d, i, type, &data, &size, &after) == IDF_OK && i < PIECES
           && strcmp(type, pieces[i].type) == 0 && size == pieces[i].size
           && memcmp(data, pieces[i].data, size) == 0 && after == pieces[i].after)
      i++;
    *same =
        i == PIECES && idf_decoder_metadata(d, i, type, &data, &size, &after) == IDF_ERR_ARGUMENT;
  }
  idf_decoder_free(d);
  return status;
}

static void packed_metadata_come_back(void)
{
  idf_mem mem;
  idf_buf buf;
  idf_limits limits;
  idf_record rec;
  idf_header header;
  size_t at;
  bool same;
  idf_mem_init(&mem, UINT64_MAX);
  idf_buf_init(&buf, &mem);
  write_pieces(&buf);
  CU_ASSERT_EQUAL(idf_read_header(IDF_SIMD_AUTO, buf.data, buf.len, &header, &at), IDF_OK);
  CU_ASSERT_EQUAL(idf_read_record(IDF_SIMD_AUTO, buf.data + at, buf.len - at, &rec), IDF_OK);
  CU_ASSERT_EQUAL(rec.kind, IDF_KIND_PACK);
  CU_ASSERT_EQUAL(read_pieces(&buf, NULL, -1, &same), IDF_OK);
  CU_ASSERT_TRUE(same);
  /* The limit counts their data as they are when unpacked. */
  idf_limits_init(&limits);
  limits.max_metadata = PIECES_BYTES;
  CU_ASSERT_EQUAL(read_pieces(&buf, &limits, -1, &same), IDF_OK);
  for (limits.max_metadata = 0; limits.max_metadata < PIECES_BYTES; limits.max_metadata++)
    CU_ASSERT_EQUAL(read_pieces(&buf, &limits, -1, &same), IDF_ERR_LIMIT);
  idf_status status = IDF_ERR_MEMORY;
  int64_t fail = 0;
  for (; status != IDF_OK && fail < 200; fail++) {
    status = read_pieces(&buf, NULL, fail, &same);
    CU_ASSERT_EQUAL(status == IDF_OK, same);
    CU_ASSERT_TRUE(status == IDF_OK || status == IDF_ERR_MEMORY);
  }
  CU_ASSERT_TRUE(fail > 2 * 5 + (int64_t)PIECES && fail < 200);
  idf_buf_free(&buf);
  CU_ASSERT_EQUAL(mem.used, 0);
}

/* What a reader says to a file that begins with this 'P' payload; `detail` gets why. */
static idf_status read_packed(const void *payload, size_t len, char detail[160])
{
  idf_mem mem;
  idf_buf buf;
  idf_decoder *d = NULL;
  idf_header h = {
      .width = 1, .height = 1, .layout = IDF_GRAY, .depth = 8, .tile_log2 = 6, .tier = 5};
  idf_mem_init(&mem, UINT64_MAX);
  idf_buf_init(&buf, &mem);
  idf_write_header(IDF_SIMD_AUTO, &buf, &h);
  idf_write_record(IDF_SIMD_AUTO, &buf, 'P', payload, len);
  idf_write_record(IDF_SIMD_AUTO, &buf, 'T', "\0", 2);
  picture_source source = {buf.data, buf.len, 0};
  CU_ASSERT_EQUAL_FATAL(idf_decoder_new(NULL, picture_read, &source, &d), IDF_OK);
  const idf_status status = idf_decoder_info(d, NULL);
  snprintf(detail, 160, "%s", idf_decoder_detail(d));
  idf_decoder_free(d);
  idf_buf_free(&buf);
  CU_ASSERT_EQUAL(mem.used, 0);
  return status;
}

/* Checksums are right in all of these; what is said is not. */
static void wrong_packed_metadata_are_refused(void)
{
  static const char two[] = "tEXt\1\0\0xzTXt\0\0\0"; /* 15 bytes, 1 of them data */
  static const struct {
    const char *plain, *why; /* NULL: good */
    size_t len;
    uint64_t count, bytes;
  } cases[] = {{two, NULL, 15, 2, 1},
               {two, "packed metadata: number of pieces", 15, 1, 8},
               {"aaaa\0\0\0", NULL, 7, 1, 0},
               {"aaaa\7\0\0bbbb\0\0\0", "packed metadata: number of pieces", 14, 2, 0},
               {"aaaa\7\0\0bbbb\0\0\0", NULL, 14, 1, 7},
               {two, "packed metadata: size", 15, 0, 0},
               {two, "packed metadata", 15, 0, 14},
               {two, "packed metadata", 15, 2, 0},
               {two, "packed metadata", 15, 3, 1},
               {two, "packed metadata: size", 15, IDF_PACK_MAX, 1},
               {two, "packed metadata: size", 15, UINT64_MAX, 1},
               {two, "packed metadata: size", 15, 2, IDF_PACK_MAX},
               {two, "packed metadata: size", 15, 2, UINT64_MAX},
               {"t?Xt\1\0\0x", "metadata record 0: type", 8, 1, 1},
               {"tEXt\1\0\0xzT\0t\0\0\0", "metadata record 1: type", 15, 2, 1}};
  idf_mem mem;
  idf_buf buf;
  char detail[160];
  idf_mem_init(&mem, UINT64_MAX);
  idf_buf_init(&buf, &mem);
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    idf_buf_clear(&buf);
    put_packed(&buf, cases[i].plain, cases[i].len, cases[i].count, cases[i].bytes);
    CU_ASSERT_EQUAL(read_packed(buf.data, buf.len, detail),
                    !cases[i].why ? IDF_OK : IDF_ERR_CORRUPT);
    if (strcmp(detail, !cases[i].why ? "" : cases[i].why) != 0)
      printf("# case %zu: \"%s\"\n", i, detail);
    CU_ASSERT_STRING_EQUAL(detail, !cases[i].why ? "" : cases[i].why);
  }
  idf_buf_clear(&buf);
  put_packed(&buf, two, 15, 2, 1);
  for (size_t len = 0; len < buf.len; len++)
    CU_ASSERT_EQUAL(read_packed(buf.data, len, detail), IDF_ERR_CORRUPT);
  idf_put_le32(&buf, 0);
  CU_ASSERT_EQUAL(read_packed(buf.data, buf.len, detail), IDF_ERR_CORRUPT);
  while (buf.len <= IDF_PACK_MAX)
    idf_put_bytes(&buf, cases, sizeof cases);
  CU_ASSERT_EQUAL(read_packed(buf.data, IDF_PACK_MAX + 1, detail), IDF_ERR_CORRUPT);
  CU_ASSERT_STRING_EQUAL(detail, "packed metadata: length");
  idf_buf_free(&buf);
  CU_ASSERT_EQUAL(mem.used, 0);
}

static void unknown_models_are_named(void)
{
  idf_mem mem;
  idf_buf buf;
  idf_decoder *d = NULL;
  idf_info info;
  uint8_t row[4];
  idf_header h = {.width = 3,
                  .height = 1,
                  .layout = IDF_GRAY,
                  .depth = 8,
                  .tile_log2 = 6,
                  .tier = 5,
                  .model_id = {0xde, 0xad, 0, 1, 2, 3, 4, 0xef}};
  static const uint8_t flow[] = {IDF_TILE_FLOW, 0, 0};
  idf_mem_init(&mem, UINT64_MAX);
  idf_buf_init(&buf, &mem);
  idf_write_header(IDF_SIMD_AUTO, &buf, &h);
  idf_write_record(IDF_SIMD_AUTO, &buf, 'T', flow, 3);
  for (int keep_going = 0; keep_going < 2; keep_going++) {
    picture_source source = {buf.data, buf.len, 0};
    CU_ASSERT_EQUAL_FATAL(idf_decoder_new(NULL, picture_read, &source, &d), IDF_OK);
    idf_decoder_keep_going(d, keep_going);
    CU_ASSERT_EQUAL(idf_decoder_info(d, &info), IDF_OK); /* looking needs no model */
    CU_ASSERT_EQUAL(idf_decoder_rows(d, row, 1), IDF_ERR_UNSUPPORTED);
    CU_ASSERT_PTR_NOT_NULL(strstr(idf_decoder_detail(d), "dead0001020304ef"));
    idf_decoder_free(d);
  }
  idf_buf_clear(&buf);
  idf_write_header(IDF_SIMD_AUTO, &buf, &h);
  idf_write_record(IDF_SIMD_AUTO, &buf, 'T', flow, 2);
  picture_source source = {buf.data, buf.len, 0};
  CU_ASSERT_EQUAL_FATAL(idf_decoder_new(NULL, picture_read, &source, &d), IDF_OK);
  CU_ASSERT_EQUAL(idf_decoder_rows(d, row, 1), IDF_ERR_CORRUPT); /* no colour layer */
  idf_decoder_free(d);
  idf_buf_free(&buf);
}

static void wrong_calls_are_refused(void)
{
  small_file f;
  idf_decoder *d = NULL;
  uint8_t rows[140 * 12];
  open_small(&f);
  picture_source source = {f.file.data, f.file.len, 0};
  CU_ASSERT_EQUAL(idf_decoder_new(NULL, NULL, &source, &d), IDF_ERR_ARGUMENT);
  CU_ASSERT_EQUAL(idf_decoder_new(NULL, picture_read, &source, NULL), IDF_ERR_ARGUMENT);
  CU_ASSERT_EQUAL_FATAL(idf_decoder_new(NULL, picture_read, &source, &d), IDF_OK);
  CU_ASSERT_EQUAL(idf_decoder_rows(d, rows, 12), IDF_ERR_ARGUMENT);
  CU_ASSERT_EQUAL(idf_decoder_rows(d, NULL, 1), IDF_ERR_ARGUMENT);
  CU_ASSERT_EQUAL(idf_decoder_rows(d, NULL, 0), IDF_OK);
  CU_ASSERT_EQUAL(idf_decoder_rows(d, rows, 11), IDF_OK); /* none of these spoils it */
  CU_ASSERT_EQUAL(idf_decoder_rows(d, rows, 1), IDF_ERR_ARGUMENT);
  CU_ASSERT_EQUAL(idf_decoder_finish(d), IDF_OK);
  idf_decoder_free(d);
  CU_ASSERT_EQUAL(idf_decoder_info(NULL, NULL), IDF_ERR_ARGUMENT);
  CU_ASSERT_EQUAL(idf_decoder_rows(NULL, rows, 1), IDF_ERR_ARGUMENT);
  CU_ASSERT_EQUAL(idf_decoder_finish(NULL), IDF_ERR_ARGUMENT);
  idf_decoder_free(NULL);
  close_small(&f);
}

int idf_suite_decoder(void)
{
  static const idf_unit_test tests[] = {
      {"every picture comes back", every_picture_comes_back},
      {"a small file is what it should be", the_small_file_is_what_it_should},
      {"every cut is an error", every_cut_is_an_error},
      {"every flip is an error", every_flip_is_an_error},
      {"skipping sees damage", skipping_sees_damage},
      {"every allocation may fail", every_allocation_may_fail},
      {"limits hold", limits_hold},
      {"huge claims cost nothing", huge_claims_cost_nothing},
      {"records keep their order and their values", records_keep_their_order},
      {"packed metadata come back", packed_metadata_come_back},
      {"wrong packed metadata are refused", wrong_packed_metadata_are_refused},
      {"unknown models are named", unknown_models_are_named},
      {"wrong calls are refused", wrong_calls_are_refused},
      {NULL, NULL}};
  return idf_unit_suite("decoder", tests);
}
