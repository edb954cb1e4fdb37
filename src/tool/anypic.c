/* SPDX-License-Identifier: BSD-3-Clause
 *
 * anypic.c: one face for the readers of image.h and the decoder of idf.h.
 */
#include "anypic.h"

#include <string.h>

static idf_status open_idf(idf_anypic *pic, idf_tool *tool)
{
  idf_status status = idf_decoder_new(&tool->limits, idf_source_read, pic->source, &pic->decoder);

  if (status != IDF_OK)
    return status;
  (void)idf_decoder_cancel_when(pic->decoder, idf_stop_asked, NULL); /* new: it cannot fail */
  idf_decoder_threads(pic->decoder, tool->threads);
  (void)idf_decoder_simd(pic->decoder, tool->simd); /* looked at with the options */
  if (tool->model)
    idf_decoder_model(pic->decoder, tool->model);
  return idf_decoder_info(pic->decoder, &pic->info);
}

static idf_status open_image(idf_anypic *pic, idf_image_kind kind)
{
  static idf_status (*const open[])(idf_image_env *, idf_read_fn, void *,
                                    idf_reader **) = {[IDF_IMAGE_PNG] = idf_png_open,
                                                      [IDF_IMAGE_PNM] = idf_pnm_open,
                                                      [IDF_IMAGE_JPEG] = idf_jpeg_open};
  const idf_status status = open[kind](&pic->image.env, idf_source_read, pic->source, &pic->reader);

  if (status == IDF_OK)
    pic->info = pic->reader->info;
  return status;
}

idf_status idf_anypic_open(idf_anypic *pic, idf_tool *tool, const char *path)
{
  const uint8_t *head = NULL;
  size_t len = 0;

  memset(pic, 0, sizeof *pic);
  idf_tool_image_init(&pic->image, tool, path);
  pic->source = idf_alloc(&tool->mem, 1, sizeof *pic->source);
  if (!pic->source)
    return idf_mem_status(&tool->mem);
  idf_status status = idf_source_open(pic->source, &tool->mem, path, false);
  if (status == IDF_OK)
    status = idf_source_peek(pic->source, 12, &head, &len);
  if (status != IDF_OK)
    return status;
  const idf_image_kind kind = idf_image_sniff(head, len);
  if (kind == IDF_IMAGE_UNKNOWN)
    return idf_image_fail(&pic->image.env, IDF_ERR_UNSUPPORTED, "%s",
                          len ? "is no PNG, JPEG, PNM, PAM or .idf" : "is empty");
  return kind == IDF_IMAGE_IDF ? open_idf(pic, tool) : open_image(pic, kind);
}

idf_status idf_anypic_rows(idf_anypic *pic, void *rows, uint32_t count)
{
  return pic->decoder ? idf_decoder_rows(pic->decoder, rows, count)
                      : idf_reader_rows(pic->reader, rows, count);
}

idf_status idf_anypic_finish(idf_anypic *pic)
{
  return pic->decoder ? idf_decoder_finish(pic->decoder) : idf_reader_finish(pic->reader);
}

bool idf_anypic_metadata(const idf_anypic *pic, size_t i, idf_chunk *chunk)
{
  const uint8_t *data;
  int after;

  if (pic->reader) {
    if (i >= pic->reader->chunks.count)
      return false;
    *chunk = pic->reader->chunks.list[i];
    return true;
  }
  if (idf_decoder_metadata(pic->decoder, i, chunk->type, &data, &chunk->size, &after) != IDF_OK)
    return false;
  chunk->data = (uint8_t *)(uintptr_t)data; /* nobody writes there */
  chunk->after_pixels = after != 0;
  return true;
}

void idf_anypic_explain(const idf_anypic *pic, idf_status status)
{
  idf_cli *cli = &pic->image.tool->cli;

  if (idf_interrupted())
    return;
  if (pic->source && pic->source->error[0])
    idf_error(cli, pic->image.file, "%s", pic->source->error);
  else if (pic->image.env.error[0])
    idf_error(cli, pic->image.file, "%s", pic->image.env.error);
  else
    idf_error_status(cli, pic->image.file, status,
                     pic->decoder ? idf_decoder_detail(pic->decoder) : NULL,
                     idf_decoder_limit(pic->decoder));
}

void idf_anypic_close(idf_anypic *pic)
{
  idf_decoder_free(pic->decoder);
  idf_reader_close(pic->reader);
  if (pic->source) {
    idf_source_close(pic->source);
    idf_free(&pic->image.tool->mem, pic->source);
  }
  pic->decoder = NULL;
  pic->reader = NULL;
  pic->source = NULL;
}
