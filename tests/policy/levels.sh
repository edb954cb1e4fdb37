#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
#
# levels.sh: asks objdump. An instruction of AVX in code that every machine runs would
# kill the program on an older one, so those of a level are in its own objects only; and
# nowhere is a multiplication fused with an addition, which rounds once instead of twice.
. "$(dirname "$0")/common.sh"

archive=$build/src/.libs/libwhole.a
[ -e "$archive" ] || archive=$build/src/libwhole.a
objdump=${OBJDUMP:-objdump}
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT

if ! "$objdump" -d --no-show-raw-insn "$archive" >"$tmp/code" 2>/dev/null ||
  ! grep -q 'file format.*x86-64' "$tmp/code"; then
  echo 'skip: objdump shows no code of x86-64'
  exit 77
fi
# Lines "OBJECT LEVEL INSTRUCTION" of what goes beyond the objects' own level.
awk -F'\t' '
  / file format / {
    object = $1
    sub(/:.*/, "", object)
    own = object ~ /kernels_avx512/ ? 3 : object ~ /kernels_avx2/ ? 2 : 1
    seen = ""
  }
  NF >= 2 {
    need = $2 ~ /%zmm|%[xy]mm(1[6-9]|2[0-9]|3[01])|%k[0-7]/ ? 3 : $2 ~ /^v[a-z]/ ? 2 : 1
    if (need > own && !seen++) print object, "has", $2
    if ($2 ~ /^vfn?m(add|sub)/ && !fused[object]++) print object, "fuses", $2
  }' "$tmp/code" >"$tmp/found"
report 'objdump shows the kernels' \
  "$(grep -q 'kernels_none' "$tmp/code" || echo "no kernels_none in $archive")"
# configure adds the first two itself: they are what x86-64 has anyway.
case " $(echo "${CFLAGS-}" | sed 's/-msse2//g; s/-mfpmath=sse//g') " in
  *' -m'*) echo "skip: CFLAGS=$CFLAGS ask for more than the least machine everywhere" ;;
  *) report 'no instruction strays from its level' "$(grep ' has ' "$tmp/found")" ;;
esac
report 'nothing is fused' "$(grep ' fuses ' "$tmp/found")"
finish
