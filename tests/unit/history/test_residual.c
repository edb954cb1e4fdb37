/* SPDX-License-Identifier: BSD-3-Clause
 *
 * test_residual.c: any difference comes back, few cost little, damage is harmless.
 */
#include "residual.h"

#include <stdlib.h>
#include <string.h>

#include "unit.h"

int idf_suite_residual(void);

typedef struct residual_case {
  idf_mem mem;
  idf_tile tile, back;
  uint16_t *made;
  size_t count;
  unsigned x, y;
} residual_case;

/* `rate` samples in 256 differ, by at most `most`. */
static void open_case(residual_case *c, idf_unit_random *r, unsigned rate, uint32_t most)
{
  const idf_tile_shape shape = {.width = 1 + idf_unit_below(r, 50),
                                .height = 1 + idf_unit_below(r, 50),
                                .channels = idf_unit_below(r, 2) ? 3 : 1,
                                .depth = 8};
  const size_t n = (size_t)shape.width * shape.channels, stride = n + 2;
  idf_mem_init(&c->mem, UINT64_MAX);
  c->count = n * shape.height;
  c->x = idf_unit_below(r, 8);
  c->y = idf_unit_below(r, 8);
  c->tile = (idf_tile){shape, calloc(stride * shape.height, sizeof(uint16_t)), stride};
  c->back = (idf_tile){shape, calloc(stride * shape.height, sizeof(uint16_t)), stride};
  c->made = calloc(c->count, sizeof *c->made);
  for (uint32_t y = 0; y < shape.height; y++)
    for (size_t i = 0; i < n; i++) {
      const uint16_t v = (uint16_t)idf_unit_below(r, 256);
      int32_t d = 0;
      if (idf_unit_below(r, 256) < rate)
        d = (int32_t)idf_unit_below(r, 2 * most + 1) - (int32_t)most;
      c->made[y * n + i] = v;
      c->back.samples[y * stride + i] = v;
      c->tile.samples[y * stride + i] = (uint16_t)(v + d < 0 ? 0 : v + d > 255 ? 255 : v + d);
    }
}

static void close_case(residual_case *c)
{
  free(c->tile.samples);
  free(c->back.samples);
  free(c->made);
  CU_ASSERT_EQUAL(c->mem.used, 0);
}

static bool same(const residual_case *c)
{
  return memcmp(c->tile.samples, c->back.samples,
                c->tile.stride * c->tile.shape.height * sizeof(uint16_t))
         == 0;
}

static void any_difference_comes_back(void)
{
  static const unsigned rates[] = {0, 1, 20, 128, 256};
  static const uint32_t sizes[] = {1, 3, 12, 13, 40, 255};
  for (unsigned t = 0; t < 300; t++) {
    idf_unit_random r = idf_unit_random_of(t);
    residual_case c;
    idf_buf out;
    double bits = 0;
    open_case(&c, &r, rates[t % 5], sizes[t / 5 % 6]);
    const idf_job job = {.mem = &c.mem};
    idf_buf_init(&out, &c.mem);
    CU_ASSERT_EQUAL(idf_residual_encode(&job, &c.tile, c.made, c.x, c.y, &out), IDF_OK);
    CU_ASSERT_EQUAL(
        idf_residual_decode(&job, &c.back, c.x, c.y, idf_cur_of(out.data, out.len), &bits), IDF_OK);
    IDF_UNIT_SEEDED(&r, same(&c));
    IDF_UNIT_SEEDED(&r, bits <= 8 * (double)out.len && bits + 100 >= 8 * (double)out.len);
    idf_buf_free(&out);
    close_case(&c);
  }
}

/* One pixel in a block of 4096 blocks. */
static void few_cost_little(void)
{
  enum { SIDE = 512 };
  static uint16_t samples[SIDE * SIDE], made[SIDE * SIDE];
  const idf_tile tile = {{SIDE, SIDE, 1, 8, false}, samples, SIDE};
  idf_mem mem;
  idf_buf out;
  idf_mem_init(&mem, UINT64_MAX);
  idf_buf_init(&out, &mem);
  samples[77777] = 1;
  CU_ASSERT_EQUAL(idf_residual_encode(&(idf_job){.mem = &mem}, &tile, made, 0, 0, &out), IDF_OK);
  CU_ASSERT(out.len < 60);
  idf_buf_free(&out);
}

static void damage_is_harmless(void)
{
  idf_unit_random r = idf_unit_random_of(5);
  residual_case c;
  idf_buf out;
  open_case(&c, &r, 100, 30);
  const idf_job job = {.mem = &c.mem};
  idf_buf_init(&out, &c.mem);
  CU_ASSERT_EQUAL(idf_residual_encode(&job, &c.tile, c.made, c.x, c.y, &out), IDF_OK);
  for (size_t len = 0; len < out.len; len++) {
    const idf_status status =
        idf_residual_decode(&job, &c.back, c.x, c.y, idf_cur_of(out.data, len), NULL);
    CU_ASSERT(status == IDF_ERR_TRUNCATED || status == IDF_ERR_CORRUPT);
  }
  for (unsigned t = 0; t < 200; t++) {
    const size_t at = idf_unit_below(&r, (uint32_t)out.len);
    const uint8_t old = out.data[at];
    out.data[at] = (uint8_t)(old ^ (1u << idf_unit_below(&r, 8)));
    CU_ASSERT(idf_residual_decode(&job, &c.back, c.x, c.y, idf_cur_of(out.data, out.len), NULL)
              != IDF_OK);
    out.data[at] = old;
    for (size_t i = 0; i < c.back.stride * c.back.shape.height; i++)
      if (c.back.samples[i] > 255)
        CU_FAIL("a sample is out of range");
  }
  idf_buf_free(&out);
  close_case(&c);
}

static void every_allocation_may_fail(void)
{
  idf_unit_random r = idf_unit_random_of(6);
  residual_case c;
  open_case(&c, &r, 20, 3);
  const idf_job job = {.mem = &c.mem};
  idf_status status = IDF_ERR_MEMORY;
  for (int64_t fail = 0; fail < 60 && status != IDF_OK; fail++) {
    idf_buf out;
    c.mem.fail_in = fail;
    idf_buf_init(&out, &c.mem);
    status = idf_residual_encode(&job, &c.tile, c.made, c.x, c.y, &out);
    if (status == IDF_OK && out.bad)
      status = IDF_ERR_MEMORY;
    if (status == IDF_OK)
      status = idf_residual_decode(&job, &c.back, c.x, c.y, idf_cur_of(out.data, out.len), NULL);
    CU_ASSERT(status == IDF_OK || status == IDF_ERR_MEMORY);
    idf_buf_free(&out);
    CU_ASSERT_EQUAL(c.mem.used, 0);
  }
  CU_ASSERT_EQUAL(status, IDF_OK);
  close_case(&c);
}

int idf_suite_residual(void)
{
  static const idf_unit_test tests[] = {
      {"any difference comes back", any_difference_comes_back},
      {"few cost little", few_cost_little},
      {"damage is harmless", damage_is_harmless},
      {"every allocation may fail", every_allocation_may_fail},
      {NULL, NULL},
  };
  return idf_unit_suite("residual", tests);
}
