/* refine.c: branches on numbers: bodies, and shapes that stress what a comparison teaches. */
#include "fuzz/gen/emit.h"

static const uint16_t conditional[] = {
#define JMP_COND(op, name, sym, code, expr)                                                        \
    OP_##op##64_REG, OP_##op##64_IMM, OP_##op##32_REG, OP_##op##32_IMM,
#include "isa/jmp.def"
};

/* A conditional jump on reg that is to land later. */
static uint32_t jump_on(struct gen *g, uint32_t reg) {
    const enum op op = (enum op)gen_pick(g, conditional);
    const uint32_t src = op_table[op].from_reg ? gen_number(g) : 0;
    return gen_jump(g, op, reg, src, gen_constant(g));
}

void gen_if(struct gen *g) {
    if (g->nest >= GEN_NEST)
        return;
    const uint32_t from = jump_on(g, gen_number(g));
    const struct gen_state before = g->st;
    g->nest++;
    gen_pieces(g, 1 + gen_below(g, 8));
    g->nest--;
    gen_land(g, from);
    gen_meet(&g->st, &before);
}

void gen_if_else(struct gen *g) {
    if (g->nest >= GEN_NEST)
        return;
    const uint32_t from = jump_on(g, gen_number(g));
    const struct gen_state before = g->st;
    g->nest++;
    gen_pieces(g, 1 + gen_below(g, 6));
    const uint32_t over = gen_jump(g, OP_JA, 0, 0, 0);
    const struct gen_state after = g->st;
    gen_land(g, from);
    g->st = before;
    gen_pieces(g, 1 + gen_below(g, 6));
    g->nest--;
    gen_land(g, over);
    gen_meet(&g->st, &after);
}

/* Two or three comparisons on one number in a row, each past the other side: what is left is
 * narrow, and is computed with. */
void gen_refine(struct gen *g) {
    const uint32_t reg = gen_own_number(g);
    uint32_t from[3];
    const uint32_t n = 1 + gen_below(g, 3);
    for (uint32_t i = 0; i < n; i++)
        from[i] = jump_on(g, reg);
    const struct gen_state before = g->st;
    const uint32_t dst = gen_maybe(g, 2) ? reg : gen_free(g);
    if (dst != reg)
        gen_put(g, gen_maybe(g, 2) ? OP_MOV64_REG : OP_MOV32_REG, dst, reg, 0, 0);
    static const enum op ops[] = {OP_ADD64_IMM, OP_SUB64_REG, OP_AND64_IMM, OP_OR64_IMM,
                                  OP_XOR64_IMM, OP_MUL64_IMM, OP_ADD32_IMM, OP_SUB32_REG,
                                  OP_XOR32_IMM, OP_OR32_IMM,  OP_AND32_IMM, OP_MUL32_IMM};
    for (uint32_t k = gen_below(g, 3); k > 0; k--) {
        const enum op op = gen_pick(g, ops);
        gen_put(g, op, dst, reg, 0, gen_constant(g));
    }
    static const enum op shifts[] = {OP_RSH64_IMM, OP_LSH64_IMM, OP_ARSH64_IMM,
                                     OP_RSH32_IMM, OP_LSH32_IMM, OP_ARSH32_IMM};
    if (gen_maybe(g, 3)) {
        const enum op shift = gen_pick(g, shifts);
        gen_put(g, shift, dst, 0, 0, (int32_t)gen_below(g, op_table[shift].width_bits));
    }
    gen_set_number(g, dst);
    if (gen_maybe(g, 3)) /* the result decides something */
        gen_land(g, jump_on(g, dst));
    for (uint32_t i = 0; i < n; i++)
        gen_land(g, from[i]);
    gen_meet(&g->st, &before);
}

/* y = x, perhaps a constant away, perhaps spilled; what is learnt of one holds for the other. */
void gen_linked(struct gen *g) {
    const uint32_t x = gen_own_number(g), y = gen_free_but(g, x);
    if (gen_maybe(g, 4)) /* a link of 32 bits */
        gen_put(g, OP_MOV32_REG, y, x, 0, 0);
    else
        gen_put(g, OP_MOV64_REG, y, x, 0, 0);
    gen_set_number(g, y);
    uint32_t z = y;
    if (gen_maybe(g, 3)) {
        z = gen_free_but(g, x);
        gen_put(g, OP_MOV64_REG, z, y, 0, 0);
        gen_set_number(g, z);
    }
    static const enum op deltas[] = {OP_ADD64_IMM, OP_ADD64_IMM, OP_ADD64_IMM, OP_ADD32_IMM,
                                     OP_SUB64_IMM, OP_ADD64_REG, OP_XOR64_IMM};
    for (uint32_t n = gen_below(g, 3); n > 0; n--) {
        const enum op delta = gen_pick(g, deltas);
        const uint32_t dst = gen_maybe(g, 2) ? y : z;
        gen_put(g, delta, dst, dst, 0, (int32_t)gen_below(g, 64) - 16);
    }
    if (gen_maybe(g, 4)) { /* bytes are swapped: no longer linked */
        static const enum op swaps[] = {OP_BSWAP64, OP_BSWAP32, OP_BE64, OP_NEG64};
        const enum op swap = gen_pick(g, swaps);
        gen_put(g, swap, gen_maybe(g, 2) ? x : y, 0, 0, 0);
    }
    const uint32_t slot = gen_below(g, g->n_slots);
    const bool spilled = gen_maybe(g, 3);
    if (spilled) {
        gen_put(g, OP_STXDW, REG_FP, y, -8 * (int32_t)(slot + 1), 0);
        g->st.slots[slot] = (struct held){.is = HELD_NUMBER, .written = 0xff};
    }
    const uint32_t tested = gen_maybe(g, 2) ? x : y;
    const uint32_t from = jump_on(g, tested);
    const struct gen_state before = g->st;
    if (spilled)
        gen_put(g, OP_LDXDW, y, REG_FP, -8 * (int32_t)(slot + 1), 0);
    if (gen_maybe(g, 2)) /* the other one decides */
        gen_land(g, jump_on(g, tested == x ? y : x));
    gen_inner(g, gen_below(g, 4));
    gen_land(g, from);
    gen_meet(&g->st, &before);
}

/* A number goes through widths: cut, extended, compared at one width and used at the other. */
void gen_width_mix(struct gen *g) {
    const uint32_t x = gen_own_number(g);
    static const enum op cuts[] = {OP_MOV32_REG, OP_MOVSX8_64,  OP_MOVSX16_64, OP_MOVSX32_64,
                                   OP_MOVSX8_32, OP_MOVSX16_32, OP_LE16,       OP_LE32,
                                   OP_AND32_IMM, OP_ADD32_IMM,  OP_LSH64_IMM};
    const enum op cut = gen_pick(g, cuts);
    gen_put(g, cut, x, x, 0, cut == OP_LSH64_IMM ? 32 : gen_constant(g));
    if (cut == OP_LSH64_IMM)
        gen_put(g, gen_maybe(g, 2) ? OP_RSH64_IMM : OP_ARSH64_IMM, x, 0, 0, 32);
    const uint32_t from = jump_on(g, x);
    const struct gen_state before = g->st;
    const uint32_t y = gen_free_but(g, x);
    gen_put(g, gen_maybe(g, 2) ? OP_MOV64_REG : OP_MOV32_REG, y, x, 0, 0);
    gen_put(g, gen_maybe(g, 2) ? OP_ADD64_REG : OP_SUB32_REG, y, x, 0, 0);
    gen_set_number(g, y);
    gen_land(g, from);
    gen_meet(&g->st, &before);
}
