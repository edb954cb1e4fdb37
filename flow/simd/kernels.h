/* SPDX-License-Identifier: BSD-3-Clause
 *
 * kernels.h: the table of time-critical functions, one table for each instruction set.
 *
 * Level `none` is plain C and the definition; every other level gives the same bits. All other
 * levels are compiled from one source, kernels_body.h. A table is passed from caller to callee:
 * there is no global choice. Kernels know the blocks of blocks.h and of the other headers included
 * here. The walk, and all else that is compiled once for each level, is above them, in level.h.
 */
#ifndef IDF_FLOW_KERNELS_H
#define IDF_FLOW_KERNELS_H

#include "idf_simd.h"
#include "lanes.h"
#include "leastsq_blocks.h"
#include "linear_blocks.h"
#include "rans.h"
#include "window.h"

#define IDF_SIMD_LEVELS (IDF_SIMD_AVX512 + 1) /* levels are numbered below this */

#define IDF_RECORD_ODD UINT32_MAX /* marks a sample that has no interval of its own */

typedef struct idf_kernels {
  idf_simd simd; /* never IDF_SIMD_AUTO */

  /* One layer for a block of lanes: layer->inputs values to layer->outputs values, which are sums
   * in Q15 or rectified activations (net.h). A kernel may write up to the next multiple of 16
   * outputs, so there must be room. */
  void (*layer_sum)(const idf_layer *layer, const idf_pairs *in, int32_t (*out)[IDF_BLOCK]);
  void (*layer_rectify)(const idf_layer *layer, const idf_pairs *in, idf_pairs *out);
  /* Differences of a block of samples s[near[cell]] from the mean of each lane: d[cell] = sample -
   * mean for the cells of idf_taps, |d| <= 1022; and, as pairs, idf_compress(d >> unit). */
  void (*show)(const int16_t *s, const ptrdiff_t near[IDF_WINDOW], const int16_t mean[IDF_BLOCK],
               unsigned unit, int16_t d[IDF_WINDOW][IDF_BLOCK], idf_pairs shown[IDF_TAPS / 2]);
  /* One row of a batch: (s[at[c]] - mean[c]) >> unit for column c, clamped to IDF_LS_CLAMP. The
   * differences must fit 16 bits. */
  void (*batch)(const int16_t *s, int columns, const ptrdiff_t at[IDF_SEGMENT],
                const int16_t mean[IDF_SEGMENT][IDF_BLOCK], unsigned unit, idf_ls_block *row);
  /* sum[k] += coef . x of lane k, over n pairs. The sums must fit 32 bits. */
  void (*dot)(int n, const idf_pairs *coef, const idf_pairs *x, int32_t sum[IDF_BLOCK]);

  /* Plain samples times coefficients of each lane's class: sum[k] is the sum over i < 2 pairs of
   * coef[i / 2][class[k]][i % 2] * from[i][k]. It must fit 32 bits. 0 <= class < 16; pairs is
   * even. */
  void (*classed)(int pairs, const idf_pairs *coef, const int32_t class[IDF_BLOCK],
                  const int16_t *const *from, int32_t sum[IDF_BLOCK]);

  /* out[i][k] = (from[i][k] - less[i][k]) >> unit, clamped to IDF_LS_CLAMP. */
  void (*centre)(int n, const int32_t *const *from, const int32_t *const *less, unsigned unit,
                 int16_t (*out)[IDF_BLOCK]);
  /* idf_linear_locate for samples of 16 bits, and idf_linear_spread. Both are NULL at level none,
   * which uses the definition in linear.c. */
  void (*linear_locate)(const idf_linear_view *view, int blocks, int32_t *mu,
                        idf_linear_texture *texture);
  void (*linear_spread)(const idf_linear_view *view, int blocks, const idf_linear_texture *texture,
                        int32_t *scale);

  /* idf_ls_fold on slots [lo, hi) of a group. local and recent point to the group's first slot. */
  void (*ls_fold)(int n, int pairs, idf_ls_block *const *d, const idf_ls_block *weight, unsigned lo,
                  unsigned hi, int32_t *local, size_t stride, int32_t *recent);
  /* wide[e] += recent[e][0] + .. + recent[e][IDF_LS_SLOTS - 1]; recent = 0. */
  void (*ls_gather)(size_t entries, int32_t *recent, int64_t *wide);
  /* Fills work->m for slots [lo, hi) from the sums, the ridge and the priors in work->solution. */
  void (*ls_local)(int n, const idf_ls_sums *sums, unsigned lo, unsigned hi, idf_ls_work *work);
  /* Solves work->m into work->solution and work->coef. The content of other slots is undefined
   * afterwards. */
  void (*ls_solve)(int n, float ridge, unsigned lo, unsigned hi, idf_ls_work *work);
  /* The same for one system. In row m[i], i < n, the columns j >= i count, and column n holds the
   * target's products. Columns before i may hold any numbers. */
  void (*ls_solve_one)(int n, float ridge, float m[IDF_LS_MAX][IDF_LS_MAX],
                       float solution[IDF_LS_MAX]);

  /* value[o][i] = clamp(value[o][i] - slope[o][k] * in[i] of lane k) to +-limit, for k = IDF_BLOCK
   * - 1 down to 0, for each o and each i < width, which is a multiple of 16.
   * slope| < 2^15, |in| <= IDF_ACT_MAX, |value| <= limit < 2^28. */
  void (*descend)(int32_t (*value)[IDF_NET_WIDTH], const int32_t *const slope[IDF_NET_OUTPUTS],
                  const idf_pairs *in, int width, int32_t limit);

  /* The symbols of blocks of samples of at most 9 bits, as rans.h records them, under the prior
   * idf_prior_set(mu, scale, min, max). A sample that has no interval of its own gets
   * IDF_RECORD_ODD. Returns whether there is such a sample. */
  bool (*record)(int blocks, const int32_t *mu, const int32_t *scale, const int16_t *sample,
                 int32_t min, int32_t max, uint32_t *record);
  /* to[c * stride + k] = from[k][c] */
  void (*transpose)(const uint32_t *const from[IDF_BLOCK], uint32_t *to, size_t stride);
  /* NULL where rANS is fastest one symbol at a time. */
  idf_rans_sixteens sixteens;
  /* Sets s->slot of sixteen sites from number `from` on, for rANS lanes from `lane` on; lane 0
   * follows the last one. The last site takes the first rANS lane. */
  void (*peek)(const idf_rans_dec *dec, unsigned lane, idf_sites *s, int from);
  /* Takes the symbols of these sites, with intervals [below, above), and sets s->latent. If some
   * slot is outside its interval, or the words are near their end, changes nothing and returns
   * false. peek and take are NULL where sixteens is. */
  bool (*take)(idf_rans_dec *dec, unsigned lane, idf_sites *s, int from);

  /* The next three work on lanes [from, from + IDF_BLOCK), whose samples have at most 9 bits
   * (`fine`). */

  /* Computes frac, lowest, end and total from mu, centre and scale. */
  void (*sites_bound)(idf_sites *s, int from);
  /* For the encoder: sets `first` to the sample or to the nearest one in [lowest, end), and its
   * interval. */
  void (*sites_weigh)(idf_sites *s, int from);
  /* For the decoder: sets `first` to the sample whose interval is likely to hold the slot, and its
   * interval. If the guess is wrong, the slot is outside [below, above). Guesses may differ between
   * levels. */
  void (*sites_guess)(idf_sites *s, int from);
} idf_kernels;

/* The kernels of a level; NULL if this build or this machine lacks it, or if `simd` is no level.
 * IDF_SIMD_NONE always exists; IDF_SIMD_AUTO gives the best level that the machine has. */
const idf_kernels *idf_kernels_of(idf_simd simd);

#endif
