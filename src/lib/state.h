/* SPDX-License-Identifier: BSD-3-Clause
 *
 * state.h: the state of a decoder, shared by decoder.c (header, metadata, end), decoder_tiles.c
 * (tiles, damage), decoder_jpeg.c, decoder_view.c, decoder_rows.c (what callers get) and
 * decoder_facts.c.
 */
#ifndef IDF_SRC_STATE_H
#define IDF_SRC_STATE_H

#include "brief.h"
#include "input.h"
#include "internal.h"
#include "jpeg.h"
#include "pieces.h"
#include "pool.h"
#include "sources.h"
#include "survey.h"

struct idf_colours; /* colours.h */

typedef struct idf_piece {
  char type[5];
  bool after_pixels;
  uint8_t *data;
  size_t size;
} idf_piece;

/* What idf_decoder_tile reports and the index must confirm. */
typedef struct idf_tile_note {
  uint32_t size; /* bytes of the record; at most IDF_MAX_RECORD + 10 */
  uint8_t method, schedule, colour;
  bool lost, ranks, joint;
} idf_tile_note;

/* A tile that was read before its turn, and decoded if rows were requested. */
typedef struct idf_ahead {
  idf_record rec;    /* payload: in `copy`, or in the input for the last one read */
  uint8_t *copy;     /* until it is decoded */
  idf_status read;   /* of the record */
  idf_status model;  /* result of finding the model, if the tile needs one */
  idf_status decode; /* once done */
  bool done;
  idf_tile_report report; /* as idf_tile_peek says; after decoding also bits */
} idf_ahead;

/* What tiles hold: samples (decoder_tiles.c) or coefficients of a JPEG file (decoder_jpeg.c). */
typedef struct idf_content {
  /* Sets what follows from the part in d->view: the tiles, and what the band is. */
  void (*see)(idf_decoder *d);
  /* Bytes of the payload of a tile, number not included, at most. */
  size_t (*most)(const idf_decoder *d, uint64_t i);
  /* Whether a payload may be one; fills a->report but for the bits. */
  bool (*peek)(const idf_decoder *d, idf_ahead *a);
  /* Decodes tile i. Run by several threads: it changes only what is of the tile. `report` is NULL
   * where nothing is measured. */
  idf_status (*decode)(idf_decoder *d, uint64_t i, const idf_ahead *a, idf_tile_report *report);
  /* Makes all of a tile that is lost 0. */
  void (*blank)(const idf_decoder *d, uint64_t i);
  /* Where it is in the picture. */
  void (*describe)(const idf_decoder *d, uint64_t i, idf_tile_info *tile);
} idf_content;

typedef struct idf_decoder_kept idf_decoder_kept; /* decoder_jpeg.c */
struct idf_decoder_facts;                         /* decoder_facts.c */
struct idf_decoder_out;                           /* decoder_rows.c */

/* What is delivered: a part of the picture, perhaps smaller. */
typedef struct idf_view {
  uint32_t x, y, width, height; /* of the part, in pixels of the picture */
  unsigned scale;               /* log2 of the side of a box of pixels that becomes one */
  idf_info plain;               /* the part; if scaled, without a palette or a transparent colour */
  idf_info out;                 /* what is delivered */
  uint32_t first_col, last_col, first_row, last_row; /* tiles that are needed */
  bool whole;                                        /* all are */
} idf_view;

struct idf_decoder {
  idf_mem mem; /* first: idf_object_new */
  idf_limits limits;
  idf_input in;
  idf_queue queue; /* of the input, if `pushed` */
  idf_place place; /* of the input, if in.place */
  bool pushed;
  idf_header header;
  idf_brief brief;      /* head 0: a file of records */
  size_t brief_tile;    /* bytes of the payload of its tile */
  size_t brief_late;    /* pieces behind piece_count, which count when the tile was read */
  size_t model_id_size; /* bytes of header.model_id that the file has */
  idf_info info;
  unsigned channels, sample_bytes;
  uint32_t side, across;
  uint64_t tiles;
  const idf_content *content;
  idf_decoder_kept *jpeg; /* NULL: the tiles hold samples */
  bool informed, keep_going, measured;
  idf_map_fn map;
  void *map_context;
  float *map_bits;            /* one tile, only with `map` */
  const idf_kernels *kernels; /* of the requested level */
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
  bool read_on;        /* another tile may be read after the last one */
  idf_pool *pool;      /* decodes tiles that were read */
  uint16_t *band;      /* band_tiles rows of tiles: row r is at r mod band_tiles */
  uint32_t band_width; /* pixels: of the tiles that are needed */
  size_t band_stride;  /* samples */
  uint32_t band_tiles;
  uint32_t band_ready; /* rows of the image decoded so far */
  idf_view view;
  bool begun;            /* a row was asked for: the view cannot change */
  uint32_t *index;       /* sizes of the records of tiles; NULL: all are read */
  uint32_t rows;         /* next row of the picture */
  uint32_t told;         /* rows that `progress` knows */
  uint32_t delivered;    /* rows given to the caller */
  uint32_t pending;      /* of these, by the call that lacked input and is to be repeated */
  size_t pending_pixel;  /* bytes of a pixel that it asked for */
  uint32_t crc;          /* of the rows decoded; of a JPEG's coefficients */
  bool sought, surveyed; /* after damage: a survey was tried; it exists */
  bool adrift;           /* after damage: the start of the next tile is unknown */
  idf_survey survey;     /* if `surveyed`: of the input from survey_from on */
  size_t survey_from;
  idf_anatomy anatomy;
  struct {
    uint64_t tiles, bytes;
  } by_method[IDF_METHODS];
  struct idf_decoder_facts *facts; /* NULL: none was asked for */
  struct idf_decoder_out *out;     /* NULL: no row was asked for */
  idf_cancel cancel;
  idf_progress_fn progress;
  void *progress_context;
  unsigned tail_steps; /* what was read after the last tile: decoder.c */
  uint32_t index_size; /* bytes of the record of the index; 0: none */
  bool finishing;      /* no more rows are wanted */
  bool finished;
  idf_status status;
  idf_limit_kind limit; /* of an IDF_ERR_LIMIT; IDF_LIMIT_NONE: memory */
  char detail[160];     /* of the first error; or, with tiles lost and no error, of the first
                         * loss */
};

/* Records the first error and its details; returns the first one. IDF_NEED_INPUT lasts until the
 * next call. */
#if defined(__GNUC__)
__attribute__((format(printf, 3, 4)))
#endif
idf_status
idf_decoder_fail(idf_decoder *d, idf_status status, const char *format, ...);

/* Whether a damaged file causes this status, and not memory, limits or the caller. */
static inline bool idf_is_damage(idf_status status)
{
  return status == IDF_ERR_CORRUPT || status == IDF_ERR_TRUNCATED;
}

/* Doubles an array of `size`-byte items if it is full; false: no memory. */
bool idf_make_item(idf_mem *mem, void **items, size_t count, size_t *cap, size_t size);

/* Takes the next tile of the file. If `wanted`, its samples are then in the band. After
 * IDF_NEED_INPUT it can be called again, as all that follows. */
idf_status idf_next_tile(idf_decoder *d, bool wanted);
void idf_ahead_free(idf_decoder *d);

/* Whether each pixel's bits are asked for, and can be told. */
static inline bool idf_is_mapped(const idf_decoder *d)
{
  return d->map && !d->jpeg;
}

/* Threads that decode: the map is measured by one. */
static inline unsigned idf_threads_of(const idf_decoder *d)
{
  return idf_is_mapped(d) ? 1 : d->threads;
}

/* The part of row d->rows of a picture of samples, for reading; it is valid until the next call. */
idf_status idf_decoder_sample_row(idf_decoder *d, const uint16_t **row);

extern const idf_content idf_content_samples, idf_content_coefs;

/* Adds a piece; one of `size` bytes that exceeds the limit; the JPEG and its segments. */
idf_status idf_decoder_add_piece(idf_decoder *d, const idf_plain_piece *piece, bool after_pixels);
idf_status idf_decoder_metadata_limit(idf_decoder *d, uint64_t size);
idf_status idf_decoder_add_jpeg(idf_decoder *d, const uint8_t *payload, size_t len);

/* Sees that the file ends here. */
idf_status idf_decoder_nothing_more(idf_decoder *d);

/* ---- decoder_brief.c ----------------------------------------------------------------------- */

/* After the head: takes the rest of the file but for the tile, which the next call describes. */
idf_status idf_decoder_take_brief(idf_decoder *d);
void idf_decoder_brief_tile(idf_decoder *d, idf_record *rec);
/* Reads on from the tile to the end of the file; can be called again after IDF_NEED_INPUT. */
idf_status idf_decoder_brief_tail(idf_decoder *d);

/* ---- decoder_jpeg.c ------------------------------------------------------------------------ */

/* Takes the payload of the record that says what JPEG file this holds. */
idf_status idf_decoder_take_jpeg(idf_decoder *d, const uint8_t *payload, size_t len);
void idf_decoder_jpeg_free(idf_decoder *d);
/* The file as far as the record tells, after that. */
const idf_jpeg *idf_decoder_jpeg_file(const idf_decoder *d);
/* Gives row d->rows of the picture, whole; rows before it are passed over. */
idf_status idf_decoder_jpeg_row(idf_decoder *d, uint8_t *row);
/* Reads on from the last tile to the end of the file. */
idf_status idf_decoder_tail(idf_decoder *d);

/* ---- decoder_facts.c, decoder_rows.c ------------------------------------------------------- */

/* The first piece of metadata of this type; NULL if there is none. */
const idf_piece *idf_decoder_piece(const idf_decoder *d, const char *type);
void idf_decoder_facts_free(idf_decoder *d);
void idf_decoder_out_free(idf_decoder *d);

/* ---- decoder_view.c ------------------------------------------------------------------------ */

/* Begins with the whole picture. */
void idf_decoder_view_all(idf_decoder *d);
/* Fixes the view and finds the index, if it helps. */
idf_status idf_decoder_begin(idf_decoder *d);
/* Says how samples of the picture become colours. */
void idf_decoder_colours(const idf_decoder *d, struct idf_colours *colours);
/* Rows of the picture before `rows` are decoded: tells the caller. */
void idf_decoder_ready(idf_decoder *d, uint32_t rows);

#endif
