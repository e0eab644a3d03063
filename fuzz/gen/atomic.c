/* atomic.c: atomic operations on the stack and on maps' values. */
#include "fuzz/gen/emit.h"

static const uint16_t rmw[] = {
#define ATOMIC_RMW(op, name, sym, imm, fetch, expr) OP_##op##64, OP_##op##32,
#define ATOMIC_XCHG(op, name, imm)                  OP_##op##64, OP_##op##32,
#define ATOMIC_CMPXCHG(op, name, imm)               OP_##op##64, OP_##op##32,
#include "isa/atomic.def"
};
static const uint16_t plain[] = {
#define ATOMIC_LOAD(op, name, size, code)  OP_##op,
#define ATOMIC_STORE(op, name, size, code) OP_##op,
#include "isa/atomic.def"
};

/* An operation at p + off, where eight bytes are; r0 holds a number if it is compared with. */
static void operate(struct gen *g, uint32_t p, int32_t off) {
    const bool simple = gen_maybe(g, 5);
    const enum op op = (enum op)(simple ? gen_pick(g, plain) : gen_pick(g, rmw));
    const uint32_t size = op_table[op].width_bits / 8;
    const int32_t beyond = gen_slip(g) ? 4 : 0;
    const int32_t at = off + (int32_t)(size * gen_below(g, 8 / size)) + beyond;
    if (op_table[op].cls == CLASS_ATOMIC_LOAD) {
        const uint32_t r = gen_free_but(g, p);
        gen_put(g, op, r, p, at, 0);
        gen_set_number(g, r);
        return;
    }
    if (op_table[op].cls == CLASS_ATOMIC_CMPXCHG) {
        if (p == 0 || (g->st.pinned & 1))
            return;
        if (g->st.regs[0].is != HELD_NUMBER || gen_maybe(g, 2)) {
            /* what is there, so that it succeeds, or what comes */
            if (gen_maybe(g, 2))
                gen_put(g, size == 8 ? OP_LDXDW : OP_LDXW, 0, p, at, 0);
            else
                gen_put(g, OP_MOV64_IMM, 0, 0, 0, gen_constant(g));
            gen_set_number(g, 0);
        }
    }
    const uint32_t src = gen_number_but(g, p);
    if (g->st.pinned >> src & 1) /* it may be fetched into */
        return;
    gen_put(g, op, p, src, at, 0);
}

void gen_atomic_stack(struct gen *g) {
    const uint32_t slot = gen_below(g, g->n_slots);
    const int32_t off = -8 * (int32_t)(slot + 1);
    if (g->st.slots[slot].is != HELD_NUMBER)
        gen_put(g, OP_STXDW, REG_FP, gen_number(g), off, 0);
    g->st.slots[slot] = (struct held){.is = HELD_NUMBER, .written = 0xff};
    operate(g, REG_FP, off);
}

void gen_atomic_value(struct gen *g) {
    const uint32_t p = gen_free(g);
    const int32_t map = gen_maybe(g, 2) ? FUZZ_MAP_CELL : FUZZ_MAP_IN;
    gen_put_imm64(g, OP_LDDW_MAP_IDX_VALUE, p, map, (int32_t)(8 * gen_below(g, 5)));
    gen_set(g, p, (struct held){0});
    const bool was = g->st.pinned >> p & 1;
    gen_pin(g, p);
    operate(g, p, 0);
    if (!was)
        gen_unpin(g, p);
}
