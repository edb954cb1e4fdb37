/* SPDX-License-Identifier: BSD-3-Clause
 *
 * scene.c: a small path tracer and the camera that looks at its scene.
 *
 * What a codec notices in a photograph is less the motif than the sensor: noise
 * whose variance grows with the light, channels mixed by a colour matrix, a tone
 * curve that stretches the shadows. So the light is computed well and the camera
 * in detail: see idf_draw_develop.
 *
 * Source: J. Kajiya, "The rendering equation", SIGGRAPH 1986; the light is also
 * sampled directly at every diffuse hit.
 */
#include "render.h"

#include <math.h> /* sqrt only */

typedef struct vec {
  double x, y, z;
} vec;

static vec v(double x, double y, double z)
{
  vec r = {x, y, z};
  return r;
}

static vec add(vec a, vec b)
{
  return v(a.x + b.x, a.y + b.y, a.z + b.z);
}

static vec sub(vec a, vec b)
{
  return v(a.x - b.x, a.y - b.y, a.z - b.z);
}

static vec scale(vec a, double s)
{
  return v(a.x * s, a.y * s, a.z * s);
}

static vec times(vec a, vec b)
{
  return v(a.x * b.x, a.y * b.y, a.z * b.z);
}

static double dot(vec a, vec b)
{
  return a.x * b.x + a.y * b.y + a.z * b.z;
}

static vec unit(vec a)
{
  return scale(a, 1.0 / sqrt(dot(a, a)));
}

static vec cross(vec a, vec b)
{
  return v(a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x);
}

static vec blend(vec a, vec b, double t)
{
  return add(scale(a, 1.0 - t), scale(b, t));
}

static double clamp01(double t)
{
  return t < 0.0 ? 0.0 : t > 1.0 ? 1.0 : t;
}

enum surface { ORANGE, GLASS, METAL, CERAMIC, MARBLE, LEAF, FLOOR, WALL, LAMP };

static const struct {
  vec centre;
  double radius;
  enum surface surface;
} balls[] = {
    {{-0.98, 0.42, 0.30}, 0.42, ORANGE},  {{0.22, 0.36, 0.95}, 0.36, GLASS},
    {{1.02, 0.50, -0.15}, 0.50, METAL},   {{-0.36, 0.19, 1.30}, 0.19, CERAMIC},
    {{-0.12, 0.66, -0.75}, 0.66, MARBLE}, {{0.86, 0.17, 1.05}, 0.17, LEAF},
};

static const double WALL_Z = -2.3;
/* The lamp: a rectangle that shines downwards. */
static const double LAMP_Y = 3.3, LAMP_X0 = -1.6, LAMP_X1 = 0.2, LAMP_Z0 = 0.0, LAMP_Z1 = 1.4;
static const vec LAMP_LIGHT = {11.0, 9.6, 7.8};

typedef struct hit {
  double distance;
  vec point, normal;
  enum surface surface;
} hit;

static double nearest(vec from, vec dir, int *ball)
{
  double best = 1e30;
  *ball = -1;
  for (int i = 0; i < (int)(sizeof balls / sizeof balls[0]); i++) {
    vec to = sub(balls[i].centre, from);
    double along = dot(to, dir);
    double inside = balls[i].radius * balls[i].radius - dot(to, to) + along * along;
    if (inside <= 0.0)
      continue;
    double half = sqrt(inside);
    double t = along - half > 1e-6 ? along - half : along + half;
    if (t > 1e-6 && t < best) {
      best = t;
      *ball = i;
    }
  }
  return best;
}

static bool trace(vec from, vec dir, hit *h)
{
  int ball;
  h->distance = nearest(from, dir, &ball);
  if (ball >= 0)
    h->surface = balls[ball].surface;
  if (dir.y < 0.0 && -from.y / dir.y > 1e-6 && -from.y / dir.y < h->distance) {
    h->distance = -from.y / dir.y;
    h->surface = FLOOR;
    ball = -1;
  }
  if (dir.z < 0.0 && (WALL_Z - from.z) / dir.z < h->distance) {
    h->distance = (WALL_Z - from.z) / dir.z;
    h->surface = WALL;
    ball = -1;
  }
  if (dir.y > 0.0) {
    double t = (LAMP_Y - from.y) / dir.y;
    double x = from.x + t * dir.x, z = from.z + t * dir.z;
    if (t > 1e-6 && t < h->distance && x > LAMP_X0 && x < LAMP_X1 && z > LAMP_Z0 && z < LAMP_Z1) {
      h->distance = t;
      h->surface = LAMP;
      ball = -1;
    }
  }
  if (h->distance >= 1e30)
    return false;
  h->point = add(from, scale(dir, h->distance));
  if (ball >= 0)
    h->normal = scale(sub(h->point, balls[ball].centre), 1.0 / balls[ball].radius);
  else
    h->normal = h->surface == WALL ? v(0, 0, 1) : h->surface == LAMP ? v(0, -1, 0) : v(0, 1, 0);
  return true;
}

/* Tilts the normal along the gradient of a noise field: relief without geometry. */
static void bump(hit *h, double grain, double depth, int octaves)
{
  vec p = scale(h->point, grain);
  const double e = 0.05;
  double c = idf_draw_noise(p.x, p.y, p.z, octaves);
  vec slope = v(idf_draw_noise(p.x + e, p.y, p.z, octaves) - c,
                idf_draw_noise(p.x, p.y + e, p.z, octaves) - c,
                idf_draw_noise(p.x, p.y, p.z + e, octaves) - c);
  h->normal = unit(sub(h->normal, scale(slope, depth / e)));
}

static vec floor_colour(vec p)
{
  double board = p.z / 0.31 + 100.0;
  int number = (int)board;
  double across = board - number;
  double tone = idf_draw_noise(number * 7.3, 0.5, 0.5, 1);
  double grain = idf_draw_noise(p.x * 1.3 + number * 3.7, across * 9.0, number, 4);
  double fibre = idf_draw_noise(p.x * 9.0, p.z * 160.0, 1.5, 2);
  vec wood = blend(v(0.42, 0.24, 0.12), v(0.66, 0.45, 0.26), tone * 0.5 + grain * 0.5);
  wood = scale(wood, 0.82 + 0.3 * fibre);
  double gap = across < 0.5 ? across : 1.0 - across;
  return scale(wood, gap < 0.012 ? 0.25 : 1.0);
}

static vec albedo(hit *h)
{
  vec p = h->point;
  switch (h->surface) {
  case ORANGE:
    bump(h, 26.0, 0.10, 2);
    return blend(v(0.86, 0.36, 0.05), v(0.74, 0.22, 0.03),
                 idf_draw_noise(p.x * 4, p.y * 4, p.z * 4, 3));
  case CERAMIC: {
    double ring = idf_draw_noise(p.y * 60.0, 0.5, 0.5, 1);
    return blend(v(0.05, 0.14, 0.45), v(0.10, 0.30, 0.62), ring);
  }
  case MARBLE: {
    double n = idf_draw_noise(p.x * 2.2, p.y * 2.2, p.z * 2.2, 6);
    double vein = n * 9.0 + p.y * 2.0;
    vein -= (int)vein;
    vein = vein < 0.5 ? vein : 1.0 - vein;
    return blend(v(0.24, 0.22, 0.23), v(0.82, 0.80, 0.76), clamp01(vein * 5.0));
  }
  case LEAF:
    bump(h, 40.0, 0.06, 3);
    return blend(v(0.12, 0.36, 0.08), v(0.30, 0.50, 0.10),
                 idf_draw_noise(p.x * 30, p.y * 30, p.z * 30, 3));
  case FLOOR:
    return floor_colour(p);
  default: {
    bump(h, 18.0, 0.035, 4);
    double stain = idf_draw_noise(p.x * 0.9, p.y * 0.9, 3.0, 5);
    return blend(v(0.60, 0.56, 0.48), v(0.72, 0.69, 0.63), stain);
  }
  }
}

/* What a ray sees that leaves the room: grey sky through a window with bars. A ray
 * scattered by a dull surface sees its light spread out, with the same sum but
 * hardly any variance: else the noise of tracing would drown that of the sensor. */
static vec sky(vec dir, bool soft)
{
  if (!soft && dir.x < -0.55 && dir.y > 0.08 && dir.y < 0.62 && dir.z > -0.35 && dir.z < 0.5) {
    double bar = (dir.y - 0.08) * 3.7;
    bar -= (int)bar;
    double bar2 = (dir.z + 0.35) * 2.36;
    bar2 -= (int)bar2;
    if (bar > 0.06 && bar2 > 0.06)
      return v(2.2, 2.6, 3.1);
  }
  vec room = blend(v(0.16, 0.14, 0.12), v(0.30, 0.34, 0.40), clamp01(dir.y * 0.7 + 0.3));
  return soft ? add(room, scale(v(0.44, 0.52, 0.62), clamp01(-dir.x))) : room;
}

/* A point uniform in the unit ball, by rejection: no trigonometry. */
static vec in_ball(uint64_t *state)
{
  for (;;) {
    vec p = v(idf_draw_uniform(state) * 2 - 1, idf_draw_uniform(state) * 2 - 1,
              idf_draw_uniform(state) * 2 - 1);
    double d = dot(p, p);
    if (d <= 1.0 && d > 1e-9)
      return p;
  }
}

static vec lamp_light(const hit *h, uint64_t *state)
{
  double lx = LAMP_X0 + (LAMP_X1 - LAMP_X0) * idf_draw_uniform(state);
  double lz = LAMP_Z0 + (LAMP_Z1 - LAMP_Z0) * idf_draw_uniform(state);
  vec to = sub(v(lx, LAMP_Y, lz), h->point);
  double d2 = dot(to, to), d = sqrt(d2);
  vec dir = scale(to, 1.0 / d);
  double facing = dot(dir, h->normal);
  int ball;
  if (facing <= 0.0 || dir.y <= 0.0 || nearest(add(h->point, scale(dir, 1e-6)), dir, &ball) < d)
    return v(0, 0, 0);
  double area = (LAMP_X1 - LAMP_X0) * (LAMP_Z1 - LAMP_Z0);
  return scale(LAMP_LIGHT, facing * dir.y * area / (d2 * 3.141592653589793));
}

/* Schlick's approximation of the Fresnel reflectance. */
static double fresnel(double cosine, double r0)
{
  double m = 1.0 - cosine, m2 = m * m;
  return r0 + (1.0 - r0) * m2 * m2 * m;
}

static vec refracted(vec dir, const hit *h, uint64_t *state)
{
  bool entering = dot(dir, h->normal) < 0.0;
  vec n = entering ? h->normal : scale(h->normal, -1.0);
  double eta = entering ? 1.0 / 1.5 : 1.5;
  double cosine = -dot(dir, n);
  double k = 1.0 - eta * eta * (1.0 - cosine * cosine);
  double through = k > 0.0 ? sqrt(k) : 0.0;
  if (k <= 0.0 || idf_draw_uniform(state) < fresnel(entering ? cosine : through, 0.04))
    return add(dir, scale(n, 2.0 * cosine));
  return unit(add(scale(dir, eta), scale(n, eta * cosine - through)));
}

static vec radiance(vec from, vec dir, uint64_t *state)
{
  vec light = v(0, 0, 0), weight = v(1, 1, 1);
  bool mirror = true, soft = false; /* was the last bounce a mirror; was any diffuse */

  for (int depth = 0; depth < 7; depth++) {
    hit h;
    vec seen;
    if (!trace(from, dir, &h)) {
      seen = times(weight, sky(dir, soft));
    } else if (h.surface == LAMP) {
      seen = mirror ? times(weight, LAMP_LIGHT) : v(0, 0, 0);
    } else {
      vec reflect;
      if (h.surface == GLASS) {
        dir = refracted(dir, &h, state);
        from = add(h.point, scale(dir, 1e-6));
        weight = times(weight, v(0.97, 0.985, 0.98));
        mirror = true;
        continue;
      }
      vec colour = h.surface == METAL ? v(0.78, 0.70, 0.58) : albedo(&h);
      double cosine = -dot(dir, h.normal);
      reflect = add(dir, scale(h.normal, 2.0 * cosine));
      double gloss = h.surface == CERAMIC || h.surface == MARBLE ? fresnel(clamp01(cosine), 0.05)
                     : h.surface == ORANGE || h.surface == FLOOR
                         ? 0.6 * fresnel(clamp01(cosine), 0.04)
                         : 0.0;
      double rough = h.surface == METAL                          ? 0.06
                     : h.surface == FLOOR || h.surface == ORANGE ? 0.12
                                                                 : 0.01;
      if (h.surface == METAL || idf_draw_uniform(state) < gloss) {
        if (h.surface == METAL)
          weight = times(weight, colour);
        dir = unit(add(reflect, scale(in_ball(state), rough)));
        mirror = true;
      } else {
        weight = times(weight, colour);
        light = add(light, times(weight, lamp_light(&h, state)));
        dir = unit(add(h.normal, unit(in_ball(state))));
        mirror = false;
        soft = true;
      }
      if (dot(dir, h.normal) <= 0.0)
        break;
      from = add(h.point, scale(h.normal, 1e-6));
      continue;
    }
    /* Bright paths that are rarely found would be white specks: bounded. */
    double peak = soft ? 1.0 : 12.0;
    return add(light, v(IDF_MIN(seen.x, peak), IDF_MIN(seen.y, peak), IDF_MIN(seen.z, peak)));
  }
  return light;
}

void idf_draw_scene(float *light, uint32_t width, uint32_t height, unsigned strata)
{
  const vec eye = v(0.35, 1.25, 4.6), target = v(0.0, 0.52, 0.1);
  const vec ahead = unit(sub(target, eye)), right = unit(cross(ahead, v(0, 1, 0)));
  const vec up = cross(right, ahead);
  const double aperture = 0.055, focus = 3.75, view = 0.33; /* view: tangent of half the angle */

  for (uint32_t y = 0; y < height; y++)
    for (uint32_t x = 0; x < width; x++) {
      uint64_t state = ((uint64_t)y * width + x) * UINT64_C(0x9E3779B97F4A7C15) + 12345;
      vec sum = v(0, 0, 0);
      for (unsigned i = 0; i < strata * strata; i++) {
        /* A tent two pixels wide, stratified: the blur of a lens and a microlens. */
        double a = ((i % strata) + idf_draw_uniform(&state)) / strata * 2.0;
        double b = (double)(i / strata) + idf_draw_uniform(&state);
        b = b / strata * 2.0;
        a = a < 1.0 ? sqrt(a) - 1.0 : 1.0 - sqrt(2.0 - a);
        b = b < 1.0 ? sqrt(b) - 1.0 : 1.0 - sqrt(2.0 - b);
        double sx = ((double)x + 0.5 + a - width * 0.5) / (width * 0.5) * view;
        double sy = (height * 0.5 - (double)y - 0.5 - b) / (width * 0.5) * view;
        vec in_focus = add(eye, scale(add(ahead, add(scale(right, sx), scale(up, sy))), focus));
        double lx, ly;
        do {
          lx = idf_draw_uniform(&state) * 2 - 1;
          ly = idf_draw_uniform(&state) * 2 - 1;
        } while (lx * lx + ly * ly > 1.0);
        vec lens = add(eye, scale(add(scale(right, lx), scale(up, ly)), aperture));
        sum = add(sum, radiance(lens, unit(sub(in_focus, lens)), &state));
      }
      double share = 1.0 / (strata * strata);
      float *out = light + ((size_t)y * width + x) * 3;
      out[0] = (float)(sum.x * share);
      out[1] = (float)(sum.y * share);
      out[2] = (float)(sum.z * share);
    }
}

void idf_draw_develop(const float *light, idf_canvas *canvas, double full_well)
{
  /* The sensor sees less red and blue than green; white balance amplifies both,
   * and their noise with them. */
  static const double gain[3] = {1.9, 1.0, 1.55};
  static const double matrix[3][3] = {
      {1.42, -0.32, -0.10}, {-0.18, 1.36, -0.18}, {-0.02, -0.38, 1.40}};
  const double exposure = 0.62, read_noise = 4.5;
  uint64_t state = UINT64_C(0x1DF1DF1DF);

  for (uint32_t y = 0; y < canvas->height; y++)
    for (uint32_t x = 0; x < canvas->width; x++) {
      const float *in = light + ((size_t)y * canvas->width + x) * 3;
      double dx = (x + 0.5) / canvas->width - 0.5, dy = (y + 0.5) / canvas->height - 0.5;
      double vignette = 1.0 - 0.45 * (dx * dx + dy * dy);
      double raw[3];
      for (int c = 0; c < 3; c++) {
        double electrons = (double)in[c] * exposure * vignette / gain[c] * full_well;
        electrons = IDF_MIN(electrons, full_well);
        double noise = idf_draw_normal(&state) * sqrt(electrons + read_noise * read_noise);
        /* 12-bit converter */
        double counts = (electrons + noise) / full_well * 4095.0;
        raw[c] = (double)(int)(counts < 0 ? counts - 0.5 : counts + 0.5) / 4095.0 * gain[c];
        raw[c] = IDF_MIN(raw[c], 1.0);
      }
      for (int c = 0; c < 3; c++) {
        double lin = matrix[c][0] * raw[0] + matrix[c][1] * raw[1] + matrix[c][2] * raw[2];
        idf_canvas_at(canvas, x, y)[c] = idf_draw_level(idf_draw_srgb(clamp01(lin)), canvas->depth);
      }
    }
}
