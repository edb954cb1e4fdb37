#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
#
# info.sh: idfinfo tells the truth: sizes that add up, a map that is a picture, JSON
# that parses; and didf --keep-going saves what can be saved.
. "$(dirname "$0")/common.sh"

ppm 200 150 255 >a.ppm
"$cidf" --tile=64 a.ppm
palette_png >p.png
"$cidf" p.png

exits 0 'idfinfo FILE' "$idfinfo" a.idf
prints 'a.idf'
prints '200 x 150, RGB, 8 bits'
prints "$(wc -c <a.idf) bytes"
prints '4 x 3 of side 64'
exits 0 'metadata' "$idfinfo" p.idf
prints 'gAMA 4, PLTE 12, tRNS 1'
prints 'tEXt 18'
exits 0 'several files' "$idfinfo" a.idf p.idf
prints 'a.idf'
prints 'p.idf'
check 'from a pipe' sh -c "'$idfinfo' - <a.idf | grep -q '200 x 150'"

exits 0 '--tiles' "$idfinfo" --tiles a.idf
cp "$tmp/.out" tiles
check '   twelve of them' \
  sh -c "[ \$(grep -cE '^ +[0-9]+ +[0-9]+ +[0-9]+ +[0-9]+ +[0-9]+ ' tiles) -eq 12 ]"
# listed FILE TEXT JSON: of its only tile, the columns from the method to before the bytes; a
# part of the JSON
listed() {
  exits 0 "the plan of $1" "$idfinfo" --tiles "$src/tests/golden/$1"
  check '   as text' test "$(tail -n 1 "$tmp/.out" | awk '{ print $6, $7, $8, $9, $10 }')" = "$2"
  exits 0 '   and in JSON' "$idfinfo" --json --tiles "$src/tests/golden/$1"
  prints "$3"
}
listed good-ranks.idf 'flow 0 YCoCg yes no' \
  '"schedule":0,"colour":2,"colour_name":"YCoCg","ranks":true,"joint":false,'
listed good-twin.idf 'flow 0 none no yes' \
  '"schedule":0,"colour":0,"colour_name":"none","ranks":false,"joint":true,'
listed good-webp.idf 'flow 0 WebP no no' \
  '"schedule":0,"colour":4,"colour_name":"WebP","ranks":false,"joint":false,'
listed good-badge.idf 'screen 0 none no no' \
  '"method":"screen","schedule":0,"colour":0,"colour_name":"none","ranks":false,"joint":false,'
listed good-chroma.idf 'chroma 0 none no no' \
  '"colour":1,"colour_name":"ffmpeg, BT.709","ranks":false,"joint":false,'
exits 0 'what made the pixels' "$idfinfo" "$src/tests/golden/good-chroma-avif.idf"
prints '  pixels     made of Y, U and V by libyuv, BT.601, full range'
exits 0 'what is not known' "$idfinfo" a.idf
check '   is not said' sh -c "! grep -q 'made of' '$tmp/.out'"
exits 0 '--bits' "$idfinfo" --bits a.idf
prints 'raw                             90000         8.0000'
prints 'model: -log2 P'
prints 'colour 3'
exits 0 '--json --bits --tiles' "$idfinfo" --json --bits --tiles a.idf
cp "$tmp/.out" json
check '   sizes add up' awk '{
    split("file_bytes header_bytes metadata_bytes tile_bytes index_bytes", k, " ")
    for (i in k) {
      match($0, "\"" k[i] "\":[0-9]+")
      v[k[i]] = substr($0, RSTART + length(k[i]) + 3, RLENGTH - length(k[i]) - 3) + 0
    }
    sum = v["header_bytes"] + v["metadata_bytes"] + v["tile_bytes"] + v["index_bytes"]
    exit !(v["file_bytes"] > 0 && sum == v["file_bytes"])
  }' json
# The file is never more than 0.5 % and a frame above what the model says.
check '   and the model is met' awk '{
    match($0, /"bits":\{"raw":[0-9]+,"model":[0-9.]+,"file":[0-9]+/)
    split(substr($0, RSTART, RLENGTH), f, /[:,]/)
    print f[5], f[7]
    exit !(f[5] > 0 && f[7] <= f[5] * 1.005 + 8 * (64 + 12 * 100))
  }' json
if command -v python3 >/dev/null 2>&1; then
  check '   and is JSON' python3 -c 'import json; d = json.load(open("json"))
assert len(d["tile_list"]) == 12 and sum(t["bytes"] for t in d["tile_list"]) == d["tile_bytes"]
bits = d["bits"]
assert abs(sum(p["model"] for p in bits["planes"]) - bits["model"]) < 0.02 * bits["model"] + 64'
else
  echo 'skip: no python3 to parse JSON with'
fi

exits 0 '--map' "$idfinfo" --map=map.png a.idf
check '   is a PNG with a margin for title and legend' \
  sh -c "'$cidf' map.png && '$idfinfo' map.idf | grep -q '312 x 242, RGB, 8 bits'"
exits 0 '--bare' "$idfinfo" --bare --map=bare.png a.idf
check '   is a PNG of the same size' \
  sh -c "'$cidf' bare.png && '$idfinfo' bare.idf | grep -q '200 x 150, RGB, 8 bits'"
exits 0 '--overlay' "$idfinfo" --overlay --bare --map=over.png a.idf
exits 1 '   is another picture' "$bin/idfcmp" bare.png over.png
exits 1 '   needs --map' "$idfinfo" --overlay a.idf
says '--map=OUT.png'
exits 1 '--bare as well' "$idfinfo" --bare a.idf
says '--map=OUT.png'
exits 1 'a map above the limit of memory' "$idfinfo" --map=big.png --max-memory=40K a.idf
nothing big.png
palette_png >pal.png
"$cidf" pal.png
exits 0 'a palette under a map' "$idfinfo" --overlay --map=pmap.png pal.idf
# A photograph has all colours of the scale. Before the scale was the picture's own, a third of
# this one was white.
"$cidf" "$src/samples/photo.png" -o photo.idf
"$idfinfo" --bare --map=photo.map.png photo.idf >/dev/null
"$cidf" photo.map.png -o pmap.idf
"$didf" pmap.idf -o pmap.ppm
check 'a photograph is neither white nor black' sh -c "tail -c 589824 pmap.ppm |
  od -An -v -tu1 -w3 | awk '{ n[\$1 \",\" \$2 \",\" \$3]++ } END {
    for (i in n) { colours++; if (n[i] > NR / 20) glare++ }
    exit colours < 100 || glare }'"

# Damage in the middle of the tiles.
size=$(wc -c <a.idf)
{
  head -c $((size / 2)) a.idf
  printf '\125\252\125\252'
  tail -c +$((size / 2 + 5)) a.idf
} >hurt.idf
exits 1 'a damaged file' "$didf" hurt.idf
nothing hurt.png
exits 2 'didf --keep-going' "$didf" --keep-going hurt.idf -o hurt.ppm
says 'is lost'
"$didf" a.idf -o whole.ppm
check '   saves most of it' sh -c "[ \$(cmp -l whole.ppm hurt.ppm | wc -l) -lt 24577 ]"
check '   and not all' sh -c "! cmp -s whole.ppm hurt.ppm"
exits 2 '   and counts' "$didf" --keep-going --json -f hurt.idf -o hurt.ppm
prints '"tiles_lost":'
exits 0 '--keep-going on a good file' "$didf" --keep-going a.idf -o same.ppm
check '   is the same' cmp same.ppm whole.ppm
head -c $((size - 3)) a.idf >cut.idf
exits 1 'a file without its end' "$didf" -f cut.idf -o cut.ppm
exits 2 '   with --keep-going' "$didf" --keep-going --json -f cut.idf -o cut.ppm
says 'the end of the file is damaged'
prints '"dropped":["end of the file"]'
check '   has the whole picture' cmp cut.ppm whole.ppm
exits 1 'idfinfo on a damaged file' "$idfinfo" --bits hurt.idf
says 'hurt.idf'

# Many pieces of metadata are no reason for a line that nobody can read.
palette_png >few.png
{
  head -c $(($(wc -c <few.png) - 42)) few.png
  for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
    tail -c 42 few.png | head -c 30
  done
  tail -c 12 few.png
} >many.png
check 'twenty pieces of text' "$cidf" many.png
check '   are shown in part' "$idfinfo" many.idf
prints ', 4 more: see --json'
check '   and listed in JSON' "$idfinfo" --json many.idf
[ "$(grep -o '"tEXt"' "$tmp/.out" | wc -l)" -eq 20 ]
result '   all of them' $?

# ---- JPEGs kept whole ------------------------------------------------------------------------
cp "$src/samples/photo-420.jpg" j.jpg
"$cidf" -q j.jpg
size=$(wc -c <j.jpg | tr -d ' ')
exits 0 'a JPEG kept whole' "$idfinfo" j.idf
prints "$(awk -v a="$(wc -c <j.idf)" -v b="$size" 'BEGIN {
  printf "original   JPEG, kept whole, %d bytes (%.2f), sequential, quality about ", b, a / b}')"
prints ', 4:2:0'
prints '256 x 192, RGB, 8 bits'
if grep -q 'sampling factors' "$tmp/.out"; then false; fi
result '   without details' $?
exits 0 '-v' "$idfinfo" -v j.idf
prints 'jpeg       3 components, sampling factors 2x2,1x1,1x1, 1 scan, no restart markers'
exits 0 '--json' "$idfinfo" --json j.idf
prints "\"kept\":\"jpeg\",\"original\":{\"bytes\":$size,\"ratio\":0."
prints '"progressive":false,"quality":'
prints '"sampling":"4:2:0","factors":"2x2,1x1,1x1","scans":1,"restart":0}'
exits 0 '--json --bits --tiles' "$idfinfo" --json --bits --tiles j.idf
if command -v python3 >/dev/null 2>&1; then
  cp "$tmp/.out" json
  check '   is JSON, and adds up' python3 -c 'import json; d = json.load(open("json"))
assert d["file_bytes"] == sum(d[k + "_bytes"] for k in ("header", "metadata", "tile", "index"))
assert sum(t["bytes"] for t in d["tile_list"]) == d["tile_bytes"]'
fi
exits 1 '--map' "$idfinfo" --map=jmap.png j.idf
says 'holds a JPEG whole, and a map has the bits of pixels only'
nothing jmap.png
exits 0 '--bits' "$idfinfo" --bits j.idf
prints 'coefficients  '
if grep -q 'colour 1' "$tmp/.out"; then false; fi
result '   and no planes' $?
exits 0 'metadata of its segments' "$idfinfo" j.idf
prints 'eXIf'
if command -v jpegtran >/dev/null 2>&1; then
  jpegtran -progressive -restart 2B j.jpg >p.jpg
  "$cidf" -q p.jpg -o pj.idf
  exits 0 'a progressive one' "$idfinfo" -v pj.idf
  prints ', progressive, '
  prints ' a restart marker every 2 MCUs'
  jpegtran -grayscale j.jpg >gray.jpg
  "$cidf" -q gray.jpg
  exits 0 'a gray one' "$idfinfo" gray.idf
  prints 'sequential'
else
  echo 'skip: no jpegtran (Debian: libjpeg-turbo-progs)'
fi
exits 0 'one of pixels' "$idfinfo" --json a.idf
if grep -q -e '"kept"' -e original "$tmp/.out"; then false; fi
result '   has no original' $?
finish
