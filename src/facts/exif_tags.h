/* SPDX-License-Identifier: BSD-3-Clause
 *
 * exif_tags.h: names of Exif's entries, and words for their numbers.
 */
#ifndef IDF_EXIF_TAGS_H
#define IDF_EXIF_TAGS_H

#include "base.h"

typedef enum idf_exif_form {
  IDF_EXIF_PLAIN,    /* numbers, or text */
  IDF_EXIF_WORD,     /* one number that has a word */
  IDF_EXIF_SECONDS,  /* "1/125 s" */
  IDF_EXIF_APERTURE, /* "f/2.8" */
  IDF_EXIF_LENGTH,   /* "50 mm" */
  IDF_EXIF_METRES,   /* "12 m" */
  IDF_EXIF_ANGLE,    /* degrees, minutes, seconds */
  IDF_EXIF_TIME,     /* hours, minutes, seconds */
  IDF_EXIF_COMMENT,  /* a code of eight bytes, then text */
  IDF_EXIF_BYTES     /* how many there are */
} idf_exif_form;

typedef struct idf_exif_word {
  uint32_t value;
  const char *word;
} idf_exif_word;

typedef struct idf_exif_tag {
  uint16_t tag;
  uint8_t form; /* idf_exif_form */
  const char *name;
  const idf_exif_word *words; /* up to one without word; NULL: none */
} idf_exif_tag;

typedef enum idf_exif_group { IDF_EXIF_IMAGE, IDF_EXIF_PHOTO, IDF_EXIF_GPS } idf_exif_group;

/* NULL for a tag without a name here. Image and photo share their names: programs mix them up. */
const idf_exif_tag *idf_exif_tag_of(idf_exif_group group, uint32_t tag);

#endif
