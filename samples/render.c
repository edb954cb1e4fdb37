/* SPDX-License-Identifier: BSD-3-Clause
 *
 * render.c: draws the sample pictures: render FOLDER [NAME...] writes NAME.png, or all;
 * photo-420 is a JPEG.
 *
 * The same pictures come out on every machine with IEEE-754 doubles; the bytes of
 * the PNG files also depend on zlib, so samples/SHA256SUMS names the committed ones
 * and tests/samples.sh compares pixels. The photograph takes about a minute.
 */
#include "render.h"

#include <math.h> /* sqrt only */
#include <png.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jpeglib.h> /* needs stdio.h before it */

/* ---- shared by the generators ------------------------------------------------------ */

idf_canvas idf_canvas_new(idf_mem *mem, uint32_t width, uint32_t height, unsigned channels,
                          unsigned depth)
{
  idf_canvas canvas = {width, height, channels, depth, NULL};
  canvas.samples = idf_alloc(mem, (size_t)width * height * channels, sizeof(uint16_t));
  if (!canvas.samples) {
    fprintf(stderr, "render: out of memory\n");
    exit(1);
  }
  return canvas;
}

double idf_draw_uniform(uint64_t *state)
{
  *state ^= *state >> 12;
  *state ^= *state << 25;
  *state ^= *state >> 27;
  return (double)((*state * UINT64_C(0x2545F4914F6CDD1D)) >> 11) * (1.0 / 9007199254740992.0);
}

double idf_draw_normal(uint64_t *state)
{
  double sum = -6.0;
  for (int i = 0; i < 12; i++)
    sum += idf_draw_uniform(state);
  return sum;
}

/* A uniform value for a lattice point. */
static double lattice(int64_t x, int64_t y, int64_t z)
{
  uint64_t h = (uint64_t)x * UINT64_C(0x9E3779B97F4A7C15)
               ^ (uint64_t)y * UINT64_C(0xC2B2AE3D27D4EB4F)
               ^ (uint64_t)z * UINT64_C(0x165667B19E3779F9);
  h = (h ^ h >> 29) * UINT64_C(0xBF58476D1CE4E5B9);
  h = (h ^ h >> 32) * UINT64_C(0x94D049BB133111EB);
  return (double)(h >> 11) * (1.0 / 9007199254740992.0);
}

static double mix(double a, double b, double t)
{
  return a + (b - a) * t;
}

static double value_noise(double x, double y, double z)
{
  int64_t ix = (int64_t)x - (x < 0), iy = (int64_t)y - (y < 0), iz = (int64_t)z - (z < 0);
  double fx = x - (double)ix, fy = y - (double)iy, fz = z - (double)iz;
  fx = fx * fx * (3 - 2 * fx);
  fy = fy * fy * (3 - 2 * fy);
  fz = fz * fz * (3 - 2 * fz);
  double plane[2];
  for (int k = 0; k < 2; k++)
    plane[k] = mix(mix(lattice(ix, iy, iz + k), lattice(ix + 1, iy, iz + k), fx),
                   mix(lattice(ix, iy + 1, iz + k), lattice(ix + 1, iy + 1, iz + k), fx), fy);
  return mix(plane[0], plane[1], fz);
}

double idf_draw_noise(double x, double y, double z, int octaves)
{
  double sum = 0, weight = 0.5, total = 0;
  for (int i = 0; i < octaves; i++) {
    sum += weight * value_noise(x, y, z);
    total += weight;
    weight *= 0.5;
    x = x * 2.03 + 17.1;
    y = y * 2.03 + 5.7;
    z = z * 2.03 + 11.3;
  }
  return sum / total;
}

/* x^(1/2.4) = (x^(1/12))^5; the cube root by Newton's method from above, a fixed
 * number of steps, so that the result is the same everywhere. */
double idf_draw_srgb(double linear)
{
  if (linear <= 0.0031308)
    return linear <= 0 ? 0 : linear * 12.92;
  double root = 1.0;
  for (int i = 0; i < 24; i++)
    root = (2.0 * root + linear / (root * root)) / 3.0;
  double t = sqrt(sqrt(root));
  return 1.055 * t * t * t * t * t - 0.055;
}

uint16_t idf_draw_level(double v, unsigned depth)
{
  double top = (double)((1u << depth) - 1);
  v = v < 0 ? 0 : v > 1 ? 1 : v;
  return (uint16_t)(v * top + 0.5);
}

/* ---- PNG output ---------------------------------------------------------------------- */

typedef struct extras {
  uint8_t (*palette)[4]; /* NULL: not a palette picture */
  unsigned colours;
  unsigned clear; /* entries with a tRNS value */
  bool interlaced;
  const char *title;    /* tEXt, iTXt, gAMA, pHYs and tIME are written where set */
  unsigned significant; /* sBIT, or 0 */
} extras;

static void png_stop(png_structp png, png_const_charp message)
{
  (void)png;
  fprintf(stderr, "render: %s\n", message);
  exit(1);
}

static void write_extras(png_structp png, png_infop info, const idf_canvas *canvas, const extras *x)
{
  if (x->palette) {
    png_color colours[256];
    png_byte alpha[256];
    for (unsigned i = 0; i < x->colours; i++) {
      colours[i].red = x->palette[i][0];
      colours[i].green = x->palette[i][1];
      colours[i].blue = x->palette[i][2];
      alpha[i] = x->palette[i][3];
    }
    png_set_PLTE(png, info, colours, (int)x->colours);
    if (x->clear > 0)
      png_set_tRNS(png, info, alpha, (int)x->clear, NULL);
  }
  if (x->significant > 0) {
    png_byte b = (png_byte)x->significant;
    png_color_8 sig = {b, b, b, b, b};
    png_set_sBIT(png, info, &sig);
  }
  if (x->title) {
    png_text text[3];
    memset(text, 0, sizeof text);
    char keys[3][16] = {"Title", "Author", "Comment"};
    char values[3][96] = {"", "the idf authors",
                          "gerendert, rendu, nar\xc3\xadsuot\xc3\xb3: \xe2\x88\x9a"};
    snprintf(values[0], sizeof values[0], "%s", x->title);
    for (int i = 0; i < 3; i++) {
      text[i].compression = i == 2 ? PNG_ITXT_COMPRESSION_NONE : PNG_TEXT_COMPRESSION_NONE;
      text[i].key = keys[i];
      text[i].text = values[i];
    }
    char language[] = "mul", translated[] = "Bemerkung";
    text[2].lang = language;
    text[2].lang_key = translated;
    png_time when = {2026, 11, 22, 12, 0, 0};
    png_set_text(png, info, text, 3);
    png_set_gAMA_fixed(png, info, 45455);
    png_set_pHYs(png, info, 5906, 5906, PNG_RESOLUTION_METER);
    png_set_tIME(png, info, &when);
  }
  (void)canvas;
}

static void write_png(idf_mem *mem, const char *folder, const char *name, const idf_canvas *canvas,
                      const extras *x)
{
  static const int types[5] = {0, PNG_COLOR_TYPE_GRAY, PNG_COLOR_TYPE_GRAY_ALPHA,
                               PNG_COLOR_TYPE_RGB, PNG_COLOR_TYPE_RGB_ALPHA};
  char path[4096];
  if (snprintf(path, sizeof path, "%s/%s.png", folder, name) >= (int)sizeof path) {
    fprintf(stderr, "render: %s: path too long\n", folder);
    exit(1);
  }
  FILE *file = fopen(path, "wb");
  if (!file) {
    perror(path);
    exit(1);
  }
  png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, png_stop, NULL);
  png_infop info = png != NULL ? png_create_info_struct(png) : NULL;
  size_t row_bytes = (size_t)canvas->width * canvas->channels * (canvas->depth > 8 ? 2 : 1);
  uint8_t *rows = idf_alloc(mem, canvas->height, row_bytes);
  png_bytep *pointers = idf_alloc(mem, canvas->height, sizeof *pointers);
  if (!png || !info || !rows || !pointers) {
    fprintf(stderr, "render: out of memory\n");
    exit(1);
  }
  for (uint32_t y = 0; y < canvas->height; y++) {
    const uint16_t *in = idf_canvas_at(canvas, 0, y);
    uint8_t *out = pointers[y] = rows + y * row_bytes;
    for (size_t i = 0; i < (size_t)canvas->width * canvas->channels; i++)
      if (canvas->depth > 8) {
        out[2 * i] = (uint8_t)(in[i] >> 8);
        out[2 * i + 1] = (uint8_t)(in[i] & 255u);
      } else {
        out[i] = (uint8_t)in[i];
      }
  }
  png_init_io(png, file);
  png_set_compression_level(png, 9);
  png_set_IHDR(png, info, canvas->width, canvas->height, (int)canvas->depth,
               x->palette != NULL ? PNG_COLOR_TYPE_PALETTE : types[canvas->channels],
               x->interlaced ? PNG_INTERLACE_ADAM7 : PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_BASE,
               PNG_FILTER_TYPE_BASE);
  write_extras(png, info, canvas, x);
  png_write_info(png, info);
  png_set_packing(png); /* a byte a sample here, `depth` bits in the file */
  png_write_image(png, pointers);
  png_write_end(png, NULL);
  png_destroy_write_struct(&png, &info);
  idf_free(mem, pointers);
  idf_free(mem, rows);
  if (fclose(file) != 0) {
    perror(path);
    exit(1);
  }
}

/* ---- JPEG output --------------------------------------------------------------------- */

/* Quality 90, chroma halved both ways, as a camera held upright writes it: with Exif that
 * turns the picture (orientation 6) and an XMP packet. */
static void write_jpeg(const char *folder, const char *name, const idf_canvas *canvas)
{
  static const uint8_t exif[] = "Exif\0\0MM\0*\0\0\0\10\0\1\1\22\0\3\0\0\0\1\0\6\0\0\0\0\0\0";
  static const char xmp[] =
      "http://ns.adobe.com/xap/1.0/\0"
      "<x:xmpmeta xmlns:x=\"adobe:ns:meta/\"><rdf:RDF "
      "xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\"><rdf:Description rdf:about=\"\" "
      "xmlns:dc=\"http://purl.org/dc/elements/1.1/\" "
      "dc:format=\"image/jpeg\"/></rdf:RDF></x:xmpmeta>";
  char path[4096];
  if (snprintf(path, sizeof path, "%s/%s.jpg", folder, name) >= (int)sizeof path) {
    fprintf(stderr, "render: %s: path too long\n", folder);
    exit(1);
  }
  FILE *file = fopen(path, "wb");
  if (!file) {
    perror(path);
    exit(1);
  }
  struct jpeg_compress_struct jpeg;
  struct jpeg_error_mgr errors; /* libjpeg's own: says why and exits */
  jpeg.err = jpeg_std_error(&errors);
  jpeg_create_compress(&jpeg);
  jpeg_stdio_dest(&jpeg, file);
  jpeg.image_width = canvas->width;
  jpeg.image_height = canvas->height;
  jpeg.input_components = 3;
  jpeg.in_color_space = JCS_RGB;
  jpeg_set_defaults(&jpeg);
  jpeg_set_quality(&jpeg, 90, TRUE);
  jpeg.dct_method = JDCT_ISLOW;
  jpeg.optimize_coding = TRUE;
  jpeg_start_compress(&jpeg, TRUE);
  jpeg_write_marker(&jpeg, JPEG_APP0 + 1, exif, sizeof exif - 1);
  jpeg_write_marker(&jpeg, JPEG_APP0 + 1, (const JOCTET *)xmp, sizeof xmp - 1);
  for (uint32_t y = 0; y < canvas->height; y++) {
    const uint16_t *in = idf_canvas_at(canvas, 0, y);
    JSAMPLE row[3 * 512];
    JSAMPROW rows[1] = {row};
    for (size_t i = 0; i < (size_t)canvas->width * 3 && i < sizeof row; i++)
      row[i] = (JSAMPLE)in[i];
    jpeg_write_scanlines(&jpeg, rows, 1);
  }
  jpeg_finish_compress(&jpeg);
  jpeg_destroy_compress(&jpeg);
  if (fclose(file) != 0) {
    perror(path);
    exit(1);
  }
}

/* ---- the pictures ------------------------------------------------------------------------ */

/* Means of k x k blocks of light: a smaller sensor before the same lens. */
static void shrink(const float *light, uint32_t width, uint32_t height, unsigned k, float *out)
{
  for (uint32_t y = 0; y < height / k; y++)
    for (uint32_t x = 0; x < width / k; x++)
      for (unsigned c = 0; c < 3; c++) {
        double sum = 0;
        for (unsigned i = 0; i < k * k; i++)
          sum += (double)light[((size_t)(y * k + i / k) * width + x * k + i % k) * 3 + c];
        out[((size_t)y * (width / k) + x) * 3 + c] = (float)(sum / (k * k));
      }
}

/* Rec. 709 luma of a developed picture. */
static void to_gray(const idf_canvas *photo, idf_canvas *gray)
{
  for (size_t i = 0; i < (size_t)gray->width * gray->height; i++) {
    const uint16_t *p = photo->samples + 3 * i;
    gray->samples[i] = (uint16_t)((13933u * p[0] + 46871u * p[1] + 4732u * p[2] + 32768u) >> 16);
  }
}

static bool wanted(const char *name, int argc, char **argv)
{
  if (argc == 2)
    return true;
  for (int i = 2; i < argc; i++)
    if (strcmp(argv[i], name) == 0)
      return true;
  return false;
}

/* Everything that starts from the traced scene. */
static void photographs(idf_mem *mem, int argc, char **argv)
{
  static const char *const names[] = {"photo",      "photo-420", "photo-ycc",
                                      "photo-gray", "photo-16",  "dithered"};
  enum { W = 512, H = 384, STRATA = 14 };
  const char *folder = argv[1];
  extras plain = {0};
  bool any = false;
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
    any = any || wanted(names[i], argc, argv);
  if (!any)
    return;
  float *light = idf_alloc(mem, (size_t)W * H * 3, sizeof *light);
  float *half = idf_alloc(mem, (size_t)W * H * 3 / 4, sizeof *half);
  if (!light || !half) {
    fprintf(stderr, "render: out of memory\n");
    exit(1);
  }
  idf_draw_scene(light, W, H, STRATA);
  idf_canvas photo = idf_canvas_new(mem, W, H, 3, 8);
  idf_draw_develop(light, &photo, 16000.0);
  shrink(light, W, H, 2, half);
  idf_canvas small = idf_canvas_new(mem, W / 2, H / 2, 3, 8);
  idf_draw_develop(half, &small, 64000.0);

  if (wanted("photo", argc, argv)) {
    extras x = {.title = "Still life with six balls"};
    write_png(mem, folder, "photo", &photo, &x);
  }
  if (wanted("photo-420", argc, argv))
    write_jpeg(folder, "photo-420", &small);
  if (wanted("photo-ycc", argc, argv)) {
    idf_canvas ycc = idf_canvas_new(mem, W / 2, H / 2, 3, 8);
    idf_draw_ycc(&small, &ycc);
    write_png(mem, folder, "photo-ycc", &ycc, &plain);
    idf_free(mem, ycc.samples);
  }
  if (wanted("photo-gray", argc, argv)) {
    idf_canvas gray = idf_canvas_new(mem, W / 2, H / 2, 1, 8);
    to_gray(&small, &gray);
    write_png(mem, folder, "photo-gray", &gray, &plain);
    idf_free(mem, gray.samples);
  }
  if (wanted("photo-16", argc, argv)) {
    extras x = {.significant = 12};
    float *quarter = light; /* the full picture is no longer needed */
    shrink(half, W / 2, H / 2, 2, quarter);
    idf_canvas deep = idf_canvas_new(mem, W / 4, H / 4, 3, 16);
    idf_draw_develop(quarter, &deep, 256000.0);
    write_png(mem, folder, "photo-16", &deep, &x);
    idf_free(mem, deep.samples);
  }
  if (wanted("dithered", argc, argv)) {
    uint8_t palette[256][4];
    extras x = {.palette = palette, .colours = 256};
    idf_canvas indices = idf_canvas_new(mem, 192, 144, 1, 8);
    idf_draw_dithered(&photo, &indices, palette);
    write_png(mem, folder, "dithered", &indices, &x);
    idf_free(mem, indices.samples);
  }
  idf_free(mem, small.samples);
  idf_free(mem, photo.samples);
  idf_free(mem, half);
  idf_free(mem, light);
}

static void page(idf_canvas *canvas)
{
  idf_draw_page(canvas, 399.0 / 401.0, -40.0 / 401.0, 1.75, false); /* 40-399-401: exact */
}

static void bilevel(idf_canvas *canvas)
{
  idf_draw_page(canvas, 1.0, 0.0, 2.0, true);
}

int main(int argc, char **argv)
{
  static const struct {
    const char *name;
    uint32_t width, height;
    unsigned channels, depth;
    void (*draw)(idf_canvas *canvas);
    extras extras;
  } drawn[] = {
      {"page", 600, 480, 1, 8, page, {.title = "On keeping every bit"}},
      {"page-1bit", 640, 500, 1, 1, bilevel, {0}},
      {"gradient", 400, 300, 3, 8, idf_draw_gradient, {0}},
      {"relief-16", 200, 150, 1, 16, idf_draw_relief, {0}},
      {"shadow", 240, 240, 4, 8, idf_draw_shadow, {0}},
      {"shadow-16", 48, 40, 4, 16, idf_draw_shadow, {.interlaced = true}},
      {"badge", 160, 120, 2, 8, idf_draw_badge, {0}},
      {"window", 400, 300, 3, 8, idf_draw_window, {0}},
      {"checks-2bit", 61, 43, 1, 2, idf_draw_checks, {.interlaced = true}},
  };
  if (argc < 2) {
    fprintf(stderr, "usage: render FOLDER [NAME...]\n");
    return 1;
  }
  idf_mem mem;
  idf_mem_init(&mem, UINT64_C(1) << 28);
  for (size_t i = 0; i < sizeof drawn / sizeof drawn[0]; i++)
    if (wanted(drawn[i].name, argc, argv)) {
      idf_canvas canvas =
          idf_canvas_new(&mem, drawn[i].width, drawn[i].height, drawn[i].channels, drawn[i].depth);
      drawn[i].draw(&canvas);
      write_png(&mem, argv[1], drawn[i].name, &canvas, &drawn[i].extras);
      idf_free(&mem, canvas.samples);
    }
  if (wanted("sprites", argc, argv)) {
    uint8_t palette[16][4];
    extras x = {.palette = palette, .colours = 16, .clear = 16};
    idf_canvas canvas = idf_canvas_new(&mem, 160, 96, 1, 4);
    idf_draw_sprites(&canvas, palette);
    write_png(&mem, argv[1], "sprites", &canvas, &x);
    idf_free(&mem, canvas.samples);
  }
  photographs(&mem, argc, argv);
  return 0;
}
