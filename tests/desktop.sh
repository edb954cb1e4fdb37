#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
#
# desktop.sh: what src/desktop installs, with the programs that read it: the type of a file by its
# bytes and by its name, thumbnails, file(1), ImageMagick.
src=${IDF_SRC:-$(cd "$(dirname "$0")/.." && pwd)}
build=${IDF_BUILD:-$src}
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
has() { command -v "$1" >/dev/null 2>&1 || { echo "skip: no $1 (Debian: $2)"; return 1; }; }

dest=$tmp/dest
prefix=$(sed -n 's/^prefix = //p' "$build/Makefile")
# Not the programs: other tests install those at the same time.
MAKEFLAGS='' try 'make install-data' make -C "$build" install-data "DESTDIR=$dest"
share=$dest$prefix/share
for f in mime/packages/idf.xml thumbnailers/idf.thumbnailer bash-completion/completions/cidf \
  zsh/site-functions/_didf fish/vendor_completions.d/idfinfo.fish \
  zsh/site-functions/_idfcmp idf/idf.magic idf/delegates-idf.xml; do
  try "share/$f is installed" test -s "$share/$f"
done
PATH=$build:$PATH HOME=$tmp XDG_DATA_HOME=$tmp/home XDG_CACHE_HOME=$tmp/cache
XDG_DATA_DIRS=$share:${XDG_DATA_DIRS:-/usr/local/share:/usr/share}
export PATH HOME XDG_DATA_HOME XDG_CACHE_HOME XDG_DATA_DIRS
cd "$tmp" || exit 1
cidf -q "$src/samples/photo.png" -o photo.idf
cp photo.idf nameless
printf 'x' >empty-handed.idf

if has update-mime-database shared-mime-info; then
  try 'the type is valid' update-mime-database "$share/mime"
  if has gio libglib2.0-bin; then
    type_is() { gio info -a standard::content-type "$1" | grep -q "content-type: $2\$"; }
    try 'a file is known by its bytes' type_is nameless image/x-idf
    try 'and by its bytes and name' type_is photo.idf image/x-idf
  fi
fi
# As a file manager runs it: the program of the line Exec, with its four letters replaced.
line=$(sed -n 's/^Exec=//p' "$share/thumbnailers/idf.thumbnailer")
for side in 128 512; do
  line_of_side=$(printf '%s' "$line" | sed "s#%s#$side#; s#%i#$tmp/nameless#; s#%o#$tmp/thumb.png#")
  try "a thumbnail of $side" sh -c "$line_of_side"
  fits() {
    set -- "$1" "$(od -An -tu1 -j16 -N8 thumb.png | awk '{
      w = ($1 * 256 + $2) * 65536 + $3 * 256 + $4; h = ($5 * 256 + $6) * 65536 + $7 * 256 + $8
      print (w > h ? w : h) }')"
    echo "longest side $2, asked for $1"
    [ "$2" -le "$1" ] && [ "$2" -ge 64 ]
  }
  try '   is no larger than asked' fits "$side"
done
if has file file; then
  try 'file(1) knows it with our magic' \
    sh -c 'file -m "$0" nameless | grep -q "IDF image data"' "$share/idf/idf.magic"
  try '   and its type' \
    sh -c '[ "$(file -b --mime-type -m "$0" nameless)" = image/x-idf ]' "$share/idf/idf.magic"
fi
if has convert imagemagick && has compare imagemagick; then
  mkdir -p magick
  cp "$share/idf/delegates-idf.xml" magick/delegates.xml
  MAGICK_CONFIGURE_PATH=$tmp/magick
  export MAGICK_CONFIGURE_PATH
  try 'ImageMagick reads it' convert photo.idf back.png
  try '   to the same pixels' compare -metric AE back.png "$src/samples/photo.png" null:
  try 'and writes it' convert "$src/samples/photo.png" written.idf
  try '   as cidf does' sh -c 'didf -q written.idf -o written.png &&
    compare -metric AE written.png "$0" null:' "$src/samples/photo.png"
  unset MAGICK_CONFIGURE_PATH
fi
echo "1..$cases"
[ "$failures" -eq 0 ]
