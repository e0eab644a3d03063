/* cli.h: what every verb is written with: its row, its context, and how it fails.
 *
 * A verb is one file, cmd_<verb>.c, that defines `const struct verb verb_<verb>`, and one row in
 * verbs.def. Its exit status is one of enum cli_status, everywhere.
 */
#ifndef BPFLAB_CLI_CLI_H
#define BPFLAB_CLI_CLI_H

#include <stdio.h>

#include "cli/json.h"
#include "cli/options.h"
#include "isa/err.h"

enum cli_status {
    CLI_YES = 0,       /* yes, pass */
    CLI_NO = 1,        /* no, fail, trap, finding */
    CLI_USAGE = 2,     /* usage or bad input; the message has file, place and reason */
    CLI_UNDECIDED = 3, /* budget, timeout, a missing engine */
    CLI_INTERNAL = 4,
};

struct cli;

struct verb {
    const char *name;
    const char *summary;                 /* one line */
    const char *operands;                /* "FILE", "PATH...", "[MEM-HEX]"; NULL if it takes none */
    unsigned min_operands, max_operands; /* max 0 with operands: any number */
    const char *operand_words;           /* what completes them; NULL: files */
    const char *description; /* paragraphs; lines that begin with a blank stay as they are */
    const char *json_keys;   /* what --json gives */
    const char *examples;    /* lines */
    bool takes_input;        /* describe the input forms */
    const struct option_spec *options;
    size_t n_options;
    int (*run)(struct cli *c); /* out: enum cli_status */
};

/* verb_table: all verbs, in the order of --help. */
extern const struct verb *const verb_table[];
extern const size_t n_verbs;
const struct verb *verb_find(const char *name);

struct cli {
    const struct verb *verb;
    struct options opt;
    bool as_json; /* --json: write to json; it is printed when the verb returns */
    struct json json;
    bool colour_out, colour_err; /* terminals, and NO_COLOR not set */
    bool progress;               /* standard error is a terminal */
};

/* cli_fail: report what is wrong with a file (NULL: none): a message on standard error and, with
 * --json, an object with the key "error" instead of what was written so far.
 * cli_failf: the same with a sentence of one's own.
 * cli_note:  a remark on standard error.
 * out:    status, so that a verb may return it */
int cli_fail(struct cli *c, int status, const char *file, const struct diag *d);
int cli_failf(struct cli *c, int status, const char *file, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));
void cli_note(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* cli_status_of: the exit status that an error code means: bad input, could not decide, or
 * internal. */
int cli_status_of(enum bpflab_err err);

/* cli_plain: text of foreign origin, with '?' for control characters and for bytes that are not
 * UTF-8: an input must not command the terminal, nor end a comment.
 * cli_plain_n: n_bytes of it, whatever they hold. */
void cli_plain(FILE *f, const char *s);
void cli_plain_n(FILE *f, const char *s, size_t n_bytes);

/* Colours: the escape sequence, or "" where standard output is not coloured. */
enum cli_colour {
    CLI_PLAIN,
    CLI_BOLD,
    CLI_DIM,
    CLI_RED,
    CLI_GREEN,
    CLI_YELLOW
};
const char *cli_colour(const struct cli *c, enum cli_colour colour);

#endif
