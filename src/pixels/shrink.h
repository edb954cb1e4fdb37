/* SPDX-License-Identifier: BSD-3-Clause
 *
 * shrink.h: rows of a picture that is 2, 4 or 8 times smaller in both directions.
 *
 * A pixel is the average of a box of pixels, rounded to nearest, halves up; boxes at the right and
 * bottom border have what is there. With alpha, colours count as much as their alpha: what cannot
 * be seen tints nothing. So the colour is sum(c * a) / sum(a), and sum(c) / n where all is
 * transparent; alpha is sum(a) / n. Averages are of the stored values: no gamma is removed.
 *
 * The average is rounded once. So samples of fewer than 8 bits become 8: their average has more
 * bits than they have.
 */
#ifndef IDF_SHRINK_H
#define IDF_SHRINK_H

#include "idf.h"
#include "mem.h"

#define IDF_SHRINK_MOST 3u /* log2 of the side of a box */

typedef struct idf_shrink idf_shrink;

/* The format of the smaller picture. `info` has no palette. */
idf_info idf_shrink_info(const idf_info *info, unsigned scale);

/* `max`: the largest value of a sample. NULL without memory. */
idf_shrink *idf_shrink_new(idf_mem *mem, const idf_info *info, uint32_t max, unsigned scale);
void idf_shrink_free(idf_mem *mem, idf_shrink *shrink); /* NULL is allowed */

/* Adds the next row of the picture. True: a row of boxes is complete; idf_shrink_take must be
 * called before the next row is added. */
bool idf_shrink_add(idf_shrink *shrink, const uint16_t *samples);
/* Writes the row of the smaller picture. */
void idf_shrink_take(idf_shrink *shrink, uint16_t *samples);

#endif
