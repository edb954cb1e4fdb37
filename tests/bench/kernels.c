/* SPDX-License-Identifier: BSD-3-Clause
 *
 * kernels.c: what the kernels of each level cost here, a pixel of three planes. Run by hand
 * (make bench-kernels); the cycles are of a core whose speed a chain of additions tells.
 */
#include "kernels.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "kernels_none.h"

enum { PIXELS = 16, PASSES = 5 };

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
  int16_t weight[8][IDF_NET_HEAD * IDF_NET_WIDTH], turned[8][IDF_NET_HEAD * IDF_NET_WIDTH];
  int32_t bias[8][IDF_NET_WIDTH];
  int16_t in[PIXELS][IDF_NET_INPUTS], head_in[PIXELS][IDF_NET_HEAD];
  int16_t hidden[PIXELS][IDF_NET_WIDTH];
  int32_t sums[PIXELS][IDF_NET_SUMS];
  idf_ls ls[3];
  idf_ls_block row[3][19], weights[3];
  idf_ls_work work;
} bench;

static void make_layer(bench *b, idf_layer *layer, int i, unsigned inputs, unsigned outputs)
{
  *layer = (idf_layer){ b->weight[i], b->turned[i], b->bias[i], inputs, outputs };
  for (unsigned k = 0; k < inputs * outputs; k++)
    b->weight[i][k] = draw(2000);
  memcpy(b->turned[i], b->weight[i], sizeof b->turned[i]);
}

static void make_net(bench *b, unsigned first, unsigned second, unsigned head)
{
  make_layer(b, &b->net.trunk[0], 0, IDF_NET_INPUTS, first);
  make_layer(b, &b->net.trunk[1], 1, first, second);
  for (int p = 0; p < 3; p++) {
    make_layer(b, &b->net.hidden[p], 2 + 2 * p, second + IDF_NET_EXTRAS, head);
    make_layer(b, &b->net.output[p], 3 + 2 * p, head, IDF_NET_OUTPUTS);
  }
}

static void network(bench *b)
{
  b->net.kernels = b->kernels;
  idf_net_trunk(&b->net, PIXELS, (const int16_t (*)[IDF_NET_INPUTS])b->in, b->head_in);
  for (unsigned p = 0; p < 3; p++)
    idf_net_head(&b->net, p, PIXELS, (const int16_t (*)[IDF_NET_HEAD])b->head_in, b->hidden,
                 b->sums);
}

static void turn(bench *b)
{
  for (int p = 0; p < 3; p++)
    for (int i = 0; i < 19; i++)
      b->kernels->ls_turn(&b->row[p][i]);
}

static void fold(bench *b)
{
  for (int p = 0; p < 3; p++) {
    idf_ls_block *d[IDF_LS_MAX];
    for (int i = 0; i <= b->ls[p].n; i++)
      d[i] = &b->row[i % 3][i % 19];
    idf_ls_fold(&b->ls[p], b->kernels, 0, 0, 0, IDF_LS_SLOTS, d, &b->weights[p]);
  }
}

static void gather(bench *b)
{
  for (int p = 0; p < 3; p++)
    idf_ls_gather(&b->ls[p]);
}

static void solve(bench *b)
{
  float zero[IDF_LS_MAX] = { 0 };
  const float *prior[IDF_LS_SLOTS];
  int16_t coef[IDF_LS_SLOTS][IDF_LS_MAX];
  for (int i = 0; i < IDF_LS_SLOTS; i++)
    prior[i] = zero;
  for (int p = 0; p < 3; p++)
    idf_ls_solve_local(&b->ls[p], b->kernels, &b->work, 0, 0, 0, IDF_LS_SLOTS, prior, coef);
}

static void solve_wide(bench *b)
{
  float solution[IDF_LS_MAX];
  int16_t coef[IDF_LS_MAX];
  for (int p = 0; p < 3; p++)
    idf_ls_solve_wide(&b->ls[p], b->kernels, &b->work, solution, coef);
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
  } rows[] = { { "network 32-32-16", network, PIXELS, { 32, 32, 16 } },
               { "network 64-64-32", network, PIXELS, { 64, 64, 32 } },
               { "network 16-16-16", network, PIXELS, { 16, 16, 16 } },
               { "turn", turn, 32 * IDF_LS_SLOTS, { 0 } },
               { "fold", fold, 32 * IDF_LS_SLOTS, { 0 } },
               { "gather", gather, 64 * IDF_LS_SLOTS, { 0 } },
               { "solve local", solve, 32 * IDF_LS_SLOTS, { 0 } },
               { "solve wide", solve_wide, 64 * IDF_LS_SLOTS, { 0 } } };
  static const char *const names[] = { "none", "128", "avx2", "avx512" };
  const double one = cycle();
  idf_mem mem;
  idf_mem_init(&mem, UINT64_MAX);
  bench *b = idf_alloc(&mem, 1, sizeof *b);
  bool good = b != NULL;
  for (int p = 0; good && p < 3; p++)
    good = idf_ls_init(&b->ls[p], &mem, 18 + 11 * p, 32) == IDF_OK;
  if (!good)
    return 1;
  for (int i = 0; i < PIXELS; i++)
    for (unsigned k = 0; k < IDF_NET_INPUTS; k++)
      b->in[i][k] = draw(127);
  for (int p = 0; p < 3; p++)
    for (unsigned s = 0; s < IDF_LS_SLOTS; s++)
      for (int k = 0; k < IDF_SEGMENT; k++) {
        for (int i = 0; i < 19; i++)
          b->row[p][i][s][k] = draw(60);
        b->weights[p][s][k] = (int16_t)(1 + (draw(60) & 31));
      }
  printf("cycles a pixel, 16 lanes (a cycle is %.3f ns)\n%-18s", one, "");
  for (unsigned level = 0; level < IDF_LEVELS; level++)
    printf("%10s", names[level]);
  puts("");
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    printf("%-18s", rows[i].name);
    if (rows[i].width[0] != 0)
      make_net(b, rows[i].width[0], rows[i].width[1], rows[i].width[2]);
    for (unsigned level = 0; level < IDF_LEVELS; level++) {
      b->kernels = idf_kernels_of((idf_level)level);
      if (b->kernels == NULL)
        printf("%10s", "-");
      else
        printf("%10.1f", measure(b, rows[i].call) / rows[i].pixels / one);
      fflush(stdout);
    }
    puts("");
  }
  return 0;
}
