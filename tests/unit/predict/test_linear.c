/* SPDX-License-Identifier: BSD-3-Clause
 *
 * test_linear.c: what linear predictors say of a sample is, at every level, what their
 * definition says of it alone.
 *
 * The definition is written out here for one sample and what lies around it, and held against
 * blocks of lanes in fields of random numbers, and against every sample of a walk.
 */
#include "linear.h"

#include <string.h>

#include "flowkit.h"
#include "model_net.h"
#include "walk_state.h"

int idf_suite_linear(void);

/* ---- one sample ---------------------------------------------------------------------- */

/* Around a pixel, by cell of the window: samples of each plane, errors of the plane at hand;
 * and errors of earlier planes at the pixel. */
typedef struct around {
  int32_t sample[IDF_FLOW_PLANES][IDF_WINDOW], error[IDF_WINDOW], missed[IDF_FLOW_PLANES];
} around;

typedef struct verdict {
  int64_t mu, level;
  int32_t class, scale;
} verdict;

static const int8_t own[16][2] = {{-4, 0}, {-3, 0}, {-2, 0}, {-1, 0}, {-3, 1}, {-2, 1},
                                  {-1, 1}, {0, 1},  {1, 1},  {2, 1},  {-2, 2}, {-1, 2},
                                  {0, 2},  {1, 2},  {-1, 3}, {0, 3}};
static const int8_t later[12][2] = {{-2, 0}, {-1, 0}, {-3, 1}, {-2, 1}, {-1, 1}, {0, 1},
                                    {1, 1},  {2, 1},  {-1, 2}, {0, 2},  {1, 2},  {2, 2}};
static const int8_t cross[8][2] = {{-1, 0}, {0, 0}, {-1, 1}, {0, 1},
                                   {1, 1},  {2, 1}, {0, 2},  {1, 2}};

static int64_t floor_shift(int64_t v, unsigned q)
{
  const int64_t d = (int64_t)1 << q;
  return v / d - (v % d < 0);
}

static int64_t between(int64_t v, int64_t lo, int64_t hi)
{
  return v < lo ? lo : v > hi ? hi : v;
}

static int32_t apart(const int32_t *s, int ax, int ay, int bx, int by)
{
  return abs(s[IDF_WINDOW_AT(ax, ay)] - s[IDF_WINDOW_AT(bx, by)]);
}

/* Whole octaves above 16, each in eight equal parts. */
static int32_t eighths(int64_t level)
{
  int32_t octave = 4;
  while (level >> (octave + 1) != 0)
    octave++;
  return 8 * (octave - 4) + (int32_t)(8 * (level - ((int64_t)1 << octave)) >> octave);
}

static int64_t weighted_sum(const idf_linear_plane *l, unsigned p, int c, const around *a)
{
  int64_t sum = 0;
  int at = 0;
  for (int i = 0; i < (p == 0 ? 16 : 12); i++, at++) {
    const int8_t *tap = p == 0 ? own[i] : later[i];
    sum += (int64_t)l->coef[at / 2][c][at % 2] * a->sample[p][IDF_WINDOW_AT(tap[0], tap[1])];
  }
  for (unsigned q = 0; q < p; q++)
    for (int i = 0; i < 8; i++, at++)
      sum += (int64_t)l->coef[at / 2][c][at % 2]
             * a->sample[q][IDF_WINDOW_AT(cross[i][0], cross[i][1])];
  return sum;
}

static verdict judge(const idf_linear_plane *l, unsigned p, unsigned unit, const around *a,
                     int32_t min, int32_t max)
{
  const int32_t *s = a->sample[p], *e = a->error;
  const int32_t across = apart(s, -1, 0, -2, 0) + apart(s, 0, 1, -1, 1) + apart(s, 0, 1, 1, 1);
  const int32_t down = apart(s, -1, 0, -1, 1) + apart(s, 0, 1, 0, 2) + apart(s, 1, 1, 1, 2);
  int32_t activity = (across + down) / (1 << unit);
  for (unsigned q = 0; q < p; q++)
    activity += a->missed[q] / 8;
  verdict v = {.class = across > down};
  for (int i = 0; i < 7; i++)
    v.class += l->threshold[i] <= activity ? 2 : 0;
  v.mu = between(floor_shift(weighted_sum(l, p, v.class, a) + 32, 6), 64 * (int64_t)min,
                 64 * (int64_t)max);
  static const int8_t places[6][2] = {{-1, 0}, {0, 1}, {-1, 1}, {1, 1}, {-2, 0}, {0, 2}};
  for (int i = 0; i < 6; i++)
    v.level += (int64_t)l->weight[i] * e[IDF_WINDOW_AT(places[i][0], places[i][1])];
  v.level += l->weight[6] * between(16 * (int64_t)(across / (1 << unit)), 0, 8191);
  v.level += l->weight[7] * between(16 * (int64_t)(down / (1 << unit)), 0, 8191);
  for (unsigned q = 0; q < p; q++)
    v.level += (int64_t)l->weight[8 + q] * a->missed[q];
  v.level = between(floor_shift(v.level + 16 * (int64_t)l->weight[8 + p], 4), 16, 131072);
  const int32_t fine = eighths(v.level);
  v.scale = (int32_t)between(8 + 8 * (int64_t)unit + fine + l->adjust[fine / 2], 0, 167);
  return v;
}

/* ---- levels -------------------------------------------------------------------------- */

typedef struct linears {
  idf_simd level;
  void (*linear)(idf_wave *w, unsigned p, int block);
  void (*settle)(idf_wave *w, unsigned p, int block);
  void (*locate)(const idf_kernels *kernels, const idf_linear_view *view, int blocks, int32_t *mu,
                 idf_linear_texture *texture);
  void (*spread)(const idf_kernels *kernels, const idf_linear_view *view, int blocks,
                 const idf_linear_texture *texture, int32_t *scale);
} linears;

#define DECLARE(suffix)                                                                            \
  void idf_wave_linear##suffix(idf_wave *w, unsigned p, int block);                                \
  void idf_wave_linear_settle##suffix(idf_wave *w, unsigned p, int block);                         \
  void idf_linear_locate##suffix(const idf_kernels *kernels, const idf_linear_view *view,          \
                                 int blocks, int32_t *mu, idf_linear_texture *texture);            \
  void idf_linear_spread##suffix(const idf_kernels *kernels, const idf_linear_view *view,          \
                                 int blocks, const idf_linear_texture *texture, int32_t *scale);
#define TABLE(level, suffix)                                                                       \
  {                                                                                                \
    level, idf_wave_linear##suffix, idf_wave_linear_settle##suffix, idf_linear_locate##suffix,     \
        idf_linear_spread##suffix                                                                  \
  }

#if defined(IDF_WITH_128)
DECLARE(_128)
#endif
#if defined(IDF_WITH_X86)
DECLARE(_avx2)
DECLARE(_avx512)
#endif

static const linears all[] = {
    TABLE(IDF_SIMD_NONE, ),
#if defined(IDF_WITH_128)
    TABLE(IDF_SIMD_128, _128),
#endif
#if defined(IDF_WITH_X86)
    TABLE(IDF_SIMD_AVX2, _avx2),
    TABLE(IDF_SIMD_AVX512, _avx512),
#endif
};

/* ---- blocks of lanes in random fields -------------------------------------------------- */

#define BLOCKS 2 /* at most */
#define UNKNOWN 0x5a5a5a5a

/* A walk in the midst of three planes of random samples. */
typedef struct scene {
  idf_mem mem;
  idf_flow_shape shape;
  idf_linear linear;
  idf_wave *w;
  int blocks;
} scene;

/* Calm, wild or at the ends, by `mood`: any class should come up. */
static int32_t some_sample(idf_unit_random *r, int mood, int32_t min, int32_t max)
{
  const int32_t mid = min + (max - min) / 3;
  if (mood == 0)
    return idf_clamp(mid + flowkit_between(r, -2, 2), min, max);
  if (mood == 1)
    return idf_clamp(mid + flowkit_between(r, -(max - min) / 16, (max - min) / 16), min, max);
  if (mood == 2)
    return flowkit_between(r, min, max);
  return idf_unit_next(r) & 1 ? max : min;
}

static int16_t some_error(idf_unit_random *r, int mood)
{
  return (int16_t)(mood == 0                   ? idf_unit_below(r, 8)
                   : idf_unit_below(r, 4) == 0 ? 8191
                                               : idf_unit_below(r, 400));
}

static void fill_fields(scene *s, idf_unit_random *r, int mood)
{
  idf_wave *w = s->w;
  for (unsigned p = 0; p < 3; p++) {
    const int32_t min = s->shape.min[p], max = s->shape.max[p];
    idf_field *f = &w->field[p];
    CU_ASSERT_EQUAL_FATAL(idf_field_init(f, &s->mem, s->shape.width, min, max, w->narrow), IDF_OK);
    for (ptrdiff_t i = 0; i < f->pitch * IDF_RING; i++) {
      const int32_t sample = some_sample(r, mood, min, max);
      if (w->narrow)
        f->low[i] = (int16_t)sample;
      else
        f->sample[i] = sample;
      f->error[i] = some_error(r, mood);
    }
    for (int k = 0; k < s->blocks * IDF_BLOCK; k++)
      w->seen[k / IDF_BLOCK].missed[p][k % IDF_BLOCK] = some_error(r, mood);
  }
}

static void open_scene(scene *s, uint64_t seed, idf_unit_random *r)
{
  static const uint32_t widths[] = {5, 100, 300, 640, 768, 1000, 2048};
  static const int32_t ranges[][3] = {
      /* narrow first */
      {0, 255, true},   {-255, 255, true},  {0, 510, true},         {-1022, 0, true},
      {0, 1022, true},  {7, 7, true},       {0, 1023, false},       {0, 65535, false},
      {0, 4095, false}, {-511, 512, false}, {-65536, 65536, false},
  };
  const int32_t *range = ranges[seed % 11];
  const uint32_t width = widths[seed % 7];
  idf_mem_init(&s->mem, UINT64_MAX);
  s->shape = flowkit_shape(width, 100, 3, range[0], range[1]);
  flowkit_linear(&s->linear, r, (int)(seed / 2 % FLOWKIT_MODELS));
  idf_wave *w = s->w = idf_alloc(&s->mem, 1, sizeof *w);
  CU_ASSERT_PTR_NOT_NULL_FATAL(w);
  w->shape = &s->shape;
  w->linear = &s->linear;
  w->planes = 3;
  w->unit = s->shape.unit_shift = seed % 3 == 0 ? 0 : idf_unit_below(r, 9);
  w->narrow = range[2];
  w->seen = idf_alloc(&s->mem, BLOCKS, sizeof *w->seen);
  CU_ASSERT_PTR_NOT_NULL_FATAL(w->seen);
  w->sites.row = 70;
  w->sites.unit = (int)w->unit;
  const int32_t strip = w->sites.strip = idf_strip_of(width);
  w->strips = ((int32_t)width + strip - 1) / strip;
  s->blocks = (w->strips + IDF_BLOCK - 1) / IDF_BLOCK;
  CU_ASSERT_TRUE_FATAL(s->blocks <= BLOCKS);
  w->sites.column = (int32_t)idf_unit_below(r, (uint32_t)strip);
  w->t = w->sites.row * strip + w->sites.column;
  fill_fields(s, r, (int)(seed % 4));
  for (int t = w->t - w->sites.column; t <= w->t; t++)
    idf_field_near(&w->field[0], t, w->near);
}

static void close_scene(scene *s)
{
  for (unsigned p = 0; p < 3; p++)
    idf_field_free(&s->w->field[p], &s->mem);
  idf_free(&s->mem, s->w->seen);
  idf_free(&s->mem, s->w);
  CU_ASSERT_EQUAL(s->mem.used, 0);
}

/* (dx, dy) of lane k in every field. */
static ptrdiff_t place(const scene *s, int k, int dx, int dy)
{
  const int32_t strip = s->w->sites.strip, column = s->w->sites.column + dx;
  const int32_t aside = column < 0 ? -1 : column >= strip ? 1 : 0;
  return idf_field_at(&s->w->field[0], s->w->t + dx - strip * dy, k + aside);
}

static around around_lane(const scene *s, unsigned p, int k)
{
  around a = {.missed = {0}};
  for (int dy = 0; dy < 4; dy++)
    for (int dx = -4; dx <= (dy == 0 ? 0 : 3); dx++) {
      const ptrdiff_t at = place(s, k, dx, dy);
      a.error[IDF_WINDOW_AT(dx, dy)] = s->w->field[p].error[at];
      for (unsigned q = 0; q <= p; q++)
        a.sample[q][IDF_WINDOW_AT(dx, dy)] =
            s->w->narrow ? s->w->field[q].low[at] : s->w->field[q].sample[at];
    }
  for (unsigned q = 0; q < p; q++)
    a.missed[q] = s->w->seen[k / IDF_BLOCK].missed[q][k % IDF_BLOCK];
  return a;
}

/* What has come up in some lane. */
typedef struct tally {
  unsigned class[IDF_LINEAR_CLASSES], least, most, top, bottom, low, high, inside;
} tally;

static void count(tally *t, const verdict *v, int32_t min, int32_t max)
{
  t->class[v->class]++;
  t->least += v->level == 16;
  t->most += v->level == 131072;
  t->bottom += v->mu == 64 * (int64_t)min;
  t->top += v->mu == 64 * (int64_t)max;
  t->inside += v->mu > 64 * (int64_t)min && v->mu < 64 * (int64_t)max;
  t->low += v->scale == 0;
  t->high += v->scale == 167;
}

static bool says_right(const scene *s, unsigned p, int block, tally *t)
{
  const idf_sites *sites = &s->w->sites;
  bool good = true;
  for (int k = 0; k < IDF_SITES; k++) {
    if (k / IDF_BLOCK != block) { /* nothing is said of others */
      good = good && sites->mu[k] == UNKNOWN && sites->scale[k] == UNKNOWN;
      continue;
    }
    const around a = around_lane(s, p, k);
    const verdict v =
        judge(&s->linear.plane[p], p, s->w->unit, &a, s->shape.min[p], s->shape.max[p]);
    good = good && sites->mu[k] == v.mu && sites->scale[k] == v.scale;
    count(t, &v, s->shape.min[p], s->shape.max[p]);
  }
  return good;
}

static void every_level_says_what_is_said_of_one_sample(void)
{
  tally t = {.least = 0};
  for (uint64_t seed = 0; seed < 2 * 11 * 3 * 4; seed++) {
    idf_unit_random r = idf_unit_random_of(seed);
    scene s;
    open_scene(&s, seed, &r);
    for (size_t l = 0; l < sizeof all / sizeof *all; l++) {
      s.w->kernels = idf_kernels_of(all[l].level);
      if (!s.w->kernels)
        continue;
      for (unsigned p = 0; p < 3; p++)
        for (int block = 0; block < s.blocks; block++) {
          s.w->sites.min = s.shape.min[p];
          s.w->sites.max = s.shape.max[p];
          memset(s.w->sites.mu, 0x5a, sizeof s.w->sites.mu);
          memset(s.w->sites.scale, 0x5a, sizeof s.w->sites.scale);
          all[l].linear(s.w, p, block);
          IDF_UNIT_SEEDED(&r, says_right(&s, p, block, &t));
        }
    }
    close_scene(&s);
  }
  for (int c = 0; c < IDF_LINEAR_CLASSES; c++)
    CU_ASSERT_TRUE(t.class[c] > 25);
  CU_ASSERT_TRUE(t.least > 25 && t.most > 25 && t.bottom > 25 && t.top > 25 && t.inside > 250
                 && t.low > 25 && t.high > 25);
}

/* Samples and errors where later ones look for them; lanes without a sample leave the error that
 * borders have, and whatever sample they held; others' cells stay. */
static bool settled_right(const scene *s, unsigned p, int block, const idf_field *before)
{
  const idf_sites *sites = &s->w->sites;
  const idf_field *f = &s->w->field[p];
  const ptrdiff_t from = idf_field_at(f, s->w->t, block * IDF_BLOCK);
  bool good = true;
  for (ptrdiff_t i = 0; i < f->pitch * IDF_RING; i++) {
    if (i < from || i >= from + IDF_BLOCK) {
      good = good && f->error[i] == before->error[i]
             && (f->low != NULL ? f->low[i] == before->low[i] : f->sample[i] == before->sample[i]);
      continue;
    }
    const int k = block * IDF_BLOCK + (int)(i - from);
    const int64_t off = 64 * (int64_t)sites->sample[k] - sites->mu[k];
    const int64_t missed = between((off < 0 ? -off : off) / (4 << s->w->unit), 0, 8191);
    good = good && s->w->seen[block].missed[p][k % IDF_BLOCK] == missed
           && f->error[i] == (sites->live[k] ? missed : 64)
           && (f->low != NULL ? f->low[i] : f->sample[i]) == sites->sample[k];
  }
  return good;
}

static void *copy_of(idf_mem *mem, const void *from, size_t n, size_t size)
{
  void *to = from != NULL ? idf_alloc(mem, n, size) : NULL;
  if (to)
    memcpy(to, from, n * size);
  return to;
}

static void every_level_remembers_what_was_missed(void)
{
  for (uint64_t seed = 0; seed < 66; seed++) {
    idf_unit_random r = idf_unit_random_of(5000 + seed);
    scene s;
    open_scene(&s, seed, &r);
    idf_sites *sites = &s.w->sites;
    for (size_t l = 0; l < sizeof all / sizeof *all; l++) {
      s.w->kernels = idf_kernels_of(all[l].level);
      if (!s.w->kernels)
        continue;
      for (unsigned p = 0; p < 3; p++)
        for (int block = 0; block < s.blocks; block++) {
          const int32_t min = s.shape.min[p], max = s.shape.max[p];
          idf_field *f = &s.w->field[p], before = *f;
          const size_t cells = (size_t)f->pitch * IDF_RING;
          before.low = copy_of(&s.mem, f->low, cells, sizeof *f->low);
          before.sample = copy_of(&s.mem, f->sample, cells, sizeof *f->sample);
          before.error = copy_of(&s.mem, f->error, cells, sizeof *f->error);
          CU_ASSERT_FATAL(before.error != NULL && (before.low != NULL || before.sample));
          for (int k = 0; k < IDF_SITES; k++) {
            sites->live[k] = idf_unit_below(&r, 4) == 0 ? 0 : -1;
            sites->sample[k] = flowkit_between(&r, min, max);
            sites->mu[k] = idf_unit_next(&r) & 1
                               ? flowkit_between(&r, 64 * min, 64 * max)
                               : idf_clamp(64 * sites->sample[k] + flowkit_between(&r, -300, 300),
                                           64 * min, 64 * max);
          }
          all[l].settle(s.w, p, block);
          IDF_UNIT_SEEDED(&r, settled_right(&s, p, block, &before));
          idf_free(&s.mem, before.low);
          idf_free(&s.mem, before.sample);
          idf_free(&s.mem, before.error);
        }
    }
    close_scene(&s);
  }
}

/* ---- blocks side by side --------------------------------------------------------------- */

static void blocks_side_by_side_are_as_alone(void)
{
  enum { MOST = 4, PITCH = MOST * IDF_BLOCK + 16, CELLS = 5 * PITCH };
  for (uint64_t seed = 0; seed < 120; seed++) {
    idf_unit_random r = idf_unit_random_of(7000 + seed);
    int16_t low[3][CELLS], error[CELLS], missed[2][MOST * IDF_BLOCK];
    int32_t sample[3][CELLS];
    ptrdiff_t near[IDF_WINDOW];
    idf_linear linear;
    const unsigned p = (unsigned)(seed % 3);
    const int blocks = 1 + (int)idf_unit_below(&r, MOST);
    const bool narrow = seed % 4 != 3;
    flowkit_linear(&linear, &r, (int)(seed / 3 % FLOWKIT_MODELS));
    for (int i = 0; i < CELLS; i++) {
      for (int q = 0; q < 3; q++) {
        sample[q][i] = some_sample(&r, (int)(seed % 4), -255, 255);
        low[q][i] = (int16_t)sample[q][i];
      }
      error[i] = some_error(&r, (int)(seed % 4));
    }
    for (int i = 0; i < 2 * MOST * IDF_BLOCK; i++)
      missed[i % 2][i / 2] = some_error(&r, (int)(seed % 4));
    for (int dy = 0; dy < 4; dy++)
      for (int dx = -4; dx < 4; dx++)
        near[IDF_WINDOW_AT(dx, dy)] = (4 - dy) * PITCH + dx + 8;
    for (size_t l = 0; l < sizeof all / sizeof *all; l++) {
      const idf_kernels *kernels = idf_kernels_of(all[l].level);
      if (!kernels)
        continue;
      int32_t mu[2][MOST * IDF_BLOCK], scale[2][MOST * IDF_BLOCK];
      idf_linear_texture texture[2][MOST];
      memset(mu, 0, sizeof mu);
      memset(scale, 0, sizeof scale);
      memset(texture, 0, sizeof texture);
      for (int i = 0; i <= blocks; i++) { /* the first time all */
        const int at = IDF_MAX(i - 1, 0), n = i == 0 ? blocks : 1;
        idf_linear_view v = {.linear = &linear.plane[p],
                             .plane = p,
                             .unit = (unsigned)(seed % 5),
                             .lo = -255 * 64,
                             .hi = 255 * 64,
                             .near = near,
                             .error = error + at * IDF_BLOCK};
        for (unsigned q = 0; q <= p; q++) {
          v.low[q] = narrow ? low[q] + at * IDF_BLOCK : NULL;
          v.sample[q] = narrow ? NULL : sample[q] + at * IDF_BLOCK;
          v.missed[q] = q < p ? missed[q] + at * IDF_BLOCK : NULL;
        }
        all[l].locate(kernels, &v, n, mu[i > 0] + at * IDF_BLOCK, texture[i > 0] + at);
        all[l].spread(kernels, &v, n, (const idf_linear_texture *)texture[i > 0] + at,
                      scale[i > 0] + at * IDF_BLOCK);
      }
      IDF_UNIT_SEEDED(&r, memcmp(mu[0], mu[1], sizeof mu[0]) == 0
                              && memcmp(scale[0], scale[1], sizeof scale[0]) == 0
                              && memcmp(texture[0], texture[1], sizeof texture[0]) == 0);
    }
  }
}

/* ---- a walk --------------------------------------------------------------------------- */

enum { MOST_W = 300, MOST_H = 40 };

/* What is known in the midst of a walk, by plane and place. */
typedef struct story {
  const idf_linear *linear;
  flowkit_tape *tape;
  const flowkit_planes *in;
  int16_t error[IDF_FLOW_PLANES][MOST_W * MOST_H];
  bool good;
  unsigned judged;
} story;

static around around_pixel(const story *t, unsigned p, int x, int y)
{
  const int width = (int)t->tape->shape->width;
  around a = {.missed = {0}};
  for (int dy = 0; dy < 4; dy++)
    for (int dx = -4; dx <= (dy == 0 ? 0 : 3); dx++) {
      const int at = (y - dy) * width + x + dx;
      a.error[IDF_WINDOW_AT(dx, dy)] = t->error[p][at];
      for (unsigned q = 0; q <= p; q++)
        a.sample[q][IDF_WINDOW_AT(dx, dy)] = t->in->plane[q][at];
    }
  for (unsigned q = 0; q < p; q++)
    a.missed[q] = t->error[q][y * width + x];
  return a;
}

/* Every sample whose window is within the picture is held against the definition. */
static idf_status tell(void *context, unsigned plane, idf_sites *sites)
{
  story *t = context;
  const idf_flow_shape *s = t->tape->shape;
  const int width = (int)s->width;
  for (int k = sites->hi - 1; k >= sites->lo; k--) {
    const int x = sites->column + sites->strip * k, y = sites->row - k, at = y * width + x;
    if (x >= 4 && x + 3 < width && y >= 3) {
      const around a = around_pixel(t, plane, x, y);
      const verdict v =
          judge(&t->linear->plane[plane], plane, s->unit_shift, &a, s->min[plane], s->max[plane]);
      t->good = t->good && sites->mu[k] == v.mu && sites->scale[k] == v.scale;
      t->judged++;
    }
    const int64_t off = 64 * (int64_t)t->in->plane[plane][at] - sites->mu[k];
    t->error[plane][at] = (int16_t)between((off < 0 ? -off : off) / (4 << s->unit_shift), 0, 8191);
  }
  return flowkit_tape_turn(t->tape, plane, sites);
}

typedef struct trip {
  idf_mem mem;
  idf_flow_shape shape;
  idf_linear linear;
  flowkit_planes in, out;
  flowkit_tape tape;
} trip;

static void open_trip(trip *t, uint64_t seed, idf_unit_random *r)
{
  static const uint32_t sizes[][2] = {{1, 1},   {1, 40},      {40, 1},      {5, 17},
                                      {31, 9},  {64, 9},      {65, 5},      {96, 8},
                                      {129, 6}, {MOST_W, 12}, {100, MOST_H}};
  static const int32_t ranges[][2] = {{0, 255},   {-255, 255}, {0, 510},       {0, 1},
                                      {7, 7},     {0, 1022},   {0, 1023},      {0, 4095},
                                      {0, 65535}, {-511, 511}, {-65536, 65536}};
  const uint32_t *size = sizes[seed % 11];
  const int32_t *range = ranges[seed / 11 % 11];
  idf_mem_init(&t->mem, UINT64_MAX);
  t->shape = flowkit_shape(size[0], size[1], 1 + idf_unit_below(r, 3), range[0], range[1]);
  t->shape.unit_shift = idf_unit_next(r) & 1 ? idf_unit_below(r, 9) : 0;
  flowkit_linear(&t->linear, r, (int)idf_unit_below(r, FLOWKIT_MODELS));
  t->in = flowkit_planes_new(&t->mem, &t->shape);
  t->out = flowkit_planes_new(&t->mem, &t->shape);
  t->tape = flowkit_tape_new(&t->mem, &t->shape);
  flowkit_fill(&t->in, &t->shape, r, (int)idf_unit_below(r, FLOWKIT_KINDS));
}

static void close_trip(trip *t)
{
  flowkit_planes_free(&t->mem, &t->in);
  flowkit_planes_free(&t->mem, &t->out);
  idf_free(&t->mem, t->tape.latent);
  CU_ASSERT_EQUAL(t->mem.used, 0);
}

/* Forward at every level, each sample judged; the latents of plain C back to samples. */
static void walks_at_every_level_are_one(void)
{
  idf_linear made = {.plane = {{.threshold = {0}}}};
  unsigned judged = 0;
  story *t = malloc(sizeof *t);
  CU_ASSERT_PTR_NOT_NULL_FATAL(t);
  for (uint64_t seed = 0; seed < 242; seed++) {
    idf_unit_random r = idf_unit_random_of(7000 + seed);
    trip at_hand;
    open_trip(&at_hand, seed, &r);
    idf_model *model = flowkit_model_linear(&at_hand.mem, &made);
    uint64_t hash = 0;
    for (unsigned level = IDF_SIMD_NONE; level < IDF_SIMD_LEVELS; level++) {
      const idf_kernels *kernels = idf_kernels_of((idf_simd)level);
      if (!kernels)
        continue;
      const idf_job job = {.mem = &at_hand.mem, .model = model, .kernels = kernels};
      idf_flow flow = {.job = &job,
                       .shape = &at_hand.shape,
                       .linear = &at_hand.linear,
                       .latents = tell,
                       .context = t};
      *t = (story){
          .linear = &at_hand.linear, .tape = &at_hand.tape, .in = &at_hand.in, .good = true};
      flowkit_tape_rewind(&at_hand.tape, false);
      IDF_UNIT_SEEDED(&r, idf_flow_forward(&flow, flowkit_read_only(&at_hand.in)) == IDF_OK);
      IDF_UNIT_SEEDED(&r, t->good && !at_hand.tape.broken && at_hand.tape.at == at_hand.tape.size);
      judged += t->judged;
      hash = level == IDF_SIMD_NONE ? at_hand.tape.hash : hash;
      IDF_UNIT_SEEDED(&r, at_hand.tape.hash == hash);
      for (unsigned p = 0; p < at_hand.shape.planes; p++)
        memset(at_hand.out.plane[p], 0x5a, at_hand.out.n * sizeof *at_hand.out.plane[p]);
      flowkit_tape_rewind(&at_hand.tape, true);
      flow.latents = flowkit_tape_turn;
      flow.context = &at_hand.tape;
      IDF_UNIT_SEEDED(&r, idf_flow_inverse(&flow, at_hand.out.plane) == IDF_OK);
      IDF_UNIT_SEEDED(&r, !at_hand.tape.broken && at_hand.tape.hash == hash
                              && flowkit_same(&at_hand.in, &at_hand.out));
    }
    idf_model_release(&at_hand.mem, model);
    close_trip(&at_hand);
  }
  CU_ASSERT_TRUE(judged > 100000);
  free(t);
}

/* ---- levels of errors ------------------------------------------------------------------- */

static void levels_are_in_eighths_of_octaves(void)
{
  static const int32_t table[][2] = {
      {16, 0},     {17, 0},     {18, 1},       {19, 1},      {20, 2},     {30, 7},
      {31, 7},     {32, 8},     {35, 8},       {36, 9},      {63, 15},    {64, 16},
      {71, 16},    {72, 17},    {1000, 47},    {1024, 48},   {65535, 95}, {65536, 96},
      {73727, 96}, {73728, 97}, {131071, 103}, {131072, 104}};
  for (size_t i = 0; i < sizeof table / sizeof *table; i++)
    CU_ASSERT_EQUAL(idf_linear_eighths(table[i][0]), table[i][1]);
  bool same = true;
  for (int32_t level = IDF_LINEAR_LEVEL_MIN; level <= IDF_LINEAR_LEVEL_MAX; level++)
    same = same && idf_linear_eighths(level) == eighths(level);
  CU_ASSERT_TRUE(same);
  CU_ASSERT_EQUAL(idf_linear_eighths(IDF_LINEAR_LEVEL_MAX) / 2, IDF_LINEAR_BINS - 1);
}

static void regressors_are_where_they_should_be(void)
{
  static const int counts[] = {16, 20, 28};
  for (unsigned p = 0; p < IDF_LINEAR_PLANES; p++) {
    CU_ASSERT_EQUAL(idf_linear_regressors(p), counts[p]);
    for (int i = 0; i < counts[p]; i++) {
      const int mine = p == 0 ? 16 : 12;
      const int8_t *tap = i >= mine ? cross[(i - mine) % 8] : p == 0 ? own[i] : later[i];
      int dx, dy;
      const unsigned q = idf_linear_tap(p, i, &dx, &dy);
      CU_ASSERT_EQUAL(q, i < mine ? p : (unsigned)(i - mine) / 8);
      CU_ASSERT_TRUE(dx == tap[0] && dy == tap[1]);
    }
  }
}

int idf_suite_linear(void)
{
  static const idf_unit_test tests[] = {
      {"every level says what is said of one sample", every_level_says_what_is_said_of_one_sample},
      {"every level remembers what was missed", every_level_remembers_what_was_missed},
      {"blocks side by side are as alone", blocks_side_by_side_are_as_alone},
      {"walks at every level are one", walks_at_every_level_are_one},
      {"levels are in eighths of octaves", levels_are_in_eighths_of_octaves},
      {"regressors are where they should be", regressors_are_where_they_should_be},
      {NULL, NULL}};
  return idf_unit_suite("linear", tests);
}
