/* SPDX-License-Identifier: BSD-3-Clause
 *
 * test_field.c: the taps and the borders, which are part of the format: rings of lanes against
 * a plane that remembers every cell.
 */
#include "field.h"

#include <string.h>

#include "flowkit.h"

int idf_suite_field(void);

/* The last column of the first segment of a row. */
static int32_t segment_end(const idf_field *f)
{
  return (f->strip > 32 ? f->strip / 2 : f->strip) - 1;
}

/* Row by row from the pixel's own upwards, each row from the left: all causal offsets up to
 * that squared distance. */
static void check_taps(const int8_t (*taps)[2], int count, int distance)
{
  int i = 0;
  for (int dy = 0; dy <= IDF_FIELD_TOP; dy++)
    for (int dx = -IDF_FIELD_SIDE; dx <= IDF_FIELD_SIDE; dx++) {
      if ((dy == 0 && dx >= 0) || dx * dx + dy * dy > distance)
        continue;
      CU_ASSERT_TRUE_FATAL(i < count);
      CU_ASSERT_TRUE(taps[i][0] == dx && taps[i][1] == dy);
      const int cell = IDF_WINDOW_AT(dx, dy);
      CU_ASSERT_TRUE(cell >= 0 && cell < IDF_WINDOW && cell / 8 == dy && cell % 8 == dx + 4);
      i++;
    }
  CU_ASSERT_EQUAL(i, count);
}

static void taps_are_all_causal_neighbours_row_by_row(void)
{
  check_taps(idf_taps, IDF_TAPS, 13);
}

/* All within 10, the later planes' first: both parts row by row. */
static void own_taps_are_those_of_later_planes_and_more(void)
{
  int seen = 0;
  for (int i = 0; i < IDF_TAPS; i++) {
    const int dx = idf_taps[i][0], dy = idf_taps[i][1];
    int times = 0;
    for (int k = 0; k < IDF_TAPS_OWN; k++)
      times += idf_taps_own[k][0] == dx && idf_taps_own[k][1] == dy;
    CU_ASSERT_EQUAL(times, dx * dx + dy * dy <= 10);
    seen += times;
  }
  CU_ASSERT_EQUAL(seen, IDF_TAPS_OWN);
  for (int k = 1; k < IDF_TAPS_OWN; k++) {
    const int8_t *a = idf_taps_own[k - 1], *b = idf_taps_own[k];
    CU_ASSERT_TRUE(k == IDF_TAPS_LATER || a[1] < b[1] || (a[1] == b[1] && a[0] < b[0]));
  }
  CU_ASSERT_TRUE(idf_own_taps(0) == IDF_TAPS_OWN && idf_own_taps(1) == IDF_TAPS_LATER
                 && idf_own_taps(2) == IDF_TAPS_LATER);
  /* What an earlier plane lends is among its own, but for the pixel itself. */
  for (int i = 0; i < IDF_TAPS_CROSS; i++) {
    bool own = idf_taps_cross[i][0] == 0 && idf_taps_cross[i][1] == 0;
    for (int k = 0; k < IDF_TAPS_LATER; k++)
      own |= memcmp(idf_taps_own[k], idf_taps_cross[i], 2) == 0;
    CU_ASSERT_TRUE(own);
  }
}

static void cross_taps_are_near_and_in_the_same_order(void)
{
  bool itself = false;
  for (int i = 0; i < IDF_TAPS_CROSS; i++) {
    const int dx = idf_taps_cross[i][0], dy = idf_taps_cross[i][1];
    CU_ASSERT_TRUE(dx * dx + dy * dy <= 5 && (dy > 0 || dx <= 0));
    itself = itself || (dx == 0 && dy == 0);
    if (i > 0) {
      const int8_t *before = idf_taps_cross[i - 1];
      CU_ASSERT_TRUE(before[1] < dy || (before[1] == dy && before[0] < dx));
    }
  }
  CU_ASSERT_TRUE(itself);
}

static void strips_fill_a_block_and_never_more_than_the_lanes(void)
{
  static const int32_t known[][2] = {{1, 8},    {5, 8},    {128, 8},   {129, 16},
                                     {300, 24}, {512, 32}, {513, 40},  {640, 40},
                                     {768, 48}, {896, 56}, {1024, 64}, {4096, 64}};
  for (size_t i = 0; i < sizeof known / sizeof *known; i++)
    CU_ASSERT_EQUAL(idf_strip_of((uint32_t)known[i][0]), known[i][1]);
  bool good = true;
  for (int32_t width = 1; width <= 4096; width++) {
    const int32_t strip = idf_strip_of((uint32_t)width), strips = (width + strip - 1) / strip;
    good = good && strip % 8 == 0 && strip >= 8 && strip <= IDF_STRIP && strips <= 64
           && (width > 1024 || strips <= IDF_BLOCK)
           && (strip == 8 || (width + strip - 9) / (strip - 8) > IDF_BLOCK); /* none narrower */
  }
  CU_ASSERT_TRUE(good);
}

static bool cell_is_new(const idf_field *f, ptrdiff_t at)
{
  const int32_t sample = f->low != NULL ? f->low[at] : f->sample[at];
  return sample == f->mid && f->error[at] == 64 && f->sign[at] == 0
         && f->code[at] == (int16_t)(idf_log2_q8(65) * 9 >> 8);
}

static void a_new_field_is_the_middle(void)
{
  static const int32_t range[][3] = {
      {0, 255, 128},      {-255, 255, 0},       {0, 1, 1}, {5, 5, 5}, {-3, 0, -1},
      {-65535, 65535, 0}, {40000, 65535, 52768}};
  static const uint32_t widths[] = {1, 7, 64, 65, 1024, 4096};
  for (size_t i = 0; i < sizeof range / sizeof *range; i++)
    for (size_t k = 0; k < sizeof widths / sizeof *widths; k++)
      for (int low = 0; low < (range[i][2] > 32767 ? 1 : 2); low++) {
        idf_mem mem;
        idf_field f;
        const uint32_t width = widths[k];
        idf_mem_init(&mem, UINT64_MAX);
        CU_ASSERT_EQUAL_FATAL(idf_field_init(&f, &mem, width, range[i][0], range[i][1], low != 0),
                              IDF_OK);
        CU_ASSERT_EQUAL(f.mid, range[i][2]);
        CU_ASSERT_EQUAL(f.width, (int32_t)width);
        CU_ASSERT_EQUAL(f.strip, idf_strip_of(width));
        CU_ASSERT_EQUAL(f.strips, ((int32_t)width + f.strip - 1) / f.strip);
        CU_ASSERT_TRUE((f.low != NULL) == (low != 0) && (f.sample != NULL) == (low == 0));
        bool good = true;
        for (int32_t t = 0; t < IDF_RING; t++)
          for (int32_t strip = -1; strip <= f.strips; strip++)
            good = good && cell_is_new(&f, idf_field_at(&f, t, strip));
        for (int32_t y = -IDF_FIELD_TOP; y < 0; y++)
          for (int32_t x = -IDF_FIELD_SIDE; x < (int32_t)width + IDF_FIELD_SIDE; x++)
            good = good && cell_is_new(&f, idf_field_cell(&f, x, y));
        CU_ASSERT_TRUE(good);
        idf_field_free(&f, &mem);
        CU_ASSERT_EQUAL(mem.used, 0);
        idf_field_free(&f, &mem);
      }
}

/* Cells of the ring that hold neighbours of a block of lanes are within its arrays, and those of
 * one time side by side: so many past the first strip's, one lane to the left and right. */
static void blocks_stay_inside_their_rows(void)
{
  for (uint32_t width = 1; width <= 4096; width += width < 130 ? 1 : 61) {
    idf_field f;
    idf_mem mem;
    idf_mem_init(&mem, UINT64_MAX);
    CU_ASSERT_EQUAL_FATAL(idf_field_init(&f, &mem, width, 0, 255, true), IDF_OK);
    const ptrdiff_t blocks = (f.strips + IDF_BLOCK - 1) / IDF_BLOCK;
    /* A last block that starts a lane to the right may reach into the next row's first block,
     * but strip -1 of it is that block's last cell; after the last row there is room. */
    CU_ASSERT_TRUE(f.pitch >= IDF_BLOCK + blocks * IDF_BLOCK);
    CU_ASSERT_TRUE(idf_field_at(&f, 0, -1) >= 0);
    CU_ASSERT_TRUE(f.strips <= blocks * IDF_BLOCK);
    const ptrdiff_t last = idf_field_at(&f, IDF_RING - 1, (int32_t)blocks * IDF_BLOCK);
    f.code[last] = 1; /* written: a sanitizer tells when that is outside */
    CU_ASSERT_TRUE(last + IDF_BLOCK - 1 < (IDF_RING + 1) * f.pitch);
    for (int32_t t = 1; t < IDF_RING; t++)
      CU_ASSERT_EQUAL(idf_field_at(&f, t, 3) - idf_field_at(&f, t - 1, 3), f.pitch);
    CU_ASSERT_EQUAL(idf_field_at(&f, IDF_RING + 5, 0), idf_field_at(&f, 5, 0));
    CU_ASSERT_EQUAL(idf_field_at(&f, -1, 0), idf_field_at(&f, IDF_RING - 1, 0));
    idf_field_free(&f, &mem);
  }
}

/* ---- the plane ----------------------------------------------------------------------- */

typedef struct cell {
  int32_t sample;
  int16_t error, code, sign;
} cell;

/* Every cell, of every row: idf(5), "Planes and borders". */
typedef struct plane {
  int32_t width, height;
  cell *cells;
} plane;

static cell *plane_at(const plane *p, int32_t x, int32_t y)
{
  return p->cells + (ptrdiff_t)(y + IDF_FIELD_TOP) * (p->width + 2 * IDF_FIELD_SIDE) + x
         + IDF_FIELD_SIDE;
}

static void plane_new(plane *p, idf_mem *mem, int32_t width, int32_t height, int32_t mid)
{
  const size_t cells = (size_t)(width + 2 * IDF_FIELD_SIDE) * (size_t)(height + IDF_FIELD_TOP);
  *p = (plane){width, height, idf_alloc(mem, cells, sizeof *p->cells)};
  CU_ASSERT_PTR_NOT_NULL_FATAL(p->cells);
  for (int32_t y = -IDF_FIELD_TOP; y < 0; y++)
    for (int32_t x = -4; x <= width + 3; x++)
      *plane_at(p, x, y) = (cell){mid, 64, (int16_t)(idf_log2_q8(65) * 9 >> 8), 0};
}

static void plane_row_start(plane *p, int32_t y)
{
  for (int32_t x = -4; x <= -1; x++)
    *plane_at(p, x, y) = *plane_at(p, 0, y - 1);
}

static void plane_known(plane *p, int32_t x, int32_t y, cell v)
{
  *plane_at(p, x, y) = v;
  if (y > 0)
    return;
  for (int32_t i = x == 0 ? -4 : x + 1; i <= x + 4 && i <= p->width + 3; i++)
    for (int32_t up = -3; up <= -1; up++)
      plane_at(p, i, up)->sample = v.sample;
}

static void plane_left(plane *p, int32_t y)
{
  for (int32_t x = -4; x <= -1; x++)
    *plane_at(p, x, y) = *plane_at(p, 0, y);
}

static void plane_row_end(plane *p, int32_t y)
{
  for (int32_t x = p->width; x <= p->width + 3; x++)
    *plane_at(p, x, y) = *plane_at(p, p->width - 1, y);
}

static cell field_cell(const idf_field *f, ptrdiff_t at)
{
  return (cell){f->low != NULL ? f->low[at] : f->sample[at], f->error[at], f->code[at],
                f->sign[at]};
}

static void field_put(idf_field *f, ptrdiff_t at, cell v)
{
  if (f->low)
    f->low[at] = (int16_t)v.sample;
  else
    f->sample[at] = v.sample;
  f->error[at] = v.error;
  f->code[at] = v.code;
  f->sign[at] = v.sign;
}

static bool same(cell a, cell b)
{
  return a.sample == b.sample && a.error == b.error && a.code == b.code && a.sign == b.sign;
}

/* All taps of all sets of sample (x, y) of a lane: known to the plane and seen in the ring. */
static bool taps_agree(const idf_field *f, const plane *p, const ptrdiff_t near[IDF_WINDOW],
                       int32_t lane, int32_t x, int32_t y)
{
  bool good = true;
  for (int i = 0; i < IDF_TAPS; i++) {
    const int32_t dx = idf_taps[i][0], dy = idf_taps[i][1];
    const ptrdiff_t at = near[IDF_WINDOW_AT(dx, dy)] + lane;
    good = good && at == idf_field_cell(f, x + dx, y - dy)
           && same(field_cell(f, at), *plane_at(p, x + dx, y - dy));
  }
  return good && near[IDF_WINDOW_AT(0, 0)] + lane == idf_field_cell(f, x, y)
         && idf_field_cell(f, x, y) == idf_field_at(f, x + f->strip * y, lane);
}

/* The walk's calls, in the walk's order, and what a lane without a sample writes: the middle. */
static void walk(uint32_t columns, int32_t height, bool low, uint64_t seed)
{
  const int32_t width = (int32_t)columns, strip = idf_strip_of(columns);
  const int32_t end = width + strip * (height - 1);
  const int32_t most = low ? 32767 : 65536;
  idf_unit_random r = idf_unit_random_of(seed);
  idf_mem mem;
  idf_field f;
  plane p;
  ptrdiff_t near[IDF_WINDOW];
  idf_mem_init(&mem, UINT64_MAX);
  CU_ASSERT_EQUAL_FATAL(idf_field_init(&f, &mem, columns, -most, most, low), IDF_OK);
  plane_new(&p, &mem, width, height, f.mid);
  const int32_t last = segment_end(&f), blocks = (f.strips + IDF_BLOCK - 1) / IDF_BLOCK;
  bool good = true;
  for (int32_t t = 0; t < end; t++) {
    const int32_t column = t % strip, row = t / strip;
    idf_field_near(&f, t, near);
    if (column == 0 && row < height) {
      idf_field_row_start(&f, row);
      plane_row_start(&p, row);
    }
    bool live[IDF_BLOCK * 5] = {false};
    for (int32_t lane = 0; lane < f.strips; lane++) {
      const int32_t x = column + strip * lane, y = row - lane;
      live[lane] = x < width && y >= 0 && y < height;
      good = good && (!live[lane] || taps_agree(&f, &p, near, lane, x, y));
    }
    const bool any = memchr(live, true, sizeof live) != NULL;
    for (int32_t lane = blocks * IDF_BLOCK; any && lane-- > 0;) {
      const int32_t x = column + strip * lane, y = row - lane;
      const cell v = {flowkit_between(&r, -most, most), (int16_t)idf_unit_below(&r, 8192),
                      (int16_t)idf_unit_below(&r, 118), (int16_t)flowkit_between(&r, -108, 109)};
      const cell none = {f.mid, 64, (int16_t)(idf_log2_q8(65) * 9 >> 8), 0};
      bool block = false; /* the walk takes only blocks in which some lane has a sample */
      for (int32_t k = lane / IDF_BLOCK * IDF_BLOCK; k < (lane / IDF_BLOCK + 1) * IDF_BLOCK; k++)
        block = block || live[k];
      if (block)
        field_put(&f, idf_field_at(&f, t, lane), live[lane] ? v : none);
      if (live[lane]) {
        plane_known(&p, x, y, v);
        if (y == 0)
          idf_field_first_row(&f, x);
      }
    }
    idf_field_right(&f, t);
    for (int32_t y = 0; y < height; y++) {
      const int32_t x = t - strip * y;
      if (x == last || (width <= last && x == width - 1))
        plane_left(&p, y);
      if (x == width - 1)
        plane_row_end(&p, y);
    }
    if (column == last && row < height)
      idf_field_left_known(&f, row);
  }
  IDF_UNIT_SEEDED(&r, good);
  idf_free(&mem, p.cells);
  idf_field_free(&f, &mem);
  CU_ASSERT_EQUAL(mem.used, 0);
}

static void every_neighbour_is_the_planes(void)
{
  static const uint32_t widths[] = {1,   2,   3,   4,   5,    10,   31,   32,   33,   60,
                                    61,  62,  63,  64,  65,   66,   67,   68,   69,   126,
                                    127, 128, 129, 191, 192,  193,  200,  256,  257,  300,
                                    512, 513, 640, 768, 1000, 1023, 1024, 1025, 4093, 4096};
  for (size_t i = 0; i < sizeof widths / sizeof *widths; i++)
    for (int32_t height = 1; height <= 12; height += height < 6 ? 1 : 6) {
      walk(widths[i], height, false, 2 * i);
      walk(widths[i], height, true, 2 * i + 1);
    }
  /* More rows than a ring remembers, and more than lanes. */
  walk(10, 40, true, 100);
  walk(200, 40, false, 101);
  walk(1024, 40, true, 102);
}

static void the_first_row_is_mirrored_up_as_it_is_known(void)
{
  for (uint32_t width = 1; width <= 140; width += width < 12 || width > 60 ? 1 : 24) {
    idf_mem mem;
    idf_field f;
    idf_mem_init(&mem, UINT64_MAX);
    CU_ASSERT_EQUAL_FATAL(idf_field_init(&f, &mem, width, 0, 9999, width % 2 != 0), IDF_OK);
    bool good = true;
    for (int32_t x = 0; x < (int32_t)width; x++) {
      field_put(&f, idf_field_cell(&f, x, 0), (cell){x + 1, 1, 2, 3});
      idf_field_first_row(&f, x);
      /* Above, as far as the ring still holds neighbours of the next sample: the sample that
       * was the newest when the column was at most four ahead; and errors are none of its. */
      const int32_t known = IDF_MIN(x + 4, (int32_t)width + 3);
      for (int32_t up = 1; up <= IDF_FIELD_TOP; up++)
        for (int32_t i = IDF_MAX(x - 3, -4); i <= known; i++) {
          const cell above = field_cell(&f, idf_field_cell(&f, i, -up));
          const int32_t from = i > x ? x : i <= 0 ? 0 : i - 1;
          good = good && same(above, (cell){from + 1, 64, IDF_FIELD_CODE, 0});
        }
    }
    CU_ASSERT_TRUE(good);
    idf_field_free(&f, &mem);
  }
}

static void the_median_is_kept_between_west_and_north(void)
{
  idf_unit_random r = idf_unit_random_of(5);
  for (int i = 0; i < 3000; i++) {
    const int32_t span = i % 3 == 0 ? 65536 : 9;
    const int32_t w = flowkit_between(&r, -span, span), n = flowkit_between(&r, -span, span);
    const int32_t nw = flowkit_between(&r, -span, span), med = idf_med(w, n, nw);
    const int32_t plain = w + n - nw, high = w > n ? w : n, low = w > n ? n : w;
    IDF_UNIT_SEEDED(&r, med == (plain > high ? high : plain < low ? low : plain));
  }
}

static void every_refused_allocation_is_reported(void)
{
  for (int64_t i = 0; i < 4; i++)
    for (int low = 0; low < 2; low++) {
      idf_mem mem;
      idf_field f;
      idf_mem_init(&mem, UINT64_MAX);
      mem.fail_in = i;
      CU_ASSERT_EQUAL(idf_field_init(&f, &mem, 5, 0, 255, low != 0), IDF_ERR_MEMORY);
      CU_ASSERT_EQUAL(mem.used, 0);
      idf_mem_init(&mem, 200);
      CU_ASSERT_EQUAL(idf_field_init(&f, &mem, 4096, 0, 255, low != 0), IDF_ERR_LIMIT);
      CU_ASSERT_EQUAL(mem.used, 0);
    }
}

int idf_suite_field(void)
{
  static const idf_unit_test tests[] = {
      {"taps are all causal neighbours, row by row", taps_are_all_causal_neighbours_row_by_row},
      {"own taps are those of later planes, and more", own_taps_are_those_of_later_planes_and_more},
      {"cross taps are near and in the same order", cross_taps_are_near_and_in_the_same_order},
      {"strips fill a block and never more than the lanes",
       strips_fill_a_block_and_never_more_than_the_lanes},
      {"a new field is the middle", a_new_field_is_the_middle},
      {"blocks stay inside their rows", blocks_stay_inside_their_rows},
      {"every neighbour is the plane's", every_neighbour_is_the_planes},
      {"the first row is mirrored up as it is known", the_first_row_is_mirrored_up_as_it_is_known},
      {"the median is kept between west and north", the_median_is_kept_between_west_and_north},
      {"every refused allocation is reported", every_refused_allocation_is_reported},
      {NULL, NULL}};
  return idf_unit_suite("field", tests);
}
