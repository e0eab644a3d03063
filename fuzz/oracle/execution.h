/* execution.h: the execution oracle: one object, one input, two engines. Both must end alike, leave
 * the same in the registers that engines show (engine_options.expose), and the same worlds, frames
 * and calls included.
 *
 * Generated code leaves the bounds of memory to the verifier: where the interpreter ends by an
 * access out of bounds, nothing is to be compared. Such a run is *poisoned*: of an accepted program
 * that is a finding, or an access to something of the kernel's that the world has not.
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
    bool equal, poisoned;
    char text[200]; /* the first difference, in words */
};

/* execution_check: compare what the last runs of a and b left behind.
 * in:     out->a, out->b: how they ended; a: the interpreter
 * out:    the rest of *out
 * errors: of asking for reports */
enum bpflab_err execution_check(struct engine_session *a, struct engine_session *b,
                                struct execution *out, struct diag *d);

/* execution_compare: run a program on a and b, from the worlds they have, and compare. a: the
 * interpreter.
 * in:     a, b: sessions of the same object, that have run the same so far
 * out:    *out
 * errors: of preparing and running, on either; d->text begins with the engine's name */
enum bpflab_err execution_compare(struct engine_session *a, struct engine_session *b, uint32_t prog,
                                  const struct instance_input *input, struct execution *out,
                                  struct diag *d);

#endif
