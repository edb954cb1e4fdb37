/* SPDX-License-Identifier: BSD-3-Clause
 *
 * pack.h: packs pieces of metadata into one stream: chapter 6 of idf(5).
 *
 * Plain pieces (pieces.h) are coded bit by bit with the mixer. Both directions first learn a text
 * of common types, keywords and headers. So packing pays even for the forty bytes of an icon.
 */
#ifndef IDF_FLOW_PACK_H
#define IDF_FLOW_PACK_H

#include "cancel.h"
#include "pieces.h"

#define IDF_PACK_MAX (1u << 22) /* largest number of bytes, plain or packed */

/* Sets of words, as flags, that are learned in addition to those that always are. */
enum { IDF_PACK_XMP = 1, IDF_PACK_DATES = 2, IDF_PACK_TEXTS = 4, IDF_PACK_WORDS = 8 };

/* The sets that are useful for these pieces, as idf_pack_encode takes them. */
unsigned idf_pack_words(const uint8_t *plain, size_t len);

/* Whether the data of a piece look compressed already, so that packing would only take time. */
bool idf_pack_useless(const uint8_t *data, size_t size);

/* Appends to `out` the stream of `len` bytes, 1 .. IDF_PACK_MAX, of plain, well-formed pieces, with
 * sets of words below IDF_PACK_WORDS. `cancel` (may be NULL) is polled now and then. Errors:
 * memory, IDF_ERR_CANCELLED. */
idf_status idf_pack_encode(idf_mem *mem, idf_cancel *cancel, unsigned words, const uint8_t *plain,
                           size_t len, idf_buf *out);

/* Whether a stream of `len` bytes may hold `size` plain ones. It refuses, before anything is
 * allocated, what no encoder can have made. */
bool idf_pack_plausible(size_t len, uint64_t size);

/* Decodes a stream to `size` plain bytes. idf_pack_plausible and valid words are required. The
 * result is a sequence of whole pieces; their types are not checked. Errors: IDF_ERR_CORRUPT,
 * memory, IDF_ERR_CANCELLED. */
idf_status idf_pack_decode(idf_mem *mem, idf_cancel *cancel, unsigned words, const uint8_t *data,
                           size_t len, uint8_t *plain, size_t size);

#endif
