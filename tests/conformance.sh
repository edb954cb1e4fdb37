#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
#
# conformance.sh: other projects' PNGs, valid, odd and broken. What libpng reads comes
# back the same, pixel and chunk (judged by pngcmp, which shares no code with the
# tools); what libpng refuses is refused with exit 1, a message naming the file and no
# output. One case per folder of $IDF_CORPUS/conformance. Of the images of more than
# 100,000 samples, most of them the same picture stored in many ways, every eighth is
# taken (IDF_EVERY is another number); IDF_FULL=1 takes all.
set -u
src=${IDF_SRC:-$(cd "$(dirname "$0")/.." && pwd)}
bin=${IDF_BIN:-.}
cmp=${IDF_PNGCMP:-${IDF_BUILD:-$bin}/tests/pngcmp}
corpus=${IDF_CORPUS:-$src/../shared/corpus}
if [ ! -d "$corpus/conformance" ]; then
  echo "skip: no PNGs of other projects at $corpus/conformance (IDF_CORPUS names their folder)"
  exit 0
fi
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' HUP INT TERM

n=0 same=0 warned=0 refused=0 failed=0 large=0 skipped=0

blame() {
  echo "# $1: $2"
  bad=$((bad + 1))
}

# A PNG that libpng reads with status $2 (0, or 2 with warnings).
readable() {
  # An animation is valid PNG and the one thing that is refused.
  if grep -q 'APNG' "$tmp/said"; then
    [ $got -eq 1 ] || blame "$1" "an animation, exit $got"
    [ -e "$tmp/x.idf" ] && blame "$1" "an animation left an output"
    refused=$((refused + 1))
    return
  fi
  if [ $got -ne "$2" ]; then
    blame "$1" "cidf exit $got where libpng's is $2: $(head -n 1 "$tmp/said")"
    return
  fi
  if [ "$2" -eq 2 ]; then
    grep -qF "$1" "$tmp/said" || blame "$1" "a warning does not name the file"
    warned=$((warned + 1))
  fi
  if ! "$bin/didf" -c1 "$tmp/x.idf" -o "$tmp/x.png" >"$tmp/said" 2>&1; then
    blame "$1" "didf: $(head -n 1 "$tmp/said")"
  elif ! "$cmp" "$1" "$tmp/x.png" >"$tmp/said" 2>&1; then
    blame "$1" "$(tail -n 1 "$tmp/said")"
  else
    same=$((same + 1))
  fi
}

unreadable() {
  [ $got -eq 1 ] || blame "$1" "unreadable for libpng, but cidf exit $got"
  [ -e "$tmp/x.idf" ] && blame "$1" "an error left an output"
  grep -qF "$1" "$tmp/said" || blame "$1" "the message does not name the file"
  refused=$((refused + 1))
}

one() {
  rm -f "$tmp"/x.*
  "$cmp" "$1" >"$tmp/png" 2>&1
  expect=$?
  samples=$(sed -n 's/^samples //p' "$tmp/png")
  if [ "${samples:-0}" -gt 100000 ] && [ "${IDF_FULL:-0}" = 0 ]; then
    large=$((large + 1))
    if [ $((large % ${IDF_EVERY:-8})) -ne 1 ]; then
      skipped=$((skipped + 1))
      return
    fi
  fi
  "$bin/cidf" "$1" -o "$tmp/x.idf" >"$tmp/said" 2>&1
  got=$?
  [ $got -le 2 ] || blame "$1" "cidf died with status $got"
  case $expect in
    0|2) readable "$1" $expect ;;
    *) unreadable "$1" ;;
  esac
  [ -z "$(find "$tmp" -name '.*.tmp')" ] || blame "$1" "a temporary file is left"
}

for folder in "$corpus"/conformance/*/; do
  n=$((n + 1)) bad=0 files=0
  for f in "$folder"*.png; do
    [ -e "$f" ] || continue
    files=$((files + 1))
    one "$f"
  done
  if [ $bad -eq 0 ] && [ $files -gt 0 ]; then
    echo "ok $n - $(basename "$folder"): $files files"
  else
    echo "not ok $n - $(basename "$folder"): $bad complaints about $files files"
    failed=1
  fi
done
echo "# same $same (of these $warned with warnings), refused $refused"
[ $skipped -eq 0 ] || echo "# left out $skipped of $large large images: IDF_FULL=1 takes all"
echo "1..$n"
exit $failed
