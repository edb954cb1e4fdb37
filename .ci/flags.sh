# SPDX-License-Identifier: BSD-3-Clause
#
# flags.sh: the library built under flags that would change arithmetic, if they came through,
# and optimised across files. Every golden file must stay the same. Sourced by .ci/run.
# shellcheck shell=sh

flags_try() { # NAME CFLAGS
  build "$1" --disable-tools "CFLAGS=$2" || return
  both_ways "$1"
  status=$?
  say "golden files: $1"
  count "$work/$1.log" $status
}

hostile_flags() {
  flags_try fused '-O2 -march=native -ffp-contract=fast'
  unsafe='-funsafe-math-optimizations -fassociative-math -freciprocal-math'
  flags_try reordered "-O3 $unsafe -ffinite-math-only -fno-signed-zeros"
  flags_try rounding '-O2 -frounding-math -fexcess-precision=standard -mfpmath=387'
  flags_try lto '-O2 -flto=auto'
}
