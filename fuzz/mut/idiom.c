/* idiom.c: a few instructions that verifiers and compilers look at together, put in anywhere.
 *
 * Fields are written as what they stand for: R is a register that is likely to be read here, W one
 * that is written, S a slot of the frame, K a number, N a small one, ANY_TEST some comparison.
 */
#include "fuzz/maps.h"
#include "fuzz/mut/part.h"
#include "runtime/proto.h"

enum {
    PARTS = 5,
    /* in place of a register */
    R = 16,
    W,
    FP = REG_FP,
    /* in place of an off */
    S = 1000, /* a slot: -8 k */
    S4,       /* its upper half */
    /* in place of an imm */
    K = 100000,
    N,      /* 1 to 8 */
    SHIFT,  /* 1 to 63 */
    WORD,   /* LDDW_MAP_IDX_VALUE: one of an input's words */
    FRAME,  /* the slot, as a number */
    NARROW, /* 24, 48 or 56: all of a register but its low bits */
};

/* In place of a row. */
#define ANY_TEST N_OPS

/* struct part: an instruction; shape of an idiom: ends before the first whose n is not set. */
struct part {
    uint16_t op;
    uint8_t dst, src;
    int16_t off;
    int32_t imm;
    bool is;
};

/* clang-format off */
static const struct part idioms[][PARTS] = {
    /* numbers: the same bits in another way */
    {{OP_MOV32_REG, R, R, 0, 0, true}},
    {{OP_LSH64_IMM, R, 0, 0, 32, true}, {OP_RSH64_IMM, R, 0, 0, 32, true}},
    {{OP_LSH64_IMM, R, 0, 0, 32, true}, {OP_ARSH64_IMM, R, 0, 0, 32, true}},
    {{OP_LSH64_IMM, R, 0, 0, NARROW, true}, {OP_ARSH64_IMM, R, 0, 0, NARROW, true}},
    {{OP_MOV64_REG, W, R, 0, 0, true}, {OP_RSH64_IMM, W, 0, 0, SHIFT, true}, {OP_OR64_REG, R, W, 0, 0, true}},
    {{OP_NEG64, R, 0, 0, 0, true}, {OP_NEG64, R, 0, 0, 0, true}},
    {{OP_XOR64_REG, R, R, 0, 0, true}},
    {{OP_MOV64_REG, W, R, 0, 0, true}, {OP_SUB64_REG, W, R, 0, 0, true}},
    /* numbers: known better */
    {{OP_AND64_IMM, R, 0, 0, K, true}},
    {{OP_AND32_IMM, R, 0, 0, K, true}},
    {{OP_MOD64_IMM, R, 0, 0, N, true}},
    {{OP_RSH64_IMM, R, 0, 0, SHIFT, true}},
    {{OP_MOV64_REG, W, R, 0, 0, true}, {ANY_TEST, W, R, 1, K, true}, {OP_MOV64_IMM, R, 0, 0, K, true}},
    {{ANY_TEST, R, R, 1, K, true}, {OP_MOV64_IMM, R, 0, 0, K, true}},
    {{ANY_TEST, R, W, 2, K, true}, {OP_MOV64_IMM, 0, 0, 0, 0, true}, {OP_EXIT, 0, 0, 0, 0, true}},
    {{OP_MOV32_REG, W, R, 0, 0, true}, {ANY_TEST, W, R, 1, K, true}, {OP_MOV64_REG, R, W, 0, 0, true}},
    {{OP_LDDW_MAP_IDX_VALUE, W, 0, 0, WORD, true}, {OP_LDXDW, W, W, 0, 0, true}},
    {{OP_LDDW_MAP_IDX_VALUE, W, 0, 0, WORD, true}, {OP_LDXSW, W, W, 0, 0, true}, {OP_ADD64_REG, W, R, 0, 0, true}},
    /* the frame */
    {{OP_STXDW, FP, R, S, 0, true}, {OP_LDXDW, W, FP, S, 0, true}},
    {{OP_STXDW, FP, R, S, 0, true}, {OP_LDXW, W, FP, S, 0, true}},
    {{OP_STXDW, FP, R, S, 0, true}, {OP_STW, FP, 0, S4, K, true}, {OP_LDXDW, W, FP, S, 0, true}},
    {{OP_STW, FP, 0, S, K, true}, {OP_STXW, FP, R, S4, 0, true}, {OP_LDXDW, W, FP, S, 0, true}},
    {{OP_STDW, FP, 0, S, K, true}, {OP_LDXDW, W, FP, S, 0, true}},
    {{OP_MOV64_REG, W, FP, 0, 0, true}, {OP_ADD64_IMM, W, 0, 0, FRAME, true}, {OP_STXDW, W, R, 0, 0, true}},
    {{OP_STDW, FP, 0, S, K, true}, {OP_ATOMIC_FETCH_ADD64, FP, W, S, 0, true}},
    {{OP_STXDW, FP, R, S, 0, true}, {OP_ATOMIC_XCHG32, FP, W, S, 0, true}, {OP_LDXDW, W, FP, S, 0, true}},
    {{OP_STXDW, FP, R, S, 0, true}, {OP_ATOMIC_CMPXCHG64, FP, W, S, 0, true}},
    /* ways */
    {{OP_MOV64_IMM, W, 0, 0, N, true}, {OP_SUB64_IMM, W, 0, 0, 1, true}, {OP_JNE64_IMM, W, 0, -2, 0, true}},
    {{OP_MOV64_IMM, W, 0, 0, 0, true}, {OP_ADD64_IMM, W, 0, 0, 1, true}, {OP_JLT64_IMM, W, 0, -2, N, true}},
    {{OP_MAY_GOTO, 0, 0, 0, 0, true}},
    {{OP_CALL, 0, 0, 0, HELPER_get_prandom_u32, true}},
    {{OP_CALL, 0, 0, 0, HELPER_get_smp_processor_id, true}},
};
/* clang-format on */

enum {
    N_IDIOMS = sizeof idioms / sizeof idioms[0],
};

/* struct meant: what the letters stand for this time. */
struct meant {
    uint8_t r, w;
    int16_t slot;
    int32_t k, narrow;
    enum op test;
};

static enum op some_test(struct mut *m) {
    enum op op;
    do
        op = mut_row(m, CLASS_JMP_COND, OP_INVALID);
    while (op >= N_OPS);
    return op;
}

static struct meant choose(struct mut *m, uint32_t at) {
    static const uint8_t narrow[] = {48, 56, 24};
    struct meant s;
    s.r = mut_reader(m, at); /* one after the other: initialisers have no order */
    s.w = mut_writer(m, at);
    if (s.r >= REG_FP)
        s.r = mut_writer(m, at);
    if (s.w == s.r)
        s.w = (uint8_t)((s.r + 1 + mut_below(m, REG_FP - 1)) % REG_FP);
    s.slot = (int16_t)(-8 * (1 + (int32_t)mut_below(m, 16)));
    s.k = (int32_t)(uint32_t)mut_number(m, 0);
    s.narrow = mut_pick(m, narrow);
    s.test = some_test(m);
    return s;
}

static int32_t imm_of(struct mut *m, const struct meant *s, int32_t imm) {
    switch (imm) {
    case K: return s->k;
    case N: return 1 + (int32_t)mut_below(m, 8);
    case SHIFT: return 1 + (int32_t)mut_below(m, 63);
    case WORD: return FUZZ_MAP_IN;
    case FRAME: return s->slot;
    case NARROW: return s->narrow;
    default: return imm;
    }
}

static uint8_t reg_of(const struct meant *s, uint8_t reg) {
    return reg == R ? s->r : reg == W ? s->w : reg;
}

static uint32_t write_part(struct mut *m, const struct meant *s, const struct part *p,
                           struct insn *out) {
    const enum op op = p->op == ANY_TEST ? s->test : (enum op)p->op;
    const struct op_info *const row = &op_table[op];
    out[0] = (struct insn){
        .code = row->code,
        .dst = reg_of(s, p->dst),
        .src = row->src_rule == FIELD_FIXED                                ? row->src_fixed
               : row->src_rule == FIELD_REG || row->src_rule == FIELD_WREG ? reg_of(s, p->src)
                                                                           : (uint8_t)0,
        .off = p->off == S    ? s->slot
               : p->off == S4 ? (int16_t)(s->slot + 4)
                              : p->off,
        .imm = row->imm_rule == FIELD_FIXED ? row->imm_fixed
               : row->imm_rule == FIELD_ANY ? imm_of(m, s, p->imm)
                                            : 0,
    };
    if (row->cls != CLASS_IMM64)
        return 1;
    out[1] = (struct insn){.imm = (int32_t)(8 * mut_below(m, CASE_WORDS))};
    return 2;
}

bool mut_insert_idiom(struct mut *m) {
    struct insn made[2 * PARTS];
    const uint32_t at = mut_place(m);
    const struct part *const idiom = idioms[mut_below(m, N_IDIOMS)];
    const struct meant s = choose(m, at);
    uint32_t n = 0;
    for (uint32_t i = 0; i < PARTS && idiom[i].is; i++)
        n += write_part(m, &s, &idiom[i], made + n);
    return edit_insert(m->c, at, made, n);
}
