/* SPDX-License-Identifier: BSD-3-Clause
 *
 * shape.h: what every method of a tile is given: a job, which says with what to work, and a
 * tile, which says on what. Both are borrowed for the length of a call.
 */
#ifndef IDF_FLOW_SHAPE_H
#define IDF_FLOW_SHAPE_H

#include "bytes.h"
#include "cancel.h"
#include "mem.h"

typedef struct idf_kernels idf_kernels; /* kernels.h */
typedef struct idf_model idf_model;     /* model.h */

/* What a tile is coded with. Threads may share a job. */
typedef struct idf_job {
  idf_mem *mem;
  const idf_model *model;     /* NULL: methods that need one are left out */
  const idf_kernels *kernels; /* of the level that does the work */
  idf_cancel *cancel;         /* asked between rows or steps: IDF_ERR_CANCELLED; NULL: nobody is */
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

/* Bytes of the payload that holds the samples as they are, and of no payload more. */
static inline size_t idf_tile_stored_size(const idf_tile_shape *shape)
{
  /* At most 2^24 pixels of 4 channels of 16 bits: 2^30 bits. */
  const uint32_t bits = shape->width * shape->height * shape->channels * shape->depth;
  return 1 + (size_t)(bits + 7) / 8;
}

/* What a payload says of itself, and, where it is asked for, what a decoder measures. */
typedef struct idf_tile_report {
  uint8_t method; /* its place in idf_methods, or IDF_METHOD_UNKNOWN: method.h */
  bool needs_model;
  uint8_t schedule, colour; /* colour: a place in idf_colour_layers */
  bool values, joint;       /* planes hold ranks; alpha and gray are one group */
  double model_bits;        /* -log2 P of the whole tile under the model */
  double channel_bits[4];   /* by plane, in coding order (alpha first) */
  float *map;               /* caller's, width * height, or NULL; bits are added to each pixel */
} idf_tile_report;

#endif
