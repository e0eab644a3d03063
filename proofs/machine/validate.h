/* validate.h: does the code that a back end makes of an instruction do what the specification says?
 *
 * For an instruction kind, every register assignment class and immediates from every encoding
 * class of the machine, a program of that one instruction is compiled by jit_compile as it ships,
 * the bytes of the instruction are executed on machine_step over variables, path by path, and on
 * every path that can be taken:
 *   - each register of eBPF, FP and STATE is what the specification says; the stack pointer is
 *     where it was, and memory below it is the fragment's own
 *   - memory is accessed exactly as specified: the same addresses, sizes, values and order
 *   - it leaves where it must: the next instruction, the jump's target, a call
 * Most obligations fold to true without a solver; the others are asked.
 */
#ifndef BPFLAB_PROOFS_MACHINE_VALIDATE_H
#define BPFLAB_PROOFS_MACHINE_VALIDATE_H

#include "proofs/machine/machine.h"
#include "proofs/prove.h"

enum {
    MPATHS = 16,
    MPATH_CONDS = 16,
};

/* struct mpath: one way through a fragment. */
struct mpath {
    struct mstate end;
    term *conds[MPATH_CONDS]; /* truth values: the path is taken if all are true */
    unsigned n_conds;
    uint8_t flow; /* how it leaves: MFLOW_NEXT at `target` == to, or JUMP, INDIRECT, RETURN */
    int64_t target;
    term *addr;
};

/* struct mcode: code, and what of it is the fragment: [from, to), and a part that is kept out of
 * the way, [cold_from, cold_to), empty if there is none. addr: of the code's first byte. */
struct mcode {
    const uint8_t *bytes;
    size_t n_bytes, from, to, cold_from, cold_to;
    uint64_t addr;
};

/* mpath_all: every path from offset `from` until control leaves the fragment.
 * A backward branch inside the fragment is allowed only as a retry: of a store-conditional that
 * failed, or of a compare-and-swap that found another value. Since the first
 * arrival nothing may have been stored and no memory looked at but where the path did before, or
 * every round does; and registers, stack and all must be as they were then, but that a register may
 * hold what the memory holds now instead of what it held. Flags are unknown where a retry leads,
 * and so are registers that hold nothing of eBPF's and that the round has changed. Calls note an
 * event MEV_CALL, with the registers as they are; then those that a call may change, and the stack
 * below the stack pointer, get fresh variables, flags are unknown, and it goes on. Of an event that
 * happens when a condition of the path is true, when is NULL; one that does not happen is gone.
 * out: number of paths, at most MPATHS; 0 on error, with the reason in err */
unsigned mpath_all(const struct machine *m, const struct mstate *begin, const struct mcode *code,
                   struct mpath out[MPATHS], char err[200]);

/* mpath_when: the conditions of the path as one truth value.
 * mpath_under: x, simplified by what the conditions say of terms that occur in it: equal to x
 * wherever the path is taken. term_subst: x with one term in the place of another.
 * cost: O(nodes below x) */
term *mpath_when(const struct mpath *p);
term *mpath_under(const struct mpath *p, term *x);
term *term_subst(struct terms *t, term *x, term *what, term *is);
/* term_rewrite: x rebuilt, each node given to the rule before and after its operands are; a rule
 * must not go round in circles. */
term *term_rewrite(struct terms *t, term *x, term *(*rule)(void *self, term *x), void *self);

extern const struct provider provider_backend;

#endif
