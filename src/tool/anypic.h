/* SPDX-License-Identifier: BSD-3-Clause
 *
 * anypic.h: reads a picture of any format the tools know, row by row: PNG, JPEG, PNM, PAM or .idf.
 */
#ifndef IDF_ANYPIC_H
#define IDF_ANYPIC_H

#include "image.h"
#include "tool.h"

typedef struct idf_anypic {
  idf_tool_image image; /* its env has the reader's messages */
  idf_source *source;   /* in the tool's memory */
  idf_reader *reader;   /* NULL: an .idf */
  idf_decoder *decoder; /* NULL: any other */
  idf_info info;
} idf_anypic;

/* Opens `path`, "-" is stdin, and reads up to the pixels. The tool's limits, model, threads and
 * level hold. Close it in any case. */
idf_status idf_anypic_open(idf_anypic *pic, idf_tool *tool, const char *path);
/* The next `count` rows, laid out as idf.h says. */
idf_status idf_anypic_rows(idf_anypic *pic, void *rows, uint32_t count);
/* Reads what follows the last row; all rows must have been read. */
idf_status idf_anypic_finish(idf_anypic *pic);
/* The i-th piece of metadata read so far; false past the last. */
bool idf_anypic_metadata(const idf_anypic *pic, size_t i, idf_chunk *chunk);
/* Reports why a call returned `status`, with the name of the file. */
void idf_anypic_explain(const idf_anypic *pic, idf_status status);
void idf_anypic_close(idf_anypic *pic);

#endif
