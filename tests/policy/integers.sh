#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
#
# integers.sh: no floating point where a decoder decides anything.
#
# Five kinds of use are allowed. The least-squares solve in flow/predict/leastsq* and, of
# flow/simd, leastsq*, kernels* and vec*.h, which uses only + - * / in one stated order, with those
# who keep its `solution` or rows of IDF_LS_SLOTS of them. What an encoder solves and then sends, in
# flow/predict/linear_fit.c, with the same operations.
# Lines that report to people: they name the report (report, ..._bits, map). And two places
# that compute integers by way of floating point, beside an integer definition that level none
# runs and where no rounding can enter: idf_sites_log2 of flow/field/sites.c reads the exponent of a
# float that holds an integer below 2^24, hence exactly; and `quotient` of flow/predict/refine.c
# truncates that of 32-bit integers taken in double, whose 53 bits keep it on the true
# quotient's side of every integer. These are allowed word by word, and only where
# IDF_LEVEL_SUFFIX is defined. All else in codec/, flow/ and the library's part of src/ is
# integers.
. "$(dirname "$0")/common.sh"

# The two exact uses, word by word; anything else in their lines or elsewhere in their
# files is found like everywhere.
exact() {
  case $1 in
    flow/field/sites.c)
      printf '%s\n' 'float f[IDF_BLOCK];' 'f[i] = (float)v[i];' ;;
    flow/predict/refine.c)
      printf '%s\n' 'return (int32_t)((double)a / (double)b);' ;;
  esac
}

# A file with a float or double outside comments, except marked lines and exact uses. A
# variable may be called log2 where it is indexed, not called.
floats() {
  for f in $1; do
    exact "$f" | awk -v f="$f" '
      FILENAME == "-" { allowed[$0] = 1; next }
      {
        keep = $0
        text = $0
        gsub(/^ +| +$/, "", text)
        if (text ~ /^#/) levelled = text == "#if defined(IDF_LEVEL_SUFFIX)"
        if (levelled && text in allowed) { used[text] = 1; next }
        marked = keep ~ /report|solution|IDF_LS_SLOTS|_bits|(^|[^A-Za-z_])(bits|map)([^A-Za-z_]|$)/
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
        gsub(/(^|[^A-Za-z0-9_])log2(\[|, |;)/, " ", line)
        if (!marked && line ~ "(^|[^A-Za-z0-9_])(float|double|lround|exp2?|log[12p]?|log10|pow" \
            "|sqrtf?|floor|ceil|lrint|rint)([^A-Za-z0-9_]|$)")
          print f ":" FNR ": " keep
      }
      END { for (a in allowed) if (!(a in used)) print f ": is allowed but not there: " a }' - "$f"
  done
}

report 'codec is integers only' "$(floats "$(find codec -name '*.[ch]' | LC_ALL=C sort)")"
report 'flow is integers outside solves and reports' \
  "$(floats "$(find flow -name '*.[ch]' ! -name 'leastsq*' ! -name 'kernels*' ! -name 'vec*.h' \
    ! -name 'linear_fit.c' ! -name 'model_data*' ! -path 'flow/train/*' | LC_ALL=C sort)")"
report 'the calls of src are integers outside reports' \
  "$(floats "$(find src -path 'src/lib/*.[ch]' -o -path 'src/kept/*.[ch]' \
    -o -path 'src/meta/*.[ch]' -o -path 'src/pixels/*.[ch]' -o -path 'src/records/*.[ch]' |
    LC_ALL=C sort)")"
functions='exp2?|log[12p]?|log10|pow|sin|cos|tanh?|fma|hypot|cbrt|lround|rint|lrint|nearbyint'
report 'the least-squares solve uses no function' \
  "$(grep -nE "\<($functions|sqrtf?|double)\>[ (]" \
    $(find flow -name 'leastsq*.[ch]' -o -name 'kernels*.[ch]' -o -name 'vec*.h' \
      -o -name linear_fit.c) /dev/null |
    grep -v -e '^[^:]*:[0-9]*: *\(/\*\|\*\)' -e 'double \*bits')"
report 'nobody asks for fused or fast arithmetic' \
  "$(grep -rnE 'fast-math|FP_CONTRACT +(ON|DEFAULT)|\<fmaf?\(' --include='*.[ch]' \
    --include='*.inc' codec flow src)"
finish
