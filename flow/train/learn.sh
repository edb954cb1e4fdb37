#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
#
# learn.sh LEARN FOLDER: JPEG files of every twelfth picture (WebP) of FOLDER, of qualities 75 to
# 95 and the common samplings, to the C file that the program LEARN (learn.c) makes of them.
set -eu
learn=$1 folder=$2
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

i=0
for f in $(ls "$folder" | awk 'NR % 12 == 1'); do
  i=$((i + 1))
  case $((i % 6)) in
    0) options='-quality 75 -sample 2x2' ;;
    1) options='-quality 85 -sample 2x2' ;;
    2) options='-quality 90 -sample 2x1' ;;
    3) options='-quality 95 -sample 1x1' ;;
    4) options='-quality 80 -sample 1x1' ;;
    5) options='-quality 92 -sample 2x2' ;;
  esac
  dwebp -quiet "$folder/$f" -ppm -o "$tmp/picture.ppm"
  # shellcheck disable=SC2086
  cjpeg $options "$tmp/picture.ppm" >"$tmp/$i.jpg"
done
rm "$tmp/picture.ppm"
"$learn" "$tmp"/*.jpg
