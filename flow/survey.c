/* SPDX-License-Identifier: BSD-3-Clause
 *
 * survey.c: one weighted least-squares solve for a whole tile.
 */
#include "survey.h"

#include <string.h>

#include "field.h"
#include "kernels.h"

#define MARGIN 4        /* columns and rows at the borders that are left out */
#define SEGMENTS 2048   /* about so many are looked at: 65536 samples; more gain nothing */

int idf_regressors(unsigned plane)
{
  return idf_own_taps(plane) + (int)plane * IDF_TAPS_CROSS;
}

bool idf_survey_worth(const idf_flow_shape *shape)
{
  return shape->width >= IDF_SEGMENT + 2 * MARGIN
         && (uint64_t)shape->width * shape->height >= 16384;
}

/* The median edge detector's error: what decides a sample's weight before any solution. */
static uint32_t med_miss(const int32_t *s, ptrdiff_t stride)
{
  int32_t e = *s - idf_med(s[-1], s[-stride], s[-stride - 1]);
  return (uint32_t)(e < 0 ? -e : e);
}

/* Room for a group of segments, and equations that see each once and forget nothing. */
typedef struct desk {
  idf_ls ls;
  idf_ls_block d[IDF_LS_MAX], weight;
  idf_ls_work work;
  unsigned slots; /* filled */
} desk;

/* One row of a segment: sample minus mean, in units, in columns of a slot. */
static void survey_row(const int32_t *restrict s, const int32_t *restrict mean, unsigned unit,
                       unsigned slot, idf_ls_block *row)
{
  int16_t v[IDF_SEGMENT];
  for (int k = 0; k < IDF_SEGMENT; k++)
    v[k] = (int16_t)idf_clamp((s[k] - mean[k]) >> unit, -IDF_LS_CLAMP, IDF_LS_CLAMP);
  for (int k = 0; k < IDF_SEGMENT; k += 2)
    memcpy((*row)[k / 2] + 2 * slot, v + k, 2 * sizeof *v);
}

static void survey_means(const int32_t *restrict s, ptrdiff_t stride, int32_t mean[IDF_SEGMENT])
{
  for (int k = 0; k < IDF_SEGMENT; k++)
    mean[k] = idf_mean4(s + k, stride);
}

/* Puts the segment of plane p whose first sample is at index `at` in the next slot. */
static void survey_segment(const idf_flow_shape *shape, const int32_t *const *planes, unsigned p,
                           size_t at, desk *t)
{
  const ptrdiff_t stride = (ptrdiff_t)shape->width;
  const unsigned unit = shape->unit_shift, slot = t->slots++;
  const int32_t *own = planes[p] + at;
  int32_t mean[IDF_SEGMENT], other[IDF_SEGMENT];
  int n = 0;
  survey_means(own, stride, mean);
  for (int i = 0; i < idf_own_taps(p); i++)
    survey_row(own + idf_taps_own[i][0] - idf_taps_own[i][1] * stride, mean, unit, slot,
               &t->d[n++]);
  for (unsigned c = 0; c < p; c++) {
    const int32_t *s = planes[c] + at;
    survey_means(s, stride, other);
    for (int i = 0; i < IDF_TAPS_CROSS; i++)
      survey_row(s + idf_taps_cross[i][0] - idf_taps_cross[i][1] * stride, other, unit, slot,
                 &t->d[n++]);
  }
  survey_row(own, mean, unit, slot, &t->d[n]);
  for (int k = 0; k < IDF_SEGMENT; k++)
    t->weight[k / 2][2 * slot + (unsigned)k % 2]
        = (int16_t)idf_ls_weight(med_miss(own + k, stride) >> unit);
}

static void survey_fold(desk *t, const idf_kernels *kernels)
{
  idf_ls_block *d[IDF_LS_MAX];
  for (int i = 0; i <= t->ls.n; i++)
    d[i] = &t->d[i];
  idf_ls_fold(&t->ls, kernels, 0, 0, 0, t->slots, d, &t->weight);
  idf_ls_gather(&t->ls, kernels);
  memset(t->weight, 0, sizeof t->weight);
  t->slots = 0;
}

idf_status idf_survey_solve(idf_mem *mem, const idf_kernels *kernels, const idf_flow_shape *shape,
                            const int32_t *const *planes, idf_survey *survey)
{
  desk *t = idf_alloc(mem, 1, sizeof *t);
  if (t == NULL)
    return idf_mem_status(mem);
  idf_status status = IDF_OK;
  const uint32_t across = (shape->width - 2 * MARGIN) / IDF_SEGMENT;
  const uint64_t all = (uint64_t)across * shape->height;
  const uint32_t step = (uint32_t)(all / SEGMENTS) + 1;
  memset(survey, 0, sizeof *survey);
  for (unsigned p = 0; status == IDF_OK && p < shape->planes; p++) {
    const int n = idf_regressors(p);
    status = idf_ls_init(&t->ls, mem, n, 1, IDF_SEGMENT);
    if (status != IDF_OK)
      break;
    for (uint32_t y = MARGIN; y < shape->height; y++)
      for (uint32_t s = (y * 7) % step; s < across; s += step) {
        size_t at = (size_t)y * shape->width + MARGIN + (size_t)s * IDF_SEGMENT;
        survey_segment(shape, planes, p, at, t);
        if (t->slots == IDF_LS_SLOTS)
          survey_fold(t, kernels);
      }
    survey_fold(t, kernels);
    float solution[IDF_LS_MAX];
    idf_ls_solve_wide(&t->ls, kernels, &t->work, solution, 1, survey->coef[p]);
    for (int i = 0; i < n; i++)
      survey->coef[p][i] = (int16_t)(idf_clamp(survey->coef[p][i] + 2, -32768, 32767) & ~3);
    idf_ls_free(&t->ls, mem);
  }
  idf_free(mem, t);
  return status;
}

void idf_survey_put(const idf_survey *survey, unsigned planes, idf_buf *out)
{
  for (unsigned p = 0; p < planes; p++)
    for (int i = 0; i < idf_regressors(p); i++) {
      int32_t v = survey->coef[p][i] / 4;
      idf_put_varint(out, (uint64_t)(v < 0 ? -2 * v - 1 : 2 * v));
    }
}

bool idf_survey_get(idf_survey *survey, unsigned planes, idf_cur *in)
{
  memset(survey, 0, sizeof *survey);
  for (unsigned p = 0; p < planes; p++)
    for (int i = 0; i < idf_regressors(p); i++) {
      /* 0 .. 16383 stand for -8192 .. 8191, times 4 an int16. */
      int32_t u = (int32_t)idf_get_varint(in, 16383);
      survey->coef[p][i] = (int16_t)((u & 1 ? -(u + 1) / 2 : u / 2) * 4);
    }
  return !in->bad;
}
