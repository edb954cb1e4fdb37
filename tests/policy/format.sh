#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
#
# format.sh: every C file is as clang-format 14 with .clang-format writes it. Other versions
# of clang-format disagree in details, so only that one is asked.
. "$(dirname "$0")/common.sh"

formatter=
for f in clang-format-14 clang-format; do
  case $($f --version 2>/dev/null) in
    *version\ 14.*) formatter=$f && break ;;
  esac
done
if [ -z "$formatter" ]; then
  echo "skip: no clang-format 14 (Debian: clang-format-14)"
  echo "1..0"
  exit 0
fi

# Tables that a program wrote are left as it wrote them.
offenders() {
  find codec flow src tests samples -name '*.[ch]' ! -name 'model_data*.c' \
    ! -path flow/base/tables.c |
    LC_ALL=C sort |
    while read -r f; do
      $formatter --style=file "$f" | cmp -s - "$f" || echo "$f: run clang-format -i on it"
    done
}
report 'C files are as clang-format writes them' "$(offenders)"
finish
