/* SPDX-License-Identifier: BSD-3-Clause
 *
 * test_candidates.c: borders and neighbours are where idf(5) says, candidates are distinct,
 * and a picture that repeats is followed.
 */
#include "candidates.h"

#include "unit.h"

int idf_suite_candidates(void);

typedef struct match_case {
  idf_mem mem;
  idf_plane plane;
  idf_match match;
} match_case;

static void open_case(match_case *c, uint32_t width, uint32_t height)
{
  idf_mem_init(&c->mem, UINT64_MAX);
  CU_ASSERT_EQUAL_FATAL(idf_plane_init(&c->plane, &c->mem, width, height), IDF_OK);
  CU_ASSERT_EQUAL_FATAL(idf_match_init(&c->match, &c->mem, width * height, 19), IDF_OK);
}

static void close_case(match_case *c)
{
  idf_plane_free(&c->plane, &c->mem);
  idf_match_free(&c->match, &c->mem);
  CU_ASSERT_EQUAL(c->mem.used, 0);
}

static idf_pixel *at(const match_case *c, int x, int y)
{
  return c->plane.at + y * (ptrdiff_t)c->plane.stride + x;
}

static void borders_are_copies(void)
{
  match_case c;
  open_case(&c, 5, 2);
  for (int y = 0; y < 2; y++) {
    idf_plane_open_row(&c.plane, (uint32_t)y);
    for (int x = 0; x < 5; x++)
      *at(&c, x, y) = (idf_pixel)(10 * y + x + 1);
    idf_plane_close_row(&c.plane, (uint32_t)y);
  }
  for (int i = 1; i <= 4; i++) {
    CU_ASSERT_EQUAL(*at(&c, -i, 0), 0);
    CU_ASSERT_EQUAL(*at(&c, -i, 1), 1);
    CU_ASSERT_EQUAL(*at(&c, 4 + i, 0), 5);
    CU_ASSERT_EQUAL(*at(&c, 4 + i, 1), 15);
    CU_ASSERT_EQUAL(*at(&c, i, -1), 0);
  }
  close_case(&c);
}

static void neighbours_are_by_compass(void)
{
  match_case c;
  idf_near n;
  open_case(&c, 9, 5);
  for (int y = 0; y < 5; y++)
    for (int x = 0; x < 9; x++)
      *at(&c, x, y) = (idf_pixel)(10 * y + x);
  idf_near_look(&n, at(&c, 4, 4), c.plane.stride);
  CU_ASSERT_TRUE(n.w == 43 && n.ww == 42 && n.www == 41);
  CU_ASSERT_TRUE(n.n == 34 && n.nw == 33 && n.nww == 32 && n.ne == 35 && n.nee == 36);
  CU_ASSERT_TRUE(n.nn == 24 && n.nnw == 23 && n.nne == 25 && n.nnn == 14);
  close_case(&c);
}

/* Walks over the picture and returns how many pixels the first candidate was right about;
 * every list must be of different pixels whose votes are disjoint and together all. */
static unsigned walk(match_case *c,
                     idf_pixel (*picture)(idf_unit_random *r, uint32_t x, uint32_t y))
{
  idf_unit_random r = idf_unit_random_of(3);
  unsigned right = 0;
  for (uint32_t y = 0; y < c->plane.height; y++) {
    idf_plane_open_row(&c->plane, y);
    if (y > 0)
      idf_match_open_row(&c->match);
    for (uint32_t x = 0; x < c->plane.width; x++) {
      idf_pixel *here = at(c, (int)x, (int)y);
      size_t place = (size_t)(here - c->plane.base);
      idf_near near;
      idf_near_look(&near, here, c->plane.stride);
      idf_match_look(&c->match, &c->plane, place, &near);
      uint32_t all = 0;
      for (unsigned i = 0; i < c->match.candidates; i++) {
        CU_ASSERT_EQUAL(all & c->match.votes[i], 0);
        all |= c->match.votes[i];
        for (unsigned k = 0; k < i; k++)
          CU_ASSERT_NOT_EQUAL(c->match.candidate[i], c->match.candidate[k]);
      }
      CU_ASSERT_EQUAL(all | 1, (1u << IDF_SOURCES) - 1);
      CU_ASSERT_EQUAL(all & 1, c->match.length > 0);
      *here = picture(&r, x, y);
      right += c->match.candidate[0] == *here;
      idf_match_learn(&c->match, &c->plane, place);
    }
    idf_plane_close_row(&c->plane, y);
  }
  return right;
}

/* Noise that comes again every 20 rows. */
static idf_pixel wallpaper(idf_unit_random *r, uint32_t x, uint32_t y)
{
  *r = idf_unit_random_of(1000 * (y % 20) + x);
  for (int i = 0; i < 9; i++)
    idf_unit_next(r);
  return idf_unit_next(r);
}

static idf_pixel noise(idf_unit_random *r, uint32_t x, uint32_t y)
{
  (void)x;
  (void)y;
  return (idf_pixel)idf_unit_next(r) << 32 | idf_unit_next(r);
}

static void repetitions_are_followed(void)
{
  match_case c;
  open_case(&c, 60, 80);
  unsigned right = walk(&c, wallpaper);
  /* Of 60 rows that are repetitions nearly all, of the 20 others nothing. */
  CU_ASSERT_TRUE(right > 60 * 60 * 9 / 10 && right <= 60 * 60 + 60);
  close_case(&c);
  open_case(&c, 60, 80);
  CU_ASSERT_TRUE(walk(&c, noise) < 5);
  close_case(&c);
}

static void skipping_keeps_or_drops_the_repetition(void)
{
  match_case c;
  open_case(&c, 40, 3);
  for (int x = 0; x < 40; x++)
    *at(&c, x, 0) = *at(&c, x, 1) = x < 30 ? 7u : 9u;
  size_t from = (size_t)(at(&c, 0, 0) - c.plane.base), to = (size_t)(at(&c, 9, 1) - c.plane.base);
  c.match.at = (uint32_t)from;
  c.match.length = 5;
  idf_match_skip(&c.match, &c.plane, to, 10);
  CU_ASSERT_EQUAL(c.match.at, from + 10);
  CU_ASSERT_EQUAL(c.match.length, 5);
  idf_match_skip(&c.match, &c.plane, to + 15, 25); /* ends on a 9 while this is a 7 */
  CU_ASSERT_EQUAL(c.match.length, 0);
  close_case(&c);
}

static void runs_and_rows_keep_the_distance(void)
{
  idf_match m = {.at = 0};
  idf_match_open_row(&m);
  idf_match_run(&m, 0, true);
  CU_ASSERT_EQUAL(m.at, 0); /* of nothing there is no next */
  m.at = 100;
  m.length = 40;
  idf_match_run(&m, 32, false);
  CU_ASSERT(m.at == 132 && m.length == 72);
  idf_match_run(&m, 990, false);
  CU_ASSERT(m.at == 1122 && m.length == 999);
  idf_match_open_row(&m);
  CU_ASSERT(m.at == 1122 + 2 * IDF_PLANE_SIDE && m.length == 15);
  idf_match_run(&m, 3, true);
  CU_ASSERT(m.at == 1125 + 2 * IDF_PLANE_SIDE && m.length == 0);
}

/* A repetition that one pixel interrupts goes on after it, at the same distance. */
static void interruptions_are_survived(void)
{
  match_case c;
  idf_unit_random r = idf_unit_random_of(4);
  open_case(&c, 60, 2);
  unsigned wrong = 0;
  for (uint32_t y = 0; y < 2; y++) {
    idf_plane_open_row(&c.plane, y);
    if (y > 0)
      idf_match_open_row(&c.match);
    for (uint32_t x = 0; x < 60; x++) {
      idf_pixel *here = at(&c, (int)x, (int)y);
      const size_t place = (size_t)(here - c.plane.base);
      idf_near near;
      idf_near_look(&near, here, c.plane.stride);
      idf_match_look(&c.match, &c.plane, place, &near);
      *here = y == 0 && x < 30 ? idf_unit_next(&r) : y == 0 ? *at(&c, (int)x - 30, 0) : 5;
      if (y == 0 && x == 45)
        *here = 1;
      wrong += y == 0 && x > 36 && c.match.candidate[0] != *here;
      idf_match_learn(&c.match, &c.plane, place);
    }
    idf_plane_close_row(&c.plane, y);
  }
  /* The one, and perhaps the pixel after it, whose neighbours it spoils. */
  CU_ASSERT(wrong >= 1 && wrong <= 3);
  if (wrong < 1 || wrong > 3)
    printf("# %u wrong\n", wrong);
  close_case(&c);
}

static void memory_can_be_refused(void)
{
  match_case c;
  idf_mem_init(&c.mem, UINT64_MAX);
  for (int64_t n = 0; n < 4; n++) {
    c.mem.fail_in = n;
    CU_ASSERT_EQUAL(idf_match_init(&c.match, &c.mem, 100, 19), IDF_ERR_MEMORY);
    CU_ASSERT_EQUAL(c.mem.used, 0);
  }
  c.mem.fail_in = 0;
  CU_ASSERT_EQUAL(idf_plane_init(&c.plane, &c.mem, 10, 10), IDF_ERR_MEMORY);
  CU_ASSERT_EQUAL(c.mem.used, 0);
}

int idf_suite_candidates(void)
{
  static const idf_unit_test tests[] = {
      {"borders are copies", borders_are_copies},
      {"neighbours are by compass", neighbours_are_by_compass},
      {"repetitions are followed", repetitions_are_followed},
      {"skipping keeps or drops the repetition", skipping_keeps_or_drops_the_repetition},
      {"runs and rows keep the distance", runs_and_rows_keep_the_distance},
      {"interruptions are survived", interruptions_are_survived},
      {"memory can be refused", memory_can_be_refused},
      {NULL, NULL}};
  return idf_unit_suite("candidates", tests);
}
