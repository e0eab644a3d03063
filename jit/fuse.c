/* fuse.c: several instructions that are one operation of the machine:
 *
 *   r1 = r2; r1 += r3                       add of three operands
 *   r1 <<= 32; r1 >>= 32                    zero-extension (s>>=: sign-extension), of 8 and 16 too
 *   r3 = r1; r3 <<= k; r1 >>= w - k; r3 |= r1     rotation, if r1 is not read again
 *
 * Nobody may jump between them.
 */
#include "jit/driver.h"

/* A byte-order instruction: it reverses the bytes, cuts to the width, or does nothing. */
static uint8_t end_op(const struct jit *j, struct insn in, unsigned bits) {
    const bool swap = in.code == 0xd7 || (in.code == 0xdc) != j->arch->big_endian;
    if (swap)
        return bits == 16 ? JOP_BSWAP16 : bits == 32 ? JOP_BSWAP32 : JOP_BSWAP64;
    return bits == 16 ? JOP_ZEXT16 : bits == 32 ? JOP_ZEXT32 : JOP_MOV;
}

/* An instruction by itself as an operation on its own destination. out: false if it is none */
static inline bool alone(const struct jit *j, uint32_t pc, struct jit_alu *out) {
    const struct insn *const in = &j->insns[pc];
    const struct row *const row = j_row(j, pc);
    if (row->cls > CLASS_ALU_END)
        return false;
    out->op = row->jop;
    out->width = row->width;
    out->dst = out->a = in->dst;
    out->b = row->flags & ROW_READS_SRC ? in->src : in->dst;
    out->imm = row->imm;
    out->zext = out->nonzero = false;
    out->dead = 0;
    out->k = in->imm;
    if (row->imm && row->jop >= JOP_SHL && row->jop <= JOP_ASHR)
        out->k &= row->width - 1;
    if (row->cls == CLASS_ALU_END) {
        out->op = end_op(j, *in, row->width);
        out->width = 64;
    }
    return true;
}

/* r1 = r2; r1 op= ...: the second operation reads r2. pc: of the second; out: false if it cannot */
static inline bool after_mov(const struct jit *j, uint32_t pc, struct insn mov, unsigned width,
                             struct jit_alu *out) {
    const struct insn *const in = &j->insns[pc];
    const struct row *const row = j_row(j, pc);
    if (j_entered(j, pc) || in->dst != mov.dst || row->cls > CLASS_ALU_END)
        return false;
    if (row->cls == CLASS_ALU_BINARY && row->jop == JOP_MOV && (row->imm || in->src != in->dst))
        return false; /* the first is dead, and gone */
    if (width == 32 && !(row->flags & ROW_LOW))
        return false;
    alone(j, pc, out);
    out->a = mov.src;
    if (!out->imm && out->b == out->dst)
        out->b = mov.src;
    return true;
}

static bool is_shift_at(const struct jit *j, uint32_t pc) {
    const struct row *const row = j_row(j, pc);
    return !j_entered(j, pc) && row->cls == CLASS_ALU_BINARY && row->imm &&
           (row->jop == JOP_SHL || row->jop == JOP_LSHR);
}

/* t = x, then one of t, x shifted left, the other right, and the two joined. */
static uint32_t rotation(const struct jit *j, uint32_t pc, struct jit_alu *out) {
    struct jit_alu one, two, join;
    const struct insn mov = j->insns[pc];
    if (!is_shift_at(j, pc + 1) || !is_shift_at(j, pc + 2) || j_entered(j, pc + 3) || !j->live)
        return 0;
    if (!alone(j, pc + 1, &one) || !alone(j, pc + 2, &two) || !alone(j, pc + 3, &join))
        return 0;
    const uint8_t t = mov.dst, x = mov.src;
    const unsigned w = one.width;
    const uint8_t other = join.dst == t ? x : t;
    if (t == x || (one.dst != t && one.dst != x) || two.dst != (one.dst == t ? x : t) ||
        one.op == two.op || one.width != two.width || one.k + two.k != w || !one.k ||
        (j_row(j, pc)->width == 32 && w == 64))
        return 0;
    if ((join.op != JOP_OR && join.op != JOP_ADD && join.op != JOP_XOR) || join.imm ||
        (join.dst != t && join.dst != x) || join.b != other || join.width < w ||
        flow_live(j, pc + 3, other))
        return 0;
    *out = (struct jit_alu){.op = JOP_ROTL,
                            .width = (uint8_t)w,
                            .dst = join.dst,
                            .a = x,
                            .imm = true,
                            .k = one.op == JOP_SHL ? one.k : two.k};
    return 4;
}

/* Two shifts by the same amount: an extension of the low bits. a: the first, and then that. */
static bool two_shifts(const struct jit *j, uint32_t pc, struct jit_alu *a) {
    const struct insn *const in = &j->insns[pc];
    const struct row *const row = j_row(j, pc);
    const int64_t bits = a->width - a->k;
    if ((bits != 8 && bits != 16 && bits != 32) || !a->k || j_entered(j, pc) ||
        row->cls != CLASS_ALU_BINARY || in->dst != a->dst || !row->imm || row->width != a->width ||
        (in->imm & (a->width - 1)) != a->k || (row->jop != JOP_LSHR && row->jop != JOP_ASHR))
        return false;
    const bool zero = row->jop == JOP_LSHR;
    a->op = bits == 8    ? (zero ? JOP_ZEXT8 : JOP_SEXT8)
            : bits == 16 ? (zero ? JOP_ZEXT16 : JOP_SEXT16)
                         : (zero ? JOP_ZEXT32 : JOP_SEXT32);
    a->b = a->a;
    a->imm = false;
    return true;
}

uint32_t fuse_alu(const struct jit *j, uint32_t pc, struct jit_alu *out) {
    const struct row *const row = j_row(j, pc);
    uint32_t n = 1;
    if (row->cls > CLASS_ALU_END)
        return 0;
    if (row->cls != CLASS_ALU_BINARY || row->jop != JOP_MOV || row->imm || j->opt->opt == 0) {
        alone(j, pc, out);
    } else {
        n = j->opt->blind ? 0 : rotation(j, pc, out); /* by an immediate only */
        if (n)
            return n;
        n = 1 + after_mov(j, pc + 1, j->insns[pc], row->width, out);
        if (n == 1)
            alone(j, pc, out);
    }
    if (out->op == JOP_SHL && out->imm && j->opt->opt > 0)
        n += two_shifts(j, pc + n, out);
    return n;
}
