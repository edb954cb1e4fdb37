#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
#
# check.sh: the second decoder, written from idf(5), must give what didf gives: for all
# samples, for small images of every kind and odd size, and for the page's own example,
# with linear predictors (effort fast) and with networks; for golden files; for JPEG files that
# are kept whole, of which both must give the file again, too. At the end: that all this met
# every method and colour layer. What is damaged both must refuse.
. "$(dirname "$0")/../cli/common.sh"
oracle=${IDF_BUILD:-$bin}/tests/oracle/oracle
pngcmp=${IDF_BUILD:-$bin}/tests/pngcmp
page=$src/man/idf.5

# agree FILE.idf: oracle and didf decode it to the same bytes; palettes come as PNG
agree() {
  "$oracle" "$1" >oracle.out || return 1
  "$idfinfo" -q --json --tiles "$1" >>met.json || [ $? -eq 2 ] || return 1
  if [ "$(head -c 2 oracle.out)" = P7 ]; then
    # Exit 2 is the warning that a PAM holds no metadata.
    "$didf" -qf "$1" -o didf.pam || [ $? -eq 2 ] || return 1
    cmp oracle.out didf.pam >&2
  else
    "$didf" -qf "$1" -o didf.png && mv oracle.out oracle.png && "$pngcmp" oracle.png didf.png >&2
  fi
}

# same IMAGE [OPTIONS]: the image, encoded, decodes to the same with both
same() {
  image=$1
  shift
  "$cidf" -qf "$@" "$image" -o x.idf && agree x.idf
}

# kept IMAGE.jpg [OPTIONS]: the JPEG file is kept whole, and both give it and its pixels
kept() {
  image=$1
  shift
  "$cidf" -qf "$@" "$image" -o x.idf || return 1
  agree x.idf && "$oracle" x.idf --jpeg >oracle.jpg && cmp oracle.jpg "$image" >&2 &&
    "$didf" -qf x.idf -o didf.jpg && cmp didf.jpg "$image" >&2
}

# picture KIND WIDTH HEIGHT CHANNELS MAXVAL: a PAM; what each kind is for, see below
picture() {
  awk -v kind="$1" -v w="$2" -v h="$3" -v c="$4" -v max="$5" '
    function noise() { seed = (seed * 16807) % 2147483647; return seed }
    function clip(v) { v = int(v); return v < 0 ? 0 : v > max ? max : v }
    function put(v) { v = clip(v); if (max > 255) printf "%c", int(v / 256); printf "%c", v % 256 }
    BEGIN {
      seed = 4711 + w * 31 + h
      names[1] = "GRAYSCALE"; names[2] = "GRAYSCALE_ALPHA"; names[3] = "RGB"; names[4] = "RGB_ALPHA"
      printf "P7\nWIDTH %d\nHEIGHT %d\nDEPTH %d\nMAXVAL %d\nTUPLTYPE %s\nENDHDR\n",
        w, h, c, max, names[c]
      for (y = 0; y < h; y++)
        for (x = 0; x < w; x++) {
          g = max * (0.5 + 0.4 * sin(x / 9) * cos(y / 7))
          luma = 128 + 90 * sin(x / 11 + y / 5)
          for (k = 0; k < c; k++) {
            n = noise()
            if (kind == "noise") put(n % (max + 1))
            else if (kind == "ends") put(n % 3 == 0 ? 0 : max)
            else if (kind == "few") put(int((n % 7) / 3) * int(max / 2) * (k + 1) / c)
            else if (kind == "smooth") put(g + k * x + n % 5 - 2)
            else if (kind == "rough") put(g + n % int(max / 8))
            else if (kind == "tinted") { if (k == 0) l = n % max; put(l + (k == 1 ? 0 : n % 2)) }
            else if (kind == "flat") put(7 * k + 3)
            else if (kind == "comb") put(257 * int((g + n % (max / 20)) / 257))
            else if (kind == "gaps") {
              v = int((g + n % (max / 20)) * 40 / max)
              put(v * (v + 1 + k % 2) * max / 1720)
            } else if (kind == "twin") {
              if (k == 0) l = g + n % 5
              put(l + (k == 1 && x % 50 == 7))
            }
            else if (kind == "jpeg" || kind == "spoilt") {
              if (k == 0) { l = int(luma) + n % 3; u = int(x / 8) - 10; v = int(y / 8) + 4 }
              if (kind == "spoilt" && x * y % 61 == 7) put(n % 256)
              else put(int(k == 0 ? l + 1.402 * v + 0.5 \
                         : k == 1 ? l - 0.344136 * u - 0.714136 * v + 0.5 : l + 1.772 * u + 0.5))
            } else if (kind == "sparse") { # a lattice that no colour layer knows
              if (k == 0) {
                l = int(luma * 0.6) + n % 7 + 25
                u = int(x / 8) % 20 - 10 + noise() % 5
                v = int(y / 8) % 16 - 8 + noise() % 5
              }
              put(int(1.4 * l + (k == 0 ? 1.9 * v : k == 1 ? -0.5 * u - 0.9 * v : 2.4 * u)))
            } else if (kind == "webp") { # as libwebp: all terms positive, so int() is a floor
              if (k == 0) {
                l = int(luma * 219 / 255) + 14 + n % 3
                u = int(x / 8) + 118
                v = int(y / 8) + 124
              }
              put(int((int(19077 * l / 256) + (k == 0 ? int(26149 * v / 256) - 14234 \
                : k == 1 ? 8708 - int(6419 * u / 256) - int(13320 * v / 256) \
                : int(33050 * u / 256) - 17685)) / 64))
            } else if (kind == "page") {
              ink = (int(x / 8) % 5 * 7 + y % 12 * (x % 8) + x % 8 + n % 97 / 96) % 5 < 2
              put(x % 8 < 2 || y % 12 < 5 || !ink ? max - k : 9 * k)
            } else if (kind == "steps") put(((x / 40 % 2 < 1) == (y / 30 % 2 < 1) ? max : 0))
          }
        }
    }' >p.pam
}

# kind KIND WIDTH HEIGHT CHANNELS MAXVAL [OPTIONS]: at both kinds of model
kind() {
  name="$*"
  picture "$1" "$2" "$3" "$4" "$5"
  shift 5
  check "$name" same p.pam "$@"
  check "$name, fast" same p.pam --effort=fast "$@"
}

# fast KIND WIDTH HEIGHT CHANNELS MAXVAL: at effort fast only
fast() {
  picture "$@"
  check "$*, fast" same p.pam --effort=fast
}

# met PATTERN: a line about a file that was decoded says so
met() {
  grep -q "$1" met.json
}

# ---- the page's example ---------------------------------------------------------
# example WORDS: the one whose first line ends with these
example() {
  awk -v words="0A +$1\$" '/^\.EE/ { if (found) exit; text = "" } { text = text "\n" $0 }
       $0 ~ "8D 49 44 46 0D 0A 1A " words { found = 1 } END { print text }' "$page" |
    sed -n 's/^ *\(\([0-9A-F][0-9A-F] \)*[0-9A-F][0-9A-F]\) .*/\1/p' | tr ' ' '\n' |
    while read -r byte; do
      # shellcheck disable=SC2059
      printf "\\$(printf %o "0x$byte")"
    done >example.idf
  agree example.idf || return 1
  { printf 'P7\nWIDTH 3\nHEIGHT 2\nDEPTH 1\nMAXVAL 255\nTUPLTYPE GRAYSCALE\nENDHDR\n'
    printf '\1\2\3\4\5\6'; } | cmp - oracle.out >&2
}
check "the example of the page" example magic
check "the example of a small file" example 'magic, of a brief file'

# ---- samples ----------------------------------------------------------------------
for f in "$src"/samples/*.png; do
  [ -e "$f" ] || { echo "skip: no samples at $src/samples"; break; }
  check "$(basename "$f")" same "$f"
  check "$(basename "$f"), fast" same "$f" --effort=fast
done

# ---- golden files -------------------------------------------------------------------
# again FILE.idf: both decode it, and if it holds a JPEG file both give the same one
again() {
  agree "$1" || return 1
  case $("$idfinfo" -q --json "$1") in
    *'"kept":"jpeg"'*)
      "$oracle" "$1" --jpeg >oracle.jpg && "$didf" -qf "$1" -o didf.jpg &&
        cmp oracle.jpg didf.jpg >&2 ;;
  esac
}

# bad FILE.idf: both refuse it
bad() {
  "$oracle" "$1" >oracle.out 2>/dev/null
  [ $? -eq 1 ] && [ ! -s oracle.out ] && ! "$didf" -qt "$1" 2>/dev/null
}

for f in "$src"/tests/golden/good-*.idf "$src"/tests/golden/same-*.idf; do
  check "golden $(basename "$f")" again "$f"
done
for f in "$src"/tests/golden/bad-*.idf "$src"/tests/golden/unsupported-*.idf; do
  check "golden $(basename "$f")" bad "$f"
done

# ---- JPEG files ------------------------------------------------------------------------
for f in "$src"/samples/*.jpg "${IDF_CORPUS:-$src/../shared/corpus}"/bench/jpeg/*.jpg; do
  [ -e "$f" ] || continue
  check "$(basename "$f")" kept "$f"
  case $f in
    *clic-*) ;;
    *) check "$(basename "$f"), fast" kept "$f" --effort=fast ;;
  esac
done
# tall CHANNELS [OPTIONS]: more bands than one, as cjpeg writes them with these options
tall() {
  picture smooth 90 1200 "$1" 255
  shift
  "$cidf" -qf p.pam -o x.idf && "$didf" -qf x.idf -o p.pnm &&
    cjpeg "$@" -outfile tall.JPEG p.pnm && kept tall.JPEG
}
if cjpeg -version >/dev/null 2>&1; then
  check "a tall gray JPEG" tall 1 -quality 80
  check "a tall JPEG of 4:2:0 with restarts" tall 3 -quality 75 -restart 2
  check "a tall progressive JPEG" tall 3 -quality 90 -progressive
else
  echo "skip: no cjpeg (Debian: libjpeg-turbo-progs)"
fi

# ---- sizes: borders, narrow tiles, segments cut short, several tiles -----------------
for size in '1 1' '1 40' '40 1' '2 3' '31 5' '32 4' '33 9' '63 3' '64 9' '65 9' '97 70' '200 3'; do
  # shellcheck disable=SC2086
  kind smooth $size 3 255
done
kind smooth 150 140 3 255 --tile=64
kind smooth 70 130 1 1023 --tile=64
kind smooth 600 20 1 255
# ---- one lane just below 65536 pixels, then by width, 16 at most ---------------------
kind smooth 255 257 1 255
kind smooth 300 220 1 255
kind smooth 1090 64 2 255
# ---- channels and depths ------------------------------------------------------------
for channels in 1 2 3 4; do
  kind noise 40 30 $channels 255
  kind ends 40 30 $channels 65535
  kind smooth 70 40 $channels 65535
  kind smooth 70 40 $channels 4095
  kind smooth 40 40 $channels 100
  kind steps 90 70 $channels 255
  kind noise 30 20 $channels 1
  kind smooth 50 30 $channels 7
done
# ---- ranks of sparse values, a joint group, buckets ---------------------------------------
for channels in 1 2 3 4; do
  kind comb 70 60 $channels 65535
  kind gaps 70 60 $channels 4095
done
kind gaps 150 140 3 255 --tile=64
kind twin 90 80 2 255
kind twin 70 50 2 65535
kind noise 90 30 3 4095
# ---- units of many samples -----------------------------------------------------------------
kind rough 160 110 3 65535
kind rough 70 60 4 65535
kind rough 80 70 1 4095
# ---- colour layers and the occurrence prior -------------------------------------------
kind few 90 80 3 255
kind few 90 80 4 15
kind jpeg 160 150 3 255
kind jpeg 160 150 4 255
kind webp 160 150 3 255
kind webp 100 90 4 255
kind spoilt 80 70 3 255
kind spoilt 160 150 3 255
kind tinted 80 70 3 255
kind tinted 160 120 3 255
kind sparse 300 230 3 255
kind sparse 140 120 4 255
kind flat 100 70 4 255 --tile=64
picture smooth 100 60 3 255
check "smooth 100 60 3 255, max" same p.pam --effort=max

# ---- coefficients of the tile's own, from 16384 pixels and 24 columns on ------------------
for channels in 1 2 3 4; do
  fast smooth 140 120 $channels 7
  fast smooth 150 140 $channels 255
  fast rough 140 120 $channels 65535
  fast steps 170 130 $channels 255
done
fast smooth 24 700 1 255
fast smooth 23 720 1 255
fast smooth 257 300 3 255
fast gaps 170 130 3 4095

# ---- what a tile can have beyond method and layer: each is there, and agreed on ----------
# holds PATTERN EFFORT KIND WIDTH HEIGHT CHANNELS MAXVAL: the only tile has these bytes after
# its method, 2, and schedule, 0: the kind of planes, then escapes or the group's flags.
holds() {
  pattern=$1 effort=$2
  shift 2
  picture "$@"
  same p.pam --effort="$effort" --no-history || return 1
  # A small file has no record around the tile, but two bytes of the model's id before it.
  model=$("$idfinfo" --json x.idf | sed 's/.*"model":"\(....\).*/\1/')
  if ! od -An -v -tx1 x.idf | tr -d ' \n' | grep -Eq "(54(..){2,3}|$model)0200$pattern"; then
    echo "no $pattern in the tile" >&2
    return 1
  fi
}
check "coefficients of the model" holds 0000 fast smooth 100 100 1 255
check "coefficients of the tile's own" holds 0002 fast smooth 140 120 1 255
check "an occurrence prior" holds 0201 default sparse 120 110 3 255
check "an occurrence prior, fast" holds 0201 fast sparse 120 110 3 255
check "an occurrence prior beside coefficients" holds 0203 fast sparse 200 160 3 255
check "a wide unit" holds 0082 fast rough 170 120 1 65535
check "blocks of a JPEG" holds '03000[45]' default jpeg 160 150 3 255
check "escapes" holds '03(0[1-9a-f]|[1-9a-f].)' default spoilt 160 150 3 255
check "ranks" holds '10' default comb 70 60 1 65535
check "a joint group" holds '20' default twin 90 80 2 255
check "a joint group with coefficients" holds 2002 fast twin 160 120 2 255

# ---- what all this met -----------------------------------------------------------------
for effort in 1 5 9; do
  check "flow at effort $effort" met "\"effort\":$effort,.*\"method\":\"flow\""
done
for method in stored solid screen; do
  check "method $method" met "\"method\":\"$method\""
done
for layer in 0 1 2 3 4; do
  check "colour layer $layer" met "\"method\":\"flow\",\"schedule\":0,\"colour\":$layer,"
done

# ---- what was drawn: spans, repetitions, palettes -------------------------------------
for channels in 1 2 3 4; do
  kind page 150 120 $channels 255
  kind page 40 30 $channels 65535
  kind page 17 40 $channels 31
done
kind page 200 150 3 255 --tile=64
kind page 9 300 3 255
kind ends 200 90 3 255
# ---- damage ---------------------------------------------------------------------------
refused() {
  "$oracle" bad.idf >oracle.out 2>/dev/null
  status=$?
  [ $status -eq 1 ] && [ ! -s oracle.out ] && ! "$didf" -qt bad.idf 2>/dev/null
}

picture smooth 12 9 3 255
"$cidf" -qf p.pam -o x.idf
size=$(wc -c <x.idf)
truncated() {
  i=0
  while [ $i -lt "$size" ]; do
    head -c $i x.idf >bad.idf
    refused || { echo "cut to $i bytes of $size" >&2; return 1; }
    i=$((i + 7))
  done
}
flipped() {
  i=0
  while [ $i -lt "$size" ]; do
    byte=$(od -An -tu1 -j$i -N1 x.idf)
    { head -c $i x.idf
      # shellcheck disable=SC2059
      printf "\\$(printf %o $((byte ^ 1 << i % 8)))"
      tail -c +$((i + 2)) x.idf; } >bad.idf
    refused || { echo "bit $((i % 8)) of byte $i flipped" >&2; return 1; }
    i=$((i + 1))
  done
}
check "a file cut short is refused by both" truncated
check "a flipped bit in any byte is refused by both" flipped
finish
