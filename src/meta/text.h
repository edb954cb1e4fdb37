/* SPDX-License-Identifier: BSD-3-Clause
 *
 * text.h: the text chunks of PNG as UTF-8.
 */
#ifndef IDF_TEXT_H
#define IDF_TEXT_H

#include "bytes.h"

/* Whether chunks of this type are text: tEXt, zTXt, iTXt. */
bool idf_text_type(const char *type);

/* Appends the keyword and the text of such a chunk, each ended by a zero. *value is the length of
 * the former with its zero.
 *
 * tEXt and zTXt are Latin-1, as PNG says. In iTXt, what is not UTF-8 is taken for Latin-1, too. A
 * zero in the text ends it. IDF_ERR_CORRUPT: a chunk that is not as PNG says; IDF_ERR_LIMIT: the
 * text expands to more than `most` bytes; or memory. After an error `out` is as before. */
idf_status idf_text_get(idf_buf *out, const char *type, const uint8_t *data, size_t size,
                        size_t most, size_t *value);

#endif
