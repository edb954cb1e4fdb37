#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
#
# chapters.sh: idf(5) and the files that do what it says name each other. Below the title of a
# chapter the page has a comment, `In: FILE ...`, with base names; each of these files says in its
# opening comment `idf(5), "TITLE"`; a file of the second decoder has the chapter's number as a
# heading. And each source of codec and flow names a chapter, or is listed here with the reason.
. "$(dirname "$0")/common.sh"

page=man/idf.5

# Chapter number, title and a file, one line for each file that the page names.
named() {
  awk '/^\.SH [0-9]+\. / {
         n = $2 + 0
         title = $0
         sub(/^\.SH [0-9]+\. /, "", title)
         fresh = 1
         next
       }
       fresh && /^\.\\" In: / { for (i = 3; i <= NF; i++) print n "|" title "|" $i }
       { fresh = 0 }' $page
}

# Where a file of that base name is.
places() { find codec flow src tests/oracle -name "$1" | LC_ALL=C sort; }

# The opening comment of a file.
opening() { awk '{ print } /\*\// { exit }' "$1"; }

list=$(named)

silent() {
  awk '/^\.SH [0-9]+\. / {
         title = $0
         getline
         if (!/^\.\\" In: [a-z]/) print title " names no file"
       }' $page
}
report 'every chapter of idf(5) names its files' "$(silent)"

unknown() {
  printf '%s\n' "$list" | while IFS='|' read -r number title file; do
    [ "$(places "$file" | wc -l)" -eq 1 ] || echo "chapter $number: there is no file $file"
  done
}
report 'every file that idf(5) names exists' "$(unknown)"

# Both ways: what the page names, and what names the page.
unanswered() {
  printf '%s\n' "$list" | while IFS='|' read -r number title file; do
    path=$(places "$file")
    case $path in
      '') ;;
      tests/oracle/*)
        grep -q "======== $number[. ]" "$path" || echo "$path: no heading of chapter $number" ;;
      *)
        opening "$path" | grep -qF "idf(5), \"$title\"" ||
          echo "$path: does not name \"$title\"" ;;
    esac
  done
}
report 'every file that idf(5) names, names the chapter' "$(unanswered)"

unlisted() {
  for f in $(sources) $(headers); do
    opening "$f" | grep -o 'idf(5), "[^"]*"' | sed 's/^idf(5), "//; s/"$//' |
      while read -r title; do
        printf '%s\n' "$list" | grep -qF "|$title|$(basename "$f")" ||
          echo "$f: \"$title\" of idf(5) does not name it"
      done
  done
  for f in tests/oracle/oracle*.[ch]; do
    grep -o '======== [0-9][0-9]*' "$f" | sort -u | while read -r _ number; do
      printf '%s\n' "$list" | grep -q "^$number|.*|$(basename "$f")\$" ||
        echo "$f: chapter $number of idf(5) does not name it"
    done
  done
}
report 'every file that names a chapter is named there' "$(unlisted)"

# Sources that could change without a change of the format, and why.
exempt() {
  case $1 in
    pool|mem|fpenv) ;;                          # services
    kernels*|level|flow) ;;                     # the same again for each SIMD level
    plan|linear_encode) ;;                      # what only an encoder does
    invert|origin|preimage|knots) ;;            # likewise
    jpeg_read|jpeg_reason) ;;                   # likewise
    features|learn) ;;                          # training
    draw) ;;                                    # decoding of no file
    starts|tables) ;;                           # generated; their headers name the chapter
    *) return 1 ;;
  esac
}
# A room that only an encoder enters, but for two files that name their chapter.
nameless() {
  for f in $(sources); do
    case $f in src/*|flow/recover/*) continue ;; esac
    opening "$f" | grep -q 'idf(5), "' || exempt "$(basename "$f" .c)" || echo "$f"
  done
}
report 'every source of codec and flow names a chapter, or is exempt here' "$(nameless)"
finish
