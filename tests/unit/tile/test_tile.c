/* SPDX-License-Identifier: BSD-3-Clause
 *
 * test_tile.c: every shape comes back, the smallest method is taken, and payloads
 * that are not exactly right are refused.
 */
#include "tile.h"

#include "internal.h"
#include "picture.h"
#include "unit.h"

int idf_suite_tile(void);

#define STRIDE_PAD 5
#define STRIPES 1000 /* a kind beside those of picture.h */

typedef struct tile_case {
  idf_mem mem;
  idf_model *model;
  idf_job job;
  idf_buf out;
} tile_case;

static void open_case(tile_case *c)
{
  idf_mem_init(&c->mem, UINT64_MAX);
  CU_ASSERT_EQUAL_FATAL(idf_builtin_by_effort(&c->mem, 5, &c->model), IDF_OK);
  c->job = (idf_job){.mem = &c->mem, .model = c->model, .kernels = idf_kernels_of(IDF_SIMD_AUTO)};
  idf_buf_init(&c->out, &c->mem);
}

static void close_case(tile_case *c)
{
  idf_model_release(&c->mem, c->model);
  idf_buf_free(&c->out);
  CU_ASSERT_EQUAL(c->mem.used, 0);
}

/* A tile of `kind` with padding after each row that nobody may look at or touch. */
static idf_tile make_tile(tile_case *c, const idf_tile_shape *s, int kind, uint64_t seed)
{
  idf_unit_random r = idf_unit_random_of(seed);
  size_t row = (size_t)s->width * s->channels;
  uint32_t top = (1u << s->depth) - 1;
  const size_t stride = row + STRIDE_PAD;
  uint16_t *p = idf_alloc(&c->mem, stride * s->height, sizeof *p);
  CU_ASSERT_PTR_NOT_NULL_FATAL(p);
  for (size_t i = 0; i < stride * s->height; i++) {
    size_t x = i % stride, y = i / stride;
    uint32_t v = kind == PICTURE_FLAT    ? (uint32_t)(17 * (x % s->channels + 1))
                 : kind == PICTURE_NOISE ? idf_unit_next(&r)
                 : kind == STRIPES       ? (uint32_t)(x / 30 % 3 * 70)
                                         : (uint32_t)(x + 2 * y) + idf_unit_below(&r, 3);
    p[i] = x < row ? (uint16_t)(v & top) : 0xabcd;
  }
  return (idf_tile){.shape = *s, .samples = p, .stride = stride};
}

static bool same_samples(const idf_tile *a, const idf_tile *b)
{
  const size_t row = (size_t)a->shape.width * a->shape.channels, stride = a->stride;
  for (size_t y = 0; y < a->shape.height; y++)
    for (size_t x = 0; x < stride; x++)
      if (b->samples[y * stride + x] != (x < row ? a->samples[y * stride + x] : 0xabcd))
        return false;
  return true;
}

static idf_tile_shape random_shape(idf_unit_random *r)
{
  idf_tile_shape s = {.width = 1 + idf_unit_below(r, 20) * idf_unit_below(r, 5),
                      .height = 1 + idf_unit_below(r, 20),
                      .channels = 1 + idf_unit_below(r, 4),
                      .depth = 1 + idf_unit_below(r, 16)};
  s.indexed = s.channels == 1 && s.depth <= 8 && idf_unit_below(r, 2) == 0;
  return s;
}

static void any_tile_comes_back(void)
{
  tile_case c;
  open_case(&c);
  for (uint64_t seed = 0; seed < 150; seed++) {
    idf_unit_random r = idf_unit_random_of(seed);
    idf_tile_shape s = random_shape(&r);
    idf_tile in = make_tile(&c, &s, (int)(seed % 3), seed);
    idf_tile back = make_tile(&c, &s, PICTURE_FLAT, seed);
    idf_tile_report dec = {0}, peeked;
    idf_buf_clear(&c.out);
    idf_put_u8(&c.out, 0x55); /* it appends */
    IDF_UNIT_SEEDED(&r, idf_tile_encode(&c.job, &in, &c.out) == IDF_OK);
    const size_t len = c.out.len - 1;
    const idf_cur payload = idf_cur_of(c.out.data + 1, len);
    IDF_UNIT_SEEDED(&r, len <= idf_tile_stored_size(&s) && c.out.data[0] == 0x55);
    IDF_UNIT_SEEDED(&r, idf_tile_decode(&c.job, &back, payload, &dec) == IDF_OK);
    IDF_UNIT_SEEDED(&r, same_samples(&in, &back));
    IDF_UNIT_SEEDED(&r, idf_tile_peek(payload, &peeked) == IDF_OK);
    IDF_UNIT_SEEDED(&r, peeked.method == dec.method);
    IDF_UNIT_SEEDED(&r, peeked.colour == dec.colour && peeked.schedule == dec.schedule);
    IDF_UNIT_SEEDED(&r, dec.method != IDF_TILE_STORED || len == idf_tile_stored_size(&s));
    idf_free(&c.mem, in.samples);
    idf_free(&c.mem, back.samples);
  }
  close_case(&c);
}

static void the_smallest_method_is_taken(void)
{
  static const struct {
    int kind;
    uint32_t side;
    uint8_t method;
  } cases[] = {{PICTURE_FLAT, 64, IDF_TILE_SOLID},   {PICTURE_NOISE, 64, IDF_TILE_STORED},
               {PICTURE_SMOOTH, 160, IDF_TILE_FLOW}, {STRIPES, 64, IDF_TILE_SCREEN},
               {STRIPES, 32, IDF_TILE_SCREEN},       {PICTURE_FLAT, 1, IDF_TILE_STORED}};
  tile_case c;
  open_case(&c);
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    idf_tile_shape s = {.width = cases[i].side, .height = cases[i].side, .channels = 3, .depth = 8};
    idf_tile in = make_tile(&c, &s, cases[i].kind, i);
    const idf_job modest = {.mem = &c.mem};
    idf_buf_clear(&c.out);
    CU_ASSERT_EQUAL(idf_tile_encode(&c.job, &in, &c.out), IDF_OK);
    CU_ASSERT_EQUAL(c.out.data[0], cases[i].method);
    /* Without a model there is no flow. */
    idf_buf_clear(&c.out);
    CU_ASSERT_EQUAL(idf_tile_encode(&modest, &in, &c.out), IDF_OK);
    CU_ASSERT_NOT_EQUAL(c.out.data[0], IDF_TILE_FLOW);
    idf_free(&c.mem, in.samples);
  }
  close_case(&c);
}

/* The map and the channels add up to the whole, what the map held before stays in it,
 * and the payload is as long as the model says. */
static void reports_add_up(void)
{
  tile_case c;
  open_case(&c);
  for (int kind = 0; kind < 3; kind++) {
    idf_tile_shape s = {.width = 50, .height = 31, .channels = 4, .depth = 8};
    const size_t pixels = (size_t)s.width * s.height;
    idf_tile in = make_tile(&c, &s, kind, 1);
    idf_tile_report report = {.map = idf_alloc(&c.mem, pixels, sizeof(float))};
    CU_ASSERT_PTR_NOT_NULL_FATAL(report.map);
    for (size_t i = 0; i < pixels; i++)
      report.map[i] = 1;
    idf_buf_clear(&c.out);
    CU_ASSERT_EQUAL(idf_tile_encode(&c.job, &in, &c.out), IDF_OK);
    CU_ASSERT_EQUAL(idf_tile_decode(&c.job, &in, idf_cur_of(c.out.data, c.out.len), &report),
                    IDF_OK);
    double sum = 0, planes = 0, bits = report.model_bits;
    for (size_t i = 0; i < pixels; i++)
      sum += (double)report.map[i] - 1;
    for (int k = 0; k < 4; k++)
      planes += report.channel_bits[k];
    CU_ASSERT_TRUE(bits > 0);
    CU_ASSERT_DOUBLE_EQUAL(planes, bits, 1e-6 * bits);
    CU_ASSERT_DOUBLE_EQUAL(sum, bits, 1e-3 * bits + 1);
    CU_ASSERT_TRUE((double)c.out.len >= bits / 8);
    CU_ASSERT_TRUE((double)c.out.len <= bits / 8 * 1.005 + 64);
    idf_free(&c.mem, report.map);
    idf_free(&c.mem, in.samples);
  }
  close_case(&c);
}

static void odd_payloads_are_refused(void)
{
  static const struct {
    uint8_t data[8];
    size_t len;
    idf_status status;
  } cases[] = {
      {{0}, 0, IDF_ERR_TRUNCATED},
      {{IDF_TILE_HISTORY + 1}, 1, IDF_ERR_UNSUPPORTED},
      {{IDF_TILE_SCREEN, 1, 2}, 3, IDF_ERR_TRUNCATED},
      {{IDF_TILE_SCREEN_LAST, 1, 2}, 3, IDF_ERR_TRUNCATED},
      {{IDF_TILE_SCREEN, 1, 2, 3, 4, 0, 0, 0}, 8, IDF_ERR_TRUNCATED},
      {{0xff, 0, 0}, 3, IDF_ERR_UNSUPPORTED},
      {{IDF_TILE_STORED, 0xab, 0xcd, 0xe0}, 4, IDF_OK}, /* 3 samples of 7 bits, 3 bits of padding */
      {{IDF_TILE_STORED, 0xab, 0xcd, 0xe1}, 4, IDF_ERR_CORRUPT},
      {{IDF_TILE_STORED, 0xab, 0xcd}, 3, IDF_ERR_TRUNCATED},
      {{IDF_TILE_STORED, 0xab, 0xcd, 0xe0, 0}, 5, IDF_ERR_CORRUPT},
      {{IDF_TILE_SOLID, 0xaa}, 2, IDF_OK},
      {{IDF_TILE_SOLID, 0xab}, 2, IDF_ERR_CORRUPT},
      {{IDF_TILE_SOLID}, 1, IDF_ERR_TRUNCATED},
      {{IDF_TILE_SOLID, 0xaa, 0}, 3, IDF_ERR_CORRUPT},
      {{IDF_TILE_FLOW, 0, 0, 0, 0, 0}, 6, IDF_ERR_UNSUPPORTED}, /* no model given */
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    idf_tile_shape s = {.width = 3, .height = 1, .channels = 1, .depth = 7};
    uint16_t samples[3];
    idf_mem mem;
    idf_mem_init(&mem, UINT64_MAX);
    const idf_job job = {.mem = &mem};
    const idf_tile tile = {.shape = s, .samples = samples, .stride = 3};
    CU_ASSERT_EQUAL(idf_tile_decode(&job, &tile, idf_cur_of(cases[i].data, cases[i].len), NULL),
                    cases[i].status);
  }
}

static void peeking_needs_its_bytes(void)
{
  static const uint8_t data[] = {IDF_TILE_FLOW, 3, 0x34}; /* flags above the layer */
  idf_tile_report report = {0};
  CU_ASSERT_EQUAL(idf_tile_peek(idf_cur_of(data, 3), &report), IDF_OK);
  CU_ASSERT_EQUAL(report.method, IDF_TILE_FLOW);
  CU_ASSERT_EQUAL(report.schedule, 3);
  CU_ASSERT_EQUAL(report.colour, 4);
  CU_ASSERT_EQUAL(idf_tile_peek(idf_cur_of(data, 2), &report), IDF_ERR_TRUNCATED);
  CU_ASSERT_EQUAL(idf_tile_peek(idf_cur_of(data, 0), &report), IDF_ERR_TRUNCATED);
}

/* Cut or flipped payloads give an error or samples in range; never anything else. */
static void damaged_flow_payloads_are_safe(void)
{
  tile_case c;
  open_case(&c);
  idf_tile_shape s = {.width = 40, .height = 33, .channels = 3, .depth = 8};
  idf_tile in = make_tile(&c, &s, PICTURE_SMOOTH, 3), back = make_tile(&c, &s, PICTURE_FLAT, 3);
  const size_t stride = back.stride;
  CU_ASSERT_EQUAL(idf_tile_encode(&c.job, &in, &c.out), IDF_OK);
  CU_ASSERT_EQUAL_FATAL(c.out.data[0], IDF_TILE_FLOW);
  for (uint64_t seed = 0; seed < 120; seed++) {
    idf_unit_random r = idf_unit_random_of(seed);
    size_t at = seed < 40 ? seed % c.out.len : idf_unit_below(&r, (uint32_t)c.out.len);
    size_t len = seed % 3 == 0 ? at : c.out.len;
    uint8_t flip = (uint8_t)(1u << idf_unit_below(&r, 8));
    c.out.data[at] ^= flip;
    idf_status status = idf_tile_decode(&c.job, &back, idf_cur_of(c.out.data, len), NULL);
    c.out.data[at] ^= flip;
    unsigned seen = 0;
    for (size_t y = 0; y < s.height; y++)
      for (size_t x = 0; x < (size_t)s.width * s.channels; x++)
        seen |= back.samples[y * stride + x];
    IDF_UNIT_SEEDED(&r, status == IDF_OK ? seen < 256 && len == c.out.len
                                         : status == IDF_ERR_CORRUPT || status == IDF_ERR_TRUNCATED
                                               || status == IDF_ERR_UNSUPPORTED);
    for (size_t y = 0; y < s.height; y++)
      IDF_UNIT_SEEDED(&r, back.samples[y * stride + stride - 1] == 0xabcd);
  }
  idf_free(&c.mem, in.samples);
  idf_free(&c.mem, back.samples);
  close_case(&c);
}

static void every_byte_means_one_method_at_most(void)
{
  bool known[IDF_METHODS] = {false};
  for (unsigned byte = 0; byte < 256; byte++) {
    const uint8_t m = idf_method_of(byte);
    unsigned claims = 0;
    for (unsigned i = 0; i < IDF_METHODS; i++)
      claims += byte >= idf_methods[i]->first && byte <= idf_methods[i]->last;
    CU_ASSERT_EQUAL(claims, byte <= IDF_TILE_CHROMA ? 1 : 0);
    CU_ASSERT_EQUAL(m == IDF_METHOD_UNKNOWN, claims == 0);
    if (claims)
      known[m] = true;
  }
  for (unsigned i = 0; i < IDF_METHODS; i++) {
    CU_ASSERT_TRUE(known[i]);
    CU_ASSERT_TRUE(idf_methods[i]->name && idf_methods[i]->encode && idf_methods[i]->decode);
    for (unsigned k = 0; k < i; k++)
      CU_ASSERT_STRING_NOT_EQUAL(idf_methods[i]->name, idf_methods[k]->name);
  }
  /* These places are public. */
  CU_ASSERT_STRING_EQUAL(idf_methods[0]->name, "stored");
  CU_ASSERT_STRING_EQUAL(idf_methods[1]->name, "solid");
  CU_ASSERT_STRING_EQUAL(idf_methods[2]->name, "flow");
  CU_ASSERT_STRING_EQUAL(idf_methods[3]->name, "screen");
  CU_ASSERT_STRING_EQUAL(idf_methods[4]->name, "history");
  CU_ASSERT_STRING_EQUAL(idf_methods[5]->name, "chroma");
}

/* Peeking at a method of the future is no error: who wants its samples gets one. */
static void what_is_unknown_is_named_so(void)
{
  static const uint8_t data[] = {200};
  idf_tile_report report = {.method = 1, .needs_model = true};
  CU_ASSERT_EQUAL(idf_tile_peek(idf_cur_of(data, 1), &report), IDF_OK);
  CU_ASSERT_EQUAL(report.method, IDF_METHOD_UNKNOWN);
  CU_ASSERT_FALSE(report.needs_model);
}

int idf_suite_tile(void)
{
  static const idf_unit_test tests[] = {
      {"any tile comes back", any_tile_comes_back},
      {"the smallest method is taken", the_smallest_method_is_taken},
      {"reports add up", reports_add_up},
      {"odd payloads are refused", odd_payloads_are_refused},
      {"every byte means one method at most", every_byte_means_one_method_at_most},
      {"what is unknown is named so", what_is_unknown_is_named_so},
      {"peeking needs its bytes", peeking_needs_its_bytes},
      {"damaged flow payloads are safe", damaged_flow_payloads_are_safe},
      {NULL, NULL}};
  return idf_unit_suite("tile", tests);
}
