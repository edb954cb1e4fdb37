/* SPDX-License-Identifier: BSD-3-Clause
 *
 * pieces.h: pieces of metadata one behind the other: each 4 bytes of type, 3 bytes with the number
 * of its data, low byte first, and the data.
 */
#ifndef IDF_FLOW_PIECES_H
#define IDF_FLOW_PIECES_H

#include "bytes.h"

#define IDF_PIECE_TYPE 4u /* bytes of a type */
#define IDF_PIECE_HEAD 7u /* bytes of type and size before the data of a piece */

/* A piece among others; it points into them. */
typedef struct idf_plain_piece {
  const uint8_t *type; /* IDF_PIECE_TYPE bytes */
  const uint8_t *data;
  uint32_t size; /* of data, below 2^24 */
} idf_plain_piece;

/* Whether a type has letters and digits of ASCII only. */
bool idf_piece_type_allowed(const void *type);

/* What is before `size` bytes of data, below 2^24. */
void idf_piece_head(uint8_t head[IDF_PIECE_HEAD], const void *type, size_t size);
/* The size that a head tells. */
uint32_t idf_piece_size(const uint8_t head[IDF_PIECE_HEAD]);

/* Appends a piece of `size` bytes, below 2^24; data may be NULL when size is 0. */
void idf_piece_put(idf_buf *pieces, const void *type, const void *data, size_t size);
/* Takes the next piece. False, with *piece as it was, after the last, and where less is left than
 * the piece says: then cur->bad is set. */
bool idf_piece_next(idf_cur *cur, idf_plain_piece *piece);

#endif
