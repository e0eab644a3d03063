/* arg.h: what helpers do with their arguments.
 *
 * A pointer or map that Linux's verifier would have vouched for is checked here and traps; what
 * Linux itself checks at run time is answered with an error. After a trap a helper returns at
 * once; its value is not used.
 */
#ifndef BPFLAB_RUNTIME_HELPER_ARG_H
#define BPFLAB_RUNTIME_HELPER_ARG_H

#include "runtime/env.h"
#include "runtime/errno.h"
#include "runtime/helper/impl.h"

/* Parameters that a helper does not have, in the signature that all share. */
#define HELPER_UNUSED1(a)             (void)(a)
#define HELPER_UNUSED2(a, b)          ((void)(a), (void)(b))
#define HELPER_UNUSED3(a, b, c)       ((void)(a), (void)(b), (void)(c))
#define HELPER_UNUSED4(a, b, c, d)    ((void)(a), (void)(b), (void)(c), (void)(d))
#define HELPER_UNUSED5(a, b, c, d, e) ((void)(a), (void)(b), (void)(c), (void)(d), (void)(e))

/* arg_int: an int result as a register value. */
static inline uint64_t arg_int(int64_t v) {
    return (uint64_t)v;
}

/* arg_map: the map that a register names.
 * out:    NULL, and a trap pending, if it names none
 * errors: none
 * cost:   O(1) */
static inline struct map *arg_map(struct world *w, uint64_t addr) {
    struct map *m = map_by_handle(w, addr);
    if (!m)
        world_trap(w, addr ? RUN_TRAP_MEMORY : RUN_TRAP_NULL, addr);
    return m;
}

/* arg_map_of: the same for a map of one type; another one traps. */
static inline struct map *arg_map_of(struct world *w, uint64_t addr, uint32_t type) {
    struct map *m = arg_map(w, addr);
    if (m && m->def.type != type) {
        world_trap(w, RUN_TRAP_MEMORY, addr);
        return NULL;
    }
    return m;
}

/* arg_read, arg_write: host pointer to guest memory that may be read (written).
 * out:    NULL, and a trap pending, where it may not; never NULL for 0 bytes
 * errors: none
 * cost:   O(n_bytes); a read of up to 8 bytes is one look at the shadow */
static inline void *arg_read(struct world *w, uint64_t addr, uint64_t n_bytes) {
    const uint64_t off = world_off(addr);
    if (n_bytes - 1 < 8 && off < w->reach && (unsigned)w->shadow[off] >> 4 >= n_bytes)
        return w->mem + off;
    return world_ptr(w, addr, n_bytes, WORLD_READ);
}

static inline void *arg_write(struct world *w, uint64_t addr, uint64_t n_bytes) {
    return world_ptr(w, addr, n_bytes, WORLD_WRITE);
}

/* arg_call: call the program's function fn.
 * out:    false, and a trap pending, if it trapped or there is no program to call into; else its
 *         result in *r0
 * errors: none
 * cost:   that of the function */
static inline bool arg_call(struct world *w, uint64_t fn, const uint64_t args[5], uint64_t *r0) {
    if (!w->callee.call) {
        world_trap(w, RUN_TRAP_CALL, fn);
        return false;
    }
    return w->callee.call(w->callee.self, fn, args, r0);
}

/* struct arg_temp: guest memory that lives while a helper runs, for what callbacks are handed.
 * Given back in the reverse order of taking. */
struct arg_temp {
    uint64_t off; /* in the world */
    uint64_t n_bytes;
    uint32_t before, after; /* scratch in use */
};

/* arg_temp_take: n_bytes of scratch, zeroed, with the given access.
 * out:    false if scratch is full; *t is then not to be given back
 * errors: none
 * cost:   O(n_bytes) */
static inline bool arg_temp_take(struct world *w, uint64_t n_bytes, enum world_access access,
                                 struct arg_temp *t) {
    t->before = w->st.scratch_used;
    t->off = world_alloc_scratch(w, n_bytes);
    t->n_bytes = n_bytes;
    t->after = w->st.scratch_used;
    if (!t->off)
        return false;
    world_allow(w, t->off, n_bytes, access);
    return true;
}

/* arg_temp_give: give it back, zeroed and not accessible.
 * out:    its room can be taken again, unless something else was allotted since
 * errors: none
 * cost:   O(n_bytes) */
static inline void arg_temp_give(struct world *w, const struct arg_temp *t) {
    world_allow(w, t->off, t->n_bytes, WORLD_NONE);
    memset(w->mem + t->off, 0, t->n_bytes);
    if (w->st.scratch_used == t->after)
        w->st.scratch_used = t->before;
}

#endif
