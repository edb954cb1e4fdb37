/* SPDX-License-Identifier: BSD-3-Clause
 *
 * raw.h: methods 0 and 1 of a tile, which need no model and no statistics.
 *
 * - 0 stored: the samples, interleaved, `depth` bits each, packed high bit first, zero-padded to a
 *   byte. No payload is longer. It is never tried, but taken if nothing else is shorter.
 * - 1 solid: one pixel, packed likewise; all pixels are copies of it.
 */
#ifndef IDF_FLOW_RAW_H
#define IDF_FLOW_RAW_H

#include "method.h"

extern const idf_method idf_stored, idf_solid;

#endif
