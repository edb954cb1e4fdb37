#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
#
# flags.sh: no flag of the user's changes what arithmetic on float gives. configure refuses
# -Ofast and -ffast-math; all others are undone by flags that come after them. Whether they
# are is asked of a small program, binary32.c, and once without them, to see that it notices.
. "$(dirname "$0")/common.sh"

tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
cc=${CC:-cc}
exact=${IDF_EXACT-}
[ -n "$exact" ] || exact=$(sed -n 's/^IDF_EXACT = //p' "$build/Makefile")

# arithmetic FLAGS: what binary32.c says, compiled with them
arithmetic() {
  # shellcheck disable=SC2086
  $cc -std=c11 -O3 -fno-trapping-math $1 -o "$tmp/binary32" tests/policy/binary32.c 2>&1 &&
    "$tmp/binary32" 2>&1 || echo "status $?"
}

report 'float is plain binary32' "$(arithmetic "$exact")"
# Without it gcc takes the quotients of flow/predict/refine.c one by one.
report 'divisions may be taken in rows' "$(case $exact in
  *-fno-trapping-math*-fno-unsafe-math*) echo "undone: $exact" ;;
  *-fno-trapping-math*) ;;
  *) echo "not said: $exact" ;;
esac)"
report 'fast math would be noticed' \
  "$(arithmetic -ffast-math | grep -q 'a sum is taken in another order' || echo 'it was not')"
while read -r flags; do
  # shellcheck disable=SC2086
  if $cc $flags -c -o "$tmp/t.o" tests/policy/binary32.c 2>/dev/null; then
    report "$flags changes nothing" "$(arithmetic "$flags $exact")"
  else
    echo "skip: $cc does not know $flags"
  fi
done <<EOF
-O0
-march=native -ffp-contract=fast
-funsafe-math-optimizations
-fassociative-math -fno-signed-zeros -fno-trapping-math
-freciprocal-math
-ffinite-math-only
-fno-signed-zeros
-frounding-math
-fsingle-precision-constant
-fexcess-precision=standard
-mfpmath=387
-flto
EOF

# Each folder's objects: what stands in CFLAGS at the call comes before the flags that undo it.
last_word() {
  for pair in codec/bytes/bytes:codec/bytes/libbytes_la-bytes \
    flow/model/net:flow/model/libmodel_la-net \
    src/lib/api:src/lib/libwhole_la-api; do
    command=$(make -C "$build" -n V=1 -W "$src/${pair%:*}.c" -W "${pair%:*}.c" \
      CFLAGS=-ffp-contract=fast "${pair#*:}.lo" 2>&1)
    case $command in
      *-ffp-contract=fast*-ffp-contract=off*-c*) ;;
      *) echo "${pair%:*}.c: $command" ;;
    esac
  done
}
MAKEFLAGS='' MFLAGS=''
export MAKEFLAGS MFLAGS
report 'the flags that undo others come last' "$(last_word)"

# configure in a tree of its own, because a tree is configured once.
mkdir "$tmp/src" "$tmp/m4"
cp configure "$tmp" && cp -R build-aux "$tmp" && : >"$tmp/src/idf.h"
refuses() { # VARIABLE=FLAGS
  (cd "$tmp" && ./configure CC="$cc" "$1" >log 2>&1 && echo "configure took $1")
  grep -q 'error:.*would not decode elsewhere' "$tmp/log" || tail -n 3 "$tmp/log"
}
report 'configure refuses -Ofast' "$(refuses CFLAGS=-Ofast)"
report 'configure refuses -ffast-math' "$(refuses 'CFLAGS=-O2 -ffast-math')"
report 'configure refuses fast math from the linker' "$(refuses LDFLAGS=-ffast-math)"
finish
