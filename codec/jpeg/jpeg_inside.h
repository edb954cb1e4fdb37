/* SPDX-License-Identifier: BSD-3-Clause
 *
 * jpeg_inside.h: private declarations of this folder: Huffman tables, and the parser.
 */
#ifndef IDF_CODEC_JPEG_INSIDE_H
#define IDF_CODEC_JPEG_INSIDE_H

#include "jpeg.h"

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

/* Forms of a Huffman table in a head. Between these are the standard ones, T.81 K.3 to K.6. */
enum { IDF_JPEG_FORM_GIVEN, IDF_JPEG_FORM_STANDARD, IDF_JPEG_FORM_OPTIMAL = 5 };

/* Parses jpeg->bytes. The jpeg owns everything that is found, even after an error. */
idf_jpeg_why idf_jpeg_walk(idf_jpeg *jpeg, uint64_t max_pixels);

/* Sets bits and values to a standard form, and keeps the place; false: no such form. */
bool idf_jpeg_standard(uint32_t form, idf_jpeg_table *table);
/* The standard form that equals this table, or IDF_JPEG_FORM_GIVEN. */
uint32_t idf_jpeg_form(const idf_jpeg_table *table);

#define IDF_JPEG_PEEK 11 /* bits of a code that one look-up resolves */

/* A table for reading: T.81 F.2.2.3, with a look-up first. */
typedef struct idf_jpeg_decode {
  /* Indexed by the next bits: bits of code and value << 8 | symbol. The low 4 bits of a symbol are
   * the number of bits of its value. 0: the code is longer. */
  uint16_t fast[1 << IDF_JPEG_PEEK];
  uint32_t limit[18]; /* first 16 bits beyond the codes of a length; [17] exceeds all */
  int32_t offset[17]; /* difference of a code of this length to its index in `value` */
  uint8_t value[256];
} idf_jpeg_decode;

/* A table for writing: length << 16 | code by symbol; 0: none. T.81 Annex C. */
typedef struct idf_jpeg_encode {
  uint32_t code[256];
} idf_jpeg_encode;

/* Return false for a table with more codes than possible: T.81 Annex C. */
bool idf_jpeg_decode_init(idf_jpeg_decode *decode, const idf_jpeg_table *table);
bool idf_jpeg_encode_init(idf_jpeg_encode *encode, const idf_jpeg_table *table);

/* Computes the table that T.81 K.2 and libjpeg make from the frequencies of symbols; keeps the
 * place. No symbols at all give an empty table. The sum of counts is at most 2^62. */
void idf_jpeg_optimal(const uint64_t count[256], idf_jpeg_table *table);

/* ---- the blocks of a scan in the order of the file: T.81 A.2.2, A.2.3 --------------------- */

typedef struct idf_jpeg_visit {
  /* Called for a block of the scan's i-th component; false ends the visit. */
  bool (*block)(void *state, unsigned i, int16_t *block);
  bool (*restart)(void *state, unsigned number); /* at marker RST`number`, between two MCUs */
  void *state;
  uint32_t left;   /* MCUs until a restart marker; initially scan->restart */
  unsigned number; /* of the next marker, 0 to 7 */
} idf_jpeg_visit;

/* Visits all blocks that the scan has in the band; false if a callback returned it. */
bool idf_jpeg_visit_band(idf_jpeg_visit *visit, const idf_jpeg *jpeg, const idf_jpeg_scan *scan,
                         const idf_jpeg_band *band);

/* The number of bits of v; 0 for 0. */
static inline unsigned idf_jpeg_bits(uint32_t v)
{
#if defined(__GNUC__)
  return v ? 32u - (unsigned)__builtin_clz(v) : 0;
#else
  unsigned n = 0;
  for (; v; v >>= 1)
    n++;
  return n;
#endif
}

/* The position of the lowest set bit of v, which is not 0. */
static inline unsigned idf_jpeg_lowest(uint64_t v)
{
#if defined(__GNUC__)
  return (unsigned)__builtin_ctzll(v);
#else
  unsigned n = 0;
  for (; !(v & 1); v >>= 1)
    n++;
  return n;
#endif
}

/* A mask of the non-zero coefficients: bit k is coefficient k. */
static inline uint64_t idf_jpeg_places(const int16_t *block)
{
  uint64_t mask = 0;
#if defined(__SSE2__)
  for (unsigned k = 0; k < IDF_JPEG_BLOCK; k += 16) {
    const __m128i low = _mm_loadu_si128((const __m128i *)(const void *)(block + k));
    const __m128i high = _mm_loadu_si128((const __m128i *)(const void *)(block + k + 8));
    const __m128i zero = _mm_cmpeq_epi8(_mm_packs_epi16(low, high), _mm_setzero_si128());
    mask |= (uint64_t)(~(uint32_t)_mm_movemask_epi8(zero) & 0xffff) << k;
  }
#else
  for (unsigned k = 0; k < IDF_JPEG_BLOCK; k++)
    mask |= (uint64_t)(block[k] != 0) << k;
#endif
  return mask;
}

/* A mask of the bits first to last; last is at most 63. */
static inline uint64_t idf_jpeg_span(unsigned first, unsigned last)
{
  return UINT64_MAX >> (63 - last) & UINT64_MAX << first;
}

#endif
