/* SPDX-License-Identifier: BSD-3-Clause
 *
 * fuzz_decode.c: the decoder on any bytes. The surprise: checksums would stop nearly
 * every mutation at the door, so a bit of the first byte asks to repair them first;
 * the coders behind are then reached.
 *
 * Input: u8 options, then the file. Options: 1 repair, 2 keep going, 4 measure,
 * 8 stop after half the rows, 16 small pieces.
 */
#include "fuzz.h"

#include <string.h>

#include "crc32c.h"
#include "picture.h"

const char *const idf_fuzz_name = "fuzz_decode";
const unsigned idf_fuzz_seeds = 14, idf_fuzz_runs = 2500;

#define MAX_PIXELS 8192
#define MAX_MEMORY ((uint64_t)64 << 20)

static void put_crc(uint8_t *to, uint32_t crc)
{
  for (unsigned i = 0; i < 4; i++)
    to[i] = (uint8_t)(crc >> (8 * i));
}

/* Rights every checksum that can be found from the front. */
static void repair(uint8_t *data, size_t size)
{
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

/* Behind the byte of options. */
static void repair_input(uint8_t *data, size_t size)
{
  if (size > 1)
    repair(data + 1, size - 1);
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

static void decode(const uint8_t *data, size_t size, unsigned options)
{
  idf_decoder *d = NULL;
  idf_limits limits = {.max_pixels = MAX_PIXELS, .max_memory = MAX_MEMORY, .max_metadata = 4096};
  idf_info info;
  idf_mem mem;
  picture_source source = {data, size, options & 16 ? 7 : 0};
  double map_bits = 0;

  idf_mem_init(&mem, UINT64_MAX);
  FUZZ_HOLDS(idf_decoder_new(&limits, picture_read, &source, &d) == IDF_OK);
  idf_decoder_keep_going(d, (options & 2) != 0);
  if (options & 4)
    idf_decoder_measure(d, count_map, &map_bits);
  idf_status status = idf_decoder_info(d, &info);
  if (status == IDF_OK) {
    uint32_t rows = options & 8 ? info.height / 2 : info.height;
    FUZZ_HOLDS((uint64_t)info.width * info.height <= MAX_PIXELS);
    uint8_t *raw = idf_alloc(&mem, rows, idf_row_bytes(&info));
    FUZZ_HOLDS(raw != NULL);
    status = idf_decoder_rows(d, raw, rows);
    if (status == IDF_OK)
      check_samples(&info, raw, rows);
    if (status == IDF_OK)
      status = idf_decoder_finish(d);
    idf_free(&mem, raw);
  }
  idf_anatomy a;
  idf_decoder_anatomy(d, &a);
  FUZZ_HOLDS(status != IDF_ERR_MEMORY && status != IDF_ERR_IO && status != IDF_ERR_ARGUMENT);
  FUZZ_HOLDS(status == IDF_OK || idf_decoder_detail(d)[0] != '\0');
  FUZZ_HOLDS(status != IDF_OK || a.tiles_lost != 0 || a.file_bytes == size);
  FUZZ_HOLDS(status != IDF_OK || a.tiles_lost == 0 || options & 2);
  FUZZ_HOLDS(a.model_bits >= 0 && map_bits >= 0);
  FUZZ_HOLDS(idf_object_mem(d)->peak <= MAX_MEMORY);
  /* An error stays. */
  if (status != IDF_OK)
    FUZZ_HOLDS(idf_decoder_finish(d) == status);
  for (size_t i = 0;; i++) {
    char type[5];
    const uint8_t *bytes;
    size_t len;
    if (idf_decoder_metadata(d, i, type, &bytes, &len, NULL) != IDF_OK)
      break;
    FUZZ_HOLDS(bytes != NULL && len <= 4096 && strlen(type) == 4);
  }
  idf_decoder_free(d);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  if (size < 1)
    return 0;
  uint8_t *copy = malloc(size);
  if (!copy)
    return 0;
  memcpy(copy, data, size);
  if (data[0] & 1)
    repair(copy + 1, size - 1);
  decode(copy + 1, size - 1, data[0]);
  free(copy);
  return 0;
}

/* Half of the seeds ask for repair; pictures of all layouts, with and without an
 * index, and metadata on both sides; by networks and by linear predictors. */
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
  idf_put_u8(buf, i < 7 ? 1 : 2 * i);
  if (!raw || idf_encoder_new(&settings, &info, picture_write, buf, &e) != IDF_OK
      || idf_encoder_metadata(e, "gAMA", "\0\1\2\3", 4) != IDF_OK
      || idf_encoder_rows(e, raw, info.height) != IDF_OK
      || idf_encoder_metadata(e, "tEXt", "a\0b", 3) != IDF_OK || idf_encoder_finish(e) != IDF_OK)
    buf->bad = true;
  idf_encoder_free(e);
  idf_free(buf->mem, raw);
}
