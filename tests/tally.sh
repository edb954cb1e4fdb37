#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
#
# tally.sh BUILD [MAKE-STATUS]: what `make check` found, as one last plain line
# "N passed, N failed". A case is a CUnit test or a numbered line of a script, as
# tests/driver.sh noted it. Skips are listed by name: they are neither. The exit
# status is 1 when a case failed, when make did, or when nothing ran.
set -u
build=${1:-.}
status=${2:-0}

trs=$(find "$build/tests" -name '*.trs' | LC_ALL=C sort)
[ -n "$trs" ] || {
  echo "no test ran"
  echo "0 passed, 1 failed"
  exit 1
}
# shellcheck disable=SC2086
awk -v status="$status" '
  /^:test-result: PASS/ { pass++ }
  /^:test-result: (FAIL|ERROR|XPASS)/ { fail++; sub(/^:test-result: /, ""); print FILENAME ": " $0 }
  /^:test-result: SKIP/ { skip++; sub(/^:test-result: /, ""); print FILENAME ": " $0 }
  END {
    if (status != 0 && fail == 0) {
      print "make check ended with status " status
      fail = 1
    }
    if (skip)
      print skip " skipped (listed above)"
    print pass + 0 " passed, " fail + 0 " failed"
    exit fail > 0 || pass == 0
  }' $trs
