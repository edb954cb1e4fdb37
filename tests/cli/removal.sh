#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
#
# removal.sh: what --rm removes and what it keeps; permissions and times that go from input to
# output; streams that are closed, and outputs that are open files already.
. "$(dirname "$0")/common.sh"

pgm 40 30 >a.pgm
ppm 60 50 255 >c.ppm

# ---- another file under the name meanwhile ------------------------------------------
# Given sooner and later while the tool works. When it comes so soon that it is what is read, the
# output shows it, and it is rightly gone.
pgm 300 200 >long.pgm
cp a.pgm theirs.pgm
for tool in cidf didf; do
  case $tool in
    cidf) suffix=pgm out=idf options=--tile=64 ;;
    *) suffix=idf out=png options= ;;
  esac
  lost=0 rounds=0
  "$cidf" -f --tile=64 theirs.pgm -o theirs.out
  for wait in 0 0 0.01 0.02 0.03 0.05 0.08 0.12; do
    rm -f v.*
    cp long.pgm v.pgm
    [ $tool = didf ] && "$cidf" --rm --effort=max v.pgm
    cp theirs.pgm other
    # shellcheck disable=SC2086
    "$bin/$tool" --rm $options v.$suffix -o v.$out 2>>"$tmp/.err" &
    pid=$!
    sleep $wait
    mv -f other v.$suffix
    wait $pid
    rounds=$((rounds + 1))
    cmp -s theirs.pgm v.$suffix || cmp -s theirs.out v.$out || lost=$((lost + 1))
  done
  [ $lost -eq 0 ]
  result "$tool --rm: another file put under the name stays, $rounds times of $rounds" $?
done
nothing
cp a.pgm v.pgm
cp a.pgm w.pgm
ln v.pgm v2.pgm
exits 0 'a file of two names loses the one that was given' "$cidf" -f --rm v.pgm
check '   and keeps the other' cmp a.pgm v2.pgm
nothing v.pgm
ln -s w.pgm link.pgm
exits 2 'a symbolic link' "$cidf" --rm link.pgm
says 'link.pgm: warning: kept in spite of --rm: not removed: it is a symbolic link'
check '   is kept, and what it leads to' test -h link.pgm -a -s w.pgm
check '   the output is there' test -s link.idf
if mkfifo pipe.pgm 2>/dev/null; then
  cat a.pgm >pipe.pgm &
  exits 2 'a pipe' "$cidf" --rm pipe.pgm
  says 'kept in spite of --rm: not removed: it is no regular file'
  check '   is kept' test -p pipe.pgm
fi

# ---- what cannot be made again -------------------------------------------------------
cp "$src/samples/photo-420.jpg" photo.jpg
exits 0 'cidf --rm photo.jpg' "$cidf" --rm --json photo.jpg
prints '"removed":true'
nothing photo.jpg
exits 2 'its pixels as a PNG, with --rm' "$didf" --rm photo.idf -o photo.png
says 'photo.idf: warning: kept in spite of --rm: the output has only the pixels of the JPEG in it'
check '   are written' test -s photo.png
check '   and the .idf stays' test -s photo.idf
touch -d '2001-02-03 04:05:06.123456789' photo.idf
chmod 0640 photo.idf
exits 0 'the JPEG itself' "$didf" --rm --json photo.idf
prints '"removed":true'
nothing photo.idf
check '   is back' cmp photo.jpg "$src/samples/photo-420.jpg"
check '   with permissions' sh -c '[ "$(find photo.jpg -perm 0640)" ]'
touch -d '2001-02-03 04:05:06.123456789' then
check '   and time' sh -c '[ ! photo.jpg -nt then ] && [ ! photo.jpg -ot then ]'
rm photo.png
exits 2 'cidf --pixels --rm photo.jpg' "$cidf" --pixels --rm photo.jpg
says 'photo.jpg: warning: kept in spite of --rm: the JPEG cannot be made again from its .idf'
check '   keeps it' cmp photo.jpg "$src/samples/photo-420.jpg"
check '   and writes' test -s photo.idf
for name in j1.jfif j2.jpe j3.JFIF; do
  mkdir -p j
  cp photo.jpg j/$name
done
exits 0 '-r takes .jfif and .jpe' "$cidf" -qr j
check '   as x.idf' test -s j/j1.idf -a -s j/j2.idf -a -s j/j3.idf

exits 0 'a PNG keeps all, so its .idf goes' "$didf" --rm -f photo.idf -o photo.png
nothing photo.idf
"$cidf" --pixels -q photo.jpg
exits 2 'a PPM drops the Exif data' "$didf" --rm --json photo.idf -o photo.ppm
says 'kept in spite of --rm: not all of it is in photo.ppm'
prints '"dropped":["'
prints '"removed":false'
prints '"messages":["'
check '   so the .idf stays' test -s photo.idf
exits 0 'didf --rm --json of a good one' "$didf" --rm --json photo.idf -fo photo.png
prints '"removed":true'
nothing photo.idf

"$cidf" --tile=64 c.ppm -o c.idf
"$cidf" --effort=fast --tile=64 -f long.pgm -o t.idf
size=$(wc -c <t.idf)
{
  head -c $((size / 2)) t.idf
  printf '\125\252\125'
  tail -c +$((size / 2 + 4)) t.idf
} >lost.idf
exits 2 'a damaged file' "$didf" --rm --keep-going --json lost.idf -o lost.pgm
says 'is lost'
prints '"dropped":["lost tiles"]'
check '   stays' test -s lost.idf
check '   and what is left of it is written' test -s lost.pgm

# ---- permissions and times ------------------------------------------------------------
mode() { find "$1" -prune -perm "$2" | grep -q .; }
umask 022
for bits in 0600 0640 0444 0755; do
  rm -f m.pgm m.idf back.pgm
  cp a.pgm m.pgm
  touch -d '2001-02-03 04:05:06.123456789' m.pgm
  chmod $bits m.pgm
  exits 0 "cidf of a file of $bits" "$cidf" m.pgm
  check '   has its permissions' mode m.idf $bits
  check '   and its time' sh -c '[ ! m.idf -nt m.pgm ] && [ ! m.idf -ot m.pgm ]'
  exits 0 '   didf' "$didf" m.idf -o back.pgm
  check '   too' mode back.pgm $bits
  check '   and its time' sh -c '[ ! back.pgm -nt m.pgm ] && [ ! back.pgm -ot m.pgm ]'
done
cp a.pgm su.pgm
chmod 4711 su.pgm
exits 0 'a setuid file' "$cidf" su.pgm
check '   gives no setuid file' mode su.idf 0711
if [ "$(id -u)" -eq 0 ]; then
  cp a.pgm own.pgm
  chown 12345:23456 own.pgm
  exits 0 'a file of somebody else' "$cidf" own.pgm
  check '   stays his' sh -c '[ "$(find own.idf -user 12345 -group 23456)" ]'
fi
check 'what came from a pipe gets the usual ones' sh -c "cat a.pgm | '$cidf' - -o u.idf"
check '   less the umask' mode u.idf 0644
cp c.idf map.idf
chmod 0600 map.idf
exits 0 'a map of a private file' "$idfinfo" --map=map.png map.idf
check '   is private' mode map.png 0600

# ---- closed streams, open outputs ------------------------------------------------------
printf 'P5\n3 2\n255\nabcdefMORE' >warn.pgm
"$cidf" -q warn.pgm -o want.idf
"$cidf" warn.pgm -o c1.idf 1>&- 2>&-
[ $? -eq 2 ]
result 'stdout and stderr closed' $?
check '   nothing is written into the output' cmp c1.idf want.idf
"$cidf" warn.pgm -o c2.idf 0<&- 1>&- 2>&-
check 'stdin closed too' cmp c2.idf want.idf
"$cidf" a.pgm -o - >&- 2>"$tmp/.err"
[ $? -eq 1 ]
result 'an output on a closed stdout is an error' $?
"$cidf" - -o c3.idf <&- 2>"$tmp/.err"
[ $? -eq 1 ]
result 'an input on a closed stdin is an error' $?
nothing c3.idf
"$idfinfo" want.idf --map=map3.png 1>&- 2>&-
"$idfinfo" want.idf --map=map4.png >"$tmp/.out"
check 'idfinfo with closed streams' cmp map3.png map4.png
"$cidf" --help >&- 2>"$tmp/.err"
[ $? -eq 1 ]
result 'a help that nobody can see is an error' $?

if [ -e /dev/stdout ] && [ -e /dev/fd/1 ]; then
  "$cidf" a.pgm -o want2.idf
  for name in /dev/stdout /dev/fd/1 /proc/self/fd/1; do
    [ -e $name ] || continue
    "$cidf" a.pgm -o $name >o.idf 2>"$tmp/.err"
    result "-o $name needs no -f" $?
    check '   and is stdout' cmp o.idf want2.idf
    "$cidf" --verify a.pgm -o $name 2>"$tmp/.err" | cmp - want2.idf
    result '   a pipe too' $?
  done
  { echo head && cat want2.idf && echo tail; } >w3
  { echo head && "$cidf" a.pgm -o /dev/fd/3 && echo tail; } >o3 3>&1 2>"$tmp/.err"
  check 'an open file goes on where it is' cmp o3 w3
  exits 1 'and --json does not go there' "$cidf" --json a.pgm -o /dev/stdout
  says '--json'
fi
mkfifo out.idf 2>/dev/null && {
  cat out.idf >from &
  exits 0 'a pipe needs no -f' "$cidf" a.pgm -o out.idf
  wait
  check '   and gets all' cmp from want2.idf
}

# ---- what is said -----------------------------------------------------------------------
mkdir d
cp a.pgm d/a.pgm
for f in x.tif y.TIF z.webp old.idf none; do
  : >d/$f
done
exits 0 '-r tells what it passed over' "$cidf" -r d --output-dir=e
says 'cidf: passed over: 2 .tif, 1 .webp, 1 without suffix'
exits 0 '   also with --json' "$cidf" -r d --output-dir=e -f --json
prints '{"passed_over":{".tif":2,".webp":1,"without suffix":1}}'
exits 0 '   each with -v' "$cidf" -rv d --output-dir=e -f
says 'd/x.tif: passed over'
exits 0 '   not with -q' "$cidf" -qr d --output-dir=e -f
check '   which is silent' test ! -s "$tmp/.err"
name=$(printf 'n\302\233m.pgm')
exits 1 'a C1 control character in a name' "$cidf" "$name"
says 'n?m.pgm: cannot be opened'
exits 1 'too many pixels' "$didf" --max-pixels=10 want2.idf
says '--max-pixels'
if grep -q -e '--max-memory' -e '--max-metadata' "$tmp/.err"; then false; fi
result '   names that option only' $?
exits 1 'too little memory' "$didf" --max-memory=20K want2.idf
says '--max-memory'
if grep -q -e '--max-pixels' -e '--max-metadata' "$tmp/.err"; then false; fi
result '   names that option only' $?
finish
