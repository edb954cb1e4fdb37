/* SPDX-License-Identifier: BSD-3-Clause
 *
 * walk_state.h: the state of a walk over a tile. It is private to walk.c and to the predictors
 * (predictor.h).
 */
#ifndef IDF_FLOW_WALK_STATE_H
#define IDF_FLOW_WALK_STATE_H

#include <string.h>

#include "field.h"
#include "flow_types.h"
#include "kernels.h"
#include "leastsq.h"
#include "linear_blocks.h"
#include "occur.h"
#include "refine.h"
#include "shape.h"
#include "site.h"
#include "sites.h"

#define IDF_BLOCKS (IDF_SITES / IDF_BLOCK)

/* Regressors in pairs: those of the own plane, then those of each earlier plane. Regressor i in the
 * order of coefficients (leastsq.h) is half i % 2 of pair i / 2. */
#define IDF_PAIRS_OWN (IDF_TAPS_OWN / 2) /* at most: the first plane's */
#define IDF_PAIRS_CROSS (IDF_TAPS_CROSS / 2)
#define IDF_PAIRS_ALL (IDF_TAPS_LATER / 2 + (IDF_FLOW_PLANES - 1) * IDF_PAIRS_CROSS)
_Static_assert(IDF_TAPS_OWN % 2 == 0 && IDF_TAPS_LATER % 2 == 0 && IDF_TAPS_CROSS % 2 == 0
                   && IDF_PAIRS_ALL >= IDF_PAIRS_OWN,
               "regressors are in pairs");

/* Offsets into the input of a trunk made for `n` planes, 3 or 1. The taps come first. */
#define IDF_IN_ERROR(n) ((n)*IDF_TAPS)                        /* 10 error codes per plane */
#define IDF_IN_SIGN(n) (IDF_IN_ERROR(n) + (n)*IDF_TAPS_ERROR) /* errors of W and N per plane */
#define IDF_IN_EXPERTS(n) (IDF_IN_SIGN(n) + (n)*2) /* first plane: local - mean, wide - local */
#define IDF_IN_LEVEL(n) (IDF_IN_EXPERTS(n) + 2)    /* log error level of each plane */
#define IDF_FURTHER 38 /* follow the level in the network for one plane: see look_further() */
/* In the input of a head, the extras follow the trunk's outputs: local, wide, level, then four
 * values for each earlier plane; the last one is 0. */
#define IDF_EARLIER (4 * (IDF_FLOW_PLANES - 1))

enum { IDF_LOCAL, IDF_WIDE, IDF_EXPERTS };

/* What the lanes of a block see at the current step, by plane. */
typedef struct idf_seen {
  int32_t mean[IDF_FLOW_PLANES][IDF_BLOCK];    /* of the four nearest neighbours */
  int32_t level[IDF_FLOW_PLANES][IDF_BLOCK];   /* of errors, units in Q4: 1 .. 8192 */
  int32_t octaves[IDF_FLOW_PLANES][IDF_BLOCK]; /* idf_log2_q8 of the level */
  /* Samples - mean in those cells of the window that are taps, and in the pixel itself once it is
   * known: in d if wave.narrow is set, else in d32. Those in d are also stored as pairs of
   * regressors. */
  int16_t d[IDF_FLOW_PLANES][IDF_WINDOW][IDF_BLOCK];
  int32_t d32[IDF_FLOW_PLANES][IDF_WINDOW][IDF_BLOCK];
  idf_pairs own[IDF_FLOW_PLANES][IDF_PAIRS_OWN];
  idf_pairs cross[IDF_FLOW_PLANES - 1][IDF_PAIRS_CROSS];
  int32_t earlier[IDF_EARLIER + 1][IDF_BLOCK]; /* what heads see of earlier planes */
  idf_pairs trunk_in[IDF_NET_INPUTS / 2];
  idf_pairs head_in[IDF_NET_HEAD];
  int16_t missed[IDF_FLOW_PLANES][IDF_BLOCK]; /* set by idf_wave_linear: errors, units in Q4 */
} idf_seen;

/* Rows of a batch that each plane adds: its taps, minus the mean, and the sample itself. */
#define IDF_BATCH_ROWS (IDF_TAPS_OWN + 1)

/* Working memory for the segments that start or end together. */
typedef struct idf_batch {
  idf_ls_block row[IDF_FLOW_PLANES][IDF_BATCH_ROWS], weight;
  idf_ls_work work;
} idf_batch;

typedef struct idf_predictor idf_predictor; /* predictor.h */

typedef struct idf_wave {
  const idf_flow *flow;
  const idf_predictor *predictor;
  const idf_flow_shape *shape;
  const idf_linear *linear; /* predictors that replace a network; or NULL */
  const idf_net *net;       /* or NULL */
  const idf_kernels *kernels;
  idf_mem *mem;
  unsigned planes, unit;
  int shown;       /* planes that the trunk has inputs for: 3, or 1 in the network for one plane */
  unsigned extras; /* pairs of a head's input before the extras */
  bool narrow;     /* differences of samples are within +-1022: they fit 16 bits, their sums 32 */
  int32_t strips;
  int32_t segment; /* columns */
  int32_t halves;  /* segments in a strip: 1 or 2 */
  int32_t t;
  ptrdiff_t near[IDF_WINDOW]; /* of lane 0, for every field */
  idf_field field[IDF_FLOW_PLANES];
  idf_ls ls[IDF_FLOW_PLANES];
  /* By lane: coefficients, and the wide solutions of rows. */
  idf_pairs coef[IDF_EXPERTS][IDF_FLOW_PLANES][IDF_BLOCKS][IDF_PAIRS_ALL];
  float solution[IDF_FLOW_PLANES][IDF_LS_MAX][IDF_SITES];
  idf_batch *batch;
  idf_refine *refine;       /* by plane */
  idf_refine_layer refined; /* what refine.h adds to the network's last layer */
  idf_seen *seen;           /* by block */
  idf_pairs hidden[IDF_BLOCKS][IDF_NET_WIDTH / 2]; /* inputs of the output layer */
  idf_sites sites;
  /* The occurrence prior, by lane. */
  bool occurrence;
  idf_occur occur;
  int32_t colour[IDF_SITES][IDF_FLOW_PLANES];
  bool unseen[IDF_FLOW_PLANES - 1][IDF_SITES]; /* the left neighbour's flag was "not seen" */
  idf_bit *flag[IDF_SITES];
  idf_site site[IDF_SITES];
} idf_wave;

/* Two int16 as they lie in memory, in a form that compilers turn into SIMD. */
static inline uint32_t idf_pair(int16_t first, int16_t second)
{
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
  return (uint32_t)(uint16_t)first << 16 | (uint16_t)second;
#else
  return (uint32_t)(uint16_t)second << 16 | (uint16_t)first;
#endif
}

static inline void idf_interleave(idf_pairs out, const int16_t *a, const int16_t *b)
{
  uint32_t pair[IDF_BLOCK];
  for (int k = 0; k < IDF_BLOCK; k++)
    pair[k] = idf_pair(a[k], b[k]);
  memcpy(out, pair, sizeof pair);
}

/* The same for 32-bit numbers that fit 16 bits. */
static inline void idf_interleave32(idf_pairs out, const int32_t *a, const int32_t *b)
{
  uint32_t pair[IDF_BLOCK];
  for (int k = 0; k < IDF_BLOCK; k++)
    pair[k] = idf_pair((int16_t)a[k], (int16_t)b[k]);
  memcpy(out, pair, sizeof pair);
}

/* Sets the coefficients of a lane, which hold until they are replaced: those of a row or of a
 * tile. */
void idf_wave_place(idf_wave *w, int expert, unsigned p, int lane, const int16_t *coef);
/* Solves the wide system, when a row starts in a lane. */
void idf_wave_row_solve(idf_wave *w, int lane);
/* Solve the local systems when a block of time (leastsq.h) starts, and update the statistics when
 * it has ended. */
void idf_wave_segments_start(idf_wave *w, int32_t block);
void idf_wave_segments_end(idf_wave *w, int32_t block);

/* Computes all that a block of lanes sees before anything of its pixels is known. */
void idf_wave_look(idf_wave *w, int block);
/* Computes the predictions for plane p, and what else sites need. */
void idf_wave_predict(idf_wave *w, unsigned p, int block);
/* Computes location and scale by linear.h alone, into sites; and, once the samples are known,
 * writes them and their errors to the field. */
void idf_wave_linear(idf_wave *w, unsigned p, int block);
void idf_wave_linear_settle(idf_wave *w, unsigned p, int block);
/* Computes what later planes will see of plane p, whose samples are now known. */
void idf_wave_look_back(idf_wave *w, unsigned p, int block);

#endif
