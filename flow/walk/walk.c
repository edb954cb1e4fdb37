/* SPDX-License-Identifier: BSD-3-Clause
 *
 * walk.c: the walk over a tile, which both directions share.
 *
 * The directions differ in one line, in coupling.h: the latent from the sample, or the sample from
 * the latent. So the inverse is exact by construction: same code, same order, same state. The
 * predictions come from a predictor (predictor.h). READ the clock in flow.h before you change the
 * order of anything.
 * idf(5), "THE CLOCK".
 */
#include "walk.h"

#include <string.h>

#include "coupling.h"
#include "predictor.h"

#define NARROW 1022

static bool is_narrow(const idf_flow_shape *shape)
{
  for (unsigned p = 0; p < shape->planes; p++)
    if (shape->max[p] - shape->min[p] > NARROW || shape->min[p] < -NARROW || shape->max[p] > NARROW)
      return false;
  return true;
}

static void wave_free(idf_wave *w)
{
  if (w->predictor->free)
    w->predictor->free(w);
  for (unsigned p = 0; p < w->planes; p++)
    idf_field_free(&w->field[p], w->mem);
  idf_free(w->mem, w->seen);
  idf_occur_free(&w->occur, w->mem);
}

static idf_status wave_init(idf_wave *w, const idf_flow *flow)
{
  idf_mem *mem = flow->job->mem;
  const idf_flow_shape *shape = flow->shape;
  w->flow = flow;
  w->predictor = flow->linear ? &idf_linear_predictor : &idf_adaptive_predictor;
  w->shape = shape;
  w->linear = flow->linear;
  w->kernels = flow->job->kernels;
  w->mem = mem;
  w->planes = shape->planes;
  w->unit = shape->unit_shift;
  w->narrow = is_narrow(shape);
  w->sites.unit = (int)w->unit;
  w->sites.blocks = shape->blocks;
  w->sites.strip = idf_strip_of(shape->width);
  w->strips = ((int32_t)shape->width + w->sites.strip - 1) / w->sites.strip;
  w->halves = w->sites.strip > IDF_SEGMENT ? 2 : 1;
  w->segment = w->sites.strip / w->halves;
  w->occurrence = shape->occurrence && idf_occur_fits(shape);
  for (unsigned p = 0; p < w->planes; p++) {
    idf_status status =
        idf_field_init(&w->field[p], mem, shape->width, shape->min[p], shape->max[p], w->narrow);
    if (status != IDF_OK)
      return status;
  }
  w->seen = idf_alloc(mem, (size_t)(w->strips + IDF_BLOCK - 1) / IDF_BLOCK, sizeof *w->seen);
  if (!w->seen)
    return idf_mem_status(mem);
  idf_status status = w->predictor->init ? w->predictor->init(w) : IDF_OK;
  return status == IDF_OK && w->occurrence ? idf_occur_init(&w->occur, mem, shape) : status;
}

/* Finds the lanes with a sample at time t: lane k is in column t mod S of its strip, row t / S -
 * k. */
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

/* At the end of the strips' columns, each row moves to the next strip, with its state. */
static void rows_move(idf_wave *w)
{
  const size_t others = (size_t)w->strips - 1;
  for (unsigned p = 0; p + 1 < w->planes; p++) {
    memmove(w->unseen[p] + 1, w->unseen[p], others * sizeof **w->unseen);
    w->unseen[p][0] = false;
  }
  if (w->predictor->rows_move)
    w->predictor->rows_move(w);
}

/* A row starts in lane 0. */
static void row_start(idf_wave *w)
{
  for (unsigned p = 0; p < w->planes; p++)
    idf_field_row_start(&w->field[p], w->sites.row);
  if (w->predictor->row_start)
    w->predictor->row_start(w);
}

/* Turns neighbours into priors. */
static void propose(idf_wave *w, unsigned p, int block)
{
  idf_sites *s = &w->sites;
  const int from = block * IDF_BLOCK;
  w->predictor->propose(w, p, block);
  idf_sites_centre(s, from);
  if (s->fine || w->occurrence) /* it needs small ranges (occur.h); any unit will do */
    w->kernels->sites_bound(s, from);
}

/* Adds the occurrence prior to the site of lane k. */
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

/* Fills the sites one by one: the priors again, and the occurrence prior. */
static void detail(idf_wave *w, unsigned p)
{
  idf_sites *s = &w->sites;
  const bool occurrence = w->occurrence && p > 0;
  for (int k = s->lo; k < s->hi && occurrence; k++) /* megabytes, read at random */
    IDF_PREFETCH(idf_occur_set(&w->occur, p, w->colour[k]) + ((s->lowest[k] - s->min) >> 6));
  for (int k = s->hi - 1; k >= s->lo; k--) {
    idf_site *site = &w->site[k];
    site->x = (uint32_t)(s->column + s->strip * k);
    site->y = (uint32_t)(s->row - k);
    idf_sites_prior(s, k, &site->prior);
    site->seen = NULL;
    w->flag[k] = NULL;
    if (occurrence)
      w->flag[k] = occur(w, p, k, site);
  }
  s->site = w->site;
}

/* Shows each site to the probe. */
static void show_sites(const idf_wave *w, unsigned p, const int32_t *plane)
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
                           plane ? plane[(size_t)site->y * w->shape->width + site->x] : 0};
    w->flow->probe(w->flow->probe_context, p, site, &view);
  }
}

/* The samples are known: the flags learn. */
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

/* Codes one plane of one step: priors, then latents, then samples. One of read and write is
 * NULL. */
static idf_status couple(idf_wave *w, unsigned p, const int32_t *read, int32_t *write)
{
  idf_sites *s = &w->sites;
  const idf_predictor *predictor = w->predictor;
  const int first = s->lo / IDF_BLOCK, end = (s->hi + IDF_BLOCK - 1) / IDF_BLOCK;
  s->min = w->shape->min[p];
  s->max = w->shape->max[p];
  s->fine = s->max - s->min <= IDF_FINE_SPAN && s->unit == 0;
  s->site = NULL;
  if (predictor->plane_start)
    predictor->plane_start(w, p);
  for (int block = first; block < end; block++)
    propose(w, p, block);
  for (int k = first * IDF_BLOCK; k < end * IDF_BLOCK; k++)
    s->sample[k] = w->field[p].mid; /* stays in lanes without a sample */
  const idf_places at = idf_places_of(s, w->shape->width, w->shape->height);
  if (read)
    idf_coupling_forward(s, &at, read);
  if (w->occurrence || w->flow->probe)
    detail(w, p);
  if (w->flow->probe)
    show_sites(w, p, read);
  idf_status status = w->flow->latents(w->flow->context, p, s);
  if (status == IDF_OK && write)
    status = idf_coupling_inverse(s, &at, write);
  if (status != IDF_OK)
    return status;
  for (int block = first; block < end; block++)
    predictor->settle(w, p, block);
  if (predictor->learn)
    predictor->learn(w, p);
  if (w->occurrence)
    flags_learn(w, p);
  /* In the first rounds, row 0 is in the last lane. */
  if (s->hi == s->row + 1)
    idf_field_first_row(&w->field[p], s->column + s->strip * s->row);
  return IDF_OK;
}

/* Before a step: drops the occurrence prior if it is no longer wanted. */
static void occurrence_ask(idf_wave *w)
{
  const idf_flow *flow = w->flow;
  if (!w->occurrence || !flow->wants_occurrence || flow->wants_occurrence(flow->context, &w->sites))
    return;
  idf_occur_free(&w->occur, w->mem);
  w->occurrence = false;
}

/* After all planes of a step: updates the state that only later times may see. */
static void step_end(idf_wave *w)
{
  for (int k = w->sites.hi - 1; k >= w->sites.lo && w->occurrence; k--)
    idf_occur_add(&w->occur, w->colour[k]);
  for (unsigned p = 0; p < w->planes; p++)
    idf_field_right(&w->field[p], w->t);
}

/* After the last step of a block of time. */
static void block_end(idf_wave *w, int32_t block)
{
  if (w->predictor->block_end)
    w->predictor->block_end(w, block);
  if (block % w->halves == 0 && block / w->halves < (int32_t)w->shape->height)
    for (unsigned p = 0; p < w->planes; p++)
      idf_field_left_known(&w->field[p], block / w->halves);
}

static idf_status walk_tile(idf_wave *w, const int32_t *const *read, int32_t *const *write)
{
  const idf_sites *s = &w->sites;
  const int32_t end = (int32_t)w->shape->width + s->strip * ((int32_t)w->shape->height - 1);
  for (w->t = 0; w->t < end; w->t++) {
    if (w->t % 8 == 0 && idf_cancelled(w->flow->job->cancel))
      return IDF_ERR_CANCELLED;
    step_start(w);
    if (s->column == 0) {
      rows_move(w);
      if (s->lo == 0)
        row_start(w);
    }
    if (w->t % w->segment == 0 && w->predictor->block_start)
      w->predictor->block_start(w, w->t / w->segment);
    if (s->lo < s->hi) { /* between the rows of a narrow picture a step may be empty */
      if (read)
        occurrence_ask(w);
      if (w->predictor->inputs)
        for (int block = s->lo / IDF_BLOCK; block * IDF_BLOCK < s->hi; block++)
          w->predictor->inputs(w, block);
      for (unsigned p = 0; p < w->planes; p++) {
        idf_status status = couple(w, p, read ? read[p] : NULL, read ? NULL : write[p]);
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

idf_status idf_wave_walk(const idf_flow *flow, const int32_t *const *read, int32_t *const *write)
{
  idf_mem *mem = flow->job->mem;
  idf_wave *w = idf_alloc(mem, 1, sizeof *w);
  if (!w)
    return idf_mem_status(mem);
  idf_status status = wave_init(w, flow);
  if (status == IDF_OK)
    status = walk_tile(w, read, write);
  wave_free(w);
  idf_free(mem, w);
  return status;
}
