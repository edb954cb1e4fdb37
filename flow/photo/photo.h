/* SPDX-License-Identifier: BSD-3-Clause
 *
 * photo.h: method 2 of a tile, the flow itself: for photographs, and for everything that is neither
 * drawn nor noise.
 *
 * payload = u8 2, u8 schedule (0), u8 colour layer (bits 0-3) and flags (bit 4 ranks, bit 5
 *   joint), the side information of the layers in use (values.h, then lattice.h), then one
 *   stream (streams.h) for each group of planes: alpha first if there is one, then gray,
 *   indices, or the three colour planes; or gray and alpha in one group if `joint` is set.
 */
#ifndef IDF_FLOW_PHOTO_H
#define IDF_FLOW_PHOTO_H

#include "method.h"

extern const idf_method idf_photo;

#endif
