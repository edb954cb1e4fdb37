#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
#
# histories.sh: one table of what idf saves on PNG files whose pixels have a history, for example
# those that were JPEG files. It makes them of photographs with public tools, by kind. Not part of
# make check: it needs these tools and the peer.
#
#   histories.sh [--kinds=EXTENDED-REGEX] [--keep=FOLDER] [--list] PICTURE...
#   PICTURE: PNG or PNM, gray or RGB of depth 8. A colour picture is made gray where the kind needs
#   it; a gray picture takes part in the gray kinds alone.
#
# A line of the table: the kind, pictures, pixels, bytes of the smallest file that the tools once
# had (the JPEG), of idf, of idf with --no-history and of the peer, idf / peer, the worst of these
# ratios, and the CPU time idf takes to encode, with and without, in seconds per megapixel. Every
# output of idf is decoded and compared; a kind with one that is not the same says LOSSY, one that a
# program failed on FAILED, and the exit status is 1. A kind whose tool is missing is left out and
# says so.
#
# IDF_BIN is the build tree (default: the current folder); `make bench-tools` there builds the
# comparer. IDF_EFFORT is its effort (default: 5), IDF_PEER the options of cjxl (default: -e 9).
# --keep leaves the PNG files and the peer's in FOLDER; if they are there already, they are used.
# shellcheck disable=SC2317 # the steps are called through the table
set -u
bin=${IDF_BIN:-$PWD}
effort=${IDF_EFFORT:-5}
peer=${IDF_PEER:--e 9}
only=.
keep=

# ---- the kinds ------------------------------------------------------------------------------
# NAME STEP...: a step is a function below, with arguments after colons. `p` is the picture (PNM)
# that it changes. A kind whose name begins with gray- begins with a gray picture.
kinds='
q50-420          jpeg:50:2x2 decode
q75-420          jpeg:75:2x2 decode
q85-420          jpeg:85:2x2 decode
q90-420          jpeg:90:2x2 decode
q95-420          jpeg:95:2x2 decode
q98-420          jpeg:98:2x2 decode
q85-422          jpeg:85:2x1 decode
q92-422          jpeg:92:2x1 decode
q85-440          jpeg:85:1x2 decode
q80-444          jpeg:80:1x1 decode
q92-444          jpeg:92:1x1 decode
q96-444          jpeg:96:1x1 decode
q98-444          jpeg:98:1x1 decode
q100-444         jpeg:100:1x1 decode
gray-q75         jpeg:75:1x1 decode
gray-q85         jpeg:85:1x1 decode
gray-q95         jpeg:95:1x1 decode
gray-q98         jpeg:98:1x1 decode
gray-crop        jpeg:85:1x1 decode crop:37:53
crop-420         jpeg:85:2x2 decode crop:37:53
crop-422         jpeg:85:2x1 decode crop:11:6
crop-444         jpeg:85:1x1 decode crop:3:5
crop-q92-420     jpeg:92:2x2 decode crop:101:1
crop-aligned     jpeg:85:2x2 decode crop:64:48
odd-420          crop:0:1:5:2 jpeg:85:2x2 decode
box-420          jpeg:85:2x2 decode:-nosmooth
box-422          jpeg:92:2x1 decode:-nosmooth
box-crop         jpeg:85:2x2 decode:-nosmooth crop:37:53
fast-420         jpeg:85:2x2 decode:-dct:fast
fast-444         jpeg:92:1x1 decode:-dct:fast
fast-box         jpeg:85:2x2 decode:-dct:fast:-nosmooth
gray-fast        jpeg:85:1x1 decode:-dct:fast
paste-420        jpeg:85:2x2 decode paste:70:55
paste-444        jpeg:92:1x1 decode paste:71:49
paste-crop       jpeg:85:2x2 decode crop:37:53 paste:32:48
gray-paste       jpeg:85:1x1 decode paste:70:55
twice-420        jpeg:85:2x2 decode repeat:2
clipped-420      brighten:1.6 jpeg:85:2x2 decode
clipped-444      brighten:1.6 jpeg:90:1x1 decode
clipped-crop     brighten:1.6 jpeg:85:2x2 decode crop:37:53
gray-clipped     brighten:1.6 jpeg:85:1x1 decode
again-420        jpeg:75:2x2 decode crop:3:5 jpeg:90:2x2 decode
ffmpeg-420       jpeg:85:2x2 decode_ffmpeg
video-601        video:bt601:tv:smpte170m
video-709        video:bt709:tv:bt709
video-601-full   video:bt601:pc:smpte170m
video-crop       video:bt709:tv:bt709 crop:37:53
avif-420         avif:420:6
avif-709         avif:420:1
avif-nearest     avif:420:6:-u:fastest
avif-444         avif:444:6
avif-crop        avif:420:6 crop:5:2
webp             webp
webp-nofancy     webp:-nofancy
webp-crop        webp crop:3:1
webp-paste       webp paste:70:55
heic             heic
photocd          photocd
photocd-crop     photocd crop:3:1
photocd-clipped  brighten:1.6 photocd
'

# ---- steps ----------------------------------------------------------------------------------
needed() { command -v "$1" >/dev/null || { echo "$1" >"$tmp/missing"; return 1; }; }

become() { mv "$tmp/q" "$tmp/p"; }

# The smallest file of all steps is what the picture once was.
source_file() {
  if [ ! -e "$tmp/source" ] || [ "$(wc -c <"$tmp/source")" -gt "$(wc -c <"$1")" ]; then
    cp "$1" "$tmp/source"
  fi
}

jpeg() { # QUALITY SAMPLING
  needed cjpeg && cjpeg -quality "$1" -sample "$2" "$tmp/p" >"$tmp/p.jpg" &&
    source_file "$tmp/p.jpg"
}

decode() { # OPTION...
  needed djpeg && djpeg "$@" -pnm "$tmp/p.jpg" >"$tmp/q" && become
}

# Another decoder of JPEG files, with its own arithmetic.
decode_ffmpeg() {
  needed ffmpeg &&
    ffmpeg -v error -y -i "$tmp/p.jpg" -f image2pipe -c:v ppm -pix_fmt rgb24 "$tmp/q" && become
}

# A frame of a video, compressed with loss and decoded.
video() { # MATRIX RANGE TAG
  needed ffmpeg &&
    ffmpeg -v error -y -i "$tmp/p" -vf "scale=out_color_matrix=$1:out_range=$2" \
      -pix_fmt yuv420p -colorspace "$3" -color_range "$2" -c:v libx264 -crf 20 -frames:v 1 \
      "$tmp/p.mkv" && source_file "$tmp/p.mkv" &&
    ffmpeg -v error -y -i "$tmp/p.mkv" -f image2pipe -c:v ppm -pix_fmt rgb24 "$tmp/q" && become
}

avif() { # SAMPLING MATRIX OPTION...
  needed avifenc && needed avifdec && pnmtopng "$tmp/p" >"$tmp/p.png" &&
    avifenc -s 8 --min 18 --max 24 -y "$1" --cicp "1/13/$2" "$tmp/p.png" "$tmp/p.avif" &&
    source_file "$tmp/p.avif" && shift 2 && avifdec "$@" "$tmp/p.avif" "$tmp/q.png" &&
    pngtopnm "$tmp/q.png" >"$tmp/q" && become
} >"$tmp/log"

webp() { # OPTION...
  needed cwebp && needed dwebp && cwebp -quiet -q 80 "$tmp/p" -o "$tmp/p.webp" &&
    source_file "$tmp/p.webp" && dwebp -quiet "$@" "$tmp/p.webp" -ppm -o "$tmp/q" && become
}

heic() {
  needed heif-enc && needed heif-convert && pnmtopng "$tmp/p" >"$tmp/p.png" &&
    heif-enc -q 80 "$tmp/p.png" -o "$tmp/p.heic" && source_file "$tmp/p.heic" &&
    heif-convert "$tmp/p.heic" "$tmp/q.png" && pngtopnm "$tmp/q.png" >"$tmp/q" && become
} >"$tmp/log"

photocd() {
  "$bin/tests/bench/photocd" <"$tmp/p" >"$tmp/q" && become && source_file "$tmp/p"
}

crop() { # LEFT TOP [RIGHT BOTTOM]: pixels that are cut off
  needed pamcut &&
    pamcut -left "$1" -top "$2" -right "$((-1 - ${3:-0}))" -bottom "$((-1 - ${4:-0}))" \
      "$tmp/p" >"$tmp/q" && become
}

brighten() { # FACTOR
  needed pamfunc && pamfunc -multiplier "$1" "$tmp/p" >"$tmp/q" && become
}

# A window with the picture in it, and a page of text below it.
paste() { # LEFT TOP
  needed pamcomp && needed pnmpad && needed pnmcat || return 1
  # shellcheck disable=SC2046
  pngtopnm "$samples/window.png" >"$tmp/window" && pngtopnm "$samples/page.png" >"$tmp/page" &&
    pnmcat -tb -jleft "$tmp/window" "$tmp/page" >"$tmp/below" &&
    set -- "$@" $(pamsize "$tmp/p") &&
    pnmpad -white -halign 0 -valign 0 -width $(($1 + $3 + 33)) -height $(($2 + $4 + 17)) \
      "$tmp/below" >"$tmp/under" &&
    if gray "$tmp/p"; then ppmtopgm "$tmp/under"; else cat "$tmp/under"; fi >"$tmp/screen" &&
    pamcomp -xoff "$1" -yoff "$2" "$tmp/p" "$tmp/screen" >"$tmp/q" && become
}

repeat() { # TIMES, in both directions
  needed pnmtile || return 1
  # shellcheck disable=SC2046
  set -- "$1" $(pamsize "$tmp/p")
  pnmtile $(($1 * $2)) $(($1 * $3)) "$tmp/p" >"$tmp/q" && become
}

# ---- measuring ------------------------------------------------------------------------------
usage() { sed -n 's/^#   \(histories.sh .*\)/\1/p' "$0" >&2; exit 1; }

# Width and height of a PNM file.
pamsize() { pamfile "$1" | sed 's/.*, \([0-9]*\) by \([0-9]*\) .*/\1 \2/'; }

gray() { [ "$(head -c 2 "$1")" = P5 ]; }

# Seconds of CPU time of a command.
seconds() {
  { command time -f %U -o "$tmp/time" "$@"; } >"$tmp/log" 2>&1 || return 1
  tail -1 "$tmp/time"
}

# Makes $tmp/p of a picture; status 2: this picture does not take part.
make_kind() { # KIND PICTURE
  cp "$2" "$tmp/p"
  rm -f "$tmp/source"
  case $1 in
    gray-*) gray "$tmp/p" || { ppmtopgm "$tmp/p" >"$tmp/q" && become; } ;;
    *) ! gray "$tmp/p" || return 2 ;;
  esac
  for step in $(echo "$kinds" | awk -v k="$1" '$1 == k {$1 = ""; print}'); do
    # shellcheck disable=SC2046
    set -- $(echo "$step" | tr : ' ')
    "$@" 2>"$tmp/log" || return 1
  done
}

# Writes "pixels source idf without peer seconds seconds" for one picture.
measure() { # KIND PICTURE NAME
  png=$keep/$1-$3.png
  if [ ! -s "$png" ] || [ ! -s "$png.jxl" ]; then
    make_kind "$1" "$2" || return
    pnmtopng "$tmp/p" >"$png" 2>"$tmp/log" || return 1
    cp "$tmp/source" "$png.source"
    # shellcheck disable=SC2086
    cjxl -d 0 $peer --num_threads=0 "$png" "$png.jxl" >"$tmp/log" 2>&1 || return 1
  fi
  with=$(seconds "$bin/cidf" -qf -T 1 --effort="$effort" "$png" -o "$tmp/with") &&
    without=$(seconds "$bin/cidf" -qf -T 1 --effort="$effort" --no-history "$png" \
      -o "$tmp/without") &&
    "$bin/didf" -qf -T 1 "$tmp/with" -o "$tmp/back.png" 2>"$tmp/log" || return 1
  "$bin/tests/pngcmp" "$png" "$tmp/back.png" >/dev/null || return 3
  pngtopnm "$png" 2>/dev/null >"$tmp/p"
  # shellcheck disable=SC2046
  echo $(pamsize "$tmp/p" | awk '{print $1 * $2}') \
    $(wc -c <"$png.source") $(wc -c <"$tmp/with") $(wc -c <"$tmp/without") $(wc -c <"$png.jxl") \
    "$with" "$without" "$3"
}

line() { # NAME, lines of measure on stdin
  awk -v name="$1" '
    { n++; for (i = 1; i <= 7; i++) sum[i] += $i }
    $3 > worst * $5 { worst = $3 / $5 }
    END {
      printf "%-14s %4d %9d %9d %9d %9d %9d %7.3f %7.3f %6.2f %6.2f\n", name, n, sum[1],
        sum[2], sum[3], sum[4], sum[5], sum[3] / sum[5], worst, sum[6] / sum[1] * 1e6,
        sum[7] / sum[1] * 1e6
    }'
}

list=
while [ $# -gt 0 ]; do
  case $1 in
    --kinds=*) only=${1#*=} ;;
    --keep=*) keep=${1#*=} ;;
    --list) list=1 ;;
    -*) usage ;;
    *) break ;;
  esac
  shift
done
chosen=$(echo "$kinds" | awk 'NF {print $1}' | grep -E -- "$only")
[ -z "$list" ] || { echo "$chosen"; exit 0; }
if [ $# -eq 0 ] || [ -z "$chosen" ]; then usage; fi
samples=$(dirname "$0")/../../samples
for tool in cjxl pnmtopng pngtopnm pamfile time; do
  command -v "$tool" >/dev/null || { echo "histories.sh: needs $tool" >&2; exit 1; }
done
if [ ! -x "$bin/cidf" ] || [ ! -x "$bin/tests/pngcmp" ]; then
  echo "histories.sh: set IDF_BIN to a build tree and run make all bench-tools there" >&2
  exit 1
fi
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' HUP INT TERM
[ -n "$keep" ] || keep=$tmp/made
mkdir -p "$keep" "$tmp/in"
for f in "$@"; do
  name=$(basename "$f" | sed 's/\.[^.]*$//')
  case $f in
    *.png) pngtopnm "$f" 2>/dev/null >"$tmp/in/$name" ;;
    *) cp "$f" "$tmp/in/$name" ;;
  esac || { echo "histories.sh: cannot read $f" >&2; exit 1; }
done

bad=0
printf '%-14s %4s %9s %9s %9s %9s %9s %7s %7s %6s %6s\n' kind n pixels source idf without peer \
  ratio worst s/MP w/o
for kind in $chosen; do
  : >"$tmp/lines"
  rm -f "$tmp/missing"
  note=
  for f in "$tmp"/in/*; do
    measure "$kind" "$f" "$(basename "$f")" >>"$tmp/lines"
    case $? in
      1) note="FAILED on $(basename "$f")" ;;
      3) note="LOSSY on $(basename "$f")" ;;
    esac
  done
  if [ -e "$tmp/missing" ]; then
    echo "$kind: left out, needs $(cat "$tmp/missing")"
    continue
  fi
  [ -z "$note" ] || { bad=1; echo "$kind: $note"; }
  [ -s "$tmp/lines" ] || continue
  cat "$tmp/lines" >>"$tmp/all"
  line "$kind" <"$tmp/lines"
done
[ ! -s "$tmp/all" ] || line total <"$tmp/all"
exit $bad
