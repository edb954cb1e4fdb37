/* SPDX-License-Identifier: BSD-3-Clause
 *
 * test_knots.c: knots come back, or others that make the same pixels, whatever lies between them;
 * pixels that are not known or wrong cost no more than what is around them.
 */
#include "knots.h"

#include <stdlib.h>

#include "unit.h"

int idf_suite_knots(void);

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

/* Pixels that the knots found do not make. */
static uint32_t wrong(plane *p)
{
  uint32_t n = 0;
  idf_mem mem;
  idf_mem_init(&mem, UINT64_MAX);
  CU_ASSERT_EQUAL(idf_knots_solve(&(idf_job){.mem = &mem}, &p->s, p->seen, p->found), IDF_OK);
  CU_ASSERT_EQUAL(mem.used, 0);
  for (uint32_t y = 0; y < p->s.y.pixels; y++) {
    idf_siting_row(&p->s, p->found, y, p->row);
    for (uint32_t x = 0; x < p->s.x.pixels; x++) {
      const int32_t seen = p->seen[(size_t)y * p->s.x.pixels + x];
      n += seen != IDF_KNOTS_UNKNOWN && seen != p->row[x];
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
      p.seen[i] = IDF_KNOTS_UNKNOWN;
  CU_ASSERT(wrong(&p) < 60);
  for (uint32_t i = 0; i < 120 * 90; i++)
    p.seen[i] = IDF_KNOTS_UNKNOWN;
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

static void every_refused_allocation_is_survived(void)
{
  idf_unit_random r = idf_unit_random_of(7);
  plane p = make(IDF_SPACING_COSITED, 1, 40, 30, 5, &r);
  idf_mem mem;
  idf_mem_init(&mem, UINT64_MAX);
  int64_t n = 0;
  for (idf_status status = IDF_ERR_MEMORY; status != IDF_OK; n++) {
    mem.fail_in = n;
    status = idf_knots_solve(&(idf_job){.mem = &mem}, &p.s, p.seen, p.found);
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
      {"every refused allocation is survived", every_refused_allocation_is_survived},
      {NULL, NULL},
  };
  return idf_unit_suite("knots", tests);
}
