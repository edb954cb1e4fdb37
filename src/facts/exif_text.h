/* SPDX-License-Identifier: BSD-3-Clause
 *
 * exif_text.h: Exif for people: the entries of its directories by name, with values in words.
 *
 * The block may come from a hostile file. Only the first directory, the one of Exif and the one of
 * GPS are read, each once; an entry that points outside the block is left out.
 */
#ifndef IDF_EXIF_TEXT_H
#define IDF_EXIF_TEXT_H

#include "base.h"

#define IDF_EXIF_MOST 512u  /* entries of all directories that are told */
#define IDF_EXIF_VALUE 256u /* bytes of a value, with its end; longer ones are cut */

/* Receives an entry: `name` as the standard has it ("ExposureTime"), or "tag 0x1234". `value` may
 * have any bytes but a zero, also such that are not UTF-8. */
typedef void (*idf_exif_fn)(void *context, const char *name, const char *value);

/* Reads `size` bytes from "II*" or "MM" on. False if it does not begin as Exif does. */
bool idf_exif_tell(const uint8_t *data, size_t size, idf_exif_fn tell, void *context);

#endif
