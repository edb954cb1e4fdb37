/* SPDX-License-Identifier: BSD-3-Clause
 *
 * coefs_full.c: the shape of the coder with all contexts: the smallest streams.
 * idf(5), "COEFFICIENTS".
 */
#include "coefs_body.h"
#include "starts.h"

_Static_assert(ROWS == IDF_STARTS_FULL, "each row has its start");

const idf_coefs_shape idf_coefs_full = {.line_bits = 17,
                                        .sets = ALL_SETS,
                                        .contexts = CONTEXTS,
                                        .start = idf_starts_full[0],
                                        .rows = ROWS,
                                        .row_of = row_of,
                                        .block = code_block};
