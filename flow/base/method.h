/* SPDX-License-Identifier: BSD-3-Clause
 *
 * method.h: the interface of a tile method, that is, of one way to code a tile.
 *
 * To add a method, write its file and enter it in idf_methods. Encoder, decoder, library and
 * idfinfo know methods through that table only.
 */
#ifndef IDF_FLOW_METHOD_H
#define IDF_FLOW_METHOD_H

#include "shape.h"

/* The first bytes of payloads, as the format defines them. They are for the methods themselves and
 * for tests. All other code calls idf_method_of. */
enum {
  IDF_TILE_STORED = 0,
  IDF_TILE_SOLID = 1,
  IDF_TILE_FLOW = 2,
  IDF_TILE_SCREEN = 3, /* with the smallest tables */
  IDF_TILE_SCREEN_LAST = 8,
  IDF_TILE_HISTORY = 9,
  IDF_TILE_CHROMA = 10
};

/* The result of a cheap look at the samples, in rising order. */
typedef enum idf_hope {
  IDF_HOPELESS, /* do not try this method */
  IDF_OPEN,     /* only trying it will tell */
  IDF_LIKELY,   /* try this method first */
  IDF_CERTAIN   /* nothing can be shorter: try no other */
} idf_hope;

/* What only an encoder calls. A program that only decodes, and must be small, is compiled with
 * IDF_DECODE_ONLY: it then has none of it. */
#if defined(IDF_DECODE_ONLY)
#define IDF_ENCODING(function) (0 ? (function) : NULL)
#else
#define IDF_ENCODING(function) (function)
#endif

typedef struct idf_method {
  const char *name;    /* one word, shown to users */
  uint8_t first, last; /* range of a payload's first byte */
  bool needs_model;    /* without a model in the job: skipped, or unsupported when decoding */
  bool slow;           /* skipped where the job's model has no network, which is to be fast */
  bool history;        /* it undoes what made the pixels: skipped where the job says so */
  idf_hope (*look)(const idf_tile *tile); /* NULL: always hopeless */
  /* Whether this payload of its own is so short that no other method need be tried. NULL: never. */
  bool (*settles)(const idf_tile *tile, idf_hope hope, const uint8_t *payload, size_t bytes);
  /* Appends a payload, including its first byte, or nothing if the tile turns out not to be for
   * this method. Errors: memory, and IDF_ERR_CANCELLED. */
  idf_status (*encode)(const idf_job *job, const idf_tile *tile, idf_buf *out);
  /* Decodes a payload, including its first byte. All of it must be used. Adds bits and map to
   * `report`, which may be NULL. Errors are those of idf_tile_decode. */
  idf_status (*decode)(const idf_job *job, const idf_tile *tile, idf_cur payload,
                       idf_tile_report *report);
  /* Fills the other fields of a report before the payload is decoded. NULL: there are none. Returns
   * false when the payload is too short for that. */
  bool (*peek)(idf_cur payload, idf_tile_report *report);
} idf_method;

#endif
