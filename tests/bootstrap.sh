#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
#
# bootstrap.sh: the line of progress that ./bootstrap shows on a terminal, and make's exit status
# through it. Instead of a compiler there is a make that prints what make prints.
src=${IDF_SRC:-$(cd "$(dirname "$0")/.." && pwd)}
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
cases=0 failures=0
mkdir "$tmp/tree" "$tmp/bin"
cp "$src/bootstrap" "$tmp/tree"
cd "$tmp/tree" || exit 1

# fake NAME: a program of standard input
fake() {
  { echo '#!/bin/sh'; cat; } >"$tmp/bin/$1"
  chmod +x "$tmp/bin/$1"
}
fake dpkg-query <<'END'
printf installed
END
fake make <<'END'
case " $* " in
  *' -n '*) for f in a b c; do echo "echo \"  CC      \" $f.lo;gcc $f.c"; done; exit 0 ;;
esac
for f in a b c; do echo "  CC       $f.lo"; done
echo 'a warning' >&2
: >cidf && : >didf && : >idf-sample && : >idfcmp && : >idfinfo
exit "${FAKE_STATUS:-0}"
END
printf '#!/bin/sh\n: >config.status\n' >configure
chmod +x configure
: >configure.ac
: >Makefile.am
: >Makefile.in
touch configure
PATH=$tmp/bin:$PATH
export PATH

# result WHAT: one case, good when the last command succeeded
result() {
  status=$?
  cases=$((cases + 1))
  if [ $status -eq 0 ]; then
    echo "ok $cases - $1"
  else
    failures=$((failures + 1))
    echo "not ok $cases - $1"
    tr '\r' '\n' <"$tmp/log" | sed 's/^/# /' | tail -n 20
  fi
}

IDF_PROGRESS=yes ./bootstrap build >"$tmp/out" 2>"$tmp/log"
result 'a build with a line of progress'
grep -q '2 of about 3: b.lo' "$tmp/log"
result '   which counts files'
tr '\r' '\n' <"$tmp/log" | grep -q '^a warning'
result '   and hides no warning'
[ ! -s "$tmp/out" ]
result '   and prints nothing on stdout'
IDF_PROGRESS=yes FAKE_STATUS=3 ./bootstrap build >"$tmp/out" 2>"$tmp/log"
[ $? -eq 1 ] && grep -q 'make failed' "$tmp/log"
result 'a build that fails is one'
./bootstrap build >"$tmp/out" 2>"$tmp/log"
result 'a build whose output is no terminal'
grep -q '^  CC       b.lo$' "$tmp/log" && ! grep -q 'of about' "$tmp/log"
result "   has make's own lines"
echo "1..$cases"
[ "$failures" -eq 0 ]
