/* SPDX-License-Identifier: BSD-3-Clause
 *
 * leastsq.c: the statistics of the least-squares coupling: adding, forgetting and solving.
 *
 * This file thinks in slots; kernels work on groups of slots. kernels_none.c defines the
 * arithmetic.
 * idf(5), "LEAST SQUARES".
 */
#include "leastsq.h"

#include <string.h>

_Static_assert(IDF_TAPS_OWN == 18 && IDF_TAPS_LATER == 12 && IDF_TAPS_CROSS == 8,
               "each number is a regressor's");
static const int16_t usual_of[3][IDF_TAPS_LATER + 2 * IDF_TAPS_CROSS] = {
    {90, -183, 811, 63, -248, 595, 152, 34, 68, -140, -42, 79, -43, 27, 2, -23, -47, 12},
    {64, -191, 828, 19, -315, 572, 171, 34, 16, -101, -82, 48, -5, 15, -30, -9, 19, 6, -3, -3},
    {58,  -133, 733, 7, -238, 541, 163, 36,   25, -99, -65, 46,  -1, 23,
     -29, -2,   13,  1, 0,    0,   27,  -102, 68, 45,  -47, -12, 8,  11}};

const int16_t *idf_ls_usual(unsigned plane)
{
  return usual_of[plane];
}

static size_t entries_of(int n)
{
  return (size_t)idf_ls_row(n, n);
}

static size_t slots_of(uint32_t strips)
{
  return (strips + (size_t)IDF_LS_SLOTS - 1) / IDF_LS_SLOTS * IDF_LS_SLOTS;
}

/* The left neighbour of a slot is read one element before the slot's own place, so one group of
 * zeros precedes the equations of each parity. */
static size_t local_size(int n, uint32_t strips)
{
  return entries_of(n) * slots_of(strips) + 2 * IDF_LS_SLOTS;
}

idf_status idf_ls_init(idf_ls *ls, idf_mem *mem, int n, const int16_t *usual, uint32_t strips,
                       int strip)
{
  memset(ls, 0, sizeof *ls);
  ls->n = n;
  ls->usual = usual;
  ls->halves = strip > IDF_SEGMENT ? 2 : 1;
  ls->segment = strip / ls->halves;
  ls->slots = slots_of(strips);
  bool good = true;
  for (int parity = 0; parity < ls->halves; parity++) {
    int32_t *memory = idf_alloc(mem, local_size(n, strips), sizeof *memory);
    good = good && memory != NULL;
    ls->local[parity] = !memory ? NULL : memory + IDF_LS_SLOTS;
  }
  ls->recent = idf_alloc(mem, entries_of(n), IDF_LS_SLOTS * sizeof *ls->recent);
  ls->wide = idf_alloc(mem, entries_of(n), sizeof *ls->wide);
  if (good && ls->recent && ls->wide)
    return IDF_OK;
  idf_ls_free(ls, mem);
  return idf_mem_status(mem);
}

void idf_ls_free(idf_ls *ls, idf_mem *mem)
{
  for (int parity = 0; parity < 2; parity++)
    if (ls->local[parity])
      idf_free(mem, ls->local[parity] - IDF_LS_SLOTS);
  idf_free(mem, ls->recent);
  idf_free(mem, ls->wide);
  memset(ls, 0, sizeof *ls);
}

/* A table, because a division per sample would take noticeable time. */
const uint8_t idf_ls_weights[127] = {
    64, 42, 32, 25, 21, 18, 16, 14, 12, 11, 10, 9, 9, 8, 8, 7, 7, 6, 6, 6, 5, 5, 5, 5, 4, 4,
    4,  4,  4,  4,  4,  3,  3,  3,  3,  3,  3,  3, 3, 3, 3, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2,
    2,  2,  2,  2,  2,  2,  2,  2,  2,  2,  2,  1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
    1,  1,  1,  1,  1,  1,  1,  1,  1,  1,  1,  1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
    1,  1,  1,  1,  1,  1,  1,  1,  1,  1,  1,  1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1};

void idf_ls_fold(idf_ls *ls, const idf_kernels *kernels, unsigned parity, size_t group, unsigned lo,
                 unsigned hi, idf_ls_block *const *d, const idf_ls_block *weight)
{
  kernels->ls_fold(ls->n, ls->segment / 2, d, weight, lo, hi, ls->local[parity] + group, ls->slots,
                   ls->recent);
}

void idf_ls_gather(idf_ls *ls, const idf_kernels *kernels)
{
  kernels->ls_gather(entries_of(ls->n), ls->recent, ls->wide);
}

void idf_ls_forget(idf_ls *ls)
{
  /* Bound: 128 segments of 2^26 a row, 256 rows of memory: below 2^41. */
  const size_t entries = entries_of(ls->n);
  for (size_t e = 0; e < entries; e++)
    ls->wide[e] -= ls->wide[e] >> 8;
}

void idf_ls_solve_wide(const idf_ls *ls, const idf_kernels *kernels, idf_ls_work *work,
                       float *solution, size_t stride, int16_t coef[IDF_LS_MAX])
{
  const int n = ls->n;
  const int64_t *a = ls->wide;
  memset(work->one, 0, sizeof work->one);
  for (int i = 0; i < n; i++) {
    work->one[i][i] = (float)(*a++ + IDF_LS_RIDGE_WIDE);
    for (int j = i + 1; j < n; j++)
      work->one[i][j] = (float)*a++;
    work->one[i][n] = (float)(*a++ + ls->usual[i]);
  }
  float z[IDF_LS_MAX];
  kernels->ls_solve_one(n, (float)IDF_LS_RIDGE_WIDE, work->one, z);
  memset(coef, 0, IDF_LS_MAX * sizeof *coef);
  for (int i = 0; i < n; i++) {
    solution[(size_t)i * stride] = z[i];
    coef[i] = (int16_t)idf_ls_quantise(z[i]);
  }
}

void idf_ls_solve_local(const idf_ls *ls, const idf_kernels *kernels, idf_ls_work *work,
                        unsigned parity, size_t group, unsigned lo, unsigned hi, const float *prior,
                        size_t stride)
{
  const int n = ls->n;
  /* With two segments in a strip, segment 2 k has the odd slots k - 1 and k beside it, and segment
   * 2 k + 1 the even slots k and k + 1. Slots past the last segment hold zeros. */
  const int32_t *own = ls->local[parity] + group;
  const int32_t *other = ls->halves == 1 ? own : ls->local[1 - parity] + group;
  const int left = parity == 0 ? 1 : 0, right = ls->halves == 1 || parity == 1 ? 1 : 0;
  const idf_ls_sums sums = {own,
                            other - left,
                            other + right,
                            ls->slots,
                            left == 1 && group == 0,
                            right == 1 && group + IDF_LS_SLOTS == ls->slots};
  for (int i = 0; i < n; i++)
    memcpy(work->solution[i], prior + (size_t)i * stride, sizeof work->solution[i]);
  kernels->ls_local(n, &sums, lo, hi, work);
  kernels->ls_solve(n, (float)IDF_LS_RIDGE_LOCAL, lo, hi, work);
}
