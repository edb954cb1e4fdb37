/* SPDX-License-Identifier: BSD-3-Clause
 *
 * fuzz_jpeg_file.c: any bytes as a JPEG file: refused, or taken apart and put together again,
 * byte for byte; and any bytes as a side stream, with coefficients that fit it or not.
 *
 * Input: u8 options, then the bytes. Options bit 0: a side stream; the others choose the rows of
 * a band, or the coefficients.
 */
#include "fuzz.h"

#include <string.h>

#include "jpegkit.h"

const char *const idf_fuzz_name = "fuzz_jpeg_file";
const unsigned idf_fuzz_seeds = 2 * JPEGKIT_KINDS, idf_fuzz_runs = 12000;
void (*const idf_fuzz_repair)(uint8_t *data, size_t size) = NULL;

#define MAX_PIXELS ((uint64_t)1 << 20)

static void try_side(idf_mem *mem, const uint8_t *side, size_t size, unsigned options)
{
  idf_jpeg j;
  idf_jpeg_writer *w = NULL;
  idf_jpeg_band band;
  idf_buf out;
  idf_unit_random r = idf_unit_random_of(options);
  if (idf_jpeg_side_get(&j, mem, side, size, MAX_PIXELS) != IDF_JPEG_OK)
    return;
  idf_buf_init(&out, mem);
  FUZZ_HOLDS((uint64_t)j.width * j.height <= MAX_PIXELS && j.scans >= 1);
  FUZZ_HOLDS(idf_jpeg_band_init(&band, &j, mem, 1));
  for (unsigned c = 0; c < j.components; c++)
    for (unsigned k = 0; k < 64; k += 1 + idf_unit_below(&r, 8))
      band.coefs[c][k] = (int16_t)((int32_t)idf_unit_next(&r) >> (31 - options / 2 % 16));
  idf_jpeg_why why = idf_jpeg_write_new(&j, mem, &w);
  for (uint32_t y = 0; y < j.mcus_h && why == IDF_JPEG_OK; y++)
    why = idf_jpeg_write(w, &band);
  if (why == IDF_JPEG_OK)
    why = idf_jpeg_write_end(w);
  if (why == IDF_JPEG_OK && idf_jpeg_emit(&j, w, jpegkit_keep, &out) == IDF_OK)
    FUZZ_HOLDS(out.len == j.file_len);
  idf_jpeg_write_free(w);
  idf_jpeg_band_free(&band, mem);
  idf_jpeg_free(&j);
  idf_buf_free(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  if (size < 2)
    return 0;
  idf_mem mem;
  idf_mem_init(&mem, (uint64_t)64 << 20);
  if (data[0] & 1)
    try_side(&mem, data + 1, size - 1, data[0]);
  else
    FUZZ_HOLDS(jpegkit_round_trip(data + 1, size - 1, 1u + data[0] / 2) != IDF_JPEG_SIDE);
  FUZZ_HOLDS(mem.used == 0);
  return 0;
}

/* Each kind as a file, and as the side stream of one. */
void idf_fuzz_seed(unsigned i, idf_buf *buf)
{
  idf_mem mem;
  idf_buf file;
  jpegkit_taken taken;
  idf_mem_init(&mem, UINT64_MAX);
  idf_buf_init(&file, &mem);
  jpegkit_make(&file, &jpegkit_kinds[i / 2], 20 + i, 50 - i, i);
  idf_put_u8(buf, i);
  if (i & 1) {
    if (jpegkit_take(&mem, file.data, file.len, 1, &taken) != IDF_JPEG_OK)
      buf->bad = true;
    idf_put_bytes(buf, taken.side.data, taken.side.len);
    jpegkit_taken_free(&mem, &taken);
  } else {
    idf_put_bytes(buf, file.data, file.len);
  }
  idf_buf_free(&file);
}
