/* SPDX-License-Identifier: BSD-3-Clause
 *
 * again.c: decodes a file, writes its samples as PAM, and encodes them again as they were:
 * both directions by the library alone, for machines that have nothing else.
 *
 *   again [options] IN.idf OUT.pam OUT.idf
 *   again [--simd=LEVEL] --draw=EFFORT
 *   again --levels
 *
 * A JPEG that the file holds is given back and kept again, so that OUT.idf holds it, too.
 * Palette indices are written as gray. What cannot be decoded gives the library's words on
 * stderr and exit status 1.
 */
#define _POSIX_C_SOURCE 200809L

#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "idf.h"

typedef struct options {
  idf_simd simd;
  unsigned threads;
  int keep_going;
  uint32_t stop;   /* rows after which both directions are given up; 0: never */
  int draw;        /* the effort whose model draws; 0: none does */
  uint32_t cancel; /* questions after which another thread cancels both directions; 0: never */
} options;

/* Cancels the work of others once they have asked often enough. */
typedef struct canceller {
  pthread_t thread;
  uint32_t after;
  _Atomic uint32_t asked;
  _Atomic int stop, over;
} canceller;

typedef struct picture {
  idf_info info;
  unsigned effort, tile_log2;
  unsigned maxval;
  size_t row_bytes;
  uint8_t *samples;
} picture;

static const char *const level_names[] = {"auto", "none", "128", "avx2", "avx512"};

static int asked(void *context)
{
  canceller *c = context;
  atomic_fetch_add(&c->asked, 1);
  return atomic_load(&c->stop);
}

static void *watch(void *context)
{
  const struct timespec moment = {.tv_nsec = 100000};
  canceller *c = context;
  while (atomic_load(&c->asked) < c->after && !atomic_load(&c->over))
    nanosleep(&moment, NULL);
  atomic_store(&c->stop, 1);
  return NULL;
}

static int canceller_start(canceller *c, const options *how)
{
  c->after = how->cancel;
  atomic_init(&c->asked, 0);
  atomic_init(&c->stop, 0);
  atomic_init(&c->over, 0);
  return pthread_create(&c->thread, NULL, watch, c) == 0;
}

/* What came of work that should have been cancelled. */
static idf_status canceller_end(canceller *c, idf_status status)
{
  atomic_store(&c->over, 1);
  pthread_join(c->thread, NULL);
  if (status == IDF_ERR_CANCELLED)
    return IDF_OK;
  fprintf(stderr, "not cancelled, asked %u times: %s\n", (unsigned)atomic_load(&c->asked),
          idf_status_text(status));
  return IDF_ERR_ARGUMENT;
}

static idf_status read_file(void *context, uint8_t *buffer, size_t capacity, size_t *size)
{
  *size = fread(buffer, 1, capacity, context);
  return ferror((FILE *)context) ? IDF_ERR_IO : IDF_OK;
}

static idf_status write_file(void *context, const uint8_t *data, size_t size)
{
  return fwrite(data, 1, size, context) == size ? IDF_OK : IDF_ERR_IO;
}

/* The maxval of a PNM that has not 2^depth - 1 is metadata. */
static unsigned maxval_of(const idf_decoder *decoder, const idf_info *info)
{
  char type[5];
  const uint8_t *data;
  size_t size;
  for (size_t i = 0; idf_decoder_metadata(decoder, i, type, &data, &size, NULL) == IDF_OK; i++)
    if (strcmp(type, "max1") == 0 && size == 2)
      return (unsigned)data[0] | (unsigned)data[1] << 8;
  return (1u << info->depth) - 1;
}

static idf_status decode(idf_decoder *decoder, const options *how, picture *p)
{
  idf_anatomy anatomy;
  idf_status status = idf_decoder_simd(decoder, how->simd);
  if (status == IDF_OK)
    status = idf_decoder_info(decoder, &p->info);
  if (status != IDF_OK)
    return status;
  idf_decoder_keep_going(decoder, how->keep_going);
  idf_decoder_threads(decoder, how->threads);
  p->row_bytes = idf_row_bytes(&p->info);
  p->samples = calloc(p->info.height, p->row_bytes);
  if (!p->samples)
    return IDF_ERR_MEMORY;
  if (how->stop > 0 && how->stop < p->info.height)
    return idf_decoder_rows(decoder, p->samples, how->stop);
  /* Row by row and all at once: half of them each. */
  const uint32_t half = p->info.height / 2;
  for (uint32_t y = 0; y < half && status == IDF_OK; y++)
    status = idf_decoder_rows(decoder, p->samples + y * p->row_bytes, 1);
  if (status == IDF_OK)
    status = idf_decoder_rows(decoder, p->samples + half * p->row_bytes, p->info.height - half);
  if (status == IDF_OK)
    status = idf_decoder_finish(decoder);
  idf_decoder_anatomy(decoder, &anatomy);
  p->effort = (unsigned)anatomy.effort;
  while (1u << p->tile_log2 < anatomy.tile_side)
    p->tile_log2++;
  p->maxval = maxval_of(decoder, &p->info);
  return status;
}

static idf_status write_pam(const picture *p, FILE *out)
{
  static const char *const tuples[] = {"GRAYSCALE", "GRAYSCALE_ALPHA", "RGB",
                                       "RGB_ALPHA", "GRAYSCALE",       "CMYK"};
  const int bilevel = p->maxval == 1 && p->info.layout <= IDF_GRAY_ALPHA;
  fprintf(out, "P7\nWIDTH %" PRIu32 "\nHEIGHT %" PRIu32 "\nDEPTH %u\nMAXVAL %u\nTUPLTYPE %s%s\n",
          p->info.width, p->info.height, idf_channels(p->info.layout), p->maxval,
          bilevel ? "BLACKANDWHITE" : tuples[p->info.layout],
          bilevel && p->info.layout == IDF_GRAY_ALPHA ? "_ALPHA" : "");
  fputs("ENDHDR\n", out);
  const size_t count = p->row_bytes * p->info.height;
  if (idf_sample_bytes(&p->info) == 1)
    return write_file(out, p->samples, count);
  for (size_t i = 0; i < count; i += 2) {
    uint16_t v;
    memcpy(&v, p->samples + i, sizeof v);
    if (p->maxval > 255)
      putc(v >> 8, out);
    putc(v & 255, out);
  }
  return ferror(out) ? IDF_ERR_IO : IDF_OK;
}

/* The pieces of metadata that lie before, or after, the pixels. */
static idf_status pass_metadata(const idf_decoder *decoder, idf_encoder *encoder, int after)
{
  char type[5];
  const uint8_t *data;
  size_t size;
  int where;
  idf_status status = IDF_OK;
  for (size_t i = 0;
       status == IDF_OK && idf_decoder_metadata(decoder, i, type, &data, &size, &where) == IDF_OK;
       i++)
    if (where == after)
      status = idf_encoder_metadata(encoder, type, data, size);
  return status;
}

/* `c` may be NULL. */
static idf_status encode(const idf_decoder *decoder, const options *how, const picture *p,
                         FILE *out, canceller *c)
{
  idf_settings settings;
  idf_encoder *encoder;
  idf_settings_init(&settings);
  settings.effort = (int)p->effort;
  settings.tile_log2 = p->tile_log2;
  settings.threads = how->threads;
  settings.simd = how->simd;
  idf_status status = idf_encoder_new(&settings, &p->info, write_file, out, &encoder);
  if (status != IDF_OK)
    return status;
  if (c)
    status = idf_encoder_cancel_when(encoder, asked, c);
  if (status == IDF_OK)
    status = pass_metadata(decoder, encoder, 0);
  const uint32_t half = how->stop ? how->stop / 2 : p->info.height / 2;
  for (uint32_t y = 0; y < half && status == IDF_OK; y++)
    status = idf_encoder_rows(encoder, p->samples + y * p->row_bytes, 1);
  if (!how->stop) {
    if (status == IDF_OK)
      status = idf_encoder_rows(encoder, p->samples + half * p->row_bytes, p->info.height - half);
    if (status == IDF_OK)
      status = pass_metadata(decoder, encoder, 1);
    if (status == IDF_OK)
      status = idf_encoder_finish(encoder);
  }
  idf_encoder_free(encoder);
  return status;
}

typedef struct buffer {
  uint8_t *data;
  size_t size;
} buffer;

static idf_status append(void *context, const uint8_t *data, size_t size)
{
  buffer *b = context;
  uint8_t *grown = realloc(b->data, b->size + size + 1);
  if (!grown)
    return IDF_ERR_MEMORY;
  memcpy(grown + b->size, data, size);
  b->data = grown;
  b->size += size;
  return IDF_OK;
}

/* The JPEG that the file holds, appended to *jpeg. */
static idf_status give_back(const options *how, FILE *in, buffer *jpeg)
{
  idf_decoder *decoder;
  rewind(in);
  idf_status status = idf_decoder_new(NULL, read_file, in, &decoder);
  if (status != IDF_OK)
    return status;
  status = idf_decoder_simd(decoder, how->simd);
  idf_decoder_threads(decoder, how->threads);
  if (status == IDF_OK)
    status = idf_decoder_original_write(decoder, append, jpeg);
  idf_decoder_free(decoder);
  return status;
}

static idf_status keep_again(const options *how, const picture *p, FILE *in, FILE *out)
{
  buffer jpeg = {.size = 0};
  idf_settings settings;
  idf_encoder *encoder = NULL;
  idf_settings_init(&settings);
  settings.effort = (int)p->effort;
  settings.threads = how->threads;
  settings.simd = how->simd;
  idf_status status = give_back(how, in, &jpeg);
  if (status == IDF_OK)
    status = idf_encoder_new_jpeg(&settings, jpeg.data, jpeg.size, write_file, out, &encoder, NULL);
  if (status == IDF_OK)
    status = idf_encoder_finish(encoder);
  idf_encoder_free(encoder);
  free(jpeg.data);
  return status;
}

/* Both directions under cancel: the pixels of a whole decoder in between. */
static idf_status cancelled(const options *how, const idf_decoder *decoder, picture *p, FILE *in,
                            FILE *idf)
{
  canceller c;
  picture part = {.tile_log2 = 0};
  idf_decoder *other;
  rewind(in);
  idf_status status = idf_decoder_new(NULL, read_file, in, &other);
  if (status != IDF_OK)
    return status;
  if (!canceller_start(&c, how)) {
    idf_decoder_free(other);
    return IDF_ERR_MEMORY;
  }
  status = idf_decoder_cancel_when(other, asked, &c);
  if (status == IDF_OK)
    status = decode(other, how, &part);
  status = canceller_end(&c, status);
  idf_decoder_free(other);
  free(part.samples);
  if (status != IDF_OK)
    return status;
  if (!canceller_start(&c, how))
    return IDF_ERR_MEMORY;
  return canceller_end(&c, encode(decoder, how, p, idf, &c));
}

static idf_status again(const options *how, FILE *in, FILE *pam, FILE *idf)
{
  picture p = {.tile_log2 = 0};
  idf_decoder *decoder;
  idf_status status = idf_decoder_new(NULL, read_file, in, &decoder);
  if (status != IDF_OK)
    return status;
  status = decode(decoder, how, &p);
  if (status != IDF_OK)
    fprintf(stderr, "%s: %s\n", idf_status_text(status), idf_decoder_detail(decoder));
  if (status == IDF_OK && how->stop) { /* what was not read says nothing of effort and tiles */
    p.effort = 5;
    p.tile_log2 = 6;
  }
  if (status == IDF_OK)
    status = write_pam(&p, pam);
  if (status == IDF_OK && !how->cancel && !how->stop
      && idf_decoder_original(decoder, NULL, NULL) == IDF_OK)
    status = keep_again(how, &p, in, idf);
  else if (status == IDF_OK)
    status =
        how->cancel ? cancelled(how, decoder, &p, in, idf) : encode(decoder, how, &p, idf, NULL);
  idf_decoder_free(decoder);
  free(p.samples);
  return status;
}

/* Draws a small picture from a model, to stdout as PPM. */
static int draw(const options *how)
{
  static uint8_t rows[48 * 64 * 3];
  const idf_info info = {.width = 64, .height = 48, .layout = IDF_RGB, .depth = 8};
  idf_settings settings;
  idf_settings_init(&settings);
  settings.effort = how->draw;
  settings.simd = how->simd;
  const idf_status status = idf_draw(&settings, &info, 42, 0, rows);
  if (status != IDF_OK) {
    fprintf(stderr, "%s\n", idf_status_text(status));
    return 1;
  }
  fputs("P6\n64 48\n255\n", stdout);
  return write_file(stdout, rows, sizeof rows) == IDF_OK && fflush(stdout) == 0 ? 0 : 1;
}

static int levels(void)
{
  for (int i = IDF_SIMD_NONE; i <= IDF_SIMD_AVX512; i++)
    if (idf_simd_available((idf_simd)i))
      puts(level_names[i]);
  return 0;
}

/* One option; 0 when it is none. */
static int option(const char *arg, options *how)
{
  if (strncmp(arg, "--threads=", 10) == 0) {
    how->threads = (unsigned)strtoul(arg + 10, NULL, 10);
  } else if (strncmp(arg, "--stop=", 7) == 0) {
    how->stop = (uint32_t)strtoul(arg + 7, NULL, 10);
  } else if (strncmp(arg, "--cancel=", 9) == 0) {
    how->cancel = (uint32_t)strtoul(arg + 9, NULL, 10);
  } else if (strncmp(arg, "--draw=", 7) == 0) {
    how->draw = (int)strtol(arg + 7, NULL, 10);
  } else if (strcmp(arg, "--keep-going") == 0) {
    how->keep_going = 1;
  } else if (strncmp(arg, "--simd=", 7) == 0) {
    for (int i = IDF_SIMD_AUTO; i <= IDF_SIMD_AVX512; i++)
      if (strcmp(arg + 7, level_names[i]) == 0) {
        how->simd = (idf_simd)i;
        return 1;
      }
    return 0;
  } else {
    return 0;
  }
  return 1;
}

int main(int argc, char **argv)
{
  options how = {.threads = 1};
  int at = 1;
  if (argc == 2 && strcmp(argv[1], "--levels") == 0)
    return levels();
  while (at < argc && option(argv[at], &how))
    at++;
  if (how.draw && at == argc)
    return draw(&how);
  if (argc - at != 3) {
    fputs("usage: again [--simd=LEVEL] [--threads=N] [--keep-going] [--stop=ROWS] "
          "[--cancel=QUESTIONS] IN.idf OUT.pam OUT.idf\n"
          "       again [--simd=LEVEL] --draw=EFFORT\n       again --levels\n",
          stderr);
    return 2;
  }
  FILE *file[3];
  for (int i = 0; i < 3; i++) {
    file[i] = fopen(argv[at + i], i == 0 ? "rb" : "wb");
    if (!file[i]) {
      fprintf(stderr, "%s: %s\n", argv[at + i], strerror(errno));
      return 2;
    }
  }
  idf_status status = again(&how, file[0], file[1], file[2]);
  for (int i = 0; i < 3; i++)
    if (fclose(file[i]) != 0 && status == IDF_OK)
      status = IDF_ERR_IO;
  if (status != IDF_OK)
    fprintf(stderr, "%s\n", idf_status_text(status));
  return status == IDF_OK ? 0 : 1;
}
