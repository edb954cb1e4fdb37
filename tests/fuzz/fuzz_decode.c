/* SPDX-License-Identifier: BSD-3-Clause
 *
 * fuzz_decode.c: the decoder on any bytes. The surprise: checksums would stop nearly every mutation
 * at the door, so a bit of the first byte asks to repair them first; the coders behind are then
 * reached.
 *
 * Input: u8 options, u8 limits, then the file. Options: 1 repair, 2 keep going, 4 measure, 8 stop
 * after half the rows, 16 small pieces, 32 also by two threads, which has to end in the same way,
 * 64 also pushed, which has to end in the same way, 128 also a part of it as RGBA, and what the
 * metadata say. Limits: two bits each of pixels, memory and metadata, 0 the widest.
 */
#include "fuzz.h"

#include <string.h>

#include "brief.h"
#include "crc32c.h"
#include "picture.h"

const char *const idf_fuzz_name = "fuzz_decode";
const unsigned idf_fuzz_seeds = 14, idf_fuzz_runs = 2500;

enum {
  REPAIR = 1,
  KEEP_GOING = 2,
  MEASURE = 4,
  HALF = 8,
  PIECES = 16,
  THREADS = 32,
  PUSH = 64,
  PART = 128
};

#define HEAD 2 /* bytes before the file */

/* How decoding ended. The rows are the caller's. */
typedef struct outcome {
  idf_status status;
  bool tight; /* memory may have decided */
  uint32_t lost;
  size_t size;
  uint8_t *rows;
} outcome;

static void put_crc(uint8_t *to, uint32_t crc)
{
  for (unsigned i = 0; i < 4; i++)
    to[i] = (uint8_t)(crc >> (8 * i));
}

/* Rights every checksum that can be found from the front. */
static void repair(uint8_t *data, size_t size)
{
  idf_brief brief;
  if (idf_is_brief(data, size) && idf_brief_head(data, size, &brief) == IDF_OK) {
    const size_t end = brief.head + brief.size;
    if (end + 4 <= size)
      put_crc(data + end, idf_crc32c(IDF_SIMD_AUTO, 0, data, end));
    return;
  }
  /* The header's length depends on two varints behind the first 11 bytes. */
  size_t at = IDF_MAGIC_SIZE + 3;
  for (int i = 0; i < 2; i++) {
    while (at < size && data[at] >= 0x80)
      at++;
    at++;
  }
  at += 10;
  if (size < at + 4)
    return;
  put_crc(data + at, idf_crc32c(IDF_SIMD_AUTO, 0, data, at));
  at += 4;
  idf_record rec;
  for (; idf_peek_record(data + at, size - at, &rec) == IDF_OK && rec.size <= size - at;
       at += rec.size)
    put_crc(data + at + rec.size - 4, idf_crc32c(IDF_SIMD_AUTO, 0, data + at, rec.size - 4));
}

/* Behind the bytes of options. */
static void repair_input(uint8_t *data, size_t size)
{
  if (size > HEAD)
    repair(data + HEAD, size - HEAD);
}

void (*const idf_fuzz_repair)(uint8_t *data, size_t size) = repair_input;

static void count_map(void *context, const idf_tile_info *tile, const float *bits)
{
  double *sum = context;
  for (size_t i = 0; i < (size_t)tile->width * tile->height; i++)
    *sum += (double)bits[i];
}

/* What was decoded must be samples of the depth the header says. */
static void check_samples(const idf_info *info, const uint8_t *raw, uint32_t rows)
{
  size_t count = idf_row_bytes(info) * rows;
  unsigned bytes = idf_sample_bytes(info);
  for (size_t i = 0; i < count; i += bytes) {
    uint16_t v = raw[i];
    if (bytes == 2)
      memcpy(&v, raw + i, 2);
    FUZZ_HOLDS(v >> info->depth == 0);
  }
}

static idf_limits limits_of(unsigned wanted)
{
  static const uint64_t pixels[] = {8192, 1024, 64, 1};
  static const uint64_t memory[] = {(uint64_t)64 << 20, (uint64_t)1 << 20, (uint64_t)1 << 16, 1};
  static const uint64_t metadata[] = {4096, 64, 8, 0};
  return (idf_limits){.max_pixels = pixels[wanted & 3],
                      .max_memory = memory[wanted >> 2 & 3],
                      .max_metadata = metadata[wanted >> 4 & 3]};
}

static void check_metadata(idf_decoder *d, uint64_t max)
{
  uint64_t sum = 0;
  for (size_t i = 0;; i++) {
    char type[5];
    const uint8_t *bytes;
    size_t len;
    if (idf_decoder_metadata(d, i, type, &bytes, &len, NULL) != IDF_OK)
      break;
    FUZZ_HOLDS(bytes != NULL && strlen(type) == 4);
    sum += len;
  }
  FUZZ_HOLDS(sum <= max);
}

static idf_status take_rows(idf_decoder *d, idf_mem *mem, const idf_info *info, unsigned options,
                            outcome *o)
{
  uint32_t rows = options & HALF ? info->height / 2 : info->height;
  o->size = rows * idf_row_bytes(info);
  o->rows = idf_alloc(mem, rows, idf_row_bytes(info));
  FUZZ_HOLDS(o->rows != NULL);
  memset(o->rows, 0, o->size);
  idf_status status = idf_decoder_rows(d, o->rows, rows);
  if (status == IDF_OK)
    check_samples(info, o->rows, rows);
  return status == IDF_OK ? idf_decoder_finish(d) : status;
}

static outcome decode(idf_mem *mem, const uint8_t *data, size_t size, unsigned options,
                      const idf_limits *limits, unsigned threads)
{
  idf_decoder *d = NULL;
  idf_info info;
  outcome o = {.tight = limits->max_memory <= 1 << 20};
  picture_source source = {data, size, options & PIECES ? 7 : 0};
  double map_bits = 0;

  o.status = idf_decoder_new(limits, picture_read, &source, &d);
  FUZZ_HOLDS(o.status == IDF_OK || (o.status == IDF_ERR_LIMIT && o.tight));
  if (!d)
    return o;
  idf_decoder_keep_going(d, (options & KEEP_GOING) != 0);
  idf_decoder_threads(d, threads);
  if (options & MEASURE)
    idf_decoder_measure(d, count_map, &map_bits);
  idf_status status = idf_decoder_info(d, &info);
  if (status == IDF_OK) {
    FUZZ_HOLDS((uint64_t)info.width * info.height <= limits->max_pixels);
    status = take_rows(d, mem, &info, options, &o);
  }
  idf_anatomy a;
  idf_decoder_anatomy(d, &a);
  FUZZ_HOLDS(status != IDF_ERR_MEMORY && status != IDF_ERR_IO && status != IDF_ERR_ARGUMENT);
  FUZZ_HOLDS(status == IDF_OK || idf_decoder_detail(d)[0] != '\0');
  FUZZ_HOLDS(status != IDF_OK || a.tiles_lost != 0 || a.file_bytes == size);
  FUZZ_HOLDS(status != IDF_OK || a.tiles_lost == 0 || options & KEEP_GOING);
  FUZZ_HOLDS(a.model_bits >= 0 && map_bits >= 0);
  FUZZ_HOLDS(idf_object_mem(d)->peak <= limits->max_memory);
  /* An error stays. */
  if (status != IDF_OK)
    FUZZ_HOLDS(idf_decoder_finish(d) == status);
  check_metadata(d, limits->max_metadata);
  idf_decoder_free(d);
  o.status = status;
  o.lost = (uint32_t)a.tiles_lost;
  return o;
}

/* ---- other calls ---------------------------------------------------------------------------- */

/* Pushes the next bytes, or the end; false after that. */
static bool push_more(idf_decoder *d, picture_source *rest)
{
  const size_t n = IDF_MIN(rest->len, rest->piece);
  if (n == 0)
    return idf_decoder_push_end(d) == IDF_OK;
  FUZZ_HOLDS(idf_decoder_push(d, rest->data, n) == IDF_OK);
  rest->data += n;
  rest->len -= n;
  return true;
}

/* The file, pushed in pieces, ends as it does when it is read. */
static void decode_pushed(idf_mem *mem, const uint8_t *data, size_t size, unsigned options,
                          const outcome *read)
{
  const idf_limits limits = limits_of(0);
  picture_source rest = {data, size, options & PIECES ? 7 : 1000};
  idf_decoder *d;
  idf_info info;
  idf_status status;
  uint8_t *rows = NULL;
  uint32_t count = 0;
  FUZZ_HOLDS(idf_decoder_new_push(&limits, &d) == IDF_OK);
  idf_decoder_keep_going(d, (options & KEEP_GOING) != 0);
  while ((status = idf_decoder_info(d, &info)) == IDF_NEED_INPUT)
    FUZZ_HOLDS(push_more(d, &rest));
  if (status == IDF_OK) {
    count = options & HALF ? info.height / 2 : info.height;
    rows = idf_alloc(mem, count, idf_row_bytes(&info));
    FUZZ_HOLDS(rows != NULL);
    while ((status = idf_decoder_rows(d, rows, count)) == IDF_NEED_INPUT)
      FUZZ_HOLDS(push_more(d, &rest));
  }
  while (status == IDF_OK && (status = idf_decoder_finish(d)) == IDF_NEED_INPUT) {
    FUZZ_HOLDS(push_more(d, &rest));
    status = IDF_OK;
  }
  FUZZ_HOLDS(status == read->status);
  if (status == IDF_OK)
    FUZZ_HOLDS(read->size == 0 || memcmp(rows, read->rows, read->size) == 0);
  idf_decoder_free(d);
  idf_free(mem, rows);
}

static void ask_metadata(idf_decoder *d)
{
  const uint8_t *bytes;
  const char *key, *value;
  size_t size, i = 0;
  uint32_t x, y;
  FUZZ_HOLDS((idf_decoder_icc(d, &bytes, &size) == IDF_OK) == (bytes != NULL));
  FUZZ_HOLDS((idf_decoder_exif(d, &bytes, &size) == IDF_OK) == (bytes != NULL));
  const unsigned orientation = idf_decoder_orientation(d);
  FUZZ_HOLDS(orientation >= 1 && orientation <= 8);
  if (idf_decoder_resolution(d, &x, &y) == IDF_OK)
    FUZZ_HOLDS(x > 0 && y > 0);
  for (; idf_decoder_text(d, i, &key, &value) != IDF_ERR_ARGUMENT; i++)
    if (key)
      FUZZ_HOLDS(strlen(key) > 0 && strlen(value) <= 4096 * 2);
}

/* A part, which the bytes choose. Where the whole picture has no error, the part has none; but
 * indices may have no palette. */
static void decode_part(const uint8_t *data, size_t size, unsigned options,
                        const idf_limits *limits, const outcome *whole)
{
  idf_unit_random r = idf_unit_random_of(size + data[size / 2] * (uint64_t)1000);
  static uint16_t row[4 * 8192];
  idf_decoder *d;
  idf_info info, out;
  idf_status status = idf_decoder_new_memory(limits, data, size, &d);
  if (!d)
    return;
  idf_decoder_keep_going(d, (options & KEEP_GOING) != 0);
  if (status == IDF_OK && (status = idf_decoder_info(d, &info)) == IDF_OK) {
    const uint32_t x = idf_unit_below(&r, info.width), y = idf_unit_below(&r, info.height);
    ask_metadata(d);
    FUZZ_HOLDS(idf_decoder_region(d, x, y, 1 + idf_unit_below(&r, info.width - x),
                                  1 + idf_unit_below(&r, info.height - y))
               == IDF_OK);
    FUZZ_HOLDS(idf_decoder_scale(d, idf_unit_below(&r, 4)) == IDF_OK);
    FUZZ_HOLDS(idf_decoder_output(d, &out) == IDF_OK && out.width <= 8192);
    for (uint32_t i = 0; i < out.height && status == IDF_OK; i++)
      status = idf_decoder_rgba16(d, row, 1);
    if (status == IDF_OK)
      status = idf_decoder_finish(d);
    FUZZ_HOLDS(whole->status != IDF_OK || whole->tight || options & (HALF | KEEP_GOING)
               || status == IDF_OK || info.layout == IDF_PALETTE);
  }
  FUZZ_HOLDS(status != IDF_ERR_MEMORY && status != IDF_ERR_IO && status != IDF_ERR_ARGUMENT
             && status != IDF_NEED_INPUT);
  FUZZ_HOLDS(idf_object_mem(d)->peak <= limits->max_memory);
  idf_decoder_free(d);
}

/* By one thread and, if the options say so, by two. The picture is the same; so are the status
 * and the number of lost tiles, where memory was not scarce. */
static void decode_all(const uint8_t *data, size_t size, unsigned options, unsigned wanted)
{
  const idf_limits limits = limits_of(wanted);
  idf_mem mem;
  idf_mem_init(&mem, UINT64_MAX);
  outcome one = decode(&mem, data, size, options, &limits, 1);
  if (options & THREADS) {
    outcome two = decode(&mem, data, size, options, &limits, 2);
    FUZZ_HOLDS(one.tight || (one.status == two.status && one.lost == two.lost));
    FUZZ_HOLDS(one.size == two.size || one.tight);
    if (one.status == IDF_OK && two.status == IDF_OK)
      FUZZ_HOLDS(one.size == 0 || memcmp(one.rows, two.rows, one.size) == 0);
    idf_free(&mem, two.rows);
  }
  if (options & PUSH && (wanted & 63) == 0)
    decode_pushed(&mem, data, size, options, &one);
  if (options & PART && size > 0)
    decode_part(data, size, options, &limits, &one);
  idf_free(&mem, one.rows);
  FUZZ_HOLDS(mem.used == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  if (size < HEAD)
    return 0;
  uint8_t *copy = malloc(size);
  if (!copy)
    return 0;
  memcpy(copy, data, size);
  if (data[0] & REPAIR)
    repair(copy + HEAD, size - HEAD);
  decode_all(copy + HEAD, size - HEAD, data[0], data[1]);
  free(copy);
  return 0;
}

/* Half of the seeds ask for repair, half are of records; pictures of all layouts, with and
 * without an index, and metadata on both sides; by networks and by linear predictors. */
void idf_fuzz_seed(unsigned i, idf_buf *buf)
{
  static const idf_layout layouts[] = {IDF_GRAY, IDF_RGB, IDF_RGBA,      IDF_PALETTE,
                                       IDF_GRAY, IDF_RGB, IDF_GRAY_ALPHA};
  static const uint32_t depths[] = {8, 8, 8, 4, 16, 10, 1};
  static const uint32_t widths[] = {70, 20, 9, 40, 30, 65, 33};
  unsigned k = i % 7;
  idf_info info = picture_info(widths[k], 14, layouts[k], depths[k]);
  idf_settings settings;
  idf_encoder *e = NULL;
  uint8_t *raw = picture_make(buf->mem, &info, i % 3 == 2 ? PICTURE_FLAT : PICTURE_SMOOTH, i);
  idf_settings_init(&settings);
  settings.tile_log2 = 6;
  settings.effort = (i + i / 7) % 2 ? 1 : 5;
  idf_put_u8(buf, (i < 7 ? REPAIR : 2 * i) | (i % 2 ? THREADS : PUSH) | (i % 3 ? PART : 0));
  idf_put_u8(buf, i == 5 ? 4 : 0);
  if (!raw || idf_encoder_new(&settings, &info, picture_write, buf, &e) != IDF_OK) {
    buf->bad = true;
    idf_free(buf->mem, raw);
    return;
  }
  if (i >= 7)
    idf_encoder_records(e);
  if (idf_encoder_metadata(e, "gAMA", "\0\1\2\3", 4) != IDF_OK
      || idf_encoder_rows(e, raw, info.height) != IDF_OK
      || idf_encoder_metadata(e, "tEXt", "a\0b", 3) != IDF_OK || idf_encoder_finish(e) != IDF_OK)
    buf->bad = true;
  idf_encoder_free(e);
  idf_free(buf->mem, raw);
}
