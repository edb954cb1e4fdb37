/* SPDX-License-Identifier: BSD-3-Clause
 *
 * predictor.h: the interface of a predictor, and the predictors that exist.
 *
 * A predictor says where a sample is likely to be, and how certain that is: sites->mu and
 * sites->scale. It may use every sample of earlier times, and no other. The walk calls its
 * functions in the order below, each for a block of lanes, a plane, a row or a block of time. A
 * function that has nothing to do is NULL.
 */
#ifndef IDF_FLOW_PREDICTOR_H
#define IDF_FLOW_PREDICTOR_H

#include "level_names.h"
#include "walk_state.h"

struct idf_predictor {
  /* Fills its own part of a zeroed state; the rest is already set. Errors: memory. free() follows
   * in any case. */
  idf_status (*init)(idf_wave *w);
  void (*free)(idf_wave *w);
  /* From now on, each row is in the next lane. */
  void (*rows_move)(idf_wave *w);
  /* A row starts in lane 0. */
  void (*row_start)(idf_wave *w);
  /* A block of time starts: w->segment steps, in which each lane stays in one segment
   * (leastsq.h). */
  void (*block_start)(idf_wave *w, int32_t block);
  /* A step starts: computes the inputs of a block of lanes before any of its samples is known. */
  void (*inputs)(idf_wave *w, int block);
  /* A plane of the step starts. */
  void (*plane_start)(idf_wave *w, unsigned plane);
  /* Computes mu and scale of a block of lanes. */
  void (*propose)(idf_wave *w, unsigned plane, int block);
  /* The samples of a block of lanes are known: writes them and their errors to the field. */
  void (*settle)(idf_wave *w, unsigned plane, int block);
  /* All lanes of the plane have settled. */
  void (*learn)(idf_wave *w, unsigned plane);
  /* The block of time has ended. */
  void (*block_end)(idf_wave *w, int32_t block);
};

/* Least squares, the network on top, and the refinement behind it. */
extern const idf_predictor idf_adaptive_predictor;
/* Sixteen fixed predictors per plane: linear.h. */
extern const idf_predictor idf_linear_predictor;

#endif
