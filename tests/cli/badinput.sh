#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
#
# badinput.sh: what is no image, damaged, too large or cannot be written gives exit 1, a
# message naming the file, and no output.
. "$(dirname "$0")/common.sh"

# refused TOOL FILE TEXT: exit 1, the file and the text in the message, no output
refused() {
  tool=$1 file=$2 text=$3
  shift 3
  rm -f out.x
  exits 1 "${tool##*/} refuses $file $*" "$tool" "$@" "$file" -o out.x
  says "$file"
  says "$text"
  nothing out.x
}

pgm 70 70 >a.pgm
"$cidf" a.pgm -o a.idf
"$didf" a.idf -o a.png

: >empty
echo hello >text
printf '\377\330\377\340\000\020JFIF' >j.jpg
tr -d '\015' <a.png >crlf.png
head -c 200 a.png >short.png
{ head -c 41 a.png; printf 'xxxx'; tail -c +46 a.png; } >broken.png
printf 'P5\n3 3\n255\nabc' >short.pgm
printf 'P5\n3 3\n70000\nabc' >maxval.pgm
printf 'P5\n99999 99999\n255\nabc' >huge.pgm
mkdir folder

refused "$cidf" empty 'is empty'
refused "$cidf" text 'no PNG, JPEG, PNM or PAM'
refused "$cidf" j.jpg 'the JPEG ends'
refused "$cidf" crlf.png 'libpng'
refused "$cidf" short.png 'ends'
refused "$cidf" broken.png 'libpng'
refused "$cidf" short.pgm 'too early'
refused "$cidf" maxval.pgm 'maxval'
refused "$cidf" huge.pgm '--max-pixels'
refused "$cidf" folder 'folder'
refused "$cidf" missing 'No such file'
refused "$cidf" a.idf 'already'
refused "$didf" a.png 'a.png'
refused "$didf" empty 'empty'
refused "$didf" missing 'No such file'
exits 1 'idfinfo refuses text' "$idfinfo" text --map=out.x
says 'text'
nothing out.x

refused "$cidf" a.pgm '--max-pixels' --max-pixels=4K
refused "$cidf" a.pgm 'limit' --max-memory=10K
refused "$didf" a.idf '--max-pixels' --max-pixels=4899
exits 0 'a limit that is just kept' "$didf" --max-pixels=4900 a.idf -o limit.png
refused "$didf" a.idf 'limit' --max-memory=10K

for n in 1 7 8 20 29 40 100 $(($(wc -c <a.idf) - 1)); do
  head -c "$n" a.idf >cut.idf
  refused "$didf" cut.idf cut.idf
done
size=$(wc -c <a.idf)
for at in 0 9 15 30 $((size / 2)) $((size - 5)); do
  { head -c "$at" a.idf; printf '\125\252'; tail -c +$((at + 3)) a.idf; } >flip.idf
  cmp -s a.idf flip.idf || refused "$didf" flip.idf flip.idf
done
{ cat a.idf; echo; } >long.idf
refused "$didf" long.idf long.idf
exits 1 'didf -t finds damage' "$didf" -t flip.idf
says 'flip.idf'

cp a.pgm self
exits 1 'the input is not the output' "$cidf" -f self -o self
says 'input itself'
check '   and is untouched' cmp self a.pgm
if [ -c /dev/full ]; then
  exits 1 'a full disk' "$cidf" a.pgm -o /dev/full
  says '/dev/full'
  "$cidf" a.pgm >/dev/full 2>"$tmp/.err"
  [ $? -eq 1 ]
  result 'a full stdout' $?
  "$idfinfo" a.idf >/dev/full 2>"$tmp/.err"
  [ $? -eq 1 ]
  result 'idfinfo on a full stdout' $?
fi
# A limit on file sizes stands for a disk that fills up halfway.
(
  ulimit -f 1
  trap '' XFSZ
  "$cidf" a.pgm -o big.idf
) >"$tmp/.out" 2>"$tmp/.err"
if [ $? -eq 1 ]; then
  says 'big.idf'
  nothing big.idf
else
  echo 'skip: this shell does not limit the size of files'
fi
exits 1 'an output in no folder' "$cidf" a.pgm -o no/where.idf
says 'no/where.idf'
exits 1 'an output that is a folder' "$cidf" -f a.pgm -o folder
says '--output-dir'
if command -v script >/dev/null 2>&1; then
  script -qec "'$cidf' -o - a.pgm" /dev/null >"$tmp/.err" 2>&1 </dev/null
  says 'terminal'
fi

for bad in --effort=77 --effort=x --tile=63 --tile=65 --tile=8192 --tile= --max-pixels=0 \
  --max-memory=1Q --max-metadata=-1 --nonsense -Z --model=missing --model=text; do
  exits 1 "cidf $bad" "$cidf" "$bad" a.pgm -o out.x
  nothing out.x
done
for bad in --format=gif --compression=10 -cx --effort=5 --nonsense --json=1; do
  exits 1 "didf $bad" "$didf" "$bad" a.idf -o out.x
  nothing out.x
done
exits 1 'an option without its value' "$cidf" a.pgm -o
says 'needs a value'
exits 1 'idfinfo --map=-' "$idfinfo" --map=- a.idf
says 'stdout'
# A small file of a large picture: the limits stop it, and the option that lifts them is named.
{ printf 'P5\n8192 8192\n255\n' && head -c 67108864 /dev/zero; } >flat.pgm
check 'a flat picture of 67 million pixels' "$cidf" --effort=fast --tile=4096 flat.pgm
[ "$(wc -c <flat.idf)" -lt 200 ]
result '   is a file below 200 bytes' $?
exits 1 '   and not decoded past a limit' "$didf" --max-pixels=1M flat.idf -o flat.png
says '--max-pixels'
nothing flat.png
rm -f flat.pgm

# A wrong sum over the pixels means wrong pixels, wherever in the file it is.
sum_png() {
  printf '\211PNG\015\012\032\012\000\000\000\015IHDR\000\000\000\001\000\000\000\001'
  printf '\010\000\000\000\000\072\176\233U'
  # shellcheck disable=SC2059
  printf "$1"
  printf '\000\000\000\000IEND\256B\140\202'
}
sum_png '\000\000\000\012IDATx\234c\010\005\000\000W\000WHD\057\332' >sum.png
apart='\000\000\000\006IDATx\234c\010\005\000\231\206\241m'
sum_png "$apart"'\000\000\000\004IDAT\000W\000Wv\337\033e' >sum_apart.png
for f in sum sum_apart; do
  exits 1 "a wrong sum of all pixels is an error: $f" "$cidf" --rm $f.png
  says 'IDAT: '
  nothing $f.idf
  check '   the input stays' test -s $f.png
done
finish
