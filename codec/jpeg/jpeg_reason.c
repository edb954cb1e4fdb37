/* SPDX-License-Identifier: BSD-3-Clause
 *
 * jpeg_reason.c: messages for the refusals of jpeg.h.
 */
#include "jpeg.h"

const char *idf_jpeg_reason(idf_jpeg_why why)
{
  static const char *const reasons[] = {
      [IDF_JPEG_OK] = "nothing is wrong",
      [IDF_JPEG_MEMORY] = "not enough memory, or more than the limit allows",
      [IDF_JPEG_LIMIT] = "it has more pixels than the limit allows",
      [IDF_JPEG_NOT_JPEG] = "it is no JPEG file",
      [IDF_JPEG_CUT_HEADER] = "it ends before its first scan or inside a segment",
      [IDF_JPEG_CUT_SCAN] = "a scan ends before its last block",
      [IDF_JPEG_ARITHMETIC] = "it uses arithmetic coding",
      [IDF_JPEG_LOSSLESS] = "it is a lossless JPEG",
      [IDF_JPEG_HIERARCHICAL] = "it is a hierarchical JPEG",
      [IDF_JPEG_PRECISION] = "its samples have other than 8 bits",
      [IDF_JPEG_NO_HEIGHT] = "its height comes after the picture (DNL)",
      [IDF_JPEG_SEGMENT] = "a marker segment is not allowed or has a wrong length",
      [IDF_JPEG_FRAME] = "its frame header is missing, wrong or there twice",
      [IDF_JPEG_TABLE] = "a quantiser or Huffman table is missing or wrong",
      [IDF_JPEG_SCAN] = "a scan has parameters that are not allowed",
      [IDF_JPEG_MANY_SCANS] = "it has more scans than any picture needs",
      [IDF_JPEG_NO_SCAN] = "a component is in no scan",
      [IDF_JPEG_CODE] = "a scan has bits that are no Huffman code",
      [IDF_JPEG_RANGE] = "a coefficient is larger than 8-bit samples can give",
      [IDF_JPEG_RUN] = "a run of zeros in a scan is too long",
      [IDF_JPEG_RESTART] = "a restart marker is missing or out of turn",
      [IDF_JPEG_PATCHES] = "its scans are written in a way that cannot be repeated",
      [IDF_JPEG_SIDE] = "what is stored of its headers is damaged"};
  const size_t at = (size_t)why;
  return at < sizeof reasons / sizeof *reasons ? reasons[at] : "an unknown reason";
}
