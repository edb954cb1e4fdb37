/* SPDX-License-Identifier: BSD-3-Clause
 *
 * test_literal.c: pixels of any shape come back, and what predictors or identities can
 * tell is not paid for.
 */
#include "literal.h"

#include "unit.h"

int idf_suite_literal(void);

enum { NOISE, SLOPE, PAIRS, KINDS };

typedef struct literal_case {
  idf_mem mem;
  idf_plane plane;
  idf_literal literal;
  idf_decide decide;
  double bits[4];
} literal_case;

/* PAIRS: sixteen colours in random order, soon all known. */
static idf_pixel picture(idf_unit_random *r, int kind, const idf_tile_shape *s, uint32_t x,
                         uint32_t y)
{
  idf_unit_random colour = idf_unit_random_of(1 + idf_unit_below(r, 16));
  idf_pixel pixel = 0;
  for (unsigned c = 0; c < s->channels; c++) {
    uint32_t v = kind == NOISE   ? idf_unit_next(r)
                 : kind == SLOPE ? 3 * x + 2 * y + 5 * c
                                 : (idf_unit_next(&colour), idf_unit_next(&colour));
    pixel |= (idf_pixel)(v & ((1u << s->depth) - 1)) << (16 * c);
  }
  return pixel;
}

/* Codes a plane of nothing but literals; with `verify` they must be those of the seed. */
static void walk(literal_case *c, const idf_tile_shape *s, int kind, bool verify)
{
  idf_unit_random r = idf_unit_random_of(21);
  bool same = true;
  for (uint32_t y = 0; y < s->height; y++) {
    idf_plane_open_row(&c->plane, y);
    idf_literal_open_row(&c->literal);
    for (uint32_t x = 0; x < s->width; x++) {
      idf_pixel *here = c->plane.at + y * c->plane.stride + x, want = picture(&r, kind, s, x, y);
      idf_near near;
      idf_near_look(&near, here, c->plane.stride);
      /* As pixels do in the tile: those that W and N name are no literals. */
      const idf_literal_site site = {.x = x,
                                     .near = &near,
                                     .refused = {near.w, near.n},
                                     .refusals = want == near.w || want == near.n ? 0 : 2};
      *here = idf_literal_code(&c->literal, &c->decide, &site, verify ? 0 : want, c->bits);
      same &= *here == want;
    }
    idf_plane_close_row(&c->plane, y);
  }
  CU_ASSERT_TRUE(same);
}

static void open_case(literal_case *c, const idf_tile_shape *s)
{
  CU_ASSERT_EQUAL_FATAL(idf_plane_init(&c->plane, &c->mem, s->width, s->height), IDF_OK);
  CU_ASSERT_EQUAL_FATAL(idf_literal_init(&c->literal, &c->mem, s, 0, 0), IDF_OK);
  CU_ASSERT_EQUAL_FATAL(
      idf_mixer_init(&c->decide.mixer, &c->mem, 16, IDF_LITERAL_SETS, IDF_LITERAL_CURVES), IDF_OK);
}

static void close_case(literal_case *c)
{
  idf_plane_free(&c->plane, &c->mem);
  idf_literal_free(&c->literal, &c->mem);
  idf_mixer_free(&c->decide.mixer, &c->mem);
}

/* Bits a sample. */
static double round_trip(const idf_tile_shape *s, int kind)
{
  static literal_case c;
  idf_rans_enc enc;
  idf_rans_dec dec;
  idf_buf out;

  c = (literal_case){.decide.enc = &enc, .decide.measure = true};
  idf_mem_init(&c.mem, UINT64_MAX);
  idf_rans_enc_init(&enc, &c.mem, 1);
  idf_buf_init(&out, &c.mem);
  open_case(&c, s);
  walk(&c, s, kind, false);
  CU_ASSERT_EQUAL_FATAL(idf_rans_finish(&enc, &out), IDF_OK);
  idf_rans_enc_free(&enc);
  close_case(&c);
  double sum = 0;
  for (unsigned i = 0; i < 4; i++) {
    CU_ASSERT_TRUE(i < s->channels ? c.bits[i] > 0 : c.bits[i] <= 0);
    sum += c.bits[i];
  }
  CU_ASSERT_DOUBLE_EQUAL(sum, c.decide.bits, 1e-6 * sum);

  CU_ASSERT_EQUAL_FATAL(idf_rans_dec_init(&dec, out.data, out.len, 1), IDF_OK);
  c.decide = (idf_decide){.dec = &dec};
  open_case(&c, s);
  walk(&c, s, kind, true);
  CU_ASSERT_EQUAL(idf_rans_dec_finish(&dec), IDF_OK);
  close_case(&c);
  idf_buf_free(&out);
  CU_ASSERT_EQUAL(c.mem.used, 0);
  return sum / (s->width * s->height * s->channels);
}

static void any_pixel_comes_back(void)
{
  for (unsigned channels = 1; channels <= 4; channels++)
    for (unsigned depth = 1; depth <= 16; depth += depth < 4 ? 1 : 4)
      for (int kind = 0; kind < KINDS; kind++) {
        idf_tile_shape s = {.width = 13, .height = 9, .channels = channels, .depth = depth};
        round_trip(&s, kind);
      }
}

static void what_is_known_is_not_paid_for(void)
{
  for (unsigned channels = 1; channels <= 4; channels++) {
    idf_tile_shape s = {.width = 60, .height = 60, .channels = channels, .depth = 8};
    CU_ASSERT_TRUE(round_trip(&s, SLOPE) < 1.0);
    double noise = round_trip(&s, NOISE), pairs = round_trip(&s, PAIRS);
    CU_ASSERT_TRUE(noise > 7.9 && noise < 9.5);
    /* Four bits a pixel, and the price of learning the colours. */
    CU_ASSERT_TRUE(pairs * channels < 8.0);
  }
}

static void memory_can_be_refused(void)
{
  idf_mem mem;
  idf_literal literal;
  idf_tile_shape s = {.width = 13, .height = 9, .channels = 3, .depth = 8};
  idf_mem_init(&mem, UINT64_MAX);
  for (int64_t n = 0; n < 3; n++) {
    mem.fail_in = n;
    CU_ASSERT_EQUAL(idf_literal_init(&literal, &mem, &s, 0, 0), IDF_ERR_MEMORY);
    CU_ASSERT_EQUAL(mem.used, 0);
  }
}

int idf_suite_literal(void)
{
  static const idf_unit_test tests[] = {
      {"any pixel comes back", any_pixel_comes_back},
      {"what is known is not paid for", what_is_known_is_not_paid_for},
      {"memory can be refused", memory_can_be_refused},
      {NULL, NULL}};
  return idf_unit_suite("literal", tests);
}
