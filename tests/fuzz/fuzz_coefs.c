/* SPDX-License-Identifier: BSD-3-Clause
 *
 * fuzz_coefs.c: any bytes as the stream of a band of JPEG coefficients, in both shapes of the
 * coder: nothing is read or written out of bounds, and what came out, as any coefficients do, goes
 * through a stream and comes back.
 *
 * The first HEAD bytes are: shape, planes and which sampling, MCUs across and down, and two for
 * the steps; the stream follows.
 */
#include <string.h>

#include "coefs.h"
#include "fuzz.h"

#define HEAD 6
#define ACROSS 9
#define DOWN 9

const char *const idf_fuzz_name = "fuzz_coefs";
const unsigned idf_fuzz_seeds = 12, idf_fuzz_runs = 2000;
void (*const idf_fuzz_repair)(uint8_t *data, size_t size) = NULL;

static const uint8_t samplings[][IDF_COEFS_PLANES][2] = {
    {{1, 1}, {1, 1}, {1, 1}, {1, 1}}, {{2, 2}, {1, 1}, {1, 1}, {2, 2}},
    {{2, 1}, {1, 1}, {1, 1}, {2, 1}}, {{1, 2}, {1, 1}, {1, 1}, {1, 1}},
    {{4, 1}, {1, 1}, {2, 1}, {1, 1}}, {{1, 1}, {2, 2}, {1, 2}, {4, 4}},
};
#define SAMPLINGS (sizeof samplings / sizeof *samplings)

/* The picture that the head says; coefficients are owned and 0. */
static idf_coefs picture_of(idf_mem *mem, const uint8_t head[HEAD])
{
  const unsigned sampling = head[1] / IDF_COEFS_PLANES % SAMPLINGS;
  idf_coefs c = {.planes = 1 + head[1] % IDF_COEFS_PLANES, .mcu_rows = 1 + head[3] % DOWN};
  for (unsigned p = 0; p < c.planes; p++) {
    idf_coefs_plane *plane = &c.plane[p];
    plane->h = samplings[sampling][p][0];
    plane->v = samplings[sampling][p][1];
    plane->across = plane->h * (1 + head[2] % ACROSS);
    plane->down = plane->v * c.mcu_rows;
    c.v_most = IDF_MAX(c.v_most, plane->v);
    for (unsigned i = 0; i < 64; i++) /* 1 to 65535 */
      plane->step[i] = (uint16_t)(1 + (head[4] * (1 + i * head[5] / 16)) % 65535);
    plane->coef = idf_alloc(mem, (size_t)plane->across * plane->down, 64 * sizeof(int16_t));
    FUZZ_HOLDS(plane->coef);
  }
  return c;
}

static void picture_free(idf_mem *mem, idf_coefs *c)
{
  for (unsigned p = 0; p < c->planes; p++)
    idf_free(mem, c->plane[p].coef);
}

static bool same(const idf_coefs *a, const idf_coefs *b)
{
  for (unsigned p = 0; p < a->planes; p++)
    if (memcmp(a->plane[p].coef, b->plane[p].coef,
               (size_t)a->plane[p].across * a->plane[p].down * 64 * sizeof(int16_t))
        != 0)
      return false;
  return true;
}

/* Any bytes as coefficients, cut to what is allowed. */
static void fill(idf_coefs *c, const uint8_t *data, size_t size)
{
  size_t at = 0;
  for (unsigned p = 0; p < c->planes; p++)
    for (size_t i = 0; i < (size_t)c->plane[p].across * c->plane[p].down * 64 && at < size; i++) {
      const int v = at + 1 < size ? data[at] << 8 | data[at + 1] : data[at];
      const int kept = v % 7 != 0 ? (v & 7) * (v % 3 - 1) : v - 32767;
      c->plane[p].coef[i] = (int16_t)(kept > 32767 ? 32767 : kept);
      at += 2;
    }
}

static void there_and_back(idf_mem *mem, const uint8_t *head, const idf_coefs *c, unsigned shape)
{
  idf_coefs back = picture_of(mem, head);
  idf_buf out;
  idf_buf_init(&out, mem);
  FUZZ_HOLDS(idf_coefs_encode(mem, c, shape, 0, &out, NULL) == IDF_OK);
  FUZZ_HOLDS(idf_coefs_decode(mem, &back, shape, 0, out.data, out.len, NULL) == IDF_OK);
  FUZZ_HOLDS(same(c, &back));
  idf_buf_free(&out);
  picture_free(mem, &back);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  idf_mem mem;
  if (size < HEAD)
    return 0;
  idf_mem_init(&mem, UINT64_MAX);
  const unsigned shape = data[0] % IDF_COEFS_SHAPES;
  idf_coefs c = picture_of(&mem, data);
  const idf_status status = idf_coefs_decode(&mem, &c, shape, 0, data + HEAD, size - HEAD, NULL);
  FUZZ_HOLDS(status == IDF_OK || status == IDF_ERR_CORRUPT || status == IDF_ERR_TRUNCATED);
  there_and_back(&mem, data, &c, shape);
  fill(&c, data + HEAD, size - HEAD);
  there_and_back(&mem, data, &c, shape);
  picture_free(&mem, &c);
  FUZZ_HOLDS(mem.used == 0);
  return 0;
}

/* Streams of each shape and sampling. */
void idf_fuzz_seed(unsigned i, idf_buf *buf)
{
  idf_mem mem;
  uint8_t noise[4096];
  const uint8_t head[HEAD] = {(uint8_t)(i % 2), (uint8_t)(i / 2 * IDF_COEFS_PLANES + i % 4),
                              (uint8_t)i,       (uint8_t)(i / 3),
                              (uint8_t)(3 * i), (uint8_t)(i % 5)};
  uint32_t r = i + 1;
  for (size_t k = 0; k < sizeof noise; k++) {
    r = r * UINT32_C(1664525) + UINT32_C(1013904223);
    noise[k] = (uint8_t)(r >> (24 + k / 256 % 8));
  }
  idf_mem_init(&mem, UINT64_MAX);
  idf_coefs c = picture_of(&mem, head);
  fill(&c, noise, sizeof noise);
  idf_put_bytes(buf, head, sizeof head);
  FUZZ_HOLDS(idf_coefs_encode(&mem, &c, head[0], 0, buf, NULL) == IDF_OK);
  picture_free(&mem, &c);
}
