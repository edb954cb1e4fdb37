/* SPDX-License-Identifier: BSD-3-Clause
 *
 * draw.c: draws a picture from the model, as a decoder of random bits.
 *
 * rANS turns bits into symbols so that a symbol of probability P takes -log2 P bits. The other way
 * round: bits that are all equally likely give each symbol with its probability. So nothing here
 * is new but the source of the bits.
 */
#include "draw.h"

#include <string.h>

#include "colour.h"
#include "flow.h"
#include "kernels.h"
#include "lanes.h"
#include "latent.h"
#include "model_net.h"
#include "sites.h"

#define BITS 65536 /* bytes of random bits at hand */
/* A call decodes up to IDF_SITES samples. Each is one symbol, or an escape of at most 8, and a
 * symbol takes at most one word of 4 bytes. */
#define ENOUGH (IDF_SITES * 8 * 4)
_Static_assert(ENOUGH * 2 <= BITS, "the bits at hand last for a call");

typedef struct draw {
  idf_rans_dec dec;
  uint64_t random;        /* the state of the generator */
  const int32_t *from[3]; /* the planes of the given rows */
  int32_t *drawn[3];      /* those of all others, as far as they are drawn */
  uint32_t rows;          /* given */
  uint32_t width;
  int32_t top;
  const idf_colour_layer *colour;
  uint8_t bits[BITS];
} draw;

/* SplitMix64: G. L. Steele, D. Lea, C. H. Flood, "Fast splittable pseudorandom number generators",
 * OOPSLA 2014. */
static uint64_t next_random(draw *d)
{
  uint64_t z = d->random += UINT64_C(0x9e3779b97f4a7c15);
  z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
  z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
  return z ^ z >> 31;
}

/* Fills the bits after the first `left`, which move to the front. */
static void refill(draw *d)
{
  const size_t left = (size_t)(d->dec.end - d->dec.at);

  memmove(d->bits, d->dec.at, left);
  for (size_t i = left; i + 8 <= BITS; i += 8) {
    const uint64_t v = next_random(d);
    for (unsigned b = 0; b < 8; b++)
      d->bits[i + b] = (uint8_t)(v >> (8 * b));
  }
  d->dec.at = d->bits;
  d->dec.end = d->bits + left + (BITS - left) / 8 * 8;
}

static void draw_init(draw *d, uint64_t seed)
{
  d->random = seed;
  d->dec = (idf_rans_dec){.lanes = 1, .at = d->bits, .end = d->bits};
  /* A state is a number of [2^32, 2^64). */
  d->dec.state[0] = next_random(d) | IDF_RANS_LOW;
  refill(d);
}

/* Whether a pixel of these planes is a colour. */
static bool is_colour(const draw *d, int32_t v[3])
{
  int32_t *const planes[3] = {&v[0], &v[1], &v[2]};

  d->colour->inverse(planes, 1, NULL);
  for (int c = 0; c < 3; c++)
    if (v[c] < 0 || v[c] > d->top)
      return false;
  return true;
}

/* The sample nearest to `sample`, towards 0, with which the pixel can be a colour. The planes have
 * a wider range than colours, which the model does not know. It would see a stray one as the
 * brightest of all colours, and go on from there. */
static int32_t to_colour(const draw *d, unsigned plane, size_t at, int32_t sample)
{
  while (sample != 0) {
    int32_t v[3] = {d->drawn[0][at], plane == 2 ? d->drawn[1][at] : sample,
                    plane == 2 ? sample : 0};
    if (is_colour(d, v))
      break;
    sample += sample < 0 ? 1 : -1;
  }
  return sample;
}

static idf_status draw_latents(void *context, unsigned plane, idf_sites *s)
{
  draw *d = context;

  if (d->dec.end - d->dec.at < ENOUGH)
    refill(d);
  for (int k = s->hi - 1; k >= s->lo; k--) {
    idf_site site = {.x = (uint32_t)(s->column + s->strip * k), .y = (uint32_t)(s->row - k)};
    const size_t at = (size_t)site.y * d->width + site.x;
    int32_t sample;
    if (site.y < d->rows) {
      sample = d->from[plane][at];
    } else {
      idf_sites_prior(s, k, &site.prior);
      sample = idf_latent_get(&d->dec, 0, &site, NULL);
      /* An escape may end above the range. No file has it, and a picture neither. */
      sample = IDF_MIN(sample, site.prior.max);
      if (plane > 0)
        sample = to_colour(d, plane, at, sample);
      d->drawn[plane][at] = sample;
    }
    s->latent[k] = sample - s->centre[k];
  }
  return IDF_OK;
}

/* Copies the given rows to planes, and takes them through the colour layer. */
static void take_rows(const idf_tile *tile, uint32_t rows, const idf_colour_layer *colour,
                      int32_t *const *planes)
{
  const unsigned channels = tile->shape.channels;
  const uint32_t width = tile->shape.width;

  for (uint32_t y = 0; y < rows; y++)
    for (uint32_t x = 0; x < width; x++)
      for (unsigned c = 0; c < channels; c++)
        planes[c][(size_t)y * width + x] =
            tile->samples[y * tile->stride + (size_t)x * channels + c];
  if (channels == 3)
    colour->forward(planes, (size_t)rows * width, NULL);
}

/* The other way, for the rows that were drawn. Even without chroma the first plane may leave the
 * range, by 1: it is clamped. */
static void give_rows(const idf_tile *tile, uint32_t rows, const idf_colour_layer *colour,
                      int32_t *const *planes)
{
  const unsigned channels = tile->shape.channels;
  const uint32_t width = tile->shape.width, height = tile->shape.height;
  const int32_t top = (1 << tile->shape.depth) - 1;

  if (channels == 3)
    colour->inverse(planes, (size_t)height * width, NULL);
  for (uint32_t y = rows; y < height; y++)
    for (uint32_t x = 0; x < width; x++)
      for (unsigned c = 0; c < channels; c++)
        tile->samples[y * tile->stride + (size_t)x * channels + c] =
            (uint16_t)IDF_MIN(IDF_MAX(planes[c][(size_t)y * width + x], 0), top);
}

idf_status idf_draw_tile(const idf_job *job, const idf_tile *tile, uint32_t from, uint64_t seed)
{
  const unsigned channels = tile->shape.channels;
  const idf_colour_layer *colour = idf_colour_layers[IDF_COLOUR_YCOCG];
  idf_flow_shape shape = {
      .width = tile->shape.width, .height = tile->shape.height, .planes = channels};
  const int32_t top = (1 << tile->shape.depth) - 1;
  const size_t n = ((size_t)shape.width * shape.height + IDF_BLOCK - 1) / IDF_BLOCK * IDF_BLOCK;

  if ((channels != 1 && channels != 3) || from > shape.height)
    return IDF_ERR_ARGUMENT;
  shape.max[0] = top;
  if (channels == 3)
    colour->ranges(top, shape.min, shape.max);
  /* The network sees samples in units that make a full range look like one of 8 bits. */
  shape.unit_shift = IDF_MAX(tile->shape.depth, 8u) - 8;
  int32_t *all = idf_alloc(job->mem, n * channels * 2, sizeof(int32_t));
  draw *d = idf_alloc(job->mem, 1, sizeof *d);
  idf_status status = !all || !d ? idf_mem_status(job->mem) : IDF_OK;
  if (status == IDF_OK) {
    int32_t *planes[3] = {all, all + n, all + 2 * n}, *given[3];
    draw_init(d, seed);
    d->rows = from;
    d->width = shape.width;
    d->top = top;
    d->colour = colour;
    for (unsigned c = 0; c < channels; c++) {
      d->drawn[c] = planes[c];
      d->from[c] = given[c] = all + (channels + c) * n;
    }
    take_rows(tile, from, colour, given);
    const idf_flow flow = {.job = job,
                           .shape = &shape,
                           .linear = idf_model_linear(job->model),
                           .latents = draw_latents,
                           .context = d};
    status = idf_flow_inverse(&flow, planes);
    if (status == IDF_OK)
      give_rows(tile, from, colour, planes);
  }
  idf_free(job->mem, d);
  idf_free(job->mem, all);
  return status;
}
