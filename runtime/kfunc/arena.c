/* arena.c: pages of an arena (runtime/map/arena.h), as programs ask for them. */
#include "runtime/map/arena.h"

#include "runtime/helper/arg.h"
#include "runtime/kfunc/impl.h"

/* alloc_pages(map, address, pages, node, flags): NULL for what Linux does not give. */
uint64_t kfunc_bpf_arena_alloc_pages(uint64_t r1, uint64_t r2, uint64_t r3, uint64_t r4,
                                     uint64_t r5, struct world *w) {
    struct map *m = arg_map(w, r1);
    const int32_t node = (int32_t)r4;
    if (!m || !arena_is(m) || r5 || (node != -1 && (uint32_t)node != w->cfg.numa_node))
        return 0;
    return arena_alloc_pages(w, m, r2, (uint32_t)r3);
}

uint64_t kfunc_bpf_arena_free_pages(uint64_t r1, uint64_t r2, uint64_t r3, uint64_t r4, uint64_t r5,
                                    struct world *w) {
    HELPER_UNUSED2(r4, r5);
    struct map *m = arg_map(w, r1);
    if (m && arena_is(m) && r2)
        arena_free_pages(w, m, r2, (uint32_t)r3);
    return 0;
}
