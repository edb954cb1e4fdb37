#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
#
# kinds.sh: a table of codecs on one small picture of each kind (kinds.c): bytes, the best peer,
# and ours against it. Not part of make check: it needs the peers.
#
#   kinds.sh [-s SEED] [-d FOLDER] [EFFORT...]
#
# Peers are those installed of cwebp -z 9, cjxl -e 9 and optipng -o 5. WebP takes no part where a
# picture has 16 bits. With -d, the PNG files of a folder are measured instead. The first EFFORT
# (default: default) is the one compared. Every output of ours is decoded and compared; the exit
# status is 1 if one is not the same. IDF_BIN is the build tree (default: the current folder);
# `make bench-tools` there builds what this needs.
set -u
seed=1 dir=
while getopts s:d: o; do
  case $o in
    s) seed=$OPTARG ;;
    d) dir=$OPTARG ;;
    *) exit 2 ;;
  esac
done
shift $((OPTIND - 1))
[ $# -gt 0 ] || set -- default
bin=${IDF_BIN:-$PWD}
[ -x "$bin/cidf" ] && [ -x "$bin/tests/pngcmp" ] && [ -x "$bin/tests/bench/kinds" ] || {
  echo "kinds.sh: set IDF_BIN to a build tree and run make all bench-tools there" >&2
  exit 1
}
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' HUP INT TERM
if [ -z "$dir" ]; then
  dir=$tmp/in
  mkdir "$dir" && "$bin/tests/bench/kinds" "$dir" "$seed" || exit 1
fi

size() { # FILE, or - where there is none
  if [ -s "$1" ]; then wc -c <"$1"; else echo -; fi
}

webp() {
  [ "$(od -An -tu1 -j24 -N1 "$1" | tr -d ' ')" = 16 ] && return
  cwebp -quiet -exact -lossless -z 9 "$1" -o "$2"
}
jxl() { cjxl -d 0 -e 9 --num_threads=0 "$1" "$2"; }
png() { optipng -quiet -o5 -out "$2" "$1"; }

peers=
command -v cwebp >/dev/null && peers="$peers webp"
command -v cjxl >/dev/null && peers="$peers jxl"
command -v optipng >/dev/null && peers="$peers png"
[ -n "$peers" ] || { echo "kinds.sh: no peer is installed" >&2; exit 1; }

printf '%-24s' kind
for c in "$@" $peers; do printf ' %9s' "$c"; done
printf ' %7s\n' ratio
for f in "$dir"/*.png; do
  name=$(basename "$f" .png) ours=
  printf '%-24.24s' "$name"
  for effort in "$@"; do
    rm -f "$tmp/packed" "$tmp/back.png"
    "$bin/cidf" -qf -T 1 --effort="$effort" "$f" -o "$tmp/packed" >"$tmp/log" 2>&1 \
      && "$bin/didf" -qf -T 1 "$tmp/packed" -o "$tmp/back.png" >>"$tmp/log" 2>&1 \
      && "$bin/tests/pngcmp" "$f" "$tmp/back.png" >>"$tmp/log" 2>&1 || printf ' LOSSY'
    n=$(size "$tmp/packed")
    ours=${ours:-$n}
    printf ' %9s' "$n"
  done
  best=
  for peer in $peers; do
    rm -f "$tmp/peer"
    "$peer" "$f" "$tmp/peer" >"$tmp/log" 2>&1
    n=$(size "$tmp/peer")
    [ "$n" = - ] || [ "${best:-$n}" -lt "$n" ] || best=$n
    printf ' %9s' "$n"
  done
  echo "$ours ${best:-0}" | awk '{
    r = $2 > 0 ? $1 / $2 : 0
    printf " %7.3f%s\n", r, r > 1 ? " LOSS" : "" }'
done | tee "$tmp/table"
awk '
  /LOSS$/ { n++ }
  / LOSSY/ { bad = 1 }
  END { print n + 0 " of " NR " kinds are smaller with a peer"; exit bad }' "$tmp/table"
