#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
#
# formats.sh: PNM and PAM through .idf and back, byte for byte; nothing is converted
# silently on the way to a format that holds less.
. "$(dirname "$0")/common.sh"

# back WHAT FILE: the raw PNM or PAM comes back as the same bytes
back() {
  rm -f x.idf
  exits 0 "$1" "$cidf" --verify "$2" -o x.idf
  exits 0 '   decodes' "$didf" -f x.idf -o "x.${2##*.}"
  check '   to the same bytes' cmp "$2" "x.${2##*.}"
}

printf 'P4\n10 3\n\252\100\001\200\377\300' >a.pbm
printf 'P5\n3 2\n255\nabcdef' >a.pgm
printf 'P5\n3 2\n127\nabcdef' >b.pgm
printf 'P5\n3 2\n200\nabcdef' >c.pgm
printf 'P5\n3 2\n1023\n\003\377\000\000\001\002\002\003\000\001\003\376' >d.pgm
printf 'P5\n1 1\n65535\n\377\376' >e.pgm
printf 'P5\n1 1\n1\n\001' >f.pgm
printf 'P6\n2 1\n255\nabcdef' >a.ppm
printf 'P6\n1 1\n5\n\001\005\000' >b.ppm
printf 'P6\n1 1\n40000\n\001\002\003\004\005\006' >c.ppm
pam='P7\nWIDTH 2\nHEIGHT 1\nDEPTH %d\nMAXVAL %d\nTUPLTYPE %s\nENDHDR\n%s'
# shellcheck disable=SC2059
{
  printf "$pam" 1 255 GRAYSCALE ab >a.pam
  printf "$pam" 2 255 GRAYSCALE_ALPHA abcd >b.pam
  printf "$pam" 3 200 RGB abcdef >c.pam
  printf "$pam" 4 255 RGB_ALPHA abcdefgh >d.pam
  printf "$pam" 4 65535 RGB_ALPHA abcdefghijklmnop >e.pam
  printf "$pam" 1 1 BLACKANDWHITE "$(printf '\001')$(printf '\001')" >f.pam
}
for f in a.pbm a.pgm b.pgm c.pgm d.pgm e.pgm f.pgm a.ppm b.ppm c.ppm a.pam b.pam c.pam d.pam \
  e.pam f.pam; do
  back "$(head -c 2 $f) $f" $f
done
printf 'P1\n# plain\n10 3\n1010101001 0000000110 0000001111' >p.pbm
exits 0 'a plain PBM' "$cidf" p.pbm -o x.idf -f
exits 0 '   comes back raw' "$didf" -f x.idf -o x.pbm
printf 'P4\n# plain\n10 3\n\252\100\001\200\003\300' >want.pbm
check '   as the same picture, with its comment' cmp x.pbm want.pbm
exits 0 'by .pnm' "$didf" -f x.idf -o x.pnm
check '   one bit is a PBM' cmp x.pnm want.pbm

# Comments of a header come back, whatever they say; in a PNG as its Comment.
printf 'P5\n#one\n# two # three\n2 1\n#\t\303\244\n255\nab' >comment.pgm
printf 'P5\n#one\n# two # three\n#\t\303\244\n2 1\n255\nab' >want.pgm
exits 0 'comments in a PGM' "$cidf" --verify -f comment.pgm -o x.idf
exits 0 '   decode' "$didf" -f x.idf -o x.pgm
check '   and are in the header again' cmp x.pgm want.pgm
"$didf" -f x.idf -o x.png
grep -q 'iTXtComment' x.png
result '   and in a PNG' $?
printf 'P7\n# a\nWIDTH 1\nHEIGHT 1\nDEPTH 1\nMAXVAL 255\nTUPLTYPE GRAYSCALE\nENDHDR\nx' >comment.pam
exits 0 'a comment in a PAM' "$cidf" -f comment.pam -o x.idf
exits 0 '   decodes' "$didf" -f x.idf -o x.pam
check '   to the same bytes' cmp x.pam comment.pam
printf 'P5\n#a\000b\n1 1\n255\nx' >zero.pgm
exits 2 'a comment with a zero byte' "$cidf" --rm -f zero.pgm -o x.idf
says 'comment left out'
check '   and --rm keeps the file' test -e zero.pgm

"$cidf" -f c.pgm -o c.idf
exits 1 'a maxval PNG has not' "$didf" c.idf -o c.png
says 'maxval'
says '.pgm'
nothing c.png
"$cidf" -f d.pgm -o d.idf
exits 1 'ten bits as PNG' "$didf" d.idf
says '10 bits'
nothing d.png
"$cidf" -f d.pam -o alpha.idf
exits 1 'alpha as PPM' "$didf" alpha.idf -o x2.ppm
says '.pam'
nothing x2.ppm
"$cidf" -f a.ppm -o rgb.idf
exits 1 'colour as PGM' "$didf" rgb.idf -o x2.pgm
says '.ppm'
exits 1 'a format that is not written' "$didf" rgb.idf -o x2.webp
says 'x2.webp: didf writes PNG, PNM, PAM and the JPEG that an .idf holds'
exits 1 'a JPEG of what was none' "$didf" rgb.idf -o x2.jpg
says 'rgb.idf: holds no JPEG file, but pixels'
nothing x2.pgm x2.webp x2.jpg
exits 0 '--format' "$didf" rgb.idf --format=pam
check '   names the output' test -s rgb.pam

printf 'P7\nWIDTH 2\nHEIGHT 1\nDEPTH 3\nMAXVAL 255\nENDHDR\nabcdef' >n.pam
exits 0 'a PAM without a tuple type' "$cidf" --verify n.pam
exits 0 '   is taken by its channels' "$didf" n.idf -o n.ppm
check '   as RGB' cmp n.ppm a.ppm
# shellcheck disable=SC2059
printf "$pam" 4 255 CMYK abcdefgh >cmyk.pam
exits 1 'a CMYK PAM' "$cidf" cmyk.pam
says 'CMYK PAM, and .idf holds gray and RGB'
nothing cmyk.idf

# left_out WHAT FILE NAME TEXT: there is a warning, a name for programs, and --rm keeps the file
left_out() {
  exits 2 "$1" "$cidf" --json --rm -f "$2" -o left.idf
  says "$2: warning"
  says "$4"
  prints "\"dropped\":[\"$3\""
  check '   is kept in spite of --rm' test -e "$2"
}
palette_png >p.png
{ palette_png; printf 'PK\003\004'; } >zip.png
left_out 'an archive after a PNG' zip.png 'bytes after the end' \
  '4 bytes after the end of the image left out (a ZIP archive)'
{ palette_png; printf '\000\000\000'; } >zeros.png
exits 0 'zeros after a PNG' "$cidf" --json zeros.png
check '   are no loss' sh -c "! grep -q dropped '$tmp/.out'"
palette_png | sed 's/colours/colors!/' >sum.png
left_out 'a chunk with a wrong checksum' sum.png 'chunk tEXt' 'checksum'
cat a.pgm b.pgm >two.pgm
left_out 'a second PGM' two.pgm 'bytes after the end' 'another image'
"$cidf" p.png -o p.idf
exits 1 'a palette as PAM' "$didf" p.idf -o p.pam
says 'palette'
nothing p.pam
"$didf" -f a.idf -o a.png 2>/dev/null || { "$cidf" a.pgm -o a.idf; "$didf" a.idf -o a.png; }
# A tEXt chunk at the end: the IEND chunk has 12 bytes.
{
  head -c -12 a.png
  printf '\000\000\000\003tEXtk\000v\313\004\363\220'
  tail -c 12 a.png
} >text.png
exits 0 'a PNG with text' "$cidf" text.png
exits 2 'metadata a PGM cannot hold' "$didf" text.idf -o text.pgm
says 'warning'
says 'tEXt'
check '   the samples are written' sh -c "tail -c 6 text.pgm | grep -q abcdef"
finish
