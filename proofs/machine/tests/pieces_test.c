/* pieces_test.c: terms of pieces keep their value for random values of the variables; bytes swapped
 * by masks and constants applied in parts are the terms that rows make of them.
 */
#include "proofs/machine/validate_case.h"
#include "tests/check.h"

enum {
    ROUNDS = 3000,
    VALUES = 4,
};

static uint64_t seed = 1;

static unsigned below(unsigned n) {
    return (unsigned)(check_random(&seed) >> 33) % n;
}

static term *leaf(struct terms *t) {
    const unsigned ones = 1 + below(63), at = below(64);
    switch (below(5)) {
    case 0: return term_const(t, 64, check_random(&seed));
    case 1: return term_const(t, 64, (UINT64_MAX >> ones) << at);
    case 2: return term_mul(t, term_var(t, 64, "x"), term_var(t, 64, "y"));
    default: return term_var(t, 64, below(2) ? "x" : "y");
    }
}

/* moved: some bits of a elsewhere. */
static term *moved(struct terms *t, term *a) {
    const unsigned width = 1 + below(63), lo = below(65 - width), above = below(64 - width);
    term *const piece = term_extract(t, lo, width, a);
    return term_zext(t, 64, above ? term_concat(t, piece, term_const(t, above, 0)) : piece);
}

static term *bitwise(struct terms *t, unsigned depth) {
    if (depth == 0)
        return leaf(t);
    term *const a = bitwise(t, depth - 1);
    switch (below(6)) {
    case 0: return term_and(t, a, bitwise(t, depth - 1));
    case 1: return term_or(t, a, bitwise(t, depth - 1));
    case 2: return term_xor(t, a, bitwise(t, depth - 1));
    default: return moved(t, a);
    }
}

static term *in_pieces(struct terms *t, term *x) {
    return term_rewrite(t, x, vpieces_rule, t);
}

static void test_values(void) {
    unsigned changed = 0;
    for (unsigned i = 0; i < ROUNDS; i++) {
        struct terms *const t = terms_new();
        term *const x = bitwise(t, 1 + below(5)), *const pieces = in_pieces(t, x);
        changed += pieces != x;
        for (unsigned j = 0; j < VALUES; j++) {
            const struct assigned vars[] = {{"x", {check_random(&seed)}},
                                            {"y", {check_random(&seed)}}};
            const struct assignment in = {vars, 2};
            uint64_t was[TERM_LIMBS], is[TERM_LIMBS];
            term_eval(t, x, &in, was);
            term_eval(t, pieces, &in, is);
            CHECK(was[0] == is[0]);
        }
        terms_free(t);
    }
    CHECK(changed > ROUNDS / 4);
}

/* Bytes of 32 bits swapped by neighbours, then by halves. */
static term *swapped(struct terms *t, term *x) {
    term *const mask = term_const(t, 32, 0x00ff00ff), *const by_8 = term_const(t, 32, 8);
    term *const pairs = term_or(t, term_and(t, term_lshr(t, x, by_8), mask),
                                term_shl(t, term_and(t, x, mask), by_8));
    return term_rotl(t, pairs, term_const(t, 32, 16));
}

static void test_same(void) {
    struct terms *const t = terms_new();
    term *const x = term_var(t, 64, "x"), *const low = term_low(t, 32, x);
    CHECK(in_pieces(t, swapped(t, low)) == in_pieces(t, term_bswap(t, low)));

    /* a constant on the low half alone */
    term *const high = term_extract(t, 32, 32, x);
    const uint64_t k = 0x12345678;
    term *const by_parts = term_concat(t, high, term_xor(t, low, term_const(t, 32, k)));
    CHECK(in_pieces(t, by_parts) == in_pieces(t, term_xor(t, x, term_const(t, 64, k))));
    term *const cut = term_zext(t, 64, term_and(t, low, term_const(t, 32, k)));
    CHECK(in_pieces(t, cut) == in_pieces(t, term_and(t, x, term_const(t, 64, k))));

    /* a byte of a product, whatever it is cut from */
    term *const y = term_var(t, 64, "y"), *const p = term_mul(t, x, y);
    CHECK(in_pieces(t, term_extract(t, 8, 8, p)) ==
          in_pieces(t, term_extract(t, 8, 8, term_low(t, 32, p))));
    terms_free(t);
}

int main(void) {
    test_values();
    test_same();
    return check_end();
}
