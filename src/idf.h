/* SPDX-License-Identifier: BSD-3-Clause
 *
 * idf.h: lossless image coding with an integer discrete flow. See libidf(3).
 *
 * Simple calls first, full calls after. Samples are interleaved by pixel, rows
 * from top to bottom without padding: one byte a sample for depths 1 to 8, one
 * uint16_t in the machine's order for 9 to 16; every value below 2^depth.
 *
 * Threads: distinct objects may be used from distinct threads at once; one object
 * by one thread at a time. There is no global state. Encoders and decoders make
 * threads of their own only when asked to; these work between calls too, until the object
 * is freed, and block all signals; callbacks are called by the caller's thread only, but for
 * idf_cancelled_fn.
 *
 * NULL: every call accepts it for every pointer. Where the call cannot do its work without, one
 * that has a status returns IDF_ERR_ARGUMENT, one without does nothing or returns what its
 * comment says.
 *
 * Compatibility: structures that may grow end in reserved members. Those of a structure that the
 * library reads must be zero, as the init calls leave them; otherwise IDF_ERR_ARGUMENT. So a
 * program that asks a library for what only a newer one knows is told. The library sets
 * those that it fills to zero.
 */
#ifndef IDF_H
#define IDF_H

#include <stddef.h>
#include <stdint.h>

#include "idf_simd.h"
#include "idf_status.h"

/* The version of this header; idf_version() is that of the library. */
#define IDF_VERSION_MAJOR 0
#define IDF_VERSION_MINOR 1
#define IDF_VERSION_PATCH 0
/* Grows with every version: 0x010203 is 1.2.3. */
#define IDF_VERSION_NUMBER                                                                         \
  (IDF_VERSION_MAJOR * 0x10000 + IDF_VERSION_MINOR * 0x100 + IDF_VERSION_PATCH)

#ifdef __cplusplus
extern "C" {
#endif

#ifndef IDF_API
#if defined(__GNUC__)
#define IDF_API __attribute__((visibility("default")))
#else
#define IDF_API
#endif
#endif

/* ---- what an image is ---------------------------------------------------- */

typedef enum idf_layout {
  IDF_GRAY = 0,
  IDF_GRAY_ALPHA = 1,
  IDF_RGB = 2,
  IDF_RGBA = 3,
  IDF_PALETTE = 4, /* indices; the palette itself is metadata (PLTE) */
  IDF_CMYK = 5     /* only of files that hold a JPEG, and as it has them: most have 255 - ink */
} idf_layout;

typedef struct idf_info {
  uint32_t width, height; /* pixels, at least 1 */
  idf_layout layout;
  uint32_t depth; /* bits a sample: 1 to 16, for IDF_PALETTE 1 to 8 */
} idf_info;

/* Samples in a pixel (1 to 4); 0 for an unknown layout. */
IDF_API unsigned idf_channels(idf_layout layout);
/* Bytes in a sample (1 or 2) and in a row of `info`; 0 for NULL and when it would overflow. */
IDF_API unsigned idf_sample_bytes(const idf_info *info);
IDF_API size_t idf_row_bytes(const idf_info *info);

IDF_API const char *idf_version(void);                  /* "0.1.0" */
IDF_API const char *idf_status_text(idf_status status); /* one short English phrase */

/* ---- simple calls --------------------------------------------------------- */

/* Encodes a whole image with default settings. *data is released with
 * idf_release. On failure *data is NULL and *size 0. */
IDF_API idf_status idf_encode(const idf_info *info, const void *samples, uint8_t **data,
                              size_t *size);

/* Decodes a whole file under default limits. *samples is released with
 * idf_release. On failure *samples is NULL. */
IDF_API idf_status idf_decode(const uint8_t *data, size_t size, idf_info *info, void **samples);

IDF_API void idf_release(void *ptr); /* NULL is allowed */

/* ---- models ---------------------------------------------------------------- */

typedef struct idf_model idf_model;

/* A copy of the built-in model of an effort (see idf_settings);
 * IDF_ERR_UNSUPPORTED for an effort that does not exist. */
IDF_API idf_status idf_model_builtin(int effort, idf_model **model);
/* Reads a model file; data need not outlive the call. */
IDF_API idf_status idf_model_load(const uint8_t *data, size_t size, idf_model **model);
IDF_API void idf_model_free(idf_model *model); /* NULL is allowed */
/* The 8 bytes by which files name the model: the first of its SHA-256. Zeros for NULL, as in
 * files that need no model. */
IDF_API const uint8_t *idf_model_id(const idf_model *model);
/* A short name ("default") for people; never NULL, and "" for NULL. */
IDF_API const char *idf_model_name(const idf_model *model);

/* ---- instruction sets -------------------------------------------------------- */

/* Whether a level can be asked for here. */
IDF_API int idf_simd_available(idf_simd level);
/* What IDF_SIMD_AUTO stands for here: the highest level available. */
IDF_API idf_simd idf_simd_best(void);

/* ---- cancelling ---------------------------------------------------------------- */

/* Says by any value but 0 that the work is to end; it is not asked again then.
 *
 * Thread rule: it is called by whatever thread works, the library's own included, by several at
 * once and between calls too, until the object is freed. It must be quick, must not call
 * the library with the same object, and reads what others write with atomics: it usually
 * loads one atomic flag, or a volatile sig_atomic_t set by a signal handler, or looks at a clock.
 * It is a callback and not a flag so that C, C++ and others need not agree on an atomic type. */
typedef int (*idf_cancelled_fn)(void *context);

/* ---- full calls: encoding ---------------------------------------------------- */

typedef struct idf_settings {
  int effort;             /* 5 default; others as idf_model_builtin knows them */
  unsigned tile_log2;     /* log2 of the tile side, 6 to 12; default 10 */
  uint64_t max_memory;    /* bytes the encoder may hold; default 1 GiB */
  const idf_model *model; /* NULL: the built-in model of `effort` */
  unsigned threads;       /* tiles coded at once: default 1; 0: one for each processor */
  idf_simd simd;          /* IDF_ERR_UNSUPPORTED for a level that is not available */
  uint64_t reserved[8];   /* zero */
} idf_settings;

IDF_API void idf_settings_init(idf_settings *settings);

/* Receives the file in order. Anything but IDF_OK stops the encoder and is returned. */
typedef idf_status (*idf_write_fn)(void *context, const uint8_t *data, size_t size);

typedef struct idf_encoder idf_encoder;

/* `settings` NULL means defaults. Nothing is written before the first metadata or row. */
IDF_API idf_status idf_encoder_new(const idf_settings *settings, const idf_info *info,
                                   idf_write_fn write, void *context, idf_encoder **encoder);
/* Adds metadata: before the first row or after the last. Type: four bytes, ASCII
 * letters or digits; order is kept. idf(5) lists the types. */
IDF_API idf_status idf_encoder_metadata(idf_encoder *encoder, const char type[4], const void *data,
                                        size_t size);
/* Names who is asked, many times a second, whether to stop; NULL: nobody. Before metadata or
 * rows are given, else IDF_ERR_ARGUMENT. Once the answer was yes every call returns
 * IDF_ERR_CANCELLED. */
IDF_API idf_status idf_encoder_cancel_when(idf_encoder *encoder, idf_cancelled_fn cancelled,
                                           void *context);
/* Names who is told, by the caller's thread, how many rows of pixels are in the file, each time
 * there are more; NULL: nobody. Any time before idf_encoder_finish. */
typedef void (*idf_progress_fn)(void *context, uint32_t rows_done);
IDF_API idf_status idf_encoder_progress(idf_encoder *encoder, idf_progress_fn progress,
                                        void *context);
/* Takes the next `count` rows. Memory in use is bounded by one row of tiles, and
 * with several threads by one more and two tiles for each of them. The number of threads
 * changes no byte. */
IDF_API idf_status idf_encoder_rows(idf_encoder *encoder, const void *rows, uint32_t count);
/* Writes what remains; IDF_ERR_ARGUMENT when rows are missing. */
IDF_API idf_status idf_encoder_finish(idf_encoder *encoder);
IDF_API void idf_encoder_free(idf_encoder *encoder); /* NULL is allowed */

/* ---- a JPEG file kept whole ------------------------------------------------------ */

/* Instead of idf_encoder_new: the .idf will hold a JPEG file in fewer bytes, and gives it back
 * byte for byte as well as its pixels, which are those of libjpeg-turbo's defaults. There are no
 * rows to give, and all of the file is metadata already: idf_encoder_finish does the rest.
 *
 * `file` must live as long as the encoder. Of the settings effort, threads, max_memory and simd
 * count; the model and tile_log2 do not. The whole file is read, and written again to compare,
 * before this returns; in idf_encoder_finish it is read once more and coded.
 *
 * IDF_ERR_UNSUPPORTED: it is no JPEG or one that cannot be kept; *why (may be NULL) is then half a
 * sentence that says so ("it uses arithmetic coding"), static; else *why is NULL. */
IDF_API idf_status idf_encoder_new_jpeg(const idf_settings *settings, const uint8_t *file,
                                        size_t size, idf_write_fn write, void *context,
                                        idf_encoder **encoder, const char **why);
/* What the pixels are: as given, or as the JPEG has them. */
IDF_API idf_status idf_encoder_info(const idf_encoder *encoder, idf_info *info);

/* ---- full calls: decoding ---------------------------------------------------- */

typedef struct idf_limits {
  uint64_t max_pixels;   /* default 2^28 */
  uint64_t max_memory;   /* bytes; default 1 GiB */
  uint64_t max_metadata; /* bytes of all metadata together; default 64 MiB */
  uint64_t reserved[8];  /* zero */
} idf_limits;

IDF_API void idf_limits_init(idf_limits *limits);

/* Fills buffer with up to capacity bytes; *size 0 means the end of the data. */
typedef idf_status (*idf_read_fn)(void *context, uint8_t *buffer, size_t capacity, size_t *size);

typedef struct idf_decoder idf_decoder;

IDF_API idf_status idf_decoder_new(const idf_limits *limits, idf_read_fn read, void *context,
                                   idf_decoder **decoder);
/* A model for files that no built-in model decodes; it must outlive the decoder. */
IDF_API void idf_decoder_model(idf_decoder *decoder, const idf_model *model);
/* Damaged tiles become zeros and are counted instead of ending the decode. */
IDF_API void idf_decoder_keep_going(idf_decoder *decoder, int on);
/* Tiles decoded at once: 1 unless this is called; 0: one for each processor. Before the
 * first row. It changes memory and time, and nothing that the decoder says. */
IDF_API void idf_decoder_threads(idf_decoder *decoder, unsigned threads);
/* Instead of IDF_SIMD_AUTO; before the first row. IDF_ERR_UNSUPPORTED, and nothing changes,
 * for a level that is not available. */
IDF_API idf_status idf_decoder_simd(idf_decoder *decoder, idf_simd level);

/* The same as idf_encoder_cancel_when, while decoding; before idf_decoder_info. */
IDF_API idf_status idf_decoder_cancel_when(idf_decoder *decoder, idf_cancelled_fn cancelled,
                                           void *context);

/* Reads up to the first tile. */
IDF_API idf_status idf_decoder_info(idf_decoder *decoder, idf_info *info);

/* The i-th piece of metadata read so far: all that precede the pixels after
 * idf_decoder_info, all after idf_decoder_finish. IDF_ERR_ARGUMENT past the last.
 * `after_pixels` may be NULL. Pointers live as long as the decoder. */
IDF_API idf_status idf_decoder_metadata(const idf_decoder *decoder, size_t i, char type[5],
                                        const uint8_t **data, size_t *size, int *after_pixels);

/* What kind of file an .idf holds whole, "jpeg", as far as its first bytes tell: 4096 are plenty.
 * NULL when they tell of none. Only the frames of its records are looked at, so that a program can
 * choose a name before it decodes anything. */
IDF_API const char *idf_original_kind(const uint8_t *head, size_t size);

/* After idf_decoder_info: what kind of file this one holds whole, "jpeg", and its bytes.
 * IDF_ERR_ARGUMENT, *kind NULL and *size 0 when it holds none. Both pointers may be NULL. */
IDF_API idf_status idf_decoder_original(const idf_decoder *decoder, const char **kind,
                                        uint64_t *size);
/* Gives back that file, byte for byte, instead of rows: IDF_ERR_ARGUMENT after a row, or when
 * there is none. Reads to the end marker; nothing is written before all of it, the file's own
 * checksum included, was found right. So memory is about the bytes of the file, besides bands. A
 * damaged tile is an error, with idf_decoder_keep_going too. */
IDF_API idf_status idf_decoder_original_write(idf_decoder *decoder, idf_write_fn write,
                                              void *context);

/* Facts of a JPEG file that is kept whole. */
typedef struct idf_jpeg_info {
  unsigned components; /* 1 to 4 */
  unsigned h[4], v[4]; /* sampling factors */
  unsigned quality;    /* 1 to 100 on the scale of libjpeg; 0: its tables are not of this kind */
  unsigned scans;
  uint32_t restart; /* MCUs between two restart markers in the first scan; 0: none */
  int progressive;
  uint64_t reserved[8];
} idf_jpeg_info;

/* After idf_decoder_info; IDF_ERR_ARGUMENT when the file holds no JPEG. */
IDF_API idf_status idf_decoder_jpeg(const idf_decoder *decoder, idf_jpeg_info *info);

/* Delivers the next `count` rows. */
IDF_API idf_status idf_decoder_rows(idf_decoder *decoder, void *rows, uint32_t count);
/* Reads to the end marker and checks that the samples are what was encoded. Rows not
 * yet asked for are skipped, unread tiles included: only framing and checksums of
 * the records are then checked. */
IDF_API idf_status idf_decoder_finish(idf_decoder *decoder);

/* More about the first error: "tile 3: ...", or an unknown model's id. Never NULL; "" for
 * NULL. */
IDF_API const char *idf_decoder_detail(const idf_decoder *decoder);
/* What an IDF_ERR_LIMIT was about: one of idf_limits, or this machine's range of addresses. */
typedef enum idf_limit_kind {
  IDF_LIMIT_NONE, /* no such error, or NULL */
  IDF_LIMIT_PIXELS,
  IDF_LIMIT_MEMORY,
  IDF_LIMIT_METADATA,
  IDF_LIMIT_MACHINE
} idf_limit_kind;
IDF_API idf_limit_kind idf_decoder_limit(const idf_decoder *decoder);

/* What a file is made of; complete after idf_decoder_finish. */
typedef struct idf_anatomy {
  uint32_t tile_side, tiles_across, tiles_down;
  int effort; /* which wrote it */
  uint8_t model_id[8];
  uint64_t file_bytes, header_bytes, metadata_bytes, tile_bytes, index_bytes;
  uint64_t tiles_lost; /* damaged, with idf_decoder_keep_going */
  /* Only with idf_decoder_measure: -log2 of the model's probability of everything
   * decoded, in bits. */
  double model_bits;
  double channel_bits[4];        /* by plane in coding order: alpha, if any, comes first */
  uint64_t metadata_plain_bytes; /* what the records of all metadata would have, none packed */
  uint64_t reserved[7];
} idf_anatomy;

/* All zeros for a decoder NULL. */
IDF_API void idf_decoder_anatomy(const idf_decoder *decoder, idf_anatomy *anatomy);

/* Method i of those that this library knows (0 "stored", 1 "solid", 2 "flow", 3 "screen"), and how
 * many tiles seen so far, of how many bytes together, have it. Of the last three each may be
 * NULL. IDF_ERR_ARGUMENT past the last method; later versions may know more. */
IDF_API idf_status idf_decoder_method(const idf_decoder *decoder, size_t i, const char **name,
                                      uint64_t *tiles, uint64_t *bytes);

/* Place, plan and size in bytes of the i-th tile decoded or skipped so far. */
typedef struct idf_tile_info {
  uint32_t x, y, width, height;
  uint8_t method;           /* as idf_decoder_method counts them; 255: coefficients of a JPEG */
  uint8_t schedule, colour; /* as idf(5) numbers them */
  uint8_t lost;
  uint8_t ranks; /* 1: its planes hold ranks of the values in use */
  uint8_t joint; /* 1: gray and alpha are coded as one group of planes */
  uint64_t bytes;
  uint64_t reserved[4];
} idf_tile_info;
IDF_API idf_status idf_decoder_tile(const idf_decoder *decoder, size_t i, idf_tile_info *tile);
/* The name of a colour layer, one word; "unknown" for one that this version does not know. */
IDF_API const char *idf_colour_name(unsigned colour);

/* Asks that -log2 P be summed while decoding. With `map` not NULL, it is called for
 * each decoded tile with the bits each of its width * height pixels took. */
typedef void (*idf_map_fn)(void *context, const idf_tile_info *tile, const float *bits);
IDF_API void idf_decoder_measure(idf_decoder *decoder, idf_map_fn map, void *context);

IDF_API void idf_decoder_free(idf_decoder *decoder); /* NULL is allowed */

#ifdef __cplusplus
}
#endif
#endif
