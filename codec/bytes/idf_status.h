/* SPDX-License-Identifier: BSD-3-Clause
 *
 * idf_status.h: the list of all status codes, installed beside idf.h.
 *
 * It belongs to the lowest floor because every floor returns it. The first error wins and travels
 * up unchanged.
 */
#ifndef IDF_STATUS_H
#define IDF_STATUS_H

#ifdef __cplusplus
extern "C" {
#endif

typedef enum idf_status {
  /* The call did everything it promises. */
  IDF_OK = 0,
  /* The first bytes are not those of an .idf file: some other kind of file, or
   * one damaged by a text-mode transfer. Nothing else was looked at. */
  IDF_ERR_NOT_IDF,
  /* A well-formed file that needs something this build does not have: a newer format version, or an
   * unknown tile method, colour layer or model. */
  IDF_ERR_UNSUPPORTED,
  /* A checksum differs, or a field has a value the format forbids. */
  IDF_ERR_CORRUPT,
  /* The data end before the end marker. */
  IDF_ERR_TRUNCATED,
  /* The file asks for more pixels, memory or metadata than the caller's limits
   * allow; nothing of that size was allocated. */
  IDF_ERR_LIMIT,
  /* The system refused memory that was within the limits. */
  IDF_ERR_MEMORY,
  /* A read or write callback failed. */
  IDF_ERR_IO,
  /* The caller broke a precondition: a bug in the program, not in the data. */
  IDF_ERR_ARGUMENT,
  /* The caller's own callback asked to stop: idf_encoder_cancel_when and its twin. */
  IDF_ERR_CANCELLED,
  /* Not an error: the input that is there so far does not suffice. Push more, or have the read
   * callback give more, and repeat the call. */
  IDF_NEED_INPUT
} idf_status;

#ifdef __cplusplus
}
#endif
#endif
