/* SPDX-License-Identifier: BSD-3-Clause
 *
 * test_recover.c: what libjpeg made is taken back to coefficients that make it again, but for a
 * few pixels; grid, sampling and steps are those of the file. Other pictures are refused.
 */
#include "recover.h"

#include "historykit.h"
#include "steps.h"

int idf_suite_recover(void);

/* Pixels in 1000 that may be wrong: none where nothing is cut or clamped and steps are large. */
typedef struct recover_case {
  historykit_kind kind;
  unsigned wrong;
} recover_case;

static const recover_case cases[] = {
    {{1, 1, 1, 50, true, 0, 0, 160, 120, 0}, 0},   {{1, 1, 1, 75, true, 0, 0, 157, 121, 0}, 40},
    {{1, 1, 1, 90, true, 5, 3, 160, 120, 0}, 40},  {{1, 1, 1, 85, true, 0, 0, 160, 120, 1}, 25},
    {{3, 1, 1, 80, true, 0, 0, 160, 120, 0}, 0},   {{3, 1, 1, 90, true, 7, 2, 160, 120, 0}, 60},
    {{3, 2, 2, 80, true, 0, 0, 160, 128, 0}, 0},   {{3, 2, 2, 85, true, 9, 14, 168, 136, 0}, 90},
    {{3, 2, 1, 75, true, 0, 0, 160, 120, 0}, 0},   {{3, 1, 2, 75, true, 0, 0, 160, 128, 0}, 0},
    {{3, 2, 2, 80, false, 0, 0, 160, 128, 0}, 0},  {{3, 2, 1, 90, false, 13, 0, 160, 120, 0}, 60},
    {{3, 2, 2, 70, true, 0, 0, 160, 128, 1}, 150}, {{3, 2, 2, 80, true, 16, 32, 160, 128, 0}, 30},
};

static unsigned wrong_pixels(const idf_tile *tile, const idf_canvas *canvas, idf_mem *mem)
{
  const size_t n = (size_t)tile->shape.width * tile->shape.channels;
  uint16_t *made = malloc(n * tile->shape.height * sizeof *made);
  unsigned wrong = 0;
  CU_ASSERT_EQUAL(idf_canvas_pixels(canvas, mem, false, made, n), IDF_OK);
  for (uint32_t y = 0; y < tile->shape.height; y++)
    for (uint32_t x = 0; x < tile->shape.width; x++)
      wrong += memcmp(made + y * n + x * tile->shape.channels,
                      tile->samples + y * tile->stride + x * tile->shape.channels,
                      tile->shape.channels * sizeof *made)
               != 0;
  free(made);
  return wrong;
}

static void files_of_all_kinds_are_recovered(void)
{
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    const historykit_kind *k = &cases[i].kind;
    const idf_tile tile = historykit_make(k, 10 + i);
    idf_mem mem;
    idf_canvas canvas;
    bool found = false;
    idf_mem_init(&mem, UINT64_MAX);
    CU_ASSERT_TRUE(idf_recover_look(&tile));
    CU_ASSERT_EQUAL(idf_recover(&(idf_job){.mem = &mem}, &tile, &canvas, &found), IDF_OK);
    CU_ASSERT_TRUE(found);
    if (found) {
      const unsigned wrong = wrong_pixels(&tile, &canvas, &mem);
      if (wrong * 1000 > cases[i].wrong * k->width * k->height)
        printf("# case %zu: %u pixels wrong\n", i, wrong);
      CU_ASSERT(wrong * 1000 <= cases[i].wrong * k->width * k->height);
      CU_ASSERT(canvas.across == (unsigned)k->h && canvas.down == (unsigned)k->v);
      CU_ASSERT(k->h * k->v == 1 || canvas.smooth == k->smooth);
      CU_ASSERT_EQUAL(canvas.x, k->x % (8 * (unsigned)k->h));
      CU_ASSERT_EQUAL(canvas.y, k->y % (8 * (unsigned)k->v));
      for (unsigned p = 0; p < k->channels; p++)
        CU_ASSERT_EQUAL(idf_steps_quality(p != 0, canvas.coefs.plane[p].step),
                        (unsigned)k->quality);
      idf_canvas_close(&canvas, &mem);
    }
    CU_ASSERT_EQUAL(mem.used, 0);
    free(tile.samples);
  }
}

static void other_pictures_are_refused(void)
{
  for (unsigned i = 0; i < 6; i++) {
    const historykit_kind k = {
        .channels = i % 2 ? 1 : 3, .width = 200, .height = 160, .loud = i / 2 % 2};
    const idf_tile tile = historykit_make(&k, i);
    idf_mem mem;
    idf_canvas canvas;
    bool found = true;
    idf_mem_init(&mem, UINT64_MAX);
    CU_ASSERT_FALSE(idf_recover_look(&tile));
    CU_ASSERT_EQUAL(idf_recover(&(idf_job){.mem = &mem}, &tile, &canvas, &found), IDF_OK);
    CU_ASSERT_FALSE(found);
    CU_ASSERT_EQUAL(mem.used, 0);
    free(tile.samples);
  }
}

/* Tiles that no method of this kind takes. */
static void shapes_are_looked_at(void)
{
  static uint16_t samples[64 * 64 * 4];
  const idf_tile_shape shapes[] = {{64, 64, 2, 8, false},  {64, 64, 4, 8, false},
                                   {64, 64, 1, 16, false}, {64, 64, 1, 8, true},
                                   {31, 64, 1, 8, false},  {64, 31, 1, 8, false}};
  for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
    const idf_tile tile = {shapes[i], samples, 256};
    CU_ASSERT_FALSE(idf_recover_look(&tile));
  }
}

static void every_allocation_may_fail(void)
{
  const historykit_kind k = {3, 2, 2, 75, true, 3, 0, 64, 48, 0};
  const idf_tile tile = historykit_make(&k, 77);
  idf_status status = IDF_ERR_MEMORY;
  int64_t fail = 0;
  for (; fail < 400 && status != IDF_OK; fail++) {
    idf_mem mem;
    idf_canvas canvas;
    bool found;
    idf_mem_init(&mem, UINT64_MAX);
    mem.fail_in = fail;
    status = idf_recover(&(idf_job){.mem = &mem}, &tile, &canvas, &found);
    CU_ASSERT(status == IDF_OK || (status == IDF_ERR_MEMORY && !found));
    if (found)
      idf_canvas_close(&canvas, &mem);
    CU_ASSERT_EQUAL(mem.used, 0);
  }
  CU_ASSERT(status == IDF_OK && fail > 40);
  free(tile.samples);
}

static int always(void *context)
{
  (void)context;
  return 1;
}

static void it_can_be_cancelled(void)
{
  const historykit_kind k = {1, 1, 1, 75, true, 0, 0, 64, 48, 0};
  const idf_tile tile = historykit_make(&k, 78);
  idf_cancel cancel = {.asked = always};
  idf_mem mem;
  idf_canvas canvas;
  bool found = true;
  idf_mem_init(&mem, UINT64_MAX);
  CU_ASSERT_EQUAL(idf_recover(&(idf_job){.mem = &mem, .cancel = &cancel}, &tile, &canvas, &found),
                  IDF_ERR_CANCELLED);
  CU_ASSERT_FALSE(found);
  CU_ASSERT_EQUAL(mem.used, 0);
  free(tile.samples);
}

int idf_suite_recover(void)
{
  static const idf_unit_test tests[] = {
      {"files of all kinds are recovered", files_of_all_kinds_are_recovered},
      {"other pictures are refused", other_pictures_are_refused},
      {"shapes are looked at", shapes_are_looked_at},
      {"every allocation may fail", every_allocation_may_fail},
      {"it can be cancelled", it_can_be_cancelled},
      {NULL, NULL},
  };
  return idf_unit_suite("recover", tests);
}
