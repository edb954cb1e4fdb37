#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
#
# jpeg_pixels.sh: with --pixels a JPEG's pixels and metadata come back in a PNG; what .idf cannot
# hold and what is damaged is refused. The pixels are judged by djpeg, where there is one.
. "$(dirname "$0")/common.sh"
sample=$src/samples/photo-420.jpg
cp "$sample" a.jpg

exits 0 'a JPEG' "$cidf" --pixels --verify a.jpg
exits 0 '   by a model that does not know where pixels come from' \
  "$cidf" --pixels --effort=fast a.jpg -o l.idf
says 'larger than the JPEG'
says "$(wc -c <a.jpg | tr -d ' ')"
check '   which default does' test "$(wc -c <a.idf)" -lt "$(wc -c <a.jpg)"
exits 0 '   or with --no-history' "$cidf" --pixels --no-history a.jpg -o h.idf
check '   the .idf is larger' test "$(wc -c <h.idf)" -gt "$(wc -c <a.idf)"
check '   and has the same pixels' sh -c "
  '$didf' -qf a.idf --format=pam -o a.pam; '$didf' -qf h.idf --format=pam -o h.pam; cmp a.pam h.pam"
exits 0 '   with -q' "$cidf" --pixels -qf a.jpg -o q.idf
check '   nothing is said' test ! -s "$tmp/.err"
check '   and the bytes are the same' cmp a.idf q.idf
exits 0 'told by its bytes, not by its name' sh -c "'$cidf' --pixels -q - <a.jpg >b.idf"
check '   the bytes are the same' cmp a.idf b.idf
mkdir in
cp a.jpg in/a.jpg
cp a.jpg in/b.JPEG
exits 0 'in a folder' "$cidf" --pixels -qr in --output-dir=out
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
    "$cidf" --pixels -q "$1" -o x.idf &&
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
    exits 1 'CMYK' "$cidf" --pixels "$corpus/cmyk.jpg" -o x2.idf
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
  exits 1 "$1" "$cidf" --pixels x.jpg -o out.x
  says 'x.jpg'
  says "$2"
  nothing out.x
}
size=$(wc -c <a.jpg)
for n in 2 3 20 100 600 $((size / 2)) $((size - 3)); do
  head -c "$n" a.jpg >x.jpg
  [ "$n" -eq 2 ] || refused "a JPEG of $n bytes" 'the JPEG ends'
done
{ head -c $((size / 2)) a.jpg; printf '\377\331'; } >x.jpg
refused 'a JPEG that ends early' 'libjpeg: Corrupt JPEG data'
{ head -c $((size / 2)) a.jpg; tail -c $((size / 2 - 99)) a.jpg; } >x.jpg
refused 'a JPEG with a piece missing' 'libjpeg'

# told WHAT TEXT DROPPED: x.jpg gives exit 2, the text, and the same .idf as a.jpg; --rm keeps it
# when something of it is dropped
told() {
  exits 2 "$1" "$cidf" --pixels --json --rm -f x.jpg -o x.idf
  says "$2"
  if [ -n "$3" ]; then
    prints "\"dropped\":[\"$3\"]"
    check '   is kept in spite of --rm' test -e x.jpg
  fi
  check '   the pixels are the same' cmp x.idf a.idf
}
{ cat a.jpg; echo second; } >x.jpg
told 'bytes after the JPEG' '7 bytes after the end of the image left out' 'bytes after the end'
{ cat a.jpg; printf '\000\000\000\030ftypmp42'; } >x.jpg
told 'a film after the JPEG' '(a film)' 'bytes after the end'
{ cat a.jpg; printf '\377\331\000\000\000'; } >x.jpg
exits 0 'the end twice, and zeros' "$cidf" --pixels --json -f x.jpg -o x.idf
check '   are nothing' cmp x.idf a.idf
for n in 1 2; do
  head -c $((size - n)) a.jpg >x.jpg
  told "an end that lacks $n" 'ends without its end marker; no pixel is lost' ''
done
{ head -c 20 a.jpg; printf 'x'; tail -c +21 a.jpg; } >x.jpg
told 'a stray byte' '1 extraneous bytes before marker' 'stray bytes'

# with BYTES: x.jpg is a.jpg with these bytes after its first marker
with() {
  # shellcheck disable=SC2059
  { head -c 2 a.jpg; printf "$1"; tail -c +3 a.jpg; } >x.jpg
}
# kept WHAT TEXT: x.jpg is read without a warning, and didf's PNG has the text
kept() {
  exits 0 "$1" "$cidf" --pixels -f x.jpg -o x.idf
  exits 0 '   comes back' "$didf" -f x.idf -o x.png
  check "   with $2" grep -qa "$2" x.png
}
with '\377\376\000\007hello'
kept 'a comment' 'tEXtComment.hello'
with '\377\355\000\032Photoshop 3.0\0008BIM\004\004ab\001\002'
kept 'IPTC' '3842494d040461620102'
with '\377\353\000\014JP\000\001jumbXY'
kept 'C2PA' 'jpSg'
with '\377\356\000\016Adobe\000d\000\000\000\000\001'
kept "Adobe's segment" 'jpSg'
{ printf '\377\330\377\340\000\020JFIF\000\001\001\001\001\054\001\054\000\000'
  tail -c +21 a.jpg; } >x.jpg
kept 'the density' 'pHYs'
with '\377\342\000\022ICC_PROFILE\000\001\002xx'
exits 2 'half a profile' "$cidf" --pixels -f x.jpg -o x.idf
says 'parts of its ICC profile are missing'

head -c $((size / 2)) a.jpg >x.jpg
refused 'half a JPEG' '--tolerant'
exits 2 '--tolerant takes it' "$cidf" --pixels --tolerant --json --rm x.jpg -o t.idf
says 'pixels are made up'
prints '"dropped":["damaged pixels"]'
check '   and --rm keeps it' test -e x.jpg
exits 0 '   it decodes' "$didf" -t t.idf
reports=${IDF_CORPUS-}/reports
if [ -d "$reports" ] && command -v djpeg >/dev/null 2>&1; then
  for f in "$reports"/*.jpg; do
    case $f in
      */cmyk.jpg) continue ;;
    esac
    rm -f x.idf x.pnm
    djpeg -dct int -pnm -outfile want.pnm "$f" 2>"$tmp/.err"
    "$cidf" --pixels -q "$f" -o x.idf && status=0 || status=$?
    case $f in
      */extr_*|*/icc_dup*|*/noeoi*|*/trailmp4*) want=2 ;;
      *) want=0 ;;
    esac
    check "$(basename "$f"): exit $want" test "$status" -eq $want
    "$didf" -q x.idf -o x.pnm
    check '   with the pixels of djpeg' cmp want.pnm x.pnm
  done
else
  echo "skip: no JPEGs of reports at $reports, or no djpeg"
fi
exits 1 'a limit on pixels' "$cidf" --pixels --max-pixels=40K a.jpg -o out.x
says '--max-pixels'
nothing out.x
exits 1 'a limit on memory' "$cidf" --pixels --max-memory=10K a.jpg -o out.x
says 'limit'
nothing out.x
exits 1 'a limit on metadata' "$cidf" --pixels --max-metadata=100 a.jpg -o out.x
says '--max-metadata'
nothing out.x
finish
