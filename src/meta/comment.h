/* SPDX-License-Identifier: BSD-3-Clause
 *
 * comment.h: the comment of a JPEG or PNM as the PNG chunk that means the same: tEXt with the
 * keyword "Comment", byte for byte, or iTXt when it is UTF-8 beyond ASCII.
 */
#ifndef IDF_COMMENT_H
#define IDF_COMMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The chunk for a text is *head, then the text. *type and *head are constants. False for a text
 * with a zero byte, which no such chunk can hold. */
bool idf_comment_chunk(const uint8_t *text, size_t size, const char **type, const char **head,
                       size_t *head_size);

/* True when a chunk of `type` is one that idf_comment_chunk describes; *text is in it then. */
bool idf_comment_text(const char *type, const uint8_t *data, size_t size, const uint8_t **text,
                      size_t *text_size);

#endif
