/* SPDX-License-Identifier: BSD-3-Clause
 *
 * test_kept_damage.c: files that hold a JPEG, cut, changed in every byte, and forged with right
 * checksums: nothing wrong comes out as right, nothing is asked for that the limits forbid; with
 * keep_going one band is lost, not the picture. Every allocation may fail.
 */
#include "kept_record.h"
#include "keptkit.h"

int idf_suite_kept_damage(void);

/* A JPEG, its .idf and the pixels in it. */
typedef struct sample {
  idf_mem mem;
  idf_buf jpeg, idf, pixels;
} sample;

static void open_sample(sample *s, size_t kind, unsigned width, unsigned height)
{
  idf_mem_init(&s->mem, UINT64_MAX);
  idf_buf_init(&s->jpeg, &s->mem);
  idf_buf_init(&s->idf, &s->mem);
  idf_buf_init(&s->pixels, &s->mem);
  jpegkit_make(&s->jpeg, &jpegkit_kinds[kind], width, height, kind);
  CU_ASSERT_EQUAL_FATAL(keptkit_encode(s->jpeg.data, s->jpeg.len, 1, -1, &s->idf, NULL), IDF_OK);
  CU_ASSERT_EQUAL_FATAL(keptkit_decode(s->idf.data, s->idf.len, &keptkit_plain, &s->pixels, NULL),
                        IDF_OK);
}

static void close_sample(sample *s)
{
  idf_buf_free(&s->jpeg);
  idf_buf_free(&s->idf);
  idf_buf_free(&s->pixels);
  CU_ASSERT_EQUAL(s->mem.used, 0);
}

/* What is decoded of some bytes; nothing of it is kept. *len, may be NULL: how much came. */
static idf_status outcome(const uint8_t *data, size_t len, const keptkit_way *way, size_t *came)
{
  idf_mem mem;
  idf_buf out;
  idf_mem_init(&mem, UINT64_MAX);
  idf_buf_init(&out, &mem);
  const idf_status status = keptkit_decode(data, len, way, &out, NULL);
  if (came)
    *came = out.len;
  idf_buf_free(&out);
  return status;
}

static keptkit_way way_of(bool original, bool keep_going, unsigned threads)
{
  keptkit_way way = keptkit_plain;
  way.original = original;
  way.keep_going = keep_going;
  way.threads = threads;
  return way;
}

static void every_changed_byte_is_an_error(void)
{
  sample s;
  idf_unit_random r = idf_unit_random_of(1);
  const keptkit_way rows = way_of(false, false, 1), file = way_of(true, false, 1),
                    going = way_of(true, true, 1);
  open_sample(&s, 3, 9, 40);
  for (size_t at = 0; at < s.idf.len; at++) {
    const uint8_t was = s.idf.data[at];
    size_t came;
    s.idf.data[at] = (uint8_t)(was ^ 1u << idf_unit_below(&r, 8));
    IDF_UNIT_SEEDED(&r, outcome(s.idf.data, s.idf.len, &rows, NULL) != IDF_OK);
    IDF_UNIT_SEEDED(&r, outcome(s.idf.data, s.idf.len, &file, &came) != IDF_OK && came == 0);
    IDF_UNIT_SEEDED(&r, outcome(s.idf.data, s.idf.len, &going, &came) != IDF_OK && came == 0);
    s.idf.data[at] = was;
  }
  for (size_t len = 0; len < s.idf.len; len++) {
    CU_ASSERT_NOT_EQUAL(outcome(s.idf.data, len, &rows, NULL), IDF_OK);
    CU_ASSERT_NOT_EQUAL(outcome(s.idf.data, len, &file, NULL), IDF_OK);
  }
  close_sample(&s);
}

/* ---- records changed, with right checksums ------------------------------------------ */

/* Where the n-th record of a kind is; fails the test when there is none. */
static size_t find(const idf_buf *idf, uint8_t kind, unsigned n, idf_record *rec)
{
  idf_header header;
  size_t at;
  CU_ASSERT_EQUAL_FATAL(idf_read_header(IDF_SIMD_AUTO, idf->data, idf->len, &header, &at), IDF_OK);
  for (;; at += rec->size) {
    CU_ASSERT_EQUAL_FATAL(idf_peek_record(idf->data + at, idf->len - at, rec), IDF_OK);
    if (rec->kind == kind && n-- == 0)
      return at;
  }
}

/* The file with another payload in that record; NULL: without it. */
static idf_buf forged(idf_mem *mem, const idf_buf *idf, uint8_t kind, unsigned n,
                      const idf_buf *payload)
{
  idf_record rec;
  idf_buf out;
  const size_t at = find(idf, kind, n, &rec);
  idf_buf_init(&out, mem);
  idf_put_bytes(&out, idf->data, at);
  if (payload)
    idf_write_record(IDF_SIMD_AUTO, &out, kind, payload->data, payload->len);
  idf_put_bytes(&out, idf->data + at + rec.size, idf->len - at - rec.size);
  return out;
}

/* A copy of a record's payload. */
static idf_buf payload_of(idf_mem *mem, const idf_buf *idf, uint8_t kind, unsigned n)
{
  idf_record rec;
  idf_buf out;
  find(idf, kind, n, &rec);
  idf_buf_init(&out, mem);
  idf_put_bytes(&out, rec.payload, rec.len);
  return out;
}

/* A stream of coefficients that is not the encoder's: coefficients are none, wild, or others. */
static void forged_streams_are_refused(void)
{
  sample s;
  idf_unit_random r = idf_unit_random_of(3);
  const keptkit_way rows = way_of(false, false, 1), file = way_of(true, false, 1),
                    going = way_of(false, true, 1);
  open_sample(&s, 4, 40, 50);
  for (unsigned i = 0; i < 300; i++) {
    idf_buf payload = payload_of(&s.mem, &s.idf, IDF_KIND_TILE, 0);
    const size_t changed = 1 + idf_unit_below(&r, i % 4 ? 3 : (uint32_t)payload.len);
    for (size_t k = 0; k < changed; k++)
      payload.data[idf_unit_below(&r, (uint32_t)payload.len)] = (uint8_t)idf_unit_next(&r);
    if (i % 3 == 0)
      payload.len = idf_unit_below(&r, (uint32_t)payload.len);
    idf_buf bad = forged(&s.mem, &s.idf, IDF_KIND_TILE, 0, &payload);
    size_t came;
    const bool same = bad.len == s.idf.len && memcmp(bad.data, s.idf.data, bad.len) == 0;
    IDF_UNIT_SEEDED(&r, same || outcome(bad.data, bad.len, &rows, NULL) == IDF_ERR_CORRUPT);
    IDF_UNIT_SEEDED(&r, same || outcome(bad.data, bad.len, &going, NULL) == IDF_OK
                            || outcome(bad.data, bad.len, &going, NULL) == IDF_ERR_CORRUPT);
    IDF_UNIT_SEEDED(
        &r, same || (outcome(bad.data, bad.len, &file, &came) == IDF_ERR_CORRUPT && came == 0));
    idf_buf_free(&bad);
    idf_buf_free(&payload);
  }
  close_sample(&s);
}

/* Another record of the JPEG, of what is in `record`. */
static idf_buf with_record(sample *s, const idf_kept_record *record)
{
  idf_buf payload;
  idf_buf_init(&payload, &s->mem);
  CU_ASSERT_EQUAL_FATAL(idf_kept_record_put(&s->mem, record, &payload), IDF_OK);
  idf_buf bad = forged(&s->mem, &s->idf, IDF_KIND_JPEG, 0, &payload);
  idf_buf_free(&payload);
  return bad;
}

static idf_kept_record record_of(sample *s)
{
  idf_kept_record record;
  idf_buf payload = payload_of(&s->mem, &s->idf, IDF_KIND_JPEG, 0);
  CU_ASSERT_EQUAL_FATAL(idf_kept_record_get(&s->mem, payload.data, payload.len, &record), IDF_OK);
  idf_buf_free(&payload);
  return record;
}

/* What is beside the coefficients, each byte of it another: never the wrong file. */
static void forged_heads_are_refused(void)
{
  sample s;
  idf_unit_random r = idf_unit_random_of(4);
  const keptkit_way rows = way_of(false, false, 1), file = way_of(true, false, 1);
  unsigned pixels = 0;
  open_sample(&s, 12, 40, 50);
  idf_kept_record record = record_of(&s);
  for (size_t at = 0; at < record.side_len; at++) {
    const uint8_t was = record.side[at];
    size_t came;
    record.side[at] = (uint8_t)(was ^ 1u << idf_unit_below(&r, 8));
    idf_buf bad = with_record(&s, &record);
    pixels += outcome(bad.data, bad.len, &rows, NULL) == IDF_OK;
    IDF_UNIT_SEEDED(&r, outcome(bad.data, bad.len, &file, &came) != IDF_OK && came == 0);
    idf_buf_free(&bad);
    record.side[at] = was;
  }
  /* A changed comment or Huffman table leaves the pixels what they are. */
  CU_ASSERT(pixels > 50 && pixels < record.side_len);
  size_t came;
  record.crc ^= 1;
  idf_buf bad = with_record(&s, &record);
  CU_ASSERT_EQUAL(outcome(bad.data, bad.len, &rows, NULL), IDF_OK);
  CU_ASSERT_EQUAL(outcome(bad.data, bad.len, &file, &came), IDF_ERR_CORRUPT);
  CU_ASSERT_EQUAL(came, 0);
  idf_buf_free(&bad);
  record.shape = 200;
  bad = with_record(&s, &record);
  CU_ASSERT_EQUAL(outcome(bad.data, bad.len, &rows, NULL), IDF_ERR_UNSUPPORTED);
  idf_buf_free(&bad);
  idf_kept_record_free(&s.mem, &record);
  close_sample(&s);
}

/* The header with one number changed, its checksum made right. */
static idf_buf with_header(sample *s, const idf_header *header)
{
  idf_header was;
  idf_buf out;
  size_t used;
  idf_buf_init(&out, &s->mem);
  CU_ASSERT_EQUAL(idf_read_header(IDF_SIMD_AUTO, s->idf.data, s->idf.len, &was, &used), IDF_OK);
  idf_write_header(IDF_SIMD_AUTO, &out, header);
  idf_put_bytes(&out, s->idf.data + used, s->idf.len - used);
  return out;
}

static void the_header_must_agree(void)
{
  sample s;
  size_t used;
  idf_header good;
  const keptkit_way rows = way_of(false, false, 1), going = way_of(false, true, 1);
  open_sample(&s, 4, 40, 50);
  CU_ASSERT_EQUAL(idf_read_header(IDF_SIMD_AUTO, s.idf.data, s.idf.len, &good, &used), IDF_OK);
  for (unsigned i = 0; i < 8; i++) {
    idf_header h = good;
    h.width += i == 1;
    h.height += i == 2;
    h.layout = (uint8_t)(i == 3 ? IDF_GRAY : i == 4 ? IDF_CMYK : h.layout);
    h.depth = (uint8_t)(i == 5 ? 7 : h.depth);
    h.tile_log2 = (uint8_t)(i == 6 ? 10 : h.tile_log2);
    h.model_id[7] = i == 7;
    idf_buf bad = with_header(&s, &h);
    CU_ASSERT_EQUAL(outcome(bad.data, bad.len, &rows, NULL), i ? IDF_ERR_CORRUPT : IDF_OK);
    CU_ASSERT_EQUAL(outcome(bad.data, bad.len, &going, NULL), i ? IDF_ERR_CORRUPT : IDF_OK);
    idf_buf_free(&bad);
  }
  close_sample(&s);
}

/* No record of a JPEG, two, one behind the tiles, inks without one. */
static void records_out_of_place_are_refused(void)
{
  sample s;
  idf_record rec;
  idf_buf bad;
  idf_header header;
  size_t used;
  const keptkit_way rows = way_of(false, false, 1);
  open_sample(&s, 9, 40, 50);
  bad = forged(&s.mem, &s.idf, IDF_KIND_JPEG, 0, NULL);
  CU_ASSERT_EQUAL(outcome(bad.data, bad.len, &rows, NULL), IDF_ERR_CORRUPT);
  idf_buf_free(&bad);
  const size_t jpeg = find(&s.idf, IDF_KIND_JPEG, 0, &rec), size = rec.size;
  const size_t places[] = {jpeg, find(&s.idf, IDF_KIND_TILE, 0, &rec),
                           find(&s.idf, IDF_KIND_END, 0, &rec)};
  for (size_t i = 0; i < 3; i++) {
    idf_buf_init(&bad, &s.mem);
    idf_put_bytes(&bad, s.idf.data, places[i]);
    idf_put_bytes(&bad, s.idf.data + jpeg, size);
    idf_put_bytes(&bad, s.idf.data + places[i], s.idf.len - places[i]);
    CU_ASSERT_EQUAL(outcome(bad.data, bad.len, &rows, NULL), IDF_ERR_CORRUPT);
    idf_buf_free(&bad);
  }
  CU_ASSERT_EQUAL(idf_read_header(IDF_SIMD_AUTO, s.idf.data, s.idf.len, &header, &used), IDF_OK);
  CU_ASSERT_EQUAL(header.layout, IDF_CMYK);
  close_sample(&s);
}

/* ---- bands that are lost ------------------------------------------------------------ */

/* Four bands. The second is damaged: in its data, or gone altogether. */
static void a_lost_band_is_gray(void)
{
  sample s;
  idf_record rec;
  open_sample(&s, 4, 24, 2000);
  const size_t row = 24 * 3;
  for (unsigned gone = 0; gone < 2; gone++)
    for (unsigned threads = 1; threads < 5; threads += 3) {
      idf_buf bad, pixels;
      idf_info info;
      keptkit_way way = way_of(false, true, threads);
      size_t came;
      idf_buf_init(&bad, &s.mem);
      idf_buf_init(&pixels, &s.mem);
      const size_t at = find(&s.idf, IDF_KIND_TILE, 1, &rec);
      idf_put_bytes(&bad, s.idf.data, gone ? at : s.idf.len);
      if (gone)
        idf_put_bytes(&bad, s.idf.data + at + rec.size, s.idf.len - at - rec.size);
      else
        bad.data[at + rec.size / 2] ^= 16;
      CU_ASSERT_EQUAL(keptkit_decode(bad.data, bad.len, &way, &pixels, &info), IDF_OK);
      CU_ASSERT_FATAL(pixels.len == s.pixels.len && info.height == 2000);
      /* Bands are of 31 or 32 rows of 16; the rows on a border share the samples of both. */
      const size_t top = 31 * 16, bottom = 62 * 16;
      CU_ASSERT_EQUAL(memcmp(pixels.data, s.pixels.data, (top - 1) * row), 0);
      CU_ASSERT_EQUAL(memcmp(pixels.data + (bottom + 1) * row, s.pixels.data + (bottom + 1) * row,
                             (2000 - bottom - 1) * row),
                      0);
      for (size_t i = (top + 1) * row; i < (bottom - 1) * row; i++)
        CU_ASSERT_EQUAL_FATAL(pixels.data[i], 128);
      way.original = true;
      CU_ASSERT_EQUAL(outcome(bad.data, bad.len, &way, &came), IDF_ERR_CORRUPT);
      CU_ASSERT_EQUAL(came, 0);
      way.keep_going = way.original = false;
      CU_ASSERT_EQUAL(outcome(bad.data, bad.len, &way, NULL), IDF_ERR_CORRUPT);
      idf_buf_free(&bad);
      idf_buf_free(&pixels);
    }
  close_sample(&s);
}

/* ---- limits ------------------------------------------------------------------------- */

/* Less and less memory, until it does not do: always the picture or IDF_ERR_LIMIT. */
static void memory_is_what_the_limit_allows(void)
{
  sample s;
  unsigned enough = 0, scarce = 0;
  open_sample(&s, 4, 200, 2100);
  for (unsigned original = 0; original < 2; original++)
    for (uint64_t memory = (uint64_t)64 << 20; memory > 1000; memory = memory * 3 / 4) {
      keptkit_way way = way_of(original, false, 4);
      idf_buf out;
      idf_buf_init(&out, &s.mem);
      way.max_memory = memory;
      const idf_status status = keptkit_decode(s.idf.data, s.idf.len, &way, &out, NULL);
      CU_ASSERT(status == IDF_OK || status == IDF_ERR_LIMIT);
      if (status == IDF_OK)
        CU_ASSERT(keptkit_same(&out, original ? &s.jpeg : &s.pixels));
      enough += status == IDF_OK;
      scarce += status == IDF_ERR_LIMIT;
      idf_buf_free(&out);
    }
  CU_ASSERT(enough > 8 && scarce > 8);
  for (uint64_t memory = (uint64_t)64 << 20; memory > 1000; memory = memory * 3 / 4) {
    idf_encoder *e = NULL;
    idf_settings settings;
    idf_buf out;
    idf_buf_init(&out, &s.mem);
    idf_settings_init(&settings);
    settings.threads = 4;
    settings.max_memory = memory;
    idf_status status =
        idf_encoder_new_jpeg(&settings, s.jpeg.data, s.jpeg.len, picture_write, &out, &e, NULL);
    if (status == IDF_OK)
      status = idf_encoder_finish(e);
    CU_ASSERT(status == IDF_ERR_LIMIT || (status == IDF_OK && keptkit_same(&out, &s.idf)));
    CU_ASSERT(memory < (16 << 20) || status == IDF_OK);
    idf_encoder_free(e);
    idf_buf_free(&out);
  }
  close_sample(&s);
}

/* The largest frame there is, in some hundred bytes. */
static void small_files_ask_for_little(void)
{
  sample s;
  idf_header header = {
      .width = 65535, .height = 65535, .layout = IDF_GRAY, .depth = 8, .tile_log2 = 9, .tier = 5};
  idf_decoder *d = NULL;
  idf_limits limits;
  open_sample(&s, 0, 16, 16);
  idf_kept_record record = record_of(&s);
  for (size_t at = 0; at + 9 < record.side_len; at++)
    if (record.side[at] == 0xff && record.side[at + 1] == 0xc0)
      memset(record.side + at + 5, 0xff, 4);
  record.side[1] = 0xff; /* the file's length, a varint: more */
  idf_buf payload, bad;
  idf_buf_init(&payload, &s.mem);
  idf_buf_init(&bad, &s.mem);
  /* By hand: a length of 2^34 takes more bytes. */
  idf_put_u8(&payload, record.side[0]);
  idf_put_varint(&payload, (uint64_t)1 << 34);
  idf_put_bytes(&payload, record.side + 3, record.side_len - 3);
  idf_kept_record large = {.side = payload.data, .side_len = payload.len};
  idf_buf whole = with_record(&s, &large);
  size_t used;
  idf_header was;
  CU_ASSERT_EQUAL(idf_read_header(IDF_SIMD_AUTO, whole.data, whole.len, &was, &used), IDF_OK);
  idf_write_header(IDF_SIMD_AUTO, &bad, &header);
  idf_put_bytes(&bad, whole.data + used, whole.len - used);
  CU_ASSERT(bad.len < 1000);
  for (unsigned original = 0; original < 2; original++) {
    picture_source source = {bad.data, bad.len, 0};
    idf_limits_init(&limits);
    CU_ASSERT_EQUAL_FATAL(idf_decoder_new(&limits, picture_read, &source, &d), IDF_OK);
    CU_ASSERT_EQUAL(idf_decoder_info(d, NULL), IDF_ERR_LIMIT);
    CU_ASSERT(idf_object_mem(d)->peak < (1 << 20));
    idf_decoder_free(d);
    source = (picture_source){bad.data, bad.len, 0};
    limits.max_pixels = UINT64_MAX;
    limits.max_memory = (uint64_t)2 << 20;
    CU_ASSERT_EQUAL_FATAL(idf_decoder_new(&limits, picture_read, &source, &d), IDF_OK);
    CU_ASSERT_EQUAL(idf_decoder_info(d, NULL), IDF_OK);
    CU_ASSERT(idf_object_mem(d)->peak < (1 << 20));
    uint8_t *row = idf_alloc(&s.mem, 65535, 1);
    CU_ASSERT_EQUAL(original ? idf_decoder_original_write(d, picture_write, &payload)
                             : idf_decoder_rows(d, row, 1),
                    IDF_ERR_LIMIT);
    CU_ASSERT(idf_object_mem(d)->peak <= limits.max_memory);
    idf_free(&s.mem, row);
    idf_decoder_free(d);
  }
  idf_buf_free(&bad);
  idf_buf_free(&whole);
  idf_buf_free(&payload);
  idf_kept_record_free(&s.mem, &record);
  close_sample(&s);
}

static int at_once(void *context)
{
  unsigned *left = context;
  return *left == 0 || --*left == 0;
}

static void cancelling_ends_it(void)
{
  sample s;
  open_sample(&s, 4, 24, 2000);
  uint8_t *rows = idf_alloc(&s.mem, 2000, 72);
  for (unsigned original = 0; original < 2; original++)
    for (unsigned when = 1; when < 4; when++) {
      idf_decoder *d = NULL;
      unsigned left = when;
      picture_source source = {s.idf.data, s.idf.len, 0};
      CU_ASSERT_EQUAL_FATAL(idf_decoder_new(NULL, picture_read, &source, &d), IDF_OK);
      CU_ASSERT_EQUAL(idf_decoder_cancel_when(d, at_once, &left), IDF_OK);
      CU_ASSERT_EQUAL(original ? idf_decoder_original_write(d, picture_write, NULL)
                               : idf_decoder_rows(d, rows, 2000),
                      IDF_ERR_CANCELLED);
      idf_decoder_free(d);
    }
  idf_free(&s.mem, rows);
  close_sample(&s);
}

static idf_status full(void *context, const uint8_t *data, size_t size)
{
  (void)data;
  unsigned *left = context;
  return size > 0 && (*left)-- == 0 ? IDF_ERR_IO : IDF_OK;
}

static void what_the_caller_says_is_returned(void)
{
  sample s;
  open_sample(&s, 4, 24, 50);
  for (unsigned left = 0; left < 3; left++) {
    idf_decoder *d = NULL;
    unsigned count = left;
    picture_source source = {s.idf.data, s.idf.len, 0};
    CU_ASSERT_EQUAL_FATAL(idf_decoder_new(NULL, picture_read, &source, &d), IDF_OK);
    CU_ASSERT_EQUAL(idf_decoder_original_write(d, full, &count), IDF_ERR_IO);
    CU_ASSERT_EQUAL(idf_decoder_original_write(d, full, &count), IDF_ERR_IO);
    idf_decoder_free(d);
  }
  close_sample(&s);
}

static void every_allocation_may_fail(void)
{
  for (unsigned i = 0; i < 4; i++) {
    sample s;
    open_sample(&s, i % 2 ? 12 : 3, 30, 40);
    for (int64_t fail = 0;; fail++) {
      keptkit_way way = way_of(i / 2, false, 1);
      way.fail = fail;
      const idf_status status = outcome(s.idf.data, s.idf.len, &way, NULL);
      CU_ASSERT(status == IDF_OK || status == IDF_ERR_MEMORY);
      if (status == IDF_OK) {
        CU_ASSERT(fail > 15);
        break;
      }
    }
    close_sample(&s);
  }
}

int idf_suite_kept_damage(void)
{
  static const idf_unit_test tests[] = {
      {"every changed byte is an error", every_changed_byte_is_an_error},
      {"forged streams are refused", forged_streams_are_refused},
      {"forged heads are refused", forged_heads_are_refused},
      {"the header must agree", the_header_must_agree},
      {"records out of place are refused", records_out_of_place_are_refused},
      {"a lost band is gray", a_lost_band_is_gray},
      {"memory is what the limit allows", memory_is_what_the_limit_allows},
      {"small files ask for little", small_files_ask_for_little},
      {"cancelling ends it", cancelling_ends_it},
      {"what the caller says is returned", what_the_caller_says_is_returned},
      {"every allocation may fail", every_allocation_may_fail},
      {NULL, NULL},
  };
  return idf_unit_suite("kept_damage", tests);
}
