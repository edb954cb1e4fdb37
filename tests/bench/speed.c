/* SPDX-License-Identifier: BSD-3-Clause
 *
 * speed.c: what the kernels of each level cost here, a pixel of three planes. Run by hand
 * (make bench-kernels); the cycles are of a core whose speed a chain of additions tells.
 */
#include "kernels.h"
#include "leastsq.h"
#include "net.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "kernels_none.h"

enum { PIXELS = IDF_BLOCK, PASSES = 5 };

static double seconds(void)
{
  struct timespec now;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

/* Nanoseconds of one addition that waits for the one before: a cycle on any current core. */
static double cycle(void)
{
  double best = 1;
  for (int pass = 0; pass < PASSES; pass++) {
    const double start = seconds();
    uint64_t v = (uint64_t)pass;
    for (int i = 0; i < 20000000; i++) {
      v += (uint64_t)i;
#if defined(__GNUC__)
      __asm__ volatile("" : "+r"(v));
#endif
    }
    const double took = (seconds() - start) / 20000000 * 1e9;
    best = took < best ? took : best;
  }
  return best;
}

static uint32_t seed = 1;

static int16_t draw(int32_t most)
{
  seed = seed * 1664525u + 1013904223u;
  return (int16_t)((int32_t)(seed >> 8) % (2 * most + 1) - most);
}

/* ---- what is measured ---------------------------------------------------------------- */

typedef struct bench {
  const idf_kernels *kernels;
  idf_net net;
  int16_t weight[8][2 * IDF_NET_HEAD * IDF_NET_WIDTH];
  int32_t bias[8][IDF_NET_WIDTH];
  idf_pairs in[IDF_NET_INPUTS / 2], head_in[IDF_NET_HEAD], hidden[IDF_NET_WIDTH / 2];
  int32_t sums[IDF_NET_SUMS][IDF_BLOCK];
  int16_t samples[IDF_WINDOW * IDF_BLOCK], mean[IDF_SEGMENT][IDF_BLOCK];
  int16_t d[IDF_WINDOW][IDF_BLOCK];
  idf_pairs shown[IDF_TAPS / 2], coef[3][24];
  int32_t value[IDF_NET_OUTPUTS][IDF_NET_WIDTH], slope[IDF_NET_OUTPUTS][IDF_BLOCK];
  idf_ls ls[3];
  idf_ls_block row[3][19], weights[3];
  idf_ls_work work;
} bench;

static void make_layer(bench *b, idf_layer *layer, int i, unsigned inputs, unsigned outputs)
{
  *layer = (idf_layer){b->weight[i], b->bias[i], inputs, outputs};
  for (unsigned k = 0; k < inputs * outputs; k++)
    b->weight[i][idf_layer_at(inputs, k / inputs, k % inputs)] = draw(2000);
}

static void make_net(bench *b, unsigned first, unsigned second, unsigned head)
{
  make_layer(b, &b->net.trunk[0], 0, IDF_NET_INPUTS - IDF_NET_INPUTS_SPARE, first);
  make_layer(b, &b->net.trunk[1], 1, first, second);
  for (int p = 0; p < 3; p++) {
    make_layer(b, &b->net.hidden[p], 2 + 2 * p, second + IDF_NET_EXTRAS - IDF_NET_EXTRAS_SPARE,
               head);
    make_layer(b, &b->net.output[p], 3 + 2 * p, head, IDF_NET_OUTPUTS);
  }
}

static void network(bench *b)
{
  idf_net_trunk(b->kernels, &b->net, (const idf_pairs *)b->in, b->head_in);
  for (unsigned p = 0; p < 3; p++)
    idf_net_head(b->kernels, &b->net, p, (const idf_pairs *)b->head_in, b->hidden, b->sums);
}

static void show(bench *b)
{
  ptrdiff_t near[IDF_WINDOW];
  for (int i = 0; i < IDF_WINDOW; i++)
    near[i] = i * IDF_BLOCK;
  for (int p = 0; p < 3; p++)
    b->kernels->show(b->samples, near, b->mean[p], 0, b->d, b->shown);
}

static void batch(bench *b)
{
  ptrdiff_t at[IDF_SEGMENT];
  for (int i = 0; i < IDF_SEGMENT; i++)
    at[i] = i * IDF_BLOCK;
  for (int p = 0; p < 3; p++)
    for (int i = 0; i < 19; i++)
      b->kernels->batch(b->samples, IDF_SEGMENT, at, (const int16_t(*)[IDF_BLOCK])b->mean, 0,
                        &b->row[p][i]);
}

static void dot(bench *b)
{
  for (int p = 0; p < 3; p++) {
    int32_t sum[IDF_BLOCK] = {0};
    b->kernels->dot(9 + 6 * p, (const idf_pairs *)b->coef[p], (const idf_pairs *)b->in, sum);
    memcpy(b->sums[p], sum, sizeof sum);
  }
}

static void descend(bench *b)
{
  const int32_t *slope[IDF_NET_OUTPUTS] = {b->slope[0], b->slope[1], b->slope[2]};
  for (int p = 0; p < 3; p++) {
    memset(b->value, 0, sizeof b->value); /* far from the limit, as nearly always */
    b->kernels->descend(b->value, slope, (const idf_pairs *)b->in, 32, 1 << 27);
  }
}

static void fold(bench *b)
{
  for (int p = 0; p < 3; p++) {
    idf_ls_block *d[IDF_LS_MAX];
    for (int i = 0; i <= b->ls[p].n; i++)
      d[i] = &b->row[i % 3][i % 19];
    idf_ls_fold(&b->ls[p], b->kernels, 0, 0, 0, IDF_LS_SLOTS, d,
                (const idf_ls_block *)&b->weights[p]);
  }
}

static void gather(bench *b)
{
  for (int p = 0; p < 3; p++)
    idf_ls_gather(&b->ls[p], b->kernels);
}

static void solve(bench *b)
{
  static const float prior[IDF_LS_MAX][IDF_LS_SLOTS];
  for (int p = 0; p < 3; p++)
    idf_ls_solve_local(&b->ls[p], b->kernels, &b->work, 0, 0, 0, IDF_LS_SLOTS, prior[0],
                       IDF_LS_SLOTS);
}

static void solve_wide(bench *b)
{
  float solution[IDF_LS_MAX];
  int16_t coef[IDF_LS_MAX];
  for (int p = 0; p < 3; p++)
    idf_ls_solve_wide(&b->ls[p], b->kernels, &b->work, solution, 1, coef);
}

/* Nanoseconds of a call, the least of some passes. */
static double measure(bench *b, void (*what)(bench *))
{
  double best = 1e30;
  for (int pass = 0; pass < PASSES; pass++) {
    int calls = 0;
    const double start = seconds();
    double took;
    do {
      what(b);
      calls++;
    } while ((took = seconds() - start) < 0.05);
    best = took / calls < best ? took / calls : best;
  }
  return best * 1e9;
}

int main(void)
{
  static const struct {
    const char *name;
    void (*call)(bench *);
    int pixels; /* that a call serves */
    unsigned width[3];
  } rows[] = {{"network 32-32-16", network, PIXELS, {32, 32, 16}},
              {"network 64-64-32", network, PIXELS, {64, 64, 32}},
              {"network 16-16-16", network, PIXELS, {16, 16, 16}},
              {"show", show, PIXELS, {0}},
              {"dot", dot, PIXELS, {0}},
              {"descend, width 32", descend, PIXELS, {0}},
              {"batch", batch, 32 * IDF_LS_SLOTS, {0}},
              {"fold", fold, 32 * IDF_LS_SLOTS, {0}},
              {"gather", gather, 64 * IDF_LS_SLOTS, {0}},
              {"solve local", solve, 32 * IDF_LS_SLOTS, {0}},
              {"solve wide", solve_wide, 64 * IDF_LS_SLOTS, {0}}};
  static const char *const names[IDF_SIMD_LEVELS] = {[IDF_SIMD_NONE] = "none",
                                                     [IDF_SIMD_128] = "128",
                                                     [IDF_SIMD_AVX2] = "avx2",
                                                     [IDF_SIMD_AVX512] = "avx512"};
  const double one = cycle();
  idf_mem mem;
  idf_mem_init(&mem, UINT64_MAX);
  bench *b = idf_alloc(&mem, 1, sizeof *b);
  bool good = b != NULL;
  for (unsigned p = 0; good && p < 3; p++)
    good = idf_ls_init(&b->ls[p], &mem, idf_regressors(p), idf_ls_usual(p), 16, 64) == IDF_OK;
  if (!good)
    return 1;
  for (int i = 0; i < PIXELS; i++)
    for (unsigned k = 0; k < IDF_NET_INPUTS; k++)
      b->in[k / 2][i][k % 2] = draw(127);
  for (int p = 0; p < 3; p++)
    for (unsigned s = 0; s < IDF_LS_SLOTS; s++)
      for (unsigned k = 0; k < IDF_SEGMENT; k++) {
        for (int i = 0; i < 19; i++)
          b->row[p][i][k / 2][2 * s + k % 2] = draw(60);
        b->weights[p][k / 2][2 * s + k % 2] = (int16_t)(1 + (draw(60) & 31));
      }
  for (int i = 0; i < IDF_WINDOW * IDF_BLOCK; i++) {
    b->samples[i] = draw(511);
    b->mean[i / IDF_BLOCK][i % IDF_BLOCK] = draw(511);
  }
  for (int i = 0; i < 3 * 24 * 2 * IDF_BLOCK; i++)
    b->coef[i / (48 * IDF_BLOCK)][i / (2 * IDF_BLOCK) % 24][i / 2 % IDF_BLOCK][i % 2] = draw(4096);
  for (int i = 0; i < IDF_NET_OUTPUTS * IDF_BLOCK; i++)
    b->slope[i / IDF_BLOCK][i % IDF_BLOCK] = draw(2000);
  printf("cycles a pixel, 16 lanes (a cycle is %.3f ns)\n%-18s", one, "");
  for (unsigned level = IDF_SIMD_NONE; level < IDF_SIMD_LEVELS; level++)
    printf("%10s", names[level]);
  puts("");
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    printf("%-18s", rows[i].name);
    if (rows[i].width[0] != 0)
      make_net(b, rows[i].width[0], rows[i].width[1], rows[i].width[2]);
    for (unsigned level = IDF_SIMD_NONE; level < IDF_SIMD_LEVELS; level++) {
      b->kernels = idf_kernels_of((idf_simd)level);
      if (!b->kernels)
        printf("%10s", "-");
      else
        printf("%10.1f", measure(b, rows[i].call) / rows[i].pixels / one);
      fflush(stdout);
    }
    puts("");
  }
  return 0;
}
