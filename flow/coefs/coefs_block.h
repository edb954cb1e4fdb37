/* SPDX-License-Identifier: BSD-3-Clause
 *
 * coefs_block.h: one block of coefficients through the bank: what is known before each
 * coefficient, and how it is made into contexts.
 */
#ifndef IDF_FLOW_COEFS_BLOCK_H
#define IDF_FLOW_COEFS_BLOCK_H

#include "bank.h"
#include "coefs.h"

/* The three groups of AC coefficients: both frequencies, horizontal only, vertical only. */
enum { IDF_COEFS_INNER = 0, IDF_COEFS_ROW = 1, IDF_COEFS_COLUMN = 2, IDF_COEFS_DC = 3 };

/* What later blocks want to know of a coded one. */
typedef struct idf_coefs_note {
  uint8_t count[3]; /* coefficients of each group that are not 0 */
  uint8_t spare;
  int16_t miss; /* DC less what was expected of it */
} idf_coefs_note;

/* What the block below and the block to the right want to know. */
typedef struct idf_coefs_edge {
  /* The picture at the right border by vertical frequency, at the lower border by horizontal
   * frequency: Q13. */
  int32_t right[8], below[8];
  /* Pixels without level shift, Q4: last row, the one before, last column, the one before. */
  int16_t pixel[4][8];
} idf_coefs_edge;

/* A plane within a band. */
typedef struct idf_coefs_work {
  const idf_coefs_plane *plane;
  unsigned kind;         /* 0 luma, 1 chroma: chooses statistics */
  uint32_t first, rows;  /* rows of blocks of the band */
  idf_coefs_note *notes; /* owned: across * rows */
  idf_coefs_edge *edges; /* owned: of two rows; row y is at (y & 1) * across */
  /* 2^32 times 4 over step * basis at the border; likewise 2 over step; see coefs_block.c. */
  uint32_t by_row[64], by_column[64], by_step[64];
} idf_coefs_work;

/* Numbers of weights and curves that a bank for coefficients has. */
uint32_t idf_coefs_sets(void);
uint32_t idf_coefs_curves(void);

/* Reciprocals of steps, once a plane. */
void idf_coefs_prepare(idf_coefs_work *work);

/* Codes block (x, y), y counted from the band's first row, of work[p]; planes before p are
 * complete. In a decoder the block's coefficients are written. */
void idf_coefs_block(idf_bank *bank, idf_coefs_work *work, unsigned p, uint32_t x, uint32_t y);

#endif
