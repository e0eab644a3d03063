/* term_cut.c: constructors of what is cut and put together: an extract goes through what it can go
 * through, pieces of one word become that word again.
 */
#include "proofs/term_rules.h"

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
        return term_binary(t, TERM_CONCAT, (unsigned)high->width + low->width, high, low);
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
            return term_zero(t, width);
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

term *term_extract_short(struct terms *t, unsigned lo, unsigned width, term *a) {
    return term_extract(t, lo, width, a->op == TERM_MUL ? term_low(t, lo + width, a) : a);
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
