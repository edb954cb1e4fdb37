# SPDX-License-Identifier: BSD-3-Clause
#
# common.sh: for the tests of idf-archive(7): 300 small pictures, what one machine makes of them,
# and the recipes as the page has them. Sourced; `needs` is a list of PROGRAM:PACKAGE.
# shellcheck shell=sh disable=SC2154
PATH=$PATH:/usr/sbin:/sbin
for need in $needs; do
  command -v "${need%%:*}" >/dev/null || {
    echo "skip: ${need%%:*} is not installed (Debian: ${need#*:})"
    exit 77
  }
done
# shellcheck source=tests/cli/common.sh
. "$(dirname "$0")/../cli/common.sh"
PATH=$bin:$PATH
export PATH

# recipe NAME: the lines of the page's example that begins with "# NAME"
recipe() {
  awk -v name="# $1" '
    /^\.EX/ { if ((getline line) > 0) inside = line == name; next }
    /^\.EE/ { inside = 0 }
    inside { gsub(/\\-/, "-"); gsub(/\\e/, "\\"); gsub(/\\\(aq/, "\047"); print }' \
    "$src/man/idf-archive.7"
}

# In three folders and in one below; every picture is another one.
mkdir -p pictures/a pictures/b pictures/c/deep
awk 'BEGIN {
  split("a b c c/deep", folders)
  for (i = 0; i < 300; i++) {
    name = sprintf("pictures/%s/p%03d.pgm", folders[i % 4 + 1], i)
    print "P2 96 80 255" >name
    for (y = 0; y < 80; y++)
      for (x = 0; x < 96; x++) {
        s = (s * 1103 + 12345) % 65536
        print int(128 + 60 * sin(x / (7 + i % 11)) + 50 * sin(y / (5 + i % 13)) + s % 7) >name
      }
    close(name)
  }
}'
recipe 'one machine' >one.sh
exits 0 'one machine' sh one.sh
mv packed one
mv report one.report
[ "$(find one -name '*.idf' | wc -l)" -eq 300 ] && [ "$(wc -l <one.report)" -eq 300 ]
result '   makes 300 files and lines' $?

# some: how many outputs there are
some() {
  find packed -name '*.idf' 2>/dev/null | wc -l
}
# until_some N: waits for so many outputs, at most a minute
until_some() {
  i=0
  while [ "$(some)" -lt "$1" ] && [ $i -lt 600 ]; do
    sleep 0.1
    i=$((i + 1))
  done
}
# in_between: not all is done, as a kill should have left it
in_between() {
  n=$(some)
  [ "$n" -gt 0 ] && [ "$n" -lt 300 ]
  result "   in between: $n of 300 are done" $?
  find packed -name '*.idf' -exec ls -i {} + | LC_ALL=C sort >before
}
# lines FILE...: a report, without what depends on the hour, by name
lines() {
  sed 's/,"seconds":[0-9.]*//' "$@" | LC_ALL=C sort
}
# whole REPORT...: the results and the report are those of one machine
whole() {
  check '   nothing is lost and nothing is more' diff -r one packed
  lines one.report >want
  lines "$@" >got
  check '   the report is that of one machine' diff want got
}
