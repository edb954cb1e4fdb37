#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
#
# demo.sh BIN OUT: encodes every sample, decodes it, compares, and prints a table, and a line for
# each JPEG.
#
# "same" is decided by idfcmp -m: samples, colour type, depth, palette and every metadata
# chunk. "model" is -log2 P of all
# samples under the model, the size an ideal entropy coder would reach. Times are
# whole processes. Exit 1 when a picture does not come back.
set -u
src=$(cd "$(dirname "$0")/.." && pwd)
bin=$(cd "${1:?usage: demo.sh BIN OUT}" && pwd) || exit 1
mkdir -p "${2:?usage: demo.sh BIN OUT}" && out=$(cd "$2" && pwd) || exit 1
bad=0

# seconds FILE COMMAND...: runs it, its wall time goes to FILE
seconds() {
  note=$1
  shift
  start=$(date +%s.%N)
  "$@" || return 1
  end=$(date +%s.%N)
  echo "$start $end" | awk '{ printf "%.2f", $2 - $1 }' >"$note"
}

# field NAME: the first number of that name in the JSON on stdin
field() { sed -n "s/.*\"$1\":\([0-9.]*\).*/\1/p"; }

printf '%-16s %9s %9s %9s %11s %9s %7s %7s  %s\n' \
  file PNG IDF model bits/sample model enc_s dec_s back
printf '%-16s %9s %9s %9s %11s %9s %7s %7s\n' '' bytes bytes bytes '' bits/s. '' ''
for png in "$src"/samples/*.png; do
  name=$(basename "$png" .png)
  idf=$out/$name.idf back=$out/$name.png
  if seconds "$out/.enc" "$bin/cidf" -qf "$png" -o "$idf" &&
    seconds "$out/.dec" "$bin/didf" -qf "$idf" -o "$back" &&
    "$bin/idfcmp" -m "$png" "$back" >"$out/.cmp"; then
    same=same
  else
    same=DIFFERENT
    bad=1
  fi
  json=$("$bin/idfinfo" --json --bits "$idf") || bad=1
  printf '%s\n' "$json" | sed 's/.*"bits":{//; s/,"planes".*//' | field model >"$out/.model"
  awk -v n="$name.png" -v p="$(wc -c <"$png")" -v i="$(wc -c <"$idf")" \
    -v m="$(cat "$out/.model")" -v b="$(printf '%s' "$json" | field bits_per_sample)" \
    -v e="$(cat "$out/.enc")" -v d="$(cat "$out/.dec")" -v same="$same" 'BEGIN {
      printf "%-16s %9d %9d %9.0f %11.4f %9.4f %7.2f %7.2f  %s\n",
        n, p, i, m / 8, b, b * m / 8 / i, e, d, same }' | tee -a "$out/.rows"
done
awk '{ p += $2; i += $3; m += $4; e += $7; d += $8 }
  END { printf "%-16s %9d %9d %9d %11s %9s %7.2f %7.2f\n", "total", p, i, m, "", "", e, d }' \
  "$out/.rows"
# JPEG files come back byte for byte.
for jpg in "$src"/samples/*.jpg; do
  name=$(basename "$jpg" .jpg)
  idf=$out/$name.idf back=$out/$name.jpg
  if "$bin/cidf" -qf "$jpg" -o "$idf" && "$bin/didf" -qf "$idf" -o "$back" &&
    cmp "$jpg" "$back"; then
    same='the same file'
  else
    same=DIFFERENT
    bad=1
  fi
  echo "$name.jpg, kept whole: $(wc -c <"$jpg") bytes, $(wc -c <"$idf") as IDF; back: $same"
done
"$bin/idfinfo" -qf --map="$out/photo-map.png" "$out/photo.idf" >/dev/null || bad=1
rm -f "$out/.enc" "$out/.dec" "$out/.cmp" "$out/.model" "$out/.rows"
echo
echo "where the bits of photo.png went: $out/photo-map.png (its legend is on it)"
exit $bad
