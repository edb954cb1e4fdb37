/* SPDX-License-Identifier: BSD-3-Clause
 *
 * test_plan.c: the encoder's choices are the expected ones on pictures where there
 * is no doubt, and legal ones on all others.
 */
#include "plan.h"

#include "colour.h"
#include "flowkit.h"

int idf_suite_plan(void);

typedef struct picture {
  idf_mem mem;
  idf_flow_shape shape;
  flowkit_planes p;
} picture;

static void open_picture(picture *c, uint32_t width, uint32_t height, unsigned planes, int32_t max)
{
  idf_mem_init(&c->mem, UINT64_MAX);
  c->shape = flowkit_shape(width, height, planes, 0, max);
  c->p = flowkit_planes_new(&c->mem, &c->shape);
}

static void close_picture(picture *c)
{
  flowkit_planes_free(&c->mem, &c->p);
  CU_ASSERT_EQUAL(c->mem.used, 0);
}

static unsigned colour_of(picture *c, unsigned depth)
{
  const idf_planes planes = {.plane = {c->p.plane[0], c->p.plane[1], c->p.plane[2]},
                             .n = c->p.n,
                             .width = c->shape.width,
                             .height = c->shape.height,
                             .count = 3,
                             .depth = depth};
  const unsigned origin = idf_plan_origin(&planes, (1 << depth) - 1);
  return origin != IDF_COLOUR_NONE ? origin : idf_plan_transform(&planes);
}

static unsigned unit_in(picture *c)
{
  idf_group_plan plan;
  CU_ASSERT_EQUAL(idf_plan_group(&c->mem, &c->shape, c->p.plane, false, &plan), IDF_OK);
  CU_ASSERT_FALSE(plan.fitted);
  return plan.unit;
}

/* Gray texture with a little colour noise: every transform that decorrelates wins. */
static void alike_planes_are_decorrelated(void)
{
  picture c;
  idf_unit_random r = idf_unit_random_of(1);
  open_picture(&c, 90, 70, 3, 1023);
  for (size_t i = 0; i < c.p.n; i++) {
    int32_t v = flowkit_between(&r, 0, 1000);
    for (int k = 0; k < 3; k++)
      c.p.plane[k][i] = v + flowkit_between(&r, 0, 20);
  }
  unsigned layer = colour_of(&c, 10);
  CU_ASSERT_TRUE(layer == IDF_COLOUR_GREEN || layer == IDF_COLOUR_YCOCG);
  close_picture(&c);
}

static void unlike_planes_are_left_alone(void)
{
  picture c;
  idf_unit_random r = idf_unit_random_of(2);
  open_picture(&c, 90, 70, 3, 255);
  for (int k = 0; k < 3; k++)
    for (size_t i = 0; i < c.p.n; i++)
      c.p.plane[k][i] = flowkit_between(&r, 0, 255);
  CU_ASSERT_EQUAL(colour_of(&c, 8), IDF_COLOUR_NONE);
  close_picture(&c);
}

static void decoded_jpeg_pixels_are_recognised(void)
{
  picture c;
  idf_unit_random r = idf_unit_random_of(3);
  open_picture(&c, 90, 70, 3, 255);
  for (size_t i = 0; i < c.p.n; i++) {
    int32_t rgb[3], ycc[3];
    for (int k = 0; k < 3; k++)
      ycc[k] = k == 0 ? flowkit_between(&r, 20, 230) : flowkit_between(&r, 110, 146);
    flowkit_decoded(IDF_COLOUR_JPEG, ycc, rgb);
    for (int k = 0; k < 3; k++)
      c.p.plane[k][i] = rgb[k];
  }
  CU_ASSERT_EQUAL(colour_of(&c, 8), IDF_COLOUR_JPEG);
  /* The same values in deeper samples are something else. */
  CU_ASSERT_NOT_EQUAL(colour_of(&c, 10), IDF_COLOUR_JPEG);
  close_picture(&c);
}

static void tiny_and_thin_pictures_have_a_choice(void)
{
  static const uint32_t sides[][2] = {{1, 1}, {1, 50}, {50, 1}, {2, 2}, {1, 4096}, {4096, 1}};
  for (size_t i = 0; i < sizeof sides / sizeof *sides; i++)
    for (unsigned depth = 1; depth <= 16; depth += 5) {
      picture c;
      idf_unit_random r = idf_unit_random_of(i);
      open_picture(&c, sides[i][0], sides[i][1], 3, (1 << depth) - 1);
      flowkit_fill(&c.p, &c.shape, &r, FLOWKIT_NOISE);
      IDF_UNIT_SEEDED(&r, colour_of(&c, depth) < IDF_COLOUR_COUNT);
      IDF_UNIT_SEEDED(&r, unit_in(&c) <= 8);
      close_picture(&c);
    }
}

static unsigned unit_of(int32_t min, int32_t max, int32_t noise)
{
  picture c;
  idf_unit_random r = idf_unit_random_of(4);
  open_picture(&c, 120, 80, 1, max);
  c.shape.min[0] = min;
  for (size_t i = 0; i < c.p.n; i++)
    c.p.plane[0][i] = idf_clamp((min + max) / 2 + flowkit_between(&r, -noise, noise), min, max);
  unsigned unit = unit_in(&c);
  close_picture(&c);
  return unit;
}

static void the_unit_follows_depth_and_noise(void)
{
  CU_ASSERT_EQUAL(unit_of(0, 255, 255), 0); /* 8 bits: a unit is a sample value */
  CU_ASSERT_EQUAL(unit_of(0, 65535, 0), 0); /* nothing to scale */
  CU_ASSERT_EQUAL(unit_of(0, 65535, 3), 0); /* 16 bits that use few */
  CU_ASSERT_EQUAL(unit_of(0, 65535, 65535), 8);
  CU_ASSERT_TRUE(unit_of(0, 1023, 1023) <= 2); /* never coarser than 8 bits would be */
  unsigned last = 0;
  for (int32_t noise = 1; noise < 65536; noise *= 2) {
    unsigned unit = unit_of(0, 65535, noise);
    CU_ASSERT_TRUE(unit >= last && unit <= 8);
    last = unit;
  }
  CU_ASSERT_EQUAL(last, 8);
}

/* Colours (v, v, w) with `step` between the values of w that occur. */
static bool occurrence_of(int32_t step, uint32_t side, uint64_t limit, idf_status expected)
{
  picture c;
  idf_unit_random r = idf_unit_random_of(5);
  open_picture(&c, side, side, 3, 255);
  for (size_t i = 0; i < c.p.n; i++) {
    int32_t v = flowkit_between(&r, 0, 3);
    c.p.plane[0][i] = c.p.plane[1][i] = v;
    c.p.plane[2][i] = step * flowkit_between(&r, 0, 255 / step);
  }
  c.mem.limit = limit == UINT64_MAX ? limit : c.mem.used + limit;
  idf_group_plan plan;
  CU_ASSERT_EQUAL(idf_plan_group(&c.mem, &c.shape, c.p.plane, false, &plan), expected);
  close_picture(&c);
  return plan.occurrence;
}

static void sparse_colours_are_worth_the_occurrence_prior(void)
{
  CU_ASSERT_TRUE(occurrence_of(4, 64, UINT64_MAX, IDF_OK));
  CU_ASSERT_FALSE(occurrence_of(1, 128, UINT64_MAX, IDF_OK)); /* dense */
  CU_ASSERT_TRUE(occurrence_of(1, 8, UINT64_MAX, IDF_OK));    /* small: try */
  /* No memory to find out is an error, not a choice. */
  occurrence_of(4, 64, 1000, IDF_ERR_LIMIT);
  /* Only some colours of large pictures are looked at. */
  CU_ASSERT_TRUE(occurrence_of(4, 600, UINT64_MAX, IDF_OK));
  CU_ASSERT_FALSE(occurrence_of(1, 600, UINT64_MAX, IDF_OK));
}

/* A million colours, all in values of the first plane that are looked at: 4 MB of table and 2 of
 * list, not more. */
static void a_table_of_colours_is_bounded(void)
{
  picture c;
  idf_unit_random r = idf_unit_random_of(6);
  open_picture(&c, 1800, 1800, 3, 255);
  for (size_t i = 0; i < c.p.n; i++)
    for (int p = 0; p < 3; p++)
      c.p.plane[p][i] = p == 0 ? 16 * flowkit_between(&r, 0, 15) : flowkit_between(&r, 0, 255);
  c.mem.limit = c.mem.used + (6 << 20) + 4096;
  idf_group_plan plan;
  CU_ASSERT_EQUAL(idf_plan_group(&c.mem, &c.shape, c.p.plane, false, &plan), IDF_OK);
  close_picture(&c);
}

int idf_suite_plan(void)
{
  static const idf_unit_test tests[] = {
      {"alike planes are decorrelated", alike_planes_are_decorrelated},
      {"unlike planes are left alone", unlike_planes_are_left_alone},
      {"decoded JPEG pixels are recognised", decoded_jpeg_pixels_are_recognised},
      {"tiny and thin pictures have a choice", tiny_and_thin_pictures_have_a_choice},
      {"the unit follows depth and noise", the_unit_follows_depth_and_noise},
      {"sparse colours are worth the occurrence prior",
       sparse_colours_are_worth_the_occurrence_prior},
      {"a table of colours is bounded", a_table_of_colours_is_bounded},
      {NULL, NULL}};
  return idf_unit_suite("plan", tests);
}
