/* SPDX-License-Identifier: BSD-3-Clause
 *
 * choose.h: what the encoder decides by looking at the samples. None of it is known
 * to the decoder except through the tile's header, so it may change freely.
 */
#ifndef IDF_FLOW_CHOOSE_H
#define IDF_FLOW_CHOOSE_H

#include "flow.h"

/* The lattice (lattice.h) on which nearly all of n pixels of R, G, B in [0, 255] lie;
 * IDF_COLOUR_NONE when there is none. */
unsigned idf_choose_lattice(int32_t *const plane[3], size_t n);
/* The colour layer for R, G, B planes of width * height samples in [0, top]. */
unsigned idf_choose_colour(uint32_t width, uint32_t height, int32_t top, int32_t *const plane[3]);
/* The unit in which the network should see the group: 0 .. 8. */
unsigned idf_choose_unit(const idf_flow_shape *shape, int32_t *const *planes);
/* *worth: whether to try the occurrence prior on 3 planes (idf_occur_fits): when less than
 * `percent` of what lies beside a common colour occurs too. Of 32 pictures none above 95
 * gained, and below 70 those did that gained most. Errors: memory; a choice that fell back
 * on its own would make the file depend on the limit. */
idf_status idf_choose_occurrence(idf_mem *mem, const idf_flow_shape *shape, int32_t *const *planes,
                                 unsigned percent, bool *worth);

#endif
