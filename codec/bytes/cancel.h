/* SPDX-License-Identifier: BSD-3-Clause
 *
 * cancel.h: whether the caller of the library wants the work to end.
 *
 * Whoever works asks now and then, from any thread, and then returns IDF_ERR_CANCELLED as it
 * would any error. To ask costs an atomic load and, as long as the answer is no, the callback:
 * some ten nanoseconds, once for a row of samples or the like.
 */
#ifndef IDF_CODEC_CANCEL_H
#define IDF_CODEC_CANCEL_H

#include "base.h"

/* Zeros: nobody ever cancels. */
typedef struct idf_cancel {
  int (*asked)(void *context); /* any value but 0: yes; NULL: never */
  void *context;
  _Atomic bool said; /* yes, once: the answer stays */
} idf_cancel;

/* Thread rule: any thread. NULL is allowed: never. */
static inline bool idf_cancelled(idf_cancel *cancel)
{
  if (!cancel || !cancel->asked)
    return false;
  if (!cancel->said && cancel->asked(cancel->context) != 0)
    cancel->said = true;
  return cancel->said;
}

#endif
