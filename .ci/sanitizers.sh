# SPDX-License-Identifier: BSD-3-Clause
#
# sanitizers.sh: the suite under AddressSanitizer and UndefinedBehaviorSanitizer, the unit
# tests and threads under ThreadSanitizer, the library under MemorySanitizer. Sourced by
# .ci/run.
# shellcheck shell=sh

# Ten times slower: of the corpus' large images only every 64th is tried here.
address_and_undefined() {
  say 'the suite under ASan and UBSan'
  mkdir "$work/sanitized"
  {
    cd "$work/sanitized" &&
      ../dist/configure --quiet --enable-werror --enable-sanitizers --disable-shared \
        CFLAGS='-g -O2' &&
      make -j"$jobs" && {
      ASAN_OPTIONS=detect_leaks=1 IDF_EVERY=64 UBSAN_OPTIONS=print_stacktrace=1 make -j"$jobs" check
      sh "$work/dist/tests/tally.sh" . $?
    }
    cd "$root" || exit 1
  } >"$work/sanitized.log" 2>&1
  tail -n 40 "$work/sanitized.log"
  add "$work/sanitized.log"
}

# The library alone: libpng and libjpeg would have to be compiled for it as well.
memory() {
  build memory --enable-sanitizers=memory --disable-tools CC=clang CFLAGS='-g -O2' || return
  both_ways memory
  status=$?
  say 'golden files under MemorySanitizer'
  count "$work/memory.log" $status
  for f in fuzz_coefs fuzz_container fuzz_decode fuzz_roundtrip fuzz_weights; do
    step "$f under MemorySanitizer" "$work/memory/tests/fuzz/$f" 300
  done
}

# threaded WHAT ARGUMENT...: `again` with four threads under ThreadSanitizer
threaded() {
  what=$1
  shift
  step "threads: $what" env TSAN_OPTIONS='halt_on_error=1 second_deadlock_stack=1' \
    "$work/thread/tests/machines/again" --threads=4 "$@" "$work/t.pam" "$work/t.idf"
}

threads() {
  build thread --enable-sanitizers=thread CFLAGS='-g -O2' || return
  for tests in pool: decoder_tiles: encoder:; do
    step "unit tests of $tests under ThreadSanitizer" env TSAN_OPTIONS=halt_on_error=1 \
      IDF_SRC="$work/dist" "$work/thread/tests/unit/unit" "$tests"
  done
  # Many tiles: 64 pixels a side.
  threaded_picture=$work/many.idf
  step 'a picture of 20 tiles' sh -c "awk 'BEGIN {
      printf \"P2\n320 256\n255\n\"
      for (i = 0; i < 81920; i++) print int(128 + 90 * sin(i % 320 / 40) * cos(i / 8192)) + i % 7
    }' >'$work/many.pgm' && '$root/cidf' -qf --tile=64 '$work/many.pgm' -o '$work/many.idf'" ||
    return
  threaded 'both ways' "$threaded_picture"
  step 'threads: the same bytes' cmp "$work/t.idf" "$threaded_picture"
  threaded 'given up midway' --stop=100 "$threaded_picture"
  threaded 'cancelled by another thread' --cancel=30 "$threaded_picture"
  threaded 'cancelled in the middle' --cancel=300 "$threaded_picture"
  # A byte changed in the middle of the file: one tile lost.
  size=$(wc -c <"$threaded_picture")
  { head -c $((size / 2)) "$threaded_picture" && printf '\000\377\000\377' &&
    tail -c $((size - size / 2 - 4)) "$threaded_picture"; } >"$work/hurt.idf"
  threaded 'keep going' --keep-going "$work/hurt.idf"
}
