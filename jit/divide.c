/* divide.c: division and remainder by a constant: shifts for powers of two, else the upper half of
 * a product with a reciprocal.
 *
 *   unsigned, N bits:  q = x * m >> (N + s),  m = ceil(2^(N+s) / d),  s = floor(log2 d),
 *                      exact if m * d - 2^(N+s) <= 2^s. Else m = ceil(2^(N+s+1) / d) is, which
 *                      takes N + 1 bits; the top one is added by hand:
 *                      t = mulhu(x, m - 2^N); q = (((x - t) >> 1) + t) >> s
 *   signed:            q = (mulhs(x, m) [+ or - x]) >> s, plus 1 if that is negative
 *
 * 32-bit unsigned quotients come from one 64-bit product: m = ceil(2^(32+s) / d) times x where that
 * fits, else the upper half of x * ceil(2^64 / d).
 * source: Granlund and Montgomery, "Division by invariant integers using multiplication", 1994.
 */
#include "jit/driver.h"

static bool is_signed(const struct jit_alu *a) {
    return a->op == JOP_SDIV || a->op == JOP_SMOD;
}

static bool is_mod(const struct jit_alu *a) {
    return a->op == JOP_UMOD || a->op == JOP_SMOD;
}

static unsigned log2_floor(uint64_t d) {
    return 63 - (unsigned)__builtin_clzll(d);
}

/* dst = a - q * d, with q in T0; or dst = q. */
static void finish(struct jit *j, const struct jit_alu *a, int64_t d) {
    struct jit_alu last = {
        .op = JOP_MOV, .width = a->width, .dst = a->dst, .a = a->a, .b = JR_T0, .zext = a->zext};
    if (is_mod(a)) {
        j_alu_k(j, JOP_MUL, a->width, JR_T0, JR_T0, d);
        last.op = JOP_SUB;
    }
    j->arch->alu(&j->code, &last);
}

/* ---- unsigned ---- */
static void udiv_pow2(struct jit *j, const struct jit_alu *a, unsigned k, uint64_t d) {
    struct jit_alu one = {
        .width = a->width, .dst = a->dst, .a = a->a, .b = a->a, .zext = a->zext, .imm = true};
    one.op = is_mod(a) ? JOP_AND : JOP_LSHR;
    one.k = is_mod(a) ? (int64_t)(int32_t)(d - 1) : k;
    if (one.op == JOP_LSHR && !k) {
        one.op = JOP_MOV;
        one.imm = false;
    }
    j->arch->alu(&j->code, &one);
}

static void udiv32(struct jit *j, const struct jit_alu *a, uint32_t d) {
    const unsigned s = log2_floor(d);
    const __uint128_t m = (((__uint128_t)1 << (32 + s)) + d - 1) / d;
    const uint8_t x = j->known.zext >> a->a & 1 ? a->a : JR_T1;
    if (x == JR_T1)
        j_alu(j, JOP_ZEXT32, 64, JR_T1, 0, a->a);
    const bool exact = m * d - ((__uint128_t)1 << (32 + s)) <= (__uint128_t)1 << s;
    if (exact && m <= INT32_MAX) {
        j_alu_k(j, JOP_MUL, 64, JR_T0, x, (int64_t)m);
        j_alu_k(j, JOP_LSHR, 64, JR_T0, JR_T0, 32 + s);
    } else if (exact) {
        j_const(j, JR_T0, (uint64_t)m);
        j_alu(j, JOP_MUL, 64, JR_T0, JR_T0, x);
        j_alu_k(j, JOP_LSHR, 64, JR_T0, JR_T0, 32 + s);
    } else {
        j_const(j, JR_T0, UINT64_MAX / d + 1);
        j_alu(j, JOP_MULHU, 64, JR_T0, JR_T0, x);
    }
    finish(j, a, (int32_t)d);
}

/* Where the quotient is 0 or 1. */
static void udiv_huge(struct jit *j, const struct jit_alu *a, uint64_t d) {
    const uint32_t done = j_label(j);
    j_alu_k(j, JOP_MOV, 64, JR_T0, 0, 0);
    j_branch_k(j, JC_ULT, 64, a->a, (int64_t)d, done);
    j_alu_k(j, JOP_MOV, 64, JR_T0, 0, 1);
    j_bind(j, done);
    finish(j, a, (int64_t)d);
}

static void udiv64(struct jit *j, const struct jit_alu *a, uint64_t d) {
    /* d is a sign-extended immediate: below 2^31, or from 2^64 - 2^31 on */
    const unsigned s = log2_floor(d);
    if (s == 63) {
        udiv_huge(j, a, d);
        return;
    }
    const __uint128_t top = (__uint128_t)1 << (64 + s);
    const __uint128_t m = (top + d - 1) / d;
    const bool exact = m * d - top <= (__uint128_t)1 << s;
    j_const(j, JR_T0, (uint64_t)(exact ? m : (2 * top + d - 1) / d));
    j_alu(j, JOP_MULHU, 64, JR_T0, JR_T0, a->a);
    if (!exact) {
        j_alu(j, JOP_SUB, 64, JR_T1, a->a, JR_T0);
        j_alu_k(j, JOP_LSHR, 64, JR_T1, JR_T1, 1);
        j_alu(j, JOP_ADD, 64, JR_T0, JR_T0, JR_T1);
        if (s > 0)
            j_alu_k(j, JOP_LSHR, 64, JR_T0, JR_T0, s);
    } else if (s) {
        j_alu_k(j, JOP_LSHR, 64, JR_T0, JR_T0, s);
    }
    finish(j, a, (int64_t)d);
}

/* ---- signed ---- */
static void sdiv_pow2(struct jit *j, const struct jit_alu *a, unsigned k, int64_t d) {
    /* truncation: add 2^k - 1 to a negative number first */
    const unsigned w = a->width;
    j_alu_k(j, JOP_ASHR, w, JR_T0, a->a, (int64_t)w - 1);
    j_alu_k(j, JOP_LSHR, w, JR_T0, JR_T0, (int64_t)(w - k));
    j_alu(j, JOP_ADD, w, JR_T0, JR_T0, a->a);
    j_alu_k(j, JOP_ASHR, w, JR_T0, JR_T0, k);
    if (d < 0)
        j_alu(j, JOP_NEG, w, JR_T0, 0, JR_T0);
    finish(j, a, d);
}

/* The signed reciprocal of d, |d| at least 3: m modulo 2^w, and the shift after. */
static int64_t smagic(int64_t d, unsigned w, unsigned *shift) {
    const uint64_t ad = d < 0 ? 0 - (uint64_t)d : (uint64_t)d;
    const unsigned s = log2_floor(ad);
    /* 2^(w-1+s) < m * |d| <= 2^(w-1+s) + 2^s: enough for w - 1 bits of quotient */
    const __uint128_t top = (__uint128_t)1 << (w - 1 + s + 1);
    const __uint128_t m = top / ad + 1;
    *shift = s;
    return (int64_t)(uint64_t)m;
}

static void sdiv(struct jit *j, const struct jit_alu *a, int64_t d) {
    const unsigned w = a->width;
    unsigned s;
    const uint64_t m = (uint64_t)smagic(d, w, &s);
    if (w == 32) {
        /* 64 bits hold the whole product */
        j_alu(j, JOP_SEXT32, 64, JR_T1, 0, a->a);
        j_const(j, JR_T0, m & UINT32_MAX);
        j_alu(j, JOP_MUL, 64, JR_T0, JR_T0, JR_T1);
        j_alu_k(j, JOP_ASHR, 64, JR_T0, JR_T0, 32 + (int64_t)s);
        j_alu_k(j, JOP_ASHR, 32, JR_T1, JR_T1, 31);
    } else {
        j_const(j, JR_T0, m);
        j_alu(j, JOP_MULHS, 64, JR_T0, JR_T0, a->a);
        if (m >> 63)
            j_alu(j, JOP_ADD, 64, JR_T0, JR_T0, a->a);
        j_alu_k(j, JOP_ASHR, 64, JR_T0, JR_T0, s);
        j_alu_k(j, JOP_ASHR, 64, JR_T1, a->a, 63);
    }
    j_alu(j, JOP_SUB, w, JR_T0, JR_T0, JR_T1); /* + 1 if negative */
    if (d < 0)
        j_alu(j, JOP_NEG, w, JR_T0, 0, JR_T0);
    finish(j, a, d);
}

bool divide_const(struct jit *j, const struct jit_alu *a) {
    const bool w32 = a->width == 32;
    if (is_signed(a)) {
        const int64_t d = w32 ? (int32_t)a->k : a->k;
        const uint64_t ad = d < 0 ? 0 - (uint64_t)d : (uint64_t)d;
        if (ad < 2 || ad == UINT64_C(1) << 31)
            return false; /* 0, 1, -1, and the smallest: rare */
        if (!(ad & (ad - 1)))
            sdiv_pow2(j, a, log2_floor(ad), d);
        else
            sdiv(j, a, d);
        return true;
    }
    const uint64_t d = w32 ? (uint32_t)a->k : (uint64_t)a->k;
    if (!d)
        return false;
    if (!(d & (d - 1)) && d <= UINT32_C(1) << 31)
        udiv_pow2(j, a, log2_floor(d), d);
    else if (w32)
        udiv32(j, a, (uint32_t)d);
    else
        udiv64(j, a, d);
    return true;
}
