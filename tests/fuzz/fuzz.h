/* SPDX-License-Identifier: BSD-3-Clause
 *
 * fuzz.h: what a fuzz target offers. With a fuzzing engine, it is linked
 * with mutator.c; as a plain program, with driver.c.
 */
#ifndef IDF_TESTS_FUZZ_H
#define IDF_TESTS_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "bytes.h"

/* Always 0; a broken promise aborts. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* For the driver: what the target is called, how many seeds it has, seed i appended
 * to buf, and how many mutations one plain run tries. */
extern const char *const idf_fuzz_name;
extern const unsigned idf_fuzz_seeds, idf_fuzz_runs;
void idf_fuzz_seed(unsigned i, idf_buf *buf);

/* Rights in place the checksums that can be found from the front; NULL for a target without any. */
extern void (*const idf_fuzz_repair)(uint8_t *data, size_t size);

/* Aborts, so that a fuzzer keeps the input and the driver names its seed. */
#define FUZZ_HOLDS(condition)                                                                      \
  do {                                                                                             \
    if (!(condition)) {                                                                            \
      fprintf(stderr, "%s:%d: does not hold: %s\n", __FILE__, __LINE__, #condition);               \
      abort();                                                                                     \
    }                                                                                              \
  } while (0)

#endif
