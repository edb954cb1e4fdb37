/* SPDX-License-Identifier: BSD-3-Clause
 *
 * fuzz_container.c: headers, records, varints and rANS streams of any bytes. What is
 * accepted must be what our own writer would have written: one form for each meaning.
 */
#include "fuzz.h"

#include <string.h>

#include "container.h"
#include "rans.h"

const char *const idf_fuzz_name = "fuzz_container";
const unsigned idf_fuzz_seeds = 6, idf_fuzz_runs = 200000;
void (*const idf_fuzz_repair)(uint8_t *data, size_t size) = NULL;

static void try_header(idf_mem *mem, const uint8_t *data, size_t size)
{
  idf_header h;
  size_t used = 0;
  idf_buf again;
  if (idf_read_header(IDF_SIMD_AUTO, data, size, &h, &used) != IDF_OK)
    return;
  FUZZ_HOLDS(used <= size && used <= IDF_MAX_HEADER);
  FUZZ_HOLDS(idf_tiles_across(&h) >= 1 && idf_tiles_down(&h) >= 1);
  idf_buf_init(&again, mem);
  idf_write_header(IDF_SIMD_AUTO, &again, &h);
  FUZZ_HOLDS(again.len == used && memcmp(again.data, data, used) == 0);
  idf_buf_free(&again);
}

static void try_records(idf_mem *mem, const uint8_t *data, size_t size)
{
  for (size_t at = 0; at < size;) {
    idf_record rec;
    idf_status status = idf_peek_record(data + at, size - at, &rec);
    if (status != IDF_OK) {
      FUZZ_HOLDS(status == IDF_ERR_TRUNCATED || status == IDF_ERR_CORRUPT);
      return;
    }
    FUZZ_HOLDS(rec.len <= IDF_MAX_RECORD && rec.size > rec.len && rec.payload > data + at);
    status = idf_read_record(IDF_SIMD_AUTO, data + at, size - at, &rec);
    FUZZ_HOLDS((status == IDF_ERR_TRUNCATED) == (rec.size > size - at));
    if (status == IDF_ERR_TRUNCATED)
      return;
    if (status == IDF_OK) {
      idf_buf again;
      idf_buf_init(&again, mem);
      idf_write_record(IDF_SIMD_AUTO, &again, rec.kind, rec.payload, rec.len);
      FUZZ_HOLDS(again.len == rec.size && memcmp(again.data, data + at, rec.size) == 0);
      idf_buf_free(&again);
    }
    at += rec.size;
  }
}

static void try_varints(idf_mem *mem, const uint8_t *data, size_t size)
{
  idf_cur cur = idf_cur_of(data, size);
  idf_buf again;
  idf_buf_init(&again, mem);
  while (idf_cur_left(&cur) > 0) {
    const uint8_t *from = cur.at;
    uint64_t v = idf_get_varint(&cur, UINT64_MAX);
    if (cur.bad)
      break;
    idf_buf_clear(&again);
    idf_put_varint(&again, v);
    FUZZ_HOLDS(again.len == (size_t)(cur.at - from) && memcmp(again.data, from, again.len) == 0);
  }
  idf_buf_free(&again);
}

/* Any stream decodes to something, inside its bounds; one that ends well is the very
 * stream its symbols make. */
static void try_rans(idf_mem *mem, const uint8_t *data, size_t size)
{
  if (size < 1)
    return;
  unsigned lanes = 1 + data[0] % IDF_RANS_LANES, bits = data[0] / 16;
  idf_rans_dec dec;
  if (idf_rans_dec_init(&dec, data + 1, size - 1, lanes) != IDF_OK)
    return;
  idf_rans_enc enc;
  idf_buf again;
  idf_buf_init(&again, mem);
  idf_rans_enc_init(&enc, mem, lanes);
  for (unsigned i = 0; i < 5000 && !dec.bad; i++) {
    uint32_t slot = idf_rans_peek(&dec, i % lanes);
    /* All intervals are 2^bits wide. */
    idf_interval in = {slot >> bits << bits, 1u << bits};
    idf_rans_take(&dec, i % lanes, in);
    idf_rans_put(&enc, i % lanes, in);
    FUZZ_HOLDS(dec.at <= dec.end && dec.state[i % lanes] >= 1);
    if (idf_rans_dec_finish(&dec) == IDF_OK)
      break;
  }
  if (idf_rans_dec_finish(&dec) == IDF_OK) {
    FUZZ_HOLDS(idf_rans_finish(&enc, &again) == IDF_OK);
    FUZZ_HOLDS(again.len == size - 1 && memcmp(again.data, data + 1, again.len) == 0);
  }
  idf_rans_enc_free(&enc);
  idf_buf_free(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  idf_mem mem;
  idf_mem_init(&mem, (uint64_t)64 << 20);
  try_header(&mem, data, size);
  try_records(&mem, data, size);
  try_varints(&mem, data, size);
  try_rans(&mem, data, size);
  FUZZ_HOLDS(mem.used == 0);
  return 0;
}

void idf_fuzz_seed(unsigned i, idf_buf *buf)
{
  static const uint8_t payload[300] = {1, 2, 3, 200, 255};
  idf_header h = {.width = 1u << (5 * i),
                  .height = 77,
                  .layout = (uint8_t)(i % 5),
                  .depth = 8,
                  .tile_log2 = 10,
                  .tier = 5,
                  .model_id = {9, 8, 7}};
  if (i < 2) {
    idf_write_header(IDF_SIMD_AUTO, buf, &h);
  } else if (i < 4) {
    for (size_t n = 0; n < 4; n++)
      idf_write_record(IDF_SIMD_AUTO, buf, (uint8_t)('I' + n), payload, n * (i == 2 ? 5 : 100));
  } else {
    idf_rans_enc enc;
    unsigned bits = i == 4 ? 3 : 12, lanes = i == 4 ? 1 : 4;
    idf_rans_enc_init(&enc, buf->mem, lanes);
    idf_put_u8(buf, bits * 16 + lanes - 1);
    for (unsigned n = 0; n < 200; n++)
      idf_rans_put(&enc, n % lanes,
                   (idf_interval){(n * 40503u & 0xffff) >> bits << bits, 1u << bits});
    if (idf_rans_finish(&enc, buf) != IDF_OK)
      buf->bad = true;
    idf_rans_enc_free(&enc);
  }
}
