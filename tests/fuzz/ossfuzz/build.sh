#!/bin/bash -eu
# SPDX-License-Identifier: BSD-3-Clause
#
# build.sh: what OSS-Fuzz runs in its container: fuzz targets, their seeds, dictionaries and
# options into $OUT. From the environment: SRC, WORK, OUT, CC, CXX, CFLAGS, LIB_FUZZING_ENGINE. The
# container needs autoconf, automake, libtool, pkgconf, zip and, of libpng, zlib, libjpeg-turbo
# and SIMDe, the development files. Where targets run there are no such libraries, so
# the static ones are linked.
autoreconf --install --force "$SRC/idf"
mkdir -p "$WORK/idf"
cd "$WORK/idf"
# The last of two flags wins: -O2 without the tracing of comparisons, for which there are
# dictionaries, runs 3 to 4 times as many inputs a second as -O1 with it.
"$SRC/idf/configure" --disable-shared --disable-hardening \
  CFLAGS="$CFLAGS -O2 -fno-sanitize-coverage=trace-cmp" LIB_FUZZING_ENGINE="$LIB_FUZZING_ENGINE" \
  PNG_CFLAGS=-I. PNG_LIBS='-l:libpng16.a -l:libz.a -lm' ZLIB_CFLAGS=-I. ZLIB_LIBS=-l:libz.a \
  JPEG_CFLAGS=-I. JPEG_LIBS=-l:libjpeg.a
make -j"$(nproc)" fuzz-targets
for seeds in seeds/*; do
  target=$(basename "$seeds")
  cp "$target" "$OUT/"
  zip --quiet --junk-paths "$OUT/${target}_seed_corpus.zip" "$seeds"/*
  printf '[libfuzzer]\nmax_len = 65536\n' >"$OUT/$target.options"
  if [ -e "$target.dict" ]; then
    cp "$target.dict" "$OUT/"
    printf 'dict = %s.dict\n' "$target" >>"$OUT/$target.options"
  fi
done
