/* SPDX-License-Identifier: BSD-3-Clause
 *
 * compare.h: where the samples of two pictures differ, and by how much.
 */
#ifndef IDF_COMPARE_H
#define IDF_COMPARE_H

#include <stdbool.h>

#include "idf.h"

/* Zeros: nothing differs. Places are in pixels from the top left; valid if `pixels` is not 0. */
typedef struct idf_difference {
  uint64_t pixels;        /* that differ in a sample or more */
  uint32_t x, y;          /* the first, by rows */
  uint32_t left, top;     /* the least rectangle around all */
  uint32_t right, bottom; /* its last column and row */
  uint32_t largest;       /* between two samples */
  unsigned channel;       /* of the first largest */
} idf_difference;

/* Adds `count` rows of two pictures of `info`, the first of which is row `y`. Rows come in order,
 * each once. Thread rule: different structs may be used at the same time. */
void idf_compare_rows(idf_difference *difference, const idf_info *info, const void *a,
                      const void *b, uint32_t y, uint32_t count);

/* The name of a channel, "red"; "index" for palettes, "" for channels that are not there. */
const char *idf_channel_name(idf_layout layout, unsigned channel);

#endif
