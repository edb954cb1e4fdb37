/* SPDX-License-Identifier: BSD-3-Clause
 *
 * colour.h: the table of colour layers, some of which are reversible transforms.
 *
 * A transform is a short chain of additive couplings (b -= a, c += a >> 1, ...), so the same chain
 * backwards undoes it exactly. The YCbCr lattices are different: they invert a decoder's rounding
 * (lattice.h).
 */
#ifndef IDF_FLOW_COLOUR_H
#define IDF_FLOW_COLOUR_H

#include "layer.h"

extern const idf_colour_layer *const idf_colour_layers[IDF_COLOUR_COUNT];

#endif
