/* kcall.h: kernel functions as functions. Each row of runtime/kfuncproto.def that says IMPL has a
 * function kfunc_<name> in runtime/kfunc/<group>.c, of a helper's form (runtime/helper.h).
 *
 * What engines call are wrappers, which cut the result to the size that the prototype gives it (0
 * where it returns nothing) and record the call in the world's trace, under KCALL_BASE and the
 * number of the row.
 *
 * bpf_throw ends with RUN_THROWN pending, its argument as the address: the engine leaves the
 * program, and what the exception callback makes of the argument (without one, the argument itself)
 * becomes its r0.
 */
#ifndef BPFLAB_RUNTIME_KCALL_H
#define BPFLAB_RUNTIME_KCALL_H

#include "runtime/helper.h"

enum {
    KCALL_BASE = 1 << 16
};

/* kcall_fn_of: the wrapper to call. A name may have a flavour behind three underscores, which does
 * not count.
 * out:  NULL if bpflab does not implement the function, or there is none of that name
 * cost: O(functions) */
helper_fn *kcall_fn_of(const char *name);

/* kcall_name: the function that a number in the trace stands for, NULL if it is none's. */
const char *kcall_name(uint32_t number);

#endif
