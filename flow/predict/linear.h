/* SPDX-License-Identifier: BSD-3-Clause
 *
 * linear.h: a coupling without a network, for speed: models of feature set 2.
 *
 * Each plane has sixteen linear predictors. The class of a sample chooses one of them; the class
 * depends on how much the neighbours differ, and along which axis. The scale follows from the
 * errors nearby. Everything is a function of earlier samples and of constants. The constants come
 * from the model, or are coefficients that the encoder solved for in this tile and sent.
 *
 * Source: classification before linear prediction as in TMW (Meyer and Tischer, 1997) and MRP
 * (Matsuda et al., 2000); the classes, and one solve for all of them at once, are ours.
 */
#ifndef IDF_FLOW_LINEAR_H
#define IDF_FLOW_LINEAR_H

#include "fixed.h"
#include "kernels.h"
#include "level_names.h"
#include "linear_blocks.h"
#include "window.h"

/* A level in eighths of octaves above the least one, linear between powers of two: 0 .. 104. */
static inline int32_t idf_linear_eighths(int32_t level)
{
  const unsigned top = idf_top_bit((uint32_t)level);
  return 8 * ((int32_t)top - 4) + ((level >> (top - 3)) & 7);
}

/* Locations (Q6) of `blocks` blocks side by side. They depend on samples and on errors of earlier
 * planes, but not on errors of the own plane. Also gives the textures that idf_linear_spread
 * needs. */
void idf_linear_locate(const idf_kernels *kernels, const idf_linear_view *view, int blocks,
                       int32_t *mu, idf_linear_texture *texture);
/* The scales of these blocks. */
void idf_linear_spread(const idf_kernels *kernels, const idf_linear_view *view, int blocks,
                       const idf_linear_texture *texture, int32_t *scale);

#endif
