# SPDX-License-Identifier: BSD-3-Clause
#
# machines.sh: the library on other machines, under qemu: every golden file decoded and
# encoded again, at each level of SIMD, must be what it is here. s390x stores the high byte
# first; i686 and armhf have 32-bit pointers; on aarch64 the 128-bit kernels are NEON.
# Sourced by .ci/run.
# shellcheck shell=sh

# machine NAME TRIPLET QEMU
machine() {
  command -v "$2-gcc" >/dev/null || { fail "$1: no $2-gcc"; return; }
  command -v "$3" >/dev/null || { fail "$1: no $3 (Debian: qemu-user-static)"; return; }
  build "$1" --host="$2" --disable-tools || return
  (both_ways "$1" "$3" -L "/usr/$2") &
  running="$running $1:$!"
}

# Built one by one, each with all processors; tried side by side, two at a time.
other_machines() {
  running=
  for m in s390x:s390x-linux-gnu:qemu-s390x-static \
    aarch64:aarch64-linux-gnu:qemu-aarch64-static \
    armhf:arm-linux-gnueabihf:qemu-arm-static \
    riscv64:riscv64-linux-gnu:qemu-riscv64-static \
    i686:i686-linux-gnu:qemu-i386-static; do
    rest=${m#*:}
    machine "${m%%:*}" "${rest%%:*}" "${rest#*:}"
  done
  for r in $running; do
    wait "${r#*:}"
    status=$?
    say "golden files on ${r%%:*}"
    count "$work/${r%%:*}.log" $status
  done
}
