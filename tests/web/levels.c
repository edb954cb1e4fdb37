/* SPDX-License-Identifier: BSD-3-Clause
 *
 * levels.c: the unit tests that hold every level of kernels against level none, for WebAssembly.
 * levels.mjs runs it.
 */
#include <stdio.h>

#include <CUnit/CUnit.h>

#define SUITES(X)                                                                                  \
  X(kernels)                                                                                       \
  X(leastsq_segments)                                                                              \
  X(level)                                                                                         \
  X(linear)                                                                                        \
  X(refine)                                                                                        \
  X(sites)

#define DECLARE(name) int idf_suite_##name(void);
SUITES(DECLARE)

standin idf_standin;

int main(void)
{
#define RUN(name) bad = idf_suite_##name() || bad;
  int bad = 0;
  setvbuf(stdout, NULL, _IOLBF, 0);
  SUITES(RUN)
  return bad || idf_standin.failed || !idf_standin.cases;
}
