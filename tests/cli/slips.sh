#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
#
# slips.sh: what people type who know other programs, or type fast: it works, or the message
# says what does, and nothing is written.
. "$(dirname "$0")/common.sh"

pgm 40 30 >a.pgm
"$cidf" a.pgm -o max.idf --effort=max
"$cidf" a.pgm -o fast.idf --effort=fast
"$cidf" a.pgm -o default.idf
"$didf" max.idf -o a.png

for way in '-9 max' '-e9 max' '-e:9 max' '-e:max max' '-1 fast' '-5 default' '-91 fast' \
  '-f1 fast'; do
  name=${way#* } option=${way% *}
  # shellcheck disable=SC2046
  exits 0 "cidf $option" "$cidf" -f $(echo "$option" | tr : ' ') a.pgm -o way.idf
  check "   is --effort=$name" cmp way.idf "$name.idf"
done
rm -f way.idf

# slip TEXT TOOL ARGUMENT...: exit 1, the text in the message, no output
slip() {
  text=$1
  shift
  exits 1 "${1##*/} $(shift && echo "$*")" "$@"
  says "$text"
  nothing a.idf out.idf out.png out.ppm
}
slip '-o out.idf' "$cidf" a.pgm out.idf
slip 'cidf a.pgm -o out.idf' "$cidf" a.pgm out.idf
slip '--output-dir' "$cidf" a.pgm a.png out.idf
slip '-o out.idf' "$cidf" -r a.pgm out.idf
slip 'didf max.idf -o out.png' "$didf" max.idf out.png
slip '-o out.ppm' "$didf" max.idf out.ppm
slip 'did you mean --verify?' "$cidf" --verfy a.pgm
slip 'did you mean --effort?' "$cidf" --efort=max a.pgm
slip 'did you mean --keep-going?' "$didf" --keepgoing max.idf
slip 'did you mean --tiles?' "$idfinfo" --tile max.idf
slip '-T N' "$cidf" -j 4 a.pgm
slip '--threads=N' "$didf" --jobs=4 max.idf
slip '-1, -5 and -9' "$cidf" -7 a.pgm
slip 'didf decodes' "$cidf" -d max.idf
slip 'nothing is ever lost' "$cidf" --quality 90 a.pgm
slip '-o - writes to stdout' "$cidf" -c a.pgm
slip 'see --help' "$cidf" --zzzzzz a.pgm
# A file that is there is an input like others, whatever its name.
cp max.idf there.idf
exits 1 'an .idf that is there' "$cidf" a.pgm there.idf
says 'there.idf: is an .idf already'
check '   beside others' test -s a.idf
finish
