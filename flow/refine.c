/* SPDX-License-Identifier: BSD-3-Clause
 *
 * refine.c: stochastic gradient descent on the code length, in integers.
 *
 * State is kept so fine that a gradient is subtracted as it is: the rates are the
 * Q-formats themselves. Shifting gradients down instead rounds them one way, and on
 * a million nearly certain samples that drift cost 2 % of a picture.
 */
#include "refine.h"

#include "tables.h"

#define GRADIENT_MAX 2048 /* Q8 bits: one sample moves nothing by more */
#define DELTA_MAX ((1 << 26) - 1)
#define LOCATION_MAX ((1 << 15) - 1)
#define SCALE_MAX (24 << 12)
#define THIN 64 /* counts: below this the logistic's table is too coarse to divide by */

void idf_refine_output(const idf_refine *refine, const idf_refine_site *site,
                       int32_t out[IDF_NET_OUTPUTS])
{
  /* |sum| <= 129 * 127 * 2^15 < 2^30. Q14 weights by Q5 activations, down to Q15. */
  for (int o = 0; o < IDF_NET_OUTPUTS; o++) {
    const int32_t *delta = refine->delta[o];
    int32_t sum = (delta[IDF_NET_WIDTH] >> 11) * (1 << IDF_Q_ACT);
    for (unsigned i = 0; i < site->width; i++)
      sum += (delta[i] >> 11) * site->hidden[i];
    out[o] += sum >> 4;
  }
}

void idf_refine_prior(const idf_refine *refine, idf_refine_site *site, unsigned unit,
                      int32_t *mu, int32_t *scale)
{
  int32_t k = idf_clamp(*scale, 0, IDF_SCALES - 1);
  int32_t relative = idf_clamp(k - 8 * (int32_t)unit, 0, 3 * IDF_REFINE_BINS - 1);
  site->bin = (unsigned)relative / 3;
  site->wide = (unsigned)relative / 6;
  int64_t move = (int64_t)idf_scale_value[k] * refine->location[site->signs][site->wide];
  *mu += (int32_t)(move >> (IDF_SCALE_VALUE_Q + 15 - IDF_Q_MU));
  *scale = k + ((refine->scale[site->bin] + 2048) >> 12);
}

/* v (Q6 sample values) over the prior's scale, Q10, within +-16. */
static int32_t in_scales(const idf_prior *prior, int32_t v)
{
  return idf_prior_argument(prior, v);
}

static void descend(int32_t *value, int32_t step, int32_t limit)
{
  *value = idf_clamp(*value - step, -limit, limit);
}

void idf_refine_learn(idf_refine *refine, const idf_refine_site *site, const idf_prior *prior,
                      int32_t sample)
{
  int32_t d = (sample - prior->centre) * (1 << IDF_Q_MU) - prior->frac;
  int32_t a = in_scales(prior, d - 32), b = in_scales(prior, d + 32);
  int32_t fa = (int32_t)idf_logistic(a), fb = (int32_t)idf_logistic(b);
  /* d(-log2 P)/d(mu/s) = (1 - Fa - Fb) / ln 2, in Q8; 369 = 256 / ln 2. */
  int32_t by_location = ((65536 - fa - fb) * 369) >> 16;
  /* d(-log2 P)/d(log2 s) = (b f(b) - a f(a)) / P with f = F (1 - F); for a thin
   * slice 1 - u (2 F(u) - 1), its limit: 1 - |u| would let wide scales drift wider.
   * |a f(a)| < 2^10 * 2^14; |u| <= 2^14, |2 F - 1| <= 2^16. */
  int32_t by_scale;
  if (fb - fa >= THIN) {
    int32_t da = (int32_t)(((uint32_t)fa * (uint32_t)(65536 - fa)) >> 16);
    int32_t db = (int32_t)(((uint32_t)fb * (uint32_t)(65536 - fb)) >> 16);
    by_scale = (b * db - a * da) / (fb - fa) / 4;
  } else {
    int32_t u = in_scales(prior, d);
    by_scale = 256 - ((u * (2 * (int32_t)idf_logistic(u) - 65536)) >> 18);
  }
  by_scale = idf_clamp(by_scale, -GRADIENT_MAX, GRADIENT_MAX);
  descend(&refine->location[site->signs][site->wide], by_location, LOCATION_MAX);
  descend(&refine->scale[site->bin], by_scale, SCALE_MAX);
  if (site->width == 0)
    return;
  /* The chain rule through gate, shift and octaves: |by_location| <= 370, reaches < 2^14. */
  const int32_t gradient[IDF_NET_OUTPUTS] = {
    idf_clamp((by_location * in_scales(prior, site->gate_reach)) >> 10, -GRADIENT_MAX, GRADIENT_MAX),
    idf_clamp((by_location * in_scales(prior, site->shift_reach)) >> 10, -GRADIENT_MAX, GRADIENT_MAX),
    by_scale
  };
  for (int o = 0; o < IDF_NET_OUTPUTS; o++) {
    int32_t *delta = refine->delta[o], g = gradient[o];
    const int width = (int)site->width & ~15;
    for (int i = 0; i < width; i++)
      delta[i] = idf_clamp(delta[i] - g * site->hidden[i], -DELTA_MAX, DELTA_MAX);
    descend(&delta[IDF_NET_WIDTH], g * (1 << IDF_Q_ACT), DELTA_MAX);
  }
}
