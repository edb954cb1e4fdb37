#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
#
# basics.sh: encode, look, decode; names, pipes, overwriting, removing, testing.
. "$(dirname "$0")/common.sh"

pgm 40 30 >a.pgm
ppm 20 10 255 >c.ppm
palette_png >p.png

exits 0 'cidf --help' "$cidf" --help
prints 'Usage: cidf'
prints '--verify'
exits 0 'didf -h' "$didf" -h
prints '--keep-going'
exits 0 'idfinfo --help' "$idfinfo" --help
for t in cidf didf idfinfo; do
  exits 0 "$t -V" "$bin/$t" -V
  prints "$t (idf) "
done

exits 0 'cidf IN writes beside it' "$cidf" a.pgm
check '   as a.idf' test -s a.idf
check '   and keeps the input' test -s a.pgm
[ ! -s "$tmp/.err" ] && [ ! -s "$tmp/.out" ]
result '   and is silent' $?
exits 0 'didf IN writes beside it' "$didf" a.idf
check '   as a.png' test -s a.png
exits 0 'a PNG made of a PGM is encoded' "$cidf" a.png -o b.idf
exits 0 'and decoded to a PGM' "$didf" b.idf -o b.pgm
"$didf" a.idf -o a2.pgm 2>/dev/null
check '   the same samples' cmp b.pgm a2.pgm

exits 1 'an existing output is kept' "$cidf" a.pgm
says 'a.idf: exists'
says '-f'
cp a.idf before.idf
exits 0 'and replaced with -f' "$cidf" -f a.pgm
check '   by the same bytes' cmp a.idf before.idf
exits 1 'didf keeps an existing output too' "$didf" a.idf
exits 0 'and replaces it with --force' "$didf" --force a.idf

check 'stdin to stdout' sh -c "'$cidf' - <a.pgm >pipe.idf"
check '   the same bytes' cmp a.idf pipe.idf
check 'without operands as well' sh -c "'$cidf' <a.pgm >pipe2.idf && cmp a.idf pipe2.idf"
check 'a pipe of both' sh -c "cat a.pgm | '$cidf' | '$didf' --format=pgm >pipe.pgm"
check '   gives the picture' cmp pipe.pgm a2.pgm
check 'a pipe gives a PNG by default' sh -c "'$didf' - <a.idf >pipe.png && cmp pipe.png a.png"
check '-o -' sh -c "'$cidf' a.pgm -o - | cmp - a.idf"
cp a.pgm ./-f.pgm
exits 0 '-- ends the options' "$cidf" -- -f.pgm
check '   so that -f.idf is a file' test -s ./-f.idf
exits 0 'a PNG named like nothing is told by its bytes' sh -c "cp a.png noname && '$cidf' noname"
check '   noname.idf' test -s noname.idf

ppm 300 200 255 >tiles.ppm
exits 0 'one thread' "$cidf" -q -f -T 1 --effort=default --tile=64 tiles.ppm -o one.idf
exits 0 '   to decode' "$didf" -q -f -T 1 one.idf -o one.ppm
for n in 0 2 5 256; do
  exits 0 "-T $n" "$cidf" --threads=$n --tile=64 --verify tiles.ppm -o "many$n.idf"
  check '   gives the same bytes' cmp one.idf "many$n.idf"
  exits 0 "didf -T $n" "$didf" -q -f -T $n "many$n.idf" -o "many$n.ppm"
  check '   and the picture' cmp one.ppm "many$n.ppm"
done
exits 0 'idfinfo -T' "$idfinfo" -T 2 --bits one.idf
for n in -1 257 x ''; do
  exits 1 "--threads=$n is refused" "$cidf" --threads=$n tiles.ppm -o no.idf
  says 'from 0 (all processors) to 256'
done

exits 0 '--verify' "$cidf" --verify c.ppm
check '--verify from a pipe' sh -c "'$cidf' --verify <c.ppm | cmp - c.idf"
rm -f c.idf
exits 0 'cidf -t' "$cidf" -t c.ppm p.png a.pgm
nothing c.idf p.idf
"$cidf" c.ppm
exits 0 'didf -t' "$didf" -t c.idf
nothing c.png
exits 0 'cidf -v' "$cidf" -v -f c.ppm
says '20 x 10 RGB, 8 bits'
exits 0 'didf -tv' "$didf" -tv c.idf
says 'good'

cp a.pgm r.pgm
exits 0 '--rm' "$cidf" --rm r.pgm
nothing r.pgm
cp a.pgm r.pgm
exits 0 '--rm -k' "$cidf" --rm -kf r.pgm
check '   keeps the input' test -s r.pgm
exits 0 '--rm -t' "$cidf" --rm -t r.pgm
check '   keeps the input' test -s r.pgm
exits 1 '--rm with an error' "$cidf" --rm r.pgm
check '   keeps the input' test -s r.pgm

"$cidf" p.png
exits 0 'a palette PNG comes back' "$didf" p.idf -o p2.png
check '   the same chunks after the pixels' \
  sh -c "tail -c 42 p.png >t1; tail -c 42 p2.png >t2; cmp t1 t2"
head -c 94 p.png >h1
head -c 94 p2.png >h2
check '   and the same chunks before the pixels' cmp h1 h2

exits 0 'cidf --json' "$cidf" --json -f a.pgm
prints '{"input":"a.pgm","output":"a.idf","status":"ok",'\
'"width":40,"height":30,"layout":"gray","depth":8,"input_bytes":'
exits 1 'an error in --json' "$cidf" --json -f a.pgm none.png
prints '{"input":"none.png","output":"none.idf","status":"error","message":"cannot be opened'
cp "$tmp/.out" lines
check '   one line each' sh -c '[ $(wc -l <lines) -eq 2 ]'
exits 1 '--json and the image on stdout' "$cidf" --json a.pgm -o -
says '--json'
for tile in 64 128 4096; do
  exits 0 "--tile=$tile" "$cidf" --tile=$tile a.pgm -fo t.idf
  check '   decodes' sh -c "'$didf' -f t.idf -o t.pgm && cmp t.pgm a2.pgm"
done
exits 0 '--effort=default' "$cidf" --effort=default -f a.pgm -o e.idf
check '   is the default' cmp e.idf a.idf
exits 0 '--effort=5 is its number' "$cidf" --effort=5 -f a.pgm -o e.idf
check '   and the same' cmp e.idf a.idf
# Every effort: what it is called, that it comes back, that each is another model's file. The
# picture is large enough for a tile to have coefficients of its own.
exits 0 'cidf --help lists efforts' "$cidf" --help
prints 'Efforts: 1=fast 5=default 9=max'
pgm 200 120 >large.pgm
for effort in fast=1 default=5 max=9; do
  name=${effort%=*} number=${effort#*=}
  for picture in large tiles; do
    exits 0 "--effort=$name of $picture" \
      "$cidf" -f --effort="$name" --verify "$picture".p?m -o "$picture-$name.idf"
    exits 0 '   comes back' "$didf" -f "$picture-$name.idf" -o e.pam
    exits 0 '   from the number too' "$cidf" -f --effort="$number" "$picture".p?m -o n.idf
    check '   by the same bytes' cmp n.idf "$picture-$name.idf"
    for level in none auto; do
      check "   the same picture at level $level" \
        sh -c "'$didf' --simd=$level '$picture-$name.idf' --format=pam -o - | cmp - e.pam"
    done
    check '   that the default effort gives' \
      sh -c "'$cidf' '$picture'.p?m -o - | '$didf' --format=pam - -o - | cmp - e.pam"
  done
  exits 0 '   idfinfo of it' "$idfinfo" --json "large-$name.idf"
  prints "\"effort\":$number,"
  prints " ($name)\""
  exits 0 '   its tiles' "$idfinfo" --tiles "large-$name.idf"
  prints ' flow '
done
for pair in 'fast default' 'default max' 'fast max'; do
  check "files differ: $pair" sh -c '! cmp -s "large-${1% *}.idf" "large-${1#* }.idf"' sh "$pair"
done
exits 0 'an output on a device' "$cidf" a.pgm -o /dev/null
check '   which stays one' test -c /dev/null
finish
