/* jit_gen.h: writing programs for the tests of the JITs, instruction by instruction. */
#ifndef BPFLAB_ENGINE_TESTS_JIT_GEN_H
#define BPFLAB_ENGINE_TESTS_JIT_GEN_H

#include "isa/insn.h"
#include "tests/check.h"

/* struct gen: a program that grows; insns is borrowed. Beyond cap nothing is written. */
struct gen {
    struct insn *insns;
    uint32_t n, cap;
    uint64_t seed;
};

static inline unsigned gen_pick(struct gen *g, unsigned n) {
    return (unsigned)(check_random(&g->seed) >> 8) % n;
}

/* gen_chance: true once in n times. */
static inline bool gen_chance(struct gen *g, unsigned n) {
    return gen_pick(g, n) == 0;
}

static inline void gen_put(struct gen *g, struct insn in) {
    if (g->n < g->cap)
        g->insns[g->n++] = in;
}

/* gen_op: an instruction by its row; fields that the row fixes or reserves are the row's. */
static inline void gen_op(struct gen *g, enum op op, unsigned dst, unsigned src, int off,
                          int32_t imm) {
    const struct op_info *const row = &op_table[op];
    struct insn in = {.code = row->code};
    in.dst = row->dst_rule == FIELD_ZERO ? 0 : (uint8_t)dst;
    in.src = row->src_rule == FIELD_ZERO    ? 0
             : row->src_rule == FIELD_FIXED ? row->src_fixed
                                            : (uint8_t)src;
    in.off = row->off_rule == FIELD_ZERO    ? 0
             : row->off_rule == FIELD_FIXED ? row->off_fixed
                                            : (int16_t)off;
    in.imm = row->imm_rule == FIELD_ZERO ? 0 : row->imm_rule == FIELD_FIXED ? row->imm_fixed : imm;
    gen_put(g, in);
}

/* gen_imm64: a two-slot instruction of this row. */
static inline void gen_imm64(struct gen *g, enum op op, unsigned dst, int32_t lo, int32_t hi) {
    gen_op(g, op, dst, 0, 0, lo);
    gen_put(g, (struct insn){.imm = hi});
}

static inline void gen_mov(struct gen *g, unsigned dst, int32_t imm) {
    gen_op(g, OP_MOV64_IMM, dst, 0, 0, imm);
}

#endif
