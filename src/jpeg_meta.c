/* SPDX-License-Identifier: BSD-3-Clause
 *
 * jpeg_meta.c: see jpeg_meta.h.
 */
#include "jpeg_meta.h"

#include <string.h>

#define STORED 65535 /* bytes in a stored deflate block, at most */

void idf_jpeg_meta_init(idf_jpeg_meta *meta, idf_image_env *env)
{
  memset(meta, 0, sizeof *meta);
  meta->env = env;
}

/* True when the segment begins with the `size` bytes of a name and has more; these
 * are then taken off. */
static bool named(const uint8_t **data, size_t *size, const char *name, size_t name_size)
{
  if (*size <= name_size || memcmp(*data, name, name_size) != 0)
    return false;
  *data += name_size;
  *size -= name_size;
  return true;
}

/* For what a file has once: keeps the first. */
static void once(const idf_jpeg_meta *meta, const char *what, const uint8_t **kept,
                 size_t *kept_size, const uint8_t *data, size_t size)
{
  if (*kept) {
    idf_image_warn(meta->env, "a second %s segment left out", what);
    return;
  }
  *kept = data;
  *kept_size = size;
}

static idf_status icc_part(idf_jpeg_meta *meta, const uint8_t *data, size_t size)
{
  const unsigned number = data[0], parts = size > 1 ? data[1] : 0;

  if (number == 0 || number > parts || (meta->icc_parts && meta->icc_parts != parts)
      || meta->icc[number].data)
    return idf_image_fail(meta->env, IDF_ERR_CORRUPT,
                          "has an ICC profile whose parts contradict each other");
  meta->icc_parts = parts;
  meta->icc_seen++;
  meta->icc[number].data = data + 2;
  meta->icc[number].size = size - 2;
  return IDF_OK;
}

idf_status idf_jpeg_meta_segment(idf_jpeg_meta *meta, unsigned marker, const uint8_t *data,
                                 size_t size)
{
  static const char exif[] = "Exif\0", xmp[] = "http://ns.adobe.com/xap/1.0/",
                    more_xmp[] = "http://ns.adobe.com/xmp/extension/", icc[] = "ICC_PROFILE";

  if (marker == IDF_JPEG_APP2 && named(&data, &size, icc, sizeof icc))
    return icc_part(meta, data, size);
  if (marker != IDF_JPEG_APP1)
    return IDF_OK;
  if (named(&data, &size, exif, sizeof exif))
    once(meta, "Exif", &meta->exif, &meta->exif_size, data, size);
  else if (named(&data, &size, xmp, sizeof xmp))
    once(meta, "XMP", &meta->xmp, &meta->xmp_size, data, size);
  else if (named(&data, &size, more_xmp, sizeof more_xmp))
    idf_image_warn(meta->env, "extended XMP left out: only the main packet is kept");
  return IDF_OK;
}

static idf_status add(const idf_jpeg_meta *meta, idf_chunks *chunks, const char type[4],
                      const uint8_t *data, size_t size)
{
  if (chunks->bytes > meta->env->max_metadata || size > meta->env->max_metadata - chunks->bytes)
    return idf_image_fail(meta->env, IDF_ERR_LIMIT,
                          "metadata of %llu bytes pass the limit of %llu: raise --max-metadata",
                          (unsigned long long)(chunks->bytes + size),
                          (unsigned long long)meta->env->max_metadata);
  return idf_chunks_add(chunks, type, data, size, false);
}

static idf_status add_buffer(const idf_jpeg_meta *meta, idf_chunks *chunks, const char type[4],
                             idf_buf *buffer)
{
  const idf_status status = buffer->bad ? idf_mem_status(meta->env->mem)
                                        : add(meta, chunks, type, buffer->data, buffer->len);

  idf_buf_free(buffer);
  return status;
}

static idf_status add_icc(const idf_jpeg_meta *meta, idf_chunks *chunks)
{
  static const char head[] = "ICC profile\0"; /* the name, and compression method 0 */
  uint32_t a = 1, b = 0;                      /* of Adler-32 */
  idf_buf out;

  if (meta->icc_seen != meta->icc_parts)
    return idf_image_fail(meta->env, IDF_ERR_CORRUPT,
                          "has an ICC profile of which %u of %u parts are missing",
                          meta->icc_parts - meta->icc_seen, meta->icc_parts);
  idf_buf_init(&out, meta->env->mem);
  idf_put_bytes(&out, head, sizeof head);
  idf_put_bytes(&out, "\x78\x01", 2); /* zlib: deflate, window of 32 KiB, fastest */
  for (unsigned i = 1; i <= meta->icc_parts; i++) {
    /* A part comes from a segment, so it is shorter than STORED. */
    const uint32_t size = (uint32_t)IDF_MIN(meta->icc[i].size, (size_t)STORED);
    const uint8_t *data = meta->icc[i].data;
    idf_put_u8(&out, i == meta->icc_parts);
    idf_put_le16(&out, size);
    idf_put_le16(&out, size ^ 0xffffu);
    idf_put_bytes(&out, data, size);
    for (uint32_t k = 0; k < size; k++) {
      a = (a + data[k]) % 65521;
      b = (b + a) % 65521;
    }
  }
  const uint8_t sum[4] = {(uint8_t)(b >> 8), (uint8_t)b, (uint8_t)(a >> 8), (uint8_t)a};
  idf_put_bytes(&out, sum, 4);
  return add_buffer(meta, chunks, "iCCP", &out);
}

static idf_status add_xmp(const idf_jpeg_meta *meta, idf_chunks *chunks)
{
  /* The keyword, then: not compressed, method 0, no language, no translated keyword. */
  static const char head[] = "XML:com.adobe.xmp\0\0\0\0";
  idf_buf out;

  idf_buf_init(&out, meta->env->mem);
  idf_put_bytes(&out, head, sizeof head);
  idf_put_bytes(&out, meta->xmp, meta->xmp_size);
  return add_buffer(meta, chunks, "iTXt", &out);
}

idf_status idf_jpeg_meta_finish(const idf_jpeg_meta *meta, idf_chunks *chunks)
{
  idf_status status = IDF_OK;

  if (meta->icc_parts)
    status = add_icc(meta, chunks);
  if (status == IDF_OK && meta->exif)
    status = add(meta, chunks, "eXIf", meta->exif, meta->exif_size);
  if (status == IDF_OK && meta->xmp)
    status = add_xmp(meta, chunks);
  return status;
}
