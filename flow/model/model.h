/* SPDX-License-Identifier: BSD-3-Clause
 *
 * model.h: a model: the learned parameters as a blob of integers, which is checked once and named
 * by its hash.
 */
#ifndef IDF_FLOW_MODEL_H
#define IDF_FLOW_MODEL_H

#include "base.h"
#include "mem.h"

typedef struct idf_model idf_model;

/* Parses and checks a blob: magic, sizes, and that no accumulator of the network can exceed 32 bits
 * for any input. `data` is copied. Release *model with idf_model_release and the same mem. Kernels
 * of any level can run it. Errors: IDF_ERR_NOT_IDF, IDF_ERR_CORRUPT, IDF_ERR_TRUNCATED,
 * IDF_ERR_UNSUPPORTED, memory. */
idf_status idf_model_parse(idf_mem *mem, const uint8_t *data, size_t len, idf_model **model);
void idf_model_release(idf_mem *mem, idf_model *model);

const uint8_t *idf_model_hash(const idf_model *model); /* 32 bytes */
const char *idf_model_title(const idf_model *model);   /* at most 20 characters */

/* The built-in blobs, i = 0, 1, ...; NULL past the last one. effort: 1, 5 or 9. */
const uint8_t *idf_model_data(unsigned i, size_t *len, int *effort);
/* Their hashes, which are stored: computing one would take a third of a millisecond, which a small
 * picture would notice. */
const uint8_t *idf_model_data_hash(unsigned i);
/* Parses built-in blob i, which must exist, as idf_model_parse does. */
idf_status idf_model_built_in(idf_mem *mem, unsigned i, idf_model **model);

#endif
