/* SPDX-License-Identifier: BSD-3-Clause
 *
 * test_walk.c: the flow is a bijection, whatever the weights, the statistics and
 * the picture; and it is the same bijection on every machine.
 *
 * GOLDEN is a hash of all sites and latents of one made-up picture under one made-up
 * model. A build whose arithmetic differs anywhere changes it; so does a deliberate
 * change of the format, after which the test prints the new value.
 */
#include "walk.h"

#include "flowkit.h"
#include "occur.h"

int idf_suite_walk(void);

#define GOLDEN UINT64_C(0x08646bcc6941e4ef)

/* One picture through the flow and back. */
typedef struct trip {
  idf_mem mem;
  idf_flow_shape shape;
  idf_model *model; /* or NULL */
  idf_simd level;
  flowkit_planes in, out;
  flowkit_tape tape;
  idf_probe_fn probe; /* or NULL */
  void *probe_context;
} trip;

static void open_trip(trip *t, const idf_flow_shape *shape, idf_unit_random *r, int model, int kind)
{
  idf_mem_init(&t->mem, UINT64_MAX);
  t->shape = *shape;
  t->level = IDF_SIMD_AUTO;
  t->probe = NULL;
  t->probe_context = NULL;
  t->model = model < FLOWKIT_MODELS ? flowkit_model(&t->mem, r, model) : NULL;
  t->in = flowkit_planes_new(&t->mem, shape);
  t->out = flowkit_planes_new(&t->mem, shape);
  t->tape = flowkit_tape_new(&t->mem, &t->shape);
  flowkit_fill(&t->in, shape, r, kind);
}

static void close_trip(trip *t)
{
  idf_model_release(&t->mem, t->model);
  flowkit_planes_free(&t->mem, &t->in);
  flowkit_planes_free(&t->mem, &t->out);
  idf_free(&t->mem, t->tape.latent);
  CU_ASSERT_EQUAL(t->mem.used, 0);
}

/* In one direction, with the latents told to `turn` or asked of it. */
static idf_status pass(trip *t, bool inverse, idf_latent_fn turn, void *context)
{
  const idf_job job = {.mem = &t->mem, .model = t->model, .kernels = idf_kernels_of(t->level)};
  const idf_flow flow = {.job = &job,
                         .shape = &t->shape,
                         .latents = turn,
                         .context = context,
                         .probe = t->probe,
                         .probe_context = t->probe_context};
  return inverse ? idf_flow_inverse(&flow, t->out.plane)
                 : idf_flow_forward(&flow, flowkit_read_only(&t->in));
}

static idf_status forward(trip *t)
{
  flowkit_tape_rewind(&t->tape, false);
  return pass(t, false, flowkit_tape_turn, &t->tape);
}

static idf_status inverse(trip *t)
{
  flowkit_tape_rewind(&t->tape, true);
  return pass(t, true, flowkit_tape_turn, &t->tape);
}

/* There and back, every site the same both ways, every sample visited once. */
static void check_trip(trip *t, const idf_unit_random *r)
{
  IDF_UNIT_SEEDED(r, forward(t) == IDF_OK);
  uint64_t hash = t->tape.hash;
  IDF_UNIT_SEEDED(r, t->tape.at == t->tape.size && !t->tape.broken);
  IDF_UNIT_SEEDED(r, inverse(t) == IDF_OK);
  IDF_UNIT_SEEDED(r, t->tape.at == t->tape.size && !t->tape.broken);
  IDF_UNIT_SEEDED(r, t->tape.hash == hash);
  IDF_UNIT_SEEDED(r, flowkit_same(&t->in, &t->out));
}

static const uint32_t sizes[][2] = {{1, 1},  {1, 2},  {2, 1},   {1, 37},  {37, 1},  {3, 3},
                                    {5, 17}, {31, 5}, {32, 4},  {33, 4},  {63, 5},  {64, 5},
                                    {65, 5}, {96, 3}, {127, 3}, {128, 3}, {129, 4}, {193, 6}};
#define SIZES (sizeof sizes / sizeof *sizes)
static const int32_t ranges[][2] = {{0, 255},   {0, 1},          {-255, 255},
                                    {0, 65535}, {-65535, 65535}, {7, 7},
                                    {0, 1022},  {0, 1023},       {-65536, 65536}};
#define RANGES (sizeof ranges / sizeof *ranges)

static idf_flow_shape random_shape(idf_unit_random *r, size_t size)
{
  const int32_t *range = ranges[idf_unit_below(r, RANGES)];
  unsigned planes = idf_unit_below(r, 4);
  planes = planes == 0 ? 3 : planes;
  idf_flow_shape s = flowkit_shape(sizes[size][0], sizes[size][1], planes, range[0], range[1]);
  s.unit_shift = idf_unit_below(r, 2) ? idf_unit_below(r, 9) : 0;
  s.min[1] = IDF_MIN(s.min[1], -s.max[1]); /* as colour layers make them */
  s.occurrence = idf_unit_below(r, 2) && idf_occur_fits(&s);
  return s;
}

static void any_picture_comes_back_under_any_model(void)
{
  for (uint64_t seed = 0; seed < 40 * SIZES; seed++) {
    idf_unit_random r = idf_unit_random_of(seed);
    trip t;
    idf_flow_shape s = random_shape(&r, seed % SIZES);
    int model = (int)idf_unit_below(&r, FLOWKIT_MODELS + 1);
    open_trip(&t, &s, &r, model, (int)idf_unit_below(&r, FLOWKIT_KINDS));
    check_trip(&t, &r);
    close_trip(&t);
  }
}

/* Long enough for all lanes to be in flight and for statistics to fill up. */
static void larger_pictures_come_back(void)
{
  static const uint32_t sides[][2] = {{300, 90}, {700, 24}, {50, 400}, {4096, 2}, {1, 4096}};
  for (uint64_t seed = 0; seed < 5; seed++) {
    idf_unit_random r = idf_unit_random_of(seed);
    idf_flow_shape s = flowkit_shape(sides[seed][0], sides[seed][1], 3, 0, 255);
    trip t;
    s.occurrence = seed % 2 == 0;
    open_trip(&t, &s, &r, FLOWKIT_SMALL, seed == 1 ? FLOWKIT_BLACK_WHITE : FLOWKIT_SLOPE);
    check_trip(&t, &r);
    close_trip(&t);
  }
}

/* Steps in the middle of the least-squares clamp and far outside, alternating. */
static void samples_at_the_ends_of_sixteen_bits_come_back(void)
{
  for (uint64_t seed = 0; seed < 12; seed++) {
    idf_unit_random r = idf_unit_random_of(seed);
    idf_flow_shape s = flowkit_shape(150, 30, 3, seed % 2 ? -65536 : 0, seed % 3 ? 65536 : 65535);
    trip t;
    s.unit_shift = (unsigned)(seed % 3) * 4;
    open_trip(&t, &s, &r, (int)(seed % (FLOWKIT_MODELS + 1)), FLOWKIT_BLACK_WHITE);
    check_trip(&t, &r);
    close_trip(&t);
  }
}

static void sites_and_latents_are_the_same_everywhere(void)
{
  idf_unit_random r = idf_unit_random_of(2026);
  idf_flow_shape s = flowkit_shape(200, 40, 3, 0, 255);
  trip t;
  s.min[1] = s.min[2] = -255;
  s.occurrence = true;
  open_trip(&t, &s, &r, FLOWKIT_SMALL, FLOWKIT_SLOPE);
  /* A third of it flat, a third few colours, so that every path is taken. */
  for (size_t i = 0; i < t.in.n; i++)
    for (unsigned p = 0; p < 3; p++)
      if (i / 200 % 3 == 1)
        t.in.plane[p][i] = 40 * (int32_t)p;
      else if (i / 200 % 3 == 2 && i % 200 > 70)
        t.in.plane[p][i] = flowkit_sample(&r, FLOWKIT_FEW, 0, 0, s.min[p], s.max[p]);
  for (unsigned level = IDF_SIMD_NONE; level < IDF_SIMD_LEVELS; level++) {
    t.level = (idf_simd)level;
    if (!idf_kernels_of(t.level))
      continue;
    CU_ASSERT_EQUAL(forward(&t), IDF_OK);
    if (t.tape.hash != GOLDEN)
      printf("# wavefront: at level %u GOLDEN is UINT64_C(0x%016" PRIx64 ")\n", level, t.tape.hash);
    CU_ASSERT_TRUE(t.tape.hash == GOLDEN);
    check_trip(&t, &r);
  }
  close_trip(&t);
}

typedef struct latch {
  flowkit_tape *tape;
  size_t calls, stop_at;
  idf_status status; /* to be returned at stop_at, or IDF_OK: give a latent out of range */
  int32_t excess;
} latch;

static idf_status latch_turn(void *context, unsigned plane, idf_sites *sites)
{
  latch *l = context;
  const int last = sites->lo;
  idf_status status = flowkit_tape_turn(l->tape, plane, sites);
  if (l->calls++ != l->stop_at)
    return status;
  sites->latent[last] = (l->excess > 0 ? sites->max : sites->min) - sites->centre[last] + l->excess;
  return l->status;
}

static void what_the_caller_returns_stops_the_walk(void)
{
  static const idf_status statuses[] = {IDF_ERR_TRUNCATED, IDF_ERR_MEMORY, IDF_ERR_IO};
  idf_unit_random r = idf_unit_random_of(6);
  idf_flow_shape s = flowkit_shape(140, 5, 3, 0, 255);
  trip t;
  open_trip(&t, &s, &r, FLOWKIT_SMALL, FLOWKIT_NOISE);
  CU_ASSERT_EQUAL(forward(&t), IDF_OK);
  for (size_t i = 0; i < 3; i++)
    for (int way = 0; way < 2; way++) {
      latch l = {&t.tape, 0, 50 * i, statuses[i], 0};
      flowkit_tape_rewind(&t.tape, true);
      CU_ASSERT_EQUAL(pass(&t, way != 0, latch_turn, &l), statuses[i]);
      CU_ASSERT_EQUAL(l.calls, l.stop_at + 1);
    }
  close_trip(&t);
}

/* Wants the occurrence prior for so many steps, and sees that no site has it after them. */
typedef struct quitter {
  flowkit_tape *tape;
  size_t asked, most;
  bool wanted, obeyed;
} quitter;

static bool quitter_wants(void *context, const idf_sites *sites)
{
  quitter *q = context;
  q->obeyed = q->obeyed && q->wanted && sites->lo < sites->hi; /* asks no more after a no */
  q->wanted = ++q->asked <= q->most;
  return q->wanted;
}

static idf_status quitter_turn(void *context, unsigned plane, idf_sites *sites)
{
  quitter *q = context;
  for (int k = sites->lo; k < sites->hi && !q->wanted; k++)
    q->obeyed = q->obeyed && (!sites->site || !sites->site[k].seen);
  return flowkit_tape_turn(q->tape, plane, sites);
}

static void the_occurrence_prior_ends_when_it_is_not_wanted(void)
{
  idf_unit_random r = idf_unit_random_of(9);
  idf_flow_shape s = flowkit_shape(90, 20, 3, 0, 255);
  trip t;
  s.occurrence = true;
  open_trip(&t, &s, &r, FLOWKIT_SMALL, FLOWKIT_FEW);
  CU_ASSERT_EQUAL(forward(&t), IDF_OK);
  const uint64_t used = t.mem.used, with = t.tape.hash;
  t.shape.occurrence = false;
  CU_ASSERT_EQUAL(forward(&t), IDF_OK);
  const uint64_t without = t.tape.hash;
  t.shape.occurrence = true;
  CU_ASSERT_TRUE(with != without);
  for (size_t most = 0; most < 120; most += 40) {
    quitter q = {.tape = &t.tape, .most = most, .wanted = true, .obeyed = true};
    const idf_job job = {.mem = &t.mem, .model = t.model, .kernels = idf_kernels_of(IDF_SIMD_AUTO)};
    const idf_flow flow = {.job = &job,
                           .shape = &t.shape,
                           .latents = quitter_turn,
                           .wants_occurrence = quitter_wants,
                           .context = &q};
    flowkit_tape_rewind(&t.tape, false);
    CU_ASSERT_EQUAL(idf_flow_forward(&flow, flowkit_read_only(&t.in)), IDF_OK);
    CU_ASSERT_TRUE(q.obeyed && q.asked == most + 1 && !t.tape.broken);
    CU_ASSERT_TRUE((t.tape.hash == without) == (most == 0));
    CU_ASSERT_TRUE(t.tape.hash != with && t.mem.used == used);
  }
  close_trip(&t);
}

static void latents_out_of_range_are_corrupt(void)
{
  static const int32_t excesses[] = {1, -1, 1000000, -1000000};
  idf_unit_random r = idf_unit_random_of(7);
  idf_flow_shape s = flowkit_shape(140, 5, 3, 0, 255);
  trip t;
  s.occurrence = true;
  open_trip(&t, &s, &r, FLOWKIT_SMALL, FLOWKIT_FEW);
  CU_ASSERT_EQUAL(forward(&t), IDF_OK);
  for (size_t i = 0; i < 4; i++) {
    latch l = {&t.tape, 0, 33 * i, IDF_OK, excesses[i]};
    flowkit_tape_rewind(&t.tape, true);
    CU_ASSERT_EQUAL(pass(&t, true, latch_turn, &l), IDF_ERR_CORRUPT);
    CU_ASSERT_EQUAL(l.calls, l.stop_at + 1);
  }
  close_trip(&t);
}

/* Latents that no picture gave, all legal: what a damaged stream looks like from here. */
static idf_status wild_turn(void *context, unsigned plane, idf_sites *sites)
{
  idf_unit_random *r = context;
  (void)plane;
  for (int k = sites->hi - 1; k >= sites->lo; k--)
    sites->latent[k] = flowkit_between(r, sites->min, sites->max) - sites->centre[k];
  return IDF_OK;
}

static void any_legal_latents_make_a_picture(void)
{
  for (uint64_t seed = 0; seed < 4 * SIZES; seed++) {
    idf_unit_random r = idf_unit_random_of(seed);
    idf_flow_shape s = random_shape(&r, seed % SIZES);
    trip t;
    open_trip(&t, &s, &r, (int)(seed % (FLOWKIT_MODELS + 1)), FLOWKIT_FLAT);
    IDF_UNIT_SEEDED(&r, pass(&t, true, wild_turn, &r) == IDF_OK);
    bool inside = true;
    for (unsigned p = 0; p < s.planes; p++)
      for (size_t i = 0; i < t.out.n; i++)
        inside = inside && t.out.plane[p][i] >= s.min[p] && t.out.plane[p][i] <= s.max[p];
    IDF_UNIT_SEEDED(&r, inside);
    /* It is a picture like any other. */
    for (unsigned p = 0; p < s.planes; p++)
      for (size_t i = 0; i < t.out.n; i++)
        t.in.plane[p][i] = t.out.plane[p][i];
    check_trip(&t, &r);
    close_trip(&t);
  }
}

/* What the network is shown: within the ranges its bounds rest on, the same both ways. */
typedef struct look {
  uint64_t hash;
  size_t sites;
  bool bounded;
} look;

static bool within(const int16_t *v, int n, int32_t limit)
{
  bool good = true;
  for (int i = 0; i < n; i++)
    good = good && v[i] >= -limit && v[i] <= limit;
  return good;
}

static void probe(void *context, unsigned plane, const idf_site *site, const idf_view *view)
{
  look *l = context;
  (void)site;
  l->sites++;
  l->bounded = l->bounded && within(view->trunk_in, IDF_NET_INPUTS, 127)
               && within(view->head_in, IDF_NET_EXTRAS, 127) && view->level >= 1
               && view->level <= 8192;
  for (int i = IDF_NET_INPUTS - 5; i < IDF_NET_INPUTS; i++)
    l->bounded = l->bounded && view->trunk_in[i] == 0;
  flowkit_mix(&l->hash, plane);
  for (int i = 0; i < IDF_NET_INPUTS; i++)
    flowkit_mix(&l->hash, view->trunk_in[i]);
  for (int i = 0; i < IDF_NET_EXTRAS; i++)
    flowkit_mix(&l->hash, view->head_in[i]);
  flowkit_mix(&l->hash, view->local);
  flowkit_mix(&l->hash, view->wide);
  flowkit_mix(&l->hash, view->mean);
}

static void the_network_sees_bounded_inputs_and_the_same_both_ways(void)
{
  for (uint64_t seed = 0; seed < 3 * SIZES; seed++) {
    idf_unit_random r = idf_unit_random_of(seed);
    idf_flow_shape s = random_shape(&r, seed % SIZES);
    trip t;
    open_trip(&t, &s, &r, (int)(seed % (FLOWKIT_MODELS + 1)), (int)(seed % FLOWKIT_KINDS));
    look there = {FLOWKIT_HASH, 0, true}, back = there;
    t.probe = probe;
    t.probe_context = &there;
    IDF_UNIT_SEEDED(&r, forward(&t) == IDF_OK);
    t.probe_context = &back;
    IDF_UNIT_SEEDED(&r, inverse(&t) == IDF_OK);
    IDF_UNIT_SEEDED(&r, there.bounded && there.sites == t.tape.size);
    IDF_UNIT_SEEDED(&r, there.hash == back.hash && back.sites == t.tape.size);
    close_trip(&t);
  }
}

/* Places of the further inputs of the network for one plane (idf(5), chapter 13.2). */
static const int8_t far_code[16][2] = {{-4, 0}, {-3, 0}, {-4, 1}, {-3, 1}, {3, 1},  {-3, 2},
                                       {-2, 2}, {2, 2},  {3, 2},  {-3, 3}, {-2, 3}, {-1, 3},
                                       {0, 3},  {1, 3},  {2, 3},  {3, 3}};
static const int8_t far_sign[16][2] = {{-3, 0}, {-2, 0}, {-3, 1}, {-2, 1}, {-1, 1}, {1, 1},
                                       {2, 1},  {3, 1},  {-2, 2}, {-1, 2}, {0, 2},  {1, 2},
                                       {2, 2},  {-1, 3}, {0, 3},  {1, 3}};
static const int8_t far_tap[6][2] = {{-4, 0}, {-4, 1}, {-4, 2}, {-4, 3}, {-3, 3}, {3, 3}};

enum { FAR_W = 80, FAR_H = 12 };

typedef struct further {
  int32_t error[FAR_H][FAR_W], sample[FAR_H][FAR_W];
  unsigned seen;
  bool good;
} further;

static void probe_further(void *context, unsigned plane, const idf_site *site, const idf_view *view)
{
  further *f = context;
  const int x = (int)site->x, y = (int)site->y;
  (void)plane;
  f->error[y][x] = view->sample * 64 - view->local;
  f->sample[y][x] = view->sample;
  for (int i = 75; i < IDF_NET_INPUTS; i++)
    f->good = f->good && view->trunk_in[i] == 0;
  if (x < 4 || x + 3 >= FAR_W || y < 3)
    return;
  const int16_t *in = view->trunk_in + 37;
  for (int i = 0; i < 6; i++, in++)
    f->good = f->good
              && *in == idf_compress(f->sample[y - far_tap[i][1]][x + far_tap[i][0]] - view->mean);
  for (int i = 0; i < 16; i++, in++) {
    const int32_t e = f->error[y - far_code[i][1]][x + far_code[i][0]];
    f->good =
        f->good && *in == flowkit_log_code(1 + (uint32_t)IDF_MIN((e < 0 ? -e : e) >> 2, 8191));
  }
  for (int i = 0; i < 16; i++, in++)
    f->good = f->good && *in == idf_compress(f->error[y - far_sign[i][1]][x + far_sign[i][0]] >> 4);
  f->seen++;
}

static void one_plane_alone_is_seen_further(void)
{
  for (uint64_t seed = 0; seed < FLOWKIT_KINDS; seed++) {
    idf_unit_random r = idf_unit_random_of(seed);
    const idf_flow_shape s = flowkit_shape(FAR_W, FAR_H, 1, 0, 255);
    trip t;
    further f = {.good = true};
    open_trip(&t, &s, &r, FLOWKIT_MODELS, (int)seed);
    t.probe = probe_further;
    t.probe_context = &f;
    IDF_UNIT_SEEDED(&r, forward(&t) == IDF_OK);
    IDF_UNIT_SEEDED(&r, f.good && f.seen == (FAR_W - 7) * (FAR_H - 3));
    close_trip(&t);
  }
}

static void every_refused_allocation_is_reported(void)
{
  idf_unit_random r = idf_unit_random_of(8);
  idf_flow_shape s = flowkit_shape(70, 3, 3, 0, 255);
  trip t;
  s.occurrence = true;
  open_trip(&t, &s, &r, FLOWKIT_SMALL, FLOWKIT_SLOPE);
  CU_ASSERT_EQUAL(forward(&t), IDF_OK);
  uint64_t used = t.mem.used;
  for (int way = 0; way < 2; way++) {
    int64_t i = 0;
    for (idf_status status = IDF_ERR_MEMORY; status != IDF_OK && i < 100; i++) {
      t.mem.fail_in = i;
      status = way == 0 ? forward(&t) : inverse(&t);
      CU_ASSERT_TRUE(status == IDF_OK || status == IDF_ERR_MEMORY);
      CU_ASSERT_EQUAL(t.mem.used, used);
    }
    CU_ASSERT_TRUE(i > 15 && i < 100);
    t.mem.fail_in = -1;
  }
  CU_ASSERT_TRUE(flowkit_same(&t.in, &t.out));
  close_trip(&t);
}

int idf_suite_walk(void)
{
  static const idf_unit_test tests[] = {
      {"any picture comes back under any model", any_picture_comes_back_under_any_model},
      {"larger pictures come back", larger_pictures_come_back},
      {"samples at the ends of sixteen bits come back",
       samples_at_the_ends_of_sixteen_bits_come_back},
      {"sites and latents are the same everywhere", sites_and_latents_are_the_same_everywhere},
      {"what the caller returns stops the walk", what_the_caller_returns_stops_the_walk},
      {"the occurrence prior ends when it is not wanted",
       the_occurrence_prior_ends_when_it_is_not_wanted},
      {"latents out of range are corrupt", latents_out_of_range_are_corrupt},
      {"any legal latents make a picture", any_legal_latents_make_a_picture},
      {"the network sees bounded inputs and the same both ways",
       the_network_sees_bounded_inputs_and_the_same_both_ways},
      {"one plane alone is seen further", one_plane_alone_is_seen_further},
      {"every refused allocation is reported", every_refused_allocation_is_reported},
      {NULL, NULL}};
  return idf_unit_suite("walk", tests);
}
