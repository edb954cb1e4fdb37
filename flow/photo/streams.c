/* SPDX-License-Identifier: BSD-3-Clause
 *
 * streams.c: codes groups of planes with rANS. The encoder codes with and without the occurrence
 * prior side by side, and keeps the shorter stream.
 * idf(5), "FLOW TILES".
 */
#include "streams.h"

#include "coupling.h"
#include "field.h"
#include "flow.h"
#include "kernels.h"
#include "latent.h"
#include "level.h"
#include "linear_fit.h"
#include "model_net.h"
#include "occur.h"
#include "plan.h"
#include "sites.h"

#define FLAG_OCCURRENCE 1
#define FLAG_FITTED 2
#define FLAG_BLOCKS 4
#define FLAG_UNUSED 8
#define MAX_LANES 16
#define LANE_PIXELS 65536 /* smaller groups have one lane: a state costs 8 bytes */
#define MAX_UNIT 8

/* The occurrence prior is worth its time if its stream is shorter than this, in per mille of the
 * plain one. Linear predictors are fast, so there it must gain more. After a quarter or a sixteenth
 * of the rows, when the prior is at its best, it must be shorter still, by EARLY_QUARTER or
 * EARLY_SIXTEENTH. */
#define WHOLE 1000u
#define WORTH 992u
#define WORTH_LINEAR 970u
#define EARLY_QUARTER 7u
#define EARLY_SIXTEENTH 3u

/* The state of a group on its way through the flow. */
typedef struct stream {
  const idf_job *job;
  idf_group *group;
  idf_flow_shape *shape;    /* of the group */
  const idf_linear *linear; /* the model's predictors, or the group's own; or NULL */
  unsigned lanes;
  idf_rans_enc plain, seen; /* encoder: without and with the occurrence prior */
  bool occurrence;          /* encoder: code `seen` as well */
  unsigned worth;           /* per mille of plain's length below which seen is worth its time */
  idf_rans_dec dec;
  idf_tile_report *report;
} stream;

static unsigned lanes_for(const idf_flow_shape *shape)
{
  if (shape->width * shape->height < LANE_PIXELS)
    return 1;
  const uint32_t strip = (uint32_t)idf_strip_of(shape->width);
  return IDF_MIN((shape->width + strip - 1) / strip, MAX_LANES);
}

/* The site of lane k. */
static idf_site lane_site(const idf_sites *s, int k)
{
  if (s->site)
    return s->site[k];
  idf_site site = {.x = (uint32_t)(s->column + s->strip * k), .y = (uint32_t)(s->row - k)};
  idf_sites_prior(s, k, &site.prior);
  return site;
}

/* Adds the bits of one sample to the report. */
static void book_sample(const stream *g, unsigned plane, const idf_site *site, double bits)
{
  idf_tile_report *r = g->report;
  r->model_bits += bits;
  r->channel_bits[g->group->first + plane] += bits;
  if (r->map)
    r->map[(size_t)site->y * g->shape->width + site->x] += (float)bits;
}

/* The code length of the recorded symbols, in 1/256 bit. It uses integer logarithms: the encoder's
 * choices must not depend on a libm. */
static uint64_t recorded_cost(const idf_rans_enc *enc)
{
  uint64_t sum = 0;
  for (size_t i = 0; i < enc->count; i++)
    sum += (IDF_FREQ_BITS << 8) - idf_log2_q8((enc->record[i] >> 16) + 1);
  return sum;
}

/* Whether the occurrence prior promises to be worth its time after a sixteenth or a quarter of the
 * tile. It is at its best early, before all colours near those of the picture have been seen. In
 * small tiles it only must not have lost after a quarter. */
static bool wants_occurrence(void *context, const idf_sites *s)
{
  stream *g = context;
  const uint32_t height = g->shape->height;
  const bool small = g->shape->width * height < LANE_PIXELS;
  const int32_t sixteenth = (int32_t)(small ? 0 : height / 16), quarter = (int32_t)height / 4;
  if (s->lo > 0 || s->column > 0 || s->row == 0 || (s->row != sixteenth && s->row != quarter))
    return true;
  const uint64_t most = small               ? WHOLE
                        : s->row == quarter ? g->worth - EARLY_QUARTER
                                            : g->worth - EARLY_SIXTEENTH;
  g->occurrence = recorded_cost(&g->seen) * WHOLE < recorded_cost(&g->plain) * most;
  if (!g->occurrence)
    idf_rans_enc_free(&g->seen);
  return g->occurrence;
}

static idf_status put_latents(void *context, unsigned plane, idf_sites *s)
{
  stream *g = context;
  if (plane < g->group->known)
    return IDF_OK;
  s->odd = false;
  if (s->fine)
    for (int from = s->lo / IDF_BLOCK * IDF_BLOCK; from < s->hi; from += IDF_BLOCK)
      g->job->kernels->sites_weigh(s, from);
  if (s->fine && !s->odd && !g->occurrence) { /* each sample is one interval: all at once */
    idf_rans_put_row(&g->plain, (unsigned)(s->row - s->hi + 1) % g->lanes,
                     s->record + IDF_SITES - s->hi, (size_t)(s->hi - s->lo));
    return g->plain.bad ? IDF_ERR_MEMORY : IDF_OK;
  }
  for (int k = s->hi - 1; k >= s->lo; k--) {
    const int32_t sample = s->sample[k];
    const unsigned lane = (unsigned)(s->row - k) % g->lanes;
    const bool simple = s->fine && s->first[k] == sample;
    if (simple) {
      const uint32_t below = (uint32_t)s->below[k];
      idf_rans_put(&g->plain, lane, (idf_interval){below, (uint32_t)s->above[k] - below});
      if (!g->occurrence)
        continue;
    }
    idf_site site = lane_site(s, k);
    if (g->occurrence)
      idf_latent_put(&g->seen, lane, &site, sample);
    site.seen = NULL;
    if (!simple)
      idf_latent_put(&g->plain, lane, &site, sample);
  }
  return g->plain.bad || g->seen.bad ? IDF_ERR_MEMORY : IDF_OK;
}

/* Decodes one latent. */
static int32_t get_latent(stream *g, unsigned plane, const idf_sites *s, int k)
{
  const idf_site site = lane_site(s, k);
  double bits = 0;
  const int32_t sample =
      idf_latent_get(&g->dec, site.y % g->lanes, &site, !g->report ? NULL : &bits);
  if (g->report)
    book_sample(g, plane, &site, bits);
  return sample - s->centre[k];
}

/* Decodes a block of sites, each with a rANS lane of its own. */
static void get_block(stream *g, unsigned plane, int from, idf_sites *s)
{
  const int lo = IDF_MAX(s->lo, from), hi = IDF_MIN(s->hi, from + IDF_BLOCK);
  const unsigned first = (unsigned)(s->row - hi + 1) % g->lanes;
  const bool sixteen = hi - lo == IDF_BLOCK && g->lanes == IDF_RANS_LANES && !s->site
                       && g->job->kernels->take != NULL;
  unsigned lane = first;
  if (sixteen)
    g->job->kernels->peek(&g->dec, first, s, from);
  for (int k = hi - 1; k >= lo && !sixteen; k--, lane = lane + 1 == g->lanes ? 0 : lane + 1)
    s->slot[k] = (int32_t)idf_rans_peek(&g->dec, lane);
  g->job->kernels->sites_guess(s, from);
  if (sixteen && g->job->kernels->take(&g->dec, first, s, from))
    return;
  lane = first;
  for (int k = hi - 1; k >= lo; k--, lane = lane + 1 == g->lanes ? 0 : lane + 1) {
    const uint32_t below = (uint32_t)s->below[k], size = (uint32_t)s->above[k] - below;
    if ((uint32_t)s->slot[k] - below < size && (!s->site || !s->site[k].seen)) {
      idf_rans_take(&g->dec, lane, (idf_interval){below, size});
      s->latent[k] = s->first[k] - s->centre[k];
    } else {
      s->latent[k] = get_latent(g, plane, s, k);
    }
  }
}

/* Latents of a plane whose samples are known. */
static void see_latents(const stream *g, unsigned plane, idf_sites *s)
{
  const idf_places at = idf_places_of(s, g->shape->width, g->shape->height);
  for (int k = s->lo; k < s->hi; k++)
    s->latent[k] = g->group->planes[plane][at.first + k * at.step] - s->centre[k];
}

static idf_status get_latents(void *context, unsigned plane, idf_sites *s)
{
  stream *g = context;
  if (plane < g->group->known) {
    see_latents(g, plane, s);
    return IDF_OK;
  }
  /* With one lane, a slot is unknown until the symbol before it is decoded. */
  if (s->fine && !g->report && g->lanes > 1)
    for (int from = (s->hi - 1) / IDF_BLOCK * IDF_BLOCK; from + IDF_BLOCK > s->lo;
         from -= IDF_BLOCK)
      get_block(g, plane, from, s);
  else
    for (int k = s->hi - 1; k >= s->lo; k--)
      s->latent[k] = get_latent(g, plane, s, k);
  return g->dec.bad ? IDF_ERR_TRUNCATED : IDF_OK;
}

/* Fits predictors to the group, and codes the differences as its first symbols. */
static idf_status fit_linear(stream *g, idf_linear *own)
{
  const idf_job *job = g->job;
  const idf_flow_shape *shape = g->shape;
  const idf_linear *basis = idf_model_linear(job->model);
  idf_linear_fit *fit = idf_alloc(job->mem, 1, sizeof *fit);
  if (!fit)
    return idf_mem_status(job->mem);
  idf_status status = idf_linear_solve(job->mem, job->kernels, shape,
                                       (const int32_t *const *)g->group->planes, basis, fit);
  if (status == IDF_OK) {
    idf_linear_apply(basis, fit, shape->planes, own);
    idf_linear_put(fit, shape->planes, &g->plain);
    if (g->occurrence)
      idf_linear_put(fit, shape->planes, &g->seen);
  }
  idf_free(job->mem, fit);
  return status;
}

/* Reads these predictors. */
static idf_status read_linear(stream *g, idf_linear *own)
{
  const unsigned planes = g->shape->planes;
  idf_mem *mem = g->job->mem;
  idf_linear_fit *fit = idf_alloc(mem, 1, sizeof *fit);
  if (!fit)
    return idf_mem_status(mem);
  const bool good = idf_linear_get(fit, planes, &g->dec, g->report ? &g->report->model_bits : NULL)
                    && idf_linear_apply(idf_model_linear(g->job->model), fit, planes, own);
  idf_free(mem, fit);
  return g->dec.bad ? IDF_ERR_TRUNCATED : good ? IDF_OK : IDF_ERR_CORRUPT;
}

/* The flow for this stream. */
static idf_flow flow_of(stream *g, idf_latent_fn latents)
{
  return (idf_flow){.job = g->job,
                    .shape = g->shape,
                    .linear = g->linear,
                    .latents = latents,
                    .wants_occurrence = wants_occurrence,
                    .context = g};
}

/* Codes the symbols of all planes in the fastest way that the shape allows. */
static idf_status put_planes(stream *g)
{
  const int32_t *const *planes = (const int32_t *const *)g->group->planes;
  const idf_flow flow = flow_of(g, put_latents);
  if (idf_rows_fit(&flow) && g->group->known == 0)
    return idf_level_of(g->job->kernels)->rows_put(&flow, planes, &g->plain);
  return idf_flow_forward(&flow, planes);
}

/* Announces a symbol per sample and a few for escapes; with flags for two planes of three. */
static void expect_symbols(stream *g)
{
  const idf_flow_shape *shape = g->shape;
  const size_t samples = (size_t)shape->width * shape->height * shape->planes;
  const idf_flow flow = flow_of(g, put_latents);
  if (idf_rows_fit(&flow))
    return;
  g->plain.expected = samples + samples / 16;
  g->seen.expected = g->plain.expected + samples / 3 * 2;
}

/* Finishes both streams in turn, or the plain one alone, and appends the shorter with its head. */
static idf_status finish_stream(stream *g, const idf_group_plan *plan, idf_buf *out)
{
  idf_mem *mem = g->job->mem;
  idf_buf plain, seen;
  idf_buf_init(&plain, mem);
  idf_buf_init(&seen, mem);
  idf_status status = idf_rans_finish(&g->plain, &plain);
  if (status == IDF_OK && g->occurrence)
    status = idf_rans_finish(&g->seen, &seen);
  if (status == IDF_OK) {
    const bool occurrence =
        g->occurrence && (uint64_t)seen.len * WHOLE < (uint64_t)plain.len * g->worth;
    const idf_buf *best = occurrence ? &seen : &plain;
    idf_put_u8(out, (occurrence ? FLAG_OCCURRENCE : 0u) | (plan->fitted ? FLAG_FITTED : 0u)
                        | (g->shape->blocks ? FLAG_BLOCKS : 0u) | plan->unit << 4);
    idf_put_varint(out, best->len);
    idf_put_bytes(out, best->data, best->len);
    if (out->bad)
      status = idf_mem_status(mem);
  }
  idf_buf_free(&plain);
  idf_buf_free(&seen);
  return status;
}

idf_status idf_stream_encode(const idf_job *job, idf_group *group, idf_buf *out)
{
  const idf_linear *linear = idf_model_linear(job->model);
  idf_flow_shape *shape = &group->shape;
  idf_group_plan plan;
  idf_linear own;
  idf_status status = idf_plan_group(job->mem, shape, group->planes, linear != NULL, &plan);
  if (status == IDF_OK && idf_cancelled(job->cancel))
    status = IDF_ERR_CANCELLED;
  if (status != IDF_OK)
    return status;
  stream g = {.job = job,
              .group = group,
              .shape = shape,
              .linear = linear,
              .occurrence = plan.occurrence,
              .lanes = lanes_for(shape),
              .worth = !linear ? WORTH : WORTH_LINEAR};
  idf_rans_enc_init(&g.plain, job->mem, g.lanes);
  idf_rans_enc_init(&g.seen, job->mem, g.lanes);
  g.plain.sixteens = g.seen.sixteens = job->kernels->sixteens;
  g.plain.cancel = g.seen.cancel = job->cancel;
  shape->unit_shift = plan.unit;
  shape->occurrence = plan.occurrence;
  expect_symbols(&g);
  if (plan.fitted) {
    status = fit_linear(&g, &own);
    g.linear = &own;
  }
  if (status == IDF_OK)
    status = idf_cancelled(job->cancel) ? IDF_ERR_CANCELLED : put_planes(&g);
  if (status == IDF_ERR_MEMORY)
    status = idf_mem_status(job->mem);
  if (status == IDF_OK)
    status = finish_stream(&g, &plan, out);
  idf_rans_enc_free(&g.plain);
  idf_rans_enc_free(&g.seen);
  return status;
}

idf_status idf_stream_decode(const idf_job *job, idf_group *group, idf_cur *in,
                             idf_tile_report *report)
{
  idf_flow_shape *shape = &group->shape;
  uint32_t flags = idf_get_u8(in);
  size_t len = (size_t)idf_get_varint(in, idf_cur_left(in));
  const uint8_t *data = idf_get_bytes(in, len);
  if (in->bad)
    return IDF_ERR_TRUNCATED;
  shape->unit_shift = flags >> 4;
  shape->occurrence = flags & FLAG_OCCURRENCE;
  shape->blocks = flags & FLAG_BLOCKS;
  const idf_linear *linear = idf_model_linear(job->model);
  if ((flags & FLAG_UNUSED) || ((flags & FLAG_FITTED) && !linear) || shape->unit_shift > MAX_UNIT
      || (shape->occurrence && !idf_occur_fits(shape)))
    return IDF_ERR_CORRUPT;
  stream g = {.job = job,
              .group = group,
              .shape = shape,
              .linear = linear,
              .lanes = lanes_for(shape),
              .report = report};
  idf_status status = idf_rans_dec_init(&g.dec, data, len, g.lanes);
  idf_linear own;
  if (status == IDF_OK && (flags & FLAG_FITTED)) {
    status = read_linear(&g, &own);
    g.linear = &own;
  }
  const idf_flow flow = flow_of(&g, get_latents);
  if (status == IDF_OK)
    status = idf_flow_inverse(&flow, group->planes);
  return status == IDF_OK ? idf_rans_dec_finish(&g.dec) : status;
}
