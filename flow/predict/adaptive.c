/* SPDX-License-Identifier: BSD-3-Clause
 *
 * adaptive.c: the predictor that learns while coding: least squares, then the network, which weighs
 * and shifts their predictions, then refine.h, which corrects what remains.
 * idf(5), "NETWORK".
 */
#include "predictor.h"

#include <string.h>

#include "model_net.h"

static void adaptive_free(idf_wave *w)
{
  for (unsigned p = 0; p < w->planes; p++)
    idf_ls_free(&w->ls[p], w->mem);
  idf_free(w->mem, w->batch);
  idf_free(w->mem, w->refine);
}

static idf_status adaptive_init(idf_wave *w)
{
  const idf_model *model = w->flow->job->model;
  w->net = !model ? NULL : idf_model_net_for(model, w->planes);
  w->shown = w->net ? w->net->planes : w->planes == 1 ? 1 : IDF_FLOW_PLANES;
  w->extras = !w->net ? 0 : w->net->trunk[1].outputs / 2;
  w->sites.offsets_only = !w->net;
  for (unsigned p = 0; p < w->planes; p++) {
    idf_status status = idf_ls_init(&w->ls[p], w->mem, idf_regressors(p), idf_ls_usual(p),
                                    (uint32_t)w->strips, w->sites.strip);
    if (status != IDF_OK)
      return status;
  }
  w->batch = idf_alloc(w->mem, 1, sizeof *w->batch);
  w->refine = idf_alloc(w->mem, w->planes, sizeof *w->refine);
  return w->batch && w->refine ? IDF_OK : idf_mem_status(w->mem);
}

/* Wide solutions belong to rows, so they move with them. */
static void adaptive_rows_move(idf_wave *w)
{
  const size_t others = (size_t)w->strips - 1;
  for (unsigned p = 0; p < w->planes; p++) {
    for (int i = 0; i < idf_regressors(p); i++)
      memmove(w->solution[p][i] + 1, w->solution[p][i], others * sizeof ***w->solution);
    for (size_t block = others / IDF_BLOCK + 1; block-- > 0;)
      for (int i = 0; i < IDF_PAIRS_ALL; i++) {
        int16_t(*to)[2] = w->coef[IDF_WIDE][p][block][i];
        memmove(to + 1, to, (IDF_BLOCK - 1) * sizeof *to);
        if (block > 0)
          memcpy(to, w->coef[IDF_WIDE][p][block - 1][i] + IDF_BLOCK - 1, sizeof *to);
      }
  }
}

static void adaptive_row_start(idf_wave *w)
{
  idf_wave_row_solve(w, 0);
}

/* The number of inputs that refine the network's last layer in plane p; 0 without a network. */
static int hidden_width(const idf_wave *w, unsigned p)
{
  return w->sites.offsets_only ? 0 : (int)w->net->hidden[p].outputs;
}

static void adaptive_plane_start(idf_wave *w, unsigned p)
{
  idf_refine_read(&w->refine[p], hidden_width(w, p), &w->refined);
}

/* Runs the network on a block of lanes, and adds the corrections of refine.h. */
static void run_network(idf_wave *w, unsigned p, int block)
{
  idf_sites *s = &w->sites;
  idf_seen *seen = &w->seen[block];
  const int from = block * IDF_BLOCK;
  int32_t sums[IDF_NET_SUMS][IDF_BLOCK], more[IDF_NET_SUMS][IDF_BLOCK];
  /* local, wide; level, 4 of the first plane and 4 of the second */
  idf_pairs *ex = seen->head_in + w->extras;
  int32_t(*earlier)[IDF_BLOCK] = seen->earlier;
  if (p > 0) { /* what plane p - 1 left in sites */
    int32_t(*to)[IDF_BLOCK] = earlier + 4 * (p - 1);
    for (int k = 0; k < IDF_BLOCK; k++) {
      const int32_t miss = s->miss[from + k];
      to[0][k] = miss;
      to[1][k] = idf_abs(miss);
      to[2][k] = s->relative[from + k];
      to[3][k] = s->offset[from + k];
    }
  } else {
    memset(earlier, 0, sizeof seen->earlier);
  }
  idf_interleave32(ex[0], s->show_local + from, s->show_wide + from);
  idf_interleave32(ex[1], s->show_level + from, earlier[0]);
  for (int i = 1; i < IDF_EARLIER; i += 2)
    idf_interleave32(ex[(i + 3) / 2], earlier[i], earlier[i + 1]);
  if (p == 0)
    memcpy(seen->trunk_in[IDF_IN_EXPERTS(w->shown) / 2], ex[0], sizeof ex[0]);
  if (!w->net) {
    for (int o = 0; o < IDF_NET_OUTPUTS; o++)
      memset(s->out[o] + from, 0, IDF_BLOCK * sizeof **s->out);
    return;
  }
  if (p == 0)
    idf_net_trunk(w->kernels, w->net, (const idf_pairs *)seen->trunk_in, seen->head_in);
  idf_net_head(w->kernels, w->net, p, (const idf_pairs *)seen->head_in, w->hidden[block], sums);
  for (int o = 0; o < IDF_NET_OUTPUTS; o++)
    memcpy(s->out[o] + from, sums[o], sizeof sums[o]);
  if (s->offsets_only)
    return;
  w->kernels->layer_sum(&w->refined.layer, (const idf_pairs *)w->hidden[block], more);
  for (int o = 0; o < IDF_NET_OUTPUTS; o++)
    for (int k = 0; k < IDF_BLOCK; k++)
      s->out[o][from + k] += more[o][k] >> 4;
}

static void adaptive_propose(idf_wave *w, unsigned p, int block)
{
  idf_sites *s = &w->sites;
  const int from = block * IDF_BLOCK;
  idf_wave_predict(w, p, block);
  idf_sites_show(s, from);
  run_network(w, p, block);
  idf_sites_propose(s, from);
  idf_refine_move(&w->refine[p], s, from);
}

/* Writes the known samples to the field, with all that later pixels need from them. Lanes without a
 * sample write what a border holds, until the border rules fill their cells. */
static void adaptive_settle(idf_wave *w, unsigned p, int block)
{
  idf_sites *s = &w->sites;
  const idf_field *f = &w->field[p];
  const int from = block * IDF_BLOCK;
  const ptrdiff_t at = idf_field_at(f, w->t, from);
  idf_sites_settle(s, from);
  for (int i = from; i < from + IDF_BLOCK; i++) {
    const int32_t live = s->live[i];
    f->error[at + i - from] = (int16_t)((s->error[i] & live) | (IDF_FIELD_ERROR & ~live));
    f->code[at + i - from] = (int16_t)((s->error_code[i] & live) | (IDF_FIELD_CODE & ~live));
    f->sign[at + i - from] = (int16_t)(s->error_sign[i] & live);
  }
  if (w->narrow)
    for (int i = from; i < from + IDF_BLOCK; i++)
      f->low[at + i - from] = (int16_t)s->sample[i];
  else
    for (int i = from; i < from + IDF_BLOCK; i++)
      f->sample[at + i - from] = s->sample[i];
  if (p + 1 < w->planes)
    idf_wave_look_back(w, p, block);
  idf_refine_slope(s, from);
}

static void adaptive_learn(idf_wave *w, unsigned p)
{
  idf_refine_learn(&w->refine[p], w->kernels, &w->sites,
                   (const idf_pairs(*)[IDF_NET_WIDTH / 2]) w->hidden, hidden_width(w, p));
}

const idf_predictor idf_adaptive_predictor = {
    .init = adaptive_init,
    .free = adaptive_free,
    .rows_move = adaptive_rows_move,
    .row_start = adaptive_row_start,
    .block_start = idf_wave_segments_start,
    .inputs = idf_wave_look,
    .plane_start = adaptive_plane_start,
    .propose = adaptive_propose,
    .settle = adaptive_settle,
    .learn = adaptive_learn,
    .block_end = idf_wave_segments_end,
};
