/* SPDX-License-Identifier: BSD-3-Clause
 *
 * completion.c: what a shell needs to complete a command line, from the table of options.
 *
 * The shells ask the installed tool (src/desktop has the two lines that do), so the answer always
 * belongs to its version, and a build for another machine needs no tool that runs here.
 */
#include "completion.h"

#include <string.h>

/* What can be given for a value, by its name in the help. Others, such as numbers, have no words;
 * FILE and DIR are files and folders. */
static const struct {
  const char *name, *words;
} values[] = {
    {"E", "fast default max"}, {"LEVEL", "auto none 128 avx2 avx512"}, {"SHELL", "bash zsh fish"}};

static const char *words_of(const char *value)
{
  for (size_t i = 0; i < sizeof values / sizeof *values; i++)
    if (strcmp(values[i].name, value) == 0)
      return values[i].words;
  return "";
}

static bool is(const char *value, const char *name)
{
  return value && strcmp(value, name) == 0;
}

/* Prints text for use between single quotes; `escaped` are characters that get a backslash. */
static void quoted(FILE *out, const char *text, const char *escaped)
{
  for (; *text; text++) {
    if (*text == '\'') {
      fputs("'\\''", out);
      continue;
    }
    if (strchr(escaped, *text))
      fputc('\\', out);
    fputc(*text, out);
  }
}

/* ---- bash ----------------------------------------------------------------------- */

/* "|*.png" for each suffix, in small letters and in capitals. */
static void bash_globs(const idf_completion *c, FILE *out)
{
  for (size_t i = 0; c->suffixes[i]; i++) {
    const char *suffix = c->suffixes[i];
    fprintf(out, "%s*%s|*", i ? "|" : "", suffix);
    for (; *suffix; suffix++)
      fputc(*suffix >= 'a' && *suffix <= 'z' ? *suffix - 'a' + 'A' : *suffix, out);
  }
}

/* The IFS is a line's end, so words end so too. */
static void bash_words(const char *words, FILE *out)
{
  fputs(") COMPREPLY=($(compgen -W $'", out);
  for (; *words; words++)
    fputs(*words == ' ' ? "\\n" : (char[]){*words, '\0'}, out);
  fputs("' -- \"$cur\")) ;;\n", out);
}

/* One line of a case: `--output|-o) ...`. */
static void bash_value(const idf_option *option, FILE *out)
{
  fputs("    ", out);
  if (option->name)
    fprintf(out, "--%s%s", option->name, option->letter ? "|" : "");
  if (option->letter)
    fprintf(out, "-%c", option->letter);
  if (is(option->value, "FILE"))
    fputs(") COMPREPLY=($(compgen -f -- \"$cur\")) ;;\n", out);
  else if (is(option->value, "DIR"))
    fputs(") COMPREPLY=($(compgen -d -- \"$cur\")) ;;\n", out);
  else
    bash_words(words_of(option->value), out);
}

static void bash(const idf_completion *c, FILE *out)
{
  /* bash splits words at `=`. Names with spaces are kept whole by the IFS. */
  fprintf(out,
          "_idf_%s() {\n"
          "  local IFS=$'\\n' cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}\n"
          "  if [[ $cur == = ]]; then cur=\n"
          "  elif [[ $prev == = ]]; then prev=${COMP_WORDS[COMP_CWORD-2]}; fi\n"
          "  COMPREPLY=()\n"
          "  compopt -o filenames\n"
          "  case $prev in\n",
          c->program);
  for (const idf_option *option = c->options; option->id; option++)
    if (option->value)
      bash_value(option, out);
  fputs("    *)\n"
        "      if [[ $cur == -* ]]; then\n"
        "        compopt +o filenames -o nospace\n"
        "        COMPREPLY=($(compgen -W $'",
        out);
  for (const idf_option *option = c->options; option->id; option++)
    if (option->name)
      fprintf(out, "--%s%s\\n", option->name, option->value ? "=" : "");
  fputs("' -- \"$cur\"))\n"
        "        [[ ${#COMPREPLY[@]} -ne 1 || ${COMPREPLY[0]} == *= ]] || compopt +o nospace\n"
        "        return\n"
        "      fi\n"
        "      COMPREPLY=($(compgen -d -- \"$cur\"",
        out);
  if (c->suffixes) {
    fputs("; compgen -f -X '!@(", out);
    bash_globs(c, out);
    fputs(")' -- \"$cur\"", out);
  } else {
    fputs("; compgen -f -- \"$cur\"", out);
  }
  fprintf(out,
          "))\n"
          "      ;;\n"
          "  esac\n"
          "}\n"
          "shopt -s extglob\n"
          "complete -F _idf_%s %s\n",
          c->program, c->program);
}

/* ---- zsh ------------------------------------------------------------------------ */

static void zsh_value(const idf_option *option, FILE *out)
{
  fprintf(out, ":%s:", option->value);
  if (is(option->value, "FILE"))
    fputs("_files", out);
  else if (is(option->value, "DIR"))
    fputs("_files -/", out);
  else if (words_of(option->value)[0])
    fprintf(out, "(%s)", words_of(option->value));
  else
    fputc(' ', out);
}

static void zsh_one(const idf_option *option, const char *form, FILE *out)
{
  fprintf(out, "    '%s[", form);
  quoted(out, option->help, "[]:\\");
  fputc(']', out);
  if (option->value)
    zsh_value(option, out);
  fputs("' \\\n", out);
}

static void zsh(const idf_completion *c, FILE *out)
{
  char form[64];

  fprintf(out, "_%s() {\n  _arguments -s -S \\\n", c->program);
  for (const idf_option *option = c->options; option->id; option++) {
    if (option->letter) {
      snprintf(form, sizeof form, "-%c%s", option->letter, option->value ? "+" : "");
      zsh_one(option, form, out);
    }
    if (option->name) {
      snprintf(form, sizeof form, "--%s%s", option->name, option->value ? "=" : "");
      zsh_one(option, form, out);
    }
  }
  fputs("    '*:file:_files", out);
  if (c->suffixes) {
    fputs(" -g \"(#i)*(", out);
    for (size_t i = 0; c->suffixes[i]; i++)
      fprintf(out, "%s%s", i ? "|" : "", c->suffixes[i]);
    fputs(")\"", out);
  }
  fprintf(out, "'\n}\ncompdef _%s %s\n", c->program, c->program);
}

/* ---- fish ----------------------------------------------------------------------- */

static void fish(const idf_completion *c, FILE *out)
{
  /* Operands: fish offers any file by itself; those of other kinds are left out. */
  if (c->suffixes) {
    fprintf(out, "complete -c %s -f -a '(", c->program);
    for (size_t i = 0; c->suffixes[i]; i++)
      fprintf(out, "%s__fish_complete_suffix %s", i ? "; " : "", c->suffixes[i]);
    fputs(")'\n", out);
  }
  for (const idf_option *option = c->options; option->id; option++) {
    fprintf(out, "complete -c %s", c->program);
    if (option->letter)
      fprintf(out, " -s %c", option->letter);
    if (option->name)
      fprintf(out, " -l %s", option->name);
    fputs(" -d '", out);
    for (const char *p = option->help; *p; p++) {
      if (*p == '\'' || *p == '\\')
        fputc('\\', out);
      fputc(*p, out);
    }
    fputc('\'', out);
    if (is(option->value, "FILE"))
      fputs(" -r -F", out);
    else if (is(option->value, "DIR"))
      fputs(" -x -a '(__fish_complete_directories)'", out);
    else if (option->value)
      fprintf(out, " -x -a '%s'", words_of(option->value));
    fputc('\n', out);
  }
}

/* --------------------------------------------------------------------------------- */

bool idf_completion_write(const idf_completion *completion, const char *shell, FILE *out)
{
  static const struct {
    const char *name;
    void (*write)(const idf_completion *, FILE *);
  } shells[] = {{"bash", bash}, {"zsh", zsh}, {"fish", fish}};

  for (size_t i = 0; i < sizeof shells / sizeof *shells; i++)
    if (strcmp(shells[i].name, shell) == 0) {
      shells[i].write(completion, out);
      return true;
    }
  return false;
}
