#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
#
# versus.sh: one table of codecs on one folder of PNG files: bytes, bits per sample,
# megapixels a second. Not part of make check: it needs the peers and a quiet machine.
#
#   versus.sh FOLDER [ROW...]
#   ROW: idf:EFFORT  jxl:EFFORT  webp:Z     (default: idf:5 jxl:3 jxl:7 webp:6)
#
# Each codec runs on one thread, one file after the other, in the same run. Speeds
# are those of whole processes, starting and reading PNG included: compare rows, do
# not quote the figures alone. Every output is decoded and compared: idf's in every
# respect (idfcmp -m), the peers' as 16-bit RGBA (tests/bench/rgbacmp), since they
# keep less. A row with a picture that is not the same says LOSSY, one where a codec
# failed says FAILED, and the exit status is 1. IDF_BIN is the build tree (default:
# the current folder); `make bench-tools` there builds the comparers.
set -u
dir=${1:?usage: versus.sh FOLDER [ROW...]}
shift
[ $# -gt 0 ] || set -- idf:5 jxl:3 jxl:7 webp:6
bin=${IDF_BIN:-$PWD}
[ -x "$bin/cidf" ] && [ -x "$bin/idfcmp" ] && [ -x "$bin/tests/bench/rgbacmp" ] || {
  echo "versus.sh: set IDF_BIN to a build tree and run make all bench-tools there" >&2
  exit 1
}
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' HUP INT TERM

# Pixels and samples of a PNG, from its header.
measure() {
  od -An -v -tu1 -j16 -N10 "$1" | awk '{
    w = (($1 * 256 + $2) * 256 + $3) * 256 + $4; h = (($5 * 256 + $6) * 256 + $7) * 256 + $8
    c = $10 == 0 || $10 == 3 ? 1 : $10 == 4 ? 2 : $10 == 2 ? 3 : 4
    print w * h, w * h * c }'
}

# Sizes of all inputs, and the folder must have some.
pixels=0 samples=0 files=0
for f in "$dir"/*.png; do
  [ -e "$f" ] || continue
  sizes=$(measure "$f")
  pixels=$((pixels + ${sizes% *})) samples=$((samples + ${sizes#* }))
  files=$((files + 1))
done
[ "$files" -gt 0 ] || { echo "versus.sh: no PNG in $dir" >&2; exit 1; }

encode() { # KIND LEVEL PNG OUT
  case $1 in
    idf) "$bin/cidf" -qf -T 1 --effort="$2" "$3" -o "$4" ;;
    jxl) cjxl -d 0 -e "$2" --num_threads=0 "$3" "$4" ;;
    webp) cwebp -quiet -exact -lossless -z "$2" "$3" -o "$4" ;;
    *) echo "versus.sh: unknown codec $1" >&2; return 1 ;;
  esac
}

decode() { # KIND FILE PNG
  case $1 in
    idf) "$bin/didf" -qf -T 1 "$2" -o "$3" ;;
    jxl) djxl --num_threads=0 "$2" "$3" ;;
    webp) dwebp -quiet "$2" -o "$3" ;;
  esac
}

same() { # KIND A B
  case $1 in
    idf) "$bin/idfcmp" -m "$2" "$3" ;;
    *) "$bin/tests/bench/rgbacmp" "$2" "$3" ;;
  esac
}

bad=0
echo "$files files, $pixels pixels, $samples samples"
printf '%-10s %11s %12s %10s %10s\n' codec bytes bits/sample enc_MP/s dec_MP/s
for row in "$@"; do
  kind=${row%%:*} level=${row#*:} bytes=0 note=
  : >"$tmp/times"
  for f in "$dir"/*.png; do
    rm -f "$tmp/packed" "$tmp/back.png"
    t0=$(date +%s.%N)
    encode "$kind" "$level" "$f" "$tmp/packed" >"$tmp/log" 2>&1 || note="FAILED on $f"
    t1=$(date +%s.%N)
    decode "$kind" "$tmp/packed" "$tmp/back.png" >>"$tmp/log" 2>&1 || note="FAILED on $f"
    t2=$(date +%s.%N)
    echo "$t0 $t1 $t2" >>"$tmp/times"
    [ -s "$tmp/packed" ] && bytes=$((bytes + $(wc -c <"$tmp/packed")))
    [ -n "$note" ] || same "$kind" "$f" "$tmp/back.png" >/dev/null || note="LOSSY on $f"
  done
  [ -z "$note" ] || bad=1
  awk -v r="$row" -v b="$bytes" -v p="$pixels" -v s="$samples" -v note="$note" '
    { e += $2 - $1; d += $3 - $2 }
    END {
      printf "%-10s %11d %12.4f %10.3f %10.3f %s\n",
        r, b, b * 8 / s, p / e / 1e6, p / d / 1e6, note
    }' "$tmp/times"
done
exit $bad
