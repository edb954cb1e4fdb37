/* SPDX-License-Identifier: BSD-3-Clause
 *
 * streams.h: codes one group of planes through the flow to a rANS stream, and back.
 *
 * stream = u8 flags: bit 0 occurrence prior, bit 1 coefficients, bit 2 blocks, bits 4-7 unit
 *   shift (0 .. 8), bit 3 zero; varint length; rANS stream (rans.h), with the coefficients
 *   (linear_fit.h) first if that flag is set. Row y uses lane y mod lanes; there are
 *   min(16, ceil(width / strip)) lanes (field.h), independent chains for the decoder to
 *   overlap, and one in tiles of fewer than 65536 pixels.
 */
#ifndef IDF_FLOW_STREAMS_H
#define IDF_FLOW_STREAMS_H

#include "flow_types.h"
#include "shape.h"

/* Planes that go through the flow together. */
typedef struct idf_group {
  idf_flow_shape shape;   /* coding sets the fields that the stream has */
  int32_t *const *planes; /* shape.planes of them */
  unsigned first;         /* number of the first plane in the tile */
  unsigned known;         /* planes at the start that both sides have: nothing is coded for them */
} idf_group;

/* Appends the stream. The job must have a model. Errors: memory, and IDF_ERR_CANCELLED. */
idf_status idf_stream_encode(const idf_job *job, idf_group *group, idf_buf *out);
/* Reads the next stream. Adds bits to `report`, which may be NULL. */
idf_status idf_stream_decode(const idf_job *job, idf_group *group, idf_cur *in,
                             idf_tile_report *report);

#endif
