# SPDX-License-Identifier: BSD-3-Clause
#
# steps.sh: how the steps of .ci/run are counted. Sourced; expects `work`, a folder.
# shellcheck shell=sh disable=SC2154
passed=0 failed=0

# say WHAT: a heading with the seconds since the start
say() {
  echo "== $1 ($(($(date +%s) - started)) s)"
}

# fail WHAT: one case that failed
fail() {
  echo "FAIL: $1"
  failed=$((failed + 1))
}

# add FILE: the last line of a tally goes to the totals; a run without one is a failure
add() {
  line=$(tail -n 1 "$1")
  case $line in
    *[0-9]' passed, '*[0-9]' failed')
      passed=$((passed + ${line%% *}))
      line=${line#* passed, }
      failed=$((failed + ${line%% *}))
      ;;
    *) fail "$1 ends without a total" ;;
  esac
}

# count FILE STATUS: the lines `ok` and `not ok` of a test script that ended so
count() {
  good=$(grep -c '^ok ' "$1")
  bad=$(grep -c '^not ok ' "$1")
  [ "$bad" -eq 0 ] || grep -A 5 '^not ok ' "$1" | head -n 60
  [ "$2" -eq 0 ] || [ "$bad" -gt 0 ] || { tail -n 20 "$1" && fail "$1: exit status $2"; }
  [ "$good" -gt 0 ] || fail "$1: nothing was tried"
  echo "$good ok, $bad not ok"
  passed=$((passed + good)) failed=$((failed + bad))
}

# step NAME COMMAND...: one case by itself
step() {
  name=$1
  shift
  say "$name"
  if "$@" >"$work/step.log" 2>&1; then
    passed=$((passed + 1))
  else
    tail -n 60 "$work/step.log"
    fail "$name"
    return 1
  fi
}

# build NAME CONFIGURE-ARGUMENT...: in $work/NAME from $work/dist, with the test programs. The
# step runs in that folder; nothing else changes its folder.
build() {
  name=$1
  shift
  mkdir -p "$work/$name"
  step "build: $name" sh -c 'cd "$1" && shift && jobs=$1 && shift &&
    ../dist/configure --quiet --enable-werror --disable-shared "$@" &&
    make -j"$jobs" all && make -j"$jobs" check TESTS=' sh "$work/$name" "$jobs" "$@"
}

# both_ways NAME [RUNNER...]: every golden file through the library that `build NAME` made
both_ways() {
  name=$1
  shift
  IDF_SRC=$work/dist IDF_BUILD=$work/$name IDF_BIN=$root \
    IDF_AGAIN="$* $work/$name/tests/machines/again" \
    sh "$work/dist/tests/machines/check.sh" >"$work/$name.log" 2>&1
}
