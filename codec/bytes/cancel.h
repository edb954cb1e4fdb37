/* SPDX-License-Identifier: BSD-3-Clause
 *
 * cancel.h: lets the caller of the library cancel the work.
 *
 * Code that runs long asks now and then, from any thread. If the answer is yes, it returns
 * IDF_ERR_CANCELLED as it would any error. Asking costs an atomic load and, while the answer is no,
 * the callback: some ten nanoseconds, about once per row of samples.
 */
#ifndef IDF_CODEC_CANCEL_H
#define IDF_CODEC_CANCEL_H

#include "base.h"

/* All zeros: the work is never cancelled. */
typedef struct idf_cancel {
  int (*asked)(void *context); /* any value but 0 means yes; NULL: never */
  void *context;
  _Atomic bool said; /* the answer was yes once, and stays so */
} idf_cancel;

/* Thread rule: any thread. cancel may be NULL: never. */
static inline bool idf_cancelled(idf_cancel *cancel)
{
  if (!cancel || !cancel->asked)
    return false;
  if (!cancel->said && cancel->asked(cancel->context) != 0)
    cancel->said = true;
  return cancel->said;
}

#endif
