#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
#
# house.sh: the rules of the tree that a compiler does not know: a test beside
# every source, a licence line and a purpose on top of every file, no file too
# long to read, nothing forgotten in the lists of the build.
. "$(dirname "$0")/common.sh"

# ---- a test_x.c for every x.c ---------------------------------------------
# Programs are tested by tests/cli (features and learn feed training); rans.h is one test for its
# two halves.
twins() {
  for f in $(sources); do
    x=$(basename "$f" .c)
    case $x in
      cidf|didf|sample|idfcmp|idfinfo|features|learn|pixbuf_loader) continue ;;
      rans_enc|rans_dec) x=rans ;;
      kernels_*) x=kernels ;;
    esac
    room=$(basename "$(dirname "$f")")
    [ "$room" != flow ] || room=tile
    [ -e "tests/unit/$room/test_$x.c" ] || echo "$f has no tests/unit/$room/test_$x.c"
  done
}
report 'every source has its unit test' "$(twins)"

listed() {
  for t in tests/unit/*/test_*.c; do
    x=${t#tests/unit/*/test_}
    x=${x%.c}
    grep -q "X($x)" tests/unit/main.c || echo "$t: X($x) is missing in tests/unit/main.c"
    grep -q "^	$t\( \\\\\)*$" tests/Makefile.inc || echo "$t is missing in tests/Makefile.inc"
  done
}
report 'every unit test is run' "$(listed)"

built() {
  for f in $(sources) $(headers) $(find flow -name 'model_data*.c'); do
    case $f in flow/train/*) continue ;; esac
    list=${f%%/*}/Makefile.inc
    grep -q "[	 ]$f\( \\\\\)*$" "$list" || echo "$f is missing in $list"
  done
}
report 'every source and header is in its Makefile.inc' "$(built)"

run_scripts() {
  for s in tests/*.sh tests/policy/*.sh tests/cli/*.sh tests/*/check.sh; do
    [ -e "$s" ] || continue
    case $s in tests/driver.sh|tests/tally.sh|tests/demo.sh|*/common.sh) continue ;; esac
    [ -x "$s" ] || echo "$s is not executable"
    grep -q "^	$s\( \\\\\)*$" tests/Makefile.inc || echo "$s is missing in tests/Makefile.inc"
  done
}
report 'every test script is run' "$(run_scripts)"

# ---- every file opens with its licence and its purpose --------------------
spdx() {
  for f in $(find codec flow src tests samples -name '*.[ch]') $(scripts) \
    configure.ac Makefile.am; do
    head -n 3 "$f" | grep -q 'SPDX-License-Identifier: BSD-3-Clause' || echo "$f"
  done
}
report 'every source has an SPDX line' "$(spdx)"

purpose() {
  for f in $(find codec flow src tests -name '*.[ch]' ! -name 'model_data*.c'); do
    head -n 4 "$f" | grep -q "^ \* $(basename "$f")\(:\|,\| \)" || echo "$f"
  done
}
report 'every C file opens with its name and purpose' "$(purpose)"

# ---- sizes ------------------------------------------------------------------
long() {
  for f in $(find codec flow src tests samples -name '*.[ch]' ! -name 'model_data*.c') \
    $(scripts); do
    n=$(wc -l <"$f")
    [ "$n" -le 900 ] || echo "$f: $n lines"
  done
}
report 'no file is above 900 lines' "$(long)"
# All C but generated tables.
written() {
  find codec flow src tests samples -name '*.[ch]' ! -name 'model_data*.c' \
    ! -path flow/base/tables.c |
    LC_ALL=C sort
}
wide() {
  for f in $(written) $(scripts) flow/train/idf-train.in tests/golden/pictures.awk; do
    awk -v f="$f" 'length($0) > 100 { print f ":" NR ": " length($0) " columns" }' "$f"
  done
}
report 'no line is above 100 columns' "$(wide)"
report 'no line of C has a tab or a trailing blank' \
  "$(for f in $(written); do awk -v f="$f" '/\t/ || / +$/ || /\r/ { print f ":" NR }' "$f"; done)"

# ---- what does not belong ---------------------------------------------------
report 'no file of the corpus or build output is in the tree' \
  "$(find samples tests -type f -size +2048k ! -path tests/unit/unit ! -path tests/golden/damage \
    ! -path tests/machines/again ! -path 'tests/fuzz/fuzz_*[!c]')"
report 'the samples are at most 2 MB' \
  "$(find samples -type f -name '*.[pj][np]g' -exec cat {} + | wc -c |
    awk '$1 > 2000000 { print $1 " bytes" }')"
report 'unsafe string functions are not used' \
  "$(find codec flow src tests samples -name '*.[ch]' -exec grep -HnE \
    '\<(strcpy|strcat|sprintf|vsprintf|gets|strtok|atoi|atol|alloca)\(' {} +)"
finish
