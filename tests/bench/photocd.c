/* SPDX-License-Identifier: BSD-3-Clause
 *
 * photocd.c: makes of a picture what a PhotoCD would have made of it: Y, and C1 and C2 at half the
 * rate, back to R, G, B. For tests/bench/histories.sh. usage: photocd < IN.ppm > OUT.ppm
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

typedef struct picture {
  int width, height;
  unsigned char *rgb;
} picture;

static int whole(double v)
{
  const int n = (int)(v + 1000.5) - 1000;
  return n < 0 ? 0 : n > 255 ? 255 : n;
}

static int64_t down_by(int64_t a, int64_t b)
{
  return a >= 0 ? a / b : -((b - 1 - a) / b);
}

static int clamped(int64_t v)
{
  return v < 0 ? 0 : v > 255 ? 255 : (int)v;
}

/* Knots lie at even places; the last one is repeated. */
static int knot(const unsigned char *plane, int across, int down, int x, int y)
{
  const int i = x / 2, j = y / 2, i2 = i + 1 < across ? i + 1 : i, j2 = j + 1 < down ? j + 1 : j;
  const int a = plane[j * across + i], b = plane[j * across + i2];
  const int c = plane[j2 * across + i], d = plane[j2 * across + i2];
  if (x % 2 != 0 && y % 2 != 0)
    return (a + b + c + d + 2) >> 2;
  return x % 2 != 0 ? (a + b + 1) >> 1 : y % 2 != 0 ? (a + c + 1) >> 1 : a;
}

/* Knots of C1 and C2 from means of blocks. */
static void take(const picture *p, unsigned char *c1, unsigned char *c2)
{
  const int across = (p->width + 1) / 2;
  for (int y = 0; y < p->height; y += 2)
    for (int x = 0; x < p->width; x += 2) {
      double sum[3] = {0, 0, 0}, n = 0;
      for (int j = y; j < y + 2 && j < p->height; j++)
        for (int i = x; i < x + 2 && i < p->width; i++, n++)
          for (int c = 0; c < 3; c++)
            sum[c] += p->rgb[((size_t)j * (size_t)p->width + (size_t)i) * 3 + (size_t)c];
      const double luma = (0.299 * sum[0] + 0.587 * sum[1] + 0.114 * sum[2]) / n;
      c1[y / 2 * across + x / 2] = (unsigned char)whole(156 + (sum[2] / n - luma) / 2.2179);
      c2[y / 2 * across + x / 2] = (unsigned char)whole(137 + (sum[0] / n - luma) / 1.8215);
    }
}

static void give(picture *p, const unsigned char *c1, const unsigned char *c2)
{
  const int across = (p->width + 1) / 2, down = (p->height + 1) / 2;
  for (int y = 0; y < p->height; y++)
    for (int x = 0; x < p->width; x++) {
      unsigned char *at = p->rgb + ((size_t)y * (size_t)p->width + (size_t)x) * 3;
      const int code = whole((0.299 * at[0] + 0.587 * at[1] + 0.114 * at[2]) / 1.3584);
      const int64_t b = 22179 * ((int64_t)knot(c1, across, down, x, y) - 156);
      const int64_t r = 18215 * ((int64_t)knot(c2, across, down, x, y) - 137);
      const int64_t l = 13584 * (int64_t)code;
      at[0] = (unsigned char)clamped(down_by(l + r, 10000));
      at[1] = (unsigned char)clamped(
          down_by(l - 1940 * down_by(b, 10000) - 5090 * down_by(r, 10000) - 1, 10000));
      at[2] = (unsigned char)clamped(down_by(l + b, 10000));
    }
}

int main(void)
{
  picture p;
  if (scanf("P6 %d %d 255", &p.width, &p.height) != 2 || getchar() == EOF || p.width < 1
      || p.height < 1 || p.width > 20000 || p.height > 20000)
    return fputs("photocd: the input is no PPM of depth 8\n", stderr), 1;
  const size_t n = (size_t)p.width * (size_t)p.height;
  const size_t knots = (size_t)((p.width + 1) / 2) * (size_t)((p.height + 1) / 2);
  p.rgb = malloc(3 * n);
  unsigned char *c1 = malloc(knots), *c2 = malloc(knots);
  if (!p.rgb || !c1 || !c2 || fread(p.rgb, 3, n, stdin) != n)
    return fputs("photocd: the input ends too early\n", stderr), 1;
  take(&p, c1, c2);
  give(&p, c1, c2);
  printf("P6\n%d %d\n255\n", p.width, p.height);
  const size_t written = fwrite(p.rgb, 3, n, stdout);
  free(p.rgb);
  free(c1);
  free(c2);
  return written == n && fflush(stdout) == 0 ? 0 : 1;
}
