#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
#
# completion.sh: the completion of command lines in real shells, as src/desktop installs it.
# shellcheck source=tests/cli/common.sh
. "$(dirname "$0")/common.sh"

exits 1 'another shell' "$cidf" --completion=csh
says '--completion=csh: give bash, zsh or fish'

PATH=$bin:$PATH
export PATH
mkdir 'a folder' plain
: >photo.PNG
: >'two words.png'
: >photo.idf
: >notes.txt

# in_bash LINE: what bash offers, one a line, after sourcing the installed file
in_bash() {
  tool=${1%% *}
  # shellcheck disable=SC2016
  bash --norc --noprofile -c '
    source "$2"
    COMP_LINE=$1
    # As readline splits: at spaces, and = is a word.
    read -ra COMP_WORDS <<<"${1//=/ = }"
    [[ $1 == *" " || $1 == *= ]] && COMP_WORDS+=("")
    [[ $1 == *= ]] && unset "COMP_WORDS[-1]"
    COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
    compopt() { :; }
    "_idf_$3"
    printf "%s\n" "${COMPREPLY[@]}"' bash "$1" "$src/src/desktop/bash/$tool" "$tool" | sort
}
offers() { # WHAT LINE WANTED: in bash
  printf '%s\n' "$3" >want
  in_bash "$2" >got 2>.err
  check "$1" diff got want
}
if command -v bash >/dev/null 2>&1; then
  offers 'bash: an option' 'cidf --verb' '--verbose'
  offers 'bash: a value after =' 'cidf --effort=' "$(printf 'default\nfast\nmax')"
  offers 'bash: a part of a value' 'cidf --effort=f' 'fast'
  offers 'bash: a value after a space' 'cidf --simd av' "$(printf 'avx2\navx512')"
  offers 'bash: folders' 'cidf --output-dir ' "$(printf 'a folder\nplain')"
  offers 'bash: pictures and folders' 'cidf ' \
    "$(printf 'a folder\nphoto.PNG\nplain\ntwo words.png')"
  offers 'bash: what idfinfo reads' 'idfinfo p' "$(printf 'photo.idf\nplain')"
  offers 'bash: what idfcmp reads' 'idfcmp photo' "$(printf 'photo.PNG\nphoto.idf')"
  # Every option in the help is offered.
  "$didf" --help | sed -n 's/^  .\{4\}\(--[a-z-]*\).*/\1/p' | sort >want
  in_bash 'didf --' | tr -d = | sort >got
  check 'bash: every option of didf' diff got want
else
  echo 'skip: no bash (Debian: bash)'
fi

if command -v fish >/dev/null 2>&1; then
  HOME=$tmp fish --no-config -c "
    source $src/src/desktop/fish/cidf.fish; complete -C 'cidf --effort='" >got 2>.err
  check 'fish: a value' grep -q 'effort=fast' got
  HOME=$tmp fish --no-config -c "
    source $src/src/desktop/fish/cidf.fish; complete -C 'cidf --verb'" >got 2>.err
  check 'fish: an option with its help' grep -q -- '--verbose.a line about each file' got
else
  echo 'skip: no fish (Debian: fish)'
fi

if command -v zsh >/dev/null 2>&1; then
  # A terminal for zsh is zsh's own module; the list is shown after a Tab.
  cat >drive.zsh <<'Z'
zmodload zsh/zpty
zpty shell "TERM=dumb zsh -f -i"
zpty -w shell "PS1=; fpath=($1 \$fpath); autoload -Uz compinit; compinit -u -D"
zpty -w shell "zstyle ':completion:*' list-prompt ''; LISTMAX=1000"
zpty -w shell "echo ready"
zpty -m -r shell out '*ready*ready*'
zpty -n -w shell "$2"$'\t\t'
sleep 1
zpty -n -w shell $'\n'
zpty -w shell "echo finished"
zpty -m -r shell out '*finished*finished*'
print -r -- "$out"
Z
  HOME=$tmp timeout 60 zsh -f drive.zsh "$src/src/desktop/zsh" 'cidf --effort=' >got 2>.err
  check 'zsh: values' grep -q 'default.*fast.*max' got
  HOME=$tmp timeout 60 zsh -f drive.zsh "$src/src/desktop/zsh" 'cidf --verb' >got 2>.err
  check 'zsh: options' grep -q -- '--verb.*ose' got
else
  echo 'skip: no zsh (Debian: zsh)'
fi
finish
