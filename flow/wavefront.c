/* SPDX-License-Identifier: BSD-3-Clause
 *
 * wavefront.c: the walk over a tile that both directions share.
 *
 * The directions differ in one line: the latent from the sample (samples_read), or the sample
 * from the latent (samples_write). Exactness of the inverse is therefore by construction: same
 * code, same order, same state. READ flow.h for the clock before changing the order of anything.
 */
#include "wavefront.h"

#include <string.h>

#include "kernels_none.h"
#include "model_net.h"
#include "wave.h"

#define NARROW 1022

static void wave_free(idf_wave *w)
{
  for (unsigned p = 0; p < w->shape->planes; p++) {
    idf_field_free(&w->field[p], w->mem);
    idf_ls_free(&w->ls[p], w->mem);
  }
  idf_free(w->mem, w->batch);
  idf_free(w->mem, w->refine);
  idf_free(w->mem, w->seen);
  idf_occur_free(&w->occur, w->mem);
}

static bool is_narrow(const idf_flow_shape *shape)
{
  for (unsigned p = 0; p < shape->planes; p++)
    if (shape->max[p] - shape->min[p] > NARROW || shape->min[p] < -NARROW || shape->max[p] > NARROW)
      return false;
  return true;
}

static idf_status wave_init(idf_wave *w, idf_mem *mem, const idf_model *model,
                            const idf_flow_shape *shape)
{
  w->shape = shape;
  w->net = !model || shape->linear != NULL ? NULL : idf_model_net_for(model, shape->planes);
  w->shown = w->net != NULL ? w->net->planes : shape->planes == 1 ? 1 : IDF_FLOW_PLANES;
  w->kernels = !model ? &idf_kernels_none : idf_model_kernels(model);
  w->mem = mem;
  w->planes = shape->planes;
  w->unit = shape->unit_shift;
  w->extras = !w->net ? 0 : w->net->trunk[1].outputs / 2;
  w->narrow = is_narrow(shape);
  w->sites.unit = (int)w->unit;
  w->sites.blocks = shape->blocks;
  w->sites.strip = idf_strip_of(shape->width);
  w->strips = ((int32_t)shape->width + w->sites.strip - 1) / w->sites.strip;
  w->occurrence = shape->occurrence && idf_occur_fits(shape);
  w->sites.offsets_only = !w->net;
  for (unsigned p = 0; p < w->planes; p++) {
    idf_status status =
        idf_field_init(&w->field[p], mem, shape->width, shape->min[p], shape->max[p], w->narrow);
    if (status == IDF_OK && !shape->linear)
      status = idf_ls_init(&w->ls[p], mem, idf_regressors(p), idf_ls_usual(p), (uint32_t)w->strips,
                           w->sites.strip);
    if (status != IDF_OK)
      return status;
  }
  w->segment = !shape->linear ? w->ls[0].segment : w->sites.strip;
  w->halves = !shape->linear ? w->ls[0].halves : 1;
  w->seen = idf_alloc(mem, (size_t)(w->strips + IDF_BLOCK - 1) / IDF_BLOCK, sizeof *w->seen);
  if (!w->seen)
    return idf_mem_status(mem);
  if (!shape->linear) {
    w->batch = idf_alloc(mem, 1, sizeof *w->batch);
    w->refine = idf_alloc(mem, w->planes, sizeof *w->refine);
    if (!w->batch || !w->refine)
      return idf_mem_status(mem);
  }
  if (w->occurrence)
    return idf_occur_init(&w->occur, mem, shape);
  return IDF_OK;
}

/* The lanes with a sample at time t: lane k in column t mod S of its strip, row t / S - k. */
static void step_start(idf_wave *w)
{
  idf_sites *s = &w->sites;
  const int32_t height = (int32_t)w->shape->height;
  s->column = w->t % s->strip;
  s->row = w->t / s->strip;
  const int lo = IDF_MAX(0, s->row - height + 1);
  const int across = ((int32_t)w->shape->width - s->column + s->strip - 1) / s->strip;
  const int hi = IDF_MIN(s->row + 1, across);
  if (lo != s->lo || hi != s->hi)
    for (int k = 0; k < IDF_SITES; k++)
      s->live[k] = k >= lo && k < hi ? -1 : 0;
  s->lo = lo;
  s->hi = hi;
  idf_field_near(&w->field[0], w->t, w->near);
}

/* After a strip's columns each row is in the next strip, and takes along what it knows. */
static void rows_move(idf_wave *w)
{
  const size_t others = (size_t)w->strips - 1;
  for (unsigned p = 0; p + 1 < w->planes; p++) {
    memmove(w->unseen[p] + 1, w->unseen[p], others * sizeof **w->unseen);
    w->unseen[p][0] = false;
  }
  if (w->shape->linear)
    return;
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

/* A row starts in lane 0. */
static void row_start(idf_wave *w)
{
  for (unsigned p = 0; p < w->planes; p++)
    idf_field_row_start(&w->field[p], w->sites.row);
  if (!w->shape->linear)
    idf_wave_row_solve(w, 0);
}

/* The network on a block of lanes, and what refine.h adds to it. */
static void perceive(idf_wave *w, unsigned p, int block)
{
  idf_sites *s = &w->sites;
  idf_seen *seen = &w->seen[block];
  const int from = block * IDF_BLOCK;
  int32_t sums[IDF_NET_SUMS][IDF_BLOCK], more[IDF_NET_SUMS][IDF_BLOCK];
  /* local, wide; level, 4 of the first plane and 4 of the second. */
  idf_pairs *ex = seen->head_in + w->extras;
  int32_t(*earlier)[IDF_BLOCK] = seen->earlier;
  if (p > 0) { /* what plane p - 1 left in sites */
    int32_t(*to)[IDF_BLOCK] = earlier + 4 * (p - 1);
    for (int k = 0; k < IDF_BLOCK; k++) {
      const int32_t miss = s->miss[from + k];
      to[0][k] = miss;
      to[1][k] = miss < 0 ? -miss : miss;
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
    idf_net_trunk(w->net, (const idf_pairs *)seen->trunk_in, seen->head_in);
  idf_net_head(w->net, p, (const idf_pairs *)seen->head_in, w->hidden[block], sums);
  for (int o = 0; o < IDF_NET_OUTPUTS; o++)
    memcpy(s->out[o] + from, sums[o], sizeof sums[o]);
  if (s->offsets_only)
    return;
  w->kernels->layer_sum(&w->refined.layer, (const idf_pairs *)w->hidden[block], more);
  for (int o = 0; o < IDF_NET_OUTPUTS; o++)
    for (int k = 0; k < IDF_BLOCK; k++)
      s->out[o][from + k] += more[o][k] >> 4;
}

/* From neighbours to priors. */
static void propose(idf_wave *w, unsigned p, int block)
{
  idf_sites *s = &w->sites;
  const int from = block * IDF_BLOCK;
  if (w->shape->linear) {
    idf_wave_linear(w, p, block);
  } else {
    idf_wave_predict(w, p, block);
    idf_sites_show(s, from);
    perceive(w, p, block);
    idf_sites_propose(s, from);
    idf_refine_move(&w->refine[p], s, from);
  }
  idf_sites_centre(s, from);
  if (s->fine || w->occurrence) /* the latter needs small ranges (occur.h), but any unit will do */
    w->kernels->sites_bound(s, from);
}

/* What is known of occurrence of lane k's sample. */
static idf_bit *occur(idf_wave *w, unsigned p, int k, idf_site *site)
{
  const idf_sites *s = &w->sites;
  const uint64_t *seen = idf_occur_set(&w->occur, p, w->colour[k]);
  const bool inside = s->sample[k] >= s->lowest[k] && s->sample[k] < s->end[k];
  const idf_seen_mass mass = idf_sites_seen(s, k, seen, inside ? s->sample[k] : s->end[k]);
  idf_bit *flag = idf_occur_flag(&w->occur, p, w->unseen[p - 1][k], mass.all);
  if (!flag)
    return NULL;
  site->seen = seen;
  site->seen_mass = mass.all;
  site->seen_below = mass.below;
  site->flag = *flag;
  return flag;
}

/* The priors once more, with what is known of occurrence, one by one. */
static void detail(idf_wave *w, unsigned p, bool occurrence)
{
  idf_sites *s = &w->sites;
  for (int k = s->lo; k < s->hi && occurrence && p > 0; k++) /* megabytes, at random */
    IDF_PREFETCH(idf_occur_set(&w->occur, p, w->colour[k]) + ((s->lowest[k] - s->min) >> 6));
  for (int k = s->hi - 1; k >= s->lo; k--) {
    idf_site *site = &w->site[k];
    site->x = (uint32_t)(s->column + s->strip * k);
    site->y = (uint32_t)(s->row - k);
    idf_sites_prior(s, k, &site->prior);
    site->seen = NULL;
    w->flag[k] = NULL;
    if (occurrence && p > 0)
      w->flag[k] = occur(w, p, k, site);
  }
  s->site = w->site;
}

/* Shows each site to who asked for it. */
static void show(const idf_wave *w, unsigned p, const int32_t *plane, idf_probe_fn probe,
                 void *context)
{
  const idf_sites *s = &w->sites;
  for (int k = s->hi - 1; k >= s->lo; k--) {
    const idf_seen *seen = &w->seen[k / IDF_BLOCK];
    const idf_site *site = &w->site[k];
    const int lane = k % IDF_BLOCK;
    int16_t trunk_in[IDF_NET_INPUTS], head_in[IDF_NET_EXTRAS];
    for (int i = 0; i < IDF_NET_INPUTS; i++)
      trunk_in[i] = seen->trunk_in[i / 2][lane][i % 2];
    for (int i = 0; i < IDF_NET_EXTRAS; i++)
      head_in[i] = seen->head_in[(int)w->extras + i / 2][lane][i % 2];
    const idf_view view = {trunk_in,
                           head_in,
                           s->local[k],
                           s->wide[k],
                           (uint32_t)s->level[k],
                           s->mean[k],
                           plane[(size_t)site->y * w->shape->width + site->x]};
    probe(context, p, site, &view);
  }
}

/* Puts known samples in place with all that later pixels will ask of them. Lanes without one
 * write what borders hold before they are told better. */
static void settle(idf_wave *w, unsigned p, int block)
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

/* After a sample is known: its flag learns. */
static void flags_learn(idf_wave *w, unsigned p)
{
  const idf_sites *s = &w->sites;
  for (int k = s->hi - 1; k >= s->lo && p > 0; k--)
    if (w->flag[k]) {
      const idf_site *site = &w->site[k];
      bool seen = s->sample[k] >= site->prior.lo && s->sample[k] < site->prior.hi
                  && idf_occur_has(site->seen, (uint32_t)(s->sample[k] - site->prior.min));
      idf_bit_update(w->flag[k], seen);
      w->unseen[p - 1][k] = !seen;
    }
  for (int k = s->lo; k < s->hi; k++)
    w->colour[k][p] = s->sample[k];
}

/* Where in a plane the samples of a step are: first of lane 0's, step from lane to lane. */
static void places(const idf_wave *w, ptrdiff_t *first, ptrdiff_t *step)
{
  const ptrdiff_t width = (ptrdiff_t)w->shape->width;
  *first = w->sites.row * width + w->sites.column;
  *step = w->sites.strip - width;
}

/* Forward, samples to latents, */
static void samples_read(idf_wave *w, const int32_t *plane)
{
  idf_sites *s = &w->sites;
  ptrdiff_t first, step;
  places(w, &first, &step);
  if (s->hi - s->lo == IDF_BLOCK && s->lo % IDF_BLOCK == 0) { /* which is the rule */
    int32_t *sample = s->sample + s->lo;
    const int32_t *from = plane + first + s->lo * step;
    for (int k = 0; k < IDF_BLOCK; k++)
      sample[k] = from[k * step];
    /* More rows at once than a processor follows by itself. */
    const ptrdiff_t ahead = first + (s->lo + s->column % IDF_BLOCK) * step + 2 * IDF_BLOCK;
    IDF_PREFETCH(plane + IDF_MIN(ahead, (ptrdiff_t)w->shape->width * w->shape->height - 1));
  } else {
    for (int k = s->lo; k < s->hi; k++)
      s->sample[k] = plane[first + k * step];
  }
  for (int k = s->lo; k < s->hi; k++)
    s->latent[k] = s->sample[k] - s->centre[k];
}

/* and inverse, latents to samples. */
static idf_status samples_write(idf_wave *w, int32_t *plane)
{
  idf_sites *s = &w->sites;
  ptrdiff_t first, step;
  places(w, &first, &step);
  for (int k = s->lo; k < s->hi; k++) {
    const int32_t sample = s->centre[k] + s->latent[k];
    if (sample < s->min || sample > s->max)
      return IDF_ERR_CORRUPT;
    plane[first + k * step] = s->sample[k] = sample;
  }
  return IDF_OK;
}

/* One plane of one step: priors, then latents, then samples. */
static idf_status couple(idf_wave *w, unsigned p, int32_t *plane, bool inverse, idf_latent_fn fn,
                         void *context, idf_probe_fn probe, void *probe_context)
{
  idf_sites *s = &w->sites;
  const int first = s->lo / IDF_BLOCK, end = (s->hi + IDF_BLOCK - 1) / IDF_BLOCK;
  const int width = s->offsets_only ? 0 : (int)w->net->hidden[p].outputs;
  const bool occurrence = w->occurrence && w->shape->occurrence;
  s->min = w->shape->min[p];
  s->max = w->shape->max[p];
  s->fine = s->max - s->min <= IDF_FINE_SPAN && s->unit == 0;
  s->site = NULL;
  if (!w->shape->linear)
    idf_refine_read(&w->refine[p], width, &w->refined);
  for (int block = first; block < end; block++)
    propose(w, p, block);
  for (int k = first * IDF_BLOCK; k < end * IDF_BLOCK; k++)
    s->sample[k] = w->field[p].mid; /* stays in lanes that have none */
  if (!inverse)
    samples_read(w, plane);
  if (occurrence || probe)
    detail(w, p, occurrence);
  if (probe)
    show(w, p, plane, probe, probe_context);
  idf_status status = fn(context, p, s);
  if (status == IDF_OK && inverse)
    status = samples_write(w, plane);
  if (status != IDF_OK)
    return status;
  if (w->shape->linear) {
    for (int block = first; block < end; block++)
      idf_wave_linear_settle(w, p, block);
  } else {
    for (int block = first; block < end; block++)
      settle(w, p, block);
    idf_refine_learn(&w->refine[p], w->kernels, s,
                     (const idf_pairs(*)[IDF_NET_WIDTH / 2]) w->hidden, width);
  }
  if (occurrence)
    flags_learn(w, p);
  /* Row 0 is in the last lane of the first rounds. */
  if (s->hi == s->row + 1)
    idf_field_first_row(&w->field[p], s->column + s->strip * s->row);
  return IDF_OK;
}

/* After all planes of a step: state that only later times may see. */
static void step_end(idf_wave *w)
{
  if (w->occurrence && w->shape->occurrence) {
    for (int k = w->sites.hi - 1; k >= w->sites.lo; k--)
      idf_occur_add(&w->occur, w->colour[k]);
  } else if (w->occurrence) {
    idf_occur_free(&w->occur, w->mem);
    w->occurrence = false;
  }
  for (unsigned p = 0; p < w->planes; p++)
    idf_field_right(&w->field[p], w->t);
}

/* After the last step of a block of time. */
static void block_end(idf_wave *w, int32_t block)
{
  if (!w->shape->linear)
    idf_wave_segments_end(w, block);
  if (block % w->halves == 0 && block / w->halves < (int32_t)w->shape->height)
    for (unsigned p = 0; p < w->planes; p++)
      idf_field_left_known(&w->field[p], block / w->halves);
}

static idf_status walk(idf_wave *w, int32_t *const *planes, bool inverse, idf_latent_fn fn,
                       void *context, idf_probe_fn probe, void *probe_context)
{
  const idf_sites *s = &w->sites;
  const int32_t end = (int32_t)w->shape->width + s->strip * ((int32_t)w->shape->height - 1);
  for (w->t = 0; w->t < end; w->t++) {
    if (w->t % 8 == 0 && idf_cancelled(w->shape->cancel))
      return IDF_ERR_CANCELLED;
    step_start(w);
    if (s->column == 0) {
      rows_move(w);
      if (s->lo == 0)
        row_start(w);
    }
    if (w->t % w->segment == 0 && !w->shape->linear)
      idf_wave_segments_start(w, w->t / w->segment);
    if (s->lo < s->hi) { /* between rows of a narrow picture nothing may be due */
      for (int block = s->lo / IDF_BLOCK; block * IDF_BLOCK < s->hi && !w->shape->linear; block++)
        idf_wave_look(w, block);
      for (unsigned p = 0; p < w->planes; p++) {
        idf_status status = couple(w, p, planes[p], inverse, fn, context, probe, probe_context);
        if (status != IDF_OK)
          return status;
      }
    }
    step_end(w);
    if (w->t % w->segment == w->segment - 1)
      block_end(w, w->t / w->segment);
  }
  return IDF_OK;
}

idf_status idf_wave_walk(idf_mem *mem, const idf_model *model, const idf_flow_shape *shape,
                         int32_t *const *planes, bool inverse, idf_latent_fn fn, void *context,
                         idf_probe_fn probe, void *probe_context)
{
  idf_wave *w = idf_alloc(mem, 1, sizeof *w);
  if (!w)
    return idf_mem_status(mem);
  idf_status status = wave_init(w, mem, model, shape);
  if (status == IDF_OK)
    status = walk(w, planes, inverse, fn, context, probe, probe_context);
  wave_free(w);
  idf_free(mem, w);
  return status;
}
