/* lemma.h: facts of products, quotients and remainders that theorems about multiplication and
 * division rest on. Each is a theorem of its own, proved without them.
 */
#ifndef BPFLAB_PROOFS_THEOREM_LEMMA_H
#define BPFLAB_PROOFS_THEOREM_LEMMA_H

#include "proofs/theorem/contract.h"
#include "proofs/theorem/rows.h"

/* The lower half of a product is one of the lower halves'. */
LEMMA(lemma_low_product, (x, z, y), word x, word z, word y) {
    REQUIRES("one lower half", low_of(x) == low_of(z));
    ENSURES("of the product too", low_of(x * y) == low_of(z * y));
    return true;
}
THEOREM(contract, lemma_low_product) {
    const word x = any_word("x"), above = any_word("above");
    (void)contracted__lemma_low_product(true, x, x + (above << HALF_BITS), any_word("y"));
}
PLANT(contract, lemma_low_product, low_of, word, (word x)) {
    return x >> (WORD_BITS - 1); /* an upper bit hangs on more than itself */
}

static inline word product(word x, word y) {
    return x * y;
}

LEMMA(lemma_commutes, (x, y), word x, word y) {
    ENSURES("commutes", product(x, y) == product(y, x));
    return true;
}
THEOREM(contract, lemma_commutes) {
    (void)contracted__lemma_commutes(true, any_word("x"), any_word("y"));
}
PLANT(contract, lemma_commutes, product, word, (word x, word y)) {
    return x * y + (x & 1);
}

/* x * 2^n is x shifted. The power is an operand: of 1 << n an optimiser makes the shift itself, and
 * nothing is said of the product. */
LEMMA(lemma_shift_product, (x, y, n), word x, word y, unsigned n) {
    REQUIRES("amount", n < WORD_BITS);
    REQUIRES("power", y == (word)1 << n);
    ENSURES("shifted", product(x, y) == x << n);
    return true;
}
THEOREM(contract, lemma_shift_product) {
    const word x = any_word("x");
    for (unsigned n = 0; n < WORD_BITS; n++)
        (void)contracted__lemma_shift_product(true, x, (word)1 << n, n);
}
PLANT(contract, lemma_shift_product, product, word, (word x, word y)) {
    return (word)(half)x * y;
}

/* x / 2^n is x shifted, x % 2^n the low bits. */
static inline word quotient(word x, word y) {
    return x / y;
}
LEMMA(lemma_shift_quotient, (x, y, n), word x, word y, unsigned n) {
    REQUIRES("amount", n < WORD_BITS);
    REQUIRES("power", y == (word)1 << n);
    ENSURES("quotient", quotient(x, y) == x >> n);
    ENSURES("remainder", x % y == (x & (y - 1)));
    return true;
}
THEOREM(contract, lemma_shift_quotient) {
    const word x = any_word("x");
    for (unsigned n = 0; n < WORD_BITS; n++)
        (void)contracted__lemma_shift_quotient(true, x, (word)1 << n, n);
}
PLANT(contract, lemma_shift_quotient, quotient, word, (word x, word y)) {
    return (x + (y >> 1)) / y; /* rounded */
}

/* How large quotients and remainders are: the operand, or at most half of it. */
LEMMA(lemma_half, (x, y), word x, word y) {
    const word q = row_DIV64(x, y, false), r = row_MOD64(x, y, false);
    ENSURES("quotient", q == x || q <= x >> 1);
    ENSURES("remainder", r == x || r <= x >> 1);
    ENSURES("below the divisor", y == 0 || r < y);
    ENSURES("kept", implies(x < y, r == x));
    return true;
}
THEOREM(contract, lemma_half) {
    hint("products");
    (void)contracted__lemma_half(true, any_word("x"), any_word("y"));
}
PLANT(contract, lemma_half, row_DIV64, word, (word d, word s, bool big)) {
    (void)big;
    return s == 0 ? WORD_MAX : d / s;
}

/* Signed remainders: between the dividend and zero, and nearer to zero than the divisor. Where the
 * lemma is used, the remainder and distances from zero are only names. */
static inline word size_of(word x) {
    return (sword)x < 0 ? 0 - x : x;
}
static inline word named(bool proving, word x) {
    return proving ? x : proof_opaque(x);
}
static inline bool is_toward_zero(word x, word r) {
    return (sword)x < 0 ? (sword)x <= (sword)r && (sword)r <= 0
                        : 0 <= (sword)r && (sword)r <= (sword)x;
}
LEMMA(lemma_signed_remainder, (x, y), word x, word y) {
    const word r = named(proving, row_SMOD64(x, y, false));
    const word from = named(proving, size_of(x)), by = named(proving, size_of(y));
    ENSURES("between the dividend and zero", is_toward_zero(x, r));
    ENSURES("nearer than the divisor", y == 0 || named(proving, size_of(r)) < by);
    ENSURES("zero alone is at zero", (y == 0) == (by == 0));
    ENSURES("kept", implies(from < by || y == 0, r == x));
    return true;
}
THEOREM(contract, lemma_signed_remainder) {
    hint("products");
    (void)contracted__lemma_signed_remainder(true, any_word("x"), any_word("y"));
}
PLANT(contract, lemma_signed_remainder, size_of, word, (word x)) {
    return (sword)x < 0 ? ~x : x;
}

/* Of dividends z <= x and one divisor: quotients are in that order, or for a negative divisor the
 * other, and so are remainders of one quotient. */
LEMMA(lemma_rises, (z, x, y), word z, word x, word y) {
    const word qz = row_DIV64(z, y, false), qx = row_DIV64(x, y, false);
    const word rz = row_MOD64(z, y, false), rx = row_MOD64(x, y, false);
    ENSURES("quotients", implies(z <= x, qz <= qx));
    ENSURES("remainders", implies(z <= x && qz == qx, rz <= rx));
    return true;
}
THEOREM(contract, lemma_rises) {
    hint("products");
    (void)contracted__lemma_rises(true, any_word("z"), any_word("x"), any_word("y"));
}
PLANT(contract, lemma_rises, row_DIV64, word, (word d, word s, bool big)) {
    (void)big;
    return s == 0 ? 0 - d : d / s;
}

LEMMA(lemma_signed_rises, (z, x, y), word z, word x, word y) {
    const sword qz = (sword)row_SDIV64(z, y, false), qx = (sword)row_SDIV64(x, y, false);
    const sword rz = (sword)row_SMOD64(z, y, false), rx = (sword)row_SMOD64(x, y, false);
    const bool c = (sword)z <= (sword)x && y != WORD_MAX;
    ENSURES("quotients", implies(c, (sword)y < 0 ? qx <= qz : qz <= qx));
    ENSURES("remainders", implies(c && qz == qx, rz <= rx));
    return true;
}
THEOREM(contract, lemma_signed_rises) {
    hint("products");
    (void)contracted__lemma_signed_rises(true, any_word("z"), any_word("x"), any_word("y"));
}
PLANT(contract, lemma_signed_rises, row_SDIV64, word, (word d, word s, bool big)) {
    (void)big;
    return s == 0 ? 0 - d : s == WORD_MAX ? 0 : (word)((sword)d / (sword)s);
}

/* C's quotient is the row's, where it has one. */
LEMMA(lemma_quotient, (n, y), sword n, sword y) {
    REQUIRES("a quotient", y != 0 && (n != SWORD_MIN || y != -1));
    ENSURES("the row's", (word)(n / y) == row_SDIV64((word)n, (word)y, false));
    return true;
}
THEOREM(contract, lemma_quotient) {
    hint("products");
    (void)contracted__lemma_quotient(true, (sword)any_word("n"), (sword)any_word("y"));
}
PLANT(contract, lemma_quotient, row_SDIV64, word, (word d, word s, bool big)) {
    (void)big;
    return s == 0 ? 0 : s == WORD_MAX ? d : (word)((sword)d / (sword)s);
}

/* n / y lies between n / near and n / far, for y between near and far, all of one sign. */
static inline bool is_between(sword near, sword y, sword far) {
    return (0 < near && near <= y && y <= far) || (far <= y && y <= near && near < 0);
}
LEMMA(lemma_between_divisors, (n, near, y, far), sword n, sword near, sword y, sword far) {
    const bool c = is_between(near, y, far) && (n != SWORD_MIN || near != -1);
    const sword q = (sword)row_SDIV64((word)n, (word)y, false);
    const sword first = (sword)row_SDIV64((word)n, (word)near, false);
    const sword last = (sword)row_SDIV64((word)n, (word)far, false);
    ENSURES("not below both", implies(c, first <= q || last <= q));
    ENSURES("not above both", implies(c, q <= first || q <= last));
    return true;
}
THEOREM(contract, lemma_between_divisors) {
    hint("products");
    hint("whole");
    (void)contracted__lemma_between_divisors(true, (sword)any_word("n"), (sword)any_word("near"),
                                             (sword)any_word("y"), (sword)any_word("far"));
}
PLANT(contract, lemma_between_divisors, row_SDIV64, word, (word d, word s, bool big)) {
    (void)big;
    return s == 0 ? 0 : s == WORD_MAX ? d : (word)((sword)d / (sword)s);
}

/* A remainder agrees with x in the bits below every power of two that divides y. */
LEMMA(lemma_congruent, (x, y, k), word x, word y, unsigned k) {
    REQUIRES("amount", k < WORD_BITS);
    const word low = ((word)1 << k) - 1;
    REQUIRES("divides", (y & low) == 0);
    ENSURES("unsigned", (row_MOD64(x, y, false) & low) == (x & low));
    ENSURES("signed", (row_SMOD64(x, y, false) & low) == (x & low));
    return true;
}
THEOREM(contract, lemma_congruent) {
    hint("products");
    const word x = any_word("x"), y = any_word("y");
    for (unsigned k = 0; k < WORD_BITS; k++)
        (void)contracted__lemma_congruent(true, x, y << k, k);
}
PLANT(contract, lemma_congruent, row_SMOD64, word, (word d, word s, bool big)) {
    (void)big;
    return s == 0 ? 0 : (word)((sword)d % (sword)s);
}

/* A product has at least the zeros of each factor. */
LEMMA(lemma_multiple, (x, y, k), word x, word y, unsigned k) {
    REQUIRES("amount", k < WORD_BITS);
    const word low = ((word)1 << k) - 1;
    REQUIRES("zeros", (x & low) == 0);
    ENSURES("zeros", (product(x, y) & low) == 0);
    ENSURES("of zero", x != 0 || product(x, y) == 0);
    return true;
}
THEOREM(contract, lemma_multiple) {
    const word x = any_word("x"), y = any_word("y");
    for (unsigned k = 0; k < WORD_BITS; k++)
        (void)contracted__lemma_multiple(true, x << k, y, k);
}
PLANT(contract, lemma_multiple, product, word, (word x, word y)) {
    return x * y + (y & 1);
}

/* Division of halves is division of the words that they extend to; of numbers that are not negative
 * the signed one is the unsigned one. */
LEMMA(lemma_halves, (x, y), word x, word y) {
    const word zx = low_of(x), zy = low_of(y), sx = signed_low_of(x), sy = signed_low_of(y);
    ENSURES("DIV", row_DIV32(x, y, false) == low_of(row_DIV64(zx, zy, false)));
    ENSURES("MOD", row_MOD32(x, y, false) == low_of(row_MOD64(zx, zy, false)));
    ENSURES("SDIV", row_SDIV32(x, y, false) == low_of(row_SDIV64(sx, sy, false)));
    ENSURES("SMOD", row_SMOD32(x, y, false) == low_of(row_SMOD64(sx, sy, false)));
    return true;
}
THEOREM(contract, lemma_halves) {
    hint("products");
    (void)contracted__lemma_halves(true, any_word("x"), any_word("y"));
}
PLANT(contract, lemma_halves, row_DIV32, word, (word d, word s, bool big)) {
    (void)big;
    return (half)s == 0 ? HALF_MAX : (half)d / (half)s;
}

LEMMA(lemma_not_negative, (x, y), word x, word y) {
    REQUIRES("not negative", (sword)x >= 0 && (sword)y >= 0);
    ENSURES("quotient", row_SDIV64(x, y, false) == row_DIV64(x, y, false));
    return true;
}
THEOREM(contract, lemma_not_negative) {
    (void)contracted__lemma_not_negative(true, any_word("x") >> 1, any_word("y") >> 1);
}
PLANT(contract, lemma_not_negative, row_DIV64, word, (word d, word s, bool big)) {
    (void)big;
    return s == 0 ? WORD_MAX : d / s;
}

#endif
