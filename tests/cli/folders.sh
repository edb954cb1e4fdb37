#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
#
# folders.sh: several inputs, -r, --output-dir, names that clash, one bad file among
# good ones.
. "$(dirname "$0")/common.sh"

mkdir -p d/e/f
pgm 8 8 >d/a.pgm
pgm 9 9 >d/e/b.pgm
pgm 7 5 >d/e/f/c.PGM
echo no image >d/readme.txt
ln -s .. d/e/up

exits 0 '-r takes the images of a folder' "$cidf" -r d
for f in d/a.idf d/e/b.idf d/e/f/c.idf; do
  check "   $f" test -s $f
done
nothing d/readme.idf
exits 0 '-r with --output-dir' "$cidf" -r d --output-dir=out/below
for f in a e/b e/f/c; do
  check "   out/below/$f.idf" cmp out/below/$f.idf d/$f.idf
done
exits 0 'didf -r' "$didf" -r out --output-dir back
check '   mirrors the folders' test -s back/below/e/f/c.png
exits 0 'several inputs and --output-dir' "$cidf" d/a.pgm d/e/b.pgm --output-dir two
check '   side by side' test -s two/a.idf -a -s two/b.idf
exits 1 'a folder without -r' "$cidf" d
says '-r'
exits 1 '-o for two inputs' "$cidf" -f d/a.pgm d/e/b.pgm -o x.idf
says '--output-dir'
nothing x.idf
exits 1 '-o for a folder' "$cidf" -r d -o x.idf
says '--output-dir'
exits 1 '-o and --output-dir' "$cidf" d/a.pgm -o x.idf --output-dir y
nothing x.idf y

cp d/a.pgm same.pgm
"$didf" d/a.idf -o same.png
exits 1 'two inputs for one output' "$cidf" same.pgm same.png
says 'same.png: another input has the same output same.idf'
check '   the first is done' test -s same.idf
"$cidf" -f same.pgm -o first.idf
check '   from the first' cmp same.idf first.idf

cp d/a.pgm g1.pgm
cp d/a.pgm g2.pgm
echo P5 >bad.pgm
exits 1 'one bad file' "$cidf" g1.pgm bad.pgm g2.pgm
says 'bad.pgm'
check '   does not stop the rest' test -s g1.idf -a -s g2.idf
nothing bad.idf
exits 1 'a missing file' "$cidf" -f g1.pgm missing.pgm
says 'missing.pgm: cannot be opened'
# A folder of all kinds, with what its .idf would make larger: bytes never grow.
mkdir mixed mixed/e
cp "$src/samples/photo-420.jpg" mixed/a.jpg
cp "$src/samples/photo-420.jpg" mixed/e/b.JPG
cp "$src/samples/badge.png" mixed/c.png
printf 'P5\n1 1\n255\na' >mixed/tiny.pgm
if command -v jpegtran >/dev/null 2>&1; then
  jpegtran -arithmetic mixed/a.jpg >mixed/arith.jpg
else
  echo 'skip: no jpegtran (Debian: libjpeg-turbo-progs)'
fi
total() { find mixed -type f -exec cat {} + | wc -c; }
before=$(total)
cp -R mixed saved
exits 2 '-r --rm of PNGs, JPEGs and others' "$cidf" -r --rm --json mixed
says 'mixed/tiny.pgm: warning: kept in spite of --rm: its .idf would be larger'
prints '"input":"mixed/tiny.pgm","status":"warning"'
prints '"removed":false,"width":1,"height":1,"layout":"gray","depth":8,"skipped":true,"seconds"'
nothing mixed/a.jpg mixed/e/b.JPG mixed/c.png mixed/tiny.idf mixed/arith.idf
check '   takes fewer bytes' test "$(total)" -lt "$before"
exits 0 'and back' "$didf" -r --rm mixed
check '   is what it was' sh -c '
  cmp mixed/a.jpg saved/a.jpg && cmp mixed/e/b.JPG saved/e/b.JPG &&
    cmp mixed/tiny.pgm saved/tiny.pgm'
exits 0 'what is named is done' "$cidf" --rm mixed/tiny.pgm
nothing mixed/tiny.pgm
check '   whatever it takes' test -s mixed/tiny.idf

mkdir empty
exits 0 '-r on an empty folder' "$cidf" -r empty
echo x >file
exits 1 'an output folder that is a file' "$cidf" g1.pgm --output-dir file/below
says 'cannot create the folder'
finish
