#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
#
# install.sh: installs below a temporary folder, then builds the example of libidf(3)
# against what was installed, as a stranger would: pkg-config, shared and static. The
# installed programs run from any folder, and make the bytes that those of the build tree make.
# Last, all of it with another prefix than configure was told, and gone again.
src=${IDF_SRC:-$(cd "$(dirname "$0")/.." && pwd)}
build=${IDF_BUILD:-$src}
cc=${CC:-cc}
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
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

sanitize=
grep -q '^IDF_SANITIZE = -f' "$build/Makefile" &&
  sanitize=$(sed -n 's/^IDF_SANITIZE = //p' "$build/Makefile")
prefix=$(sed -n 's/^prefix = //p' "$build/Makefile")
dest=$tmp/dest
MAKEFLAGS= try "make install DESTDIR=" make -C "$build" install "DESTDIR=$dest"
for f in include/idf.h include/idf_simd.h include/idf_status.h bin/cidf bin/didf \
  bin/idf-sample bin/idfcmp bin/idfinfo bin/idf-train libexec/idf/features \
  share/idf/train/idf_train.py \
  share/idf/models/default.idfm; do
  try "$f is installed" test -e "$dest$prefix/$f"
done
for f in cidf.1 didf.1 idf-sample.1 idf-train.1 idfcmp.1 idfinfo.1 libidf.3 idf.5 idf.7; do
  try "$f is installed" test -e "$dest$prefix/share/man/man${f##*.}/$f"
done
try "no header is installed but these three" \
  test "$(find "$dest" -name '*.h' | wc -l)" -eq 3

pc=$(find "$dest" -name libidf.pc)
try "libidf.pc is installed" test -n "$pc"
libdir=$(dirname "$(dirname "$pc")")
flags() { # pkg-config's answer, moved below $dest: PKG_CONFIG_SYSROOT_DIR does that
  PKG_CONFIG_PATH=$(dirname "$pc") PKG_CONFIG_SYSROOT_DIR=$dest PKG_CONFIG_ALLOW_SYSTEM_LIBS=1 \
    PKG_CONFIG_ALLOW_SYSTEM_CFLAGS=1 pkg-config "$@" libidf
}

awk '/^\.EX/ { n++; on = 1 } on && n == 1 { print } /^\.EE/ { on = 0 }' "$src/man/libidf.3" |
  sed '/^\./d; s/\\-/-/g; s/\\e/\\/g' >"$tmp/example.c"
try "libidf(3) has an example" grep -q 'int main' "$tmp/example.c"
# shellcheck disable=SC2046,SC2086
if [ -n "$(find "$libdir" -name 'libidf.so*')" ]; then
  try "the example builds with the shared library" \
    $cc -Wall -Wextra -Werror $sanitize $(flags --cflags) -o "$tmp/shared" "$tmp/example.c" \
    $(flags --libs)
  try "and gets its picture back" env LD_LIBRARY_PATH="$libdir" "$tmp/shared"
  if grep -q '^[^#]*version-script=' "$build/Makefile"; then
    try "and asks for the version of the calls it was linked with" \
      sh -c "${NM:-nm} -D '$tmp/shared' | grep -q 'idf_[a-z_]*@IDF_[0-9]'"
  fi
else
  echo "skip: no shared library in this build"
fi
# shellcheck disable=SC2046,SC2086
if [ -e "$libdir/libidf.a" ]; then
  try "the example builds with the static library" $cc -Wall -Wextra -Werror $sanitize \
    $(flags --cflags) -o "$tmp/static" "$tmp/example.c" "$libdir/libidf.a" \
    $(flags --static --libs-only-l | sed 's/-lidf//')
  try "and gets its picture back, linked statically" "$tmp/static"
else
  echo "skip: no static library in this build"
fi
# The programs: with the library, without a path from outside, and the same as in the build tree.
unset LD_LIBRARY_PATH
shared=no
[ -e "$build/installed/cidf" ] && shared=yes
for t in cidf didf idfcmp idfinfo; do
  if [ $shared = yes ]; then
    try "$t needs libidf.so" \
      sh -c "${READELF:-readelf} -d '$dest$prefix/bin/$t' | grep -q 'NEEDED.*libidf\\.so'"
  fi
  try "$t runs from where it is" "$dest$prefix/bin/$t" --version
done
for png in "$src"/samples/*.png; do
  n=$(basename "$png" .png)
  try "the bytes of $n are those of the build tree" \
    sh -c '"$1" -q "$3" -o "$4" && "$2" -q "$3" -o - | cmp - "$4"' sh \
    "$dest$prefix/bin/cidf" "$build/cidf" "$png" "$tmp/$n.idf"
  try "   and its picture" \
    sh -c '"$1" -q "$3" -o "$4" && "$2" -q "$3" --format=png -o - | cmp - "$4"' sh \
    "$dest$prefix/bin/didf" "$build/didf" "$tmp/$n.idf" "$tmp/$n.png"
done
IDF_BIN=$dest$prefix/bin try "the installed programs pass tests/cli/basics.sh" \
  sh "$src/tests/cli/basics.sh"

# Another prefix than configure was told.
other=$tmp/other
MAKEFLAGS= try "make install prefix=" make -C "$build" install "prefix=$other"
try "its libidf.pc names it" grep -qxF "prefix=$other" "$other/lib/pkgconfig/libidf.pc"
try "   and the rest by it" sh -c 'grep -qxF "libdir=\${prefix}/lib" "$1" &&
  grep -qxF "includedir=\${prefix}/include" "$1"' sh "$other/lib/pkgconfig/libidf.pc"
if [ -e "$other/lib/libidf.la" ]; then
  try "its libidf.la names it" grep -qxF "libdir='$other/lib'" "$other/lib/libidf.la"
fi
try "its idf-train names it" grep -qF "$other/share/idf" "$other/bin/idf-train"
try "   and can be called" test -x "$other/bin/idf-train"
try "nothing there names the other prefix" \
  sh -c '! grep -rlIF -e "=$1/" -e "=$1\$" "$2"' sh "$prefix" "$other"
try "its cidf runs" "$other/bin/cidf" --version
mv "$other" "$tmp/moved"
try "   also where it was moved" "$tmp/moved/bin/cidf" --version
try "pkg-config follows" sh -c '
  PKG_CONFIG_PATH=$1/lib/pkgconfig pkg-config --define-variable="prefix=$1" --cflags libidf |
    grep -qF -e "-I$1/include"' sh "$tmp/moved"
mv "$tmp/moved" "$other"
MAKEFLAGS= try "make uninstall prefix=" make -C "$build" uninstall "prefix=$other"
# What update-mime-database makes of all types is its own.
try "   leaves no file" sh -c '[ -z "$(find "$1" ! -type d ! -path "*/share/mime/*")" ]' sh "$other"
if command -v cmake >/dev/null 2>&1 && [ -z "$sanitize" ]; then
  mkdir "$tmp/cmake"
  cat >"$tmp/cmake/CMakeLists.txt" <<'C'
cmake_minimum_required(VERSION 3.13)
project(example C)
find_package(idf 0.1 REQUIRED)
add_executable(example ../example.c)
target_link_libraries(example idf::idf)
if(TARGET idf::static)
  add_executable(example-static ../example.c)
  target_link_libraries(example-static idf::static)
endif()
C
  try "CMake finds it" cmake -S "$tmp/cmake" -B "$tmp/cmake/build" -DCMAKE_C_COMPILER="$cc" \
    -DCMAKE_PREFIX_PATH="$dest$prefix"
  try "   builds with it" cmake --build "$tmp/cmake/build"
  try "   and gets its picture back" "$tmp/cmake/build/example"
  [ ! -x "$tmp/cmake/build/example-static" ] ||
    try "   also linked statically" "$tmp/cmake/build/example-static"
  sed -i 's/find_package(idf 0.1/find_package(idf 0.2/' "$tmp/cmake/CMakeLists.txt"
  rm -rf "$tmp/cmake/build"
  try "   but not another version" sh -c '! cmake -S "$0" -B "$0/build" \
    -DCMAKE_PREFIX_PATH="$1" 2>&1' "$tmp/cmake" "$dest$prefix"
else
  echo "skip: no cmake (Debian: cmake), or a build with sanitizers"
fi
version=$(sed -n 's/^PACKAGE_VERSION = //p' "$build/Makefile")
try "the version is the same everywhere" \
  sh -c "$dest$prefix/bin/cidf --version | grep -qF '$version'"
MAKEFLAGS= try "make uninstall" make -C "$build" uninstall "DESTDIR=$dest"
try "   leaves no file" sh -c '! find "$0" ! -type d | grep .' "$dest"
echo "1..$cases"
[ "$failures" -eq 0 ]
