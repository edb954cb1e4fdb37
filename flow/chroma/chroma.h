/* SPDX-License-Identifier: BSD-3-Clause
 *
 * chroma.h: method 10 of a tile: pixels that a program made of chroma at half resolution, as its
 * own Y, U and V.
 *
 * payload = u8 10, u8 conversion (conversion.h), u8 siting, u8 borders, a stream (streams.h) of Y,
 *   one of U and V together, given the means of Y near their knots, and, if bit 4 of borders is
 *   set, the residual (residual.h, from place 0, 0) to the end.
 * siting: bits 0-1 the spacing across, bits 2-3 down (siting.h), bits 4 and 5 the phases.
 * borders: the outer knots that are copies: bit 0 left, 1 right, 2 top, 3 bottom.
 */
#ifndef IDF_FLOW_CHROMA_H
#define IDF_FLOW_CHROMA_H

#include "method.h"

extern const idf_method idf_chroma;

#endif
