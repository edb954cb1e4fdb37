#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
#
# sample.sh: pictures that the models draw, as people ask for them.
# shellcheck source=tests/cli/common.sh
. "$(dirname "$0")/common.sh"
sample=$bin/idf-sample

exits 0 'a picture' "$sample" --size=40x30 -o a.ppm
check '   of this size' sh -c 'head -c 9 a.ppm | grep -q "40 30"'
exits 0 'the same again' "$sample" --size=40x30 --seed=1 --effort=default -o b.ppm
check '   is the same' cmp a.ppm b.ppm
exits 0 'another seed' "$sample" --size=40x30 --seed=2 -o c.ppm
check '   is another picture' sh -c '! cmp -s a.ppm c.ppm'
exits 0 'without SIMD' "$sample" --size=40x30 --simd=none -f -o b.ppm
check '   is the same' cmp a.ppm b.ppm
for effort in fast max; do
  exits 0 "the model of $effort" "$sample" --size=40x30 -e "$effort" -o "$effort.ppm"
  check '   draws another' sh -c '! cmp -s a.ppm "$0.ppm"' "$effort"
done
exits 0 'a gray picture' "$sample" --gray --size 20x10 -o g.pgm
exits 0 'to stdout' sh -c '"$0" --gray --size 20x10 -o - >g.png' "$sample"
exits 0 '   as PNG' "$bin/idfcmp" g.pgm g.png
exits 1 'an existing file' "$sample" --gray --size 20x10 -o g.pgm
says 'g.pgm: exists'

ppm 50 40 255 >p.ppm
exits 0 'going on' "$sample" --continue p.ppm --from 15 -o d.ppm
"$cidf" -q p.ppm -o p.idf
exits 0 'from an .idf' "$sample" --continue p.idf --from 15 -o e.ppm
check '   is the same' cmp d.ppm e.ppm
exits 1 '   is another picture' "$bin/idfcmp" p.ppm d.ppm
exits 0 'all rows given' "$sample" --continue p.ppm --from 40 -o all.ppm
exits 0 '   is the picture' "$bin/idfcmp" p.ppm all.ppm
exits 1 'rows that are not there' "$sample" --continue p.ppm --from 41 -o f.ppm
says 'p.ppm: has only 40 rows'
palette_png >palette.png
exits 1 'a palette' "$sample" --continue palette.png -o f.ppm
says 'only gray and RGB'
exits 1 'no output' "$sample"
says 'name the output'
exits 1 'an operand' "$sample" p.ppm -o f.ppm
says 'there are no inputs'
exits 1 'no size' "$sample" --size=40 -o f.ppm
says '--size=40: give WIDTHxHEIGHT'
exits 1 'too large' "$sample" --size=5000x10 -o f.ppm
exits 1 'rows of nothing' "$sample" --from 3 -o f.ppm
says 'of which picture'
exits 1 'too little memory' "$sample" --max-memory=100K -o f.ppm
nothing f.ppm
finish
