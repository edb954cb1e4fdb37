# SPDX-License-Identifier: BSD-3-Clause
#
# common.sh: for the tests that use the tools as people do: a folder of their own, a few
# images made on the spot, and cases counted as ok / not ok lines. Sourced.
# shellcheck shell=sh
set -u
src=${IDF_SRC:-$(cd "$(dirname "$0")/../.." && pwd)}
bin=${IDF_BIN:-$PWD}
bin=$(cd "$bin" && pwd) || exit 1
cidf=$bin/cidf didf=$bin/didf idfinfo=$bin/idfinfo
for tool in "$cidf" "$didf" "$idfinfo"; do
  [ -x "$tool" ] || { echo "not ok 1 - $tool is not there: set IDF_BIN"; exit 1; }
done
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' HUP INT TERM
cd "$tmp" || exit 1
LC_ALL=C
export LC_ALL

cases=0 failures=0
# result WHAT STATUS: one case, good when STATUS is 0
result() {
  cases=$((cases + 1))
  if [ "$2" -eq 0 ]; then
    echo "ok $cases - $1"
  else
    echo "not ok $cases - $1"
    failures=$((failures + 1))
    sed 's/^/# /' "$tmp/.err" 2>/dev/null | head -n 5
  fi
}
# check WHAT COMMAND...: good when the command succeeds
check() {
  what=$1
  shift
  "$@" >"$tmp/.out" 2>"$tmp/.err"
  result "$what" $?
}
# exits STATUS WHAT COMMAND...: good when the command exits with just this status
exits() {
  want=$1 what=$2
  shift 2
  "$@" >"$tmp/.out" 2>"$tmp/.err" </dev/null
  got=$?
  [ $got -eq "$want" ] || echo "exit status $got instead of $want" >>"$tmp/.err"
  [ $got -eq "$want" ]
  result "$what" $?
}
# says TEXT: the last command's stderr has this text
says() {
  grep -qF -- "$1" "$tmp/.err"
  result "   and says: $1" $?
}
# prints TEXT: the last command's stdout has this text
prints() {
  grep -qF -- "$1" "$tmp/.out"
  result "   and prints: $1" $?
}
# nothing NAME...: none of these files is there, nor a temporary one
nothing() {
  left=
  for name in "$@"; do
    [ -e "$name" ] && left="$left $name"
  done
  left="$left$(find . -name '.idf-*.tmp')"
  [ -z "$left" ]
  result "   and leaves no output$left" $?
}
finish() {
  echo "1..$cases"
  [ $failures -eq 0 ]
  exit
}

# pgm WIDTH HEIGHT: a gray picture that is neither flat nor noise
pgm() {
  awk -v w="$1" -v h="$2" 'BEGIN {
    printf "P2\n%d %d\n255\n", w, h
    for (y = 0; y < h; y++)
      for (x = 0; x < w; x++) {
        s = (s * 1103 + 12345) % 65536
        printf "%d\n", (x * 3 + y * 2 + s % 9) % 256
      }
  }'
}
# ppm WIDTH HEIGHT MAXVAL
ppm() {
  awk -v w="$1" -v h="$2" -v m="$3" 'BEGIN {
    printf "P3\n%d %d\n%d\n", w, h, m
    for (y = 0; y < h; y++)
      for (x = 0; x < w; x++) {
        s = (s * 1103 + 12345) % 65536
        printf "%d %d %d\n", (x * 5 + s % 3) % (m + 1), (x + y) % (m + 1), (y * 7) % (m + 1)
      }
  }'
}
# palette_png: 4 x 4, two bits, four colours, with gAMA and tRNS before the pixels and
# tEXt after them
palette_png() {
  {
    printf '\211PNG\015\012\032\012\000\000\000\015IHDR\000\000\000\004\000\000\000\004\002\003'
    printf '\000\000\000\324\237v\355\000\000\000\004gAMA\000\000\261\217\013\374a\005\000\000'
    printf '\000\014PLTE\000\012\024\036\0502\074FPZdn\055\3306\374\000\000\000\001tRNS\200\255'
    printf '\136\133F\000\000\000\016IDATx\234cx\302\040\315\000\304\000\011\222\001\377\341\003'
    printf '6i\000\000\000\022tEXtTitle\000four\040colours\377\134\323\074\000\000\000\000IEND'
    printf '\256B\140\202'
  }
}
