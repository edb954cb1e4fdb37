#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
#
# check.sh: the decoder for browsers, which `make web` builds: in Node the kernels with SIMD against
# those without, every golden file, and PNGs made of them; in Chromium the viewer, the element and
# the service worker. `make check-web` builds it and runs this alone.
set -u
here=$(cd "$(dirname "$0")" && pwd)
IDF_BUILD=${IDF_BUILD:-$PWD}
dist=$IDF_BUILD/src/web/dist
export IDF_BUILD
cases=0 failures=0

skip() {
  echo "skip: $1"
  exit 77
}

[ -e "$dist/idf-simd.wasm" ] && [ -e "$IDF_BUILD/src/web/levels.wasm" ] ||
  skip 'src/web is not built (make check-web, with emcc)'
case $(node --version 2>/dev/null) in
  v1[89].* | v[2-9][0-9].*) ;;
  *) skip 'no node 18 or newer (Debian: nodejs)' ;;
esac

# part NAME: its result lines; numbers go on where the last part ended
part() {
  IDF_CASES=$cases node "$here/$1.mjs" >"$tmp/out" 2>&1
  status=$?
  cat "$tmp/out"
  cases=$((cases + $(grep -c '^\(not \)\{0,1\}ok ' "$tmp/out")))
  [ $status -eq 0 ] || failures=$((failures + 1))
  [ $status -eq 0 ] || grep -q '^not ok ' "$tmp/out" || {
    cases=$((cases + 1))
    echo "not ok $cases - $1 ends with status $status"
  }
}

tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' HUP INT TERM
part levels
part golden
part png
part speed
if [ -z "${CHROMIUM-}" ]; then
  CHROMIUM=$(command -v chromium || command -v chromium-browser || command -v google-chrome)
fi
export CHROMIUM
if [ -n "$CHROMIUM" ]; then
  part browser
else
  echo 'skip: no Chromium (Debian: chromium), so nothing was tried in a browser'
fi
echo "1..$cases"
[ "$failures" -eq 0 ]
