/* SPDX-License-Identifier: BSD-3-Clause
 *
 * solve.h: finds the coefficients of one block from its samples.
 */
#ifndef IDF_FLOW_SOLVE_H
#define IDF_FLOW_SOLVE_H

#include "base.h"

/* The samples of a block: Q4, without level shift, [0, 255 * 16]. */
typedef struct idf_solve_block {
  int16_t sample[64];
  /* Whether the decoder certainly had this sample, a whole number; 0 and 255 mean "at most" and "at
   * least". */
  bool known[64];
} idf_solve_block;

typedef struct idf_solver {
  uint16_t step[64];
  int16_t change[64][64]; /* of the samples for one step of a coefficient, Q5 */
  uint32_t patience;      /* blocks that may still be searched */
} idf_solver;

void idf_solver_init(idf_solver *solver, const uint16_t step[64], uint32_t patience);

/* Finds coefficients, and the samples that the decoder makes of them. Returns how many known
 * samples differ. */
unsigned idf_solve(idf_solver *solver, const idf_solve_block *block, int16_t coef[64],
                   uint8_t made[64]);

/* Only rounds the transform of samples that are not certain, in Q4 without level shift. */
void idf_solve_nearest(const idf_solver *solver, const int16_t sample[64], int16_t coef[64],
                       uint8_t made[64]);

/* A coefficient, and the step, -1 or 1, to its second nearest multiple. */
typedef struct idf_solve_doubt {
  unsigned k;
  int32_t sign;
} idf_solve_doubt;

#define IDF_SOLVE_DOUBTS 14

/* The coefficients that were nearest to being rounded otherwise, the most doubtful first. */
void idf_solve_doubts(const idf_solver *solver, const int16_t sample[64], const int16_t coef[64],
                      idf_solve_doubt doubt[IDF_SOLVE_DOUBTS]);

#endif
