/* SPDX-License-Identifier: BSD-3-Clause
 *
 * brief_pieces.h: the metadata of a brief file: chapter 3.1 of idf(5).
 *
 * Form 0: none. Form 1: pieces one by one, each a byte (kind, 64 after the pixels, 128 another
 * follows), what the kind leaves open, and the data. Form 2: varint size and the payload of a 'P';
 * form 3: a varint first with the number of pieces that come before the pixels.
 */
#ifndef IDF_SRC_BRIEF_PIECES_H
#define IDF_SRC_BRIEF_PIECES_H

#include "packed.h"

/* Plain pieces (pieces.h), the first `before` of them from before the pixels. */
typedef struct idf_brief_pieces {
  idf_buf plain;
  uint64_t before;
} idf_brief_pieces;

/* Takes metadata of this form off `cur`, and appends them to pieces->plain. *over is set, with
 * IDF_ERR_LIMIT, if the data have more than `most` bytes. Other errors: IDF_ERR_CORRUPT, memory,
 * IDF_ERR_CANCELLED. */
idf_status idf_brief_pieces_get(idf_mem *mem, idf_cancel *cancel, uint8_t form, uint64_t most,
                                idf_cur *cur, idf_brief_pieces *pieces, bool *over);

/* Appends the metadata in the form that is the shortest, which *form gets. Errors: memory,
 * IDF_ERR_CANCELLED. */
idf_status idf_brief_pieces_put(idf_mem *mem, idf_cancel *cancel, const idf_brief_pieces *pieces,
                                idf_buf *out, uint8_t *form);

#endif
