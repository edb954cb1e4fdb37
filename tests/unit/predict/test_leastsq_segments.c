/* SPDX-License-Identifier: BSD-3-Clause
 *
 * test_leastsq_segments.c: what enters the equations and what comes of them, held against leastsq.h
 * used for one segment at a time, from samples addressed by column and row.
 */
#include <stdlib.h>

#include "flowkit.h"
#include "kernels_none.h"
#include "unit.h"
#include "walk_state.h"

int idf_suite_leastsq_segments(void);

typedef struct segments {
  idf_simd level;
  void (*start)(idf_wave *w, int32_t block);
  void (*end)(idf_wave *w, int32_t block);
  void (*row_solve)(idf_wave *w, int lane);
} segments;

#define DECLARE(suffix)                                                                            \
  void idf_wave_segments_start##suffix(idf_wave *w, int32_t block);                                \
  void idf_wave_segments_end##suffix(idf_wave *w, int32_t block);                                  \
  void idf_wave_row_solve##suffix(idf_wave *w, int lane);
#define TABLE(level, suffix)                                                                       \
  {                                                                                                \
    level, idf_wave_segments_start##suffix, idf_wave_segments_end##suffix,                         \
        idf_wave_row_solve##suffix                                                                 \
  }

#if defined(IDF_WITH_128)
DECLARE(_128)
#endif
#if defined(IDF_WITH_X86)
DECLARE(_avx2)
DECLARE(_avx512)
#endif

static const segments all[] = {
    TABLE(IDF_SIMD_NONE, ),
#if defined(IDF_WITH_128)
    TABLE(IDF_SIMD_128, _128),
#endif
#if defined(IDF_WITH_X86)
    TABLE(IDF_SIMD_AVX2, _avx2),
    TABLE(IDF_SIMD_AVX512, _avx512),
#endif
};

#define PLANES 3

/* A walk of which only fields and equations live, and equations of one's own beside it. */
typedef struct scene {
  idf_mem mem;
  idf_flow_shape shape;
  idf_wave *w;
  idf_ls own[PLANES];
  idf_ls_work *work;
} scene;

static void open_scene(scene *s, uint32_t width, uint32_t height, int32_t top, unsigned unit)
{
  idf_mem_init(&s->mem, UINT64_MAX);
  s->shape = flowkit_shape(width, height, PLANES, 0, top);
  idf_wave *w = s->w = idf_alloc(&s->mem, 1, sizeof *w);
  s->work = idf_alloc(&s->mem, 1, sizeof *s->work);
  CU_ASSERT_FATAL(w != NULL && s->work);
  w->shape = &s->shape;
  w->planes = PLANES;
  w->unit = unit;
  w->narrow = top <= 1022;
  w->sites.strip = idf_strip_of(width);
  w->strips = ((int32_t)width + w->sites.strip - 1) / w->sites.strip;
  w->batch = idf_alloc(&s->mem, 1, sizeof *w->batch);
  CU_ASSERT_PTR_NOT_NULL_FATAL(w->batch);
  for (unsigned p = 0; p < PLANES; p++) {
    CU_ASSERT_EQUAL_FATAL(idf_field_init(&w->field[p], &s->mem, width, 0, top, w->narrow), IDF_OK);
    CU_ASSERT_EQUAL_FATAL(idf_ls_init(&w->ls[p], &s->mem, idf_regressors(p), idf_ls_usual(p),
                                      (uint32_t)w->strips, w->sites.strip),
                          IDF_OK);
    CU_ASSERT_EQUAL_FATAL(idf_ls_init(&s->own[p], &s->mem, idf_regressors(p), idf_ls_usual(p),
                                      (uint32_t)w->strips, w->sites.strip),
                          IDF_OK);
  }
  w->segment = w->ls[0].segment;
  w->halves = w->ls[0].halves;
  CU_ASSERT_EQUAL(w->halves, w->sites.strip > 32 ? 2 : 1);
  CU_ASSERT_EQUAL(w->segment * w->halves, w->sites.strip);
}

static void close_scene(scene *s)
{
  for (unsigned p = 0; p < PLANES; p++) {
    idf_field_free(&s->w->field[p], &s->mem);
    idf_ls_free(&s->w->ls[p], &s->mem);
    idf_ls_free(&s->own[p], &s->mem);
  }
  idf_free(&s->mem, s->w->batch);
  idf_free(&s->mem, s->w);
  idf_free(&s->mem, s->work);
  CU_ASSERT_EQUAL(s->mem.used, 0);
}

static int32_t segments_of(const scene *s)
{
  return ((int32_t)s->shape.width + s->w->segment - 1) / s->w->segment;
}

/* Everything the ring remembers, anew: smooth, so that solutions are not all alike. */
static void fill(scene *s, idf_unit_random *r, int32_t top)
{
  for (unsigned p = 0; p < PLANES; p++) {
    idf_field *f = &s->w->field[p];
    const int32_t middle = flowkit_between(r, 0, top), wiggle = 1 + top / 40;
    for (ptrdiff_t i = 0; i < f->pitch * IDF_RING; i++) {
      int32_t v = middle + (int32_t)(i % 37) * wiggle / 20 + flowkit_between(r, -wiggle, wiggle);
      v = idf_unit_below(r, 40) == 0 ? flowkit_between(r, 0, top) : idf_clamp(v, 0, top);
      if (s->w->narrow)
        f->low[i] = (int16_t)v;
      else
        f->sample[i] = v;
      f->error[i] = (int16_t)idf_unit_below(r, idf_unit_below(r, 9) == 0 ? 8192 : 200);
    }
  }
}

static int32_t sample(const scene *s, unsigned p, int32_t x, int32_t y)
{
  const idf_field *f = &s->w->field[p];
  const ptrdiff_t at = idf_field_cell(f, x, y);
  return s->w->narrow ? f->low[at] : f->sample[at];
}

static int16_t centred(const scene *s, unsigned p, int32_t x, int32_t y, const int8_t tap[2])
{
  const int32_t mean = (sample(s, p, x - 1, y) + sample(s, p, x, y - 1) + sample(s, p, x + 1, y - 1)
                        + sample(s, p, x - 1, y - 1) + 2)
                       >> 2;
  const int32_t v = sample(s, p, x + tap[0], y - tap[1]) - mean;
  return (int16_t)idf_clamp(v >> s->w->unit, -IDF_LS_CLAMP, IDF_LS_CLAMP);
}

/* Segment `segment` of row y alone enters one's own equations. */
static void fold_one(scene *s, int32_t segment, int32_t y)
{
  static const int8_t self[2] = {0, 0};
  const int32_t slot = segment / s->w->halves, group = slot / IDF_LS_SLOTS * IDF_LS_SLOTS;
  const unsigned lane = (unsigned)(slot - group);
  for (unsigned p = 0; p < PLANES; p++) {
    idf_ls_block *d = calloc(IDF_LS_MAX, sizeof *d), weight = {{0}}, *row[IDF_LS_MAX];
    const int n = idf_regressors(p);
    CU_ASSERT_PTR_NOT_NULL_FATAL(d);
    for (int32_t c = 0; c < s->w->segment; c++) {
      const int32_t x = s->w->segment * segment + c;
      if (x >= (int32_t)s->shape.width)
        break;
      const size_t pair = (size_t)c / 2, cell = 2 * lane + (size_t)c % 2;
      for (int i = 0; i < n; i++) {
        const int own = idf_own_taps(p), cross = (i - own) / IDF_TAPS_CROSS;
        const int at = (i - own) % IDF_TAPS_CROSS;
        d[i][pair][cell] = i < own ? centred(s, p, x, y, idf_taps_own[i])
                                   : centred(s, (unsigned)cross, x, y, idf_taps_cross[at]);
      }
      d[n][pair][cell] = centred(s, p, x, y, self);
      const int32_t error = s->w->field[p].error[idf_field_cell(&s->w->field[p], x, y)] >> 4;
      weight[pair][cell] = (int16_t)idf_ls_weight((uint32_t)error);
    }
    for (int i = 0; i <= n; i++)
      row[i] = &d[i];
    idf_ls_fold(&s->own[p], &idf_kernels_none, (unsigned)(segment % s->w->halves), (size_t)group,
                lane, lane + 1, row, (const idf_ls_block *)&weight);
    free(d);
  }
}

static bool same_equations(const scene *s)
{
  bool good = true;
  for (unsigned p = 0; p < PLANES; p++) {
    const idf_ls *a = &s->w->ls[p], *b = &s->own[p];
    const size_t entries = (size_t)idf_ls_row(a->n, a->n);
    for (int parity = 0; parity < a->halves; parity++)
      good = good
             && memcmp(a->local[parity], b->local[parity], entries * a->slots * sizeof *a->local[0])
                    == 0;
    good = good && memcmp(a->wide, b->wide, entries * sizeof *a->wide) == 0;
  }
  return good;
}

/* The wide solution of a row that starts in lane 0: in place for it and nobody else. */
static bool row_is_solved(scene *s, const segments *at)
{
  bool good = true;
  at->row_solve(s->w, 0);
  for (unsigned p = 0; p < PLANES; p++) {
    float solution[IDF_LS_MAX];
    int16_t coef[IDF_LS_MAX];
    idf_ls_forget(&s->own[p]);
    idf_ls_solve_wide(&s->own[p], &idf_kernels_none, s->work, solution, 1, coef);
    for (int i = 0; i < idf_regressors(p); i++)
      good = good && s->w->solution[p][i][0] == solution[i]
             && s->w->coef[IDF_WIDE][p][0][i / 2][0][i % 2] == coef[i];
  }
  return good;
}

static bool segments_are_solved(scene *s, const segments *at, int32_t block)
{
  bool good = true;
  at->start(s->w, block);
  const int32_t halves = s->w->halves;
  for (int32_t segment = block % halves; segment < segments_of(s); segment += halves) {
    const int32_t lane = segment / halves, y = block / halves - lane, group = lane / 16 * 16;
    if (y < 0 || y >= (int32_t)s->shape.height)
      continue;
    for (unsigned p = 0; p < PLANES; p++) {
      idf_ls_solve_local(&s->own[p], &idf_kernels_none, s->work, (unsigned)(block % halves),
                         (size_t)group, (unsigned)(lane - group), (unsigned)(lane - group) + 1,
                         &s->w->solution[p][0][group], IDF_SITES);
      const idf_pairs *coef = s->w->coef[IDF_LOCAL][p][lane / IDF_BLOCK];
      for (int i = 0; i < idf_regressors(p); i++)
        good = good && coef[i / 2][lane % IDF_BLOCK][i % 2] == s->work->coef[i][lane - group];
    }
  }
  return good;
}

static void segments_learn_and_predict_as_one_by_one(void)
{
  static const uint32_t widths[] = {5,   64,  100,  129,  300,  330, 512,
                                    640, 768, 1000, 1024, 1100, 2050};
  static const int32_t tops[] = {255, 1022, 4095, 65535};
  for (uint64_t seed = 0; seed < 26; seed++) {
    const segments *at = &all[(seed + seed / 13) % (sizeof all / sizeof *all)];
    idf_unit_random r = idf_unit_random_of(seed);
    const uint32_t width = widths[seed % 13];
    const int32_t top = tops[idf_unit_below(&r, 4)];
    if (!idf_kernels_of(at->level))
      continue;
    scene s;
    open_scene(&s, width, 3 + idf_unit_below(&r, 3), top, idf_unit_below(&r, 3));
    s.w->kernels = idf_kernels_of(at->level);
    const int32_t halves = s.w->halves;
    for (int32_t block = 0; block < halves * (s.w->strips + 3); block++) {
      fill(&s, &r, top);
      if (block % halves == 0)
        IDF_UNIT_SEEDED(&r, row_is_solved(&s, at));
      IDF_UNIT_SEEDED(&r, segments_are_solved(&s, at, block));
      at->end(s.w, block);
      for (int32_t segment = block % halves; segment < segments_of(&s); segment += halves) {
        const int32_t y = block / halves - segment / halves;
        if (y > 0 && y < (int32_t)s.shape.height) /* row 0 has no neighbours to learn from */
          fold_one(&s, segment, y);
      }
      for (unsigned p = 0; block % halves == halves - 1 && p < PLANES; p++)
        idf_ls_gather(&s.own[p], &idf_kernels_none);
      IDF_UNIT_SEEDED(&r, same_equations(&s));
    }
    close_scene(&s);
  }
}

int idf_suite_leastsq_segments(void)
{
  static const idf_unit_test tests[] = {
      {"segments learn and predict as one by one", segments_learn_and_predict_as_one_by_one},
      {NULL, NULL}};
  return idf_unit_suite("leastsq_segments", tests);
}
