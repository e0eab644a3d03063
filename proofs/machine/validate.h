/* validate.h: does the code that a back end makes of an instruction do what the specification says?
 *
 * For an instruction kind, every register assignment class and immediates from every encoding class
 * of the machine, a program of that one instruction is compiled by jit_compile as it ships, the
 * bytes of the instruction are executed on machine_step over variables, path by path, and on every
 * path that can be taken:
 * - each register of eBPF, FP and STATE is what the specification says; the stack pointer is where
 *     it was, and memory below it is the fragment's own
 *   - memory is accessed exactly as specified: the same addresses, sizes, values and order
 *   - it leaves where it must: the next instruction, the jump's target, a call
 * Most obligations fold to true without a solver; the others are asked.
 */
#ifndef BPFLAB_PROOFS_MACHINE_VALIDATE_H
#define BPFLAB_PROOFS_MACHINE_VALIDATE_H

#include "proofs/machine/machine.h"
#include "proofs/prove.h"

/* struct mpath: one way through a fragment. */
struct mpath {
    struct mstate end;
    term *when;   /* truth value: the path is taken if */
    uint8_t flow; /* how it leaves: MFLOW_NEXT at `target`, or JUMP, INDIRECT, RETURN */
    int64_t target;
    term *addr;
};
enum {
    MPATHS = 16
};

/* mpath_all: every path from offset from until control leaves [from, to).
 * A backward branch inside the fragment is allowed only as a retry of a failed store-conditional:
 * the state there must equal the state at the first arrival. Calls end a path's straight part:
 * registers that a call may change get fresh variables, an event MEV_CALL is noted, and it goes on.
 * out: number of paths, at most MPATHS; 0 on error, with the reason in err */
unsigned mpath_all(const struct machine *m, const struct mstate *begin, const uint8_t *code,
                   size_t n_bytes, size_t from, size_t to, uint64_t addr, struct mpath out[MPATHS],
                   char err[200]);

extern const struct provider provider_backend;

#endif
