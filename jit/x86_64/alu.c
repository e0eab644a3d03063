/* alu.c: arithmetic but for divisions and upper halves of products (div.c), and constants.
 *
 * The machine's operations have two operands, d = d op s. Where the destination is neither, either
 * there is another instruction with three (lea, imul, BMI2) or a move comes first. A move of 32
 * bits, or any operation of 32 bits, zeroes the upper half: so zext costs only where the operation
 * itself disappears.
 */
#include "jit/x86_64/x86_64.h"

void x86_load_imm(struct jit_buf *b, enum x86_reg d, uint64_t value) {
    if (!value)
        x86_bin_rr(b, 32, X86_XOR, d, d);
    else if (value <= UINT32_MAX)
        x86_mov_ri(b, d, (uint32_t)value);
    else if ((int64_t)value == (int32_t)value)
        x86_mov_ri_signed(b, d, (int32_t)value);
    else
        x86_mov_ri64(b, d, value);
}

void x86_constant(struct jit_buf *b, uint8_t reg, uint64_t value) {
    x86_load_imm(b, x86_reg(reg), value);
}

/* struct alu: an operation in the machine's terms. k is as wide as the operation. */
struct alu {
    unsigned width;
    enum x86_reg d, a, s;
    int32_t k;
    bool imm, zext, v3;
    bool free_rcx; /* nothing is kept there */
};

/* copy: d = s, if the operation turned out to be none. */
static void copy(struct jit_buf *b, const struct alu *o, enum x86_reg s) {
    if (o->d != s || (o->width == 32 && o->zext))
        x86_mov_rr(b, o->width, o->d, s);
}

static void set(struct jit_buf *b, const struct alu *o, int64_t k) {
    x86_load_imm(b, o->d, o->width == 32 ? (uint32_t)k : (uint64_t)k);
}

/* two: d = a op s, op commutative or d not s. */
static void two(struct jit_buf *b, const struct alu *o, enum x86_bin op) {
    if (o->d == o->s) {
        x86_bin_rr(b, o->width, op, o->d, o->a);
        return;
    }
    if (o->d != o->a)
        x86_mov_rr(b, o->width, o->d, o->a);
    x86_bin_rr(b, o->width, op, o->d, o->s);
}

/* add_imm: d = a + k. 128 is subtracted as -128, which fits into a byte. */
static void add_imm(struct jit_buf *b, const struct alu *o, int32_t k) {
    if (!k)
        copy(b, o, o->a);
    else if (o->d != o->a)
        x86_lea(b, o->width, o->d, x86_at(o->a, k));
    else if (k == 128)
        x86_bin_ri(b, o->width, X86_SUB, o->d, -128);
    else
        x86_bin_ri(b, o->width, X86_ADD, o->d, k);
}

static void add(struct jit_buf *b, const struct alu *o) {
    /* rbp and r13 as a base want a displacement, as an index they do not. */
    const bool swap = (o->a & 7) == X86_RBP;
    if (o->imm)
        add_imm(b, o, o->k);
    else if (o->d == o->a || o->d == o->s)
        two(b, o, X86_ADD);
    else
        x86_lea(b, o->width, o->d, x86_at_index(swap ? o->s : o->a, swap ? o->a : o->s, 0, 0));
}

static void sub(struct jit_buf *b, const struct alu *o) {
    if (o->imm && o->k != INT32_MIN) {
        add_imm(b, o, -o->k);
    } else if (o->imm) {
        x86_move(b, o->d == o->a ? 64 : o->width, o->d, o->a);
        x86_bin_ri(b, o->width, X86_SUB, o->d, o->k);
    } else if (o->a == o->s) {
        set(b, o, 0);
    } else if (o->d == o->s) {
        x86_unary_r(b, o->width, X86_NEG, o->d);
        x86_bin_rr(b, o->width, X86_ADD, o->d, o->a);
    } else {
        two(b, o, X86_SUB);
    }
}

/* bits: and, or, xor. An AND with what is not negative needs only 32 bits. */
static void bits(struct jit_buf *b, const struct alu *o, enum x86_bin op) {
    const unsigned width = op == X86_AND && o->imm && o->k >= 0 ? 32 : o->width;
    const int32_t neutral = op == X86_AND ? -1 : 0;
    if (!o->imm && o->a == o->s) {
        op == X86_XOR ? set(b, o, 0) : copy(b, o, o->a);
    } else if (!o->imm) {
        two(b, o, op);
    } else if (o->k == neutral) {
        copy(b, o, o->a);
    } else if (o->k == ~neutral && op != X86_XOR) {
        set(b, o, o->k);
    } else if (op == X86_AND && o->k == UINT8_MAX) {
        x86_movzx8_rr(b, o->d, o->a);
    } else if (op == X86_AND && o->k == UINT16_MAX) {
        x86_movzx16_rr(b, o->d, o->a);
    } else {
        if (o->d != o->a)
            x86_mov_rr(b, width, o->d, o->a);
        if (op == X86_XOR && o->k == -1)
            x86_unary_r(b, width, X86_NOT, o->d);
        else
            x86_bin_ri(b, width, op, o->d, o->k);
    }
}

/* shift_imm: d = a << n and so on. A small shift to the left is an address. */
static void shift_imm(struct jit_buf *b, const struct alu *o, enum x86_shift op, unsigned n) {
    if (!n) {
        copy(b, o, o->a);
    } else if (o->d == o->a) {
        x86_shift_ri(b, o->width, op, o->d, n);
    } else if (op == X86_SHL && n == 1 && (o->a & 7) != X86_RBP) {
        x86_lea(b, o->width, o->d, x86_at_index(o->a, o->a, 0, 0));
    } else if (op == X86_SHL && n <= 3) {
        x86_lea_scaled(b, o->width, o->d, o->a, n, 0);
    } else if (op == X86_ROL && o->v3) {
        x86_rorx(b, o->width, o->d, o->a, o->width - n);
    } else {
        x86_mov_rr(b, o->width, o->d, o->a);
        x86_shift_ri(b, o->width, op, o->d, n);
    }
}

/* shift_rcx: without BMI2 the count is in cl. The result is made in the scratch register if the
 * destination is rcx, else what rcx holds waits there, unless it is the count or dead. */
static void shift_rcx(struct jit_buf *b, const struct alu *o, enum x86_shift op) {
    const bool to_rcx = o->d == X86_RCX, from_rcx = o->s == X86_RCX;
    const bool keep = !to_rcx && !from_rcx && !o->free_rcx;
    const enum x86_reg work = to_rcx ? X86_SCRATCH : o->d;
    if (keep)
        x86_mov_rr(b, 64, X86_SCRATCH, X86_RCX);
    if (to_rcx)
        x86_mov_rr(b, o->width, work, o->a);
    if (!from_rcx)
        x86_mov_rr(b, 32, X86_RCX, o->s);
    if (!to_rcx)
        x86_move(b, o->d == o->a ? 64 : o->width, work,
                 keep && o->a == X86_RCX ? X86_SCRATCH : o->a);
    x86_shift_rc(b, o->width, op, work);
    if (to_rcx || keep)
        x86_mov_rr(b, to_rcx ? o->width : 64, X86_RCX, X86_SCRATCH);
}

static void shift(struct jit_buf *b, const struct alu *o, enum x86_shift op) {
    if (o->imm)
        shift_imm(b, o, op, (unsigned)o->k & (o->width - 1));
    else if (!o->v3)
        shift_rcx(b, o, op);
    else if (op == X86_SHL)
        x86_shlx(b, o->width, o->d, o->a, o->s);
    else if (op == X86_SHR)
        x86_shrx(b, o->width, o->d, o->a, o->s);
    else
        x86_sarx(b, o->width, o->d, o->a, o->s);
}

/* mul_imm: powers of two are shifts, their successors up to 9 are addresses. */
static void mul_imm(struct jit_buf *b, const struct alu *o) {
    const uint64_t k = o->width == 32 ? (uint32_t)o->k : (uint64_t)o->k;
    if (!k) {
        set(b, o, 0);
    } else if (!(k & (k - 1))) {
        shift_imm(b, o, X86_SHL, (unsigned)__builtin_ctzll(k));
    } else if (k == 3 || k == 5 || k == 9) {
        x86_lea(b, o->width, o->d, x86_at_index(o->a, o->a, (unsigned)__builtin_ctzll(k - 1), 0));
    } else if (o->k == -1) {
        if (o->d != o->a)
            x86_mov_rr(b, o->width, o->d, o->a);
        x86_unary_r(b, o->width, X86_NEG, o->d);
    } else {
        x86_imul_rri(b, o->width, o->d, o->a, o->k);
    }
}

static void mul(struct jit_buf *b, const struct alu *o) {
    if (o->imm) {
        mul_imm(b, o);
        return;
    }
    if (o->d != o->a && o->d != o->s)
        x86_mov_rr(b, o->width, o->d, o->a);
    x86_imul_rr(b, o->width, o->d, o->d == o->s ? o->a : o->s);
}

static void mov(struct jit_buf *b, const struct alu *o) {
    if (o->imm)
        set(b, o, o->k);
    else
        copy(b, o, o->s);
}

static void neg(struct jit_buf *b, const struct alu *o) {
    if (o->d != o->s)
        x86_mov_rr(b, o->width, o->d, o->s);
    x86_unary_r(b, o->width, X86_NEG, o->d);
}

/* sext: rax has shorter forms of its own. */
static void sext(struct jit_buf *b, const struct alu *o, unsigned from) {
    const bool rax = o->d == X86_RAX && o->s == X86_RAX;
    if (from == 8)
        x86_movsx8_rr(b, o->width, o->d, o->s);
    else if (from == 16 && rax && o->width == 32)
        x86_cwde(b);
    else if (from == 16)
        x86_movsx16_rr(b, o->width, o->d, o->s);
    else if (o->width == 32)
        copy(b, o, o->s);
    else if (rax)
        x86_cdqe(b);
    else
        x86_movsxd_rr(b, o->d, o->s);
}

/* bswap: 16 bits are the upper ones of 32 reversed. */
static void bswap(struct jit_buf *b, const struct alu *o, unsigned n) {
    const unsigned width = n == 64 ? 64 : 32;
    if (o->d != o->s)
        x86_mov_rr(b, width, o->d, o->s);
    x86_bswap(b, width, o->d);
    if (n == 16)
        x86_shift_ri(b, 32, X86_SHR, o->d, 16);
}

static void lower(struct jit_buf *b, const struct jit_alu *a, bool v3) {
    const bool unary = a->op >= JOP_NEG || a->op == JOP_MOV;
    const struct alu o = {
        .width = a->width,
        .d = x86_reg(a->dst),
        .a = unary ? X86_RAX : x86_reg(a->a),
        .s = a->imm ? X86_RAX : x86_reg(a->b),
        .k = (int32_t)a->k,
        .imm = a->imm,
        .zext = a->zext,
        .v3 = v3,
        .free_rcx = a->dead >> JR_4 & 1,
    };
    switch ((enum jit_op)a->op) {
    case JOP_MOV: mov(b, &o); break;
    case JOP_ADD: add(b, &o); break;
    case JOP_SUB: sub(b, &o); break;
    case JOP_MUL: mul(b, &o); break;
    case JOP_UDIV:
    case JOP_SDIV:
    case JOP_UMOD:
    case JOP_SMOD: x86_div(b, a); break;
    case JOP_OR: bits(b, &o, X86_OR); break;
    case JOP_AND: bits(b, &o, X86_AND); break;
    case JOP_XOR: bits(b, &o, X86_XOR); break;
    case JOP_SHL: shift(b, &o, X86_SHL); break;
    case JOP_LSHR: shift(b, &o, X86_SHR); break;
    case JOP_ASHR: shift(b, &o, X86_SAR); break;
    case JOP_ROTL: shift_imm(b, &o, X86_ROL, (unsigned)o.k); break;
    case JOP_MULHU:
    case JOP_MULHS: x86_mulh(b, a, v3); break;
    case JOP_NEG: neg(b, &o); break;
    case JOP_SEXT8: sext(b, &o, 8); break;
    case JOP_SEXT16: sext(b, &o, 16); break;
    case JOP_SEXT32: sext(b, &o, 32); break;
    case JOP_ZEXT8: x86_movzx8_rr(b, o.d, o.s); break;
    case JOP_ZEXT16: x86_movzx16_rr(b, o.d, o.s); break;
    case JOP_ZEXT32: x86_mov_rr(b, 32, o.d, o.s); break;
    case JOP_BSWAP16: bswap(b, &o, 16); break;
    case JOP_BSWAP32: bswap(b, &o, 32); break;
    case JOP_BSWAP64: bswap(b, &o, 64); break;
    case N_JIT_OPS: jit_buf_fail(b, BPFLAB_E_UNSUPPORTED); break;
    }
}

void x86_alu(struct jit_buf *b, const struct jit_alu *a) {
    lower(b, a, true);
}

void x86_alu_base(struct jit_buf *b, const struct jit_alu *a) {
    lower(b, a, false);
}
