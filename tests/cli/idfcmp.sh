#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
#
# idfcmp.sh: pictures of every format compared with each other: the same ones, and each way to be
# different, with its place and exit status.
. "$(dirname "$0")/common.sh"
idfcmp=$bin/idfcmp

# same A B [OPTION...], differ TEXT A B [OPTION...]
same() {
  exits 0 "the same: $*" "$idfcmp" -v "$@"
  prints 'are the same'
}
differ() {
  text=$1
  shift
  exits 1 "different: $*" "$idfcmp" "$@"
  prints "$text"
}

ppm 40 30 255 >a.ppm
"$cidf" a.ppm -o a.idf
"$didf" a.idf -o a.png
"$didf" a.idf -o a.pam
"$cidf" --effort=fast a.ppm -o fast.idf
for one in a.ppm a.idf a.png a.pam fast.idf; do
  for two in a.ppm a.idf a.png a.pam; do
    same $one $two
  done
done
exits 0 'nothing is said about equal ones' "$idfcmp" a.png a.idf
[ ! -s "$tmp/.out" ] && [ ! -s "$tmp/.err" ]
result '   in fact nothing' $?
check 'stdin' sh -c "'$idfcmp' - a.idf <a.png && '$idfcmp' a.idf - <a.pam"
cp "$src/samples/photo-420.jpg" j.jpg
"$cidf" j.jpg -o j.idf
"$cidf" --pixels j.jpg -o pixels.idf 2>/dev/null
"$didf" j.idf -o j.png
same j.jpg j.idf
same j.jpg pixels.idf -m
same j.idf j.png -m
same j.jpg j.png --metadata

# One sample of 3600 changed: green of the pixel 7,2 (line 4 + 2 * 40 + 7 of the PPM).
awk 'NR == 4 + 2 * 40 + 7 { $2 = ($2 + 100) % 256 } { print }' a.ppm >one.ppm
differ 'a.idf one.ppm differ: 1 of 1200 pixels, the first at 7,2; all in 1 x 1 at 7,2; largest' \
  a.idf one.ppm
prints 'difference 100 of green'
awk 'NR == 4 + 29 * 40 { $3 = ($3 + 1) % 256 } { print }' one.ppm >two.ppm
differ '2 of 1200 pixels, the first at 7,2; all in 8 x 28 at 0,2; largest difference 100 of green' \
  a.png two.ppm
exits 1 '-q' "$idfcmp" -q a.png two.ppm
[ ! -s "$tmp/.out" ]
result '   says nothing' $?
exits 1 '--json' "$idfcmp" --json a.png two.ppm
prints '{"a":"a.png","b":"two.ppm","status":"different","difference":"2 of 1200 pixels,'
prints '"pixels":2,"x":7,"y":2,"left":0,"top":2,"width":8,"height":28,"largest":100}'
exits 0 '--json of equal ones' "$idfcmp" --json a.png a.ppm
prints '{"a":"a.png","b":"a.ppm","status":"same"}'

pgm 40 30 >g.pgm
differ '40 x 30 RGB, 8 bits, and 40 x 30 gray, 8 bits' a.idf g.pgm
pgm 40 31 >h.pgm
differ '40 x 30 gray, 8 bits, and 40 x 31 gray' g.pgm h.pgm
ppm 40 30 65535 >deep.ppm
differ '8 bits, and 40 x 30 RGB, 16 bits' a.ppm deep.ppm
"$cidf" deep.ppm
same deep.ppm deep.idf
ppm 40 30 200 >max200.ppm
sed 's/^200$/201/' max200.ppm >max201.ppm
differ 'max1 has other contents' max200.ppm max201.ppm

# What samples mean is part of the picture; other metadata only with -m. The palette of p.png
# begins at byte 58, its tEXt "Title" is after the pixels.
palette_png >p.png
"$cidf" p.png
same p.png p.idf -m
"$didf" p.idf -o again.png
same p.png again.png -m
{ head -c 33 p.png; tail -c +50 p.png; } >nogamma.png
same p.png nogamma.png
differ 'the first has gAMA, the second PLTE in its place' p.png nogamma.png -m
differ 'the first has PLTE, the second gAMA in its place' nogamma.png p.png -m
{ head -c -42 p.png; tail -c 12 p.png; } >notitle.png
same p.png notitle.png
differ 'the first has tEXt, the other nothing in its place' p.png notitle.png -m
differ 'the second has tEXt, the other nothing in its place' notitle.png p.png -m
{ head -c 73 p.png; tail -c +87 p.png; } >notrns.png
differ 'the first has tRNS' p.png notrns.png

# Trouble.
exits 2 'one operand' "$idfcmp" a.png
says 'give two pictures'
exits 2 'three' "$idfcmp" a.png a.png a.png
exits 2 'a missing file' "$idfcmp" a.png missing.png
says 'missing.png: cannot be opened'
head -c 300 a.idf >cut.idf
exits 2 'a damaged file' "$idfcmp" a.png cut.idf
says 'cut.idf: '
exits 2 '   first' "$idfcmp" cut.idf a.png
exits 2 '   in --json' "$idfcmp" --json cut.idf a.png
prints '"status":"error","message":"'
exits 2 'an unknown option' "$idfcmp" --metdata a.png a.png
says 'did you mean --metadata?'
exits 2 'stdin twice' "$idfcmp" - -
exits 2 'a limit' "$idfcmp" --max-pixels=1199 a.png a.ppm
exits 2 'folders need -r' "$idfcmp" . .
says 'give -r'
exits 0 'help' "$idfcmp" --help
prints 'Exit status: 0 the same, 1 different, 2 trouble. Manual: man idfcmp'

# Folders.
mkdir -p left/deep right/deep
cp a.png left
cp a.idf right
cp g.pgm left/deep
cp g.pgm right/deep
exits 0 'two folders' "$idfcmp" -rv left right
prints 'left/a.png right/a.idf are the same'
prints 'left/deep/g.pgm right/deep/g.pgm are the same'
cp one.ppm right/deep/z.ppm
exits 1 'a file more in one' "$idfcmp" -r left right
prints 'only in right: deep/z.ppm'
cp a.ppm left/deep/z.ppm
exits 1 'a pair that differs' "$idfcmp" -r left right
prints 'left/deep/z.ppm right/deep/z.ppm differ: 1 of 1200 pixels'
cp cut.idf left/deep/y.idf
cp cut.idf right/deep/y.idf
exits 2 'one that is damaged' "$idfcmp" -r left right
says 'left/deep/y.idf: '
prints 'left/deep/z.ppm right/deep/z.ppm differ: 1 of 1200 pixels'
exits 2 'a folder and a file' "$idfcmp" -r left a.png
says 'give two of them'
finish
