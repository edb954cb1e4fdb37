/* SPDX-License-Identifier: BSD-3-Clause
 *
 * method.h: what a way to code a tile is. To add one, write its file and enter it in
 * idf_methods: encoder, decoder, library and idfinfo know methods from there only.
 */
#ifndef IDF_FLOW_METHOD_H
#define IDF_FLOW_METHOD_H

#include "shape.h"

/* First bytes of payloads, as the format has them: for the methods themselves, and for tests.
 * Everybody else asks idf_method_of. */
enum {
  IDF_TILE_STORED = 0,
  IDF_TILE_SOLID = 1,
  IDF_TILE_FLOW = 2,
  IDF_TILE_SCREEN = 3, /* with the smallest tables, */
  IDF_TILE_SCREEN_LAST = 8
};

/* What a cheap look at the samples says of a method, in rising order. */
typedef enum idf_hope {
  IDF_HOPELESS, /* not to be tried */
  IDF_OPEN,     /* trying tells */
  IDF_LIKELY,   /* to be tried first */
  IDF_CERTAIN   /* nothing can be shorter: no other is to be tried */
} idf_hope;

typedef struct idf_method {
  const char *name;    /* for people: one word */
  uint8_t first, last; /* bytes with which its payloads begin */
  bool needs_model;    /* it is left out, and is unsupported, where the job has none */
  idf_hope (*look)(const idf_tile *tile); /* NULL: hopeless, whatever the tile */
  /* Whether a payload of so many bytes is so short that no other method need be tried. NULL:
   * never. */
  bool (*settles)(const idf_tile *tile, idf_hope hope, size_t bytes);
  /* Appends a payload, first byte included. Errors: memory, and IDF_ERR_CANCELLED. */
  idf_status (*encode)(const idf_job *job, const idf_tile *tile, idf_buf *out);
  /* Decodes a payload, first byte included, all of which must be used. Into `report` (may be
   * NULL) go bits and map: sums are added to. Errors as idf_tile_decode. */
  idf_status (*decode)(const idf_job *job, const idf_tile *tile, idf_cur payload,
                       idf_tile_report *report);
  /* Fills what else a report says of a payload before it is decoded. NULL: nothing. False: the
   * payload ends before that. */
  bool (*peek)(idf_cur payload, idf_tile_report *report);
} idf_method;

#endif
