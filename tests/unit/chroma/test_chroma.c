/* SPDX-License-Identifier: BSD-3-Clause
 *
 * test_chroma.c: tiles whose chroma was at half resolution come back sample for sample, from
 * payloads far shorter than the flow's; what a payload may not say is refused.
 */
#include "chroma.h"

#include "chromakit.h"
#include "internal.h"
#include "kernels.h"
#include "model_net.h"
#include "photo.h"

int idf_suite_chroma(void);

typedef struct coder {
  idf_mem mem;
  idf_model *model;
  idf_job job;
} coder;

static void open_coder(coder *c)
{
  idf_mem_init(&c->mem, UINT64_MAX);
  CU_ASSERT_EQUAL_FATAL(idf_builtin_by_effort(&c->mem, 5, &c->model), IDF_OK);
  c->job = (idf_job){.mem = &c->mem, .model = c->model, .kernels = idf_kernels_of(IDF_SIMD_AUTO)};
}

static void close_coder(coder *c)
{
  idf_model_release(&c->mem, c->model);
  CU_ASSERT_EQUAL(c->mem.used, 0);
}

static bool same(const idf_tile *a, const idf_tile *b)
{
  const size_t n = (size_t)a->shape.width * 3;
  for (uint32_t y = 0; y < a->shape.height; y++)
    if (memcmp(a->samples + y * a->stride, b->samples + y * b->stride, n * sizeof *a->samples) != 0)
      return false;
  return true;
}

/* The bytes of a tile that comes back, with a report that adds up. */
static size_t trip(coder *c, const idf_tile *tile)
{
  const size_t pixels = (size_t)tile->shape.width * tile->shape.height;
  idf_tile back = *tile;
  idf_buf out;
  idf_tile_report report = {.map = chromakit_room(pixels, sizeof(float))};
  double channels = 0, map = 0;
  back.samples = chromakit_room(tile->stride * tile->shape.height, sizeof *back.samples);
  idf_buf_init(&out, &c->mem);
  CU_ASSERT_EQUAL(idf_chroma.encode(&c->job, tile, &out), IDF_OK);
  const idf_cur payload = idf_cur_of(out.data, out.len);
  CU_ASSERT_EQUAL(out.data[0], IDF_TILE_CHROMA);
  CU_ASSERT_TRUE(idf_chroma.peek(payload, &report));
  CU_ASSERT_EQUAL(report.colour, out.data[1]);
  CU_ASSERT_FALSE(idf_chroma.peek(idf_cur_of(out.data, 1), &(idf_tile_report){0}));
  CU_ASSERT_EQUAL(idf_chroma.decode(&c->job, &back, payload, NULL), IDF_OK);
  CU_ASSERT_TRUE(same(tile, &back));
  memset(back.samples, 0, tile->stride * tile->shape.height * sizeof *back.samples);
  CU_ASSERT_EQUAL(idf_chroma.decode(&c->job, &back, payload, &report), IDF_OK);
  CU_ASSERT_TRUE(same(tile, &back));
  for (unsigned k = 0; k < 4; k++)
    channels += report.channel_bits[k];
  for (size_t i = 0; i < pixels; i++)
    map += (double)report.map[i];
  CU_ASSERT_DOUBLE_EQUAL(channels, report.model_bits, 1e-3 * report.model_bits);
  CU_ASSERT_DOUBLE_EQUAL(map, report.model_bits, 1e-3 * report.model_bits);
  CU_ASSERT(report.model_bits < 8 * (double)out.len);
  const size_t len = out.len;
  idf_buf_free(&out);
  free(report.map);
  free(back.samples);
  return len;
}

static size_t size_of_flow(coder *c, const idf_tile *tile)
{
  idf_buf out;
  idf_buf_init(&out, &c->mem);
  CU_ASSERT_EQUAL(idf_photo.encode(&c->job, tile, &out), IDF_OK);
  const size_t len = out.len;
  idf_buf_free(&out);
  return len;
}

static void tiles_come_back_from_less(void)
{
  coder c;
  open_coder(&c);
  for (unsigned n = 0; n <= IDF_CONVERSION_LIBHEIF; n++) {
    const idf_origin o = chromakit_origin(n, IDF_SPACING_REPLICATED, n % 4, 160, 121);
    chromakit k = chromakit_make(&o, n % 2 ? 330 : 100, n);
    CU_ASSERT_EQUAL(idf_chroma.look(&k.tile), IDF_LIKELY);
    const size_t flow = size_of_flow(&c, &k.tile), chroma = trip(&c, &k.tile);
    CU_ASSERT(10 * chroma < 9 * flow);
    if (10 * chroma >= 9 * flow)
      printf("# conversion %u: %zu against %zu\n", n, chroma, flow);
    chromakit_close(&k);
  }
  close_coder(&c);
}

/* Some pixels were changed afterwards. */
static void what_was_changed_later_comes_back(void)
{
  const idf_origin o = chromakit_origin(1, IDF_SPACING_REPLICATED, 0, 160, 121);
  chromakit k = chromakit_make(&o, 100, 3);
  coder c;
  open_coder(&c);
  for (uint32_t y = 30; y < 60; y++)
    for (uint32_t x = 50; x < 70; x++)
      k.tile.samples[y * k.tile.stride + 3 * (size_t)x + 1] = (uint16_t)(x * y % 256);
  trip(&c, &k.tile);
  close_coder(&c);
  chromakit_close(&k);
}

/* A short payload may be a drawing; libheif's conversion may be a JPEG decoder's. */
static void photographs_are_settled(void)
{
  uint8_t payload[] = {IDF_TILE_CHROMA, IDF_CONVERSION_LIBYUV};
  const idf_tile tile = {.shape = {100, 80, 3, 8, false}};
  CU_ASSERT_TRUE(idf_chroma.settles(&tile, IDF_LIKELY, payload, 1001));
  CU_ASSERT_FALSE(idf_chroma.settles(&tile, IDF_LIKELY, payload, 1000));
  CU_ASSERT_FALSE(idf_chroma.settles(&tile, IDF_OPEN, payload, 1001));
  payload[1] = IDF_CONVERSION_LIBHEIF;
  CU_ASSERT_FALSE(idf_chroma.settles(&tile, IDF_LIKELY, payload, 1001));
}

static void others_are_left_to_others(void)
{
  uint16_t samples[20 * 20 * 3] = {0};
  const idf_tile tile = {{20, 20, 3, 8, false}, samples, 60};
  coder c;
  idf_buf out;
  open_coder(&c);
  idf_buf_init(&out, &c.mem);
  CU_ASSERT_EQUAL(idf_chroma.look(&tile), IDF_HOPELESS);
  CU_ASSERT_EQUAL(idf_chroma.encode(&c.job, &tile, &out), IDF_OK);
  CU_ASSERT(out.len >= idf_tile_stored_size(&tile.shape)); /* so that nobody takes it */
  idf_buf_free(&out);
  close_coder(&c);
}

static void what_is_not_sound_is_refused(void)
{
  static const struct {
    uint8_t bytes[8];
    size_t len;
    unsigned channels;
    idf_status status;
  } cases[] = {
      {{10}, 1, 3, IDF_ERR_TRUNCATED},
      {{10, 0, 5}, 3, 3, IDF_ERR_TRUNCATED},
      {{10, 0, 5, 0}, 4, 3, IDF_ERR_TRUNCATED},
      {{10, 0, 5, 0}, 4, 1, IDF_ERR_CORRUPT},
      {{10, IDF_CONVERSIONS, 5, 0}, 4, 3, IDF_ERR_UNSUPPORTED},
      {{10, 0, 64, 0}, 4, 3, IDF_ERR_UNSUPPORTED},
      {{10, 0, 5, 32}, 4, 3, IDF_ERR_UNSUPPORTED},
      {{10, 0, 16, 0}, 4, 3, IDF_ERR_CORRUPT}, /* a phase without knots between pixels */
      {{10, 0, 5, 1}, 4, 3, IDF_ERR_CORRUPT},  /* copies of what is not there */
      {{10, 0, 5, 8}, 4, 3, IDF_ERR_CORRUPT},
      {{10, 0, 5, 0, 0, 9}, 6, 3, IDF_ERR_TRUNCATED},
      {{10, 0, 5, 0, 8, 0}, 6, 3, IDF_ERR_CORRUPT},
  };
  uint16_t samples[32 * 32 * 3];
  coder c;
  open_coder(&c);
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    const idf_tile tile = {{32, 32, cases[i].channels, 8, false}, samples, 96};
    const idf_status status =
        idf_chroma.decode(&c.job, &tile, idf_cur_of(cases[i].bytes, cases[i].len), NULL);
    if (status != cases[i].status)
      printf("# case %zu: %d\n", i, (int)status);
    CU_ASSERT_EQUAL(status, cases[i].status);
  }
  close_coder(&c);
}

/* Bytes changed at random, and allocations refused in turn, end in an error or in pixels. */
static void damage_and_want_are_survived(void)
{
  const idf_origin o = chromakit_origin(8, IDF_SPACING_REPLICATED, 3, 60, 50);
  chromakit k = chromakit_make(&o, 330, 9);
  idf_unit_random r = idf_unit_random_of(11);
  idf_tile back = k.tile;
  coder c;
  idf_buf out, less;
  open_coder(&c);
  back.samples = chromakit_room(k.tile.stride * 50, sizeof *back.samples);
  idf_buf_init(&out, &c.mem);
  CU_ASSERT_EQUAL(idf_chroma.encode(&c.job, &k.tile, &out), IDF_OK);
  for (unsigned i = 0; i < 60; i++) {
    const size_t at = 1 + idf_unit_below(&r, (uint32_t)out.len - 1);
    const uint8_t was = out.data[at];
    out.data[at] = (uint8_t)(was ^ (1u << idf_unit_below(&r, 8)));
    (void)idf_chroma.decode(&c.job, &back, idf_cur_of(out.data, out.len), NULL);
    out.data[at] = was;
    const size_t cut = idf_unit_below(&r, (uint32_t)out.len);
    IDF_UNIT_SEEDED(&r,
                    idf_chroma.decode(&c.job, &back, idf_cur_of(out.data, cut), NULL) != IDF_OK);
  }
  for (int64_t n = 0;; n++) {
    idf_buf_init(&less, &c.mem);
    c.mem.fail_in = n;
    const idf_status encoded = idf_chroma.encode(&c.job, &k.tile, &less);
    c.mem.fail_in = -1;
    const bool done = encoded == IDF_OK;
    CU_ASSERT(done || encoded == IDF_ERR_MEMORY);
    idf_buf_free(&less);
    if (done)
      break;
  }
  idf_buf_free(&out);
  close_coder(&c);
  chromakit_close(&k);
  free(back.samples);
}

int idf_suite_chroma(void)
{
  static const idf_unit_test tests[] = {
      {"tiles come back from less", tiles_come_back_from_less},
      {"what was changed later comes back", what_was_changed_later_comes_back},
      {"photographs are settled", photographs_are_settled},
      {"others are left to others", others_are_left_to_others},
      {"what is not sound is refused", what_is_not_sound_is_refused},
      {"damage and want are survived", damage_and_want_are_survived},
      {NULL, NULL},
  };
  return idf_unit_suite("chroma", tests);
}
