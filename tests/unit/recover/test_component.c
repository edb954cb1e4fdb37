/* SPDX-License-Identifier: BSD-3-Clause
 *
 * test_component.c: the pixel rule is the recipe's; samples come back from pixels, whether they
 * were repeated or interpolated, wherever the tile begins.
 */
#include "component.h"

#include <stdlib.h>
#include <string.h>

#include "unit.h"

int idf_suite_component(void);

typedef struct component_case {
  idf_mem mem;
  idf_canvas canvas;
  idf_component component;
  idf_evidence evidence;
} component_case;

static void open_case(component_case *c, idf_unit_random *r, unsigned across, unsigned down,
                      bool smooth)
{
  idf_mem_init(&c->mem, UINT64_MAX);
  c->canvas = (idf_canvas){.planes = 3,
                           .across = across,
                           .down = down,
                           .smooth = smooth,
                           .x = idf_unit_below(r, 8 * across),
                           .y = idf_unit_below(r, 8 * down),
                           .width = 6 + idf_unit_below(r, 60),
                           .height = 6 + idf_unit_below(r, 60)};
  CU_ASSERT_EQUAL_FATAL(idf_canvas_open(&c->canvas, &c->mem), IDF_OK);
  CU_ASSERT_EQUAL_FATAL(idf_component_open(&c->component, &c->mem, &c->canvas, 1), IDF_OK);
  c->evidence = (idf_evidence){.planes = 3, .width = c->canvas.width, .height = c->canvas.height};
  const size_t n = (size_t)c->canvas.width * c->canvas.height;
  c->evidence.known = idf_alloc(&c->mem, n, sizeof(bool));
  for (unsigned p = 0; p < 3; p++)
    c->evidence.sample[p] = idf_alloc(&c->mem, n, 1);
  memset(c->evidence.known, 1, n);
}

static void close_case(component_case *c)
{
  idf_evidence_close(&c->evidence, &c->mem);
  idf_component_close(&c->component, &c->mem);
  idf_canvas_close(&c->canvas, &c->mem);
  CU_ASSERT_EQUAL(c->mem.used, 0);
}

/* Coefficients, the samples they make in `made`, and the recipe's pixels as evidence. */
static void make_samples(component_case *c, idf_unit_random *r)
{
  idf_coefs_plane *plane = &c->canvas.coefs.plane[1];
  const idf_component *k = &c->component;
  for (uint32_t y = 0; y < k->height; y++)
    for (uint32_t x = 0; x < k->width; x++) {
      uint8_t *at = k->made + (size_t)y * k->width + x;
      const unsigned block = 5 * (x / 8) + 3 * (y / 8);
      *at = (uint8_t)(60 + block % 90); /* DC alone, so that samples are easily known */
      plane->coef[64 * ((size_t)(y / 8) * plane->across + x / 8)] = (int16_t)((*at - 128) * 8);
    }
  uint16_t *pixels = malloc((size_t)c->canvas.width * c->canvas.height * 3 * sizeof *pixels);
  CU_ASSERT_EQUAL(idf_canvas_pixels(&c->canvas, &c->mem, true, pixels, (size_t)c->canvas.width * 3),
                  IDF_OK);
  for (size_t i = 0; i < (size_t)c->canvas.width * c->canvas.height; i++)
    c->evidence.sample[1][i] = (uint8_t)pixels[3 * i + 1];
  free(pixels);
  (void)r;
}

static void pixels_follow_the_recipe(void)
{
  for (unsigned t = 0; t < 64; t++) {
    idf_unit_random r = idf_unit_random_of(t);
    component_case c;
    open_case(&c, &r, 1 + t % 2, 1 + t / 2 % 2, t / 4 % 2);
    make_samples(&c, &r);
    bool same = true;
    for (uint32_t y = 0; y < c.canvas.height; y++)
      for (uint32_t x = 0; x < c.canvas.width; x++)
        same = same
               && idf_component_pixel(&c.component, c.canvas.x + x, c.canvas.y + y)
                      == c.evidence.sample[1][(size_t)y * c.canvas.width + x];
    IDF_UNIT_SEEDED(&r, same);
    close_case(&c);
  }
}

/* Noise, which is the hardest: pixels by idf_component_pixel. */
static void samples_come_back(void)
{
  for (unsigned t = 0; t < 80; t++) {
    idf_unit_random r = idf_unit_random_of(100 + t);
    component_case c;
    const bool smooth = t / 4 % 2 != 0;
    open_case(&c, &r, 1 + t % 2, 1 + t / 2 % 2, smooth);
    idf_component *k = &c.component;
    for (size_t i = 0; i < (size_t)k->width * k->height; i++)
      k->made[i] = (uint8_t)(90 + idf_unit_below(&r, 60));
    for (uint32_t y = 0; y < c.canvas.height; y++)
      for (uint32_t x = 0; x < c.canvas.width; x++)
        c.evidence.sample[1][(size_t)y * c.canvas.width + x] =
            idf_component_pixel(k, c.canvas.x + x, c.canvas.y + y);
    CU_ASSERT_EQUAL(idf_component_take(k, &c.mem, &c.evidence, 1), IDF_OK);
    unsigned all = 0, off = 0, far = 0;
    /* Within: at a border half of what a sample made is not seen. */
    for (uint32_t y = (c.canvas.y + 5) / k->down; y + 3 < (c.canvas.y + c.canvas.height) / k->down;
         y++)
      for (uint32_t x = (c.canvas.x + 5) / k->across;
           x + 3 < (c.canvas.x + c.canvas.width) / k->across; x++) {
        const size_t at = (size_t)y * k->width + x;
        const int d = k->wanted[at] - 16 * k->made[at];
        CU_ASSERT_TRUE(k->known[at]);
        all++;
        off += d < -8 || d > 8;
        far += d < -20 || d > 20;
      }
    IDF_UNIT_SEEDED(&r, k->smooth ? 5 * off <= all && far == 0 : off == 0);
    close_case(&c);
  }
}

static void unknown_pixels_spoil_what_is_near(void)
{
  idf_unit_random r = idf_unit_random_of(9);
  for (unsigned smooth = 0; smooth < 2; smooth++) {
    component_case c;
    open_case(&c, &r, 2, 2, smooth != 0);
    const uint32_t x = c.canvas.width / 2, y = c.canvas.height / 2;
    c.evidence.known[(size_t)y * c.canvas.width + x] = false;
    CU_ASSERT_EQUAL(idf_component_take(&c.component, &c.mem, &c.evidence, 1), IDF_OK);
    CU_ASSERT_FALSE(idf_component_knows(&c.component, c.canvas.x + x, c.canvas.y + y));
    CU_ASSERT_EQUAL(idf_component_knows(&c.component, c.canvas.x + x, c.canvas.y + y - 2),
                    smooth == 0);
    CU_ASSERT_FALSE(idf_component_knows(&c.component, 0, 0) && c.canvas.x >= 2);
    close_case(&c);
  }
}

int idf_suite_component(void)
{
  static const idf_unit_test tests[] = {
      {"pixels follow the recipe", pixels_follow_the_recipe},
      {"samples come back", samples_come_back},
      {"unknown pixels spoil what is near", unknown_pixels_spoil_what_is_near},
      {NULL, NULL},
  };
  return idf_unit_suite("component", tests);
}
