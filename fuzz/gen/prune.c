/* prune.c: two paths that meet with different states, and code behind that one of the states would
 * not survive: what pruning must not take to be the same. */
#include "fuzz/gen/emit.h"

static uint32_t split(struct gen *g) {
    static const enum op tests[] = {OP_JGT64_IMM, OP_JSLT64_IMM, OP_JEQ64_IMM, OP_JSET32_IMM,
                                    OP_JLE32_IMM};
    const enum op test = gen_pick(g, tests);
    const uint32_t reg = gen_number(g);
    return gen_jump(g, test, reg, 0, gen_constant(g));
}

/* An access that wants reg in [0, max]: into a buffer on the stack, or a map's value. A slip wants
 * less than what is there. */
static void use_as_offset(struct gen *g, uint32_t reg, uint32_t max) {
    const uint32_t p = gen_free_but(g, reg);
    const uint32_t room = max + 8 - (gen_slip(g) ? 1 + gen_below(g, 8) : 0);
    if (gen_maybe(g, 2)) {
        gen_to_stack(g, p, -(int32_t)((room + 7) / 8 * 8));
        gen_put(g, OP_ADD64_REG, p, reg, 0, 0);
        gen_put(g, OP_STXB, p, reg, (int32_t)gen_below(g, 8), 0);
        for (uint32_t k = 0; k < (room + 7) / 8 && k < GEN_SLOTS; k++) /* numbers, or untouched */
            if (g->st.slots[k].is != HELD_NUMBER)
                g->st.slots[k] = (struct held){0};
    } else {
        gen_put_imm64(g, OP_LDDW_MAP_IDX_VALUE, p, FUZZ_MAP_IN, 64 - (int32_t)room);
        gen_put(g, OP_ADD64_REG, p, reg, 0, 0);
        gen_put(g, gen_maybe(g, 2) ? OP_LDXB : OP_LDXDW, p, p, 0, 0);
        gen_set_number(g, p);
        return;
    }
    gen_set(g, p, (struct held){0});
}

/* if (...) x = a; else x = b; then x is an offset, at once or after other work. */
void gen_diamond(struct gen *g) {
    const uint32_t x = gen_kept(g);
    const uint32_t a = gen_below(g, 32), b = gen_below(g, 56);
    if (gen_maybe(g, 3)) { /* the same register, first one then perhaps the other */
        gen_put(g, OP_MOV64_IMM, x, 0, 0, (int32_t)a);
        gen_set_number(g, x);
        const uint32_t from = split(g);
        gen_put(g, OP_MOV64_IMM, x, 0, 0, (int32_t)b);
        gen_land(g, from);
    } else {
        gen_unknown(g, x);
        const uint32_t from = split(g);
        gen_put(g, OP_AND64_IMM, x, 0, 0, (int32_t)a);
        const uint32_t over = gen_jump(g, OP_JA, 0, 0, 0);
        gen_land(g, from);
        gen_put(g, OP_AND64_IMM, x, 0, 0, (int32_t)b);
        gen_land(g, over);
    }
    const bool was = g->st.pinned >> x & 1;
    gen_pin(g, x);
    gen_inner(g, gen_below(g, 8));
    if (!was)
        gen_unpin(g, x);
    use_as_offset(g, x, a > b ? a : b);
}

/* The same by a slot of the stack: spilled by r10 or by a copy of it, in whole or in part. */
void gen_meet_spilled(struct gen *g) {
    const uint32_t x = gen_kept(g), slot = gen_below(g, 8);
    const int32_t off = -8 * (int32_t)(slot + 1);
    const uint32_t a = gen_below(g, 32), b = gen_below(g, 56);
    uint32_t base = REG_FP;
    int32_t at = off;
    gen_put(g, OP_MOV64_IMM, x, 0, 0, (int32_t)a);
    gen_set_number(g, x);
    const uint32_t from = split(g);
    gen_put(g, OP_MOV64_IMM, x, 0, 0, (int32_t)b);
    gen_land(g, from);
    if (gen_maybe(g, 2)) {
        base = gen_free_but(g, x);
        at = -8 * (int32_t)gen_below(g, 4);
        gen_to_stack(g, base, off - at);
    }
    static const enum op stores[] = {OP_STXDW, OP_STXDW, OP_STXW};
    const enum op store = gen_pick(g, stores);
    gen_put(g, OP_STDW, REG_FP, 0, off, 0);
    gen_put(g, store, base, x, at, 0);
    g->st.slots[slot] = (struct held){.is = HELD_NUMBER, .written = 0xff};
    gen_inner(g, gen_below(g, 6));
    if (g->st.slots[slot].is != HELD_NUMBER)
        return;
    const uint32_t y = gen_free(g);
    if (gen_maybe(g, 3) && store == OP_STXDW) { /* taken out by an atomic operation */
        gen_put(g, OP_MOV64_IMM, y, 0, 0, (int32_t)gen_below(g, 2));
        gen_put(g, gen_maybe(g, 2) ? OP_ATOMIC_FETCH_ADD64 : OP_ATOMIC_XCHG64, REG_FP, y, off, 0);
    } else {
        gen_put(g, store == OP_STXW ? OP_LDXW : OP_LDXDW, y, REG_FP, off, 0);
    }
    gen_set_number(g, y);
    /* a piece in between may have changed the slot: what comes out is bounded again now and then */
    if (gen_maybe(g, 2))
        gen_bound(g, y, a > b ? a : b);
    use_as_offset(g, y, a > b ? a : b);
}

/* One path links two numbers, the other does not; behind it one is compared and the other used. */
void gen_meet_linked(struct gen *g) {
    const uint32_t x = gen_own_number(g), y = gen_free_but(g, x);
    const uint32_t max = 1 + gen_below(g, 40);
    gen_unknown(g, y);
    gen_put(g, OP_AND64_IMM, y, 0, 0, 63);
    const bool safe = !gen_slip(g);
    const uint32_t from = split(g);
    gen_put(g, OP_MOV64_REG, x, y, 0, 0);
    if (gen_maybe(g, 3))
        gen_put(g, OP_ADD64_IMM, x, 0, 0, (int32_t)gen_below(g, 8));
    const uint32_t over = gen_jump(g, OP_JA, 0, 0, 0);
    gen_land(g, from);
    gen_put(g, OP_MOV64_IMM, x, 0, 0, (int32_t)gen_below(g, max + 1));
    if (safe)
        gen_put(g, OP_AND64_IMM, y, 0, 0, 1);
    gen_land(g, over);
    const uint32_t out = gen_jump(g, OP_JGT64_IMM, x, 0, (int32_t)max);
    const struct gen_state before = g->st;
    use_as_offset(g, y, max < 1 ? 1 : max);
    gen_land(g, out);
    gen_meet(&g->st, &before);
}

/* A pointer on one path, another one or a number on the other; used for what both can do. */
void gen_meet_pointer(struct gen *g) {
    const uint32_t p = gen_kept(g), slot = 1 + gen_below(g, 8);
    const int32_t off = -8 * (int32_t)(slot + 1);
    const bool slip = gen_slip(g);
    gen_put(g, OP_STDW, REG_FP, 0, off, gen_constant(g));
    g->st.slots[slot] = (struct held){.is = HELD_NUMBER, .written = 0xff};
    gen_to_stack(g, p, off);
    const uint32_t from = split(g);
    if (slip && gen_maybe(g, 2))
        gen_put(g, OP_MOV64_IMM, p, 0, 0, gen_constant(g));
    else if (slip)
        gen_put(g, OP_ADD64_IMM, p, 0, 0, off + 512 + 8);
    else if (gen_maybe(g, 2))
        gen_put_imm64(g, OP_LDDW_MAP_IDX_VALUE, p, FUZZ_MAP_IN, (int32_t)(8 * gen_below(g, 8)));
    else
        gen_put(g, OP_ADD64_IMM, p, 0, 0, (int32_t)gen_below(g, 2) * 8);
    gen_land(g, from);
    const bool was = g->st.pinned >> p & 1;
    gen_set(g, p, (struct held){0});
    gen_pin(g, p);
    gen_inner(g, gen_below(g, 5));
    if (!was)
        gen_unpin(g, p);
    const uint32_t r = gen_free_but(g, p);
    gen_put(g, OP_LDXB, r, p, (int32_t)gen_below(g, 8), 0);
    gen_set_number(g, r);
}
