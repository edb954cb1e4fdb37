/* SPDX-License-Identifier: BSD-3-Clause
 *
 * sites.h: the samples of one plane that share a time, side by side: one array for
 * each of their numbers, one place in it for each lane.
 *
 * Everything here is a loop over lanes without branches, which any compiler turns
 * into SIMD. Loops run over whole blocks of 16 places: what lies past `count` is
 * left over from earlier steps, harmless and ignored.
 */
#ifndef IDF_FLOW_SITES_H
#define IDF_FLOW_SITES_H

#include "fixed.h"
#include "level.h"
#include "net.h"

/* max - min up to here makes a plane `fine`. */
#define IDF_FINE_SPAN 510

#define IDF_SITES 64       /* at most: 4096 columns / 64 */
#define IDF_SITES_BLOCK 16

typedef struct idf_sites {
  int n;    /* sites, rounded up to whole blocks */
  int unit; /* shift: see fixed.h */
  bool blocks; /* see flow.h */
  int32_t min, max; /* of samples */

  /* Given: predictions in Q6, error level in Q4 units (1 .. 8192), mean of the nearest
   * neighbours, the network's sums in Q15, and 9 or 27 combinations of signs (refine.h). */
  int32_t local[IDF_SITES], wide[IDF_SITES], level[IDF_SITES], mean[IDF_SITES];
  int32_t out[IDF_NET_OUTPUTS][IDF_SITES];
  int32_t signs[IDF_SITES];
  int32_t cell[IDF_SITES]; /* 8 (y mod 8) + x mod 8, or 0 without blocks (flow.h) */

  /* idf_sites_show: what the head sees of the predictions. */
  int32_t show_local[IDF_SITES], show_wide[IDF_SITES], show_level[IDF_SITES];

  /* idf_sites_propose: the logistic's location in Q6 and its scale index, within the table;
   * then idf_refine_move: location within the range of samples, bins for refine.h. */
  int32_t mu[IDF_SITES], scale[IDF_SITES], bin[IDF_SITES], broad[IDF_SITES];

  /* idf_sites_bound, where `fine`: the same as idf_prior's members of these names. */
  bool fine; /* samples of at most 9 bits: no bucket holds two, and 32 bits suffice */
  int32_t centre[IDF_SITES], frac[IDF_SITES], lo[IDF_SITES], hi[IDF_SITES], total[IDF_SITES];

  /* The interval [below, above) of sample `first`: see idf_sites_weigh and _guess. */
  int32_t slot[IDF_SITES];
  int32_t first[IDF_SITES], below[IDF_SITES], above[IDF_SITES];

  /* Given: the sample. idf_sites_settle: what later samples ask of it. */
  int32_t sample[IDF_SITES];
  int32_t error[IDF_SITES], error_code[IDF_SITES], error_sign[IDF_SITES]; /* as in field.h */
  int32_t miss[IDF_SITES], relative[IDF_SITES], offset[IDF_SITES];        /* as heads see it */

  /* idf_refine_slope: Q8 bits by location, and by each output. */
  int32_t by_location[IDF_SITES], slope[IDF_NET_OUTPUTS][IDF_SITES];
} idf_sites;

/* Network inputs from local, wide, level, mean. */
void idf_sites_show(idf_sites *s);
/* mu and scale from predictions, level and the network's outputs. */
void idf_sites_propose(idf_sites *s);
/* From mu and scale; needs `fine`. */
void idf_sites_bound(idf_sites *s);
/* For whom codes: first is the sample, or what is nearest to it in [lo, hi). Needs `fine`. */
void idf_sites_weigh(idf_sites *s);
/* For whom decodes: first is likely to be the sample whose interval holds the slot, for sites
 * [from, from + 16); where it is not, slot is outside [below, above). Needs `fine`. */
void idf_sites_guess(idf_sites *s, int from);
/* From sample, local, mean, mu, scale. */
void idf_sites_settle(idf_sites *s);

/* 9 log2(v), 1 <= v <= 8192: the measure in which the network sees errors. */
static inline int32_t idf_log_code(uint32_t v)
{
  return (int32_t)((idf_log2_q8(v) * 9) >> 8);
}

#endif
