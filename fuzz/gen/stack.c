/* stack.c: spills, fills, and what lies between. */
#include "fuzz/gen/emit.h"

static const enum op stores_reg[] = {OP_STXB, OP_STXH, OP_STXW, OP_STXDW};
static const enum op stores_imm[] = {OP_STB, OP_STH, OP_STW, OP_STDW};
static const enum op loads[] = {OP_LDXB, OP_LDXH, OP_LDXW, OP_LDXDW, OP_LDXSB, OP_LDXSH, OP_LDXSW};

static int32_t slot_off(uint32_t slot) {
    return -8 * (int32_t)(slot + 1);
}

static uint32_t bytes_of(enum op op) {
    return op_table[op].width_bits / 8;
}

void gen_spill(struct gen *g) {
    const uint32_t slot = gen_below(g, g->n_slots), r = gen_number(g);
    gen_put(g, OP_STXDW, REG_FP, r, slot_off(slot), 0);
    g->st.slots[slot] = (struct held){.is = HELD_NUMBER, .written = 0xff};
}

static int filled_slot(struct gen *g, bool numbers_only) {
    const uint32_t from = gen_below(g, g->n_slots);
    for (uint32_t i = 0; i < g->n_slots; i++) {
        const struct held *const s = &g->st.slots[(from + i) % g->n_slots];
        if (s->is == HELD_NUMBER || (s->is != HELD_NOTHING && !numbers_only))
            return (int)((from + i) % g->n_slots);
    }
    return -1;
}

/* What was spilled comes back, pointers as what they were. */
void gen_fill_slot(struct gen *g) {
    const int slot = filled_slot(g, false);
    if (slot < 0) {
        gen_spill(g);
        return;
    }
    const uint32_t r = gen_free(g);
    gen_put(g, OP_LDXDW, r, REG_FP, slot_off((uint32_t)slot), 0);
    gen_set(g, r, g->st.slots[slot]);
}

/* A store of any size over a slot, and a load of any size from it. A slip reads one byte across. */
void gen_partial(struct gen *g) {
    int slot = filled_slot(g, true);
    if (slot < 0) {
        slot = (int)gen_below(g, g->n_slots);
        gen_put(g, OP_STXDW, REG_FP, gen_number(g), slot_off((uint32_t)slot), 0);
        g->st.slots[slot] = (struct held){.is = HELD_NUMBER, .written = 0xff};
    }
    const int32_t off = slot_off((uint32_t)slot);
    const uint32_t size = gen_below(g, 4), n = 1u << size;
    const int32_t at = off + (int32_t)(n * gen_below(g, 8 / n));
    if (gen_maybe(g, 2))
        gen_put(g, stores_imm[size], REG_FP, 0, at, gen_constant(g));
    else
        gen_put(g, stores_reg[size], REG_FP, gen_number(g), at, 0);
    const enum op load = gen_pick(g, loads);
    const uint32_t m = bytes_of(load), r = gen_free(g);
    const int32_t beyond = gen_slip(g) ? 1 : 0;
    gen_put(g, load, r, REG_FP, off + (int32_t)(m * gen_below(g, 8 / m)) + beyond, 0);
    gen_set_number(g, r);
}

/* A pointer is spilled, and filled again, or read as bytes. */
void gen_spill_pointer(struct gen *g) {
    const uint32_t slot = gen_below(g, g->n_slots);
    const uint32_t from = gen_below(g, 10);
    for (uint32_t i = 0; i < 10; i++) {
        const uint32_t r = (from + i) % 10;
        const enum held_kind is = (enum held_kind)g->st.regs[r].is;
        if (is == HELD_NOTHING || is == HELD_NUMBER)
            continue;
        gen_put(g, OP_STXDW, REG_FP, r, slot_off(slot), 0);
        g->st.slots[slot] = g->st.regs[r];
        g->st.slots[slot].written = 0xff;
        return;
    }
    gen_spill(g);
}

/* p = r10 - n + (x bounded); a store or load there. */
void gen_stack_variable(struct gen *g) {
    const uint32_t n = 8 * (2 + gen_below(g, 5)), x = gen_own_number(g);
    const uint32_t p = gen_free_but(g, x);
    for (uint32_t k = 0; k < n / 8; k++) /* all of it is numbers */
        if (g->st.slots[k].is != HELD_NUMBER) {
            gen_put(g, OP_STXDW, REG_FP, x, slot_off(k), 0);
            g->st.slots[k] = (struct held){.is = HELD_NUMBER, .written = 0xff};
        }
    const uint32_t size = gen_below(g, 4), m = 1u << size;
    gen_bound(g, x, n - m);
    if (m > 1 && !gen_slip(g)) /* the stack wants it aligned */
        gen_put(g, OP_AND64_IMM, x, 0, 0, -(int32_t)m);
    gen_to_stack(g, p, -(int32_t)n);
    gen_put(g, OP_ADD64_REG, p, x, 0, 0);
    const int32_t beyond = gen_slip(g) ? 1 : 0;
    if (gen_maybe(g, 2))
        gen_put(g, stores_reg[size], p, x, beyond, 0);
    else if (gen_maybe(g, 2))
        gen_put(g, stores_imm[size], p, 0, beyond, gen_constant(g));
    const uint32_t r = gen_free_but(g, p);
    if (gen_maybe(g, 2)) {
        gen_put(g, loads[size], r, p, 0, 0);
    } else { /* a slot that it may have changed */
        const enum op load = gen_pick(g, loads);
        gen_put(g, load, r, REG_FP, slot_off(gen_below(g, n / 8)), 0);
    }
    gen_set_number(g, r);
    if (p != r)
        gen_set(g, p, (struct held){0});
}
