/* engine.h: --engine: which of bpflab's engines runs the program.
 */
#ifndef BPFLAB_CLI_ENGINE_H
#define BPFLAB_CLI_ENGINE_H

#include "cli/cli.h"

#define ENGINE_OPTION                                                                              \
    {.name = "engine",                                                                             \
     .kind = OPTION_TEXT,                                                                          \
     .metavar = "ENGINE",                                                                          \
     .help = "interp, the reference interpreter. jit and jit:ARCH name engines that this build "   \
             "lacks: exit status 3. Default: interp."}

/* engine_pick: what --engine says.
 * in:     the verb's table has ENGINE_OPTION
 * out:    CLI_YES; CLI_UNDECIDED for an engine that is missing, CLI_USAGE for a word that names
 *         none: then it has complained */
int engine_pick(struct cli *c);

#endif
