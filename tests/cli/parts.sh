#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
#
# parts.sh: didf --crop and --scale: the pixels are those of the whole picture, cut out, or averaged
# as awk averages them; what is no longer true of the samples is left out.
. "$(dirname "$0")/common.sh"

# value X Y: the samples, for awk
formula='function value(x, y) { return (x * x + 3 * y * y + x * y) % 251 }'

# plain W H X Y N: a plain PGM of the part at X, Y, of W x H pixels before they are made N times
# smaller
plain() {
  awk -v w="$1" -v h="$2" -v x0="$3" -v y0="$4" -v n="$5" "$formula"'
    BEGIN {
      printf "P2\n%d %d\n255\n", int((w + n - 1) / n), int((h + n - 1) / n)
      for (y = 0; y < h; y += n)
        for (x = 0; x < w; x += n) {
          sum = 0
          count = 0
          for (v = y; v < y + n && v < h; v++)
            for (u = x; u < x + n && u < w; u++) {
              sum += value(x0 + u, y0 + v)
              count++
            }
          print int((2 * sum + count) / (2 * count))
        }
    }'
}
# want W H X Y N: the same as a raw PGM, want.pgm
want() {
  plain "$@" >want.plain.pgm
  rm -f want.idf want.pgm
  "$cidf" -q --effort=fast want.plain.pgm -o want.idf && "$didf" -q want.idf -o want.pgm
}

plain 300 200 0 0 1 >all.pgm
"$cidf" -q --effort=fast all.pgm -o all.idf || exit 1

part() {
  want "$2" "$3" "$4" "$5" "$6"
  exits 0 "$1" "$didf" -f --crop="$2x$3+$4+$5" --scale="1/$6" all.idf -o part.pgm
  check '   has the pixels of the part' cmp part.pgm want.pgm
}
part 'a part in the middle' 100 50 120 60 1
part 'a part at the corner' 7 9 293 191 1
part 'one pixel' 1 1 0 199 1
part 'a part, halved' 101 51 120 60 2
part 'a part, quartered' 100 50 3 5 4
part 'all at an eighth' 300 200 0 0 8
want 300 200 0 0 4
exits 0 'only scaled' "$didf" -f --scale=1/4 all.idf -o part.pgm
check '   has the averages' cmp part.pgm want.pgm
exits 0 'from a pipe' sh -c "cat all.idf | '$didf' --crop=100x50+120+60 --format=pgm >piped.pgm"
want 100 50 120 60 1
check '   has the pixels of the part, too' cmp piped.pgm want.pgm

# Many tiles, several threads; and damage outside the part costs nothing.
plain 300 200 0 0 1 | "$cidf" -q --effort=fast --tile=64 - -o tiles.idf || exit 1
exits 0 'with threads' "$didf" -T 3 -f --crop=100x50+120+60 tiles.idf -o part.pgm
check '   has the pixels of the part' cmp part.pgm want.pgm
exits 0 'a check of a part' "$didf" -t --crop=100x50+120+60 all.idf

# What the options say.
for bad in 10x10 10x10+1 x10+1+1 10x10+1+1+ 0x10+1+1 10x0+1+1 10x10-1+1 9999999999x1+0+0; do
  exits 1 "--crop=$bad" "$didf" --crop=$bad all.idf -o bad.pgm
  says 'give WxH+X+Y'
done
for bad in 1/3 2 1/16 0.5; do
  exits 1 "--scale=$bad" "$didf" --scale=$bad all.idf -o bad.pgm
  says 'give 1/1, 1/2, 1/4 or 1/8'
done
exits 1 'a part beyond the picture' "$didf" --crop=10x10+291+0 all.idf -o bad.pgm
says 'all.idf: --crop=10x10+291+0: the picture has only 300 x 200 pixels'
nothing bad.pgm

# What was no whole picture is no reason to remove the input.
cp all.idf keep.idf
exits 2 'with --rm' "$didf" --rm --crop=10x10+0+0 keep.idf
says 'the output is not the whole picture'
check '   the input stays' test -e keep.idf

# A maxval, few bits, a palette, a transparent colour.
printf 'P5\n4 2\n5\n\000\001\002\003\004\005\005\005' >max.pgm
"$cidf" -q max.pgm -o max.idf
exits 0 'with a maxval' "$didf" -f --crop=2x1+2+1 max.idf -o max.pgm
printf 'P5\n2 1\n5\n\005\005' >want.pgm
check '   it stays when cut' cmp max.pgm want.pgm
exits 0 '   scaled' "$didf" -f --scale=1/2 max.idf -o max.pgm
# (0 + 1 + 4 + 5) / 4 / 5 and (2 + 3 + 5 + 5) / 4 / 5 of 255
printf 'P5\n2 1\n255\n\200\277' >want.pgm
check '   it is 255' cmp max.pgm want.pgm
for picture in "$src"/tests/golden/good-drawn-palette.idf "$src"/tests/golden/good-badge.idf; do
  name=$(basename "$picture")
  exits 0 "$name at a half" "$didf" -f --scale=1/2 "$picture" -o half.png
  exits 0 '   is a picture' "$cidf" -f half.png -o half.idf
done

# A JPEG that is kept: a part of it are pixels.
kept=$src/tests/golden/good-kept-420.idf
cp "$kept" kept.idf
exits 0 'a part of a JPEG' "$didf" -f --crop=20x10+5+6 kept.idf
check '   is a PNG' test -e kept.png
exits 2 '   as PPM, without a segment' "$didf" -f --crop=20x10+5+6 kept.idf -o part.ppm
"$didf" -q -f kept.idf -o whole.ppm
# The header of whole.ppm is "P6 W H 255"; a row of the part begins at its pixel 5.
cut_out() {
  set -- $(head -n 3 whole.ppm | tr '\n' ' ')
  head=$(head -n 3 whole.ppm | wc -c)
  printf 'P6\n20 10\n255\n'
  y=6
  while [ $y -lt 16 ]; do
    tail -c +$((head + 1 + 3 * (y * $2 + 5))) whole.ppm | head -c 60
    y=$((y + 1))
  done
}
cut_out >want.ppm
check '   has the pixels of the part' cmp part.ppm want.ppm
exits 1 '   is no JPEG' "$didf" --crop=20x10+5+6 kept.idf -o part.jpg
says 'no JPEG without loss'
nothing part.jpg
exits 0 '--format=jpg is --format=jpeg' "$didf" -f --format=jpg kept.idf -o -
head -c 2 .out | od -An -tx1 | grep -q 'ff d8'
result '   and gives the JPEG' $?
finish
