/* SPDX-License-Identifier: BSD-3-Clause
 *
 * jpeg_meta.h: a JPEG's metadata as the PNG chunks that mean the same.
 *
 *   APP1 "Exif"         -> eXIf, the TIFF structure as it is, orientation included
 *   APP1 XMP            -> iTXt "XML:com.adobe.xmp", uncompressed
 *   APP2 "ICC_PROFILE"  -> iCCP, the parts joined, in stored deflate blocks: the same
 *                          bytes whatever zlib the machine has
 *
 * Other segments are no metadata to us and are passed over.
 */
#ifndef IDF_JPEG_META_H
#define IDF_JPEG_META_H

#include "image.h"

#define IDF_JPEG_APP1 0xe1u
#define IDF_JPEG_APP2 0xe2u

typedef struct idf_jpeg_meta {
  idf_image_env *env;
  /* Bytes of the segments, borrowed until idf_jpeg_meta_finish; NULL: none. */
  const uint8_t *exif, *xmp;
  size_t exif_size, xmp_size;
  struct {
    const uint8_t *data;
    size_t size;
  } icc[256];                   /* by number, 1 to icc_parts */
  unsigned icc_parts, icc_seen; /* 0: no profile */
} idf_jpeg_meta;

void idf_jpeg_meta_init(idf_jpeg_meta *meta, idf_image_env *env);

/* The next segment in the file: its marker byte and what follows its length. What
 * cannot be kept warns; IDF_ERR_CORRUPT for parts of a profile that contradict. */
idf_status idf_jpeg_meta_segment(idf_jpeg_meta *meta, unsigned marker, const uint8_t *data,
                                 size_t size);

/* Adds the chunks, in the order iCCP, eXIf, iTXt. IDF_ERR_CORRUPT when parts of the profile
 * are missing, IDF_ERR_LIMIT above env->max_metadata, or memory. */
idf_status idf_jpeg_meta_finish(const idf_jpeg_meta *meta, idf_chunks *chunks);

#endif
