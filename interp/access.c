/* access.c: the slow way of a memory access: context fields, arena memory, and traps.
 *
 * An access through a pointer into the arena never traps, as in Linux: where no page is allocated a
 * load gives 0 and a store is lost.
 */
#include "interp/code.h"

#include "runtime/ctx.h"

enum {
    NULL_PAGE = 4096,
    ARENA_GUARD = 0x8000, /* how far an instruction's offset reaches beyond 32 bits, both ways */
};

/* The trap that an access which nothing allows ends in. */
static bool refuse(struct istate *st, const struct cell *pc, uint64_t addr) {
    interp_stop(st, pc, addr < NULL_PAGE ? RUN_TRAP_NULL : RUN_TRAP_MEMORY, addr);
    return false;
}

/* Does the address come of a pointer into the arena? They hold the lower half of the user address,
 * or all of it. */
static bool in_arena(const struct istate *st, uint64_t addr) {
    const struct world_state *s = &st->w->st;
    return s->arena_map_bytes && (addr + ARENA_GUARD < (UINT64_C(1) << 32) + 2 * ARENA_GUARD ||
                                  addr >> 32 == s->arena_user_base >> 32);
}

/* Host memory of n bytes at a guest address, as the current frame may use it: the world's, or the
 * arena's. NULL if it may not be accessed. */
static uint8_t *resolve(const struct istate *st, uint64_t addr, unsigned n,
                        enum world_access access, uint64_t limit) {
    const struct world_state *s = &st->w->st;
    uint64_t at = addr;
    if (in_arena(st, addr)) {
        const uint64_t upper = addr >> 32;
        const uint32_t off = (uint32_t)addr - (uint32_t)s->arena_user_base;
        if ((upper != 0 && upper != s->arena_user_base >> 32) || off >= s->arena_map_bytes)
            return NULL;
        at = world_addr(s->arena_map_off) + off;
    }
    if (world_off(at) >= limit || !world_check(st->w, at, n, access))
        return NULL;
    return st->w->mem + world_off(at);
}

static uint64_t get(const uint8_t *p, unsigned n, bool swap) {
    switch (n) {
    case 1: return mem_get1(p, swap);
    case 2: return mem_get2(p, swap);
    case 4: return mem_get4(p, swap);
    default: return mem_get8(p, swap);
    }
}

static void put(uint8_t *p, unsigned n, uint64_t v, bool swap) {
    switch (n) {
    case 1: mem_put1(p, v, swap); break;
    case 2: mem_put2(p, v, swap); break;
    case 4: mem_put4(p, v, swap); break;
    default: mem_put8(p, v, swap); break;
    }
}

static bool load(struct istate *st, const struct cell *pc, const struct op_info *row, uint64_t addr,
                 uint64_t limit) {
    const unsigned n = row->width_bits / 8;
    const uint8_t *p = resolve(st, addr, n, WORLD_READ, limit);
    uint64_t value = 0;
    if (p)
        value = get(p, n, st->swapped);
    else if (!in_arena(st, addr) && !ctx_load(st->w, addr, n, &value))
        return refuse(st, pc, addr);
    if (row->sign && p)
        value = (uint64_t)((int64_t)(value << (64 - 8 * n)) >> (64 - 8 * n));
    st->regs[pc->dst / 8] = value;
    return true;
}

static bool store(struct istate *st, const struct cell *pc, const struct op_info *row,
                  uint64_t addr, uint64_t limit) {
    const unsigned n = row->width_bits / 8;
    const uint64_t value = row->cls == CLASS_ST ? (uint64_t)(int64_t)pc->x : st->regs[pc->src / 8];
    uint8_t *p = resolve(st, addr, n, WORLD_WRITE, limit);
    if (p)
        put(p, n, value, st->swapped);
    else if (!in_arena(st, addr) && !ctx_store(st->w, addr, n, value))
        return refuse(st, pc, addr);
    return true;
}

static bool atomic(struct istate *st, const struct cell *pc, const struct op_info *row,
                   uint64_t addr, uint64_t limit) {
    const unsigned n = row->width_bits / 8;
    uint8_t *p = resolve(st, addr, n, WORLD_RW, limit);
    if (!p)
        return in_arena(st, addr) || refuse(st, pc, addr);
    uint64_t *const src = &st->regs[pc->src / 8], mask = n == 4 ? UINT32_MAX : UINT64_MAX;
    const uint64_t old = get(p, n, st->swapped);
    switch (row->cls) {
    case CLASS_ATOMIC_CMPXCHG:
        if (old == (st->regs[0] & mask))
            put(p, n, *src, st->swapped);
        st->regs[0] = old;
        break;
    case CLASS_ATOMIC_XCHG:
        put(p, n, *src, st->swapped);
        *src = old;
        break;
    default:
        put(p, n, op_eval_atomic((enum op)pc->op, old, *src), st->swapped);
        if (row->src_rule == FIELD_WREG) /* a fetching form */
            *src = old;
    }
    return true;
}

bool interp_slow_access(struct istate *st, const struct cell *pc, uint64_t limit) {
    const struct op_info *row = &op_table[pc->op];
    const bool loads = row->cls == CLASS_LDX || row->cls == CLASS_ATOMIC_LOAD;
    const bool plain = row->cls == CLASS_LDX || row->cls == CLASS_STX || row->cls == CLASS_ST;
    const uint64_t addr =
        st->regs[(loads ? pc->src : pc->dst) / 8] + (uint64_t)pc->imm + WORLD_BASE;
    if (!plain && addr % (row->width_bits / 8)) {
        interp_stop(st, pc, RUN_TRAP_ALIGN, addr);
        return false;
    }
    if (loads)
        return load(st, pc, row, addr, limit);
    if (plain || row->cls == CLASS_ATOMIC_STORE)
        return store(st, pc, row, addr, limit);
    return atomic(st, pc, row, addr, limit);
}
