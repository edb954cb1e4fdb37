/* SPDX-License-Identifier: BSD-3-Clause
 *
 * near.h: what somebody may have meant who typed an option that is not there.
 */
#ifndef IDF_NEAR_H
#define IDF_NEAR_H

#include "cli.h"

/* The number of letters to insert, remove, replace or swap with their neighbour that makes one word
 * of the other. Words of more than 31 bytes are far from everything: SIZE_MAX. */
size_t idf_near_distance(const char *a, size_t a_len, const char *b, size_t b_len);

/* Writes advice about an unknown option into `text`: its letter or word has `len` bytes, without
 * dashes. "did you mean --verify?", or what does the same here; "see --help" if nothing is near. */
void idf_near_option(const idf_option *table, const char *typed, size_t len, char *text,
                     size_t size);

#endif
