/* batch_impl.h: a batch's insides, for batch.c and batch_foreign.c only. */
#ifndef BPFLAB_ENGINE_BATCH_IMPL_H
#define BPFLAB_ENGINE_BATCH_IMPL_H

#include "engine/batch.h"
#include "engine/bind.h"
#include "engine/machine.h"

struct child;

struct engine_batch {
    struct engine engine;
    struct engine_options opt;
    struct world_config cfg;
    struct world *world; /* of the interpreter and of native code */
    struct bare bare;
    /* native code */
    struct machine machine;
    struct target_process here;
    uint64_t code_addr;
    bool handlers;
    /* executors */
    struct child *child;
};

/* batch_compile: machine code for a case, to be placed at addr of a process. */
enum bpflab_err batch_compile(const struct engine_batch *b, const struct prog *p,
                              const struct target_process *where, uint64_t addr,
                              struct jit_code *out);

/* batch_open_foreign, batch_run_foreign, batch_close_foreign: by executor. */
enum bpflab_err batch_open_foreign(struct engine_batch *b, struct diag *d);
enum bpflab_err batch_run_foreign(struct engine_batch *b, struct engine_case *cases, size_t n,
                                  uint64_t fuel, struct diag *d);
void batch_close_foreign(struct engine_batch *b);

#endif
