/* x86_64.c: what the instructions of x86-64 do, as far as our back end emits them.
 *
 * The rows are in x86_64_rows.def; here are the functions that they are written with.
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

/* A byte register of number 4 to 7 takes a REX prefix, of no bits if there is no other reason:
 * without it, it is ah, ch, dh or bh, which our back end does not name. */
static term *read_reg(struct cpu *c, unsigned reg, unsigned width) {
    if (width == 8 && reg >= 4 && reg <= 7) {
        c->needs_rex = true;
        if (!c->in.rex)
            refuse(c, "ah, ch, dh or bh");
    }
    return term_low(terms_of(c), width, c->s->reg[reg]);
}

/* 32 bits zero the upper half, 16 keep the rest. */
static void write_reg(struct cpu *c, unsigned reg, term *v) {
    struct terms *const t = terms_of(c);
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

/* The operand that ModRM's rm names, or the opcode: register or memory. Of a word of the stack the
 * low bytes come first. */
static term *read_rm(struct cpu *c, unsigned width) {
    uint64_t off;
    if (to_memory(c) && term_split_k(address(c), &off) == c->s->sp0 && off % 8 == 0)
        return term_low(terms_of(c), width, mstate_load(c->s, address(c), 8, true));
    if (to_memory(c))
        return mstate_load(c->s, address(c), width / 8, true);
    return read_reg(c, c->in.rm, width);
}

/* ---- operands, as the rows name them ---- */

static term *r(struct cpu *c) {
    return read_reg(c, c->in.reg, c->in.width);
}
static term *rm(struct cpu *c) {
    return read_rm(c, c->in.width);
}
static term *rax(struct cpu *c) {
    return read_reg(c, AX, c->in.width);
}
static term *k(const struct cpu *c) {
    return number(c, c->in.width, c->in.imm);
}
static void set_r(struct cpu *c, term *v) {
    write_reg(c, c->in.reg, v);
}
static void set_rm(struct cpu *c, term *v) {
    if (to_memory(c))
        mstate_store(c->s, address(c), v->width / 8u, v, true);
    else
        write_reg(c, c->in.rm, v);
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
    OP_ADD,
    OP_OR,
    OP_AND,
    OP_SUB,
    OP_XOR,
    OP_CMP,
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
    default: v = term_xor(t, a, b); break;
    }
    flags_logic(c, v);
    return v;
}

/* The event of a locked access. */
static struct mevent *locked(struct cpu *c) {
    return mstate_atomic(c->s, address(c), c->in.width / 8);
}

/* rm = rm op b, in memory at one blow. */
static void to_rm(struct cpu *c, unsigned op, term *b) {
    struct mevent *const e = c->in.lock ? locked(c) : NULL;
    if (c->in.lock && !e)
        return;
    term *const v = arithmetic(c, op, e ? e->value : rm(c), b);
    if (v && e)
        e->stored = v;
    else if (v)
        set_rm(c, v);
}

static void rm_r(struct cpu *c, unsigned op) {
    to_rm(c, op, r(c));
}
static void rm_imm(struct cpu *c, unsigned op) {
    to_rm(c, op, k(c));
}

static void r_rm(struct cpu *c, unsigned op) {
    term *const v = arithmetic(c, op, r(c), rm(c));
    if (v)
        set_r(c, v);
}

static void rax_imm(struct cpu *c, unsigned op) {
    term *const v = arithmetic(c, op, rax(c), k(c));
    if (v)
        write_reg(c, AX, v);
}

static void test(struct cpu *c, term *a, term *b) {
    flags_logic(c, term_and(terms_of(c), a, b));
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

/* reg = rm * v */
static void product(struct cpu *c, term *v) {
    set_r(c, term_mul(terms_of(c), rm(c), v));
    no_flags(c);
}

/* The high half is written last: it stays where both are one register. */
static void mulx(struct cpu *c) {
    struct terms *const t = terms_of(c);
    const unsigned w = c->in.width;
    term *const p = term_mul(t, wide(c, false, read_reg(c, DX, w)), wide(c, false, rm(c)));
    write_reg(c, c->in.vvvv, term_low(t, w, p));
    set_r(c, term_extract(t, w, w, p));
}

/* cwde, cdqe: the low half of rax, extended. */
static void extend_rax(struct cpu *c) {
    const unsigned w = c->in.width;
    write_reg(c, AX, term_sext(terms_of(c), w, read_reg(c, AX, w / 2)));
}

/* cdq, cqo: rdx = copies of the sign of rax. */
static void extend_to_rdx(struct cpu *c) {
    write_reg(c, DX, term_sext(terms_of(c), c->in.width, sign_of(c, rax(c))));
}

/* ---- shifts ---- */

enum {
    SHIFT_ROL,
    SHIFT_ROR,
    SHIFT_SHL,
    SHIFT_SHR,
    SHIFT_SAR,
};

/* rm shifted by n: its low 5 bits, 6 of operands of 64 bits. */
static term *shifted(struct cpu *c, unsigned op, term *n) {
    struct terms *const t = terms_of(c);
    const unsigned w = c->in.width;
    term *const v = rm(c);
    term *const by = term_zext(t, w, term_low(t, w == 64 ? 6 : 5, n));
    switch (op) {
    case SHIFT_ROL: return term_rotl(t, v, by);
    case SHIFT_ROR: return term_rotl(t, v, term_neg(t, by));
    case SHIFT_SHL: return term_shl(t, v, by);
    case SHIFT_SHR: return term_lshr(t, v, by);
    default: return term_ashr(t, v, by);
    }
}

static void shift(struct cpu *c, unsigned op, term *n) {
    set_rm(c, shifted(c, op, n));
    no_flags(c); /* a count of 0 would keep them, the others leave some undefined */
}

/* BMI2: flags stay. */
static void shift_x(struct cpu *c, unsigned op, term *n) {
    set_r(c, shifted(c, op, n));
}

/* ---- moves ---- */

/* reg = the low bits of rm, extended. */
static void extend(struct cpu *c, bool sign, unsigned bits) {
    struct terms *const t = terms_of(c);
    term *const v = read_rm(c, bits);
    set_r(c, sign ? term_sext(t, c->in.width, v) : term_zext(t, c->in.width, v));
}

static void cmov(struct cpu *c) {
    set_r(c, term_ite(terms_of(c), condition(c, c->in.op), rm(c), r(c)));
}

/* ---- atomic ---- */

static void xchg(struct cpu *c) {
    struct mevent *const e = locked(c);
    if (!e)
        return;
    e->stored = r(c);
    set_r(c, e->value);
}

static void xadd(struct cpu *c) {
    struct mevent *const e = locked(c);
    if (!e)
        return;
    e->stored = add_flags(c, e->value, r(c));
    set_r(c, e->value);
}

/* A success leaves all of rax as it is. */
static void cmpxchg(struct cpu *c) {
    struct terms *const t = terms_of(c);
    struct mevent *const e = locked(c);
    if (!e)
        return;
    sub_flags(c, rax(c), e->value);
    term *const same = c->s->flag[ZF];
    e->stored = term_ite(t, same, r(c), e->value);
    c->s->reg[AX] = term_ite(t, same, c->s->reg[AX], term_zext(t, 64, e->value));
}

/* ---- the stack, and where to go ---- */

static void push_value(struct cpu *c, term *v) {
    c->s->reg[SP] = term_add_k(terms_of(c), c->s->reg[SP], -8);
    mstate_store(c->s, c->s->reg[SP], 8, v, true);
}

/* Where what is taken off goes to is found afterwards: an address made of rsp is made of the new
 * one. */
static term *pop_value(struct cpu *c) {
    term *const v = mstate_load(c->s, c->s->reg[SP], 8, true);
    c->s->reg[SP] = term_add_k(terms_of(c), c->s->reg[SP], 8);
    return v;
}

static void relative(struct cpu *c, enum mflow flow) {
    c->out->flow = (uint8_t)flow;
    c->out->target = c->next + c->in.imm;
}

static void jump_if(struct cpu *c) {
    c->out->cond = condition(c, c->in.op);
    relative(c, MFLOW_BRANCH);
}

static void to_address(struct cpu *c, enum mflow flow, term *addr) {
    c->out->flow = (uint8_t)flow;
    c->out->addr = addr;
}

/* ---- the rows ---- */

#define X86(name, space, first, last, digit, imm, where, sizes, meaning)                           \
    static void do_##name(struct cpu *c) {                                                         \
        meaning;                                                                                   \
    }
#include "proofs/machine/x86_64_rows.def"
#undef X86

const struct x86_row x86_rows[] = {
#define X86(name, space, first, last, digit, imm, where, sizes, meaning)                           \
    {#name, space, first, last, digit, imm, where, sizes, do_##name},
#include "proofs/machine/x86_64_rows.def"
#undef X86
};
const unsigned n_x86_rows = sizeof x86_rows / sizeof *x86_rows;

/* Is a REX prefix that has no bits there for a byte register? */
static bool rex_fits(const struct cpu *c) {
    const struct x86 *const in = &c->in;
    return !in->rex || in->w || in->r || in->x || in->b || c->needs_rex;
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
    c.in.row->meaning(&c);
    if (!rex_fits(&c))
        refuse(&c, "a REX prefix that says nothing");
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
