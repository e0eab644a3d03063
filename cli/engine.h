/* engine.h: --engine and what goes with it: which engine runs the program, how its code is made.
 */
#ifndef BPFLAB_CLI_ENGINE_H
#define BPFLAB_CLI_ENGINE_H

#include "cli/cli.h"
#include "engine/engine.h"

#define ENGINE_OPTIONS                                                                             \
    {.name = "engine",                                                                             \
     .kind = OPTION_TEXT,                                                                          \
     .metavar = "ENGINE",                                                                          \
     .help = "interp, the reference interpreter; jit, machine code for this machine; jit:ARCH, "   \
             "machine code for another one, run under qemu-user: arm64, riscv64, s390x, x86-64. "  \
             "Default: interp."},                                                                  \
        {.name = "opt",                                                                            \
         .kind = OPTION_CHOICE,                                                                    \
         .metavar = "0|1",                                                                         \
         .choices = "0 1",                                                                         \
         .help = "jit: 0 translates instruction by instruction, 1 does better. Default: 1."},      \
        {.name = "blind",                                                                          \
         .kind = OPTION_FLAG,                                                                      \
         .help = "jit: hide every immediate of the program behind a random constant."},            \
        {.name = "code-limit",                                                                     \
         .kind = OPTION_NUMBER,                                                                    \
         .metavar = "BYTES",                                                                       \
         .min = 1,                                                                                 \
         .max = UINT32_MAX,                                                                        \
         .help = "jit: a program whose machine code would be longer gets none: it is valid all "   \
                 "the same, and the interpreter's to run. Default: no limit."}

/* engine_pick: what --engine says; contained: generated code runs in a child process.
 * in:     the verb's table has ENGINE_OPTIONS
 * out:    CLI_YES and *out; CLI_UNDECIDED for an engine that is missing, CLI_USAGE for a word that
 *         names none: then it has complained */
int engine_pick(struct cli *c, bool contained, struct engine *out);

/* engine_options_of: what --opt, --blind and --code-limit say; all else is zero. */
struct engine_options engine_options_of(const struct cli *c);

#endif
