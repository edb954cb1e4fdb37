/* SPDX-License-Identifier: BSD-3-Clause
 *
 * fuzz_weights.c: any bytes as a model. They are refused, or give a model with which a
 * small picture comes back exactly: the flow is a bijection whatever the weights.
 *
 * Input: u8 options, u8 picture, then the blob. The surprise: nearly every mutation that
 * changes a length would be refused, so options bit 0 asks to cut or pad the blob to the
 * length its own widths, or its feature set, call for, and bit 1 to bring within their bounds the
 * biases, or what a linear model has beside coefficients.
 */
#include "fuzz.h"

#include <string.h>

#include "flowkit.h"
#include "model_net.h"
#include "occur.h"

const char *const idf_fuzz_name = "fuzz_weights";
const unsigned idf_fuzz_seeds = 18, idf_fuzz_runs = 1500;
void (*const idf_fuzz_repair)(uint8_t *data, size_t size) = NULL;

#define HEADER 38    /* bytes of a blob before the first layer */
#define MAX_WIDTH 64 /* of layers that are padded to: time, not safety */
#define MAX_MEMORY ((uint64_t)64 << 20)

enum { FIT = 1, BOUNDS = 2 };

/* Layer i of a network with these widths, the n-th of a blob: trunk 0, trunk 1, then hidden and
 * output of each plane. */
static void layer_shape(const unsigned widths[3], unsigned n, int i, size_t *inputs,
                        size_t *outputs)
{
  if (i == 0)
    *inputs = n == 0 ? IDF_NET_INPUTS : IDF_NET_INPUTS_ALONE, *outputs = widths[0];
  else if (i == 1)
    *inputs = widths[0], *outputs = widths[1];
  else if (i % 2 == 0)
    *inputs = widths[1] + IDF_NET_EXTRAS, *outputs = widths[2];
  else
    *inputs = widths[2], *outputs = IDF_NET_OUTPUTS;
}

/* The blob grows to `whole` bytes by repeating its first `size`. */
static void pad(idf_buf *blob, size_t size, size_t whole)
{
  while (blob->len < whole && !blob->bad)
    idf_put_u8(blob, blob->data[blob->len % size]);
}

/* The little endian number at `at` stays if it is within [lo, hi]; else one that is takes its
 * place. */
static void bring_within(uint8_t *at, int32_t lo, int32_t hi)
{
  int32_t v = (int16_t)(at[0] | at[1] << 8);
  if (v < lo || v > hi)
    v = lo + (int32_t)((uint16_t)v % (uint32_t)(hi - lo + 1));
  at[0] = (uint8_t)((uint32_t)v & 0xff);
  at[1] = (uint8_t)((uint32_t)v >> 8 & 0xff);
}

static void dress_linear(idf_buf *blob, size_t size, unsigned options)
{
  pad(blob, size, FLOWKIT_LINEAR_BYTES);
  blob->len = IDF_MIN(blob->len, FLOWKIT_LINEAR_BYTES);
  if (blob->bad || !(options & BOUNDS))
    return;
  uint8_t *at = blob->data + HEADER - 6;
  for (unsigned p = 0; p < IDF_LINEAR_PLANES; p++) {
    at += 2 * IDF_LINEAR_THRESHOLDS;
    for (unsigned i = 0; i < 9 + p; i++, at += 2)
      bring_within(at, 0, IDF_LINEAR_WEIGHT_MAX);
    for (int i = 0; i < IDF_LINEAR_BINS; i++, at += 2)
      bring_within(at, -IDF_SCALES, IDF_SCALES);
    at += 2 * IDF_LINEAR_CLASSES * idf_linear_regressors(p);
  }
}

/* A copy of the blob as the options want it; bad on failure. */
static void dress(idf_buf *blob, const uint8_t *data, size_t size, unsigned options)
{
  idf_put_bytes(blob, data, size);
  if (size < HEADER || !(options & FIT))
    return;
  if (data[10] == 2) {
    dress_linear(blob, size, options);
    return;
  }
  size_t at = HEADER - 6; /* of a network: its widths, then its layers */
  for (unsigned n = 0; n < (data[11] == 1 ? 2u : 1u); n++) {
    unsigned widths[3] = {16, 16, 16};
    pad(blob, size, at + 6);
    for (int i = 0; i < 3 && !blob->bad; i++, at += 2) {
      widths[i] = blob->data[at] | (unsigned)blob->data[at + 1] << 8;
      if (widths[i] > MAX_WIDTH)
        return;
    }
    for (int i = 0; i < (n == 0 ? 2 + 2 * IDF_NET_PLANES : 4) && !blob->bad; i++) {
      size_t inputs, outputs;
      layer_shape(widths, n, i, &inputs, &outputs);
      at += 2 * inputs * outputs;
      pad(blob, size, at + 4 * outputs);
      for (size_t o = 0; o < outputs && !blob->bad; o++, at += 4) {
        uint8_t *high = blob->data + at + 3;
        if (options & BOUNDS && (uint8_t)(*high + 0x20) >= 0x40) /* not in [-2^29, 2^29) */
          *high &= 0x1f;
      }
    }
  }
  blob->len = IDF_MIN(blob->len, at);
}

/* A picture that both bytes of options choose, through the flow and back. */
static void round_trip(idf_mem *mem, const idf_model *model, unsigned kind)
{
  idf_unit_random r = idf_unit_random_of(kind);
  idf_flow_shape s = flowkit_shape(kind % 3 ? 7 : 70, kind % 3 ? 9 : 2, kind & 1 ? 3 : 1, 0, 255);
  if (kind & 64)
    s = flowkit_shape(11, 6, 3, -65535, 65535);
  s.unit_shift = kind & 128 ? 8 : 0;
  s.occurrence = (kind & 32) && idf_occur_fits(&s);
  size_t n = (size_t)s.width * s.height;
  int32_t *in[3], *out[3], *latent = idf_alloc(mem, n * s.planes, sizeof *latent);
  FUZZ_HOLDS(latent != NULL);
  for (unsigned p = 0; p < s.planes; p++) {
    in[p] = idf_alloc(mem, n, sizeof(int32_t));
    out[p] = idf_alloc(mem, n, sizeof(int32_t));
    FUZZ_HOLDS(in[p] != NULL && out[p]);
    for (size_t i = 0; i < n; i++)
      in[p][i] = flowkit_sample(&r, (int)(kind / 2 % FLOWKIT_KINDS), (uint32_t)(i % s.width),
                                (uint32_t)(i / s.width), s.min[p], s.max[p]);
  }
  flowkit_tape tape = {.latent = latent, .size = n * s.planes, .shape = &s};
  flowkit_tape_rewind(&tape, false);
  const idf_job job = {.mem = mem, .model = model, .kernels = idf_kernels_of(IDF_SIMD_AUTO)};
  const idf_flow flow = {.job = &job,
                         .shape = &s,
                         .linear = idf_model_linear(model),
                         .latents = flowkit_tape_turn,
                         .context = &tape};
  FUZZ_HOLDS(idf_flow_forward(&flow, (const int32_t *const *)in) == IDF_OK);
  uint64_t hash = tape.hash;
  FUZZ_HOLDS(tape.at == tape.size && !tape.broken);
  flowkit_tape_rewind(&tape, true);
  FUZZ_HOLDS(idf_flow_inverse(&flow, out) == IDF_OK);
  FUZZ_HOLDS(tape.at == tape.size && !tape.broken && tape.hash == hash);
  for (unsigned p = 0; p < s.planes; p++) {
    FUZZ_HOLDS(memcmp(in[p], out[p], n * sizeof(int32_t)) == 0);
    idf_free(mem, in[p]);
    idf_free(mem, out[p]);
  }
  idf_free(mem, latent);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  if (size < 2)
    return 0;
  idf_mem mem;
  idf_buf blob;
  idf_model *model;
  idf_mem_init(&mem, MAX_MEMORY);
  idf_buf_init(&blob, &mem);
  dress(&blob, data + 2, size - 2, data[0]);
  FUZZ_HOLDS(!blob.bad);
  /* At its own size, so that a sanitizer sees a read beyond the end. */
  uint8_t *exact = malloc(IDF_MAX(blob.len, 1));
  FUZZ_HOLDS(exact != NULL);
  if (blob.len != 0)
    memcpy(exact, blob.data, blob.len);
  idf_status status = idf_model_parse(&mem, exact, blob.len, &model);
  free(exact);
  FUZZ_HOLDS((status == IDF_OK) == (model != NULL));
  FUZZ_HOLDS(status == IDF_OK || status == IDF_ERR_NOT_IDF || status == IDF_ERR_TRUNCATED
             || status == IDF_ERR_CORRUPT || status == IDF_ERR_UNSUPPORTED);
  if (model) {
    FUZZ_HOLDS(strlen(idf_model_title(model)) <= 31);
    round_trip(&mem, model, data[1]);
  }
  idf_model_release(&mem, model);
  idf_buf_free(&blob);
  FUZZ_HOLDS(mem.used == 0);
  return 0;
}

/* Models of all kinds and several widths, each with its own picture. */
void idf_fuzz_seed(unsigned i, idf_buf *buf)
{
  idf_unit_random r = idf_unit_random_of(i);
  static const uint8_t pictures[12] = {0x01, 0x23, 0x45, 0xc1, 0x2d, 0x00,
                                       0x21, 0x69, 0x87, 0xef, 0x2b, 0x0a};
  idf_put_u8(buf, i % 4);
  idf_put_u8(buf, pictures[i % 12]);
  if (i >= 12) { /* linear ones */
    idf_linear linear;
    flowkit_linear(&linear, &r, (int)(i % FLOWKIT_MODELS));
    flowkit_blob_linear(buf, &linear);
    return;
  }
  flowkit_blob(buf, &r, (int)(i % FLOWKIT_MODELS), i % 3 == 1 ? 32 : 16, i % 5 == 1 ? 32 : 16, 16);
  if (i & 1)
    flowkit_blob_alone(buf, 2, &r, (int)(i % FLOWKIT_MODELS), 16, i % 4 == 1 ? 32 : 16, 16);
}
