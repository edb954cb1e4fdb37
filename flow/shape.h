/* SPDX-License-Identifier: BSD-3-Clause
 *
 * shape.h: what every method of a tile is given: a job, which says with what to work, and a
 * tile, which says on what. Both are borrowed for the length of a call.
 */
#ifndef IDF_FLOW_SHAPE_H
#define IDF_FLOW_SHAPE_H

#include "bytes.h"
#include "model.h"

/* What a tile is coded with. Threads may share a job. */
typedef struct idf_job {
  idf_mem *mem;
  const idf_model *model;     /* NULL: methods that need one are left out */
  const idf_kernels *kernels; /* of the level that runs the model; NULL without a model */
} idf_job;

typedef struct idf_tile_shape {
  uint32_t width, height; /* each in [1, 4096] */
  unsigned channels;      /* 1..4; 2 and 4: the last one is alpha */
  unsigned depth;         /* 1..16 */
  bool indexed;           /* samples are palette indices: no order among values is assumed */
} idf_tile_shape;

/* A tile in the caller's memory. The samples of a row are interleaved, `channels` to a pixel,
 * each below 2^depth; rows are `stride` samples apart. An encoder does not write them. */
typedef struct idf_tile {
  idf_tile_shape shape;
  uint16_t *samples;
  size_t stride;
} idf_tile;

/* What a decoder measures, where it is asked for. */
typedef struct idf_tile_report {
  uint8_t method, schedule, colour;
  double model_bits;      /* -log2 P of the whole tile under the model */
  double channel_bits[4]; /* by plane, in coding order (alpha first) */
  float *map;             /* caller's, width * height, or NULL; bits are added to each pixel */
} idf_tile_report;

#endif
