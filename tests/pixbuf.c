/* SPDX-License-Identifier: BSD-3-Clause
 *
 * pixbuf.c: what GTK programs do with pictures, for tests/pixbuf.sh: through GdkPixbuf alone.
 *
 *   pixbuf same A B OFF [PIECE]   A, given in pieces of PIECE bytes, has the pixels of B, but for
 *                                 OFF in any sample; its size is told before its end
 *   pixbuf scaled A SIDE          A fitted into SIDE pixels, 0: as it is; prints the size
 *   pixbuf option A KEY           an option of the picture
 *   pixbuf save A B               A as an .idf, at effort "max"
 */
#include <gdk-pixbuf/gdk-pixbuf.h>
#include <stdlib.h>
#include <string.h>

static int told; /* how often a size was told */

static void on_size(GdkPixbufLoader *loader, gint width, gint height, gpointer context)
{
  (void)loader;
  (void)width;
  (void)height;
  (void)context;
  told++;
}

static int fail(const char *what, const GError *error)
{
  g_printerr("%s: %s\n", what, error ? error->message : "failed");
  return 1;
}

static GdkPixbuf *load(const char *name, gsize piece)
{
  GdkPixbufLoader *loader = gdk_pixbuf_loader_new();
  GError *error = NULL;
  gchar *data;
  gsize size;

  if (!g_file_get_contents(name, &data, &size, &error)) {
    fail(name, error);
    return NULL;
  }
  g_signal_connect(loader, "size-prepared", G_CALLBACK(on_size), NULL);
  told = 0;
  for (gsize at = 0; at < size; at += piece)
    if (!gdk_pixbuf_loader_write(loader, (guchar *)data + at, MIN(piece, size - at), &error)) {
      fail(name, error);
      gdk_pixbuf_loader_close(loader, NULL);
      return NULL;
    }
  const int before = told;
  if (!gdk_pixbuf_loader_close(loader, &error)) {
    fail(name, error);
    return NULL;
  }
  if (piece < size && before != 1)
    g_printerr("%s: the size was told %d times before the end\n", name, before);
  g_free(data);
  return gdk_pixbuf_add_alpha(gdk_pixbuf_loader_get_pixbuf(loader), FALSE, 0, 0, 0);
}

static int same(const char *a, const char *b, int off, gsize piece)
{
  GdkPixbuf *p = load(a, piece), *q = load(b, 1 << 30);

  if (!p || !q)
    return 1;
  const int w = gdk_pixbuf_get_width(p), h = gdk_pixbuf_get_height(p);
  if (gdk_pixbuf_get_width(q) != w || gdk_pixbuf_get_height(q) != h) {
    g_printerr("%s is %d x %d, %s another size\n", a, w, h, b);
    return 1;
  }
  for (int y = 0; y < h; y++) {
    const guchar *r = gdk_pixbuf_read_pixels(p) + (gsize)y * (gsize)gdk_pixbuf_get_rowstride(p);
    const guchar *s = gdk_pixbuf_read_pixels(q) + (gsize)y * (gsize)gdk_pixbuf_get_rowstride(q);
    for (int i = 0; i < w * 4; i++)
      if (abs(r[i] - s[i]) > off) {
        g_printerr("pixel %d of row %d, sample %d: %d and %d\n", i / 4, y, i % 4, r[i], s[i]);
        return 1;
      }
  }
  return 0;
}

static int scaled(const char *a, int side)
{
  GError *error = NULL;
  GdkPixbuf *p = side ? gdk_pixbuf_new_from_file_at_size(a, side, side, &error)
                      : gdk_pixbuf_new_from_file(a, &error);

  if (!p)
    return fail(a, error);
  g_print("%dx%d\n", gdk_pixbuf_get_width(p), gdk_pixbuf_get_height(p));
  return 0;
}

static int option(const char *a, const char *key)
{
  GError *error = NULL;
  GdkPixbuf *p = gdk_pixbuf_new_from_file(a, &error);

  if (!p)
    return fail(a, error);
  const gchar *value = gdk_pixbuf_get_option(p, key);
  g_print("%s\n", value ? value : "");
  return value ? 0 : 1;
}

static int save(const char *a, const char *b)
{
  GError *error = NULL;
  GdkPixbuf *p = gdk_pixbuf_new_from_file(a, &error);

  if (!p)
    return fail(a, error);
  if (gdk_pixbuf_save(p, b, "idf", &error, "effort", "none", NULL))
    return fail("a wrong option is taken", NULL);
  g_clear_error(&error);
  return gdk_pixbuf_save(p, b, "idf", &error, "effort", "max", NULL) ? 0 : fail(b, error);
}

int main(int argc, char **argv)
{
  if (argc >= 5 && strcmp(argv[1], "same") == 0)
    return same(argv[2], argv[3], (int)strtol(argv[4], NULL, 10),
                argc > 5 ? (gsize)strtoul(argv[5], NULL, 10) : 65536);
  if (argc == 4 && strcmp(argv[1], "scaled") == 0)
    return scaled(argv[2], (int)strtol(argv[3], NULL, 10));
  if (argc == 4 && strcmp(argv[1], "option") == 0)
    return option(argv[2], argv[3]);
  if (argc == 4 && strcmp(argv[1], "save") == 0)
    return save(argv[2], argv[3]);
  g_printerr("usage: see pixbuf.c\n");
  return 2;
}
