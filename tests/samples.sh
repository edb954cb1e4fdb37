#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
#
# samples.sh: the committed samples are those of SHA256SUMS, and the generator still
# draws the quick ones pixel for pixel; the six that start from the traced scene
# take a minute and are compared when IDF_SLOW=1.
src=${IDF_SRC:-$(cd "$(dirname "$0")/.." && pwd)}
build=${IDF_BUILD:-$src}
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
cases=0 failures=0

case_is() { # WHAT STATUS
  cases=$((cases + 1))
  if [ "$2" -eq 0 ]; then
    echo "ok $cases - $1"
  else
    failures=$((failures + 1))
    echo "not ok $cases - $1"
  fi
}

cd "$src/samples" || exit 1
sha256sum --quiet -c SHA256SUMS
case_is "the files are those of SHA256SUMS" $?
ls -- *.png *.jpg >"$tmp/there"
sed 's/.* [ *]*//' SHA256SUMS | LC_ALL=C sort >"$tmp/named"
LC_ALL=C sort "$tmp/there" | diff - "$tmp/named"
case_is "SHA256SUMS names every sample" $?
while read -r f; do grep -q "^$f " README || echo "$f"; done <"$tmp/there" >"$tmp/undescribed"
[ ! -s "$tmp/undescribed" ]
case_is "README describes every sample" $?

quick='badge checks-2bit gradient page page-1bit relief-16 shadow shadow-16 sprites window'
slow='dithered photo photo-16 photo-420 photo-gray photo-ycc'
names=$quick
if [ "${IDF_SLOW:-0}" = 1 ]; then
  names="$quick $slow"
else
  echo "# not drawn again without IDF_SLOW=1: $slow"
fi
# shellcheck disable=SC2086
"$build/samples/render" "$tmp" $names
case_is "the generator runs" $?
for n in $names; do
  if [ -e "$n.jpg" ]; then
    cmp "$n.jpg" "$tmp/$n.jpg"
  else
    "$build/idfcmp" -m "$n.png" "$tmp/$n.png"
  fi
  case_is "$n is what the generator draws" $?
done
"$build/idf-sample" --continue photo-ycc.png -o "$tmp/continued.png" &&
  "$build/idfcmp" continued.png "$tmp/continued.png"
case_is "continued is what the model draws" $?
echo "1..$cases"
[ "$failures" -eq 0 ]
