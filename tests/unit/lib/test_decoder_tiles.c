/* SPDX-License-Identifier: BSD-3-Clause
 *
 * test_decoder_tiles.c: what a damaged tile costs: itself, and nothing else, when the
 * caller asked to keep going; and what is measured on the way.
 */
#include "internal.h"
#include "picture.h"
#include "state.h"
#include "unit.h"

int idf_suite_decoder_tiles(void);

#define SIDE 64u
#define WIDE 200u
#define HIGH 130u
#define ACROSS 4u
#define TILES 12u

typedef struct many_tiles {
  idf_mem mem;
  idf_info info;
  uint8_t *raw, *back;
  idf_buf file;
  size_t at[TILES + 1]; /* offset of each tile's record; of the index */
} many_tiles;

static void open_many(many_tiles *m)
{
  idf_decoder *d = NULL;
  idf_anatomy a;
  idf_mem_init(&m->mem, UINT64_MAX);
  idf_buf_init(&m->file, &m->mem);
  m->info = picture_info(WIDE, HIGH, IDF_GRAY, 8);
  m->raw = picture_make(&m->mem, &m->info, PICTURE_NOISE, 1);
  m->back = idf_alloc(&m->mem, (size_t)WIDE * HIGH, 1);
  CU_ASSERT_PTR_NOT_NULL_FATAL(m->raw);
  CU_ASSERT_PTR_NOT_NULL_FATAL(m->back);
  /* Noise is stored, which is quick to decode again and again; the last, narrow column
   * of tiles is left to the flow. */
  for (size_t y = 0; y < HIGH; y++)
    for (size_t x = 0; x < WIDE; x++)
      if (x >= 192)
        m->raw[y * WIDE + x] = (uint8_t)(x + 2 * y);
  CU_ASSERT_EQUAL_FATAL(picture_encode(&m->info, m->raw, 6, &m->file), IDF_OK);
  picture_source source = {m->file.data, m->file.len, 0};
  CU_ASSERT_EQUAL_FATAL(idf_decoder_new(NULL, picture_read, &source, &d), IDF_OK);
  CU_ASSERT_EQUAL_FATAL(idf_decoder_finish(d), IDF_OK);
  idf_decoder_anatomy(d, &a);
  m->at[0] = (size_t)a.header_bytes;
  for (size_t i = 0; i < TILES; i++) {
    idf_tile_info tile;
    CU_ASSERT_EQUAL_FATAL(idf_decoder_tile(d, i, &tile), IDF_OK);
    m->at[i + 1] = m->at[i] + (size_t)tile.bytes;
  }
  idf_decoder_free(d);
}

static void close_many(many_tiles *m)
{
  idf_buf_free(&m->file);
  idf_free(&m->mem, m->raw);
  idf_free(&m->mem, m->back);
  CU_ASSERT_EQUAL(m->mem.used, 0);
}

/* Decodes with keep_going; bit i of the result: tile i was reported lost. Also checks
 * that lost tiles are zero, the others right, and the count true. */
static unsigned lost_with(many_tiles *m, unsigned threads, size_t len, uint64_t max_memory,
                          idf_status *status, idf_anatomy *anatomy, char detail[160],
                          uint64_t methods[8])
{
  idf_decoder *d = NULL;
  idf_limits limits;
  idf_anatomy a;
  picture_source source = {m->file.data, len, 1000};
  unsigned lost = 0, count = 0;

  idf_limits_init(&limits);
  limits.max_memory = max_memory;
  CU_ASSERT_EQUAL_FATAL(idf_decoder_new(&limits, picture_read, &source, &d), IDF_OK);
  idf_decoder_keep_going(d, 1);
  idf_decoder_threads(d, threads);
  memset(m->back, 0x77, (size_t)WIDE * HIGH);
  *status = idf_decoder_rows(d, m->back, HIGH);
  if (*status == IDF_OK)
    *status = idf_decoder_finish(d);
  for (unsigned i = 0; *status == IDF_OK && i < TILES; i++) {
    idf_tile_info tile;
    CU_ASSERT_EQUAL(idf_decoder_tile(d, i, &tile), IDF_OK);
    lost |= (unsigned)tile.lost << i;
    count += tile.lost;
    for (uint32_t y = tile.y; y < tile.y + tile.height; y++)
      for (uint32_t x = tile.x; x < tile.x + tile.width; x++)
        if (m->back[y * WIDE + x] != (tile.lost ? 0 : m->raw[y * WIDE + x])) {
          CU_FAIL("a sample is neither right nor reported lost");
          y = HIGH;
          break;
        }
  }
  idf_decoder_anatomy(d, &a);
  CU_ASSERT_TRUE(*status != IDF_OK || a.tiles_lost == count);
  CU_ASSERT_TRUE(count == 0 || idf_decoder_detail(d)[0] != '\0');
  snprintf(detail, 160, "%s", idf_decoder_detail(d));
  *anatomy = a;
  for (size_t i = 0; i < 4; i++)
    CU_ASSERT_EQUAL(idf_decoder_method(d, i, NULL, &methods[2 * i], &methods[2 * i + 1]), IDF_OK);
  idf_decoder_free(d);
  return lost;
}

/* The same for several threads: nothing that can be asked may depend on them. */
static unsigned lost_tiles(many_tiles *m, size_t len, uint64_t max_memory, idf_status *status)
{
  idf_anatomy one, some;
  char text_one[160], text_some[160];
  uint64_t methods_one[8], methods_some[8];
  idf_status other;
  unsigned threads = (len + m->file.data[len / 2]) % 2 ? 2 : 5;
  unsigned lost = lost_with(m, 1, len, max_memory, status, &one, text_one, methods_one);
  CU_ASSERT_EQUAL(lost_with(m, threads, len, max_memory, &other, &some, text_some, methods_some),
                  lost);
  CU_ASSERT_EQUAL(other, *status);
  CU_ASSERT_STRING_EQUAL(text_some, text_one);
  CU_ASSERT_TRUE(some.tiles_lost == one.tiles_lost && some.tile_bytes == one.tile_bytes
                 && some.index_bytes == one.index_bytes && some.file_bytes == one.file_bytes);
  CU_ASSERT_EQUAL(memcmp(methods_some, methods_one, sizeof methods_one), 0);
  return lost;
}

/* Every byte of the frames (kind, length, method, checksum) and some between. */
static void a_damaged_tile_costs_itself(void)
{
  many_tiles m;
  idf_status status;
  open_many(&m);
  for (unsigned i = 0; i < TILES; i += 1 + i % 3)
    for (size_t k = m.at[i]; k < m.at[i + 1]; k++) {
      size_t in = k - m.at[i], left = m.at[i + 1] - k;
      if (in >= 6 && left > 4 && in % 1009 != 0)
        continue;
      uint8_t flip = (uint8_t)(1u << (k % 8));
      m.file.data[k] ^= flip;
      unsigned lost = lost_tiles(&m, m.file.len, IDF_DEFAULT_MEMORY, &status);
      m.file.data[k] ^= flip;
      if (status != IDF_OK || lost != 1u << i) {
        printf("# tile %u, byte %zu ^ %02x: status %d, lost %x\n", i, in, flip, (int)status, lost);
        CU_FAIL("one damaged byte did not cost one tile");
      }
    }
  close_many(&m);
}

static void several_damaged_tiles_cost_themselves(void)
{
  many_tiles m;
  idf_status status;
  open_many(&m);
  for (uint64_t seed = 0; seed < 12; seed++) {
    idf_unit_random r = idf_unit_random_of(seed);
    unsigned want = 0, flips = 2 + idf_unit_below(&r, 4);
    size_t where[6];
    for (unsigned f = 0; f < flips; f++) {
      unsigned i = idf_unit_below(&r, TILES);
      where[f] = m.at[i] + idf_unit_below(&r, 4 + (uint32_t)(m.at[i + 1] - m.at[i]) / 2);
      m.file.data[where[f]] ^= (uint8_t)(0x80 >> f); /* never the same bit of the same byte */
      want |= 1u << i;
    }
    unsigned lost = lost_tiles(&m, m.file.len, IDF_DEFAULT_MEMORY, &status);
    IDF_UNIT_SEEDED(&r, status == IDF_OK && lost == want);
    for (unsigned f = 0; f < flips; f++)
      m.file.data[where[f]] ^= (uint8_t)(0x80 >> f);
  }
  close_many(&m);
}

/* Index and a tile damaged: a wrong length costs its tile and no other. */
static void no_index_is_needed(void)
{
  many_tiles m;
  idf_status status;
  open_many(&m);
  m.file.data[m.at[TILES] + 3] ^= 1;
  for (size_t k = 0; k < 25; k++) {
    m.file.data[m.at[5] + k] ^= 1;
    CU_ASSERT_EQUAL(lost_tiles(&m, m.file.len, IDF_DEFAULT_MEMORY, &status), 1u << 5);
    CU_ASSERT_EQUAL(status, IDF_OK);
    m.file.data[m.at[5] + k] ^= 1;
  }
  /* Only the index: the picture is whole, but the file is not. */
  CU_ASSERT_EQUAL(lost_tiles(&m, m.file.len, IDF_DEFAULT_MEMORY, &status), 0);
  CU_ASSERT_EQUAL(status, IDF_ERR_CORRUPT);
  close_many(&m);
}

/* Records dropped, repeated, exchanged and damaged, with the index and without: a tile is lost
 * when no good record of it is left, and only then. */
static void tiles_find_their_places(void)
{
  many_tiles m;
  open_many(&m);
  for (uint64_t seed = 0; seed < 60; seed++) {
    idf_unit_random r = idf_unit_random_of(seed);
    const bool index = idf_unit_below(&r, 2) == 0;
    unsigned order[3 * TILES], count = 0, there = 0;
    many_tiles mixed = m;
    idf_status status;
    for (unsigned i = 0; i < TILES; i++)
      for (unsigned n = idf_unit_below(&r, 5) ? 1 : idf_unit_below(&r, 4); n > 0; n--)
        order[count++] = i;
    for (unsigned n = idf_unit_below(&r, 5); n > 0 && count > 1; n--) {
      const unsigned a = idf_unit_below(&r, count), b = idf_unit_below(&r, count);
      const unsigned was = order[a];
      order[a] = order[b];
      order[b] = was;
    }
    idf_buf_init(&mixed.file, &m.mem);
    idf_put_bytes(&mixed.file, m.file.data, m.at[0]);
    for (unsigned k = 0; k < count; k++) {
      const size_t from = mixed.file.len, size = m.at[order[k] + 1] - m.at[order[k]];
      const bool good = idf_unit_below(&r, 6) != 0;
      idf_put_bytes(&mixed.file, m.file.data + m.at[order[k]], size);
      if (!good)
        mixed.file.data[from + idf_unit_below(&r, (uint32_t)size)] ^= 0x10;
      there |= (unsigned)good << order[k];
    }
    if (index)
      idf_put_bytes(&mixed.file, m.file.data + m.at[TILES], m.file.len - m.at[TILES]);
    const unsigned lost = lost_tiles(&mixed, mixed.file.len, IDF_DEFAULT_MEMORY, &status);
    if (status == IDF_OK)
      IDF_UNIT_SEEDED(&r, lost == (0xfffu & ~there));
    else /* all tiles are there, and what follows them is not */
      IDF_UNIT_SEEDED(&r, there == 0xfffu && idf_is_damage(status));
    idf_buf_free(&mixed.file);
  }
  close_many(&m);
}

/* The rest of the file is too large to be held: numbers still keep tiles from wrong places. */
static void what_cannot_be_held_is_read_in_order(void)
{
  static const struct {
    unsigned order[5]; /* the records that come first; those of later tiles follow */
    unsigned count, lost;
  } cases[] = {{{1, 2}, 2, 1},    {{1, 0, 2}, 3, 1}, {{0, 0, 1, 2}, 4, 0},   {{0, 2}, 2, 2},
               {{0, 2, 1}, 3, 2}, {{2}, 1, 3},       {{1, 0, 1, 0, 2}, 5, 1}};
  idf_mem mem;
  idf_info info = picture_info(WIDE, HIGH, IDF_RGB, 8);
  idf_buf file;
  size_t at[TILES + 1];
  idf_decoder *d = NULL;
  idf_anatomy a;
  idf_tile_info tile;
  idf_mem_init(&mem, UINT64_MAX);
  idf_buf_init(&file, &mem);
  uint8_t *raw = picture_make(&mem, &info, PICTURE_NOISE, 5);
  uint8_t *back = idf_alloc(&mem, idf_row_bytes(&info), HIGH);
  CU_ASSERT_EQUAL_FATAL(picture_encode(&info, raw, 6, &file), IDF_OK);
  picture_source source = {file.data, file.len, 0};
  CU_ASSERT_EQUAL_FATAL(idf_decoder_new(NULL, picture_read, &source, &d), IDF_OK);
  CU_ASSERT_EQUAL_FATAL(idf_decoder_finish(d), IDF_OK);
  idf_decoder_anatomy(d, &a);
  at[0] = (size_t)a.header_bytes;
  for (size_t i = 0; i < TILES; i++) {
    CU_ASSERT_EQUAL_FATAL(idf_decoder_tile(d, i, &tile), IDF_OK);
    at[i + 1] = at[i] + (size_t)tile.bytes;
  }
  idf_decoder_free(d);
  for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
    idf_limits limits;
    idf_buf mixed;
    idf_buf_init(&mixed, &mem);
    idf_put_bytes(&mixed, file.data, at[0]);
    for (unsigned k = 0; k < cases[c].count; k++)
      idf_put_bytes(&mixed, file.data + at[cases[c].order[k]],
                    at[cases[c].order[k] + 1] - at[cases[c].order[k]]);
    idf_put_bytes(&mixed, file.data + at[3], file.len - at[3]);
    source = (picture_source){mixed.data, mixed.len, 0};
    idf_limits_init(&limits);
    limits.max_memory = 190000;
    /* from the first record that is not what it should be */
    CU_ASSERT_TRUE(mixed.len - at[cases[c].order[0] == 0] > limits.max_memory / 4);
    CU_ASSERT_EQUAL_FATAL(idf_decoder_new(&limits, picture_read, &source, &d), IDF_OK);
    idf_decoder_keep_going(d, 1);
    CU_ASSERT_EQUAL(idf_decoder_rows(d, back, HIGH), IDF_OK);
    CU_ASSERT_EQUAL(idf_decoder_finish(d), IDF_OK);
    for (unsigned i = 0; i < TILES; i++) {
      CU_ASSERT_EQUAL(idf_decoder_tile(d, i, &tile), IDF_OK);
      CU_ASSERT_EQUAL(tile.lost, cases[c].lost >> i & 1);
      for (size_t y = tile.y; y < tile.y + tile.height; y++) {
        const size_t from = (y * WIDE + tile.x) * 3;
        for (size_t x = 0; x < 3 * (size_t)tile.width; x++)
          if (back[from + x] != (tile.lost ? 0 : raw[from + x]))
            CU_FAIL_FATAL("a tile is in a wrong place");
      }
    }
    idf_decoder_free(d);
    idf_buf_free(&mixed);
  }
  idf_buf_free(&file);
  idf_free(&mem, raw);
  idf_free(&mem, back);
  CU_ASSERT_EQUAL(mem.used, 0);
}

/* Replaces the index by one of these sizes, with right checksums and end. */
static void forge_index(many_tiles *m, const size_t *sizes, size_t count)
{
  idf_buf body, index, end;
  idf_buf_init(&body, &m->mem);
  idf_buf_init(&index, &m->mem);
  idf_buf_init(&end, &m->mem);
  idf_put_bytes(&body, m->file.data, m->at[TILES]);
  for (size_t i = 0; i < count; i++)
    idf_put_varint(&index, sizes[i]);
  size_t from = body.len;
  idf_write_record(IDF_SIMD_AUTO, &body, 'I', index.data, index.len);
  idf_put_bytes(&end, m->file.data + m->file.len - 12, 4); /* checksum of the samples */
  idf_put_le32(&end, (uint32_t)(body.len - from));
  idf_write_record(IDF_SIMD_AUTO, &body, 'E', end.data, 8);
  idf_buf_free(&m->file);
  idf_buf_free(&index);
  idf_buf_free(&end);
  m->file = body;
}

/* A forged index may cost tiles, but puts none in the place of another. */
static void a_lying_index_misplaces_nothing(void)
{
  for (int lie = 0; lie < 5; lie++) {
    many_tiles m;
    idf_status status;
    size_t sizes[TILES + 1], count = TILES;
    open_many(&m);
    for (size_t i = 0; i < TILES; i++)
      sizes[i] = m.at[i + 1] - m.at[i];
    sizes[TILES] = 1;
    if (lie == 0)
      sizes[3] += sizes[4]; /* too long in all */
    else if (lie == 1)
      sizes[3] = 0; /* too short in all */
    else if (lie == 2)
      count--;
    else if (lie == 3)
      count++;
    else {
      sizes[3] += 1; /* right in all, wrong between */
      sizes[4] -= 1;
    }
    forge_index(&m, sizes, count);
    CU_ASSERT_EQUAL(lost_tiles(&m, m.file.len, IDF_DEFAULT_MEMORY, &status), 0);
    CU_ASSERT_EQUAL(status, IDF_ERR_CORRUPT); /* nothing lost, but the file is not sound */
    m.file.data[m.at[1] + 9] ^= 1;
    CU_ASSERT_EQUAL(lost_tiles(&m, m.file.len, IDF_DEFAULT_MEMORY, &status), 1u << 1);
    CU_ASSERT_EQUAL(status, IDF_OK);
    close_many(&m);
  }
}

static void a_cut_file_costs_its_rest(void)
{
  many_tiles m;
  idf_status status;
  open_many(&m);
  for (unsigned i = 0; i < TILES; i += 3) {
    unsigned want = 0xfffu & ~((1u << i) - 1);
    CU_ASSERT_EQUAL(lost_tiles(&m, m.at[i], IDF_DEFAULT_MEMORY, &status), want);
    CU_ASSERT_EQUAL(status, IDF_OK);
    CU_ASSERT_EQUAL(lost_tiles(&m, m.at[i + 1] - 1, IDF_DEFAULT_MEMORY, &status), want);
    CU_ASSERT_EQUAL(status, IDF_OK);
  }
  CU_ASSERT_EQUAL(lost_tiles(&m, m.file.len - 1, IDF_DEFAULT_MEMORY, &status), 0);
  CU_ASSERT_EQUAL(status, IDF_ERR_TRUNCATED);
  close_many(&m);
}

/* Whatever is flipped behind the header: with keep_going nothing wrong is called right. */
static void keeping_going_never_lies(void)
{
  many_tiles m;
  idf_status status;
  open_many(&m);
  for (uint64_t seed = 0; seed < 25; seed++) {
    idf_unit_random r = idf_unit_random_of(seed);
    uint32_t span = (uint32_t)(m.file.len - m.at[0]);
    size_t a = m.at[0] + idf_unit_below(&r, span), b = m.file.len - 1 - idf_unit_below(&r, 60);
    m.file.data[a] ^= 0x20;
    m.file.data[b] ^= 0x04;
    (void)lost_tiles(&m, m.file.len, IDF_DEFAULT_MEMORY, &status); /* checks the samples */
    IDF_UNIT_SEEDED(&r,
                    status == IDF_OK || status == IDF_ERR_CORRUPT || status == IDF_ERR_TRUNCATED);
    m.file.data[a] ^= 0x20;
    m.file.data[b] ^= 0x04;
  }
  CU_ASSERT_EQUAL(lost_tiles(&m, m.file.len, IDF_DEFAULT_MEMORY, &status), 0);
  CU_ASSERT_EQUAL(status, IDF_OK);
  close_many(&m);
}

typedef struct measured {
  unsigned calls;
  double map_bits;
  uint64_t pixels;
} measured;

static void add_map(void *context, const idf_tile_info *tile, const float *bits)
{
  measured *sum = context;
  sum->calls++;
  sum->pixels += (uint64_t)tile->width * tile->height;
  for (size_t i = 0; i < (size_t)tile->width * tile->height; i++)
    sum->map_bits += (double)bits[i];
}

static void bits_are_measured(void)
{
  many_tiles m;
  idf_anatomy a;
  idf_decoder *d = NULL;
  measured sum = {0, 0, 0};
  open_many(&m);
  picture_source source = {m.file.data, m.file.len, 0};
  CU_ASSERT_EQUAL_FATAL(idf_decoder_new(NULL, picture_read, &source, &d), IDF_OK);
  idf_decoder_measure(d, add_map, &sum);
  for (uint32_t y = 0; y < HIGH; y++) /* one row at a time */
    CU_ASSERT_EQUAL(idf_decoder_rows(d, m.back + y * WIDE, 1), IDF_OK);
  CU_ASSERT_EQUAL(idf_decoder_finish(d), IDF_OK);
  CU_ASSERT_EQUAL(memcmp(m.back, m.raw, (size_t)WIDE * HIGH), 0);
  idf_decoder_anatomy(d, &a);
  CU_ASSERT_EQUAL(sum.calls, TILES);
  CU_ASSERT_EQUAL(sum.pixels, (uint64_t)WIDE * HIGH);
  CU_ASSERT_TRUE(a.model_bits > 0 && a.model_bits <= 8.0 * (double)a.tile_bytes);
  CU_ASSERT_TRUE((double)a.tile_bytes <= a.model_bits / 8 * 1.005 + 80.0 * TILES);
  CU_ASSERT_DOUBLE_EQUAL(sum.map_bits, a.model_bits, 1e-3 * a.model_bits);
  idf_decoder_free(d);
  close_many(&m);
}

/* Without a map, threads measure too: to the last bit what one does. */
static void bits_do_not_depend_on_threads(void)
{
  many_tiles m;
  idf_anatomy one, a;
  open_many(&m);
  for (unsigned threads = 1; threads < 6; threads++) {
    idf_decoder *d = NULL;
    picture_source source = {m.file.data, m.file.len, 999};
    CU_ASSERT_EQUAL_FATAL(idf_decoder_new(NULL, picture_read, &source, &d), IDF_OK);
    idf_decoder_threads(d, threads);
    idf_decoder_measure(d, NULL, NULL);
    CU_ASSERT_EQUAL(idf_decoder_rows(d, m.back, HIGH), IDF_OK);
    CU_ASSERT_EQUAL(idf_decoder_finish(d), IDF_OK);
    CU_ASSERT_EQUAL(memcmp(m.back, m.raw, (size_t)WIDE * HIGH), 0);
    idf_decoder_anatomy(d, threads == 1 ? &one : &a);
    CU_ASSERT_TRUE(one.model_bits > 0);
    CU_ASSERT_TRUE(threads == 1
                   || (a.model_bits == one.model_bits
                       && memcmp(a.channel_bits, one.channel_bits, sizeof a.channel_bits) == 0));
    idf_decoder_free(d);
  }
  close_many(&m);
}

/* Every limit down to what one thread needs: fewer threads, the same samples. */
static void little_memory_means_fewer_threads(void)
{
  many_tiles m;
  uint64_t peak = 0;
  open_many(&m);
  for (int i = 0; i < 8; i++) {
    idf_decoder *d = NULL;
    idf_limits limits;
    picture_source source = {m.file.data, m.file.len, 0};
    idf_limits_init(&limits);
    if (i > 0)
      limits.max_memory = i == 7 ? peak - 1 : peak + peak / (unsigned)(2 * i) + 20000;
    CU_ASSERT_EQUAL_FATAL(idf_decoder_new(&limits, picture_read, &source, &d), IDF_OK);
    idf_decoder_threads(d, i ? 6 : 1);
    idf_status status = idf_decoder_rows(d, m.back, HIGH);
    if (status == IDF_OK)
      status = idf_decoder_finish(d);
    CU_ASSERT_EQUAL(status, i == 7 ? IDF_ERR_LIMIT : IDF_OK);
    CU_ASSERT_TRUE(i == 7 || memcmp(m.back, m.raw, (size_t)WIDE * HIGH) == 0);
    if (i == 0)
      peak = idf_object_mem(d)->peak;
    else
      CU_ASSERT_TRUE(idf_object_mem(d)->peak <= limits.max_memory);
    idf_decoder_free(d);
  }
  close_many(&m);
}

/* A row of tiles is asked for before the end: the rest is skipped, and seen. */
static void a_part_can_be_enough(void)
{
  many_tiles m;
  idf_anatomy a;
  open_many(&m);
  for (int round = 0; round < 4; round++) {
    idf_decoder *d = NULL;
    const unsigned threads = round < 2 ? 1 : 5;
    const bool damaged = round % 2 == 0;
    m.file.data[m.at[9] + 30] ^= 1; /* good again when it is done the second time */
    picture_source source = {m.file.data, m.file.len, 0};
    CU_ASSERT_EQUAL_FATAL(idf_decoder_new(NULL, picture_read, &source, &d), IDF_OK);
    idf_decoder_threads(d, threads);
    CU_ASSERT_EQUAL(idf_decoder_rows(d, m.back, 70), IDF_OK);
    CU_ASSERT_EQUAL(memcmp(m.back, m.raw, (size_t)WIDE * 70), 0);
    CU_ASSERT_EQUAL(idf_decoder_finish(d), damaged ? IDF_ERR_CORRUPT : IDF_OK);
    CU_ASSERT_EQUAL(strncmp(idf_decoder_detail(d), "tile 9 ", damaged ? 7 : 0), 0);
    idf_decoder_anatomy(d, &a);
    CU_ASSERT_TRUE(damaged || a.file_bytes == m.file.len);
    idf_decoder_free(d);
  }
  close_many(&m);
}

int idf_suite_decoder_tiles(void)
{
  static const idf_unit_test tests[] = {
      {"a damaged tile costs itself", a_damaged_tile_costs_itself},
      {"several damaged tiles cost themselves", several_damaged_tiles_cost_themselves},
      {"no index is needed", no_index_is_needed},
      {"tiles find their places", tiles_find_their_places},
      {"what cannot be held is read in order", what_cannot_be_held_is_read_in_order},
      {"a lying index misplaces nothing", a_lying_index_misplaces_nothing},
      {"a cut file costs its rest", a_cut_file_costs_its_rest},
      {"keeping going never lies", keeping_going_never_lies},
      {"bits are measured", bits_are_measured},
      {"bits do not depend on threads", bits_do_not_depend_on_threads},
      {"little memory means fewer threads", little_memory_means_fewer_threads},
      {"a part can be enough", a_part_can_be_enough},
      {NULL, NULL}};
  return idf_unit_suite("decoder_tiles", tests);
}
