/* SPDX-License-Identifier: BSD-3-Clause
 *
 * luma.h: how bright pixels are, for drawing something over a picture.
 */
#ifndef IDF_LUMA_H
#define IDF_LUMA_H

#include <stdbool.h>

#include "idf.h"

/* Makes 0 to 255 of each of info->width pixels, by the weights of BT.601. `samples`: one row, laid
 * out as idf.h says. palette: red, green and blue of `colours` indices; others are black. NULL for
 * other layouts. Alpha is not considered. */
void idf_luma_row(const idf_info *info, const void *samples, const uint8_t *palette, size_t colours,
                  uint8_t *luma);

#endif
