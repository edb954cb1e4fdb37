/* SPDX-License-Identifier: BSD-3-Clause
 *
 * test_push.c: pushed in pieces of any size, every file of tests/golden gives what it gives when it
 * is read: the same samples, metadata, errors and details; rows come before the file is whole.
 */
#include "goldenkit.h"

int idf_suite_push(void);

/* How a file is decoded. */
typedef struct way {
  bool push, keep_going, original, early; /* early: half of the rows */
  unsigned threads;
  uint32_t piece;     /* bytes pushed at once, at most; 0: all */
  idf_unit_random *r; /* NULL: pieces of exactly that size */
} way;

/* What came of it. */
typedef struct outcome {
  idf_status status;
  char detail[160];
  uint32_t crc; /* of samples, or of the JPEG */
  uint32_t rows;
  size_t pieces;
  uint64_t lost, bytes;
  uint32_t progress;
} outcome;

typedef struct pusher {
  const way *w;
  const uint8_t *data;
  size_t len;
  idf_decoder *d;
} pusher;

/* Pushes the next piece, or the end. */
static void push_more(pusher *p)
{
  size_t n = p->w->piece ? p->w->piece : p->len;
  if (p->w->r)
    n = idf_unit_below(p->w->r, (uint32_t)n + 1);
  n = IDF_MIN(n, p->len);
  if (p->len == 0) {
    CU_ASSERT_EQUAL(idf_decoder_push_end(p->d), IDF_OK);
    return;
  }
  CU_ASSERT_EQUAL(idf_decoder_push(p->d, p->data, n), IDF_OK);
  p->data += n;
  p->len -= n;
}

static idf_status add_crc(void *context, const uint8_t *data, size_t size)
{
  uint32_t *crc = context;
  for (size_t i = 0; i < size; i++)
    *crc = *crc * 31 + data[i];
  return IDF_OK;
}

static void note_rows(void *context, uint32_t rows)
{
  uint32_t *noted = context;
  CU_ASSERT(rows > *noted);
  *noted = rows;
}

/* Rows in portions, so that a call may need input in its middle. */
static idf_status take_rows(pusher *p, outcome *o, const idf_info *info)
{
  const uint32_t end = p->w->early ? info->height / 2 : info->height;
  const size_t row = idf_row_bytes(info);
  idf_status status = IDF_OK;
  idf_mem mem;
  idf_mem_init(&mem, UINT64_MAX);
  uint8_t *rows = idf_alloc(&mem, IDF_MIN(info->height, 97), row);
  CU_ASSERT_PTR_NOT_NULL_FATAL(rows);
  while (status == IDF_OK && o->rows < end) {
    const uint32_t count = IDF_MIN(end - o->rows, 97);
    while ((status = idf_decoder_rows(p->d, rows, count)) == IDF_NEED_INPUT) {
      const uint32_t done = idf_decoder_rows_done(p->d);
      CU_ASSERT(done >= o->rows && done < o->rows + count);
      push_more(p);
    }
    if (status == IDF_OK) {
      add_crc(&o->crc, rows, count * row);
      o->rows += count;
      CU_ASSERT_EQUAL(idf_decoder_rows_done(p->d), o->rows);
    }
  }
  idf_free(&mem, rows);
  return status;
}

static idf_status decode_all(pusher *p, outcome *o)
{
  idf_status status;
  idf_info info;
  while ((status = idf_decoder_info(p->d, &info)) == IDF_NEED_INPUT)
    push_more(p);
  if (status == IDF_OK && p->w->original && idf_decoder_original(p->d, NULL, NULL) == IDF_OK) {
    while ((status = idf_decoder_original_write(p->d, add_crc, &o->crc)) == IDF_NEED_INPUT)
      push_more(p);
    return status;
  }
  if (status == IDF_OK)
    status = take_rows(p, o, &info);
  if (status == IDF_OK)
    while ((status = idf_decoder_finish(p->d)) == IDF_NEED_INPUT)
      push_more(p);
  return status;
}

static outcome decode(const uint8_t *data, size_t len, const way *w)
{
  picture_source source = {data, len, 0};
  pusher p = {.w = w, .data = data, .len = len};
  outcome o;
  idf_anatomy a;
  char type[5];
  const uint8_t *piece;
  size_t size;
  memset(&o, 0, sizeof o);
  CU_ASSERT_EQUAL_FATAL(w->push ? idf_decoder_new_push(NULL, &p.d)
                                : idf_decoder_new(NULL, picture_read, &source, &p.d),
                        IDF_OK);
  idf_decoder_keep_going(p.d, w->keep_going);
  idf_decoder_threads(p.d, w->threads);
  CU_ASSERT_EQUAL(idf_decoder_progress(p.d, note_rows, &o.progress), IDF_OK);
  o.status = decode_all(&p, &o);
  snprintf(o.detail, sizeof o.detail, "%s", idf_decoder_detail(p.d));
  while (idf_decoder_metadata(p.d, o.pieces, type, &piece, &size, NULL) == IDF_OK) {
    add_crc(&o.crc, piece, size);
    o.pieces++;
  }
  idf_decoder_anatomy(p.d, &a);
  o.lost = a.tiles_lost;
  o.bytes = a.file_bytes + a.tile_bytes + a.metadata_bytes + a.index_bytes;
  idf_decoder_free(p.d);
  return o;
}

static bool same(const outcome *a, const outcome *b)
{
  return a->status == b->status && strcmp(a->detail, b->detail) == 0 && a->crc == b->crc
         && a->rows == b->rows && a->pieces == b->pieces && a->lost == b->lost
         && a->bytes == b->bytes && a->progress == b->progress;
}

static void compare(const golden_file *f, const uint8_t *data, size_t len, way w)
{
  way read = w;
  read.push = false;
  w.push = true;
  const outcome want = decode(data, len, &read), got = decode(data, len, &w);
  if (!same(&want, &got))
    printf("# %s, pieces of %u, seed %llu: %d \"%s\", not %d \"%s\"\n", f->name, (unsigned)w.piece,
           (unsigned long long)(w.r ? w.r->seed : 0), (int)got.status, got.detail, (int)want.status,
           want.detail);
  CU_ASSERT(same(&want, &got));
}

static golden_file file;

static void any_pieces(void)
{
  unsigned count = 0;
  for (; golden_read(&file, "", count); count++) {
    idf_unit_random r = idf_unit_random_of(count);
    for (unsigned flags = 0; flags < 4; flags++) {
      const way w = {.keep_going = flags & 1,
                     .original = flags & 2,
                     .early = idf_unit_below(&r, 4) == 0,
                     .threads = 1 + 2 * idf_unit_below(&r, 2),
                     .piece = 1 + (idf_unit_below(&r, 40000) >> idf_unit_below(&r, 12)),
                     .r = &r};
      compare(&file, file.data, file.size, w);
    }
  }
  CU_ASSERT(count > 100);
}

static void one_byte_and_all(void)
{
  for (unsigned i = 0; golden_read(&file, "", i); i++) {
    const way one = {.piece = 1, .threads = 1, .keep_going = i % 2}, all = {.threads = 3};
    if (file.size < 4000)
      compare(&file, file.data, file.size, one);
    compare(&file, file.data, file.size, all);
  }
}

/* Cut or changed files. */
static void damage(void)
{
  for (unsigned i = 0; golden_read(&file, "good-", i); i++) {
    idf_unit_random r = idf_unit_random_of(1000 + i);
    if (file.size > 6000)
      continue;
    for (int k = 0; k < 12; k++) {
      const way w = {.keep_going = k % 2,
                     .original = k % 3 == 0,
                     .threads = 1 + idf_unit_below(&r, 3),
                     .piece = 1 + idf_unit_below(&r, 500),
                     .r = &r};
      const size_t at = idf_unit_below(&r, (uint32_t)file.size);
      const uint8_t was = file.data[at];
      file.data[at] ^= (uint8_t)(1u << idf_unit_below(&r, 8));
      compare(&file, file.data, k % 4 == 3 ? at : file.size, w);
      file.data[at] = was;
    }
  }
}

/* A picture of 2 x 3 tiles. */
static void rows_come_early(void)
{
  const idf_info info = picture_info(100, 150, IDF_GRAY, 8);
  idf_mem mem;
  idf_buf out;
  idf_decoder *d;
  uint8_t row[100];
  uint32_t rows = 0;
  size_t at = 0;
  idf_mem_init(&mem, UINT64_MAX);
  idf_buf_init(&out, &mem);
  uint8_t *raw = picture_make(&mem, &info, PICTURE_NOISE, 3);
  CU_ASSERT_EQUAL_FATAL(picture_encode(&info, raw, 6, &out), IDF_OK);
  CU_ASSERT_EQUAL_FATAL(idf_decoder_new_push(NULL, &d), IDF_OK);
  CU_ASSERT_EQUAL(idf_decoder_push_end(NULL), IDF_ERR_ARGUMENT);
  CU_ASSERT_EQUAL(idf_decoder_info(d, NULL), IDF_NEED_INPUT);
  CU_ASSERT_STRING_EQUAL(idf_decoder_detail(d), "");
  while (rows < info.height) {
    const idf_status status = idf_decoder_rows(d, row, 1);
    if (status == IDF_NEED_INPUT) {
      CU_ASSERT_EQUAL_FATAL(idf_decoder_push(d, out.data + at++, 1), IDF_OK);
      continue;
    }
    CU_ASSERT_EQUAL_FATAL(status, IDF_OK);
    CU_ASSERT_EQUAL(memcmp(row, raw + (size_t)rows++ * 100, 100), 0);
    /* Noise has about as many bytes as samples: a row of tiles comes with its last byte. */
    CU_ASSERT(at > (size_t)(rows - 1) / 64 * 6400 && at < out.len - 14);
  }
  /* Another form or count is not the same call. */
  CU_ASSERT_EQUAL(idf_decoder_finish(d), IDF_NEED_INPUT);
  CU_ASSERT_EQUAL(idf_decoder_rows(d, row, 0), IDF_ERR_ARGUMENT);
  CU_ASSERT_EQUAL(idf_decoder_push(d, out.data + at, out.len - at), IDF_OK);
  CU_ASSERT_EQUAL(idf_decoder_finish(d), IDF_NEED_INPUT);
  CU_ASSERT_EQUAL(idf_decoder_push_end(d), IDF_OK);
  CU_ASSERT_EQUAL(idf_decoder_push(d, raw, 1), IDF_ERR_ARGUMENT);
  CU_ASSERT_EQUAL(idf_decoder_finish(d), IDF_OK);
  idf_decoder_free(d);
  idf_free(&mem, raw);
  idf_buf_free(&out);
}

static void the_call_is_repeated_as_it_was(void)
{
  const idf_info info = picture_info(64, 128, IDF_GRAY, 8);
  static uint8_t raw[64 * 128], rows[4 * 64 * 128];
  idf_mem mem;
  idf_buf out;
  idf_decoder *d;
  size_t at = 0;
  idf_mem_init(&mem, UINT64_MAX);
  idf_buf_init(&out, &mem);
  for (size_t i = 0; i < sizeof raw; i++)
    raw[i] = (uint8_t)(i * i / 77);
  CU_ASSERT_EQUAL_FATAL(picture_encode(&info, raw, 6, &out), IDF_OK);
  CU_ASSERT_EQUAL_FATAL(idf_decoder_new_push(NULL, &d), IDF_OK);
  while (idf_decoder_rows_done(d) == 0) {
    CU_ASSERT_EQUAL(idf_decoder_rgba8(d, rows, 128), IDF_NEED_INPUT);
    CU_ASSERT_EQUAL_FATAL(idf_decoder_push(d, out.data + at++, 1), IDF_OK);
  }
  CU_ASSERT_EQUAL(idf_decoder_rows_done(d), 64);
  CU_ASSERT_EQUAL(idf_decoder_rows(d, rows, 128), IDF_ERR_ARGUMENT);
  CU_ASSERT_EQUAL(idf_decoder_rgba8(d, rows, 63), IDF_ERR_ARGUMENT);
  CU_ASSERT_EQUAL(idf_decoder_rgba8(d, rows, 129), IDF_ERR_ARGUMENT);
  CU_ASSERT_EQUAL(idf_decoder_push(d, out.data + at, out.len - at), IDF_OK);
  CU_ASSERT_EQUAL(idf_decoder_rgba8(d, rows, 128), IDF_OK);
  for (size_t i = 0; i < sizeof raw; i++)
    CU_ASSERT_EQUAL_FATAL(rows[4 * i + 1], raw[i]);
  idf_decoder_free(d);
  idf_buf_free(&out);
}

/* No more than the limit waits, and then nothing was taken. */
static void too_much_at_once(void)
{
  static uint8_t bytes[100000];
  idf_limits limits;
  idf_decoder *d;
  idf_limits_init(&limits);
  limits.max_memory = 300000;
  CU_ASSERT_EQUAL_FATAL(idf_decoder_new_push(&limits, &d), IDF_OK);
  idf_status status = IDF_OK;
  for (int i = 0; i < 10 && status == IDF_OK; i++)
    status = idf_decoder_push(d, bytes, sizeof bytes);
  CU_ASSERT_EQUAL(status, IDF_ERR_LIMIT);
  CU_ASSERT_EQUAL(idf_decoder_limit(d), IDF_LIMIT_NONE);
  CU_ASSERT_EQUAL(idf_decoder_info(d, NULL), IDF_ERR_NOT_IDF);
  CU_ASSERT_EQUAL(idf_decoder_push(d, bytes, 1), IDF_ERR_NOT_IDF);
  idf_decoder_free(d);
}

static void wrong_use(void)
{
  picture_source source = {NULL, 0, 0};
  idf_decoder *d;
  CU_ASSERT_EQUAL(idf_decoder_new_push(NULL, NULL), IDF_ERR_ARGUMENT);
  CU_ASSERT_EQUAL(idf_decoder_push(NULL, NULL, 0), IDF_ERR_ARGUMENT);
  CU_ASSERT_EQUAL(idf_decoder_progress(NULL, NULL, NULL), IDF_ERR_ARGUMENT);
  CU_ASSERT_EQUAL(idf_decoder_rows_done(NULL), 0);
  CU_ASSERT_EQUAL(idf_decoder_new(NULL, picture_read, &source, &d), IDF_OK);
  CU_ASSERT_EQUAL(idf_decoder_push(d, NULL, 0), IDF_ERR_ARGUMENT);
  CU_ASSERT_EQUAL(idf_decoder_push_end(d), IDF_ERR_ARGUMENT);
  idf_decoder_free(d);
}

/* With the n-th allocation failing, and all others there. */
static void memory_may_fail(void)
{
  for (unsigned i = 0; golden_read(&file, "good-kept-gray.idf", i); i++)
    for (int64_t n = 0; n < 10000; n++) {
      const way w = {.piece = 100};
      pusher p = {.w = &w, .data = file.data, .len = file.size};
      outcome o;
      memset(&o, 0, sizeof o);
      idf_status status = idf_decoder_create_push(NULL, n, &p.d);
      if (status == IDF_OK)
        status = idf_decoder_push(p.d, p.data, p.len);
      if (status == IDF_OK) {
        p.len = 0;
        status = decode_all(&p, &o);
      }
      idf_decoder_free(p.d);
      if (status == IDF_OK)
        return;
      CU_ASSERT_EQUAL_FATAL(status, IDF_ERR_MEMORY);
    }
  CU_FAIL("allocations do not end");
}

static const idf_unit_test tests[] = {
    {"pieces of any size, every golden file", any_pieces},
    {"one byte at a time, and all at once", one_byte_and_all},
    {"damage is the same damage", damage},
    {"rows come before the file is whole", rows_come_early},
    {"the call is repeated as it was", the_call_is_repeated_as_it_was},
    {"too much at once is refused", too_much_at_once},
    {"wrong use", wrong_use},
    {"every allocation may fail", memory_may_fail},
    {NULL, NULL}};

int idf_suite_push(void)
{
  return idf_unit_suite("push", tests);
}
