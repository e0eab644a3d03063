/* term.c: constructors: constants are folded, and rules that need no search give one form to what
 * is the same: constants stand right, sums carry one constant, shifts by constants are concats and
 * extracts, an extract goes through what it can go through.
 */
#include "proofs/term.h"

#include "proofs/term_store.h"

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

static bool is_ones(term *a) {
    return term_is_const(a) &&
           limbs_equal(term_limbs(a), limbs_cut(limbs_not(limbs_of(0)), a->width));
}

static term *zero(struct terms *t, unsigned width) {
    return term_const(t, width, 0);
}

/* binary: the node, folded if both operands are constants. */
static term *binary(struct terms *t, enum term_op op, unsigned width, term *a, term *b) {
    if (term_is_const(a) && term_is_const(b)) {
        const struct term n = {.op = (uint8_t)op, .width = (uint16_t)width, .a = a, .b = b};
        return term_of_limbs(t, width, term_fold(&n, term_limbs(a), term_limbs(b), limbs_of(0)));
    }
    return term_make(t, op, width, 0, a, b, NULL);
}

/* order: constants to the right, else the older one to the left. */
static void order(term **a, term **b) {
    if (term_is_const(*a) || (!term_is_const(*b) && (*a)->id > (*b)->id)) {
        term *was = *a;
        *a = *b;
        *b = was;
    }
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
    order(&a, &b);
    if (a == b || is_ones(b))
        return a;
    if (term_is_value(b, 0) || is_not_of(a, b) || is_not_of(b, a))
        return zero(t, a->width);
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
    return binary(t, TERM_AND, a->width, a, b);
}

/* zeros_above: how many of a's low bits can be other than 0. */
static unsigned zeros_above(term *a) {
    return a->op == TERM_ZEXT ? a->a->width : a->width;
}

/* zeros_below: how many low bits of a are 0, as far as its form says. */
static unsigned zeros_below(term *a) {
    a = a->op == TERM_ZEXT ? a->a : a;
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
    order(&a, &b);
    if (a == b || term_is_value(b, 0))
        return a;
    if (is_ones(b) || is_not_of(a, b) || is_not_of(b, a))
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
    return joined ? joined : binary(t, TERM_OR, a->width, a, b);
}

term *term_xor(struct terms *t, term *a, term *b) {
    order(&a, &b);
    if (a == b)
        return zero(t, a->width);
    if (term_is_value(b, 0))
        return a;
    if (is_ones(b))
        return term_not(t, a);
    if (is_not_of(a, b) || is_not_of(b, a))
        return term_ones(t, a->width);
    if (term_is_const(b) && a->op == TERM_XOR && term_is_const(a->b))
        return term_xor(t, a->a, term_xor(t, a->b, b));
    term *const joined = disjoint(t, a, b);
    return joined ? joined : binary(t, TERM_XOR, a->width, a, b);
}

/* ---- arithmetic ---- */

term *term_neg(struct terms *t, term *a) {
    return a->op == TERM_NEG ? a->a : term_sub(t, zero(t, a->width), a);
}

static bool has_constant(term *a) {
    return a->op == TERM_ADD && term_is_const(a->b);
}

term *term_add(struct terms *t, term *a, term *b) {
    if (a->width == 1)
        return term_xor(t, a, b);
    order(&a, &b);
    if (term_is_value(b, 0))
        return a;
    if (term_is_const(b) && has_constant(a))
        return term_add(t, a->a, term_add(t, a->b, b));
    if (has_constant(a))
        return term_add(t, term_add(t, a->a, b), a->b);
    if (has_constant(b))
        return term_add(t, term_add(t, a, b->a), b->b);
    if (a->op == TERM_NEG)
        return term_sub(t, b, a->a);
    if (b->op == TERM_NEG)
        return term_sub(t, a, b->a);
    term *const joined = disjoint(t, a, b);
    return joined ? joined : binary(t, TERM_ADD, a->width, a, b);
}

term *term_sub(struct terms *t, term *a, term *b) {
    if (a->width == 1)
        return term_xor(t, a, b);
    if (a == b)
        return zero(t, a->width);
    if (term_is_const(b))
        return term_add(t, a, term_of_limbs(t, a->width, limbs_sub(limbs_of(0), term_limbs(b))));
    if (has_constant(b))
        return term_sub(t, term_sub(t, a, b->b), b->a);
    if (has_constant(a))
        return term_add(t, term_sub(t, a->a, b), a->b);
    if (term_is_value(a, 0))
        return b->op == TERM_SUB ? term_sub(t, b->b, b->a)
                                 : term_make(t, TERM_NEG, b->width, 0, b, NULL, NULL);
    if (b->op == TERM_NEG)
        return term_add(t, a, b->a);
    if (a->op == TERM_ADD && (a->a == b || a->b == b))
        return a->a == b ? a->b : a->a;
    return binary(t, TERM_SUB, a->width, a, b);
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
    return term_concat(t, high, zero(t, n));
}

term *term_mul(struct terms *t, term *a, term *b) {
    order(&a, &b);
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
    return binary(t, TERM_MUL, a->width, a, b);
}

term *term_udiv(struct terms *t, term *a, term *b) {
    if (a == b && !term_is_const(a)) /* x / x */
        return term_ite(t, term_eq(t, a, zero(t, a->width)), term_ones(t, a->width),
                        term_const(t, a->width, 1));
    if (power_of_2(b) >= 0)
        return term_lshr(t, a, by_k(t, a, power_of_2(b)));
    if (a->op == TERM_ZEXT && b->op == TERM_ZEXT && a->a->width == b->a->width && !term_is_const(b))
        return term_ite(t, term_eq(t, b->a, zero(t, b->a->width)), term_ones(t, a->width),
                        term_zext(t, a->width, term_udiv(t, a->a, b->a)));
    return binary(t, TERM_UDIV, a->width, a, b);
}

term *term_urem(struct terms *t, term *a, term *b) {
    if (a == b)
        return zero(t, a->width);
    const int n = power_of_2(b);
    if (n == 0)
        return zero(t, a->width);
    if (n > 0)
        return term_zext(t, a->width, term_low(t, (unsigned)n, a));
    if (a->op == TERM_ZEXT && b->op == TERM_ZEXT && a->a->width == b->a->width)
        return term_zext(t, a->width, term_urem(t, a->a, b->a));
    return binary(t, TERM_UREM, a->width, a, b);
}

term *term_sdiv(struct terms *t, term *a, term *b) {
    if (a == b && !term_is_const(a)) /* x / x */
        return term_ite(t, term_eq(t, a, zero(t, a->width)), term_ones(t, a->width),
                        term_const(t, a->width, 1));
    return term_is_value(b, 1) && b->width > 1 ? a : binary(t, TERM_SDIV, a->width, a, b);
}

term *term_srem(struct terms *t, term *a, term *b) {
    if (a == b)
        return zero(t, a->width);
    return binary(t, TERM_SREM, a->width, a, b);
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
        return zero(t, a->width);
    if (by > 0)
        return term_concat(t, term_low(t, a->width - (unsigned)by, a), zero(t, (unsigned)by));
    return binary(t, TERM_SHL, a->width, a, n);
}

term *term_lshr(struct terms *t, term *a, term *n) {
    const int by = amount(a, n);
    if (by == 0)
        return a;
    if (by >= a->width)
        return zero(t, a->width);
    if (by > 0)
        return term_zext(t, a->width, term_extract(t, (unsigned)by, a->width - (unsigned)by, a));
    return binary(t, TERM_LSHR, a->width, a, n);
}

term *term_ashr(struct terms *t, term *a, term *n) {
    int by = amount(a, n);
    if (by == 0)
        return a;
    if (by >= a->width)
        by = a->width - 1;
    if (by > 0)
        return term_sext(t, a->width, term_extract(t, (unsigned)by, a->width - (unsigned)by, a));
    return binary(t, TERM_ASHR, a->width, a, n);
}

/* ---- cutting and putting together ---- */

static term *joined(struct terms *t, term *high, term *low);

/* joined_bitwise: where both are one bitwise operation of neighbours: a value that went through
 * memory byte by byte. */
static term *joined_bitwise(struct terms *t, term *high, term *low) {
    for (unsigned crossed = 0; crossed < 2; crossed++) {
        term *const a = joined(t, high->a, crossed ? low->b : low->a);
        term *const b = a ? joined(t, high->b, crossed ? low->a : low->b) : NULL;
        if (!b || a->op == TERM_CONCAT || b->op == TERM_CONCAT)
            continue;
        return high->op == TERM_AND  ? term_and(t, a, b)
               : high->op == TERM_OR ? term_or(t, a, b)
                                     : term_xor(t, a, b);
    }
    return NULL;
}

/* joined: high above low, where the two are neighbours in something; NULL if not. */
static term *joined(struct terms *t, term *high, term *low) {
    if (term_is_const(high) && term_is_const(low))
        return binary(t, TERM_CONCAT, (unsigned)high->width + low->width, high, low);
    if (high->op == TERM_EXTRACT && low->op == TERM_EXTRACT && high->a == low->a &&
        high->lo == low->lo + low->width)
        return term_extract(t, low->lo, (unsigned)high->width + low->width, low->a);
    if (high->op == TERM_ITE && low->op == TERM_ITE && high->c == low->c)
        return term_ite(t, high->c, term_concat(t, high->a, low->a),
                        term_concat(t, high->b, low->b));
    if (high->op == TERM_NOT && low->op == TERM_NOT) {
        term *const one = joined(t, high->a, low->a);
        return one && one->op != TERM_CONCAT ? term_not(t, one) : NULL;
    }
    if (high->op == low->op &&
        (high->op == TERM_AND || high->op == TERM_OR || high->op == TERM_XOR))
        return joined_bitwise(t, high, low);
    return NULL;
}

term *term_concat(struct terms *t, term *high, term *low) {
    const unsigned width = (unsigned)high->width + low->width;
    if (high->op == TERM_CONCAT)
        return term_concat(t, high->a, term_concat(t, high->b, low));
    if (term_is_value(high, 0))
        return term_zext(t, width, low);
    if (high->op == TERM_ZEXT)
        return term_zext(t, width, term_concat(t, high->a, low));
    term *one = joined(t, high, low);
    if (one)
        return one;
    if (low->op == TERM_CONCAT && (one = joined(t, high, low->a)))
        return term_concat(t, one, low->b);
    return term_make(t, TERM_CONCAT, width, 0, high, low, NULL);
}

/* extract_deep: the extract moved inward, NULL where it has to stay. */
static term *extract_deep(struct terms *t, unsigned lo, unsigned width, term *a) {
    const unsigned end = lo + width;
    switch (a->op) {
    case TERM_EXTRACT: return term_extract(t, a->lo + lo, width, a->a);
    case TERM_CONCAT: {
        const unsigned split = a->b->width;
        if (end <= split)
            return term_extract(t, lo, width, a->b);
        if (lo >= split)
            return term_extract(t, lo - split, width, a->a);
        return term_concat(t, term_extract(t, 0, end - split, a->a),
                           term_extract(t, lo, split - lo, a->b));
    }
    case TERM_ZEXT:
        if (lo >= a->a->width)
            return zero(t, width);
        if (end <= a->a->width)
            return term_extract(t, lo, width, a->a);
        return term_zext(t, width, term_extract(t, lo, a->a->width - lo, a->a));
    case TERM_SEXT:
        if (end <= a->a->width)
            return term_extract(t, lo, width, a->a);
        if (lo < a->a->width)
            return term_sext(t, width, term_extract(t, lo, a->a->width - lo, a->a));
        return term_sext(t, width, term_extract(t, a->a->width - 1u, 1, a->a));
    case TERM_ITE:
        return term_ite(t, a->c, term_extract(t, lo, width, a->a),
                        term_extract(t, lo, width, a->b));
    case TERM_NOT: return term_not(t, term_extract(t, lo, width, a->a));
    case TERM_AND:
        return term_and(t, term_extract(t, lo, width, a->a), term_extract(t, lo, width, a->b));
    case TERM_OR:
        return term_or(t, term_extract(t, lo, width, a->a), term_extract(t, lo, width, a->b));
    case TERM_XOR:
        return term_xor(t, term_extract(t, lo, width, a->a), term_extract(t, lo, width, a->b));
    default: break;
    }
    if (lo != 0)
        return NULL;
    switch (a->op) { /* the low bits of these come from low bits alone */
    case TERM_NEG: return term_neg(t, term_low(t, width, a->a));
    case TERM_ADD: return term_add(t, term_low(t, width, a->a), term_low(t, width, a->b));
    case TERM_SUB: return term_sub(t, term_low(t, width, a->a), term_low(t, width, a->b));
    case TERM_MUL: return term_mul(t, term_low(t, width, a->a), term_low(t, width, a->b));
    default: return NULL;
    }
}

term *term_extract(struct terms *t, unsigned lo, unsigned width, term *a) {
    if (width == a->width)
        return a;
    if (term_is_const(a))
        return term_of_limbs(t, width, limbs_lshr(term_limbs(a), lo));
    term *const deep = extract_deep(t, lo, width, a);
    return deep ? deep : term_make(t, TERM_EXTRACT, width, lo, a, NULL, NULL);
}

term *term_low(struct terms *t, unsigned width, term *a) {
    return term_extract(t, 0, width, a);
}

term *term_zext(struct terms *t, unsigned width, term *a) {
    if (width == a->width)
        return a;
    if (term_is_const(a))
        return term_of_limbs(t, width, term_limbs(a));
    if (a->op == TERM_ZEXT)
        return term_zext(t, width, a->a);
    return term_make(t, TERM_ZEXT, width, 0, a, NULL, NULL);
}

term *term_sext(struct terms *t, unsigned width, term *a) {
    if (width == a->width)
        return a;
    if (term_is_const(a))
        return term_of_limbs(t, width, limbs_sext(term_limbs(a), a->width, width));
    if (a->op == TERM_ZEXT)
        return term_zext(t, width, a->a);
    if (a->op == TERM_SEXT)
        return term_sext(t, width, a->a);
    return term_make(t, TERM_SEXT, width, 0, a, NULL, NULL);
}

/* ---- comparisons ---- */

/* narrow: the constant k of width inner, if that sign-extended is k; NULL if it is not. */
static term *narrow(struct terms *t, unsigned inner, term *k) {
    term *const low = term_low(t, inner, k);
    return term_sext(t, k->width, low) == k ? low : NULL;
}

/* span: from the lowest to the highest bit of a constant that is 1. in: not 0
 * out: where it begins, *n how many bits it has */
static unsigned span(term *k, unsigned *n) {
    unsigned lo = 0, hi = k->width;
    while (!limbs_bit(term_limbs(k), lo))
        lo++;
    while (!limbs_bit(term_limbs(k), hi - 1))
        hi--;
    *n = hi - lo;
    return lo;
}

term *term_eq(struct terms *t, term *a, term *b) {
    order(&a, &b);
    if (a == b)
        return term_bool(t, true);
    if (a->width == 1 && term_is_const(b))
        return term_is_true(b) ? a : term_not(t, a);
    if (!term_is_const(b) || term_is_const(a)) {
        if (a->op == TERM_ZEXT && b->op == TERM_ZEXT && a->a->width == b->a->width)
            return term_eq(t, a->a, b->a);
        if (a->op == TERM_SEXT && b->op == TERM_SEXT && a->a->width == b->a->width)
            return term_eq(t, a->a, b->a);
        return binary(t, TERM_EQ, 1, a, b);
    }
    if (a->op == TERM_ZEXT) {
        const unsigned inner = a->a->width;
        if (!limbs_zero(limbs_lshr(term_limbs(b), inner)))
            return term_bool(t, false);
        return term_eq(t, a->a, term_low(t, inner, b));
    }
    if (a->op == TERM_SEXT) {
        term *const low = narrow(t, a->a->width, b);
        return low ? term_eq(t, a->a, low) : term_bool(t, false);
    }
    if (a->op == TERM_CONCAT && (term_is_const(a->a) || term_is_const(a->b))) {
        const unsigned low = a->b->width;
        return term_and(t, term_eq(t, a->a, term_extract(t, low, a->a->width, b)),
                        term_eq(t, a->b, term_low(t, low, b)));
    }
    if (a->op == TERM_ITE && (term_is_const(a->a) || term_is_const(a->b)))
        return term_ite(t, a->c, term_eq(t, a->a, b), term_eq(t, a->b, b));
    if (has_constant(a))
        return term_eq(t, a->a, term_sub(t, b, a->b));
    if (term_is_value(b, 0) && (a->op == TERM_SUB || a->op == TERM_XOR))
        return term_eq(t, a->a, a->b);
    if (term_is_value(b, 0) && a->op == TERM_AND && term_is_const(a->b)) {
        /* only the bits from the lowest to the highest one of the mask matter */
        const struct limbs mask = term_limbs(a->b);
        unsigned lo = 0, end = a->width;
        while (!limbs_bit(mask, lo))
            lo++;
        while (!limbs_bit(mask, end - 1))
            end--;
        if (end - lo < a->width)
            return term_eq(t,
                           term_and(t, term_extract(t, lo, end - lo, a->a),
                                    term_extract(t, lo, end - lo, a->b)),
                           zero(t, end - lo));
    }
    if (a->op == TERM_NOT)
        return term_eq(t, a->a, term_not(t, b));
    if (a->op == TERM_NEG)
        return term_eq(t, a->a, term_neg(t, b));
    if (term_is_value(b, 0) && a->op == TERM_AND && term_is_const(a->b)) {
        unsigned n;
        const unsigned lo = span(a->b, &n);
        if (n < a->width)
            return term_eq(t,
                           term_and(t, term_extract(t, lo, n, a->a), term_extract(t, lo, n, a->b)),
                           zero(t, n));
    }
    return binary(t, TERM_EQ, 1, a, b);
}

/* less_extended: of a sign-extended number and another, or a constant that is one: as the narrow
 * ones are, which sign-extension keeps in either order. NULL: they are no such numbers. */
static term *less_extended(struct terms *t, enum term_op op, term *a, term *b) {
    const unsigned inner = a->op == TERM_SEXT ? a->a->width : b->a->width;
    term *const x = a->op == TERM_SEXT ? a->a : term_is_const(a) ? narrow(t, inner, a) : NULL;
    term *const y = b->op == TERM_SEXT ? b->a : term_is_const(b) ? narrow(t, inner, b) : NULL;
    if (op == TERM_SLT && ((!x && term_is_const(a)) || (!y && term_is_const(b)))) {
        /* beyond all of them, on the side of its sign */
        term *const k = x ? b : a;
        const bool above = term_is_false(term_extract(t, k->width - 1u, 1, k));
        return term_bool(t, above == (k == b));
    }
    if (!x || !y || x->width != y->width)
        return NULL;
    return op == TERM_SLT ? term_slt(t, x, y) : term_ult(t, x, y);
}

/* less: what is common to both orders. */
static term *less(struct terms *t, enum term_op op, term *a, term *b) {
    const enum term_op ext = op == TERM_SLT ? TERM_SEXT : TERM_ZEXT;
    if (a == b)
        return term_bool(t, false);
    if (a->op == ext && b->op == ext && a->a->width == b->a->width)
        return less(t, op, a->a, b->a);
    if (a->op == TERM_SEXT || b->op == TERM_SEXT) {
        term *const narrower = less_extended(t, op, a, b);
        if (narrower)
            return narrower;
    }
    if (a->op == TERM_CONCAT && b->op == TERM_CONCAT) {
        if (a->b == b->b) /* of the same below: as what is above is */
            return op == TERM_SLT ? term_slt(t, a->a, b->a) : term_ult(t, a->a, b->a);
        if (a->a == b->a)
            return term_ult(t, a->b, b->b);
    }
    if (a->op == TERM_ITE && term_is_const(a->a) && term_is_const(a->b) && term_is_const(b))
        return term_ite(t, a->c, less(t, op, a->a, b), less(t, op, a->b, b));
    if (b->op == TERM_ITE && term_is_const(b->a) && term_is_const(b->b) && term_is_const(a))
        return term_ite(t, b->c, less(t, op, a, b->a), less(t, op, a, b->b));
    return binary(t, op, 1, a, b);
}

term *term_ult(struct terms *t, term *a, term *b) {
    if (term_is_value(b, 0) || is_ones(a))
        return term_bool(t, false);
    if (term_is_value(b, 1))
        return term_eq(t, a, zero(t, a->width));
    if (term_is_value(a, 0))
        return term_ne(t, b, a);
    if (a->op == TERM_ZEXT && term_is_const(b)) {
        if (!limbs_zero(limbs_lshr(term_limbs(b), a->a->width)))
            return term_bool(t, true);
        return term_ult(t, a->a, term_low(t, a->a->width, b));
    }
    if (b->op == TERM_ZEXT && term_is_const(a)) {
        if (!limbs_zero(limbs_lshr(term_limbs(a), b->a->width)))
            return term_bool(t, false);
        return term_ult(t, term_low(t, b->a->width, a), b->a);
    }
    return less(t, TERM_ULT, a, b);
}

term *term_slt(struct terms *t, term *a, term *b) {
    if (a->op == TERM_ZEXT && b->op == TERM_ZEXT && a->a->width == b->a->width)
        return term_ult(t, a->a, b->a);
    if (term_is_value(b, 0) && a->width > 1)
        return term_extract(t, a->width - 1u, 1, a);
    if (term_is_const(a) && b->op == TERM_SEXT)
        return less(t, TERM_SLT, a, b);
    if (term_is_const(a) && !term_is_const(b) && a->width > 1) { /* !(b < a + 1), if there is one */
        term *const next = term_add_k(t, a, 1);
        const bool last = !term_is_true(term_slt(t, a, next));
        return last ? term_bool(t, false) : term_not(t, term_slt(t, b, next));
    }
    return less(t, TERM_SLT, a, b);
}

term *term_ule(struct terms *t, term *a, term *b) {
    return term_not(t, term_ult(t, b, a));
}

term *term_sle(struct terms *t, term *a, term *b) {
    return term_not(t, term_slt(t, b, a));
}

term *term_ne(struct terms *t, term *a, term *b) {
    return term_not(t, term_eq(t, a, b));
}

/* ---- choice ---- */

static term *ite_bool(struct terms *t, term *c, term *a, term *b) {
    if (term_is_const(a))
        return term_is_true(a) ? term_or(t, c, b) : term_and(t, term_not(t, c), b);
    if (term_is_const(b))
        return term_is_true(b) ? term_or(t, term_not(t, c), a) : term_and(t, c, a);
    if (a == c)
        return term_or(t, c, b);
    if (b == c)
        return term_and(t, c, a);
    return term_make(t, TERM_ITE, 1, 0, a, b, c);
}

term *term_ite(struct terms *t, term *c, term *a, term *b) {
    if (term_is_const(c))
        return term_is_true(c) ? a : b;
    if (a == b)
        return a;
    if (c->op == TERM_NOT)
        return term_ite(t, c->a, b, a);
    if (a->op == TERM_ITE && a->c == c)
        return term_ite(t, c, a->a, b);
    if (b->op == TERM_ITE && b->c == c)
        return term_ite(t, c, a, b->b);
    if (a->op == TERM_ITE && a->b == b)
        return term_ite(t, term_and(t, c, a->c), a->a, b);
    if (b->op == TERM_ITE && b->a == a)
        return term_ite(t, term_or(t, c, b->c), a, b->b);
    if (a->width == 1)
        return ite_bool(t, c, a, b);
    if (a->op == TERM_ZEXT && b->op == TERM_ZEXT && a->a->width == b->a->width)
        return term_zext(t, a->width, term_ite(t, c, a->a, b->a));
    return term_make(t, TERM_ITE, a->width, 0, a, b, c);
}
