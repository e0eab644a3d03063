/* check.c: which row an instruction belongs to, and whether it is a valid one. */
#include "isa/insn.h"

static bool fixed_fields_match(const struct op_info *row, struct insn in) {
    return (row->src_rule != FIELD_FIXED || in.src == row->src_fixed) &&
           (row->off_rule != FIELD_FIXED || in.off == row->off_fixed) &&
           (row->imm_rule != FIELD_FIXED || in.imm == row->imm_fixed);
}

/* The row of each code, plus 1; where several rows share a code, the one whose telling field is 0,
 * so that only the rarer ones cost the scan in op_of. Those others are written to index 0, which is
 * no code and is emptied last. */
#pragma GCC diagnostic push
#if defined(__clang__)
#pragma GCC diagnostic ignored "-Winitializer-overrides"
#else
#pragma GCC diagnostic ignored "-Woverride-init"
#endif
#define ROW(telling_field, c, op) [(telling_field) ? 0 : (c)] = 1 + OP_##op,
/* clang-format off */
static const uint8_t row_by_code[256] = {
#define ALU_BINARY(op, nm, sy, cd, of, grp, expr) \
    ROW(of, (cd) | 0x04, op##32_IMM) ROW(of, (cd) | 0x0c, op##32_REG) \
    ROW(of, (cd) | 0x07, op##64_IMM) ROW(of, (cd) | 0x0f, op##64_REG)
#define ALU_UNARY(op, nm, sy, cd, grp, expr) ROW(0, (cd) | 0x04, op##32) ROW(0, (cd) | 0x07, op##64)
#define ALU_END(op, nm, sy, cd, bits, grp, expr) ROW(0, cd, op)
#include "isa/alu.def"
#define JMP_COND(op, nm, sy, cd, expr) \
    ROW(0, (cd) | 0x05, op##64_IMM) ROW(0, (cd) | 0x0d, op##64_REG) \
    ROW(0, (cd) | 0x06, op##32_IMM) ROW(0, (cd) | 0x0e, op##32_REG)
#define JMP_ALWAYS(op, nm, cd, reach) ROW(0, cd, op)
#define JMP_BUDGET(op, nm, cd) ROW(0, cd, op)
#define JMP_TABLE(op, nm, cd) ROW(0, cd, op)
#include "isa/jmp.def"
#define MEM_LDX(op, nm, size, cd, ext, grp) ROW(0, cd, op)
#define MEM_STX(op, nm, size, cd, grp) ROW(0, cd, op)
#define MEM_ST(op, nm, size, cd, grp) ROW(0, cd, op)
#define MEM_IMM64(op, nm, sr, lo, hi) ROW(sr, 0x18, op)
#define MEM_PKT(op, nm, size, cd, mode) ROW(0, cd, op)
#include "isa/mem.def"
#define ATOMIC_RMW(op, nm, sy, im, fetch, expr) ROW(im, 0xc3, op##32) ROW(im, 0xdb, op##64)
#define ATOMIC_LOAD(op, nm, size, cd) ROW((cd) == 0xc3 || (cd) == 0xdb, cd, op)
#include "isa/atomic.def"
#define CALL_ROW(op, nm, cd, sr, target) ROW(sr, cd, op)
#define CALL_REG(op, nm, cd) ROW(0, cd, op)
#define CALL_EXIT(op, nm, cd) ROW(0, cd, op)
#include "isa/call.def"
    [0] = 0,
};
/* clang-format on */
#pragma GCC diagnostic pop
_Static_assert(N_OPS < 255, "row_by_code holds a row's number plus 1 in a byte");

enum op op_of(struct insn in) {
    const uint8_t first = row_by_code[in.code];
    if (!first)
        return OP_INVALID;
    if (fixed_fields_match(&op_table[first - 1], in))
        return (enum op)(first - 1);
    /* the LD_IMM64 with a meaning are the most common of these */
    const bool imm64 = first - 1 == OP_LDDW;
    const int from = imm64 ? OP_LDDW : 0, end = imm64 ? OP_LDABSB : N_OPS;
    for (int op = from; op < end; op++)
        if (op_table[op].code == in.code && fixed_fields_match(&op_table[op], in))
            return (enum op)op;
    return OP_INVALID;
}

/* Does a register field obey its rule, but for writes to r10? */
static enum bpflab_err check_reg(enum field_rule rule, uint8_t reg) {
    switch (rule) {
    case FIELD_ZERO: return reg ? BPFLAB_E_RESERVED : BPFLAB_OK;
    case FIELD_WREG:
    case FIELD_REG: return reg < N_REGS ? BPFLAB_OK : BPFLAB_E_REGISTER;
    default: return BPFLAB_OK;
    }
}

static enum bpflab_err check_second_slot(const struct op_info *row, const struct insn *next) {
    if (!next || next->code || next->dst || next->src || next->off)
        return BPFLAB_E_IMM64;
    return row->hi_rule == FIELD_ZERO && next->imm ? BPFLAB_E_IMM64 : BPFLAB_OK;
}

/* callx names its register in dst, or, from older compilers, in imm: never in both. */
static enum bpflab_err check_callx(struct insn in) {
    if (!in.imm)
        return BPFLAB_OK;
    if (in.dst)
        return BPFLAB_E_RESERVED;
    return in.imm > 0 && in.imm < N_REGS ? BPFLAB_OK : BPFLAB_E_REGISTER;
}

static bool writes_fp(const struct op_info *row, struct insn in) {
    return (row->dst_rule == FIELD_WREG && in.dst == REG_FP) ||
           (row->src_rule == FIELD_WREG && in.src == REG_FP);
}

bool insn_writes_fp(struct insn in) {
    const enum op op = op_of(in);
    return op != OP_INVALID && writes_fp(&op_table[op], in);
}

/* struct quick: what suffices to know an instruction and to find nothing wrong with it, by its
 * code: register numbers not above these, no offset and no immediate where none may be. Whatever
 * does not pass is looked at in full. */
struct quick {
    uint8_t op1;              /* row number plus 1; 0: look in full */
    uint8_t dst_max, src_max; /* 9 where r10 must not be written */
    uint8_t zero;             /* 1: the offset must be 0; 2: the immediate */
};

#pragma GCC diagnostic push
#if defined(__clang__)
#pragma GCC diagnostic ignored "-Winitializer-overrides"
#else
#pragma GCC diagnostic ignored "-Woverride-init"
#endif
/* clang-format off */
#define QUICK(telling_field, c, op, dst, src, none) [(telling_field) ? 0 : (c)] = {1 + OP_##op, dst, src, none},
static const struct quick quick_by_code[256] = {
#define ALU_BINARY(op, nm, sy, cd, of, grp, expr) \
    QUICK(of, (cd) | 0x04, op##32_IMM, 9, 0, 1) QUICK(of, (cd) | 0x0c, op##32_REG, 9, 10, 3) \
    QUICK(of, (cd) | 0x07, op##64_IMM, 9, 0, 1) QUICK(of, (cd) | 0x0f, op##64_REG, 9, 10, 3)
#define ALU_UNARY(op, nm, sy, cd, grp, expr) QUICK(0, (cd) | 0x04, op##32, 9, 0, 3) QUICK(0, (cd) | 0x07, op##64, 9, 0, 3)
#include "isa/alu.def"
#define JMP_COND(op, nm, sy, cd, expr) \
    QUICK(0, (cd) | 0x05, op##64_IMM, 10, 0, 0) QUICK(0, (cd) | 0x0d, op##64_REG, 10, 10, 2) \
    QUICK(0, (cd) | 0x06, op##32_IMM, 10, 0, 0) QUICK(0, (cd) | 0x0e, op##32_REG, 10, 10, 2)
#define QUICK_JA_OFF 2
#define QUICK_JA_IMM 1
#define JMP_ALWAYS(op, nm, cd, reach) QUICK(0, cd, op, 0, 0, QUICK_JA_##reach)
#include "isa/jmp.def"
#define MEM_LDX(op, nm, size, cd, ext, grp) QUICK(0, cd, op, 9, 10, 2)
#define MEM_STX(op, nm, size, cd, grp) QUICK(0, cd, op, 10, 10, 2)
#define MEM_ST(op, nm, size, cd, grp) QUICK(0, cd, op, 10, 0, 0)
#include "isa/mem.def"
#define CALL_ROW(op, nm, cd, sr, target) QUICK(sr, cd, op, 0, 0, 1)
#define CALL_EXIT(op, nm, cd) QUICK(0, cd, op, 0, 0, 3)
#include "isa/call.def"
    [0] = {0},
};
/* clang-format on */
#pragma GCC diagnostic pop

static inline bool is_quick(const struct quick *q, const struct insn *in) {
    return in->dst <= q->dst_max && in->src <= q->src_max && (!(q->zero & 1) || !in->off) &&
           (!(q->zero & 2) || !in->imm) && q->op1;
}

enum bpflab_err insns_decode(const struct insn *insns, uint32_t n_insns, uint8_t *ops,
                             uint32_t *bad_pc) {
    for (uint32_t pc = 0; pc < n_insns; pc++) {
        const struct insn *const in = &insns[pc];
        const struct quick *const q = &quick_by_code[in->code];
        if (is_quick(q, in)) {
            ops[pc] = (uint8_t)(q->op1 - 1);
            continue;
        }
        const enum op op = op_of(*in);
        const enum bpflab_err err = insn_check_as(*in, op, pc + 1 < n_insns ? in + 1 : NULL);
        if (err && err != BPFLAB_E_READONLY) {
            *bad_pc = pc;
            return err;
        }
        ops[pc] = (uint8_t)op;
        if (insn_slots(*in) == 2)
            ops[++pc] = OP_INVALID;
    }
    return BPFLAB_OK;
}

enum bpflab_err insn_check(struct insn in, const struct insn *next) {
    return insn_check_as(in, op_of(in), next);
}

enum bpflab_err insn_check_as(struct insn in, enum op op, const struct insn *next) {
    if (op == OP_INVALID)
        return row_by_code[in.code] ? BPFLAB_E_RESERVED : BPFLAB_E_OPCODE;

    const struct op_info *row = &op_table[op];
    enum bpflab_err err = check_reg(row->dst_rule, in.dst);
    if (!err)
        err = check_reg(row->src_rule, in.src);
    if (!err &&
        ((row->off_rule == FIELD_ZERO && in.off) || (row->imm_rule == FIELD_ZERO && in.imm)))
        err = BPFLAB_E_RESERVED;
    if (!err && row->cls == CLASS_CALL_REG)
        err = check_callx(in);
    if (!err && row->cls == CLASS_IMM64)
        err = check_second_slot(row, next);
    return err || !writes_fp(row, in) ? err : BPFLAB_E_READONLY;
}
