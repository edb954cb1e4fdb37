# SPDX-License-Identifier: BSD-3-Clause
#
# machines.sh: the library on other machines, under qemu: every golden file decoded and
# encoded again, at each level of SIMD, must be what it is here. s390x stores the high byte
# first; i686 and armhf have 32-bit pointers; on aarch64 the 128-bit kernels are NEON.
# Sourced by .ci/run.
# shellcheck shell=sh

# machine NAME TRIPLET QEMU [OPTION...]
machine() {
  machine=$1 triplet=$2
  shift 2
  command -v "$triplet-gcc" >/dev/null || { fail "$machine: no $triplet-gcc"; return; }
  command -v "$1" >/dev/null || { fail "$machine: no $1 (Debian: qemu-user-static)"; return; }
  build "$machine" --host="$triplet" --disable-tools || return
  (both_ways "$machine" "$@" -L "/usr/$triplet") &
  running="$running $machine:$!"
}

# Built one by one, each with all processors; tried side by side. The AVX2 of qemu 7.2 is wrong
# in 32-bit programs: what fails under it passes on a processor.
other_machines() {
  running=
  machine s390x s390x-linux-gnu qemu-s390x-static
  machine aarch64 aarch64-linux-gnu qemu-aarch64-static
  machine armhf arm-linux-gnueabihf qemu-arm-static
  machine riscv64 riscv64-linux-gnu qemu-riscv64-static
  machine i686 i686-linux-gnu qemu-i386-static -cpu max,avx2=off
  for r in $running; do
    wait "${r#*:}"
    status=$?
    say "golden files on ${r%%:*}"
    count "$work/${r%%:*}.log" $status
  done
}
