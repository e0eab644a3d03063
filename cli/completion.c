/* completion.c: one case per verb; after an option with a value, what the value may be.
 *
 * bash splits "--style=k" and "@file" at '=' and '@'; the script puts them together again. Words
 * come from compgen a line each (mapfile), because names of files may have blanks.
 */
#include "cli/completion.h"

#include "cli/cli.h"

static void print_verbs(FILE *f) {
    for (size_t i = 0; i < n_verbs; i++)
        fprintf(f, "%s ", verb_table[i]->name);
    fputs("help", f);
}

static void print_option_words(FILE *f, const struct option_spec *specs, size_t n) {
    for (size_t i = 0; i < n; i++) {
        fprintf(f, "--%s ", specs[i].name);
        if (specs[i].letter)
            fprintf(f, "-%c ", specs[i].letter);
    }
}

/* bash_value: the case arm that completes an option's value. */
static void bash_value(FILE *f, const struct option_spec *s) {
    if (s->kind == OPTION_FLAG)
        return;
    fprintf(f, "        --%s", s->name);
    if (s->letter)
        fprintf(f, "|-%c", s->letter);
    if (s->kind == OPTION_CHOICE)
        fprintf(f, ") _bpflab_words '%s' ''; return;;\n", s->choices);
    else if (s->kind == OPTION_CHOICES)
        fprintf(f, ") _bpflab_words '%s' \"${cur%%\"${cur##*,}\"}\"; return;;\n", s->choices);
    else if (s->kind == OPTION_FILE)
        fputs(") _bpflab_files ''; return;;\n", f);
    else if (s->kind == OPTION_BYTES)
        fputs(") [[ $cur == @* ]] && _bpflab_files @; return;;\n", f);
    else
        fputs(") return;;\n", f);
}

static void bash_verb(FILE *f, const struct verb *v) {
    fprintf(f, "    %s)\n        case $prev in\n", v->name);
    for (size_t i = 0; i < v->n_options; i++)
        bash_value(f, &v->options[i]);
    fputs("        esac\n        words='", f);
    print_option_words(f, v->options, v->n_options);
    print_option_words(f, option_common, n_option_common);
    fprintf(f, "'\n        operands='%s';;\n", v->operand_words ? v->operand_words : "");
}

void completion_bash(FILE *f) {
    fputs("# bash completion for bpflab; made by: bpflab completion bash\n"
          "# _bpflab_words LIST PREFIX: words that go on from the current one, which has the "
          "prefix.\n"
          "_bpflab_words() {\n"
          "    mapfile -t COMPREPLY < <(compgen -P \"$2\" -W \"$1\" -- \"${cur#\"$2\"}\")\n"
          "}\n"
          "_bpflab_files() {\n"
          "    compopt -o filenames 2> /dev/null\n"
          "    mapfile -t COMPREPLY < <(compgen -P \"$1\" -f -- \"${cur#\"$1\"}\")\n"
          "}\n"
          "_bpflab() {\n"
          "    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}\n"
          "    local words='' operands=''\n"
          "    COMPREPLY=()\n"
          "    case $prev in\n"
          "    =) prev=${COMP_WORDS[COMP_CWORD-2]};;\n"
          "    @|=@) prev=${COMP_WORDS[COMP_CWORD-2]} cur=@$cur;;\n"
          "    esac\n"
          "    cur=${cur#=}\n"
          "    if ((COMP_CWORD == 1)); then\n"
          "        _bpflab_words '",
          f);
    print_verbs(f);
    fputs(" --help --version' ''\n"
          "        return\n"
          "    fi\n"
          "    case ${COMP_WORDS[1]} in\n",
          f);
    for (size_t i = 0; i < n_verbs; i++)
        bash_verb(f, verb_table[i]);
    fputs("    help) operands='", f);
    print_verbs(f);
    fputs("';;\n"
          "    esac\n"
          "    if [[ $cur == -* ]]; then\n"
          "        _bpflab_words \"$words\" ''\n"
          "    elif [[ $operands ]]; then\n"
          "        _bpflab_words \"$operands\" ''\n"
          "    else\n"
          "        _bpflab_files ''\n"
          "    fi\n"
          "}\n"
          "complete -F _bpflab bpflab\n",
          f);
}

/* zsh_quoted: text inside '...[help]': no quotes, brackets or colons that zsh would read. */
static void zsh_quoted(FILE *f, const char *s) {
    for (; *s && *s != '\n'; s++) {
        if (*s == '\'')
            fputs("'\\''", f);
        else if (*s == '[' || *s == ']' || *s == ':')
            fprintf(f, "\\%c", *s);
        else
            fputc(*s, f);
    }
}

static void zsh_option(FILE *f, const struct option_spec *s) {
    /* "-o+": its value may follow at once; "--output=": after a blank or a '='. */
    const char *attached = s->kind == OPTION_FLAG ? "" : "+", *equals = attached[0] ? "=" : "";
    if (s->letter)
        fprintf(f, "            '*'{-%c%s,--%s%s}'[", s->letter, attached, s->name, equals);
    else
        fprintf(f, "            '*--%s%s[", s->name, equals);
    zsh_quoted(f, s->help);
    fputc(']', f);
    if (s->kind != OPTION_FLAG) {
        fputc(':', f);
        zsh_quoted(f, s->metavar);
        fputc(':', f);
    }
    if (s->kind == OPTION_CHOICE)
        fprintf(f, "(%s)", s->choices);
    else if (s->kind == OPTION_CHOICES)
        fprintf(f, "_sequence compadd - %s", s->choices);
    else if (s->kind == OPTION_FILE)
        fputs("_files", f);
    else if (s->kind == OPTION_BYTES)
        fputs("{ compset -P @ && _files }", f);
    fputs("' \\\n", f);
}

static void zsh_verb(FILE *f, const struct verb *v) {
    fprintf(f, "    %s)\n        _arguments \\\n", v->name);
    for (size_t i = 0; i < v->n_options; i++)
        zsh_option(f, &v->options[i]);
    for (size_t i = 0; i < n_option_common; i++)
        zsh_option(f, &option_common[i]);
    if (v->operand_words)
        fprintf(f, "            '*:word:(%s)';;\n", v->operand_words);
    else
        fputs("            '*:file:_files';;\n", f);
}

void completion_zsh(FILE *f) {
    fputs("#compdef bpflab\n"
          "# zsh completion for bpflab; made by: bpflab completion zsh\n"
          "_bpflab() {\n"
          "    local -a verbs\n"
          "    verbs=(\n",
          f);
    for (size_t i = 0; i < n_verbs; i++) {
        fprintf(f, "        '%s:", verb_table[i]->name);
        zsh_quoted(f, verb_table[i]->summary);
        fputs("'\n", f);
    }
    fputs("    )\n"
          "    if ((CURRENT == 2)); then\n"
          "        _describe verb verbs\n"
          "        return\n"
          "    fi\n"
          "    local verb=$words[2]\n"
          "    shift words\n"
          "    ((CURRENT--))\n"
          "    case $verb in\n",
          f);
    for (size_t i = 0; i < n_verbs; i++)
        zsh_verb(f, verb_table[i]);
    fputs("    help) _describe verb verbs;;\n"
          "    esac\n"
          "}\n"
          "# Autoloaded by its first use, or read by eval.\n"
          "if [[ $funcstack[1] == _bpflab ]]; then\n"
          "    _bpflab \"$@\"\n"
          "else\n"
          "    compdef _bpflab bpflab\n"
          "fi\n",
          f);
}
