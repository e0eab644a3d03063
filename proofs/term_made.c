/* term_made.c: what is made of the constructors alone: byte swaps, rotations, offsets, overflow. */
#include "proofs/term.h"

term *term_implies(struct terms *t, term *a, term *b) {
    return term_or(t, term_not(t, a), b);
}

term *term_bswap(struct terms *t, term *a) {
    term *r = term_low(t, 8, a);
    for (unsigned at = 8; at < a->width; at += 8)
        r = term_concat(t, r, term_extract(t, at, 8, a));
    return r;
}

term *term_rotl(struct terms *t, term *a, term *n) {
    const unsigned w = a->width;
    term *const mask = term_const(t, w, w - 1);
    term *const by = term_and(t, n, mask);
    term *const back = term_and(t, term_neg(t, n), mask);
    return term_or(t, term_shl(t, a, by), term_lshr(t, a, back));
}

term *term_add_k(struct terms *t, term *a, int64_t k) {
    term *const wide_k = term_sext(t, TERM_MAX_WIDTH, term_const(t, 64, (uint64_t)k));
    return term_add(t, a, term_low(t, a->width, wide_k));
}

term *term_split_k(term *a, uint64_t *k) {
    *k = 0;
    if (term_is_const(a)) {
        *k = term_u64(a);
        return NULL;
    }
    if (a->op != TERM_ADD || !term_is_const(a->b))
        return a;
    *k = term_u64(a->b);
    return a->a;
}

/* wide: an operand one bit wider, so that its sum or difference shows an overflow. */
static term *wide(struct terms *t, bool is_signed, unsigned width, term *a) {
    return is_signed ? term_sext(t, width, a) : term_zext(t, width, a);
}

/* overflows: does the exact result differ from its low bits extended again? */
static term *overflows(struct terms *t, bool is_signed, unsigned width, term *exact) {
    return term_ne(t, exact, wide(t, is_signed, exact->width, term_low(t, width, exact)));
}

term *term_add_overflows(struct terms *t, bool is_signed, term *a, term *b) {
    const unsigned w = a->width;
    if (!is_signed) /* the sum is smaller than an operand */
        return term_ult(t, term_add(t, a, b), a);
    return overflows(t, is_signed, w,
                     term_add(t, wide(t, true, w + 1, a), wide(t, true, w + 1, b)));
}

term *term_sub_overflows(struct terms *t, bool is_signed, term *a, term *b) {
    const unsigned w = a->width;
    if (!is_signed)
        return term_ult(t, a, b);
    return overflows(t, is_signed, w,
                     term_sub(t, wide(t, true, w + 1, a), wide(t, true, w + 1, b)));
}

term *term_mul_overflows(struct terms *t, bool is_signed, term *a, term *b) {
    const unsigned w = a->width;
    return overflows(t, is_signed, w,
                     term_mul(t, wide(t, is_signed, 2 * w, a), wide(t, is_signed, 2 * w, b)));
}
