# SPDX-License-Identifier: BSD-3-Clause
#
# common.sh: read by the policy tests: numbered result lines and the file lists.
# A check is a command whose output is the list of offenders: empty means ok.

src=${IDF_SRC:-$(cd "$(dirname "$0")/../.." && pwd)}
build=${IDF_BUILD:-$src}
cases=0 failures=0
cd "$src" || exit 1

# report WHAT OFFENDERS
report() {
  cases=$((cases + 1))
  if [ -z "$2" ]; then
    echo "ok $cases - $1"
  else
    failures=$((failures + 1))
    echo "not ok $cases - $1"
    printf '%s\n' "$2" | sed 's/^/# /'
  fi
}

finish() {
  echo "1..$cases"
  [ "$failures" -eq 0 ]
  exit
}

# Sources of the three floors, ours only: generated tables are listed by `tables`.
sources() { find codec flow src -name '*.c' ! -name 'model_data*.c' | LC_ALL=C sort; }
headers() { find codec flow src -name '*.h' | LC_ALL=C sort; }
tests_c() { find tests samples -name '*.c' -o -path './build' -prune | LC_ALL=C sort; }
scripts() {
  {
    find bootstrap .ci tests samples flow -type f \( -name '*.sh' -o -name '*.py' \
      -o -name '*.mjs' -o -name bootstrap -o -path .ci/run \)
    find src/web -path src/web/dist -prune -o -type f \( -name '*.js' -o -name '*.ts' \
      -o -name '*.css' -o -name '*.html' \) -print
  } | LC_ALL=C sort
}

# rooms: "FOLDER SEEN...": each room, as the Makefile.inc of its floor has it, and all folders
# on its include path, its own last.
rooms() {
  cat codec/Makefile.inc flow/Makefile.inc src/Makefile.inc |
    awk '/^IDF_IN_[A-Z]+ =/ {
      sees = ""
      for (i = 3; i <= NF; i++) {
        if (sub(/^\$\(/, "", $i)) { sub(/\)$/, "", $i); sees = sees known[$i] }
        else { sub(/^-I\$\(top_srcdir\)\//, "", $i); sees = sees " " $i; room = $i }
      }
      known[$1] = sees
      print room sees
    }'
}

# path_of FOLDER: -I for each folder that it sees
path_of() {
  rooms | awk -v room="$1" -v src="$src" '$1 == room {
    for (i = 2; i <= NF; i++) printf " -I%s/%s", src, $i
  }'
}
