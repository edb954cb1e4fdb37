/* SPDX-License-Identifier: BSD-3-Clause
 *
 * metatell.c: prints metadata for people, and as JSON.
 */
#include "metatell.h"

#include <math.h>
#include <string.h>

#include "cli.h"
#include "exif_text.h"
#include "icc_text.h"

#define XMP "XML:com.adobe.xmp"
#define RAW "Raw profile type " /* begins the key of texts that are binary data in digits */

static void label(FILE *out, const char *name)
{
  fprintf(out, "    %-10s ", name);
}

/* A text with line breaks, each line with a margin; without lines that are empty. */
static void print_lines(FILE *out, const char *text)
{
  while (*text) {
    const size_t len = strcspn(text, "\r\n");
    char line[512];
    if (strspn(text, " \t") < len) {
      fputs("      ", out);
      for (size_t at = 0; at < len;) { /* in pieces that end between characters */
        size_t n = IDF_MIN(len - at, sizeof line - 1);
        while (n < len - at && n > 1 && ((unsigned char)text[at + n] & 0xc0) == 0x80)
          n--;
        memcpy(line, text + at, n);
        line[n] = '\0';
        idf_print_plain(out, line);
        at += n;
      }
      putc('\n', out);
    }
    text += len + (text[len] != '\0');
  }
}

/* ---- for people ----------------------------------------------------------------------- */

static void print_profile(idf_decoder *decoder, FILE *out)
{
  const uint8_t *data;
  size_t size;
  idf_icc_text profile;
  const idf_status status = idf_decoder_icc(decoder, &data, &size);

  if (status == IDF_ERR_ARGUMENT)
    return;
  label(out, "profile");
  if (status != IDF_OK || !idf_icc_read(data, size, &profile)) {
    fprintf(out, "not valid%s%s\n", status != IDF_OK ? ": " : "",
            status != IDF_OK ? idf_status_text(status) : "");
    return;
  }
  idf_print_plain(out, profile.description[0] ? profile.description : "without a name");
  fprintf(out, " (%s, ", profile.kind);
  idf_print_plain(out, profile.space);
  fprintf(out, ", version %u.%u, %zu bytes)\n", profile.major, profile.minor, size);
  if (profile.copyright[0]) {
    label(out, "");
    idf_print_plain(out, profile.copyright);
    putc('\n', out);
  }
}

static void print_resolution(idf_decoder *decoder, FILE *out)
{
  uint32_t x, y;

  if (idf_decoder_resolution(decoder, &x, &y) != IDF_OK)
    return;
  const double across = x * 0.0254, down = y * 0.0254;
  /* Whole pixels per metre are a little off what was meant in inches. */
  const bool whole = fabs(across - round(across)) < 0.02 && fabs(down - round(down)) < 0.02;
  label(out, "resolution");
  fprintf(out, "%.*f x %.*f pixels an inch\n", whole ? 0 : 2, across, whole ? 0 : 2, down);
}

static void print_entry(void *context, const char *name, const char *value)
{
  FILE *out = context;

  fprintf(out, "      %-26s ", name);
  idf_print_plain(out, value);
  putc('\n', out);
}

static void print_exif(idf_decoder *decoder, FILE *out)
{
  const uint8_t *data;
  size_t size;

  if (idf_decoder_exif(decoder, &data, &size) != IDF_OK)
    return;
  label(out, "Exif");
  fprintf(out, "%zu bytes\n", size);
  if (!idf_exif_tell(data, size, print_entry, out))
    fputs("      not valid\n", out);
}

static void print_text(FILE *out, const char *key, const char *value)
{
  const bool binary = strncmp(key, RAW, strlen(RAW)) == 0;

  label(out, "text");
  idf_print_plain(out, key);
  if (binary) {
    fprintf(out, ": %zu letters\n", strlen(value));
  } else if (strpbrk(value, "\r\n")) {
    fputs(":\n", out);
    print_lines(out, value);
  } else {
    fputs(": ", out);
    idf_print_plain(out, value);
    putc('\n', out);
  }
}

static void print_texts(idf_decoder *decoder, FILE *out)
{
  const char *key, *value;
  idf_status status;

  for (size_t i = 0; (status = idf_decoder_text(decoder, i, &key, &value)) != IDF_ERR_ARGUMENT;
       i++) {
    if (status != IDF_OK) {
      label(out, "text");
      fprintf(out, "not valid: %s\n", idf_status_text(status));
    } else if (strcmp(key, XMP) == 0) {
      label(out, "XMP");
      fprintf(out, "%zu bytes\n", strlen(value));
      print_lines(out, value);
    } else {
      print_text(out, key, value);
    }
  }
}

void idf_metatell_print(idf_decoder *decoder, FILE *out)
{
  print_profile(decoder, out);
  print_resolution(decoder, out);
  print_exif(decoder, out);
  print_texts(decoder, out);
}

/* ---- JSON ----------------------------------------------------------------------------- */

static void json_profile(idf_decoder *decoder, idf_json *json)
{
  const uint8_t *data;
  size_t size;
  idf_icc_text profile;
  char version[16];

  if (idf_decoder_icc(decoder, &data, &size) != IDF_OK || !idf_icc_read(data, size, &profile))
    return;
  idf_json_open(json, "profile", '{');
  idf_json_text(json, "description", profile.description);
  idf_json_text(json, "copyright", profile.copyright);
  idf_json_text(json, "kind", profile.kind);
  idf_json_text(json, "space", profile.space);
  snprintf(version, sizeof version, "%u.%u", profile.major, profile.minor);
  idf_json_text(json, "version", version);
  idf_json_number(json, "bytes", size);
  idf_json_close(json, '}');
}

static void json_entry(void *context, const char *name, const char *value)
{
  idf_json *json = context;

  idf_json_open(json, NULL, '{');
  idf_json_text(json, "name", name);
  idf_json_text(json, "value", value);
  idf_json_close(json, '}');
}

void idf_metatell_json(idf_decoder *decoder, idf_json *json)
{
  const uint8_t *data;
  const char *key, *value;
  size_t size;
  uint32_t x, y;
  idf_status status;

  json_profile(decoder, json);
  if (idf_decoder_resolution(decoder, &x, &y) == IDF_OK) {
    idf_json_open(json, "pixels_per_metre", '[');
    idf_json_number(json, NULL, x);
    idf_json_number(json, NULL, y);
    idf_json_close(json, ']');
  }
  idf_json_number(json, "orientation", idf_decoder_orientation(decoder));
  idf_json_open(json, "exif", '[');
  if (idf_decoder_exif(decoder, &data, &size) == IDF_OK)
    (void)idf_exif_tell(data, size, json_entry, json); /* what is not valid has no entries */
  idf_json_close(json, ']');
  idf_json_open(json, "texts", '[');
  for (size_t i = 0; (status = idf_decoder_text(decoder, i, &key, &value)) != IDF_ERR_ARGUMENT;
       i++) {
    if (status != IDF_OK)
      continue;
    idf_json_open(json, NULL, '{');
    idf_json_text(json, "key", key);
    idf_json_text(json, "value", value);
    idf_json_close(json, '}');
  }
  idf_json_close(json, ']');
}
