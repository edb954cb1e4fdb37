# SPDX-License-Identifier: BSD-3-Clause
#
# packages.sh: what is given to others: the tarball, twice the same; programs that need no shared
# library; and Debian's packages, built from that tarball. Sourced by .ci/run.
# shellcheck shell=sh disable=SC2154

tarball() { # FOLDER UMASK
  (umask "$2" && make -s dist && mkdir -p "$1" && mv idf-[0-9]*.tar.xz "$1")
}

packages() {
  step 'a tarball' tarball "$work/tar1" 022 || return
  step 'a tarball at another time' tarball "$work/tar2" 077 || return
  tar=$(basename "$work"/tar1/*.tar.xz)
  step '   has the same bytes' cmp "$work/tar1/$tar" "$work/tar2/$tar"

  step 'tools without shared libraries' make static
  step '   need none' sh -c '! readelf -l static/didf | grep INTERP'
  step '   read what the others write' sh -c './cidf -qf samples/photo.png -o "$0/s.idf" &&
    static/didf -qf "$0/s.idf" -o "$0/s.png" && tests/pngcmp samples/photo.png "$0/s.png" &&
    static/cidf -qf samples/photo.png -o "$0/t.idf" && cmp "$0/s.idf" "$0/t.idf"' "$work"

  command -v dpkg-buildpackage >/dev/null || { fail 'no dpkg-buildpackage'; return; }
  mkdir "$work/deb"
  cp "$work/tar1/$tar" "$work/deb/$(echo "$tar" | sed 's/-\([0-9.]*\)\.tar/_\1.orig.tar/')"
  step 'the source of the packages' sh -c 'cd "$0/deb" && tar xf ./*.orig.tar.xz &&
    cp -R "$1/debian" idf-[0-9]*/' "$work" "$root"
  step 'the packages' sh -c 'cd "$0"/deb/idf-[0-9]* &&
    dpkg-buildpackage -us -uc -b -j"$1"' "$work" "$jobs" || return
  step '   without remarks of lintian' sh -c 'cd "$0/deb" &&
    lintian --fail-on error,warning --suppress-tags "$1" ./*.changes' "$work" \
    initial-upload-closes-no-bugs
  packages_used
}

# Unpacked below one folder, as they lie below /, and used.
packages_used() {
  mkdir "$work/deb/root"
  step '   unpack' sh -c 'cd "$0/deb" && for p in ./*.deb; do dpkg -x "$p" root || exit 1; done' \
    "$work"
  lib=$(dirname "$(find "$work/deb/root/usr/lib" -name 'libidf.so.0')")
  step '   and work' env LD_LIBRARY_PATH="$lib" sh -c '
    "$0/usr/bin/cidf" -qf samples/photo-420.jpg -o "$1/d.idf" &&
    "$0/usr/bin/didf" -qf "$1/d.idf" -o "$1/d.jpg" && cmp samples/photo-420.jpg "$1/d.jpg"' \
    "$work/deb/root" "$work"
}
