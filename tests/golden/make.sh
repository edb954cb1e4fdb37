#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
#
# make.sh BUILD [OUT]: writes the golden files of LIST and the LEDGER of their sizes.
#
# Run it only when the format changed on purpose, or to add a file. From release 1.0 on golden
# files are the proof that old ones still decode, and stay for ever; before that they change
# when the version history of idf(5) says so. An existing good-*.idf is never replaced
# (remove it first). Several kinds of damage, joined by "and", are done in turn. A line of
# the LEDGER is NAME, the bytes of the golden file, the bytes that today's encoder needs,
# and the SHA-256 of the picture as PAM, or as the name of the sample it must equal. With a
# JPEG, which must come back byte for byte, it is its name, a colon, and that SHA-256.
set -u
here=$(cd "$(dirname "$0")" && pwd)
build=$(cd "${1:?usage: make.sh BUILD [OUT]}" && pwd) || exit 1
mkdir -p "${2:-$here}" && out=$(cd "${2:-$here}" && pwd) || exit 1
[ -x "$build/tests/golden/damage" ] || make -C "$build" tests/golden/damage >&2 || exit 1
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
LC_ALL=C
export LC_ALL

# source NAME: the file behind a SOURCE of LIST
source_of() {
  case $1 in
    *:*)
      kind=${1%%:*} rest=${1#*:}
      size=${rest%%:*} max=${rest#*:}
      w=${size%%x*} size=${size#*x}
      awk -v kind="$kind" -v w="$w" -v h="${size%%x*}" -v c="${size#*x}" -v max="$max" \
        -f "$here/pictures.awk" >"$tmp/picture.pnm" && echo "$tmp/picture.pnm"
      ;;
    *.jpg) echo "$here/$1" ;;
    *) echo "$here/../../samples/$1" ;;
  esac
}

: >"$tmp/ledger"
grep -v '^#' "$here/LIST" | while read -r class name what rest; do
  case $class in
    good)
      file=$out/good-$name.idf
      in=$(source_of "$what") || exit 1
      # shellcheck disable=SC2086
      "$build/cidf" -qf $rest "$in" -o "$tmp/now.idf" || exit 1
      if [ ! -e "$file" ]; then
        cp "$tmp/now.idf" "$file" && echo "wrote good-$name.idf" || exit 1
      fi
      case $what in
        *.png) proof=$what ;;
        *)
          proof=$("$build/didf" -q --format=pam "$file" -o - | sha256sum | cut -d' ' -f1)
          [ "$what" = "${what%.jpg}" ] || proof=$what:$proof
          ;;
      esac
      echo "$name $(wc -c <"$file") $(wc -c <"$tmp/now.idf") $proof" >>"$tmp/ledger"
      ;;
    bad | unsupported | same)
      # $what is what didf says; $rest is GOOD and the damage; of "same" GOOD is $what
      [ $class != same ] || rest="$what $rest"
      # shellcheck disable=SC2086
      set -- $rest
      good=$1
      shift
      cp "$out/good-$good.idf" "$tmp/next.idf"
      while [ $# -gt 0 ]; do
        one=
        while [ $# -gt 0 ] && [ "$1" != and ]; do
          one="$one $1"
          shift
        done
        [ $# -eq 0 ] || shift
        cp "$tmp/next.idf" "$tmp/last.idf"
        # shellcheck disable=SC2086
        "$build/tests/golden/damage" "$tmp/last.idf" "$tmp/next.idf" $one ||
          { echo "make.sh: $class $name" >&2; exit 1; }
      done
      cp "$tmp/next.idf" "$out/$class-$name.idf" || exit 1
      ;;
    keep) ;; # check.sh's own
    *) echo "make.sh: LIST: $class?" >&2; exit 1 ;;
  esac
done || exit 1
cp "$tmp/ledger" "$out/LEDGER"
others=$(ls "$out" | grep -c '^\(bad\|unsupported\|same\)-')
echo "wrote $(grep -c . "$out/LEDGER") good files, $others others, LEDGER"
