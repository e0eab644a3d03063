/* section.c: sections in which a program may not sleep or be preempted, and leaving a program by an
 * exception. A world runs one program at a time: sections are only counted, and ending one that was
 * not begun, which Linux's verifier refuses, is a trap.
 */
#include "runtime/helper/arg.h"
#include "runtime/kfunc/impl.h"

static uint64_t begin(uint32_t *depth) {
    ++*depth;
    return 0;
}

static uint64_t end(struct world *w, uint32_t *depth) {
    if (*depth)
        --*depth;
    else
        world_trap(w, RUN_TRAP_CALL, 0);
    return 0;
}

uint64_t kfunc_bpf_rcu_read_lock(uint64_t r1, uint64_t r2, uint64_t r3, uint64_t r4, uint64_t r5,
                                 struct world *w) {
    HELPER_UNUSED5(r1, r2, r3, r4, r5);
    return begin(&w->st.rcu_depth);
}

uint64_t kfunc_bpf_rcu_read_unlock(uint64_t r1, uint64_t r2, uint64_t r3, uint64_t r4, uint64_t r5,
                                   struct world *w) {
    HELPER_UNUSED5(r1, r2, r3, r4, r5);
    return end(w, &w->st.rcu_depth);
}

uint64_t kfunc_bpf_preempt_disable(uint64_t r1, uint64_t r2, uint64_t r3, uint64_t r4, uint64_t r5,
                                   struct world *w) {
    HELPER_UNUSED5(r1, r2, r3, r4, r5);
    return begin(&w->st.preempt_depth);
}

uint64_t kfunc_bpf_preempt_enable(uint64_t r1, uint64_t r2, uint64_t r3, uint64_t r4, uint64_t r5,
                                  struct world *w) {
    HELPER_UNUSED5(r1, r2, r3, r4, r5);
    return end(w, &w->st.preempt_depth);
}

uint64_t kfunc_bpf_throw(uint64_t r1, uint64_t r2, uint64_t r3, uint64_t r4, uint64_t r5,
                         struct world *w) {
    HELPER_UNUSED4(r2, r3, r4, r5);
    world_trap(w, RUN_THROWN, r1);
    return 0;
}
