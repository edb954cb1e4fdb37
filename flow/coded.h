/* SPDX-License-Identifier: BSD-3-Clause
 *
 * coded.h: method 2 of a tile, the flow itself: for photographs, and for all that is neither
 * drawn nor noise.
 */
#ifndef IDF_FLOW_CODED_H
#define IDF_FLOW_CODED_H

#include "method.h"

extern const idf_method idf_photo;

#endif
