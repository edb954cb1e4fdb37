/* SPDX-License-Identifier: BSD-3-Clause
 *
 * history.h: method 9 of a tile: pixels that a JPEG decoder made, as its coefficients.
 *
 * payload = u8 9, u8 flags, u8 place, the steps of luma and, in colour, of chroma, the streams of
 *   coefficients (coefs.h, full shape) by band, each after its length, and, if bit 4 of flags is
 *   set, the residual (residual.h) to the end.
 * flags: bit 0 Y, Cb, Cr; else gray; bit 1 (2) chroma has half the rate across (down); bit 3 it is
 *   interpolated; bit 4 there is a residual. Gray has no bit of 1 to 3, and bits 1 and 2 make room
 *   for bit 3.
 * place: of the first pixel in its MCU, x in the low four bits, y in the high ones.
 * steps: u8 quality, 1 to 100: those of steps.h; 0: 64 varints, at most 65535, none 0.
 */
#ifndef IDF_FLOW_HISTORY_H
#define IDF_FLOW_HISTORY_H

#include "method.h"

extern const idf_method idf_history;

#endif
