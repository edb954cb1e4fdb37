#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
#
# jpeg.sh: a JPEG comes back byte for byte, and from it the pixels that djpeg shows; what cannot be
# kept so is said, and its pixels are kept. jpeg_pixels.sh has the other way.
. "$(dirname "$0")/common.sh"
cp "$src/samples/photo-420.jpg" a.jpg
bytes() { wc -c <"$1" | tr -d ' '; }

# ---- its name ---------------------------------------------------------------------------
mkdir s
for suffix in jpg jpeg jpe jfif JPG JPEG JPE JFIF; do
  cp a.jpg "s/x.$suffix"
  exits 0 "x.$suffix" "$cidf" -q --rm "s/x.$suffix"
  exits 0 '   comes back' "$didf" -q --rm s/x.idf
  check '   under its name' cmp "s/x.$suffix" a.jpg
  check '   and no other' test "$(ls s)" = "x.$suffix"
  rm "s/x.$suffix"
done
cp a.jpg s/x.Jpeg
exits 0 'x.Jpeg' "$cidf" -q s/x.Jpeg
exits 0 '   comes back' "$didf" -q s/x.idf
check '   as x.jpg' cmp s/x.jpg a.jpg
check 'a suffix costs no byte' sh -c "
  cp a.jpg s/y.JPEG && '$cidf' -q s/y.JPEG && test \$(wc -c <s/y.idf) = \$(wc -c <s/x.idf)"

# ---- there and back ---------------------------------------------------------------------
exits 0 'a JPEG' "$cidf" --verify --json -v a.jpg
prints '"status":"ok"'
prints '"width":256,"height":192,"layout":"RGB","depth":8,"kept":"jpeg"'
prints "\"input_bytes\":$(bytes a.jpg),\"output_bytes\":$(bytes a.idf)"
says '256 x 192 RGB, 8 bits'
check '   is smaller' test "$(bytes a.idf)" -lt "$(bytes a.jpg)"
exits 0 '   says nothing else' "$cidf" a.jpg -o q.idf
check '   at all' test ! -s "$tmp/.err"
check '   and the bytes are the same' cmp a.idf q.idf
exits 0 'told by its bytes, from a pipe' sh -c "cat a.jpg | '$cidf' --verify - >b.idf"
check '   the bytes are the same' cmp a.idf b.idf
exits 0 'with threads' "$cidf" -T 3 --tile=64 a.jpg -o t.idf
check '   the bytes are the same' cmp a.idf t.idf
exits 0 'another effort' "$cidf" --effort=fast --verify -f a.jpg -o t.idf
check '   is larger' test "$(bytes t.idf)" -gt "$(bytes a.idf)"
exits 0 '   and comes back' "$didf" t.idf -o t.jpg
check '   the same' cmp t.jpg a.jpg
exits 0 'encode and check' "$cidf" -t a.jpg

exits 0 'back' "$didf" --json a.idf -fo b.jpg
prints '"kept":"jpeg","format":"jpeg"'
prints "\"output_bytes\":$(bytes a.jpg)"
check '   it is the same file' cmp a.jpg b.jpg
mkdir n
cp a.idf n/x.idf
exits 0 'the name is told by what is in it' "$didf" n/x.idf
check '   x.jpg' cmp n/x.jpg a.jpg
nothing n/x.png
cp n/x.idf n/y.idf
pgm 9 9 >z.pgm
"$cidf" -q z.pgm -o n/z.idf
exits 0 'in a folder' "$didf" -r n --output-dir=m
check '   each by what is in it' test -s m/x.jpg -a -s m/y.jpg -a -s m/z.png
check '   the same' cmp m/y.jpg a.jpg
check 'to stdout' sh -c "'$didf' a.idf -o - | cmp - a.jpg"
check 'from a pipe' sh -c "cat a.idf | '$didf' | cmp - a.jpg"
check 'a name that says nothing' sh -c "'$didf' a.idf -o plain && cmp plain a.jpg"
exits 0 '--format=jpeg' "$didf" --format=jpeg a.idf -o named
check '   gives it too' cmp named a.jpg
for suffix in jpeg JPE jfif; do
  exits 0 "-o x.$suffix" "$didf" a.idf -o x.$suffix
  check '   gives it too' cmp x.$suffix a.jpg
done
exits 0 'decode and check' "$didf" -t a.idf
exits 0 'four threads' "$didf" -T 4 -f a.idf -o b.jpg
check '   it is the same file' cmp a.jpg b.jpg
for level in none 128 avx2 avx512; do
  "$didf" --simd=$level -t a.idf 2>/dev/null || continue
  check "--simd=$level" sh -c "'$didf' --simd=$level -f a.idf -o b.jpg && cmp b.jpg a.jpg"
done

# ---- its pixels -------------------------------------------------------------------------
exits 0 'as PNG' "$didf" --json a.idf -o a.png
prints '"kept":"jpeg","format":"png"'
"$cidf" --pixels -q a.jpg -o p.idf
"$didf" -q p.idf -o p.png
check '   the same as with --pixels, metadata too' cmp a.png p.png
exits 0 '--format=png' "$didf" --format=png -f a.idf
check '   too' cmp a.png p.png
exits 2 'as PPM, without metadata' "$didf" a.idf -o a.ppm
says 'eXIf'
exits 1 'as PGM' "$didf" a.idf -o a.pgm
says '.ppm'
nothing a.pgm
exits 1 'a JPEG of pixels' "$didf" p.idf -o p.jpg
says 'p.idf: holds no JPEG file, but pixels: choose another name, such as x.png'
nothing p.jpg
exits 1 '   by --format' "$didf" --format=jpeg p.idf
says 'holds no JPEG file'
nothing p.jpg
exits 1 'a format that is not written' "$didf" a.idf -o x.webp
says 'x.webp'

# ---- every kind of file -----------------------------------------------------------------
# whole WHAT FILE: it is kept, comes back, and takes no more than 64 bytes more
whole() {
  rm -f w.idf w.jpg
  exits 0 "$1" "$cidf" --json "$2" -o w.idf
  prints '"kept":"jpeg"'
  check '   is hardly ever larger' test "$(bytes w.idf)" -le $(($(bytes "$2") + 64))
  check '   comes back' sh -c "'$didf' w.idf -o w.jpg && cmp w.jpg '$2'"
}
{ cat a.jpg; echo second; cat a.jpg; } >x.jpg
whole 'bytes after the end' x.jpg
{ cat a.jpg; printf '\377\331\000\000\000'; } >x.jpg
whole 'the end twice, and zeros' x.jpg
size=$(bytes a.jpg)
{ head -c 20 a.jpg; printf 'x'; tail -c +21 a.jpg; } >x.jpg
whole 'a stray byte' x.jpg
head -c $((size - 2)) a.jpg >x.jpg
whole 'no end marker' x.jpg
{ head -c 2 a.jpg; printf '\377\342\000\022ICC_PROFILE\000\001\002xx\377\376\000\007hello'
  tail -c +3 a.jpg; } >x.jpg
whole 'half a profile, and a comment' x.jpg
exits 0 '   as PNG' "$didf" -f w.idf -o w.png
check '   with the comment' grep -qa 'tEXtComment.hello' w.png
check '   and the part' grep -qa 'jpSg.ICC_PROFILE' w.png
if command -v jpegtran >/dev/null 2>&1; then
  for how in '-progressive' '-restart 1' '-grayscale' '-optimize' '-restart 3B -progressive' \
    '-copy none'; do
    # shellcheck disable=SC2086
    jpegtran -copy all $how a.jpg >x.jpg
    whole "jpegtran $how" x.jpg
  done
  jpegtran -arithmetic -copy all a.jpg >x.jpg
  exits 0 'arithmetic coding' "$cidf" --json --verify --effort=fast -f x.jpg -o w.idf
  says 'its pixels are kept, and not the JPEG file: it uses arithmetic coding'
  says 'larger than the JPEG'
  prints '"kept":"pixels","kept_why":"it uses arithmetic coding"'
  exits 0 '   comes back as a PNG' "$didf" -f w.idf -o w.png
  check '   of the same pixels' cmp w.png a.png
  exits 2 '   is never removed' "$cidf" --rm -f x.jpg -o w.idf
  says 'kept in spite of --rm: the JPEG cannot be made again from its .idf'
  check '   but kept' test -s x.jpg
else
  echo 'skip: no jpegtran (Debian: libjpeg-turbo-progs)'
fi

if command -v cjpeg >/dev/null 2>&1; then
  awk 'BEGIN {printf "P2\n200 200\n255\n"
    for (; n < 40000; n++) {
      s = (s * 1103515245 + 12345) % 2147483648
      print int(s / 65536) % 256
    }}' | cjpeg -quality 100 -optimize >x.jpg
  exits 0 'noise, which nobody makes smaller' "$cidf" -f --verify x.jpg -o w.idf
  if [ "$(bytes w.idf)" -gt "$(bytes x.jpg)" ]; then
    says "larger than the JPEG: $(bytes w.idf) bytes instead of $(bytes x.jpg)"
  fi
  check '   or much larger' test "$(bytes w.idf)" -lt $(($(bytes x.jpg) * 26 / 25))
else
  echo 'skip: no cjpeg (Debian: libjpeg-turbo-progs)'
fi

# ---- damaged ones, limits ---------------------------------------------------------------
head -c $((size / 2)) a.jpg >x.jpg
exits 1 'half a JPEG' "$cidf" x.jpg -o out.x
says 'the JPEG ends before its pixels do; --tolerant'
nothing out.x
exits 2 '--tolerant takes it' "$cidf" --tolerant --json --rm x.jpg -o tol.idf
says 'pixels are made up'
prints '"kept":"pixels","kept_why":"'
prints '"dropped":["damaged pixels"]'
check '   and --rm keeps it' test -e x.jpg
exits 0 '--tolerant and a good one' "$cidf" --tolerant --json -f a.jpg -o t.idf
check '   make no difference' cmp t.idf a.idf
head -c 3 a.jpg >x.jpg
exits 1 'three bytes' "$cidf" x.jpg -o out.x
says 'the JPEG ends'
nothing out.x
exits 1 'a limit on pixels' "$cidf" --max-pixels=40K a.jpg -o out.x
says '--max-pixels'
nothing out.x
exits 1 'a limit on memory' "$cidf" --max-memory=5K a.jpg -o out.x
says 'a.jpg: is a JPEG, and as a whole above the limit of 5120 bytes'
says '--max-memory'
nothing out.x
exits 1 '   from a pipe' sh -c "cat a.jpg | '$cidf' --max-memory=5K -o out.x"
says '--max-memory'
nothing out.x
exits 1 'a limit on metadata' "$didf" --max-metadata=100 a.idf -o out.jpg
says '--max-metadata'
nothing out.jpg

mkdir g
cp "$src/tests/golden/bad-kept-band-lost.idf" g/d.idf
exits 1 'a damaged .idf' "$didf" g/d.idf
says 'the JPEG in it cannot be made again; --keep-going gives what is left of its pixels'
nothing g/d.jpg g/d.png
exits 1 '   is found by -t' "$didf" -t g/d.idf
exits 2 '--keep-going' "$didf" --keep-going --json --rm g/d.idf
says 'd.idf: warning: is damaged'
prints '"dropped":["JPEG file"'
prints '"output":"g/d.png"'
prints '"removed":false'
check '   gives pixels' test -s g/d.png -a ! -e g/d.jpg -a -s g/d.idf
exits 2 '   on stdout' sh -c "cat g/d.idf | '$didf' --keep-going >g/s.png"
check '   the same' cmp g/s.png g/d.png
exits 1 '   but no JPEG, if that was asked for' "$didf" --keep-going g/d.idf -o g/d.jpg
says '-o x.png gives what is left'
nothing g/d.jpg
exits 2 '   as PPM' "$didf" --keep-going g/d.idf -o g/d.ppm
check '   is a picture' test "$(bytes g/d.ppm)" -gt $((9 * 1600 * 3))
{ head -c 20 a.idf; printf 'xx'; tail -c +23 a.idf; } >g/h.idf
exits 1 '   and nothing of a damaged header' "$didf" --keep-going g/h.idf
nothing g/h.jpg g/h.png
exits 1 '   nor pixels that have no room' "$didf" --keep-going --max-memory=100K -f g/d.idf
exits 0 '--keep-going with a good one' "$didf" --keep-going -f a.idf -o plain
check '   gives the JPEG' cmp plain a.jpg

# ---- files of other programs -------------------------------------------------------------
# pixels FILE: w.idf gives what djpeg shows of it
pixels() {
  rm -f w.pnm
  djpeg -dct int -pnm -outfile want.pnm "$1" 2>/dev/null # 2: it warns
  { "$didf" -q w.idf -o w.pnm || [ $? -eq 2 ]; } && cmp want.pnm w.pnm
}
corpus=${IDF_CORPUS-}
if [ -d "$corpus" ]; then
  for f in "$corpus"/bench/jpeg/*.jp*g "$corpus"/reports/*.jp*g "$src"/samples/*.jp*g; do
    [ -e "$f" ] || continue
    whole "$(basename "$f")" "$f"
    case $f in
      *cmyk*)
        exits 1 '   as PNG' "$didf" w.idf -o c.png
        says 'is CMYK, which PNG cannot hold: choose -o NAME.pam'
        rm -f c.pam
        "$didf" -q w.idf -o c.pam
        check '   as PAM' grep -qa 'TUPLTYPE CMYK' c.pam ;;
      *)
        command -v djpeg >/dev/null 2>&1 && check '   with the pixels of djpeg' pixels "$f" ;;
    esac
  done
else
  echo "skip: no JPEGs of other projects at $corpus (IDF_CORPUS names their folder)"
fi
finish
