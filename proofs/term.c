/* term.c: constructors of leaves, bitwise operators, arithmetic and shifts. Constants are folded,
 * and rules that need no search give one form to what is the same: constants stand right, sums
 * carry one constant, shifts by constants are concats and extracts.
 */
#include "proofs/term.h"

#include "proofs/term_rules.h"

/* ---- leaves ---- */

term *term_const(struct terms *t, unsigned width, uint64_t value) {
    return term_of_limbs(t, width, limbs_of(value));
}

term *term_ones(struct terms *t, unsigned width) {
    return term_of_limbs(t, width, limbs_not(limbs_of(0)));
}

term *term_bool(struct terms *t, bool b) {
    return term_const(t, 1, b);
}

bool term_is_value(term *a, uint64_t value) {
    return term_is_const(a) && limbs_equal(term_limbs(a), limbs_cut(limbs_of(value), a->width));
}

/* ---- bitwise ---- */

static bool is_not_of(term *a, term *b) {
    return a->op == TERM_NOT && a->a == b;
}

term *term_not(struct terms *t, term *a) {
    if (term_is_const(a))
        return term_of_limbs(t, a->width, limbs_not(term_limbs(a)));
    if (a->op == TERM_NOT)
        return a->a;
    return term_make(t, TERM_NOT, a->width, 0, a, NULL, NULL);
}

/* low_ones: n if a is the constant 2^n - 1 with 0 < n < width, else 0. */
static unsigned low_ones(term *a) {
    if (!term_is_const(a))
        return 0;
    unsigned n = 0;
    while (n < a->width && limbs_bit(term_limbs(a), n))
        n++;
    return n < a->width && limbs_zero(limbs_lshr(term_limbs(a), n)) ? n : 0;
}

term *term_and(struct terms *t, term *a, term *b) {
    term_order(&a, &b);
    if (a == b || term_is_ones(b))
        return a;
    if (term_is_value(b, 0) || is_not_of(a, b) || is_not_of(b, a))
        return term_zero(t, a->width);
    if (term_is_const(b) && a->op == TERM_AND && term_is_const(a->b))
        return term_and(t, a->a, term_and(t, a->b, b));
    if (low_ones(b) != 0)
        return term_zext(t, a->width, term_low(t, low_ones(b), a));
    if ((a->op == TERM_AND && (a->a == b || a->b == b)))
        return a;
    if (b->op == TERM_AND && (b->a == a || b->b == a))
        return b;
    if (a->op == TERM_CONCAT && b->op == TERM_CONCAT && a->a->width == b->a->width)
        return term_concat(t, term_and(t, a->a, b->a), term_and(t, a->b, b->b));
    if (a->op == TERM_CONCAT && term_is_const(b))
        return term_concat(t, term_and(t, a->a, term_extract(t, a->b->width, a->a->width, b)),
                           term_and(t, a->b, term_low(t, a->b->width, b)));
    return term_binary(t, TERM_AND, a->width, a, b);
}

/* zeros_above: how many of a's low bits can be other than 0. */
static unsigned zeros_above(term *a) {
    return a->op == TERM_ZEXT ? a->a->width : a->width;
}

/* zeros_below: how many low bits of a are 0, as far as its form says. */
static unsigned zeros_below(term *a) {
    a = a->op == TERM_ZEXT ? a->a : a;
    while (a->op == TERM_CONCAT && !term_is_const(a->b))
        a = a->b;
    return a->op == TERM_CONCAT && term_is_value(a->b, 0) ? a->b->width : 0;
}

/* disjoint: a | b, a + b or a ^ b where one has its bits above all of the other's; NULL if not so.
 * */
static term *disjoint(struct terms *t, term *a, term *b) {
    if (zeros_below(a) < zeros_above(b)) {
        term *was = a;
        a = b;
        b = was;
    }
    const unsigned low = zeros_below(a);
    if (low == 0 || low < zeros_above(b))
        return NULL;
    return term_concat(t, term_extract(t, low, a->width - low, a), term_low(t, low, b));
}

/* both_ways: p of (c & p) | (!c & p); NULL: not of this form. */
static term *both_ways(term *a, term *b) {
    if (a->op != TERM_AND || b->op != TERM_AND)
        return NULL;
    term *const pairs[4][4] = {{a->a, a->b, b->a, b->b},
                               {a->a, a->b, b->b, b->a},
                               {a->b, a->a, b->a, b->b},
                               {a->b, a->a, b->b, b->a}};
    for (unsigned i = 0; i < 4; i++)
        if (pairs[i][0] == pairs[i][2] &&
            (is_not_of(pairs[i][1], pairs[i][3]) || is_not_of(pairs[i][3], pairs[i][1])))
            return pairs[i][0];
    return NULL;
}

enum {
    MEETING_DEPTH = 12, /* of alternatives that are looked through */
};

/* meeting: a | b of paths that come together again, the last one perhaps after others: without it
 * what is reached in any case would grow with every choice before it. NULL: nothing meets. */
static term *meeting(struct terms *t, term *a, term *b, unsigned depth) {
    term *const p = both_ways(a, b);
    if (p || depth == 0)
        return p;
    if (b->op == TERM_OR && a->op != TERM_OR)
        return meeting(t, b, a, depth);
    if (a->op != TERM_OR)
        return NULL;
    term *const low = meeting(t, a->a, b, depth - 1);
    if (low)
        return term_or(t, low, a->b);
    term *const high = meeting(t, a->b, b, depth - 1);
    return high ? term_or(t, a->a, high) : NULL;
}

term *term_or(struct terms *t, term *a, term *b) {
    term_order(&a, &b);
    if (a == b || term_is_value(b, 0))
        return a;
    if (term_is_ones(b) || is_not_of(a, b) || is_not_of(b, a))
        return term_ones(t, a->width);
    if (term_is_const(b) && a->op == TERM_OR && term_is_const(a->b))
        return term_or(t, a->a, term_or(t, a->b, b));
    if (a->op == TERM_OR && (a->a == b || a->b == b))
        return a;
    if (b->op == TERM_OR && (b->a == a || b->b == a))
        return b;
    if (a->width == 1) {
        term *const met = meeting(t, a, b, MEETING_DEPTH);
        if (met)
            return met;
    }
    term *const joined = disjoint(t, a, b);
    return joined ? joined : term_binary(t, TERM_OR, a->width, a, b);
}

term *term_xor(struct terms *t, term *a, term *b) {
    term_order(&a, &b);
    if (a == b)
        return term_zero(t, a->width);
    if (term_is_value(b, 0))
        return a;
    if (term_is_ones(b))
        return term_not(t, a);
    if (is_not_of(a, b) || is_not_of(b, a))
        return term_ones(t, a->width);
    if (term_is_const(b) && a->op == TERM_XOR && term_is_const(a->b))
        return term_xor(t, a->a, term_xor(t, a->b, b));
    term *const joined = disjoint(t, a, b);
    return joined ? joined : term_binary(t, TERM_XOR, a->width, a, b);
}

/* ---- arithmetic ---- */

term *term_neg(struct terms *t, term *a) {
    return a->op == TERM_NEG ? a->a : term_sub(t, term_zero(t, a->width), a);
}

term *term_add(struct terms *t, term *a, term *b) {
    if (a->width == 1)
        return term_xor(t, a, b);
    term_order(&a, &b);
    if (term_is_value(b, 0))
        return a;
    if (term_is_const(b) && term_has_constant(a))
        return term_add(t, a->a, term_add(t, a->b, b));
    if (term_has_constant(a))
        return term_add(t, term_add(t, a->a, b), a->b);
    if (term_has_constant(b))
        return term_add(t, term_add(t, a, b->a), b->b);
    if (a->op == TERM_NEG)
        return term_sub(t, b, a->a);
    if (b->op == TERM_NEG)
        return term_sub(t, a, b->a);
    term *const joined = disjoint(t, a, b);
    return joined ? joined : term_binary(t, TERM_ADD, a->width, a, b);
}

term *term_sub(struct terms *t, term *a, term *b) {
    if (a->width == 1)
        return term_xor(t, a, b);
    if (a == b)
        return term_zero(t, a->width);
    if (term_is_const(b))
        return term_add(t, a, term_of_limbs(t, a->width, limbs_sub(limbs_of(0), term_limbs(b))));
    if (term_has_constant(b))
        return term_sub(t, term_sub(t, a, b->b), b->a);
    if (term_has_constant(a))
        return term_add(t, term_sub(t, a->a, b), a->b);
    if (term_is_value(a, 0))
        return b->op == TERM_SUB ? term_sub(t, b->b, b->a)
                                 : term_make(t, TERM_NEG, b->width, 0, b, NULL, NULL);
    if (b->op == TERM_NEG)
        return term_add(t, a, b->a);
    if (a->op == TERM_ADD && (a->a == b || a->b == b))
        return a->a == b ? a->b : a->a;
    return term_binary(t, TERM_SUB, a->width, a, b);
}

/* power_of_2: n if a is the constant 2^n, else -1. */
static int power_of_2(term *a) {
    if (!term_is_const(a) || term_is_value(a, 0))
        return -1;
    unsigned n = 0;
    while (!limbs_bit(term_limbs(a), n))
        n++;
    return limbs_equal(term_limbs(a), limbs_shl(limbs_of(1), n)) ? (int)n : -1;
}

static term *by_k(struct terms *t, term *a, int n) {
    return term_const(t, a->width, (uint64_t)n);
}

/* widened: the product of a, which is zext(x * 2^n), and b is (x * b) * 2^n: how machines with only
 * 64-bit products make the upper half of a 32-bit one. NULL if a is no such term. */
static term *widened(struct terms *t, term *a, term *b) {
    const unsigned n = a->op == TERM_ZEXT ? zeros_below(a) : 0, w = a->width;
    if (!n)
        return NULL;
    term *const x = term_extract(t, n, a->a->width - n, a->a);
    term *const high = term_mul(t, term_zext(t, w - n, x), term_low(t, w - n, b));
    return term_concat(t, high, term_zero(t, n));
}

term *term_mul(struct terms *t, term *a, term *b) {
    term_order(&a, &b);
    if (a->width == 1)
        return term_and(t, a, b);
    if (term_is_value(b, 0))
        return b;
    if (power_of_2(b) >= 0)
        return term_shl(t, a, by_k(t, a, power_of_2(b)));
    term *wide = widened(t, a, b);
    wide = wide ? wide : widened(t, b, a);
    if (wide)
        return wide;
    return term_binary(t, TERM_MUL, a->width, a, b);
}

term *term_udiv(struct terms *t, term *a, term *b) {
    if (a == b && !term_is_const(a)) /* x / x */
        return term_ite(t, term_eq(t, a, term_zero(t, a->width)), term_ones(t, a->width),
                        term_const(t, a->width, 1));
    if (power_of_2(b) >= 0)
        return term_lshr(t, a, by_k(t, a, power_of_2(b)));
    if (a->op == TERM_ZEXT && b->op == TERM_ZEXT && a->a->width == b->a->width && !term_is_const(b))
        return term_ite(t, term_eq(t, b->a, term_zero(t, b->a->width)), term_ones(t, a->width),
                        term_zext(t, a->width, term_udiv(t, a->a, b->a)));
    return term_binary(t, TERM_UDIV, a->width, a, b);
}

term *term_urem(struct terms *t, term *a, term *b) {
    if (a == b)
        return term_zero(t, a->width);
    const int n = power_of_2(b);
    if (n == 0)
        return term_zero(t, a->width);
    if (n > 0)
        return term_zext(t, a->width, term_low(t, (unsigned)n, a));
    if (a->op == TERM_ZEXT && b->op == TERM_ZEXT && a->a->width == b->a->width)
        return term_zext(t, a->width, term_urem(t, a->a, b->a));
    return term_binary(t, TERM_UREM, a->width, a, b);
}

/* not_negative: its sign is 0, as far as its form says. */
static bool not_negative(term *a) {
    return a->op == TERM_ZEXT;
}

term *term_sdiv(struct terms *t, term *a, term *b) {
    if (a == b && !term_is_const(a)) /* x / x */
        return term_ite(t, term_eq(t, a, term_zero(t, a->width)), term_ones(t, a->width),
                        term_const(t, a->width, 1));
    if (not_negative(a) && not_negative(b))
        return term_udiv(t, a, b);
    return term_is_value(b, 1) && b->width > 1 ? a : term_binary(t, TERM_SDIV, a->width, a, b);
}

term *term_srem(struct terms *t, term *a, term *b) {
    if (a == b)
        return term_zero(t, a->width);
    if (not_negative(a) && not_negative(b))
        return term_urem(t, a, b);
    return term_binary(t, TERM_SREM, a->width, a, b);
}

/* ---- shifts ---- */

/* amount: the constant that n is, at most a's width; -1 if it is none. */
static int amount(term *a, term *n) {
    if (!term_is_const(n))
        return -1;
    return limbs_less(term_limbs(n), limbs_of(a->width)) ? (int)term_u64(n) : a->width;
}

term *term_shl(struct terms *t, term *a, term *n) {
    const int by = amount(a, n);
    if (by == 0)
        return a;
    if (by >= a->width)
        return term_zero(t, a->width);
    if (by > 0)
        return term_concat(t, term_low(t, a->width - (unsigned)by, a), term_zero(t, (unsigned)by));
    return term_binary(t, TERM_SHL, a->width, a, n);
}

term *term_lshr(struct terms *t, term *a, term *n) {
    const int by = amount(a, n);
    if (by == 0)
        return a;
    if (by >= a->width)
        return term_zero(t, a->width);
    if (by > 0)
        return term_zext(t, a->width, term_extract(t, (unsigned)by, a->width - (unsigned)by, a));
    return term_binary(t, TERM_LSHR, a->width, a, n);
}

term *term_ashr(struct terms *t, term *a, term *n) {
    int by = amount(a, n);
    if (by == 0)
        return a;
    if (by >= a->width)
        by = a->width - 1;
    if (by > 0)
        return term_sext(t, a->width, term_extract(t, (unsigned)by, a->width - (unsigned)by, a));
    return term_binary(t, TERM_ASHR, a->width, a, n);
}
