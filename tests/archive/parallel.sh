#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
#
# parallel.sh: the recipe for GNU parallel, killed in the middle and run again.
needs='parallel:parallel setsid:util-linux'
# shellcheck source=tests/archive/common.sh
. "$(dirname "$0")/common.sh"
parallel --version 2>/dev/null | grep -q 'GNU parallel' || {
  echo 'skip: parallel is not that of GNU (Debian: parallel)'
  exit 77
}
PARALLEL_HOME=$tmp/home
HOME=$tmp
export PARALLEL_HOME HOME
mkdir home
: >home/will-cite

recipe parallel >run.sh
setsid sh run.sh >/dev/null 2>&1 &
until_some 40
kill -9 "-$!"
wait $! 2>/dev/null
in_between
exits 0 'the same line again' sh run.sh
find report -name stdout -exec cat {} + >all
whole all
# What the file jobs had as good is not done again: other outputs would have other inodes.
find packed -name '*.idf' -exec ls -i {} + | LC_ALL=C sort >after
kept=$(LC_ALL=C comm -12 before after | wc -l)
[ "$kept" -ge 20 ]
result "   $kept files were not made again" $?
finish
