/* SPDX-License-Identifier: BSD-3-Clause
 *
 * solve.c: the search for the coefficients of one block.
 *
 * The transform of the samples, rounded to multiples of the steps, is right for nearly all blocks:
 * the decoder's rounding of samples adds noise of variance 1/12 to each coefficient. If it is
 * wrong, coefficients are changed by one step, singly and in pairs, as long as that brings samples
 * nearer to what is known of them.
 */
#include "solve.h"

#include <string.h>

#include "dct.h"
#include "fixed.h"
#include "recipe_block.h"

#define CHANGE_Q 5
#define HALF (1 << (CHANGE_Q - 1))
#define ANY 16000 /* beyond every sample, Q5 */
#define FAR 2047  /* larger distances count as this, Q5: 64 squares fit 32 bits */
#define FILLS 12  /* rounds in which unknown samples are filled from the known ones */
#define MOVES 40

void idf_solver_init(idf_solver *solver, const uint16_t step[64], uint32_t patience)
{
  memcpy(solver->step, step, sizeof solver->step);
  solver->patience = patience;
  for (unsigned k = 0; k < 64; k++)
    for (unsigned i = 0; i < 64; i++)
      solver->change[k][i] =
          (int16_t)idf_clamp(idf_round_q(step[k] * idf_dct_basis(k, i), 14 - CHANGE_Q), -ANY, ANY);
}

/* What is known of the samples, as ranges: Q5, less 128. */
typedef struct ranges {
  int16_t low[64], high[64];
} ranges;

static void ranges_of(const idf_solve_block *block, ranges *r)
{
  for (unsigned i = 0; i < 64; i++) {
    const int32_t v = (block->sample[i] >> IDF_DCT_SAMPLE_Q), at = (v - 128) * (1 << CHANGE_Q);
    r->low[i] = (int16_t)(block->known[i] && v > 0 ? at - HALF : -ANY);
    r->high[i] = (int16_t)(block->known[i] && v < 255 ? at + HALF : ANY);
  }
}

static inline uint32_t excess(int32_t x, int32_t low, int32_t high)
{
  const int32_t under = low - x, over = x - high;
  const int32_t e = IDF_MIN(IDF_MAX(IDF_MAX(under, over), 0), FAR);
  return (uint32_t)(e * e);
}

/* The sum of the squared distances of x + sign * change from the ranges. */
static uint32_t distance(const int16_t x[64], const int16_t change[64], int32_t sign,
                         const ranges *r)
{
  uint32_t sum = 0;
  for (unsigned i = 0; i < 64; i++)
    sum += excess(x[i] + sign * change[i], r->low[i], r->high[i]);
  return sum;
}

/* The nearest multiple; halves round away from 0. It is clamped to the range of recipe_block.h. */
static int16_t rounded(int32_t coef, int32_t step)
{
  const int32_t unit = step << IDF_DCT_Q, size = coef < 0 ? -coef : coef;
  const int32_t index = (size + unit / 2) / unit;
  return (int16_t)(coef < 0 ? -index : index);
}

static void samples_of(const idf_solver *solver, const int16_t coef[64], int32_t x[64])
{
  int32_t f[64];
  for (unsigned k = 0; k < 64; k++)
    f[k] = coef[k] * solver->step[k];
  idf_dct_inverse(f, x);
}

/* Rounds the transform of the samples. Unknown samples then get the values that the coefficients
 * give, and this is repeated until nothing changes. exact[k] is what was rounded. */
static void round_transform(const idf_solver *solver, const idf_solve_block *block,
                            int16_t coef[64], int32_t exact[64])
{
  int16_t sample[64], last[64];
  int32_t x[64];
  bool whole = true;

  for (unsigned i = 0; i < 64; i++) {
    const int32_t v = block->sample[i] >> IDF_DCT_SAMPLE_Q;
    sample[i] = (int16_t)(block->sample[i] - (128 << IDF_DCT_SAMPLE_Q));
    whole = whole && block->known[i] && v > 0 && v < 255;
  }
  for (unsigned round = 0; round < (whole ? 1 : FILLS); round++) {
    idf_dct_forward(sample, exact);
    for (unsigned k = 0; k < 64; k++)
      coef[k] = rounded(exact[k], solver->step[k]);
    if (whole || (round > 0 && memcmp(coef, last, sizeof last) == 0))
      return;
    memcpy(last, coef, sizeof last);
    samples_of(solver, coef, x);
    for (unsigned i = 0; i < 64; i++) {
      const int32_t v = block->sample[i] >> IDF_DCT_SAMPLE_Q;
      const int32_t made = idf_clamp(x[i] >> (IDF_DCT_Q - IDF_DCT_SAMPLE_Q), -2047, 2047);
      const int32_t wanted = block->sample[i] - (128 << IDF_DCT_SAMPLE_Q);
      if (!block->known[i])
        sample[i] = (int16_t)made;
      else if (v <= 0)
        sample[i] = (int16_t)IDF_MIN(made, wanted);
      else if (v >= 255)
        sample[i] = (int16_t)IDF_MAX(made, wanted);
    }
  }
}

static unsigned differing(const idf_solver *solver, const idf_solve_block *block,
                          const int16_t coef[64], uint8_t made[64])
{
  unsigned count = 0;
  if (!idf_recipe_block(coef, solver->step, made, 8))
    return 65;
  for (unsigned i = 0; i < 64; i++)
    count += block->known[i] && made[i] != block->sample[i] >> IDF_DCT_SAMPLE_Q;
  return count;
}

/* ---- search ------------------------------------------------------------------------------ */

typedef struct search {
  const idf_solver *solver;
  ranges ranges;
  int16_t x[64]; /* samples of the current coefficients, Q5, less 128 */
  uint32_t distance;
} search;

typedef struct move {
  unsigned k[2];
  int32_t sign[2]; /* the second may be 0 */
  uint32_t distance;
} move;

static move best_single(const search *s)
{
  move best = {.distance = s->distance};
  for (unsigned k = 0; k < 64; k++)
    for (int32_t sign = -1; sign <= 1; sign += 2) {
      const uint32_t d = distance(s->x, s->solver->change[k], sign, &s->ranges);
      if (d < best.distance)
        best = (move){{k, 0}, {sign, 0}, d};
    }
  return best;
}

/* See idf_solve_doubts; exact[k] is what was rounded to coef[k]. */
static void find_doubts(const idf_solver *solver, const int16_t coef[64], const int32_t exact[64],
                        idf_solve_doubt doubt[IDF_SOLVE_DOUBTS])
{
  int32_t margin[64], off[64];
  for (unsigned k = 0; k < 64; k++) {
    const int32_t step = solver->step[k];
    off[k] = exact[k] - coef[k] * step * (1 << IDF_DCT_Q);
    margin[k] = step * (1 << (IDF_DCT_Q - 1)) - (off[k] < 0 ? -off[k] : off[k]);
  }
  for (unsigned n = 0; n < IDF_SOLVE_DOUBTS; n++) {
    unsigned least = 0;
    for (unsigned k = 1; k < 64; k++)
      if (margin[k] < margin[least])
        least = k;
    doubt[n] = (idf_solve_doubt){least, off[least] < 0 ? -1 : 1};
    margin[least] = INT32_MAX;
  }
}

static move best_pair(const search *s, const idf_solve_doubt doubt[IDF_SOLVE_DOUBTS])
{
  move best = {.distance = s->distance};
  for (unsigned a = 0; a < IDF_SOLVE_DOUBTS; a++)
    for (int32_t first = -1; first <= 1; first += 2) {
      int16_t x[64];
      for (unsigned i = 0; i < 64; i++)
        x[i] = (int16_t)(s->x[i] + first * s->solver->change[doubt[a].k][i]);
      for (unsigned b = a + 1; b < IDF_SOLVE_DOUBTS; b++)
        for (int32_t second = -1; second <= 1; second += 2) {
          const uint32_t d = distance(x, s->solver->change[doubt[b].k], second, &s->ranges);
          if (d < best.distance)
            best = (move){{doubt[a].k, doubt[b].k}, {first, second}, d};
        }
    }
  return best;
}

static void make_move(search *s, const move *m, int16_t coef[64])
{
  for (unsigned j = 0; j < 2; j++) {
    coef[m->k[j]] = (int16_t)(coef[m->k[j]] + m->sign[j]);
    for (unsigned i = 0; i < 64; i++)
      s->x[i] = (int16_t)(s->x[i] + m->sign[j] * s->solver->change[m->k[j]][i]);
  }
  s->distance = m->distance;
}

/* Moves coefficients to a (local) minimum of the distance. */
static void descend(const idf_solver *solver, const idf_solve_block *block, int16_t coef[64],
                    const int32_t exact[64])
{
  search s = {.solver = solver};
  idf_solve_doubt doubt[IDF_SOLVE_DOUBTS];
  int32_t x[64];

  ranges_of(block, &s.ranges);
  samples_of(solver, coef, x);
  for (unsigned i = 0; i < 64; i++)
    s.x[i] = (int16_t)idf_clamp(x[i] >> (IDF_DCT_Q - CHANGE_Q), -8000, 8000);
  s.distance = distance(s.x, solver->change[0], 0, &s.ranges);
  find_doubts(solver, coef, exact, doubt);
  for (unsigned n = 0; n < MOVES && s.distance > 0; n++) {
    move m = best_single(&s);
    if (m.distance == s.distance)
      m = best_pair(&s, doubt);
    if (m.distance == s.distance)
      return;
    make_move(&s, &m, coef);
  }
}

unsigned idf_solve(idf_solver *solver, const idf_solve_block *block, int16_t coef[64],
                   uint8_t made[64])
{
  int16_t found[64];
  int32_t exact[64];
  uint8_t other[64];

  round_transform(solver, block, coef, exact);
  unsigned count = differing(solver, block, coef, made);
  if (count > 0 && solver->patience > 0) {
    solver->patience--;
    memcpy(found, coef, sizeof found);
    descend(solver, block, found, exact);
    const unsigned better = differing(solver, block, found, other);
    if (better < count) {
      memcpy(coef, found, sizeof found);
      memcpy(made, other, sizeof other);
      count = better;
    }
  }
  if (count <= 64)
    return count;
  /* If they leave the range of recipe_block.h, only a gray block remains. */
  memset(coef, 0, 64 * sizeof *coef);
  return differing(solver, block, coef, made);
}

static void exact_of(const int16_t sample[64], int32_t exact[64])
{
  int16_t shifted[64];
  for (unsigned i = 0; i < 64; i++)
    shifted[i] = (int16_t)(sample[i] - (128 << IDF_DCT_SAMPLE_Q));
  idf_dct_forward(shifted, exact);
}

void idf_solve_nearest(const idf_solver *solver, const int16_t sample[64], int16_t coef[64],
                       uint8_t made[64])
{
  int32_t exact[64];
  exact_of(sample, exact);
  for (unsigned k = 0; k < 64; k++)
    coef[k] = rounded(exact[k], solver->step[k]);
  if (idf_recipe_block(coef, solver->step, made, 8))
    return;
  memset(coef, 0, 64 * sizeof *coef);
  memset(made, 128, 64);
}

void idf_solve_doubts(const idf_solver *solver, const int16_t sample[64], const int16_t coef[64],
                      idf_solve_doubt doubt[IDF_SOLVE_DOUBTS])
{
  int32_t exact[64];
  exact_of(sample, exact);
  find_doubts(solver, coef, exact, doubt);
}
