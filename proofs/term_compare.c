/* term_compare.c: constructors of comparisons and choices. */
#include "proofs/term_rules.h"

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
    term_order(&a, &b);
    if (a == b)
        return term_bool(t, true);
    if (a->width == 1 && term_is_const(b))
        return term_is_true(b) ? a : term_not(t, a);
    if (!term_is_const(b) || term_is_const(a)) {
        if (a->op == TERM_ZEXT && b->op == TERM_ZEXT && a->a->width == b->a->width)
            return term_eq(t, a->a, b->a);
        if (a->op == TERM_SEXT && b->op == TERM_SEXT && a->a->width == b->a->width)
            return term_eq(t, a->a, b->a);
        return term_binary(t, TERM_EQ, 1, a, b);
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
    if (term_has_constant(a))
        return term_eq(t, a->a, term_sub(t, b, a->b));
    if (term_is_value(b, 0) && (a->op == TERM_SUB || a->op == TERM_XOR))
        return term_eq(t, a->a, a->b);
    if (term_is_value(b, 0) && a->op == TERM_AND && term_is_const(a->b)) {
        unsigned n; /* only the bits of the mask's span matter */
        const unsigned lo = span(a->b, &n);
        if (n < a->width)
            return term_eq(t,
                           term_and(t, term_extract(t, lo, n, a->a), term_extract(t, lo, n, a->b)),
                           term_zero(t, n));
    }
    if (a->op == TERM_NOT)
        return term_eq(t, a->a, term_not(t, b));
    if (a->op == TERM_NEG)
        return term_eq(t, a->a, term_neg(t, b));
    return term_binary(t, TERM_EQ, 1, a, b);
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
    return term_binary(t, op, 1, a, b);
}

term *term_ult(struct terms *t, term *a, term *b) {
    if (term_is_value(b, 0) || term_is_ones(a))
        return term_bool(t, false);
    if (term_is_value(b, 1))
        return term_eq(t, a, term_zero(t, a->width));
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
