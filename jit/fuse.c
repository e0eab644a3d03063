/* fuse.c: several instructions that are one operation of the machine:
 *
 *   r1 = r2; r1 += r3                       add of three operands
 *   r1 <<= 32; r1 >>= 32                    zero-extension (s>>=: sign-extension), of 8 and 16 too
 *   r3 = r1; r3 <<= k; r1 >>= w - k; r3 |= r1     rotation, if r1 is not read again
 *
 * Nobody may jump between them.
 */
#include "jit/driver.h"

static bool entered(const struct jit *j, uint32_t pc) {
    return pc >= j->func->end || j->plan.flags[pc];
}

static const uint8_t binary_ops[N_OPS] = {
#define BINARY(op, jop)                                                                            \
    [OP_##op##32_IMM] = jop, [OP_##op##32_REG] = jop, [OP_##op##64_IMM] = jop,                     \
    [OP_##op##64_REG] = jop,
    BINARY(ADD, JOP_ADD) BINARY(SUB, JOP_SUB) BINARY(MUL, JOP_MUL) BINARY(DIV, JOP_UDIV)
        BINARY(SDIV, JOP_SDIV) BINARY(OR, JOP_OR) BINARY(AND, JOP_AND) BINARY(LSH, JOP_SHL)
            BINARY(RSH, JOP_LSHR) BINARY(MOD, JOP_UMOD) BINARY(SMOD, JOP_SMOD) BINARY(XOR, JOP_XOR)
                BINARY(MOV, JOP_MOV) BINARY(ARSH, JOP_ASHR)
#undef BINARY
};

/* An instruction by itself as an operation on its own destination. out: false if it is none */
static bool alone(const struct jit *j, uint32_t pc, struct jit_alu *out) {
    const struct insn in = j->prog->insns[pc];
    const enum op op = j_op(j, pc);
    const struct op_info *const row = &op_table[op];
    struct jit_alu a = {.width = row->width_bits, .dst = in.dst, .a = in.dst, .b = in.dst};
    const bool swap = (row->code == 0xd7) || ((row->code == 0xdc) != j->arch->big_endian);
    switch ((enum op_class)row->cls) {
    case CLASS_ALU_BINARY:
        a.op = binary_ops[op];
        a.imm = !row->from_reg;
        a.b = in.src;
        a.k = in.imm;
        if (a.imm && a.op >= JOP_SHL && a.op <= JOP_ASHR)
            a.k &= row->width_bits - 1;
        break;
    case CLASS_ALU_UNARY: a.op = JOP_NEG; break;
    case CLASS_ALU_SEXT:
        a.op = in.off == 8 ? JOP_SEXT8 : in.off == 16 ? JOP_SEXT16 : JOP_SEXT32;
        a.b = in.src;
        break;
    case CLASS_ALU_END:
        a.width = 64;
        if (swap)
            a.op = in.imm == 16 ? JOP_BSWAP16 : in.imm == 32 ? JOP_BSWAP32 : JOP_BSWAP64;
        else
            a.op = in.imm == 16 ? JOP_ZEXT16 : in.imm == 32 ? JOP_ZEXT32 : JOP_MOV;
        break;
    default: return false;
    }
    *out = a;
    return true;
}

/* r1 = r2; r1 op= ...: the second operation reads r2. */
static uint32_t after_mov(const struct jit *j, uint32_t pc, const struct jit_alu *mov,
                          struct jit_alu *out) {
    struct jit_alu a;
    if (mov->op != JOP_MOV || mov->imm || entered(j, pc + 1) || !alone(j, pc + 1, &a) ||
        a.dst != mov->dst || (a.op == JOP_MOV && a.imm))
        return 0;
    const bool low_only = a.width == 32 || (a.op >= JOP_SEXT8 && a.op <= JOP_ZEXT32) ||
                          a.op == JOP_BSWAP16 || a.op == JOP_BSWAP32;
    if (mov->width == 32 && !low_only)
        return 0;
    if (a.op == JOP_MOV && a.b != a.dst)
        return 0; /* the first is dead, and gone */
    a.a = mov->b;
    if (!a.imm && a.b == mov->dst)
        a.b = mov->b;
    *out = a;
    return 2;
}

/* Two shifts by the same amount: an extension of the low bits. */
static uint32_t two_shifts(const struct jit *j, uint32_t pc, const struct jit_alu *shl,
                           struct jit_alu *out) {
    struct jit_alu a;
    if (shl->op != JOP_SHL || !shl->imm || entered(j, pc + 1) || !alone(j, pc + 1, &a) ||
        a.dst != shl->dst || !a.imm || a.k != shl->k || a.width != shl->width ||
        (a.op != JOP_LSHR && a.op != JOP_ASHR))
        return 0;
    const int64_t bits = shl->width - shl->k;
    if (bits != 8 && bits != 16 && bits != 32)
        return 0;
    const int size = bits == 8 ? 0 : bits == 16 ? 1 : 2;
    if (shl->width == 32 && size == 2)
        return 0;
    *out = (struct jit_alu){.op = (uint8_t)((a.op == JOP_LSHR ? JOP_ZEXT8 : JOP_SEXT8) + size),
                            .width = shl->width,
                            .dst = shl->dst,
                            .a = shl->a,
                            .b = shl->a};
    return 1;
}

static bool is_shift_by(const struct jit_alu *a, uint8_t op, uint8_t dst, unsigned width) {
    return a->op == op && a->imm && a->dst == dst && a->a == dst && a->width == width;
}

/* t = x, then one of t, x shifted left, the other right, and the two joined. */
static uint32_t rotation(const struct jit *j, uint32_t pc, const struct jit_alu *mov,
                         struct jit_alu *out) {
    struct jit_alu one, two, join;
    if (mov->op != JOP_MOV || mov->imm || mov->dst == mov->b || entered(j, pc + 1) ||
        entered(j, pc + 2) || entered(j, pc + 3) || !alone(j, pc + 1, &one) ||
        !alone(j, pc + 2, &two) || !alone(j, pc + 3, &join))
        return 0;
    const uint8_t t = mov->dst, x = mov->b;
    const unsigned w = one.width;
    const uint8_t first = one.dst, second = first == t ? x : t;
    const bool left_first = one.op == JOP_SHL;
    if ((first != t && first != x) || (mov->width == 32 && w == 64) ||
        !is_shift_by(&one, left_first ? JOP_SHL : JOP_LSHR, first, w) ||
        !is_shift_by(&two, left_first ? JOP_LSHR : JOP_SHL, second, w) || one.k + two.k != w ||
        !one.k)
        return 0;
    const uint8_t other = join.dst == t ? x : t;
    if ((join.op != JOP_OR && join.op != JOP_ADD && join.op != JOP_XOR) || join.imm ||
        (join.dst != t && join.dst != x) || join.b != other || join.width < w || !j->live ||
        flow_live(j, pc + 3, other))
        return 0;
    *out = (struct jit_alu){.op = JOP_ROTL,
                            .width = (uint8_t)w,
                            .dst = join.dst,
                            .a = x,
                            .imm = true,
                            .k = left_first ? one.k : two.k};
    return 4;
}

uint32_t fuse_alu(const struct jit *j, uint32_t pc, struct jit_alu *out) {
    struct jit_alu a;
    uint32_t n = 1, more;
    if (!alone(j, pc, &a))
        return 0;
    if (j->opt->opt > 0) {
        more = rotation(j, pc, &a, out);
        if (more)
            return more;
        more = after_mov(j, pc, &a, &a);
        n = more ? more : n;
        n += two_shifts(j, pc + n - 1, &a, &a);
    }
    *out = a;
    return n;
}
