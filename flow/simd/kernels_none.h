/* SPDX-License-Identifier: BSD-3-Clause
 *
 * kernels_none.h: the tables of all levels, for kernels.c and for code that needs the plain one.
 */
#ifndef IDF_FLOW_KERNELS_NONE_H
#define IDF_FLOW_KERNELS_NONE_H

#include "kernels.h"

extern const idf_kernels idf_kernels_none;
/* These exist if configure found their compiler flags: see kernels.c. */
extern const idf_kernels idf_kernels_128, idf_kernels_avx2, idf_kernels_avx512;

#endif
