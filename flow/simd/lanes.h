/* SPDX-License-Identifier: BSD-3-Clause
 *
 * lanes.h: the samples of one plane that are coded in the same time step, as a structure of arrays:
 * one array for each quantity, one element for each lane (field.h: strip a is lane a).
 *
 * Lanes without a sample hold values that some sample could have had. Their results are ignored.
 */
#ifndef IDF_FLOW_LANES_H
#define IDF_FLOW_LANES_H

#include "blocks.h"
#include "prior.h"

#define IDF_SITES 64 /* at most: 4096 columns / 64 */

typedef struct idf_sites {
  int32_t strip; /* columns of a lane's strip */
  int lo, hi;    /* range of lanes with a sample; a lower lane is a lower row of the picture */
  int32_t row, column;     /* of lane 0; lane k is at (column + strip k, row - k) */
  int32_t live[IDF_SITES]; /* -1 in lanes with a sample, else 0 */
  int unit;                /* shift: see fixed.h */
  bool blocks;             /* see flow.h */
  bool offsets_only;       /* do not refine the network's outputs: refine.h */
  int32_t min, max;        /* range of the samples */

  /* Inputs: predictions in Q6, error level in Q4 units (1 .. 8192), mean of the nearest neighbours,
   * the network's sums in Q15, and one of 9 or 27 combinations of signs (refine.h). */
  int32_t local[IDF_SITES], wide[IDF_SITES], level[IDF_SITES], mean[IDF_SITES];
  int32_t octaves[IDF_SITES]; /* idf_log2_q8 of the level */
  int32_t out[IDF_NET_OUTPUTS][IDF_SITES];
  int32_t signs[IDF_SITES];
  int32_t cell[IDF_SITES]; /* 8 (y mod 8) + x mod 8, or 0 without blocks (flow.h) */

  /* Set by idf_sites_show: what the head sees of the predictions. */
  int32_t show_local[IDF_SITES], show_wide[IDF_SITES], show_level[IDF_SITES];

  /* Set by idf_sites_propose: the logistic's location in Q6, and its scale index, within the table.
   * Then by idf_refine_move: the location within the range of samples, and the bins of refine.h. */
  int32_t mu[IDF_SITES], scale[IDF_SITES], bin[IDF_SITES], broad[IDF_SITES];

  /* Set by idf_sites_centre: the rounded location; the sample is centre + latent. Then, if `fine`,
   * sites_bound of kernels.h sets the others, which equal the members of idf_prior of these
   * names. */
  bool fine; /* samples of at most 9 bits: buckets are single samples, 32 bits suffice */
  int32_t centre[IDF_SITES], frac[IDF_SITES], lowest[IDF_SITES], end[IDF_SITES], total[IDF_SITES];

  /* The interval [below, above) of sample `first`: see sites_weigh and sites_guess. */
  int32_t slot[IDF_SITES];
  int32_t first[IDF_SITES], below[IDF_SITES], above[IDF_SITES];

  /* Set by sites_weigh: the interval as rans.h records it, the last lane's first (lane i is number
   * IDF_SITES - 1 - i). `odd` says whether `first` differs from the sample in some lane with a
   * sample. */
  uint32_t record[IDF_SITES];
  bool odd;

  /* Inputs: the sample, and the latent that is coded for it. idf_sites_settle sets the rest, which
   * later samples use. */
  int32_t sample[IDF_SITES], latent[IDF_SITES];
  int32_t error[IDF_SITES], error_code[IDF_SITES], error_sign[IDF_SITES]; /* as in field.h */
  int32_t miss[IDF_SITES], relative[IDF_SITES], offset[IDF_SITES];        /* as heads see it */

  /* Set by idf_refine_slope: gradients in Q8 bits, by location and by each output. */
  int32_t by_location[IDF_SITES], slope[IDF_NET_OUTPUTS][IDF_SITES];

  /* By lane: the site of each sample, with the occurrence prior or for a probe. NULL otherwise;
   * idf_sites_prior then says everything. */
  const struct idf_site *site;
} idf_sites;

/* The prior of lane i, if it is `fine`. */
static inline idf_fine idf_fine_of(const idf_sites *s, int i)
{
  return (idf_fine){s->scale[i], s->centre[i], s->frac[i], s->lowest[i], s->end[i], s->total[i]};
}

#endif
