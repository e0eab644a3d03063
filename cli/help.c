/* help.c: pages in the manner of man(1), wrapped to the terminal.
 */
#include "cli/help.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum {
    NARROWEST = 50,
    WIDEST = 100,
    INDENT = 4,
    OPTION_INDENT = 8
};

const char help_input_forms[] =
    "FILE may be any of these; bpflab looks at the content, never at the name:\n"
    "\n"
    "    ELF object         what clang -target bpf writes (.o)\n"
    "    raw instructions   8 bytes each, little-endian (.bin)\n"
    "    assembly text      uBPF's or the kernel's syntax, labels, # comments (.s)\n"
    "    conformance case   sections -- asm, -- raw, -- mem, -- result, -- error (.data)\n"
    "    fuzz case          sections -- case, -- asm, -- kfuncs, -- input: what the fuzzer keeps\n"
    "    hex digits         of raw instructions or of an ELF object\n"
    "\n"
    "A single - reads standard input, in any of these forms.";

const char help_exit_status[] =
    "    0   yes, pass\n"
    "    1   no, fail, trap, finding\n"
    "    2   usage or bad input: the message says file, place and reason\n"
    "    3   could not decide: budget, timeout, a missing engine\n"
    "    4   internal error\n";

static unsigned page_width(FILE *f) {
    struct winsize ws;
    unsigned width = 80;
    const char *columns = getenv("COLUMNS");
    if (isatty(fileno(f)) && ioctl(fileno(f), TIOCGWINSZ, &ws) == 0 && ws.ws_col)
        width = ws.ws_col;
    else if (columns && atoi(columns) > 0)
        width = (unsigned)atoi(columns);
    return width < NARROWEST ? NARROWEST : width > WIDEST ? WIDEST : width;
}

/* print_wrapped: one paragraph, words broken at the page's width, each line indented. */
static void print_wrapped(FILE *f, const char *text, size_t n_chars, unsigned indent) {
    unsigned width = page_width(f), column = 0;
    for (size_t i = 0; i < n_chars;) {
        size_t n = 0;
        while (i + n < n_chars && text[i + n] != ' ' && text[i + n] != '\n')
            n++;
        if (n && column && column + 1 + n > width) {
            fputc('\n', f);
            column = 0;
        }
        if (n) {
            fprintf(f, "%*s%.*s", column ? 1 : (int)indent, "", (int)n, text + i);
            column += (column ? 1 : indent) + (unsigned)n;
        }
        i += n + 1;
    }
    fputc('\n', f);
}

/* print_text: paragraphs are wrapped, lines that begin with a blank are kept. */
static void print_text(FILE *f, const char *text, unsigned indent) {
    while (*text) {
        size_t n = strcspn(text, "\n");
        if (n == 0 || text[0] == ' ') {
            fprintf(f, "%*s%.*s\n", n ? (int)indent : 0, "", (int)n, text);
        } else {
            while (text[n] == '\n' && text[n + 1] && text[n + 1] != '\n' && text[n + 1] != ' ')
                n += 1 + strcspn(text + n + 1, "\n");
            print_wrapped(f, text, n, indent);
        }
        text += n + (text[n] == '\n');
    }
}

static void print_head(const struct cli *c, FILE *f, const char *head) {
    fprintf(f, "\n%s%s%s\n", cli_colour(c, CLI_BOLD), head, cli_colour(c, CLI_PLAIN));
}

static void print_option(const struct cli *c, FILE *f, const struct option_spec *s) {
    fprintf(f, "%*s%s", INDENT, "", cli_colour(c, CLI_BOLD));
    if (s->letter)
        fprintf(f, "-%c, ", s->letter);
    fprintf(f, "--%s%s%s%s\n", s->name, cli_colour(c, CLI_PLAIN), s->metavar ? " " : "",
            s->metavar ? s->metavar : "");
    print_text(f, s->help, OPTION_INDENT);
}

static void json_options(struct json *j, const struct option_spec *specs, size_t n) {
    for (size_t i = 0; i < n; i++) {
        json_open_object(j);
        json_put_text(j, "name", specs[i].name);
        json_put_text(j, "value", specs[i].metavar);
        json_put_text(j, "help", specs[i].help);
        json_close_object(j);
    }
}

static void json_page(struct json *j, const struct verb *v) {
    json_open_object(j);
    json_put_text(j, "verb", v->name);
    json_put_text(j, "summary", v->summary);
    json_put_text(j, "operands", v->operands);
    json_key(j, "options");
    json_open_array(j);
    json_options(j, v->options, v->n_options);
    json_options(j, option_common, n_option_common);
    json_close_array(j);
    json_close_object(j);
}

void help_verb(struct cli *c, const struct verb *v, FILE *f) {
    if (c->as_json) {
        json_page(&c->json, v);
        return;
    }
    fprintf(f, "%sNAME%s\n", cli_colour(c, CLI_BOLD), cli_colour(c, CLI_PLAIN));
    fprintf(f, "    bpflab %s - %s\n", v->name, v->summary);
    print_head(c, f, "SYNOPSIS");
    fprintf(f, "    bpflab %s%s%s [OPTION]...\n", v->name, v->operands ? " " : "",
            v->operands ? v->operands : "");
    print_head(c, f, "DESCRIPTION");
    print_text(f, v->description, INDENT);
    if (v->takes_input) {
        print_head(c, f, "INPUT");
        print_text(f, help_input_forms, INDENT);
    }
    print_head(c, f, "OPTIONS");
    for (size_t i = 0; i < v->n_options; i++)
        print_option(c, f, &v->options[i]);
    for (size_t i = 0; i < n_option_common; i++)
        print_option(c, f, &option_common[i]);
    if (v->json_keys) {
        print_head(c, f, "JSON");
        print_text(f, v->json_keys, INDENT);
    }
    print_head(c, f, "EXIT STATUS");
    fputs(help_exit_status, f);
    if (v->examples) {
        print_head(c, f, "EXAMPLES");
        print_text(f, v->examples, INDENT);
    }
}

static void json_overview(struct json *j) {
    json_open_object(j);
    json_key(j, "verbs");
    json_open_array(j);
    for (size_t i = 0; i < n_verbs; i++) {
        json_open_object(j);
        json_put_text(j, "verb", verb_table[i]->name);
        json_put_text(j, "summary", verb_table[i]->summary);
        json_close_object(j);
    }
    json_close_array(j);
    json_close_object(j);
}

void help_overview(struct cli *c, FILE *f) {
    if (c->as_json) {
        json_overview(&c->json);
        return;
    }
    fprintf(f, "%sbpflab%s - a laboratory for eBPF verifiers and JITs\n", cli_colour(c, CLI_BOLD),
            cli_colour(c, CLI_PLAIN));
    print_head(c, f, "USAGE");
    fputs("    bpflab VERB [OPERAND]... [OPTION]...\n"
          "    bpflab VERB --help\n",
          f);
    print_head(c, f, "VERBS");
    for (size_t i = 0; i < n_verbs; i++)
        fprintf(f, "    %-12s %s\n", verb_table[i]->name, verb_table[i]->summary);
    print_head(c, f, "INPUT");
    print_text(f, help_input_forms, INDENT);
    print_head(c, f, "EVERYWHERE");
    fputs("    --json   one JSON object on standard output, messages on standard error\n"
          "    --help   the verb's page\n",
          f);
    print_head(c, f, "EXIT STATUS");
    fputs(help_exit_status, f);
    print_head(c, f, "ENVIRONMENT");
    fputs("    NO_COLOR   if set and not empty, no colours; they appear on a terminal only\n", f);
}
