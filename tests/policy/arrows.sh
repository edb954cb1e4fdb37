#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
#
# arrows.sh: src -> flow -> codec, never up: no file includes a header of a floor
# above its own, no header name exists on two floors, and libpng and libjpeg stay outside
# the library.
. "$(dirname "$0")/common.sh"

names() { find "$1" -name '*.h' -exec basename {} \; | LC_ALL=C sort; }

# includes FOLDER HEADER-NAMES: lines that include one of these headers
includes() {
  for h in $2; do
    find "$1" -name '*.[ch]' -exec grep -Hn "^ *# *include *[\"<]\([^\">]*/\)*$h[\">]" {} +
  done
}

report 'codec includes nothing of flow or src' "$(includes codec "$(names flow) $(names src)")"
report 'flow includes nothing of src' "$(includes flow "$(names src)")"
report 'includes name files, not paths' \
  "$(find codec flow src -name '*.[ch]' -exec grep -Hn '^ *# *include *"[^"]*/' {} +)"
report 'file names are unique in the tree' \
  "$(find codec flow src tests samples -name '*.[ch]' -exec basename {} \; | sort | uniq -d)"
report 'only the image readers of src/ know libpng' \
  "$(find codec flow src -name '*.[ch]' ! -name 'image_png*' \
    -exec grep -Hn '^ *# *include *<png' {} +)"
report 'only the JPEG reader of src/ knows libjpeg' \
  "$(find codec flow src -name '*.[ch]' ! -name 'image_jpeg*' \
    -exec grep -Hn '^ *# *include *<j' {} +)"
report 'setjmp and longjmp only in image_png and image_jpeg' \
  "$(find codec flow src -name '*.[ch]' ! -name 'image_png*' ! -name 'image_jpeg*' \
    -exec grep -HnE '\<(setjmp|longjmp)\>' {} +)"
finish
