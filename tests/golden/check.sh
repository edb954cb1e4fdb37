#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
#
# check.sh: every golden file of LIST. Good ones decode to what the LEDGER says, for
# ever. Bad and unsupported ones give exit 1, a message that names the file and the
# right reason, and no output. Today's encoder needs the bytes the LEDGER says: when
# that changed on purpose, run make.sh and let the difference be reviewed.
# IDF_GOLDEN is another folder to check, for trying make.sh.
set -u
here=$(cd "$(dirname "$0")" && pwd)
bin=${IDF_BIN:-$PWD}
pngcmp=${IDF_BUILD:-$bin}/tests/pngcmp
folder=${IDF_GOLDEN:-$here}
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
LC_ALL=C
export LC_ALL
if [ ! -e "$folder/LEDGER" ]; then
  echo "skip: no golden files yet: tests/golden/make.sh writes them"
  exit 77
fi
cases=0 failures=0

# result WHAT STATUS
result() {
  cases=$((cases + 1))
  if [ "$2" -eq 0 ]; then
    echo "ok $cases - $1"
  else
    failures=$((failures + 1))
    echo "not ok $cases - $1"
    [ ! -s "$tmp/err" ] || sed 's/^/# /' "$tmp/err"
  fi
}

# A good file's picture. Exit 2 is the warning that a PAM holds no metadata.
pam() { # NAME OUTPUT
  "$bin/didf" -q --format=pam "$folder/good-$1.idf" -o - 2>"$tmp/err" >"$2" || [ $? -eq 2 ]
}

decodes() { # NAME PROOF
  case $2 in
    *.png) "$bin/didf" -qf "$folder/good-$1.idf" -o "$tmp/x.png" 2>"$tmp/err" &&
      "$pngcmp" "$here/../../samples/$2" "$tmp/x.png" >"$tmp/err" ;;
    *.jpg:*) "$bin/didf" -qf "$folder/good-$1.idf" -o "$tmp/x.jpg" 2>"$tmp/err" &&
      cmp "$here/${2%:*}" "$tmp/x.jpg" 2>"$tmp/err" && decodes "$1" "${2#*:}" ;;
    *) pam "$1" "$tmp/x.pam" && [ "$(sha256sum <"$tmp/x.pam" | cut -d' ' -f1)" = "$2" ] ;;
  esac
}

# The encoder of today on a good file's own picture: the size in the LEDGER.
encodes() { # NAME BYTES PROOF OPTIONS
  case $3 in
    *.png) in=$here/../../samples/$3 ;;
    *.jpg:*) in=$here/${3%:*} ;;
    *) in=$tmp/x.pam ;;
  esac
  # shellcheck disable=SC2086
  "$bin/cidf" -qf $4 "$in" -o "$tmp/now.idf" 2>"$tmp/err" || return 1
  now=$(wc -c <"$tmp/now.idf")
  [ "$now" -eq "$2" ] || { echo "$2 bytes in the LEDGER, $now now" >"$tmp/err"; return 1; }
}

# Every level of this machine decodes a good file, and encodes its picture, to the same bytes.
levels=$("$bin/idfinfo" --simd | sed 's/.*(of \(.*\))/\1/; s/,//g')
same_at() { # LEVEL NAME PROOF OPTIONS; leaves what `decodes` and `encodes` left
  case $3 in
    *.png) kind=png in=$here/../../samples/$3 ;;
    *.jpg:*) kind=pam in=$here/${3%:*} ;;
    *) kind=pam in=$tmp/x.pam ;;
  esac
  # shellcheck disable=SC2086
  { "$bin/didf" -q --simd="$1" --format=$kind "$folder/good-$2.idf" -o - 2>"$tmp/err" \
    >"$tmp/level" || [ $? -eq 2 ]; } && cmp "$tmp/level" "$tmp/x.$kind" 2>"$tmp/err" &&
    IDF_SIMD=$1 "$bin/cidf" -qf $4 "$in" -o "$tmp/level" 2>"$tmp/err" &&
    cmp "$tmp/level" "$tmp/now.idf" 2>"$tmp/err"
}

refused() { # FILE REASON
  case $2 in
    notidf) words='not an IDF file' ;;
    damaged) words='damaged' ;;
    short) words='end too early' ;;
    newer) words='another version' ;;
    *) echo "LIST: what is $2?" >"$tmp/err"; return 1 ;;
  esac
  rm -f "$tmp/x.png"
  "$bin/didf" "$1" -o "$tmp/x.png" >"$tmp/out" 2>"$tmp/err"
  status=$?
  [ "$status" -eq 1 ] || echo "exit status $status" >>"$tmp/err"
  [ "$status" -eq 1 ] && [ ! -e "$tmp/x.png" ] && [ ! -s "$tmp/out" ] &&
    grep -qF "$(basename "$1")" "$tmp/err" && grep -q "$words" "$tmp/err"
}

damage=${IDF_BUILD:-$bin}/tests/golden/damage

# didf --keep-going on a bad file of good-tiles: the picture but for the lost tiles
kept() { # NAME LOST...
  name=$1
  shift
  lost=$*
  [ "$lost" != tail ] || set -- none
  "$bin/didf" -qf --format=pam "$folder/good-tiles.idf" -o "$tmp/good.pam" 2>"$tmp/err" &&
    "$damage" "$tmp/good.pam" "$tmp/want.pam" blank 64 "$@" 2>"$tmp/err" || return 1
  "$bin/didf" -qf --keep-going --format=pam "$folder/bad-$name.idf" -o "$tmp/kept.pam" 2>"$tmp/err"
  status=$?
  [ "$lost" = none ] || [ "$status" -eq 2 ] || return 1
  [ "$lost" != none ] || [ "$status" -eq 0 ] || return 1
  cmp "$tmp/want.pam" "$tmp/kept.pam" >>"$tmp/err"
}

# alike A B: two files hold the same, be it a JPEG or a picture with its metadata
alike() {
  for file in "$1" "$2"; do
    rm -rf "$tmp/$file"
    mkdir "$tmp/$file" && cp "$folder/$file.idf" "$tmp/$file/x.idf" &&
      "$bin/didf" -q "$tmp/$file/x.idf" 2>"$tmp/err" && rm -f "$tmp/$file/x.idf" || return 1
  done
  diff -r "$tmp/$1" "$tmp/$2" >"$tmp/err"
}

grep -v '^#' "$here/LIST" >"$tmp/list"
while read -r class name what rest; do
  : >"$tmp/err"
  if [ "$class" = good ]; then
    # shellcheck disable=SC2046
    set -- $(grep "^$name " "$folder/LEDGER")
    [ $# -eq 4 ]
    result "good-$name is in the LEDGER" $?
    [ $# -eq 4 ] || continue
    [ "$(wc -c <"$folder/good-$name.idf")" = "$2" ]
    result "good-$name has $2 bytes" $?
    decodes "$name" "$4"
    result "good-$name decodes to the same picture" $?
    encodes "$name" "$3" "$4" "$rest"
    result "today's encoder needs $3 bytes for $name" $?
    for level in $levels; do
      same_at "$level" "$name" "$4" "$rest"
      result "good-$name is the same at level $level" $?
    done
  elif [ "$class" = same ]; then
    alike "same-$name" "good-$what"
    result "same-$name decodes to what good-$what does" $?
  elif [ "$class" = keep ]; then
    # shellcheck disable=SC2086
    kept "$name" $what $rest
    result "--keep-going makes what it should of bad-$name" $?
  else
    refused "$folder/$class-$name.idf" "$what"
    result "$class-$name is refused: $what" $?
  fi
done <"$tmp/list"
echo "1..$cases"
[ "$failures" -eq 0 ]
