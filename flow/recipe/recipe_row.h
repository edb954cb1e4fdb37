/* SPDX-License-Identifier: BSD-3-Clause
 *
 * recipe_row.h: rows of components to the picture's width and height, and to its colour.
 *
 * A component with half the picture's rate is interpolated in that direction: a new sample lies
 * a quarter from its nearer old one, which weighs 3, and the next one 1. Halves are rounded down
 * and up in turn. All other rates repeat samples.
 */
#ifndef IDF_FLOW_RECIPE_ROW_H
#define IDF_FLOW_RECIPE_ROW_H

#include "recipe.h"

/* `in` has samples -1 to n, where n = ceil(width / across): those at -1 and n repeat their
 * neighbours. `beside` is the row above for even rows of the picture, for odd ones that below, or
 * `in` itself at the picture's border; width samples go to out, or one more. `sums` has room for
 * n + 2. */
typedef struct idf_recipe_row {
  uint8_t *out;
  const uint8_t *in, *beside;
  uint16_t *sums;
  uint32_t width;
  unsigned across; /* the picture's samples for one of the component's: 1 to 4 */
  bool odd;        /* the row of the picture */
} idf_recipe_row;

typedef struct idf_recipe_widener {
  void (*run)(const idf_recipe_row *row); /* NULL: the row is as it is */
  bool smooth_down;                       /* looks at row->beside */
} idf_recipe_widener;

/* For rates of `across` and `down` and n samples a row. libjpeg repeats samples where n is at
 * most 2, but for smoothing down alone; with `repeat`, always. */
const idf_recipe_widener *idf_recipe_widener_of(unsigned across, unsigned down, uint32_t n,
                                                bool repeat);

/* Interleaves `width` samples of each component; a form other than plain changes their colour. */
void idf_recipe_colour(idf_recipe_form form, unsigned components, uint32_t width, uint8_t *out,
                       const uint8_t *const in[IDF_RECIPE_COMPONENTS]);

#endif
