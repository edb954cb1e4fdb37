#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
#
# sandbox.sh: while a tool reads, it has given up rights for good, which Linux shows of each
# process as NoNewPrivs; and with one file and with several all comes out as it does without.
. "$(dirname "$0")/common.sh"

grep -q '^NoNewPrivs:.*0' /proc/self/status 2>/dev/null || {
  echo 'skip: this system does not show what processes have given up, or did so already'
  exit 77
}
grep -q '^IDF_SANDBOX = none' "$bin/Makefile" 2>/dev/null && {
  echo 'skip: built without a sandbox'
  exit 77
}
# The kernel's version of Landlock; the number of the call is the same but on Alpha and MIPS.
perl -e 'exit(syscall(444, 0, 0, 1) > 0 ? 0 : 1)' 2>/dev/null || {
  echo 'skip: this kernel has no Landlock, or there is no perl to ask it'
  exit 77
}

pgm 200 150 >text.pgm
check 'a picture is made' "$cidf" text.pgm -o want.idf
"$didf" want.idf -o plain.pgm
mkfifo pipe

# confined WHAT COMMAND...: fed with half of a file, it has given up its rights; and ends well
# after the other half
confined() {
  what=$1 file=$2
  shift 2
  "$@" <pipe >"$tmp/.out" 2>"$tmp/.err" &
  pid=$!
  exec 3>pipe
  half=$(($(wc -c <"$file") / 2))
  head -c $half "$file" >&3
  tries=0
  while ! grep -q '^NoNewPrivs:.*1' /proc/$pid/status && [ $tries -lt 100 ]; do
    sleep 0.1
    tries=$((tries + 1))
  done
  [ $tries -lt 100 ]
  result "$what has given up rights" $?
  tail -c +$((half + 1)) "$file" >&3
  exec 3>&-
  wait $pid
  result '   and ends well' $?
}
confined 'cidf with one file' plain.pgm "$cidf" - -o got.idf
check '   with the same bytes' cmp want.idf got.idf
confined 'cidf --verify -f' plain.pgm "$cidf" --verify -f -T 4 - -o got.idf
check '   with the same bytes' cmp want.idf got.idf
confined 'cidf to stdout' plain.pgm "$cidf" - -o -
cp .out got.idf
check '   with the same bytes' cmp want.idf got.idf
confined 'didf with one file' want.idf "$didf" - -o got.png
check '   with the same picture' "$cidf" got.png -o again.idf
confined 'didf -t' want.idf "$didf" -t -
confined 'idfinfo' want.idf "$idfinfo" --bits -

# Several files: links, folders that are missing, inputs that go.
mkdir -p deep/one deep/two elsewhere
cp plain.pgm deep/one/a.pgm
cp plain.pgm deep/two/b.pgm
cp plain.pgm deep/c.pgm
echo old >elsewhere/c.idf
ln -s ../elsewhere/c.idf deep/c.idf
check 'many files with --rm, one behind a link' "$cidf" -r -f --rm deep
check '   each is there' cmp deep/one/a.idf deep/two/b.idf
check '   the link still is one' test -L deep/c.idf
check '   and leads to the file' cmp elsewhere/c.idf deep/one/a.idf
check '   the inputs are gone' sh -c '[ -z "$(find deep -name "*.pgm")" ]'
check 'into folders that are missing' "$didf" -r deep --output-dir new/below --format=pgm
check '   each is there' cmp new/below/one/a.pgm plain.pgm
ln -s "$tmp/elsewhere" new/link
mkdir -p more/link
cp want.idf more/link/d.idf
cp want.idf more/e.idf
check 'into a folder behind a link' "$didf" -r more --output-dir new --format=pgm
check '   it is there' cmp elsewhere/d.pgm plain.pgm
check 'a device takes an output' "$didf" -f want.idf -o /dev/null
nothing
finish
