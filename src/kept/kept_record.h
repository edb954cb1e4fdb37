/* SPDX-License-Identifier: BSD-3-Clause
 *
 * kept_record.h: the record 'J' of an .idf that holds a JPEG file: all of it but its coefficients.
 *
 * payload = u8 shape of the coder of coefficients (coefs.h) + 16 x number of the file's suffix,
 *           u32 CRC-32C of the file, varint number of runs, that many varints, their lengths;
 *           bytes of the runs that are not packed; and, when any run is, u8 sets of words and a
 *           stream of pack.h to the payload's end
 * The runs, one behind the other, are the side stream of codec/jpeg. The first, third, ... are
 * packed; they are the data of one piece of flow/pack, of type "JPEG". The others are what packing
 * cannot shorten: thumbnails, films behind the picture.
 */
#ifndef IDF_SRC_KEPT_RECORD_H
#define IDF_SRC_KEPT_RECORD_H

#include "bytes.h"

typedef struct idf_kept_record {
  uint8_t shape;  /* IDF_COEFS_FULL or IDF_COEFS_LEAN */
  uint8_t suffix; /* number below IDF_KEPT_SUFFIXES */
  uint32_t crc;   /* of the JPEG file */
  uint8_t *side;  /* owned */
  size_t side_len;
} idf_kept_record;

/* The suffixes that are remembered, by number: ".jpg" is 0. Nothing else is worth a byte. */
#define IDF_KEPT_SUFFIXES 8u
extern const char *const idf_kept_suffixes[IDF_KEPT_SUFFIXES];

/* The payload's first byte, of a record whose shape and suffix are known; and the other way round,
 * false for numbers that do not exist. */
uint8_t idf_kept_first_byte(const idf_kept_record *record);
bool idf_kept_first_byte_get(uint8_t byte, idf_kept_record *record);

/* Appends the payload. Errors: memory only. */
idf_status idf_kept_record_put(idf_mem *mem, const idf_kept_record *record, idf_buf *out);

/* Reads a payload. IDF_ERR_CORRUPT, IDF_ERR_UNSUPPORTED (shape or suffix), or memory; then nothing
 * is owned. Memory is bounded by the length and IDF_PACK_MAX. */
idf_status idf_kept_record_get(idf_mem *mem, const uint8_t *payload, size_t len,
                               idf_kept_record *record);
void idf_kept_record_free(idf_mem *mem, idf_kept_record *record);

#endif
