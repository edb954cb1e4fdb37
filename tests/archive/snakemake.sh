#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
#
# snakemake.sh: the recipe for Snakemake, killed in the middle and run again. The pictures are PGMs
# here.
needs='snakemake:snakemake setsid:util-linux'
# shellcheck source=tests/archive/common.sh
. "$(dirname "$0")/common.sh"
HOME=$tmp
export HOME

# shellcheck disable=SC2094
recipe Snakefile | sed 's/\.png"/.pgm"/' >Snakefile
recipe snakemake >run.sh
setsid sh run.sh >/dev/null 2>&1 &
until_some 40
kill -9 "-$!"
wait $! 2>/dev/null
in_between
exits 0 'unlock' snakemake --unlock
exits 0 'the same line again' sh run.sh
find report -name '*.json' -exec cat {} + >all
whole all
finish
