/* SPDX-License-Identifier: BSD-3-Clause
 *
 * coefs_lean.c: the shape of the coder with two contexts for each symbol and one set of weights:
 * the fastest.
 * idf(5), "COEFFICIENTS".
 */
#define CONTEXTS 2
#define SETS 1
#define AC 0x81u
#define COUNT 0x05u
#define DC 0x06u
#define EXPECT idf_coefs_by_borders
#define LEAVE idf_coefs_leave_borders
#include "coefs_body.h"
#include "starts.h"

_Static_assert(ROWS == IDF_STARTS_LEAN, "each row has its start");

const idf_coefs_shape idf_coefs_lean = {.line_bits = 15,
                                        .sets = ALL_SETS,
                                        .contexts = CONTEXTS,
                                        .start = idf_starts_lean[0],
                                        .rows = ROWS,
                                        .row_of = row_of,
                                        .block = code_block};
