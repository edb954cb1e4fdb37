/* SPDX-License-Identifier: BSD-3-Clause
 *
 * coefs_block.h: one block of coefficients: what is known before it and what it leaves for others.
 * How that becomes contexts is in coefs_body.h.
 */
#ifndef IDF_FLOW_COEFS_BLOCK_H
#define IDF_FLOW_COEFS_BLOCK_H

#include "bank.h"
#include "coefs.h"
#include "fixed.h"

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
  /* Where DC is expected from pixels: last row, the one before, last column, the one before,
   * without level shift, Q4. */
  int16_t pixel[4][8];
  /* Where it is expected from borders alone: DC at the right and lower border, Q7 of value. */
  int32_t dc_right, dc_below;
} idf_coefs_edge;

/* A plane within a band. */
typedef struct idf_coefs_work {
  const idf_coefs_plane *plane;
  unsigned kind;         /* 0 luma, 1 chroma: chooses statistics */
  uint32_t first, rows;  /* rows of blocks of the band */
  idf_coefs_note *notes; /* owned: across * rows */
  idf_coefs_edge *edges; /* owned: of two rows; row y is at (y & 1) * across */
  /* 2^32 times 4 over step * basis at the border; likewise 2 over step; see coefs_body.h. */
  uint32_t by_row[64], by_column[64], by_step[64];
  int16_t most[64]; /* 32767 / step */
} idf_coefs_work;

/* Magnitudes of a block with two columns and rows of zeros around. */
#define IDF_COEFS_PAD 12
#define IDF_COEFS_PADDED(q) (((q >> 3) + 2) * IDF_COEFS_PAD + (q & 7) + 2)

/* A block and what is around it. */
typedef struct idf_coefs_site {
  const idf_coefs_work *work;
  bool has_w, has_n;
  const int16_t *w, *n, *nw, *ne, *ww, *nn; /* blocks around; zeros beyond the band */
  const idf_coefs_note *note_w, *note_n, *note_nw, *note_ne;
  const idf_coefs_edge *edge_w, *edge_n;
  /* Of a plane before, at the same place. */
  const int16_t *luma, *other; /* zeros if there is no single such block */
  const idf_coefs_note *other_note;
  uint32_t luma_count;
  idf_coefs_edge *edge;      /* its own, borders by frequency so far */
  uint32_t sum;              /* of magnitudes of coefficients */
  uint32_t rows_used;        /* bit u: there is a coefficient of vertical frequency u */
  idf_coefs_note note;       /* its own */
  const int16_t *lumas[16];  /* the blocks of luma at the same place */
  unsigned luma_blocks;      /* of them; 0 for luma */
  int16_t luma_sum[64];      /* their magnitudes, at most 4000 */
  int16_t level[64];         /* 2 (W + N) + NW + NE of magnitudes cut to 4000 */
  int16_t wide[64];          /* that and WW + NN */
  int16_t coef[64];          /* coded so far */
  int16_t value[64];         /* times step, cut to 16 bits */
  int32_t row[8], column[8]; /* sums of them at the left and upper border, Q13 */
  int16_t magnitude[IDF_COEFS_PAD * IDF_COEFS_PAD]; /* of value */
  int16_t pixel[8][8];                              /* without DC, Q4: set by idf_coefs_by_pixels */
} idf_coefs_site;

/* What the blocks at the left and above expect of DC, times 2: pixels in Q4. */
typedef struct idf_coefs_estimate {
  int32_t mean, by_n, by_w; /* of both, of each side */
  int32_t spread, range;    /* of most estimates, of all */
} idf_coefs_estimate;

/* Of a block: 12 of counts, and for each coefficient that it is not 0, a sign, 16 of the
 * magnitude's length and 16 of its bits. */
#define IDF_COEFS_DECISIONS 2188

/* How blocks are coded: shapes of the coder (coefs.h). */
typedef struct idf_coefs_shape {
  unsigned line_bits; /* of the bank, at most */
  uint32_t sets;      /* of weights */
  unsigned contexts;  /* of a symbol */
  /* What weights start from: rows of `contexts` + 1 numbers in Q13, the last the constant's; and
   * the row of a set. */
  const int16_t *start;
  unsigned rows;
  uint32_t (*row_of)(uint32_t set);
  /* Codes the block at `site` in no more than IDF_COEFS_DECISIONS, with coefficients that an
   * encoder reads from `input`. */
  void (*block)(idf_bank *bank, idf_coefs_site *site, const int16_t *input);
} idf_coefs_shape;

extern const idf_coefs_shape idf_coefs_full, idf_coefs_lean;

/* cos(m pi / 16) / 2 in Q13, m = 0 .. 7: basis functions of the orthonormal 8-point DCT at the
 * border; that of frequency 0 is sqrt(1 / 8). */
extern const int16_t idf_coefs_border[8];

/* Sums of weights by row, for the making of starts: of each context, the constant, and how much
 * they weigh. */
typedef int64_t idf_coefs_learnt[IDF_BANK_CONTEXTS + 2];

/* Adds to sum[row of the shape] what coding a band has made of the weights. Memory errors. */
idf_status idf_coefs_learn(idf_mem *mem, const idf_coefs *coefs, unsigned shape, uint32_t band,
                           idf_coefs_learnt *sum);

/* Reciprocals of steps, once a plane. */
void idf_coefs_prepare(idf_coefs_work *work);

/* Looks around block (x, y), y counted from the band's first row, of work[p]; planes before p are
 * complete. */
void idf_coefs_look(idf_coefs_site *site, const idf_coefs_work *work, unsigned p, uint32_t x,
                    uint32_t y);
/* Fills level and wide, and luma_sum. */
void idf_coefs_sum_around(idf_coefs_site *site);
void idf_coefs_sum_before(idf_coefs_site *site);
/* After all AC coefficients: what is expected of DC, by the pixels at the borders or, roughly, by
 * what the borders are on average. */
idf_coefs_estimate idf_coefs_by_pixels(idf_coefs_site *site);
idf_coefs_estimate idf_coefs_by_borders(idf_coefs_site *site);
/* After DC: what others will want for such estimates. */
void idf_coefs_leave_pixels(const idf_coefs_site *site);
void idf_coefs_leave_borders(const idf_coefs_site *site);

/* Sets a coefficient that is not 0. */
static inline void idf_coefs_set(idf_coefs_site *site, unsigned q, int32_t v)
{
  const idf_coefs_work *work = site->work;
  const unsigned row = q >> 3, column = q & 7;
  v = idf_clamp(v, -32767, 32767);
  const int32_t value = idf_clamp(v, -work->most[q], work->most[q]) * (int32_t)work->plane->step[q];
  const int32_t by_row = value * idf_coefs_border[column];
  const int32_t by_column = value * idf_coefs_border[row];
  site->coef[q] = (int16_t)v;
  site->value[q] = (int16_t)value;
  site->magnitude[IDF_COEFS_PADDED(q)] = (int16_t)(value < 0 ? -value : value);
  site->sum += (uint32_t)(v < 0 ? -v : v);
  site->rows_used |= 1u << row;
  site->row[row] += by_row;
  site->column[column] += by_column;
  site->edge->right[row] += column & 1 ? -by_row : by_row;
  site->edge->below[column] += row & 1 ? -by_column : by_column;
}

#endif
