/* scalar.c: pieces of arithmetic on numbers. */
#include "fuzz/gen/emit.h"

static const uint16_t binary[] = {
#define ALU_BINARY(op, name, sym, code, off, group, expr)                                          \
    OP_##op##64_REG, OP_##op##64_IMM, OP_##op##32_REG, OP_##op##32_IMM,
#include "isa/alu.def"
};

static const uint16_t unary[] = {
#define ALU_UNARY(op, name, sym, code, group, expr)     OP_##op##64, OP_##op##32,
#define ALU_SEXT(op, width, bits, name, expr)           OP_##op##_##width,
#define ALU_END(op, name, sym, code, bits, group, expr) OP_##op,
#include "isa/alu.def"
};

enum {
    CODE_DIV = 0x30,
    CODE_MOD = 0x90,
    CODE_LSH = 0x60,
    CODE_RSH = 0x70,
    CODE_ARSH = 0xc0,
};

/* An immediate that the row may have: shifts below the width, no division by the constant 0. */
static int32_t immediate(struct gen *g, const struct op_info *row) {
    const uint8_t high = row->code & 0xf0;
    if (high == CODE_LSH || high == CODE_RSH || high == CODE_ARSH) {
        const uint32_t width = row->width_bits;
        return (int32_t)(gen_slip(g) ? width : gen_below(g, width));
    }
    const int32_t imm = gen_constant(g);
    if ((high == CODE_DIV || high == CODE_MOD) && imm == 0)
        return gen_slip(g) ? 0 : 3;
    return imm;
}

static void one(struct gen *g, uint32_t dst) {
    if (gen_maybe(g, 5)) {
        const uint32_t src = gen_maybe(g, 2) ? dst : gen_number(g);
        gen_put(g, (enum op)gen_pick(g, unary), dst, src, 0, 0);
        return;
    }
    const enum op op = (enum op)gen_pick(g, binary);
    const struct op_info *const row = &op_table[op];
    if (row->from_reg) {
        const uint32_t src = gen_maybe(g, 8) ? dst : gen_number(g);
        const uint8_t high = row->code & 0xf0;
        /* most amounts of shifts are in bounds, some are whatever they are */
        if ((high == CODE_LSH || high == CODE_RSH || high == CODE_ARSH) && src != dst &&
            !(g->st.pinned >> src & 1) && gen_maybe(g, 2))
            gen_put(g, OP_AND64_IMM, src, 0, 0, row->width_bits - 1);
        gen_put(g, op, dst, src, 0, 0);
    } else {
        gen_put(g, op, dst, 0, 0, immediate(g, row));
    }
}

void gen_alu(struct gen *g) {
    one(g, gen_own_number(g));
}

/* Several operations on one number. */
void gen_alu_chain(struct gen *g) {
    const uint32_t dst = gen_own_number(g);
    for (uint32_t n = 2 + gen_below(g, 4); n > 0; n--)
        one(g, dst);
}

void gen_load_unknown(struct gen *g) {
    gen_unknown(g, gen_free(g));
}

void gen_load_constant(struct gen *g) {
    const uint32_t reg = gen_free(g);
    switch (gen_below(g, 4)) {
    case 0: gen_put(g, OP_MOV64_IMM, reg, 0, 0, gen_constant(g)); break;
    case 1: gen_put(g, OP_MOV32_IMM, reg, 0, 0, gen_constant(g)); break;
    case 2: {
        const uint64_t word = gen_word(g);
        gen_put_imm64(g, OP_LDDW, reg, (int32_t)word, (int32_t)(word >> 32));
        break;
    }
    default: {
        const uint32_t src = gen_number_but(g, reg);
        gen_put(g, gen_maybe(g, 2) ? OP_MOV64_REG : OP_MOV32_REG, reg, src, 0, 0);
        break;
    }
    }
    gen_set_number(g, reg);
}
