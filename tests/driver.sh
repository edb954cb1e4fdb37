#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
#
# driver.sh: runs one test for automake and counts its cases one by one.
#
# A case is a line `ok N - what` or `not ok N - what` on stdout. `ok N # SKIP why`
# is a skip, and so is a line `skip: why`. A test without such lines is one case:
# its exit status (0 passed, 77 skipped). A status other than 0 always fails,
# whatever the lines said; so does a plan `1..N` that the lines do not fulfil.
set -u

name= log= trs=
while [ $# -gt 0 ]; do
  case $1 in
    --test-name) name=$2; shift 2 ;;
    --log-file) log=$2; shift 2 ;;
    --trs-file) trs=$2; shift 2 ;;
    --color-tests|--expect-failure|--enable-hard-errors) shift 2 ;;
    --) shift; break ;;
    *) echo "driver.sh: unknown option $1" >&2; exit 2 ;;
  esac
done
[ -n "$name" ] && [ -n "$log" ] && [ -n "$trs" ] && [ $# -gt 0 ] || {
  echo "driver.sh: for automake's parallel test harness only" >&2
  exit 2
}

"$@" >"$log" 2>&1 </dev/null
status=$?

awk -v status="$status" -v name="$name" -v trs="$trs" '
  function result(kind, what) {
    print ":test-result: " kind " " what > trs
    n[kind]++
    if (kind != "PASS")
      print kind ": " name " " what
  }
  /^(not )?ok( |$)/ {
    failed = /^not ok/
    what = $0
    sub(/^(not )?ok */, "", what)
    cases++
    if (failed)
      result("FAIL", what)
    else if (toupper(what) ~ /# *SKIP/)
      result("SKIP", what)
    else
      result("PASS", what)
  }
  /^skip: / { result("SKIP", substr($0, 7)); skips++ }
  /^1\.\.[0-9]+$/ { plan = substr($0, 4) + 0; planned = 1 }
  END {
    if (status != 0 && status != 77 && !n["FAIL"])
      result("FAIL", "- exit status " status)
    else if (planned && plan != cases)
      result("FAIL", "- planned " plan " cases, ran " cases + 0)
    else if (cases + skips == 0)
      result(status == 77 ? "SKIP" : "PASS", "- exit status " status)
    global = n["FAIL"] ? "FAIL" : n["PASS"] ? "PASS" : "SKIP"
    print ":global-test-result: " global > trs
    print ":recheck: " (n["FAIL"] ? "yes" : "no") > trs
    print ":copy-in-global-log: " (n["FAIL"] || n["SKIP"] ? "yes" : "no") > trs
    if (n["PASS"])
      print "PASS: " name " (" n["PASS"] ")"
  }' "$log"
