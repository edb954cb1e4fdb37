/* SPDX-License-Identifier: BSD-3-Clause
 *
 * survey.h: finds the tiles in the rest of a damaged file.
 *
 * The record of a tile has its number under its checksum. So a tile is identified by itself,
 * whatever was lost, swapped or repeated around it, and no index is needed. If no record begins
 * where one should, the next one is searched byte by byte.
 */
#ifndef IDF_SRC_SURVEY_H
#define IDF_SRC_SURVEY_H

#include "cancel.h"
#include "container.h"

#define IDF_SURVEY_LOST SIZE_MAX

typedef struct idf_survey {
  idf_mem *mem;
  size_t *place; /* owned: offset of the record of tile first + i, or IDF_SURVEY_LOST */
  uint64_t first, tiles;
  size_t tail; /* offset of the first record behind the last tile; the length if there is none */
} idf_survey;

/* What is surveyed. */
typedef struct idf_survey_input {
  const uint8_t *data;
  size_t len;
  uint64_t first, tiles; /* the data should begin with the record of tile `first` < `tiles` */
  size_t most;           /* bytes of the payload of a tile, at most */
} idf_survey_input;

/* Surveys the input. Of two records of a tile the first counts.
 * The work is bounded: IDF_SURVEY_WORK bytes are summed up for each there is. False without
 * memory and when cancelled: then nothing is owned. */
bool idf_survey_make(idf_survey *s, idf_mem *mem, idf_cancel *cancel, idf_simd simd,
                     const idf_survey_input *in);
void idf_survey_free(idf_survey *s);

#define IDF_SURVEY_WORK 16u

/* The offset of tile i of [first, tiles), or IDF_SURVEY_LOST. */
static inline size_t idf_survey_place(const idf_survey *s, uint64_t i)
{
  return s->place[i - s->first];
}

#endif
