/* SPDX-License-Identifier: BSD-3-Clause
 *
 * fuzz_kept.c: .idf files that hold a JPEG. The surprise: the file is put together here, with
 * right checksums, from a side stream as it is before packing and a stream of coefficients, so that
 * mutations reach both; and what decodes is encoded again.
 *
 * Input: u8 options, u16 bytes of the side stream, low byte first, the side stream, and the rest,
 * cut into the payloads of the tiles. Options: 1 keep going, 2 two threads, 4 one byte goes from
 * the first tile, 8 the header tells of another picture.
 */
#include "fuzz.h"

#include "kept_file.h"
#include "kept_record.h"
#include "keptkit.h"

const char *const idf_fuzz_name = "fuzz_kept";
const unsigned idf_fuzz_seeds = 2 * JPEGKIT_KINDS, idf_fuzz_runs = 800;
void (*const idf_fuzz_repair)(uint8_t *data, size_t size) = NULL;

enum { KEEP_GOING = 1, THREADS = 2, SHORT = 4, OTHER = 8 };

#define MAX_PIXELS ((uint64_t)1 << 16)
#define MAX_MEMORY ((uint64_t)64 << 20)

/* The picture that a side stream claims; false: it is none. */
static bool claimed(idf_mem *mem, const uint8_t *side, size_t size, idf_kept *kept)
{
  if (idf_jpeg_side_get(&kept->jpeg, mem, side, size, MAX_PIXELS) != IDF_JPEG_OK)
    return false;
  if (!idf_kept_init(kept))
    return true;
  idf_jpeg_free(&kept->jpeg);
  return false;
}

static void put_record(idf_buf *out, uint8_t kind, const idf_buf *payload)
{
  idf_write_record(IDF_SIMD_AUTO, out, kind, payload->data, payload->len);
}

/* Tiles of equal parts of the streams, and their index. */
static size_t put_tiles(idf_buf *out, const idf_kept *kept, const uint8_t *streams, size_t size)
{
  idf_buf payload, index;
  idf_buf_init(&payload, out->mem);
  idf_buf_init(&index, out->mem);
  for (uint32_t i = 0; i < kept->bands; i++) {
    const size_t from = size / kept->bands * i, before = out->len;
    idf_buf_clear(&payload);
    idf_put_tile_number(&payload, kept->bands, i);
    idf_put_bytes(&payload, streams + from, size / kept->bands);
    put_record(out, IDF_KIND_TILE, &payload);
    idf_put_varint(&index, out->len - before);
  }
  const size_t before = out->len;
  if (kept->bands > 1)
    put_record(out, IDF_KIND_INDEX, &index);
  idf_buf_free(&payload);
  idf_buf_free(&index);
  return out->len - before;
}

/* The .idf of the parts; the checksum of the coefficients is not known. */
static void put_idf(idf_buf *out, const idf_kept *kept, const idf_kept_record *record,
                    unsigned options, const uint8_t *streams, size_t size)
{
  const idf_header header = {.width = kept->info.width + (options & OTHER ? 1 : 0),
                             .height = kept->info.height,
                             .layout = (uint8_t)kept->info.layout,
                             .depth = 8,
                             .tile_log2 = IDF_KEPT_TILE_LOG2,
                             .tier = 5};
  idf_buf payload;
  idf_buf_init(&payload, out->mem);
  idf_write_header(IDF_SIMD_AUTO, out, &header);
  FUZZ_HOLDS(idf_kept_record_put(out->mem, record, &payload) == IDF_OK);
  put_record(out, IDF_KIND_JPEG, &payload);
  const size_t back = put_tiles(out, kept, streams, size);
  idf_buf_clear(&payload);
  idf_put_le32(&payload, 0);
  idf_put_le32(&payload, (uint32_t)back);
  put_record(out, IDF_KIND_END, &payload);
  idf_buf_free(&payload);
}

/* Rows, then the file: the sums do not fit, so that both end in an error, but what was lost is
 * the same for any number of threads, and no byte of the file is written. */
static void decode(const idf_buf *idf, unsigned options)
{
  keptkit_way way = {.keep_going = options & KEEP_GOING,
                     .threads = options & THREADS ? 2 : 1,
                     .fail = -1,
                     .max_memory = MAX_MEMORY};
  idf_mem mem;
  idf_buf out;
  idf_mem_init(&mem, UINT64_MAX);
  idf_buf_init(&out, &mem);
  idf_status status = keptkit_decode(idf->data, idf->len, &way, &out, NULL);
  FUZZ_HOLDS(status != IDF_ERR_ARGUMENT && status != IDF_ERR_MEMORY);
  idf_buf_clear(&out);
  way.original = true;
  status = keptkit_decode(idf->data, idf->len, &way, &out, NULL);
  FUZZ_HOLDS(status != IDF_OK && status != IDF_ERR_ARGUMENT && status != IDF_ERR_MEMORY);
  FUZZ_HOLDS(out.len == 0);
  idf_buf_free(&out);
  FUZZ_HOLDS(mem.used == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  idf_cur cur = idf_cur_of(data, size);
  idf_kept kept = {.bands = 0};
  idf_mem mem;
  idf_buf idf;
  const uint32_t options = idf_get_u8(&cur);
  idf_kept_record record = {.side_len = idf_get_le16(&cur)};
  const uint8_t *side = idf_get_bytes(&cur, record.side_len);
  if (cur.bad)
    return 0;
  idf_mem_init(&mem, MAX_MEMORY);
  idf_buf_init(&idf, &mem);
  if (claimed(&mem, side, record.side_len, &kept)) {
    const size_t len = idf_cur_left(&cur);
    record.side = idf_alloc(&mem, record.side_len, 1);
    FUZZ_HOLDS(record.side != NULL);
    memcpy(record.side, side, record.side_len);
    put_idf(&idf, &kept, &record, options, cur.at, options & SHORT && len > 0 ? len - 1 : len);
    FUZZ_HOLDS(!idf.bad);
    decode(&idf, options);
    idf_kept_record_free(&mem, &record);
    idf_jpeg_free(&kept.jpeg);
  }
  idf_buf_free(&idf);
  FUZZ_HOLDS(mem.used == 0);
  return 0;
}

/* Side stream and streams of the .idf of a JPEG. */
static void put_parts(idf_buf *buf, const idf_buf *idf, unsigned options)
{
  idf_kept_record kept = {.side = NULL};
  idf_header header;
  idf_record rec;
  size_t at;
  if (idf_read_header(IDF_SIMD_AUTO, idf->data, idf->len, &header, &at) != IDF_OK)
    buf->bad = true;
  for (; !buf->bad && at < idf->len; at += rec.size) {
    if (idf_read_record(IDF_SIMD_AUTO, idf->data + at, idf->len - at, &rec) != IDF_OK) {
      buf->bad = true;
    } else if (rec.kind == IDF_KIND_JPEG) {
      if (idf_kept_record_get(buf->mem, rec.payload, rec.len, &kept) != IDF_OK)
        buf->bad = true;
      idf_put_u8(buf, options);
      idf_put_le16(buf, (uint32_t)kept.side_len);
      idf_put_bytes(buf, kept.side, kept.side_len);
    } else if (rec.kind == IDF_KIND_TILE) {
      idf_put_bytes(buf, rec.payload, rec.len);
    }
  }
  idf_kept_record_free(buf->mem, &kept);
}

void idf_fuzz_seed(unsigned i, idf_buf *buf)
{
  idf_mem mem;
  idf_buf file, idf;
  idf_mem_init(&mem, UINT64_MAX);
  idf_buf_init(&file, &mem);
  idf_buf_init(&idf, &mem);
  jpegkit_make(&file, &jpegkit_kinds[i / 2], 8 + i, i % 2 ? 1000 : 50 - i, i);
  if (keptkit_encode(file.data, file.len, 1, -1, &idf, NULL) != IDF_OK)
    buf->bad = true;
  put_parts(buf, &idf, i % 2 ? i / 2 % 4 : 0);
  idf_buf_free(&file);
  idf_buf_free(&idf);
}
