/* arm64.c: the machine of the back end for arm64: decoder, and the meaning of its instructions.
 *
 * The rows are in arm64_rows.def; here are the functions that they are written with: what a field
 * of a word stands for, and what is done with a result. An encoding of a row that the manual
 * reserves, or whose outcome it leaves open, is an error as well as a word of no row.
 *
 * Memory is little-endian. Accesses through the stack pointer ask that it be a multiple of 16, as
 * the machine does; that ordered and atomic accesses are aligned is the specification's affair.
 */
#include "proofs/machine/machine.h"

enum {
    SP = 31,
    LINK = 30,
    FLAG_N = 0,
    FLAG_Z,
    FLAG_C,
    FLAG_V,
    /* made of these, as a comparison gives them directly; NULL: ask those */
    FLAG_LS, /* not C, or Z */
    FLAG_LT, /* N is not V */
    FLAG_LE, /* that, or Z */
};

/* struct a64: an instruction being done. */
struct a64 {
    struct mstate *s;
    struct terms *t;
    const uint8_t *code;
    size_t n_bytes, at;
    uint64_t addr; /* of code */
    uint32_t word;
    unsigned width;        /* of registers, by bit 31: 32, 64 */
    struct mevent *atomic; /* once its old value is asked for */
    struct mstep *out;
};

/* ---- fields ---- */

/* fail: note an error that names the bytes. */
static void fail(struct a64 *i, const char *why) {
    const uint32_t w = i->word;
    mstate_fail(i->s, "arm64: %s: %02x %02x %02x %02x at %zu", why, w & 0xff, w >> 8 & 0xff,
                w >> 16 & 0xff, w >> 24, i->at);
}

static unsigned bits(const struct a64 *i, unsigned lo, unsigned count) {
    return i->word >> lo & ((UINT32_C(1) << count) - 1);
}

static int64_t signed_bits(const struct a64 *i, unsigned lo, unsigned count) {
    const int64_t v = (int64_t)bits(i, lo, count), half = INT64_C(1) << (count - 1);
    return v >= half ? v - 2 * half : v;
}

/* distance: in bytes, of a field in words. */
static int64_t distance(const struct a64 *i, unsigned lo, unsigned count) {
    return 4 * signed_bits(i, lo, count);
}

/* ---- registers ---- */

/* reg: the low width bits of a register; of number 31 zero. */
static term *reg(struct a64 *i, unsigned number, unsigned width) {
    if (number == SP)
        return term_const(i->t, width, 0);
    return term_low(i->t, width, i->s->reg[number]);
}

static term *n(struct a64 *i) {
    return reg(i, bits(i, 5, 5), i->width);
}

static term *n_sp(struct a64 *i) {
    return term_low(i->t, i->width, i->s->reg[bits(i, 5, 5)]);
}

static term *m(struct a64 *i) {
    return reg(i, bits(i, 16, 5), i->width);
}

static term *a(struct a64 *i) {
    return reg(i, bits(i, 10, 5), i->width);
}

static term *d(struct a64 *i) {
    return reg(i, bits(i, 0, 5), i->width);
}

/* put_reg: a register = value, zero-extended; nothing of number 31. */
static void put_reg(struct a64 *i, unsigned number, term *value) {
    if (number != SP)
        i->s->reg[number] = term_zext(i->t, 64, value);
}

static void put(struct a64 *i, term *value) {
    put_reg(i, bits(i, 0, 5), value);
}

static void put_sp(struct a64 *i, term *value) {
    i->s->reg[bits(i, 0, 5)] = term_zext(i->t, 64, value);
}

/* ---- operands ---- */

/* imm12: shifted left by 12 if bit 22 says so. */
static term *imm12(struct a64 *i) {
    return term_const(i->t, i->width, (uint64_t)bits(i, 10, 12) << 12 * bits(i, 22, 1));
}

/* pattern: the immediate of logical instructions: in each element of 2, 4, ... 64 bits a run of
 * ones, rotated right. The element's size is 1 << the highest bit of N:NOT(imms). */
static term *pattern(struct a64 *i) {
    const unsigned wide = bits(i, 22, 1), immr = bits(i, 16, 6), imms = bits(i, 10, 6);
    const unsigned sizes = wide << 6 | (~imms & 63);
    unsigned size = 64;
    while (size > 1 && !(sizes & size))
        size /= 2;
    const unsigned ones = (imms & (size - 1)) + 1, by = immr & (size - 1);
    if (size < 2 || ones == size || size > i->width) {
        fail(i, "reserved immediate");
        return term_const(i->t, i->width, 0);
    }
    uint64_t run = (UINT64_C(1) << ones) - 1;
    if (by)
        run = (run >> by | run << (size - by)) & (UINT64_MAX >> (64 - size));
    for (unsigned filled = size; filled < 64; filled *= 2)
        run |= run << filled;
    return term_const(i->t, i->width, run);
}

/* wide_by: where the 16 bits of a wide move go. wide: they, there. wide_kept: ones elsewhere. */
static unsigned wide_by(struct a64 *i) {
    const unsigned by = 16 * bits(i, 21, 2);
    if (by < i->width)
        return by;
    fail(i, "reserved shift");
    return 0;
}

static term *wide(struct a64 *i) {
    return term_const(i->t, i->width, (uint64_t)bits(i, 5, 16) << wide_by(i));
}

static term *wide_kept(struct a64 *i) {
    return term_const(i->t, i->width, ~(UINT64_C(0xffff) << wide_by(i)));
}

/* m_shifted: register m, shifted by a constant; only logical instructions rotate. */
static term *m_shifted(struct a64 *i, bool rotates) {
    const unsigned by = bits(i, 10, 6);
    term *const k = term_const(i->t, i->width, by);
    if (by >= i->width || (!rotates && bits(i, 22, 2) == 3)) {
        fail(i, "reserved shift");
        return m(i);
    }
    switch (bits(i, 22, 2)) {
    case 0: return term_shl(i->t, m(i), k);
    case 1: return term_lshr(i->t, m(i), k);
    case 2: return term_ashr(i->t, m(i), k);
    default: return term_rotl(i->t, m(i), term_const(i->t, i->width, (i->width - by) % i->width));
    }
}

/* extended: register m's low 8 to 64 bits, by option, extended to width, shifted left. */
static term *extended(struct a64 *i, unsigned width, unsigned by) {
    const unsigned option = bits(i, 13, 3);
    unsigned from = 8U << (option & 3);
    from = from < width ? from : width;
    term *const low = reg(i, bits(i, 16, 5), from);
    term *const all = option & 4 ? term_sext(i->t, width, low) : term_zext(i->t, width, low);
    return term_shl(i->t, all, term_const(i->t, width, by));
}

static term *m_extended(struct a64 *i) {
    const unsigned by = bits(i, 10, 3);
    if (by > 4)
        fail(i, "reserved shift");
    return extended(i, i->width, by);
}

/* m_modulo: register m modulo the width. */
static term *m_modulo(struct a64 *i) {
    return term_and(i->t, m(i), term_const(i->t, i->width, i->width - 1));
}

/* ---- arithmetic ---- */

static term *add(struct a64 *i, term *x, term *y) {
    return term_add(i->t, x, y);
}

static term *sub(struct a64 *i, term *x, term *y) {
    return term_sub(i->t, x, y);
}

static term *bit_and(struct a64 *i, term *x, term *y) {
    return term_and(i->t, x, y);
}

static term *bit_or(struct a64 *i, term *x, term *y) {
    return term_or(i->t, x, y);
}

static term *bit_xor(struct a64 *i, term *x, term *y) {
    return term_xor(i->t, x, y);
}

static term *bit_not(struct a64 *i, term *x) {
    return term_not(i->t, x);
}

static term *is_zero(struct a64 *i, term *x) {
    return term_eq(i->t, x, term_const(i->t, x->width, 0));
}

/* flags: N and Z of a result, and C and V. */
static void flags(struct a64 *i, term *result, term *c, term *v) {
    i->s->flag[FLAG_N] = term_extract(i->t, result->width - 1, 1, result);
    i->s->flag[FLAG_Z] = is_zero(i, result);
    i->s->flag[FLAG_C] = c;
    i->s->flag[FLAG_V] = v;
    i->s->flag[FLAG_LS] = i->s->flag[FLAG_LT] = i->s->flag[FLAG_LE] = NULL;
}

static term *add_flags(struct a64 *i, term *x, term *y) {
    term *const sum = term_add(i->t, x, y);
    flags(i, sum, term_add_overflows(i->t, false, x, y), term_add_overflows(i->t, true, x, y));
    return sum;
}

/* C of a subtraction: there is no borrow. The difference is 0 if both are equal. */
static term *sub_flags(struct a64 *i, term *x, term *y) {
    term *const difference = term_sub(i->t, x, y);
    flags(i, difference, term_ule(i->t, y, x), term_sub_overflows(i->t, true, x, y));
    i->s->flag[FLAG_Z] = term_eq(i->t, x, y);
    i->s->flag[FLAG_LS] = term_ule(i->t, x, y);
    i->s->flag[FLAG_LT] = term_slt(i->t, x, y);
    i->s->flag[FLAG_LE] = term_sle(i->t, x, y);
    return difference;
}

static term *logic_flags(struct a64 *i, term *result) {
    flags(i, result, term_bool(i->t, false), term_bool(i->t, false));
    return result;
}

/* quotient: what has been divided by m; 0 if that is 0. */
static term *quotient(struct a64 *i, term *divided) {
    return term_ite(i->t, is_zero(i, m(i)), term_const(i->t, i->width, 0), divided);
}

/* product: of n and m, all 128 bits. */
static term *product(struct a64 *i, bool is_signed) {
    term *const x = reg(i, bits(i, 5, 5), 64), *const y = reg(i, bits(i, 16, 5), 64);
    if (is_signed)
        return term_mul(i->t, term_sext(i->t, 128, x), term_sext(i->t, 128, y));
    return term_mul(i->t, term_zext(i->t, 128, x), term_zext(i->t, 128, y));
}

static term *high(struct a64 *i, term *x) {
    return term_extract(i->t, x->width / 2, x->width / 2, x);
}

/* field: n's bits r to s, moved down to bit 0; if r is above s: its bits 0 to s, moved up to where
 * rotating right by r takes them. Zeros below; above zeros, or copies of the sign. */
static term *field(struct a64 *i, bool is_signed) {
    const unsigned r = bits(i, 16, 6), s = bits(i, 10, 6);
    if (bits(i, 22, 1) != bits(i, 31, 1) || r >= i->width || s >= i->width) {
        fail(i, "reserved bit field");
        return n(i);
    }
    term *v;
    if (s >= r)
        v = term_extract(i->t, r, s - r + 1, n(i));
    else
        v = term_concat(i->t, term_extract(i->t, 0, s + 1, n(i)),
                        term_const(i->t, i->width - r, 0));
    return is_signed ? term_sext(i->t, i->width, v) : term_zext(i->t, i->width, v);
}

/* two_words: the bits of n:m from a constant on. */
static term *two_words(struct a64 *i) {
    const unsigned from = bits(i, 10, 6);
    if (bits(i, 22, 1) != bits(i, 31, 1) || from >= i->width) {
        fail(i, "reserved bit field");
        return n(i);
    }
    return term_extract(i->t, from, i->width, term_concat(i->t, n(i), m(i)));
}

/* swapped: n, the bytes of each part of so many bits reversed. */
static term *swapped(struct a64 *i, unsigned part_bits) {
    term *v = term_bswap(i->t, term_extract(i->t, 0, part_bits, n(i)));
    for (unsigned lo = part_bits; lo < i->width; lo += part_bits)
        v = term_concat(i->t, term_bswap(i->t, term_extract(i->t, lo, part_bits, n(i))), v);
    return v;
}

/* ---- control ---- */

static term *adr(struct a64 *i) {
    const uint64_t off = (uint64_t)distance(i, 5, 19) + bits(i, 29, 2);
    return term_const(i->t, 64, i->addr + i->at + off);
}

static void jump(struct a64 *i, enum mflow flow, int64_t off) {
    i->out->flow = (uint8_t)flow;
    i->out->target = (int64_t)i->at + off;
}

static void branch(struct a64 *i, term *cond, int64_t off) {
    jump(i, MFLOW_BRANCH, off);
    i->out->cond = cond;
}

/* go: to where a register says; if that is known (far jumps put it together), to there. */
static void go(struct a64 *i, enum mflow flow) {
    term *const to = reg(i, bits(i, 5, 5), 64);
    if (flow == MFLOW_RETURN || !term_is_const(to)) {
        i->out->flow = (uint8_t)flow;
        i->out->addr = to;
        return;
    }
    i->out->flow = flow == MFLOW_INDIRECT ? MFLOW_JUMP : (uint8_t)flow;
    i->out->target = (int64_t)(term_u64(to) - i->addr);
}

static term *tested_bit(struct a64 *i) {
    return term_extract(i->t, bits(i, 31, 1) << 5 | bits(i, 19, 5), 1, reg(i, bits(i, 0, 5), 64));
}

static term *condition(struct a64 *i) {
    const unsigned cond = bits(i, 0, 4);
    term *const *const f = i->s->flag;
    if (!f[FLAG_N] || !f[FLAG_Z] || !f[FLAG_C] || !f[FLAG_V]) {
        fail(i, "undefined flags");
        return term_bool(i->t, false);
    }
    term *const ls = f[FLAG_LS] ? f[FLAG_LS] : bit_or(i, bit_not(i, f[FLAG_C]), f[FLAG_Z]);
    term *const lt = f[FLAG_LT] ? f[FLAG_LT] : bit_xor(i, f[FLAG_N], f[FLAG_V]);
    term *const le = f[FLAG_LE] ? f[FLAG_LE] : bit_or(i, lt, f[FLAG_Z]);
    term *holds = NULL;
    switch (cond >> 1) {
    case 0: holds = f[FLAG_Z]; break;
    case 1: holds = f[FLAG_C]; break;
    case 2: holds = f[FLAG_N]; break;
    case 3: holds = f[FLAG_V]; break;
    case 4: holds = bit_not(i, ls); break;
    case 5: holds = bit_not(i, lt); break;
    case 6: holds = bit_not(i, le); break;
    default: return term_bool(i->t, true);
    }
    return cond & 1 ? bit_not(i, holds) : holds;
}

/* ---- memory ---- */

static unsigned access_bytes(const struct a64 *i) {
    return 1U << bits(i, 30, 2);
}

/* at_base: register n; the stack pointer faults if it is known not to be aligned. */
static term *at_base(struct a64 *i) {
    const unsigned number = bits(i, 5, 5);
    term *const base = i->s->reg[number];
    uint64_t k;
    term *const from = term_split_k(base, &k);
    if (number == SP && (!from || from == i->s->sp0) && k % 16)
        fail(i, "stack pointer not aligned");
    return base;
}

static term *at_scaled(struct a64 *i) {
    return term_add_k(i->t, at_base(i), (int64_t)(bits(i, 10, 12) * access_bytes(i)));
}

static term *at_unscaled(struct a64 *i) {
    return term_add_k(i->t, at_base(i), signed_bits(i, 12, 9));
}

/* at_indexed: + register m, of 32 or 64 bits, shifted by the access' size if bit 12 says so. */
static term *at_indexed(struct a64 *i) {
    if (!bits(i, 14, 1))
        fail(i, "reserved index");
    return term_add(i->t, at_base(i), extended(i, 64, bits(i, 12, 1) * bits(i, 30, 2)));
}

static void store(struct a64 *i, term *addr, bool release) {
    const unsigned bytes = access_bytes(i);
    mstate_store(i->s, addr, bytes, reg(i, bits(i, 0, 5), 8 * bytes), release);
}

/* load: sign-extending is to 64 bits, and nothing that 8 bytes need. */
static void load(struct a64 *i, term *addr, bool is_signed, bool acquire) {
    const unsigned bytes = access_bytes(i);
    if (is_signed && bytes == 8) {
        fail(i, "not known");
        return;
    }
    term *const v = mstate_load(i->s, addr, bytes, acquire);
    put(i, is_signed ? term_sext(i->t, 64, v) : v);
}

/* literal: 8 bytes of the code, which nobody writes: so they are known. Beyond it is memory. */
static term *literal(struct a64 *i) {
    const int64_t from = (int64_t)i->at + distance(i, 5, 19);
    if (from < 0 || (uint64_t)from + 8 > i->n_bytes)
        return mstate_load(i->s, term_const(i->t, 64, i->addr + (uint64_t)from), 8, false);
    uint64_t v = 0;
    for (unsigned k = 0; k < 8; k++)
        v |= (uint64_t)i->code[(size_t)from + k] << 8 * k;
    return term_const(i->t, 64, v);
}

enum pair {
    PAIR_OFFSET,
    PAIR_PRE, /* base += offset, then the access */
    PAIR_POST,
};

/* pair_at: where a pair is; the base register is written, PAIR_POST: by pair_done. What is stored
 * is read in between, so its registers must not be the base: the manual leaves it open what happens
 * then. */
static term *pair_at(struct a64 *i, enum pair how, bool loads) {
    const unsigned base = bits(i, 5, 5), t1 = bits(i, 0, 5), t2 = bits(i, 10, 5);
    if ((loads && t1 == t2) || (how != PAIR_OFFSET && base != SP && (t1 == base || t2 == base)))
        fail(i, "unpredictable pair");
    term *const before = at_base(i);
    term *const after = term_add_k(i->t, before, 8 * signed_bits(i, 15, 7));
    if (how == PAIR_PRE)
        i->s->reg[base] = after;
    return how == PAIR_POST ? before : after;
}

static void pair_done(struct a64 *i, enum pair how) {
    const unsigned base = bits(i, 5, 5);
    if (how == PAIR_POST)
        i->s->reg[base] = term_add_k(i->t, i->s->reg[base], 8 * signed_bits(i, 15, 7));
}

static void store_pair(struct a64 *i, enum pair how) {
    term *const addr = pair_at(i, how, false);
    mstate_store(i->s, addr, 8, reg(i, bits(i, 0, 5), 64), false);
    mstate_store(i->s, term_add_k(i->t, addr, 8), 8, reg(i, bits(i, 10, 5), 64), false);
    pair_done(i, how);
}

static void load_pair(struct a64 *i, enum pair how) {
    term *const addr = pair_at(i, how, true);
    term *const first = mstate_load(i->s, addr, 8, false);
    term *const second = mstate_load(i->s, term_add_k(i->t, addr, 8), 8, false);
    put_reg(i, bits(i, 0, 5), first);
    put_reg(i, bits(i, 10, 5), second);
    pair_done(i, how);
}

/* old: what an atomic instruction finds in memory. s: its register s, of the access' width. */
static term *old(struct a64 *i) {
    const unsigned bytes = access_bytes(i);
    if (!i->atomic)
        i->atomic = mstate_atomic(i->s, at_base(i), bytes);
    return i->atomic ? i->atomic->value : term_const(i->t, 8 * bytes, 0);
}

static term *s(struct a64 *i) {
    return reg(i, bits(i, 16, 5), 8 * access_bytes(i));
}

/* finish: it stores; the register gets the old value. Into number 31 it does not acquire (of cas
 * the manual does not say so; this is the weaker reading). */
static void finish(struct a64 *i, term *stored, unsigned loaded) {
    term *const found = old(i);
    if (i->atomic) {
        i->atomic->stored = stored;
        i->atomic->acquire = i->atomic->serialises = loaded != SP;
    }
    put_reg(i, loaded, found);
}

static void exchange(struct a64 *i, term *stored) {
    finish(i, stored, bits(i, 0, 5));
}

/* compare_exchange: stores register t if it finds s; s = what it finds. */
static void compare_exchange(struct a64 *i) {
    term *const wanted = reg(i, bits(i, 0, 5), 8 * access_bytes(i));
    finish(i, term_ite(i->t, term_eq(i->t, old(i), s(i)), wanted, old(i)), bits(i, 16, 5));
}

/* ---- the rows ---- */

#define A64(name, mask, value, meaning)                                                            \
    static void do_##name(struct a64 *i) {                                                         \
        meaning;                                                                                   \
    }
#include "proofs/machine/arm64_rows.def"
#undef A64

static const struct row {
    uint32_t mask, value;
    void (*meaning)(struct a64 *i);
} rows[] = {
#define A64(name, mask, value, meaning) {UINT32_C(mask), UINT32_C(value), do_##name},
#include "proofs/machine/arm64_rows.def"
#undef A64
};

static const struct row *row_of(uint32_t word) {
    for (size_t r = 0; r < sizeof rows / sizeof *rows; r++)
        if ((word & rows[r].mask) == rows[r].value)
            return &rows[r];
    return NULL;
}

static bool step(struct mstate *state, const uint8_t *code, size_t n_bytes, size_t at,
                 uint64_t addr, struct mstep *out) {
    *out = (struct mstep){.flow = MFLOW_NEXT, .bytes = 4};
    if (at % 4 || at + 4 > n_bytes) {
        mstate_fail(state, "arm64: no whole instruction at %zu of %zu", at, n_bytes);
        return false;
    }
    const uint8_t *const p = code + at;
    struct a64 i = {
        .s = state,
        .t = state->t,
        .code = code,
        .n_bytes = n_bytes,
        .at = at,
        .addr = addr,
        .word = p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24,
        .out = out,
    };
    i.width = i.word >> 31 ? 64 : 32;
    const struct row *const r = row_of(i.word);
    if (r)
        r->meaning(&i);
    else
        fail(&i, "not known");
    return !state->error[0];
}

/* x18 is the system's: a C function of one that does not keep it for itself may change it. */
const struct machine machine_arm64 = {
    .name = "arm64",
    .n_regs = 32, /* the last is the stack pointer */
    .sp = SP,
    /* clang-format off */
    .map = {
        [JR_0] = 5, [JR_1] = 0, [JR_2] = 1, [JR_3] = 2, [JR_4] = 3, [JR_5] = 4,
        [JR_6] = 19, [JR_7] = 20, [JR_8] = 21, [JR_9] = 22,
        [JR_FP] = 23, [JR_T0] = 9, [JR_T1] = 10, [JR_STATE] = 24,
    },
    /* clang-format on */
    .args = {0, 1, 2, 3, 4, 5},
    .result = 0,
    .call_clobbers = UINT32_C(0x4007ffff), /* x0 to x18, x30 */
    .link = LINK,
    .big_endian = false,
    .step = step,
};
