/* SPDX-License-Identifier: BSD-3-Clause
 *
 * brief.h: the brief form of a file, for a small picture of one tile: chapter 2.1 of idf(5).
 *
 * file   = magic u8 version, u8 128 + layout + 8 * (depth - 1), u8 flags, sides, varint size, body,
 *          u32 CRC-32C of everything before it
 * body   = [2 bytes: the first of the model id] [varint size, payload of 'J'] [metadata]
 *          payload of 'T', u16 low half of the CRC-32C of the samples (or coefficients)
 *
 * There are no records, so there is nothing to find in a damaged file. All of it is read and its
 * checksum is checked before anything but the head is believed.
 */
#ifndef IDF_SRC_BRIEF_H
#define IDF_SRC_BRIEF_H

#include "container.h"

#define IDF_BRIEF_MAX ((size_t)1 << 16) /* largest body, bytes */
#define IDF_BRIEF_SIDE_LOG2 12u         /* sides are up to 2^12 pixels */
#define IDF_BRIEF_CHECK 2u              /* bytes of the check of the samples */
#define IDF_BRIEF_MODEL 2u              /* bytes of the model id */
#define IDF_BRIEF_TAIL 4u               /* bytes of the checksum */

typedef struct idf_brief {
  idf_header header; /* tile_log2: one tile covers the picture; model_id: IDF_BRIEF_MODEL bytes */
  bool model;        /* the tile needs it */
  uint8_t form;      /* of the metadata: brief_pieces.h */
  bool jpeg;         /* the tile is that of a JPEG file, the record of which is `kept` */
  size_t head, size; /* bytes before the body, and of the body */
  idf_cur kept, metadata; /* borrowed from the file. `metadata` goes to the end of the body: what
                           * brief_pieces.h leaves of it is the tile and the check. */
} idf_brief;

/* Whether a file that begins with these bytes has the brief form, if it has any. */
bool idf_is_brief(const uint8_t *data, size_t len);
/* Whether a picture may have it; `tiles` in the picture. */
bool idf_brief_possible(const idf_header *header, uint64_t tiles);

/* Parses the head of a file of which `data` is the beginning, and finds the record of the JPEG as
 * far as it is there. IDF_ERR_NOT_IDF,
 * IDF_ERR_TRUNCATED, IDF_ERR_UNSUPPORTED (version) and IDF_ERR_CORRUPT are those of
 * idf_read_header. */
idf_status idf_brief_head(const uint8_t *data, size_t len, idf_brief *brief);

/* After the head, when all brief->head + brief->size + IDF_BRIEF_TAIL bytes are there: checks the
 * checksum, and fills the rest. IDF_ERR_CORRUPT. */
idf_status idf_brief_whole(idf_simd simd, const uint8_t *data, idf_brief *brief);

/* Appends a file. Of `brief`, header, model, form and jpeg count, and the bytes of kept and
 * metadata; `tile` is the payload, crc the checksum of the samples. False, and nothing is appended,
 * if the body is too large, or without memory: then out->bad. */
bool idf_brief_put(idf_simd simd, idf_buf *out, const idf_brief *brief, const idf_buf *tile,
                   uint32_t crc);

#endif
