# SPDX-License-Identifier: BSD-3-Clause
#
# install.sh: what .ci/run needs beyond ./bootstrap check, by the names of Debian's packages.
# Sourced. A tool that is still missing afterwards makes the step that needs it fail.
# shellcheck shell=sh
ci_packages='clang clang-format-14 libclang-rt-dev shellcheck libjpeg-turbo-progs
  parallel slurm-wlm munge snakemake
  python3-numpy python3-pil qemu-user-static binutils libcunit1-dev g++
  shared-mime-info libglib2.0-bin file imagemagick zsh fish cmake emscripten nodejs chromium
  debhelper dpkg-dev lintian libgdk-pixbuf-2.0-dev libgdk-pixbuf2.0-bin eog xvfb xauth dbus
  gcc-s390x-linux-gnu libc6-dev-s390x-cross
  gcc-aarch64-linux-gnu libc6-dev-arm64-cross
  gcc-arm-linux-gnueabihf libc6-dev-armhf-cross
  gcc-riscv64-linux-gnu libc6-dev-riscv64-cross
  gcc-i686-linux-gnu libc6-dev-i386-cross'

install_packages() {
  command -v dpkg-query >/dev/null && command -v apt-get >/dev/null || {
    echo "not a Debian system: needed are the equivalents of $ci_packages"
    return 1
  }
  need=
  for p in $ci_packages; do
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$p" 2>/dev/null)" = installed ] || need="$need $p"
  done
  [ -n "$need" ] || return 0
  as_root=
  [ "$(id -u)" -eq 0 ] || as_root=sudo
  $as_root apt-get update
  # shellcheck disable=SC2086
  $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends $need
}
