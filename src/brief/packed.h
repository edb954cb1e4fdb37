/* SPDX-License-Identifier: BSD-3-Clause
 *
 * packed.h: the payload of a record 'P': what pack.h makes, and how much of it there is.
 */
#ifndef IDF_SRC_PACKED_H
#define IDF_SRC_PACKED_H

#include "pack.h"

typedef struct idf_packed {
  uint64_t count; /* pieces */
  uint64_t size;  /* bytes of their data */
  size_t len;     /* bytes of the plain pieces */
  unsigned words;
  idf_cur stream;
} idf_packed;

/* Parses the front of a payload. False if nothing that was packed begins so. */
bool idf_packed_head(idf_cur payload, idf_packed *packed);

/* Unpacks to packed->len bytes. Errors are those of idf_pack_decode. */
idf_status idf_packed_get(idf_mem *mem, idf_cancel *cancel, const idf_packed *packed,
                          uint8_t *plain);
/* Whether these bytes, unpacked, are as many pieces as there should be. */
bool idf_packed_counted(const idf_packed *packed, const uint8_t *plain);

/* Appends the payload for these plain pieces, at least one. Errors are those of
 * idf_pack_encode. */
idf_status idf_packed_put(idf_mem *mem, idf_cancel *cancel, const idf_buf *plain, idf_buf *out);

#endif
