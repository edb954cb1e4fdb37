/* SPDX-License-Identifier: BSD-3-Clause
 *
 * predictor.h: what a walk asks of a predictor, and the predictors there are.
 *
 * A predictor says where a sample will be and how sure that is: sites->mu and sites->scale. It may
 * use every sample of earlier times, and no other. The walk calls it in the order below, once for
 * a block of lanes, a plane, a row or a block of time. NULL: it has nothing to do there.
 */
#ifndef IDF_FLOW_PREDICTOR_H
#define IDF_FLOW_PREDICTOR_H

#include "level_names.h"
#include "walk_state.h"

struct idf_predictor {
  /* Fills its own part of a zeroed state, the rest of which is set. Errors: memory. free() follows
   * in any case. */
  idf_status (*init)(idf_wave *w);
  void (*free)(idf_wave *w);
  /* Each row is in the next lane from now on. */
  void (*rows_move)(idf_wave *w);
  /* A row starts in lane 0. */
  void (*row_start)(idf_wave *w);
  /* A block of time starts: w->segment steps, which lanes spend in one segment (leastsq.h). */
  void (*block_start)(idf_wave *w, int32_t block);
  /* A step starts: what a block of lanes sees before any of its samples is known. */
  void (*inputs)(idf_wave *w, int block);
  /* A plane of the step starts. */
  void (*plane_start)(idf_wave *w, unsigned plane);
  /* mu and scale of a block of lanes. */
  void (*propose)(idf_wave *w, unsigned plane, int block);
  /* Their samples are known: they and their errors go into the field. */
  void (*settle)(idf_wave *w, unsigned plane, int block);
  /* All lanes of the plane have settled. */
  void (*learn)(idf_wave *w, unsigned plane);
  /* The block of time has ended. */
  void (*block_end)(idf_wave *w, int32_t block);
};

/* Least squares, the network on top of it, and what goes on learning behind that. */
extern const idf_predictor idf_adaptive_predictor;
/* Sixteen fixed predictors a plane: linear.h. */
extern const idf_predictor idf_linear_predictor;

#endif
