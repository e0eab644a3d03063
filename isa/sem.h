/* sem.h: the bit-vector primitives that the rows of isa/ are written in, for concrete values.
 *
 * A value of width w (1 to 64 bits) is a uint64_t whose bits at and above w are zero. Every
 * primitive keeps that form. The same names, defined over solver terms, turn the rows into a
 * specification; so an expression in a row may use nothing but these names.
 *
 * Total by construction: shift amounts are below the width (the rows mask them), and division is
 * asked only for a non-zero divisor, because bv_ite evaluates one side.
 * source: RFC 9669 sections 4 and 5.
 */
#ifndef BPFLAB_ISA_SEM_H
#define BPFLAB_ISA_SEM_H

#include <stdbool.h>
#include <stdint.h>

/* bv_mask: the w low bits set. */
static inline uint64_t bv_mask(unsigned w) {
    return w >= 64 ? UINT64_MAX : (UINT64_C(1) << w) - 1;
}

/* bv_trunc: the low w bits of a. */
static inline uint64_t bv_trunc(unsigned w, uint64_t a) {
    return a & bv_mask(w);
}

/* bv_const: the integer c as a value of width w, two's complement. */
static inline uint64_t bv_const(unsigned w, int64_t c) {
    return bv_trunc(w, (uint64_t)c);
}

/* bv_signed: a, of width w, as the two's-complement integer it stands for. */
static inline int64_t bv_signed(unsigned w, uint64_t a) {
    switch (w) {
    case 8: return (int8_t)a;
    case 16: return (int16_t)a;
    case 32: return (int32_t)a;
    case 64: return (int64_t)a;
    default: break;
    }
    const uint64_t sign = UINT64_C(1) << (w - 1);
    return (int64_t)((bv_trunc(w, a) ^ sign) - sign);
}

/* bv_sext: the low from bits of a, sign-extended, as a value of width w. 1 <= from <= w. */
static inline uint64_t bv_sext(unsigned w, unsigned from, uint64_t a) {
    return bv_trunc(w, (uint64_t)bv_signed(from, a));
}

static inline uint64_t bv_add(unsigned w, uint64_t a, uint64_t b) {
    return bv_trunc(w, a + b);
}

static inline uint64_t bv_sub(unsigned w, uint64_t a, uint64_t b) {
    return bv_trunc(w, a - b);
}

static inline uint64_t bv_mul(unsigned w, uint64_t a, uint64_t b) {
    return bv_trunc(w, a * b);
}

/* bv_udiv, bv_urem: unsigned quotient and remainder; b is not 0. */
static inline uint64_t bv_udiv(unsigned w, uint64_t a, uint64_t b) {
    return w == 32 ? (uint32_t)a / (uint32_t)b : a / b;
}

static inline uint64_t bv_urem(unsigned w, uint64_t a, uint64_t b) {
    return w == 32 ? (uint32_t)a % (uint32_t)b : a % b;
}

/* bv_sdiv, bv_srem: truncating signed quotient and remainder; b is not 0. The one overflow,
 * smallest / -1, gives the smallest and remainder 0. */
static inline uint64_t bv_sdiv(unsigned w, uint64_t a, uint64_t b) {
    if (b == bv_mask(w))
        return bv_sub(w, 0, a);
    if (w == 32)
        return (uint32_t)((int32_t)a / (int32_t)b);
    return bv_trunc(w, (uint64_t)(bv_signed(w, a) / bv_signed(w, b)));
}

static inline uint64_t bv_srem(unsigned w, uint64_t a, uint64_t b) {
    if (b == bv_mask(w))
        return 0;
    if (w == 32)
        return (uint32_t)((int32_t)a % (int32_t)b);
    return bv_trunc(w, (uint64_t)(bv_signed(w, a) % bv_signed(w, b)));
}

static inline uint64_t bv_and(unsigned w, uint64_t a, uint64_t b) {
    (void)w;
    return a & b;
}

static inline uint64_t bv_or(unsigned w, uint64_t a, uint64_t b) {
    (void)w;
    return a | b;
}

static inline uint64_t bv_xor(unsigned w, uint64_t a, uint64_t b) {
    (void)w;
    return a ^ b;
}

/* bv_shl, bv_lshr, bv_ashr: shifts by n < w. */
static inline uint64_t bv_shl(unsigned w, uint64_t a, uint64_t n) {
    return bv_trunc(w, a << n);
}

static inline uint64_t bv_lshr(unsigned w, uint64_t a, uint64_t n) {
    return w == 32 ? (uint32_t)a >> n : a >> n;
}

static inline uint64_t bv_ashr(unsigned w, uint64_t a, uint64_t n) {
    /* >> of a negative value is arithmetic in every compiler we build with (a test holds it). */
    return bv_trunc(w, (uint64_t)(bv_signed(w, a) >> n));
}

/* bv_bswap: the low n bits (16, 32, 64) of a with their bytes reversed, zero-extended. */
static inline uint64_t bv_bswap(unsigned n, uint64_t a) {
    return __builtin_bswap64(a) >> (64 - n);
}

static inline bool bv_eq(unsigned w, uint64_t a, uint64_t b) {
    (void)w;
    return a == b;
}

static inline bool bv_ult(unsigned w, uint64_t a, uint64_t b) {
    return w == 32 ? (uint32_t)a < (uint32_t)b : a < b;
}

static inline bool bv_ule(unsigned w, uint64_t a, uint64_t b) {
    return w == 32 ? (uint32_t)a <= (uint32_t)b : a <= b;
}

static inline bool bv_slt(unsigned w, uint64_t a, uint64_t b) {
    return bv_signed(w, a) < bv_signed(w, b);
}

static inline bool bv_sle(unsigned w, uint64_t a, uint64_t b) {
    return bv_signed(w, a) <= bv_signed(w, b);
}

static inline bool bv_not(bool a) {
    return !a;
}

/* bv_ite: b if c, else e. A macro, so that the side not chosen is not evaluated. */
#define bv_ite(c, b, e) ((c) ? (b) : (e))

#endif
