/* SPDX-License-Identifier: BSD-3-Clause
 *
 * test_inputs.c: what every level sees around a pixel is what idf(5) says of one pixel.
 *
 * Fields hold random numbers; each lane is held against sums written out for it alone.
 */
#include <stdlib.h>

#include "flowkit.h"
#include "unit.h"
#include "walk_state.h"

int idf_suite_inputs(void);

typedef struct looks {
  idf_simd level;
  void (*look)(idf_wave *w, int block);
  void (*predict)(idf_wave *w, unsigned p, int block);
  void (*look_back)(idf_wave *w, unsigned p, int block);
} looks;

#define DECLARE(suffix)                                                                            \
  void idf_wave_look##suffix(idf_wave *w, int block);                                              \
  void idf_wave_predict##suffix(idf_wave *w, unsigned p, int block);                               \
  void idf_wave_look_back##suffix(idf_wave *w, unsigned p, int block);
#define TABLE(level, suffix)                                                                       \
  {                                                                                                \
    level, idf_wave_look##suffix, idf_wave_predict##suffix, idf_wave_look_back##suffix             \
  }

#if defined(IDF_WITH_128)
DECLARE(_128)
#endif
#if defined(IDF_WITH_X86)
DECLARE(_avx2)
DECLARE(_avx512)
#endif

static const looks all[] = {
    TABLE(IDF_SIMD_NONE, ),
#if defined(IDF_WITH_128)
    TABLE(IDF_SIMD_128, _128),
#endif
#if defined(IDF_WITH_X86)
    TABLE(IDF_SIMD_AVX2, _avx2),
    TABLE(IDF_SIMD_AVX512, _avx512),
#endif
};

#define BLOCKS 2 /* at most */

/* A walk in the midst of three planes of random samples in [0, top]. */
typedef struct scene {
  idf_mem mem;
  idf_flow_shape shape;
  idf_wave *w;
  int blocks;
} scene;

static void open_scene(scene *s, idf_unit_random *r, uint32_t width, int32_t top, unsigned unit)
{
  idf_mem_init(&s->mem, UINT64_MAX);
  s->shape = flowkit_shape(width, 100, 3, 0, top);
  idf_wave *w = s->w = idf_alloc(&s->mem, 1, sizeof *w);
  CU_ASSERT_PTR_NOT_NULL_FATAL(w);
  w->shape = &s->shape;
  w->planes = 3;
  w->shown = 3;
  w->unit = unit;
  w->narrow = top <= 1022;
  w->seen = idf_alloc(&s->mem, BLOCKS, sizeof *w->seen);
  CU_ASSERT_PTR_NOT_NULL_FATAL(w->seen);
  w->sites.blocks = true;
  w->sites.row = 70;
  const int32_t strip = w->sites.strip = idf_strip_of(width);
  s->blocks = (((int32_t)width + strip - 1) / strip + IDF_BLOCK - 1) / IDF_BLOCK;
  CU_ASSERT_TRUE_FATAL(s->blocks <= BLOCKS);
  w->sites.column = (int32_t)idf_unit_below(r, (uint32_t)strip);
  w->t = w->sites.row * strip + w->sites.column;
  for (unsigned p = 0; p < 3; p++) {
    idf_field *f = &w->field[p];
    CU_ASSERT_EQUAL_FATAL(idf_field_init(f, &s->mem, width, 0, top, w->narrow), IDF_OK);
    for (ptrdiff_t i = 0; i < f->pitch * IDF_RING; i++) {
      const int32_t sample =
          idf_unit_below(r, 4) == 0 ? (idf_unit_next(r) & 1 ? top : 0) : flowkit_between(r, 0, top);
      if (w->narrow)
        f->low[i] = (int16_t)sample;
      else
        f->sample[i] = sample;
      f->error[i] = (int16_t)(idf_unit_below(r, 3) == 0 ? 8191 : idf_unit_below(r, 300));
      f->code[i] = (int16_t)idf_unit_below(r, 118);
      f->sign[i] = (int16_t)flowkit_between(r, -108, 109);
    }
    for (int k = 0; k < IDF_SITES; k++) {
      w->sites.sample[k] = flowkit_between(r, 0, top);
      w->sites.miss[k] = flowkit_between(r, -108, 109);
    }
  }
  for (int t = w->t - w->sites.column; t <= w->t; t++)
    idf_field_near(&w->field[0], t, w->near);
  const int32_t most = idf_unit_next(r) & 1 ? 32767 : 2000;
  for (int e = 0; e < IDF_EXPERTS; e++)
    for (unsigned p = 0; p < 3; p++)
      for (int lane = 0; lane < s->blocks * IDF_BLOCK; lane++) {
        int16_t coef[IDF_LS_MAX];
        for (int i = 0; i < IDF_LS_MAX; i++)
          coef[i] = (int16_t)flowkit_between(r, -most - 1, most);
        idf_wave_place(w, e, p, lane, coef);
      }
}

static void close_scene(scene *s)
{
  for (unsigned p = 0; p < 3; p++)
    idf_field_free(&s->w->field[p], &s->mem);
  idf_free(&s->mem, s->w->seen);
  idf_free(&s->mem, s->w);
  CU_ASSERT_EQUAL(s->mem.used, 0);
}

/* Plane p at (dx, dy) of lane k. */
static ptrdiff_t place(const scene *s, int k, int dx, int dy)
{
  const int32_t strip = s->w->sites.strip, column = s->w->sites.column + dx;
  const int32_t aside = column < 0 ? -1 : column >= strip ? 1 : 0;
  return idf_field_at(&s->w->field[0], s->w->t + dx - strip * dy, k + aside);
}

static int32_t sample(const scene *s, unsigned p, int k, int dx, int dy)
{
  const idf_field *f = &s->w->field[p];
  return s->w->narrow ? f->low[place(s, k, dx, dy)] : f->sample[place(s, k, dx, dy)];
}

static int32_t mean(const scene *s, unsigned p, int k)
{
  return (sample(s, p, k, -1, 0) + sample(s, p, k, 0, 1) + sample(s, p, k, 1, 1)
          + sample(s, p, k, -1, 1) + 2)
         >> 2;
}

static int32_t level(const scene *s, unsigned p, int k)
{
  const int16_t *e = s->w->field[p].error;
  return ((4 * e[place(s, k, -1, 0)] + 4 * e[place(s, k, 0, 1)] + 2 * e[place(s, k, -1, 1)]
           + 2 * e[place(s, k, 1, 1)] + 2 * e[place(s, k, -2, 0)] + 2 * e[place(s, k, 0, 2)])
          >> 4)
         + 1;
}

/* Number i of the trunk's inputs, but the two that depend on predictions. */
static int32_t input(const scene *s, int i, int k)
{
  static const int taps[IDF_TAPS_ERROR][2] = {
      {-2, 0}, {-1, 0}, {-2, 1}, {-1, 1}, {0, 1}, {1, 1}, {2, 1}, {-1, 2}, {0, 2}, {1, 2},
  };
  if (i < 66) {
    const unsigned p = (unsigned)i / 22;
    const int8_t *tap = idf_taps[i % 22];
    return idf_compress((sample(s, p, k, tap[0], tap[1]) - mean(s, p, k)) >> s->w->unit);
  }
  if (i < 96)
    return s->w->field[(i - 66) / 10]
        .code[place(s, k, taps[(i - 66) % 10][0], taps[(i - 66) % 10][1])];
  if (i < 102)
    return s->w->field[(i - 96) / 2].sign[i % 2 == 0 ? place(s, k, -1, 0) : place(s, k, 0, 1)];
  if (i >= 104 && i < 107)
    return flowkit_log_code((uint32_t)level(s, (unsigned)i - 104, k));
  return 0;
}

static bool looks_right(const scene *s, int block)
{
  const idf_seen *seen = &s->w->seen[block];
  bool good = true;
  for (int lane = 0; lane < IDF_BLOCK; lane++) {
    const int k = block * IDF_BLOCK + lane;
    for (int i = 0; i < 108; i++)
      if (i != 102 && i != 103)
        good = good && seen->trunk_in[i / 2][lane][i % 2] == input(s, i, k);
    for (unsigned p = 0; p < 3; p++)
      good = good && seen->mean[p][lane] == mean(s, p, k) && seen->level[p][lane] == level(s, p, k)
             && seen->octaves[p][lane] == (int32_t)idf_log2_q8((uint32_t)level(s, p, k));
  }
  return good;
}

/* Regressor i of plane p, the planes before which are known at the pixel itself. */
static int32_t regressor(const scene *s, const int32_t known[2][IDF_SITES], unsigned p, int i,
                         int k)
{
  const int own = idf_own_taps(p), cross = (i - own) / IDF_TAPS_CROSS;
  const int at = (i - own) % IDF_TAPS_CROSS;
  const unsigned q = i < own ? p : (unsigned)cross;
  const int8_t *tap = i < own ? idf_taps_own[i] : idf_taps_cross[at];
  const int32_t v = tap[0] == 0 && tap[1] == 0 ? known[q][k] : sample(s, q, k, tap[0], tap[1]);
  return v - mean(s, q, k);
}

static int32_t prediction(const scene *s, const int32_t known[2][IDF_SITES], unsigned p, int e,
                          int k)
{
  const idf_pairs *coef = s->w->coef[e][p][k / IDF_BLOCK];
  int64_t sum = 0;
  for (int i = 0; i < idf_regressors(p); i++)
    sum += (int64_t)coef[i / 2][k % IDF_BLOCK][i % 2] * regressor(s, known, p, i, k);
  const int64_t v = mean(s, p, k) * 64 + (sum >> 6), top = s->shape.max[p] * 64;
  return (int32_t)(v < 0 ? 0 : v > top ? top : v);
}

static int32_t side(int32_t v)
{
  return v > 6 ? 2 : v < -6 ? 0 : 1;
}

static bool predicts_right(const scene *s, const int32_t known[2][IDF_SITES],
                           const int32_t miss[IDF_SITES], unsigned p, int block)
{
  const idf_sites *sites = &s->w->sites;
  bool good = true;
  for (int k = block * IDF_BLOCK; k < (block + 1) * IDF_BLOCK; k++) {
    const int16_t *sign = s->w->field[p].sign;
    int32_t signs = side(sign[place(s, k, -1, 0)]) * 3 + side(sign[place(s, k, 0, 1)]);
    signs += p > 0 ? 9 * side(miss[k]) : 0;
    good = good && sites->local[k] == prediction(s, known, p, IDF_LOCAL, k)
           && sites->wide[k] == prediction(s, known, p, IDF_WIDE, k) && sites->signs[k] == signs
           && sites->mean[k] == mean(s, p, k) && sites->level[k] == level(s, p, k)
           && sites->cell[k] == ((sites->row - k) & 7) * 8 + (sites->column & 7);
  }
  return good;
}

static void every_level_sees_what_one_pixel_does(void)
{
  static const uint32_t widths[] = {5, 100, 300, 640, 768, 1000, 2048};
  static const int32_t tops[] = {1, 255, 510, 1022, 1023, 65535};
  for (uint64_t seed = 0; seed < 48; seed++) {
    idf_unit_random r = idf_unit_random_of(seed);
    const int32_t top = tops[seed % 6];
    scene s;
    open_scene(&s, &r, widths[seed % 7], top, top > 510 ? idf_unit_below(&r, 9) : 0);
    for (size_t l = 0; l < sizeof all / sizeof *all; l++) {
      s.w->kernels = idf_kernels_of(all[l].level);
      if (!s.w->kernels)
        continue;
      int32_t known[2][IDF_SITES], miss[IDF_SITES];
      memcpy(miss, s.w->sites.miss, sizeof miss);
      for (int block = 0; block < s.blocks; block++) {
        memset(&s.w->seen[block], 0, sizeof s.w->seen[block]);
        all[l].look(s.w, block);
        IDF_UNIT_SEEDED(&r, looks_right(&s, block));
      }
      for (unsigned p = 0; p < 3; p++)
        for (int block = 0; block < s.blocks; block++) {
          all[l].predict(s.w, p, block);
          IDF_UNIT_SEEDED(&r,
                          predicts_right(&s, (const int32_t(*)[IDF_SITES])known, miss, p, block));
          if (p == 2)
            continue;
          memcpy(known[p] + block * IDF_BLOCK, s.w->sites.sample + block * IDF_BLOCK,
                 IDF_BLOCK * sizeof **known);
          all[l].look_back(s.w, p, block);
        }
    }
    close_scene(&s);
  }
}

int idf_suite_inputs(void)
{
  static const idf_unit_test tests[] = {
      {"every level sees what one pixel does", every_level_sees_what_one_pixel_does}, {NULL, NULL}};
  return idf_unit_suite("inputs", tests);
}
