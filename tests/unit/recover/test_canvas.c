/* SPDX-License-Identifier: BSD-3-Clause
 *
 * test_canvas.c: a canvas's pixels are the part of the recipe's that the tile shows.
 */
#include "canvas.h"

#include <stdlib.h>
#include <string.h>

#include "recipe.h"
#include "unit.h"

int idf_suite_canvas(void);

static void fill(idf_canvas *canvas, idf_unit_random *r)
{
  for (unsigned p = 0; p < canvas->planes; p++) {
    idf_coefs_plane *plane = &canvas->coefs.plane[p];
    for (unsigned k = 0; k < 64; k++)
      plane->step[k] = (uint16_t)(1 + idf_unit_below(r, 20));
    for (size_t b = 0; b < (size_t)plane->across * plane->down; b++)
      for (unsigned n = 0; n < 5; n++)
        plane->coef[64 * b + (idf_unit_below(r, 64) & idf_unit_below(r, 64))] =
            (int16_t)((int)idf_unit_below(r, 21) - 10);
  }
}

/* The whole picture, by the recipe itself. */
static uint8_t *whole(const idf_canvas *canvas, idf_mem *mem, uint32_t *width)
{
  idf_recipe_picture picture = {.width = canvas->x + canvas->width,
                                .height = canvas->y + canvas->height,
                                .components = canvas->planes,
                                .form = canvas->planes == 3 ? IDF_RECIPE_YCC : IDF_RECIPE_PLAIN,
                                .repeat = !canvas->smooth};
  const int16_t *coef[IDF_RECIPE_COMPONENTS] = {NULL};
  idf_recipe *recipe;
  bool got = true;
  for (unsigned p = 0; p < canvas->planes; p++) {
    picture.component[p].h = canvas->coefs.plane[p].h;
    picture.component[p].v = canvas->coefs.plane[p].v;
    memcpy(picture.component[p].step, canvas->coefs.plane[p].step, sizeof(uint16_t[64]));
    coef[p] = canvas->coefs.plane[p].coef;
  }
  *width = picture.width;
  const size_t row = (size_t)picture.width * canvas->planes;
  uint8_t *all = malloc(row * picture.height);
  CU_ASSERT_EQUAL_FATAL(idf_recipe_new(mem, &picture, &recipe), IDF_OK);
  CU_ASSERT_EQUAL(idf_recipe_give(recipe, coef, idf_recipe_mcu_rows(recipe)), IDF_OK);
  for (uint32_t y = 0; y < picture.height && got; y++)
    CU_ASSERT_EQUAL(idf_recipe_take(recipe, all + y * row, &got), IDF_OK);
  idf_recipe_free(recipe);
  return all;
}

static void pixels_are_the_part_that_is_shown(void)
{
  for (unsigned t = 0; t < 60; t++) {
    idf_unit_random r = idf_unit_random_of(t);
    idf_mem mem;
    idf_canvas canvas = {.planes = t % 5 == 0 ? 1 : 3, .across = 1, .down = 1, .smooth = t % 2};
    uint32_t width;
    idf_mem_init(&mem, UINT64_MAX);
    if (canvas.planes == 3) {
      canvas.across = 1 + idf_unit_below(&r, 2);
      canvas.down = 1 + idf_unit_below(&r, 2);
    }
    canvas.x = idf_unit_below(&r, 8 * canvas.across);
    canvas.y = idf_unit_below(&r, 8 * canvas.down);
    canvas.width = 1 + idf_unit_below(&r, 40);
    canvas.height = 1 + idf_unit_below(&r, 40);
    CU_ASSERT_EQUAL_FATAL(idf_canvas_open(&canvas, &mem), IDF_OK);
    fill(&canvas, &r);
    uint8_t *all = whole(&canvas, &mem, &width);
    const size_t n = (size_t)canvas.width * canvas.planes, stride = n + 3;
    uint16_t *samples = malloc(stride * canvas.height * sizeof *samples);
    memset(samples, 9, stride * canvas.height * sizeof *samples);
    CU_ASSERT_EQUAL(idf_canvas_pixels(&canvas, &mem, false, samples, stride), IDF_OK);
    bool same = true;
    for (uint32_t y = 0; y < canvas.height; y++)
      for (size_t i = 0; i < stride; i++)
        same =
            same
            && samples[y * stride + i]
                   == (i >= n
                           ? 0x0909
                           : all[((canvas.y + y) * (size_t)width + canvas.x) * canvas.planes + i]);
    IDF_UNIT_SEEDED(&r, same);
    free(samples);
    free(all);
    idf_canvas_close(&canvas, &mem);
    CU_ASSERT_EQUAL(mem.used, 0);
  }
}

static void what_the_recipe_refuses_is_refused(void)
{
  idf_mem mem;
  idf_canvas canvas = {.planes = 1, .across = 1, .down = 1, .width = 8, .height = 8};
  uint16_t samples[64];
  idf_mem_init(&mem, UINT64_MAX);
  CU_ASSERT_EQUAL_FATAL(idf_canvas_open(&canvas, &mem), IDF_OK);
  canvas.coefs.plane[0].coef[0] = 5000;
  CU_ASSERT_EQUAL(idf_canvas_pixels(&canvas, &mem, false, samples, 8), IDF_ERR_UNSUPPORTED);
  idf_canvas_close(&canvas, &mem);
  CU_ASSERT_EQUAL(mem.used, 0);
}

static void every_allocation_may_fail(void)
{
  idf_status status = IDF_ERR_MEMORY;
  for (int64_t fail = 0; fail < 60 && status != IDF_OK; fail++) {
    idf_mem mem;
    idf_canvas canvas = {.planes = 3, .across = 2, .down = 2, .width = 20, .height = 20};
    uint16_t samples[20 * 60];
    idf_mem_init(&mem, UINT64_MAX);
    mem.fail_in = fail;
    status = idf_canvas_open(&canvas, &mem);
    if (status == IDF_OK) {
      status = idf_canvas_pixels(&canvas, &mem, false, samples, 60);
      idf_canvas_close(&canvas, &mem);
    }
    CU_ASSERT(status == IDF_OK || status == IDF_ERR_MEMORY);
    CU_ASSERT_EQUAL(mem.used, 0);
  }
  CU_ASSERT_EQUAL(status, IDF_OK);
}

int idf_suite_canvas(void)
{
  static const idf_unit_test tests[] = {
      {"pixels are the part that is shown", pixels_are_the_part_that_is_shown},
      {"what the recipe refuses is refused", what_the_recipe_refuses_is_refused},
      {"every allocation may fail", every_allocation_may_fail},
      {NULL, NULL},
  };
  return idf_unit_suite("canvas", tests);
}
