#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
#
# many.sh: the files of a folder are done side by side, and nothing shows it: outputs, messages and
# records are the same, and in the same order, with any number of threads.
. "$(dirname "$0")/common.sh"

mkdir in
for i in 1 2 3 4 5 6 7 8 9; do
  pgm $((i * 9)) $((70 - i * 5)) >in/p$i.pgm
  ppm $((60 - i * 3)) $((i * 8)) 255 >in/q$i.ppm
done
pgm 150 130 >in/large.pgm # six tiles of 64 x 64
cp "$src/samples/badge.png" "$src/samples/photo-420.jpg" in
echo P5 >in/bad1.pgm
echo nothing >in/p5a.png
printf 'P5\n1 1\n255\nabc' >in/tail.pgm # with a warning
echo text >in/readme.txt

# timeless FILE: without what differs each time
timeless() {
  sed -E 's/"seconds":[0-9.]+/"seconds"/; s/[0-9.]+ s, [0-9.]+ MP\/s/time/' "$1"
}
# run THREADS TOOL OPTIONS...: its outputs are in out.THREADS; messages and records, too
run() {
  threads=$1
  shift
  "$@" -r -v --json -T "$threads" --output-dir "out" >records 2>messages
  echo $? >status
  rm -rf "out.$threads"
  mkdir -p out
  timeless records >out/records
  timeless messages >out/messages
  mv status out/status
  mv out "out.$threads"
}
for threads in 1 2 3 16; do
  run $threads "$cidf" --tile=64 in
  check "cidf with $threads threads" cmp out.$threads/status out.1/status
done
check '   fails for the bad ones' grep -q 1 out.1/status
for threads in 2 3 16; do
  check "   says, records and writes the same with $threads" diff -r out.1 out.$threads
done
check '   in order' sh -c '
  grep -o "\"input\":\"[^\"]*" out.16/records >order && sort -C order &&
    [ "$(wc -l <order)" -eq 24 ]'
check '   and names the bad ones' grep -q 'in/p5a.png: is no PNG, JPEG, PNM or PAM' out.16/messages

rm -rf idf
mkdir idf
cp out.1/*.idf idf
head -c 100 out.1/q9.idf >idf/p3a.idf
for threads in 1 2 16; do
  run $threads "$didf" idf
done
for threads in 2 16; do
  check "didf says, records and writes the same with $threads" diff -r out.1 out.$threads
done
check '   and the pictures are right' cmp out.2/photo-420.jpg in/photo-420.jpg

# With just enough memory for one at a time all the same succeeds.
rm in/bad1.pgm in/p5a.png in/tail.pgm
least=1
until "$cidf" -q -t -T 1 --max-memory=${least}M in/photo-420.jpg in/large.pgm 2>/dev/null; do
  least=$((least + 1))
  [ $least -lt 64 ] || break
done
exits 0 "with ${least}M for all" "$cidf" -r --max-memory=${least}M -T 8 in --output-dir tight
exits 0 '   the same bytes' "$cidf" -r in -T 1 --output-dir loose
check '   as without limit' diff -r tight loose
exits 0 '--verify side by side' "$cidf" -r --verify -T 4 in --output-dir verified
check '   the same bytes' diff -r verified loose
cp -R in gone
exits 0 '--rm side by side' "$cidf" -r --rm -T 4 gone
check '   leaves .idf files' sh -c '[ "$(find gone -name "*.idf" | wc -l)" -ge 19 ]'
nothing gone/p9.pgm

# A signal leaves nothing of all that were begun.
mkdir slow
head -c 1572864 /dev/urandom >noise
for i in 1 2 3 4; do
  { printf 'P5\n1024 1536\n255\n' && cat noise; } >slow/n$i.pgm
done
"$cidf" -r -T 4 --effort=max --tile=64 slow 2>"$tmp/.err" &
pid=$!
tries=0
while [ $tries -lt 200 ]; do
  sleep 0.05
  tries=$((tries + 1))
  ticks=$(sed 's/.*) //' "/proc/$pid/stat" 2>/dev/null | awk '{ print $12 + $13 }')
  [ "${ticks:-$tries}" -ge 40 ] && break
done
kill -TERM $pid
wait $pid
got=$?
[ $got -eq 143 ]
result 'a signal ends all of them' $?
nothing slow/*.idf
finish
