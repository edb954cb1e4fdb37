/* SPDX-License-Identifier: BSD-3-Clause
 *
 * kernels_none.h: the tables of the levels, for kernels.c and for walks without a model.
 */
#ifndef IDF_FLOW_KERNELS_NONE_H
#define IDF_FLOW_KERNELS_NONE_H

#include "kernels.h"

extern const idf_kernels idf_kernels_none;

#endif
