/* access.c: from an address to memory, to a field of the context, or to a refusal. */
#include "runtime/access.h"

#include "runtime/ctx.h"

enum {
    ARENA_GUARD = 0x8000, /* how far an instruction's offset reaches beyond 32 bits, both ways */
};

/* Does the address come of a pointer into the arena? They hold the lower half of the user address,
 * or all of it. */
static bool in_arena(const struct world *w, uint64_t addr) {
    const struct world_state *s = &w->st;
    return s->arena_map_bytes && (addr + ARENA_GUARD < (UINT64_C(1) << 32) + 2 * ARENA_GUARD ||
                                  addr >> 32 == s->arena_user_base >> 32);
}

/* Host memory of n bytes at a guest address, as the current frame may use it: the world's, or the
 * arena's. NULL if it may not be accessed. */
static uint8_t *resolve(const struct world *w, uint64_t addr, unsigned n, enum world_access access,
                        uint64_t limit) {
    const struct world_state *s = &w->st;
    uint64_t at = addr;
    if (in_arena(w, addr)) {
        const uint64_t upper = addr >> 32;
        const uint32_t off = (uint32_t)addr - (uint32_t)s->arena_user_base;
        if ((upper != 0 && upper != s->arena_user_base >> 32) || off >= s->arena_map_bytes)
            return NULL;
        at = world_addr(s->arena_map_off) + off;
    }
    if (world_off(at) >= limit || !world_check(w, at, n, access))
        return NULL;
    return w->mem + world_off(at);
}

static uint64_t get(const struct world *w, const uint8_t *p, unsigned n) {
    switch (n) {
    case 1: return *p;
    case 2: return world_get16(w, p);
    case 4: return world_get32(w, p);
    default: return world_get64(w, p);
    }
}

static void put(const struct world *w, uint8_t *p, unsigned n, uint64_t v) {
    switch (n) {
    case 1: *p = (uint8_t)v; break;
    case 2: world_put16(w, p, (uint16_t)v); break;
    case 4: world_put32(w, p, (uint32_t)v); break;
    default: world_put64(w, p, v); break;
    }
}

bool access_load(struct world *w, uint64_t addr, unsigned n_bytes, bool sign, uint64_t limit,
                 uint64_t *value) {
    const uint8_t *p = resolve(w, addr, n_bytes, WORLD_READ, limit);
    uint64_t v = 0;
    if (p)
        v = get(w, p, n_bytes);
    else if (!in_arena(w, addr) && !ctx_load(w, addr, n_bytes, &v))
        return false;
    if (sign && p)
        v = (uint64_t)((int64_t)(v << (64 - 8 * n_bytes)) >> (64 - 8 * n_bytes));
    *value = v;
    return true;
}

bool access_store(struct world *w, uint64_t addr, unsigned n_bytes, uint64_t value,
                  uint64_t limit) {
    uint8_t *p = resolve(w, addr, n_bytes, WORLD_WRITE, limit);
    if (p)
        put(w, p, n_bytes, value);
    else if (!in_arena(w, addr) && !ctx_store(w, addr, n_bytes, value))
        return false;
    return true;
}

bool access_atomic(struct world *w, enum op op, uint64_t addr, uint64_t limit, uint64_t *src,
                   uint64_t *r0) {
    const struct op_info *row = &op_table[op];
    const unsigned n = row->width_bits / 8;
    uint8_t *p = resolve(w, addr, n, WORLD_RW, limit);
    if (!p)
        return in_arena(w, addr);
    const uint64_t old = get(w, p, n), mask = n == 4 ? UINT32_MAX : UINT64_MAX;
    switch (row->cls) {
    case CLASS_ATOMIC_CMPXCHG:
        if (old == (*r0 & mask))
            put(w, p, n, *src);
        *r0 = old;
        break;
    case CLASS_ATOMIC_XCHG:
        put(w, p, n, *src);
        *src = old;
        break;
    default:
        put(w, p, n, op_eval_atomic(op, old, *src));
        if (row->src_rule == FIELD_WREG) /* a fetching form */
            *src = old;
    }
    return true;
}
