/* SPDX-License-Identifier: BSD-3-Clause
 *
 * canvas.c: opens the canvas of canvas.h, and makes its pixels. idf(5), "PIXELS OF A JPEG FILE".
 */
#include "canvas.h"

#include <string.h>

#include "recipe.h"

static uint32_t mcus(uint32_t pixels, unsigned factor)
{
  return (pixels + 8 * factor - 1) / (8 * factor);
}

idf_status idf_canvas_open(idf_canvas *canvas, idf_mem *mem)
{
  const uint32_t across = mcus(canvas->x + canvas->width, canvas->across);
  const uint32_t down = mcus(canvas->y + canvas->height, canvas->down);
  idf_coefs *coefs = &canvas->coefs;

  *coefs = (idf_coefs){.planes = canvas->planes, .v_most = canvas->down, .mcu_rows = down};
  for (unsigned p = 0; p < canvas->planes; p++) {
    idf_coefs_plane *plane = &coefs->plane[p];
    plane->h = p == 0 ? canvas->across : 1;
    plane->v = p == 0 ? canvas->down : 1;
    plane->across = across * plane->h;
    plane->down = down * plane->v;
    for (unsigned k = 0; k < 64; k++)
      plane->step[k] = 1;
    plane->coef = idf_alloc(mem, 64 * (size_t)plane->across * plane->down, sizeof(int16_t));
    if (!plane->coef) {
      idf_canvas_close(canvas, mem);
      return idf_mem_status(mem);
    }
  }
  return IDF_OK;
}

void idf_canvas_close(idf_canvas *canvas, idf_mem *mem)
{
  for (unsigned p = 0; p < canvas->planes; p++) {
    idf_free(mem, canvas->coefs.plane[p].coef);
    canvas->coefs.plane[p].coef = NULL;
  }
}

static idf_recipe_picture picture_of(const idf_canvas *canvas, bool plain)
{
  idf_recipe_picture picture = {.width = canvas->x + canvas->width,
                                .height = canvas->y + canvas->height,
                                .components = canvas->planes,
                                .repeat = !canvas->smooth,
                                .form = canvas->planes == 3 && !plain ? IDF_RECIPE_YCC
                                                                      : IDF_RECIPE_PLAIN};
  for (unsigned p = 0; p < canvas->planes; p++) {
    const idf_coefs_plane *plane = &canvas->coefs.plane[p];
    picture.component[p].h = plane->h;
    picture.component[p].v = plane->v;
    memcpy(picture.component[p].step, plane->step, sizeof plane->step);
  }
  return picture;
}

/* Takes the picture's rows and keeps the part in the tile. */
static idf_status take_rows(const idf_canvas *canvas, idf_recipe *recipe, uint8_t *row,
                            uint16_t *samples, size_t stride)
{
  const size_t n = (size_t)canvas->width * canvas->planes;
  for (uint32_t y = 0; y < canvas->y + canvas->height; y++) {
    bool got;
    const idf_status status = idf_recipe_take(recipe, row, &got);
    if (status != IDF_OK)
      return status;
    if (y < canvas->y)
      continue;
    const uint8_t *from = row + (size_t)canvas->x * canvas->planes;
    uint16_t *to = samples + (y - canvas->y) * stride;
    for (size_t i = 0; i < n; i++)
      to[i] = from[i];
  }
  return IDF_OK;
}

idf_status idf_canvas_pixels(const idf_canvas *canvas, idf_mem *mem, bool plain, uint16_t *samples,
                             size_t stride)
{
  const idf_recipe_picture picture = picture_of(canvas, plain);
  const int16_t *coef[IDF_RECIPE_COMPONENTS] = {NULL};
  idf_recipe *recipe;
  idf_status status = idf_recipe_new(mem, &picture, &recipe);

  if (status != IDF_OK)
    return status;
  uint8_t *row = idf_alloc(mem, (size_t)picture.width * canvas->planes, 1);
  for (unsigned p = 0; p < canvas->planes; p++)
    coef[p] = canvas->coefs.plane[p].coef;
  status = row ? idf_recipe_give(recipe, coef, canvas->coefs.mcu_rows) : idf_mem_status(mem);
  if (status == IDF_OK)
    status = take_rows(canvas, recipe, row, samples, stride);
  idf_free(mem, row);
  idf_recipe_free(recipe);
  return status;
}
