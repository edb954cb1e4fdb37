#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
#
# simd.sh: the choice of instruction sets by option and environment, and that no choice
# changes a byte: on pictures wide enough for all lanes, and with lanes that come and go.
. "$(dirname "$0")/common.sh"

unset IDF_SIMD
exits 0 'idfinfo --simd lists what there is' "$idfinfo" --simd
prints 'simd '
prints '(of none'
levels=$(sed 's/.*(of \(.*\))/\1/; s/,//g' "$tmp/.out")
best=$(sed 's/simd \([^ ]*\) .*/\1/' "$tmp/.out")
exits 0 'as JSON too' "$idfinfo" --simd --json
prints "{\"simd\":\"$best\",\"levels\":[\"none\""
exits 0 'IDF_SIMD chooses' env IDF_SIMD=none "$idfinfo" --simd
prints 'simd none '

# wide KIND WIDTH HEIGHT CHANNELS: a PAM with slopes, edges and noise
wide() {
  awk -v w="$1" -v h="$2" -v c="$3" '
    BEGIN {
      names[1] = "GRAYSCALE"; names[3] = "RGB"
      printf "P7\nWIDTH %d\nHEIGHT %d\nDEPTH %d\nMAXVAL 255\nTUPLTYPE %s\nENDHDR\n",
        w, h, c, names[c]
      seed = 4711 + w
      for (y = 0; y < h; y++)
        for (x = 0; x < w; x++)
          for (k = 0; k < c; k++) {
            seed = (seed * 16807) % 2147483647
            v = 90 + 60 * sin(x / 31 + k) * cos(y / 9) + (x % 97 < 40) * 50 + seed % (1 + x % 23)
            printf "%c", 32 + v % 95
          }
    }'
}

wide 1024 40 3 >full.pam
wide 1100 19 1 >two.pam
wide 333 70 3 >odd.pam
wide 31 40 3 >thin.pam
for f in full two odd thin; do
  check "$f is encoded" "$cidf" -q --tile=1024 $f.pam -o $f.idf
  for level in $levels; do
    check "$f: the same bytes at level $level" sh -c "
      '$cidf' -qf --tile=1024 --simd=$level $f.pam -o x.idf && cmp x.idf $f.idf"
    check "$f: decoded at level $level" sh -c "
      IDF_SIMD=$level '$didf' -q --format=pam $f.idf -o - | cmp - $f.pam"
  done
done
check 'the option wins over the environment' \
  env IDF_SIMD=nonsense "$cidf" -qf --simd=none thin.pam -o x.idf

exits 1 'an unknown level is refused' "$cidf" --simd=mmx thin.pam -o no.idf
says '--simd=mmx: give auto, none, 128, avx2 or avx512'
exits 1 'in the environment as well' env IDF_SIMD=mmx "$didf" thin.idf -o no.png
says 'IDF_SIMD=mmx: give'
for level in 128 avx2 avx512; do
  case " $levels " in
    *" $level "*) continue ;;
  esac
  exits 1 "level $level, which is not here, is refused" "$cidf" --simd=$level thin.pam -o no.idf
  says "--simd=$level: this machine or this build cannot"
  says "the best here is $best"
done
nothing no.idf no.png
finish
