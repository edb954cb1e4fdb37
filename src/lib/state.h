/* SPDX-License-Identifier: BSD-3-Clause
 *
 * state.h: what a decoder remembers, shared by decoder.c (header, metadata, end)
 * and decoder_tiles.c (tiles, rows, damage).
 */
#ifndef IDF_SRC_STATE_H
#define IDF_SRC_STATE_H

#include "crew.h"
#include "input.h"
#include "survey.h"

typedef struct idf_piece {
  char type[5];
  bool after_pixels;
  uint8_t *data;
  size_t size;
} idf_piece;

/* What idf_decoder_tile tells and the index must agree with. */
typedef struct idf_tile_note {
  uint32_t size; /* bytes of the record; at most IDF_MAX_RECORD + 10 */
  uint8_t method, schedule, colour;
  bool lost, ranks, joint;
} idf_tile_note;

/* A tile that was read before its turn came, and decoded if rows were asked for. */
typedef struct idf_ahead {
  idf_record rec;    /* payload: in `copy`, or in the input when it is the last read */
  uint8_t *copy;     /* until it is decoded */
  idf_status read;   /* of the record */
  idf_status model;  /* of finding the model, if the tile needs one */
  idf_status decode; /* once done */
  bool done;
  idf_tile_report report; /* as idf_tile_peek says; after decoding also bits */
} idf_ahead;

struct idf_decoder {
  idf_mem mem; /* first: idf_object_new */
  idf_limits limits;
  idf_input in;
  idf_header header;
  idf_info info;
  unsigned channels, sample_bytes;
  uint32_t side, across;
  uint64_t tiles;
  bool informed, keep_going, measured;
  idf_map_fn map;
  void *map_context;
  float *map_bits;            /* one tile, only with `map` */
  const idf_kernels *kernels; /* of the level asked for */
  const idf_model *given;     /* the caller's */
  idf_model *own;             /* a built-in, or `given` at another level, once a tile needed it */
  idf_piece *pieces;
  size_t piece_count, piece_cap;
  uint64_t metadata_size;
  idf_tile_note *notes; /* of tiles seen so far */
  size_t note_count, note_cap;
  unsigned threads;
  idf_ahead *ahead; /* tile i, of [note_count, read_count), is in number i mod ahead_cap */
  size_t read_count, ahead_cap;
  bool read_on;   /* another tile may be read behind the last */
  idf_crew *crew; /* decodes tiles that were read */
  uint16_t *band; /* band_tiles rows of tiles: row r is at r mod band_tiles */
  size_t band_stride;
  uint32_t band_tiles;
  uint32_t band_ready;   /* rows of the image decoded so far */
  uint32_t rows;         /* rows given to the caller */
  uint32_t crc;          /* of the rows decoded */
  bool sought, surveyed; /* after damage: tried a survey; have one */
  bool adrift;           /* after damage: where tiles begin is not known any more */
  idf_survey survey;     /* with `surveyed`: of what was at survey_from in the input */
  size_t survey_from;
  idf_anatomy anatomy;
  struct {
    uint64_t tiles, bytes;
  } by_method[IDF_METHODS];
  idf_cancel cancel;
  bool finished;
  idf_status status;
  idf_limit_kind limit; /* of an IDF_ERR_LIMIT; IDF_LIMIT_NONE: memory */
  char detail[160];     /* of the first error; with tiles lost and no error, of the first */
};

/* Notes the first error and what it is about; returns the first. */
#if defined(__GNUC__)
__attribute__((format(printf, 3, 4)))
#endif
idf_status
idf_decoder_fail(idf_decoder *d, idf_status status, const char *format, ...);

/* True for what a damaged file causes, as opposed to memory, limits and callers. */
static inline bool idf_is_damage(idf_status status)
{
  return status == IDF_ERR_CORRUPT || status == IDF_ERR_TRUNCATED;
}

/* Doubles an array of `size`-byte items when it is full; false when out of memory. */
bool idf_make_item(idf_mem *mem, void **items, size_t count, size_t *cap, size_t size);

/* Takes the next tile of the file; with `wanted` its samples are in the band then. */
idf_status idf_next_tile(idf_decoder *d, bool wanted);
void idf_ahead_free(idf_decoder *d);

#endif
