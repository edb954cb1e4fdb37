#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
#
# metadata.sh: idfinfo --metadata and --icc, of a JPEG with Exif, a profile, XMP and a comment.
. "$(dirname "$0")/common.sh"

# segment MARKER SIZE: a segment of JPEG, whose SIZE bytes are on standard input
segment() {
  # shellcheck disable=SC2059
  printf "\\377\\$1\\$(printf %o $((($2 + 2) / 256)))\\$(printf %o $((($2 + 2) % 256)))"
  cat
}
printf 'II*\0\010\0\0\0\003\0' >e
printf '\017\001\002\0\006\0\0\0\062\0\0\0\022\001\003\0\001\0\0\0\010\0\0\0' >>e
printf '\050\001\003\0\001\0\0\0\002\0\0\0\0\0\0\0Canon\0' >>e
# A profile of 160 bytes: version 2.1, RGB, called "Mine".
{
  printf '\0\0\0\240test\002\020\0\0mntrRGB XYZ '
  head -c 12 /dev/zero
  printf acsp
  head -c 88 /dev/zero
  printf '\0\0\0\001desc\0\0\0\220\0\0\0\020desc\0\0\0\0\0\0\0\004Mine'
} >p
[ "$(wc -c <p)" -eq 160 ] && [ "$(wc -c <e)" -eq 56 ]
result 'the parts have the sizes they should' $?
{
  head -c 2 "$src/samples/photo-420.jpg"
  { printf 'Exif\0\0'; cat e; } | segment 341 62
  { printf 'http://ns.adobe.com/xap/1.0/\0<x>\n <y/>\n</x>'; } | segment 341 43
  { printf 'ICC_PROFILE\0\001\001'; cat p; } | segment 342 174
  printf 'a comment' | segment 376 9
  tail -c +3 "$src/samples/photo-420.jpg"
} >j.jpg
exits 0 'a JPEG with all of it' "$cidf" j.jpg -o kept.idf
exits 0 '   and its pixels' "$cidf" -q --pixels j.jpg -o pixels.idf
for f in kept pixels; do
  exits 0 "$f: without --metadata" "$idfinfo" $f.idf
  ! grep -q 'Canon' "$tmp/.out"
  result '   nothing is told' $?
  exits 0 "$f: --metadata" "$idfinfo" --metadata $f.idf
  prints '    profile    Mine (display, RGB, version 2.1, 160 bytes)'
  prints '    Exif       56 bytes'
  prints '      Make                       Canon'
  prints '      Orientation                8 (to be turned counterclockwise by 90 degrees)'
  prints '      ResolutionUnit             2 (inch)'
  prints '    XMP        14 bytes'
  prints '       <y/>'
  prints '    text       Comment: a comment'
  exits 0 "$f: --json" "$idfinfo" --metadata --json $f.idf
  prints '"profile":{"description":"Mine","copyright":"","kind":"display","space":"RGB",'
  prints '"orientation":8,"exif":[{"name":"Make","value":"Canon"},'
  prints '{"key":"Comment","value":"a comment"}'
  exits 0 "$f: --icc" "$idfinfo" --icc=$f.icc $f.idf
  check '   is the profile' cmp $f.icc p
  exits 1 '   is not overwritten' "$idfinfo" --icc=$f.icc $f.idf
  exits 0 '   but with -f' "$idfinfo" -f --icc=$f.icc $f.idf
done

pgm 8 8 >g.pgm
"$cidf" g.pgm
exits 1 'no profile' "$idfinfo" --icc=none.icc g.idf
says 'has no colour profile'
nothing none.icc
exits 0 'no metadata' "$idfinfo" --metadata g.idf
exits 1 '--icc and --map' "$idfinfo" --icc=a.icc --map=a.png kept.idf
says 'one at a time'
exits 1 '--icc=-' "$idfinfo" --icc=- kept.idf
says 'the text wants stdout'
exits 1 '--icc of two files' "$idfinfo" --icc=a.icc kept.idf pixels.idf
nothing a.icc a.png
exits 1 'a profile above the limit' "$idfinfo" --icc=a.icc --max-metadata=150 pixels.idf
nothing a.icc
finish
