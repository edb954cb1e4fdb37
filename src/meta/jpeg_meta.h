/* SPDX-License-Identifier: BSD-3-Clause
 *
 * jpeg_meta.h: the metadata of a JPEG as PNG chunks with the same meaning.
 *
 *   APP0 JFIF           -> pHYs, the density, when it says more than square pixels
 *   APP1 Exif           -> eXIf, the TIFF structure as it is, orientation included
 *   APP1 XMP            -> iTXt "XML:com.adobe.xmp", uncompressed
 *   APP2 ICC_PROFILE    -> iCCP, the parts joined, in stored deflate blocks: the same
 *                          bytes whatever zlib the machine has
 *   APP13 Photoshop 3.0 -> tEXt "Raw profile type iptc", in hexadecimal, as ImageMagick
 *                          writes and ExifTool reads it
 *   COM                 -> tEXt "Comment", or iTXt when it is UTF-8 beyond ASCII
 *   all else            -> jpSg, private and safe to copy: the marker's second byte,
 *                          then the segment after its length
 *
 * "All else" is a second Exif, extended XMP, C2PA, MPF, Adobe's APP14, thumbnails, and whatever
 * cannot be converted to its chunk. So nothing is left out. Chunks are in the order of the
 * segments, with the profile at the end of its segments.
 */
#ifndef IDF_JPEG_META_H
#define IDF_JPEG_META_H

#include "bytes.h"
#include "chunks.h"

#define IDF_JPEG_APP0 0xe0u
#define IDF_JPEG_APP1 0xe1u
#define IDF_JPEG_APP2 0xe2u
#define IDF_JPEG_APP13 0xedu
#define IDF_JPEG_COM 0xfeu

struct idf_jpeg; /* jpeg.h */

typedef struct idf_jpeg_meta {
  idf_mem *mem; /* that of `chunks` */
  idf_chunks *chunks;
  uint64_t limit; /* largest sum of bytes of all chunks */
  bool over;      /* the limit was exceeded */
  /* Receives a remark for people: half a sentence about the file. NULL, the default: no remarks. */
  void (*remark)(void *context, const char *text);
  void *context;
  bool after_pixels;         /* set by the caller once the pixels are read */
  bool density, exif, xmp;   /* seen; a second one is kept as a segment */
  idf_buf irb;               /* the segments of Photoshop, joined */
  idf_chunks icc;            /* parts of the profile: number, parts, data */
  uint8_t icc_place[256];    /* by number: 1 + index in `icc`; 0: none */
  unsigned icc_parts;        /* 0: no profile */
  bool icc_broken, icc_told; /* its parts contradict each other */
} idf_jpeg_meta;

/* The list must outlive the struct, which uses its `mem`. Thread rule: one thread at a time. */
void idf_jpeg_meta_init(idf_jpeg_meta *meta, idf_chunks *chunks, uint64_t limit);
void idf_jpeg_meta_free(idf_jpeg_meta *meta);

/* Adds the next segment in the file: the second byte of its marker, and what follows its length,
 * fewer than 65534 bytes, which is copied. IDF_ERR_LIMIT, with `over` set, above the limit; or
 * memory. */
idf_status idf_jpeg_meta_segment(idf_jpeg_meta *meta, unsigned marker, const uint8_t *data,
                                 size_t size);

/* Call this before the first pixel and after the last one: it adds what was joined from several
 * segments. An incomplete profile gives a remark and is kept as its segments. Errors as above. */
idf_status idf_jpeg_meta_finish(idf_jpeg_meta *meta);

/* Adds and finishes all segments of a file that idf_jpeg_parse or idf_jpeg_side_get read. Those
 * after the header of the last scan come after the pixels. Errors as above. */
idf_status idf_jpeg_meta_all(idf_jpeg_meta *meta, const struct idf_jpeg *jpeg);

#endif
