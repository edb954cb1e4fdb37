#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
#
# signals.sh: a signal ends the tools by that signal, and leaves neither an output nor a
# temporary file; an output that was there stays as it was.
. "$(dirname "$0")/common.sh"

pgm 400 300 >part.pgm
# 48 times the picture: minutes of work, of which the test sees a second.
{
  printf 'P5\n400 14400\n255\n'
  "$cidf" part.pgm -o - | "$didf" --format=pgm >raw.pgm
  for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 \
    25 26 27 28 29 30 31 32 33 34 35 36 37 38 39 40 41 42 43 44 45 46 47 48; do
    tail -c 120000 raw.pgm
  done
} >long.pgm
echo old >kept.idf

# Signals ignored by whoever runs the tests (nohup does) stay ignored in a shell; env can
# undo that.
default=
env --default-signal=HUP,TERM true 2>/dev/null && default='env --default-signal=HUP,TERM'

# ends SIGNAL NUMBER OPTIONS...: started, seen to write, signalled
ends() {
  signal=$1 number=$2
  shift 2
  # shellcheck disable=SC2086
  $default "$cidf" --tile=64 "$@" 2>"$tmp/.err" &
  pid=$!
  tries=0
  while [ -z "$(find . -name '.idf-*.tmp' -size +0)" ] && [ $tries -lt 300 ]; do
    sleep 0.1
    tries=$((tries + 1))
  done
  [ $tries -lt 300 ]
  result "cidf writes before SIG$signal" $?
  kill -"$signal" $pid
  wait $pid
  got=$?
  [ $got -eq $((128 + number)) ] || echo "status $got" >>"$tmp/.err"
  [ $got -eq $((128 + number)) ]
  result "cidf dies of SIG$signal" $?
}

ends TERM 15 long.pgm
nothing long.idf
ends HUP 1 -f long.pgm -o kept.idf
check '   an old output stays' grep -q old kept.idf
nothing
ends TERM 15 --verify --rm long.pgm
nothing long.idf
check '   the input stays' test -s long.pgm

# A reader that goes away is an error of the write, not a death.
{
  "$cidf" --tile=64 long.pgm -o - 2>said
  echo $? >status
} | head -c 1000 >first
check 'a closed pipe gives exit 1' sh -c '[ "$(cat status)" = 1 ]'
grep -q 'stdout' said
result '   and names stdout' $?
finish
