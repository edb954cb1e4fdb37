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
env --default-signal=HUP,TERM,QUIT,XCPU true 2>/dev/null &&
  default='env --default-signal=HUP,TERM,QUIT,XCPU'
ulimit -c 0 # two of the signals leave a core

# writes PID: it has bytes in an output that has no name yet, or a temporary one. Nameless files
# are seen on Linux only, where there is a folder of each process's open files.
writes() {
  [ -n "$(find . -name '.idf-*.tmp' -size +0)" ] && return 0
  for fd in "/proc/$1/fd"/*; do
    case $(readlink "$fd" 2>/dev/null) in
      "$tmp/"*'(deleted)') [ -s "$fd" ] && return 0 ;;
    esac
  done
  return 1
}

# ends SIGNAL NUMBER OPTIONS...: started, seen to write, signalled
ends() {
  signal=$1 number=$2
  shift 2
  # shellcheck disable=SC2086
  $default "$cidf" --tile=64 "$@" 2>"$tmp/.err" &
  pid=$!
  tries=0
  while ! writes $pid && [ $tries -lt 300 ]; do
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

ends QUIT 3 long.pgm
nothing long.idf
ends XCPU 24 long.pgm
nothing long.idf
# Nothing can be cleaned up after this one; where files need no name, nothing has to be.
if [ -d /proc/self/fd ] && ends KILL 9 -f long.pgm -o kept.idf; then
  check '   an old output stays' grep -q old kept.idf
  left=$(find . -name '.idf-*.tmp')
  if [ -n "$left" ] && [ "$(uname -s)" != Linux ]; then
    echo 'skip: no nameless files here'
    rm -f "$left"
  else
    nothing
  fi
fi

# Inside one large tile, which takes the slowest effort seconds: noise of six bits in eight.
head -c 1572864 /dev/urandom | tr '\000-\077\100-\177\200-\277\300-\377' \
  '\100-\177\100-\177\100-\177\100-\177' >noise
# works PID: waits until it has worked for a fifth of a second; no start takes as long
works() {
  tries=0
  while [ $tries -lt 200 ]; do
    sleep 0.05
    tries=$((tries + 1))
    # Ticks, hundredths of a second nearly everywhere: user and system, behind the name.
    ticks=$(sed 's/.*) //' "/proc/$1/stat" 2>/dev/null | awk '{ print $12 + $13 }')
    [ "${ticks:-$tries}" -ge 20 ] && return 0
  done
  return 1
}
# stops WHAT COMMAND...: killed while it works, it is gone within a few seconds
stops() {
  what=$1
  shift
  $default "$@" >/dev/null 2>"$tmp/.err" &
  pid=$!
  works $pid && kill -TERM $pid
  result "$what is at work after a fifth of a second of it" $?
  tries=0
  while kill -0 $pid 2>/dev/null && [ $tries -lt 100 ]; do
    sleep 0.1
    tries=$((tries + 1))
    # A child that ended is still there for kill until it is waited for.
    case $(ps -o stat= -p $pid 2>/dev/null) in Z* | '') break ;; esac
  done
  [ $tries -lt 100 ]
  result '   and ends within ten seconds of SIGTERM' $?
  kill -KILL $pid 2>/dev/null
  wait $pid
  got=$?
  [ $got -eq 143 ]
  result '   by that signal' $?
}
{ printf 'P5\n1024 1536\n255\n' && cat noise; } >small.pgm
check 'a tile is made' "$cidf" --tile=4096 --effort=max small.pgm
stops 'didf in it' "$didf" --simd=none small.idf
nothing small.png
stops 'idfinfo in it' "$idfinfo" --bits small.idf

# A limit on the size of files is a disk that is full.
(
  ulimit -f 1 && "$cidf" --tile=64 part.pgm -o big.idf
) >"$tmp/.out" 2>"$tmp/.err"
if [ $? -eq 1 ]; then
  says 'big.idf: cannot be written: File too large'
  nothing big.idf
else
  echo 'skip: this shell does not limit the size of files'
fi

# A reader that goes away is an error of the write, not a death.
{
  "$cidf" --tile=64 long.pgm -o - 2>said
  echo $? >status
} | head -c 1000 >first
check 'a closed pipe gives exit 1' sh -c '[ "$(cat status)" = 1 ]'
grep -q 'stdout' said
result '   and names stdout' $?
finish
