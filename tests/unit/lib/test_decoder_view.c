/* SPDX-License-Identifier: BSD-3-Clause
 *
 * test_decoder_view.c: random parts of every good file of tests/golden, at every scale, are cut out
 * of the whole picture and averaged as a plain second computation says, wherever the file comes
 * from; of a file that can be read at any place, only what is needed is read.
 */
#include "goldenkit.h"
#include "sources.h"

int idf_suite_decoder_view(void);

enum { CALLBACK, PUSHED, MEMORY, SOURCES };

/* An open decoder, and its input. */
typedef struct source {
  picture_source read;
  const uint8_t *data;
  size_t size, pushed;
  idf_decoder *d;
} source;

static void open_file(source *s, int kind, const uint8_t *data, size_t size)
{
  *s = (source){.read = {data, size, 0}, .data = data, .size = size};
  const idf_status status = kind == CALLBACK ? idf_decoder_new(NULL, picture_read, &s->read, &s->d)
                            : kind == PUSHED ? idf_decoder_new_push(NULL, &s->d)
                                             : idf_decoder_new_memory(NULL, data, size, &s->d);
  CU_ASSERT_EQUAL_FATAL(status, IDF_OK);
}

/* After IDF_NEED_INPUT. */
static void push_more(source *s)
{
  const size_t n = IDF_MIN((size_t)301, s->size - s->pushed);
  if (n == 0)
    CU_ASSERT_EQUAL(idf_decoder_push_end(s->d), IDF_OK);
  if (n > 0)
    CU_ASSERT_EQUAL(idf_decoder_push(s->d, s->data + s->pushed, n), IDF_OK);
  s->pushed += n;
}

/* Repeats a call while it lacks input. */
#define REPEAT(s, status, call)                                                                    \
  while (((status) = (call)) == IDF_NEED_INPUT)                                                    \
  push_more(s)

typedef struct part {
  uint32_t x, y, width, height;
  unsigned log2;
} part;

/* A sample of the box at (bx, by) of a part, in units of the full value: of channel c of RGBA. */
static double box_of(const golden_file *f, const part *p, uint32_t bx, uint32_t by, unsigned c)
{
  double n = 0, sum = 0, weight = 0, weighted = 0;
  for (uint32_t y = by << p->log2; y < p->height && y >> p->log2 == by; y++)
    for (uint32_t x = bx << p->log2; x < p->width && x >> p->log2 == bx; x++) {
      const double *rgba = f->rgba + 4 * ((size_t)(p->y + y) * f->info.width + p->x + x);
      n++;
      sum += rgba[c];
      weight += rgba[3];
      weighted += rgba[c] * rgba[3];
    }
  return c < 3 && weight > 0 ? weighted / weight : sum / n;
}

/* Whether a row as 16-bit RGBA is that of the part. What is scaled was rounded to samples before;
 * CMYK was averaged as CMYK, which averaged() checks. */
static bool same_row(const golden_file *f, const part *p, uint32_t by, const uint16_t *rgba,
                     const idf_info *out)
{
  const bool byte = f->info.depth < 8 || f->info.layout == IDF_PALETTE;
  const double most = 0.51 + (p->log2 ? 0.5 * 65535 / (byte ? 255 : f->max) : 0);
  for (uint32_t bx = 0; bx < out->width; bx++)
    for (unsigned c = 0; c < 4 && (f->info.layout != IDF_CMYK || p->log2 == 0); c++)
      if (fabs(rgba[4 * bx + c] - 65535 * box_of(f, p, bx, by, c)) > most)
        return false;
  return true;
}

/* Whether a scaled row of samples, all of which are colours or inks, is the average of those. */
static bool averaged(const golden_file *f, const part *p, uint32_t by, const uint8_t *row,
                     const idf_info *out)
{
  const unsigned channels = idf_channels(out->layout), bytes = idf_sample_bytes(out);
  for (size_t i = 0; i < (size_t)out->width * channels; i++) {
    const uint32_t bx = (uint32_t)(i / channels);
    uint64_t n = 0, sum = 0;
    uint16_t wide = row[i];
    if (bytes == 2)
      memcpy(&wide, row + 2 * i, 2);
    for (uint32_t y = by << p->log2; y < p->height && y >> p->log2 == by; y++)
      for (uint32_t x = bx << p->log2; x < p->width && x >> p->log2 == bx; x++, n++)
        sum += (uint64_t)golden_sample(f, ((size_t)(p->y + y) * f->info.width + p->x + x) * channels
                                              + i % channels);
    if (wide != (2 * sum + n) / (2 * n))
      return false;
  }
  return true;
}

/* Whether that can be asked. */
static bool is_averaged(const golden_file *f, const idf_info *out)
{
  return f->info.layout == out->layout && f->info.depth == out->depth
         && out->layout != IDF_GRAY_ALPHA && out->layout != IDF_RGBA;
}

/* Whether an unscaled row of samples is cut out of the picture. */
static bool cut_out(const golden_file *f, const part *p, uint32_t y, const uint8_t *row)
{
  const size_t pixel = idf_row_bytes(&f->info) / f->info.width;
  const uint8_t *from = f->samples + ((size_t)(p->y + y) * f->info.width + p->x) * pixel;
  return memcmp(row, from, p->width * pixel) == 0;
}

static part some_part(idf_unit_random *r, const idf_info *info)
{
  part p;
  p.width = 1 + idf_unit_below(r, info->width);
  p.height = 1 + idf_unit_below(r, info->height);
  p.x = idf_unit_below(r, info->width - p.width + 1);
  p.y = idf_unit_below(r, info->height - p.height + 1);
  p.log2 = idf_unit_below(r, 4);
  return p;
}

static void note_rows(void *context, uint32_t rows)
{
  uint32_t *noted = context;
  CU_ASSERT(rows > *noted);
  *noted = rows;
}

static void one_part(const golden_file *f, idf_unit_random *r, const part *p, int kind)
{
  source s;
  idf_info out;
  idf_status status;
  uint32_t progress = 0;
  idf_mem mem;
  open_file(&s, kind, f->data, f->size);
  idf_decoder_threads(s.d, 1 + 3 * idf_unit_below(r, 2));
  CU_ASSERT_EQUAL(idf_decoder_progress(s.d, note_rows, &progress), IDF_OK);
  CU_ASSERT_EQUAL(idf_decoder_region(s.d, 0, 0, 1, 1), IDF_ERR_ARGUMENT); /* too early */
  CU_ASSERT_EQUAL(idf_decoder_scale(s.d, 1), IDF_ERR_ARGUMENT);
  REPEAT(&s, status, idf_decoder_info(s.d, NULL));
  GOLDEN_ASSERT(f, idf_decoder_region(s.d, p->x, p->y, p->width, p->height) == IDF_OK);
  GOLDEN_ASSERT(f, idf_decoder_scale(s.d, p->log2) == IDF_OK);
  GOLDEN_ASSERT(f, idf_decoder_output(s.d, &out) == IDF_OK);
  GOLDEN_ASSERT(f, out.width == (p->width + (1u << p->log2) - 1) >> p->log2);
  idf_mem_init(&mem, UINT64_MAX);
  uint16_t *wide = idf_alloc(&mem, out.width, 8);
  uint8_t *row = idf_alloc(&mem, 1, idf_row_bytes(&out));
  CU_ASSERT_FATAL(wide && row);
  for (uint32_t y = 0; y < out.height; y++) {
    if ((p->log2 == 0 || is_averaged(f, &out)) && idf_unit_below(r, 2)) {
      REPEAT(&s, status, idf_decoder_rows(s.d, row, 1));
      GOLDEN_ASSERT(f, status == IDF_OK
                           && (p->log2 ? averaged(f, p, y, row, &out) : cut_out(f, p, y, row)));
    } else {
      REPEAT(&s, status, idf_decoder_rgba16(s.d, wide, 1));
      GOLDEN_ASSERT(f, status == IDF_OK && same_row(f, p, y, wide, &out));
    }
  }
  CU_ASSERT_EQUAL(idf_decoder_rows_done(s.d), out.height);
  CU_ASSERT_EQUAL(progress, out.height);
  CU_ASSERT_EQUAL(idf_decoder_rgba16(s.d, wide, 1), IDF_ERR_ARGUMENT);
  CU_ASSERT_EQUAL(idf_decoder_region(s.d, 0, 0, 1, 1), IDF_ERR_ARGUMENT); /* too late */
  REPEAT(&s, status, idf_decoder_finish(s.d));
  GOLDEN_ASSERT(f, status == IDF_OK);
  idf_decoder_free(s.d);
  idf_free(&mem, wide);
  idf_free(&mem, row);
}

static void parts_of(const golden_file *f, void *context)
{
  idf_unit_random *r = context;
  for (int kind = 0; kind < SOURCES; kind++)
    for (int i = 0; i < 2; i++) {
      const part p = some_part(r, &f->info);
      one_part(f, r, &p, kind);
    }
}

static void every_good_file(void)
{
  idf_unit_random r = idf_unit_random_of(15);
  golden_each(parts_of, &r);
}

/* ---- a picture of many tiles ---------------------------------------------------------------- */

/* Noise, 640 x 576, in tiles of 64. */
typedef struct many {
  idf_mem mem;
  idf_info info;
  uint8_t *raw;
  idf_buf file;
  uint64_t read; /* bytes that were read */
} many;

static void open_many(many *m)
{
  memset(m, 0, sizeof *m);
  idf_mem_init(&m->mem, UINT64_MAX);
  idf_buf_init(&m->file, &m->mem);
  m->info = picture_info(640, 576, IDF_GRAY, 16);
  m->raw = picture_make(&m->mem, &m->info, PICTURE_NOISE, 2);
  CU_ASSERT_PTR_NOT_NULL_FATAL(m->raw);
  CU_ASSERT_EQUAL_FATAL(picture_encode(&m->info, m->raw, 6, &m->file), IDF_OK);
}

static void close_many(many *m)
{
  idf_free(&m->mem, m->raw);
  idf_buf_free(&m->file);
  CU_ASSERT_EQUAL(m->mem.used, 0);
}

static idf_status read_many(void *context, uint64_t offset, uint8_t *buffer, size_t size)
{
  many *m = context;
  CU_ASSERT_FATAL(offset < m->file.len && size <= m->file.len - offset);
  memcpy(buffer, m->file.data + offset, size);
  m->read += size;
  return IDF_OK;
}

/* Decodes a part of 100 x 70 at (x, y), checks it, and finishes. */
static idf_status some_of(many *m, uint32_t x, uint32_t y, bool keep_going, bool *same)
{
  static uint16_t rows[100 * 70];
  idf_decoder *d;
  CU_ASSERT_EQUAL_FATAL(idf_decoder_new_at(NULL, read_many, m, m->file.len, &d), IDF_OK);
  idf_decoder_keep_going(d, keep_going);
  CU_ASSERT_EQUAL(idf_decoder_info(d, NULL), IDF_OK);
  CU_ASSERT_EQUAL(idf_decoder_region(d, x, y, 100, 70), IDF_OK);
  idf_status status = idf_decoder_rows(d, rows, 70);
  *same = status == IDF_OK;
  for (uint32_t i = 0; i < 70 && *same; i++)
    *same = memcmp(rows + 100 * i, m->raw + 2 * ((size_t)(y + i) * 640 + x), 200) == 0;
  if (status == IDF_OK)
    status = idf_decoder_finish(d);
  idf_decoder_free(d);
  return status;
}

static void only_what_is_needed_is_read(void)
{
  many m;
  bool same;
  open_many(&m);
  CU_ASSERT_EQUAL(some_of(&m, 300, 200, false, &same), IDF_OK);
  CU_ASSERT_TRUE(same);
  /* Nine of ninety tiles, of 8192 bytes each; the buffer reads on. */
  CU_ASSERT(m.read < 9 * 8500 + 6 * 65536 && m.read < m.file.len * 2 / 3);
  /* Damage outside does not matter, inside it does. */
  m.file.data[3000] ^= 1; /* in the first tile */
  CU_ASSERT_EQUAL(some_of(&m, 300, 200, false, &same), IDF_OK);
  CU_ASSERT_TRUE(same);
  CU_ASSERT_EQUAL(some_of(&m, 0, 0, false, &same), IDF_ERR_CORRUPT);
  close_many(&m);
}

static void a_damaged_index_is_an_error_or_not_used(void)
{
  many m;
  bool same;
  open_many(&m);
  m.file.data[m.file.len - 40] ^= 1;
  CU_ASSERT_EQUAL(some_of(&m, 300, 200, false, &same), IDF_ERR_CORRUPT);
  CU_ASSERT_EQUAL(some_of(&m, 300, 200, true, &same), IDF_ERR_CORRUPT); /* at the end */
  CU_ASSERT_TRUE(same);
  close_many(&m);
}

/* With keep_going a damaged tile of the part is zeros, and the others are there. */
static void damage_in_the_part_costs_itself(void)
{
  static uint16_t rows[640 * 64];
  many m;
  idf_decoder *d;
  idf_anatomy a;
  idf_tile_info tile;
  open_many(&m);
  m.file.data[m.file.len / 2] ^= 1; /* in the fifth row of tiles */
  CU_ASSERT_EQUAL_FATAL(idf_decoder_new_memory(NULL, m.file.data, m.file.len, &d), IDF_OK);
  idf_decoder_keep_going(d, 1);
  idf_decoder_threads(d, 3);
  CU_ASSERT_EQUAL(idf_decoder_info(d, NULL), IDF_OK);
  CU_ASSERT_EQUAL(idf_decoder_region(d, 0, 256, 640, 64), IDF_OK);
  CU_ASSERT_EQUAL(idf_decoder_rows(d, rows, 64), IDF_OK);
  unsigned lost = 0;
  for (unsigned t = 0; t < 10; t++) {
    static const uint16_t none[64];
    const bool zero = memcmp(rows + 64 * t, none, sizeof none) == 0;
    lost += zero;
    for (size_t y = 0; y < 64; y++)
      CU_ASSERT(
          memcmp(rows + 640 * y + 64 * t,
                 zero ? (const void *)none : (const void *)(m.raw + 2 * ((256 + y) * 640 + 64 * t)),
                 128)
          == 0);
  }
  CU_ASSERT_EQUAL(lost, 1);
  CU_ASSERT_EQUAL(idf_decoder_finish(d), IDF_OK);
  idf_decoder_anatomy(d, &a);
  CU_ASSERT_EQUAL(a.tiles_lost, 1);
  CU_ASSERT_EQUAL(a.file_bytes, m.file.len);
  CU_ASSERT_EQUAL(idf_decoder_tile(d, 3, &tile), IDF_OK);
  CU_ASSERT(tile.method == 255 && tile.bytes > 0 && !tile.lost && tile.x == 192);
  idf_decoder_free(d);
  close_many(&m);
}

/* The index is checked before it is believed: any byte of it and of the end record may be changed,
 * and its record made right again by no one. */
static void no_byte_of_the_end_is_believed(void)
{
  many m;
  bool same;
  open_many(&m);
  for (size_t i = 1; i < 300; i++) {
    m.file.data[m.file.len - i] ^= 0x15;
    const idf_status status = some_of(&m, 100, 100, i % 2, &same);
    CU_ASSERT(status == IDF_ERR_CORRUPT || status == IDF_ERR_UNSUPPORTED
              || status == IDF_ERR_TRUNCATED || same);
    m.file.data[m.file.len - i] ^= 0x15;
  }
  close_many(&m);
}

static void little_memory_is_enough(void)
{
  many m;
  idf_limits limits;
  idf_decoder *d;
  uint16_t row[8];
  open_many(&m);
  idf_limits_init(&limits);
  /* A row of all tiles has 640 * 64 * 2 bytes. */
  for (limits.max_memory = 20000; limits.max_memory < 10000000; limits.max_memory += 20000) {
    CU_ASSERT_EQUAL_FATAL(idf_decoder_new_memory(&limits, m.file.data, m.file.len, &d), IDF_OK);
    idf_status status = idf_decoder_info(d, NULL);
    if (status == IDF_OK)
      status = idf_decoder_region(d, 200, 200, 8, 8);
    if (status == IDF_OK)
      status = idf_decoder_rows(d, row, 1);
    idf_decoder_free(d);
    if (status == IDF_OK)
      break;
    CU_ASSERT_EQUAL(status, IDF_ERR_LIMIT);
  }
  CU_ASSERT(limits.max_memory < 640 * 64 * 2 + 200000);
  close_many(&m);
}

/* ---- wrong use, and memory ------------------------------------------------------------------- */

static void wrong_use(void)
{
  many m;
  idf_decoder *d;
  idf_info out;
  open_many(&m);
  CU_ASSERT_EQUAL(idf_decoder_new_at(NULL, NULL, NULL, 5, &d), IDF_ERR_ARGUMENT);
  CU_ASSERT_PTR_NULL(d);
  CU_ASSERT_EQUAL(idf_decoder_new_memory(NULL, NULL, 5, &d), IDF_ERR_ARGUMENT);
  CU_ASSERT_EQUAL(idf_decoder_new_memory(NULL, NULL, 5, NULL), IDF_ERR_ARGUMENT);
  CU_ASSERT_EQUAL(idf_decoder_region(NULL, 0, 0, 1, 1), IDF_ERR_ARGUMENT);
  CU_ASSERT_EQUAL(idf_decoder_scale(NULL, 1), IDF_ERR_ARGUMENT);
  CU_ASSERT_EQUAL_FATAL(idf_decoder_new_memory(NULL, NULL, 0, &d), IDF_OK);
  CU_ASSERT_EQUAL(idf_decoder_info(d, NULL), IDF_ERR_NOT_IDF);
  idf_decoder_free(d);
  CU_ASSERT_EQUAL_FATAL(idf_decoder_new_memory(NULL, m.file.data, m.file.len, &d), IDF_OK);
  CU_ASSERT_EQUAL(idf_decoder_info(d, NULL), IDF_OK);
  CU_ASSERT_EQUAL(idf_decoder_region(d, 0, 0, 0, 1), IDF_ERR_ARGUMENT);
  CU_ASSERT_EQUAL(idf_decoder_region(d, 0, 0, 1, 0), IDF_ERR_ARGUMENT);
  CU_ASSERT_EQUAL(idf_decoder_region(d, 640, 0, 1, 1), IDF_ERR_ARGUMENT);
  CU_ASSERT_EQUAL(idf_decoder_region(d, 639, 575, 2, 1), IDF_ERR_ARGUMENT);
  CU_ASSERT_EQUAL(idf_decoder_region(d, 639, 575, 1, UINT32_MAX), IDF_ERR_ARGUMENT);
  CU_ASSERT_EQUAL(idf_decoder_scale(d, 4), IDF_ERR_ARGUMENT);
  CU_ASSERT_EQUAL(idf_decoder_region(d, 639, 575, 1, 1), IDF_OK);
  CU_ASSERT_EQUAL(idf_decoder_region(d, 0, 0, 640, 576), IDF_OK); /* changed */
  CU_ASSERT_EQUAL(idf_decoder_scale(d, 3), IDF_OK);
  CU_ASSERT_EQUAL(idf_decoder_output(d, &out), IDF_OK);
  CU_ASSERT(out.width == 80 && out.height == 72 && out.depth == 16);
  idf_decoder_free(d);
  close_many(&m);
}

static idf_status failing(const golden_file *f, int64_t n)
{
  uint8_t row[4 * 1024];
  idf_decoder *d = NULL;
  const idf_place place = {
      .read_at = idf_memory_read_at, .context = (void *)(uintptr_t)f->data, .size = f->size};
  idf_status status = idf_decoder_create_at(NULL, &place, n, &d);
  if (status == IDF_OK)
    status = idf_decoder_info(d, NULL);
  if (status == IDF_OK)
    status = idf_decoder_region(d, 0, f->info.height / 2, f->info.width, f->info.height / 2);
  if (status == IDF_OK)
    status = idf_decoder_scale(d, 2);
  if (status == IDF_OK)
    status = idf_decoder_rgba8(d, row, 1);
  if (status == IDF_OK)
    status = idf_decoder_finish(d);
  idf_decoder_free(d);
  return status;
}

static void fail_each(const golden_file *f, void *context)
{
  (void)context;
  if (strcmp(f->name, "good-drawn-palette.idf") && strcmp(f->name, "good-tiles.idf")
      && strcmp(f->name, "good-kept-bands.idf"))
    return;
  CU_ASSERT_FATAL(f->info.width <= 1024);
  for (int64_t n = 0; n < 10000; n++) {
    const idf_status status = failing(f, n);
    if (status == IDF_OK)
      return;
    GOLDEN_ASSERT(f, status == IDF_ERR_MEMORY);
  }
  CU_FAIL("allocations do not end");
}

static void memory_may_fail(void)
{
  golden_each(fail_each, NULL);
}

static const idf_unit_test tests[] = {
    {"parts of every good file, at every scale", every_good_file},
    {"only what is needed is read", only_what_is_needed_is_read},
    {"a damaged index is an error or not used", a_damaged_index_is_an_error_or_not_used},
    {"damage in the part costs itself", damage_in_the_part_costs_itself},
    {"no byte of the end is believed", no_byte_of_the_end_is_believed},
    {"little memory is enough", little_memory_is_enough},
    {"wrong use", wrong_use},
    {"every allocation may fail", memory_may_fail},
    {NULL, NULL}};

int idf_suite_decoder_view(void)
{
  return idf_unit_suite("decoder_view", tests);
}
