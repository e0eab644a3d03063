/* callback.c: loops over a function of the program. */
#include "runtime/helper/arg.h"

enum {
    LOOPS_MAX = 8 << 20
};

/* callback(index, ctx): a result other than 0 stops. */
uint64_t helper_loop(uint64_t r1, uint64_t r2, uint64_t r3, uint64_t r4, uint64_t r5,
                     struct world *w) {
    HELPER_UNUSED1(r5);
    const uint32_t n_loops = (uint32_t)r1;
    if (r4)
        return helper_err(LX_EINVAL);
    if (n_loops > LOOPS_MAX)
        return helper_err(LX_E2BIG);
    for (uint32_t i = 0; i < n_loops; i++) {
        const uint64_t args[5] = {i, r3};
        uint64_t r0;
        if (!arg_call(w, r2, args, &r0))
            return 0;
        if (r0)
            return i + 1;
    }
    return n_loops;
}

/* callback(map, key, value, ctx) for each element: a result other than 0 stops.
 * out: how many were seen */
uint64_t helper_for_each_map_elem(uint64_t r1, uint64_t r2, uint64_t r3, uint64_t r4, uint64_t r5,
                                  struct world *w) {
    HELPER_UNUSED1(r5);
    struct map *m = arg_map(w, r1);
    struct arg_temp key;
    if (!m)
        return 0;
    if (r4 || !m->ops->iterate)
        return helper_err(LX_EINVAL);
    if (!arg_temp_take(w, m->def.key_size, WORLD_READ, &key))
        return helper_err(LX_ENOMEM);
    struct map_cursor at = {0};
    uint64_t n = 0, r0 = 0;
    while (!r0 && m->ops->iterate(w, m, &at)) {
        memcpy(w->mem + key.off, at.key, m->def.key_size);
        const uint64_t args[5] = {r1, world_addr(key.off), world_addr(at.value_off), r3};
        n++;
        if (!arg_call(w, r2, args, &r0))
            break;
    }
    arg_temp_give(w, &key);
    return n;
}
