/* cpu.c: chance, CPU and node numbers, and per-CPU kernel variables. */
#include "runtime/helper/arg.h"

uint64_t helper_get_prandom_u32(uint64_t r1, uint64_t r2, uint64_t r3, uint64_t r4, uint64_t r5,
                                struct world *w) {
    HELPER_UNUSED5(r1, r2, r3, r4, r5);
    return world_random(w);
}

uint64_t helper_get_smp_processor_id(uint64_t r1, uint64_t r2, uint64_t r3, uint64_t r4,
                                     uint64_t r5, struct world *w) {
    HELPER_UNUSED5(r1, r2, r3, r4, r5);
    return w->st.cpu;
}

uint64_t helper_get_numa_node_id(uint64_t r1, uint64_t r2, uint64_t r3, uint64_t r4, uint64_t r5,
                                 struct world *w) {
    HELPER_UNUSED5(r1, r2, r3, r4, r5);
    return w->cfg.numa_node;
}

/* The copy of a per-CPU variable; an address that is no such variable is the same on every CPU. */
static uint64_t copy_of_cpu(const struct world *w, uint64_t addr, uint32_t cpu) {
    const struct env_symbol *s = env_symbol_at(w->env, addr);
    return s ? addr + cpu * s->cpu_stride : addr;
}

uint64_t helper_per_cpu_ptr(uint64_t r1, uint64_t r2, uint64_t r3, uint64_t r4, uint64_t r5,
                            struct world *w) {
    HELPER_UNUSED3(r3, r4, r5);
    const uint32_t cpu = (uint32_t)r2;
    return cpu < w->cfg.n_cpus ? copy_of_cpu(w, r1, cpu) : 0;
}

uint64_t helper_this_cpu_ptr(uint64_t r1, uint64_t r2, uint64_t r3, uint64_t r4, uint64_t r5,
                             struct world *w) {
    HELPER_UNUSED4(r2, r3, r4, r5);
    return copy_of_cpu(w, r1, w->st.cpu);
}
