/* SPDX-License-Identifier: BSD-3-Clause
 *
 * comment.h: the comment of a JPEG or PNM as a PNG chunk with the same meaning: tEXt with the
 * keyword "Comment", byte for byte, or iTXt if it is UTF-8 beyond ASCII.
 */
#ifndef IDF_COMMENT_H
#define IDF_COMMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The number of bytes of the character at the beginning of `size` bytes, at least 1; 0 if it is not
 * UTF-8. */
size_t idf_utf8_length(const uint8_t *data, size_t size);

/* The chunk for a text is *head, then the text. *type and *head point to constants. False for a
 * text with a zero byte, which such chunks cannot hold. */
bool idf_comment_chunk(const uint8_t *text, size_t size, const char **type, const char **head,
                       size_t *head_size);

/* Whether a chunk of `type` is one that idf_comment_chunk makes; *text then points into it. */
bool idf_comment_text(const char *type, const uint8_t *data, size_t size, const uint8_t **text,
                      size_t *text_size);

#endif
