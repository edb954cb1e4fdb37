#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
#
# fuzzers.sh: `make fuzzers`: the fuzz targets for a fuzzing engine, in the folder fuzzers of the
# build. They are a build of their own, since every object has to be compiled for the engine:
# fuzzers/tree is what `make distdir` gives, configured in fuzzers. From the environment:
# MAKE, and what the README calls FUZZ_CC, FUZZ_CXX, FUZZ_CFLAGS and LIB_FUZZING_ENGINE.
set -u
settings="CC=$FUZZ_CC CXX=$FUZZ_CXX CFLAGS=$FUZZ_CFLAGS LIB_FUZZING_ENGINE=$LIB_FUZZING_ENGINE"
mkdir -p fuzzers || exit 1

# First of all, so that nobody waits for a build that cannot be linked.
cat >fuzzers/probe.c <<'END'
#include <stddef.h>
int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);
int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size) { return data && size > 9; }
END
# shellcheck disable=SC2086
if ! { $FUZZ_CC $FUZZ_CFLAGS -c fuzzers/probe.c -o fuzzers/probe.o &&
  $FUZZ_CXX $FUZZ_CFLAGS fuzzers/probe.o $LIB_FUZZING_ENGINE -o fuzzers/probe; } \
  >fuzzers/probe.log 2>&1; then
  cat fuzzers/probe.log >&2
  echo "make fuzzers: $FUZZ_CC cannot build for $LIB_FUZZING_ENGINE with $FUZZ_CFLAGS;" >&2
  echo "install clang and its runtime (Debian: clang libclang-rt-14-dev), or name another" >&2
  echo "compiler and engine with FUZZ_CC, FUZZ_CXX, FUZZ_CFLAGS and LIB_FUZZING_ENGINE" >&2
  exit 1
fi

# Times are kept, so that only what has changed is compiled again.
"$MAKE" distdir distdir=fuzzers/tree >fuzzers/tree.log 2>&1 || {
  cat fuzzers/tree.log >&2
  exit 1
}
cd fuzzers || exit 1
if [ ! -e config.status ] || [ "$(cat settings 2>/dev/null)" != "$settings" ]; then
  [ ! -e Makefile ] || "$MAKE" clean >clean.log 2>&1
  rm -f settings
  # Canaries would only hide from the sanitizers what they are there to see.
  ./tree/configure --quiet --disable-shared --disable-hardening CC="$FUZZ_CC" CXX="$FUZZ_CXX" \
    CFLAGS="$FUZZ_CFLAGS" LIB_FUZZING_ENGINE="$LIB_FUZZING_ENGINE" || exit 1
  printf '%s\n' "$settings" >settings
fi
"$MAKE" fuzz-targets || exit 1
echo "fuzzers/ holds the targets; see the README's chapter Security"
