#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
#
# headers.sh: every header compiles alone and twice; the installed ones as C and
# as C++, with only their own folder of installation to look in.
. "$(dirname "$0")/common.sh"

tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
cc=${CC:-cc}
cxx=${CXX:-c++}

# alone COMPILER-WITH-FLAGS HEADER SUFFIX: its messages, if it fails
alone() {
  printf '#include "%s"\n#include "%s"\nextern int idf_nothing;\nint idf_nothing;\n' \
    "$2" "$2" >"$tmp/t.$3"
  # shellcheck disable=SC2086
  $1 -c -o "$tmp/t.o" "$tmp/t.$3" 2>&1 || echo "$2 does not compile alone"
}

mkdir "$tmp/include"
cp src/idf.h codec/bytes/idf_simd.h codec/bytes/idf_status.h "$tmp/include"
for h in idf.h idf_simd.h idf_status.h; do
  for std in c99 c11; do
    report "$h alone as $std" \
      "$(alone "$cc -std=$std -pedantic -Wall -Wextra -Werror -I$tmp/include" $h c)"
  done
  if $cxx --version >/dev/null 2>&1; then
    report "$h alone as C++" \
      "$(alone "$cxx -std=c++11 -pedantic -Wall -Wextra -Werror -I$tmp/include" $h cc)"
  else
    echo "skip: no C++ compiler ($cxx) to try $h with"
  fi
done

# vec_wasm.h is for another machine, whose tests compile it.
for h in $(headers | grep -v '^flow/simd/vec_wasm\.h$'); do
  inc=$(path_of "$(dirname "$h")")
  case $h in
    src/idf.h) inc=$(path_of codec/bytes) ;;
    src/image/*) inc="$inc ${PNG_CFLAGS-}" ;;
  esac
  report "$h alone" "$(alone "$cc -std=c11 -Wall -Wextra -Wconversion -Werror $inc" "$src/$h" c)"
done
finish
