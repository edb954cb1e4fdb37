/* SPDX-License-Identifier: BSD-3-Clause
 *
 * exif.h: what the Exif block of a picture says about showing it. The block is a TIFF file: a
 * header, and directories of entries. Only the first directory is read.
 */
#ifndef IDF_EXIF_H
#define IDF_EXIF_H

#include "base.h"

typedef struct idf_exif {
  unsigned orientation;  /* 1 to 8, as TIFF numbers them; 0: not said */
  uint32_t across, down; /* pixels per metre, rounded; 0: not said */
} idf_exif;

/* Reads `size` bytes from "II*" or "MM" on. What is not there, or is not valid, counts as not
 * said. */
idf_exif idf_exif_read(const uint8_t *data, size_t size);

#endif
