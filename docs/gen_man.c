/* gen_man.c: the manual page bpflab(1), from the tables that the command line is read with and
 * --help is printed from. Writes it to standard output.
 */
#include <stdio.h>
#include <string.h>

#include "cli/help.h"

#ifndef BPFLAB_VERSION
#define BPFLAB_VERSION "unknown"
#endif

/* put_text: n_chars as troff text: nothing in them is a request or an escape. */
static void put_text(const char *s, size_t n_chars) {
    for (size_t i = 0; i < n_chars; i++) {
        if (i == 0 && (s[0] == '.' || s[0] == '\''))
            fputs("\\&", stdout);
        switch (s[i]) {
        case '\\': fputs("\\e", stdout); break;
        case '-': fputs("\\-", stdout); break; /* as typed, not a hyphen */
        case '\'': fputs("\\(aq", stdout); break;
        case '^': fputs("\\(ha", stdout); break;
        case '~': fputs("\\(ti", stdout); break;
        default: putchar(s[i]);
        }
    }
}

static void put_word(const char *macro, const char *s) {
    printf("%s ", macro);
    put_text(s, strlen(s));
    putchar('\n');
}

/* put_paragraphs: lines that begin with a blank stay as they are, without it; others flow; an empty
 * line ends a paragraph. */
static void put_paragraphs(const char *s) {
    bool fixed = false;
    for (size_t n; *s; s += n + (s[n] == '\n')) {
        n = strcspn(s, "\n");
        bool as_is = s[0] == ' ';
        if (n == 0) {
            fputs(fixed ? "" : ".PP\n", stdout);
            continue;
        }
        if (as_is != fixed)
            puts(as_is ? ".PP\n.nf\n.RS 4" : ".RE\n.fi\n.PP");
        fixed = as_is;
        size_t blanks = strspn(s, " ");
        size_t skipped = blanks < 4 ? blanks : 4;
        put_text(s + skipped, n - skipped);
        putchar('\n');
    }
    if (fixed)
        puts(".RE\n.fi");
}

static void put_option(const struct option_spec *s) {
    puts(".TP");
    if (s->letter)
        printf("\\fB\\-%c\\fR, ", s->letter);
    fputs("\\fB\\-\\-", stdout);
    put_text(s->name, strlen(s->name));
    fputs("\\fR", stdout);
    if (s->metavar) {
        fputs(" \\fI", stdout);
        put_text(s->metavar, strlen(s->metavar));
        fputs("\\fR", stdout);
    }
    putchar('\n');
    put_paragraphs(s->help);
}

static void put_verb(const struct verb *v) {
    fputs(".SS bpflab ", stdout);
    put_text(v->name, strlen(v->name));
    if (v->operands) {
        putchar(' ');
        put_text(v->operands, strlen(v->operands));
    }
    putchar('\n');
    put_paragraphs(v->description);
    for (size_t i = 0; i < v->n_options; i++)
        put_option(&v->options[i]);
    if (v->json_keys) {
        puts(".TP\n\\fBJSON keys\\fR");
        put_paragraphs(v->json_keys);
    }
    if (v->examples) {
        puts(".PP\nExamples:");
        put_paragraphs(v->examples);
    }
}

int main(void) {
    puts(".\\\" Made by gen_man from the tables of the command line.\n"
         ".TH BPFLAB 1 \"\" \"bpflab " BPFLAB_VERSION "\" \"User Commands\"\n"
         ".nh\n.ad l\n"
         ".SH NAME\n"
         "bpflab \\- a laboratory for eBPF verifiers and JITs\n"
         ".SH SYNOPSIS\n"
         ".B bpflab\n"
         "\\fIVERB\\fR [\\fIOPERAND\\fR]... [\\fIOPTION\\fR]...\n"
         ".br\n"
         ".B bpflab\n"
         "\\fIVERB\\fR \\fB\\-\\-help\\fR\n"
         ".SH DESCRIPTION\n"
         "bpflab loads eBPF programs, shows what they hold, and runs them in a world of its own "
         "that is\n"
         "the same every time. Its verbs:");
    for (size_t i = 0; i < n_verbs; i++) {
        puts(".TP");
        put_word(".B", verb_table[i]->name);
        put_paragraphs(verb_table[i]->summary);
    }
    puts(".SH INPUT");
    put_paragraphs(help_input_forms);
    puts(".SH OPTIONS\nEvery verb has these; its own are listed with it.");
    for (size_t i = 0; i < n_option_common; i++)
        put_option(&option_common[i]);
    puts(".SH VERBS");
    for (size_t i = 0; i < n_verbs; i++)
        put_verb(verb_table[i]);
    puts(".SH EXIT STATUS");
    put_paragraphs(help_exit_status);
    puts(
        ".SH ENVIRONMENT\n"
        ".TP\n.B NO_COLOR\nIf set and not empty, no colours; they appear on a terminal only.\n"
        ".TP\n.B COLUMNS\nThe width that \\fB\\-\\-help\\fR wraps to where output is no terminal.");
    return ferror(stdout) || fflush(stdout) ? 1 : 0;
}
