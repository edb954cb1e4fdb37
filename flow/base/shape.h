/* SPDX-License-Identifier: BSD-3-Clause
 *
 * shape.h: the two arguments of every tile method: the job (what to work with) and the tile
 * (what to work on). Both are borrowed for the length of a call.
 */
#ifndef IDF_FLOW_SHAPE_H
#define IDF_FLOW_SHAPE_H

#include "bytes.h"
#include "cancel.h"
#include "mem.h"

typedef struct idf_kernels idf_kernels; /* kernels.h */
typedef struct idf_model idf_model;     /* model.h */

/* The tools for coding a tile. Threads may share a job. */
typedef struct idf_job {
  idf_mem *mem;
  const idf_model *model;     /* NULL: methods that need a model are left out */
  const idf_kernels *kernels; /* the functions of the SIMD level in use */
  bool no_history;    /* for encoding: methods that undo what made the pixels are left out */
  idf_cancel *cancel; /* polled between rows or steps: IDF_ERR_CANCELLED; or NULL */
} idf_job;

typedef struct idf_tile_shape {
  uint32_t width, height; /* each in [1, 4096] */
  unsigned channels;      /* 1..4; with 2 and 4 the last one is alpha */
  unsigned depth;         /* 1..16 */
  bool indexed;           /* samples are palette indices: their order means nothing */
} idf_tile_shape;

/* A tile in the caller's memory. The samples of a row are interleaved, `channels` of them for each
 * pixel, and each is below 2^depth. Rows are `stride` samples apart. An encoder only reads them. */
typedef struct idf_tile {
  idf_tile_shape shape;
  uint16_t *samples;
  size_t stride;
} idf_tile;

/* Bytes of the payload that stores the samples as they are. No payload is longer. */
static inline size_t idf_tile_stored_size(const idf_tile_shape *shape)
{
  /* At most 2^24 pixels of 4 channels of 16 bits: 2^30 bits. */
  const uint32_t bits = shape->width * shape->height * shape->channels * shape->depth;
  return 1 + (size_t)(bits + 7) / 8;
}

/* What a payload's header says and, on request, what a decoder measures. */
typedef struct idf_tile_report {
  uint8_t method; /* index into idf_methods, or IDF_METHOD_UNKNOWN: method.h */
  bool needs_model;
  uint8_t schedule, colour; /* colour: an index into idf_colour_layers */
  bool values, joint;       /* planes hold ranks; alpha and gray form one group */
  double model_bits;        /* -log2 P of the whole tile under the model */
  double channel_bits[4];   /* per plane, in coding order (alpha first) */
  float *map;               /* width * height, the caller's, or NULL: bits are added */
} idf_tile_report;

/* Adds bits that belong to no sample more than to another. */
static inline void idf_report_evenly(idf_tile_report *report, const idf_tile_shape *shape,
                                     double report_bits)
{
  const uint32_t pixels = shape->width * shape->height;
  report->model_bits += report_bits;
  for (unsigned c = 0; c < shape->channels; c++)
    report->channel_bits[c] += report_bits / shape->channels;
  for (uint32_t i = 0; report->map && i < pixels; i++)
    report->map[i] += (float)(report_bits / pixels);
}

#endif
