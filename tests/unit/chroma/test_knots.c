/* SPDX-License-Identifier: BSD-3-Clause
 *
 * test_knots.c: knots come back, or others that make the same pixels, whatever lies between them;
 * pixels that are not known or wrong cost no more than what is around them.
 */
#include "knots.h"

#include <stdlib.h>
#include <string.h>

#include "unit.h"

int idf_suite_knots(void);

#define UNKNOWN (-1)

typedef struct plane {
  idf_siting s;
  int32_t *knots, *found, *row;
  int16_t *seen;
} plane;

static void *room(size_t n, size_t size)
{
  void *p = calloc(n, size);
  if (!p)
    abort();
  return p;
}

/* Steps of a random walk across and down. */
static plane make(idf_spacing spacing, unsigned phases, uint32_t w, uint32_t h, uint32_t step,
                  idf_unit_random *r)
{
  plane p = {.s = {.x = {.spacing = spacing, .phase = phases & 1, .pixels = w},
                   .y = {.spacing = spacing, .phase = phases >> 1, .pixels = h}}};
  CU_ASSERT_TRUE_FATAL(idf_axis_init(&p.s.x) && idf_axis_init(&p.s.y));
  const uint32_t across = p.s.x.knots;
  p.knots = room((size_t)across * p.s.y.knots, sizeof *p.knots);
  p.found = room((size_t)across * p.s.y.knots, sizeof *p.found);
  p.row = room(w, sizeof *p.row);
  p.seen = room((size_t)w * h, sizeof *p.seen);
  for (uint32_t i = 0; i < across * p.s.y.knots; i++) {
    const int32_t from = i % across != 0 ? p.knots[i - 1] : i > 0 ? p.knots[i - across] : 128;
    p.knots[i] = idf_clamp(from + (int32_t)idf_unit_below(r, 2 * step + 1) - (int32_t)step, 0, 255);
  }
  for (uint32_t y = 0; y < h; y++) {
    idf_siting_row(&p.s, p.knots, y, p.row);
    for (uint32_t x = 0; x < w; x++)
      p.seen[(size_t)y * w + x] = (int16_t)p.row[x];
  }
  return p;
}

static void solve(plane *p, idf_mem *mem, idf_status *status)
{
  idf_knots *k = NULL;
  const idf_job job = {.mem = mem};
  *status = idf_knots_open(&job, &p->s, &k);
  for (uint32_t i = 0; i < p->s.x.pixels * p->s.y.pixels && *status == IDF_OK; i++)
    if (p->seen[i] != UNKNOWN)
      idf_knots_narrow(k, i % p->s.x.pixels, i / p->s.x.pixels,
                       (idf_codes){(uint8_t)p->seen[i], (uint8_t)p->seen[i]});
  if (*status == IDF_OK)
    *status = idf_knots_settle(k);
  if (*status == IDF_OK)
    *status = idf_knots_search(k);
  if (*status == IDF_OK)
    idf_knots_take(k, p->found);
  idf_knots_close(k);
}

/* Pixels that the knots found do not make. */
static uint32_t wrong(plane *p)
{
  uint32_t n = 0;
  idf_mem mem;
  idf_mem_init(&mem, UINT64_MAX);
  idf_status status;
  solve(p, &mem, &status);
  CU_ASSERT_EQUAL(status, IDF_OK);
  CU_ASSERT_EQUAL(mem.used, 0);
  for (uint32_t y = 0; y < p->s.y.pixels; y++) {
    idf_siting_row(&p->s, p->found, y, p->row);
    for (uint32_t x = 0; x < p->s.x.pixels; x++) {
      const int32_t seen = p->seen[(size_t)y * p->s.x.pixels + x];
      n += seen != UNKNOWN && seen != p->row[x];
    }
  }
  for (uint32_t i = 0; i < p->s.x.knots * p->s.y.knots; i++)
    CU_ASSERT_TRUE(p->found[i] >= 0 && p->found[i] <= 255);
  return n;
}

static void drop(plane *p)
{
  free(p->knots);
  free(p->found);
  free(p->row);
  free(p->seen);
}

static void all_pixels_are_made(void)
{
  for (uint64_t seed = 0; seed < 48; seed++) {
    idf_unit_random r = idf_unit_random_of(seed);
    plane p = make((idf_spacing)(seed % IDF_SPACINGS), seed % 4 == 0 ? 0 : seed / 4 % 4,
                   20 + idf_unit_below(&r, 90), 20 + idf_unit_below(&r, 60),
                   1 + 6 * (uint32_t)(seed % 5), &r);
    IDF_UNIT_SEEDED(&r, wrong(&p) == 0);
    drop(&p);
  }
}

static void narrow_planes_are_made(void)
{
  for (uint64_t seed = 0; seed < 60; seed++) {
    idf_unit_random r = idf_unit_random_of(seed);
    plane p = make((idf_spacing)(1 + seed % 3), seed / 3 % 4, 1 + (uint32_t)(seed % 5),
                   1 + (uint32_t)(seed / 5 % 4), 9, &r);
    (void)wrong(&p);
    drop(&p);
  }
}

static void what_is_not_known_is_left_out(void)
{
  idf_unit_random r = idf_unit_random_of(5);
  plane p = make(IDF_SPACING_CENTRED, 0, 120, 90, 5, &r);
  for (uint32_t i = 0; i < 120 * 90; i++)
    if (idf_unit_below(&r, 20) == 0 || (i % 120 / 30 == 1 && i / 120 / 30 == 1))
      p.seen[i] = UNKNOWN;
  CU_ASSERT(wrong(&p) < 60);
  for (uint32_t i = 0; i < 120 * 90; i++)
    p.seen[i] = UNKNOWN;
  CU_ASSERT_EQUAL(wrong(&p), 0);
  drop(&p);
}

static void what_is_wrong_spoils_little(void)
{
  idf_unit_random r = idf_unit_random_of(6);
  plane p = make(IDF_SPACING_CENTRED, 3, 120, 90, 5, &r);
  for (unsigned i = 0; i < 20; i++)
    p.seen[idf_unit_below(&r, 120 * 90)] = (int16_t)idf_unit_below(&r, 256);
  CU_ASSERT(wrong(&p) < 20 * 40);
  drop(&p);
}

/* Bounds hold the truth, and what lies between knots lies within theirs. */
static void bounds_hold_the_truth(void)
{
  for (uint64_t seed = 0; seed < 16; seed++) {
    idf_unit_random r = idf_unit_random_of(seed);
    plane p =
        make(seed % 2 ? IDF_SPACING_CENTRED : IDF_SPACING_COSITED, seed / 2 % 4, 70, 50, 9, &r);
    idf_mem mem;
    idf_knots *k = NULL;
    idf_codes row[70];
    idf_mem_init(&mem, UINT64_MAX);
    const idf_job job = {.mem = &mem};
    CU_ASSERT_EQUAL_FATAL(idf_knots_open(&job, &p.s, &k), IDF_OK);
    for (uint32_t i = 0; i < 70 * 50; i++)
      if (idf_unit_below(&r, 4) != 0) { /* some of them are not exact */
        const int32_t v = p.seen[i], lo = IDF_MAX(v - (int32_t)idf_unit_below(&r, 3), 0),
                      hi = IDF_MIN(v + (int32_t)idf_unit_below(&r, 3), 255);
        idf_knots_narrow(k, i % 70, i / 70, (idf_codes){(uint8_t)lo, (uint8_t)hi});
      }
    CU_ASSERT_EQUAL(idf_knots_settle(k), IDF_OK);
    for (uint32_t y = 0; y < 50; y++) {
      idf_knots_row(k, y, row);
      for (uint32_t x = 0; x < 70; x++) {
        const int32_t v = p.seen[y * 70 + x];
        IDF_UNIT_SEEDED(&r, row[x].lo <= v && v <= row[x].hi);
      }
    }
    idf_knots_take(k, p.found);
    for (uint32_t i = 0; i < p.s.x.knots * p.s.y.knots; i++)
      IDF_UNIT_SEEDED(&r, p.found[i] <= p.knots[i]);
    idf_knots_close(k);
    CU_ASSERT_EQUAL(mem.used, 0);
    drop(&p);
  }
}

/* At the border of a picture the outer knots are copies; within it they are not. */
static void copies_are_noticed(void)
{
  for (unsigned side = 0; side < 4; side++) {
    idf_unit_random r = idf_unit_random_of(side);
    plane p = make(IDF_SPACING_CENTRED, 0, 60, 40, 9, &r);
    plane q = p;
    bool *const copies[] = {&q.s.x.no_first, &q.s.x.no_last, &q.s.y.no_first, &q.s.y.no_last};
    idf_mem mem;
    idf_knots *k = NULL;
    idf_mem_init(&mem, UINT64_MAX);
    const idf_job job = {.mem = &mem};
    *copies[side] = true;
    CU_ASSERT_TRUE(idf_axis_init(&q.s.x) && idf_axis_init(&q.s.y));
    CU_ASSERT_EQUAL_FATAL(idf_knots_open(&job, &p.s, &k), IDF_OK);
    for (uint32_t y = 0; y < 40; y++) {
      idf_siting_row(&q.s, p.knots, y, p.row);
      for (uint32_t x = 0; x < 60; x++)
        idf_knots_narrow(k, x, y, (idf_codes){(uint8_t)p.row[x], (uint8_t)p.row[x]});
    }
    CU_ASSERT_EQUAL(idf_knots_settle(k), IDF_OK);
    for (unsigned other = 0; other < 4; other++)
      CU_ASSERT_EQUAL(idf_knots_copied(k, other >> 1, other & 1), other == side);
    idf_knots_close(k);
    drop(&p);
  }
}

static void every_refused_allocation_is_survived(void)
{
  idf_unit_random r = idf_unit_random_of(7);
  plane p = make(IDF_SPACING_COSITED, 1, 40, 30, 5, &r);
  idf_mem mem;
  idf_mem_init(&mem, UINT64_MAX);
  int64_t n = 0;
  for (idf_status status = IDF_ERR_MEMORY; status != IDF_OK; n++) {
    mem.fail_in = n;
    solve(&p, &mem, &status);
    mem.fail_in = -1;
    CU_ASSERT_TRUE((status == IDF_OK || status == IDF_ERR_MEMORY) && mem.used == 0);
    CU_ASSERT_FATAL(n < 100);
  }
  CU_ASSERT(n > 5);
  drop(&p);
}

int idf_suite_knots(void)
{
  static const idf_unit_test tests[] = {
      {"all pixels are made", all_pixels_are_made},
      {"narrow planes are made", narrow_planes_are_made},
      {"what is not known is left out", what_is_not_known_is_left_out},
      {"what is wrong spoils little", what_is_wrong_spoils_little},
      {"bounds hold the truth", bounds_hold_the_truth},
      {"copies are noticed", copies_are_noticed},
      {"every refused allocation is survived", every_refused_allocation_is_survived},
      {NULL, NULL},
  };
  return idf_unit_suite("knots", tests);
}
