/* SPDX-License-Identifier: BSD-3-Clause
 *
 * metatell.h: tells what the metadata of an .idf say: profile, resolution, Exif, texts, XMP.
 */
#ifndef IDF_METATELL_H
#define IDF_METATELL_H

#include <stdio.h>

#include "idf.h"
#include "json.h"

/* Both after idf_decoder_finish. Nothing that a file says can control a terminal. */
void idf_metatell_print(idf_decoder *decoder, FILE *out);
/* Members of an open object: profile, pixels_per_metre, orientation, exif, texts. */
void idf_metatell_json(idf_decoder *decoder, idf_json *json);

#endif
