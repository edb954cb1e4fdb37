#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
#
# rooms.sh: each folder of codec/, flow/ and src/ is a room. It includes its own headers and those
# of the rooms before it, as the IDF_IN_... of the Makefile.inc say; no files include each other in
# a circle; and no room has more files than one can know.
. "$(dirname "$0")/common.sh"

tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
rooms >"$tmp/rooms"

# "FILE FOLDER HEADER HEADERS-FOLDER" of every include of a header of ours.
find codec flow src -name '*.[ch]' ! -path 'flow/train/*' | LC_ALL=C sort >"$tmp/files"
xargs grep -H '^ *# *include *"' <"$tmp/files" |
  awk -F'[:"]' -v list="$tmp/files" '
    function folder(path) { sub(/\/[^\/]*$/, "", path); return path }
    BEGIN {
      while ((getline path < list) > 0) {
        name = path
        sub(/.*\//, "", name)
        at[name] = folder(path)
      }
    }
    $3 in at { print $1, folder($1), $3, at[$3] }' >"$tmp/includes"

report 'rooms are read from the Makefile.inc' \
  "$([ "$(wc -l <"$tmp/rooms")" -ge 20 ] || cat "$tmp/rooms")"
report 'includes are found' "$([ "$(wc -l <"$tmp/includes")" -ge 300 ] || wc -l <"$tmp/includes")"

unknown() {
  while read -r f; do
    d=$(dirname "$f")
    grep -q "^$d " "$tmp/rooms" || [ "$f" = src/idf.h ] || echo "$f is in no room"
  done <"$tmp/files"
}
report 'every file is in a room' "$(unknown)"

report 'nobody includes a header from a room above' \
  "$(awk 'NR == FNR { for (i = 2; i <= NF; i++) sees[$1 " " $i] = 1; next }
    !(($2 " " $4) in sees) && $1 != "src/idf.h" { print $1 " includes " $3 " of " $4 }' \
    "$tmp/rooms" "$tmp/includes")"

# A .c and its .h are one; a walk along the includes that comes back is a circle.
circles() {
  awk '
    function base(path) { sub(/.*\//, "", path); sub(/\.[ch]$/, "", path); return path }
    function reach(from, to,    i, n, next_one) {
      if ((from, to) in seen) return
      seen[from, to] = 1
      n = split(uses[to], next_one)
      for (i = 1; i <= n; i++) reach(from, next_one[i])
    }
    base($1) != base($3) { uses[base($1)] = uses[base($1)] " " base($3) }
    END {
      for (from in uses) reach(from, from)
      for (from in uses) {
        count = 0; circle = ""
        for (to in uses)
          if ((from, to) in seen && (to, from) in seen) { count++; circle = circle " " to }
        if (count > 2) print from ":" circle
      }
    }' "$tmp/includes"
}
report 'no more than two files include each other in a circle' "$(circles)"

report 'no room has more than 16 files' \
  "$(xargs -n 1 dirname <"$tmp/files" | LC_ALL=C sort | uniq -c |
    awk '$1 > 16 { print $2 ": " $1 }')"
finish
