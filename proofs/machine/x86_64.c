/* x86_64.c: what the instructions of x86-64 do, as far as our back end emits them.
 *
 * Flags that nobody may read afterwards are undefined here even where the manual defines them: to
 * read one is an error, so that costs nothing but what our back end does not do. Beside the flags
 * themselves three things made of them are kept, as comparisons give them directly: after a
 * subtraction SF != OF is a < b, and so on. tests/x86_64_flags_test.c proves that they are so.
 *
 * source: Intel SDM volume 2 (instructions), volume 1 section 3.4.3 (flags), volume 3 section 9.2
 * (every load acquires, every store releases, locked instructions are sequentially consistent).
 */
#include <string.h>

#include "proofs/machine/x86_64.h"

enum flag {
    CF,
    ZF,
    SF,
    OF,
    BE, /* CF | ZF */
    LT, /* SF ^ OF */
    LE, /* ZF | LT */
    N_FLAGS,
};

static struct terms *terms_of(const struct cpu *c) {
    return c->s->t;
}

static void refuse(struct cpu *c, const char *why) {
    mstate_fail(c->s, "%s", why);
}

/* ---- registers ---- */

/* Does a byte operand name ah, ch, dh, bh? */
static bool is_high(const struct cpu *c, unsigned reg, unsigned width) {
    return width == 8 && !c->in.rex && reg >= 4;
}

static term *read_reg(const struct cpu *c, unsigned reg, unsigned width) {
    if (is_high(c, reg, width))
        return term_extract(terms_of(c), 8, 8, c->s->reg[reg & 3]);
    return term_low(terms_of(c), width, c->s->reg[reg]);
}

/* 32 bits zero the upper half, fewer keep the rest. */
static void write_reg(struct cpu *c, unsigned reg, term *v) {
    struct terms *const t = terms_of(c);
    if (is_high(c, reg, v->width)) {
        refuse(c, "a write of ah, ch, dh or bh");
        return;
    }
    if (v->width < 32)
        v = term_concat(t, term_extract(t, v->width, 64u - v->width, c->s->reg[reg]), v);
    c->s->reg[reg] = term_zext(t, 64, v);
}

static term *number(const struct cpu *c, unsigned width, int64_t k) {
    return term_low(terms_of(c), width, term_const(terms_of(c), 64, (uint64_t)k));
}

/* ---- memory ---- */

static term *address(const struct cpu *c) {
    struct terms *const t = terms_of(c);
    term *a = term_const(t, 64, 0);
    if (c->in.base != NO_REG)
        a = c->s->reg[c->in.base];
    if (c->in.index != NO_REG)
        a = term_add(t, a, term_shl(t, c->s->reg[c->in.index], term_const(t, 64, c->in.scale)));
    return term_add_k(t, a, c->in.disp);
}

static bool to_memory(const struct cpu *c) {
    return c->in.has_modrm && c->in.mod != 3;
}

/* The operand that ModRM's rm names. Of a word of the stack the low bytes come first. */
static term *read_rm(struct cpu *c, unsigned width) {
    uint64_t off;
    if (to_memory(c) && term_split_k(address(c), &off) == c->s->sp0 && off % 8 == 0)
        return term_low(terms_of(c), width, mstate_load(c->s, address(c), 8, true));
    if (to_memory(c))
        return mstate_load(c->s, address(c), width / 8, true);
    return read_reg(c, c->in.rm, width);
}

static void write_rm(struct cpu *c, term *v) {
    if (to_memory(c))
        mstate_store(c->s, address(c), v->width / 8u, v, true);
    else
        write_reg(c, c->in.rm, v);
}

/* Opcodes come in pairs, the even one for bytes. */
static unsigned pair_width(const struct cpu *c) {
    return c->in.op & 1 ? c->in.width : 8;
}

/* ---- flags ---- */

static void no_flags(struct cpu *c) {
    memset(c->s->flag, 0, sizeof c->s->flag);
}

static term *sign_of(const struct cpu *c, term *v) {
    return term_extract(terms_of(c), v->width - 1u, 1, v);
}

/* Zero and sign of a result, with no carry and no overflow. */
static void flags_logic(struct cpu *c, term *v) {
    struct terms *const t = terms_of(c);
    term **const f = c->s->flag;
    f[CF] = f[OF] = term_bool(t, false);
    f[ZF] = f[BE] = term_eq(t, v, term_const(t, v->width, 0));
    f[SF] = f[LT] = sign_of(c, v);
    f[LE] = term_or(t, f[ZF], f[LT]);
}

static term *add_flags(struct cpu *c, term *a, term *b) {
    struct terms *const t = terms_of(c);
    term **const f = c->s->flag;
    term *const v = term_add(t, a, b);
    f[CF] = term_ult(t, v, a);
    f[ZF] = term_eq(t, v, term_const(t, v->width, 0));
    f[SF] = sign_of(c, v);
    f[OF] = sign_of(c, term_and(t, term_xor(t, a, v), term_xor(t, b, v)));
    f[BE] = term_or(t, f[CF], f[ZF]);
    f[LT] = term_xor(t, f[SF], f[OF]);
    f[LE] = term_or(t, f[ZF], f[LT]);
    return v;
}

static term *sub_flags(struct cpu *c, term *a, term *b) {
    struct terms *const t = terms_of(c);
    term **const f = c->s->flag;
    term *const v = term_sub(t, a, b);
    f[CF] = term_ult(t, a, b);
    f[ZF] = term_eq(t, a, b);
    f[SF] = sign_of(c, v);
    f[OF] = sign_of(c, term_and(t, term_xor(t, a, b), term_xor(t, a, v)));
    f[BE] = term_ule(t, a, b);
    f[LT] = term_slt(t, a, b);
    f[LE] = term_sle(t, a, b);
    return v;
}

/* The condition of a jump or move: bit 0 is the opposite. Parity is not kept. */
static term *condition(struct cpu *c, unsigned cc) {
    static const uint8_t of[8] = {OF, CF, ZF, BE, SF, N_FLAGS, LT, LE};
    const unsigned f = of[cc >> 1 & 7];
    if (f == N_FLAGS || !c->s->flag[f]) {
        refuse(c, "a condition that is undefined");
        return term_bool(terms_of(c), false);
    }
    return cc & 1 ? term_not(terms_of(c), c->s->flag[f]) : c->s->flag[f];
}

/* ---- arithmetic ---- */

enum {
    OP_ADD = 0,
    OP_OR = 1,
    OP_AND = 4,
    OP_SUB = 5,
    OP_XOR = 6,
    OP_CMP = 7,
};

/* out: the result, NULL for a comparison */
static term *arithmetic(struct cpu *c, unsigned op, term *a, term *b) {
    struct terms *const t = terms_of(c);
    term *v = NULL;
    switch (op) {
    case OP_ADD: return add_flags(c, a, b);
    case OP_SUB: return sub_flags(c, a, b);
    case OP_CMP: sub_flags(c, a, b); return NULL;
    case OP_OR: v = term_or(t, a, b); break;
    case OP_AND: v = term_and(t, a, b); break;
    case OP_XOR: v = term_xor(t, a, b); break;
    default: refuse(c, "adc or sbb"); return a;
    }
    flags_logic(c, v);
    return v;
}

/* rm = rm op b, in memory at one blow if locked. */
static void do_rm(struct cpu *c, unsigned op, unsigned width, term *b) {
    if (c->in.lock && to_memory(c)) {
        struct mevent *const e = mstate_atomic(c->s, address(c), width / 8);
        if (e && op != OP_CMP)
            e->stored = arithmetic(c, op, e->value, b);
        return;
    }
    term *const v = arithmetic(c, op, read_rm(c, width), b);
    if (v && to_memory(c))
        refuse(c, "arithmetic in memory without a lock");
    else if (v)
        write_rm(c, v);
}

static void op_rm_r(struct cpu *c) {
    const unsigned w = pair_width(c);
    do_rm(c, c->in.op >> 3, w, read_reg(c, c->in.reg, w));
}

static void op_r_rm(struct cpu *c) {
    const unsigned w = pair_width(c);
    term *const v = arithmetic(c, c->in.op >> 3, read_reg(c, c->in.reg, w), read_rm(c, w));
    if (v)
        write_reg(c, c->in.reg, v);
}

static void op_rax_imm(struct cpu *c) {
    const unsigned w = pair_width(c);
    term *const v = arithmetic(c, c->in.op >> 3, read_reg(c, AX, w), number(c, w, c->in.imm));
    if (v)
        write_reg(c, AX, v);
}

static void op_rm_imm(struct cpu *c) {
    const unsigned w = pair_width(c);
    do_rm(c, c->in.digit, w, number(c, w, c->in.imm));
}

static void test_rm_r(struct cpu *c) {
    const unsigned w = pair_width(c);
    flags_logic(c, term_and(terms_of(c), read_rm(c, w), read_reg(c, c->in.reg, w)));
}

static void test_rax_imm(struct cpu *c) {
    const unsigned w = pair_width(c);
    flags_logic(c, term_and(terms_of(c), read_reg(c, AX, w), number(c, w, c->in.imm)));
}

/* ---- products and quotients ---- */

static term *wide(const struct cpu *c, bool sign, term *a) {
    return sign ? term_sext(terms_of(c), 2u * a->width, a)
                : term_zext(terms_of(c), 2u * a->width, a);
}

/* rdx:rax = rax * v */
static void multiply(struct cpu *c, bool sign, term *v) {
    struct terms *const t = terms_of(c);
    const unsigned w = v->width;
    term *const p = term_mul(t, wide(c, sign, read_reg(c, AX, w)), wide(c, sign, v));
    write_reg(c, AX, term_low(t, w, p));
    write_reg(c, DX, term_extract(t, w, w, p));
    no_flags(c);
}

/* A fault unless what is wide is the extension of its low half. */
static void must_fit(struct cpu *c, bool sign, term *v, term *divisor) {
    struct terms *const t = terms_of(c);
    term *const low = term_low(t, v->width / 2u, v);
    mstate_trap(c->s, term_or(t, term_eq(t, divisor, term_const(t, divisor->width, 0)),
                              term_ne(t, wide(c, sign, low), v)));
}

/* rax and rdx = rdx:rax divided by v. Where rdx:rax is the extension of rax, as it is after cqo or
 * with rdx 0, half the width is enough: the quotient fits unless it is the smallest by -1. */
static void divide(struct cpu *c, bool sign, term *v) {
    struct terms *const t = terms_of(c);
    const unsigned w = v->width;
    term *const lo = read_reg(c, AX, w), *const hi = read_reg(c, DX, w);
    term *const zero = term_const(t, w, 0);
    term *q, *r;
    no_flags(c);
    if (sign && hi == term_sext(t, w, sign_of(c, lo))) {
        term *const smallest = term_shl(t, term_const(t, w, 1), term_const(t, w, w - 1));
        mstate_trap(c->s,
                    term_or(t, term_eq(t, v, zero),
                            term_and(t, term_eq(t, lo, smallest), term_eq(t, v, term_ones(t, w)))));
        q = term_sdiv(t, lo, v);
        r = term_srem(t, lo, v);
    } else if (!sign && hi == zero) {
        mstate_trap(c->s, term_eq(t, v, zero));
        q = term_udiv(t, lo, v);
        r = term_urem(t, lo, v);
    } else {
        term *const n = term_concat(t, hi, lo), *const d = wide(c, sign, v);
        q = sign ? term_sdiv(t, n, d) : term_udiv(t, n, d);
        r = sign ? term_srem(t, n, d) : term_urem(t, n, d);
        must_fit(c, sign, q, v);
        q = term_low(t, w, q);
        r = term_low(t, w, r);
    }
    write_reg(c, AX, q);
    write_reg(c, DX, r);
}

static void group3(struct cpu *c) {
    struct terms *const t = terms_of(c);
    const unsigned w = pair_width(c);
    if (to_memory(c) || (w == 8 && c->in.digit != 0)) {
        refuse(c, "an operand that we do not use");
        return;
    }
    term *const v = read_rm(c, w);
    switch (c->in.digit) {
    case 0: flags_logic(c, term_and(t, v, number(c, w, c->in.imm))); break;
    case 2: write_rm(c, term_not(t, v)); break;
    case 3: write_rm(c, sub_flags(c, number(c, w, 0), v)); break;
    case 4:
    case 5: multiply(c, c->in.digit == 5, v); break;
    case 6:
    case 7: divide(c, c->in.digit == 7, v); break;
    default: refuse(c, "an operation that we do not use"); break;
    }
}

static void imul_r_rm(struct cpu *c) {
    write_reg(c, c->in.reg,
              term_mul(terms_of(c), read_reg(c, c->in.reg, c->in.width), read_rm(c, c->in.width)));
    no_flags(c);
}

static void imul_r_rm_imm(struct cpu *c) {
    write_reg(c, c->in.reg,
              term_mul(terms_of(c), read_rm(c, c->in.width), number(c, c->in.width, c->in.imm)));
    no_flags(c);
}

/* cwde, cdqe: the low half of rax, extended. */
static void extend_rax(struct cpu *c) {
    const unsigned w = c->in.width;
    write_reg(c, AX, term_sext(terms_of(c), w, read_reg(c, AX, w / 2)));
}

/* cdq, cqo: rdx = copies of the sign of rax. */
static void extend_to_rdx(struct cpu *c) {
    const unsigned w = c->in.width;
    write_reg(c, DX, term_sext(terms_of(c), w, sign_of(c, read_reg(c, AX, w))));
}

/* ---- shifts ---- */

/* out: v shifted by n, which is of v's width and below it */
static term *shifted(struct cpu *c, unsigned op, term *v, term *n) {
    struct terms *const t = terms_of(c);
    switch (op) {
    case 0: return term_rotl(t, v, n);
    case 1: return term_rotl(t, v, term_neg(t, n));
    case 4: return term_shl(t, v, n);
    case 5: return term_lshr(t, v, n);
    case 7: return term_ashr(t, v, n);
    default: refuse(c, "a rotation through the carry"); return v;
    }
}

/* A count: its low 5 bits, 6 of operands of 64 bits. */
static term *count_of(const struct cpu *c, term *n, unsigned width) {
    struct terms *const t = terms_of(c);
    return term_zext(t, width, term_low(t, width == 64 ? 6 : 5, n));
}

static void shift(struct cpu *c, term *n) {
    const unsigned w = c->in.width;
    if (w == 16 && c->in.digit > 1)
        refuse(c, "a shift of 16 bits");
    write_rm(c, shifted(c, c->in.digit, read_rm(c, w), count_of(c, n, w)));
    no_flags(c); /* a count of 0 would keep them, the others leave some undefined */
}

static void shift_1(struct cpu *c) {
    shift(c, number(c, 8, 1));
}
static void shift_imm(struct cpu *c) {
    shift(c, number(c, 8, c->in.imm));
}
static void shift_cl(struct cpu *c) {
    shift(c, read_reg(c, CX, 64));
}

/* BMI2: flags stay. */
static void shift_x(struct cpu *c) {
    static const uint8_t ops[] = {0, 4, 7, 5};
    const unsigned w = c->in.width;
    term *const n = count_of(c, c->s->reg[c->in.vvvv], w);
    write_reg(c, c->in.reg, shifted(c, ops[c->in.pp], read_rm(c, w), n));
}

static void rorx(struct cpu *c) {
    const unsigned w = c->in.width;
    write_reg(c, c->in.reg, shifted(c, 1, read_rm(c, w), count_of(c, number(c, 8, c->in.imm), w)));
}

/* The high half is written last: it stays where both are one register. */
static void mulx(struct cpu *c) {
    struct terms *const t = terms_of(c);
    const unsigned w = c->in.width;
    term *const p = term_mul(t, wide(c, false, read_reg(c, DX, w)), wide(c, false, read_rm(c, w)));
    write_reg(c, c->in.vvvv, term_low(t, w, p));
    write_reg(c, c->in.reg, term_extract(t, w, w, p));
}

/* ---- moves ---- */

static void mov_rm_r(struct cpu *c) {
    write_rm(c, read_reg(c, c->in.reg, pair_width(c)));
}
static void mov_r_rm(struct cpu *c) {
    write_reg(c, c->in.reg, read_rm(c, pair_width(c)));
}
static void mov_rm_imm(struct cpu *c) {
    if (c->in.digit != 0)
        refuse(c, "an operation that we do not use");
    write_rm(c, number(c, pair_width(c), c->in.imm));
}
static void mov_r_imm(struct cpu *c) {
    write_reg(c, c->in.rm, number(c, c->in.width, c->in.imm));
}

/* movzx, movsx: from 8 bits, or 16 with the odd opcode. */
static void mov_extend(struct cpu *c) {
    struct terms *const t = terms_of(c);
    term *const v = read_rm(c, c->in.op & 1 ? 16 : 8);
    write_reg(c, c->in.reg,
              c->in.op & 8 ? term_sext(t, c->in.width, v) : term_zext(t, c->in.width, v));
}
static void movsxd(struct cpu *c) {
    write_reg(c, c->in.reg, term_sext(terms_of(c), c->in.width, read_rm(c, 32)));
}

static void lea(struct cpu *c) {
    if (!to_memory(c))
        refuse(c, "lea of a register");
    else
        write_reg(c, c->in.reg, term_low(terms_of(c), c->in.width, address(c)));
}

static void bswap(struct cpu *c) {
    write_reg(c, c->in.rm, term_bswap(terms_of(c), read_reg(c, c->in.rm, c->in.width)));
}

static void movbe(struct cpu *c) {
    if (!to_memory(c))
        refuse(c, "movbe of a register");
    else
        write_reg(c, c->in.reg, term_bswap(terms_of(c), read_rm(c, c->in.width)));
}

static void cmov(struct cpu *c) {
    const unsigned w = c->in.width;
    write_reg(
        c, c->in.reg,
        term_ite(terms_of(c), condition(c, c->in.op), read_rm(c, w), read_reg(c, c->in.reg, w)));
}

/* With REX.B, 90 is an exchange. */
static void nop(struct cpu *c) {
    if (!c->in.has_modrm && c->in.b)
        refuse(c, "an exchange that we do not use");
}

/* ---- atomic ---- */

/* The event of a locked access; an exchange needs no prefix. */
static struct mevent *locked(struct cpu *c, bool always) {
    if (!to_memory(c) || (!c->in.lock && !always)) {
        refuse(c, "not locked, or not of memory");
        return NULL;
    }
    return mstate_atomic(c->s, address(c), c->in.width / 8);
}

static void xchg(struct cpu *c) {
    struct mevent *const e = locked(c, true);
    if (!e)
        return;
    e->stored = read_reg(c, c->in.reg, c->in.width);
    write_reg(c, c->in.reg, e->value);
}

static void xadd(struct cpu *c) {
    struct mevent *const e = locked(c, false);
    if (!e)
        return;
    e->stored = add_flags(c, e->value, read_reg(c, c->in.reg, c->in.width));
    write_reg(c, c->in.reg, e->value);
}

/* A success leaves all of rax as it is. */
static void cmpxchg(struct cpu *c) {
    struct terms *const t = terms_of(c);
    struct mevent *const e = locked(c, false);
    if (!e)
        return;
    sub_flags(c, read_reg(c, AX, c->in.width), e->value);
    term *const same = c->s->flag[ZF];
    e->stored = term_ite(t, same, read_reg(c, c->in.reg, c->in.width), e->value);
    c->s->reg[AX] = term_ite(t, same, c->s->reg[AX], term_zext(t, 64, e->value));
}

/* ---- the stack, and where to go ---- */

static void push_value(struct cpu *c, term *v) {
    c->s->reg[SP] = term_add_k(terms_of(c), c->s->reg[SP], -8);
    mstate_store(c->s, c->s->reg[SP], 8, v, true);
}

static term *pop_value(struct cpu *c) {
    term *const v = mstate_load(c->s, c->s->reg[SP], 8, true);
    c->s->reg[SP] = term_add_k(terms_of(c), c->s->reg[SP], 8);
    return v;
}

static void push_r(struct cpu *c) {
    push_value(c, c->s->reg[c->in.rm]);
}

static void pop_r(struct cpu *c) {
    term *const v = pop_value(c);
    c->s->reg[c->in.rm] = v;
}

static void pop_rm(struct cpu *c) {
    if (c->in.digit != 0)
        refuse(c, "an operation that we do not use");
    term *const v = pop_value(c); /* an address made of rsp is made of the new one */
    write_rm(c, v);
}

static void flow(struct cpu *c, enum mflow f, int64_t target) {
    c->out->flow = (uint8_t)f;
    c->out->target = target;
}

static void jump(struct cpu *c) {
    flow(c, MFLOW_JUMP, c->next + c->in.imm);
}
static void jump_if(struct cpu *c) {
    c->out->cond = condition(c, c->in.op);
    flow(c, MFLOW_BRANCH, c->next + c->in.imm);
}
static void call(struct cpu *c) {
    flow(c, MFLOW_CALL, c->next + c->in.imm);
}
static void ret(struct cpu *c) {
    c->out->addr = pop_value(c);
    flow(c, MFLOW_RETURN, 0);
}

static void group5(struct cpu *c) {
    if (c->in.digit == 6) {
        push_value(c, read_rm(c, 64));
        return;
    }
    if (to_memory(c) || (c->in.digit != 2 && c->in.digit != 4)) {
        refuse(c, "an operation that we do not use");
        return;
    }
    c->out->addr = c->s->reg[c->in.rm];
    flow(c, c->in.digit == 2 ? MFLOW_CALL : MFLOW_INDIRECT, 0);
}

/* ---- rows ---- */

/* clang-format off */
#define ARITHMETIC(op) \
    {false, MAP_1, (op) << 3 | 0, (op) << 3 | 1, 0, FORM_MODRM, IMM_NONE, op_rm_r}, \
    {false, MAP_1, (op) << 3 | 2, (op) << 3 | 3, 0, FORM_MODRM, IMM_NONE, op_r_rm}, \
    {false, MAP_1, (op) << 3 | 5, (op) << 3 | 5, 0, FORM_NONE,  IMM_SIZE, op_rax_imm}

const struct x86_row x86_rows[] = {
    ARITHMETIC(OP_ADD), ARITHMETIC(OP_OR), ARITHMETIC(OP_AND), ARITHMETIC(OP_SUB),
    ARITHMETIC(OP_XOR), ARITHMETIC(OP_CMP),
    {false, MAP_1,    0x50, 0x57, 0, FORM_OPREG, IMM_NONE, push_r},
    {false, MAP_1,    0x58, 0x5f, 0, FORM_OPREG, IMM_NONE, pop_r},
    {false, MAP_1,    0x63, 0x63, 0, FORM_MODRM, IMM_NONE, movsxd},
    {false, MAP_1,    0x69, 0x69, 0, FORM_MODRM, IMM_SIZE, imul_r_rm_imm},
    {false, MAP_1,    0x6b, 0x6b, 0, FORM_MODRM, IMM_8,    imul_r_rm_imm},
    {false, MAP_1,    0x70, 0x7f, 0, FORM_NONE,  IMM_8,    jump_if},
    {false, MAP_1,    0x80, 0x80, 0, FORM_MODRM, IMM_8,    op_rm_imm},
    {false, MAP_1,    0x81, 0x81, 0, FORM_MODRM, IMM_SIZE, op_rm_imm},
    {false, MAP_1,    0x83, 0x83, 0, FORM_MODRM, IMM_8,    op_rm_imm},
    {false, MAP_1,    0x84, 0x85, 0, FORM_MODRM, IMM_NONE, test_rm_r},
    {false, MAP_1,    0x87, 0x87, 0, FORM_MODRM, IMM_NONE, xchg},
    {false, MAP_1,    0x88, 0x89, 0, FORM_MODRM, IMM_NONE, mov_rm_r},
    {false, MAP_1,    0x8a, 0x8b, 0, FORM_MODRM, IMM_NONE, mov_r_rm},
    {false, MAP_1,    0x8d, 0x8d, 0, FORM_MODRM, IMM_NONE, lea},
    {false, MAP_1,    0x8f, 0x8f, 0, FORM_MODRM, IMM_NONE, pop_rm},
    {false, MAP_1,    0x90, 0x90, 0, FORM_NONE,  IMM_NONE, nop},
    {false, MAP_1,    0x98, 0x98, 0, FORM_NONE,  IMM_NONE, extend_rax},
    {false, MAP_1,    0x99, 0x99, 0, FORM_NONE,  IMM_NONE, extend_to_rdx},
    {false, MAP_1,    0xa8, 0xa8, 0, FORM_NONE,  IMM_8,    test_rax_imm},
    {false, MAP_1,    0xa9, 0xa9, 0, FORM_NONE,  IMM_SIZE, test_rax_imm},
    {false, MAP_1,    0xb8, 0xbf, 0, FORM_OPREG, IMM_FULL, mov_r_imm},
    {false, MAP_1,    0xc1, 0xc1, 0, FORM_MODRM, IMM_8,    shift_imm},
    {false, MAP_1,    0xc3, 0xc3, 0, FORM_NONE,  IMM_NONE, ret},
    {false, MAP_1,    0xc6, 0xc6, 0, FORM_MODRM, IMM_8,    mov_rm_imm},
    {false, MAP_1,    0xc7, 0xc7, 0, FORM_MODRM, IMM_SIZE, mov_rm_imm},
    {false, MAP_1,    0xd1, 0xd1, 0, FORM_MODRM, IMM_NONE, shift_1},
    {false, MAP_1,    0xd3, 0xd3, 0, FORM_MODRM, IMM_NONE, shift_cl},
    {false, MAP_1,    0xe8, 0xe8, 0, FORM_NONE,  IMM_32,   call},
    {false, MAP_1,    0xe9, 0xe9, 0, FORM_NONE,  IMM_32,   jump},
    {false, MAP_1,    0xeb, 0xeb, 0, FORM_NONE,  IMM_8,    jump},
    {false, MAP_1,    0xf6, 0xf6, 0, FORM_MODRM, IMM_8,    group3},
    {false, MAP_1,    0xf7, 0xf7, 0, FORM_MODRM, IMM_SIZE, group3},
    {false, MAP_1,    0xff, 0xff, 0, FORM_MODRM, IMM_NONE, group5},
    {false, MAP_0F,   0x1f, 0x1f, 0, FORM_MODRM, IMM_NONE, nop},
    {false, MAP_0F,   0x40, 0x4f, 0, FORM_MODRM, IMM_NONE, cmov},
    {false, MAP_0F,   0x80, 0x8f, 0, FORM_NONE,  IMM_32,   jump_if},
    {false, MAP_0F,   0xaf, 0xaf, 0, FORM_MODRM, IMM_NONE, imul_r_rm},
    {false, MAP_0F,   0xb1, 0xb1, 0, FORM_MODRM, IMM_NONE, cmpxchg},
    {false, MAP_0F,   0xb6, 0xb7, 0, FORM_MODRM, IMM_NONE, mov_extend},
    {false, MAP_0F,   0xbe, 0xbf, 0, FORM_MODRM, IMM_NONE, mov_extend},
    {false, MAP_0F,   0xc1, 0xc1, 0, FORM_MODRM, IMM_NONE, xadd},
    {false, MAP_0F,   0xc8, 0xcf, 0, FORM_OPREG, IMM_NONE, bswap},
    {false, MAP_0F38, 0xf0, 0xf0, 0, FORM_MODRM, IMM_NONE, movbe},
    {true,  MAP_0F38, 0xf7, 0xf7, 1, FORM_MODRM, IMM_NONE, shift_x},
    {true,  MAP_0F38, 0xf7, 0xf7, 2, FORM_MODRM, IMM_NONE, shift_x},
    {true,  MAP_0F38, 0xf7, 0xf7, 3, FORM_MODRM, IMM_NONE, shift_x},
    {true,  MAP_0F38, 0xf6, 0xf6, 3, FORM_MODRM, IMM_NONE, mulx},
    {true,  MAP_0F3A, 0xf0, 0xf0, 3, FORM_MODRM, IMM_8,    rorx},
};
const unsigned n_x86_rows = sizeof x86_rows / sizeof *x86_rows;
/* clang-format on */

/* The lock prefix is for read-modify-write in memory, and faults elsewhere. */
static bool prefixes_fit(const struct x86 *in) {
    void (*const f)(struct cpu *) = in->row->step;
    const bool locks = f == op_rm_r || f == op_rm_imm || f == xadd || f == cmpxchg || f == xchg;
    return !in->lock || (locks && in->mod != 3);
}

static bool step(struct mstate *s, const uint8_t *code, size_t n_bytes, size_t at, uint64_t addr,
                 struct mstep *out) {
    struct cpu c = {.s = s, .out = out};
    (void)addr;
    *out = (struct mstep){.flow = MFLOW_NEXT};
    if (!x86_decode(code, n_bytes, at, &c.in)) {
        mstate_fail(s, "no instruction that we know");
        return false;
    }
    out->bytes = c.in.bytes;
    c.next = (int64_t)(at + c.in.bytes);
    if (!prefixes_fit(&c.in))
        mstate_fail(s, "a prefix that does not belong there");
    else
        c.in.row->step(&c);
    return !s->error[0];
}

#define MASK(r) (1u << (r))
const struct machine machine_x86_64 = {
    .name = "x86-64",
    .n_regs = 16,
    .sp = SP,
    .map = {AX, DI, SI, DX, CX, 8, BX, 13, 14, 15, BP, 10, 11, 12},
    .args = {DI, SI, DX, CX, 8, 9},
    .result = AX,
    /* all but rbx, rsp, rbp, r12 to r15 */
    .call_clobbers = MASK(AX) | MASK(CX) | MASK(DX) | MASK(SI) | MASK(DI) | MASK(8) | MASK(9) |
                     MASK(10) | MASK(11),
    .link = 255,
    .red_zone = 128,
    .step = step,
};
