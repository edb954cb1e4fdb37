#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
#
# exports.sh: asks nm. Every external symbol of the library starts with idf_, the
# shared library exports the calls marked IDF_API and nothing else, each under a version of
# src/libidf.map, and no object but mem.o reaches for the allocator.
. "$(dirname "$0")/common.sh"

nm=${NM:-nm}
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT

# The build may have only one of the two kinds of library (--disable-shared).
archive=$build/src/.libs/libwhole.a
[ -e "$archive" ] || archive=$build/src/libwhole.a
shared=$build/.libs/libidf.so

# Names that the compiler's sanitizers and profilers add are not ours.
ours() { grep -Ev '^(__|_init$|_fini$|_edata$|_end$|_GLOBAL_)' || true; }

$nm -g -P "$archive" 2>/dev/null |
  awk 'NF >= 2 && $2 != "U" && $2 != "w" && $2 != "v" { print $1 }' |
  ours | LC_ALL=C sort -u >"$tmp/defined"
grep -c . "$tmp/defined" >"$tmp/count"
report 'nm can read the archive' \
  "$([ "$(cat "$tmp/count")" -gt 50 ] || echo "$archive: $(cat "$tmp/count") symbols")"
report 'every external symbol starts with idf_' "$(grep -v '^idf_' "$tmp/defined")"

# A declaration may span lines; the name is the word before the first parenthesis.
tr '\n' ' ' <src/idf.h | sed 's/IDF_API/\n&/g' |
  sed -n 's/^IDF_API [^(;]*\(idf_[a-z0-9_]*\)(.*/\1/p' |
  LC_ALL=C sort -u >"$tmp/declared"
report 'idf.h declares calls' "$([ -s "$tmp/declared" ] || echo 'none found in src/idf.h')"
report 'every declared call is defined' "$(LC_ALL=C comm -23 "$tmp/declared" "$tmp/defined")"

sed -n 's/^  \(idf_[a-z0-9_]*\);$/\1/p' src/libidf.map | LC_ALL=C sort >"$tmp/mapped"
report 'src/libidf.map names exactly the IDF_API calls' \
  "$(LC_ALL=C diff "$tmp/declared" "$tmp/mapped")"

if [ -e "$shared" ]; then
  $nm -D -P --defined-only "$shared" | awk '$2 != "A" { print $1 }' >"$tmp/versioned"
  sed 's/@.*//' "$tmp/versioned" | ours | LC_ALL=C sort -u >"$tmp/exported"
  report 'the shared library exports exactly the IDF_API calls' \
    "$(LC_ALL=C diff "$tmp/declared" "$tmp/exported")"
  if grep -q '^[^#]*version-script=' "$build/Makefile"; then
    report 'each under a version of the map' \
      "$(grep '^idf_' "$tmp/versioned" | grep -v '^idf_[a-z0-9_]*@@*IDF_[0-9]*\.[0-9]*$')"
  else
    echo "skip: this linker knows no versions of symbols"
  fi
else
  echo "skip: no shared library in this build ($shared)"
fi

# Who calls the allocator, by object: undefined references outside mem.o.
# calls NAME...: references to these functions, "object name"
calls() {
  $nm -A -P "$archive" | awk -v names="$*" '
    BEGIN { for (n = split(names, list, " "); n > 0; n--) wanted[list[n]] }
    $3 == "U" && $2 in wanted { print $1, $2 }'
}
calls malloc calloc realloc aligned_alloc posix_memalign memalign valloc reallocarray \
  strdup strndup free |
  grep -v 'libbytes_la-mem\.' >"$tmp/malloc"
report 'no malloc outside codec/bytes/mem.c' "$(cat "$tmp/malloc")"

# Output and exits belong to the tools.
calls exit abort printf fprintf puts putchar fputs fwrite fopen perror rand srand setlocale \
  stderr stdout >"$tmp/people"
report 'the library neither prints nor exits' "$(cat "$tmp/people")"

# Writable data would be state shared behind the caller's back. Tables of pointers are
# writable for the loader only.
$nm -A -f sysv "$archive" | awk -F'|' '
  $3 ~ /[bBdDC]/ && $7 !~ /\.data\.rel\.ro/ {
    sub(/ *$/, "", $1)
    sub(/:[^:]*$/, " &", $1)
    sub(/ :/, " ", $1)
    print $1
  }' |
  grep -Ev ' (__|\.|_GLOBAL|ubsan|.*\.asan)' >"$tmp/state"
if [ -n "${IDF_SANITIZED-}" ]; then
  echo "skip: sanitizers add writable data of their own"
else
  report 'the library has no writable global data' "$(cat "$tmp/state")"
fi
finish
