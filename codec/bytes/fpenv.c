/* SPDX-License-Identifier: BSD-3-Clause
 *
 * fpenv.c: saves, sets and restores the floating-point environment.
 *
 * The surprise: <fenv.h> does not cover flushing subnormals to zero. Programs switch it on for
 * speed, some without knowing it, because a compiler option does it at their start. On x86 and
 * AArch64 it is a bit of the control register for double arithmetic. Other machines have no such
 * mode for doubles, or none that is usual.
 */
#include "fpenv.h"

#if defined(__GNUC__) && (defined(__x86_64__) || (defined(__i386__) && defined(__SSE2__)))

#define MXCSR_PLAIN 0x1f80u /* round to nearest, all traps masked, no FTZ, no DAZ, no flags */

static uint64_t get_control(void)
{
  uint32_t v;
  __asm__ volatile("stmxcsr %0" : "=m"(v));
  return v;
}

static void set_control(uint64_t value)
{
  const uint32_t v = (uint32_t)value;
  __asm__ volatile("ldmxcsr %0" : : "m"(v) : "memory");
}

static uint64_t plain(uint64_t control)
{
  (void)control;
  return MXCSR_PLAIN;
}

#elif defined(__GNUC__) && defined(__aarch64__)

/* FZ, FZ16, rounding, traps, FIZ and AH. The other field, DN, is not changed. */
#define FPCR_CHANGES                                                                               \
  ((UINT64_C(1) << 24) | (UINT64_C(1) << 19) | (UINT64_C(3) << 22) | UINT64_C(0x9f00) | UINT64_C(3))

static uint64_t get_control(void)
{
  uint64_t v;
  __asm__ volatile("mrs %0, fpcr" : "=r"(v));
  return v;
}

static void set_control(uint64_t value)
{
  __asm__ volatile("msr fpcr, %0" : : "r"(value) : "memory");
}

static uint64_t plain(uint64_t control)
{
  return control & ~FPCR_CHANGES;
}

#else

static uint64_t get_control(void)
{
  return 0;
}

static void set_control(uint64_t value)
{
  (void)value;
}

static uint64_t plain(uint64_t control)
{
  return control;
}

#endif

void idf_fpenv_enter(idf_fpenv *before)
{
  before->control = get_control();
  (void)feholdexcept(&before->all);
  (void)fesetround(FE_TONEAREST);
  set_control(plain(before->control));
}

void idf_fpenv_leave(const idf_fpenv *before)
{
  (void)fesetenv(&before->all);
  set_control(before->control);
}
