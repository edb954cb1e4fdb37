/* SPDX-License-Identifier: BSD-3-Clause
 *
 * test_screen.c: drawn tiles of any shape come back and are short, photographs are not
 * tried, the report adds up, and damage is harmless.
 */
#include "screen.h"

#include "unit.h"

int idf_suite_screen(void);

enum { PAGE, DITHER, GRADIENT, NOISE, STRIPES, WORN, KINDS };

typedef struct screen_case {
  idf_mem mem;
  idf_tile_shape shape;
  uint16_t *in, *back;
  size_t stride;
  idf_buf out;
  unsigned bits;
} screen_case;

/* PAGE: glyphs of 5 x 7 random dots, 8 of them, in random order on plain ground. WORN: noise
 * that comes again every 7 rows, with one sample in 500 another. */
static uint32_t sample(idf_unit_random *r, int kind, uint32_t x, uint32_t y, unsigned c)
{
  if (kind == PAGE) {
    if (x % 8 < 2 || y % 12 < 5)
      return 250 - c;
    idf_unit_random which = idf_unit_random_of(x / 8 + 100 * (y / 12)), glyph;
    idf_unit_next(&which);
    glyph = idf_unit_random_of(1 + (idf_unit_next(&which) & 7) + 8 * (x % 8) + 64 * (y % 12));
    idf_unit_next(&glyph);
    return idf_unit_next(&glyph) & 1 ? 250 - c : 10 * c;
  }
  if (kind == WORN) {
    idf_unit_random which = idf_unit_random_of(1000 * (y % 7) + x + c);
    const bool worn = idf_unit_below(r, 500) == 0;
    for (int i = 0; i < 9; i++)
      idf_unit_next(&which);
    return idf_unit_next(worn ? r : &which);
  }
  return kind == DITHER     ? (x + y) % 2 * 90 + c
         : kind == GRADIENT ? 2 * y + c
         : kind == STRIPES  ? x / 3 % 4 * 50 + c
                            : idf_unit_next(r);
}

static void open_case(screen_case *c, idf_tile_shape shape, int kind)
{
  idf_unit_random r = idf_unit_random_of(1);
  *c = (screen_case){.shape = shape,
                     .stride = (size_t)shape.width * shape.channels + 3,
                     .bits = IDF_SCREEN_BITS_MAX};
  idf_mem_init(&c->mem, UINT64_MAX);
  idf_buf_init(&c->out, &c->mem);
  c->in = idf_alloc(&c->mem, c->stride * shape.height, sizeof *c->in);
  c->back = idf_alloc(&c->mem, c->stride * shape.height, sizeof *c->back);
  CU_ASSERT_FATAL(c->in != NULL && c->back);
  for (uint32_t y = 0; y < shape.height; y++)
    for (uint32_t x = 0; x < shape.width; x++)
      for (unsigned k = 0; k < shape.channels; k++)
        c->in[y * c->stride + x * shape.channels + k] =
            (uint16_t)(sample(&r, kind, x, y, k) & ((1u << shape.depth) - 1));
}

static void close_case(screen_case *c)
{
  idf_free(&c->mem, c->in);
  idf_free(&c->mem, c->back);
  idf_buf_free(&c->out);
  CU_ASSERT_EQUAL(c->mem.used, 0);
}

static bool same(const screen_case *c)
{
  const size_t row = (size_t)c->shape.width * c->shape.channels;
  for (size_t i = 0; i < c->stride * c->shape.height; i++)
    if (c->back[i] != (i % c->stride < row ? c->in[i] : 0))
      return false;
  return true;
}

static idf_tile tile_of(const screen_case *c, uint16_t *samples)
{
  return (idf_tile){.shape = c->shape, .samples = samples, .stride = c->stride};
}

static idf_hope look(const screen_case *c)
{
  const idf_tile tile = tile_of(c, c->in);
  return idf_screen.look(&tile);
}

static idf_status encode(screen_case *c)
{
  const idf_job job = {.mem = &c->mem};
  const idf_tile tile = tile_of(c, c->in);
  unsigned wanted;
  idf_status status = idf_screen_encode(&job, &tile, c->bits, &c->out, &wanted);
  CU_ASSERT_EQUAL(wanted, c->bits);
  return status;
}

static idf_status decode(screen_case *c, size_t len, idf_tile_report *report)
{
  const idf_job job = {.mem = &c->mem};
  const idf_tile tile = tile_of(c, c->back);
  return idf_screen_decode(&job, &tile, c->bits, idf_cur_of(c->out.data, len), report);
}

enum { TABLES = IDF_SCREEN_BITS_MAX - IDF_SCREEN_BITS + 1 };

static void any_tile_comes_back(void)
{
  static const uint32_t sizes[][2] = {{1, 1}, {1, 40},  {40, 1},   {2, 2},
                                      {5, 3}, {33, 20}, {130, 25}, {200, 18}};
  for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
    for (unsigned channels = 1; channels <= 4; channels++)
      for (unsigned depth = 1; depth <= 16; depth += 5)
        for (int kind = 0; kind < TABLES * KINDS; kind++) {
          screen_case c;
          idf_tile_shape s = {
              .width = sizes[i][0], .height = sizes[i][1], .channels = channels, .depth = depth};
          open_case(&c, s, kind / TABLES);
          c.bits = IDF_SCREEN_BITS + (unsigned)kind % TABLES;
          /* More would be too much to learn: a pixel takes seventy decisions at most. */
          const uint32_t most = 120u << 2 * (c.bits - IDF_SCREEN_BITS);
          c.shape.width = IDF_MIN(s.width, most);
          c.shape.height = IDF_MIN(s.height, most / c.shape.width);
          CU_ASSERT_EQUAL(encode(&c), IDF_OK);
          CU_ASSERT_EQUAL(decode(&c, c.out.len, NULL), IDF_OK);
          CU_ASSERT_TRUE(same(&c));
          close_case(&c);
        }
}

static void what_was_drawn_is_short(void)
{
  static const struct {
    int kind;
    size_t bytes;
  } most[] = {{PAGE, 900}, {DITHER, 60}, {GRADIENT, 320}, {STRIPES, 100}};
  for (size_t i = 0; i < sizeof most / sizeof *most; i++) {
    screen_case c;
    open_case(&c, (idf_tile_shape){.width = 240, .height = 120, .channels = 3, .depth = 8},
              most[i].kind);
    CU_ASSERT_EQUAL(encode(&c), IDF_OK);
    if (c.out.len > most[i].bytes)
      printf("# kind %d: %zu bytes\n", most[i].kind, c.out.len);
    CU_ASSERT_TRUE(c.out.len <= most[i].bytes);
    CU_ASSERT_NOT_EQUAL(look(&c), IDF_HOPELESS);
    close_case(&c);
  }
}

/* What tables of so many bits make of noise; *wanted as idf_screen_encode has it. */
static size_t noise_bytes(uint32_t width, uint32_t height, unsigned bits, unsigned *wanted)
{
  screen_case c;
  size_t bytes;
  open_case(&c, (idf_tile_shape){.width = width, .height = height, .channels = 3, .depth = 8},
            NOISE);
  c.bits = bits;
  const idf_job job = {.mem = &c.mem};
  const idf_tile tile = tile_of(&c, c.in);
  CU_ASSERT_EQUAL(idf_screen_encode(&job, &tile, bits, &c.out, wanted), IDF_OK);
  bytes = c.out.len;
  if (*wanted == bits) {
    CU_ASSERT_EQUAL(decode(&c, bytes, NULL), IDF_OK);
    CU_ASSERT_TRUE(same(&c));
    /* Who takes other tables does not get far. */
    c.bits = bits == IDF_SCREEN_BITS ? IDF_SCREEN_BITS_MAX : IDF_SCREEN_BITS;
    if (width * height >= 512)
      CU_ASSERT_TRUE(decode(&c, bytes, NULL) != IDF_OK || !same(&c));
  } else {
    CU_ASSERT_EQUAL(bytes, 0);
  }
  close_case(&c);
  return bytes;
}

static void small_tables_are_for_few_decisions(void)
{
  unsigned wanted;
  /* So much noise that slots are lost, */
  const size_t large = noise_bytes(48, 24, 19, &wanted);
  const size_t small = noise_bytes(48, 24, 15, &wanted);
  CU_ASSERT_EQUAL(wanted, 15);
  CU_ASSERT_TRUE(small < large * 21 / 20);
  /* and too much: sooner or later it says so, with what follows in one step. */
  CU_ASSERT_EQUAL(noise_bytes(48, 30, 15, &wanted), 0);
  CU_ASSERT_EQUAL(wanted, 16);
  CU_ASSERT_TRUE(noise_bytes(48, 30, 16, &wanted) > 0);
  CU_ASSERT_EQUAL(wanted, 16);
  CU_ASSERT_EQUAL(noise_bytes(75, 150, 15, &wanted), 0);
  CU_ASSERT_EQUAL(wanted, 17);
  CU_ASSERT_EQUAL(noise_bytes(75, 150, 16, &wanted), 0);
  CU_ASSERT_EQUAL(wanted, 17);
  CU_ASSERT_EQUAL(noise_bytes(250, 125, 14, &wanted), 0);
  CU_ASSERT_EQUAL(wanted, 18);
  CU_ASSERT_EQUAL(noise_bytes(330, 330, 15, &wanted), 0);
  CU_ASSERT_EQUAL(wanted, 19);
  /* Not where the tile is too small for larger ones. */
  CU_ASSERT_TRUE(noise_bytes(22, 23, 14, &wanted) > 0);
  CU_ASSERT_EQUAL(wanted, 14);
}

static void only_photographs_are_hopeless(void)
{
  screen_case c;
  idf_tile_shape s = {.width = 200, .height = 100, .channels = 3, .depth = 8};
  idf_tile tile = {.shape = s};
  open_case(&c, s, NOISE);
  CU_ASSERT_EQUAL(look(&c), IDF_HOPELESS);
  close_case(&c);
  open_case(&c, s, STRIPES);
  CU_ASSERT_EQUAL(look(&c), IDF_LIKELY);
  CU_ASSERT_TRUE(idf_screen.settles(&tile, IDF_LIKELY, NULL, 2499));
  CU_ASSERT_FALSE(idf_screen.settles(&tile, IDF_LIKELY, NULL, 2500));
  CU_ASSERT_FALSE(idf_screen.settles(&tile, IDF_OPEN, NULL, 2499));
  close_case(&c);
  open_case(&c, s, DITHER); /* no pixel equals W or N, but two colours are few */
  CU_ASSERT_EQUAL(look(&c), IDF_OPEN);
  close_case(&c);
  s.height = 20; /* cheap to try, but not worth it */
  open_case(&c, s, NOISE);
  CU_ASSERT_EQUAL(look(&c), IDF_HOPELESS);
  tile.shape = s;
  const size_t limit = ((size_t)s.width * s.height * 3 + 7) / 8; /* 3 bits a pixel */
  CU_ASSERT_TRUE(idf_screen.settles(&tile, IDF_LIKELY, NULL, limit - 1));
  CU_ASSERT_FALSE(idf_screen.settles(&tile, IDF_LIKELY, NULL, limit));
  CU_ASSERT_FALSE(idf_screen.settles(&tile, IDF_OPEN, NULL, 1));
  close_case(&c);
  s.channels = 4;
  open_case(&c, s, NOISE);
  CU_ASSERT_EQUAL(look(&c), IDF_OPEN);
  close_case(&c);
  s.channels = 3;
  open_case(&c, s, NOISE); /* a slope: no pixel equals another, all are foretold */
  for (uint32_t y = 0; y < s.height; y++)
    for (uint32_t x = 0; x < 3 * s.width; x++)
      c.in[y * c.stride + x] = (uint16_t)(x / 3 + y);
  CU_ASSERT_EQUAL(look(&c), IDF_OPEN);
  close_case(&c);
  s.height = 5;
  open_case(&c, s, NOISE);
  CU_ASSERT_EQUAL(look(&c), IDF_OPEN);
  close_case(&c);
  s.channels = 1;
  s.indexed = true;
  open_case(&c, s, NOISE);
  CU_ASSERT_EQUAL(look(&c), IDF_LIKELY);
  close_case(&c);
}

static void reports_add_up(void)
{
  for (int kind = 0; kind < KINDS; kind++) {
    screen_case c;
    idf_tile_shape s = {.width = 90, .height = 50, .channels = 4, .depth = 8};
    open_case(&c, s, kind);
    const size_t pixels = (size_t)s.width * s.height;
    idf_tile_report report = {.map = idf_alloc(&c.mem, pixels, sizeof(float))};
    CU_ASSERT_PTR_NOT_NULL_FATAL(report.map);
    CU_ASSERT_EQUAL(encode(&c), IDF_OK);
    CU_ASSERT_EQUAL(decode(&c, c.out.len, &report), IDF_OK);
    CU_ASSERT_TRUE(same(&c));
    double map = 0, planes = 0, bits = report.model_bits;
    for (size_t i = 0; i < pixels; i++)
      map += (double)report.map[i];
    for (unsigned i = 0; i < 4; i++)
      planes += report.channel_bits[i];
    CU_ASSERT_DOUBLE_EQUAL(planes, bits, 1e-6 * bits);
    CU_ASSERT_DOUBLE_EQUAL(map, bits, 1e-3 * bits + 1);
    CU_ASSERT_TRUE((double)c.out.len >= bits / 8 && (double)c.out.len <= bits / 8 + 9);
    idf_free(&c.mem, report.map);
    close_case(&c);
  }
}

static void damage_is_harmless(void)
{
  screen_case c;
  open_case(&c, (idf_tile_shape){.width = 70, .height = 40, .channels = 3, .depth = 5}, PAGE);
  CU_ASSERT_EQUAL_FATAL(encode(&c), IDF_OK);
  for (uint64_t seed = 0; seed < 300; seed++) {
    idf_unit_random r = idf_unit_random_of(seed);
    size_t at = idf_unit_below(&r, (uint32_t)c.out.len);
    size_t len = seed % 3 == 0 ? at : c.out.len;
    uint8_t flip = (uint8_t)(1u << idf_unit_below(&r, 8));
    c.out.data[at] ^= flip;
    idf_status status = decode(&c, len, NULL);
    c.out.data[at] ^= flip;
    IDF_UNIT_SEEDED(&r, status == IDF_ERR_CORRUPT || status == IDF_ERR_TRUNCATED);
    unsigned seen = 0;
    for (size_t i = 0; i < c.stride * c.shape.height; i++)
      seen |= c.back[i];
    IDF_UNIT_SEEDED(&r, seen < 32);
  }
  close_case(&c);
}

static void memory_can_be_refused(void)
{
  screen_case c;
  open_case(&c, (idf_tile_shape){.width = 70, .height = 40, .channels = 3, .depth = 8}, PAGE);
  uint64_t before = c.mem.used;
  int64_t n = 0;
  for (idf_status status = IDF_ERR_MEMORY; status != IDF_OK; n++) {
    idf_buf_free(&c.out);
    c.mem.fail_in = n;
    status = encode(&c);
    CU_ASSERT_TRUE(status == IDF_OK || (status == IDF_ERR_MEMORY && c.mem.used == before));
    CU_ASSERT_FATAL(n < 100);
  }
  CU_ASSERT_TRUE(n > 10);
  n = 0;
  before = c.mem.used;
  for (idf_status status = IDF_ERR_MEMORY; status != IDF_OK; n++) {
    c.mem.fail_in = n;
    status = decode(&c, c.out.len, NULL);
    CU_ASSERT_TRUE((status == IDF_OK || status == IDF_ERR_MEMORY) && c.mem.used == before);
    CU_ASSERT_FATAL(n < 100);
  }
  CU_ASSERT_TRUE(n > 10);
  CU_ASSERT_TRUE(same(&c));
  c.mem.fail_in = -1;
  close_case(&c);
}

int idf_suite_screen(void)
{
  static const idf_unit_test tests[] = {
      {"any tile comes back", any_tile_comes_back},
      {"what was drawn is short", what_was_drawn_is_short},
      {"small tables are for few decisions", small_tables_are_for_few_decisions},
      {"only photographs are hopeless", only_photographs_are_hopeless},
      {"reports add up", reports_add_up},
      {"damage is harmless", damage_is_harmless},
      {"memory can be refused", memory_can_be_refused},
      {NULL, NULL}};
  return idf_unit_suite("screen", tests);
}
