#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
#
# check.sh: every golden file through `again`, that is both ways through the library alone,
# at each level of SIMD that it has. The samples are those of the LEDGER and those that didf
# writes; encoded again they are the bytes that cidf writes.
#
# IDF_AGAIN is another command than the one built here: `qemu-s390x-static again` tries
# another machine. IDF_BIN has the tools of this one; without them, as after configure
# --disable-tools, the LEDGER is the judge, and of files that today's encoder would write
# differently only the decoding is tried.
set -u
here=$(cd "$(dirname "$0")" && pwd)
golden=$here/../golden
samples=$here/../../samples
build=${IDF_BUILD:-$PWD}
bin=${IDF_BIN:-$build}
again=${IDF_AGAIN:-$build/tests/machines/again}
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' HUP INT TERM
LC_ALL=C
export LC_ALL
cases=0 failures=0

result() { # WHAT STATUS
  cases=$((cases + 1))
  if [ "$2" -eq 0 ]; then
    echo "ok $cases - $1"
  else
    failures=$((failures + 1))
    echo "not ok $cases - $1"
    sed 's/^/# /' "$tmp/err"
  fi
}

# What the tools make of a good file and of the picture it came from: want.pam, want.idf.
reference() { # NAME PROOF OPTIONS
  case $2 in
    *.png) in=$samples/$2 ;;
    *.jpg:*) in=$golden/${2%:*} ;;
    *) in=$tmp/want.pam ;;
  esac
  # A PAM has no palette, and no metadata but maxval; that is said, not meant.
  "$bin/didf" -q --format=pam "$golden/good-$1.idf" -o - >"$tmp/want.pam" 2>/dev/null ||
    : >"$tmp/want.pam"
  # shellcheck disable=SC2086
  "$bin/cidf" -qf $3 "$in" -o "$tmp/want.idf" 2>"$tmp/err" || return 1
}

good() { # LEVEL NAME PROOF
  $again --simd="$1" "$golden/good-$2.idf" "$tmp/now.pam" "$tmp/now.idf" 2>"$tmp/err" || return 1
  [ ! -s "$tmp/want.idf" ] || cmp "$tmp/now.idf" "$tmp/want.idf" 2>"$tmp/err" || return 1
  [ ! -s "$tmp/want.pam" ] || cmp "$tmp/now.pam" "$tmp/want.pam" 2>"$tmp/err" || return 1
  case $3 in
    *.png) ;;
    *) [ "$(sha256sum <"$tmp/now.pam" | cut -d' ' -f1)" = "${3#*:}" ] ||
      { echo "other samples than those of the LEDGER" >"$tmp/err"; return 1; } ;;
  esac
}

# Two files hold the same samples.
alike() { # NAME NAME
  $again "$golden/$1.idf" "$tmp/now.pam" "$tmp/now.idf" 2>"$tmp/err" &&
    $again "$golden/$2.idf" "$tmp/want.pam" "$tmp/want.idf" 2>"$tmp/err" &&
    cmp "$tmp/now.pam" "$tmp/want.pam" 2>"$tmp/err"
}

refused() { # FILE REASON
  case $2 in
    notidf) words='not an IDF file' ;;
    damaged) words='damaged' ;;
    short) words='end too early' ;;
    newer) words='another version' ;;
    *) echo "LIST: what is $2?" >"$tmp/err"; return 1 ;;
  esac
  $again "$1" "$tmp/now.pam" "$tmp/now.idf" 2>"$tmp/err"
  status=$?
  [ "$status" -eq 1 ] && grep -q "$words" "$tmp/err" || {
    echo "exit status $status, where \"$words\" is due" >>"$tmp/err"
    return 1
  }
}

: >"$tmp/err"
levels=$($again --levels)
case $levels in
  none*) ;;
  *) echo "not ok 1 - $again --levels says: $levels"; exit 1 ;;
esac
grep -v '^#' "$golden/LIST" >"$tmp/list"
while read -r class name what rest; do
  rm -f "$tmp/now.pam" "$tmp/now.idf" "$tmp/want.pam" "$tmp/want.idf"
  [ "$class" != keep ] || continue
  if [ "$class" = same ]; then
    alike "same-$name" "good-$what"
    result "same-$name decodes to the samples of good-$what" $?
    continue
  fi
  if [ "$class" != good ]; then
    refused "$golden/$class-$name.idf" "$what"
    result "$class-$name is refused: $what" $?
    continue
  fi
  # shellcheck disable=SC2046
  set -- $(grep "^$name " "$golden/LEDGER")
  [ $# -eq 4 ] || { result "good-$name is in the LEDGER" 1; continue; }
  # What encodes again looks for histories.
  plain=$(echo "$rest" | sed 's/--no-history//')
  if [ -x "$bin/cidf" ]; then
    reference "$name" "$4" "$plain" || { result "cidf encodes $name" 1; continue; }
  elif [ "$2" = "$3" ] && [ "$plain" = "$rest" ]; then
    cp "$golden/good-$name.idf" "$tmp/want.idf"
  fi
  for level in $levels; do
    good "$level" "$name" "$4"
    result "good-$name both ways at level $level" $?
  done
done <"$tmp/list"
# Pictures that the models draw: the same on every machine, and at every level.
while read -r effort sum; do
  for level in $levels; do
    $again --simd="$level" --draw="$effort" >"$tmp/drawn.ppm" 2>"$tmp/err" &&
      [ "$(sha256sum <"$tmp/drawn.ppm" | cut -d' ' -f1)" = "$sum" ]
    result "the model of effort $effort draws the same at level $level" $?
  done
done <<'D'
1 6975d1e45a0756af1fdcbead709de26833866ebeec0865b21156081bbd5fea6c
5 a3f95f6a235506c361f928edd4826c791c4714699193c4fa03556b23cecff577
9 36119d26790ba5046101741c0ab4e9d9e3e862086d8e9c5879c0d8c571c40127
D
echo "1..$cases"
[ "$failures" -eq 0 ]
