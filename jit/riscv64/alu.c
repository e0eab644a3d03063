/* alu.c: arithmetic, but for divisions (div.c) and byte swaps (swap.c).
 *
 * Operations of width 32 are made of 64-bit ones wherever the upper halves of the operands cannot
 * reach the lower half of the result; the W forms would sign-extend, which is not asked for. The
 * zero-extension is two shifts, and is folded into the operation where one of them can be.
 */
#include "jit/riscv64/riscv64.h"

/* struct arith: a jit_alu with machine registers. */
struct arith {
    enum rv_reg d, a, b;
    unsigned width;
    bool zext; /* to be zero-extended */
    uint16_t dead;
    int64_t k;
};

static void finish(struct jit_buf *b, const struct arith *o) {
    if (o->zext)
        riscv_zext_w(b, o->d, o->d);
}

static void move(struct jit_buf *b, const struct arith *o, enum rv_reg from) {
    if (o->zext)
        riscv_zext_w(b, o->d, from);
    else
        riscv_mv(b, o->d, from);
}

/* load_k: the immediate in a register; in dst if that is not needed for a. */
static enum rv_reg load_k(struct jit_buf *b, const struct arith *o) {
    uint16_t dead = o->dead;
    const enum rv_reg r = o->d != o->a ? o->d : riscv_spare(&dead, RV_T0);
    riscv_li(b, r, (uint64_t)o->k);
    return r;
}

static void add_imm(struct jit_buf *b, const struct arith *o, int64_t k) {
    const int64_t half = k < 0 ? -2048 : 2047; /* the farthest that one ADDI goes */
    if (rv_fits(12, k)) {
        riscv_addi(b, o->d, o->a, k);
    } else if (rv_fits(12, k - half)) {
        riscv_addi(b, o->d, o->a, half);
        riscv_addi(b, o->d, o->d, k - half);
    } else {
        struct arith with = *o;
        with.k = k;
        riscv_add(b, o->d, o->a, load_k(b, &with));
    }
    finish(b, o);
}

/* and_imm: masks of ones below or above are two shifts. */
static void and_imm(struct jit_buf *b, const struct arith *o) {
    const uint64_t k = o->width == 32 ? (uint32_t)o->k : (uint64_t)o->k;
    const uint64_t below = (o->width == 32 ? UINT32_MAX : UINT64_MAX) - k; /* the zeros of k */
    const bool ones_above = below && !(below & (below + 1));
    const unsigned n_below = below ? 64 - (unsigned)__builtin_clzll(below) : 0;
    if (!below) {
        move(b, o, o->a);
    } else if (!k) {
        riscv_li(b, o->d, 0);
    } else if (rv_fits(12, o->k) && (o->k >= 0 || !o->zext)) {
        riscv_andi(b, o->d, o->a, o->k);
    } else if (ones_above && o->zext) {
        rv_shift(b, RV_SRLIW, o->d, o->a, n_below);
        riscv_slli(b, o->d, o->d, n_below);
    } else if (ones_above && o->k < 0) {
        riscv_srli(b, o->d, o->a, n_below);
        riscv_slli(b, o->d, o->d, n_below);
    } else if (!(k & (k + 1))) {
        const unsigned n = (unsigned)__builtin_clzll(k);
        riscv_slli(b, o->d, o->a, n);
        riscv_srli(b, o->d, o->d, n);
    } else {
        if (rv_fits(12, o->k))
            riscv_andi(b, o->d, o->a, o->k);
        else
            riscv_logic(b, RV_AND, o->d, o->a, load_k(b, o));
        if (o->k < 0)
            finish(b, o);
    }
}

static void or_imm(struct jit_buf *b, const struct arith *o, bool exclusive) {
    if (rv_fits(12, o->k))
        rv_imm(b, exclusive ? RV_XORI : RV_ORI, o->d, o->a, o->k);
    else
        riscv_logic(b, exclusive ? RV_XOR : RV_OR, o->d, o->a, load_k(b, o));
    finish(b, o);
}

static void shift_imm(struct jit_buf *b, const struct arith *o, uint8_t what) {
    const unsigned n = (unsigned)o->k;
    if (!n) {
        move(b, o, o->a);
    } else if (what == JOP_SHL) {
        /* by 32 more, and 32 back: zero-extended */
        riscv_slli(b, o->d, o->a, o->zext ? n + 32 : n);
        if (o->zext)
            riscv_srli(b, o->d, o->d, 32);
    } else if (o->width == 64) {
        (what == JOP_LSHR ? riscv_srli : riscv_srai)(b, o->d, o->a, n);
    } else if (what == JOP_LSHR) {
        rv_shift(b, RV_SRLIW, o->d, o->a, n); /* not negative, so zero-extended too */
    } else if (o->zext && riscv_short(o->d)) {
        riscv_slli(b, o->d, o->a, 32);
        riscv_srai(b, o->d, o->d, n);
        riscv_srli(b, o->d, o->d, 32);
    } else {
        rv_shift(b, RV_SRAIW, o->d, o->a, n);
        finish(b, o);
    }
}

/* mul_imm: powers of two, and their neighbours, are shifts and one addition. */
static void mul_imm(struct jit_buf *b, const struct arith *o) {
    const uint64_t k = (uint64_t)o->k;
    uint16_t dead = o->dead;
    if (!k) {
        riscv_li(b, o->d, 0);
        return;
    }
    if (!(k & (k - 1))) {
        struct arith shift = *o;
        shift.k = __builtin_ctzll(k);
        shift_imm(b, &shift, JOP_SHL);
        return;
    }
    if (!((k - 1) & (k - 2))) {
        const enum rv_reg t = o->d != o->a ? o->d : riscv_spare(&dead, RV_T0);
        riscv_slli(b, t, o->a, (unsigned)__builtin_ctzll(k - 1));
        riscv_add(b, o->d, t, o->a);
    } else if (k + 1 && !(k & (k + 1))) {
        const enum rv_reg t = o->d != o->a ? o->d : riscv_spare(&dead, RV_T0);
        riscv_slli(b, t, o->a, (unsigned)__builtin_ctzll(k + 1));
        riscv_sub(b, o->d, t, o->a);
    } else if (!(-k & (-k - 1))) {
        riscv_slli(b, o->d, o->a, (unsigned)__builtin_ctzll(-k));
        riscv_sub(b, o->d, RV_ZERO, o->d);
    } else {
        rv_op(b, RV_MUL, o->d, o->a, load_k(b, o));
    }
    finish(b, o);
}

static void shift_reg(struct jit_buf *b, const struct arith *o, uint8_t what) {
    const bool w = o->width == 32;
    const enum rv_r op = what == JOP_SHL    ? (w ? RV_SLLW : RV_SLL)
                         : what == JOP_LSHR ? (w ? RV_SRLW : RV_SRL)
                                            : (w ? RV_SRAW : RV_SRA);
    rv_op(b, op, o->d, o->a, o->b);
    finish(b, o);
}

static void rotate(struct jit_buf *b, const struct arith *o) {
    const unsigned n = (unsigned)o->k;
    uint16_t dead = o->dead;
    const enum rv_reg t = riscv_spare(&dead, RV_T0);
    if (o->width == 64) {
        riscv_slli(b, t, o->a, n);
        riscv_srli(b, o->d, o->a, 64 - n);
    } else {
        riscv_slli(b, t, o->a, o->zext ? n + 32 : n);
        if (o->zext)
            riscv_srli(b, t, t, 32);
        rv_shift(b, RV_SRLIW, o->d, o->a, 32 - n);
    }
    riscv_logic(b, RV_OR, o->d, o->d, t);
}

/* extend: the low bits of b, sign-extended to the width or zero-extended to 64 bits. */
static void extend(struct jit_buf *b, const struct arith *o, unsigned bits, bool is_signed) {
    if (!is_signed && bits == 8) {
        riscv_andi(b, o->d, o->b, 255);
    } else if (!is_signed) {
        riscv_slli(b, o->d, o->b, 64 - bits);
        riscv_srli(b, o->d, o->d, 64 - bits);
    } else if (bits == 32 && o->width == 32) {
        move(b, o, o->b);
    } else if (bits == 32) {
        riscv_sext_w(b, o->d, o->b);
    } else {
        riscv_slli(b, o->d, o->b, 64 - bits);
        riscv_srai(b, o->d, o->d, o->zext ? 32 - bits : 64 - bits);
        if (o->zext)
            riscv_srli(b, o->d, o->d, 32);
    }
}

static void with_imm(struct jit_buf *b, const struct arith *o, uint8_t what) {
    const bool sum = what == JOP_ADD || what == JOP_SUB, either = what == JOP_OR || what == JOP_XOR;
    if (!o->k && (sum || either)) {
        move(b, o, o->a);
        return;
    }
    switch (what) {
    case JOP_MOV: riscv_li(b, o->d, o->zext ? (uint32_t)o->k : (uint64_t)o->k); break;
    case JOP_ADD: add_imm(b, o, o->k); break;
    /* of width 32, 2^31 is as good as -2^31, which is shorter */
    case JOP_SUB: add_imm(b, o, o->width == 32 ? (int32_t)-o->k : -o->k); break;
    case JOP_MUL: mul_imm(b, o); break;
    case JOP_OR:
    case JOP_XOR: or_imm(b, o, what == JOP_XOR); break;
    case JOP_AND: and_imm(b, o); break;
    case JOP_ROTL: rotate(b, o); break;
    default: shift_imm(b, o, what); break;
    }
}

static void with_reg(struct jit_buf *b, const struct arith *o, uint8_t what) {
    switch (what) {
    case JOP_MOV: move(b, o, o->b); return;
    case JOP_ADD: riscv_add(b, o->d, o->a, o->b); break;
    case JOP_SUB: riscv_sub(b, o->d, o->a, o->b); break;
    case JOP_MUL: rv_op(b, RV_MUL, o->d, o->a, o->b); break;
    case JOP_OR: riscv_logic(b, RV_OR, o->d, o->a, o->b); break;
    case JOP_AND: riscv_logic(b, RV_AND, o->d, o->a, o->b); break;
    case JOP_XOR: riscv_logic(b, RV_XOR, o->d, o->a, o->b); break;
    case JOP_NEG: riscv_sub(b, o->d, RV_ZERO, o->b); break;
    case JOP_SHL:
    case JOP_LSHR:
    case JOP_ASHR: shift_reg(b, o, what); return;
    case JOP_MULHU: rv_op(b, RV_MULHU, o->d, o->a, o->b); return;
    case JOP_MULHS: rv_op(b, RV_MULH, o->d, o->a, o->b); return;
    case JOP_SEXT8: extend(b, o, 8, true); return;
    case JOP_SEXT16: extend(b, o, 16, true); return;
    case JOP_SEXT32: extend(b, o, 32, true); return;
    case JOP_ZEXT8: extend(b, o, 8, false); return;
    case JOP_ZEXT16: extend(b, o, 16, false); return;
    default: extend(b, o, 32, false); return; /* JOP_ZEXT32 */
    }
    finish(b, o);
}

void riscv_alu(struct jit_buf *b, const struct jit_alu *a) {
    const bool unary = a->op == JOP_MOV || a->op >= JOP_NEG;
    const struct arith o = {
        .d = riscv_reg(a->dst),
        .a = unary ? RV_ZERO : riscv_reg(a->a),
        .b = a->imm ? RV_ZERO : riscv_reg(a->b),
        .width = a->width,
        .zext = a->width == 32 && a->zext,
        .dead = a->dead,
        .k = a->k,
    };
    if (a->op >= JOP_UDIV && a->op <= JOP_SMOD)
        riscv_divide(b, a);
    else if (a->op >= JOP_BSWAP16)
        riscv_swap(b, a);
    else if (a->imm)
        with_imm(b, &o, a->op);
    else
        with_reg(b, &o, a->op);
}
