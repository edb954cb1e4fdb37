/* SPDX-License-Identifier: BSD-3-Clause
 *
 * kernels.h: the loops that take the time, once for each instruction set.
 *
 * Level `none` is plain C and the definition; every other level gives the same bits.
 * All levels but that one come from one source, kernels_body.h. A table is passed from
 * caller to callee: there is no global choice. Kernels know the blocks of blocks.h and its
 * kin; the walk and all else that is compiled for a level is in level.h, above them.
 */
#ifndef IDF_FLOW_KERNELS_H
#define IDF_FLOW_KERNELS_H

#include "idf_simd.h"
#include "lanes.h"
#include "leastsq_blocks.h"
#include "linear_blocks.h"
#include "rans.h"
#include "window.h"

#define IDF_SIMD_LEVELS (IDF_SIMD_AVX512 + 1) /* numbers of levels are below */

#define IDF_RECORD_ODD UINT32_MAX /* an interval past the end */

typedef struct idf_kernels {
  idf_simd simd; /* never IDF_SIMD_AUTO */

  /* layer->inputs values of a block of lanes to layer->outputs of them: sums in Q15, or
   * rectified activations (net.h). A kernel may write up to the next multiple of 16
   * outputs, so there must be room. */
  void (*layer_sum)(const idf_layer *layer, const idf_pairs *in, int32_t (*out)[IDF_BLOCK]);
  void (*layer_rectify)(const idf_layer *layer, const idf_pairs *in, idf_pairs *out);
  /* Of a block of samples s[near[cell]] and the mean of each lane: d[cell] = sample - mean for
   * the cells of idf_taps, |d| <= 1022, and idf_compress(d >> unit) in pairs. */
  void (*show)(const int16_t *s, const ptrdiff_t near[IDF_WINDOW], const int16_t mean[IDF_BLOCK],
               unsigned unit, int16_t d[IDF_WINDOW][IDF_BLOCK], idf_pairs shown[IDF_TAPS / 2]);
  /* Row of a batch: (s[at[c]] - mean[c]) >> unit of column c, within IDF_LS_CLAMP; differences
   * within 16 bits. */
  void (*batch)(const int16_t *s, int columns, const ptrdiff_t at[IDF_SEGMENT],
                const int16_t mean[IDF_SEGMENT][IDF_BLOCK], unsigned unit, idf_ls_block *row);
  /* sum[k] += coef . x of lane k, over n pairs. 32 bits must do. */
  void (*dot)(int n, const idf_pairs *coef, const idf_pairs *x, int32_t sum[IDF_BLOCK]);

  /* Plain samples times coefficients of each lane's class: sum[k] = sum over i < 2 pairs of
   * coef[i / 2][class[k]][i % 2] * from[i][k]. 32 bits must do. 0 <= class < 16; pairs even. */
  void (*classed)(int pairs, const idf_pairs *coef, const int32_t class[IDF_BLOCK],
                  const int16_t *const *from, int32_t sum[IDF_BLOCK]);

  /* out[i][k] = (from[i][k] - less[i][k]) >> unit, within IDF_LS_CLAMP. */
  void (*centre)(int n, const int32_t *const *from, const int32_t *const *less, unsigned unit,
                 int16_t (*out)[IDF_BLOCK]);
  /* idf_linear_locate where samples have 16 bits, and idf_linear_spread; NULL at level none, whose
   * definition is linear.c's. */
  void (*linear_locate)(const idf_linear_view *view, int blocks, int32_t *mu,
                        idf_linear_texture *texture);
  void (*linear_spread)(const idf_linear_view *view, int blocks, const idf_linear_texture *texture,
                        int32_t *scale);

  /* idf_ls_fold on slots [lo, hi) of a group; local and recent: the group's first slot. */
  void (*ls_fold)(int n, int pairs, idf_ls_block *const *d, const idf_ls_block *weight, unsigned lo,
                  unsigned hi, int32_t *local, size_t stride, int32_t *recent);
  /* wide[e] += recent[e][0] + .. + recent[e][IDF_LS_SLOTS - 1]; recent = 0. */
  void (*ls_gather)(size_t entries, int32_t *recent, int64_t *wide);
  /* work->m for slots [lo, hi) from sums, ridge and the priors in work->solution. */
  void (*ls_local)(int n, const idf_ls_sums *sums, unsigned lo, unsigned hi, idf_ls_work *work);
  /* work->m to work->solution and work->coef. What it leaves in other slots is undefined. */
  void (*ls_solve)(int n, float ridge, unsigned lo, unsigned hi, idf_ls_work *work);
  /* The same for one system: rows m[i], i < n, of which columns j >= i count; column n is the
   * target's. Columns before them hold any numbers. */
  void (*ls_solve_one)(int n, float ridge, float m[IDF_LS_MAX][IDF_LS_MAX],
                       float solution[IDF_LS_MAX]);

  /* value[o][i] = clamp(value[o][i] - slope[o][k] * in[i] of lane k) to +-limit, for
   * k = IDF_BLOCK - 1 down to 0, each i < width, a multiple of 16, and each o. |slope| < 2^15,
   * |in| <= IDF_ACT_MAX, |value| <= limit < 2^28. */
  void (*descend)(int32_t (*value)[IDF_NET_WIDTH], const int32_t *const slope[IDF_NET_OUTPUTS],
                  const idf_pairs *in, int width, int32_t limit);

  /* The symbols of blocks of samples of at most 9 bits with idf_prior_set(mu, scale, min, max) for
   * a prior, as rans.h records them; IDF_RECORD_ODD where a sample has no interval of its own, and
   * whether there are such. */
  bool (*record)(int blocks, const int32_t *mu, const int32_t *scale, const int16_t *sample,
                 int32_t min, int32_t max, uint32_t *record);
  /* to[c * stride + k] = from[k][c] */
  void (*transpose)(const uint32_t *const from[IDF_BLOCK], uint32_t *to, size_t stride);
  /* NULL where rANS is best done one by one. */
  idf_rans_sixteens sixteens;
  /* s->slot of sixteen sites from number `from` on, for rANS lanes from `lane` on, lane 0 after
   * the last; the last site has the first. */
  void (*peek)(const idf_rans_dec *dec, unsigned lane, idf_sites *s, int from);
  /* Takes their symbols, of intervals [below, above), and says what is coded: s->latent. If each
   * slot is in its interval, and words are not near their end; else changes nothing and says
   * false. Both NULL as above. */
  bool (*take)(idf_rans_dec *dec, unsigned lane, idf_sites *s, int from);

  /* Each of these works on lanes [from, from + IDF_BLOCK) whose samples have at most 9 bits
   * (`fine`). */

  /* From mu, centre and scale: frac, lowest, end and total. */
  void (*sites_bound)(idf_sites *s, int from);
  /* The encoder's: `first` is the sample, or what is nearest to it in [lowest, end). */
  void (*sites_weigh)(idf_sites *s, int from);
  /* The decoder's: `first` is likely to be the sample whose interval holds the slot. Where it is
   * not, slot is outside [below, above). Guesses of levels may differ. */
  void (*sites_guess)(idf_sites *s, int from);
} idf_kernels;

/* The kernels of a level; NULL for one that this build or this machine lacks, and for what is no
 * level. IDF_SIMD_NONE is always there; IDF_SIMD_AUTO is the best that is. */
const idf_kernels *idf_kernels_of(idf_simd simd);

#endif
