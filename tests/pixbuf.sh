#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
#
# pixbuf.sh: GTK programs open .idf files with the loader of this build: every golden file has
# the pixels of didf's PNG, in pieces of any size; thumbnails, options, saving; damaged files are
# refused; and eog shows one on a screen.
src=${IDF_SRC:-$(cd "$(dirname "$0")/.." && pwd)}
build=${IDF_BUILD:-$src}
build=$(cd "$build" && pwd)
bin=${IDF_BIN:-$build}
pixbuf=$build/tests/pixbuf
if [ ! -x "$pixbuf" ]; then
  echo 'skip: no loader for GdkPixbuf in this build (Debian: libgdk-pixbuf-2.0-dev)'
  echo '1..0'
  exit 77
fi
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' HUP INT TERM
cases=0 failures=0
# try WHAT COMMAND...: one case
try() {
  what=$1
  shift
  cases=$((cases + 1))
  if "$@" >"$tmp/log" 2>&1; then
    echo "ok $cases - $what"
  else
    failures=$((failures + 1))
    echo "not ok $cases - $what"
    tail -n 20 "$tmp/log" | sed 's/^/# /'
  fi
}
query=$(command -v gdk-pixbuf-query-loaders ||
  find /usr/lib -name gdk-pixbuf-query-loaders 2>/dev/null | head -n 1)
LD_LIBRARY_PATH=$build/.libs${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}
export LD_LIBRARY_PATH
module=$build/.libs/libpixbufloader-idf.so
# The loaders of the system, and ours.
{ "$query" 2>/dev/null; "$query" "$module"; } >"$tmp/loaders.cache" 2>"$tmp/log"
GDK_PIXBUF_MODULE_FILE=$tmp/loaders.cache
export GDK_PIXBUF_MODULE_FILE
# GdkPixbuf asks shared-mime-info what a file is.
if ! command -v update-mime-database >/dev/null 2>&1; then
  echo 'skip: no update-mime-database (Debian: shared-mime-info)'
  echo '1..0'
  exit 77
fi
mkdir -p "$tmp/data/mime/packages"
cp "$src/src/desktop/idf.xml" "$tmp/data/mime/packages"
XDG_DATA_HOME=$tmp/data XDG_DATA_DIRS=${XDG_DATA_DIRS:-/usr/local/share:/usr/share}
export XDG_DATA_HOME XDG_DATA_DIRS
update-mime-database "$tmp/data/mime"
try 'the loader is one' grep -q '"idf" .*"IDF image"' "$tmp/loaders.cache"

for f in "$src"/tests/golden/good-*.idf; do
  name=$(basename "$f" .idf)
  "$bin/didf" -qf --format=png "$f" -o "$tmp/want.png" 2>/dev/null || continue
  # GdkPixbuf cuts the low byte of 16 bits off, idf rounds. It knows no maxval and no CMYK.
  off=0
  case $name in
    *-16 | *-12) off=1 ;;
    *maxval*) continue ;;
  esac
  try "$name has the pixels of didf's PNG" "$pixbuf" same "$f" "$tmp/want.png" $off
  try '   in small pieces' "$pixbuf" same "$f" "$tmp/want.png" $off 37
done
for f in "$src"/tests/golden/bad-*.idf; do
  name=$(basename "$f" .idf)
  try "$name is refused" sh -c '"$0" option "$1" x 2>&1 | grep -q "IDF image:\|recogni"' "$pixbuf" \
    "$f"
done

"$bin/cidf" -qf "$src/samples/photo.png" -o "$tmp/photo.idf"
try 'at a quarter of the size' sh -c '[ "$("$0" scaled "$1" 128)" = 128x96 ]' "$pixbuf" \
  "$tmp/photo.idf"
try 'its text' sh -c '"$0" option "$1" tEXt::Title | grep .' "$pixbuf" "$tmp/photo.idf"
"$bin/cidf" -qf "$src/samples/photo-420.jpg" -o "$tmp/turned.idf"
try 'the orientation of a JPEG' "$pixbuf" option "$tmp/turned.idf" orientation
try 'saving' "$pixbuf" save "$src/samples/shadow.png" "$tmp/saved.idf"
try '   keeps every pixel' "$pixbuf" same "$tmp/saved.idf" "$src/samples/shadow.png" 0

if command -v gdk-pixbuf-thumbnailer >/dev/null 2>&1; then
  try 'gdk-pixbuf-thumbnailer' gdk-pixbuf-thumbnailer -s 64 "$tmp/photo.idf" "$tmp/thumb.png"
  try '   makes a thumbnail of 64' sh -c '[ "$("$0" scaled "$1" 0)" = 64x48 ]' "$pixbuf" \
    "$tmp/thumb.png"
else
  echo 'skip: no gdk-pixbuf-thumbnailer (Debian: libgdk-pixbuf2.0-bin)'
fi

# A picture in one colour that no desktop has fills a window; its share of the screen is counted.
on_screen() {
  awk 'BEGIN { printf "P3\n400 300\n255\n"
    for (i = 0; i < 120000; i++) print "11 222 99" }' >"$tmp/plain.ppm" &&
    "$bin/cidf" -qf "$tmp/plain.ppm" -o "$tmp/plain.idf" || return 1
  # shellcheck disable=SC2016
  HOME=$tmp XDG_RUNTIME_DIR=$tmp NO_AT_BRIDGE=1 GSETTINGS_BACKEND=memory \
    dbus-run-session -- xvfb-run -a -s '-screen 0 800x600x24' sh -c '
      eog --new-instance "$0/plain.idf" &
      for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
        sleep 1
        import -window root "$0/screen.png"
        n=$(convert "$0/screen.png" -fill white +opaque "rgb(11,222,99)" -format %c \
          histogram:info: | sed -n "s/^ *\([0-9]*\): .*#0BDE63.*/\1/p")
        [ "${n:-0}" -lt 60000 ] || break
      done
      kill %1 2>/dev/null
      [ -z "${IDF_KEEP_SCREEN:-}" ] || cp "$0/screen.png" "$IDF_KEEP_SCREEN"
      echo "$n pixels of the picture on the screen"
      [ "${n:-0}" -ge 60000 ]' "$tmp"
}
if command -v eog >/dev/null 2>&1 && command -v xvfb-run >/dev/null 2>&1 &&
  command -v import >/dev/null 2>&1 && command -v dbus-run-session >/dev/null 2>&1; then
  try 'eog shows it' on_screen
else
  echo 'skip: no eog, xvfb-run, import or dbus-run-session'
  echo '# Debian: eog xvfb xauth imagemagick dbus'
fi
echo "1..$cases"
[ "$failures" -eq 0 ]
