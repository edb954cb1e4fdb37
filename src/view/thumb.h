/* SPDX-License-Identifier: BSD-3-Clause
 *
 * thumb.h: small pictures for lists of files.
 */
#ifndef IDF_THUMB_H
#define IDF_THUMB_H

#include "idf.h"
#include "mem.h"

/* Makes a picture of at most `side` (1 to 4096) pixels each way of a decoder that has delivered
 * nothing yet; it is not enlarged, and stands as the orientation says. *rgba, in `mem`: 8-bit R, G,
 * B, A, of info->width x info->height pixels; NULL on failure. Decodes at the nearest scale of the
 * library above that size, and averages over areas, weighted with alpha. */
idf_status idf_thumb_make(idf_mem *mem, idf_decoder *decoder, uint32_t side, idf_info *info,
                          uint8_t **rgba);

#endif
