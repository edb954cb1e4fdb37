#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
#
# manual.sh: libidf(3) has the prototype of every call of idf.h, word for word, and no other; its
# examples compile without a warning and do what it says.
. "$(dirname "$0")/common.sh"

cc=${CC:-cc}
page=$src/man/libidf.3
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT

# One declaration a line, with single blanks, and none where C needs none.
tidy() { sed 's/  */ /g; s/^ //; s/ *\([(),*;]\) */\1/g' | LC_ALL=C sort; }

tr '\n' ' ' <src/idf.h | sed 's/IDF_API/\n&/g' | sed -n 's/^IDF_API \([a-z][^;{]*;\).*/\1/p' |
  tidy >"$tmp/declared"

# A .BI line is words, of which those in quotes keep their blanks.
awk '
  /^\.BI? / {
    text = $0
    sub(/^\.BI? */, "", text)
    line = ""
    quoted = 0
    for (i = 1; i <= length(text); i++) {
      c = substr(text, i, 1)
      if (c == "\"") quoted = !quoted
      else if (c != " " || quoted) line = line c
    }
    gsub(/\\-/, "-", line)
    call = call " " line
    if (line ~ /;$/) { print call; call = "" }
    next
  }
  { call = "" }' "$page" >"$tmp/shown"
grep -v '^ typedef' "$tmp/shown" | tidy >"$tmp/documented"

report 'idf.h declares calls' "$([ "$(wc -l <"$tmp/declared")" -ge 60 ] || wc -l <"$tmp/declared")"
report 'libidf(3) has the prototype of every call, and no other' \
  "$(LC_ALL=C diff "$tmp/declared" "$tmp/documented")"
report 'no prototype is there twice' "$(uniq -d <"$tmp/documented")"

# Names that the page mentions are there.
tr -c 'a-zA-Z0-9_' '\n' <"$page" | sed 's/^I\(IDF_\)/\1/' |
  grep -E '^(idf|IDF)_[A-Za-z0-9_]+$' | LC_ALL=C sort -u |
  while read -r name; do
    grep -qwF "$name" src/idf.h codec/bytes/idf_status.h codec/bytes/idf_simd.h || echo "$name"
  done >"$tmp/unknown"
report 'it mentions no name that idf.h does not have' "$(cat "$tmp/unknown")"

# The version: one source, three numbers.
version=$(sed -n 's/^AC_INIT(\[idf\], *\[\([0-9.]*\)\].*/\1/p' configure.ac)
of_header=$(sed -n 's/^#define IDF_VERSION_\(MAJOR\|MINOR\|PATCH\) //p' src/idf.h | paste -sd. -)
report 'the macros of idf.h are the version of configure.ac' \
  "$([ -n "$version" ] && [ "$version" = "$of_header" ] || echo "$version, $of_header")"

# ---- the examples ---------------------------------------------------------------------------

awk -v to="$tmp/example" '
  /^\.EX/ { n++; next }
  /^\.EE/ { file = ""; next }
  n > 0 && /^\/\* [a-z]+\.c:|^#include <idf.h>/ && !(n in seen) { file = to n ".c"; seen[n] }
  file != "" { gsub(/\\-/, "-"); gsub(/\\e/, "\\"); print > file }' "$page"

sanitize=
grep -q '^IDF_SANITIZE = -f' "$build/Makefile" &&
  sanitize=$(sed -n 's/^IDF_SANITIZE = //p' "$build/Makefile")
library=$build/.libs/libidf.a
[ -e "$library" ] || library=$build/.libs/libidf.so
# compiled N: example N becomes $tmp/N
compiled() {
  # shellcheck disable=SC2086
  $cc -std=c11 -Wall -Wextra -Werror $sanitize -Isrc -Icodec/bytes -o "$tmp/$1" "$tmp/example$1.c" \
    "$library" -lm -lpthread 2>&1
}
LD_LIBRARY_PATH=$build/.libs${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}
export LD_LIBRARY_PATH
for n in 1 2 3; do
  report "example $n compiles without a warning" "$(compiled $n)"
done
report 'the first one gets its pixels back' "$("$tmp/1" || echo "exit status $?")"
report 'the second one writes a file' "$("$tmp/2" "$tmp/out.idf" 2>&1 || echo "exit status $?")"
report '   and nothing where it cannot' "$("$tmp/2" "$tmp/none/out.idf" && echo written)"
report 'the third one reads it' \
  "$("$tmp/3" "$tmp/out.idf" >"$tmp/out.pam" 2>"$tmp/err" || cat "$tmp/err")"
report '   with its title' "$(grep -qx 'Title: Colours' "$tmp/err" || cat "$tmp/err")"
report '   and its pixels' "$(
  tail -c +$(($(head -n 7 "$tmp/out.pam" | wc -c) + 1)) "$tmp/out.pam" | od -An -v -tu1 -w4 |
    awk '{ y = int((NR - 1) / 256); x = (NR - 1) % 256 }
      $1 != x || $2 != y || $3 != 128 || $4 != 255 { print "pixel " x ", " y ": " $0; exit }
      END { if (NR != 65536) print NR " pixels" }'
)"
head -c $(($(wc -c <"$tmp/out.idf") / 2)) "$tmp/out.idf" >"$tmp/cut.idf"
report '   and says what is wrong with a damaged one' \
  "$("$tmp/3" "$tmp/cut.idf" >"$tmp/out.pam" 2>"$tmp/err" && echo 'exit status 0'
    grep -q "cut.idf: data end too early" "$tmp/err" || cat "$tmp/err")"
finish
