/* SPDX-License-Identifier: BSD-3-Clause
 *
 * idf.h: lossless image coding with an integer discrete flow. See libidf(3).
 *
 * Simple calls come first, full calls after. Samples are interleaved by pixel; rows run from top to
 * bottom without padding. A sample is one byte for depths 1 to 8, and one uint16_t in the machine's
 * byte order for 9 to 16. Every value is below 2^depth.
 *
 * Threads: different threads may use different objects at the same time; only one thread at a time
 * may use an object. There is no global state. Encoders and decoders create threads only on
 * request. These also work between calls, until the object is freed, and block all signals. Only
 * the caller's thread calls callbacks, except idf_cancelled_fn.
 *
 * NULL: every call accepts it for every pointer. If the call cannot work without the pointer, a
 * call that has a status returns IDF_ERR_ARGUMENT; any other does nothing or returns what its
 * comment says.
 *
 * Compatibility: structures that may grow end in reserved members. In a structure that the library
 * reads they must be zero, as the init calls leave them; otherwise IDF_ERR_ARGUMENT. So a program
 * that uses a newer feature with an older library gets an error. In structures that the library
 * fills, it sets them to zero.
 */
#ifndef IDF_H
#define IDF_H

#include <stddef.h>
#include <stdint.h>

#include "idf_simd.h"
#include "idf_status.h"

/* The version of this header; idf_version() returns that of the library. */
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
  IDF_CMYK = 5     /* only for files that hold a JPEG, with its values: most have 255 - ink */
} idf_layout;

typedef struct idf_info {
  uint32_t width, height; /* pixels, at least 1 */
  idf_layout layout;
  uint32_t depth; /* bits a sample: 1 to 16, for IDF_PALETTE 1 to 8 */
} idf_info;

/* Samples per pixel (1 to 4); 0 for an unknown layout. */
IDF_API unsigned idf_channels(idf_layout layout);
/* Bytes per sample (1 or 2), and per row of `info`; 0 for NULL or on overflow. */
IDF_API unsigned idf_sample_bytes(const idf_info *info);
IDF_API size_t idf_row_bytes(const idf_info *info);

IDF_API const char *idf_version(void);                  /* "0.1.0" */
IDF_API const char *idf_status_text(idf_status status); /* one short English phrase */

/* ---- simple calls --------------------------------------------------------- */

/* Encodes a whole image with default settings. Release *data with idf_release. On failure *data is
 * NULL and *size is 0. */
IDF_API idf_status idf_encode(const idf_info *info, const void *samples, uint8_t **data,
                              size_t *size);

/* Decodes a whole file with default limits. Release *samples with idf_release. On failure *samples
 * is NULL. */
IDF_API idf_status idf_decode(const uint8_t *data, size_t size, idf_info *info, void **samples);

IDF_API void idf_release(void *ptr); /* NULL is allowed */

/* ---- models ---------------------------------------------------------------- */

typedef struct idf_model idf_model;

/* Copies the built-in model of an effort (see idf_settings). IDF_ERR_UNSUPPORTED if the effort does
 * not exist. */
IDF_API idf_status idf_model_builtin(int effort, idf_model **model);
/* Reads a model file; data need not outlive the call. */
IDF_API idf_status idf_model_load(const uint8_t *data, size_t size, idf_model **model);
IDF_API void idf_model_free(idf_model *model); /* NULL is allowed */
/* The 8 bytes by which files identify the model: the first ones of its SHA-256. Zeros for NULL, as
 * in files that need no model. */
IDF_API const uint8_t *idf_model_id(const idf_model *model);
/* A short name ("default") for display; never NULL, and "" for NULL. */
IDF_API const char *idf_model_name(const idf_model *model);

/* ---- instruction sets -------------------------------------------------------- */

/* Whether a level is available here. */
IDF_API int idf_simd_available(idf_simd level);
/* The level that IDF_SIMD_AUTO selects here: the highest one available. */
IDF_API idf_simd idf_simd_best(void);

/* ---- cancelling ---------------------------------------------------------------- */

/* Returns any value but 0 to end the work; it is not called again then.
 *
 * Thread rule: any working thread calls it, including those of the library, several at once, and
 * between calls, until the object is freed. It must be quick, must not use the object, and must
 * read with atomics what other threads write. Usually it loads one atomic flag, or a volatile
 * sig_atomic_t that a signal handler sets, or checks a clock. It is a callback and not a flag, so
 * that C, C++ and other languages need not agree on an atomic type. */
typedef int (*idf_cancelled_fn)(void *context);

/* ---- full calls: encoding ---------------------------------------------------- */

typedef struct idf_settings {
  int effort;             /* 5 is the default; for others see idf_model_builtin */
  unsigned tile_log2;     /* log2 of the tile side, 6 to 12; default 10 */
  uint64_t max_memory;    /* bytes the encoder may hold; default 1 GiB */
  const idf_model *model; /* NULL: the built-in model of `effort` */
  unsigned threads;       /* tiles coded at once: default 1; 0: one per processor */
  idf_simd simd;          /* IDF_ERR_UNSUPPORTED for a level that is not available */
  uint64_t no_history;    /* not 0: do not look for what made the pixels, such as a JPEG decoder */
  uint64_t reserved[7];   /* zero */
} idf_settings;

IDF_API void idf_settings_init(idf_settings *settings);

/* Receives the file in order. Any result but IDF_OK stops the encoder, and the call returns it. */
typedef idf_status (*idf_write_fn)(void *context, const uint8_t *data, size_t size);

typedef struct idf_encoder idf_encoder;

/* `settings` NULL means defaults. Nothing is written before the first metadata or row. */
IDF_API idf_status idf_encoder_new(const idf_settings *settings, const idf_info *info,
                                   idf_write_fn write, void *context, idf_encoder **encoder);
/* Adds metadata before the first row or after the last. type: four bytes, ASCII letters or digits.
 * The order is kept. idf(5) lists the types. */
IDF_API idf_status idf_encoder_metadata(idf_encoder *encoder, const char type[4], const void *data,
                                        size_t size);
/* Sets the function that is asked, many times a second, whether to stop; NULL: none. Call it before
 * metadata and rows, else IDF_ERR_ARGUMENT. Once the answer was yes, every call returns
 * IDF_ERR_CANCELLED. */
IDF_API idf_status idf_encoder_cancel_when(idf_encoder *encoder, idf_cancelled_fn cancelled,
                                           void *context);
/* Receives, in the caller's thread, how many rows of pixels are in the file, each time there are
 * more; NULL: not called. Set it at any time before idf_encoder_finish. */
typedef void (*idf_progress_fn)(void *context, uint32_t rows_done);
IDF_API idf_status idf_encoder_progress(idf_encoder *encoder, idf_progress_fn progress,
                                        void *context);
/* Takes the next `count` rows. Memory is bounded by one row of tiles; with several threads by one
 * more row and two tiles for each thread. The number of threads changes no byte. */
IDF_API idf_status idf_encoder_rows(idf_encoder *encoder, const void *rows, uint32_t count);
/* Writes the rest of the file; IDF_ERR_ARGUMENT if rows are missing. */
IDF_API idf_status idf_encoder_finish(idf_encoder *encoder);
IDF_API void idf_encoder_free(idf_encoder *encoder); /* NULL is allowed */

/* ---- a JPEG file kept whole ------------------------------------------------------ */

/* Creates an encoder for a JPEG file, instead of idf_encoder_new. The .idf will hold the JPEG file
 * in fewer bytes; it gives back the file byte for byte, and also its pixels, which are those of
 * libjpeg-turbo's defaults. Do not pass rows or metadata, because the file has both: only call
 * idf_encoder_finish.
 *
 * `file` must live as long as the encoder. Of the settings, effort, threads, max_memory and simd
 * are used, but not the model and tile_log2. Before this call returns, the whole file is read, and
 * written again for comparison; idf_encoder_finish reads it once more and codes it.
 *
 * IDF_ERR_UNSUPPORTED: it is not a JPEG, or one that cannot be kept. *why (may be NULL) is then
 * half a sentence with the reason ("it uses arithmetic coding"), static; otherwise *why is NULL. */
IDF_API idf_status idf_encoder_new_jpeg(const idf_settings *settings, const uint8_t *file,
                                        size_t size, idf_write_fn write, void *context,
                                        idf_encoder **encoder, const char **why);
/* Remembers the suffix of the JPEG file's name for idf_original_suffix, at no byte's cost: ".jpg",
 * the default, ".jpeg", ".jpe", ".jfif", or one of these in capitals. Call it before
 * idf_encoder_finish. IDF_ERR_ARGUMENT, and no change, for others, which cannot be remembered. */
IDF_API idf_status idf_encoder_suffix(idf_encoder *encoder, const char *suffix);
/* The format of the pixels: as passed, or as in the JPEG. */
IDF_API idf_status idf_encoder_info(const idf_encoder *encoder, idf_info *info);

/* ---- full calls: decoding ---------------------------------------------------- */

typedef struct idf_limits {
  uint64_t max_pixels;   /* default 2^28 */
  uint64_t max_memory;   /* bytes; default 1 GiB */
  uint64_t max_metadata; /* bytes of all metadata together; default 64 MiB */
  uint64_t reserved[8];  /* zero */
} idf_limits;

IDF_API void idf_limits_init(idf_limits *limits);

/* Fills buffer with at most capacity bytes; *size 0 means the end of the data. */
typedef idf_status (*idf_read_fn)(void *context, uint8_t *buffer, size_t capacity, size_t *size);
/* Fills buffer with the `size` bytes of the file from `offset` on, which are inside the file. */
typedef idf_status (*idf_read_at_fn)(void *context, uint64_t offset, uint8_t *buffer, size_t size);

typedef struct idf_decoder idf_decoder;

IDF_API idf_status idf_decoder_new(const idf_limits *limits, idf_read_fn read, void *context,
                                   idf_decoder **decoder);
/* A decoder whose input the caller pushes, in pieces of any size, instead of a function that reads.
 * A call that lacks input returns IDF_NEED_INPUT; push more and repeat the same call. Results,
 * errors included, do not depend on the pieces.
 *
 * Instead, a read function may return IDF_NEED_INPUT when it has nothing yet. */
IDF_API idf_status idf_decoder_new_push(const idf_limits *limits, idf_decoder **decoder);
/* Copies the next bytes of the file; they wait, within max_memory, until calls take them.
 * IDF_ERR_LIMIT and IDF_ERR_MEMORY are no errors of the decoder's: no byte was taken; take rows
 * and push again. IDF_ERR_ARGUMENT after idf_decoder_push_end. */
IDF_API idf_status idf_decoder_push(idf_decoder *decoder, const uint8_t *data, size_t size);
/* Says that the file ends here. Only then can idf_decoder_finish succeed. */
IDF_API idf_status idf_decoder_push_end(idf_decoder *decoder);
/* A decoder whose input can be read at any place: of a region it reads the index and the tiles that
 * are needed, and nothing of the others. `file_size` is that of the whole file. */
IDF_API idf_status idf_decoder_new_at(const idf_limits *limits, idf_read_at_fn read_at,
                                      void *context, uint64_t file_size, idf_decoder **decoder);
/* The same for a file in memory, which must outlive the decoder. */
IDF_API idf_status idf_decoder_new_memory(const idf_limits *limits, const uint8_t *data,
                                          size_t size, idf_decoder **decoder);
/* A model for files that no built-in model can decode. It must outlive the decoder. */
IDF_API void idf_decoder_model(idf_decoder *decoder, const idf_model *model);
/* Damaged tiles become zeros and are counted; they do not end decoding. */
IDF_API void idf_decoder_keep_going(idf_decoder *decoder, int on);
/* The number of tiles decoded at once: default 1; 0: one per processor. Call it before the first
 * row. It changes memory and time, but no result. */
IDF_API void idf_decoder_threads(idf_decoder *decoder, unsigned threads);
/* Selects a level instead of IDF_SIMD_AUTO; call it before the first row. IDF_ERR_UNSUPPORTED,
 * without any change, if the level is not available. */
IDF_API idf_status idf_decoder_simd(idf_decoder *decoder, idf_simd level);

/* The same as idf_encoder_cancel_when, for decoding. Call it before idf_decoder_info. */
IDF_API idf_status idf_decoder_cancel_when(idf_decoder *decoder, idf_cancelled_fn cancelled,
                                           void *context);

/* Reads up to the first tile. */
IDF_API idf_status idf_decoder_info(idf_decoder *decoder, idf_info *info);

/* The i-th piece of metadata read so far: after idf_decoder_info all pieces before the pixels,
 * after idf_decoder_finish all pieces. IDF_ERR_ARGUMENT past the last. `after_pixels` may be NULL.
 * Pointers are valid as long as the decoder exists. */
IDF_API idf_status idf_decoder_metadata(const idf_decoder *decoder, size_t i, char type[5],
                                        const uint8_t **data, size_t *size, int *after_pixels);

/* What metadata say, without a parser of their own. Call these after idf_decoder_info, and see
 * idf_decoder_metadata for the whole. Pointers are valid as long as the decoder exists, and NULL
 * without IDF_OK. What these calls expand counts against max_memory, and all of it together has at
 * most max_metadata bytes. None of their errors is the decoder's: decoding goes on.
 * IDF_ERR_ARGUMENT if the file does not say it, IDF_ERR_CORRUPT if what it says is not valid,
 * IDF_ERR_LIMIT. */

/* The ICC profile (iCCP), expanded. */
IDF_API idf_status idf_decoder_icc(idf_decoder *decoder, const uint8_t **data, size_t *size);
/* The Exif block (eXIf), from its byte order on: "II" or "MM". Also that of a JPEG kept whole. */
IDF_API idf_status idf_decoder_exif(idf_decoder *decoder, const uint8_t **data, size_t *size);
/* How to show the picture, as Exif numbers it: 1 as it is, 2 mirrored left to right, 3 turned by
 * 180 degrees, 4 mirrored top to bottom, 5 mirrored along the main diagonal, 6 turned clockwise by
 * 90 degrees, 7 mirrored along the other diagonal, 8 turned counterclockwise by 90 degrees. 1 if
 * the file does not say it. Decoders apply none of it. */
IDF_API unsigned idf_decoder_orientation(idf_decoder *decoder);
/* Pixels per metre across and down, above 0: from pHYs (which has the density of a JPEG), else from
 * Exif. IDF_ERR_ARGUMENT also for a mere ratio. */
IDF_API idf_status idf_decoder_resolution(idf_decoder *decoder, uint32_t *x, uint32_t *y);
/* The i-th text (tEXt, zTXt, iTXt) read so far, in UTF-8, each ended by a zero. IDF_ERR_ARGUMENT
 * past the last one; after other errors there may be more texts. */
IDF_API idf_status idf_decoder_text(idf_decoder *decoder, size_t i, const char **key,
                                    const char **value);

/* The suffix that the name of the file had which an .idf holds whole, such as ".jpg", as far as the
 * first bytes of the .idf show it; 4096 are more than enough. NULL if they show no such file. Only
 * the frames of records and one byte are read, so a program can choose a name before it decodes
 * anything. */
IDF_API const char *idf_original_suffix(const uint8_t *head, size_t size);

/* After idf_decoder_info: the kind of file that this one holds whole, "jpeg", and its bytes.
 * IDF_ERR_ARGUMENT, *kind NULL and *size 0 if it holds none. Both pointers may be NULL. */
IDF_API idf_status idf_decoder_original(const idf_decoder *decoder, const char **kind,
                                        uint64_t *size);
/* Gives back that file, byte for byte, instead of rows. IDF_ERR_ARGUMENT after a row, or if there
 * is no such file. Reads to the end marker, and writes nothing before everything was checked,
 * including the file's own checksum. So memory is about the bytes of the file, plus bands. A
 * damaged tile is an error, even with idf_decoder_keep_going. */
IDF_API idf_status idf_decoder_original_write(idf_decoder *decoder, idf_write_fn write,
                                              void *context);

/* Facts of a JPEG file that is kept whole. */
typedef struct idf_jpeg_info {
  unsigned components; /* 1 to 4 */
  unsigned h[4], v[4]; /* sampling factors */
  unsigned quality;    /* 1 to 100 on libjpeg's scale; 0: other tables */
  unsigned scans;
  uint32_t restart; /* MCUs between two restart markers in the first scan; 0: none */
  int progressive;
  uint64_t reserved[8];
} idf_jpeg_info;

/* Call it after idf_decoder_info. IDF_ERR_ARGUMENT if the file holds no JPEG. */
IDF_API idf_status idf_decoder_jpeg(const idf_decoder *decoder, idf_jpeg_info *info);

/* Receives, in the caller's thread, how many of the rows to deliver are decoded, each time there
 * are more; NULL: not called. It must not use the decoder. */
IDF_API idf_status idf_decoder_progress(idf_decoder *decoder, idf_progress_fn progress,
                                        void *context);

/* Delivers a part of the picture only: x + width and y + height are inside it, width and height at
 * least 1, else IDF_ERR_ARGUMENT. Only the tiles that the part touches are decoded. Call it after
 * idf_decoder_info and before the first row; it can be changed until then.
 *
 * The checksum of all samples can only be checked if the part touches all tiles; for others,
 * idf_decoder_finish can only say that the records it read have their checksums. Those are all
 * records of the file, or with idf_decoder_new_at and idf_decoder_new_memory those of the part, of
 * the metadata, the index and the end. */
IDF_API idf_status idf_decoder_region(idf_decoder *decoder, uint32_t x, uint32_t y, uint32_t width,
                                      uint32_t height);
/* Delivers rows that are 2^log2 times smaller in both directions: 0 as they are, the default, to 3
 * for 1/8. With a region, pixels are counted before scaling. Call it when idf_decoder_region can be
 * called.
 *
 * A pixel is the average of a box of pixels, rounded to nearest, halves up; boxes at the right and
 * bottom border have what is there, so sizes are rounded up. Colours are weighted with alpha, as if
 * premultiplied, and are divided by it again; where alpha is 0 they are averaged as they are.
 * Depths below 8 become 8. A picture with a palette becomes IDF_RGB, or IDF_RGBA if it has
 * transparent entries, one with a transparent colour gets an alpha channel: idf_decoder_output says
 * so. Stored values are averaged: no gamma is removed. */
IDF_API idf_status idf_decoder_scale(idf_decoder *decoder, unsigned log2);

/* The size, layout and depth of what the calls below deliver: of idf_decoder_info, but for region
 * and scale. Call it after idf_decoder_info. */
IDF_API idf_status idf_decoder_output(const idf_decoder *decoder, idf_info *info);

/* Delivers the next `count` rows, of idf_row_bytes each. Calls of all three kinds may be mixed.
 * After IDF_NEED_INPUT some rows may be there already: the same call, repeated with the same rows
 * and count, delivers the others. */
IDF_API idf_status idf_decoder_rows(idf_decoder *decoder, void *rows, uint32_t count);
/* The same as R, G, B, A with 8 or 16 bits each, whatever the layout and depth: 4 uint8_t or 4
 * uint16_t a pixel, rows without padding. Alpha is not premultiplied; it is full where the picture
 * has none. A sample v of the picture becomes v * 255 / max or v * 65535 / max, rounded to nearest,
 * where max is 2^depth - 1, or the maxval of a PNM. So 8 bits become 16 by repetition. A palette
 * and a transparent colour (PLTE and tRNS) are applied; an index without a colour is opaque black.
 * CMYK becomes R = (255 - C) (255 - K) / 255, and so on. No colour profile is applied, and the
 * orientation is untouched. IDF_ERR_CORRUPT for indices without any palette. */
IDF_API idf_status idf_decoder_rgba8(idf_decoder *decoder, uint8_t *rows, uint32_t count);
IDF_API idf_status idf_decoder_rgba16(idf_decoder *decoder, uint16_t *rows, uint32_t count);
/* Rows delivered so far; after IDF_NEED_INPUT with those that are there already. 0 for NULL. */
IDF_API uint32_t idf_decoder_rows_done(const idf_decoder *decoder);
/* Reads to the end marker and checks that the samples are those that were encoded. Rows that were
 * not requested are skipped with their tiles: only the framing and checksums of those records are
 * checked. */
IDF_API idf_status idf_decoder_finish(idf_decoder *decoder);

/* Details of the first error: "tile 3: ...", or the id of an unknown model. Never NULL; "" for
 * NULL. */
IDF_API const char *idf_decoder_detail(const idf_decoder *decoder);
/* The cause of an IDF_ERR_LIMIT: one of idf_limits, or the address range of this machine. */
typedef enum idf_limit_kind {
  IDF_LIMIT_NONE, /* no such error, or NULL */
  IDF_LIMIT_PIXELS,
  IDF_LIMIT_MEMORY,
  IDF_LIMIT_METADATA,
  IDF_LIMIT_MACHINE
} idf_limit_kind;
IDF_API idf_limit_kind idf_decoder_limit(const idf_decoder *decoder);

/* What a file consists of; complete after idf_decoder_finish. */
typedef struct idf_anatomy {
  uint32_t tile_side, tiles_across, tiles_down;
  int effort; /* that wrote it */
  uint8_t model_id[8];
  uint64_t file_bytes, header_bytes, metadata_bytes, tile_bytes, index_bytes;
  uint64_t tiles_lost; /* damaged, with idf_decoder_keep_going */
  /* Only with idf_decoder_measure: -log2 of the model's probability of everything decoded, in
   * bits. */
  double model_bits;
  double channel_bits[4];        /* by plane in coding order: alpha, if any, is first */
  uint64_t metadata_plain_bytes; /* bytes of all metadata records if none were packed */
  uint64_t reserved[7];
} idf_anatomy;

/* All zeros if decoder is NULL. */
IDF_API void idf_decoder_anatomy(const idf_decoder *decoder, idf_anatomy *anatomy);

/* Method i of those that this library knows (0 "stored", 1 "solid", 2 "flow", 3 "screen",
 * 4 "history", 5 "chroma"), and how many tiles seen so far, of how many bytes together, have it.
 * Of the last three each may be NULL. IDF_ERR_ARGUMENT past the last method; later versions may
 * know more. */
IDF_API idf_status idf_decoder_method(const idf_decoder *decoder, size_t i, const char **name,
                                      uint64_t *tiles, uint64_t *bytes);

/* Place, plan and size in bytes of the i-th tile decoded or skipped so far. */
typedef struct idf_tile_info {
  uint32_t x, y, width, height;
  uint8_t method;           /* as idf_decoder_method counts them; 255: coefficients of a JPEG, or
                             * not read, because it is outside the region */
  uint8_t schedule, colour; /* as idf(5) numbers them; colour: the layer, or, of method "chroma",
                             * the conversion */
  uint8_t lost;
  uint8_t ranks; /* 1: its planes hold ranks of the values in use */
  uint8_t joint; /* 1: gray and alpha are coded as one group of planes */
  uint64_t bytes;
  uint64_t reserved[4];
} idf_tile_info;
IDF_API idf_status idf_decoder_tile(const idf_decoder *decoder, size_t i, idf_tile_info *tile);
/* The name of a colour layer, one word; "unknown" for one that this version does not know. */
IDF_API const char *idf_colour_name(unsigned colour);
/* The same of a conversion: the program that made the pixels, and its matrix, such as
 * "ffmpeg, BT.709". */
IDF_API const char *idf_conversion_name(unsigned conversion);

/* Makes the decoder add up -log2 P. If `map` is not NULL, it is called for each decoded tile with
 * the bits of each of its width * height pixels. */
typedef void (*idf_map_fn)(void *context, const idf_tile_info *tile, const float *bits);
IDF_API void idf_decoder_measure(idf_decoder *decoder, idf_map_fn map, void *context);

IDF_API void idf_decoder_free(idf_decoder *decoder); /* NULL is allowed */

/* ---- drawing ------------------------------------------------------------------ */

#define IDF_DRAW_SIDE 4096 /* the largest width and height of a picture that is drawn */

/* Draws a picture from the model by decoding random bits: each sample is drawn from the
 * distribution that the model foresees for it. `samples` has room for all rows; those above row
 * `from` are given, and the model goes on from them. IDF_GRAY or IDF_RGB. Of the settings, effort,
 * model, simd and max_memory are used. The same model, info, given rows and seed give the same
 * picture on every machine. */
IDF_API idf_status idf_draw(const idf_settings *settings, const idf_info *info, uint64_t seed,
                            uint32_t from, void *samples);

#ifdef __cplusplus
}
#endif
#endif
