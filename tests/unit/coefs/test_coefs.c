/* SPDX-License-Identifier: BSD-3-Clause
 *
 * test_coefs.c: coefficients of every sampling come back in every shape of the coder, band by band
 * in any order; damaged
 * streams are refused or give other numbers, never more; memory that ends is said.
 */
#include "coefs.h"

#include "coefkit.h"

int idf_suite_coefs(void);

static const struct {
  unsigned planes, h[4], v[4];
  uint32_t across, rows;
} pictures[] = {
    {1, {1}, {1}, 1, 1},
    {1, {1}, {1}, 9, 130},
    {3, {1, 1, 1}, {1, 1, 1}, 5, 4},
    {3, {2, 1, 1}, {2, 1, 1}, 4, 70},
    {3, {2, 1, 1}, {1, 1, 1}, 3, 7},
    {3, {1, 1, 1}, {2, 1, 1}, 3, 7},
    {3, {4, 1, 2}, {1, 1, 1}, 2, 3},
    {3, {1, 2, 1}, {1, 2, 1}, 3, 3},
    {3, {3, 2, 1}, {4, 3, 1}, 2, 2},
    {4, {1, 1, 1, 1}, {1, 1, 1, 1}, 3, 5},
    {4, {2, 1, 1, 2}, {2, 1, 1, 2}, 3, 3},
    {2, {1, 1}, {1, 2}, 3, 3},
};
#define PICTURES (sizeof pictures / sizeof *pictures)
#define BANDS 4

typedef struct streams {
  idf_buf out;
  size_t start[BANDS + 1];
  uint32_t bands;
} streams;

static void encode_all(idf_mem *mem, const idf_coefs *c, unsigned shape, streams *s, double *bits)
{
  idf_buf_init(&s->out, mem);
  s->bands = idf_coefs_bands(c);
  CU_ASSERT_FATAL(s->bands >= 1 && s->bands <= BANDS);
  for (uint32_t b = 0; b < s->bands; b++) {
    s->start[b] = s->out.len;
    CU_ASSERT_EQUAL_FATAL(idf_coefs_encode(mem, c, shape, b, &s->out, bits), IDF_OK);
  }
  s->start[s->bands] = s->out.len;
}

static idf_status decode_one(idf_mem *mem, idf_coefs *c, unsigned shape, const streams *s,
                             uint32_t b)
{
  return idf_coefs_decode(mem, c, shape, b, s->out.data + s->start[b],
                          s->start[b + 1] - s->start[b], NULL);
}

static void pictures_come_back(unsigned shape)
{
  idf_unit_random r = idf_unit_random_of(11);
  for (size_t i = 0; i < PICTURES; i++) {
    idf_mem mem;
    idf_mem_init(&mem, UINT64_MAX);
    idf_coefs c = idf_coefkit_new(&mem, pictures[i].planes, pictures[i].h, pictures[i].v,
                                  pictures[i].across, pictures[i].rows);
    idf_coefs back = idf_coefkit_new(&mem, pictures[i].planes, pictures[i].h, pictures[i].v,
                                     pictures[i].across, pictures[i].rows);
    double bits = 0;
    streams s;
    idf_coefkit_fill(&c, &r);
    encode_all(&mem, &c, shape, &s, &bits);
    CU_ASSERT_DOUBLE_EQUAL((double)s.out.len * 8, bits, 0.001 * bits + 96.0 * s.bands);
    for (uint32_t b = s.bands; b-- > 0;)
      CU_ASSERT_EQUAL(decode_one(&mem, &back, shape, &s, b), IDF_OK);
    CU_ASSERT_TRUE(idf_coefkit_same(&c, &back));
    idf_buf_free(&s.out);
    idf_coefkit_free(&mem, &c);
    idf_coefkit_free(&mem, &back);
    CU_ASSERT_EQUAL(mem.used, 0);
  }
}

static void every_shape_comes_back(void)
{
  for (unsigned shape = 0; shape < IDF_COEFS_SHAPES; shape++)
    pictures_come_back(shape);
}

static void other_shapes_are_refused(void)
{
  static const unsigned one[] = {1};
  static const uint8_t stream[8] = {[4] = 1};
  idf_mem mem;
  idf_buf out;
  idf_mem_init(&mem, UINT64_MAX);
  idf_buf_init(&out, &mem);
  idf_coefs c = idf_coefkit_new(&mem, 1, one, one, 1, 1);
  CU_ASSERT_EQUAL(idf_coefs_encode(&mem, &c, IDF_COEFS_SHAPES, 0, &out, NULL), IDF_ERR_UNSUPPORTED);
  CU_ASSERT_EQUAL(out.len, 0);
  CU_ASSERT_EQUAL(idf_coefs_decode(&mem, &c, IDF_COEFS_SHAPES, 0, stream, sizeof stream, NULL),
                  IDF_ERR_UNSUPPORTED);
  idf_coefkit_free(&mem, &c);
  CU_ASSERT_EQUAL(mem.used, 0);
}

/* Bands are of whole MCU rows, at least 512 rows of pixels, and cover all. */
static void tall_pictures_have_bands(void)
{
  idf_coefs c = {.planes = 1, .v_most = 1, .mcu_rows = 127};
  CU_ASSERT_EQUAL(idf_coefs_bands(&c), 1);
  c.mcu_rows = 128;
  CU_ASSERT_EQUAL(idf_coefs_bands(&c), 2);
  c.v_most = 2;
  CU_ASSERT_EQUAL(idf_coefs_bands(&c), 4);
  c.v_most = 3; /* 22 rows of 24 pixels */
  c.mcu_rows = 65;
  CU_ASSERT_EQUAL(idf_coefs_bands(&c), 2);
}

static void damage(unsigned shape)
{
  static const unsigned h[] = {2, 1, 1}, v[] = {2, 1, 1};
  idf_unit_random r = idf_unit_random_of(12);
  idf_mem mem;
  streams s;
  unsigned refused = 0;

  idf_mem_init(&mem, UINT64_MAX);
  idf_coefs c = idf_coefkit_new(&mem, 3, h, v, 3, 4);
  idf_coefs back = idf_coefkit_new(&mem, 3, h, v, 3, 4);
  idf_coefkit_fill(&c, &r);
  encode_all(&mem, &c, shape, &s, NULL);
  for (size_t len = 0; len < s.out.len; len += 1 + len / 8) {
    const idf_status status = idf_coefs_decode(&mem, &back, shape, 0, s.out.data, len, NULL);
    CU_ASSERT_TRUE(status == IDF_ERR_TRUNCATED || status == IDF_ERR_CORRUPT);
  }
  for (unsigned i = 0; i < 300; i++) {
    const size_t at = idf_unit_below(&r, (uint32_t)s.out.len);
    const uint8_t flip = (uint8_t)(1 + idf_unit_below(&r, 255));
    s.out.data[at] ^= flip;
    const idf_status status = idf_coefs_decode(&mem, &back, shape, 0, s.out.data, s.out.len, NULL);
    CU_ASSERT_TRUE(status == IDF_OK || status == IDF_ERR_TRUNCATED || status == IDF_ERR_CORRUPT);
    refused += status != IDF_OK;
    s.out.data[at] ^= flip;
  }
  CU_ASSERT_TRUE(refused > 295); /* the states' end tells, nearly always */
  idf_buf_free(&s.out);
  idf_coefkit_free(&mem, &c);
  idf_coefkit_free(&mem, &back);
  CU_ASSERT_EQUAL(mem.used, 0);
}

static void damage_is_no_crash(void)
{
  for (unsigned shape = 0; shape < IDF_COEFS_SHAPES; shape++)
    damage(shape);
}

static void memory_ends(unsigned shape)
{
  static const unsigned one[] = {1, 1};
  idf_unit_random r = idf_unit_random_of(13);
  idf_mem mem, own;
  streams s;
  idf_status status = IDF_ERR_MEMORY;

  idf_mem_init(&own, UINT64_MAX);
  idf_coefs c = idf_coefkit_new(&own, 2, one, one, 3, 3);
  idf_coefs back = idf_coefkit_new(&own, 2, one, one, 3, 3);
  idf_coefkit_fill(&c, &r);
  encode_all(&own, &c, shape, &s, NULL);
  for (int64_t fail = 0; status == IDF_ERR_MEMORY && fail < 50; fail++) {
    idf_mem_init(&mem, UINT64_MAX);
    mem.fail_in = fail;
    status = decode_one(&mem, &back, shape, &s, 0);
    CU_ASSERT_TRUE(status == IDF_OK || status == IDF_ERR_MEMORY);
    CU_ASSERT_EQUAL(mem.used, 0);
  }
  CU_ASSERT_EQUAL(status, IDF_OK);
  status = IDF_ERR_MEMORY;
  for (int64_t fail = 0; status == IDF_ERR_MEMORY && fail < 50; fail++) {
    idf_buf out;
    idf_mem_init(&mem, UINT64_MAX);
    idf_buf_init(&out, &mem);
    mem.fail_in = fail;
    status = idf_coefs_encode(&mem, &c, shape, 0, &out, NULL);
    CU_ASSERT_TRUE(status == IDF_OK || status == IDF_ERR_MEMORY);
    idf_buf_free(&out);
    CU_ASSERT_EQUAL(mem.used, 0);
  }
  CU_ASSERT_EQUAL(status, IDF_OK);
  idf_buf_free(&s.out);
  idf_coefkit_free(&own, &c);
  idf_coefkit_free(&own, &back);
}

static void memory_that_ends_is_said(void)
{
  for (unsigned shape = 0; shape < IDF_COEFS_SHAPES; shape++)
    memory_ends(shape);
}

static int no_more(void *context)
{
  return --*(int *)context < 0;
}

/* It is asked once for each row of blocks; what was held is given back. */
static void cancelling_ends_it(void)
{
  static const unsigned h[] = {1, 1}, v[] = {1, 1};
  idf_mem mem, own;
  idf_buf out;
  idf_mem_init(&mem, UINT64_MAX);
  idf_mem_init(&own, UINT64_MAX);
  idf_buf_init(&out, &own);
  idf_coefs c = idf_coefkit_new(&own, 2, h, v, 3, 5);
  CU_ASSERT_EQUAL(idf_coefs_encode(&own, &c, IDF_COEFS_FULL, 0, &out, NULL), IDF_OK);
  for (int asks = 0; asks < 11; asks++) {
    int left = asks;
    idf_buf again;
    idf_cancel cancel = {.asked = no_more, .context = &left};
    c.cancel = &cancel;
    idf_buf_init(&again, &mem);
    const idf_status want = asks < 10 ? IDF_ERR_CANCELLED : IDF_OK;
    CU_ASSERT_EQUAL(idf_coefs_encode(&mem, &c, IDF_COEFS_FULL, 0, &again, NULL), want);
    idf_buf_free(&again);
    cancel = (idf_cancel){.asked = no_more, .context = &left};
    left = asks;
    CU_ASSERT_EQUAL(idf_coefs_decode(&mem, &c, IDF_COEFS_FULL, 0, out.data, out.len, NULL), want);
    CU_ASSERT_EQUAL(mem.used, 0);
  }
  idf_buf_free(&out);
  idf_coefkit_free(&own, &c);
}

int idf_suite_coefs(void)
{
  static const idf_unit_test tests[] = {
      {"coefficients of every sampling come back", every_shape_comes_back},
      {"other shapes are refused", other_shapes_are_refused},
      {"tall pictures have bands", tall_pictures_have_bands},
      {"damage is refused or gives other numbers", damage_is_no_crash},
      {"memory that ends is said", memory_that_ends_is_said},
      {"cancelling ends it", cancelling_ends_it},
      {NULL, NULL},
  };
  return idf_unit_suite("coefs", tests);
}
