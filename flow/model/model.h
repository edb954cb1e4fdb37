/* SPDX-License-Identifier: BSD-3-Clause
 *
 * model.h: the learned part: a blob of integers, checked once, named by its hash.
 */
#ifndef IDF_FLOW_MODEL_H
#define IDF_FLOW_MODEL_H

#include "base.h"
#include "mem.h"

typedef struct idf_model idf_model;

/* Parses and checks a blob: magic, sizes, and that no accumulator of the network can
 * leave 32 bits for any input. `data` is copied. *model is released with
 * idf_model_release under the same mem. IDF_ERR_NOT_IDF, IDF_ERR_CORRUPT,
 * IDF_ERR_TRUNCATED, IDF_ERR_UNSUPPORTED, memory. Kernels of any level run it. */
idf_status idf_model_parse(idf_mem *mem, const uint8_t *data, size_t len, idf_model **model);
void idf_model_release(idf_mem *mem, idf_model *model);

const uint8_t *idf_model_hash(const idf_model *model); /* 32 bytes */
const char *idf_model_title(const idf_model *model);   /* at most 31 characters */

/* The built-in blobs: i = 0, 1, ...; NULL past the last. effort: 1, 5 or 9. */
const uint8_t *idf_model_data(unsigned i, size_t *len, int *effort);
/* Their hashes, known without computing them: a third of a millisecond of a small picture's. */
const uint8_t *idf_model_data_hash(unsigned i);
/* idf_model_parse of built-in blob i, which must exist. */
idf_status idf_model_built_in(idf_mem *mem, unsigned i, idf_model **model);

#endif
