/* SPDX-License-Identifier: BSD-3-Clause
 *
 * page.c: text. The font is drawn with strokes on a small grid, so that one table
 * gives crisp 1-bit letters and smooth ones at any angle.
 *
 * A glyph is a list of polylines separated by spaces; a vertex is two digits, x
 * then y; y runs down: 0 top of capitals, 2 top of small letters, 6 baseline, 8
 * below. A polyline of one repeated vertex is a dot.
 */
#include "render.h"

#include <math.h> /* sqrt only */
#include <string.h>

static const struct {
  char letter;
  char advance; /* grid units to the next letter */
  const char *strokes;
} font[] = {
    {' ', 3, ""},
    {'!', 3, "1014 1616"},
    {'\'', 2, "0011"},
    {'(', 3, "20111526"},
    {')', 3, "00111506"},
    {'+', 5, "0434 2226"},
    {',', 2, "1607"},
    {'-', 4, "0434"},
    {'.', 2, "0606"},
    {'/', 5, "0640"},
    {':', 2, "0303 0606"},
    {';', 2, "0303 1607"},
    {'=', 5, "0333 0535"},
    {'?', 5, "01103041422324 2626"},
    {'0', 6, "100105163645413010 1531"},
    {'1', 5, "112026 1636"},
    {'2', 6, "0110304142060646"},
    {'3', 6, "01103041423323 334445361605"},
    {'4', 6, "300444 3036"},
    {'5', 6, "4000033344453606"},
    {'6', 6, "4130100105163645443303"},
    {'7', 6, "004016"},
    {'8', 6, "100102130405163645443342413010 1333"},
    {'9', 6, "0516364541301001021343"},
    {'A', 6, "062046 1434"},
    {'B', 6, "0006 003041423303 3344453606"},
    {'C', 6, "4130100105163645"},
    {'D', 6, "0006 002042442606"},
    {'E', 6, "40000646 0333"},
    {'F', 6, "400006 0333"},
    {'G', 6, "41301001051636454323"},
    {'H', 6, "0006 4046 0343"},
    {'I', 4, "0020 1016 0626"},
    {'J', 6, "4045361605"},
    {'K', 6, "0006 4004 1346"},
    {'L', 6, "000646"},
    {'M', 6, "0600234046"},
    {'N', 6, "06004640"},
    {'O', 6, "100105163645413010"},
    {'P', 6, "06003041423303"},
    {'Q', 6, "100105163645413010 2446"},
    {'R', 6, "06003041423303 2346"},
    {'S', 6, "413010010213334445361605"},
    {'T', 6, "0040 2026"},
    {'U', 6, "000516364540"},
    {'V', 6, "002640"},
    {'W', 6, "0016233640"},
    {'X', 6, "0046 0640"},
    {'Y', 6, "002340 2326"},
    {'Z', 6, "00400646"},
    {'a', 5, "12223336 341405162635"},
    {'b', 5, "0006 0312223335261605"},
    {'c', 5, "3322120305162635"},
    {'d', 5, "3036 3322120305162635"},
    {'e', 5, "04343322120305162635"},
    {'f', 4, "30201116 0222"},
    {'g', 5, "3322120305162635 3237281807"},
    {'h', 5, "0006 0312223336"},
    {'i', 2, "0206 0000"},
    {'j', 3, "12170808 1010"},
    {'k', 5, "0006 0532 1436"},
    {'l', 3, "000516"},
    {'m', 6, "0206 03122326 23324346"},
    {'n', 5, "0206 0312223336"},
    {'o', 5, "120305162635332212"},
    {'p', 5, "0208 0312223335261605"},
    {'q', 5, "3238 3322120305162635"},
    {'r', 4, "0206 03122233"},
    {'s', 5, "33221203142435261605"},
    {'t', 4, "10152635 0222"},
    {'u', 5, "020516263532 3236"},
    {'v', 5, "022642"},
    {'w', 5, "0216233642"},
    {'x', 5, "0236 0632"},
    {'y', 5, "0226 4218"},
    {'z', 5, "02320636"},
};

static double to_segment(double px, double py, double ax, double ay, double bx, double by)
{
  double dx = bx - ax, dy = by - ay, l2 = dx * dx + dy * dy;
  double t = l2 > 0 ? ((px - ax) * dx + (py - ay) * dy) / l2 : 0;
  t = t < 0 ? 0 : t > 1 ? 1 : t;
  dx = ax + t * dx - px;
  dy = ay + t * dy - py;
  return sqrt(dx * dx + dy * dy);
}

static void darken(const idf_canvas *canvas, uint32_t x, uint32_t y, double cover,
                   const uint16_t *ink)
{
  uint16_t *s = idf_canvas_at(canvas, x, y);
  for (unsigned c = 0; c < canvas->channels; c++)
    s[c] = (uint16_t)(s[c] * (1.0 - cover) + ink[c] * cover + 0.5);
}

static void stroke(const idf_canvas *canvas, const double a[2], const double b[2], double weight,
                   const uint16_t *ink, bool hard)
{
  double reach = weight * 0.5 + 1.0;
  double x0 = IDF_MIN(a[0], b[0]) - reach, x1 = IDF_MAX(a[0], b[0]) + reach;
  double y0 = IDF_MIN(a[1], b[1]) - reach, y1 = IDF_MAX(a[1], b[1]) + reach;
  if (x1 < 0 || y1 < 0)
    return;
  for (uint32_t y = y0 < 0 ? 0 : (uint32_t)y0; y < canvas->height && y <= y1; y++)
    for (uint32_t x = x0 < 0 ? 0 : (uint32_t)x0; x < canvas->width && x <= x1; x++) {
      double cover = weight * 0.5 + 0.5 - to_segment(x + 0.5, y + 0.5, a[0], a[1], b[0], b[1]);
      if (hard)
        cover = cover >= 0.5 ? 1.0 : 0.0;
      cover = IDF_MIN(cover, 1.0);
      if (cover > 0.0)
        darken(canvas, x, y, cover, ink);
    }
}

void idf_draw_text(idf_canvas *canvas, const idf_pen *pen, const char *text, const uint16_t *ink,
                   bool hard)
{
  double at = 0;
  for (; *text != '\0'; text++) {
    size_t g = 0;
    while (g < sizeof font / sizeof font[0] && font[g].letter != *text)
      g++;
    if (g == sizeof font / sizeof font[0])
      continue;
    double last[2] = {0, 0};
    bool down = false;
    for (const char *s = font[g].strokes; *s != '\0'; s++) {
      if (*s == ' ') {
        down = false;
        continue;
      }
      if (s[1] < '0' || s[1] > '9') /* half a vertex: an error in the table */
        break;
      double u = (at + (*s - '0')) * pen->size, w = (s[1] - '0' - 6) * pen->size;
      double here[2] = {pen->x + u * pen->cosine - w * pen->sine,
                        pen->y + u * pen->sine + w * pen->cosine};
      s++;
      if (down)
        stroke(canvas, last, here, pen->weight, ink, hard);
      last[0] = here[0];
      last[1] = here[1];
      down = true;
    }
    at += font[g].advance;
  }
}

static const char *const letter[] = {
    "On keeping every bit",
    "",
    "A picture is a long row of numbers, and most of",
    "them can be guessed. The next one is seldom far",
    "from the last: skies are smooth, walls are plain,",
    "and even grass repeats itself more than it knows.",
    "",
    "To guess well is to know the odds of every value",
    "before it is seen. A value of odds 1 in 8 costs 3",
    "bits, no more and no less: that is the whole of the",
    "theory (Shannon, 1948). What remains is to find the",
    "odds, and to agree on them at both ends of the wire.",
    "",
    "Agreement is the hard part. If two machines differ",
    "in one count out of 65536, all that follows is lost.",
    "So we add and we multiply whole numbers, in a fixed",
    "order, and we never trust a rounding we did not make.",
    "",
    "    x = 2 a + b        y = a - b / 2        z = ?",
    "",
    "What was taken apart can then be put together again:",
    "not nearly, not for the eye, but exactly. Nothing is",
    "thrown away; it is only said in fewer words.",
    "",
    "1024 768 512 384 256 192 128 96 64 48 32 24 16 12",
};

void idf_draw_page(idf_canvas *canvas, double cosine, double sine, double size, bool hard)
{
  const uint16_t top = (uint16_t)((1u << canvas->depth) - 1);
  const uint16_t ink[4] = {(uint16_t)(hard ? 0 : top / 8), 0, 0, 0};
  const size_t lines = sizeof letter / sizeof letter[0];
  double step = (canvas->height * 0.90) / (double)lines;

  for (size_t i = 0; i < (size_t)canvas->width * canvas->height * canvas->channels; i++)
    canvas->samples[i] = top;
  for (size_t i = 0; i < lines; i++) {
    double s = i == 0 ? size * 1.6 : size;
    double dx = canvas->width * 0.07, dy = canvas->height * 0.05 + step * (double)(i + 1);
    idf_pen pen = {dx * cosine - dy * sine + canvas->height * sine * 0.5,
                   dy * cosine + dx * sine - canvas->width * sine * 0.5,
                   s,
                   hard ? 1.2 : s * 0.75,
                   cosine,
                   sine};
    idf_draw_text(canvas, &pen, letter[i], ink, hard);
  }
}
