#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
#
# seeds.sh SOURCE: for each fuzz target of the current build, what a fuzzer starts with: the
# folder seeds/TARGET of files, and TARGET.dict. The files are those that the target makes for
# itself, golden ones, and samples, behind the bytes of options that the target wants.
set -eu
source=$1
rm -rf seeds

# behind BYTES TARGET FILE...: BYTES as printf takes them
behind() {
  head=$1 to=seeds/$2
  shift 2
  for f in "$@"; do
    # shellcheck disable=SC2059
    { printf "$head"; cat "$f"; } >"$to/$(basename "$f")"
  done
}

while read -r target dict; do
  mkdir -p "seeds/$target"
  "tests/fuzz/$target" --seeds "seeds/$target"
  [ "$dict" = - ] || cp "$source/tests/fuzz/$dict.dict" "$target.dict"
done <<END
fuzz_coefs -
fuzz_container idf
fuzz_decode idf
fuzz_exif -
fuzz_jpeg jpeg
fuzz_jpeg_file jpeg
fuzz_kept jpeg
fuzz_pack metadata
fuzz_png png
fuzz_pnm pnm
fuzz_roundtrip -
fuzz_weights model
END
behind '' fuzz_container "$source"/tests/golden/*.idf
# With sums repaired and as they are, by one thread and by two; limits as wide as they go.
behind '\041\000' fuzz_decode "$source"/tests/golden/good-*.idf
behind '\040\000' fuzz_decode "$source"/tests/golden/bad-*.idf
behind '' fuzz_jpeg "$source"/samples/*.jpg
behind '\036' fuzz_jpeg_file "$source"/samples/*.jpg
behind '' fuzz_png "$source"/samples/checks-2bit.png "$source"/samples/shadow-16.png
behind '\000\043' fuzz_weights "$source"/flow/models/fast.idfm
