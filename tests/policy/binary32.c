/* SPDX-License-Identifier: BSD-3-Clause
 *
 * binary32.c: whether arithmetic on float is IEEE-754 binary32 and rounds after each
 * operation, asked of the machine itself. tests/policy/flags.sh compiles it under flags that
 * would change that. Loops and arrays, because compilers change most where they vectorise.
 *
 * `a * b` and `a / b` of floats taken in double and rounded once more are the correctly
 * rounded results: 53 bits are more than twice 24 and two.
 */
#include <float.h>
#include <stdio.h>
#include <stdlib.h>

#define N 512

static float a[N], b[N], out[N], other[N];
static int failures;

static void check(const char *what, int good)
{
  if (!good) {
    printf("%s\n", what);
    failures++;
  }
}

/* What the compiler cannot foresee. */
static void fill(int argc)
{
  unsigned seed = (unsigned)argc * 2654435761u;
  for (int i = 0; i < N; i++) {
    seed = seed * 1103515245u + 12345u;
    a[i] = (float)(int)(seed >> 8 & 0xffff) - 30000.7f;
    seed = seed * 1103515245u + 12345u;
    b[i] = (float)(int)(seed >> 8 & 0x3fff) + 0.3f;
  }
}

static void products_are_rounded(void)
{
  int good = 1;
  for (int i = 0; i < N; i++)
    out[i] = a[i] * b[i] + b[i];
  for (int i = 0; i < N; i++) {
    const volatile float product = (float)((double)a[i] * (double)b[i]);
    const volatile float sum = (float)((double)product + (double)b[i]);
    good &= out[i] == sum;
  }
  check("a product is fused with a sum, or kept too exact", good);
}

static void sums_keep_their_order(float large)
{
  float sum = 0;
  volatile float one_by_one = 0;
  for (int i = 0; i < N; i++)
    sum += a[i];
  for (int i = 0; i < N; i++)
    one_by_one = one_by_one + a[i];
  check("a sum is taken in another order", sum == one_by_one);
  check("a sum is simplified", (b[0] + large) - large != b[0]);
}

static void quotients_are_rounded(float divisor)
{
  int good = 1;
  for (int i = 0; i < N; i++) {
    out[i] = a[i] / divisor;
    other[i] = b[i] / divisor;
  }
  for (int i = 0; i < N; i++) {
    const volatile float first = (float)((double)a[i] / (double)divisor);
    const volatile float second = (float)((double)b[i] / (double)divisor);
    good &= out[i] == first && other[i] == second;
  }
  for (int i = 0; i < N; i++)
    out[i] = a[i] / 7.1f;
  for (int i = 0; i < N; i++) {
    const volatile float quotient = (float)((double)a[i] / (double)7.1f);
    good &= out[i] == quotient;
  }
  check("a division is a multiplication by the reciprocal", good);
}

static void special_values_exist(float zero)
{
  const float infinite = 1 / zero, nothing = zero / zero, minus = -zero;
  check("infinity is taken for finite", infinite - infinite != 0 && infinite > FLT_MAX);
  check("what is no number equals itself", nothing != nothing && !(nothing < 1));
  check("the sign of zero is lost", 1 / (minus * 1) < 0 && 1 / (minus + zero) > 0);
}

static void small_values_exist(float smallest)
{
  volatile float half = smallest / 2;
  check("denormal numbers are zeros", half > 0 && half * 2 == smallest);
}

int main(int argc, char **argv)
{
  (void)argv;
  fill(argc);
  products_are_rounded();
  sums_keep_their_order((float)argc * 3e7f);
  quotients_are_rounded((float)argc * 7.1f);
  special_values_exist((float)argc - 1);
  small_values_exist((float)argc * FLT_MIN);
  check("a constant is a float that should be double", 0.1 * argc != (double)(0.1f * (float)argc));
  return failures ? EXIT_FAILURE : EXIT_SUCCESS;
}
