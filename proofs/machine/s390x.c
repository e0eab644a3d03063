/* s390x.c: z/Architecture as far as our back end uses it, from the Principles of Operation.
 *
 * What an instruction does is its row in s390x_rows.def; here are the words that rows are written
 * with, and what takes more than an expression. Addresses have 64 bits. Registers are the sixteen
 * general ones, then the eight floating-point ones that belong to nobody across a call and only
 * hold things. Flags 0 to 3 say, as truth values, whether the condition code is 0 to 3: exactly
 * one is true, so that what a mask asks of a comparison is one comparison again.
 *
 * Divisions trap on zero and where the quotient does not fit. Addresses of interlocked accesses are
 * believed to be aligned, unless they are known not to be.
 */
#include "proofs/machine/machine.h"
#include "proofs/machine/s390x_decode.h"

enum {
    LINK = 14,
    SP = 15,
    N_MASKS = 16,
    N_FPRS = 8,
};

/* struct doing: an instruction being done. */
struct doing {
    struct mstate *s;
    struct terms *t;
    struct s390x_fields f;
    const uint8_t *code;
    size_t n_bytes, at;
    uint64_t addr; /* of code */
    struct mstep *out;
};

/* ---- words of rows ---- */

static term *constant(struct doing *x, unsigned width, uint64_t value) {
    return term_const(x->t, width, value);
}

/* low: the low bits of a register. */
static term *low(struct doing *x, unsigned width, uint8_t r) {
    return term_low(x->t, width, x->s->reg[r]);
}

static term *immediate(struct doing *x, unsigned width) {
    return constant(x, width, (uint64_t)x->f.i);
}

/* add: sums with a constant keep the form of an address. */
static term *add(struct doing *x, term *a, term *b) {
    if (a->width == 64 && term_is_const(b))
        return term_add_k(x->t, a, (int64_t)term_u64(b));
    return term_add(x->t, a, b);
}

/* address: of the operand in storage; register 0 as base or index means none. */
static term *address(struct doing *x) {
    term *a = constant(x, 64, 0);
    if (x->f.base)
        a = x->s->reg[x->f.base];
    if (x->f.index)
        a = term_add(x->t, a, x->s->reg[x->f.index]);
    return term_add_k(x->t, a, x->f.displacement);
}

/* memory: loads and stores of this machine are ordered: only a store and a later load are not. */
static term *memory(struct doing *x, unsigned bytes) {
    return mstate_load(x->s, address(x), bytes, true);
}

/* amount: of a shift: the address' last six bits. */
static term *amount(struct doing *x, unsigned width) {
    return term_zext(x->t, width, term_low(x->t, 6, address(x)));
}

/* rotated: rotations of 32 bits count modulo 32 whatever the sixth bit says. */
static term *rotated(struct doing *x, term *a) {
    const unsigned bits = a->width == 32 ? 5 : 6;
    return term_rotl(x->t, a, term_zext(x->t, a->width, term_low(x->t, bits, address(x))));
}

/* selected: ROTATE THEN INSERT SELECTED BITS: bits first to last, counted from the left and around
 * the end, come from the second register, rotated; the others are kept, or cleared. */
static term *selected(struct doing *x) {
    const unsigned first = x->f.select[0] & 63, last = x->f.select[1] & 63;
    const unsigned n = ((last - first) & 63) + 1;
    const bool clear = x->f.select[1] & 0x80;
    uint64_t mask = 0;
    for (unsigned i = 0; i < n; i++)
        mask |= UINT64_C(1) << (63 - ((first + i) & 63));
    term *const turned = term_rotl(x->t, x->s->reg[x->f.r2], constant(x, 64, x->f.select[2] & 63));
    term *const taken = term_and(x->t, turned, constant(x, 64, mask));
    if (clear)
        return taken;
    return term_or(x->t, taken, term_and(x->t, x->s->reg[x->f.r1], constant(x, 64, ~mask)));
}

/* ---- the condition code ---- */

/* struct cc: whether it is 0, 1, 2, 3. keep: it stays what it was. */
struct cc {
    bool keep;
    term *is[4];
};

static const struct cc cc_keep = {.keep = true};

static struct cc cc_sign(struct doing *x, term *v) {
    struct terms *const t = x->t;
    term *const zero = constant(x, v->width, 0);
    return (struct cc){.is = {term_eq(t, v, zero), term_slt(t, v, zero), term_slt(t, zero, v),
                              term_bool(t, false)}};
}

/* cc_if: 0 if so, else 1. */
static struct cc cc_if(struct doing *x, term *zero) {
    term *const no = term_bool(x->t, false);
    return (struct cc){.is = {zero, term_not(x->t, zero), no, no}};
}

static struct cc cc_bits(struct doing *x, term *v) {
    return cc_if(x, term_eq(x->t, v, constant(x, v->width, 0)));
}

static struct cc cc_order(struct doing *x, bool is_signed, term *a, term *b) {
    term *(*const less)(struct terms *, term *, term *) = is_signed ? term_slt : term_ult;
    return (struct cc){
        .is = {term_eq(x->t, a, b), less(x->t, a, b), less(x->t, b, a), term_bool(x->t, false)}};
}

static struct cc cc_overflow(struct doing *x, term *overflow, term *v) {
    struct cc c = cc_sign(x, v);
    for (unsigned i = 0; i < 3; i++)
        c.is[i] = term_and(x->t, term_not(x->t, overflow), c.is[i]);
    c.is[3] = overflow;
    return c;
}

/* cc_carry: of an unsigned sum v, one of whose operands was a. */
static struct cc cc_carry(struct doing *x, term *a, term *v) {
    struct terms *const t = x->t;
    term *const zero = term_eq(t, v, constant(x, v->width, 0)), *const other = term_not(t, zero);
    term *const carry = term_ult(t, v, a), *const none = term_not(t, carry);
    return (struct cc){.is = {term_and(t, zero, none), term_and(t, other, none),
                              term_and(t, zero, carry), term_and(t, other, carry)}};
}

/* cc_under_mask: of 16 bits from lo, those that the immediate selects: all 0; the leftmost is 0, or
 * 1, and others are not; all 1. */
static struct cc cc_under_mask(struct doing *x, unsigned lo) {
    struct terms *const t = x->t;
    const uint64_t mask = (uint64_t)x->f.i & UINT16_MAX;
    term *const bits =
        term_and(t, term_extract(t, lo, 16, x->s->reg[x->f.r1]), constant(x, 16, mask));
    unsigned top = 15;
    while (top && !(mask >> top & 1))
        top--;
    term *const none = term_eq(t, bits, constant(x, 16, 0));
    term *const all = term_and(t, term_not(t, none), term_eq(t, bits, constant(x, 16, mask)));
    term *const mixed = term_not(t, term_or(t, none, all));
    term *const first = term_extract(t, top, 1, bits);
    return (struct cc){
        .is = {none, term_and(t, mixed, term_not(t, first)), term_and(t, mixed, first), all}};
}

/* on_cc: is the condition code one that the mask names? Its leftmost bit is for 0. Said without the
 * code 0 where that can be: a comparison's other codes are what conditions are made of. */
static term *on_cc(struct doing *x) {
    term *const *const is = x->s->flag;
    const unsigned mask = x->f.mask;
    const bool zero = mask & 8, only = mask == 8;
    if (!is[0]) {
        mstate_fail(x->s, "s390x: the condition code at 0x%zx is undefined", x->at);
        return term_bool(x->t, false);
    }
    if (only || mask == 7 || (mask == 6 && term_is_false(is[3])))
        return only ? is[0] : term_not(x->t, is[0]);
    term *any = term_bool(x->t, false);
    for (unsigned i = 1; i < 4; i++)
        if ((mask >> (3 - i) & 1) != zero)
            any = term_or(x->t, any, is[i]);
    return zero ? term_not(x->t, any) : any;
}

/* ---- results ---- */

/* put: bits lo and up of register r. */
static void put(struct doing *x, uint8_t r, unsigned lo, term *v) {
    term *const old = x->s->reg[r];
    const unsigned top = lo + v->width;
    if (lo)
        v = term_concat(x->t, v, term_low(x->t, lo, old));
    if (top < 64)
        v = term_concat(x->t, term_extract(x->t, top, 64 - top, old), v);
    x->s->reg[r] = v;
}

static void put_cc(struct doing *x, struct cc cc) {
    for (unsigned i = 0; i < 4 && !cc.keep; i++)
        x->s->flag[i] = cc.is[i];
}

/* aligned: interlocked accesses and relative loads ask for it. What is not a constant is believed:
 * so does the back end, whose contract says so. */
static void aligned(struct doing *x, term *addr, unsigned bytes) {
    if (term_is_const(addr) && term_u64(addr) % bytes)
        mstate_fail(x->s, "s390x: an address at 0x%zx is not aligned", x->at);
}

/* interlocked: a read-modify-write begins: the event, or NULL with the error noted. */
static struct mevent *interlocked(struct doing *x, unsigned bytes) {
    term *const addr = address(x);
    aligned(x, addr, bytes);
    return mstate_atomic(x->s, addr, bytes);
}

/* ---- pairs ---- */

static void put_pair(struct doing *x, term *even, term *odd) {
    put(x, x->f.r1, 0, even);
    put(x, x->f.r1 + 1, 0, odd);
}

static void multiply_128(struct doing *x, term *a, term *b) {
    term *const product = term_mul(x->t, a, b);
    put_pair(x, term_extract(x->t, 64, 64, product), term_low(x->t, 64, product));
}

static void multiply_logical(struct doing *x) {
    multiply_128(x, term_zext(x->t, 128, low(x, 64, x->f.r1 + 1)),
                 term_zext(x->t, 128, low(x, 64, x->f.r2)));
}

static void multiply_signed(struct doing *x) {
    multiply_128(x, term_sext(x->t, 128, low(x, 64, x->f.r2)),
                 term_sext(x->t, 128, low(x, 64, x->f.r3)));
}

/* divide_logical: high:low / by. The quotient fits if high < by, which implies that by is not 0. */
static void divide_logical(struct doing *x, unsigned width) {
    struct terms *const t = x->t;
    term *const high = low(x, width, x->f.r1), *const down = low(x, width, x->f.r1 + 1);
    term *const by = low(x, width, x->f.r2);
    term *const traps = term_ule(t, by, high);
    mstate_trap(x->s, traps);
    if (term_is_value(high, 0)) { /* no need of terms twice as wide */
        put_pair(x, term_urem(t, down, by), term_udiv(t, down, by));
        return;
    }
    term *const a = term_concat(t, high, down), *const b = term_zext(t, 2 * width, by);
    put_pair(x, term_low(t, width, term_urem(t, a, b)), term_low(t, width, term_udiv(t, a, b)));
}

static void divide_logical_32(struct doing *x) {
    divide_logical(x, 32);
}

static void divide_logical_64(struct doing *x) {
    divide_logical(x, 64);
}

static bool is_extended(struct doing *x, term *a) {
    return term_sext(x->t, 64, term_low(x->t, 32, a)) == a;
}

/* divide_single: the odd register by 64 bits: DIVIDE SINGLE. Of two extended numbers of 32 bits
 * nothing wider is needed: only the smallest by -1 does not fit. */
static void divide_single(struct doing *x, term *by) {
    struct terms *const t = x->t;
    term *const a = low(x, 64, x->f.r1 + 1);
    const bool narrow = is_extended(x, a) && is_extended(x, by);
    const unsigned width = narrow ? 32 : 64;
    term *const top = term_low(t, width, a), *const down = term_low(t, width, by);
    term *const overflow =
        term_and(t, term_eq(t, top, constant(x, width, UINT64_C(1) << (width - 1))),
                 term_eq(t, down, term_ones(t, width)));
    term *const zero = term_eq(t, down, constant(x, width, 0));
    mstate_trap(x->s, narrow ? zero : term_or(t, zero, overflow));
    term *quotient = term_sext(t, 64, term_sdiv(t, top, down));
    if (narrow)
        quotient = term_ite(t, overflow, constant(x, 64, UINT64_C(1) << 31), quotient);
    put_pair(x, term_sext(t, 64, term_srem(t, top, down)), quotient);
}

static void divide_by_64(struct doing *x) {
    divide_single(x, low(x, 64, x->f.r2));
}

static void divide_by_32(struct doing *x) {
    divide_single(x, term_sext(x->t, 64, low(x, 32, x->f.r2)));
}

/* ---- storage ---- */

/* Registers r1 to r3, around the end, from or to ascending words. The base is read first. */
static void load_multiple(struct doing *x) {
    term *const addr = address(x);
    const unsigned n = ((x->f.r3 - x->f.r1) & 15U) + 1;
    for (unsigned i = 0; i < n; i++)
        x->s->reg[(x->f.r1 + i) & 15] =
            mstate_load(x->s, term_add_k(x->t, addr, 8 * (int64_t)i), 8, true);
}

static void store_multiple(struct doing *x) {
    term *const addr = address(x);
    const unsigned n = ((x->f.r3 - x->f.r1) & 15U) + 1;
    for (unsigned i = 0; i < n; i++)
        mstate_store(x->s, term_add_k(x->t, addr, 8 * (int64_t)i), 8, x->s->reg[(x->f.r1 + i) & 15],
                     true);
}

/* load_relative: from the code's own pool: a constant. Beyond the code is memory. */
static void load_relative(struct doing *x) {
    const int64_t from = (int64_t)x->at + x->f.distance;
    term *const addr = constant(x, 64, x->addr + (uint64_t)from);
    aligned(x, addr, 8);
    if (from < 0 || from > (int64_t)x->n_bytes - 8) {
        x->s->reg[x->f.r1] = mstate_load(x->s, addr, 8, false);
        return;
    }
    uint64_t v = 0;
    for (unsigned i = 0; i < 8; i++)
        v = v << 8 | x->code[from + i];
    x->s->reg[x->f.r1] = constant(x, 64, v);
}

/* ---- branches ---- */

static void jump_if(struct doing *x, term *cond) {
    x->out->flow = MFLOW_BRANCH;
    x->out->target = (int64_t)x->at + x->f.distance;
    x->out->cond = cond;
}

/* compare_and_jump: mask 8: equal, 4: less, 2: greater. */
static void compare_and_jump(struct doing *x, bool is_signed, term *a, term *b) {
    struct terms *const t = x->t;
    term *(*const less)(struct terms *, term *, term *) = is_signed ? term_slt : term_ult;
    term *(*const at_most)(struct terms *, term *, term *) = is_signed ? term_sle : term_ule;
    switch (x->f.mask) {
    case 0: jump_if(x, term_bool(t, false)); return;
    case 2: jump_if(x, less(t, b, a)); return;
    case 4: jump_if(x, less(t, a, b)); return;
    case 6: jump_if(x, term_ne(t, a, b)); return;
    case 8: jump_if(x, term_eq(t, a, b)); return;
    case 10: jump_if(x, at_most(t, b, a)); return;
    case 12: jump_if(x, at_most(t, a, b)); return;
    default: jump_if(x, term_bool(t, true));
    }
}

static void branch_on_cc(struct doing *x) {
    if (x->f.mask == N_MASKS - 1) {
        x->out->flow = MFLOW_JUMP;
        x->out->target = (int64_t)x->at + x->f.distance;
    } else
        jump_if(x, on_cc(x));
}

/* call: what leaves the return address in a register; path.c puts it there. */
static void call(struct doing *x) {
    if (x->f.r1 != LINK)
        mstate_fail(x->s, "s390x: a call at 0x%zx by %%r%u", x->at, x->f.r1);
    x->out->flow = MFLOW_CALL;
}

static void branch_and_save(struct doing *x) {
    call(x);
    x->out->target = (int64_t)x->at + x->f.distance;
}

static void branch_and_save_register(struct doing *x) {
    call(x);
    x->out->addr = x->s->reg[x->f.r2];
    if (!x->f.r2)
        mstate_fail(x->s, "s390x: basr at 0x%zx goes nowhere", x->at);
}

/* branch_register: to nowhere it is a fence, for masks 14 and 15. */
static void branch_register(struct doing *x) {
    if (!x->f.r2 && x->f.mask >= 14) {
        struct mevent *const e = mstate_event(x->s, MEV_FENCE, constant(x, 64, 0), 0);
        if (e)
            e->acquire = e->release = e->serialises = true;
    } else if (x->f.r2 && x->f.mask == N_MASKS - 1) {
        x->out->flow = x->f.r2 == LINK ? MFLOW_RETURN : MFLOW_INDIRECT;
        x->out->addr = x->s->reg[x->f.r2];
    } else
        mstate_fail(x->s, "s390x: bcr %u,%%r%u at 0x%zx", x->f.mask, x->f.r2, x->at);
}

/* ---- rows ---- */

/* clang-format off */
#define G1             x->s->reg[x->f.r1]
#define G2             x->s->reg[x->f.r2]
#define G3             x->s->reg[x->f.r3]
#define L1             low(x, 32, x->f.r1)
#define L2             low(x, 32, x->f.r2)
#define L3             low(x, 32, x->f.r3)
#define LOW(n, which)  low(x, n, x->f.r##which)
#define K(n, v)        constant(x, n, v)
#define IMM(n)         immediate(x, n)
#define I              immediate(x, P->width)
#define EA             address(x)
#define MEM(n)         memory(x, n)
#define AMOUNT         amount(x, P->width)
#define SELECTED       selected(x)
#define IN_MASK        on_cc(x)
#define ZX(n, a)       term_zext(x->t, n, a)
#define SX(n, a)       term_sext(x->t, n, a)
#define UP(a, n)       term_shl(x->t, a, K(64, n))
#define SWAP(a)        term_bswap(x->t, a)
#define IF(c, a, b)    term_ite(x->t, c, a, b)
#define EQ(a, b)       term_eq(x->t, a, b)
#define ADD(a, b)      add(x, a, b)
#define SUB(a, b)      term_sub(x->t, a, b)
#define MUL(a, b)      term_mul(x->t, a, b)
#define NEG(a)         term_neg(x->t, a)
#define AND(a, b)      term_and(x->t, a, b)
#define OR(a, b)       term_or(x->t, a, b)
#define XOR(a, b)      term_xor(x->t, a, b)
#define SHL(a, n)      term_shl(x->t, a, n)
#define LSHR(a, n)     term_lshr(x->t, a, n)
#define ASHR(a, n)     term_ashr(x->t, a, n)
#define ROTL(a, n)     rotated(x, a)
/* condition codes */
#define KEEP                 cc_keep
#define SIGN(v)              cc_sign(x, v)
#define BITS(v)              cc_bits(x, v)
#define EQUAL(a, b)          cc_if(x, term_eq(x->t, a, b))
#define SUM(a, b, v)         cc_overflow(x, term_add_overflows(x->t, true, a, b), v)
#define DIFFERENCE(a, b, v)  cc_overflow(x, term_sub_overflows(x->t, true, a, b), v)
#define PRODUCT(a, b, v)     cc_overflow(x, term_mul_overflows(x->t, true, a, b), v)
#define CARRY(a, v)          cc_carry(x, a, v)
#define ORDER(sign, a, b)    cc_order(x, sign, a, b)
#define UNDER_MASK(lo)       cc_under_mask(x, lo)

#define TO(format, opcode, name, lo, width, value, cc)                                             \
    static void do_##name(struct doing *x) {                                                       \
        term *const P = term_extract(x->t, lo, width, G1), *const V = value;                       \
        (void)P;                                                                                   \
        put_cc(x, cc);                                                                             \
        put(x, x->f.r1, lo, V);                                                                    \
    }
#define TEST(format, opcode, name, cc)                                                             \
    static void do_##name(struct doing *x) {                                                       \
        put_cc(x, cc);                                                                             \
    }
#define STORE(format, opcode, name, bytes, value)                                                  \
    static void do_##name(struct doing *x) {                                                       \
        mstate_store(x->s, EA, bytes, value, true);                                                \
    }
#define RMW(format, opcode, name, bytes, all, stores, cc)                                          \
    static void do_##name(struct doing *x) {                                                       \
        struct mevent *const e = interlocked(x, bytes);                                            \
        if (!e)                                                                                    \
            return;                                                                                \
        term *const OLD = e->value, *const V = stores;                                             \
        e->stored = V;                                                                             \
        e->serialises = all;                                                                       \
        put_cc(x, cc);                                                                             \
        put(x, x->f.r1, 0, OLD);                                                                   \
    }
#define JUMP_IF(format, opcode, name, sign, a, b)                                                  \
    static void do_##name(struct doing *x) {                                                       \
        compare_and_jump(x, sign, a, b);                                                           \
    }
#define DO(format, opcode, name, function)                                                         \
    static void do_##name(struct doing *x) {                                                       \
        function(x);                                                                               \
    }
#include "proofs/machine/s390x_rows.def"

struct row {
    uint32_t opcode;
    enum s390x_format format;
    void (*run)(struct doing *x);
};

#define LIST(format, opcode, name)                           {opcode, S390X_##format, do_##name},
#define TO(format, opcode, name, lo, width, value, cc)       LIST(format, opcode, name)
#define TEST(format, opcode, name, cc)                       LIST(format, opcode, name)
#define STORE(format, opcode, name, bytes, value)            LIST(format, opcode, name)
#define RMW(format, opcode, name, bytes, all, stores, cc)    LIST(format, opcode, name)
#define JUMP_IF(format, opcode, name, sign, a, b)            LIST(format, opcode, name)
#define DO(format, opcode, name, function)                   LIST(format, opcode, name)
static const struct row rows[] = {
#include "proofs/machine/s390x_rows.def"
};
/* clang-format on */

/* ---- one instruction ---- */

static bool unknown(struct mstate *s, const uint8_t *code, unsigned n, size_t at) {
    char bytes[3 * 6 + 1] = "";
    static const char digits[] = "0123456789abcdef";
    for (unsigned i = 0; i < n; i++) {
        bytes[3 * i] = ' ';
        bytes[3 * i + 1] = digits[code[i] >> 4];
        bytes[3 * i + 2] = digits[code[i] & 15];
        bytes[3 * i + 3] = 0;
    }
    mstate_fail(s, "s390x: unknown instruction at 0x%zx:%s", at, bytes);
    return false;
}

static bool step(struct mstate *s, const uint8_t *code, size_t n_bytes, size_t at, uint64_t addr,
                 struct mstep *out) {
    const uint8_t *const insn = code + at;
    const unsigned length = s390x_length(insn[0]);
    if (length > n_bytes - at)
        return unknown(s, insn, (unsigned)(n_bytes - at), at);
    const uint32_t opcode = s390x_opcode(insn);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (rows[i].opcode != opcode)
            continue;
        struct doing x = {
            .s = s,
            .t = s->t,
            .code = code,
            .n_bytes = n_bytes,
            .at = at,
            .addr = addr,
            .out = out,
        };
        if (!s390x_decode(rows[i].format, insn, &x.f))
            break;
        *out = (struct mstep){.flow = MFLOW_NEXT, .bytes = length};
        rows[i].run(&x);
        return !s->error[0];
    }
    return unknown(s, insn, length, at);
}

const struct machine machine_s390x = {
    .name = "s390x",
    .n_regs = S390X_FPR + N_FPRS,
    .sp = SP,
    /* r0 to r9; FP, T0, T1, STATE */
    .map = {11, 2, 3, 4, 5, 6, 7, 8, 9, 10, 13, 1, LINK, 12},
    .args = {2, 3, 4, 5, 6, 255}, /* the sixth is on the stack */
    .result = 2,
    .call_clobbers = 0x3f | 1U << LINK | 0xffU << S390X_FPR, /* %r0 to %r5; %f0 to %f7 */
    /* where callees save registers, and the sixth argument */
    .call_area = 168,
    .slots = 168,
    .link = LINK,
    .leaf_link = S390X_FPR, /* %r14 is T1 inside functions */
    .big_endian = true,
    .step = step,
};
