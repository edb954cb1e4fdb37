/* SPDX-License-Identifier: BSD-3-Clause
 *
 * jpeg.h: takes a JPEG file apart into quantised coefficients and everything else, and puts the
 * same file together again, byte for byte.
 *
 * The names are those of ITU-T T.81 | ISO/IEC 10918-1: frame, scan, component, MCU, segment.
 * Baseline, extended and progressive Huffman files of 8 bits are supported, with 1 to 4 components
 * in any sampling. Everything else is refused with a reason. Nothing here crashes on any input.
 *
 *   encoder: idf_jpeg_parse, then for each band of MCU rows idf_jpeg_read and idf_jpeg_write,
 *            idf_jpeg_read_end, idf_jpeg_write_end, idf_jpeg_side_put. The side stream holds
 *            all of the file but the coefficients.
 *   decoder: idf_jpeg_side_get, then for each band idf_jpeg_write, idf_jpeg_write_end,
 *            idf_jpeg_emit.
 *
 * The surprise: all scans are read, and written, at once, each a little further with every band. A
 * progressive file has its first band of pixels in each of ten scans. If the scans were read one
 * after the other, memory could not be bounded by the band.
 *
 * Blocks are stored in zigzag order (T.81 Figure A.6), as in the file. So a scan of a band of
 * frequencies is one run of a block, and the place of the last non-zero coefficient tells how much
 * work there is. An inverse DCT multiplies by the steps, which are in the same order, while it
 * moves values to their places.
 *
 * Thread rule: calls with the same idf_jpeg, its reader or its writer must come from one thread at
 * a time. The bands belong to the caller; any number of threads may code them.
 */
#ifndef IDF_CODEC_JPEG_H
#define IDF_CODEC_JPEG_H

#include "bytes.h"

#define IDF_JPEG_COMPONENTS 4
#define IDF_JPEG_BLOCK 64    /* coefficients of a block */
#define IDF_JPEG_SCANS 256   /* limit */
#define IDF_JPEG_DC_MAX 2047 /* |DC|; the format's categories give 11 bits, T.81 Table F.1 */
#define IDF_JPEG_AC_MAX 1023 /* |AC|; 10 bits, T.81 Table F.2 */
#define IDF_JPEG_NO_TABLE UINT32_MAX

/* Why a file is refused; idf_jpeg_reason puts it in words. */
typedef enum idf_jpeg_why {
  IDF_JPEG_OK = 0,
  IDF_JPEG_MEMORY,       /* idf_mem_status says which kind */
  IDF_JPEG_LIMIT,        /* more pixels than the caller allows */
  IDF_JPEG_NOT_JPEG,     /* no SOI marker at the start */
  IDF_JPEG_CUT_HEADER,   /* the data end inside a marker segment or before any scan */
  IDF_JPEG_CUT_SCAN,     /* a scan has too few data for its blocks */
  IDF_JPEG_ARITHMETIC,   /* arithmetic coding: SOF9, SOF10, DAC */
  IDF_JPEG_LOSSLESS,     /* SOF3, SOF11 */
  IDF_JPEG_HIERARCHICAL, /* SOF5 to SOF7, SOF13 to SOF15, DHP, EXP */
  IDF_JPEG_PRECISION,    /* samples of other than 8 bits */
  IDF_JPEG_NO_HEIGHT,    /* DNL: the number of lines comes after the first scan */
  IDF_JPEG_SEGMENT,      /* a segment with a length or content that T.81 forbids */
  IDF_JPEG_FRAME,        /* none or two frames, no size, bad components or sampling */
  IDF_JPEG_TABLE,        /* a quantiser or Huffman table is missing or wrong */
  IDF_JPEG_SCAN,         /* T.81 forbids the parameters or the order of scans */
  IDF_JPEG_MANY_SCANS,   /* more scans, or work for them, than any picture needs */
  IDF_JPEG_NO_SCAN,      /* a component is in no scan */
  IDF_JPEG_CODE,         /* bits that are no Huffman code */
  IDF_JPEG_RANGE,        /* a coefficient beyond IDF_JPEG_DC_MAX or IDF_JPEG_AC_MAX */
  IDF_JPEG_RUN,          /* a run of zeros or of blocks exceeds its end */
  IDF_JPEG_RESTART,      /* a restart marker is missing or out of order */
  IDF_JPEG_PATCHES,      /* the writer's bytes differ in too many places */
  IDF_JPEG_SIDE          /* a side stream that idf_jpeg_side_put cannot have made */
} idf_jpeg_why;

/* Half a sentence in English that explains `why`; never NULL. */
const char *idf_jpeg_reason(idf_jpeg_why why);

typedef struct idf_jpeg_component {
  uint8_t id, h, v, tq;          /* as in the frame header; h and v 1 to 4 */
  uint32_t width, height;        /* samples: T.81 A.1.1 */
  uint32_t used_w, used_h;       /* blocks that hold samples, as in scans of one component */
  uint32_t blocks_w, blocks_h;   /* blocks in whole MCUs: mcus_w * h, mcus_h * v */
  uint16_t step[IDF_JPEG_BLOCK]; /* quantiser at its first scan, zigzag order; may be 0 */
} idf_jpeg_component;

typedef struct idf_jpeg_scan {
  uint8_t components, component[IDF_JPEG_COMPONENTS]; /* indices into idf_jpeg.component */
  uint8_t first, last, high, low; /* Ss Se Ah Al; in sequential frames always 0 63 0 0 */
  bool zero_padding;              /* the last bits before a marker are 0, not 1 */
  uint32_t dc[IDF_JPEG_COMPONENTS], ac[IDF_JPEG_COMPONENTS]; /* in idf_jpeg.table, or NO_TABLE */
  uint32_t restart;  /* MCUs between two restart markers; 0: none */
  size_t start, end; /* in a file: the data up to the next marker other than RST */
  size_t used;       /* bytes that the blocks took; after idf_jpeg_read_end */
} idf_jpeg_scan;

/* A Huffman table as a DHT segment defines it; T.81 B.2.4.2. */
typedef struct idf_jpeg_table {
  uint8_t place;      /* Tc and Th: 0x00 to 0x03 or 0x10 to 0x13 */
  bool optimal;       /* not stored: computed from the frequencies of its symbols */
  uint16_t symbols;   /* 0 to 256 */
  uint8_t bits[17];   /* number of codes of each length, [1] to [16] */
  uint8_t value[256]; /* symbols by ascending length */
} idf_jpeg_table;

/* Bytes that are generated again: the tables of a DHT segment, or the data of a scan. */
typedef struct idf_jpeg_hole {
  size_t at, len;         /* bytes of the hole; 0 for a scan: see idf_jpeg_scan.used */
  uint32_t first, tables; /* tables [first, first + tables) or, if is_scan, scan `first` */
  bool is_scan;
} idf_jpeg_hole;

typedef struct idf_jpeg {
  uint32_t width, height; /* 1 to 65535 */
  uint8_t frame;          /* SOF0 baseline, SOF1 extended, SOF2 progressive: 0, 1, 2 */
  uint8_t components;     /* 1 to 4 */
  uint8_t h_max, v_max;
  uint32_t mcus_w, mcus_h; /* in a scan with all components */
  bool jfif, adobe;        /* there is an APP0 JFIF, an APP14 Adobe before the first scan */
  uint8_t adobe_transform; /* of that Adobe segment */
  idf_jpeg_component component[IDF_JPEG_COMPONENTS];
  idf_jpeg_scan *scan; /* owned; in the order of the file */
  uint32_t scans;
  idf_jpeg_table *table; /* owned; all that the file defines, in its order */
  uint32_t tables;
  idf_jpeg_hole *hole; /* owned; by ascending `at` */
  uint32_t holes;
  const uint8_t *bytes; /* borrowed: the file, or the side stream's head */
  size_t len;
  const uint8_t *patch; /* borrowed: edits in the side stream; NULL: none */
  size_t patch_len;
  uint64_t file_len; /* bytes of the file that was parsed, or that is being made */
  bool whole_file;   /* `bytes` is a file, not a head */
  idf_mem *mem;
} idf_jpeg;

/* Reads the marker segments of a file and finds its scans, but does not decode them. The bytes must
 * stay valid until idf_jpeg_free. max_pixels bounds width * height. Memory is bounded by a small
 * multiple of len. After any error nothing is owned. */
idf_jpeg_why idf_jpeg_parse(idf_jpeg *jpeg, idf_mem *mem, const uint8_t *file, size_t len,
                            uint64_t max_pixels);
void idf_jpeg_free(idf_jpeg *jpeg);

/* MCU rows [first, first + count) of all components. Block (x, y) of component c, with y counted
 * from the top of the band and below count * v, is coefs[c] + 64 * (y * blocks_w + x). */
typedef struct idf_jpeg_band {
  uint32_t first, count;
  int16_t *coefs[IDF_JPEG_COMPONENTS];
} idf_jpeg_band;

/* Allocates zeroed room for `count` MCU rows, 1 to mcus_h. False: no memory, and nothing is
 * owned. */
bool idf_jpeg_band_init(idf_jpeg_band *band, const idf_jpeg *jpeg, idf_mem *mem, uint32_t count);
void idf_jpeg_band_free(idf_jpeg_band *band, idf_mem *mem);

/* ---- from bytes to coefficients --------------------------------------------------------- */

typedef struct idf_jpeg_reader idf_jpeg_reader;

/* Creates a reader for a jpeg from idf_jpeg_parse, which must outlive it. The reader stores in it
 * the padding of each scan and, at the end, the length of each scan. */
idf_jpeg_why idf_jpeg_read_new(idf_jpeg *jpeg, idf_mem *mem, idf_jpeg_reader **reader);
/* Clears band->count MCU rows and reads them. The bands follow one another from row 0 on; the
 * caller may choose each count. An error is final. */
idf_jpeg_why idf_jpeg_read(idf_jpeg_reader *reader, idf_jpeg_band *band);
/* Call this after the last row. It checks that all scans have ended. */
idf_jpeg_why idf_jpeg_read_end(idf_jpeg_reader *reader);
void idf_jpeg_read_free(idf_jpeg_reader *reader);

/* ---- from coefficients to bytes --------------------------------------------------------- */

typedef struct idf_jpeg_writer idf_jpeg_writer;

/* Receives bytes in order. A result other than IDF_OK ends the call, which returns it. */
typedef idf_status idf_jpeg_sink(void *to, const uint8_t *data, size_t len);

/* Creates a writer for a jpeg from idf_jpeg_parse or idf_jpeg_side_get, which must outlive it. */
idf_jpeg_why idf_jpeg_write_new(const idf_jpeg *jpeg, idf_mem *mem, idf_jpeg_writer **writer);
/* Codes MCU rows, in the order of idf_jpeg_read. If there is a reader, it reads them first.
 * IDF_JPEG_RANGE or IDF_JPEG_CODE if the scans or their tables cannot express the coefficients;
 * this never happens with coefficients from a reader. */
idf_jpeg_why idf_jpeg_write(idf_jpeg_writer *writer, const idf_jpeg_band *band);
/* Call this after the last row and, if there is a reader, after idf_jpeg_read_end. */
idf_jpeg_why idf_jpeg_write_end(idf_jpeg_writer *writer);
void idf_jpeg_write_free(idf_jpeg_writer *writer);

/* ---- what is stored beside the coefficients ---------------------------------------------- */

/* Appends the side stream of a file whose coefficients passed through reader and writer to their
 * ends. It has flags, padding, patches, and then the head, which is the larger part: the file
 * without the data of its scans, with one byte for each Huffman table that is standard or optimal.
 * Bytes after EOI are the end of the head. IDF_JPEG_PATCHES if the writer's bytes differ in too
 * many places. */
idf_jpeg_why idf_jpeg_side_put(const idf_jpeg *jpeg, const idf_jpeg_writer *writer, idf_buf *out);

/* Reads a side stream; the rules are those of idf_jpeg_parse. */
idf_jpeg_why idf_jpeg_side_get(idf_jpeg *jpeg, idf_mem *mem, const uint8_t *side, size_t len,
                               uint64_t max_pixels);

/* Writes the file, for a jpeg from idf_jpeg_side_get and a writer after idf_jpeg_write_end; as
 * often as it is called. Returns the sink's status, or IDF_ERR_CORRUPT for patches that do not
 * fit. */
idf_status idf_jpeg_emit(const idf_jpeg *jpeg, const idf_jpeg_writer *writer, idf_jpeg_sink *sink,
                         void *to);

#endif
