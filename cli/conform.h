/* conform.h: conformance cases: what a case's program comes to, on one of our engines or on a
 * plugin, and whether that is what the case expects.
 */
#ifndef BPFLAB_CLI_CONFORM_H
#define BPFLAB_CLI_CONFORM_H

#include <stdbool.h>

#include "cli/engine.h"
#include "loader/object.h"
#include "loader/text.h"

enum conform_kind {
    CONFORM_VALUE,     /* the program ended with value */
    CONFORM_ERROR,     /* it could not be loaded, or trapped: text is the message */
    CONFORM_UNDECIDED, /* out of fuel, out of time, no machine code: text says which */
    CONFORM_MISSING,   /* the plugin, or the engine, cannot be started */
};

enum {
    CONFORM_TEXT_MAX = 400
};

struct conform_outcome {
    enum conform_kind kind;
    bool memory; /* CONFORM_ERROR: an access that nothing allows */
    uint64_t value;
    char text[CONFORM_TEXT_MAX];
};

/* struct conform_engine: what runs cases. Generated code runs in a child process: cases may be
 * wrong on purpose. */
struct conform_engine {
    struct engine engine;
    struct engine_options options; /* fuel, unwind: set by conform_run */
    bool big_endian;               /* the machine is */
};

/* conform_engine_init: the engine that the options name. out: a status, as engine_pick.
 * conform_engine_twin: the interpreter, in a world of the same byte order. */
int conform_engine_init(struct cli *c, struct conform_engine *e);
void conform_engine_fini(struct conform_engine *e);
struct conform_engine conform_engine_twin(const struct conform_engine *e);

/* conform_run: run program index of an object as a conformance suite's plugin does: r1 = memory, r2
 * = its length, helper 5 is unwind.
 * out:    a trap reads "<sentence> at pc <n>"; what cannot be loaded reads as the loader says it */
struct conform_outcome conform_run(const struct conform_engine *e, const struct object *o,
                                   uint32_t index, const uint8_t *mem, size_t mem_bytes,
                                   uint64_t fuel);

/* conform_run_insns: the same for bare instructions. */
struct conform_outcome conform_run_insns(const struct conform_engine *e, const struct insn *insns,
                                         uint32_t n_insns, const uint8_t *mem, size_t mem_bytes,
                                         uint64_t fuel);

/* struct conform_plugin: a command that speaks the plugin protocol. */
struct conform_plugin {
    char **words; /* owned; the command */
    size_t n_words;
    const char *const *options; /* borrowed: after the memory */
    size_t n_options;
    uint64_t timeout_ms;
};

/* conform_plugin_init: split a command at blanks; '...' and "..." keep them, a backslash takes the
 * next character as it is.
 * errors: SYNTAX (a quote without its end, no word), NOMEM */
enum bpflab_err conform_plugin_init(struct conform_plugin *p, const char *command, struct diag *d);
void conform_plugin_fini(struct conform_plugin *p);

/* conform_run_plugin: a process: memory as the first argument (none if there is no memory), the
 * program as a line of hex digits on its standard input, r0 in hex from its standard output.
 * out:    an exit status other than 0 is CONFORM_ERROR with what the plugin said */
struct conform_outcome conform_run_plugin(const struct conform_plugin *p, const struct insn *insns,
                                          uint32_t n_insns, const uint8_t *mem, size_t mem_bytes);

/* conform_meets: is this what the case expects: the value, or the exact message?
 * conform_expected, conform_got: both sides as text. */
bool conform_meets(const struct conf_case *expected, const struct conform_outcome *got);
void conform_expected(const struct conf_case *expected, char buf[CONFORM_TEXT_MAX]);
void conform_got(const struct conform_outcome *got, char buf[CONFORM_TEXT_MAX]);

/* conform_value: hex digits, with or without 0x, blanks around them; as plugins print r0.
 * out:    false if text is no such number, or one beyond 64 bits */
bool conform_value(const char *text, uint64_t *value);

#endif
