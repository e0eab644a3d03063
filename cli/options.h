/* options.h: command lines read by a table. A verb lists its options once; parsing, --help,
 * suggestions and shell completion all read that list.
 */
#ifndef BPFLAB_CLI_OPTIONS_H
#define BPFLAB_CLI_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum option_kind {
    OPTION_FLAG, /* no value */
    OPTION_TEXT,
    OPTION_FILE,    /* a path; completed as one */
    OPTION_NUMBER,  /* decimal or 0x..., with an optional k, M or G (powers of 1000); min to max */
    OPTION_BYTES,   /* hex digits or @FILE */
    OPTION_CHOICE,  /* one of choices */
    OPTION_CHOICES, /* a comma-separated list of choices */
};

/* struct option_spec: one row. */
struct option_spec {
    const char *name;    /* "packet" for --packet */
    char letter;         /* 'o' for -o, or 0 */
    uint8_t kind;        /* enum option_kind */
    const char *metavar; /* "HEX|@FILE"; NULL for flags */
    const char *help;    /* sentences; wrapped by --help */
    const char *choices; /* "interp jit": separated by spaces */
    uint64_t min, max;   /* of numbers; max 0: no limit */
};

/* Every verb has these. */
extern const struct option_spec option_common[];
extern const size_t n_option_common;

struct option_given {
    const struct option_spec *spec;
    const char *value; /* borrowed from argv; NULL for flags */
    uint64_t number;
};

struct options {
    const struct option_spec *specs; /* the verb's own */
    size_t n_specs;
    struct option_given *given; /* owned, in order */
    size_t n_given;
    const char **operands; /* owned array of borrowed words */
    size_t n_operands;
};

enum {
    OPTION_MESSAGE_MAX = 256
};

/* options_parse: read argv[0..argc). "--name value", "--name=value", "-o value", "-ovalue"; "--"
 * ends the options; "-" is an operand.
 * out:    true; or false with a sentence in message and *out empty
 * cost:   O(argc * specs) */
bool options_parse(const struct option_spec *specs, size_t n_specs, int argc, char *const *argv,
                   struct options *out, char message[OPTION_MESSAGE_MAX]);
void options_fini(struct options *o);

/* option_find:   the last time it was given, or NULL.
 * option_text:   its value, or NULL.
 * option_on:     was it given?
 * option_number: its number, or the fallback.
 * in:     name is one of the verb's or the common options (asserted) */
const struct option_given *option_find(const struct options *o, const char *name);
const char *option_text(const struct options *o, const char *name);
bool option_on(const struct options *o, const char *name);
uint64_t option_number(const struct options *o, const char *name, uint64_t fallback);

/* option_next: the next occurrence of a repeatable option after *at (start with 0), or NULL. */
const struct option_given *option_next(const struct options *o, const char *name, size_t *at);

/* number_parse: as OPTION_NUMBER describes.
 * out:    false if s is not one, or does not fit 64 bits */
bool number_parse(const char *s, uint64_t *out);

/* word_in:  is the word of n_chars one of the space-separated list?
 * word_nth: the index-th word, its length in *n_chars; NULL past the end. */
bool word_in(const char *list, const char *word, size_t n_chars);
const char *word_nth(const char *list, size_t index, size_t *n_chars);

#endif
