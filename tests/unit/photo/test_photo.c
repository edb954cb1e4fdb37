/* SPDX-License-Identifier: BSD-3-Clause
 *
 * test_photo.c: the flow method of a tile: all layouts and depths come back, damage is
 * reported or harmless, and no refused allocation goes unnoticed.
 */
#include "photo.h"

#include <string.h>

#include "colour.h"
#include "flowkit.h"
#include "model_net.h"
#include "tile.h"

int idf_suite_photo(void);

typedef struct tile_trip {
  idf_mem mem;
  idf_model *model;
  idf_tile_shape shape;
  idf_buf out;
  uint16_t *in, *back;
  size_t stride;
} tile_trip;

/* Models from FLOWKIT_MODELS on are linear. */
static void open_trip(tile_trip *t, uint32_t width, uint32_t height, unsigned channels,
                      unsigned depth, idf_unit_random *r, int model)
{
  idf_mem_init(&t->mem, UINT64_MAX);
  if (model < FLOWKIT_MODELS) {
    t->model = flowkit_model(&t->mem, r, model);
  } else {
    idf_linear linear;
    flowkit_linear(&linear, r, model - FLOWKIT_MODELS);
    t->model = flowkit_model_linear(&t->mem, &linear);
  }
  t->shape =
      (idf_tile_shape){.width = width, .height = height, .channels = channels, .depth = depth};
  idf_buf_init(&t->out, &t->mem);
  t->stride = (size_t)width * channels + 3;
  t->in = idf_alloc(&t->mem, t->stride * height, sizeof *t->in);
  t->back = idf_alloc(&t->mem, t->stride * height, sizeof *t->back);
  CU_ASSERT_TRUE_FATAL(t->in != NULL && t->back);
}

static void close_trip(tile_trip *t)
{
  idf_model_release(&t->mem, t->model);
  idf_buf_free(&t->out);
  idf_free(&t->mem, t->in);
  idf_free(&t->mem, t->back);
  CU_ASSERT_EQUAL(t->mem.used, 0);
}

static size_t row_samples(const tile_trip *t)
{
  return (size_t)t->shape.width * t->shape.channels;
}

static void fill(tile_trip *t, idf_unit_random *r, int kind)
{
  int32_t top = (1 << t->shape.depth) - 1;
  for (uint32_t y = 0; y < t->shape.height; y++)
    for (size_t i = 0; i < row_samples(t); i++)
      t->in[y * t->stride + i] =
          (uint16_t)flowkit_sample(r, kind, (uint32_t)(i / t->shape.channels), y, 0, top);
}

/* Pixels as a JPEG decoder makes them; every `odd`-th one is not (0: none). */
static void fill_decoded(tile_trip *t, idf_unit_random *r, uint32_t odd)
{
  for (uint32_t y = 0; y < t->shape.height; y++)
    for (uint32_t x = 0; x < t->shape.width; x++) {
      int32_t ycc[3], rgb[3];
      for (int c = 0; c < 3; c++)
        ycc[c] = c == 0 ? flowkit_between(r, 60, 190) : flowkit_between(r, 110, 146);
      flowkit_decoded(IDF_COLOUR_JPEG, ycc, rgb);
      for (int c = 0; c < 3; c++) {
        int32_t v = odd && x % odd == 1 ? flowkit_between(r, 0, 255) : rgb[c];
        t->in[y * t->stride + x * t->shape.channels + (size_t)c] = (uint16_t)v;
      }
    }
}

static idf_job job_of(tile_trip *t)
{
  return (idf_job){.mem = &t->mem, .model = t->model, .kernels = idf_kernels_of(IDF_SIMD_AUTO)};
}

static idf_tile tile_of(const tile_trip *t, uint16_t *samples)
{
  return (idf_tile){.shape = t->shape, .samples = samples, .stride = t->stride};
}

static idf_status encode(tile_trip *t)
{
  const idf_job job = job_of(t);
  const idf_tile tile = tile_of(t, t->in);
  idf_buf_clear(&t->out);
  idf_status status = idf_photo.encode(&job, &tile, &t->out);
  return status == IDF_OK && t->out.bad ? IDF_ERR_MEMORY : status;
}

static idf_status decode(tile_trip *t, size_t len, idf_tile_report *report)
{
  const idf_job job = job_of(t);
  const idf_tile tile = tile_of(t, t->back);
  return idf_photo.decode(&job, &tile, idf_cur_of(t->out.data, len), report);
}

static bool same(const tile_trip *t)
{
  for (uint32_t y = 0; y < t->shape.height; y++)
    for (size_t i = 0; i < row_samples(t); i++)
      if (t->in[y * t->stride + i] != t->back[y * t->stride + i])
        return false;
  return true;
}

static void check_trip(tile_trip *t, const idf_unit_random *r)
{
  idf_tile_report dec = {0};
  IDF_UNIT_SEEDED(r, encode(t) == IDF_OK);
  IDF_UNIT_SEEDED(r, decode(t, t->out.len, &dec) == IDF_OK);
  IDF_UNIT_SEEDED(r, same(t));
  IDF_UNIT_SEEDED(r, dec.schedule == t->out.data[1] && dec.colour == (t->out.data[2] & 0x0f));
  IDF_UNIT_SEEDED(r, dec.model_bits <= 8.0 * (double)t->out.len);
}

static void every_layout_and_depth_comes_back(void)
{
  static const uint32_t sizes[][2] = {{1, 1},  {1, 19}, {19, 1},  {8, 8},  {63, 4},
                                      {64, 4}, {65, 4}, {129, 3}, {530, 2}};
  for (uint64_t seed = 0; seed < 9 * 4 * 4; seed++) {
    idf_unit_random r = idf_unit_random_of(seed);
    tile_trip t;
    const uint32_t *size = sizes[seed % 9];
    unsigned channels = 1 + (unsigned)(seed / 9 % 4), depth = 1 + idf_unit_below(&r, 16);
    open_trip(&t, size[0], size[1], channels, depth, &r,
              (int)idf_unit_below(&r, 2 * FLOWKIT_MODELS));
    fill(&t, &r, (int)idf_unit_below(&r, FLOWKIT_KINDS));
    check_trip(&t, &r);
    close_trip(&t);
  }
}

/* Large enough for predictors of its own; gray, 8 or 16 bits, so that flags are at byte 3. */
static void open_fitted(tile_trip *t, uint64_t seed, idf_unit_random *r)
{
  static const uint32_t sizes[][2] = {{128, 128}, {30, 600}, {700, 24}, {140, 150}};
  const uint32_t *size = sizes[seed % 4];
  open_trip(t, size[0], size[1], 1, seed % 3 == 0 ? 16 : 8, r, FLOWKIT_MODELS + (int)(seed % 3));
  fill(t, r, FLOWKIT_SLOPE);
}

static void tiles_with_predictors_of_their_own_come_back(void)
{
  for (uint64_t seed = 0; seed < 12; seed++) {
    idf_unit_random r = idf_unit_random_of(300 + seed);
    tile_trip t;
    open_fitted(&t, seed, &r);
    check_trip(&t, &r);
    IDF_UNIT_SEEDED(&r, (t.out.data[2] & 0x10) != 0 || (t.out.data[3] & 2) != 0);
    /* A model that is no basis for them has no use for what was sent. */
    idf_model *linear = t.model;
    t.model = flowkit_model(&t.mem, &r, FLOWKIT_SMALL);
    IDF_UNIT_SEEDED(&r, decode(&t, t.out.len, NULL) != IDF_OK);
    idf_model_release(&t.mem, t.model);
    t.model = linear;
    close_trip(&t);
  }
  /* All planes and their groups. */
  for (unsigned channels = 1; channels <= 4; channels++) {
    idf_unit_random r = idf_unit_random_of(320 + channels);
    tile_trip t;
    open_trip(&t, 150, 130, channels, channels == 3 ? 11 : 8, &r, FLOWKIT_MODELS);
    fill(&t, &r, FLOWKIT_SLOPE);
    check_trip(&t, &r);
    close_trip(&t);
  }
}

static void decoded_jpeg_pixels_come_back_with_their_escapes(void)
{
  for (uint64_t seed = 0; seed < 6; seed++) {
    idf_unit_random r = idf_unit_random_of(seed);
    tile_trip t;
    open_trip(&t, 200, 6, seed % 2 ? 4 : 3, 8, &r, FLOWKIT_SMALL);
    fill(&t, &r, FLOWKIT_SLOPE);
    fill_decoded(&t, &r, seed < 3 ? 0 : 50);
    IDF_UNIT_SEEDED(&r, encode(&t) == IDF_OK && (t.out.data[2] & 0x0f) == IDF_COLOUR_JPEG);
    check_trip(&t, &r);
    close_trip(&t);
  }
}

/* Ranks and joint groups are chosen where they are shorter, whatever else a tile has. */
static void sparse_values_and_twin_channels_come_back(void)
{
  for (uint64_t seed = 0; seed < 12; seed++) {
    idf_unit_random r = idf_unit_random_of(seed);
    const unsigned channels = 1 + (unsigned)(seed % 4);
    const bool sparse = seed / 4 > 0, twin = channels == 2;
    tile_trip t;
    open_trip(&t, 300, 40, channels, 16, &r, FLOWKIT_SMALL);
    for (uint32_t y = 0; y < t.shape.height; y++)
      for (uint32_t x = 0; x < t.shape.width; x++) {
        uint16_t *pixel = t.in + y * t.stride + (size_t)x * channels;
        for (unsigned c = 0; c < channels; c++)
          pixel[c] = (uint16_t)(sparse ? 257 * flowkit_between(&r, 0, 255)
                                       : flowkit_between(&r, 0, 65535));
        if (twin)
          pixel[1] = pixel[0];
      }
    check_trip(&t, &r);
    IDF_UNIT_SEEDED(&r, (t.out.data[2] & 0x10) == (sparse ? 0x10 : 0));
    IDF_UNIT_SEEDED(&r, (t.out.data[2] & 0x20) == (twin ? 0x20 : 0));
    IDF_UNIT_SEEDED(&r, !twin || 2 * t.out.len < idf_tile_stored_size(&t.shape) * 3 / 2);
    IDF_UNIT_SEEDED(&r, !sparse || t.out.len < idf_tile_stored_size(&t.shape) * 11 / 20);
    close_trip(&t);
  }
}

/* A small tile that uses all there is: alpha, escapes, two groups. */
static void open_rich(tile_trip *t, uint32_t height, idf_unit_random *r)
{
  open_trip(t, 70, height, 4, 8, r, FLOWKIT_SMALL);
  fill(t, r, FLOWKIT_SLOPE);
  fill_decoded(t, r, 60);
}

static bool damage_reported(idf_status status)
{
  return status == IDF_ERR_CORRUPT || status == IDF_ERR_TRUNCATED || status == IDF_ERR_UNSUPPORTED;
}

static bool in_range(const tile_trip *t)
{
  for (uint32_t y = 0; y < t->shape.height; y++)
    for (size_t i = 0; i < row_samples(t); i++)
      if (t->back[y * t->stride + i] >> t->shape.depth != 0)
        return false;
  return true;
}

static void every_cut_is_reported(void)
{
  idf_unit_random r = idf_unit_random_of(1);
  tile_trip t;
  open_rich(&t, 5, &r);
  CU_ASSERT_EQUAL(encode(&t), IDF_OK);
  const idf_job job = job_of(&t);
  const idf_tile tile = tile_of(&t, t.back);
  size_t whole = t.out.len;
  for (size_t len = 0; len < whole; len += len < 40 || len + 20 > whole ? 1 : 7) {
    /* At its own size, so that a sanitizer sees a read beyond the end. */
    uint8_t *cut = malloc(IDF_MAX(len, 1));
    CU_ASSERT_PTR_NOT_NULL_FATAL(cut);
    memcpy(cut, t.out.data, len);
    CU_ASSERT_TRUE(damage_reported(idf_photo.decode(&job, &tile, idf_cur_of(cut, len), NULL)));
    free(cut);
  }
  idf_put_u8(&t.out, 0);
  CU_ASSERT_EQUAL(decode(&t, whole + 1, NULL), IDF_ERR_CORRUPT);
  close_trip(&t);
}

static void random_damage_is_reported_or_defined(void)
{
  for (uint64_t seed = 0; seed < 250; seed++) {
    idf_unit_random r = idf_unit_random_of(seed);
    tile_trip t;
    if (seed % 2)
      open_rich(&t, 5, &r);
    else if (seed % 10 == 0)
      open_fitted(&t, seed / 10, &r);
    else {
      uint32_t width = 1 + idf_unit_below(&r, 140), height = 1 + idf_unit_below(&r, 6);
      unsigned channels = 1 + idf_unit_below(&r, 4), depth = 1 + idf_unit_below(&r, 16);
      open_trip(&t, width, height, channels, depth, &r,
                seed % 4 == 0 ? FLOWKIT_SMALL : FLOWKIT_MODELS + (int)(seed % 3));
      fill(&t, &r, (int)idf_unit_below(&r, FLOWKIT_KINDS));
    }
    CU_ASSERT_EQUAL(encode(&t), IDF_OK);
    uint32_t len = (uint32_t)t.out.len;
    for (int pass = 0; pass < 4; pass++) {
      uint32_t hits = 1 + idf_unit_below(&r, 4);
      for (uint32_t i = 0; i < hits; i++) {
        /* Half of the time near the start, where the fields are. */
        uint32_t at = idf_unit_below(&r, idf_unit_next(&r) & 1 ? len : IDF_MIN(len, 24));
        t.out.data[at] = (uint8_t)(idf_unit_next(&r) & 0xff);
      }
      idf_tile_report report = {0};
      idf_status status = decode(&t, len, pass % 2 ? &report : NULL);
      IDF_UNIT_SEEDED(&r, status == IDF_OK ? in_range(&t) : damage_reported(status));
    }
    close_trip(&t);
  }
}

static void odd_fields_are_refused(void)
{
  static const struct {
    size_t at;
    uint8_t value;
    idf_status status;
  } cases[] = {{0, 1, IDF_ERR_UNSUPPORTED}, /* schedule */
               {1, IDF_COLOUR_COUNT, IDF_ERR_UNSUPPORTED},
               {1, IDF_COLOUR_YCOCG, IDF_ERR_CORRUPT}, /* colour layers need three planes */
               {1, IDF_COLOUR_JPEG, IDF_ERR_CORRUPT},
               {1, 0x20, IDF_ERR_CORRUPT},     /* a joint group needs gray and alpha */
               {1, 0x40, IDF_ERR_UNSUPPORTED}, /* unused bits */
               {1, 0x80, IDF_ERR_UNSUPPORTED},
               {2, 1, IDF_ERR_CORRUPT},      /* occurrence prior with one plane */
               {2, 2, IDF_ERR_CORRUPT},      /* differences to predictors, of a network */
               {2, 8, IDF_ERR_CORRUPT},      /* an unused bit */
               {2, 9 << 4, IDF_ERR_CORRUPT}, /* unit shift */
               {2, 15 << 4, IDF_ERR_CORRUPT}};
  idf_unit_random r = idf_unit_random_of(2);
  tile_trip t;
  open_trip(&t, 30, 10, 1, 8, &r, FLOWKIT_SMALL);
  fill(&t, &r, FLOWKIT_SLOPE);
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    CU_ASSERT_EQUAL(encode(&t), IDF_OK);
    t.out.data[1 + cases[i].at] = cases[i].value;
    CU_ASSERT_EQUAL(decode(&t, t.out.len, NULL), cases[i].status);
  }
  close_trip(&t);
  /* The lattice is for 8 bits. */
  open_trip(&t, 30, 10, 3, 9, &r, FLOWKIT_SMALL);
  fill(&t, &r, FLOWKIT_SLOPE);
  CU_ASSERT_EQUAL(encode(&t), IDF_OK);
  t.out.data[2] = IDF_COLOUR_JPEG;
  CU_ASSERT_EQUAL(decode(&t, t.out.len, NULL), IDF_ERR_CORRUPT);
  close_trip(&t);
}

/* Every allocation of the tile's encoder and decoder refused in turn: an error, or the
 * same bytes as ever; never another choice for lack of memory. */
static void every_refused_allocation_is_survived(void)
{
  idf_unit_random r = idf_unit_random_of(4);
  tile_trip t;
  open_rich(&t, 16, &r); /* above 1024 pixels the encoder looks before it tries a prior */
  const idf_job job = job_of(&t);
  const idf_tile in = tile_of(&t, t.in), back = tile_of(&t, t.back);
  CU_ASSERT_EQUAL(idf_tile_encode(&job, &in, &t.out), IDF_OK);
  idf_buf want = t.out;
  idf_buf_init(&t.out, &t.mem);
  int64_t i = 0;
  bool refused = true;
  for (; refused && i < 1000; i++) {
    idf_buf_free(&t.out);
    uint64_t used = t.mem.used;
    t.mem.fail_in = i;
    idf_status status = idf_tile_encode(&job, &in, &t.out);
    refused = t.mem.fail_in < 0; /* the countdown was reached */
    t.mem.fail_in = -1;
    CU_ASSERT_TRUE(status == IDF_ERR_MEMORY || status == IDF_OK);
    if (status == IDF_OK)
      CU_ASSERT_TRUE(t.out.len == want.len && memcmp(t.out.data, want.data, want.len) == 0);
    idf_buf whole = t.out;
    idf_buf_init(&t.out, &t.mem);
    idf_buf_free(&whole);
    CU_ASSERT_EQUAL(t.mem.used, used);
  }
  CU_ASSERT_TRUE(i > 40 && i < 1000);
  idf_buf_free(&want);

  CU_ASSERT_EQUAL(idf_tile_encode(&job, &in, &t.out), IDF_OK);
  CU_ASSERT_EQUAL_FATAL(t.out.data[0], IDF_TILE_FLOW);
  uint64_t used = t.mem.used;
  idf_status status = IDF_ERR_MEMORY;
  for (i = 0; status != IDF_OK && i < 1000; i++) {
    t.mem.fail_in = i;
    status = idf_tile_decode(&job, &back, idf_cur_of(t.out.data, t.out.len), NULL);
    CU_ASSERT_TRUE(status == IDF_ERR_MEMORY || status == IDF_OK);
    CU_ASSERT_EQUAL(t.mem.used, used);
  }
  CU_ASSERT_TRUE(i > 20 && i < 1000);
  CU_ASSERT_TRUE(same(&t));
  close_trip(&t);
}

static void a_limit_on_memory_is_named(void)
{
  idf_unit_random r = idf_unit_random_of(5);
  tile_trip t;
  open_rich(&t, 5, &r);
  CU_ASSERT_EQUAL(encode(&t), IDF_OK);
  for (uint64_t more = 100; more < 50000; more += 4999) {
    idf_mem_forgive(&t.mem);
    t.mem.limit = t.mem.used + more;
    CU_ASSERT_EQUAL(decode(&t, t.out.len, NULL), IDF_ERR_LIMIT);
    CU_ASSERT_TRUE(t.mem.peak > 0);
  }
  close_trip(&t);
}

int idf_suite_photo(void)
{
  static const idf_unit_test tests[] = {
      {"every layout and depth comes back", every_layout_and_depth_comes_back},
      {"tiles with predictors of their own come back",
       tiles_with_predictors_of_their_own_come_back},
      {"decoded JPEG pixels come back with their escapes",
       decoded_jpeg_pixels_come_back_with_their_escapes},
      {"sparse values and twin channels come back", sparse_values_and_twin_channels_come_back},
      {"every cut is reported", every_cut_is_reported},
      {"random damage is reported or defined", random_damage_is_reported_or_defined},
      {"odd fields are refused", odd_fields_are_refused},
      {"every refused allocation is survived", every_refused_allocation_is_survived},
      {"a limit on memory is named", a_limit_on_memory_is_named},
      {NULL, NULL}};
  return idf_unit_suite("photo", tests);
}
