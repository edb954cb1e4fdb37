/* SPDX-License-Identifier: BSD-3-Clause
 *
 * photo.c: the flow method of a tile: the stack of layers above the flow, and the groups of planes.
 *
 * The stack is written once, as a table. The encoder goes down the table, the decoder up.
 * idf(5), "FLOW TILES".
 */
#include "photo.h"

#include "colour.h"
#include "field.h"
#include "plan.h"
#include "streams.h"

#define SCHEDULE_RASTER 0
#define HEAD_LAYER 0x0f
#define HEAD_VALUES 0x10 /* planes hold ranks of the values in use: values.h */
#define HEAD_JOINT 0x20  /* alpha and gray are one group of two planes */
#define TRY_PIXELS 65536 /* tiles up to this size are coded twice, with and without ranks */
#define SMALL 200        /* bytes: gray and alpha shorter than this are not tried in one group */

/* The state of a tile between its samples and the flow. */
typedef struct photo {
  const idf_job *job;
  idf_planes planes; /* one allocation, owned by the first plane, so fewer pages stay half empty */
  idf_plan plan;
  int32_t top[4]; /* the largest sample, or rank, of each plane */
  idf_values values;
  /* Whether the origin of the colours was looked for, and the result. */
  bool traced;
  unsigned origin;
  idf_cur side; /* decoder: side information of the colour layer */
  idf_tile_report *report;
} photo;

static idf_status photo_init(photo *t, const idf_job *job, const idf_tile_shape *shape)
{
  *t = (photo){.job = job,
               .planes = {.n = (size_t)shape->width * shape->height,
                          .width = shape->width,
                          .height = shape->height,
                          .count = shape->channels,
                          .depth = shape->depth,
                          .alpha = shape->channels % 2 == 0}};
  const size_t stride = (t->planes.n + IDF_BLOCK - 1) / IDF_BLOCK * IDF_BLOCK;
  int32_t *all = idf_alloc(job->mem, stride * shape->channels, sizeof(int32_t));
  if (!all)
    return idf_mem_status(job->mem);
  for (unsigned p = 0; p < shape->channels; p++) {
    t->planes.plane[p] = all + p * stride;
    t->top[p] = (1 << shape->depth) - 1;
  }
  return IDF_OK;
}

static void photo_free(photo *t)
{
  idf_free(t->job->mem, t->planes.plane[0]);
  idf_values_free(&t->values, t->job->mem);
}

static bool has_colours(const photo *t)
{
  return t->planes.count >= 3;
}

/* The three planes that a colour layer works on. */
static int32_t *const *colours_of(const photo *t)
{
  return t->planes.plane + t->planes.alpha;
}

/* The largest value of the three. */
static int32_t colour_top(const photo *t)
{
  const int32_t *top = t->top + t->planes.alpha;
  return IDF_MAX(IDF_MAX(top[0], top[1]), top[2]);
}

/* ---- samples and planes -------------------------------------------------------------- */

/* The channel of plane p. Alpha, the last channel, is the first plane. */
static unsigned channel_at(const idf_planes *planes, unsigned p)
{
  return planes->alpha ? (p == 0 ? planes->count - 1 : p - 1) : p;
}

/* Copies samples to planes, in coding order; only some of them if cancelled. */
static void take_samples(const idf_planes *to, const idf_tile *tile, idf_cancel *cancel)
{
  for (uint32_t y = 0; y < to->height && !idf_cancelled(cancel); y++) {
    const uint16_t *row = tile->samples + y * tile->stride;
    const size_t at = (size_t)y * to->width;
    if (to->count == 3) { /* the common case in one loop */
      int32_t *a = to->plane[0] + at, *b = to->plane[1] + at, *c = to->plane[2] + at;
      for (uint32_t x = 0; x < to->width; x++, row += 3) {
        a[x] = row[0];
        b[x] = row[1];
        c[x] = row[2];
      }
      continue;
    }
    for (unsigned p = 0; p < to->count; p++)
      for (uint32_t x = 0; x < to->width; x++)
        to->plane[p][at + x] = row[(size_t)x * to->count + channel_at(to, p)];
  }
}

/* Copies planes back to channels; false if a sample is out of range. */
static bool deliver_samples(const idf_planes *from, const idf_tile *tile)
{
  const uint32_t width = from->width;
  uint32_t bad = 0;
  for (unsigned p = 0; p < from->count; p++) {
    uint16_t *row = tile->samples + channel_at(from, p);
    for (uint32_t y = 0; y < from->height; y++, row += tile->stride)
      for (uint32_t x = 0; x < width; x++) {
        uint32_t v = (uint32_t)from->plane[p][(size_t)y * width + x];
        bad |= v >> from->depth;
        row[(size_t)x * from->count] = (uint16_t)v;
      }
  }
  return bad == 0;
}

/* ---- the stack of layers ------------------------------------------------------------- */

/* A layer of the stack. The encoder plans each layer on the planes that the layer will see, then
 * obeys the plan. In the decoder the plan comes from the payload. */
typedef struct layer {
  idf_status (*plan)(photo *t);
  /* Obeys the plan: maps the planes forward and appends side information. */
  idf_status (*forward)(photo *t, idf_buf *side);
  /* Reads or skips the side information; sets the tops of the planes below this layer. */
  idf_status (*read)(photo *t, idf_cur *in);
  bool (*inverse)(photo *t); /* false: no encoder makes such planes */
} layer;

/* Looks once for the origin of the colours. No layer may have changed them yet. */
static unsigned trace_origin(photo *t)
{
  if (!t->traced)
    t->origin = idf_plan_origin(&t->planes, colour_top(t));
  t->traced = true;
  return t->origin;
}

static void set_tops(photo *t)
{
  for (unsigned p = 0; p < t->planes.count; p++)
    t->top[p] = (int32_t)t->values.count[p] - 1;
}

/* On entry, plan.values says whether ranks may be used. */
static idf_status values_plan(photo *t)
{
  if (!t->plan.values)
    return IDF_OK;
  /* An origin gains more than ranks, and ranks would hide it. Small tiles are coded both ways. */
  if (t->planes.depth == 8 && has_colours(t) && t->planes.n > TRY_PIXELS
      && trace_origin(t) != IDF_COLOUR_NONE) {
    t->plan.values = false;
    return IDF_OK;
  }
  return idf_values_choose(t->job->mem, &t->planes, &t->values, &t->plan.values);
}

static idf_status values_forward(photo *t, idf_buf *side)
{
  if (!t->plan.values)
    return IDF_OK;
  for (unsigned p = 0; p < t->planes.count; p++)
    idf_values_forward(&t->values, p, t->planes.plane[p], t->planes.n);
  set_tops(t);
  return idf_values_put(t->job->mem, &t->values, side);
}

static idf_status values_read(photo *t, idf_cur *in)
{
  if (!t->plan.values)
    return IDF_OK;
  idf_status status = idf_values_get(t->job->mem, &t->planes, in, &t->values);
  if (status == IDF_OK)
    set_tops(t);
  return status;
}

static bool values_inverse(photo *t)
{
  bool good = true;
  for (unsigned p = 0; t->plan.values && good && p < t->planes.count; p++)
    good = idf_values_inverse(&t->values, p, t->planes.plane[p], t->planes.n);
  return good;
}

static idf_status colour_plan(photo *t)
{
  if (!has_colours(t))
    return IDF_OK;
  t->plan.colour = trace_origin(t);
  if (t->plan.colour == IDF_COLOUR_NONE)
    t->plan.colour = idf_plan_transform(&t->planes);
  return IDF_OK;
}

static idf_status colour_forward(photo *t, idf_buf *side)
{
  if (has_colours(t))
    idf_colour_layers[t->plan.colour]->forward(colours_of(t), t->planes.n, side);
  return side->bad ? idf_mem_status(t->job->mem) : IDF_OK;
}

static idf_status colour_read(photo *t, idf_cur *in)
{
  const idf_colour_layer *c = idf_colour_layers[t->plan.colour];
  if (c->top != 0 && colour_top(t) != c->top)
    return IDF_ERR_CORRUPT;
  t->side = *in; /* applied once the planes are decoded */
  if (c->skip)
    c->skip(in, t->planes.n);
  return in->bad ? IDF_ERR_CORRUPT : IDF_OK;
}

static bool colour_inverse(photo *t)
{
  return !has_colours(t)
         || idf_colour_layers[t->plan.colour]->inverse(colours_of(t), t->planes.n, &t->side);
}

static const layer stack[] = {
    {.plan = IDF_ENCODING(values_plan),
     .forward = IDF_ENCODING(values_forward),
     .read = values_read,
     .inverse = values_inverse},
    {.plan = IDF_ENCODING(colour_plan),
     .forward = IDF_ENCODING(colour_forward),
     .read = colour_read,
     .inverse = colour_inverse},
};
enum { LAYERS = sizeof stack / sizeof *stack };

/* ---- groups of planes ------------------------------------------------------------------ */

/* The first plane of the last group. The planes before it, that is, alpha unless it is joint, are a
 * group of their own. */
static unsigned first_of_last_group(const photo *t)
{
  return t->plan.joint ? 0 : t->planes.alpha;
}

/* The group that begins with plane `first`. The range of its samples is [0, top], with their own
 * top or, after a colour layer, the largest of the three. */
static idf_group group_at(photo *t, unsigned first)
{
  const unsigned split = first_of_last_group(t), end = first < split ? split : t->planes.count;
  idf_group g = {
      .shape = {.width = t->planes.width, .height = t->planes.height, .planes = end - first},
      .planes = t->planes.plane + first,
      .first = first};
  if (g.shape.planes == 3) {
    g.shape.blocks = idf_colour_layers[t->plan.colour]->blocks;
    idf_colour_layers[t->plan.colour]->ranges(colour_top(t), g.shape.min, g.shape.max);
  } else {
    for (unsigned i = 0; i < g.shape.planes; i++)
      g.shape.max[i] = t->top[first + i];
  }
  return g;
}

static idf_status encode_groups(photo *t, idf_buf *out)
{
  idf_status status = IDF_OK;
  for (unsigned first = 0; first < t->planes.count && status == IDF_OK;) {
    idf_group g = group_at(t, first);
    status = idf_stream_encode(t->job, &g, out);
    first += g.shape.planes;
  }
  return status;
}

static idf_status decode_groups(photo *t, idf_cur *in)
{
  idf_status status = IDF_OK;
  for (unsigned first = 0; first < t->planes.count && status == IDF_OK;) {
    idf_group g = group_at(t, first);
    status = idf_stream_decode(t->job, &g, in, t->report);
    first += g.shape.planes;
  }
  return status == IDF_OK && idf_cur_left(in) != 0 ? IDF_ERR_CORRUPT : status;
}

/* Encodes the groups; gray and alpha also as one group, if that is shorter. Sets plan.joint. */
static idf_status encode_best_groups(photo *t, idf_buf *out)
{
  idf_buf apart, joint;
  idf_buf_init(&apart, t->job->mem);
  idf_buf_init(&joint, t->job->mem);
  idf_status status = encode_groups(t, &apart);
  if (status == IDF_OK && t->planes.count == 2 && apart.len > SMALL) {
    t->plan.joint = true;
    status = encode_groups(t, &joint);
  }
  t->plan.joint = joint.len != 0 && joint.len < apart.len;
  const idf_buf *best = t->plan.joint ? &joint : &apart;
  if (status == IDF_OK)
    idf_put_bytes(out, best->data, best->len);
  idf_buf_free(&apart);
  idf_buf_free(&joint);
  return status == IDF_OK && out->bad ? idf_mem_status(t->job->mem) : status;
}

/* ---- the method ------------------------------------------------------------------------ */

static idf_hope look_photo(const idf_tile *tile)
{
  (void)tile; /* it supports every shape, and only the model can tell */
  return IDF_OPEN;
}

/* Called between steps. A step looks at each sample once, which takes some tens of milliseconds in
 * the largest tiles. */
static idf_status still(const photo *t)
{
  return idf_cancelled(t->job->cancel) ? IDF_ERR_CANCELLED : IDF_OK;
}

/* Plans the layers, and takes the planes through them. */
static idf_status go_forward(photo *t, idf_buf *side)
{
  idf_status status = still(t);
  for (int i = 0; i < LAYERS && status == IDF_OK; i++) {
    status = stack[i].plan(t);
    if (status == IDF_OK)
      status = still(t);
    if (status == IDF_OK)
      status = stack[i].forward(t, side);
    if (status == IDF_OK)
      status = still(t);
  }
  return status;
}

/* Encodes a payload. Ranks are used where they pay and *values allows them; *values then tells
 * whether they were. */
static idf_status encode_layered(const idf_job *job, const idf_tile *tile, idf_buf *out,
                                 bool *values)
{
  photo t;
  idf_buf side, streams;
  idf_buf_init(&side, job->mem);
  idf_buf_init(&streams, job->mem);
  idf_status status = photo_init(&t, job, &tile->shape);
  if (status == IDF_OK) {
    take_samples(&t.planes, tile, job->cancel);
    t.plan.values = *values;
    status = go_forward(&t, &side);
    *values = t.plan.values;
  }
  if (status == IDF_OK)
    status = encode_best_groups(&t, &streams);
  if (status == IDF_OK) {
    idf_put_u8(out, IDF_TILE_FLOW);
    idf_put_u8(out, SCHEDULE_RASTER);
    idf_put_u8(out, t.plan.colour | (t.plan.values ? HEAD_VALUES : 0u)
                        | (t.plan.joint ? HEAD_JOINT : 0u));
    idf_put_bytes(out, side.data, side.len);
    idf_put_bytes(out, streams.data, streams.len);
    if (out->bad)
      status = idf_mem_status(job->mem);
  }
  idf_buf_free(&side);
  idf_buf_free(&streams);
  photo_free(&t);
  return status;
}

static idf_status encode_photo(const idf_job *job, const idf_tile *tile, idf_buf *out)
{
  idf_buf with, without;
  idf_buf_init(&with, job->mem);
  idf_buf_init(&without, job->mem);
  bool ranks = true, samples = false;
  idf_status status = encode_layered(job, tile, &with, &ranks);
  /* The gain of ranks is an estimate. Where coding is quick, try both. */
  if (status == IDF_OK && ranks && tile->shape.width * tile->shape.height <= TRY_PIXELS)
    status = encode_layered(job, tile, &without, &samples);
  if (status == IDF_OK) {
    const idf_buf *best = without.len != 0 && without.len <= with.len ? &without : &with;
    idf_put_bytes(out, best->data, best->len);
    if (out->bad)
      status = idf_mem_status(job->mem);
  }
  idf_buf_free(&with);
  idf_buf_free(&without);
  return status;
}

static bool peek_photo(idf_cur payload, idf_tile_report *report)
{
  idf_get_u8(&payload);
  report->schedule = (uint8_t)idf_get_u8(&payload);
  const uint32_t head = idf_get_u8(&payload);
  report->colour = head & HEAD_LAYER;
  report->values = head & HEAD_VALUES;
  report->joint = head & HEAD_JOINT;
  return !payload.bad;
}

/* Reads the plan from the payload and moves past it. */
static idf_status read_plan(const idf_tile_shape *shape, idf_cur *in, idf_plan *plan)
{
  idf_get_u8(in); /* the method */
  const uint32_t schedule = idf_get_u8(in), head = idf_get_u8(in), colour = head & HEAD_LAYER;
  *plan = (idf_plan){.values = head & HEAD_VALUES, .joint = head & HEAD_JOINT, .colour = colour};
  if (in->bad)
    return IDF_ERR_TRUNCATED;
  if (schedule != SCHEDULE_RASTER || colour >= IDF_COLOUR_COUNT
      || head > (HEAD_LAYER | HEAD_VALUES | HEAD_JOINT))
    return IDF_ERR_UNSUPPORTED;
  if ((colour != IDF_COLOUR_NONE && shape->channels < 3) || (plan->joint && shape->channels != 2))
    return IDF_ERR_CORRUPT;
  return IDF_OK;
}

/* Reads the side information of all layers. Its bytes count for the tile as a whole. */
static idf_status read_layers(photo *t, idf_cur *in)
{
  const idf_cur start = *in;
  idf_status status = IDF_OK;
  for (int i = 0; i < LAYERS && status == IDF_OK; i++)
    status = stack[i].read(t, in);
  if (t->report)
    t->report->model_bits += 8.0 * (double)(in->at - start.at);
  return status;
}

static bool go_back(photo *t)
{
  bool good = true;
  for (int i = LAYERS; i-- > 0 && good;)
    good = stack[i].inverse(t);
  return good;
}

static idf_status decode_photo(const idf_job *job, const idf_tile *tile, idf_cur in,
                               idf_tile_report *report)
{
  photo t;
  idf_plan plan;
  if (report)
    peek_photo(in, report);
  idf_status status = read_plan(&tile->shape, &in, &plan);
  if (status == IDF_OK) {
    status = photo_init(&t, job, &tile->shape);
    if (status != IDF_OK)
      return status;
    t.plan = plan;
    t.report = report;
    status = read_layers(&t, &in);
    if (status == IDF_OK)
      status = decode_groups(&t, &in);
    if (status == IDF_OK)
      status = still(&t);
    if (status == IDF_OK && !go_back(&t))
      status = IDF_ERR_CORRUPT;
    if (status == IDF_OK)
      status = still(&t);
    if (status == IDF_OK && !deliver_samples(&t.planes, tile))
      status = IDF_ERR_CORRUPT;
    photo_free(&t);
  }
  return status;
}

const idf_method idf_photo = {.name = "flow",
                              .first = IDF_TILE_FLOW,
                              .last = IDF_TILE_FLOW,
                              .needs_model = true,
                              .look = IDF_ENCODING(look_photo),
                              .encode = IDF_ENCODING(encode_photo),
                              .decode = decode_photo,
                              .peek = peek_photo};
