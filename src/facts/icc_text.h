/* SPDX-License-Identifier: BSD-3-Clause
 *
 * icc_text.h: what a colour profile says about itself.
 */
#ifndef IDF_ICC_TEXT_H
#define IDF_ICC_TEXT_H

#include "base.h"

typedef struct idf_icc_text {
  char description[256], copyright[256]; /* UTF-8 or whatever the profile has; "": none */
  const char *kind;                      /* "display", ... or "unknown" */
  char space[5];                         /* of the samples: "RGB", "GRAY", "CMYK" */
  unsigned major, minor;                 /* of the format */
} idf_icc_text;

/* Reads an expanded profile (ICC.1, version 2 or 4). False if it does not begin as one. Tags that
 * are not inside it, or of other types, are left out. */
bool idf_icc_read(const uint8_t *data, size_t size, idf_icc_text *profile);

#endif
