/* SPDX-License-Identifier: BSD-3-Clause
 *
 * test_evidence.c: an unclamped pixel gives the Y, Cb, Cr that it came from; other pictures are
 * told apart; beliefs about clamped pixels make these pixels.
 */
#include "evidence.h"

#include <stdlib.h>
#include <string.h>

#include "recipe_row.h"
#include "unit.h"

int idf_suite_evidence(void);

enum { WIDTH = 60, HEIGHT = 50, COUNT = WIDTH * HEIGHT };

typedef struct colours {
  uint16_t ycc[3 * COUNT], rgb[3 * COUNT];
  idf_tile tile;
} colours;

static void fill(colours *c, idf_unit_random *r, unsigned reach)
{
  c->tile = (idf_tile){{WIDTH, HEIGHT, 3, 8, false}, c->rgb, (size_t)3 * WIDTH};
  for (size_t i = 0; i < COUNT; i++) {
    uint8_t out[3], in[3];
    for (unsigned p = 0; p < 3; p++) {
      in[p] = (uint8_t)(p == 0 ? 100 + idf_unit_below(r, 56) + (reach > 40 ? 60 : 0)
                               : 128 - reach / 2 + idf_unit_below(r, reach));
      c->ycc[3 * i + p] = in[p];
    }
    const uint8_t *const from[IDF_RECIPE_COMPONENTS] = {&in[0], &in[1], &in[2], NULL};
    idf_recipe_colour(IDF_RECIPE_YCC, 3, 1, out, from);
    for (unsigned p = 0; p < 3; p++)
      c->rgb[3 * i + p] = out[p];
  }
}

static void clear_pixels_are_known(void)
{
  idf_unit_random r = idf_unit_random_of(1);
  colours *c = calloc(1, sizeof *c);
  idf_evidence e;
  idf_mem mem;
  idf_mem_init(&mem, UINT64_MAX);
  fill(c, &r, 40);
  CU_ASSERT_TRUE(idf_evidence_look(&c->tile));
  CU_ASSERT_EQUAL_FATAL(idf_evidence_open(&e, &mem, &c->tile), IDF_OK);
  CU_ASSERT(e.clear == COUNT && e.explained == COUNT);
  unsigned wrong = 0;
  for (size_t i = 0; i < COUNT; i++)
    for (unsigned p = 0; p < 3; p++)
      wrong += !e.known[i] || e.sample[p][i] != c->ycc[3 * i + p];
  CU_ASSERT_EQUAL(wrong, 0);
  idf_evidence_close(&e, &mem);
  CU_ASSERT_EQUAL(mem.used, 0);
  free(c);
}

static void other_colours_are_not_explained(void)
{
  idf_unit_random r = idf_unit_random_of(2);
  colours *c = calloc(1, sizeof *c);
  fill(c, &r, 40);
  for (size_t i = 0; i < 3 * (size_t)COUNT; i++)
    c->rgb[i] = (uint16_t)(c->rgb[i] + idf_unit_below(&r, 2));
  CU_ASSERT_FALSE(idf_evidence_look(&c->tile));
  c->tile.shape.channels = 1; /* gray can always come from a JPEG file */
  CU_ASSERT_TRUE(idf_evidence_look(&c->tile));
  free(c);
}

static void beliefs_make_the_pixels(void)
{
  idf_unit_random r = idf_unit_random_of(3);
  colours *c = calloc(1, sizeof *c);
  static bool wrong[COUNT];
  static uint16_t made[3 * COUNT];
  idf_evidence e;
  idf_mem mem;
  unsigned unknown = 0;
  idf_mem_init(&mem, UINT64_MAX);
  fill(c, &r, 120);
  CU_ASSERT_EQUAL_FATAL(idf_evidence_open(&e, &mem, &c->tile), IDF_OK);
  CU_ASSERT(e.clear < COUNT && e.explained == e.clear);
  memcpy(made, c->ycc, sizeof made);
  CU_ASSERT_EQUAL(idf_evidence_compare(&e, &c->tile, made, wrong), 0);
  for (size_t i = 0; i < COUNT; i++) {
    unknown += !e.known[i];
    CU_ASSERT_FALSE(wrong[i]);
    for (unsigned p = 0; p < 3; p++)
      CU_ASSERT_EQUAL(e.sample[p][i], c->ycc[3 * i + p]);
    made[3 * i] = (uint16_t)(made[3 * i] - 3); /* now a little off */
  }
  CU_ASSERT(unknown > 500);
  CU_ASSERT(idf_evidence_compare(&e, &c->tile, made, wrong) > COUNT / 2);
  for (size_t i = 0; i < COUNT; i++) {
    uint8_t out[3];
    const uint8_t *const from[IDF_RECIPE_COMPONENTS] = {&e.sample[0][i], &e.sample[1][i],
                                                        &e.sample[2][i], NULL};
    idf_recipe_colour(IDF_RECIPE_YCC, 3, 1, out, from);
    for (unsigned p = 0; p < 3; p++)
      CU_ASSERT_EQUAL(out[p], c->rgb[3 * i + p]);
  }
  idf_evidence_close(&e, &mem);
  free(c);
}

static void gray_is_compared_as_it_is(void)
{
  uint16_t samples[20] = {0, 255, 7}, made[20] = {0, 255, 8};
  const idf_tile tile = {{5, 4, 1, 8, false}, samples, 5};
  bool wrong[20];
  idf_evidence e;
  idf_mem mem;
  idf_mem_init(&mem, UINT64_MAX);
  CU_ASSERT_EQUAL_FATAL(idf_evidence_open(&e, &mem, &tile), IDF_OK);
  CU_ASSERT(e.known[0] && e.known[19] && e.sample[0][1] == 255);
  CU_ASSERT_EQUAL(idf_evidence_compare(&e, &tile, made, wrong), 1);
  CU_ASSERT_TRUE(wrong[2] && !wrong[1]);
  idf_evidence_close(&e, &mem);
}

int idf_suite_evidence(void)
{
  static const idf_unit_test tests[] = {
      {"clear pixels are known", clear_pixels_are_known},
      {"other colours are not explained", other_colours_are_not_explained},
      {"beliefs make the pixels", beliefs_make_the_pixels},
      {"gray is compared as it is", gray_is_compared_as_it_is},
      {NULL, NULL},
  };
  return idf_unit_suite("evidence", tests);
}
