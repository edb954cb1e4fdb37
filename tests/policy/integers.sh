#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
#
# integers.sh: no floating point where a decoder decides anything.
#
# Two kinds of use are allowed: the least-squares solve in flow/leastsq*, flow/kernels* and
# flow/vec.h, which uses only + - * / in one stated order, with those who keep its `solution`; and
# lines that report to people: they name the report (report, ..._bits, map). All else
# in codec/, flow/ and the library's part of src/ is integers.
. "$(dirname "$0")/common.sh"

# A file with a float or double outside comments, except marked lines.
floats() {
  for f in $1; do
    awk -v f="$f" '
      {
        keep = $0
        marked = keep ~ /report|solution|_bits|(^|[^A-Za-z_])(bits|map)([^A-Za-z_]|$)/
        line = $0
        if (inside) {
          if (!match(line, /\*\//)) next
          line = substr(line, RSTART + 2); inside = 0
        }
        while (match(line, /\/\*/)) {
          head = substr(line, 1, RSTART - 1); rest = substr(line, RSTART + 2)
          if (match(rest, /\*\//)) line = head " " substr(rest, RSTART + 2)
          else { line = head; inside = 1 }
        }
        sub(/\/\/.*/, "", line)
        gsub(/"([^"\\]|\\.)*"/, "\"\"", line)
        if (!marked && line ~ /(^|[^A-Za-z0-9_])(float|double|lround|exp2?|log[12p]?|log10|pow|sqrtf?|floor|ceil|lrint|rint)([^A-Za-z0-9_]|$)/)
          print f ":" NR ": " keep
      }' "$f"
  done
}

report 'codec is integers only' "$(floats "$(find codec -name '*.[ch]' | LC_ALL=C sort)")"
report 'flow is integers outside leastsq and reports' \
  "$(floats "$(find flow -name '*.[ch]' ! -name 'leastsq*' ! -name 'kernels*' ! -name 'vec.h' ! -name 'model_data*' ! -path 'flow/train/*' | LC_ALL=C sort)")"
report 'the calls of src are integers outside reports' \
  "$(floats "$(find src -name '*coder*.[ch]' -o -name 'api.c' -o -name 'internal.h' | LC_ALL=C sort)")"
report 'the least-squares solve uses no function' \
  "$(grep -nE '\<(exp2?|log[12p]?|log10|pow|sin|cos|tanh?|fma|hypot|cbrt|lround|rint|lrint|nearbyint|sqrtf?|double)\>[ (]' \
    $(find flow -name 'leastsq*.[ch]' -o -name 'kernels*.[ch]' -o -name vec.h) /dev/null | grep -v '^[^:]*:[0-9]*: *\(/\*\|\*\)')"
report 'nobody asks for fused or fast arithmetic' \
  "$(grep -rnE 'fast-math|FP_CONTRACT +(ON|DEFAULT)|\<fmaf?\(' --include='*.[ch]' --include='*.inc' codec flow src)"
finish
