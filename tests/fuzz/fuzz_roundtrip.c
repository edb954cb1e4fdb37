/* SPDX-License-Identifier: BSD-3-Clause
 *
 * fuzz_roundtrip.c: any picture, encoded twice in different portions of rows, gives
 * the same bytes both times, and those give the picture back.
 *
 * Input: u8 layout, u8 depth, u8 width, u8 height, u8 portions, then samples, repeated
 * as often as the picture needs.
 */
#include "fuzz.h"

#include <string.h>

#include "picture.h"

const char *const idf_fuzz_name = "fuzz_roundtrip";
const unsigned idf_fuzz_seeds = 10, idf_fuzz_runs = 60;
void (*const idf_fuzz_repair)(uint8_t *data, size_t size) = NULL;

#define HEAD 5

/* Samples from the input: position i takes byte i, modulo what there is, and for deep
 * samples also the byte after it. */
static uint8_t *make_raw(idf_mem *mem, const idf_info *info, const uint8_t *data, size_t size)
{
  size_t count = (size_t)info->width * info->height * idf_channels(info->layout);
  unsigned bytes = idf_sample_bytes(info);
  uint8_t *raw = idf_alloc(mem, count, bytes);
  for (size_t i = 0; raw && size && i < count; i++) {
    uint16_t v = (uint16_t)(data[i % size] | (unsigned)data[(i + 1) % size] << 8);
    v = (uint16_t)(v & ((1u << info->depth) - 1));
    if (bytes == 2)
      memcpy(raw + 2 * i, &v, 2);
    else
      raw[i] = (uint8_t)v;
  }
  return raw;
}

static void encode(const idf_info *info, const uint8_t *raw, uint32_t portion, idf_buf *out)
{
  idf_encoder *e = NULL;
  idf_settings settings;
  idf_settings_init(&settings);
  settings.tile_log2 = 6;
  FUZZ_HOLDS(idf_encoder_new(&settings, info, picture_write, out, &e) == IDF_OK);
  for (uint32_t y = 0; y < info->height; y += portion)
    FUZZ_HOLDS(
        idf_encoder_rows(e, raw + y * idf_row_bytes(info), IDF_MIN(portion, info->height - y))
        == IDF_OK);
  FUZZ_HOLDS(idf_encoder_finish(e) == IDF_OK);
  idf_encoder_free(e);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  idf_mem mem;
  idf_buf files[2];
  void *back = NULL;
  idf_info found;

  if (size < HEAD)
    return 0;
  idf_layout layout = (idf_layout)(data[0] % 5);
  idf_info info = picture_info(1u + data[2] % 80u, 1u + data[3] % 80u, layout,
                               1u + data[1] % (layout == IDF_PALETTE ? 8u : 16u));
  idf_mem_init(&mem, UINT64_MAX);
  uint8_t *raw = make_raw(&mem, &info, data + HEAD, size - HEAD);
  FUZZ_HOLDS(raw != NULL);
  for (int i = 0; i < 2; i++) {
    idf_buf_init(&files[i], &mem);
    encode(&info, raw, i ? 1u + data[4] % 80u : info.height, &files[i]);
  }
  FUZZ_HOLDS(files[0].len == files[1].len);
  FUZZ_HOLDS(memcmp(files[0].data, files[1].data, files[0].len) == 0);
  FUZZ_HOLDS(idf_decode(files[0].data, files[0].len, &found, &back) == IDF_OK);
  FUZZ_HOLDS(memcmp(&info, &found, sizeof info) == 0);
  FUZZ_HOLDS(memcmp(raw, back, idf_row_bytes(&info) * info.height) == 0);
  /* Header, index and end of at most four tiles; what is stored is as long as raw. */
  size_t samples = (size_t)info.width * info.height * idf_channels(layout);
  FUZZ_HOLDS(files[0].len <= (samples * info.depth + 7) / 8 + 160);
  idf_release(back);
  for (int i = 0; i < 2; i++)
    idf_buf_free(&files[i]);
  idf_free(&mem, raw);
  FUZZ_HOLDS(mem.used == 0);
  return 0;
}

void idf_fuzz_seed(unsigned i, idf_buf *buf)
{
  idf_unit_random r = idf_unit_random_of(i);
  idf_put_u8(buf, i % 5);
  idf_put_u8(buf, i < 5 ? 7 : idf_unit_below(&r, 16));
  idf_put_u8(buf, idf_unit_below(&r, 70));
  idf_put_u8(buf, idf_unit_below(&r, 70));
  idf_put_u8(buf, idf_unit_below(&r, 80));
  size_t len = 1 + idf_unit_below(&r, 3000);
  for (size_t k = 0; k < len; k++) /* from flat to noisy */
    idf_put_u8(buf, (uint32_t)(k / 3 + idf_unit_below(&r, 1u << i % 8)) & 0xff);
}
