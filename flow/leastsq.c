/* SPDX-License-Identifier: BSD-3-Clause
 *
 * leastsq.c: statistics, forgetting and solve of the least-squares coupling.
 *
 * What this file does by the slot, kernels do by the group; see kernels_none.c for the
 * arithmetic that defines it.
 */
#include "leastsq.h"

#include <string.h>

#include "kernels.h"

static size_t entries_of(int n)
{
  return (size_t)idf_ls_row(n, n);
}

static size_t slots_of(uint32_t segments)
{
  size_t slots = ((size_t)segments + 1) / 2;
  return (slots + IDF_LS_SLOTS - 1) / IDF_LS_SLOTS * IDF_LS_SLOTS;
}

/* A slot's left neighbour is read one element before its own place, so one group of zeros
 * precedes each parity's equations. */
static size_t local_size(int n, uint32_t segments)
{
  return entries_of(n) * slots_of(segments) + 2 * IDF_LS_SLOTS;
}

idf_status idf_ls_init(idf_ls *ls, idf_mem *mem, int n, uint32_t segments)
{
  memset(ls, 0, sizeof *ls);
  ls->n = n;
  ls->segments = segments;
  ls->slots = slots_of(segments);
  bool good = true;
  for (int parity = 0; parity < 2; parity++) {
    int32_t *memory = idf_alloc(mem, local_size(n, segments), sizeof *memory);
    good = good && memory != NULL;
    ls->local[parity] = memory == NULL ? NULL : memory + IDF_LS_SLOTS;
  }
  ls->recent = idf_alloc(mem, entries_of(n), IDF_LS_SLOTS * sizeof *ls->recent);
  ls->wide = idf_alloc(mem, entries_of(n), sizeof *ls->wide);
  if (good && ls->recent != NULL && ls->wide != NULL)
    return IDF_OK;
  idf_ls_free(ls, mem);
  return idf_mem_status(mem);
}

void idf_ls_free(idf_ls *ls, idf_mem *mem)
{
  for (int parity = 0; parity < 2; parity++)
    if (ls->local[parity] != NULL)
      idf_free(mem, ls->local[parity] - IDF_LS_SLOTS);
  idf_free(mem, ls->recent);
  idf_free(mem, ls->wide);
  memset(ls, 0, sizeof *ls);
}

int32_t idf_ls_weight(uint32_t error)
{
  return error > 126 ? 1 : 128 / (2 + (int32_t)error);
}

void idf_ls_fold(idf_ls *ls, const idf_kernels *kernels, unsigned parity, size_t group,
                 unsigned lo, unsigned hi, idf_ls_block *const *d, const idf_ls_block *weight)
{
  kernels->ls_fold(ls->n, d, weight, lo, hi, ls->local[parity] + group, ls->slots, ls->recent);
}

void idf_ls_gather(idf_ls *ls)
{
  const size_t entries = entries_of(ls->n);
  for (size_t e = 0; e < entries; e++) {
    const int32_t *recent = ls->recent + e * IDF_LS_SLOTS;
    int64_t sum = 0;
    for (int i = 0; i < IDF_LS_SLOTS; i++)
      sum += recent[i];
    ls->wide[e] += sum;
  }
  memset(ls->recent, 0, entries * IDF_LS_SLOTS * sizeof *ls->recent);
}

void idf_ls_forget(idf_ls *ls)
{
  /* Bound: 128 segments of 2^25 a row, 256 rows of memory: below 2^41. */
  const size_t entries = entries_of(ls->n);
  for (size_t e = 0; e < entries; e++)
    ls->wide[e] -= ls->wide[e] >> 8;
}

void idf_ls_solve_wide(const idf_ls *ls, const idf_kernels *kernels, idf_ls_work *work,
                       float solution[IDF_LS_MAX], int16_t coef[IDF_LS_MAX])
{
  const int n = ls->n;
  const int64_t *a = ls->wide;
  float (*m)[IDF_LS_SLOTS] = work->m;
  for (int i = 0; i < n; i++)
    for (int j = i; j <= n; j++, a++, m++) {
      float v = (float)*a;
      if (j == i)
        v = v + (float)IDF_LS_RIDGE_WIDE;
      /* A kernel computes on all slots: zeros or old values could be slow (subnormals). */
      for (int k = 0; k < IDF_LS_SLOTS; k++)
        (*m)[k] = v;
    }
  kernels->ls_solve(n, (float)IDF_LS_RIDGE_WIDE, 0, 1, work);
  memset(coef, 0, IDF_LS_MAX * sizeof *coef);
  for (int i = 0; i < n; i++) {
    solution[i] = work->solution[i][0];
    coef[i] = work->coef[i][0];
  }
}

void idf_ls_solve_local(const idf_ls *ls, const idf_kernels *kernels, idf_ls_work *work,
                        unsigned parity, size_t group, unsigned lo, unsigned hi,
                        const float *const prior[IDF_LS_SLOTS],
                        int16_t coef[IDF_LS_SLOTS][IDF_LS_MAX])
{
  const int n = ls->n;
  /* Segment 2 k has the odd slots k - 1 and k beside it, segment 2 k + 1 the even k and
   * k + 1. Slots past the last segment hold zeros. */
  const int32_t *other = ls->local[1 - parity] + group;
  const idf_ls_sums sums = { ls->local[parity] + group, parity == 0 ? other - 1 : other,
                             parity == 0 ? other : other + 1, ls->slots,
                             parity == 0 && group == 0,
                             parity == 1 && group + IDF_LS_SLOTS == ls->slots };
  for (unsigned k = 0; k < IDF_LS_SLOTS; k++) {
    const float *from = prior[k >= lo && k < hi ? k : lo];
    for (int i = 0; i < n; i++)
      work->solution[i][k] = from[i];
  }
  kernels->ls_local(n, &sums, lo, hi, work);
  kernels->ls_solve(n, (float)IDF_LS_RIDGE_LOCAL, lo, hi, work);
  for (unsigned k = lo; k < hi; k++) {
    memset(coef[k], 0, IDF_LS_MAX * sizeof *coef[k]);
    for (int i = 0; i < n; i++)
      coef[k][i] = work->coef[i][k];
  }
}
