#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
#
# jpegfile.sh: every JPEG of $IDF_CORPUS is taken apart and put together again, byte for byte, or
# refused for a reason that jpeg.h names. One case per folder; the counts are printed.
set -u
src=${IDF_SRC:-$(cd "$(dirname "$0")/.." && pwd)}
corpus=${IDF_CORPUS:-$src/../shared/corpus}
program=${IDF_BUILD:-.}/tests/jpegfile
if [ ! -d "$corpus" ]; then
  echo "skip: no JPEGs of other projects at $corpus (IDF_CORPUS names their folder)"
  exit 77
fi
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' HUP INT TERM

n=0 failed=0
for folder in samples bench/jpeg reports conformance; do
  dir=$corpus/$folder
  [ "$folder" = samples ] && dir=$src/samples
  find "$dir" -type f \( -name '*.jpg' -o -name '*.jpeg' -o -name '*.JPG' \) \
    -exec "$program" {} + >"$tmp/out" 2>"$tmp/said"
  status=$?
  if [ ! -s "$tmp/out" ] && [ $status -eq 0 ]; then
    echo "skip: no JPEG in $folder"
    continue
  fi
  n=$((n + 1))
  awk -F'\t' -v folder="$folder" '
    { count[$1]++ }
    $1 == "refused" { print "# " $2 ": " $4 }
    END { print "# " folder ": " count["exact"] + 0 " exact, " count["refused"] + 0 " refused" }
  ' "$tmp/out"
  # These folders have nothing that is refused; conformance is for what comes.
  if [ $status -eq 0 ] && { [ "$folder" = conformance ] || ! grep -q '^refused' "$tmp/out"; }; then
    echo "ok $n - JPEGs of $folder come back byte for byte"
  else
    failed=$((failed + 1))
    echo "not ok $n - JPEGs of $folder come back byte for byte"
    grep '^DIFFERS' "$tmp/out" | sed 's/^/# /'
    sed 's/^/# /' "$tmp/said"
  fi
done
echo "1..$n"
[ $failed -eq 0 ]
