/* SPDX-License-Identifier: BSD-3-Clause
 *
 * pieces.h: the plain form of metadata: a sequence of pieces.
 *
 * A piece is 4 bytes of type, 3 bytes with the number of its data bytes, low byte first, and the
 * data.
 */
#ifndef IDF_FLOW_PIECES_H
#define IDF_FLOW_PIECES_H

#include "bytes.h"

#define IDF_PIECE_TYPE 4u /* bytes of a type */
#define IDF_PIECE_HEAD 7u /* bytes of type and size before the data of a piece */

/* A piece in a sequence; the pointers point into the sequence. */
typedef struct idf_plain_piece {
  const uint8_t *type; /* IDF_PIECE_TYPE bytes */
  const uint8_t *data;
  uint32_t size; /* of data, below 2^24 */
} idf_plain_piece;

/* Whether a type has only ASCII letters and digits. */
bool idf_piece_type_allowed(const void *type);

/* Writes the head of a piece with `size` bytes of data, below 2^24. */
void idf_piece_head(uint8_t head[IDF_PIECE_HEAD], const void *type, size_t size);
/* The size that a head states. */
uint32_t idf_piece_size(const uint8_t head[IDF_PIECE_HEAD]);

/* Appends a piece of `size` bytes, below 2^24; data may be NULL if size is 0. */
void idf_piece_put(idf_buf *pieces, const void *type, const void *data, size_t size);
/* Takes the next piece. Returns false, and leaves *piece alone, after the last one, and if fewer
 * bytes are left than the piece states: then cur->bad is set. */
bool idf_piece_next(idf_cur *cur, idf_plain_piece *piece);

#endif
