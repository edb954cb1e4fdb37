#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
#
# jpeg.sh: a JPEG's pixels and metadata come back in a PNG; what .idf cannot hold and what
# is damaged is refused. The pixels are judged by djpeg, where there is one.
. "$(dirname "$0")/common.sh"
sample=$src/samples/photo-420.jpg
cp "$sample" a.jpg

exits 0 'a JPEG' "$cidf" --verify a.jpg
says 'larger than the JPEG'
says "$(wc -c <a.jpg | tr -d ' ')"
exits 0 '   with -q' "$cidf" -qf a.jpg -o q.idf
check '   nothing is said' test ! -s "$tmp/.err"
check '   and the bytes are the same' cmp a.idf q.idf
exits 0 'told by its bytes, not by its name' sh -c "'$cidf' -q - <a.jpg >b.idf"
check '   the bytes are the same' cmp a.idf b.idf
mkdir in
cp a.jpg in/a.jpg
cp a.jpg in/b.JPEG
exits 0 'in a folder' "$cidf" -qr in --output-dir=out
check '   .jpg and .jpeg are taken' test -s out/a.idf -a -s out/b.idf

exits 0 'back as PNG' "$didf" a.idf -o a.png
for chunk in eXIf 'iTXtXML:com.adobe.xmp' 'adobe:ns:meta'; do
  check "   with $chunk" grep -qa "$chunk" a.png
done
exits 2 'back as PPM, without metadata' "$didf" a.idf -o a.ppm
says 'eXIf'
"$cidf" -q a.png -o again.idf
"$didf" -q again.idf -o again.png
check 'PNG again is the same' cmp a.png again.png

# compare FILE: cidf's pixels are those of djpeg -dct int
compare() {
  rm -f x.idf x.pnm
  djpeg -dct int -pnm -outfile want.pnm "$1" &&
    "$cidf" -q "$1" -o x.idf &&
    { "$didf" -q x.idf -o x.pnm || [ $? -eq 2 ]; } && cmp want.pnm x.pnm
}
corpus=${IDF_CORPUS-}/bench/jpeg
if command -v djpeg >/dev/null 2>&1; then
  check 'the pixels are those of djpeg -dct int' compare a.jpg
  if [ -d "$corpus" ]; then
    for f in "$corpus"/clic-1-q80-420.jpg "$corpus"/clic-1-q92-444.jpg "$corpus"/gray.jpg \
      "$corpus"/progressive.jpg; do
      check "   and of $(basename "$f")" compare "$f"
    done
    exits 1 'CMYK' "$cidf" "$corpus/cmyk.jpg" -o x2.idf
    says 'cmyk.jpg: is a CMYK JPEG'
    nothing x2.idf
  else
    echo "skip: no JPEGs of other projects at $corpus (IDF_CORPUS names their folder)"
  fi
else
  echo 'skip: no djpeg (Debian: libjpeg-turbo-progs)'
fi

# refused WHAT TEXT: x.jpg gives exit 1, the text, and no output
refused() {
  exits 1 "$1" "$cidf" x.jpg -o out.x
  says 'x.jpg'
  says "$2"
  nothing out.x
}
size=$(wc -c <a.jpg)
for n in 2 3 20 100 600 $((size / 2)) $((size - 2)) $((size - 1)); do
  head -c "$n" a.jpg >x.jpg
  [ "$n" -eq 2 ] || refused "a JPEG of $n bytes" 'the JPEG ends'
done
{ head -c $((size / 2)) a.jpg; printf '\377\331'; } >x.jpg
refused 'a JPEG that ends early' 'libjpeg: Corrupt JPEG data'
{ head -c $((size / 2)) a.jpg; tail -c $((size / 2 - 99)) a.jpg; } >x.jpg
refused 'a JPEG with a piece missing' 'libjpeg'
{ cat a.jpg; echo second; } >x.jpg
exits 2 'bytes after the JPEG' "$cidf" -f x.jpg -o x.idf
says 'left out'
check '   are left out' cmp x.idf a.idf
exits 1 'a limit on pixels' "$cidf" --max-pixels=40K a.jpg -o out.x
says '--max-pixels'
nothing out.x
exits 1 'a limit on memory' "$cidf" --max-memory=10K a.jpg -o out.x
says 'limit'
nothing out.x
exits 1 'a limit on metadata' "$cidf" --max-metadata=100 a.jpg -o out.x
says '--max-metadata'
nothing out.x
finish
