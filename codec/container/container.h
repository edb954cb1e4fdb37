/* SPDX-License-Identifier: BSD-3-Clause
 *
 * container.h: the bytes around the tiles; section numbers refer to idf(5).
 *
 * file   = magic header record* end
 * magic  = 8D 49 44 46 0D 0A 1A 0A          ("\x8DIDF\r\n\x1A\n")
 * header = u8 version (3), u8 layout, u8 depth, varint width, varint height,
 *          u8 log2 of the tile side, u8 tier, 8 bytes model id,
 *          u32 CRC-32C of everything before it, magic included
 * record = u8 kind, varint length, payload[length], u32 CRC-32C of kind, length
 *          (as stored) and payload
 *
 * Kinds: 'M' metadata: 4 bytes type, then data. Allowed before the first tile and
 *            after the last.
 *        'P' packed metadata: varint 8 x number of pieces + sets of words, varint bytes
 *            of their data together, a stream of pack.h. Allowed where 'M' is.
 *        'J' the picture is that of a JPEG file: kept_record.h. At most one, before the first
 *            tile. Tiles are then bands of its coefficients: each as wide as the picture, one
 *            below the other; the log2 of the tile side is 9, the model id is zeros, and the
 *            checksum of 'E' is that of the coefficients (kept_file.h).
 *        'T' tile: varint number, only where the picture has more than one tile, and a
 *            payload of tile.h. In raster order of tiles, numbered from 0, as many as the
 *            header implies, with nothing between them.
 *        'I' index: for each tile a varint with the size in bytes of its whole
 *            record. Present when there is more than one tile, right before 'E'.
 *        'E' end: u32 CRC-32C of the decoded samples in raster order of the image
 *            (interleaved; 1 byte a sample up to 8 bits of depth, else 2, low
 *            byte first), u32 offset in bytes from the start of this record back
 *            to the start of the 'I' record, 0 without one. Nothing follows.
 * Any other kind, before the first tile or after the last but not after 'I', is
 * skipped when its bit 5 (0x20, lower case) is set and is IDF_ERR_UNSUPPORTED otherwise.
 *
 * A small picture of one tile has no records but the brief form instead: brief.h.
 *
 * All integers little endian. Everything is bounded before it is believed.
 */
#ifndef IDF_CODEC_CONTAINER_H
#define IDF_CODEC_CONTAINER_H

#include "bytes.h"
#include "idf_simd.h"

#define IDF_FORMAT_VERSION 3
#define IDF_MAGIC_SIZE 8
#define IDF_MAX_SIDE 0x7fffffffu /* samples; width and height */
#define IDF_MIN_TILE_LOG2 6u
#define IDF_MAX_TILE_LOG2 12u
#define IDF_MAX_RECORD 0x7fffffffu /* bytes of one payload */
#define IDF_MAX_HEADER 64u         /* bytes of magic and header, at most */

enum {
  IDF_KIND_META = 'M',
  IDF_KIND_PACK = 'P',
  IDF_KIND_JPEG = 'J',
  IDF_KIND_TILE = 'T',
  IDF_KIND_INDEX = 'I',
  IDF_KIND_END = 'E'
};

typedef struct idf_header {
  uint32_t width, height; /* samples, 1 .. IDF_MAX_SIDE */
  uint8_t layout, depth;  /* what samples are: any bytes here, idf_info_valid knows them */
  uint8_t tile_log2;      /* IDF_MIN_TILE_LOG2 .. IDF_MAX_TILE_LOG2 */
  uint8_t tier;           /* which effort wrote the file: 1, 5 or 9; informative */
  uint8_t model_id[8];    /* first bytes of the model's SHA-256; zeros: none is needed */
} idf_header;

typedef struct idf_record {
  uint8_t kind;
  const uint8_t *payload; /* borrowed from the input */
  size_t len;
  size_t size; /* bytes of the whole record, frame included */
} idf_record;

uint32_t idf_tiles_across(const idf_header *header);
uint32_t idf_tiles_down(const idf_header *header);

/* Functions with `simd` compute checksums with the machine's CRC instruction, unless it is
 * IDF_SIMD_NONE. */

void idf_write_header(idf_simd simd, idf_buf *out, const idf_header *header);

/* Magic and version, with which brief files begin, too (brief.h). idf_take_magic returns
 * IDF_ERR_NOT_IDF, IDF_ERR_TRUNCATED or IDF_ERR_UNSUPPORTED like idf_read_header. */
void idf_put_magic(idf_buf *out);
idf_status idf_take_magic(idf_cur *cur);

/* Parses magic and header of a file of records from data, and sets *used to their size.
 * IDF_ERR_NOT_IDF for a wrong magic (also if fewer than 8 bytes match so far and no more will
 * come), IDF_ERR_TRUNCATED, IDF_ERR_UNSUPPORTED (version), IDF_ERR_CORRUPT. */
idf_status idf_read_header(idf_simd simd, const uint8_t *data, size_t len, idf_header *header,
                           size_t *used);

/* Whether all but the sides, the layout and the depth are as the format allows. */
bool idf_header_allowed(const idf_header *header);

/* Whether the data end inside a varint of 32 bits: cut short, not wrong. */
bool idf_varint_cut(const idf_cur *cur);

/* Appends one framed record. */
void idf_write_record(idf_simd simd, idf_buf *out, uint8_t kind, const void *payload, size_t len);

/* The number of a tile in front of its payload; `tiles` is the number of tiles in the picture. A
 * single tile has no number. idf_take_tile_number takes the number off rec->payload; if it is
 * invalid, it returns false and leaves rec alone. */
void idf_put_tile_number(idf_buf *out, uint64_t tiles, uint64_t number);
bool idf_take_tile_number(idf_record *rec, uint64_t tiles, uint64_t *number);

/* The bytes of a record whose payload has `len` bytes, at most IDF_MAX_RECORD. */
size_t idf_record_size(size_t len);

/* Parses the frame (kind and length) at data. IDF_ERR_TRUNCATED if more bytes are needed,
 * IDF_ERR_CORRUPT for a length above IDF_MAX_RECORD or an over-long varint. After IDF_OK rec->size
 * is known; rec->payload is not checked yet. */
idf_status idf_peek_record(const uint8_t *data, size_t len, idf_record *rec);

/* Parses one whole record and checks its CRC. IDF_ERR_CORRUPT if the CRC differs; rec is filled
 * even then, so that the caller may skip the record. */
idf_status idf_read_record(idf_simd simd, const uint8_t *data, size_t len, idf_record *rec);

#endif
