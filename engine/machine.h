/* machine.h: running generated code in this process: the entry stub, what the code calls back into
 * (thunks), callbacks, exceptions and faults. Who makes the code, and where it was made, is no
 * concern of this file: the native engine uses it in the host's process, an executor in its own.
 *
 * Runs keep to what interp/ does, in the same order: fuel, depth, callbacks, what is thrown.
 */
#ifndef BPFLAB_ENGINE_MACHINE_H
#define BPFLAB_ENGINE_MACHINE_H

#include "jit/execmem.h"
#include "jit/jit.h"
#include "runtime/world.h"

#define MACHINE_FUEL_DEFAULT   (UINT64_C(1) << 40)
#define MACHINE_BUDGET_DEFAULT (UINT64_C(8) << 20) /* of may_goto */

/* struct machine_prog: a program's code as it lies in executable memory. */
struct machine_prog {
    uint64_t addr;         /* of its first byte; 0: there is no code for it */
    struct jit_code code;  /* owned; bytes are NULL: they are in place */
    uint32_t exception_pc; /* of its exception callback; UINT32_MAX: it has none */
};

struct machine {
    struct world *w;     /* borrowed; at_base */
    struct execmem *mem; /* borrowed: all code lies in it */
    uint64_t enter_addr, exit_addr;
    struct machine_prog *progs; /* borrowed; by program id */
    uint32_t n_progs;
    bool fuel;        /* the code counts it */
    uint32_t running; /* the program that runs, as far as tail calls tell */
};

struct machine_job {
    uint32_t prog;
    uint64_t args[5];
    uint64_t fuel;            /* 0: MACHINE_FUEL_DEFAULT */
    uint64_t may_goto_budget; /* 0: MACHINE_BUDGET_DEFAULT */
};

/* machine_thunk: the address of a service of the runtime in this process.
 * machine_stub: put the entry stub of this process's target into memory.
 * in:     fault_install (engine/fault.h) was called
 * errors: UNSUPPORTED (no target for this process), those of execmem */
uint64_t machine_thunk(enum jit_thunk thunk);
enum bpflab_err machine_stub(struct execmem *mem, uint64_t *enter_addr, uint64_t *exit_addr);

/* machine_run: run to the end, as interp_run does.
 * in:     the world has begun a run; the program has code
 * out:    how it ended. What a helper refused although a verifier had accepted the program is found
 *         at the end of the run, with UINT32_MAX for the pc. A fault in generated code is a trap:
 *         RUN_TRAP_NULL, RUN_TRAP_MEMORY, or, where no access is to blame, RUN_CRASHED; of its
 *         address s390x says only the page. The pc of RUN_EXIT is 0 */
struct run_end machine_run(struct machine *m, const struct machine_job *job);

/* machine_run_timers: as interp_run_timers. */
struct run_end machine_run_timers(struct machine *m, const struct machine_job *job,
                                  uint64_t until_ns, uint64_t *n_fired);

#endif
