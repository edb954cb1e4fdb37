#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
#
# hardening.sh: asks readelf. Programs lie anywhere in memory; what the loader fills in is
# filled in at the start and then read only; nothing is both writable and executable; and
# functions with arrays check their stack before they return.
. "$(dirname "$0")/common.sh"

readelf=${READELF:-readelf}
harden=$(sed -n 's/^IDF_HARDEN = //p' "$build/Makefile")
if [ -z "$harden" ]; then
  echo 'skip: configured without hardening'
  exit 77
fi
if ! "$readelf" -h "$build/cidf" 2>/dev/null | grep -q 'ELF'; then
  echo 'skip: readelf shows no ELF programs'
  exit 77
fi

# lacks FILE...: what of hardening is missing in them
lacks() {
  for f in "$@"; do
    all=$("$readelf" -W -h -l -d "$f")
    echo "$all" | grep -q 'Type: *DYN' || echo "$f is not position independent"
    echo "$all" | grep -q 'GNU_RELRO' || echo "$f has no segment that becomes read only"
    echo "$all" | grep -Eq 'BIND_NOW|Flags:.* NOW' || echo "$f binds lazily"
    echo "$all" | grep -Eq 'GNU_STACK.* RWE?X|LOAD.* RWE' && echo "$f has writable code"
  done
}
report 'programs are hardened' "$(lacks "$build/cidf" "$build/didf" \
  "$build/idf-sample" "$build/idfcmp" "$build/idfinfo")"
if [ -e "$build/installed/cidf" ]; then
  report 'those that are installed too' "$(lacks "$build"/installed/cidf "$build"/installed/didf \
    "$build"/installed/idf-sample "$build"/installed/idfcmp "$build"/installed/idfinfo)"
else
  echo "skip: the programs are installed as they are"
fi
shared=$build/.libs/libidf.so
if [ -e "$shared" ]; then
  report 'the shared library is hardened' "$(lacks "$shared")"
else
  echo "skip: no shared library in this build ($shared)"
fi

# uses FLAG SYMBOL OBJECT-PATTERN: these objects call it, where the flag is known
uses() {
  case " $harden " in
    *" $1"*) ;;
    *)
      echo "skip: the compiler does not know $1, or it was chosen by the user"
      return
      ;;
  esac
  archive=$build/src/.libs/libwhole.a
  [ -e "$archive" ] || archive=$build/src/libwhole.a
  count=$("$readelf" -W -s "$archive" 2>/dev/null | grep -c "UND $2")
  report "$1 shows in the library's objects" "$([ "$count" -gt 0 ] || echo "$2 is never called")"
}
uses -fstack-protector-strong __stack_chk_fail
uses -D_FORTIFY_SOURCE=2 '__[a-z]*_chk$'
finish
