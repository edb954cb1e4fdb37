/* SPDX-License-Identifier: BSD-3-Clause
 *
 * coded.c: the flow method of a tile: groups of planes through the flow and rANS.
 *
 * payload = u8 2, u8 schedule (0), u8 colour layer (bits 0-3) and flags, the list of values if
 * planes hold ranks, the lattice's escapes if that is the layer, then one stream for
 * each group of planes: alpha first if there is one, then gray, indices, or the three
 * colour planes; or gray and alpha in one group if that flag is set:
 *   u8 flags: bit 0 occurrence prior, bit 1 coefficients, bit 2 blocks, bits 4-7 unit
 *   shift (0 .. 8), bit 3 zero; varint length; rANS stream (rans.h), with the coefficients
 *   (linear_fit.h) first if that flag is set. Row y uses lane y mod lanes; there are
 *   min(16, ceil(width / strip)) lanes (field.h), independent chains for the decoder to
 *   overlap, and one in tiles of fewer than 65536 pixels.
 */
#include "coded.h"

#include "choose.h"
#include "colour.h"
#include "kernels.h"
#include "latent.h"
#include "lattice.h"
#include "linear_fit.h"
#include "model_net.h"
#include "occur.h"
#include "ranks.h"

#define SCHEDULE_RASTER 0
#define LAYER_MASK 0x0f
#define LAYER_RANKS 0x10 /* planes hold ranks of the values in use: ranks.h */
#define LAYER_JOINT 0x20 /* alpha and gray are one group of two planes */
#define FLAG_OCCURRENCE 1
#define FLAG_FITTED 2
#define FLAG_BLOCKS 4
#define MAX_LANES 16
#define LANE_PIXELS 65536 /* below this one lane: a state costs 8 bytes */
#define MAX_UNIT 8
#define TRY_PIXELS 65536 /* up to here a tile is coded twice to see whether ranks are shorter */
#define SMALL 200        /* bytes: gray and alpha that short are not tried in one group */

/* Planes of a tile in coding order, how its channels map to them, and how they are coded. */
typedef struct tile_planes {
  const idf_tile_shape *shape;
  int32_t *plane[4]; /* owned is the first: in one block, of which fewer pages stay half empty */
  int32_t top[4];    /* the largest sample, or rank, that a plane may hold */
  size_t n;
  unsigned channels, alpha; /* alpha: 1 when plane 0 is the last channel */
  unsigned layer;           /* of colour */
  bool ranked;              /* planes hold ranks of these: */
  idf_ranks ranks;
  bool joint; /* gray and alpha are one group */
  idf_tile_report *report;
} tile_planes;

/* One group on its way through the flow. */
typedef struct group {
  const idf_job *job;
  idf_flow_shape *shape;
  int32_t *const *planes;
  unsigned lanes;
  idf_rans_enc plain, seen; /* encoder: without and with the occurrence prior */
  unsigned worth;           /* per mille of plain's length up to which seen is worth its time */
  idf_rans_dec dec;
  idf_tile_report *report;
  unsigned first_plane; /* of the report's channel_bits */
} group;

static unsigned lanes_for(const idf_flow_shape *shape)
{
  if (shape->width * shape->height < LANE_PIXELS)
    return 1;
  const uint32_t strip = (uint32_t)idf_strip_of(shape->width);
  return IDF_MIN((shape->width + strip - 1) / strip, MAX_LANES);
}

/* What is known of lane k. */
static idf_site site_of(const idf_sites *s, int k)
{
  if (s->site)
    return s->site[k];
  idf_site site = {.x = (uint32_t)(s->column + s->strip * k), .y = (uint32_t)(s->row - k)};
  idf_sites_prior(s, k, &site.prior);
  return site;
}

/* Books the bits of one sample. */
static void account(const group *g, unsigned plane, const idf_site *site, double bits)
{
  idf_tile_report *r = g->report;
  r->model_bits += bits;
  r->channel_bits[g->first_plane + plane] += bits;
  if (r->map)
    r->map[(size_t)site->y * g->shape->width + site->x] += (float)bits;
}

/* Code length of what was recorded, in 1/256 bit, by integer logarithms: the encoder's
 * course must not depend on a libm. */
static uint64_t cost(const idf_rans_enc *enc)
{
  uint64_t sum = 0;
  for (size_t i = 0; i < enc->count; i++)
    sum += (IDF_FREQ_BITS << 8) - idf_log2_q8((enc->record[i] >> 16) + 1);
  return sum;
}

/* Gives the occurrence prior up where a sixteenth or a quarter of the tile does not promise that it
 * will be worth its time: it is at its best early, before all colours near those of the picture
 * have been seen. In small tiles it only must not have lost by a quarter. */
static void judge(group *g, const idf_sites *s)
{
  const uint32_t height = g->shape->height;
  const bool small = g->shape->width * height < LANE_PIXELS;
  const int32_t sixteenth = (int32_t)(small ? 0 : height / 16), quarter = (int32_t)height / 4;
  if (!g->shape->occurrence || s->lo > 0 || s->column > 0 || s->row == 0
      || (s->row != sixteenth && s->row != quarter))
    return;
  const uint64_t most = small ? 1000 : s->row == quarter ? g->worth - 7 : g->worth - 3;
  g->shape->occurrence = cost(&g->seen) * 1000 < cost(&g->plain) * most;
  if (!g->shape->occurrence)
    idf_rans_enc_free(&g->seen);
}

static idf_status put_latents(void *context, unsigned plane, idf_sites *s)
{
  group *g = context;
  if (plane == 0)
    judge(g, s);
  s->odd = false;
  if (s->fine)
    for (int from = s->lo / IDF_BLOCK * IDF_BLOCK; from < s->hi; from += IDF_BLOCK)
      g->job->kernels->sites_weigh(s, from);
  if (s->fine && !s->odd && !g->shape->occurrence) { /* each is one interval: at once */
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
      if (!g->shape->occurrence)
        continue;
    }
    idf_site site = site_of(s, k);
    if (g->shape->occurrence)
      idf_latent_put(&g->seen, lane, &site, sample, NULL);
    site.seen = NULL;
    if (!simple)
      idf_latent_put(&g->plain, lane, &site, sample, NULL);
  }
  return g->plain.bad || g->seen.bad ? IDF_ERR_MEMORY : IDF_OK;
}

/* One latent, as its symbols say. */
static int32_t get_latent(group *g, unsigned plane, const idf_sites *s, int k)
{
  const idf_site site = site_of(s, k);
  double bits = 0;
  const int32_t sample =
      idf_latent_get(&g->dec, site.y % g->lanes, &site, !g->report ? NULL : &bits);
  if (g->report)
    account(g, plane, &site, bits);
  return sample - s->centre[k];
}

/* A block of sites, each with a rANS lane of its own. */
static void get_block(group *g, unsigned plane, int from, idf_sites *s)
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

static idf_status get_latents(void *context, unsigned plane, idf_sites *s)
{
  group *g = context;
  /* With one lane no slot is known before the symbol that precedes it. */
  if (s->fine && !g->report && g->lanes > 1)
    for (int from = (s->hi - 1) / IDF_BLOCK * IDF_BLOCK; from + IDF_BLOCK > s->lo;
         from -= IDF_BLOCK)
      get_block(g, plane, from, s);
  else
    for (int k = s->hi - 1; k >= s->lo; k--)
      s->latent[k] = get_latent(g, plane, s, k);
  return g->dec.bad ? IDF_ERR_TRUNCATED : IDF_OK;
}

/* Predictors for the tile, and their differences as its first symbols. */
static idf_status fit_linear(group *g, idf_linear *own)
{
  const idf_job *job = g->job;
  const idf_flow_shape *shape = g->shape;
  const idf_linear *basis = idf_model_linear(job->model);
  idf_linear_fit *fit = idf_alloc(job->mem, 1, sizeof *fit);
  if (!fit)
    return idf_mem_status(job->mem);
  idf_status status = idf_linear_solve(job->mem, job->kernels, shape,
                                       (const int32_t *const *)g->planes, basis, fit);
  if (status == IDF_OK) {
    idf_linear_apply(basis, fit, shape->planes, own);
    idf_linear_put(fit, shape->planes, &g->plain);
    if (shape->occurrence)
      idf_linear_put(fit, shape->planes, &g->seen);
  }
  idf_free(job->mem, fit);
  return status;
}

/* And back. */
static idf_status read_linear(group *g, idf_linear *own)
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

static idf_status encode_group(const idf_job *job, idf_flow_shape *shape, int32_t *const *planes,
                               idf_buf *out)
{
  idf_mem *mem = job->mem;
  const idf_linear *linear = idf_model_linear(job->model);
  group g = {.job = job,
             .shape = shape,
             .planes = planes,
             .lanes = lanes_for(shape),
             .worth = !linear ? 992 : 970};
  idf_rans_enc_init(&g.plain, mem, g.lanes);
  idf_rans_enc_init(&g.seen, mem, g.lanes);
  g.plain.sixteens = g.seen.sixteens = job->kernels->sixteens;
  idf_buf plain, seen;
  idf_buf_init(&plain, mem);
  idf_buf_init(&seen, mem);
  shape->unit_shift = idf_choose_unit(shape, planes);
  idf_status status = IDF_OK;
  idf_linear own;
  const bool fitted = linear != NULL && idf_linear_worth(shape);
  if (idf_occur_fits(shape))
    status = idf_choose_occurrence(mem, shape, planes, fitted ? 50 : 95, &shape->occurrence);
  shape->linear = linear;
  const bool rows = idf_rows_fit(shape);
  if (!rows) { /* a symbol a sample, and a few for escapes; flags with two planes of three */
    const size_t samples = (size_t)shape->width * shape->height * shape->planes;
    g.plain.expected = samples + samples / 16;
    g.seen.expected = g.plain.expected + samples / 3 * 2;
  }
  if (status == IDF_OK && fitted)
    status = fit_linear(&g, &own);
  shape->linear = fitted ? &own : linear;
  if (status == IDF_OK && rows)
    status =
        job->kernels->rows_put(mem, job->kernels, shape, (const int32_t *const *)planes, &g.plain);
  else if (status == IDF_OK)
    status =
        idf_flow_forward(mem, job->model, shape, (const int32_t *const *)planes, put_latents, &g);
  if (status == IDF_ERR_MEMORY)
    status = idf_mem_status(mem);
  if (status == IDF_OK)
    status = idf_rans_finish(&g.plain, &plain);
  if (status == IDF_OK && shape->occurrence)
    status = idf_rans_finish(&g.seen, &seen);
  if (status == IDF_OK) {
    bool occurrence =
        shape->occurrence && (uint64_t)seen.len * 1000 < (uint64_t)plain.len * g.worth;
    const idf_buf *best = occurrence ? &seen : &plain;
    idf_put_u8(out, (occurrence ? FLAG_OCCURRENCE : 0u) | (fitted ? FLAG_FITTED : 0u)
                        | (shape->blocks ? FLAG_BLOCKS : 0u) | shape->unit_shift << 4);
    idf_put_varint(out, best->len);
    idf_put_bytes(out, best->data, best->len);
    if (out->bad)
      status = idf_mem_status(mem);
  }
  shape->linear = NULL;
  idf_buf_free(&plain);
  idf_buf_free(&seen);
  idf_rans_enc_free(&g.plain);
  idf_rans_enc_free(&g.seen);
  return status;
}

/* The planes of `t` from place `first` on, whose shape this is, from the next stream. */
static idf_status decode_group(const idf_job *job, idf_flow_shape *shape, const tile_planes *t,
                               unsigned first, idf_cur *in)
{
  uint32_t flags = idf_get_u8(in);
  shape->linear = idf_model_linear(job->model);
  size_t len = (size_t)idf_get_varint(in, idf_cur_left(in));
  const uint8_t *data = idf_get_bytes(in, len);
  if (in->bad)
    return IDF_ERR_TRUNCATED;
  shape->unit_shift = flags >> 4;
  shape->occurrence = flags & FLAG_OCCURRENCE;
  shape->blocks = flags & FLAG_BLOCKS;
  if ((flags & 0x08) != 0 || ((flags & FLAG_FITTED) && !shape->linear)
      || shape->unit_shift > MAX_UNIT || (shape->occurrence && !idf_occur_fits(shape)))
    return IDF_ERR_CORRUPT;
  group g = {.job = job,
             .shape = shape,
             .planes = t->plane + first,
             .lanes = lanes_for(shape),
             .report = t->report,
             .first_plane = first};
  idf_status status = idf_rans_dec_init(&g.dec, data, len, g.lanes);
  idf_linear own;
  if (status == IDF_OK && (flags & FLAG_FITTED)) {
    status = read_linear(&g, &own);
    shape->linear = &own;
  }
  if (status == IDF_OK)
    status = idf_flow_inverse(job->mem, job->model, shape, g.planes, get_latents, &g);
  shape->linear = NULL;
  return status == IDF_OK ? idf_rans_dec_finish(&g.dec) : status;
}

static idf_status planes_init(tile_planes *t, idf_mem *mem, const idf_tile_shape *shape)
{
  *t = (tile_planes){.shape = shape,
                     .n = (size_t)shape->width * shape->height,
                     .channels = shape->channels,
                     .alpha = shape->channels % 2 == 0,
                     .layer = IDF_COLOUR_NONE};
  const size_t stride = (t->n + IDF_BLOCK - 1) / IDF_BLOCK * IDF_BLOCK;
  if ((t->plane[0] = idf_alloc(mem, stride * t->channels, sizeof(int32_t))) == NULL)
    return idf_mem_status(mem);
  for (unsigned c = 1; c < t->channels; c++)
    t->plane[c] = t->plane[0] + c * stride;
  return IDF_OK;
}

static void planes_free(tile_planes *t, idf_mem *mem)
{
  idf_free(mem, t->plane[0]);
  idf_ranks_free(&t->ranks, mem);
}

static void set_tops(tile_planes *t)
{
  for (unsigned p = 0; p < t->channels; p++)
    t->top[p] = (t->ranked ? (int32_t)t->ranks.count[p] : 1 << t->shape->depth) - 1;
}

/* Of the three colour planes together: what a colour layer works with. */
static int32_t colour_top(const tile_planes *t)
{
  const int32_t *top = t->top + t->alpha;
  return IDF_MAX(IDF_MAX(top[0], top[1]), top[2]);
}

/* Channel of the plane at place p: alpha, the last channel, comes first. */
static unsigned channel_at(const tile_planes *t, unsigned p)
{
  return t->alpha ? (p == 0 ? t->channels - 1 : p - 1) : p;
}

/* The planes before place `first` are a group of their own: alpha, unless it is joint. */
static unsigned first_of_last_group(const tile_planes *t)
{
  return t->alpha && !t->joint ? 1 : 0;
}

/* The shape of the group of planes [first, end), whose samples are in [0, top] of their own or,
 * after a colour layer, of the widest. */
static idf_flow_shape group_shape(const tile_planes *t, unsigned first, unsigned end)
{
  idf_flow_shape s = {.width = t->shape->width, .height = t->shape->height, .planes = end - first};
  if (s.planes == 3) {
    s.blocks = t->layer == IDF_COLOUR_JPEG;
    idf_colour_ranges(t->layer, colour_top(t), s.min, s.max);
  } else {
    for (unsigned i = 0; i < s.planes; i++)
      s.max[i] = t->top[first + i];
  }
  return s;
}

/* Samples to planes in coding order. */
static void take_samples(tile_planes *t, const idf_tile *tile)
{
  const uint32_t width = t->shape->width;
  for (uint32_t y = 0; y < t->shape->height; y++) {
    const uint16_t *row = tile->samples + y * tile->stride;
    const size_t at = (size_t)y * width;
    if (t->channels == 3) { /* at once, as most are */
      int32_t *a = t->plane[0] + at, *b = t->plane[1] + at, *c = t->plane[2] + at;
      for (uint32_t x = 0; x < width; x++, row += 3) {
        a[x] = row[0];
        b[x] = row[1];
        c[x] = row[2];
      }
      continue;
    }
    for (unsigned p = 0; p < t->channels; p++)
      for (uint32_t x = 0; x < width; x++)
        t->plane[p][at + x] = row[(size_t)x * t->channels + channel_at(t, p)];
  }
}

/* Samples to ranks where `wanted` is set and they pay. Appends the list of values then. */
static idf_status use_ranks(tile_planes *t, idf_mem *mem, bool wanted, idf_buf *list)
{
  const unsigned depth = t->shape->depth;
  idf_status status = IDF_OK;
  /* A lattice is worth more than ranks, which hide it; small tiles are tried both ways. */
  if (depth == 8 && t->channels >= 3 && t->n > TRY_PIXELS
      && idf_choose_lattice(t->plane + t->alpha, t->n) != IDF_COLOUR_NONE)
    wanted = false;
  if (wanted)
    status = idf_ranks_choose(mem, depth, t->channels, t->alpha != 0, t->plane, t->n, &t->ranks,
                              &t->ranked, list);
  for (unsigned p = 0; status == IDF_OK && t->ranked && p < t->channels; p++)
    idf_ranks_forward(&t->ranks, p, t->plane[p], t->n);
  set_tops(t);
  return status;
}

/* All groups in turn. */
static idf_status encode_groups(const idf_job *job, const tile_planes *t, idf_buf *out)
{
  const unsigned split = first_of_last_group(t), end = t->channels;
  idf_status status = IDF_OK;
  for (unsigned first = 0; first < end && status == IDF_OK; first = first < split ? split : end) {
    idf_flow_shape s = group_shape(t, first, first < split ? split : end);
    status = encode_group(job, &s, t->plane + first, out);
  }
  return status;
}

/* The payload, with ranks where they pay and *ranks allows them; says whether it used them. */
static idf_status encode_tile(const idf_job *job, const idf_tile *tile, idf_buf *out, bool *ranks)
{
  idf_mem *mem = job->mem;
  tile_planes t;
  idf_buf list, apart, joint;
  idf_buf_init(&list, mem);
  idf_buf_init(&apart, mem);
  idf_buf_init(&joint, mem);
  idf_status status = planes_init(&t, mem, &tile->shape);
  if (status != IDF_OK)
    goto done;
  take_samples(&t, tile);
  status = use_ranks(&t, mem, *ranks, &list);
  *ranks = t.ranked;
  if (status != IDF_OK)
    goto done;
  int32_t *const *colour = t.plane + t.alpha;
  if (t.channels >= 3)
    t.layer = idf_choose_colour(t.shape->width, t.shape->height, colour_top(&t), colour);
  if (idf_colour_is_lattice(t.layer))
    idf_lattice_planes_forward(t.layer, colour, t.n, &list);
  else
    idf_colour_forward(t.layer, colour, t.n);
  status = encode_groups(job, &t, &apart);
  if (status == IDF_OK && t.channels == 2 && apart.len > SMALL) {
    t.joint = true;
    status = encode_groups(job, &t, &joint);
  }
  if (status != IDF_OK)
    goto done;
  bool together = joint.len != 0 && joint.len < apart.len;
  const idf_buf *best = together ? &joint : &apart;
  idf_put_u8(out, SCHEDULE_RASTER);
  idf_put_u8(out, t.layer | (t.ranked ? LAYER_RANKS : 0u) | (together ? LAYER_JOINT : 0u));
  idf_put_bytes(out, list.data, list.len);
  idf_put_bytes(out, best->data, best->len);
  if (list.bad || out->bad)
    status = idf_mem_status(mem);
done:
  idf_buf_free(&list);
  idf_buf_free(&apart);
  idf_buf_free(&joint);
  planes_free(&t, mem);
  return status;
}

static idf_hope look_photo(const idf_tile *tile)
{
  (void)tile; /* every shape is covered, and only the model can tell */
  return IDF_OPEN;
}

static idf_status encode_photo(const idf_job *job, const idf_tile *tile, idf_buf *out)
{
  idf_buf with, without;
  idf_buf_init(&with, job->mem);
  idf_buf_init(&without, job->mem);
  bool ranks = true, values = false;
  idf_status status = encode_tile(job, tile, &with, &ranks);
  /* The gain of ranks is an estimate; where it is quickly done, see. */
  if (status == IDF_OK && ranks && tile->shape.width * tile->shape.height <= TRY_PIXELS)
    status = encode_tile(job, tile, &without, &values);
  if (status == IDF_OK) {
    const idf_buf *best = without.len != 0 && without.len <= with.len ? &without : &with;
    idf_put_u8(out, IDF_TILE_FLOW);
    idf_put_bytes(out, best->data, best->len);
    if (out->bad)
      status = idf_mem_status(job->mem);
  }
  idf_buf_free(&with);
  idf_buf_free(&without);
  return status;
}

/* Samples back to channels; false when one is out of range. */
static bool deliver_samples(const tile_planes *t, const idf_tile *tile)
{
  const uint32_t width = t->shape->width;
  uint32_t bad = 0;
  for (unsigned p = 0; p < t->channels; p++) {
    uint16_t *row = tile->samples + channel_at(t, p);
    for (uint32_t y = 0; y < t->shape->height; y++, row += tile->stride)
      for (uint32_t x = 0; x < width; x++) {
        uint32_t v = (uint32_t)t->plane[p][(size_t)y * width + x];
        bad |= v >> t->shape->depth;
        row[(size_t)x * t->channels] = (uint16_t)v;
      }
  }
  return bad == 0;
}

/* Books the bytes that belong to the tile as a whole. */
static void account_bytes(idf_tile_report *report, const idf_cur *from, const idf_cur *to)
{
  if (report)
    report->model_bits += 8.0 * (double)(to->at - from->at);
}

static idf_status decode_groups(const idf_job *job, const tile_planes *t, idf_cur *in)
{
  const unsigned split = first_of_last_group(t), end = t->channels;
  idf_status status = IDF_OK;
  for (unsigned first = 0; first < end && status == IDF_OK; first = first < split ? split : end) {
    idf_flow_shape s = group_shape(t, first, first < split ? split : end);
    status = decode_group(job, &s, t, first, in);
  }
  return status == IDF_OK && idf_cur_left(in) != 0 ? IDF_ERR_CORRUPT : status;
}

/* Planes of the flow back to samples of the channels. */
static bool restore(const tile_planes *t, idf_cur *escapes)
{
  int32_t *const *colour = t->plane + t->alpha;
  if (!idf_colour_is_lattice(t->layer))
    idf_colour_inverse(t->layer, colour, t->n);
  else if (!idf_lattice_planes_inverse(t->layer, colour, t->n, escapes))
    return false;
  for (unsigned p = 0; t->ranked && p < t->channels; p++)
    if (!idf_ranks_inverse(&t->ranks, p, t->plane[p], t->n))
      return false;
  return true;
}

static bool peek_photo(idf_cur payload, idf_tile_report *report)
{
  idf_get_u8(&payload);
  report->schedule = (uint8_t)idf_get_u8(&payload);
  report->colour = idf_get_u8(&payload) & LAYER_MASK;
  return !payload.bad;
}

static idf_status decode_photo(const idf_job *job, const idf_tile *tile, idf_cur in,
                               idf_tile_report *report)
{
  const idf_tile_shape *shape = &tile->shape;
  idf_get_u8(&in);
  const uint32_t schedule = idf_get_u8(&in), head = idf_get_u8(&in), layer = head & LAYER_MASK;
  const bool ranks = head & LAYER_RANKS, joint = head & LAYER_JOINT;
  if (in.bad)
    return IDF_ERR_TRUNCATED;
  if (schedule != SCHEDULE_RASTER || layer >= IDF_COLOUR_COUNT
      || head > (LAYER_MASK | LAYER_RANKS | LAYER_JOINT))
    return IDF_ERR_UNSUPPORTED;
  if ((layer != IDF_COLOUR_NONE && shape->channels < 3) || (joint && shape->channels != 2))
    return IDF_ERR_CORRUPT;
  if (report) {
    report->schedule = (uint8_t)schedule;
    report->colour = (uint8_t)layer;
  }
  tile_planes t;
  idf_cur start = in, escapes = in;
  idf_status status = planes_init(&t, job->mem, shape);
  t.layer = layer;
  t.ranked = ranks;
  t.joint = joint;
  t.report = report;
  if (status == IDF_OK && ranks)
    status = idf_ranks_read(job->mem, shape->depth, t.channels, &in, &t.ranks);
  if (status != IDF_OK)
    goto done;
  set_tops(&t);
  if (idf_colour_is_lattice(layer)) {
    /* Skip the escapes now, apply them when the planes are there. */
    escapes = in;
    idf_lattice_skip(&in, t.n);
    if (in.bad || colour_top(&t) != 255)
      status = IDF_ERR_CORRUPT;
  }
  account_bytes(report, &start, &in);
  if (status == IDF_OK)
    status = decode_groups(job, &t, &in);
  if (status == IDF_OK && (!restore(&t, &escapes) || !deliver_samples(&t, tile)))
    status = IDF_ERR_CORRUPT;
done:
  planes_free(&t, job->mem);
  return status;
}

const idf_method idf_photo = {.name = "flow",
                              .first = IDF_TILE_FLOW,
                              .last = IDF_TILE_FLOW,
                              .needs_model = true,
                              .look = look_photo,
                              .encode = encode_photo,
                              .decode = decode_photo,
                              .peek = peek_photo};
