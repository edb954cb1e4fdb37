/* SPDX-License-Identifier: BSD-3-Clause
 *
 * inflate.h: expands zlib data, for the metadata of PNG that are compressed.
 *
 * The library has its own reader, because it depends on no other library. It is small and not fast:
 * profiles and texts are.
 */
#ifndef IDF_INFLATE_H
#define IDF_INFLATE_H

#include "bytes.h"

/* Appends what `data` hold, a zlib stream (RFC 1950) of deflate blocks (RFC 1951) without a
 * dictionary. Bytes after its end are ignored, as other readers do. out->len grows by at most
 * `most`.
 *
 * IDF_ERR_CORRUPT: it is none, it ends early, or its checksum differs; IDF_ERR_LIMIT: more than
 * `most`, or memory; IDF_ERR_MEMORY. After an error `out` has some of the bytes. */
idf_status idf_inflate(idf_buf *out, const uint8_t *data, size_t size, size_t most);

#endif
