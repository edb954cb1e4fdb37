/* SPDX-License-Identifier: BSD-3-Clause
 *
 * pixbuf_loader.c: .idf files for GdkPixbuf, which GTK programs open pictures with.
 *
 * Pieces of a file go in as they come; rows are shown as soon as their tiles are there. A program
 * that wants a small picture gets the nearest of 1/1 to 1/8 above it; GdkPixbuf does the rest.
 * Samples become 8 bits. The profile, the orientation, the resolution and texts are options of the
 * pixbuf, by the names that GdkPixbuf's own loaders use. Nothing is written in place of a picture
 * that could not be read to its end.
 */
#define GDK_PIXBUF_ENABLE_BACKEND
#include <gdk-pixbuf/gdk-pixbuf.h>
#include <glib.h>
#include <string.h>

#include "idf.h"

#define LIMIT_PIXELS (UINT64_C(1) << 28)

typedef struct loader {
  idf_decoder *decoder;
  GdkPixbufModuleSizeFunc size;
  GdkPixbufModulePreparedFunc prepared;
  GdkPixbufModuleUpdatedFunc updated;
  gpointer user;
  GdkPixbuf *pixbuf;
  idf_info info;    /* of the rows that come */
  uint8_t *line;    /* one row of RGBA */
  uint32_t done;    /* rows */
  gboolean skipped; /* the program wants no pixels */
} loader;

/* Sets *error from the status. Always FALSE. */
static gboolean fail(const idf_decoder *decoder, idf_status status, GError **error)
{
  const char *detail = idf_decoder_detail(decoder);
  const int code = status == IDF_ERR_MEMORY || status == IDF_ERR_LIMIT
                       ? GDK_PIXBUF_ERROR_INSUFFICIENT_MEMORY
                   : status == IDF_ERR_UNSUPPORTED ? GDK_PIXBUF_ERROR_UNKNOWN_TYPE
                                                   : GDK_PIXBUF_ERROR_CORRUPT_IMAGE;

  g_set_error(error, GDK_PIXBUF_ERROR, code, "IDF image: %s%s%s%s", idf_status_text(status),
              *detail ? " (" : "", detail, *detail ? ")" : "");
  return FALSE;
}

/* ---- options of the pixbuf ----------------------------------------------------------- */

static void set_profile(loader *l)
{
  const uint8_t *data;
  size_t size;

  if (idf_decoder_icc(l->decoder, &data, &size) != IDF_OK)
    return;
  gchar *text = g_base64_encode(data, size);
  gdk_pixbuf_set_option(l->pixbuf, "icc-profile", text);
  g_free(text);
}

static void set_number(GdkPixbuf *pixbuf, const char *key, unsigned long value)
{
  char text[24];

  g_snprintf(text, sizeof text, "%lu", value);
  gdk_pixbuf_set_option(pixbuf, key, text);
}

static void set_options(loader *l)
{
  const unsigned orientation = idf_decoder_orientation(l->decoder);
  const char *key, *value;
  uint32_t x, y;

  set_profile(l);
  if (orientation != 1)
    set_number(l->pixbuf, "orientation", orientation);
  /* Pixels per metre, to the nearest per inch: 39.37 inches are a metre. */
  if (idf_decoder_resolution(l->decoder, &x, &y) == IDF_OK) {
    set_number(l->pixbuf, "x-dpi", (unsigned long)(x * 0.0254 + 0.5));
    set_number(l->pixbuf, "y-dpi", (unsigned long)(y * 0.0254 + 0.5));
  }
  for (size_t i = 0; idf_decoder_text(l->decoder, i, &key, &value) == IDF_OK; i++) {
    gchar *name = g_strconcat("tEXt::", key, NULL);
    gdk_pixbuf_set_option(l->pixbuf, name, value);
    g_free(name);
  }
}

/* ---- reading --------------------------------------------------------------------------- */

static gboolean has_alpha(const loader *l)
{
  const uint8_t *data;
  size_t size;
  char type[5];

  if (l->info.layout == IDF_GRAY_ALPHA || l->info.layout == IDF_RGBA)
    return TRUE;
  for (size_t i = 0; idf_decoder_metadata(l->decoder, i, type, &data, &size, NULL) == IDF_OK; i++)
    if (strcmp(type, "tRNS") == 0)
      return TRUE;
  return FALSE;
}

/* The smallest picture of 1/1, 1/2, 1/4 and 1/8 that is no smaller than wanted. */
static unsigned scale_for(const idf_info *info, int width, int height)
{
  unsigned log2 = 0;

  while (log2 < 3 && (info->width >> (log2 + 1)) >= (uint32_t)width
         && (info->height >> (log2 + 1)) >= (uint32_t)height)
    log2++;
  return log2;
}

/* When the header is there: asks for the size and makes the pixbuf. */
static idf_status prepare(loader *l, GError **error)
{
  idf_info info;
  idf_status status = idf_decoder_info(l->decoder, &info);

  if (status != IDF_OK)
    return status;
  if (info.width > G_MAXINT || info.height > G_MAXINT)
    return IDF_ERR_LIMIT;
  gint width = (gint)info.width, height = (gint)info.height;
  if (l->size) {
    l->size(&width, &height, l->user);
    if (width <= 0 || height <= 0) {
      l->skipped = TRUE;
      return IDF_OK;
    }
  }
  status = idf_decoder_scale(l->decoder, scale_for(&info, width, height));
  if (status == IDF_OK)
    status = idf_decoder_output(l->decoder, &l->info);
  if (status != IDF_OK)
    return status;
  l->line = g_try_malloc_n(l->info.width, 4);
  l->pixbuf =
      gdk_pixbuf_new(GDK_COLORSPACE_RGB, has_alpha(l), 8, (int)l->info.width, (int)l->info.height);
  if (!l->line || !l->pixbuf)
    return IDF_ERR_MEMORY;
  gdk_pixbuf_fill(l->pixbuf, 0);
  set_options(l);
  if (l->prepared)
    l->prepared(l->pixbuf, NULL, l->user);
  (void)error;
  return IDF_OK;
}

static void put_row(loader *l)
{
  guchar *row = gdk_pixbuf_get_pixels(l->pixbuf)
                + (size_t)l->done * (size_t)gdk_pixbuf_get_rowstride(l->pixbuf);

  if (gdk_pixbuf_get_has_alpha(l->pixbuf)) {
    memcpy(row, l->line, (size_t)l->info.width * 4);
    return;
  }
  for (uint32_t x = 0; x < l->info.width; x++)
    memcpy(row + (size_t)x * 3, l->line + (size_t)x * 4, 3);
}

/* Takes as many rows as there are; IDF_NEED_INPUT when more must come. */
static idf_status take_rows(loader *l)
{
  const uint32_t first = l->done;
  idf_status status = IDF_OK;

  while (l->done < l->info.height
         && (status = idf_decoder_rgba8(l->decoder, l->line, 1)) == IDF_OK) {
    put_row(l);
    l->done++;
  }
  if (l->done > first && l->updated)
    l->updated(l->pixbuf, 0, (int)first, (int)l->info.width, (int)(l->done - first), l->user);
  return status == IDF_OK ? idf_decoder_finish(l->decoder) : status;
}

static gboolean go_on(loader *l, GError **error)
{
  idf_status status = IDF_OK;

  if (l->skipped)
    return TRUE;
  if (!l->pixbuf)
    status = prepare(l, error);
  if (status == IDF_OK && l->pixbuf)
    status = take_rows(l);
  return status == IDF_OK || status == IDF_NEED_INPUT || fail(l->decoder, status, error);
}

static void release(loader *l)
{
  if (l->pixbuf)
    g_object_unref(l->pixbuf);
  idf_decoder_free(l->decoder);
  g_free(l->line);
  g_free(l);
}

static gpointer begin_load(GdkPixbufModuleSizeFunc size, GdkPixbufModulePreparedFunc prepared,
                           GdkPixbufModuleUpdatedFunc updated, gpointer user, GError **error)
{
  loader *l = g_new0(loader, 1);
  idf_limits limits;

  idf_limits_init(&limits);
  limits.max_pixels = LIMIT_PIXELS;
  const idf_status status = idf_decoder_new_push(&limits, &l->decoder);
  if (status != IDF_OK) {
    fail(NULL, status, error);
    release(l);
    return NULL;
  }
  idf_decoder_threads(l->decoder, 0);
  l->size = size;
  l->prepared = prepared;
  l->updated = updated;
  l->user = user;
  return l;
}

static gboolean load_increment(gpointer context, const guchar *data, guint size, GError **error)
{
  loader *l = context;
  const idf_status status = idf_decoder_push(l->decoder, data, size);

  if (status != IDF_OK)
    return fail(l->decoder, status, error);
  return go_on(l, error);
}

static gboolean stop_load(gpointer context, GError **error)
{
  loader *l = context;
  gboolean good = TRUE;

  if (!l->skipped) {
    idf_decoder_push_end(l->decoder);
    good = go_on(l, error);
  }
  release(l);
  return good;
}

/* ---- writing --------------------------------------------------------------------------- */

typedef struct saver {
  GdkPixbufSaveFunc write;
  gpointer user;
  GError **error;
} saver;

static idf_status save_piece(void *context, const uint8_t *data, size_t size)
{
  saver *s = context;

  return s->write((const gchar *)data, size, s->error, s->user) ? IDF_OK : IDF_ERR_IO;
}

static gboolean set_key(idf_settings *settings, const gchar *key, const gchar *value,
                        GError **error)
{
  static const struct {
    const char *name;
    int effort;
  } efforts[] = {{"fast", 1}, {"default", 5}, {"max", 9}};

  if (strcmp(key, "effort") == 0)
    for (size_t i = 0; i < G_N_ELEMENTS(efforts); i++)
      if (strcmp(value, efforts[i].name) == 0) {
        settings->effort = efforts[i].effort;
        return TRUE;
      }
  g_set_error(error, GDK_PIXBUF_ERROR, GDK_PIXBUF_ERROR_BAD_OPTION,
              "IDF image: there is no option %s=%s (effort: fast, default, max)", key, value);
  return FALSE;
}

static idf_status save_rows(idf_encoder *encoder, const GdkPixbuf *pixbuf)
{
  const guchar *row = gdk_pixbuf_read_pixels(pixbuf);
  idf_status status = IDF_OK;

  for (int y = 0; status == IDF_OK && y < gdk_pixbuf_get_height(pixbuf); y++) {
    status = idf_encoder_rows(encoder, row, 1);
    row += gdk_pixbuf_get_rowstride(pixbuf);
  }
  return status == IDF_OK ? idf_encoder_finish(encoder) : status;
}

static gboolean save(GdkPixbufSaveFunc write, gpointer user, GdkPixbuf *pixbuf, gchar **keys,
                     gchar **values, GError **error)
{
  const idf_info info = {.width = (uint32_t)gdk_pixbuf_get_width(pixbuf),
                         .height = (uint32_t)gdk_pixbuf_get_height(pixbuf),
                         .layout = gdk_pixbuf_get_has_alpha(pixbuf) ? IDF_RGBA : IDF_RGB,
                         .depth = 8};
  saver s = {.write = write, .user = user, .error = error};
  idf_settings settings;
  idf_encoder *encoder = NULL;

  idf_settings_init(&settings);
  settings.threads = 0;
  for (; keys && *keys; keys++, values++)
    if (!set_key(&settings, *keys, *values, error))
      return FALSE;
  idf_status status = idf_encoder_new(&settings, &info, save_piece, &s, &encoder);
  if (status == IDF_OK)
    status = save_rows(encoder, pixbuf);
  idf_encoder_free(encoder);
  if (status != IDF_OK && !(error && *error))
    fail(NULL, status, error);
  return status == IDF_OK;
}

static gboolean is_save_option_supported(const gchar *key)
{
  return strcmp(key, "effort") == 0;
}

/* ---- what GdkPixbuf asks for -------------------------------------------------------------- */

G_MODULE_EXPORT void fill_vtable(GdkPixbufModule *module);
G_MODULE_EXPORT void fill_info(GdkPixbufFormat *info);

G_MODULE_EXPORT void fill_vtable(GdkPixbufModule *module)
{
  module->begin_load = begin_load;
  module->load_increment = load_increment;
  module->stop_load = stop_load;
  module->save_to_callback = save;
  module->is_save_option_supported = is_save_option_supported;
}

G_MODULE_EXPORT void fill_info(GdkPixbufFormat *info)
{
  /* The mask: ' ' is a byte that must be equal. */
  static const GdkPixbufModulePattern signature[] = {
      {(char *)"\x8dIDF\r\n\x1a\n", (char *)"        ", 100}, {NULL, NULL, 0}};
  static const gchar *const types[] = {"image/x-idf", NULL};
  static const gchar *const suffixes[] = {"idf", NULL};

  info->name = (gchar *)"idf";
  info->signature = (GdkPixbufModulePattern *)signature;
  info->description = (gchar *)"IDF image";
  info->mime_types = (gchar **)types;
  info->extensions = (gchar **)suffixes;
  info->flags = GDK_PIXBUF_FORMAT_WRITABLE | GDK_PIXBUF_FORMAT_THREADSAFE;
  info->license = (gchar *)"BSD";
}
