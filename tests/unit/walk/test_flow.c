/* SPDX-License-Identifier: BSD-3-Clause
 *
 * test_flow.c: the flow's two calls walk at the job's level, and
 * every level maps the same samples to the same latents under the same priors.
 *
 * What the walk itself promises is in test_wavefront.c.
 */
#include "flow.h"

#include <string.h>

#include "flowkit.h"
#include "model_net.h"
#include "occur.h"

int idf_suite_flow(void);

static const uint32_t sizes[][2] = {{1, 1},  {37, 1},  {5, 17},  {64, 5},
                                    {65, 5}, {129, 6}, {300, 12}};
#define SIZES (sizeof sizes / sizeof *sizes)
static const int32_t ranges[][3] = {
    {0, 255, 0}, {-255, 255, 0}, {0, 1, 0}, {0, 65535, 8}, {-1023, 1023, 2}};
#define RANGES (sizeof ranges / sizeof *ranges)

typedef struct trip {
  idf_mem mem;
  idf_flow_shape shape;
  idf_linear linear;
  const idf_linear *predictors; /* these, or NULL */
  idf_model *model;
  flowkit_planes in, out;
  flowkit_tape tape;
} trip;

static void open_trip(trip *t, uint64_t seed, idf_unit_random *r)
{
  const uint32_t *size = sizes[seed % SIZES];
  const int32_t *range = ranges[seed % RANGES];
  idf_mem_init(&t->mem, UINT64_MAX);
  t->shape = flowkit_shape(size[0], size[1], 1 + idf_unit_below(r, 3), range[0], range[1]);
  t->shape.unit_shift = (unsigned)range[2];
  t->shape.occurrence = idf_unit_below(r, 2) && idf_occur_fits(&t->shape);
  flowkit_linear(&t->linear, r, (int)idf_unit_below(r, FLOWKIT_MODELS));
  t->predictors = idf_unit_below(r, 3) == 0 ? &t->linear : NULL;
  t->model = flowkit_model(&t->mem, r, (int)(seed % FLOWKIT_MODELS));
  t->in = flowkit_planes_new(&t->mem, &t->shape);
  t->out = flowkit_planes_new(&t->mem, &t->shape);
  t->tape = flowkit_tape_new(&t->mem, &t->shape);
  flowkit_fill(&t->in, &t->shape, r, (int)idf_unit_below(r, FLOWKIT_KINDS));
}

static void close_trip(trip *t)
{
  idf_model_release(&t->mem, t->model);
  flowkit_planes_free(&t->mem, &t->in);
  flowkit_planes_free(&t->mem, &t->out);
  idf_free(&t->mem, t->tape.latent);
  CU_ASSERT_EQUAL(t->mem.used, 0);
}

static bool forward(trip *t, const idf_model *model, idf_simd level)
{
  const idf_job job = {.mem = &t->mem, .model = model, .kernels = idf_kernels_of(level)};
  const idf_flow flow = {.job = &job,
                         .shape = &t->shape,
                         .linear = t->predictors,
                         .latents = flowkit_tape_turn,
                         .context = &t->tape};
  flowkit_tape_rewind(&t->tape, false);
  return idf_flow_forward(&flow, flowkit_read_only(&t->in)) == IDF_OK && t->tape.at == t->tape.size
         && !t->tape.broken;
}

static bool inverse(trip *t, const idf_model *model, idf_simd level)
{
  const idf_job job = {.mem = &t->mem, .model = model, .kernels = idf_kernels_of(level)};
  const idf_flow flow = {.job = &job,
                         .shape = &t->shape,
                         .linear = t->predictors,
                         .latents = flowkit_tape_turn,
                         .context = &t->tape};
  for (unsigned p = 0; p < t->shape.planes; p++)
    memset(t->out.plane[p], 0x5a, t->out.n * sizeof *t->out.plane[p]);
  flowkit_tape_rewind(&t->tape, true);
  return idf_flow_inverse(&flow, t->out.plane) == IDF_OK && t->tape.at == t->tape.size
         && !t->tape.broken && flowkit_same(&t->in, &t->out);
}

/* Latents of one level are played back at every level: sites and samples are the same. */
static void every_level_undoes_every_other(void)
{
  for (uint64_t seed = 0; seed < 8 * SIZES; seed++) {
    idf_unit_random r = idf_unit_random_of(seed);
    trip t;
    open_trip(&t, seed, &r);
    IDF_UNIT_SEEDED(&r, forward(&t, t.model, IDF_SIMD_NONE));
    const uint64_t hash = t.tape.hash;
    for (unsigned a = IDF_SIMD_NONE; a < IDF_SIMD_LEVELS; a++) {
      if (!idf_kernels_of((idf_simd)a))
        continue;
      IDF_UNIT_SEEDED(&r, forward(&t, t.model, (idf_simd)a) && t.tape.hash == hash);
      for (unsigned b = IDF_SIMD_NONE; b < IDF_SIMD_LEVELS; b++)
        if (idf_kernels_of((idf_simd)b))
          IDF_UNIT_SEEDED(&r, inverse(&t, t.model, (idf_simd)b) && t.tape.hash == hash);
    }
    close_trip(&t);
  }
}

/* Without a model the network is left out. The walk differs from that of any network, but where
 * linear predictors take a network's place. */
static void no_model_is_a_flow_too(void)
{
  for (uint64_t seed = 0; seed < 3 * SIZES; seed++) {
    idf_unit_random r = idf_unit_random_of(seed);
    trip t;
    open_trip(&t, seed, &r);
    IDF_UNIT_SEEDED(&r, forward(&t, NULL, IDF_SIMD_NONE));
    const uint64_t hash = t.tape.hash;
    IDF_UNIT_SEEDED(&r, inverse(&t, NULL, IDF_SIMD_NONE) && t.tape.hash == hash);
    IDF_UNIT_SEEDED(&r, forward(&t, t.model, IDF_SIMD_NONE)
                            && (t.tape.hash == hash) == (t.predictors != NULL));
    close_trip(&t);
  }
}

/* What a walk may hold at once, with room to spare: ten bytes a cell of each plane's ring and
 * its equations grow with the tile's width; the occurrence prior has its bitmaps. */
static uint64_t budget(const idf_flow_shape *s)
{
  const uint64_t cells = 257ull * (s->width / 64 + 32);
  return s->planes * (cells * 10 + s->width * 512ull) + 640 * 1024 + (s->occurrence ? 16744448 : 0);
}

static void every_level_holds_the_same_within_a_budget(void)
{
  for (uint64_t seed = 0; seed < 2 * SIZES; seed++) {
    idf_unit_random r = idf_unit_random_of(seed);
    trip t;
    open_trip(&t, seed, &r);
    uint64_t held = 0;
    for (unsigned level = IDF_SIMD_NONE; level < IDF_SIMD_LEVELS; level++) {
      if (!idf_kernels_of((idf_simd)level))
        continue;
      const uint64_t before = t.mem.used;
      t.mem.peak = before;
      IDF_UNIT_SEEDED(&r, forward(&t, t.model, (idf_simd)level));
      IDF_UNIT_SEEDED(&r, t.mem.used == before && t.mem.peak - before <= budget(&t.shape));
      held = held == 0 ? t.mem.peak - before : held;
      IDF_UNIT_SEEDED(&r, t.mem.peak - before == held);
      t.mem.peak = before;
      IDF_UNIT_SEEDED(&r, inverse(&t, t.model, (idf_simd)level));
      IDF_UNIT_SEEDED(&r, t.mem.used == before && t.mem.peak - before == held);
    }
    close_trip(&t);
  }
}

int idf_suite_flow(void)
{
  static const idf_unit_test tests[] = {
      {"every level undoes every other", every_level_undoes_every_other},
      {"no model is a flow too", no_model_is_a_flow_too},
      {"every level holds the same, within a budget", every_level_holds_the_same_within_a_budget},
      {NULL, NULL}};
  return idf_unit_suite("flow", tests);
}
