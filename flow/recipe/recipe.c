/* SPDX-License-Identifier: BSD-3-Clause
 *
 * recipe.c: see recipe.h. Of each component the rows of two MCU rows are kept in turn: the
 * picture's rows on the border of two look at one row beyond it, never at more.
 * idf(5), "PIXELS OF A JPEG FILE".
 */
#include "recipe.h"

#include "recipe_block.h"
#include "recipe_row.h"

#define MARGIN 16 /* bytes before a row's first sample and after its last block */

typedef struct plane {
  uint32_t width, height; /* samples that belong to the picture */
  uint32_t across;        /* blocks of a row of the caller's */
  unsigned v, down;       /* sampling factor; the picture's rows for one of these */
  idf_recipe_row row;     /* what does not change from row to row */
  const idf_recipe_widener *widener;
  const uint16_t *step;
  uint8_t *rows; /* 16 * v; row y is y % (16 * v) */
  size_t pitch;
} plane;

struct idf_recipe {
  idf_mem *mem;
  idf_recipe_picture picture;
  plane plane[IDF_RECIPE_COMPONENTS];
  uint32_t mcu_rows, made; /* MCU rows: all, and those whose samples are or were there */
  uint32_t first, end;     /* of the caller's band */
  const int16_t *coef[IDF_RECIPE_COMPONENTS];
  uint32_t next; /* row of the picture */
  idf_status status;
};

static uint32_t quotient_up(uint32_t a, uint32_t b)
{
  return (a + b - 1) / b;
}

idf_recipe_form idf_recipe_form_of(unsigned components, const uint8_t *ids, bool jfif,
                                   int transform)
{
  if (components == 3) {
    if (jfif)
      return IDF_RECIPE_YCC;
    if (transform >= 0)
      return transform == 0 ? IDF_RECIPE_PLAIN : IDF_RECIPE_YCC;
    return ids[0] == 'R' && ids[1] == 'G' && ids[2] == 'B' ? IDF_RECIPE_PLAIN : IDF_RECIPE_YCC;
  }
  return components == 4 && transform > 0 ? IDF_RECIPE_YCCK : IDF_RECIPE_PLAIN;
}

/* ---- new and free ------------------------------------------------------------------------ */

typedef struct factors {
  unsigned h, v;
} factors;

/* The largest ones. */
static idf_status check(const idf_recipe_picture *picture, factors *most)
{
  static const unsigned needs[IDF_RECIPE_FORMS] = {0, 3, 4};
  const unsigned n = picture->components;
  *most = (factors){0, 0};
  if (n < 1 || n > IDF_RECIPE_COMPONENTS || (unsigned)picture->form >= IDF_RECIPE_FORMS
      || (needs[picture->form] != 0 && needs[picture->form] != n))
    return IDF_ERR_ARGUMENT;
  if (picture->width < 1 || picture->width > IDF_RECIPE_SIDE_MAX || picture->height < 1
      || picture->height > IDF_RECIPE_SIDE_MAX)
    return IDF_ERR_ARGUMENT;
  for (unsigned c = 0; c < n; c++) {
    const idf_recipe_component *component = &picture->component[c];
    if (component->h < 1 || component->h > IDF_RECIPE_FACTOR_MAX || component->v < 1
        || component->v > IDF_RECIPE_FACTOR_MAX)
      return IDF_ERR_ARGUMENT;
    most->h = IDF_MAX(most->h, component->h);
    most->v = IDF_MAX(most->v, component->v);
  }
  for (unsigned c = 0; c < n; c++)
    if (most->h % picture->component[c].h != 0 || most->v % picture->component[c].v != 0)
      return IDF_ERR_UNSUPPORTED;
  return IDF_OK;
}

/* Sizes: a side is below 2^16, so that a row has at most 2^13 blocks. */
static bool plane_init(plane *p, idf_mem *mem, const idf_recipe_picture *picture, unsigned c,
                       factors most)
{
  const idf_recipe_component *component = &picture->component[c];
  const unsigned wide = most.h / component->h;
  p->v = component->v;
  p->down = most.v / component->v;
  p->step = component->step;
  p->width = quotient_up(picture->width, wide);
  p->height = quotient_up(picture->height, p->down);
  p->across = quotient_up(picture->width, 8 * most.h) * component->h;
  p->widener = idf_recipe_widener_of(wide, p->down, p->width, picture->repeat);
  p->pitch = 2 * MARGIN + (size_t)8 * quotient_up(p->width, 8);
  p->row = (idf_recipe_row){.width = picture->width, .across = wide};
  p->rows = idf_alloc(mem, (size_t)16 * p->v, p->pitch);
  p->row.out = idf_alloc(mem, 1, (size_t)picture->width + MARGIN);
  p->row.sums = idf_alloc(mem, (size_t)p->width + 2, sizeof *p->row.sums);
  return p->rows && p->row.out && p->row.sums;
}

idf_status idf_recipe_new(idf_mem *mem, const idf_recipe_picture *picture, idf_recipe **recipe)
{
  factors most;
  idf_status status = check(picture, &most);

  *recipe = NULL;
  if (status != IDF_OK)
    return status;
  idf_recipe *r = idf_alloc(mem, 1, sizeof *r);
  if (!r)
    return idf_mem_status(mem);
  r->mem = mem;
  r->picture = *picture;
  r->mcu_rows = quotient_up(picture->height, 8 * most.v);
  for (unsigned c = 0; c < picture->components; c++)
    if (!plane_init(&r->plane[c], mem, &r->picture, c, most)) {
      status = idf_mem_status(mem);
      idf_recipe_free(r);
      return status;
    }
  *recipe = r;
  return IDF_OK;
}

void idf_recipe_free(idf_recipe *recipe)
{
  if (!recipe)
    return;
  for (unsigned c = 0; c < recipe->picture.components; c++) {
    idf_free(recipe->mem, recipe->plane[c].rows);
    idf_free(recipe->mem, recipe->plane[c].row.out);
    idf_free(recipe->mem, recipe->plane[c].row.sums);
  }
  idf_free(recipe->mem, recipe);
}

uint32_t idf_recipe_mcu_rows(const idf_recipe *recipe)
{
  return recipe->mcu_rows;
}

/* ---- coefficients to rows of components --------------------------------------------------- */

static uint8_t *plane_row(const plane *p, uint32_t y)
{
  return p->rows + MARGIN + y % (16 * p->v) * p->pitch;
}

/* Eight rows from row y on, from the blocks that hold samples. */
static bool make_blocks(const plane *p, uint32_t y, const int16_t *coef)
{
  const uint32_t used = quotient_up(p->width, 8);
  uint8_t *out = plane_row(p, y);
  bool tame = true;
  for (uint32_t x = 0; x < used; x++)
    tame = idf_recipe_block(coef + (size_t)64 * x, p->step, out + 8 * (size_t)x, p->pitch) && tame;
  for (unsigned i = 0; i < 8; i++, out += p->pitch) {
    out[-1] = out[0];
    out[p->width] = out[p->width - 1];
  }
  return tame;
}

static idf_status make_mcu_row(idf_recipe *r)
{
  bool tame = true;
  for (unsigned c = 0; c < r->picture.components; c++) {
    const plane *p = &r->plane[c];
    for (unsigned i = 0; i < p->v; i++) {
      const uint32_t y = 8 * (r->made * p->v + i);
      const size_t block = (size_t)((r->made - r->first) * p->v + i) * p->across;
      if (y < p->height)
        tame = make_blocks(p, y, r->coef[c] + 64 * block) && tame;
    }
  }
  r->made++;
  return tame ? IDF_OK : IDF_ERR_UNSUPPORTED;
}

idf_status idf_recipe_give(idf_recipe *recipe, const int16_t *const coef[IDF_RECIPE_COMPONENTS],
                           uint32_t count)
{
  if (recipe->made != recipe->end || count < 1 || count > recipe->mcu_rows - recipe->end)
    return IDF_ERR_ARGUMENT;
  for (unsigned c = 0; c < recipe->picture.components; c++)
    recipe->coef[c] = coef[c];
  recipe->first = recipe->end;
  recipe->end += count;
  return IDF_OK;
}

/* ---- rows of components to rows of the picture --------------------------------------------- */

/* The component's row beside that of the picture's row y; the border's is beside itself. */
static uint32_t beside_of(const plane *p, uint32_t y)
{
  const uint32_t at = y / p->down;
  if (!p->widener->smooth_down)
    return at;
  if (y % 2 == 0)
    return at == 0 ? at : at - 1;
  return at + 1 == p->height ? at : at + 1;
}

static bool is_made(const idf_recipe *r, uint32_t y)
{
  bool all = true;
  for (unsigned c = 0; c < r->picture.components; c++) {
    const plane *p = &r->plane[c];
    const uint32_t rows = 8 * p->v * r->made;
    all = all && y / p->down < rows && beside_of(p, y) < rows;
  }
  return all;
}

static const uint8_t *widened(plane *p, uint32_t y)
{
  const uint8_t *in = plane_row(p, y / p->down);
  if (!p->widener->run)
    return in;
  p->row.in = in;
  p->row.beside = plane_row(p, beside_of(p, y));
  p->row.odd = y % 2 != 0;
  p->widener->run(&p->row);
  return p->row.out;
}

idf_status idf_recipe_take(idf_recipe *recipe, uint8_t *row, bool *got)
{
  const uint8_t *in[IDF_RECIPE_COMPONENTS] = {NULL};
  const idf_recipe_picture *picture = &recipe->picture;

  *got = false;
  if (recipe->status == IDF_OK && recipe->next == picture->height)
    return IDF_OK;
  while (recipe->status == IDF_OK && !is_made(recipe, recipe->next)) {
    if (recipe->made == recipe->end)
      return IDF_OK;
    recipe->status = make_mcu_row(recipe);
  }
  if (recipe->status != IDF_OK)
    return recipe->status;
  for (unsigned c = 0; c < picture->components; c++)
    in[c] = widened(&recipe->plane[c], recipe->next);
  idf_recipe_colour(picture->form, picture->components, picture->width, row, in);
  recipe->next++;
  *got = true;
  return IDF_OK;
}
