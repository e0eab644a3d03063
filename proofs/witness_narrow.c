/* witness_narrow.c: masks, bounds and single bits, as instructions.
 *
 * What the verifier knows meanwhile is computed with its own domain. That may be the one that is
 * wrong; then what is emitted is not what would be best, and the verifier's answer will show it.
 */
#include "proofs/witness_narrow.h"

#include "verifier/domain/alu.h"

void code_put(struct code *c, struct insn in) {
    if (c->n == CODE_MAX)
        c->full = true;
    else
        c->insns[c->n++] = in;
}

struct insn code_op(enum op op, unsigned dst, unsigned src, int16_t off, int32_t imm) {
    const struct op_info *const row = &op_table[op];
    struct insn in = {.code = row->code,
                      .dst = (uint8_t)dst,
                      .src = row->src_rule == FIELD_REG || row->src_rule == FIELD_WREG
                                 ? (uint8_t)src
                                 : row->src_fixed,
                      .off = row->off_fixed,
                      .imm = row->imm_fixed};
    if (row->off_rule == FIELD_JUMP || row->off_rule == FIELD_ANY)
        in.off = off;
    if (row->imm_rule == FIELD_ANY)
        in.imm = imm;
    return in;
}

static bool is_immediate(uint64_t k) {
    return k == (uint64_t)(int64_t)(int32_t)(uint32_t)k;
}

void code_const(struct code *c, unsigned reg, uint64_t value) {
    if (is_immediate(value)) {
        code_put(c, code_op(OP_MOV64_IMM, reg, 0, 0, (int32_t)(uint32_t)value));
        return;
    }
    code_put(c, code_op(OP_LDDW, reg, 0, 0, (int32_t)(uint32_t)value));
    code_put(c, (struct insn){.imm = (int32_t)(uint32_t)(value >> 32)});
}

void code_op_k(struct code *c, enum op reg_op, enum op imm_op, unsigned dst, uint64_t k,
               unsigned scratch, int16_t off) {
    if (is_immediate(k)) {
        code_put(c, code_op(imm_op, dst, 0, off, (int32_t)(uint32_t)k));
        return;
    }
    code_const(c, scratch, k);
    code_put(c, code_op(reg_op, dst, scratch, off, 0));
}

/* struct narrowing: a register and what is known of it so far. */
struct narrowing {
    struct code *code;
    unsigned reg, scratch;
    struct scalar known;
};

/* One row's two forms. */
#define FORMS(op) OP_##op##_REG, OP_##op##_IMM

static void compute(struct narrowing *n, enum op reg_op, enum op imm_op, uint64_t k) {
    code_op_k(n->code, reg_op, imm_op, n->reg, k, n->scratch, 0);
    n->known = scalar_alu(reg_op, n->known, scalar_const(k), false);
}

/* leave_if: members do not take the jump. Nothing is emitted if that adds nothing, and of what the
 * domain thinks impossible. */
static void leave_if(struct narrowing *n, enum op reg_op, enum op imm_op, uint64_t k) {
    struct scalar now = n->known, other = scalar_const(k);
    scalar_refine(reg_op, false, &now, &other);
    if (scalar_is_empty(now) || scalar_equal(now, n->known))
        return;
    code_op_k(n->code, reg_op, imm_op, n->reg, k, n->scratch, OUT);
    n->known = now;
}

/* stay_if: members do take the jump. */
static void stay_if(struct narrowing *n, enum op reg_op, enum op imm_op, uint64_t k) {
    struct scalar now = n->known, other = scalar_const(k);
    scalar_refine(reg_op, true, &now, &other);
    if (scalar_is_empty(now) || scalar_equal(now, n->known))
        return;
    code_op_k(n->code, reg_op, imm_op, n->reg, k, n->scratch, 1);
    code_put(n->code, code_op(OP_JA, 0, 0, OUT, 0));
    n->known = now;
}

static void narrow_bits(struct narrowing *n, struct tnum want, enum narrow_bits how) {
    const uint64_t zeros = ~(want.value | want.mask);
    switch (how) {
    case BITS_BY_MASK:
        if (zeros)
            compute(n, FORMS(AND64), ~zeros);
        if (want.value)
            compute(n, FORMS(OR64), want.value);
        break;
    case BITS_BY_FLIP:
        if (want.value)
            compute(n, FORMS(XOR64), want.value);
        if (~want.mask)
            leave_if(n, FORMS(JSET64), ~want.mask);
        if (want.value)
            compute(n, FORMS(XOR64), want.value);
        break;
    case BITS_BY_JUMPS:
        if (zeros)
            leave_if(n, FORMS(JSET64), zeros);
        for (unsigned i = 0; i < 64; i++)
            if (want.value >> i & 1)
                stay_if(n, FORMS(JSET64), UINT64_C(1) << i);
        break;
    case BITS_NOT:
    default: break;
    }
}

static uint64_t extended(int32_t x) {
    return (uint64_t)(int64_t)x;
}

/* A 32-bit comparison reads its immediate's low half: sign-extended, it fits for either order. */
static void narrow_ranges(struct narrowing *n, struct scalar want) {
    if (want.u.min == want.u.max && want.bits.mask == 0)
        leave_if(n, FORMS(JNE64), want.u.min);
    if (want.u.max < n->known.u.max)
        leave_if(n, FORMS(JGT64), want.u.max);
    if (want.u.min > n->known.u.min)
        leave_if(n, FORMS(JLT64), want.u.min);
    if (want.s.max < n->known.s.max)
        leave_if(n, FORMS(JSGT64), (uint64_t)want.s.max);
    if (want.s.min > n->known.s.min)
        leave_if(n, FORMS(JSLT64), (uint64_t)want.s.min);
    if (want.u32.max < n->known.u32.max)
        leave_if(n, FORMS(JGT32), extended((int32_t)want.u32.max));
    if (want.u32.min > n->known.u32.min)
        leave_if(n, FORMS(JLT32), extended((int32_t)want.u32.min));
    if (want.s32.max < n->known.s32.max)
        leave_if(n, FORMS(JSGT32), extended(want.s32.max));
    if (want.s32.min > n->known.s32.min)
        leave_if(n, FORMS(JSLT32), extended(want.s32.min));
}

void code_narrow(struct code *c, unsigned reg, unsigned scratch, struct scalar want,
                 enum narrow_bits how) {
    struct narrowing n = {.code = c, .reg = reg, .scratch = scratch, .known = scalar_unknown()};
    narrow_bits(&n, want.bits, how);
    narrow_ranges(&n, want);
}
