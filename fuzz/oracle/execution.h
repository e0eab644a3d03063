/* execution.h: the execution oracle: one object, one input, two engines. Both must end alike, leave
 * the same in the registers that engines show (engine_options.expose), and the same worlds, frames
 * and calls included.
 *
 * The pc of RUN_EXIT is not compared: generated code says none. Neither is that of a trap that
 * nobody looked at (engine/machine.h).
 */
#ifndef BPFLAB_FUZZ_ORACLE_EXECUTION_H
#define BPFLAB_FUZZ_ORACLE_EXECUTION_H

#include "engine/engine.h"

/* struct execution: one run on both. */
struct execution {
    struct engine_result a, b;
    bool equal;
    char text[200]; /* the first difference, in words */
};

/* execution_compare: run a program on a and b, from the worlds they have, and compare.
 * in:     a, b: sessions of the same object, that have run the same so far
 * out:    *out
 * errors: of preparing and running, on either; d->text begins with the engine's name */
enum bpflab_err execution_compare(struct engine_session *a, struct engine_session *b, uint32_t prog,
                                  const struct instance_input *input, struct execution *out,
                                  struct diag *d);

#endif
