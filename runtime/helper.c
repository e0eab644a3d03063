/* helper.c: the table of helper functions, made from the rows of helper.def: each IMPL row gets a
 * wrapper that calls helper_<name> and then records the call, also when it ended in a trap.
 */
#include "runtime/helper.h"

#include "runtime/helper/impl.h"

/* How many arguments a call's record has: those that every program type must pass. */
static inline uint32_t n_recorded(uint32_t id, uint32_t n_args) {
    return id == HELPER_get_cgroup_classid ? 0 : n_args; /* some types pass no context */
}

/* clang-format off */
#define WRAPPER_NONE(nm, n)
#define WRAPPER_ENGINE(nm, n)
#define WRAPPER_IMPL(nm, n)                                                                        \
    static uint64_t recorded_##nm(uint64_t r1, uint64_t r2, uint64_t r3, uint64_t r4, uint64_t r5, \
                                  struct world *w) {                                               \
        const uint64_t args[5] = {r1, r2, r3, r4, r5};                                             \
        const uint64_t result = helper_##nm(r1, r2, r3, r4, r5, w);                                \
        world_trace_add(w, HELPER_##nm, n_recorded(HELPER_##nm, n), args, result);                 \
        return result;                                                                             \
    }
#define HELPER(nr, nm, state, flags, ret, n, a1, a2, a3, a4, a5) WRAPPER_##state(nm, n)
#include "runtime/helper.def"

static helper_fn *const table[N_HELPERS] = {
#define ENTRY_NONE(nm) NULL
#define ENTRY_ENGINE(nm) NULL
#define ENTRY_IMPL(nm) recorded_##nm
#define HELPER(nr, nm, state, flags, ret, n, a1, a2, a3, a4, a5) [nr] = ENTRY_##state(nm),
#include "runtime/helper.def"
};
/* clang-format on */

helper_fn *helper_fn_of(uint32_t id) {
    return id < N_HELPERS ? table[id] : NULL;
}

/* The program to go on with, or -1: Linux compares the low half of the index, and a call to an
 * empty slot does not count. */
static int64_t tail_target(struct world *w, uint64_t map, uint64_t index) {
    const struct map *m = map_by_handle(w, map);
    if (!m || m->def.type != MAP_prog_array) {
        world_trap(w, map ? RUN_TRAP_MEMORY : RUN_TRAP_NULL, map);
        return -1;
    }
    if (w->st.tail_calls >= HELPER_MAX_TAIL_CALLS)
        return -1;
    const int64_t prog_id = map_prog_at(w, m, (uint32_t)index);
    if (prog_id >= 0)
        w->st.tail_calls++;
    return prog_id;
}

int64_t helper_tail_target(struct world *w, uint64_t map, uint64_t index) {
    const int64_t prog_id = tail_target(w, map, index);
    const uint64_t args[5] = {0, map, index};
    world_trace_add(w, HELPER_tail_call, 3, args, (uint64_t)prog_id);
    return prog_id;
}
