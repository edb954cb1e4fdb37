/* SPDX-License-Identifier: BSD-3-Clause
 *
 * jpeg_write.h: the results of a finished writer, for jpeg_side.c.
 */
#ifndef IDF_CODEC_JPEG_WRITE_H
#define IDF_CODEC_JPEG_WRITE_H

#include "jpeg_inside.h"

/* The entropy-coded data of scan i. */
const idf_buf *idf_jpeg_written(const idf_jpeg_writer *writer, uint32_t i);
/* Table i as it is or, if it is optimal, as it was computed. */
const idf_jpeg_table *idf_jpeg_written_table(const idf_jpeg_writer *writer, uint32_t i);
/* Whether table i is the one that would be computed, and may be left out: it is in use, and the
 * file is small enough for the decoder's tokens. */
bool idf_jpeg_table_is_optimal(const idf_jpeg_writer *writer, uint32_t i);

#endif
