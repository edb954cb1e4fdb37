/* SPDX-License-Identifier: BSD-3-Clause
 *
 * coefs.h: the quantised coefficients of a JPEG picture to streams and back.
 *
 * A picture is cut into bands of whole rows of MCUs, about IDF_COEFS_BAND rows of pixels each.
 * A band is a stream of its own: bands are coded in any order, by any thread, and memory for the
 * model is that of the bands at work. In a band the planes follow one another, in each the blocks
 * in raster order: how many of the 7x7 coefficients without zero frequency are not 0, these in
 * zigzag order up to the last, then the same for the first row and the first column, then the
 * difference of DC from what the borders of the neighbours let expect (coefs_block.c).
 */
#ifndef IDF_FLOW_COEFS_H
#define IDF_FLOW_COEFS_H

#include "bytes.h"
#include "cancel.h"
#include "mem.h"

#define IDF_COEFS_PLANES 4
#define IDF_COEFS_BAND 512 /* rows of pixels of a band, at least, but for the last */

/* One component. Block (x, y) is coef[64 * (y * across + x)] on: 8 rows of 8 frequencies, the
 * horizontal one rising along a row. */
typedef struct idf_coefs_plane {
  uint32_t across, down; /* blocks: a multiple of h and of v */
  unsigned h, v;         /* sampling factors, 1 to 4 */
  uint16_t step[64];     /* of the quantiser, at least 1; as the coefficients are ordered */
  int16_t *coef;         /* 64 * across * down, within +-32767; borrowed */
} idf_coefs_plane;

typedef struct idf_coefs {
  unsigned planes; /* 1 to 4 */
  unsigned v_most; /* the largest v */
  uint32_t mcu_rows;
  idf_cancel *cancel; /* polled between rows of blocks: IDF_ERR_CANCELLED; or NULL */
  idf_coefs_plane plane[IDF_COEFS_PLANES];
} idf_coefs;

/* Bands of a picture, at least 1. */
uint32_t idf_coefs_bands(const idf_coefs *coefs);

/* Shapes of the coder: a number that the streams themselves do not hold. */
enum {
  IDF_COEFS_FULL = 0, /* the smallest streams */
  IDF_COEFS_LEAN = 1, /* three times as fast */
  IDF_COEFS_SHAPES = 2
};

/* Appends the stream of one band. *bits, if not NULL, grows by -log2 of the model's probability.
 * Distinct bands may be coded by distinct threads. Errors: memory, IDF_ERR_CANCELLED, and
 * IDF_ERR_UNSUPPORTED for a shape that does not exist. */
idf_status idf_coefs_encode(idf_mem *mem, const idf_coefs *coefs, unsigned shape, uint32_t band,
                            idf_buf *out, double *bits);
/* Fills the coefficients of one band from its stream. IDF_ERR_CORRUPT, IDF_ERR_TRUNCATED,
 * IDF_ERR_UNSUPPORTED and IDF_ERR_CANCELLED as above, or memory; then the band's coefficients are
 * any numbers. */
idf_status idf_coefs_decode(idf_mem *mem, idf_coefs *coefs, unsigned shape, uint32_t band,
                            const uint8_t *data, size_t len, double *bits);

#endif
