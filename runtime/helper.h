/* helper.h: helpers as functions. The table is made from runtime/helper.def; each row that says
 * IMPL has a function helper_<name> in runtime/helper/<group>.c.
 *
 * A helper takes the five argument registers and the world, in this order, so that generated code
 * that keeps r1 to r5 in the machine's argument registers calls it without moving any. The table's
 * entries are wrappers that also record the call in the world's trace: the number of arguments that
 * the row says, and the result.
 */
#ifndef BPFLAB_RUNTIME_HELPER_H
#define BPFLAB_RUNTIME_HELPER_H

#include "runtime/map.h"
#include "runtime/proto.h"

typedef uint64_t helper_fn(uint64_t r1, uint64_t r2, uint64_t r3, uint64_t r4, uint64_t r5,
                           struct world *w);

/* helper_fn_of: the wrapper to call. tail_call (12) has none: engines do it themselves.
 * out: NULL if there is none (RUN_TRAP_HELPER) */
helper_fn *helper_fn_of(uint32_t id);

enum {
    HELPER_MAX_TAIL_CALLS = 33
};

/* helper_tail_target: what bpf_tail_call(ctx, map, index) jumps to. Counts a call that jumps, as
 * Linux's JITs do; records every call, with 0 for the context (it can be no other) and with the id
 * or -1 as its result.
 * out: the program id stored there, or -1 when the call falls through (index out of range, empty
 *      slot, HELPER_MAX_TAIL_CALLS taken) or, with a trap pending, names no prog array */
int64_t helper_tail_target(struct world *w, uint64_t map, uint64_t index);

/* Negative errno as a register value. */
static inline uint64_t helper_err(int errno_value) {
    return (uint64_t)(int64_t)-errno_value;
}

#endif
